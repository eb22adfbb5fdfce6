//! Axicabtagene ciloleucel in lymphoma by phenotype: naive, central memory, effector memory and effector CAR-T, and
//! metabolic tumour volume (Mueller-Schoell 2021, doi 10.3390/cancers13112782).
//!
//! `X' = V₁ Tu X/(K₁ + X) + kp X + (inflow) − k X − ke X` along naive → central → effector memory → effector, and
//! `Tu' = k₅(1 − Tu/K₀)Tu − Σ V₅ᵢ Xᵢ · Tu/(K₅ + Tu)`. `V₁` has a low class of its own, rises after a stem-cell
//! transplant, and falls with the CD4/CD8 ratio of day 7 (not in the low class).

use perforin_core::catalogue::Source;

use super::{Published, table, typical};
use crate::model::{Model, Values, Variable, parameters, variable};
use crate::ode::{LANES, Lanes, Scalar, System};

/// The entry of the list of models.
pub const MODEL: Published = Published::of::<MuellerSchoell, 5>(|| {
    let mut patients = vec![typical(Parameters::TABLE, "typical")];
    patients.extend(table::patients(include_str!("../../data/mueller_schoell_2021.csv"), Parameters::TABLE));
    patients
});

const DOI: &str = "10.3390/cancers13112782";
const PAPER: Source = Source::Doi { doi: DOI, note: "Mueller-Schoell 2021, population estimate" };
const PATIENT: Source = Source::Doi { doi: DOI, note: "Mueller-Schoell 2021, table S1, patient 2" };

parameters! {
    "mueller-schoell-2021";
    v_1: "V_1" = 0.00846, "/mL/d", 0.0..=1e3;
        "Expansion by tumour"; PAPER;
    v_1_low: "V_1,low" = 0.0007, "/mL/d", 0.0..=1e3;
        "Expansion by tumour in the low class"; PAPER;
    asct_factor: "" = 2.53, "1", 0.0..=1e3;
        "Gain of expansion after a stem-cell transplant"; PAPER;
    ratio_power: "" = -0.385, "1", -10.0..=10.0;
        "Power of the CD4/CD8 ratio of day 7 in the expansion"; PAPER;
    k_1: "K_1" = 1.13, "/µL", 1e-9..=1e6;
        "CAR-T at half the largest expansion"; PAPER;
    kp_1: "kp_1" = 0.0005, "/d", 0.0..=1e3;
        "Proliferation of naive cells"; PAPER;
    kp_2: "kp_2" = 0.007, "/d", 0.0..=1e3;
        "Proliferation of central memory cells"; PAPER;
    kp_3: "kp_3" = 0.007, "/d", 0.0..=1e3;
        "Proliferation of effector memory cells"; PAPER;
    k_12: "k_12" = 0.140, "/d", 0.0..=1e3;
        "Naive to central memory"; PAPER;
    k_23: "k_23" = 0.191, "/d", 0.0..=1e3;
        "Central to effector memory"; PAPER;
    k_34: "k_34" = 0.355, "/d", 0.0..=1e3;
        "Effector memory to effector"; PAPER;
    ke: "ke_1–3" = 0.0104, "/d", 0.0..=1e3;
        "Loss of naive and memory cells"; PAPER;
    ke_4: "ke_4" = 0.518, "/d", 0.0..=1e3;
        "Loss of effectors"; PAPER;
    v_51: "V_5,1" = 2.57, "mL·µL/d", 0.0..=1e6;
        "Killing by naive cells"; PAPER;
    v_52: "V_5,2" = 4.04, "mL·µL/d", 0.0..=1e6;
        "Killing by central memory cells"; PAPER;
    v_53: "V_5,3" = 3.78, "mL·µL/d", 0.0..=1e6;
        "Killing by effector memory cells"; PAPER;
    v_54: "V_5,4" = 4.24, "mL·µL/d", 0.0..=1e6;
        "Killing by effectors"; PAPER;
    k_5: "K_5" = 276.0, "mL", 1e-9..=1e9;
        "Tumour at half the largest killing"; PAPER;
    k5: "k_5" = 0.0023, "/d", 0.0..=1e3;
        "Growth rate of the tumour"; PAPER;
    k_0: "K_0" = 5000.0, "mL", 1e-3..=1e9;
        "Carrying capacity of the tumour"; PAPER;
    start: "" = 0.1, "/µL", 0.0..=1e6;
        "Cells of each phenotype at infusion"; PAPER;
    mtv: "MTV" = 102.0, "mL", 0.0..=1e5;
        "Metabolic tumour volume at infusion"; PATIENT;
    asct: "ASCT" = 0.0, "1", 0.0..=1.0;
        "1 after a stem-cell transplant"; PATIENT;
    ratio: "CD4/CD8" = 0.357, "1", 1e-6..=1e6;
        "CD4/CD8 ratio of CAR-T on day 7"; PATIENT;
    low: "" = 0.0, "1", 0.0..=1.0;
        "1 in the class of low expansion"; PATIENT;
}

/// The model.
#[derive(Clone, Copy, Debug)]
pub struct MuellerSchoell;

impl System<5> for MuellerSchoell {
    type Parameters<F: Copy> = Parameters<F>;

    fn lanes(patients: [&Parameters; LANES]) -> Parameters<Lanes> {
        Parameters::lanes(patients)
    }

    fn rates<S: Scalar>(p: &Parameters<S::Constant>, y: &[S; 5]) -> [S; 5] {
        let [n, c, e, x, tumour] = *y;
        let reference = p.v_1 * p.ratio.pow(p.ratio_power);
        let class = reference * p.low.complement() + p.v_1_low * p.low;
        let v_1 = class * (p.asct * p.asct_factor + 1.0);
        let expand = |cells: S| tumour * cells.saturation(p.k_1) * v_1;
        let (to_c, to_e, to_x) = (n * p.k_12, c * p.k_23, e * p.k_34);
        let killing = n * p.v_51 + c * p.v_52 + e * p.v_53 + x * p.v_54;
        [
            expand(n) + n * (p.kp_1 - p.ke) - to_c,
            expand(c) + c * (p.kp_2 - p.ke) + to_c - to_e,
            expand(e) + e * (p.kp_3 - p.ke) + to_e - to_x,
            to_x - x * p.ke_4,
            (tumour / p.k_0).complement() * tumour * p.k5 - killing * tumour.saturation(p.k_5),
        ]
    }
}

impl Model<5> for MuellerSchoell {
    const NAME: &'static str = "mueller-schoell-2021";
    const TITLE: &'static str = "axicabtagene ciloleucel by phenotype, 19 patients with covariates";
    const DOI: &'static str = DOI;
    const STATES: [Variable; 5] = [
        variable("naive", "/µL", "Naive CAR-T in blood"),
        variable("central_memory", "/µL", "Central memory CAR-T in blood"),
        variable("effector_memory", "/µL", "Effector memory CAR-T in blood"),
        variable("effector", "/µL", "Effector CAR-T in blood"),
        variable("tumour", "mL", "Metabolic tumour volume"),
    ];
    const DERIVED: &'static [Variable] = &[variable("product", "/µL", "CAR-T in blood")];
    const NEGLIGIBLE: [f64; 5] = [1e-9; 5];

    fn initial(p: &Parameters) -> [f64; 5] {
        [p.start, p.start, p.start, p.start, p.mtv]
    }

    fn derive(_: &Parameters, state: &[f64; 5], out: &mut Vec<f64>) {
        out.push(state[..4].iter().sum());
    }
}
