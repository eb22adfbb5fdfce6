//! `[trial.uncertainty]`: what is not known of the parameters, carried to what a trial comes to.
//!
//! Every outer draw takes the parameters from what is stated, follows the same virtual patients under them, and simulates
//! trials of its own. What comes of it is a band that the parameters cause, with the error of Monte Carlo apart.

use std::collections::BTreeMap;

use perforin_core::catalogue::trial as defaults;
use perforin_core::catalogue::{Parameter, patient};
use perforin_core::diagnostics::nearest;
use perforin_core::rng::{Purpose, Stream};
use perforin_core::study::StudyValue;
use perforin_core::study::uncertainty::{UncertainParameterSection, UncertaintySection};
use perforin_lesion::scenario::Notes;
use perforin_trial::dose_finding::DesignError;
use perforin_trial::dose_finding::truth::{RateCurve, Truth};
use perforin_trial::uncertainty::{Band, Law, shifted};
use serde::{Deserialize, Serialize};

use super::patients::{Patients, Virtual};
use super::question::Question;
use crate::failure::Failure;
use crate::patient::parameters::{key, value_in};
use crate::study::Study;

mod estimates;
pub mod show;

use estimates::Gathered;

const PATH: &str = "trial.uncertainty";
/// Place in the stream of an outer draw of the shifts of toxicity, response and hazard ratios; parameters follow.
const SHIFTS: [u32; 3] = [0, 1, 2];
const PARAMETERS: u32 = 8;
/// Place of the seed of its trials.
const TRIALS: u32 = u32::MAX;

/// What is known of a named parameter.
#[derive(Clone, Debug)]
struct Named {
    key: String,
    parameter: &'static Parameter,
    law: Law,
}

/// What is not known.
#[derive(Clone, Debug)]
pub struct Uncertain {
    draws: u64,
    trials: u64,
    /// Standard deviations of the shifts of toxicity, response and hazard ratios.
    shifts: [f64; 3],
    parameters: Vec<Named>,
}

/// An outer draw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Drawn {
    /// Shifts of the log odds of toxicity and response, and of the logarithm of hazard ratios.
    pub shifts: [f64; 3],
    /// Values of the named parameters.
    pub values: Vec<f64>,
}

/// A characteristic with what is not known of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The scenario, or the trial of efficacy.
    pub scenario: String,
    /// The characteristic.
    pub quantity: String,
    /// Dose level, from 0, if it is about one.
    pub level: Option<usize>,
    /// Unit.
    pub unit: String,
    /// What came of it.
    pub band: Band,
}

/// What came of all outer draws.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// Simulated trials of each outer draw.
    pub trials: u64,
    /// Names and units of the parameters.
    pub parameters: Vec<(String, String)>,
    /// Standard deviations of the shifts.
    pub shifts: [f64; 3],
    /// The outer draws.
    pub drawn: Vec<Drawn>,
    /// Characteristics.
    pub rows: Vec<Row>,
}

/// Reads the section; what is wrong is noted.
pub fn read(
    section: &UncertaintySection,
    question: &Question,
    has_stated: bool,
    notes: &mut Notes,
) -> Option<Uncertain> {
    let before = notes.problems.len();
    let draws = section.draws.map(|n| n as f64);
    let draws = notes.value(defaults::UNCERTAINTY_DRAWS.name, draws, &defaults::UNCERTAINTY_DRAWS) as u64;
    let trials = section.trials.unwrap_or(question.trials);
    notes.given(&format!("{PATH}.trials"), trials as f64, "1", "Simulated trials under each outer draw");
    if trials < 2 {
        notes.wrong(
            &format!("{PATH}.trials"),
            format!("{trials} trials"),
            "give 2 or more: one has no error",
        );
    }
    let shifts = shifts(section, notes);
    let parameters = parameters(section, question.virtual_patients.as_ref(), notes);
    let has_shift = shifts.iter().any(|sd| *sd > 0.0);
    if parameters.is_empty() && !has_shift && notes.problems.len() == before {
        let help = "add toxicity_sd, response_sd or hazard_ratio_sd, or [trial.uncertainty.parameter.NAME]";
        notes.wrong(PATH, "everything is known", help);
    }
    if (shifts[0] > 0.0 && !has_stated) || (shifts[2] > 0.0 && question.efficacy.is_none()) {
        let help = "name parameters of virtual patients in [trial.uncertainty.parameter]";
        notes.warn(PATH, "a shift acts on stated rates and hazard ratios alone, and there are none", help);
    }
    (notes.problems.len() == before).then_some(Uncertain { draws, trials, shifts, parameters })
}

