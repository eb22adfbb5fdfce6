//! The Bayesian optimal interval design (Liu & Yuan 2015, doi 10.1111/rssc.12089).
//!
//! | symbol | meaning | default |
//! |---|---|---|
//! | `φ` | target rate of dose-limiting toxicity | |
//! | `φ₁`, `φ₂` | rates that are taken to be too low and too high | 0.6 φ, 1.4 φ |
//! | `λ_e`, `λ_d` | observed rates at which the dose is raised and lowered | |
//!
//! `λ_e = ln[(1−φ₁)/(1−φ)] / ln[φ(1−φ₁)/(φ₁(1−φ))]`, `λ_d = ln[(1−φ)/(1−φ₂)] / ln[φ₂(1−φ)/(φ(1−φ₂))]`. A dose is
//! eliminated when it is too toxic with a probability above 0.95 under a uniform prior, with three patients or more.

use super::table::DecisionTable;
use super::{DesignError, ELIMINATION, Move, within};
use crate::binomial;

/// Fewest patients at a dose that can eliminate it.
const FEWEST_TO_ELIMINATE: u32 = 3;

/// A BOIN design.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Boin {
    /// Target rate of toxicity.
    pub target: f64,
    /// Observed rate at or below which the dose is raised.
    pub lambda_e: f64,
    /// Observed rate above which the dose is lowered.
    pub lambda_d: f64,
}

impl Boin {
    /// The design with the usual alternatives, 0.6 and 1.4 of the target.
    ///
    /// # Errors
    /// If the target does not lie between 0 and 0.714, where the upper alternative would reach 1.
    pub fn new(target: f64) -> Result<Self, DesignError> {
        Self::with(target, 0.6 * target, 1.4 * target)
    }

    /// The design with stated alternatives.
    ///
    /// # Errors
    /// If the rates are not `0 < too low < target < too high < 1`.
    pub fn with(target: f64, too_low: f64, too_high: f64) -> Result<Self, DesignError> {
        within("target", target, 0.0, 1.0)?;
        within("rate that is too low", too_low, 0.0, target)?;
        within("rate that is too high", too_high, target, 1.0)?;
        let ln = libm::log;
        let lambda_e =
            ln((1.0 - too_low) / (1.0 - target)) / ln(target * (1.0 - too_low) / (too_low * (1.0 - target)));
        let lambda_d = ln((1.0 - target) / (1.0 - too_high))
            / ln(too_high * (1.0 - target) / (target * (1.0 - too_high)));
        Ok(Self { target, lambda_e, lambda_d })
    }

    /// What `toxic` of `treated` patients at the present dose mean.
    pub fn decide(&self, treated: u32, toxic: u32) -> Move {
        let (n, y) = (f64::from(treated), f64::from(toxic));
        if treated >= FEWEST_TO_ELIMINATE && binomial::exceeds(self.target, toxic, treated) > ELIMINATION {
            Move::Eliminate
        } else if y <= (n * self.lambda_e).floor() {
            Move::Escalate
        } else if y > (n * self.lambda_d).floor() {
            Move::Deescalate
        } else {
            Move::Stay
        }
    }

    /// The decisions for up to `most` patients at a dose.
    pub fn table(&self, most: u32) -> DecisionTable {
        DecisionTable::new(most, |n, y| self.decide(n, y))
    }
}
