//! The continual reassessment method with late toxicities (TITE-CRM; Cheung & Chappell 2000, doi
//! 10.1111/j.0006-341X.2000.01177.x): patients are enrolled as they come, each counted by the part of the window that has
//! passed ([`Crm::with_pending`]).

use super::crm::{Crm, Posterior};
use super::rule::Decision;
use super::simulate::Size;
use super::timed::{Known, Timed, Timing, simulate};
use super::{DesignError, Seen, check_seen, share};

/// The posterior from what is known at each dose.
///
/// # Errors
/// If the numbers of doses differ, a dose has more toxicities than patients, or a share of the window is none.
pub fn posterior(crm: &Crm, doses: &[Known]) -> Result<Posterior, DesignError> {
    if doses.len() != crm.doses() {
        return Err(DesignError::Lengths {
            what: "lists of patients",
            found: doses.len(),
            doses: crm.doses(),
        });
    }
    let seen: Vec<Seen> = doses.iter().map(|k| k.seen).collect();
    check_seen(&seen)?;
    let mut pending = Vec::new();
    for (dose, known) in doses.iter().enumerate() {
        for passed in &known.pending {
            pending.push((dose, share("share of the window that has passed", *passed)?));
        }
    }
    Ok(crm.with_pending(&seen, &pending))
}

/// The dose for the next patient: the one nearest to the target, but no untried dose is skipped, where the lowest is
/// tried first.
///
/// # Errors
/// As [`posterior`].
pub fn next_dose(crm: &Crm, doses: &[Known]) -> Result<usize, DesignError> {
    let wanted = posterior(crm, doses)?.dose;
    let tried = doses.iter().rposition(|k| k.seen.treated > 0 || !k.pending.is_empty());
    Ok(wanted.min(tried.map_or(0, |d| d + 1)))
}

/// Operating characteristics over simulated trials, from the lowest dose.
///
/// # Errors
/// If a rate is none, the numbers of doses differ, or a time or size cannot be.
///
/// # Panics
/// Never: simulated patients are possible ones.
pub fn operating_characteristics(
    crm: &Crm,
    rates: &[f64],
    patients: u32,
    timing: Timing,
    trials: (u64, u64),
) -> Result<Timed, DesignError> {
    if rates.len() != crm.doses() {
        return Err(DesignError::Lengths { what: "rates", found: rates.len(), doses: crm.doses() });
    }
    let rule = |doses: &[Known], more: bool| {
        if more {
            Decision::Treat(next_dose(crm, doses).expect("possible patients"))
        } else {
            Decision::Declare(Some(posterior(crm, doses).expect("possible patients").dose))
        }
    };
    simulate(rule, rates, Size { cohort: 1, cohorts: patients, start: 0 }, timing, trials)
}
