//! The dose levels, and what is true at them.

use perforin_core::quantity::Fraction;
use perforin_core::study::TrialSection;
use perforin_core::study::trial::TrialScenarioSection;
use perforin_lesion::scenario::Notes;
use perforin_trial::dose_finding::truth::{RateCurve, Truth};

use super::dose_words;

/// Most levels: a course of the smallest design must be followed by hand.
const MOST_LEVELS: usize = 30;

/// The levels' numbers; what is wrong with them is noted.
pub(super) fn doses(section: &TrialSection, notes: &mut Notes) -> Vec<f64> {
    let levels = &section.doses;
    if levels.is_empty() || levels.len() > MOST_LEVELS {
        let message = format!("there are {} dose levels", levels.len());
        notes.wrong("trial.doses", message, "give 1 to 30, such as [\"1e8 CAR+ cells\", \"3e8 CAR+ cells\"]");
    }
    for (i, pair) in levels.windows(2).enumerate() {
        let path = format!("trial.doses.{}", i + 1);
        if pair[1].unit() != pair[0].unit() {
            let message = format!(
                "{} after {}: they are not counted in the same way",
                dose_words(pair[1]),
                dose_words(pair[0])
            );
            notes.wrong(&path, message, "write all levels in one unit");
        } else if pair[1].value() <= pair[0].value() {
            let message =
                format!("{} after {}: dose levels must increase", dose_words(pair[1]), dose_words(pair[0]));
            notes.wrong(&path, message, "put them in order");
        }
    }
    if levels.first().is_some_and(|dose| dose.value() <= 0.0) {
        notes.wrong("trial.doses.0", "a dose of nothing", "begin with a positive dose");
    }
    for (i, dose) in levels.iter().enumerate() {
        let meaning = format!("Dose level {}", i + 1);
        notes.given(&format!("trial.doses.{i}"), dose.value(), dose.unit(), &meaning);
    }
    levels.iter().map(|dose| dose.value()).collect()
}

/// What is true, in each scenario.
pub(super) fn scenarios(section: &TrialSection, doses: &[f64], notes: &mut Notes) -> Vec<(String, Truth)> {
    if section.scenario.is_empty() && section.virtual_patients.is_none() {
        let help = "add [trial.virtual_patients], or [[trial.scenario]] with a name and toxicity = [\"5 %\", …] at every level";
        notes.wrong("trial.scenario", "nothing is said to be true", help);
    }
    let mut known: Vec<(String, Truth)> = Vec::new();
    for (i, scenario) in section.scenario.iter().enumerate() {
        let path = |key: &str| format!("trial.scenario.{i}.{key}");
        if known.iter().any(|(name, _)| *name == scenario.name) {
            notes.wrong(&path("name"), format!("`{}` stands twice", scenario.name), "give another name");
        }
        if !crate::patient::fits_in_a_table(&scenario.name) {
            let message = format!("the name {:?} cannot stand in a table", scenario.name);
            notes.wrong(&path("name"), message, "use letters, digits, `_` and `-`");
        }
        let toxicity = curve((scenario, i), ("toxicity", "toxicity rate"), &scenario.toxicity, doses, notes);
        let response = scenario.response.as_ref();
        let response = response
            .and_then(|rates| curve((scenario, i), ("response", "response rate"), rates, doses, notes));
        if scenario.toxicity.windows(2).any(|w| w[1].value() < w[0].value()) {
            let help = "every design here takes it that toxicity rises with the dose";
            notes.warn(&path("toxicity"), "toxicity falls with the dose", help);
        }
        if let Some(toxicity) = toxicity {
            known.push((scenario.name.clone(), Truth::Stated { toxicity, response }));
        }
    }
    known
}

/// Rates of the scenario with a number at the levels; nothing if they are wrong, which is noted.
fn curve(
    (scenario, i): (&TrialScenarioSection, usize),
    (key, what): (&str, &'static str),
    rates: &[Fraction],
    doses: &[f64],
    notes: &mut Notes,
) -> Option<RateCurve> {
    let numbers: Vec<f64> = rates.iter().map(|rate| rate.value()).collect();
    for (level, rate) in numbers.iter().enumerate() {
        let meaning = format!("Scenario {}: {what} at level {}", scenario.name, level + 1);
        notes.given(&format!("trial.scenario.{i}.{key}.{level}"), *rate, "1", &meaning);
    }
    if numbers.len() != doses.len() {
        let message = format!("{} rates for {} dose levels", numbers.len(), doses.len());
        let path = format!("trial.scenario.{i}.{key}");
        notes.wrong(&path, message, "give one rate for every dose level");
        return None;
    }
    // Doses that are wrong have been noted.
    RateCurve::new(what, doses, &numbers).ok()
}
