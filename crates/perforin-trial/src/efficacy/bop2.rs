//! Bayesian optimal phase II designs for binary endpoints: BOP2 (Zhou 2017, doi 10.1002/sim.7338), with efficacy alone or
//! with efficacy and toxicity.
//!
//! After `n` of `N` patients the trial stops if `P(p ≤ p₀ | data) > C(n)` with `C(n) = 1 − λ (n/N)^γ`: an efficacious product
//! must beat `p₀`; where toxicity is watched it must stay below its own `p₀`, by the same cut-off. The prior has the weight
//! of one patient and the mean `p₀`. `λ` and `γ` are those on a grid with the largest power under the alternative among all
//! whose probability of going through under the null hypothesis is at most α; of equals, those with the fewest patients
//! expected under the null hypothesis.
//!
//! Probabilities are exact, by going through all counts at each look.

use std::collections::BTreeSet;

use serde::Serialize;
use statrs::function::beta::beta_reg;

use crate::binomial::probability;
use crate::dose_finding::{DesignError, within};

/// What to watch, and at which number of patients.
#[derive(Clone, Debug, PartialEq)]
pub struct Demand {
    /// Numbers of patients at the looks, the last one being the trial's size.
    pub looks: Vec<u32>,
    /// Rates under the null hypothesis and under the alternative.
    pub efficacy: Rates,
    /// Those of toxicity, if it is watched; within a patient independent of efficacy (assumed).
    pub toxicity: Option<Rates>,
    /// Largest probability of going through under the null hypothesis.
    pub alpha: f64,
}

/// A rate under both hypotheses.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Rates {
    /// Null hypothesis.
    pub null: f64,
    /// Alternative.
    pub alternative: f64,
}

/// Numbers at a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Boundary {
    /// Patients.
    pub patients: u32,
    /// Fewest responses with which the trial goes on; none if no number is enough.
    pub responses: Option<u32>,
    /// Most toxicities with which it goes on; none if no number is few enough. All patients where toxicity is not watched.
    pub toxicities: Option<u32>,
}

/// A design.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bop2 {
    /// `λ`.
    pub lambda: f64,
    /// `γ`.
    pub gamma: f64,
    /// Numbers at each look.
    pub boundaries: Vec<Boundary>,
    /// Under the null hypothesis.
    pub null: Course,
    /// Under the alternative.
    pub alternative: Course,
}

/// What boundaries come to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Course {
    /// Probability of going through to a positive end.
    pub positive: f64,
    /// Probability of stopping before the last look.
    pub stops_early: f64,
    /// Expected number of patients.
    pub patients: f64,
}

/// Steps of the grid of λ and of γ, both over (0, 1].
const STEPS: u32 = 50;

/// The optimal design.
///
/// # Errors
/// If looks do not increase, a rate is none, the alternative is not better than the null hypothesis, or no pair on the grid
/// keeps to α and lets any outcome pass.
pub fn optimal(demand: &Demand) -> Result<Bop2, DesignError> {
    check(demand)?;
    let mut best: Option<Bop2> = None;
    let mut tried = BTreeSet::new();
    let grid = |k: u32| f64::from(k) / f64::from(STEPS);
    for lambda in (1..=STEPS).map(grid) {
        for gamma in (1..=STEPS).map(grid) {
            let boundaries = boundaries(demand, lambda, gamma);
            // Different cut-offs often mean the same numbers.
            let numbers: Vec<_> = boundaries.iter().map(|b| (b.responses, b.toxicities)).collect();
            if !tried.insert(numbers) {
                continue;
            }
            let null = course(&boundaries, demand.efficacy.null, demand.toxicity.map(|t| t.null));
            if null.positive > demand.alpha {
                continue;
            }
            let alternative =
                course(&boundaries, demand.efficacy.alternative, demand.toxicity.map(|t| t.alternative));
            // Boundaries that nothing passes keep every error.
            if alternative.positive <= 0.0 {
                continue;
            }
            let better = best.as_ref().is_none_or(|b| {
                let gain = alternative.positive - b.alternative.positive;
                gain > 1e-12 || (gain > -1e-12 && null.patients < b.null.patients - 1e-12)
            });
            if better {
                best = Some(Bop2 { lambda, gamma, boundaries, null, alternative });
            }
        }
    }
    let patients = demand.looks.last().copied().unwrap_or(0);
    best.ok_or(DesignError::NoCutOff { alpha: demand.alpha, patients })
}

