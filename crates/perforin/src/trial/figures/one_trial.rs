//! The figures of one simulated trial: dose levels, a swimmer plot in days since its start, and the lesions of its patients.

use crate::patient::answer::Course as PatientCourse;
use crate::patient::figures::{spider, waterfall};
use crate::report::course::{Course, Mark, Patient};
use crate::report::html::figure;
use crate::report::milestones::{Milestone, Milestones, Shape};
use crate::report::swimmer::{Lane, Stretch, Swimmer};
use crate::trial::efficacy::randomised::ExampleSubject;
use crate::trial::example::{Example, ExamplePatient};

/// Lanes at most.
const LANES: usize = 60;
/// Colours of the stretches: waiting, watched for toxicity, followed, after progression.
const WAITING: usize = 4;
const WATCHED: usize = 0;
const FOLLOWED: usize = 2;
const PROGRESSED: usize = 5;

/// All figures of a trial as HTML; `levels` are the dose levels in words.
pub(super) fn html(levels: &[String], example: &Example) -> String {
    let of = |patient: &ExamplePatient| Some(patient.later.as_ref()?.course.clone());
    let courses: Vec<PatientCourse> = example.patients.iter().filter_map(of).collect();
    let title = |what: &str| format!("{what}, one trial of {}", example.scenario);
    doses(levels, example)
        + &swimmer(&title("Swimmer plot"), example)
        + &waterfall(&title("Waterfall plot"), &courses, &example.criteria)
        + &spider(&title("Spider plot"), &courses, &example.criteria)
}

fn end(example: &Example) -> String {
    match example.selected {
        Some(level) => format!("level {} was selected", level + 1),
        None => "no level was selected".into(),
    }
}

/// Dose levels in the order of enrolment.
fn doses(levels: &[String], example: &Example) -> String {
    let patient = |p: &ExamplePatient| Patient {
        level: p.level,
        mark: match (p.infused.is_some(), p.toxic) {
            (false, _) => Mark::NotInfused,
            (true, true) => Mark::Toxic,
            (true, false) => Mark::Free,
        },
        is_reduced: p.fate == "under-dosed",
        told: format!("day {:.0}, {}{}", p.enrolled, p.fate, if p.responds { ", response" } else { "" }),
    };
    let end = end(example);
    let course = Course {
        alt: format!("Dose levels of the {} patients of one trial; {end}.", example.patients.len()),
        levels: levels.to_vec(),
        patients: example.patients.iter().map(patient).collect(),
    };
    let note = format!(
        "The first simulated trial of {}, patient by patient in the order of enrolment: {end} after {:.0} days. Filled: \
         dose-limiting toxicity; open: none; cross: not infused; half the size: less than planned.",
        example.scenario, example.duration
    );
    figure(&format!("One trial of {}", example.scenario), &note, &course.svg())
}

/// Lanes in days since the first enrolment.
fn swimmer(title: &str, example: &Example) -> String {
    let shown: Vec<(usize, &ExamplePatient)> = example.patients.iter().enumerate().take(LANES).collect();
    let is_followed = shown.iter().any(|(_, patient)| patient.later.is_some());
    let mut legend = vec![(WAITING, "waits".to_owned()), (WATCHED, "watched for toxicity".to_owned())];
    let mut shapes =
        vec![(Shape::Triangle, "infusion"), (Shape::Diamond, "toxicity"), (Shape::Circle, "response")];
    if is_followed {
        legend.extend([(FOLLOWED, "followed".to_owned()), (PROGRESSED, "progressed".to_owned())]);
        shapes.extend([(Shape::Square, "progression"), (Shape::Cross, "death")]);
    }
    if shown.iter().any(|(_, patient)| patient.infused.is_none()) {
        shapes.push((Shape::Ring, "not infused"));
    }
    let lanes = shown.iter().map(|(k, patient)| lane(*k, patient)).collect();
    let marks = shown.iter().enumerate().flat_map(|(lane, (_, patient))| marks(lane, patient)).collect();
    let plot = Milestones {
        swimmer: Swimmer {
            alt: format!(
                "Lanes of the {} patients of one trial over the days since its start, with what happened when; {}.",
                shown.len(),
                end(example)
            ),
            legend,
            lanes,
        },
        shapes: shapes.into_iter().map(|(shape, name)| (shape, name.to_owned())).collect(),
        marks,
    };
    let response = if is_followed {
        "Response, progression and death are those of the virtual patients; an arrow: followed no further"
    } else {
        "Where rates are stated the day of a response is not simulated: it stands at the end of the window"
    };
    let note = format!(
        "The first simulated trial of {}: days since its first enrolment, patients in the order of enrolment with the level \
         assigned. {response}.",
        example.scenario
    );
    figure(title, &note, &plot.svg())
}

