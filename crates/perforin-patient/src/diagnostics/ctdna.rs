//! Circulating tumour DNA as a signal to monitor by.
//!
//! Dying tumour cells release DNA that is cleared within hours: `dC/dt = s·R(t)/V − (ln 2/h)·C`.
//!
//! | symbol | meaning | unit |
//! |---|---|---|
//! | `C` | tumour genomes in plasma | haploid genomes/mL |
//! | `R` | tumour cells that die | 1/d |
//! | `s` | genomes that reach the plasma per dying cell | |
//! | `V` | plasma | mL |
//! | `h` | half-life in plasma, of the order of an hour or two | d |
//!
//! It follows the deaths, not the cells: a killing product makes it rise before it falls, so a rise alone is not
//! progression, and a low value under a dormant tumour is not a cure.
//!
//! A sample of `g` genomes, searched for `M` mutations of the tumour, holds `g·M·f` mutant molecules on average where the
//! tumour's allele fraction is `f`, and `g·M·ε` false ones; both are Poisson. The sample is called positive from a number
//! on that false molecules alone reach with at most a stated probability.

use super::ctc::poisson_at_least;
use super::{DiagnosticsError, not_negative, open_share, positive, share};

/// Haploid human genomes in a nanogram of DNA, at 3.3 pg each (usual conversion; assumed).
pub const GENOMES_PER_NG: f64 = 303.0;

/// Release and clearance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kinetics {
    released: f64,
    clearance: f64,
    plasma: f64,
}

impl Kinetics {
    /// With `released` genomes in plasma per dying cell, a half-life (d), and a volume of plasma (mL).
    ///
    /// # Errors
    /// If a number is not positive.
    pub fn new(released: f64, half_life: f64, plasma: f64) -> Result<Self, DiagnosticsError> {
        positive("the number of genomes released", released)?;
        positive("the half-life", half_life)?;
        positive("the volume of plasma", plasma)?;
        Ok(Self { released, clearance: std::f64::consts::LN_2 / half_life, plasma })
    }

    /// Concentration (genomes/mL) on each of `days`, where `deaths[i]` tumour cells die per day from day `i` to the next;
    /// on the first day it is in equilibrium with the first rate. Exact for rates constant in between.
    ///
    /// # Errors
    /// If the lists differ in length or are empty, the days do not increase, or a rate is negative.
    pub fn course(&self, days: &[f64], deaths: &[f64]) -> Result<Vec<f64>, DiagnosticsError> {
        if days.len() != deaths.len() {
            return Err(DiagnosticsError::Lengths {
                what: "rates of death",
                found: deaths.len(),
                other: "days",
                expected: days.len(),
            });
        }
        let Some(first) = deaths.first() else {
            return Err(DiagnosticsError::TooFew { what: "days", found: 0, least: 1 });
        };
        for rate in deaths {
            not_negative("a rate of death", *rate)?;
        }
        let equilibrium = |rate: f64| self.released * rate / self.plasma / self.clearance;
        let mut now = equilibrium(*first);
        let mut course = vec![now];
        for (pair, rate) in days.windows(2).zip(deaths) {
            let step = pair[1] - pair[0];
            if step.is_nan() || step <= 0.0 {
                return Err(super::range("a day", pair[1], "a day after the one before"));
            }
            let to = equilibrium(*rate);
            now = to + (now - to) * libm::exp(-self.clearance * step);
            course.push(now);
        }
        Ok(course)
    }
}

/// A sequencing assay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sequencing {
    molecules: f64,
    error: f64,
    call_at: u32,
}

impl Sequencing {
    /// An assay of `genomes` haploid genomes and `mutations` of the tumour, with a probability `error` that a normal
    /// molecule reads as mutant, and a probability of at most `false_alarm` of calling a sample without tumour positive.
    ///
    /// # Errors
    /// If a number cannot be.
    pub fn new(genomes: f64, mutations: u32, error: f64, false_alarm: f64) -> Result<Self, DiagnosticsError> {
        positive("the number of genomes", genomes)?;
        share("the error per molecule", error)?;
        open_share("the probability of a false alarm", false_alarm)?;
        if mutations == 0 {
            return Err(DiagnosticsError::TooFew { what: "mutations", found: 0, least: 1 });
        }
        let molecules = genomes * f64::from(mutations);
        let reached = |k: u32| poisson_at_least(k, molecules * error).0 <= false_alarm;
        // The bound doubles until it holds, then is found by halving.
        let mut high = 1_u32;
        while !reached(high) {
            if high > 1 << 28 {
                return Err(super::range("the error per molecule", error, "an error that leaves a signal"));
            }
            high *= 2;
        }
        let mut low = high / 2;
        while high - low > 1 {
            let middle = low.midpoint(high);
            if reached(middle) {
                high = middle;
            } else {
                low = middle;
            }
        }
        Ok(Self { molecules, error, call_at: high })
    }

    /// Mutant molecules from which on a sample is positive.
    pub fn call_at(&self) -> u32 {
        self.call_at
    }

    /// Probability that a sample with this allele fraction of tumour is positive.
    ///
    /// # Errors
    /// If the fraction is none.
    pub fn detects(&self, fraction: f64) -> Result<f64, DiagnosticsError> {
        let mutant = share("the allele fraction", fraction)? + (1.0 - fraction) * self.error;
        Ok(poisson_at_least(self.call_at, self.molecules * mutant).0)
    }

    /// The allele fraction that is detected with this probability: the limit of detection at 0.95. None if not even
    /// pure tumour DNA is.
    ///
    /// # Errors
    /// If the probability does not lie between 0 and 1.
    pub fn limit(&self, probability: f64) -> Result<Option<f64>, DiagnosticsError> {
        open_share("the probability", probability)?;
        if self.detects(1.0)? < probability {
            return Ok(None);
        }
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..80 {
            let middle = 0.5 * (low + high);
            if self.detects(middle)? < probability {
                low = middle;
            } else {
                high = middle;
            }
        }
        Ok(Some(high))
    }

    /// Coefficient of variation of a measured allele fraction: changes below about three times it are noise.
    ///
    /// # Errors
    /// If the fraction is not above 0.
    pub fn variation(&self, fraction: f64) -> Result<f64, DiagnosticsError> {
        positive("the allele fraction", share("the allele fraction", fraction)?)?;
        let mutant = fraction + (1.0 - fraction) * self.error;
        Ok((mutant / self.molecules).sqrt() / fraction)
    }
}
