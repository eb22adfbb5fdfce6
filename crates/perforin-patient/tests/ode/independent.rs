//! The solver against another's, of another kind: the explicit method of order eight of Dormand & Prince (Hairer, Nørsett &
//! Wanner) in the crate `differential-equations`, at a tolerance a hundred times tighter. It is slow on a stiff model and
//! owes nothing to a Jacobian. (That crate's Radau IIA does not settle on these models: its answers at relative tolerances of
//! 1e-9 and 1e-11 differ by 1e-5, ours between 1e-7 and 1e-9 by 2e-7. `diffsol` takes 150 s of processor
//! time to build; its states of the published models are a table, `tests/models/other_solver.rs`.)

use differential_equations::prelude::{ExplicitRungeKutta, IVP, ODE};
use perforin_core::catalogue::Parameter;
use perforin_patient::ode::{Course, LANES, Lanes, Next, Scalar, Start, Step, System, Tolerance, solve};
use perforin_patient::solid_tumour::{Central, LesionParameters, Parameters, Slot, SolidTumour, lesion_slot};

use crate::perf8;

/// A model with the parameters of one patient, from a state to a day.
struct Arc<M: System<N>, const N: usize> {
    state: [f64; N],
    parameters: M::Parameters<f64>,
    end: f64,
    seen: [f64; N],
}

impl<M: System<N>, const N: usize> Course<N> for Arc<M, N> {
    type Model = M;

    fn start(&self) -> Start<M, N> {
        Start { time: 0.0, state: self.state, parameters: self.parameters, stop: self.end }
    }

    fn observe(&mut self, _: &Step<'_, N>) -> Option<f64> {
        None
    }

    fn stop(&mut self, _: f64, state: &mut [f64; N], _: &mut M::Parameters<f64>) -> Next {
        self.seen = *state;
        Next::End
    }
}

/// The same for the other solver.
struct Other<M: System<N>, const N: usize>(M::Parameters<Lanes>);

impl<M: System<N>, const N: usize> ODE<f64, [f64; N]> for Other<M, N> {
    fn diff(&self, _: f64, y: &[f64; N], rates: &mut [f64; N]) {
        *rates = M::rates(&self.0, &y.map(Lanes::number)).map(|rate| rate.0[0]);
    }
}

/// Largest difference of the final states, relative to `scale` where a state is smaller.
fn difference<M: System<N>, const N: usize>(
    state: [f64; N],
    parameters: M::Parameters<f64>,
    (end, relative): (f64, f64),
    scale: impl Fn(usize) -> f64,
) -> f64 {
    let tolerance = Tolerance {
        absolute: std::array::from_fn(|i| relative * scale(i)),
        ..Tolerance::uniform(relative, 0.0)
    };
    let mut arcs = [Arc::<M, N> { state, parameters, end, seen: state }];
    let outcome = solve(&mut arcs, &tolerance)[0];
    assert_eq!(outcome.failure, None);
    let other = Other::<M, N>(M::lanes([&parameters; LANES]));
    let absolute: [f64; N] = std::array::from_fn(|i| 0.01 * relative * scale(i));
    let method =
        ExplicitRungeKutta::dop853().rtol(0.01 * relative).atol(absolute).h0(1e-6).max_steps(10_000_000);
    let solution = IVP::ode(&other, 0.0, end, state).method(method).solve().expect("a solution");
    let theirs = solution.y.last().expect("an end");
    let off = |i: usize| (arcs[0].seen[i] - theirs[i]).abs() / theirs[i].abs().max(scale(i));
    (0..N).map(off).fold(0.0, f64::max)
}

#[test]
fn the_benchmark_agrees_with_another_solver() {
    let Some(population) = perf8::population(8) else { return };
    for parameters in population {
        let state = [0.3, 2.0, 0.1, 0.05, 20.0, 0.3, 40.0, 9.0];
        let found = difference::<perf8::Model, 8>(state, parameters, (90.0, 1e-7), |_| 1e-4);
        assert!(found < 1e-5, "{found}");
    }
}

/// Two lesions, a dose in blood after lymphodepletion, and an antibody, over ninety days.
#[test]
fn the_patient_agrees_with_another_solver() {
    let value = |parameter: &'static Parameter| parameter.value;
    let lesion =
        LesionParameters { lysis_positive: 0.8, cytokine_positive: 0.7, ..LesionParameters::new(value) };
    for (dose, drugs) in [(2.5e8, 0.0), (1e7, 30.0)] {
        let mut state = [0.0; 29];
        for (slot, amount) in [
            (Slot::BloodMemory, 0.5 * dose),
            (Slot::BloodEffector, 0.5 * dose),
            (Slot::Lymphocytes, 0.012),
            (Slot::Il15, 20.0),
            (Slot::Il6, 1.7),
            (Slot::Il6Before, 1.7),
            (Slot::Ifn, 2.3),
            (Slot::Neuro, 0.3),
            (Slot::Antibody, drugs),
            (Slot::Steroid, drugs),
            (Slot::Organ, 1.0),
        ] {
            state[slot as usize] = amount;
        }
        for (l, cells) in [5e9, 2e8].into_iter().enumerate() {
            state[lesion_slot(l, 3)] = cells;
            state[lesion_slot(l, 4)] = 0.01 * cells;
        }
        let parameters = Parameters { central: Central::new(value), lesion: [lesion; 2] };
        let is_count = |i: usize| i <= Slot::Depot as usize || i >= lesion_slot(0, 0);
        let scale = |i: usize| if is_count(i) { 1e3 } else { 0.1 };
        let found = difference::<SolidTumour<2>, 29>(state, parameters, (90.0, 1e-9), scale);
        assert!(found < 1e-5, "{found}");
    }
}
