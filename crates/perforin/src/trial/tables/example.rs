//! The table of simulated trials in full.

use crate::table::{Rows, Table};
use crate::trial::example::{Example, ExamplePatient, Later};

/// Every patient of the trials that are shown in full.
pub(super) fn table(examples: &[Example]) -> Table {
    let level = |level: Option<usize>| level.map_or(String::new(), |l| (l + 1).to_string());
    let rows: Vec<(&str, usize, &ExamplePatient)> = examples
        .iter()
        .flat_map(|e| e.patients.iter().enumerate().map(move |(k, p)| (e.scenario.as_str(), k, p)))
        .collect();
    let later = |of: fn(&Later) -> Option<f64>| {
        move |r: &(&str, usize, &ExamplePatient)| r.2.later.as_ref().and_then(of)
    };
    Rows::new(rows)
        .text("scenario", "The scenario", |r| r.0.into())
        .whole("patient", "1", "In the order of enrolment", |r| r.1 as i64 + 1)
        .whole("level", "1", "Dose level assigned, from 1", |r| r.2.level as i64 + 1)
        .measured("enrolled", "d", "Day of enrolment, since the first one", |r| Some(r.2.enrolled))
        .text("fate", "What became of the product", |r| r.2.fate.clone())
        .measured("infused", "d", "Day of infusion", |r| r.2.infused)
        .measured("dose", "as the levels", "Dose given", |r| r.2.dose)
        .text("toxic", "Whether a dose-limiting toxicity came", |r| r.2.toxic.to_string())
        .measured("toxic_on", "d", "Day of it", |r| r.2.toxic_on)
        .text("responds", "Whether the patient responded", |r| r.2.responds.to_string())
        .text("counts_at", "Level at which the patient counts, from 1; empty if at none", |r| {
            level(r.2.counts_at)
        })
        .text("virtual_patient", "Number of the virtual patient; empty where rates are stated", |r| {
            r.2.later.as_ref().map_or(String::new(), |later| later.number.to_string())
        })
        .measured(
            "response_on",
            "d",
            "Day of the first response; NaN where rates are stated",
            later(|l| l.response_on),
        )
        .measured("progression_on", "d", "Day of progression, likewise", later(|l| l.progression_on))
        .measured("death_on", "d", "Day of death, likewise", later(|l| l.death_on))
        .table
}
