//! Tisagenlecleucel in blood: expansion, then contraction to a persistent part (Stein 2019, doi 10.1002/psp4.12388).
//!
//! `E' = ρE` until `T_max`, then `E' = −αE` and `M' = kE − βM` with `ρ = ln(fold)/T_max` and `k = F_B(α − β)`. From these
//! follows the paper's closed form, [`closed_form`]. Copies of the transgene per µg of DNA; 90 patients of two trials.

use perforin_core::catalogue::Source;

use super::{Published, typical};
use crate::model::{Event, Model, Values, Variable, parameters, variable};
use crate::ode::{LANES, Lanes, Scalar, System};

/// The entry of the list of models.
pub const MODEL: Published = Published::of::<Stein, 2>(|| vec![typical(Parameters::TABLE, "typical")]);

const DOI: &str = "10.1002/psp4.12388";
const TABLE_2: Source = Source::Doi { doi: DOI, note: "Stein 2019, population estimate" };

parameters! {
    "stein-2019", switch contracting = 0.0, "1 after the peak, 0 before";
    fold: "foldx" = 3900.0, "1", 1.0..=1e9;
        "Expansion from day 0 to the peak"; TABLE_2;
    t_max: "T_max" = 9.3, "d", 0.1..=200.0;
        "Day of the peak"; TABLE_2;
    c_max: "C_max" = 24_000.0, "copies/µg", 1e-6..=1e12;
        "Peak"; TABLE_2;
    alpha: "α" = 0.16, "/d", 0.0..=100.0;
        "Rate of contraction"; TABLE_2;
    f_b: "F_B" = 0.0079, "1", 0.0..=1.0;
        "Part of the peak that persists"; TABLE_2;
    beta: "β" = 0.0032, "/d", 0.0..=100.0;
        "Rate at which the persistent part is lost"; TABLE_2;
}

/// The model.
#[derive(Clone, Copy, Debug)]
pub struct Stein;

impl System<2> for Stein {
    type Parameters<F: Copy> = Parameters<F>;

    fn lanes(patients: [&Parameters; LANES]) -> Parameters<Lanes> {
        Parameters::lanes(patients)
    }

    fn rates<S: Scalar>(p: &Parameters<S::Constant>, [e, m]: &[S; 2]) -> [S; 2] {
        let growth = p.fold.ln() / p.t_max * p.contracting.complement();
        let loss = p.alpha * p.contracting;
        let turning = p.f_b * (p.alpha - p.beta) * p.contracting;
        [*e * (growth - loss), *e * turning - *m * p.beta]
    }
}

impl Model<2> for Stein {
    const NAME: &'static str = "stein-2019";
    const TITLE: &'static str = "tisagenlecleucel in blood: expansion, contraction, persistence";
    const DOI: &'static str = DOI;
    const STATES: [Variable; 2] = [
        variable("effector", "copies/µg", "Product that expands and contracts"),
        variable("memory", "copies/µg", "Product that persists"),
    ];
    const DERIVED: &'static [Variable] = &[variable("product", "copies/µg", "Product in blood")];
    const NEGLIGIBLE: [f64; 2] = [1e-6; 2];

    fn initial(p: &Parameters) -> [f64; 2] {
        [p.c_max / p.fold, 0.0]
    }

    fn events(p: &Parameters) -> Vec<Event<Self, 2>> {
        vec![Event { time: p.t_max, change: |p, _| p.contracting = 1.0 }]
    }

    fn derive(_: &Parameters, state: &[f64; 2], out: &mut Vec<f64>) {
        out.push(state[0] + state[1]);
    }
}

/// Product in blood at a time (d), copies/µg: the paper's formula.
pub fn closed_form(p: &Parameters, time: f64) -> f64 {
    if time < p.t_max {
        return p.c_max / p.fold * libm::exp(libm::log(p.fold) / p.t_max * time);
    }
    let since = time - p.t_max;
    p.c_max * ((1.0 - p.f_b) * libm::exp(-p.alpha * since) + p.f_b * libm::exp(-p.beta * since))
}
