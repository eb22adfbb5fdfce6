//! Memory, effector and exhausted CAR-T switched by antigen in chronic lymphocytic leukaemia (Kirouac 2023, doi
//! 10.1038/s41587-023-01687-x).
//!
//! With `H(x; k, K) = xᵏ/(Kᵏ + xᵏ)` of the antigen `A`: memory renews itself with `f = f_max(1 − H)`, else gives effectors;
//! effectors divide `N` times on antigen, tire on antigen, and turn back to memory without it; they kill with a Hill
//! function of their number. Thirty-six parameter sets, twelve each of complete, partial and no response.

use perforin_core::catalogue::Source;

use super::{Published, table};
use crate::model::{Model, Values, Variable, parameters, variable};
use crate::ode::{LANES, Lanes, Scalar, System};

/// The entry of the list of models.
pub const MODEL: Published = Published::of::<Kirouac, 8>(|| {
    table::patients(include_str!("../../data/kirouac_2023.csv"), Parameters::TABLE)
});

const DOI: &str = "10.1038/s41587-023-01687-x";
const SET: Source = Source::Doi { doi: DOI, note: "Kirouac 2023, fitted set CR-1" };
const FIXED: Source = Source::Doi { doi: DOI, note: "Kirouac 2023" };

parameters! {
    "kirouac-2023";
    b_50: "B50" = 3_236_080_324.0, "cells", 1.0..=1e14;
        "Antigen at half its effects"; SET;
    u_b: "u_B" = 0.050_040_188, "/d", 0.0..=100.0;
        "Growth rate of the tumour"; SET;
    k_kill: "k_kill" = 0.958_461_702, "/d", 0.0..=1e6;
        "Largest rate of killing"; SET;
    flush: "fl" = 314.556_333_2, "/d", 0.0..=1e6;
        "Loss of infused cells before they settle"; SET;
    t_k50: "TK50" = 1e9, "cells", 1.0..=1e14;
        "Effectors at half the largest killing"; SET;
    kt: "k_t" = 0.254_191_859, "1", 0.01..=20.0;
        "Steepness of killing"; SET;
    kb_1: "k_b1" = 0.996_687_975, "/d", 0.0..=1e6;
        "Shedding of antigen"; SET;
    kb_2: "k_b2" = 0.257_136_936, "/d", 0.0..=1e6;
        "Loss of antigen"; SET;
    u_m: "u_M" = 0.253_162_895, "/d", 0.0..=100.0;
        "Division rate of memory cells"; SET;
    km: "k_m" = 0.720_743_327, "1", 0.01..=20.0;
        "Steepness of the renewal of memory"; SET;
    f_max: "f_max" = 0.579_686_926, "1", 0.0..=1.0;
        "Largest renewal of memory"; SET;
    ke: "k_e" = 2.708_089_263, "1", 0.01..=20.0;
        "Steepness of the effectors' division"; SET;
    u_e: "u_E" = 0.937_843_482, "/d", 0.0..=100.0;
        "Rate of the effectors' programme"; SET;
    n: "N" = 5.132_798_082, "1", 0.0..=60.0;
        "Divisions in the effectors' programme"; SET;
    k_ex: "k_ex" = 0.159_786_62, "/d", 0.0..=100.0;
        "Rate of exhaustion"; SET;
    d_m: "d_M" = 0.074_848_27, "/d", 0.0..=100.0;
        "Death rate of memory cells"; SET;
    d_1: "d_E1" = 0.290_634_336, "/d", 0.0..=100.0;
        "Death rate of young effectors"; SET;
    d_2: "d_E2" = 0.007_565_547, "/d", 0.0..=100.0;
        "Death rate of effectors"; SET;
    d_x: "d_X" = 0.001_000_004, "/d", 0.0..=100.0;
        "Death rate of exhausted cells"; SET;
    b_max: "B_max" = 227_144_056.1, "cells", 1.0..=1e15;
        "Carrying capacity of the tumour"; SET;
    kx: "k_x" = 2.998_879_893, "1", 0.01..=20.0;
        "Steepness of exhaustion"; SET;
    r_m: "r_M" = 0.394_596_635, "/d", 0.0..=100.0;
        "Turning of effectors to memory"; SET;
    kr: "k_r" = 2.795_422_828, "1", 0.01..=20.0;
        "Steepness of the turning to memory"; SET;
    to_m: "a" = 1.0, "/d", 0.0..=1e6;
        "Settling of the dose as memory"; SET;
    to_e1: "b" = 1.126_392_921, "/d", 0.0..=1e6;
        "Settling as young effectors"; SET;
    to_e2: "c" = 45.011_143_67, "/d", 0.0..=1e6;
        "Settling as effectors"; SET;
    to_x: "d" = 14.919_502_94, "/d", 0.0..=1e6;
        "Settling as exhausted cells"; SET;
    tumour_0: "B_0" = 1e10, "cells", 0.0..=1e15;
        "Tumour at infusion"; FIXED;
    dose: "" = 1e8, "cells", 0.0..=1e13;
        "Dose"; FIXED;
}

