//! States of the published models by the BDF method of `diffsol` at a relative tolerance of 1e-11, as a table for the tests
//! of `perforin-patient`:
//!
//! `cargo run --manifest-path validation/reference-solver/Cargo.toml > crates/perforin-patient/tests/data/reference_states.csv`
//!
//! Equations, events and parameters are those of the workspace; what is compared is the solver. (That the equations are the
//! papers' is the matter of `reference_models.csv`.) The first patient of each model is followed from event to event, each stretch by a
//! solver that begins anew. Kimmel's thresholds change only its fourth state, which is left out.

use diffsol::{NalgebraLU, NalgebraMat, OdeBuilder, OdeSolverMethod, OdeSolverStopReason};
use perforin_patient::model::{Event, Model, Values};
use perforin_patient::models::by_name;
use perforin_patient::models::{
    barros_2021::Barros, carrgodex_2022::Carrgodex, hardiansyah_2019::Hardiansyah, kimmel_2021::Kimmel,
    kirouac_2023::Kirouac, leon_triana_2021::LeonTriana, minucci_2024::Minucci,
    mueller_schoell_2021::MuellerSchoell, stein_2019::Stein,
};
use perforin_patient::ode::{Dual, LANES, Lanes, Scalar};

/// Relative tolerance.
const RELATIVE: f64 = 1e-11;

/// States after `days`.
fn advance<M: Model<N>, const N: usize>(
    parameters: &M::Parameters<f64>,
    start: [f64; N],
    days: f64,
) -> [f64; N] {
    let lanes = M::lanes([parameters; LANES]);
    // Of a state that never matters the error counts from 1e-6 of its size at a tolerance of 1e-6 on.
    let absolute = M::NEGLIGIBLE.map(|size| size * RELATIVE * 1e6);
    let problem = OdeBuilder::<NalgebraMat<f64>>::new()
        .rtol(RELATIVE)
        .atol(absolute.to_vec())
        .h0(1e-9)
        .rhs_implicit(
            move |x, _p, _t, y| {
                let state: [Lanes; N] = std::array::from_fn(|i| Lanes::number(x[i]));
                for (i, rate) in M::rates(&lanes, &state).iter().enumerate() {
                    y[i] = rate.0[0];
                }
            },
            move |x, _p, _t, v, y| {
                let state: [Lanes; N] = std::array::from_fn(|i| Lanes::number(x[i]));
                for (i, row) in Dual::jacobian::<M, N>(&lanes, &state).iter().enumerate() {
                    y[i] = (0..N).map(|k| row[k].0[0] * v[k]).sum();
                }
            },
        )
        .init(move |_p, _t, y| (0..N).for_each(|i| y[i] = start[i]), N)
        .build()
        .expect("a problem");
    let mut solver = problem.bdf::<NalgebraLU<f64>>().expect("a solver");
    solver.set_stop_time(days).expect("a later time");
    while !matches!(solver.step().expect("a step"), OdeSolverStopReason::TstopReached) {}
    let state = solver.state().y;
    std::array::from_fn(|i| state[i])
}

/// Prints the states of a model's first patient on the given days, of the first `shown` states.
fn print<M: Model<N>, const N: usize>(days: &[f64], shown: usize)
where
    M::Parameters<f64>: Values,
{
    let patient = by_name(M::NAME).expect("a model").patients().swap_remove(0);
    let mut parameters = M::Parameters::from_values(&patient.values);
    let mut state = M::initial(&parameters);
    let events: Vec<Event<M, N>> = M::events(&parameters);
    let mut events = events.iter().peekable();
    let mut now = 0.0;
    for &day in days {
        while let Some(event) = events.next_if(|event| event.time <= day) {
            if event.time > now {
                state = advance::<M, N>(&parameters, state, event.time - now);
                now = event.time;
            }
            (event.change)(&mut parameters, &mut state);
        }
        if day > now {
            state = advance::<M, N>(&parameters, state, day - now);
            now = day;
        }
        for (variable, value) in M::STATES.iter().zip(state).take(shown) {
            println!("{},{},{day},{},{value:e}", M::NAME, patient.name, variable.name);
        }
    }
}

fn main() {
    println!("# diffsol 0.18.0, BDF, relative tolerance 1e-11; validation/reference-solver");
    println!("model,patient,day,state,value");
    print::<Stein, 2>(&[1.0, 7.0, 9.5, 28.0, 365.0], 2);
    print::<Hardiansyah, 8>(&[0.01, 0.5, 3.2, 10.0, 50.0], 8);
    print::<Kimmel, 4>(&[1.0, 7.0, 14.0, 60.0, 120.0], 3);
    print::<MuellerSchoell, 5>(&[1.0, 7.0, 12.0, 28.0, 90.0], 5);
    print::<LeonTriana, 4>(&[1.0, 8.0, 15.0, 25.0, 30.0], 4);
    print::<Barros, 3>(&[20.0, 44.0, 46.0, 47.0], 3);
    print::<Carrgodex, 3>(&[0.5, 1.0, 2.0, 4.0], 3);
    print::<Kirouac, 8>(&[1.0, 7.0, 19.0, 60.0, 180.0], 8);
    print::<Minucci, 8>(&[1.0, 4.0, 14.0, 40.0, 100.0], 8);
}
