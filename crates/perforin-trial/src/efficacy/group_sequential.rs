//! Boundaries of group-sequential trials with equally spaced looks, by recursive integration (Armitage 1969, doi
//! 10.2307/2343787).
//!
//! The score statistic after look `k`, `S_k`, is a sum of independent standard normals; the trial stops when
//! `S_k/√k ≥ c_k`. O'Brien and Fleming (doi 10.2307/2530245): `c_k = C √(K/k)`; Pocock (doi 10.1093/biomet/64.2.191):
//! `c_k = C`. `C` makes the probability of ever stopping α where nothing is to be found.

use statrs::distribution::{ContinuousCDF, Normal};

use crate::dose_finding::{DesignError, within};

/// How the level is spent over the looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Little at first.
    OBrienFleming,
    /// Evenly.
    Pocock,
}

/// Steps of the integration between two bounds; the rule is of fourth order.
const STEPS: usize = 400;
/// Standard deviations below which a path contributes nothing.
const FAR: f64 = 8.0;

/// One-sided boundaries on the scale of the standard normal for `looks` looks.
///
/// # Errors
/// If the level does not lie in (0, 0.5), or there is no look.
pub fn boundaries(shape: Shape, looks: usize, alpha: f64) -> Result<Vec<f64>, DesignError> {
    within("alpha", alpha, 0.0, 0.5)?;
    if looks == 0 {
        return Err(DesignError::TooFew { what: "the number of looks", found: 0, least: 1 });
    }
    let at = |c: f64| -> Vec<f64> {
        (1..=looks)
            .map(|k| match shape {
                Shape::OBrienFleming => c * (looks as f64 / k as f64).sqrt(),
                Shape::Pocock => c,
            })
            .collect()
    };
    // The probability of stopping falls with C; a C of 10 never stops.
    let c = 10.0 * crate::binomial::root(|x| alpha - stopping(&at(10.0 * x)));
    Ok(at(c))
}

/// Probability of ever reaching the boundaries where nothing is to be found.
///
/// # Panics
/// Never: the standard normal exists.
pub fn stopping(boundaries: &[f64]) -> f64 {
    let normal = Normal::new(0.0, 1.0).expect("the standard normal");
    let density = |x: f64| libm::exp(-0.5 * x * x) / std::f64::consts::TAU.sqrt();
    // Sub-density of S on a grid of points with their weights, and what has stopped so far.
    let mut points: Vec<(f64, f64)> = vec![(0.0, 1.0)];
    let mut stopped = 0.0;
    for (k, bound) in boundaries.iter().enumerate() {
        let looks = (k + 1) as f64;
        let barrier = bound * looks.sqrt();
        stopped += points.iter().map(|(s, w)| w * (1.0 - normal.cdf(barrier - s))).sum::<f64>();
        let low = -FAR * looks.sqrt();
        if barrier <= low {
            return stopped;
        }
        let h = (barrier.min(-low) - low) / STEPS as f64;
        points = (0..=STEPS)
            .map(|i| {
                let s = low + h * i as f64;
                let simpson = if i == 0 || i == STEPS {
                    1.0
                } else if i % 2 == 1 {
                    4.0
                } else {
                    2.0
                };
                let value: f64 = points.iter().map(|(from, w)| w * density(s - from)).sum();
                (s, simpson * h / 3.0 * value)
            })
            .collect();
    }
    stopped
}
