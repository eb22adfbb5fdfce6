//! How the product is made.

use perforin_core::catalogue::trial as defaults;
use perforin_core::quantity::Dose;
use perforin_core::study::trial::{ManufacturingSection, UnderDosedWord};
use perforin_lesion::scenario::Notes;
use perforin_trial::manufacturing::{Bridging, LogNormal, Manufacturing, Policy};

use super::{DAY, dose_words, share};

fn path(key: &str) -> String {
    format!("trial.manufacturing.{key}")
}

/// Reads the section; what is wrong is noted.
pub(super) fn manufacturing(
    section: &ManufacturingSection,
    levels: &[Dose],
    notes: &mut Notes,
) -> Option<Manufacturing> {
    let before = notes.problems.len();
    let (harvest, least) = cells(section, levels, notes);
    let (vein_to_vein, attrition, bridging) = waiting(section, notes);
    let mut of = |key: &str, given, parameter| share(&path(key), given, parameter, notes);
    let made = Manufacturing {
        screen_failure: of("screen_failure", section.screen_failure, &defaults::SCREEN_FAILURE),
        apheresis_failure: of("apheresis_failure", section.apheresis_failure, &defaults::APHERESIS_FAILURE),
        failure: of("failure", section.failure, &defaults::FAILURE),
        planned_from: of("planned_from", section.planned_from, &defaults::PLANNED_FROM),
        feasible_from: of("feasible_from", section.feasible_from, &defaults::FEASIBLE_FROM),
        harvest,
        least,
        policy: policy(section.under_dosed),
        vein_to_vein,
        attrition,
        bridging,
        replaces: section.replace.unwrap_or(true),
    };
    if notes.problems.len() > before {
        return None;
    }
    made.check().map_err(|error| notes.wrong("trial.manufacturing", error.to_string(), "correct it")).ok()
}

/// The yield, and the least dose that is given.
fn cells(section: &ManufacturingSection, levels: &[Dose], notes: &mut Notes) -> (LogNormal, f64) {
    let unit = levels.first().map_or("cells", |dose| dose.unit());
    let in_unit = |key: &str, dose: Dose, meaning: &str, notes: &mut Notes| {
        if dose.unit() != unit {
            let message = format!("{} is not in {unit}, the unit of the dose levels", dose_words(dose));
            notes.wrong(&path(key), message, "write it in that unit");
        }
        notes.given(&path(key), dose.value(), unit, meaning)
    };
    let median =
        in_unit("yield.median", section.harvest.median, "Median of the cells that can be given", notes);
    let log_sd = notes.given(
        &path("yield.log_sd"),
        section.harvest.log_sd,
        "1",
        "Standard deviation of the logarithm of the cells that can be given",
    );
    spread("yield.log_sd", log_sd, notes);
    let least = match section.least_dose {
        Some(dose) => in_unit("least_dose", dose, "Least dose that is given", notes),
        None => 0.0,
    };
    if let Some(lowest) = levels.first().filter(|dose| dose.value() < least) {
        let message = format!(
            "nothing below {least:e} {unit} is given, but the lowest level is {}",
            dose_words(*lowest)
        );
        notes.wrong(&path("least_dose"), message, "make it at most the lowest level");
    }
    (LogNormal { median, log_sd }, least)
}

/// Notes a spread that cannot be.
fn spread(key: &str, log_sd: f64, notes: &mut Notes) {
    if !(0.0..=5.0).contains(&log_sd) {
        notes.wrong(&path(key), format!("a standard deviation of {log_sd}"), "give 0 to 5");
    }
}

/// Time from enrolment to infusion, in d, the rate of loss meanwhile, per d, and therapy meanwhile.
fn waiting(section: &ManufacturingSection, notes: &mut Notes) -> (LogNormal, f64, Option<Bridging>) {
    let delay = notes.given(
        &path("vein_to_vein.median"),
        section.vein_to_vein.median.value() / DAY,
        "d",
        "Median time from enrolment to infusion",
    );
    let delay_sd = section.vein_to_vein.log_sd.unwrap_or(0.0);
    notes.given(&path("vein_to_vein.log_sd"), delay_sd, "1", "Standard deviation of its logarithm");
    spread("vein_to_vein.log_sd", delay_sd, notes);
    if let Some(ratio) =
        section.bridging.as_ref().map(|b| b.hazard_ratio).filter(|r| !(0.0..=100.0).contains(r))
    {
        let message = format!("a ratio of rates of {ratio}");
        notes.wrong(&path("bridging.hazard_ratio"), message, "give 0 to 100");
    }
    let attrition = section.attrition.map(|rate| rate.value() * DAY);
    let attrition = notes.value(&path("attrition"), attrition, &defaults::ATTRITION);
    let bridging = section.bridging.as_ref().map(|b| Bridging {
        share: notes.share(&path("bridging.share"), b.share.value(), "Share of patients with bridging"),
        hazard_ratio: notes.given(
            &path("bridging.hazard_ratio"),
            b.hazard_ratio,
            "1",
            "Rate of attrition with bridging over that without",
        ),
    });
    (LogNormal { median: delay, log_sd: delay_sd }, attrition, bridging)
}

fn policy(word: UnderDosedWord) -> Policy {
    match word {
        UnderDosedWord::AssignedLevel => Policy::AssignedLevel,
        UnderDosedWord::AchievedLevel => Policy::AchievedLevel,
        UnderDosedWord::Replace => Policy::Replace,
    }
}
