//! Simon's two-stage designs (Simon 1989, doi 10.1016/0197-2456(89)90015-9), by exhaustive search.
//!
//! `n₁` patients are treated; with `r₁` responses or fewer the trial stops. Else `n` in all are treated; more than `r`
//! responses reject the response rate `p₀` in favour of `p₁`. Among all designs whose errors keep to α and β, the
//! optimal one needs the fewest patients on average under `p₀`, the minimax one the fewest at most; designs between the
//! two that minimise `w·n + (1 − w)·EN₀` for some weight are admissible (Jung 2004, doi 10.1002/sim.1766).

use serde::Serialize;

use crate::binomial::{at_most, probability};
use crate::dose_finding::{DesignError, within};

/// Most patients that the search goes up to.
pub const MOST_PATIENTS: u32 = 300;

/// What a trial must be able to tell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Demand {
    /// Response rate that is not worth pursuing.
    pub p0: f64,
    /// Response rate that is.
    pub p1: f64,
    /// Largest probability of rejecting `p0` where it holds.
    pub alpha: f64,
    /// Largest probability of not rejecting it where `p1` holds.
    pub beta: f64,
}

/// A two-stage design.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TwoStage {
    /// Patients of the first stage.
    pub n1: u32,
    /// Most responses of the first stage with which the trial stops.
    pub r1: u32,
    /// Patients in all.
    pub n: u32,
    /// Most responses in all that do not reject.
    pub r: u32,
    /// Expected number of patients under `p0`.
    pub expected: f64,
    /// Probability of stopping early under `p0`.
    pub stops_early: f64,
}

impl TwoStage {
    /// Probability of rejecting `p0` where the response rate is `p`, and the expected number of patients, exactly.
    pub fn at(&self, p: f64) -> (f64, f64) {
        let Self { n1, r1, n, r, .. } = *self;
        let goes_on = 1.0 - at_most(r1, n1, p);
        let beyond = |x: u32| if x > r { 1.0 } else { 1.0 - at_most(r - x, n - n1, p) };
        let rejects = (r1 + 1..=n1).map(|x| probability(x, n1, p) * beyond(x)).sum();
        (rejects, f64::from(n1) + goes_on * f64::from(n - n1))
    }
}

/// The designs that a demand allows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Designs {
    /// Fewest patients on average under `p0`.
    pub optimal: TwoStage,
    /// Fewest patients at most.
    pub minimax: TwoStage,
    /// All admissible designs from minimax to optimal, both included.
    pub admissible: Vec<TwoStage>,
}

/// All designs for a demand, or none if more than 300 patients were needed.
///
/// # Errors
/// If the rates are not `0 < p0 < p1 < 1`, or the errors do not lie in (0, 0.5).
pub fn designs(demand: Demand) -> Result<Option<Designs>, DesignError> {
    within("p1", demand.p1, 0.0, 1.0)?;
    within("p0", demand.p0, 0.0, demand.p1)?;
    within("alpha", demand.alpha, 0.0, 0.5)?;
    within("beta", demand.beta, 0.0, 0.5)?;
    let mut best: Vec<TwoStage> = Vec::new();
    let mut least = f64::INFINITY;
    for n in 2..=MOST_PATIENTS {
        if f64::from(n) > farthest(demand, least) {
            break;
        }
        if let Some(design) = best_of_size(demand, n)
            && design.expected < least
        {
            least = design.expected;
            best.push(design);
        }
    }
    let (Some(minimax), Some(optimal)) = (best.first().copied(), best.last().copied()) else {
        return Ok(None);
    };
    Ok(Some(Designs { optimal, minimax, admissible: lower_hull(&best) }))
}

/// A number of patients from which on no design can expect fewer than `least` of them under `p0`.
///
/// With `n₁` patients at first, `EN₀ = n₁ + (1 − PET₀)(n − n₁)`, and `r₁` is bounded by β.
fn farthest(Demand { p0, p1, beta, .. }: Demand, least: f64) -> f64 {
    if least.is_infinite() {
        return f64::INFINITY;
    }
    (1..least.ceil() as u32)
        .map(|n1| {
            let goes_on = match (0..n1).rev().find(|r1| at_most(*r1, n1, p1) <= beta) {
                Some(r1) => 1.0 - at_most(r1, n1, p0),
                None => 1.0,
            };
            f64::from(n1) + (least - f64::from(n1)) / goes_on
        })
        .fold(0.0, f64::max)
}

/// The design of `n` patients that expects the fewest, if any keeps to the errors.
fn best_of_size(demand: Demand, n: u32) -> Option<TwoStage> {
    let Demand { p0, p1, alpha, beta } = demand;
    let mut best: Option<TwoStage> = None;
    for n1 in 1..n {
        let n2 = n - n1;
        let first: [Vec<f64>; 2] = [p0, p1].map(|p| (0..=n1).map(|k| probability(k, n1, p)).collect());
        let second: [Vec<f64>; 2] = [p0, p1].map(|p| {
            let mut sum = 0.0;
            (0..=n2)
                .map(|k| {
                    sum += probability(k, n2, p);
                    sum
                })
                .collect()
        });
        let mut stops_early = [0.0; 2];
        for r1 in 0..n1 {
            stops_early[0] += first[0][r1 as usize];
            stops_early[1] += first[1][r1 as usize];
            if stops_early[1] > beta {
                break;
            }
            let expected = f64::from(n1) + (1.0 - stops_early[0]) * f64::from(n2);
            if best.is_some_and(|b| b.expected <= expected) {
                continue;
            }
            if let Some(r) = smallest_bound(&first, &second, (r1, n1, n2), stops_early, (alpha, beta)) {
                best = Some(TwoStage { n1, r1, n, r, expected, stops_early: stops_early[0] });
            }
        }
    }
    best
}

