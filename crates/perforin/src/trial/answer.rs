//! What came of the simulated trials, as it is kept in `summary.json`.

use std::collections::BTreeMap;

use perforin_core::study::trial::DesignWord;
use perforin_trial::dose_finding::DesignError;
use perforin_trial::dose_finding::board::Board;
use perforin_trial::dose_finding::conduct::{Conduct, Finished};
use perforin_trial::dose_finding::isotonic;
use perforin_trial::dose_finding::paths::{Given, paths};
use perforin_trial::dose_finding::rolling_six;
use perforin_trial::dose_finding::rule::{Decision, Rule};
use perforin_trial::dose_finding::summary::{Characteristics, characteristics};
use perforin_trial::dose_finding::truth::Truth;
use perforin_trial::dose_finding::{Move, Seen};
use perforin_trial::manufacturing::{Expected, Manufacturing, Policy};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::design;
use super::efficacy::Answered;
use super::endpoints::LevelEndpoints;
use super::example::{self, Example};
use super::question::{DoseFinding, Question, dose_words};
use super::selection::Seen as Selected;
use super::uncertainty::Known;

/// Trials whose estimates make the bands.
const BAND_TRIALS: u64 = 1000;
/// Quantiles of a band.
const BAND: [f64; 3] = [0.1, 0.5, 0.9];
/// Most patients at a dose in the decision table.
const TABLE_PATIENTS: u32 = 18;
/// Most outcomes of the first cohorts in the table of paths, and most cohorts.
const PATHS: usize = 500;
const PATH_COHORTS: usize = 4;
/// Whole courses that are listed of a scenario.
const COURSES: usize = 12;

/// What came of a study's trials.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// Dose levels as text.
    pub doses: Vec<String>,
    /// The trial that finds a dose.
    pub dose_finding: Option<Found>,
    /// Endpoints of virtual patients at each level.
    pub endpoints: Vec<LevelEndpoints>,
    /// The trial of efficacy.
    pub efficacy: Option<Answered>,
    /// What is not known of the parameters, if the study says.
    #[serde(default)]
    pub uncertainty: Option<Known>,
}

/// What came of a trial that finds a dose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// The design in full.
    pub design: String,
    /// Its word in the study.
    pub word: DesignWord,
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
    /// Decisions with pending patients, of the rolling six.
    pub rolling: Vec<rolling_six::Row>,
    /// Desirability of BOIN12: patients, toxicities, responses, score; none where the level is closed.
    pub desirability: Vec<(u32, u32, u32, Option<f64>)>,
    /// What the outcomes of the first cohorts lead to.
    pub paths: Vec<Path>,
    /// The first trial of the first scenario, and of virtual patients if that is another.
    pub examples: Vec<Example>,
    /// What the test that selects patients comes to, by scenario; empty without one.
    #[serde(default)]
    pub selected: Vec<Selected>,
    /// How the product is made, if the study says.
    pub making: Option<Making>,
}

/// Outcomes of the first cohorts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Path {
    /// The cohorts.
    pub cohorts: Vec<Given>,
    /// What follows.
    pub decision: Decision,
    /// Probability in each scenario, if every patient is infused as planned.
    pub chances: Vec<f64>,
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
    /// The commonest whole courses: levels in the order of enrolment, each once as long as it does not change, level
    /// selected, and the share of the trials of the bands; all levels from 0.
    pub courses: Vec<(Vec<usize>, Option<usize>, f64)>,
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
        uncertainty: None,
        endpoints: question.endpoints.clone(),
        doses: question.doses.iter().map(|dose| dose_words(*dose)).collect(),
        dose_finding: found,
    })
}

