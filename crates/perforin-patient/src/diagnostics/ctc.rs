//! Circulating tumour cells in a tube of blood: how many are seen, and what they can and cannot certify.
//!
//! A share `π` of patients sheds; their rate per 7.5 mL is log-normal; the count is Poisson: a zero-inflated
//! Poisson-lognormal. `P(N ≥ k) = π ∫ P(Poisson(λ) ≥ k) φ(z) dz`, `λ = v m e^{σz}`.
//!
//! | symbol | meaning | default | source |
//! |---|---|---|---|
//! | `π` | share of patients with tumour cells in the blood | 0.4 | reproduces 36 % with two or more, mean 60, SD 693 of Allard 2004, doi 10.1158/1078-0432.CCR-04-0378 |
//! | `m` | median of their rate, cells seen per 7.5 mL | 20 | same |
//! | `σ` | SD of its logarithm | 2.0 | same |
//! | `v` | cells seen, over those that the reference assay sees in 7.5 mL | 1 | |
//!
//! The defaults describe what the reference assay sees, losses included. A cell is captured by its `EpCAM`: with density `D`
//! with probability `D^h/(D^h + D₅₀^h)` (assumed form), so that a clone that lost `EpCAM` together with the target is
//! under-represented.
//!
//! The integral is a trapezoidal sum over 3,200 steps of 0.005 SD; it is good for counts up to 10,000.

use statrs::function::gamma::{gamma_lr, gamma_ur};

use super::biopsy::cells_needed;
use super::counts::SiteCount;
use super::{DiagnosticsError, not_negative, open_share, positive, share};

/// Volume of a tube to which rates refer (mL).
pub const TUBE_ML: f64 = 7.5;
/// Half of the range of integration, in standard deviations, and its step.
const EXTENT: f64 = 8.0;
const STEP: f64 = 0.005;

/// How patients shed cells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shedding {
    /// Share of patients who do.
    pub share: f64,
    /// Median of their rate, cells that the reference assay sees per 7.5 mL.
    pub median: f64,
    /// Standard deviation of its natural logarithm.
    pub log_sd: f64,
}

/// How blood is drawn and searched.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Search {
    /// Blood (mL).
    pub volume: f64,
    /// Cells found, over those that the reference assay would find in the same blood.
    pub relative_recovery: f64,
}

/// Capture by `EpCAM`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Capture {
    /// `EpCAM` molecules per cell at which half of the cells are captured.
    pub half: f64,
    /// Steepness.
    pub steepness: f64,
}

/// Integral of `f` under the standard normal density.
fn under_normal(f: impl Fn(f64) -> f64) -> f64 {
    let steps = (2.0 * EXTENT / STEP).round() as i32;
    let sum: f64 = (0..=steps)
        .map(|k| {
            let z = -EXTENT + STEP * f64::from(k);
            libm::exp(-0.5 * z * z) * f(z)
        })
        .sum();
    sum * STEP / std::f64::consts::TAU.sqrt()
}

impl Default for Search {
    /// One tube, searched as by the reference assay.
    fn default() -> Self {
        Self { volume: TUBE_ML, relative_recovery: 1.0 }
    }
}

impl Search {
    fn factor(self) -> f64 {
        self.volume / TUBE_ML * self.relative_recovery
    }
}

impl Shedding {
    /// Metastatic carcinomas of several organs (Allard 2004, doi 10.1158/1078-0432.CCR-04-0378).
    pub const METASTATIC: Self = Self { share: 0.4, median: 20.0, log_sd: 2.0 };

    /// Shedding.
    ///
    /// # Errors
    /// If the share is none, the median is not positive, or the standard deviation negative.
    pub fn new(share_shedding: f64, median: f64, log_sd: f64) -> Result<Self, DiagnosticsError> {
        share("the share of patients who shed", share_shedding)?;
        positive("the median rate", median)?;
        not_negative("the standard deviation of the logarithm", log_sd)?;
        Ok(Self { share: share_shedding, median, log_sd })
    }

    fn rate(self, search: Search, z: f64) -> f64 {
        search.factor() * self.median * libm::exp(self.log_sd * z)
    }

    /// Mean count.
    pub fn mean(self, search: Search) -> f64 {
        self.share * search.factor() * self.median * libm::exp(0.5 * self.log_sd * self.log_sd)
    }

    /// Standard deviation of the count between patients.
    pub fn sd(self, search: Search) -> f64 {
        let mean = self.mean(search);
        let square = search.factor() * self.median * search.factor() * self.median;
        let second = self.share * square * libm::exp(2.0 * self.log_sd * self.log_sd);
        (mean + second - mean * mean).sqrt()
    }

    /// Probability of at least `least` cells.
    pub fn at_least(self, least: u32, search: Search) -> f64 {
        if least == 0 {
            return 1.0;
        }
        self.share
            * under_normal(|z| {
                let rate = self.rate(search, z);
                if rate > 0.0 { gamma_lr(f64::from(least), rate) } else { 0.0 }
            })
    }

