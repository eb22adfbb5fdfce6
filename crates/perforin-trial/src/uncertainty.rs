//! What is not known of the parameters, carried to the operating characteristics of a trial, apart from the error of Monte
//! Carlo: nested simulation.
//!
//! Outer draws `θ_1 … θ_K` of the parameters; for each, inner trials estimate a characteristic `p(θ_k)` as `x_k` with the
//! squared Monte-Carlo error `v_k`. By the law of total variance `Var x = Var p(θ) + E v`, so that
//!
//! | symbol | meaning | estimate |
//! |---|---|---|
//! | `S²` | variance of the estimates over outer draws | sample variance of `x_k` |
//! | `W` | mean squared Monte-Carlo error of one outer draw | mean of `v_k` |
//! | `B` | variance of the characteristic that the parameters cause | `max(0, S² − W)` |
//! | `S²/K` | squared error of the mean over the parameters, of both together | |
//!
//! The band is that of `x̄ + √(B/S²) (x_k − x̄)`: the estimates drawn together until their variance is that of the parameters
//! alone (assumed form; exact for normal ones). Inner trials of different outer draws must be independent.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

use crate::dose_finding::{DesignError, within};

/// Ends of the band.
const BAND: [f64; 3] = [0.05, 0.5, 0.95];
/// Confidence of an interval that states a distribution.
const CONFIDENCE: f64 = 0.95;

/// What is known of a parameter, within a range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Law {
    /// Log-normal.
    LogNormal {
        /// Median.
        median: f64,
        /// Standard deviation of the natural logarithm.
        log_sd: f64,
    },
    /// Uniform.
    Uniform {
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
}

impl Law {
    /// The log-normal distribution with these 2.5 % and 97.5 % quantiles.
    ///
    /// # Errors
    /// If they are not positive or do not increase.
    pub fn of_interval(low: f64, high: f64) -> Result<Self, DesignError> {
        within("lower end of an interval", low, 0.0, f64::INFINITY)?;
        within("upper end of an interval", high, low, f64::INFINITY)?;
        let (low, high) = (libm::log(low), libm::log(high));
        let half = standard().inverse_cdf(0.5 + 0.5 * CONFIDENCE);
        Ok(Self::LogNormal { median: libm::exp(0.5 * (low + high)), log_sd: 0.5 * (high - low) / half })
    }

    /// The value at a share of the distribution, of which only the part from `low` to `high` is taken.
    ///
    /// # Errors
    /// If the range is none, or holds next to nothing of the distribution.
    pub fn at(self, share: f64, (lowest, highest): (f64, f64)) -> Result<f64, DesignError> {
        within("lowest accepted value", lowest, f64::NEG_INFINITY, highest)?;
        let inside = |value: f64| value.clamp(lowest, highest);
        match self {
            Self::LogNormal { median, log_sd } => {
                within("median of a log-normal distribution", median, 0.0, f64::INFINITY)?;
                within("standard deviation of a logarithm", log_sd, -f64::MIN_POSITIVE, 20.0)?;
                if log_sd == 0.0 {
                    return Ok(inside(median));
                }
                let below = |x: f64| {
                    if x <= 0.0 { 0.0 } else { standard().cdf(libm::log(x / median) / log_sd) }
                };
                let (a, b) = (below(lowest), below(highest));
                within("share of a distribution that is accepted", b - a, 1e-6, 1.0 + 1e-12)?;
                let z = standard().inverse_cdf((a + share * (b - a)).clamp(1e-300, 1.0 - 1e-16));
                Ok(inside(median * libm::exp(log_sd * z)))
            }
            Self::Uniform { low, high } => {
                let (low, high) = (low.max(lowest), high.min(highest));
                within("upper end of a range", high, low, f64::INFINITY)?;
                Ok(low + share * (high - low))
            }
        }
    }
}

fn standard() -> Normal {
    Normal::standard()
}

/// A rate whose log odds are shifted; rates of 0 and 1 stay.
pub fn shifted(rate: f64, shift: f64) -> f64 {
    if rate <= 0.0 || rate >= 1.0 {
        return rate;
    }
    1.0 / (1.0 + (1.0 - rate) / rate * libm::exp(-shift))
}

/// An estimate of one outer draw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Value.
    pub value: f64,
    /// Squared Monte-Carlo error; 0 of what is computed exactly.
    pub error_squared: f64,
}

impl Estimate {
    /// Of what has no Monte-Carlo error.
    pub fn exact(value: f64) -> Self {
        Self { value, error_squared: 0.0 }
    }

    /// Of `count` of `n` trials; the squared error is without bias.
    pub fn of_share(count: u64, n: u64) -> Self {
        let (all, less) = (n.max(1) as f64, n.saturating_sub(1).max(1) as f64);
        let value = count as f64 / all;
        Self { value, error_squared: value * (1.0 - value) / less }
    }

    /// Of a mean over `n` trials with their standard deviation.
    pub fn of_mean(mean: f64, sd: f64, n: u64) -> Self {
        Self { value: mean, error_squared: sd * sd / n.max(1) as f64 }
    }
}

/// A characteristic over the parameters.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Band {
    /// Mean over the parameters.
    pub mean: f64,
    /// Standard deviation that the parameters cause.
    pub parameter_sd: f64,
    /// Monte-Carlo standard error of one outer draw: root mean square.
    pub monte_carlo: f64,
    /// Standard error of the mean, by outer draws and trials together.
    pub error: f64,
    /// 5 %, 50 % and 95 % quantile over the parameters.
    pub quantiles: [f64; 3],
}

impl Band {
    /// Of the estimates of outer draws; none of fewer than two.
    pub fn of(estimates: &[Estimate]) -> Option<Self> {
        let n = estimates.len() as f64;
        if estimates.len() < 2 {
            return None;
        }
        let mean = estimates.iter().map(|e| e.value).sum::<f64>() / n;
        let total = estimates.iter().map(|e| (e.value - mean) * (e.value - mean)).sum::<f64>() / (n - 1.0);
        let within = estimates.iter().map(|e| e.error_squared).sum::<f64>() / n;
        let between = (total - within).max(0.0);
        let shrink = if total > 0.0 { (between / total).sqrt() } else { 0.0 };
        let mut values: Vec<f64> = estimates.iter().map(|e| mean + shrink * (e.value - mean)).collect();
        values.sort_by(f64::total_cmp);
        Some(Self {
            mean,
            parameter_sd: between.sqrt(),
            monte_carlo: within.sqrt(),
            error: (total / n).sqrt(),
            quantiles: BAND.map(|share| quantile(&values, share)),
        })
    }
}

/// A quantile of sorted values, linear between them.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (low, rest) = (place.floor() as usize, place.fract());
    let high = (low + 1).min(sorted.len() - 1);
    sorted[low] + rest * (sorted[high] - sorted[low])
}
