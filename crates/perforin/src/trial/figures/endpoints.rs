//! The figures of the endpoints of virtual patients.

use crate::patient::figures::{spider, swimmer, waterfall};
use crate::report::html::figure;
use crate::report::survival::Survival;
use crate::trial::answer::Answer;
use crate::trial::endpoints::{Duration, Enrolled, LevelEndpoints};

use super::efficacy::drawn;

/// Levels whose curves are drawn over each other.
const CURVES: usize = 6;

/// All figures as HTML; nothing without virtual patients.
pub(super) fn html(answer: &Answer) -> String {
    let curves = times(answer, "Duration of response", "the duration of response", |r| r.duration.as_ref())
        + &times(answer, "Progression-free survival", "progression-free survival", |r| {
            r.progression.as_ref()
        })
        + &times(answer, "Overall survival", "overall survival", |r| r.survival.as_ref());
    shown(answer).into_iter().fold(curves, |all, shown| all + &one_by_one(answer, shown))
}

/// Patients of a level one by one.
fn one_by_one(answer: &Answer, shown: &LevelEndpoints) -> String {
    let who = if shown.enrolled == Enrolled::Selected { ", selected" } else { "" };
    let title =
        |what: &str| format!("{what}, level {} ({}){who}", shown.level + 1, answer.doses[shown.level]);
    waterfall(&title("Waterfall plot"), &shown.courses, &shown.criteria)
        + &spider(&title("Spider plot"), &shown.courses, &shown.criteria)
        + &swimmer(&title("Swimmer plot"), &shown.courses)
}

/// The level whose patients are shown one by one, the right one, or the lowest; of those selected too, if a test selects.
fn shown(answer: &Answer) -> Vec<&LevelEndpoints> {
    let scenarios = answer.dose_finding.as_ref().map_or(&[][..], |found| &found.scenarios);
    let own = scenarios.iter().find(|s| s.name == crate::trial::patients::NAME);
    let right = own.and_then(|s| s.seen.right).unwrap_or(0);
    answer.endpoints.iter().filter(|level| level.level == right).collect()
}

/// Kaplan–Meier curves by dose level: those whom a test selects, if it does, and otherwise all.
fn times(
    answer: &Answer,
    title: &str,
    what: &str,
    of: impl Fn(&LevelEndpoints) -> Option<&Duration>,
) -> String {
    let is_selected = answer.endpoints.iter().any(|r| r.enrolled == Enrolled::Selected);
    let curves_of = |who: Enrolled| {
        let own = answer.endpoints.iter().filter(|r| r.enrolled == who);
        own.filter_map(|r| Some((r.level, of(r)?.curve.clone()))).take(CURVES).collect::<Vec<_>>()
    };
    let plot = |who: Enrolled| {
        let curves = curves_of(who);
        if curves.is_empty() {
            return String::new();
        }
        let names: Vec<&str> = curves.iter().map(|(_, curve)| curve.name.as_str()).collect();
        let survival = Survival {
            alt: format!("Kaplan–Meier curves of {what}: {}.", names.join(", ")),
            x_label: if what.starts_with("the duration") { "days since the first response" } else { "days" }
                .into(),
            curves: curves.iter().map(|(level, curve)| drawn(*level, curve)).collect(),
        };
        let patients = match who {
            Enrolled::Selected => "Virtual patients whom the test selects",
            Enrolled::All if is_selected => "All virtual patients, whether the test selects them or not",
            Enrolled::All => "Virtual patients",
        };
        let responders = if what.starts_with("the duration") {
            " Responders alone, who are not a randomised group."
        } else {
            ""
        };
        let note = format!(
            "{patients}, by dose level, all infused as planned; ticks: followed to the last visit without the event.{responders}"
        );
        figure(title, &note, &survival.svg())
    };
    if is_selected { plot(Enrolled::Selected) + &plot(Enrolled::All) } else { plot(Enrolled::All) }
}
