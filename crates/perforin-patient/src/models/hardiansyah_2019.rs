//! Cytokine release in leukaemia: B cells, effector and memory CAR-T in blood and tissue, three cytokines (Hardiansyah
//! & Ng 2019, doi 10.1111/cts.12636).
//!
//! Cells in 10⁹, cytokines in pg/mL. `f = B/(B + h)` turns memory to effectors. The patient is UPN1; the dose is split
//! over three days. Three misprints of the supplement are corrected as in the open library nlmixr2lib, against
//! figure 1b.

use perforin_core::catalogue::Source;

use super::{Published, typical};
use crate::model::{Event, Model, Values, Variable, parameters, variable};
use crate::ode::{LANES, Lanes, Scalar, System};

/// The entry of the list of models.
pub const MODEL: Published = Published::of::<Hardiansyah, 8>(|| vec![typical(Parameters::TABLE, "UPN1")]);

const DOI: &str = "10.1111/cts.12636";
const FIXED: Source = Source::Doi { doi: DOI, note: "Hardiansyah 2019, fixed" };
const UPN1: Source = Source::Doi { doi: DOI, note: "Hardiansyah 2019, patient UPN1" };

parameters! {
    "hardiansyah-2019";
    r_b: "r_B" = 0.0093, "/d", 0.0..=100.0;
        "Growth rate of B cells"; FIXED;
    d_b: "d_B" = 0.0076, "/d", 0.0..=100.0;
        "Death rate of B cells"; FIXED;
    k_bc: "K_BC" = 0.19, "/1e9 cells/d", 0.0..=1e6;
        "Killing of B cells"; UPN1;
    r_e: "r_E" = 16.16, "/1e9 cells/d", 0.0..=1e6;
        "Growth of effectors by B cells"; UPN1;
    d_e: "d_E" = 23.04, "/d", 0.0..=1e6;
        "Death rate of effectors"; UPN1;
    a_e: "a_E" = 0.024, "/d", 0.0..=1e3;
        "Turning of effectors to memory without antigen"; UPN1;
    r_m: "r_M" = 0.0509, "/d", 0.0..=100.0;
        "Growth rate of memory cells"; FIXED;
    d_m: "d_M" = 0.408, "/d", 0.0..=100.0;
        "Death rate of memory cells"; FIXED;
    a_m: "a_M" = 1.0, "/d", 0.0..=1e3;
        "Turning of memory to effectors by antigen"; FIXED;
    k_in: "k_in" = 76.78, "/d", 0.0..=1e6;
        "Rate from blood to tissue"; FIXED;
    k_out: "k_out" = 1.84, "/d", 0.0..=1e6;
        "Rate from tissue to blood"; FIXED;
    h: "h" = 1e5, "1e9 cells", 1e-9..=1e12;
        "B cells at half the largest turning"; FIXED;
    p_il6: "P_IL6" = 1.8e-3, "pg/mL/1e12 cells²/d", 0.0..=1e6;
        "Production of IL-6"; UPN1;
    p_il10: "P_IL10" = 0.7e-3, "pg/mL/1e12 cells²/d", 0.0..=1e6;
        "Production of IL-10"; UPN1;
    p_ifn: "P_IFN" = 0.3e-3, "pg/mL/1e12 cells²/d", 0.0..=1e6;
        "Production of IFN-γ"; UPN1;
    d_il6: "d_IL6" = 3.96, "/d", 0.0..=1e6;
        "Decay of IL-6"; FIXED;
    d_il10: "d_IL10" = 4.68, "/d", 0.0..=1e6;
        "Decay of IL-10"; FIXED;
    d_ifn: "d_IFN" = 1.51, "/d", 0.0..=1e6;
        "Decay of IFN-γ"; FIXED;
    a_g: "a_G" = 0.59, "1", 0.0..=1.0;
        "Part of the production of IFN-γ that IL-10 cannot suppress"; FIXED;
    b_g: "b_G" = 650.0, "pg/mL", 1e-9..=1e9;
        "IL-10 at half its suppression"; FIXED;
    il6_0: "" = 1.7, "pg/mL", 0.0..=1e6;
        "IL-6 at baseline"; UPN1;
    il10_0: "" = 4.5, "pg/mL", 0.0..=1e6;
        "IL-10 at baseline"; UPN1;
    ifn_0: "" = 2.3, "pg/mL", 0.0..=1e6;
        "IFN-γ at baseline"; UPN1;
    b_0: "B_0" = 4.14, "1e9 cells", 0.0..=1e6;
        "B cells at infusion"; UPN1;
    dose: "" = 1.1, "1e9 cells", 0.0..=1e6;
        "Dose, given as 10, 30 and 60 % on days 0, 1 and 2"; UPN1;
}

