//! What many simulated trials come to: for all enrolled patients and for those infused.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::DesignError;
use super::board::Board;
use super::conduct::{Conduct, Finished};
use super::truth::Truth;
use crate::manufacturing::Fate;

/// Trials in one stretch that a thread works on; part of the contract "same seed, same bits".
const STRETCH: u64 = 64;
/// The lowest dose is still acceptable if its rate exceeds the target by at most this (assumed).
const TOLERATED_EXCESS: f64 = 0.1;
/// Share of patients above the right level from which on a trial counts as one that overdosed (assumed, as in the
/// literature of interval designs).
const OVERDOSING_SHARE: f64 = 0.6;

/// Counts over all trials at one level, by the level assigned unless said otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelCounts {
    /// Trials that select the level.
    pub selected: u64,
    /// Trials in which it is the highest level that is tolerated and feasible.
    pub feasible: u64,
    /// Patients enrolled.
    pub enrolled: u64,
    /// Failed aphereses.
    pub no_apheresis: u64,
    /// Lost while waiting.
    pub lost: u64,
    /// Products that could not be released.
    pub not_made: u64,
    /// Infused.
    pub infused: u64,
    /// Infused at the planned dose.
    pub planned: u64,
    /// Infused with a dose-limiting toxicity.
    pub toxic: u64,
    /// Infused as planned with a dose-limiting toxicity.
    pub planned_toxic: u64,
    /// Responses.
    pub responses: u64,
    /// Responses of those infused as planned.
    pub planned_responses: u64,
    /// Patients who count at the level.
    pub counted: u64,
    /// Those of them with a dose-limiting toxicity.
    pub counted_toxic: u64,
}

/// What a design does over many trials.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Characteristics {
    /// Trials.
    pub trials: u64,
    /// Counts by level.
    pub levels: Vec<LevelCounts>,
    /// Trials that select no level.
    pub none: u64,
    /// Trials in which no level is tolerated and feasible.
    pub none_feasible: u64,
    /// Trials that the design stopped because all doses are too toxic.
    pub stopped: u64,
    /// The right level, from 0, none if there is none ([`Rule::right`](super::rule::Rule::right)).
    pub right: Option<usize>,
    /// The maximum tolerated dose, from 0: the one whose true rate is nearest to the target; none if the lowest is too
    /// toxic. Designs that look at toxicity alone have it as the right level.
    pub tolerated: Option<usize>,
    /// Trials with 60 % of the infused patients or more assigned above the maximum tolerated dose.
    pub overdosing: u64,
    /// Mean duration, d.
    pub duration: f64,
    /// Standard deviation of the duration, d.
    pub duration_sd: f64,
    /// True rates of dose-limiting toxicity at the levels.
    pub true_toxicity: Vec<f64>,
    /// True response rates at the levels, if known.
    pub true_response: Option<Vec<f64>>,
}

/// The level whose true rate is nearest to the target, of equals the lowest; none if the lowest is too toxic.
pub fn right_level(rates: &[f64], target: f64) -> Option<usize> {
    let lowest = rates.first()?;
    if *lowest > target + TOLERATED_EXCESS {
        return None;
    }
    let distance = |d: usize| (rates[d] - target).abs();
    Some((1..rates.len()).fold(0, |best, d| if distance(d) < distance(best) { d } else { best }))
}

/// Simulates trials.
///
/// # Errors
/// If the trial cannot be run.
pub fn characteristics(
    conduct: &Conduct,
    truth: &Truth,
    target: f64,
    (trials, seed): (u64, u64),
) -> Result<Characteristics, DesignError> {
    let true_toxicity: Vec<f64> = conduct.doses.iter().map(|dose| truth.toxicity(*dose)).collect();
    let true_response = conduct.doses.iter().map(|dose| truth.response(*dose)).collect();
    let tolerated = right_level(&true_toxicity, target);
    let stretch = |stretch: u64| {
        let mut sum = Sum::new(conduct.doses.len(), tolerated);
        let mut board = Board::new(conduct.doses.len(), conduct.start);
        let mut trial = Finished::default();
        for number in stretch * STRETCH..((stretch + 1) * STRETCH).min(trials) {
            conduct.run_into(truth, (seed, number), &mut board, &mut trial)?;
            sum.add(&trial);
        }
        Ok(sum)
    };
    let parts: Vec<Sum> =
        (0..trials.div_ceil(STRETCH)).into_par_iter().map(stretch).collect::<Result<_, DesignError>>()?;
    // Durations are not whole, so that they are added in the order of the trials.
    let mut all = Sum::new(conduct.doses.len(), tolerated);
    for part in &parts {
        all.merge(part);
    }
    let n = trials.max(1) as f64;
    let mean = all.days / n;
    Ok(Characteristics {
        trials,
        levels: all.levels,
        none: all.none,
        none_feasible: all.none_feasible,
        stopped: all.stopped,
        right: conduct.rule.right(truth, &conduct.doses, target),
        tolerated,
        overdosing: all.overdosing,
        duration: mean,
        duration_sd: (all.days_squared / n - mean * mean).max(0.0).sqrt(),
        true_toxicity,
        true_response,
    })
}