fn shifts(section: &UncertaintySection, notes: &mut Notes) -> [f64; 3] {
    let given = [
        ("toxicity_sd", section.toxicity_sd, "Standard deviation of the shift of the log odds of toxicity"),
        ("response_sd", section.response_sd, "Standard deviation of the shift of the log odds of response"),
        ("hazard_ratio_sd", section.hazard_ratio_sd, "Standard deviation of the logarithm of hazard ratios"),
    ];
    given.map(|(key, given, meaning)| {
        let Some(sd) = given else { return 0.0 };
        let path = format!("{PATH}.{key}");
        if !(0.0..=5.0).contains(&sd) {
            notes.wrong(&path, format!("a standard deviation of {sd}"), "give 0 to 5");
        }
        notes.given(&path, sd, "1", meaning)
    })
}

fn parameters(section: &UncertaintySection, patients: Option<&Virtual>, notes: &mut Notes) -> Vec<Named> {
    if section.parameter.is_empty() {
        return Vec::new();
    }
    let Some(patients) = patients else {
        let help = "add [trial.virtual_patients], or state toxicity_sd and response_sd";
        notes.wrong(&format!("{PATH}.parameter"), "only virtual patients have parameters", help);
        return Vec::new();
    };
    section.parameter.iter().filter_map(|(name, given)| named(name, given, patients, notes)).collect()
}

fn named(
    name: &str,
    section: &UncertainParameterSection,
    patients: &Virtual,
    notes: &mut Notes,
) -> Option<Named> {
    let path = format!("{PATH}.parameter.{name}");
    let Some(parameter) = patient::TABLE.iter().find(|p| key(p) == name) else {
        let keys: Vec<String> = patient::TABLE.iter().map(|p| key(p)).collect();
        let help = match nearest(name, keys.iter().map(String::as_str)) {
            Some(right) => format!("did you mean `{right}`?"),
            None => format!("there are {}", keys.join(", ")),
        };
        notes.wrong(&path, format!("the model has no parameter `{name}`"), help);
        return None;
    };
    let law = match (section.log_sd, &section.interval, &section.range) {
        (Some(log_sd), None, None) => Ok(Law::LogNormal { median: patients.typical(parameter), log_sd }),
        (None, Some(ends), None) => both(ends, parameter)
            .and_then(|(low, high)| Law::of_interval(low, high).map_err(|error| error.to_string())),
        (None, None, Some(ends)) => both(ends, parameter).map(|(low, high)| Law::Uniform { low, high }),
        _ => Err("it is not said, or said twice, what is known of it".into()),
    };
    // A distribution that cannot be drawn from is refused here, at its line.
    let law = law.and_then(|law| match law.at(0.5, parameter.range) {
        Ok(_) => Ok(law),
        Err(error) => Err(error.to_string()),
    });
    match law {
        Ok(law) => {
            record(&path, law, parameter, notes);
            Some(Named { key: name.to_owned(), parameter, law })
        }
        Err(message) => {
            let unit = if parameter.unit == "1" { String::new() } else { format!(" {}", parameter.unit) };
            let help = format!(
                "give one of log_sd = 0.3, interval = [\"1{unit}\", \"3{unit}\"] or range = [\"1{unit}\", \"3{unit}\"], \
                 within {} to {}{unit}",
                parameter.range.0, parameter.range.1
            );
            notes.wrong(&path, message, help);
            None
        }
    }
}

fn both(ends: &[StudyValue; 2], parameter: &Parameter) -> Result<(f64, f64), String> {
    Ok((value_in(&ends[0], parameter.unit)?, value_in(&ends[1], parameter.unit)?))
}

fn record(path: &str, law: Law, parameter: &Parameter, notes: &mut Notes) {
    let mut put = |key: &str, value: f64, unit: &str, meaning: &str| {
        notes.given(&format!("{path}.{key}"), value, unit, &format!("{meaning}: {}", parameter.meaning));
    };
    match law {
        Law::LogNormal { median, log_sd } => {
            put("median", median, parameter.unit, "Median of what is known");
            put("log_sd", log_sd, "1", "Standard deviation of the logarithm of what is known");
        }
        Law::Uniform { low, high } => {
            put("lowest", low, parameter.unit, "Lowest value that may be");
            put("highest", high, parameter.unit, "Highest value that may be");
        }
    }
}

/// A value as a study states it.
fn stated(value: f64, unit: &str) -> StudyValue {
    if unit == "1" { StudyValue::Number(value) } else { StudyValue::Text(format!("{value:e} {unit}")) }
}