fn find(question: &Question, asked: &DoseFinding) -> Result<Found, DesignError> {
    let conduct = &asked.conduct;
    let scenarios = asked.scenarios.iter().map(|(name, truth)| scenario(question, asked, name, truth));
    let scenarios = scenarios.collect::<Result<_, DesignError>>()?;
    let board = Board::new(conduct.doses.len(), conduct.start);
    let truths: Vec<&Truth> = asked.scenarios.iter().map(|(_, truth)| truth).collect();
    Ok(Found {
        design: design::name(asked.design).to_owned(),
        word: asked.design,
        target: asked.target,
        cohort: conduct.cohort,
        patients: conduct.patients,
        most_enrolled: conduct.most_enrolled,
        window: conduct.window,
        accrual_interval: conduct.accrual_interval,
        trials: question.trials,
        scenarios,
        decisions: decisions(conduct),
        rolling: if matches!(conduct.rule, Rule::RollingSix) { rolling_six::table() } else { Vec::new() },
        desirability: desirability(conduct),
        paths: first_cohorts(conduct, &board, &truths)?,
        examples: example::examples(asked, question.seed)?,
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
    let (bands, courses) = followed(conduct, truth, question.trials.min(BAND_TRIALS), question.seed)?;
    Ok(ScenarioAnswer { name: name.to_owned(), seen, bands, courses, policies })
}

/// What the outcomes of the first cohorts lead to: as many cohorts as give a table that can be read.
fn first_cohorts(conduct: &Conduct, start: &Board, truths: &[&Truth]) -> Result<Vec<Path>, DesignError> {
    let most = PATH_COHORTS.min((conduct.patients / conduct.cohort) as usize).max(1);
    let mut found = paths(&conduct.rule, start, conduct.cohort, 1)?;
    for cohorts in 2..=most {
        let longer = paths(&conduct.rule, start, conduct.cohort, cohorts)?;
        if longer.len() > PATHS {
            break;
        }
        found = longer;
    }
    let chance = |truth: &Truth, cohorts: &[Given]| {
        cohorts.iter().map(|given| given.probability(truth.joint(conduct.doses[given.dose]))).product()
    };
    let path = |(cohorts, decision): (Vec<Given>, Decision)| {
        let chances = truths.iter().map(|truth| chance(truth, &cohorts)).collect();
        Path { cohorts, decision, chances }
    };
    Ok(found.into_iter().map(path).collect())
}

fn desirability(conduct: &Conduct) -> Vec<(u32, u32, u32, Option<f64>)> {
    let Rule::Boin12(design) = &conduct.rule else { return Vec::new() };
    let most = conduct.patients.min(TABLE_PATIENTS);
    let sizes: Vec<u32> = (1..=most / conduct.cohort).map(|k| k * conduct.cohort).collect();
    design.scores(&sizes)
}

/// Bands of the estimates at each level, and the commonest courses.
type Many = (Vec<Option<[f64; 3]>>, Vec<(Vec<usize>, Option<usize>, f64)>);

fn followed(conduct: &Conduct, truth: &Truth, trials: u64, seed: u64) -> Result<Many, DesignError> {
    let of = |trial: &Finished| (estimates(&trial.seen), course(trial));
    let (estimates, courses): (Vec<_>, Vec<_>) = (0..trials)
        .into_par_iter()
        .map(|number| conduct.run(truth, seed, number).map(|trial| of(&trial)))
        .collect::<Result<Vec<_>, DesignError>>()?
        .into_iter()
        .unzip();
    let mut counts: BTreeMap<(Vec<usize>, Option<usize>), u64> = BTreeMap::new();
    for course in courses {
        *counts.entry(course).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    // Equally common ones stay in the order of their levels.
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let share = |((levels, selected), count)| (levels, selected, count as f64 / trials.max(1) as f64);
    let commonest = counts.into_iter().take(COURSES).map(share).collect();
    let band = |level: usize| {
        let mut of_level: Vec<f64> = estimates.iter().filter_map(|trial| trial[level]).collect();
        of_level.sort_by(f64::total_cmp);
        let last = of_level.len().checked_sub(1)?;
        Some(BAND.map(|share| of_level[(share * last as f64).round() as usize]))
    };
    Ok(((0..conduct.doses.len()).map(band).collect(), commonest))
}

/// Levels in the order of enrolment, each once as long as it does not change, and the one selected.
fn course(trial: &Finished) -> (Vec<usize>, Option<usize>) {
    let mut levels: Vec<usize> = trial.patients.iter().map(|p| p.level).collect();
    levels.dedup();
    (levels, trial.selected)
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