fn check(demand: &Demand) -> Result<(), DesignError> {
    let Demand { looks, efficacy, toxicity, alpha } = demand;
    if looks.first().is_none_or(|n| *n == 0) {
        return Err(DesignError::TooFew {
            what: "the number of patients at the first look",
            found: 0,
            least: 1,
        });
    }
    let numbers: Vec<f64> = looks.iter().map(|n| f64::from(*n)).collect();
    crate::dose_finding::increasing("the looks", &numbers)?;
    within("response rate under the alternative", efficacy.alternative, 0.0, 1.0)?;
    within("response rate under the null hypothesis", efficacy.null, 0.0, efficacy.alternative)?;
    if let Some(rates) = toxicity {
        within("toxicity rate under the null hypothesis", rates.null, 0.0, 1.0)?;
        within("toxicity rate under the alternative", rates.alternative, 0.0, rates.null)?;
    }
    within("alpha", *alpha, 0.0, 1.0)?;
    Ok(())
}

/// The numbers that a pair (λ, γ) means.
///
/// # Panics
/// Without looks.
pub fn boundaries(demand: &Demand, lambda: f64, gamma: f64) -> Vec<Boundary> {
    let size = f64::from(*demand.looks.last().expect("a look"));
    let of_look = |n: u32| {
        let cut = 1.0 - lambda * libm::pow(f64::from(n) / size, gamma);
        let at_most = |events: u32, limit: f64| {
            beta_reg(limit + f64::from(events), 1.0 - limit + f64::from(n - events), limit)
        };
        let null = demand.efficacy.null;
        let responses = (0..=n).find(|y| at_most(*y, null) <= cut);
        let toxicities = match demand.toxicity {
            None => Some(n),
            Some(rates) => (0..=n).rev().find(|y| 1.0 - at_most(*y, rates.null) <= cut),
        };
        Boundary { patients: n, responses, toxicities }
    };
    demand.looks.iter().map(|n| of_look(*n)).collect()
}

/// What boundaries come to at true rates.
pub fn course(boundaries: &[Boundary], efficacy: f64, toxicity: Option<f64>) -> Course {
    let most = boundaries.last().map_or(0, |b| b.patients) as usize;
    // Where toxicity is not watched there is a single column.
    let columns = if toxicity.is_some() { most + 1 } else { 1 };
    let mut states = vec![vec![0.0; columns]; most + 1];
    states[0][0] = 1.0;
    let (mut before, mut going, mut patients, mut stops_early) = (0, 1.0, 0.0, 0.0);
    for (look, boundary) in boundaries.iter().enumerate() {
        let more = boundary.patients - before;
        before = boundary.patients;
        patients += going * f64::from(more);
        let chances = |p: f64| -> Vec<f64> { (0..=more).map(|k| probability(k, more, p)).collect() };
        let (responses, toxicities) = (chances(efficacy), toxicity.map_or(vec![1.0], chances));
        states = step(&states, &responses, &toxicities);
        let least = boundary.responses.map_or(usize::MAX, |y| y as usize);
        let highest = boundary.toxicities.map_or(-1, i64::from);
        for (y, row) in states.iter_mut().enumerate() {
            for (t, value) in row.iter_mut().enumerate() {
                if y < least || t as i64 > highest {
                    *value = 0.0;
                }
            }
        }
        let still: f64 = states.iter().flatten().sum();
        if look + 1 < boundaries.len() {
            stops_early += going - still;
        }
        going = still;
    }
    Course { positive: going, stops_early, patients }
}

/// Adds patients: first their responses, then their toxicities.
fn step(states: &[Vec<f64>], responses: &[f64], toxicities: &[f64]) -> Vec<Vec<f64>> {
    let columns = states[0].len();
    let mut after = vec![vec![0.0; columns]; states.len()];
    for (y, row) in states.iter().enumerate() {
        if row.iter().all(|x| *x == 0.0) {
            continue;
        }
        for (sum, p) in after[y..].iter_mut().zip(responses) {
            for (x, value) in sum.iter_mut().zip(row) {
                *x += p * value;
            }
        }
    }
    for row in &mut after {
        let before = row.clone();
        for (t, x) in row.iter_mut().enumerate() {
            *x = toxicities.iter().take(t + 1).enumerate().map(|(k, p)| p * before[t - k]).sum();
        }
    }
    after
}
