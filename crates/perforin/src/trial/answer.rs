//! What came of the simulated trials, as it is kept in `summary.json`.

use perforin_trial::dose_finding::DesignError;
use perforin_trial::dose_finding::conduct::{Conduct, Finished, TrialPatient};
use perforin_trial::dose_finding::isotonic;
use perforin_trial::dose_finding::rule::{Board, Decision, Given, paths};
use perforin_trial::dose_finding::summary::{Characteristics, characteristics};
use perforin_trial::dose_finding::truth::Truth;
use perforin_trial::dose_finding::{Move, Seen};
use perforin_trial::manufacturing::{Expected, Fate, Manufacturing, Policy};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::design;
use super::efficacy::Answered;
use super::question::{DoseFinding, Question, dose_words};
use super::selection::Seen as Selected;

/// Trials whose estimates make the bands.
const BAND_TRIALS: u64 = 1000;
/// Quantiles of a band.
const BAND: [f64; 3] = [0.1, 0.5, 0.9];
/// Most patients at a dose in the decision table.
const TABLE_PATIENTS: u32 = 18;
/// Cohorts of the table of paths.
const PATH_COHORTS: usize = 3;

/// What came of a study's trials.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// Dose levels as text.
    pub doses: Vec<String>,
    /// The trial that finds a dose.
    pub dose_finding: Option<Found>,
    /// The trial of efficacy.
    pub efficacy: Option<Answered>,
}

/// What came of a trial that finds a dose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// The design in full.
    pub design: String,
    /// Target rate.
    pub target: f64,
    /// Patients treated together.
    pub cohort: u32,
    /// Most patients who count.
    pub patients: u32,
    /// Most patients who are enrolled.
    pub most_enrolled: u32,
    /// Time over which a patient is watched, d.
    pub window: f64,
    /// Mean interval between patients, d.
    pub accrual_interval: f64,
    /// Simulated trials of each scenario.
    pub trials: u64,
    /// Scenarios.
    pub scenarios: Vec<ScenarioAnswer>,
    /// Decisions at one dose: patients, toxicities, move; empty where other doses matter.
    pub decisions: Vec<(u32, u32, Move)>,
    /// What the outcomes of the first cohorts lead to.
    pub paths: Vec<(Vec<Given>, Decision)>,
    /// The first trial of the first scenario.
    pub example: Example,
    /// What the test that selects patients comes to, by scenario; empty without one.
    #[serde(default)]
    pub selected: Vec<Selected>,
    /// How the product is made, if the study says.
    pub making: Option<Making>,
}

/// What came of a scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScenarioAnswer {
    /// Its name.
    pub name: String,
    /// Counts over all trials.
    pub seen: Characteristics,
    /// Estimated toxicity rate at each level in the trials that tried it: 10 %, 50 % and 90 % quantile.
    pub bands: Vec<Option<[f64; 3]>>,
    /// The same trials under each policy for under-dosed patients, if there are any.
    pub policies: Vec<(Policy, Characteristics)>,
}

/// How the product is made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Making {
    /// What is done with under-dosed patients.
    pub policy: Policy,
    /// Share of screened patients who are not eligible.
    pub screen_failure: f64,
    /// Share of the planned dose from which on a patient counts as given it.
    pub planned_from: f64,
    /// Least share of patients with which a level is feasible.
    pub feasible_from: f64,
    /// Exact shares at each level.
    pub expected: Vec<Expected>,
}

/// A trial as an example.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Example {
    /// Patients in the order of enrolment.
    pub patients: Vec<ExamplePatient>,
    /// Level selected, from 0.
    pub selected: Option<usize>,
    /// Days.
    pub duration: f64,
}

/// A patient of the example.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExamplePatient {
    /// Level assigned, from 0.
    pub level: usize,
    /// Day of enrolment.
    pub enrolled: f64,
    /// `infused`, `under-dosed`, `no apheresis`, `lost` or `not made`.
    pub fate: String,
    /// Day of infusion.
    pub infused: Option<f64>,
    /// Dose given.
    pub dose: Option<f64>,
    /// Dose-limiting toxicity.
    pub toxic: bool,
    /// Response.
    pub responds: bool,
    /// Level at which the patient counts, from 0.
    pub counts_at: Option<usize>,
}

/// Simulates what a question asks.
///
/// # Errors
/// If a trial cannot be run.
pub fn answer(question: &Question) -> Result<Answer, DesignError> {
    let found = question.dose_finding.as_ref().map(|asked| find(question, asked)).transpose()?;
    let efficacy = question.efficacy.as_ref();
    let efficacy = efficacy.map(|asked| asked.answer(question.trials, question.seed)).transpose()?;
    Ok(Answer {
        efficacy,
        doses: question.doses.iter().map(|dose| dose_words(*dose)).collect(),
        dose_finding: found,
    })
}

