//! One simulated trial, patient by patient, in days since its first enrolment.

use perforin_trial::dose_finding::DesignError;
use perforin_trial::dose_finding::conduct::{Finished, TrialPatient};
use perforin_trial::manufacturing::Fate;
use serde::{Deserialize, Serialize};

use super::patients::{self, Virtual};
use super::question::{DoseFinding, Question};
use crate::failure::Failure;
use crate::patient::answer::Course;
use crate::patient::outcome::{DIED, PFS, PROGRESSED, RESPONSE_DURATION, SURVIVAL};

/// A trial as an example.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Example {
    /// The scenario.
    pub scenario: String,
    /// Patients in the order of enrolment.
    pub patients: Vec<ExamplePatient>,
    /// Level selected, from 0.
    pub selected: Option<usize>,
    /// Days until the last patient is known.
    pub duration: f64,
    /// Criteria of response of virtual patients; empty where rates are stated.
    pub criteria: String,
}

/// A patient of the example. Days are those since the trial's first enrolment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExamplePatient {
    /// Level assigned, from 0.
    pub level: usize,
    /// Day of enrolment.
    pub enrolled: f64,
    /// `infused`, `under-dosed`, `no apheresis`, `lost` or `not made`.
    pub fate: String,
    /// Day on which that was known.
    pub fate_on: f64,
    /// Day of infusion.
    pub infused: Option<f64>,
    /// Dose given.
    pub dose: Option<f64>,
    /// Dose-limiting toxicity.
    pub toxic: bool,
    /// Its day.
    pub toxic_on: Option<f64>,
    /// Last day on which the patient is watched for it.
    pub watched_to: Option<f64>,
    /// Response.
    pub responds: bool,
    /// Level at which the patient counts, from 0.
    pub counts_at: Option<usize>,
    /// The virtual patient and the dose of the ladder that was reached.
    pub followed: Option<(usize, Option<usize>)>,
    /// What a virtual patient who was infused went through; none where rates are stated.
    pub later: Option<Later>,
}

/// What a virtual patient goes through after the infusion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Later {
    /// Number of the virtual patient.
    pub number: u64,
    /// Day of the first response, if it was confirmed.
    pub response_on: Option<f64>,
    /// Day of progression.
    pub progression_on: Option<f64>,
    /// Day of death.
    pub death_on: Option<f64>,
    /// Last day that is known of the patient.
    pub last: f64,
    /// Visits, in days since the infusion.
    pub course: Course,
}

/// The first trial of the first scenario, and of virtual patients if that is another.
///
/// # Errors
/// If a trial cannot be run.
pub fn examples(asked: &DoseFinding, seed: u64) -> Result<Vec<Example>, DesignError> {
    let shown = |(k, (name, _)): &(usize, &(String, _))| *k == 0 || name == patients::NAME;
    let of = |(_, (name, truth)): (usize, &(String, _))| {
        let trial = asked.conduct.run(truth, seed, 0)?;
        Ok(example(name, &trial, asked.conduct.window))
    };
    asked.scenarios.iter().enumerate().filter(shown).map(of).collect()
}

fn example(scenario: &str, trial: &Finished, window: f64) -> Example {
    Example {
        scenario: scenario.to_owned(),
        patients: trial.patients.iter().map(|patient| example_patient(patient, window)).collect(),
        selected: trial.selected,
        duration: trial.duration,
        criteria: String::new(),
    }
}

fn example_patient(p: &TrialPatient, window: f64) -> ExamplePatient {
    let (fate, infused, dose) = match p.fate {
        Fate::NoApheresis => ("no apheresis", None, None),
        Fate::Lost { .. } => ("lost", None, None),
        Fate::NotMade { .. } => ("not made", None, None),
        Fate::Infused { after, dose, .. } => {
            let fate = if p.as_planned { "infused" } else { "under-dosed" };
            (fate, Some(p.enrolled + after), Some(dose))
        }
    };
    ExamplePatient {
        level: p.level,
        enrolled: p.enrolled,
        fate: fate.to_owned(),
        fate_on: p.enrolled + p.fate.known_after(),
        infused,
        dose,
        toxic: p.outcome.toxic,
        toxic_on: p.outcome.toxic.then_some(p.toxic_on),
        watched_to: infused.map(|day| if p.outcome.toxic { p.toxic_on } else { day + window }),
        responds: p.outcome.responds,
        counts_at: p.counts_at,
        followed: p.followed,
        later: None,
    }
}

/// Follows the virtual patients of the examples to their end.
///
/// # Errors
/// If one cannot be followed.
pub fn follow(examples: &mut [Example], question: &Question) -> Result<(), Failure> {
    let Some(patients) = &question.virtual_patients else { return Ok(()) };
    for example in examples.iter_mut().filter(|example| example.scenario == patients::NAME) {
        example.criteria = patients.criteria().to_string();
        for patient in &mut example.patients {
            if let (Some(infused), Some((place, Some(step)))) = (patient.infused, patient.followed) {
                // Those whom a test selects are counted among themselves.
                let number = question.called.as_ref().map_or(place, |called| called[place]);
                patient.later = Some(later(patients, (number as u64, step), infused, patient.responds)?);
            }
        }
    }
    Ok(())
}

fn later(
    patients: &Virtual,
    (number, step): (u64, usize),
    infused: f64,
    responds: bool,
) -> Result<Later, Failure> {
    let course = Course::of(&patients.one(number, step)?);
    let of = |place: usize| course.number_of(place);
    let happened = |place: usize| of(place).is_some_and(|flag| flag > 0.0);
    let (free, lasts, survival) = (of(PFS), of(RESPONSE_DURATION), of(SURVIVAL));
    let death = survival.filter(|_| happened(DIED));
    // Progression-free survival ends with death, too.
    let progression = free.filter(|day| happened(PROGRESSED) && death.is_none_or(|death| *day < death));
    let response = free.zip(lasts).map(|(free, lasts)| free - lasts).filter(|_| responds);
    let last = survival.or(free).unwrap_or(0.0);
    Ok(Later {
        number,
        response_on: response.map(|day| infused + day),
        progression_on: progression.map(|day| infused + day),
        death_on: death.map(|day| infused + day),
        last: infused + last,
        course,
    })
}
