//! A solid tumour under a CAR-T with two targets, one of them on B cells, which feed its expansion (León-Triana 2021, doi
//! 10.3390/cancers13040703; BioModels BIOMD1014).
//!
//! `C' = k C̄ + ρ_C C T/(g_T + T) − α₁ C T/(g_C + C) − C/τ`, `T' = ρ_T T − α₂ C T`,
//! `C̄' = ρ C̄ B/(g_B + B) − C̄/τ − k C̄`, `B' = −α_B B C̄ − B/τ_B`: `C` at the tumour, `C̄` in the circulation. The tumour
//! inactivates the product (`α₁`).

use perforin_core::catalogue::Source;

use super::{Published, typical};
use crate::model::{Model, Threshold, Values, Variable, parameters, variable};
use crate::ode::{LANES, Lanes, Scalar, System};

/// The entry of the list of models.
pub const MODEL: Published = Published::of::<LeonTriana, 4>(|| {
    let with = typical(Parameters::TABLE, "with-b-cells");
    let mut without = typical(Parameters::TABLE, "without-b-cells");
    without.values[B_0] = 0.0;
    vec![with, without]
});

const DOI: &str = "10.3390/cancers13040703";
const PAPER: Source = Source::Doi { doi: DOI, note: "León-Triana 2021" };
/// Place of `b_0` in the table.
const B_0: usize = 13;

parameters! {
    "leon-triana-2021";
    rho: "ρ" = 0.9, "/d", 0.0..=100.0;
        "Expansion by B cells"; PAPER;
    rho_c: "ρ_C" = 0.9, "/d", 0.0..=100.0;
        "Expansion by tumour"; PAPER;
    g_t: "g_T" = 1e10, "cells", 1.0..=1e15;
        "Tumour at half the largest expansion"; PAPER;
    g_b: "g_B" = 1e10, "cells", 1.0..=1e15;
        "B cells at half the largest expansion"; PAPER;
    alpha_1: "α_1" = 0.02, "/d", 0.0..=1e3;
        "Inactivation of the product by tumour"; PAPER;
    g_c: "g_C" = 2e9, "cells", 1.0..=1e15;
        "Product at half the largest inactivation"; PAPER;
    tau: "τ" = 7.0, "d", 1e-3..=1e4;
        "Mean life of the product"; PAPER;
    rho_t: "ρ_T" = 0.02, "/d", 0.0..=100.0;
        "Growth rate of the tumour"; PAPER;
    alpha_2: "α_2" = 2.5e-10, "/cell/d", 0.0..=1.0;
        "Killing of tumour cells"; PAPER;
    k: "k" = 0.2, "/d", 0.0..=100.0;
        "Rate from the circulation to the tumour"; PAPER;
    alpha_b: "α_B" = 4.5e-11, "/cell/d", 0.0..=1.0;
        "Killing of B cells"; PAPER;
    tau_b: "τ_B" = 60.0, "d", 1e-3..=1e6;
        "Mean life of B cells"; PAPER;
    t_0: "T_0" = 3.35e10, "cells", 0.0..=1e15;
        "Tumour at infusion"; PAPER;
    b_0: "B_0" = 2.5e10, "cells", 0.0..=1e15;
        "B cells at infusion; 0 for a product without the second target"; PAPER;
    dose: "" = 2e8, "cells", 0.0..=1e13;
        "Dose"; PAPER;
    extinct: "" = 0.0, "cells", 0.0..=1e6;
        "Tumour cells below which the tumour is extinct; 0 for never"; PAPER;
}

/// The model.
#[derive(Clone, Copy, Debug)]
pub struct LeonTriana;

impl System<4> for LeonTriana {
    type Parameters<F: Copy> = Parameters<F>;

    fn lanes(patients: [&Parameters; LANES]) -> Parameters<Lanes> {
        Parameters::lanes(patients)
    }

    fn rates<S: Scalar>(p: &Parameters<S::Constant>, y: &[S; 4]) -> [S; 4] {
        let [c, tumour, away, b] = *y;
        let arriving = away * p.k;
        [
            arriving + c * tumour.saturation(p.g_t) * p.rho_c
                - tumour * c.saturation(p.g_c) * p.alpha_1
                - c / p.tau,
            tumour * p.rho_t - c * tumour * p.alpha_2,
            away * b.saturation(p.g_b) * p.rho - away / p.tau - arriving,
            -b * away * p.alpha_b - b / p.tau_b,
        ]
    }
}

impl Model<4> for LeonTriana {
    const NAME: &'static str = "leon-triana-2021";
    const TITLE: &'static str = "solid tumour with and without a second target on B cells";
    const DOI: &'static str = DOI;
    const STATES: [Variable; 4] = [
        variable("product_tumour", "cells", "CAR-T at the tumour"),
        variable("tumour", "cells", "Tumour cells"),
        variable("product_circulation", "cells", "CAR-T in the circulation"),
        variable("b_cells", "cells", "Normal B cells that carry the second target"),
    ];
    const DERIVED: &'static [Variable] = &[variable("product", "cells", "CAR-T")];
    const NEGLIGIBLE: [f64; 4] = [1.0, 1e-6, 1.0, 1.0];

    fn initial(p: &Parameters) -> [f64; 4] {
        [0.0, p.t_0, p.dose, p.b_0]
    }

    fn thresholds() -> &'static [Threshold<Self, 4>] {
        &[Threshold {
            value: |p, y| if p.extinct > 0.0 { y[1] - p.extinct } else { 0.0 },
            change: |_, y| y[1] = 0.0,
        }]
    }

    fn derive(_: &Parameters, state: &[f64; 4], out: &mut Vec<f64>) {
        out.push(state[0] + state[2]);
    }
}