/// The model.
#[derive(Clone, Copy, Debug)]
pub struct Kirouac;

impl System<8> for Kirouac {
    type Parameters<F: Copy> = Parameters<F>;

    fn lanes(patients: [&Parameters; LANES]) -> Parameters<Lanes> {
        Parameters::lanes(patients)
    }

    fn rates<S: Scalar>(p: &Parameters<S::Constant>, y: &[S; 8]) -> [S; 8] {
        let [m, e1, e2, x, tumour, antigen, dose, settling] = *y;
        let seen = |steepness: S::Constant| antigen.hill(p.b_50, steepness);
        let renewal = seen(p.km).complement() * p.f_max;
        let leaving = m * p.u_m * renewal.complement();
        let programme = e1 * p.u_e * seen(p.ke);
        let tiring = e2 * p.k_ex * seen(p.kx);
        let resting = e2 * p.r_m * seen(p.kr).complement();
        let gain = S::Constant::number(2.0).pow(p.n);
        [
            m * p.u_m * renewal - leaving - m * p.d_m + settling * p.to_m + resting,
            leaving * 2.0 - programme - e1 * p.d_1 + settling * p.to_e1,
            programme * gain - tiring - e2 * p.d_2 + settling * p.to_e2 - resting,
            tiring - x * p.d_x + settling * p.to_x,
            tumour * (tumour / p.b_max).complement() * p.u_b - tumour * e2.hill(p.t_k50, p.kt) * p.k_kill,
            tumour * p.kb_1 - antigen * p.kb_2,
            -dose * (p.flush + 1.0),
            dose - settling * (p.to_m + p.to_e1 + p.to_e2 + p.to_x),
        ]
    }
}

impl Model<8> for Kirouac {
    const NAME: &'static str = "kirouac-2023";
    const TITLE: &'static str = "memory, effector and exhausted CAR-T in leukaemia, 36 parameter sets";
    const DOI: &'static str = DOI;
    const STATES: [Variable; 8] = [
        variable("memory", "cells", "Memory cells"),
        variable("effector_young", "cells", "Effectors that have not yet divided"),
        variable("effector", "cells", "Effectors"),
        variable("exhausted", "cells", "Exhausted cells"),
        variable("tumour", "cells", "Tumour cells"),
        variable("antigen", "cells", "Antigen, in tumour cells' worth"),
        variable("dose", "cells", "Infused cells that have not settled"),
        variable("settling", "cells", "Infused cells that are settling"),
    ];
    const DERIVED: &'static [Variable] = &[variable("product", "cells", "CAR-T")];
    const NEGLIGIBLE: [f64; 8] = [1e-3; 8];

    fn initial(p: &Parameters) -> [f64; 8] {
        [0.0, 0.0, 0.0, 0.0, p.tumour_0, p.tumour_0, p.dose, 0.0]
    }

    fn derive(_: &Parameters, state: &[f64; 8], out: &mut Vec<f64>) {
        out.push(state[..4].iter().sum());
    }
}
