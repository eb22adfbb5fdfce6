//! What happens to one patient.

use super::{Step, System};

/// One patient: where it starts, what happens at which times, and what is remembered.
///
/// The solver runs from the start to each stop in turn. At a stop the course may change state and parameters (an
/// infusion, a switch) and names the next stop. Everything that is kept of the patient is kept in the course.
pub trait Course<const N: usize> {
    /// The model.
    type Model: System<N>;

    /// Where the patient starts.
    fn start(&self) -> Start<Self::Model, N>;

    /// Reads an accepted step. A time within it, if one is returned, ends the step there (a threshold was crossed):
    /// [`stop`](Self::stop) follows at that time. What lies beyond it never happened.
    fn observe(&mut self, step: &Step<'_, N>) -> Option<f64>;

    /// What happens at a stop, or at the start if that is one.
    fn stop(
        &mut self,
        time: f64,
        state: &mut [f64; N],
        parameters: &mut <Self::Model as System<N>>::Parameters<f64>,
    ) -> Next;
}

/// Where a patient starts.
#[derive(Clone, Copy, Debug)]
pub struct Start<M: System<N>, const N: usize> {
    /// Time, d.
    pub time: f64,
    /// States.
    pub state: [f64; N],
    /// Parameters.
    pub parameters: M::Parameters<f64>,
    /// The first stop, d; if it is the start itself, [`Course::stop`] is called there first.
    pub stop: f64,
}

/// What follows a stop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Next {
    /// The next stop, d; it must be later.
    Stop(f64),
    /// Nothing.
    End,
}