#[derive(Clone, Debug)]
struct Sum {
    levels: Vec<LevelCounts>,
    tolerated: Option<usize>,
    none: u64,
    none_feasible: u64,
    stopped: u64,
    overdosing: u64,
    days: f64,
    days_squared: f64,
}

impl Sum {
    fn new(levels: usize, tolerated: Option<usize>) -> Self {
        let levels = vec![LevelCounts::default(); levels];
        Self {
            levels,
            tolerated,
            none: 0,
            none_feasible: 0,
            stopped: 0,
            overdosing: 0,
            days: 0.0,
            days_squared: 0.0,
        }
    }

    fn add(&mut self, trial: &Finished) {
        match trial.selected {
            Some(level) => self.levels[level].selected += 1,
            None => self.none += 1,
        }
        match trial.feasible {
            Some(level) => self.levels[level].feasible += 1,
            None => self.none_feasible += 1,
        }
        self.stopped += u64::from(trial.stopped);
        self.days += trial.duration;
        self.days_squared += trial.duration * trial.duration;
        let (mut infused, mut above) = (0_u32, 0_u32);
        for patient in &trial.patients {
            self.add_patient(patient);
            if patient.is_infused() {
                infused += 1;
                above += u32::from(self.tolerated.is_none_or(|tolerated| patient.level > tolerated));
            }
        }
        if infused > 0 && f64::from(above) >= OVERDOSING_SHARE * f64::from(infused) {
            self.overdosing += 1;
        }
        for (level, seen) in self.levels.iter_mut().zip(&trial.seen) {
            level.counted += u64::from(seen.treated);
            level.counted_toxic += u64::from(seen.toxic);
        }
    }

    fn add_patient(&mut self, patient: &super::conduct::TrialPatient) {
        let level = &mut self.levels[patient.level];
        level.enrolled += 1;
        match patient.fate {
            Fate::NoApheresis => level.no_apheresis += 1,
            Fate::Lost { .. } => level.lost += 1,
            Fate::NotMade { .. } => level.not_made += 1,
            Fate::Infused { .. } => {
                let (toxic, responds) =
                    (u64::from(patient.outcome.toxic), u64::from(patient.outcome.responds));
                level.infused += 1;
                level.toxic += toxic;
                level.responses += responds;
                if patient.as_planned {
                    level.planned += 1;
                    level.planned_toxic += toxic;
                    level.planned_responses += responds;
                }
            }
        }
    }

    fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.levels.iter_mut().zip(&other.levels) {
            mine.merge(theirs);
        }
        self.none += other.none;
        self.none_feasible += other.none_feasible;
        self.stopped += other.stopped;
        self.overdosing += other.overdosing;
        self.days += other.days;
        self.days_squared += other.days_squared;
    }
}

impl LevelCounts {
    /// Adds counts.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in [
            (&mut self.selected, other.selected),
            (&mut self.feasible, other.feasible),
            (&mut self.enrolled, other.enrolled),
            (&mut self.no_apheresis, other.no_apheresis),
            (&mut self.lost, other.lost),
            (&mut self.not_made, other.not_made),
            (&mut self.infused, other.infused),
            (&mut self.planned, other.planned),
            (&mut self.toxic, other.toxic),
            (&mut self.planned_toxic, other.planned_toxic),
            (&mut self.responses, other.responses),
            (&mut self.planned_responses, other.planned_responses),
            (&mut self.counted, other.counted),
            (&mut self.counted_toxic, other.counted_toxic),
        ] {
            *mine += theirs;
        }
    }
}

impl Characteristics {
    /// A count over trials as a share, with its Monte-Carlo standard error.
    pub fn share(&self, count: u64) -> (f64, f64) {
        let n = self.trials.max(1) as f64;
        let p = count as f64 / n;
        (p, (p * (1.0 - p) / n).sqrt())
    }

    /// A count of patients per trial.
    pub fn per_trial(&self, count: u64) -> f64 {
        count as f64 / self.trials.max(1) as f64
    }

    /// Counts of all levels together.
    pub fn total(&self) -> LevelCounts {
        self.levels.iter().fold(LevelCounts::default(), |mut sum, level| {
            sum.merge(level);
            sum
        })
    }

    /// Share of infused patients who were assigned above the maximum tolerated dose.
    pub fn overdosed(&self) -> f64 {
        let above: u64 = match self.tolerated {
            Some(tolerated) => self.levels[tolerated + 1..].iter().map(|level| level.infused).sum(),
            None => self.total().infused,
        };
        above as f64 / self.total().infused.max(1) as f64
    }
}
