//! Cut-offs of the test that selects patients side by side, with the same patients.

use perforin_core::quantity::Fraction;
use perforin_lesion::scenario::Notes;
use perforin_trial::dose_finding::summary::{Characteristics, characteristics};
use serde::{Deserialize, Serialize};

use super::efficacy::PopulationRow;
use super::question::Question;
use super::selection;
use super::tables::{right_selected, too_high};
use crate::answer::{per_cent, rounded};
use crate::diagnose::groups;
use crate::failure::Failure;
use crate::report::chart::{Chart, FLOOR, Line};
use crate::report::html::figure;
use crate::study::Study;
use crate::table::{Rows, Table};

/// A cut-off in a scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The study's file.
    pub study: String,
    /// What the test comes to.
    pub test: selection::Seen,
    /// Patients tested in a trial, mean.
    pub screened: f64,
    /// What came of the trials.
    pub seen: Characteristics,
}

/// A cut-off in a trial of efficacy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EfficacyRow {
    /// The study's file.
    pub study: String,
    /// What the test comes to.
    pub test: selection::Seen,
    /// A design in those whom it selects.
    pub found: PopulationRow,
}

/// Cut-offs side by side.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// Trials that find a dose.
    pub finding: Vec<Row>,
    /// Trials of efficacy.
    pub efficacy: Vec<EfficacyRow>,
}

/// Simulates every study with every cut-off; virtual patients are followed once.
///
/// # Errors
/// If a study has no selection, a cut-off cannot be, or nobody reaches it.
pub fn compared(studies: &[Study], cut_offs: &[Fraction]) -> Result<Compared, Failure> {
    let mut compared = Compared::default();
    for study in studies {
        let section = study.file.trial.clone().unwrap_or_default();
        let followed = Question::new(study)?.follow()?;
        for cut_off in cut_offs {
            let mut varied = section.clone();
            let Some(selection) = &mut varied.selection else {
                let what = format!("`{}` selects no patients", study.place.display());
                return Err(
                    Failure::input(what).help("add [trial.selection] with `test`, `cut_off` and `patients`")
                );
            };
            selection.cut_off = *cut_off;
            check(*cut_off)?;
            let mut question = Question::of(study, &varied)?;
            question.add(followed.as_ref())?;
            compared.finding.extend(simulate(study, &question)?);
            compared.efficacy.extend(efficacy(study, &question)?);
        }
    }
    Ok(compared)
}

/// The designs of a trial of efficacy in those who are selected.
fn efficacy(study: &Study, question: &Question) -> Result<Vec<EfficacyRow>, Failure> {
    let Some(asked) = &question.efficacy else { return Ok(Vec::new()) };
    let answered = asked
        .answer(question.trials, question.seed)
        .map_err(|error| Failure::run("the trial could not be simulated").because(&error))?;
    let Some(test) = answered.selected else { return Ok(Vec::new()) };
    let own = answered.populations.into_iter().filter(|row| row.population == "selected");
    let row = |found| EfficacyRow { study: study.place.display().to_string(), test: test.clone(), found };
    Ok(own.map(row).collect())
}

fn check(cut_off: Fraction) -> Result<(), Failure> {
    let mut notes = Notes::default();
    groups::cut_off("--cut-offs", 1, cut_off, &mut notes);
    match notes.problems.pop() {
        None => Ok(()),
        Some(problem) => Err(Failure::input(format!("--cut-offs {cut_off}: {}", problem.message))
            .help(problem.help.unwrap_or_default())),
    }
}

fn simulate(study: &Study, question: &Question) -> Result<Vec<Row>, Failure> {
    let Some(asked) = &question.dose_finding else { return Ok(Vec::new()) };
    let eligible = 1.0 - question.manufacturing.map_or(0.0, |m| m.screen_failure);
    let of = |((name, truth), test): (&(String, _), &selection::Seen)| {
        debug_assert_eq!(*name, test.scenario);
        let seen = characteristics(&asked.conduct, truth, asked.target, (question.trials, question.seed))
            .map_err(|error| Failure::run("the trial could not be simulated").because(&error))?;
        let enrolled = seen.per_trial(seen.total().enrolled);
        Ok(Row {
            study: study.place.display().to_string(),
            screened: enrolled / eligible / test.positive,
            test: test.clone(),
            seen,
        })
    };
    asked.scenarios.iter().zip(&question.selected).map(of).collect()
}

