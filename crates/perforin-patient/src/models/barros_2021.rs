//! Effector and memory CAR-T and a Hodgkin lymphoma line in mice, with a re-challenge (Barros 2021, BioModels BIOMD1019
//! and BIOMD1020).
//!
//! `C' = φC − πC + θTM − αTC`, `M' = εC − θTM − µM`, `T' = ρT(1 − βT) − γCT`. Line HDLM-2: cells on day 45, tumour again on
//! day 250.

use perforin_core::catalogue::Source;

use super::{Published, typical};
use crate::model::{Change, Event, Model, Threshold, Values, Variable, parameters, variable};
use crate::ode::{LANES, Lanes, Scalar, System};

/// The entry of the list of models.
pub const MODEL: Published = Published::of::<Barros, 3>(|| vec![typical(Parameters::TABLE, "HDLM-2")]);

const DOI: &str = "10.3390/cancers13122941";
const PAPER: Source = Source::Doi { doi: DOI, note: "Barros 2021, line HDLM-2 (BioModels BIOMD1019)" };

parameters! {
    "barros-2021";
    phi: "φ" = 0.265, "/d", 0.0..=100.0;
        "Proliferation of effectors"; PAPER;
    pi: "π" = 0.35, "/d", 0.0..=100.0;
        "Death of effectors and their turning to memory"; PAPER;
    epsilon: "ε" = 0.15, "/d", 0.0..=100.0;
        "Turning of effectors to memory"; PAPER;
    theta: "θ" = 6e-6, "/cell/d", 0.0..=1.0;
        "Turning of memory to effectors by tumour"; PAPER;
    alpha: "α" = 4.5e-8, "/cell/d", 0.0..=1.0;
        "Inhibition of effectors by tumour"; PAPER;
    mu: "µ" = 0.005, "/d", 0.0..=100.0;
        "Death of memory cells"; PAPER;
    rho: "ρ" = 0.056_500_26, "/d", 0.0..=100.0;
        "Growth rate of the tumour"; PAPER;
    beta: "β" = 1.404_029e-12, "/cell", 0.0..=1.0;
        "Inverse of the tumour's carrying capacity"; PAPER;
    gamma: "γ" = 3.715_843e-6, "/cell/d", 0.0..=1.0;
        "Killing"; PAPER;
    t_0: "T_0" = 2e6, "cells", 0.0..=1e12;
        "Tumour on day 0"; PAPER;
    dose: "" = 2e6, "cells", 0.0..=1e12;
        "Dose"; PAPER;
    dose_day: "" = 45.0, "d", 0.0..=1e4;
        "Day of the dose"; PAPER;
    challenge: "" = 1e6, "cells", 0.0..=1e12;
        "Tumour that is given again; replaces what is left"; PAPER;
    challenge_day: "" = 250.0, "d", 0.0..=1e4;
        "Day of the re-challenge"; PAPER;
    extinct: "" = 0.0, "cells", 0.0..=1e6;
        "Tumour cells below which the tumour is extinct; 0 for never"; PAPER;
}

/// The model.
#[derive(Clone, Copy, Debug)]
pub struct Barros;

impl System<3> for Barros {
    type Parameters<F: Copy> = Parameters<F>;

    fn lanes(patients: [&Parameters; LANES]) -> Parameters<Lanes> {
        Parameters::lanes(patients)
    }

    fn rates<S: Scalar>(p: &Parameters<S::Constant>, [c, m, t]: &[S; 3]) -> [S; 3] {
        let recalled = *t * *m * p.theta;
        [
            *c * (p.phi - p.pi) + recalled - *t * *c * p.alpha,
            *c * p.epsilon - recalled - *m * p.mu,
            *t * (*t * p.beta).complement() * p.rho - *c * *t * p.gamma,
        ]
    }
}

impl Model<3> for Barros {
    const NAME: &'static str = "barros-2021";
    const TITLE: &'static str = "effector and memory CAR-T in mice with a re-challenge";
    const DOI: &'static str = DOI;
    const STATES: [Variable; 3] = [
        variable("effector", "cells", "Effector CAR-T"),
        variable("memory", "cells", "Memory CAR-T"),
        variable("tumour", "cells", "Tumour cells"),
    ];
    const DERIVED: &'static [Variable] = &[variable("product", "cells", "CAR-T")];
    const NEGLIGIBLE: [f64; 3] = [1e-6; 3];

    fn initial(p: &Parameters) -> [f64; 3] {
        [0.0, 0.0, p.t_0]
    }

    fn events(p: &Parameters) -> Vec<Event<Self, 3>> {
        let event = |time, change: Change<Self, 3>| Event { time, change };
        let mut events =
            vec![event(p.dose_day, |p, y| y[0] += p.dose), event(p.challenge_day, |p, y| y[2] = p.challenge)];
        events.sort_by(|a, b| a.time.total_cmp(&b.time));
        events
    }

    fn thresholds() -> &'static [Threshold<Self, 3>] {
        &[Threshold {
            value: |p, y| if p.extinct > 0.0 { y[2] - p.extinct } else { 0.0 },
            change: |_, y| y[2] = 0.0,
        }]
    }

    fn derive(_: &Parameters, state: &[f64; 3], out: &mut Vec<f64>) {
        out.push(state[0] + state[1]);
    }
}
