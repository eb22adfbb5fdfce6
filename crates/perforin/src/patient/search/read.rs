//! `[population.search]` as a study has it.

use perforin_core::catalogue::patient;
use perforin_core::study::StudyValue;
use perforin_core::study::population::SearchSection;
use perforin_lesion::scenario::Notes;

use super::super::question::Question;
use super::super::seen::{OutcomeColumn, Scale};
use super::super::weighting::{edge_of, find};
use super::{Goal, Search};

/// Most patients that a search may choose: they are kept in memory.
const MOST: u64 = 10_000_000;

impl Search {
    /// Reads a search; nothing without one, or if something is wrong, which is noted.
    pub fn read(section: &SearchSection, question: &Question, notes: &mut Notes) -> Option<Self> {
        let path = "population.search";
        let before = notes.problems.len();
        let default = notes.value(patient::SEARCH_CANDIDATES.name, None, &patient::SEARCH_CANDIDATES);
        let candidates = section.candidates.unwrap_or((default * question.count as f64) as u64);
        if candidates < question.count || candidates > MOST {
            let message = format!("{candidates} candidates for {} patients", question.count);
            notes.wrong(
                &format!("{path}.candidates"),
                message,
                format!("give {} to {MOST}, ten for each patient or more", question.count),
            );
        }
        notes.given(&format!("{path}.candidates"), candidates as f64, "1", "Candidates that are drawn");
        let steps =
            notes.value(&format!("{path}.steps"), section.steps.map(f64::from), &patient::SEARCH_STEPS);
        let mut goals = Vec::new();
        let columns = question.outcome_columns();
        for (name, range) in &section.plausible {
            goals.extend(goal(name, range, &columns, notes));
        }
        if section.plausible.is_empty() && question.weighting.is_none() {
            let help = "give [population.search.plausible] with ranges of outcomes, or [population.marginal]";
            notes.wrong(path, "nothing says what is plausible or was observed", help);
        }
        check_ranges(question, notes);
        (notes.problems.len() == before).then_some(Self { candidates, steps: steps as u32, goals })
    }
}

/// Whether the logarithm of an outcome counts.
pub(super) fn is_log(question: &Question, column: usize) -> bool {
    question.outcome_columns().get(column).is_some_and(|column| column.scale == Scale::Log)
}

fn goal(name: &str, range: &[StudyValue; 2], columns: &[OutcomeColumn], notes: &mut Notes) -> Option<Goal> {
    let path = format!("population.search.plausible.{name}");
    let column = find(name, columns, &path, notes)?;
    let mut ends = [0.0; 2];
    for (end, value) in ends.iter_mut().zip(range) {
        match edge_of(value, &columns[column]) {
            Ok(value) => *end = value,
            Err(message) => {
                notes.wrong(
                    &path,
                    message,
                    "give the lowest and the highest plausible value with their unit",
                );
                return None;
            }
        }
    }
    let [low, high] = ends;
    if low > high {
        let message = format!("the range goes from {low} to {high}");
        notes.wrong(&path, message, "write the lower end first");
        return None;
    }
    let unit = columns[column].column.unit.clone();
    for (end, value) in [("lowest", low), ("highest", high)] {
        notes.given(&format!("{path}.{end}"), value, &unit, "End of the plausible range");
    }
    Some(Goal { column, low, high, is_log: columns[column].scale == Scale::Log })
}

/// Candidates are moved on a logarithmic scale.
fn check_ranges(question: &Question, notes: &mut Notes) {
    let Some(variation) = &question.variation else { return };
    let ranges = variation.ranges();
    if ranges.is_empty() {
        notes.wrong(
            "population.search",
            "nothing varies, so that nothing can be searched",
            "add [population.vary]",
        );
    }
    for ((low, high), (name, unit)) in ranges.iter().zip(&variation.columns) {
        if !(*low > 0.0 && high > low && high.is_finite()) {
            let help =
                format!("give [population.vary] of it a range such as [\"0.1 {unit}\", \"10 {unit}\"]");
            let message = format!("`{name}` varies from {low} to {high}: a search needs ends above zero");
            notes.wrong("population.vary", message, help);
        }
    }
}
