//! The rolling six (Skolnik 2008, doi 10.1200/JCO.2007.12.7712): the 3+3 without its pauses; two to six patients are treated
//! at a dose at the same time.
//!
//! | at the dose | decision |
//! |---|---|
//! | two toxicities or more | go lower |
//! | fewer than three enrolled | go on |
//! | three to five enrolled, no toxicity, nobody pending | go higher |
//! | three to five enrolled otherwise | go on |
//! | six enrolled, five or more without toxicity | go higher |
//! | six enrolled otherwise | wait |
//!
//! The rows for four to six patients of whom some are pending are assumed: they carry the rule for three patients on.
//!
//! A dose below one that was too toxic is filled up to six patients before it is declared; the highest dose is declared
//! when it would be left upwards.

use serde::{Deserialize, Serialize};

use super::rule::Decision;
use super::simulate::Size;
use super::timed::{Known, Timed, Timing, simulate};
use super::tite_boin::Advice;
use super::{DesignError, Move, check_seen};

/// Most patients at a dose.
const FULL: u32 = 6;
/// Fewest with which it can be left upwards.
const FEWEST: u32 = 3;

/// A row of the decision table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Patients enrolled at the dose.
    pub enrolled: u32,
    /// Those with a toxicity.
    pub toxic: u32,
    /// Those without one whose window is open.
    pub pending: u32,
    /// What to do.
    pub advice: Advice,
}

/// What the patients at a dose mean.
///
/// # Errors
/// If there are more toxic and pending patients than enrolled ones, or more than six of the latter.
pub fn decide(enrolled: u32, toxic: u32, pending: u32) -> Result<Advice, DesignError> {
    if toxic + pending > enrolled {
        return Err(DesignError::MoreToxicThanTreated { dose: 0, toxic: toxic + pending, treated: enrolled });
    }
    if enrolled > FULL {
        return Err(DesignError::OutOfRange {
            what: "the number of patients at a dose",
            found: f64::from(enrolled),
            low: 0.0,
            high: f64::from(FULL + 1),
        });
    }
    Ok(advise(enrolled, toxic, pending))
}

/// As [`decide`]; more patients than six, as there can be where under-dosed ones count at the dose that they reached, are
/// judged as six (assumed).
fn advise(enrolled: u32, toxic: u32, pending: u32) -> Advice {
    if toxic >= 2 {
        Advice::Go(Move::Deescalate)
    } else if enrolled >= FULL {
        if toxic + pending <= 1 { Advice::Go(Move::Escalate) } else { Advice::Wait }
    } else if enrolled >= FEWEST && toxic == 0 && pending == 0 {
        Advice::Go(Move::Escalate)
    } else {
        Advice::Go(Move::Stay)
    }
}

/// All decisions.
///
/// # Panics
/// Never: all rows are possible.
pub fn table() -> Vec<Row> {
    let mut rows = Vec::new();
    for enrolled in 1..=FULL {
        for toxic in 0..=enrolled {
            for pending in 0..=enrolled - toxic {
                let advice = decide(enrolled, toxic, pending).expect("a possible row");
                rows.push(Row { enrolled, toxic, pending, advice });
            }
        }
    }
    rows
}

/// What to do, given what is known at each dose.
///
/// # Errors
/// If a dose has patients that cannot be, or there is no dose.
pub fn next(doses: &[Known]) -> Result<Decision, DesignError> {
    if doses.is_empty() {
        return Err(DesignError::TooFew { what: "the number of doses", found: 0, least: 1 });
    }
    check_seen(&doses.iter().map(|known| known.seen).collect::<Vec<_>>())?;
    let advice: Vec<Advice> = doses
        .iter()
        .map(|known| {
            let pending = known.pending.len() as u32;
            advise(known.seen.treated + pending, known.seen.toxic, pending)
        })
        .collect();
    let enrolled = |d: usize| doses[d].seen.treated + doses[d].pending.len() as u32;
    let too_toxic = advice.iter().position(|a| *a == Advice::Go(Move::Deescalate)).unwrap_or(doses.len());
    if too_toxic == 0 {
        return Ok(Decision::Declare(None));
    }
    let present = (0..too_toxic).rev().find(|d| enrolled(*d) > 0).unwrap_or(0);
    Ok(match advice[present] {
        Advice::Wait => Decision::Wait,
        Advice::Go(Move::Escalate) if present + 1 == doses.len() => Decision::Declare(Some(present)),
        Advice::Go(Move::Escalate) if present + 1 < too_toxic => Decision::Treat(present + 1),
        Advice::Go(Move::Escalate) if enrolled(present) >= FULL => Decision::Declare(Some(present)),
        Advice::Go(_) => Decision::Treat(present),
    })
}

/// Operating characteristics over simulated trials, from the lowest dose.
///
/// # Errors
/// If a rate is none, or a time cannot be.
///
/// # Panics
/// Never: simulated patients are possible ones.
pub fn operating_characteristics(
    rates: &[f64],
    timing: Timing,
    trials: (u64, u64),
) -> Result<Timed, DesignError> {
    let size = Size { cohort: FULL, cohorts: rates.len().max(1) as u32, start: 0 };
    simulate(|doses, _| next(doses).expect("possible patients"), rates, size, timing, trials)
}
