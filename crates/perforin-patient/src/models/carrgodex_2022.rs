//! Glioma cells and IL13Rα2 CAR-T in culture, with dexamethasone (Brummer 2022, doi
//! 10.1371/journal.pcbi.1009504; data and fits: `alexbbrummer/CARRGODEX`, MIT).
//!
//! `x' = ρx(1 − x/K) − κ₁xy − c₀Dx`, `y' = κ₂xy − (θ + c₃D)y`, `D' = −D ln 2/3.33 h`, in units of the cell index and hours.
//! Seventy-two fits, each of one experiment; `ρ` and `K` were fitted anew in every one.

use perforin_core::catalogue::Source;

use super::{Published, table};
use crate::model::{Model, Values, Variable, parameters, variable};
use crate::ode::{LANES, Lanes, Scalar, System};

/// The entry of the list of models.
pub const MODEL: Published = Published::of::<Carrgodex, 3>(|| {
    table::patients(include_str!("../../data/carrgodex_2022.csv"), Parameters::TABLE)
});

const DOI: &str = "10.1371/journal.pcbi.1009504";
const FIT: Source = Source::Doi {
    doi: DOI,
    note: "Brummer 2022, fit of PBT1 with one effector to ten targets, no dexamethasone",
};

/// Hours per day.
const PER_DAY: f64 = 24.0;

parameters! {
    "carrgodex-2022";
    rho: "ρ" = 0.230_303_627, "/h", -10.0..=10.0;
        "Growth rate of the tumour"; FIT;
    kappa: "1/K" = 0.558_779_003, "/CI", 0.0..=1e3;
        "Inverse of the carrying capacity"; FIT;
    kappa_1: "κ_1" = 0.399_998_831, "/CI/h", -1e3..=1e3;
        "Killing"; FIT;
    kappa_2: "κ_2" = 0.046_346_801, "/CI/h", -1e3..=1e3;
        "Proliferation of the product less its exhaustion"; FIT;
    theta: "θ" = 0.023_015_543, "/h", -10.0..=10.0;
        "Death of the product"; FIT;
    c_0: "c_0" = 0.0, "/h", -10.0..=10.0;
        "Effect of dexamethasone on the tumour"; FIT;
    c_3: "c_3" = 0.0, "/h", -10.0..=10.0;
        "Effect of dexamethasone on the product"; FIT;
    half_life: "" = 3.33, "h", 1e-3..=1e3;
        "Half-life of dexamethasone"; FIT;
    x_0: "x_0" = 1.0, "CI", 0.0..=1e3;
        "Tumour when the product is added"; Source::Assumed { reason: "where the measured curve is not at hand" };
    y_0: "y_0" = 0.125, "CI", 0.0..=1e3;
        "Product added"; FIT;
}

/// The model.
#[derive(Clone, Copy, Debug)]
pub struct Carrgodex;

impl System<3> for Carrgodex {
    type Parameters<F: Copy> = Parameters<F>;

    fn lanes(patients: [&Parameters; LANES]) -> Parameters<Lanes> {
        Parameters::lanes(patients)
    }

    fn rates<S: Scalar>(p: &Parameters<S::Constant>, [x, y, d]: &[S; 3]) -> [S; 3] {
        let met = *x * *y;
        [
            (*x * (*x * p.kappa).complement() * p.rho - met * p.kappa_1 - *x * *d * p.c_0) * PER_DAY,
            (met * p.kappa_2 - *y * p.theta - *y * *d * p.c_3) * PER_DAY,
            -*d * (std::f64::consts::LN_2 * PER_DAY) / p.half_life,
        ]
    }
}

impl Model<3> for Carrgodex {
    const NAME: &'static str = "carrgodex-2022";
    const TITLE: &'static str = "glioma and IL13Rα2 CAR-T in culture with dexamethasone, 72 fits";
    const DOI: &'static str = DOI;
    const STATES: [Variable; 3] = [
        variable("tumour", "CI", "Tumour, cell index"),
        variable("product", "CI", "CAR-T, in cell index"),
        variable("dexamethasone", "1", "Dexamethasone over that added"),
    ];
    const NEGLIGIBLE: [f64; 3] = [1e-9; 3];

    fn initial(p: &Parameters) -> [f64; 3] {
        [p.x_0, p.y_0, 1.0]
    }
}