impl Row {
    /// Response rate of infused patients.
    fn response(&self) -> Option<f64> {
        let total = self.seen.total();
        (self.seen.true_response.is_some() && total.infused > 0)
            .then(|| total.responses as f64 / total.infused as f64)
    }
}

/// Every table with the name of its file.
pub fn tables(compared: &Compared) -> Vec<(&'static str, Table)> {
    let mut all = Vec::new();
    if !compared.finding.is_empty() {
        all.push(("compare", table(&compared.finding)));
    }
    if !compared.efficacy.is_empty() {
        all.push(("compare_efficacy", efficacy_table(&compared.efficacy)));
    }
    all
}

fn efficacy_table(rows: &[EfficacyRow]) -> Table {
    let rate = |who: usize| move |r: &EfficacyRow| r.found.response.map(|both| both[who].rate);
    Rows::new(rows.to_vec())
        .text("study", "The study's file", |r| r.study.clone())
        .text("design", "The design", |r| r.found.design.clone())
        .number("cut_off", "Share of cells at the level from which on a patient is enrolled", |r| {
            Some(r.test.cut_off)
        })
        .number("prevalence", "Share of patients whose true share of cells reaches it", |r| {
            Some(r.test.prevalence)
        })
        .number("called_positive", "Share of patients called positive", |r| Some(r.test.positive))
        .number("response_infused", "True response rate of infused patients", rate(0))
        .number("response_enrolled", "True response rate of all enrolled", rate(1))
        .number("active_infused", "Probability of calling the product active, by infused patients", |r| {
            Some(r.found.active[0])
        })
        .number("active_enrolled", "The same by all enrolled (intention to treat)", |r| {
            Some(r.found.active[1])
        })
        .measured("enrolled", "patients", "Enrolled, expected", |r| Some(r.found.enrolled))
        .measured("screened", "patients", "Screened for them, expected", |r| Some(r.found.screened))
        .measured("below", "patients", "Of the enrolled those truly below the cut-off", |r| r.found.below)
        .measured(
            "turned_away",
            "patients",
            "Of the screened those who reach it and are called negative",
            |r| Some(r.found.turned_away),
        )
        .table
}

fn table(rows: &[Row]) -> Table {
    Rows::new(rows.to_vec())
        .text("study", "The study's file", |r| r.study.clone())
        .text("scenario", "The scenario", |r| r.test.scenario.clone())
        .number("cut_off", "Share of cells at the level from which on a patient is enrolled", |r| {
            Some(r.test.cut_off)
        })
        .number("prevalence", "Share of patients whose true share of cells reaches it", |r| {
            Some(r.test.prevalence)
        })
        .number("sensitivity", "Probability that one of them is called positive", |r| r.test.sensitivity)
        .number("specificity", "Probability that another is called negative", |r| r.test.specificity)
        .number("positive_predictive_value", "Share of them among those called positive", |r| r.test.ppv)
        .number("called_positive", "Share of patients called positive", |r| Some(r.test.positive))
        .measured("screened", "patients", "Tested, mean of a trial", |r| Some(r.screened))
        .measured("enrolled", "patients", "Enrolled, mean of a trial", |r| {
            Some(r.seen.per_trial(r.seen.total().enrolled))
        })
        .number("response", "Response rate of infused patients, over all simulated trials", Row::response)
        .number("toxicity", "Rate of dose-limiting toxicity of infused patients", |r| {
            let total = r.seen.total();
            (total.infused > 0).then(|| total.toxic as f64 / total.infused as f64)
        })
        .number("right_selected", "Share of trials that select the right level", |r| {
            Some(right_selected(&r.seen).0)
        })
        .number("right_selected_error", "Monte-Carlo standard error of that share", |r| {
            Some(right_selected(&r.seen).1)
        })
        .number("too_high", "Share of trials that select a level above the right one", |r| {
            Some(too_high(&r.seen))
        })
        .table
}

