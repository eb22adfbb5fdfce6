//! The continual reassessment method (O'Quigley 1990, doi 10.2307/2531628), with one parameter and a normal prior.
//!
//! | symbol | meaning | default |
//! |---|---|---|
//! | `π_i` | skeleton: prior guess of the toxicity rate at dose `i` | |
//! | `β` | parameter, prior N(0, σ²) | σ² = 1.34 (Cheung 2011, doi 10.1201/b10783) |
//! | `c` | intercept of the logistic model | 3 |
//!
//! Empiric: `p_i(β) = π_i^exp(β)`. Logistic: `p_i(β) = 1/(1 + exp(−c − e^β x_i))` with `x_i = logit(π_i) − c`. The rates
//! at the posterior mean of `β` are the estimates; the recommended dose is the one nearest to the target. Time to event
//! (TITE, Cheung & Chappell 2000, doi 10.1111/j.0006-341X.2000.01177.x): a patient without toxicity after the share `w` of
//! the window contributes `1 − w p_i(β)`.
//!
//! The posterior is integrated by the trapezoidal rule on a fixed grid of `β`, on which the logarithms of the rates are
//! tabulated once: for a smooth integrand that vanishes at both ends the rule converges faster than any power.

use super::{DesignError, Seen, increasing, within};

/// Usual variance of the prior.
pub const USUAL_VARIANCE: f64 = 1.34;
/// Usual intercept of the logistic model.
pub const INTERCEPT: f64 = 3.0;
/// Half of the grid in standard deviations of the prior, and its number of intervals.
const EXTENT: f64 = 7.0;
const INTERVALS: usize = 320;
/// Logarithm of about the smallest positive number.
const SMALLEST_LN: f64 = -700.0;

/// How toxicity depends on the dose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// A power of the skeleton.
    Empiric,
    /// A logistic curve with a fixed intercept.
    Logistic,
}

/// A continual reassessment method.
#[derive(Clone, Debug)]
pub struct Crm {
    curve: Curve,
    target: f64,
    skeleton: Vec<f64>,
    beta: Vec<f64>,
    ln_prior: Vec<f64>,
    /// For each dose, the logarithms of the rate and of its complement on the grid.
    ln_rate: Vec<[Vec<f64>; 2]>,
}

/// What a CRM knows.
#[derive(Clone, Debug, PartialEq)]
pub struct Posterior {
    /// Mean of the parameter.
    pub mean: f64,
    /// Its variance.
    pub variance: f64,
    /// Estimated toxicity rate at each dose.
    pub rates: Vec<f64>,
    /// The dose whose estimate is nearest to the target; of equals the lowest.
    pub dose: usize,
}

impl Crm {
    /// A method with a skeleton and a variance of the prior.
    ///
    /// # Errors
    /// If the skeleton does not increase within (0, 1), or the target or the variance cannot be.
    pub fn new(curve: Curve, target: f64, skeleton: &[f64], variance: f64) -> Result<Self, DesignError> {
        within("target", target, 0.0, 1.0)?;
        within("variance of the prior", variance, 0.0, 100.0)?;
        if skeleton.is_empty() {
            return Err(DesignError::TooFew { what: "the number of doses", found: 0, least: 1 });
        }
        for rate in skeleton {
            within("rate in the skeleton", *rate, 0.0, 1.0)?;
        }
        increasing("the skeleton", skeleton)?;
        let sd = variance.sqrt();
        let beta: Vec<f64> =
            (0..=INTERVALS).map(|k| EXTENT * sd * (2.0 * k as f64 / INTERVALS as f64 - 1.0)).collect();
        let ln_prior = beta.iter().map(|b| -0.5 * b * b / variance).collect();
        let ln_rate = skeleton.iter().map(|p| ln_rates(curve, *p, &beta)).collect();
        Ok(Self { curve, target, skeleton: skeleton.to_vec(), beta, ln_prior, ln_rate })
    }

    /// Number of doses.
    pub fn doses(&self) -> usize {
        self.skeleton.len()
    }

    /// The posterior after `seen`.
    ///
    /// # Panics
    /// If the numbers of doses differ.
    pub fn posterior(&self, seen: &[Seen]) -> Posterior {
        self.with_pending(seen, &[])
    }

