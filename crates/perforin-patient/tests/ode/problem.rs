//! Problems for the solver, and a course that only looks.

use std::marker::PhantomData;

use perforin_patient::ode::{
    Course, LANES, Lanes, Next, Outcome, Scalar, Start, Step, System, Tolerance, solve,
};

/// Declares a problem whose only parameter is `p`.
macro_rules! problem {
    ($(#[$doc:meta])* $name:ident, $n:literal, |$p:ident, $y:ident| $rates:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl System<$n> for $name {
            type Parameters<F: Copy> = [F; 1];

            fn lanes(patients: [&[f64; 1]; LANES]) -> [Lanes; 1] {
                [Lanes(patients.map(|p| p[0]))]
            }

            #[allow(unused_variables)]
            fn rates<S: Scalar>([$p]: &[S::Constant; 1], $y: &[S; $n]) -> [S; $n] {
                $rates
            }
        }
    };
}

problem!(
    /// Robertson's three reactions; rates over nine orders of magnitude.
    Robertson, 3, |p, y| {
        let (slow, back, fast) = (y[0] * 0.04, y[1] * y[2] * 1e4, y[1] * y[1] * 3e7);
        [back - slow, slow - back - fast, fast]
    }
);

problem!(
    /// HIRES: high irradiance response of plants, eight reactions.
    Hires, 8, |p, y| {
        let bound = y[5] * y[7] * 280.0;
        [
            -y[0] * 1.71 + y[1] * 0.43 + y[2] * 8.32 + 0.0007,
            y[0] * 1.71 - y[1] * 8.75,
            -y[2] * 10.03 + y[3] * 0.43 + y[4] * 0.035,
            y[1] * 8.32 + y[2] * 1.71 - y[3] * 1.12,
            -y[4] * 1.745 + (y[5] + y[6]) * 0.43,
            -bound + y[3] * 0.69 + y[4] * 1.71 - y[5] * 0.43 + y[6] * 0.69,
            bound - y[6] * 1.81,
            -bound + y[6] * 1.81,
        ]
    }
);

problem!(
    /// The Oregonator: an oscillating reaction that changes by orders of magnitude within seconds.
    Oregonator, 3, |p, y| [
        (y[1] + y[0] * (-(y[0] * 8.375e-6) - y[1] + 1.0)) * 77.27,
        (y[2] - y[1] * (y[0] + 1.0)) / 77.27,
        (y[0] - y[2]) * 0.161,
    ]
);

problem!(
    /// Van der Pol's oscillator in the stiff scaling, `ε = 1e-6`.
    VanDerPol, 2, |p, y| [y[1], (y[1] * (-(y[0] * y[0]) + 1.0) - y[0]) / 1e-6]
);

problem!(
    /// Exponential decay at rate `p`.
    Decay, 1, |p, y| [-y[0] * *p]
);

problem!(
    /// `y' = p y²`, which is infinite at `1/(p y₀)`.
    BlowUp, 1, |p, y| [y[0] * y[0] * *p]
);

problem!(
    /// A rotation at frequency `p`: an oscillation that the diagonal knows nothing of.
    Rotation, 2, |p, y| [y[1] * *p, -y[0] * *p]
);

problem!(
    /// Every function that a model may use, of states that are coupled.
    Functions, 5, |p, y| [
        (y[0] * y[1]).exp() - y[2].ln() * *p,
        y[1].sqrt() / (y[2] + *p) - y[3].pow(*p),
        y[2].hill(*p, *p) * y[4] + y[0].saturation(*p),
        y[3].positive() * y[0].complement() / y[4].squared(),
        (y[4] - *p) * (y[1] + 2.0) / *p - y[3] / y[0] + S::constant(*p) * 3.0,
    ]
);

/// A course without events that keeps the states at given times.
#[derive(Clone, Debug)]
pub struct Look<M, const N: usize> {
    pub state: [f64; N],
    pub parameter: f64,
    pub times: Vec<f64>,
    pub seen: Vec<[f64; N]>,
    model: PhantomData<M>,
}

impl<M, const N: usize> Look<M, N> {
    pub fn new(state: [f64; N], parameter: f64, times: &[f64]) -> Self {
        Self { state, parameter, times: times.to_vec(), seen: Vec::new(), model: PhantomData }
    }
}

impl<M, const N: usize> Course<N> for Look<M, N>
where
    M: for<'a> System<N, Parameters<f64> = [f64; 1]>,
{
    type Model = M;

    fn start(&self) -> Start<M, N> {
        let stop = *self.times.last().expect("a time");
        Start { time: 0.0, state: self.state, parameters: [self.parameter], stop }
    }

    fn observe(&mut self, step: &Step<'_, N>) -> Option<f64> {
        while let Some(&time) = self.times.get(self.seen.len()).filter(|t| **t <= step.to()) {
            self.seen.push(step.at(time));
        }
        None
    }

    fn stop(&mut self, _: f64, _: &mut [f64; N], _: &mut [f64; 1]) -> Next {
        Next::End
    }
}

/// The state at the end, and how the solution went.
pub fn end_of<M, const N: usize>(
    state: [f64; N],
    parameter: f64,
    end: f64,
    tol: (f64, f64),
) -> ([f64; N], Outcome)
where
    M: System<N, Parameters<f64> = [f64; 1]>,
{
    let mut courses = [Look::<M, N>::new(state, parameter, &[end])];
    let outcome = solve(&mut courses, &Tolerance::uniform(tol.0, tol.1))[0];
    assert_eq!(outcome.failure, None);
    (courses[0].seen[0], outcome)
}
