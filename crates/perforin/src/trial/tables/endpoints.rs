//! The tables of the endpoints of virtual patients.

use crate::table::{Rows, Table};
use crate::trial::answer::Answer;
use crate::trial::endpoints::{Duration, LevelEndpoints};

/// One of the curves of a level.
type Which = fn(&LevelEndpoints) -> Option<&Duration>;

/// Response, its duration and time to progression at each level.
pub(super) fn endpoints(answer: &Answer) -> Table {
    let median =
        |of: Which, part: fn(&Duration) -> Option<f64>| move |r: &&LevelEndpoints| of(r).and_then(part);
    let rows: Vec<&LevelEndpoints> = answer.endpoints.iter().collect();
    let mut rows = Rows::new(rows)
        .whole("level", "1", "Dose level, from 1; every virtual patient is infused with it", |r| {
            r.level as i64 + 1
        })
        .text("enrolled", "All virtual patients, or those whom the test selects", |r| {
            r.enrolled.word().into()
        })
        .whole("patients", "patients", "Virtual patients", |r| i64::from(r.patients))
        .whole("responders", "patients", "Those with a confirmed response by RECIST 1.1", |r| {
            i64::from(r.responders)
        })
        .number("response", "Their share", |r| Some(f64::from(r.responders) / f64::from(r.patients.max(1))))
        .number("response_low", "Lower end of its 95 % interval (Clopper-Pearson)", |r| Some(r.interval.0))
        .number("response_high", "Upper end", |r| Some(r.interval.1));
    let curves: [(&str, &str, Which); 3] = [
        ("duration", "Median duration of response", |r| r.duration.as_ref()),
        ("progression", "Median progression-free survival of all", |r| r.progression.as_ref()),
        ("survival", "Median overall survival of all", |r| r.survival.as_ref()),
    ];
    for (name, what, of) in curves {
        rows = rows
            .measured(name, "d", &format!("{what}; NaN if not reached"), median(of, |d| d.median))
            .measured(
                &format!("{name}_low"),
                "d",
                "Lower end of its 95 % interval; NaN if open",
                median(of, |d| d.interval.0),
            )
            .measured(&format!("{name}_high"), "d", "Upper end", median(of, |d| d.interval.1));
    }
    rows.table
}

/// Kaplan–Meier curves of the duration of response.
pub(super) fn durations(answer: &Answer) -> Table {
    let meaning = "Day since the first response on which responses end";
    let share = "Share of the responders whose response lasts from then on (Kaplan-Meier)";
    curves(answer, |r| r.duration.as_ref(), meaning, ("lasting", share))
}

/// Those of progression-free survival.
pub(super) fn progression(answer: &Answer) -> Table {
    let share = "Share alive and without progression from then on (Kaplan-Meier)";
    curves(answer, |r| r.progression.as_ref(), "Day of progression or death", ("free", share))
}

/// Those of overall survival.
pub(super) fn survival(answer: &Answer) -> Table {
    let share = "Share alive from then on (Kaplan-Meier)";
    curves(answer, |r| r.survival.as_ref(), "Day of death", ("alive", share))
}

fn curves(
    answer: &Answer,
    of: impl Fn(&LevelEndpoints) -> Option<&Duration>,
    day: &str,
    (name, share): (&str, &str),
) -> Table {
    let steps = |r: &LevelEndpoints| of(r).map_or(Vec::new(), |d| d.curve.steps.clone());
    let rows: Vec<(&LevelEndpoints, f64, f64)> = answer
        .endpoints
        .iter()
        .flat_map(|r| steps(r).into_iter().map(move |(day, share)| (r, day, share)))
        .collect();
    Rows::new(rows)
        .whole("level", "1", "Dose level, from 1", |r| r.0.level as i64 + 1)
        .text("enrolled", "All virtual patients, or those whom the test selects", |r| {
            r.0.enrolled.word().into()
        })
        .measured("day", "d", day, |r| Some(r.1))
        .number(name, share, |r| Some(r.2))
        .table
}
