//! Volume of live, dying and dead cells.
//!
//! | symbol | unit | meaning | source |
//! |---|---|---|---|
//! | `F`, `N`, `C` | µm³ | fluid, solid nucleus, solid cytoplasm | Ghaffarizadeh 2018, doi 10.1371/journal.pcbi.1005991 |
//! | `k_F`, `k_N`, `k_C` | /min | their rates, by condition | the same |
//! | `f` | 1 | share of fluid aimed at: the type's when alive, 1 while swelling, 0 else | the same |
//!
//! `N′ = k_N (N* − N)`, `C′ = k_C (C* − C)`, `F′ = k_F (f·(F + N + C) − F)`
//!
//! The solid parts are advanced exactly; the fluid exactly for the solid volume at the middle of the step, which
//! is second order. The targets `N*`, `C*` are doubled from the synthesis phase on and zero after death.

use crate::cells::Condition;
use crate::model::{CellType, VolumeRates};

/// Volumes of a cell's parts, µm³.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parts {
    /// Fluid.
    pub fluid: f64,
    /// Solid part of the nucleus.
    pub nucleus: f64,
    /// Solid part of the cytoplasm.
    pub cytoplasm: f64,
}

impl Parts {
    /// Total volume, µm³.
    pub fn total(self) -> f64 {
        self.fluid + self.nucleus + self.cytoplasm
    }
}

/// The parts of a cell in the given condition and cycle phase after `step`, min.
pub fn advance(cell_type: &CellType, condition: Condition, phase: u8, parts: Parts, step: f64) -> Parts {
    let model = &cell_type.volume;
    let doubled = cell_type.cycle.as_ref().is_some_and(|c| c.phases[usize::from(phase)].doubled);
    let grown = if doubled { 2.0 } else { 1.0 };
    let (rates, nucleus, cytoplasm, fluid) = match condition {
        Condition::Live => (model.live, grown * model.nucleus, grown * model.cytoplasm, model.fluid_fraction),
        Condition::Apoptotic => (model.apoptotic, 0.0, 0.0, 0.0),
        Condition::Swelling => (model.swelling, 0.0, 0.0, 1.0),
        Condition::Lysed => (model.lysed, 0.0, 0.0, 0.0),
    };
    let VolumeRates { fluid: fluid_rate, nucleus: nucleus_rate, cytoplasm: cytoplasm_rate } = rates;
    let solids = |t: f64| {
        (relax(parts.nucleus, nucleus, nucleus_rate, t), relax(parts.cytoplasm, cytoplasm, cytoplasm_rate, t))
    };
    let middle = solids(0.5 * step);
    let end = solids(step);
    // F′ = −a F + b with the solids frozen at the middle of the step.
    let a = fluid_rate * (1.0 - fluid);
    let b = fluid_rate * fluid * (middle.0 + middle.1);
    let fluid = if a > 0.0 { relax(parts.fluid, b / a, a, step) } else { parts.fluid + b * step };
    Parts { fluid, nucleus: end.0, cytoplasm: end.1 }
}

/// Exponential relaxation of `value` to `target` over `t`.
fn relax(value: f64, target: f64, rate: f64, t: f64) -> f64 {
    target + (value - target) * libm::exp(-rate * t)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::tumour_type;

    fn grown(cell_type: &CellType) -> Parts {
        let v = &cell_type.volume;
        Parts { fluid: v.total * v.fluid_fraction, nucleus: v.nucleus, cytoplasm: v.cytoplasm }
    }

    /// A newborn at half volume, against the three equations integrated with a step of 0.001 min.
    #[test]
    fn newborn_grows_along_the_exact_curve() {
        let cell_type = tumour_type();
        let whole = grown(&cell_type);
        let mut parts = Parts {
            fluid: 0.5 * whole.fluid,
            nucleus: 0.5 * whole.nucleus,
            cytoplasm: 0.5 * whole.cytoplasm,
        };
        let Parts { fluid: mut f, nucleus: mut n, cytoplasm: mut c } = parts;
        let (v, rates) = (cell_type.volume, cell_type.volume.live);
        for _ in 0..120_000 {
            let df = rates.fluid * (v.fluid_fraction * (f + n + c) - f);
            let (dn, dc) = (rates.nucleus * (v.nucleus - n), rates.cytoplasm * (v.cytoplasm - c));
            (f, n, c) = (f + 1e-3 * df, n + 1e-3 * dn, c + 1e-3 * dc);
        }
        for _ in 0..20 {
            parts = advance(&cell_type, Condition::Live, 0, parts, 6.0);
        }
        // Second order at a step of 6 min and a fastest rate of 0.0125 /min: error below 0.1 %.
        assert!((parts.total() / (f + n + c) - 1.0).abs() < 1e-3, "{} against {}", parts.total(), f + n + c);
    }

    #[test]
    fn a_swelling_cell_bursts_and_its_debris_vanishes() {
        let cell_type = tumour_type();
        let mut parts = grown(&cell_type);
        let start = parts.total();
        let mut minutes = 0.0;
        while parts.total() < 2.0 * start {
            parts = advance(&cell_type, Condition::Swelling, 0, parts, 6.0);
            minutes += 6.0;
            assert!(minutes < 1e4, "never bursts");
        }
        for _ in 0..20_000 {
            parts = advance(&cell_type, Condition::Lysed, 0, parts, 6.0);
        }
        assert!(parts.total() < 0.01 * start);
    }
}