    /// The posterior where some patients are pending: each without toxicity so far, given by dose and share of the window
    /// that has passed, on top of `seen`, those with a toxicity or a complete window (TITE-CRM).
    ///
    /// # Panics
    /// If the numbers of doses differ.
    pub fn with_pending(&self, seen: &[Seen], pending: &[(usize, f64)]) -> Posterior {
        assert_eq!(seen.len(), self.skeleton.len(), "numbers of doses");
        let mut ln = self.ln_prior.clone();
        for (own, s) in self.ln_rate.iter().zip(seen).filter(|(_, s)| s.treated > 0) {
            let (toxic, free) = (f64::from(s.toxic), f64::from(s.treated - s.toxic));
            for ((sum, p), q) in ln.iter_mut().zip(&own[0]).zip(&own[1]) {
                *sum += toxic * p + free * q;
            }
        }
        for (dose, weight) in pending {
            for (sum, p) in ln.iter_mut().zip(&self.ln_rate[*dose][0]) {
                *sum += libm::log1p(-weight * libm::exp(*p)).max(SMALLEST_LN);
            }
        }
        let highest = ln.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let [mut zeroth, mut first, mut second] = [0.0; 3];
        for (l, b) in ln.iter().zip(&self.beta) {
            let density = libm::exp(l - highest);
            zeroth += density;
            first += density * b;
            second += density * b * b;
        }
        let mean = first / zeroth;
        let rates: Vec<f64> = self.skeleton.iter().map(|p| rate(self.curve, *p, mean)).collect();
        let distance = |d: usize| (rates[d] - self.target).abs();
        let dose = (1..rates.len()).fold(0, |best, d| if distance(d) < distance(best) { d } else { best });
        Posterior { mean, variance: second / zeroth - mean * mean, rates, dose }
    }
}

/// The toxicity rate at a dose with prior guess `prior`.
fn rate(curve: Curve, prior: f64, beta: f64) -> f64 {
    match curve {
        Curve::Empiric => libm::exp(libm::exp(beta) * libm::log(prior)),
        Curve::Logistic => 1.0 / (1.0 + libm::exp(-INTERCEPT - libm::exp(beta) * scaled(prior))),
    }
}

/// Dose on the scale of the logistic model.
fn scaled(prior: f64) -> f64 {
    libm::log(prior / (1.0 - prior)) - INTERCEPT
}

fn ln_rates(curve: Curve, prior: f64, beta: &[f64]) -> [Vec<f64>; 2] {
    let both = |b: &f64| match curve {
        Curve::Empiric => {
            let ln = libm::exp(*b) * libm::log(prior);
            (ln, libm::log(-libm::expm1(ln)))
        }
        Curve::Logistic => {
            let logit = INTERCEPT + libm::exp(*b) * scaled(prior);
            (-libm::log1p(libm::exp(-logit)), -libm::log1p(libm::exp(logit)))
        }
    };
    // Where the curve saturates, the complement is taken as the smallest number that has a logarithm.
    let finite = |x: f64| x.max(SMALLEST_LN);
    let (p, q): (Vec<f64>, Vec<f64>) = beta.iter().map(both).map(|(p, q)| (finite(p), finite(q))).unzip();
    [p, q]
}

/// A skeleton whose indifference intervals have half width `half_width` around the target, with the target at dose
/// `prior_dose`, from 0 (Lee & Cheung 2009, doi 10.1177/1740774509105076), for the empiric curve.
///
/// # Errors
/// If the interval leaves (0, 1), or there is no such dose.
pub fn skeleton(
    half_width: f64,
    target: f64,
    prior_dose: usize,
    doses: usize,
) -> Result<Vec<f64>, DesignError> {
    within("target", target, 0.0, 1.0)?;
    within("half width", half_width, 0.0, target.min(1.0 - target))?;
    if prior_dose >= doses {
        return Err(DesignError::TooFew { what: "the number of doses", found: doses, least: prior_dose + 1 });
    }
    let (low, high) = (libm::log(target - half_width), libm::log(target + half_width));
    let mut rates = vec![target; doses];
    for k in (0..prior_dose).rev() {
        rates[k] = libm::exp(low / (high / libm::log(rates[k + 1])));
    }
    for k in prior_dose + 1..doses {
        rates[k] = libm::exp(high / (low / libm::log(rates[k - 1])));
    }
    Ok(rates)
}