/// The first patients of a randomised trial, in days since its first randomisation.
pub(super) fn of_randomised(title: &str, patients: &[ExampleSubject]) -> String {
    let lane = |(k, patient): (usize, &ExampleSubject)| {
        let free = patient.progression_on.unwrap_or(patient.last);
        let arm = if patient.product { "product" } else { "control" };
        let (colour, name) = if patient.product { (WATCHED, "product") } else { (WAITING, "control") };
        let all = [
            Stretch { days: (patient.enrolled, free), colour, name: format!("{name}, not progressed") },
            Stretch {
                days: (free, patient.last),
                colour: PROGRESSED,
                name: "alive after progression".into(),
            },
        ];
        Lane {
            name: format!("{}, {arm}", k + 1),
            stretches: all.into_iter().filter(|s| s.days.1 > s.days.0).collect(),
            goes_on: patient.death_on.is_none(),
        }
    };
    let marks = |(lane, patient): (usize, &ExampleSubject)| {
        let all = [
            (patient.infused_on, Shape::Triangle, "infusion"),
            (patient.progression_on, Shape::Square, "progression"),
            (patient.death_on, Shape::Cross, "death"),
        ];
        all.into_iter().filter_map(move |(day, shape, name)| {
            Some(Milestone { lane, day: day?, shape, name: name.to_owned() })
        })
    };
    let plot = Milestones {
        swimmer: Swimmer {
            alt: format!(
                "Lanes of the first {} patients of one randomised trial over the days.",
                patients.len()
            ),
            legend: vec![
                (WATCHED, "product".into()),
                (WAITING, "control".into()),
                (PROGRESSED, "progressed".into()),
            ],
            lanes: patients.iter().enumerate().map(lane).collect(),
        },
        shapes: [(Shape::Triangle, "infusion"), (Shape::Square, "progression"), (Shape::Cross, "death")]
            .map(|(shape, name)| (shape, name.to_owned()))
            .to_vec(),
        marks: patients.iter().enumerate().flat_map(marks).collect(),
    };
    let note = "The first simulated trial: days since its first randomisation, the first patients in that order; an arrow: \
                alive when the data are cut. Control patients who are infused have crossed over.";
    figure(title, note, &plot.svg())
}

fn lane(k: usize, patient: &ExamplePatient) -> Lane {
    let mut stretches = Vec::new();
    let mut add = |from: f64, to: f64, colour: usize, name: &str| {
        if to > from {
            stretches.push(Stretch { days: (from, to), colour, name: name.to_owned() });
        }
    };
    add(patient.enrolled, patient.fate_on, WAITING, "waits for the product");
    let mut goes_on = false;
    if let (Some(infused), Some(watched)) = (patient.infused, patient.watched_to) {
        let last = patient.later.as_ref().map_or(watched, |later| later.last);
        let watched = watched.min(last.max(infused));
        add(infused, watched, WATCHED, "watched for dose-limiting toxicity");
        if let Some(later) = &patient.later {
            let progressed = later.progression_on.unwrap_or(later.last);
            add(watched, progressed, FOLLOWED, "followed, not progressed");
            add(progressed.max(watched), later.last, PROGRESSED, "alive after progression");
            goes_on = later.death_on.is_none();
        }
    }
    Lane { name: format!("{}, level {}", k + 1, patient.level + 1), stretches, goes_on }
}

fn marks(lane: usize, patient: &ExamplePatient) -> Vec<Milestone> {
    let later = patient.later.as_ref();
    let response = match later {
        Some(later) => later.response_on,
        None => patient.watched_to.filter(|_| patient.responds),
    };
    let infusion =
        format!("infusion{}", if patient.fate == "under-dosed" { " of less than planned" } else { "" });
    let lost = patient.infused.is_none().then_some(patient.fate_on);
    let all = [
        (patient.infused, Shape::Triangle, infusion),
        (patient.toxic_on, Shape::Diamond, "dose-limiting toxicity".into()),
        (response, Shape::Circle, "response".into()),
        (later.and_then(|l| l.progression_on), Shape::Square, "progression".into()),
        (later.and_then(|l| l.death_on), Shape::Cross, "death".into()),
        (lost, Shape::Ring, format!("not infused: {}", patient.fate)),
    ];
    let mark =
        |(day, shape, name): (Option<f64>, Shape, String)| Some(Milestone { lane, day: day?, shape, name });
    all.into_iter().filter_map(mark).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial::example::Later;

    fn patient(later: Option<Later>) -> ExamplePatient {
        ExamplePatient {
            level: 1,
            enrolled: 10.0,
            fate: "infused".into(),
            fate_on: 31.0,
            infused: Some(31.0),
            dose: Some(1e8),
            toxic: true,
            toxic_on: Some(40.0),
            watched_to: Some(40.0),
            responds: true,
            counts_at: Some(1),
            followed: None,
            later,
        }
    }

    #[test]
    fn a_lane_runs_from_enrolment_over_infusion_to_the_last_day_that_is_known() {
        let course = PatientCourse { number: 7, outcome: Vec::new(), visits: Vec::new() };
        let later = Later {
            number: 7,
            response_on: Some(59.0),
            progression_on: Some(120.0),
            death_on: None,
            last: 300.0,
            course,
        };
        let followed = lane(0, &patient(Some(later.clone())));
        let days: Vec<(f64, f64)> = followed.stretches.iter().map(|s| s.days).collect();
        assert_eq!(days, [(10.0, 31.0), (31.0, 40.0), (40.0, 120.0), (120.0, 300.0)]);
        assert!(followed.goes_on);
        let found: Vec<f64> = marks(0, &patient(Some(later))).iter().map(|mark| mark.day).collect();
        assert_eq!(found, [31.0, 40.0, 59.0, 120.0]);
        // Without a virtual patient nothing is known after the window.
        let stated = lane(0, &patient(None));
        assert_eq!(stated.stretches.last().map(|s| s.days), Some((31.0, 40.0)));
        assert!(!stated.goes_on);
    }
}
