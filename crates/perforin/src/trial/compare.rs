//! Designs and sizes side by side on the same patients, and the smallest size that keeps stated error rates.

use perforin_core::study::TrialSection;
use perforin_core::study::trial::{DesignWord, DoseFindingSection};
use perforin_trial::dose_finding::summary::{Characteristics, characteristics};
use serde::{Deserialize, Serialize};

use super::question::Question;
use super::tables::{right_selected, too_high};
use crate::answer::{per_cent, rounded};
use crate::failure::Failure;
use crate::study::Study;
use crate::table::{Rows, Table};

/// Designs by their words in a study.
pub const DESIGNS: [(&str, DesignWord); 13] = [
    ("3+3", DesignWord::ThreePlusThree),
    ("3+3-de-escalation", DesignWord::ThreePlusThreeDeescalation),
    ("boin", DesignWord::Boin),
    ("tite-boin", DesignWord::TiteBoin),
    ("mtpi", DesignWord::Mtpi),
    ("mtpi-2", DesignWord::Mtpi2),
    ("keyboard", DesignWord::Keyboard),
    ("crm", DesignWord::Crm),
    ("rolling-six", DesignWord::RollingSix),
    ("tite-crm", DesignWord::TiteCrm),
    ("blrm", DesignWord::Blrm),
    ("ewoc", DesignWord::Ewoc),
    ("boin12", DesignWord::Boin12),
];

/// Error rates that a trial must keep in every scenario.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Demand {
    /// Least share of trials that select the right level, or none where none is right.
    pub right: f64,
    /// Largest share of trials that select a level above the right one.
    pub too_high: f64,
}

/// A variant in a scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The study's file.
    pub study: String,
    /// The design's word.
    pub design: String,
    /// Most patients who count.
    pub patients: u32,
    /// The scenario.
    pub scenario: String,
    /// What came of it.
    pub seen: Characteristics,
}

/// A design's word in a study.
pub fn word(design: DesignWord) -> &'static str {
    DESIGNS.iter().find(|(_, known)| *known == design).map_or("", |(word, _)| word)
}

/// Simulates every study with every design and size; without any, as the studies say.
///
/// # Errors
/// If a study, with a design or a size, cannot be simulated.
pub fn rows(studies: &[Study], designs: &[DesignWord], sizes: &[u32]) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    for study in studies {
        let section = study.file.trial.clone().unwrap_or_default();
        let followed = Question::new(study)?.follow()?;
        let own = section.dose_finding.as_ref().map(|d| d.design);
        let designs: Vec<Option<DesignWord>> =
            if designs.is_empty() { vec![own] } else { designs.iter().map(|d| Some(*d)).collect() };
        let sizes: Vec<Option<u32>> =
            if sizes.is_empty() { vec![None] } else { sizes.iter().map(|n| Some(*n)).collect() };
        for design in designs {
            for size in &sizes {
                let mut question = Question::of(study, &varied(&section, design, *size))?;
                question.add(followed.as_ref())?;
                rows.extend(simulate(study, &question)?);
            }
        }
    }
    Ok(rows)
}

/// The smallest number of patients, in steps of a cohort up to `most`, with which a design keeps the demand in every
/// scenario of a study; with its rows.
///
/// # Errors
/// If the study with the design cannot be simulated.
pub fn smallest(
    study: &Study,
    design: DesignWord,
    demand: Demand,
    most: u32,
) -> Result<Option<(u32, Vec<Row>)>, Failure> {
    let section = study.file.trial.clone().unwrap_or_default();
    let followed = Question::new(study)?.follow()?;
    let cohort = section.dose_finding.as_ref().and_then(|d| d.cohort).unwrap_or(3).max(1);
    for patients in (cohort..=most).step_by(cohort as usize) {
        let mut question = Question::of(study, &varied(&section, Some(design), Some(patients)))?;
        question.add(followed.as_ref())?;
        let rows = simulate(study, &question)?;
        let keeps =
            |row: &Row| right_selected(&row.seen).0 >= demand.right && too_high(&row.seen) <= demand.too_high;
        if rows.iter().all(keeps) {
            return Ok(Some((patients, rows)));
        }
    }
    Ok(None)
}

