//! Trials in time: patients come one by one, toxicities are seen late, and a design may have to wait.
//!
//! Assumptions: times between arrivals are exponential; a toxicity occurs uniformly within the window; while a design
//! waits, the next patient waits with it and others are lost.

use perforin_core::rng::{Draw, Purpose, Stream};
use serde::Serialize;

use super::rule::Decision;
use super::simulate::{End, OperatingCharacteristics, Size, check, over};
use super::{DesignError, Seen, within};

/// How time passes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timing {
    /// Days over which a patient is observed for toxicity.
    pub window: f64,
    /// Mean days between arrivals.
    pub between_arrivals: f64,
}

/// A patient of a running trial.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Patient {
    /// Dose, from 0.
    pub dose: usize,
    /// Day of treatment.
    pub treated_on: f64,
    /// Day of a toxicity, if there is one.
    pub toxic_on: Option<f64>,
}

impl Patient {
    /// The day on which the outcome is known.
    fn known_on(&self, window: f64) -> f64 {
        self.toxic_on.unwrap_or(self.treated_on + window)
    }
}

/// What is known at a dose on a day.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Known {
    /// Patients with a toxicity or a complete window.
    pub seen: Seen,
    /// For each other patient, the share of the window that has passed.
    pub pending: Vec<f64>,
}

/// What is known of each of `doses` doses on a day.
pub fn known(patients: &[Patient], doses: usize, window: f64, day: f64) -> Vec<Known> {
    let mut list = vec![Known::default(); doses];
    for patient in patients {
        let own = &mut list[patient.dose];
        let passed = (day - patient.treated_on) / window;
        if patient.toxic_on.is_some_and(|t| t <= day) {
            own.seen.treated += 1;
            own.seen.toxic += 1;
        } else if day >= patient.treated_on + window {
            own.seen.treated += 1;
        } else {
            own.pending.push(passed.clamp(0.0, 1.0));
        }
    }
    list
}

/// What trials in time come to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Timed {
    /// Doses and patients.
    pub characteristics: OperatingCharacteristics,
    /// Mean days from the first arrival to the end.
    pub days: f64,
}

/// Trials whose rule looks at what is known, with at most `size.cohort · size.cohorts` patients.
///
/// The rule is told whether another patient may still be enrolled; when none may, all are observed to the end and the rule
/// is asked what to declare.
///
/// # Errors
/// If a rate is none, or a time or the trial's size cannot be.
pub fn simulate(
    rule: impl Fn(&[Known], bool) -> Decision + Sync,
    rates: &[f64],
    size: Size,
    timing: Timing,
    (trials, seed): (u64, u64),
) -> Result<Timed, DesignError> {
    check(rates, size)?;
    within("window", timing.window, 0.0, f64::INFINITY)?;
    within("time between arrivals", timing.between_arrivals, 0.0, f64::INFINITY)?;
    let days = std::sync::atomic::AtomicU64::new(0);
    let characteristics = over(trials, rates.len(), |trial| {
        let mut draw = Stream::new(seed, Purpose::Trial).at(trial, 0);
        let (end, last) = one(&rule, rates, size.cohort * size.cohorts, timing, &mut draw);
        // Whole numbers add up to the same in any order.
        days.fetch_add((last * PARTS_OF_A_DAY).round() as u64, std::sync::atomic::Ordering::Relaxed);
        end
    });
    let days = days.into_inner() as f64 / PARTS_OF_A_DAY / trials.max(1) as f64;
    Ok(Timed { characteristics, days })
}

/// Durations are added up in these parts of a day.
const PARTS_OF_A_DAY: f64 = 1024.0;

fn one(
    rule: &impl Fn(&[Known], bool) -> Decision,
    rates: &[f64],
    most: u32,
    timing: Timing,
    draw: &mut Draw,
) -> (End, f64) {
    let Timing { window, between_arrivals } = timing;
    let mut patients: Vec<Patient> = Vec::with_capacity(most as usize);
    let mut day = 0.0;
    let (selected, last) = loop {
        let full = patients.len() >= most as usize;
        if full {
            day = patients.iter().map(|p| p.known_on(window)).fold(0.0, f64::max);
        }
        match rule(&known(&patients, rates.len(), window, day), !full) {
            Decision::Declare(dose) if full => break (dose, day),
            Decision::Declare(dose) => break declared(rule, &patients, rates.len(), window, (dose, day)),
            Decision::Treat(dose) if !full => {
                let toxic = draw.uniform() < rates[dose];
                let after = draw.uniform() * window;
                let toxic_on = toxic.then_some(day + after);
                patients.push(Patient { dose, treated_on: day, toxic_on });
                day += between_arrivals * draw.exponential();
            }
            // Something more is known when a toxicity is seen or a window ends.
            Decision::Wait | Decision::Treat(_) => {
                let events = patients.iter().map(|p| p.known_on(window)).filter(|t| *t > day);
                match events.min_by(f64::total_cmp) {
                    Some(event) => day = event,
                    None => break (None, day),
                }
            }
        }
    };
    let mut seen = vec![Seen::default(); rates.len()];
    for patient in &patients {
        seen[patient.dose].treated += 1;
        seen[patient.dose].toxic += u32::from(patient.toxic_on.is_some());
    }
    (End { seen, selected }, last)
}

/// The dose declared and the day, which may lie before the arrival at which the rule was asked: on the first day after the last
/// treatment on which enough was known.
fn declared(
    rule: &impl Fn(&[Known], bool) -> Decision,
    patients: &[Patient],
    doses: usize,
    window: f64,
    (dose, asked): (Option<usize>, f64),
) -> (Option<usize>, f64) {
    let treated = patients.iter().map(|p| p.treated_on).fold(0.0, f64::max);
    let mut days: Vec<f64> =
        patients.iter().map(|p| p.known_on(window)).filter(|t| *t > treated && *t < asked).collect();
    days.sort_by(f64::total_cmp);
    let enough = days.into_iter().find_map(|day| match rule(&known(patients, doses, window, day), true) {
        Decision::Declare(dose) => Some((dose, day)),
        Decision::Treat(_) | Decision::Wait => None,
    });
    enough.unwrap_or((dose, asked))
}