/// The smallest `r` that keeps to α, if it also keeps to β.
fn smallest_bound(
    first: &[Vec<f64>; 2],
    second: &[Vec<f64>; 2],
    (r1, n1, n2): (u32, u32, u32),
    stops_early: [f64; 2],
    (alpha, beta): (f64, f64),
) -> Option<u32> {
    // Probability of not rejecting, given the rates of hypothesis h.
    let accepts = |h: usize, r: u32| {
        let more: f64 =
            (r1 + 1..=n1.min(r)).map(|x| first[h][x as usize] * second[h][(r - x).min(n2) as usize]).sum();
        stops_early[h] + more
    };
    // More is accepted the larger r, so that the smallest can be found by halving.
    let (mut low, mut high) = (r1, n1 + n2);
    while low < high {
        let middle = low.midpoint(high);
        if 1.0 - accepts(0, middle) <= alpha {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    (low < n1 + n2 && accepts(1, low) <= beta).then_some(low)
}

/// The designs on the lower convex hull of (n, EN₀).
fn lower_hull(designs: &[TwoStage]) -> Vec<TwoStage> {
    let mut hull: Vec<TwoStage> = Vec::new();
    for design in designs {
        while let [.., a, b] = hull[..] {
            let slope = |p: TwoStage, q: TwoStage| (q.expected - p.expected) / f64::from(q.n - p.n);
            if slope(a, b) < slope(b, *design) {
                break;
            }
            hull.pop();
        }
        hull.push(*design);
    }
    hull
}

/// What a two-stage trial showed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Inference {
    /// Uniformly minimum-variance unbiased estimate of the response rate (Jung & Kim 2004, doi 10.1002/sim.1655).
    pub estimate: f64,
    /// Probability under `p0` of an outcome whose estimate is at least as high.
    pub p_value: f64,
    /// Exact interval by the same order of outcomes.
    pub interval: (f64, f64),
}

/// Inference after `responses` in a trial of `design`, at a confidence such as 0.9; with at most `r1` responses the
/// trial ended at the first stage.
///
/// # Panics
/// If the responses are more than the patients.
pub fn infer(design: TwoStage, responses: u32, p0: f64, confidence: f64) -> Inference {
    let TwoStage { n1, r1, n, .. } = design;
    assert!(responses <= if responses <= r1 { n1 } else { n }, "{responses} responses");
    // Outcomes in the order of their estimates: ends of the first stage, then of the second.
    let at_least = |p: f64| -> f64 {
        if responses <= r1 {
            return 1.0 - if responses == 0 { 0.0 } else { at_most(responses - 1, n1, p) };
        }
        (r1 + 1..=n1)
            .map(|x| {
                let rest = responses.saturating_sub(x);
                let tail = if rest == 0 { 1.0 } else { 1.0 - at_most(rest - 1, n - n1, p) };
                probability(x, n1, p) * tail
            })
            .sum()
    };
    let at_most_so = |p: f64| {
        if responses <= r1 {
            return at_most(responses, n1, p);
        }
        let second: f64 = (r1 + 1..=n1.min(responses))
            .map(|x| probability(x, n1, p) * at_most(responses - x, n - n1, p))
            .sum();
        at_most(r1, n1, p) + second
    };
    let tail = 0.5 * (1.0 - confidence);
    let low = if responses == 0 { 0.0 } else { crate::binomial::root(|p| at_least(p) - tail) };
    let full = responses == if responses <= r1 { n1 } else { n };
    let high = if full { 1.0 } else { crate::binomial::root(|p| tail - at_most_so(p)) };
    Inference { estimate: unbiased(design, responses), p_value: at_least(p0), interval: (low, high) }
}

/// `Σ C(n₁−1, x−1) C(n₂, s−x) / Σ C(n₁, x) C(n₂, s−x)` over the first-stage responses that lead to the outcome.
fn unbiased(TwoStage { n1, r1, n, .. }: TwoStage, responses: u32) -> f64 {
    if responses <= r1 {
        return f64::from(responses) / f64::from(n1);
    }
    let n2 = n - n1;
    let ways = |a: u32, b: u32| {
        if b > a { 0.0 } else { (0..b).map(|k| f64::from(a - k) / f64::from(b - k)).product() }
    };
    let range = (r1 + 1).max(responses.saturating_sub(n2))..=n1.min(responses);
    let (mut above, mut below) = (0.0, 0.0);
    for x in range {
        let rest: f64 = ways(n2, responses - x);
        above += ways(n1 - 1, x - 1) * rest;
        below += ways(n1, x) * rest;
    }
    above / below
}