/// A trial with another design, without the parameters of the former one, and another size.
fn varied(section: &TrialSection, design: Option<DesignWord>, patients: Option<u32>) -> TrialSection {
    let mut section = section.clone();
    if let Some(given) = &mut section.dose_finding {
        if let Some(design) = design.filter(|design| *design != given.design) {
            *given = DoseFindingSection {
                design,
                cohort: given.cohort.filter(|_| !super::design::counts_itself(design)),
                too_low: None,
                too_high: None,
                margin: None,
                curve: None,
                skeleton: None,
                half_width: None,
                prior_level: None,
                variance: None,
                target_interval: None,
                feasibility: None,
                prior: None,
                least_response: None,
                utilities: None,
                ..given.clone()
            };
        }
        if patients.is_some() {
            given.patients = patients;
        }
    }
    section
}

fn simulate(study: &Study, question: &Question) -> Result<Vec<Row>, Failure> {
    let Some(asked) = &question.dose_finding else { return Ok(Vec::new()) };
    let row = |(name, truth): &(String, perforin_trial::dose_finding::truth::Truth)| {
        let size = (question.trials, question.seed);
        let seen = characteristics(&asked.conduct, truth, asked.target, size)
            .map_err(|error| Failure::run("the trial could not be simulated").because(&error))?;
        Ok(Row {
            study: study.place.display().to_string(),
            design: word(asked.design).to_owned(),
            patients: asked.conduct.patients,
            scenario: name.clone(),
            seen,
        })
    };
    asked.scenarios.iter().map(row).collect()
}

/// The comparison as a table.
pub fn table(rows: Vec<Row>) -> Table {
    Rows::new(rows)
        .text("study", "The study's file", |r| r.study.clone())
        .text("design", "The design", |r| r.design.clone())
        .whole("patients", "patients", "Most patients who count", |r| i64::from(r.patients))
        .text("scenario", "The scenario", |r| r.scenario.clone())
        .number("right_selected", "Share of trials that select the right level", |r| {
            Some(right_selected(&r.seen).0)
        })
        .number("right_selected_error", "Monte-Carlo standard error of that share", |r| {
            Some(right_selected(&r.seen).1)
        })
        .number("too_high", "Share of trials that select a level above the maximum tolerated dose", |r| {
            Some(too_high(&r.seen))
        })
        .number("overdosed", "Share of infused patients assigned above the maximum tolerated dose", |r| {
            Some(r.seen.overdosed())
        })
        .measured("toxic", "patients", "Dose-limiting toxicities, mean of a trial", |r| {
            Some(r.seen.per_trial(r.seen.total().toxic))
        })
        .measured("enrolled", "patients", "Enrolled, mean of a trial", |r| {
            Some(r.seen.per_trial(r.seen.total().enrolled))
        })
        .measured("duration", "d", "Mean duration of a trial", |r| Some(r.seen.duration))
        .table
}

/// The comparison in lines.
pub fn in_words(rows: &[Row]) -> String {
    let line = |row: &Row| {
        let (right, error) = right_selected(&row.seen);
        format!(
            "{} with at most {} patients, \"{}\": right in {} (± {} points), too high in {}, {} of the infused above the \
             maximum tolerated dose, {} enrolled in {} days",
            row.design,
            row.patients,
            row.scenario,
            per_cent(right),
            rounded(100.0 * error),
            per_cent(too_high(&row.seen)),
            per_cent(row.seen.overdosed()),
            rounded(row.seen.per_trial(row.seen.total().enrolled)),
            rounded(row.seen.duration)
        )
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n") + "\n"
}