    /// Probability of exactly `count` cells.
    pub fn exactly(self, count: u32, search: Search) -> f64 {
        if count == 0 {
            let none = under_normal(|z| libm::exp(-self.rate(search, z)));
            return 1.0 - self.share + self.share * none;
        }
        let ln_factorial = libm::lgamma(f64::from(count) + 1.0);
        self.share
            * under_normal(|z| {
                let rate = self.rate(search, z);
                libm::exp(f64::from(count) * libm::log(rate) - rate - ln_factorial)
            })
    }

    /// Probability that at least one antigen-negative cell is seen, where they make up `fraction` of the cells seen.
    ///
    /// # Errors
    /// If the fraction is none.
    pub fn sees_clone(self, fraction: f64, search: Search) -> Result<f64, DiagnosticsError> {
        share("the fraction", fraction)?;
        Ok(self.share * under_normal(|z| -libm::expm1(-fraction * self.rate(search, z))))
    }

    /// Probability that a sample holds enough cells to rule out a clone of `fraction` if all are positive.
    ///
    /// # Errors
    /// If the fraction or the confidence does not lie between 0 and 1.
    pub fn can_certify(
        self,
        fraction: f64,
        confidence: f64,
        search: Search,
    ) -> Result<f64, DiagnosticsError> {
        Ok(self.at_least(cells_needed(fraction, confidence)?, search))
    }
}

/// Blood (mL) in which a patient with `rate` cells seen per 7.5 mL shows at least one cell of a clone of `fraction`
/// with this probability.
///
/// # Errors
/// If a number cannot be.
pub fn blood_needed(rate: f64, fraction: f64, probability: f64) -> Result<f64, DiagnosticsError> {
    positive("the rate", rate)?;
    positive("the fraction", share("the fraction", fraction)?)?;
    open_share("the probability", probability)?;
    Ok(-libm::log1p(-probability) / (rate * fraction) * TUBE_ML)
}

impl Capture {
    /// Capture.
    ///
    /// # Errors
    /// If a number is not positive.
    pub fn new(half: f64, steepness: f64) -> Result<Self, DiagnosticsError> {
        positive("the density of half capture", half)?;
        positive("the steepness", steepness)?;
        Ok(Self { half, steepness })
    }

    /// Probability that a cell with `density` `EpCAM` molecules is captured.
    pub fn of(self, density: f64) -> f64 {
        if density <= 0.0 {
            return 0.0;
        }
        1.0 / (1.0 + libm::pow(self.half / density, self.steepness))
    }

    /// Mean over cells whose density is log-normal.
    ///
    /// # Errors
    /// If the median is not positive or the standard deviation negative.
    pub fn of_lognormal(self, median: f64, log_sd: f64) -> Result<f64, DiagnosticsError> {
        positive("the median density", median)?;
        not_negative("the standard deviation of the logarithm", log_sd)?;
        Ok(under_normal(|z| self.of(median * libm::exp(log_sd * z))))
    }
}

/// Fraction of a clone among captured cells, where it makes up `fraction` of the cells in the blood, and its cells and the
/// others are captured with these probabilities.
///
/// # Errors
/// If a number is no share, or nothing is captured.
pub fn fraction_captured(fraction: f64, clone: f64, others: f64) -> Result<f64, DiagnosticsError> {
    let [fraction, clone, others] = [
        share("the fraction", fraction)?,
        share("the clone's capture", clone)?,
        share("the others' capture", others)?,
    ];
    let all = positive("the mean capture", fraction * clone + (1.0 - fraction) * others)?;
    Ok(fraction * clone / all)
}

/// Whether a count changed between two samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// Probability of a count at least as low afterwards, had nothing changed.
    pub fall: f64,
    /// Probability of one at least as high.
    pub rise: f64,
}

/// Exact test of two counts in `before_ml` and `after_ml` of blood: given their sum, the later is binomial where nothing
/// changed (Przyborowski & Wilenski 1940, doi 10.1093/biomet/31.3-4.313). `clustering` above 0 allows for readers and
/// tubes that differ more than by chance, by a beta-binomial.
///
/// # Errors
/// If a volume is not positive, or the clustering does not lie in [0, 1).
pub fn change(
    (before, before_ml): (u32, f64),
    (after, after_ml): (u32, f64),
    clustering: f64,
) -> Result<Change, DiagnosticsError> {
    positive("the volume before", before_ml)?;
    positive("the volume after", after_ml)?;
    let sum = before + after;
    let rise = SiteCount::new(sum, after_ml / (before_ml + after_ml), clustering)?.at_least(after);
    let fall = SiteCount::new(sum, before_ml / (before_ml + after_ml), clustering)?.at_least(before);
    Ok(Change { fall, rise })
}

/// Probability of at least `least` cells at a Poisson rate; and of fewer.
pub(super) fn poisson_at_least(least: u32, rate: f64) -> (f64, f64) {
    match (least, rate > 0.0) {
        (0, _) => (1.0, 0.0),
        (_, false) => (0.0, 1.0),
        _ => (gamma_lr(f64::from(least), rate), gamma_ur(f64::from(least), rate)),
    }
}
