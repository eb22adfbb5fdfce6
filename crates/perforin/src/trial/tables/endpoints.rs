//! The tables of the endpoints of virtual patients.

use crate::table::{Rows, Table};
use crate::trial::answer::Answer;
use crate::trial::endpoints::{Duration, LevelEndpoints};

/// Response, its duration and time to progression at each level.
pub(super) fn endpoints(answer: &Answer) -> Table {
    let median = |of: fn(&LevelEndpoints) -> Option<&Duration>, part: fn(&Duration) -> Option<f64>| {
        move |r: &&LevelEndpoints| of(r).and_then(part)
    };
    let rows: Vec<&LevelEndpoints> = answer.endpoints.iter().collect();
    Rows::new(rows)
        .whole("level", "1", "Dose level, from 1; every virtual patient is infused with it", |r| {
            r.level as i64 + 1
        })
        .whole("patients", "patients", "Virtual patients", |r| i64::from(r.patients))
        .whole("responders", "patients", "Those with a confirmed response by RECIST 1.1", |r| {
            i64::from(r.responders)
        })
        .number("response", "Their share", |r| Some(f64::from(r.responders) / f64::from(r.patients.max(1))))
        .number("response_low", "Lower end of its 95 % interval (Clopper-Pearson)", |r| Some(r.interval.0))
        .number("response_high", "Upper end", |r| Some(r.interval.1))
        .measured(
            "duration",
            "d",
            "Median duration of response; NaN if not reached",
            median(|r| r.duration.as_ref(), |d| d.median),
        )
        .measured(
            "duration_low",
            "d",
            "Lower end of its 95 % interval; NaN if open",
            median(|r| r.duration.as_ref(), |d| d.interval.0),
        )
        .measured("duration_high", "d", "Upper end", median(|r| r.duration.as_ref(), |d| d.interval.1))
        .measured(
            "progression",
            "d",
            "Median time to progression of all; NaN if not reached",
            median(|r| r.progression.as_ref(), |d| d.median),
        )
        .table
}

/// Kaplan–Meier curves of the duration of response.
pub(super) fn durations(answer: &Answer) -> Table {
    let steps = |r: &LevelEndpoints| r.duration.as_ref().map_or(Vec::new(), |d| d.curve.steps.clone());
    let rows: Vec<(usize, f64, f64)> = answer
        .endpoints
        .iter()
        .flat_map(|r| steps(r).into_iter().map(|(day, share)| (r.level, day, share)))
        .collect();
    Rows::new(rows)
        .whole("level", "1", "Dose level, from 1", |r| r.0 as i64 + 1)
        .measured("day", "d", "Day since the first response on which responses end", |r| Some(r.1))
        .number("lasting", "Share of the responders whose response lasts from then on (Kaplan-Meier)", |r| {
            Some(r.2)
        })
        .table
}
