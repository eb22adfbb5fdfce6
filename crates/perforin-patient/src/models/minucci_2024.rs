//! Tisagenlecleucel with its receptors' occupancy: CD8 and CD4 CAR-T, infused, effector and memory; tumour; lymphocytes
//! (Minucci 2024, doi 10.3389/fsysb.2024.1380018).
//!
//! The form with receptors at equilibrium: `f = [Ag]/(K_D + [Ag])` with `[Ag] = n_Ag·B/(V·N_A)`. Infused cells are activated
//! at `k·f` and amplified `2^n_div`-fold to effectors, of whose death a fraction leaves memory.

use perforin_core::catalogue::Source;

use super::{Published, table};
use crate::model::{Model, Values, Variable, parameters, variable};
use crate::ode::{LANES, Lanes, Scalar, System};

/// The entry of the list of models.
pub const MODEL: Published = Published::of::<Minucci, 8>(|| {
    table::patients(include_str!("../../data/minucci_2024.csv"), Parameters::TABLE)
});

const DOI: &str = "10.3389/fsysb.2024.1380018";
const PAPER: Source = Source::Doi { doi: DOI, note: "Minucci 2024, common parameter" };
const PATIENT: Source = Source::Doi { doi: DOI, note: "Minucci 2024, table S1, patient F0104" };

/// Molecules per nanomole.
const PER_NANOMOLE: f64 = 6.022e14;

parameters! {
    "minucci-2024";
    antigen: "n_Ag" = 5000.0, "/cell", 0.0..=1e8;
        "CD19 on a tumour cell"; PAPER;
    blood: "V" = 5.0, "L", 0.1..=100.0;
        "Volume of blood"; PAPER;
    kd: "K_D" = 1.0, "nM", 1e-9..=1e9;
        "Dissociation constant of receptor and CD19"; PAPER;
    activation_cd8: "k_8" = 24.0 / 18.0, "/d", 0.0..=1e3;
        "Activation of CD8 cells at full occupancy"; PAPER;
    activation_cd4: "k_4" = 24.0 / 36.0, "/d", 0.0..=1e3;
        "Activation of CD4 cells at full occupancy"; PAPER;
    life_infused: "" = 9.606_881, "d", 1e-3..=1e6;
        "Mean life of infused cells"; PAPER;
    life_effector: "" = 3.101_849, "d", 1e-3..=1e6;
        "Mean life of effectors"; PAPER;
    life_memory_cd8: "" = 180.0, "d", 1e-3..=1e6;
        "Mean life of CD8 memory cells"; PAPER;
    life_memory_cd4: "" = 240.0, "d", 1e-3..=1e6;
        "Mean life of CD4 memory cells"; PAPER;
    doubling: "" = 16.0, "d", 1e-3..=1e6;
        "Doubling time of the tumour"; PAPER;
    killing: "" = 1e-9, "/s/cell", 0.0..=1.0;
        "Killing by a CD8 effector at full occupancy"; PAPER;
    lymphocytes: "" = 5e8, "/L", 0.0..=1e12;
        "Lymphocytes before depletion"; PAPER;
    life_lymphocyte: "" = 30.0, "d", 1e-3..=1e6;
        "Mean life of a lymphocyte"; PAPER;
    left: "" = 0.1, "1", 0.0..=1.0;
        "Part of the lymphocytes that depletion leaves"; PAPER;
    dose: "" = 1e6, "/kg", 0.0..=1e10;
        "Dose"; Source::Assumed { reason: "a usual dose of the product; doses of the patients are not in the table" };
    weight: "" = 73.0, "kg", 1.0..=500.0;
        "Body weight"; PATIENT;
    cd8: "" = 0.333, "1", 0.0..=1.0;
        "Part of the product that is CD8"; PATIENT;
    tumour_0: "" = 1e7, "cells", 0.0..=1e14;
        "Tumour at infusion"; PATIENT;
    divisions: "n_div" = 21.415_59, "1", 0.0..=60.0;
        "Divisions of an activated cell"; PATIENT;
    memory: "f_mem" = 2.514_715e-3, "1", 0.0..=1.0;
        "Part of dying effectors that turn to memory"; PATIENT;
}

/// The model.
#[derive(Clone, Copy, Debug)]
pub struct Minucci;

impl System<8> for Minucci {
    type Parameters<F: Copy> = Parameters<F>;

    fn lanes(patients: [&Parameters; LANES]) -> Parameters<Lanes> {
        Parameters::lanes(patients)
    }

    fn rates<S: Scalar>(p: &Parameters<S::Constant>, y: &[S; 8]) -> [S; 8] {
        let [i8, e8, m8, i4, e4, m4, tumour, lymphocytes] = *y;
        let bound = (tumour * p.antigen / (p.blood * PER_NANOMOLE)).saturation(p.kd);
        let gain = S::Constant::number(2.0).pow(p.divisions);
        let (woken8, woken4) = (bound * i8 * p.activation_cd8, bound * i4 * p.activation_cd4);
        let (dying8, dying4) = (e8 / p.life_effector, e4 / p.life_effector);
        [
            -woken8 - i8 / p.life_infused,
            woken8 * gain - dying8,
            dying8 * p.memory - m8 / p.life_memory_cd8,
            -woken4 - i4 / p.life_infused,
            woken4 * gain - dying4,
            dying4 * p.memory - m4 / p.life_memory_cd4,
            tumour * std::f64::consts::LN_2 / p.doubling - bound * e8 * tumour * p.killing * 86_400.0,
            (-lymphocytes + p.lymphocytes * p.blood) / p.life_lymphocyte,
        ]
    }
}

impl Model<8> for Minucci {
    const NAME: &'static str = "minucci-2024";
    const TITLE: &'static str = "tisagenlecleucel with receptor occupancy, 13 patients";
    const DOI: &'static str = DOI;
    const STATES: [Variable; 8] = [
        variable("infused_cd8", "cells", "CD8 cells as infused"),
        variable("effector_cd8", "cells", "CD8 effectors"),
        variable("memory_cd8", "cells", "CD8 memory cells"),
        variable("infused_cd4", "cells", "CD4 cells as infused"),
        variable("effector_cd4", "cells", "CD4 effectors"),
        variable("memory_cd4", "cells", "CD4 memory cells"),
        variable("tumour", "cells", "Tumour cells"),
        variable("lymphocytes", "cells", "Endogenous lymphocytes in blood"),
    ];
    const DERIVED: &'static [Variable] = &[variable("product", "/µL", "CAR-T in blood")];
    const NEGLIGIBLE: [f64; 8] = [1e-3, 1e-3, 1e-3, 1e-3, 1e-3, 1e-3, 1e-3, 1e3];

    fn initial(p: &Parameters) -> [f64; 8] {
        let dose = p.dose * p.weight;
        let lymphocytes = p.left * p.lymphocytes * p.blood;
        [p.cd8 * dose, 0.0, 0.0, (1.0 - p.cd8) * dose, 0.0, 0.0, p.tumour_0, lymphocytes]
    }

    fn derive(p: &Parameters, state: &[f64; 8], out: &mut Vec<f64>) {
        out.push(state[..6].iter().sum::<f64>() / (p.blood * 1e6));
    }
}
