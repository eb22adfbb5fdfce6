//! When to sample again: a clone that a sample did not show grows under the treatment that spares it.
//!
//! | symbol | meaning |
//! |---|---|
//! | `x₀` | fraction of the clone that the first sample leaves possible |
//! | `Δ` | net growth rate of the clone minus that of the other tumour cells, per day |
//!
//! While both grow or shrink exponentially, `logit x(t) = logit x₀ + Δ t`: without a limit to the advantage. A sample at
//! day `t` misses the clone with the probability that its plan gives for `x(t)` ([`super::biopsy`], [`super::ctc`]).

use super::{DiagnosticsError, open_share, positive};

/// A clone that a sample left possible.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Subclone {
    /// Its fraction on day 0.
    pub fraction: f64,
    /// Its advantage in net growth rate, per day.
    pub advantage: f64,
}

/// The first find of a clone by one of several samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Finds {
    /// Probability that each sample is the first to show it.
    pub first: Vec<f64>,
    /// Probability that none does.
    pub none: f64,
}

impl Subclone {
    /// A clone.
    ///
    /// # Errors
    /// If the fraction does not lie between 0 and 1 or the advantage is not positive.
    pub fn new(fraction: f64, advantage: f64) -> Result<Self, DiagnosticsError> {
        open_share("the fraction", fraction)?;
        positive("the advantage", advantage)?;
        Ok(Self { fraction, advantage })
    }

    /// Its fraction on a day.
    pub fn on_day(self, day: f64) -> f64 {
        let logit = libm::log(self.fraction / (1.0 - self.fraction)) + self.advantage * day;
        1.0 / (1.0 + libm::exp(-logit))
    }

    /// The day on which it reaches a fraction: sample before it. 0 if it may be there already.
    ///
    /// # Errors
    /// If the fraction does not lie between 0 and 1.
    pub fn reaches(self, fraction: f64) -> Result<f64, DiagnosticsError> {
        open_share("the fraction", fraction)?;
        let logit = |x: f64| libm::log(x / (1.0 - x));
        Ok(((logit(fraction) - logit(self.fraction)) / self.advantage).max(0.0))
    }

    /// When samples on `days` find it first, where `misses` gives the probability that a sample misses a fraction.
    ///
    /// # Errors
    /// What `misses` returns, or if the days do not increase.
    pub fn found(
        self,
        days: &[f64],
        misses: impl Fn(f64) -> Result<f64, DiagnosticsError>,
    ) -> Result<Finds, DiagnosticsError> {
        let mut none = 1.0;
        let mut first = Vec::with_capacity(days.len());
        let mut last = f64::NEG_INFINITY;
        for day in days {
            if day.is_nan() || *day <= last {
                return Err(super::range("a day of sampling", *day, "a day after the one before"));
            }
            last = *day;
            let missed = misses(self.on_day(*day))?;
            first.push(none * (1.0 - missed));
            none *= missed;
        }
        Ok(Finds { first, none })
    }
}
