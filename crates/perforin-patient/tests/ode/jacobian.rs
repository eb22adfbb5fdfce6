//! The solver's Jacobian is exact: it shows in the order, and here against central differences.

use perforin_patient::ode::{Dual, Lanes, Scalar, System};

use crate::perf8;
use crate::problem::{Functions, Hires, Oregonator};

/// Compares dual numbers, through the public arithmetic, with central differences of a model.
fn compare<M: System<N>, const N: usize>(parameters: &M::Parameters<Lanes>, state: [f64; N]) {
    let exact = Dual::jacobian::<M, N>(parameters, &state.map(Lanes::number));
    for j in 0..N {
        let step = 1e-5 * state[j].abs().max(1e-3);
        let shifted = |sign: f64| {
            let mut state = state.map(Lanes::number);
            state[j] = state[j] + sign * step;
            M::rates(parameters, &state)
        };
        let (up, down) = (shifted(1.0), shifted(-1.0));
        for i in 0..N {
            let difference = (up[i].0[0] - down[i].0[0]) / (2.0 * step);
            let found = exact[i][j].0[0];
            // The difference itself errs by h² and by rounding over h.
            let size = found.abs().max(up[i].0[0].abs() * 1e-5 / step * 1e-3).max(1e-6);
            assert!((found - difference).abs() < 2e-6 * size, "[{i}][{j}]: {found} against {difference}");
        }
    }
}

#[test]
fn every_function_has_its_derivative() {
    for p in [0.7, 1.0, 2.5] {
        compare::<Functions, 5>(&[Lanes::number(p)], [0.4, 1.3, 0.8, 2.1, 1.7]);
    }
}

#[test]
fn reactions_have_their_jacobian() {
    compare::<Hires, 8>(&[Lanes::ZERO], [0.4, 0.1, 0.2, 0.6, 0.3, 0.05, 0.7, 0.02]);
    compare::<Oregonator, 3>(&[Lanes::ZERO], [1.1, 12.0, 3.0]);
}

#[test]
fn a_patient_model_has_its_jacobian() {
    let Some(population) = perf8::population(8) else { return };
    for p in &population {
        let state = [0.3, 2.0, 0.1, 0.05, 20.0, 0.3, 40.0, 9.0];
        compare::<perf8::Model, 8>(&perf8::Model::lanes([p; 4]), state);
    }
}
