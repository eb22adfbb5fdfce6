//! Operating characteristics of a dose-finding design over many simulated trials.

use perforin_core::rng::{Draw, Purpose, Stream};
use rayon::prelude::*;
use serde::Serialize;

use super::crm::Crm;
use super::isotonic::maximum_tolerated_dose;
use super::table::{DecisionTable, Walk};
use super::{DesignError, Next, Seen};

/// Trials in one stretch that a thread works on; results do not depend on it.
const STRETCH: u64 = 256;

/// How large a trial is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Patients treated together.
    pub cohort: u32,
    /// Most cohorts.
    pub cohorts: u32,
    /// The first dose, from 0.
    pub start: usize,
}

/// What a design does over many trials.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OperatingCharacteristics {
    /// Trials.
    pub trials: u64,
    /// Share of trials that select each dose.
    pub selected: Vec<f64>,
    /// Share that select none.
    pub none: f64,
    /// Mean number of patients at each dose.
    pub patients: Vec<f64>,
    /// Mean number of toxicities.
    pub toxicities: f64,
}

/// The end of one trial.
pub(super) struct End {
    pub seen: Vec<Seen>,
    pub selected: Option<usize>,
}

/// Trials that follow a decision table and select by isotonic regression.
///
/// # Errors
/// If a rate is none, or the trial's size cannot be.
pub fn by_table(
    table: &DecisionTable,
    target: f64,
    rates: &[f64],
    size: Size,
    (trials, seed): (u64, u64),
) -> Result<OperatingCharacteristics, DesignError> {
    check(rates, size)?;
    let least = (size.cohort * size.cohorts) as usize;
    if (table.most() as usize) < least {
        return Err(DesignError::TooFew {
            what: "the table's number of patients",
            found: table.most() as usize,
            least,
        });
    }
    Ok(over(trials, rates.len(), |trial| {
        let mut draw = Stream::new(seed, Purpose::Trial).at(trial, 0);
        let mut walk = Walk::new(rates.len(), size.start);
        for _ in 0..size.cohorts {
            let toxic = toxicities(&mut draw, rates[walk.dose], size.cohort);
            if walk.add(table, size.cohort, toxic) == Next::Stop {
                break;
            }
        }
        let selected = maximum_tolerated_dose(&walk.seen, walk.open, target);
        End { seen: walk.seen, selected }
    }))
}

/// Trials by the continual reassessment method: no untried dose is skipped on the way up, and a cohort with a toxicity
/// is not followed by a higher dose (coherence; Cheung 2005, doi 10.1093/biomet/92.4.863).
///
/// # Errors
/// If a rate is none, or the trial's size cannot be.
pub fn by_crm(
    crm: &Crm,
    rates: &[f64],
    size: Size,
    (trials, seed): (u64, u64),
) -> Result<OperatingCharacteristics, DesignError> {
    check(rates, size)?;
    Ok(over(trials, rates.len(), |trial| {
        let mut draw = Stream::new(seed, Purpose::Trial).at(trial, 0);
        let mut seen = vec![Seen::default(); rates.len()];
        let mut dose = size.start;
        for _ in 0..size.cohorts {
            let toxic = toxicities(&mut draw, rates[dose], size.cohort);
            seen[dose].treated += size.cohort;
            seen[dose].toxic += toxic;
            let wanted = crm.posterior(&seen).dose;
            let highest = if toxic > 0 { dose } else { dose + 1 };
            dose = wanted.min(highest);
        }
        let selected = crm.posterior(&seen).dose;
        End { seen, selected: Some(selected) }
    }))
}

pub(super) fn check(rates: &[f64], size: Size) -> Result<(), DesignError> {
    if let Some(rate) = rates.iter().find(|p| !(0.0..=1.0).contains(*p)) {
        return Err(DesignError::OutOfRange { what: "toxicity rate", found: *rate, low: 0.0, high: 1.0 });
    }
    for (what, found, least) in [
        ("the number of doses", rates.len(), size.start + 1),
        ("the cohort", size.cohort as usize, 1),
        ("the number of cohorts", size.cohorts as usize, 1),
    ] {
        if found < least {
            return Err(DesignError::TooFew { what, found, least });
        }
    }
    Ok(())
}

pub(super) fn toxicities(draw: &mut Draw, rate: f64, cohort: u32) -> u32 {
    (0..cohort).filter(|_| draw.uniform() < rate).count() as u32
}

/// Counts over trials are whole numbers, so that they add up to the same in any order.
pub(super) fn over(trials: u64, doses: usize, trial: impl Fn(u64) -> End + Sync) -> OperatingCharacteristics {
    let zero = || (vec![0_u64; doses + 1], vec![0_u64; doses], 0_u64);
    let (selected, patients, toxic) = (0..trials.div_ceil(STRETCH))
        .into_par_iter()
        .map(|stretch| {
            let mut sums = zero();
            for k in stretch * STRETCH..((stretch + 1) * STRETCH).min(trials) {
                let end = trial(k);
                sums.0[end.selected.unwrap_or(doses)] += 1;
                for (d, seen) in end.seen.iter().enumerate() {
                    sums.1[d] += u64::from(seen.treated);
                    sums.2 += u64::from(seen.toxic);
                }
            }
            sums
        })
        .reduce(zero, |a, b| {
            let add = |a: Vec<u64>, b: Vec<u64>| a.into_iter().zip(b).map(|(x, y)| x + y).collect();
            (add(a.0, b.0), add(a.1, b.1), a.2 + b.2)
        });
    let mean = |sum: &u64| *sum as f64 / trials.max(1) as f64;
    OperatingCharacteristics {
        trials,
        selected: selected[..doses].iter().map(mean).collect(),
        none: mean(&selected[doses]),
        patients: patients.iter().map(mean).collect(),
        toxicities: mean(&toxic),
    }
}
