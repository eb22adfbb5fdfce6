//! The trial that finds a dose.

use perforin_core::catalogue::THE_STUDY;
use perforin_core::catalogue::trial as defaults;
use perforin_core::study::TrialSection;
use perforin_core::study::trial::{DesignWord, DoseFindingSection};
use perforin_lesion::scenario::Notes;
use perforin_trial::dose_finding::conduct::Conduct;
use perforin_trial::dose_finding::rule::Rule;
use perforin_trial::dose_finding::truth::Truth;
use perforin_trial::manufacturing::Manufacturing;

use super::{DoseFinding, days, levels, share, whole};
use crate::trial::design::{self, Setting};

/// Reads the section; what is wrong is noted.
pub(super) fn dose_finding(
    section: &TrialSection,
    doses: &[f64],
    manufacturing: Option<Manufacturing>,
    notes: &mut Notes,
) -> Option<DoseFinding> {
    let given = section.dose_finding.as_ref()?;
    let target = share("trial.target", section.target, &defaults::TARGET, notes);
    let window = days("trial.window", section.window, &defaults::WINDOW, notes);
    let accrual_interval =
        days("trial.accrual_interval", section.accrual_interval, &defaults::ACCRUAL_INTERVAL, notes);
    let Size { cohort, patients, most_enrolled } = size(given, doses.len(), manufacturing.is_some(), notes);
    let start = start(given, doses.len(), notes);
    let scenarios = levels::scenarios(section, doses, notes);
    // The rule is made of numbers that must be right.
    if !notes.problems.is_empty() {
        return None;
    }
    let unit = section.doses.first().map_or("cells", |dose| dose.unit());
    let rule = design::rule(given, Setting { doses, unit, target, patients }, notes)?;
    need_responses(&rule, &scenarios, notes);
    let conduct = Conduct {
        rule,
        doses: doses.to_vec(),
        cohort,
        patients,
        most_enrolled,
        start,
        window,
        accrual_interval,
        manufacturing,
    };
    match conduct.check() {
        Ok(conduct) => Some(DoseFinding { design: given.design, target, conduct, scenarios }),
        Err(error) => {
            notes.wrong("trial.dose_finding", error.to_string(), "correct it");
            None
        }
    }
}

fn path(key: &str) -> String {
    format!("trial.dose_finding.{key}")
}

/// How large the trial is.
struct Size {
    cohort: u32,
    patients: u32,
    most_enrolled: u32,
}

fn size(given: &DoseFindingSection, levels: usize, with_losses: bool, notes: &mut Notes) -> Size {
    let (cohort, patients) = (cohort(given, notes), patients(given, levels, notes));
    if cohort > patients {
        let message = format!("cohorts of {cohort} in a trial of {patients} patients");
        notes.wrong(&path("cohort"), message, "make it smaller");
    }
    Size { cohort, patients, most_enrolled: most_enrolled(given, patients, with_losses, notes) }
}

/// Patients treated together.
fn cohort(given: &DoseFindingSection, notes: &mut Notes) -> u32 {
    if given.cohort.is_none() && given.design == DesignWord::TiteCrm {
        let source = "patients are enrolled as they come (Cheung & Chappell 2000, doi \
                      10.1111/j.0006-341X.2000.01177.x)";
        notes.ledger.record(&path("cohort"), 1.0, "1", source, defaults::COHORT.meaning);
        return 1;
    }
    whole(&path("cohort"), given.cohort.map(u64::from), &defaults::COHORT, notes) as u32
}

/// Most patients who count.
fn patients(given: &DoseFindingSection, levels: usize, notes: &mut Notes) -> u32 {
    if given.patients.is_some() || !design::counts_itself(given.design) {
        return whole(&path("patients"), given.patients.map(u64::from), &defaults::PATIENTS, notes) as u32;
    }
    // Six at every level are the most that these designs can ask for.
    let most = 6 * levels.max(1) as u32;
    let source = "derived: six at every level are the most that the design asks for";
    notes.ledger.record(&path("patients"), f64::from(most), "1", source, defaults::PATIENTS.meaning);
    most
}

fn most_enrolled(given: &DoseFindingSection, patients: u32, with_losses: bool, notes: &mut Notes) -> u32 {
    let most = given.most_enrolled.unwrap_or(if with_losses { 3 * patients } else { patients });
    let source = match given.most_enrolled {
        Some(_) => THE_STUDY,
        None => "assumed: three times those who count, or as many where nobody is lost",
    };
    let meaning = "Most patients who are enrolled";
    notes.ledger.record(&path("most_enrolled"), f64::from(most), "1", source, meaning);
    if most < patients || most > 100_000 {
        let message = format!("at most {most} enrolled, but {patients} are to count");
        notes.wrong(&path("most_enrolled"), message, format!("give {patients} to 100000"));
    }
    most
}

/// Level of the first cohort, from 0.
fn start(given: &DoseFindingSection, levels: usize, notes: &mut Notes) -> usize {
    let start = given.start.unwrap_or(1);
    let source = if given.start.is_some() { THE_STUDY } else { "assumed: the lowest" };
    notes.ledger.record(&path("start"), f64::from(start), "1", source, "Dose level of the first cohort");
    if start == 0 || start as usize > levels {
        let message = format!("there is no level {start}; there are {levels}");
        notes.wrong(&path("start"), message, "count the levels from 1");
    }
    (start as usize).saturating_sub(1)
}

/// A design that looks at responses must know them.
fn need_responses(rule: &Rule, scenarios: &[(String, Truth)], notes: &mut Notes) {
    if !rule.needs_response() {
        return;
    }
    for (i, (name, truth)) in scenarios.iter().enumerate() {
        if matches!(truth, Truth::Stated { response: None, .. }) {
            let message = format!("the design looks at responses, but `{name}` states none");
            let help = "add response = [\"10 %\", …] at every level";
            notes.wrong(&format!("trial.scenario.{i}"), message, help);
        }
    }
}
