//! The solver against `diffsol`'s: `tests/data/reference_states.csv`, states of the first patient of every model by its BDF
//! method at a relative tolerance of 1e-11 (`validation/reference-solver`, which is not part of the workspace, since that
//! library takes 150 s of processor time to build).

use std::collections::BTreeMap;

use crate::support::{patient, run};

const TABLE: &str = include_str!("../data/reference_states.csv");

/// States by model, patient and day.
type States<'a> = BTreeMap<(&'a str, &'a str), Vec<(f64, &'a str, f64)>>;

fn states() -> States<'static> {
    let mut all = States::new();
    for line in TABLE.lines().filter(|line| !line.starts_with('#')).skip(1) {
        let [model, patient, day, state, value] = line.split(',').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let number = |text: &str| text.parse::<f64>().expect("a number");
        all.entry((model, patient)).or_default().push((number(day), state, number(value)));
    }
    all
}

/// At a relative tolerance of 1e-8 the solver's own error is below 1e-6 of a state where it counts: above a millionth of its
/// largest value on these days, and above 1e-12 of its unit. (The largest that was found is 1.5e-7.)
#[test]
fn states_of_every_model_agree_with_another_solver() {
    let all = states();
    assert_eq!(all.len(), 9, "a patient of each model");
    for ((model, name), rows) in all {
        let mut days: Vec<f64> = rows.iter().map(|(day, ..)| *day).collect();
        days.dedup();
        let run = run(model, &patient(model, name), &days);
        for (day, state, expected) in &rows {
            let place = days.iter().position(|d| d == day).expect("a day");
            let found = run.column(state)[place];
            let largest =
                rows.iter().filter(|(_, s, _)| s == state).map(|(.., v)| v.abs()).fold(0.0, f64::max);
            assert!(
                (found - expected).abs() <= 1e-6 * expected.abs().max(1e-6 * largest).max(1e-12),
                "{model} {name}, {state} on day {day}: {found}, not {expected}"
            );
        }
    }
}