/// The model.
#[derive(Clone, Copy, Debug)]
pub struct Hardiansyah;

impl System<8> for Hardiansyah {
    type Parameters<F: Copy> = Parameters<F>;

    fn lanes(patients: [&Parameters; LANES]) -> Parameters<Lanes> {
        Parameters::lanes(patients)
    }

    fn rates<S: Scalar>(p: &Parameters<S::Constant>, y: &[S; 8]) -> [S; 8] {
        let [b, e, e_tissue, m, m_tissue, il6, il10, ifn] = *y;
        let seen = b.saturation(p.h);
        let to_memory = e * p.a_e * seen.complement();
        let to_effector = m * p.a_m * seen;
        let (e_in, e_out) = (e * p.k_in, e_tissue * p.k_out);
        let (m_in, m_out) = (m * p.k_in, m_tissue * p.k_out);
        let attack = b * e;
        let unsuppressed = (il10 + p.b_g) / p.b_g;
        let released = S::constant(p.a_g.complement()) / unsuppressed + p.a_g;
        [
            b * (p.r_b - p.d_b) - attack * p.k_bc,
            attack * p.r_e - e * p.d_e - e_in + e_out - to_memory + to_effector,
            e_in - e_out,
            m * (p.r_m - p.d_m) - m_in + m_out + to_memory - to_effector,
            m_in - m_out,
            -(il6 - p.il6_0) * p.d_il6 + attack * (p.p_il6 * 1e6),
            -(il10 - p.il10_0) * p.d_il10 + attack * (p.p_il10 * 1e6),
            -(ifn - p.ifn_0) * p.d_ifn + attack * (p.p_ifn * 1e6) * released,
        ]
    }
}

impl Model<8> for Hardiansyah {
    const NAME: &'static str = "hardiansyah-2019";
    const TITLE: &'static str = "tisagenlecleucel in leukaemia with IL-6, IL-10 and IFN-γ";
    const DOI: &'static str = DOI;
    const STATES: [Variable; 8] = [
        variable("b_cells", "1e9 cells", "B cells, malignant ones among them"),
        variable("effector", "1e9 cells", "Effectors in blood"),
        variable("effector_tissue", "1e9 cells", "Effectors in tissue"),
        variable("memory", "1e9 cells", "Memory cells in blood"),
        variable("memory_tissue", "1e9 cells", "Memory cells in tissue"),
        variable("il6", "pg/mL", "IL-6"),
        variable("il10", "pg/mL", "IL-10"),
        variable("ifn_gamma", "pg/mL", "IFN-γ"),
    ];
    const DERIVED: &'static [Variable] = &[variable("product", "1e9 cells", "CAR-T in blood")];
    const NEGLIGIBLE: [f64; 8] = [1e-9, 1e-12, 1e-12, 1e-12, 1e-12, 1e-6, 1e-6, 1e-6];

    fn initial(p: &Parameters) -> [f64; 8] {
        [p.b_0, 0.1 * p.dose, 0.0, 0.0, 0.0, p.il6_0, p.il10_0, p.ifn_0]
    }

    fn events(_: &Parameters) -> Vec<Event<Self, 8>> {
        vec![
            Event { time: 1.0, change: |p, y| y[1] += 0.3 * p.dose },
            Event { time: 2.0, change: |p, y| y[1] += 0.6 * p.dose },
        ]
    }

    fn derive(_: &Parameters, state: &[f64; 8], out: &mut Vec<f64>) {
        out.push(state[1] + state[3]);
    }
}