/// Stated rates with shifted log odds.
fn shifted_truth(truth: &Truth, doses: &[f64], [toxic, responds]: [f64; 2]) -> Result<Truth, DesignError> {
    let Truth::Stated { toxicity, response } = truth else { return Ok(truth.clone()) };
    let moved = |what, curve: &RateCurve, shift: f64| {
        RateCurve::new(
            what,
            doses,
            &curve.rates().iter().map(|rate| shifted(*rate, shift)).collect::<Vec<_>>(),
        )
    };
    Ok(Truth::Stated {
        toxicity: moved("toxicity rate", toxicity, toxic)?,
        response: response.as_ref().map(|curve| moved("response rate", curve, responds)).transpose()?,
    })
}

impl Uncertain {
    /// Number of outer draws.
    pub fn draws(&self) -> u64 {
        self.draws
    }

    /// Outer draw `number` and the seed of its trials.
    fn draw(&self, seed: u64, number: u64) -> Result<(Drawn, u64), DesignError> {
        let stream = Stream::new(seed, Purpose::Parameter);
        let mut shifts = self.shifts;
        for (shift, place) in shifts.iter_mut().zip(SHIFTS) {
            *shift *= stream.at(number, place).normal();
        }
        let value = |(named, place): (&Named, u32)| {
            named.law.at(stream.at(number, place).uniform(), named.parameter.range)
        };
        let values =
            self.parameters.iter().zip(PARAMETERS..).map(value).collect::<Result<_, DesignError>>()?;
        Ok((Drawn { shifts, values }, stream.at(number, TRIALS).bits64()))
    }

    /// Follows and simulates all outer draws, on the present pool of threads.
    ///
    /// # Errors
    /// If patients cannot be followed with a value, or a trial cannot be run.
    pub fn run(&self, study: &Study, question: &Question) -> Result<Known, Failure> {
        let refuse =
            |error: DesignError| Failure::run("a draw of the parameters cannot be simulated").because(&error);
        // Where no parameter of theirs is drawn, virtual patients are followed once.
        let known = if self.parameters.is_empty() { question.follow()? } else { None };
        let progress = show::progress(self.draws);
        let mut gathered = Gathered::default();
        let mut all = Vec::new();
        for number in 0..self.draws {
            let (drawn, seed) = self.draw(question.seed, number).map_err(refuse)?;
            let own = self.question(study, (question, known.as_ref()), &drawn)?;
            gathered.add(&own, (self.trials, seed)).map_err(refuse)?;
            all.push(drawn);
            progress.inc(1);
        }
        progress.finish_and_clear();
        let named = |named: &Named| (named.key.clone(), named.parameter.unit.to_owned());
        Ok(Known {
            trials: self.trials,
            parameters: self.parameters.iter().map(named).collect(),
            shifts: self.shifts,
            drawn: all,
            rows: gathered.rows(),
        })
    }

    /// The question under an outer draw.
    fn question(
        &self,
        study: &Study,
        (question, known): (&Question, Option<&Patients>),
        drawn: &Drawn,
    ) -> Result<Question, Failure> {
        let refuse =
            |error: DesignError| Failure::run("a draw of the parameters cannot be simulated").because(&error);
        let mut own = Question { selected: Vec::new(), ..question.clone() };
        if let Some(asked) = &mut own.dose_finding {
            let [toxic, responds, _] = drawn.shifts;
            let doses = &asked.conduct.doses;
            let moved = |(name, truth): &(String, Truth)| {
                Ok((name.clone(), shifted_truth(truth, doses, [toxic, responds])?))
            };
            asked.scenarios = question.stated.iter().map(moved).collect::<Result<_, _>>().map_err(refuse)?;
        }
        own.select().map_err(refuse)?;
        if let Some(efficacy) = &mut own.efficacy {
            *efficacy = efficacy.shifted(drawn.shifts[1], drawn.shifts[2]);
        }
        match (known, &question.virtual_patients) {
            (Some(known), _) => own.add(Some(known))?,
            (None, Some(patients)) => own.add(Some(&self.followed(study, patients, drawn)?))?,
            (None, None) => {}
        }
        Ok(own)
    }

    /// The virtual patients under an outer draw.
    fn followed(&self, study: &Study, patients: &Virtual, drawn: &Drawn) -> Result<Patients, Failure> {
        let named = self.parameters.iter().zip(&drawn.values);
        let values: BTreeMap<String, StudyValue> =
            named.clone().map(|(n, value)| (n.key.clone(), stated(*value, n.parameter.unit))).collect();
        patients.with(study, &values).and_then(|under| under.follow()).map_err(|failure| {
            let told = named.map(|(n, value)| format!("{} = {value:e} {}", n.key, n.parameter.unit));
            failure.help(format!("this is with {}", told.collect::<Vec<_>>().join(", ")))
        })
    }
}
