//! The figures of the endpoints of virtual patients.

use crate::patient::figures::{spider, swimmer, waterfall};
use crate::report::html::figure;
use crate::report::survival::Survival;
use crate::trial::answer::Answer;
use crate::trial::endpoints::{Duration, LevelEndpoints};

use super::efficacy::drawn;

/// Levels whose curves are drawn over each other.
const CURVES: usize = 6;

/// All figures as HTML; nothing without virtual patients.
pub(super) fn html(answer: &Answer) -> String {
    let Some(shown) = shown(answer) else { return String::new() };
    let title = |what: &str| format!("{what}, level {} ({})", shown.level + 1, answer.doses[shown.level]);
    duration(answer)
        + &waterfall(&title("Waterfall plot"), &shown.courses, &shown.criteria)
        + &spider(&title("Spider plot"), &shown.courses, &shown.criteria)
        + &swimmer(&title("Swimmer plot"), &shown.courses)
}

/// The level whose patients are shown one by one: the right one, or the lowest.
fn shown(answer: &Answer) -> Option<&LevelEndpoints> {
    let scenarios = answer.dose_finding.as_ref().map_or(&[][..], |found| &found.scenarios);
    let own = scenarios.iter().find(|s| s.name == crate::trial::patients::NAME);
    let right = own.and_then(|s| s.seen.right).unwrap_or(0);
    answer.endpoints.iter().find(|level| level.level == right)
}

fn duration(answer: &Answer) -> String {
    let with = |r: &LevelEndpoints| r.duration.as_ref().map(|d: &Duration| (r.level, d.curve.clone()));
    let curves: Vec<_> = answer.endpoints.iter().filter_map(with).take(CURVES).collect();
    if curves.is_empty() {
        return String::new();
    }
    let names: Vec<&str> = curves.iter().map(|(_, curve)| curve.name.as_str()).collect();
    let survival = Survival {
        alt: format!("Kaplan–Meier curves of the duration of response: {}.", names.join(", ")),
        x_label: "days since the first response".into(),
        curves: curves.iter().map(|(level, curve)| drawn(*level, curve)).collect(),
    };
    let note = "Virtual patients with a confirmed response, by dose level, all infused as planned; ticks: response goes on at \
                the last visit. Responders are not a randomised group.";
    figure("Duration of response", note, &survival.svg())
}