fn find(question: &Question, asked: &DoseFinding) -> Result<Found, DesignError> {
    let conduct = &asked.conduct;
    let scenarios = asked.scenarios.iter().map(|(name, truth)| scenario(question, asked, name, truth));
    let scenarios = scenarios.collect::<Result<_, DesignError>>()?;
    let first = conduct.run(&asked.scenarios[0].1, question.seed, 0)?;
    let board = Board::new(conduct.doses.len(), conduct.start);
    let cohorts = PATH_COHORTS.min((conduct.patients / conduct.cohort) as usize);
    Ok(Found {
        design: design::name(asked.design).to_owned(),
        target: asked.target,
        cohort: conduct.cohort,
        patients: conduct.patients,
        most_enrolled: conduct.most_enrolled,
        window: conduct.window,
        accrual_interval: conduct.accrual_interval,
        trials: question.trials,
        scenarios,
        decisions: decisions(conduct),
        paths: paths(&conduct.rule, &board, conduct.cohort, cohorts)?,
        example: example(&first),
        selected: question.selected.clone(),
        making: conduct.manufacturing.map(|m| making(&m, &conduct.doses)),
    })
}

fn scenario(
    question: &Question,
    asked: &DoseFinding,
    name: &str,
    truth: &Truth,
) -> Result<ScenarioAnswer, DesignError> {
    let (conduct, size) = (&asked.conduct, (question.trials, question.seed));
    let seen = characteristics(conduct, truth, asked.target, size)?;
    let mut policies = Vec::new();
    if let Some(process) = conduct.manufacturing {
        for policy in [Policy::AssignedLevel, Policy::AchievedLevel, Policy::Replace] {
            let manufacturing = Some(Manufacturing { policy, ..process });
            let other = Conduct { manufacturing, ..conduct.clone() };
            let seen = if policy == process.policy {
                seen.clone()
            } else {
                characteristics(&other, truth, asked.target, size)?
            };
            policies.push((policy, seen));
        }
    }
    let bands = bands(conduct, truth, question.trials.min(BAND_TRIALS), question.seed)?;
    Ok(ScenarioAnswer { name: name.to_owned(), seen, bands, policies })
}

fn bands(
    conduct: &Conduct,
    truth: &Truth,
    trials: u64,
    seed: u64,
) -> Result<Vec<Option<[f64; 3]>>, DesignError> {
    let estimates: Vec<Vec<Option<f64>>> = (0..trials)
        .into_par_iter()
        .map(|number| conduct.run(truth, seed, number).map(|trial| estimates(&trial.seen)))
        .collect::<Result<_, DesignError>>()?;
    let band = |level: usize| {
        let mut of_level: Vec<f64> = estimates.iter().filter_map(|trial| trial[level]).collect();
        of_level.sort_by(f64::total_cmp);
        let last = of_level.len().checked_sub(1)?;
        Some(BAND.map(|share| of_level[(share * last as f64).round() as usize]))
    };
    Ok((0..conduct.doses.len()).map(band).collect())
}

/// The estimated rate at each level that was tried.
fn estimates(seen: &[Seen]) -> Vec<Option<f64>> {
    let tried: Vec<usize> = (0..seen.len()).filter(|d| seen[*d].treated > 0).collect();
    let of_tried: Vec<Seen> = tried.iter().map(|d| seen[*d]).collect();
    let mut all = vec![None; seen.len()];
    for (level, rate) in tried.into_iter().zip(isotonic::rates(&of_tried)) {
        all[level] = Some(rate);
    }
    all
}

fn decisions(conduct: &Conduct) -> Vec<(u32, u32, Move)> {
    let most = conduct.patients.min(TABLE_PATIENTS);
    let cells = (1..=most).flat_map(|n| (0..=n).map(move |y| (n, y)));
    cells.filter_map(|(n, y)| conduct.rule.decide(n, y).map(|decision| (n, y, decision))).collect()
}

fn making(process: &Manufacturing, doses: &[f64]) -> Making {
    Making {
        policy: process.policy,
        screen_failure: process.screen_failure,
        planned_from: process.planned_from,
        feasible_from: process.feasible_from,
        expected: doses.iter().map(|dose| process.expected(*dose)).collect(),
    }
}

fn example(trial: &Finished) -> Example {
    let patient = |p: &TrialPatient| {
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
            infused,
            dose,
            toxic: p.outcome.toxic,
            responds: p.outcome.responds,
            counts_at: p.counts_at,
        }
    };
    Example {
        patients: trial.patients.iter().map(patient).collect(),
        selected: trial.selected,
        duration: trial.duration,
    }
}
