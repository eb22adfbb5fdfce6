//! Designs that find a dose from toxicity.
//!
//! A design looks at what was seen at each dose ([`Seen`]) and says what to do next ([`Next`]). Designs whose rule
//! depends on the present dose alone give a [`table::DecisionTable`].

pub mod blrm;
pub mod board;
pub mod boin;
pub mod boin12;
pub mod by_hand;
pub mod conduct;
pub mod crm;
pub mod interval;
pub mod isotonic;
pub mod paths;
pub mod rolling_six;
pub mod rule;
pub mod simulate;
pub mod summary;
pub mod table;
pub mod three_plus_three;
pub mod timed;
pub mod tite_boin;
pub mod tite_crm;
pub mod truth;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Patients treated at one dose, and those of them with a dose-limiting toxicity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Patients who were treated and could be evaluated.
    pub treated: u32,
    /// Those with a dose-limiting toxicity.
    pub toxic: u32,
}

/// What a design says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Next {
    /// Treat the next cohort at this dose, counted from 0.
    Treat(usize),
    /// Stop: every dose is too toxic.
    Stop,
}

/// What a rule says of the present dose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Move {
    /// Go to the next higher dose.
    Escalate,
    /// Stay.
    Stay,
    /// Go to the next lower dose.
    Deescalate,
    /// Go lower, and never come back to this dose or a higher one.
    Eliminate,
}

/// What is wrong with a design.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum DesignError {
    /// A rate that is none.
    #[error("{what} is {found}; it must {}", limits(*low, *high))]
    OutOfRange {
        /// Which number.
        what: &'static str,
        /// Its value.
        found: f64,
        /// Lower limit.
        low: f64,
        /// Upper limit.
        high: f64,
    },
    /// Numbers that must increase do not.
    #[error("{what} must increase: number {} is {later}, after {earlier}", place + 1)]
    NotIncreasing {
        /// Which numbers.
        what: &'static str,
        /// Place of the offending one, from 0.
        place: usize,
        /// The one before.
        earlier: f64,
        /// The offending one.
        later: f64,
    },
    /// A number of doses, cohorts or patients that cannot be.
    #[error("{what} is {found}; at least {least} is needed")]
    TooFew {
        /// Which number.
        what: &'static str,
        /// Its value.
        found: usize,
        /// The smallest possible.
        least: usize,
    },
    /// Two lists of different length.
    #[error("there are {found} {what}, but {doses} doses")]
    Lengths {
        /// What is counted.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many doses there are.
        doses: usize,
    },
    /// Two lists of different length, of which none is the doses.
    #[error("there are {found} {what}, but {expected} {other}")]
    Unequal {
        /// What is counted.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// What else is counted.
        other: &'static str,
        /// How many of these there are.
        expected: usize,
    },
    /// More responses than patients.
    #[error("in basket {}, {responses} of {patients} patients responded", basket + 1)]
    MoreResponses {
        /// The basket, from 0.
        basket: usize,
        /// Patients who responded.
        responses: u32,
        /// Patients treated.
        patients: u32,
    },
    /// An error so small that only a design that nothing passes keeps it.
    #[error("no cut-off keeps the error at {alpha} and lets any outcome of {patients} patients pass")]
    NoCutOff {
        /// The error.
        alpha: f64,
        /// Patients of the trial.
        patients: u32,
    },
    /// An outcome that cannot be.
    #[error("at dose {}, {toxic} of {treated} patients had a toxicity", dose + 1)]
    MoreToxicThanTreated {
        /// The dose, from 0.
        dose: usize,
        /// Patients with a toxicity.
        toxic: u32,
        /// Patients treated.
        treated: u32,
    },
}

/// Open limits in words; a lower one a hair below 0, or an upper one a hair above 1, lets 0 and 1 pass.
fn limits(low: f64, high: f64) -> String {
    let least = low < 0.0 && low > -1e-300;
    let most = high > 1.0 && high < 1.0 + 1e-9;
    match (least, most, low.is_finite(), high.is_finite()) {
        (true, true, ..) => "lie between 0 and 1".into(),
        (true, false, _, false) => "be a finite number from 0 on".into(),
        (true, false, _, true) => format!("be at least 0 and below {high}"),
        (false, true, ..) => format!("be above {low} and at most 1"),
        (false, false, true, false) => format!("be a finite number above {low}"),
        (false, false, false, true) => format!("be below {high}"),
        _ => format!("lie strictly between {low} and {high}"),
    }
}

/// Checks that a rate lies strictly between two limits.
pub(crate) fn within(what: &'static str, found: f64, low: f64, high: f64) -> Result<f64, DesignError> {
    if found > low && found < high {
        Ok(found)
    } else {
        Err(DesignError::OutOfRange { what, found, low, high })
    }
}

/// Checks that a number lies from 0 to 1.
pub(crate) fn share(what: &'static str, found: f64) -> Result<f64, DesignError> {
    if (0.0..=1.0).contains(&found) {
        Ok(found)
    } else {
        Err(DesignError::OutOfRange { what, found, low: 0.0, high: 1.0 })
    }
}

/// Checks that numbers increase strictly.
pub(crate) fn increasing(what: &'static str, numbers: &[f64]) -> Result<(), DesignError> {
    for (place, pair) in numbers.windows(2).enumerate() {
        if pair[1] <= pair[0] || pair[1].is_nan() {
            return Err(DesignError::NotIncreasing {
                what,
                place: place + 1,
                earlier: pair[0],
                later: pair[1],
            });
        }
    }
    Ok(())
}

/// Checks that no dose has more toxicities than patients.
///
/// # Errors
/// The first dose that has.
pub fn check_seen(seen: &[Seen]) -> Result<(), DesignError> {
    match seen.iter().position(|s| s.toxic > s.treated) {
        None => Ok(()),
        Some(dose) => {
            let Seen { treated, toxic } = seen[dose];
            Err(DesignError::MoreToxicThanTreated { dose, toxic, treated })
        }
    }
}

/// Probability that a dose is too toxic above which it is eliminated.
pub const ELIMINATION: f64 = 0.95;