/// The comparison in lines.
pub fn in_words(compared: &Compared) -> String {
    let of_efficacy = |row: &EfficacyRow| {
        format!(
            "{} of cells, {}: {} are called positive, called active in {} by all enrolled, {} screened for {} enrolled",
            per_cent(row.test.cut_off),
            row.found.design,
            per_cent(row.test.positive),
            per_cent(row.found.active[1]),
            rounded(row.found.screened),
            rounded(row.found.enrolled)
        )
    };
    let line = |row: &Row| {
        let response =
            row.response().map_or(String::new(), |r| format!(", {} of the infused respond", per_cent(r)));
        let (right, error) = right_selected(&row.seen);
        format!(
            "{} of cells, \"{}\": {} are called positive, {} tested for {} enrolled{response}; right dose in {} (± {} points)",
            per_cent(row.test.cut_off),
            row.test.scenario,
            per_cent(row.test.positive),
            rounded(row.screened),
            rounded(row.seen.per_trial(row.seen.total().enrolled)),
            per_cent(right),
            rounded(100.0 * error)
        )
    };
    let lines = compared.finding.iter().map(line).chain(compared.efficacy.iter().map(of_efficacy));
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

/// Figures: how often a product is called active, and patients screened, against the cut-off.
fn efficacy_figures(rows: &[EfficacyRow]) -> String {
    let mut names: Vec<(&str, &str)> = Vec::new();
    for row in rows {
        let name = (row.study.as_str(), row.found.design.as_str());
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let is_single = names.iter().all(|name| name.0 == names[0].0);
    let chart = |y_label: &str, of: &dyn Fn(&EfficacyRow) -> f64| {
        let line = |(colour, (study, design)): (usize, &(&str, &str))| {
            let own: Vec<&EfficacyRow> =
                rows.iter().filter(|r| r.study == *study && r.found.design == *design).collect();
            let label = if is_single { (*design).to_owned() } else { format!("{study}: {design}") };
            let x = own.iter().map(|r| 100.0 * r.test.cut_off).collect();
            Line { label, colour, x, y: own.iter().map(|r| of(r)).collect() }
        };
        Chart {
            x_label: "cut-off, % of cells".into(),
            y_label: y_label.into(),
            log: false,
            floor: FLOOR,
            alt: format!("Line chart of {y_label} against the cut-off, {} designs.", names.len()),
            areas: Vec::new(),
            lines: names.iter().enumerate().map(line).collect(),
        }
    };
    let active = chart("called active, %", &|r| 100.0 * r.found.active[1]);
    let screened = chart("patients screened", &|r| r.found.screened);
    figure("Called active by cut-off", "By all enrolled.", &active.svg())
        + &figure("Patients screened by cut-off", "Expected, for one trial of efficacy.", &screened.svg())
}

/// All figures.
pub fn figures(compared: &Compared) -> String {
    let mut all = String::new();
    if !compared.finding.is_empty() {
        all += &finding_figures(&compared.finding);
    }
    if !compared.efficacy.is_empty() {
        all += &efficacy_figures(&compared.efficacy);
    }
    all
}

/// Figures: response and patients tested against the cut-off, by study and scenario.
fn finding_figures(rows: &[Row]) -> String {
    let mut names: Vec<(&str, &str)> = Vec::new();
    for row in rows {
        let name = (row.study.as_str(), row.test.scenario.as_str());
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let is_single = names.iter().all(|name| name.0 == names[0].0);
    let lines = |of: &dyn Fn(&Row) -> f64| -> Vec<Line> {
        let line = |(colour, (study, scenario)): (usize, &(&str, &str))| {
            let own: Vec<&Row> =
                rows.iter().filter(|r| r.study == *study && r.test.scenario == *scenario).collect();
            let label = if is_single { (*scenario).to_owned() } else { format!("{study}: {scenario}") };
            let x = own.iter().map(|r| 100.0 * r.test.cut_off).collect();
            Line { label, colour, x, y: own.iter().map(|r| of(r)).collect() }
        };
        names.iter().enumerate().map(line).collect()
    };
    let chart = |y_label: &str, alt: &str, lines: Vec<Line>| Chart {
        x_label: "cut-off, % of cells".into(),
        y_label: y_label.into(),
        log: false,
        floor: FLOOR,
        alt: format!("Line chart of {alt} against the cut-off in {} scenarios.", lines.len()),
        areas: Vec::new(),
        lines,
    };
    let response = chart(
        "response of infused patients, %",
        "the response rate",
        lines(&|r| r.response().map_or(f64::NAN, |v| 100.0 * v)),
    );
    let screened = chart("patients tested in a trial", "the patients tested", lines(&|r| r.screened));
    figure("Response by cut-off", "Of those infused in all simulated trials.", &response.svg())
        + &figure("Patients tested by cut-off", "For one trial, mean.", &screened.svg())
}
