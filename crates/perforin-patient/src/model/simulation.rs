//! One patient of a model, seen at given times.

use super::{Change, Event, Model, Values};
use crate::ode::{Course, Failure, Next, Start, Step, System, Tolerance, first_fall, solve};

/// A patient, its events, and its states at the asked times. At the time of an event the state after it is kept.
#[derive(Clone, Debug)]
pub struct Simulation<'a, M: Model<N>, const N: usize> {
    parameters: M::Parameters<f64>,
    /// As they are after the last stop.
    now: M::Parameters<f64>,
    times: &'a [f64],
    rows: Vec<[f64; N]>,
    events: Vec<Event<M, N>>,
    done: usize,
    crossed: Option<Change<M, N>>,
}

impl<'a, M: Model<N>, const N: usize> Simulation<'a, M, N> {
    /// A patient with the given parameters, to be seen at ascending times (d, from 0).
    pub fn new(parameters: M::Parameters<f64>, times: &'a [f64]) -> Self {
        let rows = Vec::with_capacity(times.len());
        let events = M::events(&parameters);
        Self { parameters, now: parameters, times, rows, events, done: 0, crossed: None }
    }

    /// The states at the times, as far as the patient was followed.
    pub fn rows(&self) -> &[[f64; N]] {
        &self.rows
    }

    fn end(&self) -> f64 {
        self.times.last().copied().unwrap_or(0.0)
    }

    fn next_stop(&self) -> f64 {
        self.events.get(self.done).map_or(self.end(), |event| event.time.min(self.end()))
    }

    fn record(&mut self, before: f64, state: impl Fn(f64) -> [f64; N]) {
        while let Some(&time) = self.times.get(self.rows.len()).filter(|t| **t < before) {
            self.rows.push(state(time));
        }
    }
}

impl<M: Model<N>, const N: usize> Course<N> for Simulation<'_, M, N> {
    type Model = M;

    fn start(&self) -> Start<M, N> {
        let state = M::initial(&self.parameters);
        Start { time: 0.0, state, parameters: self.parameters, stop: self.next_stop() }
    }

    fn observe(&mut self, step: &Step<'_, N>) -> Option<f64> {
        let mut cut: Option<f64> = None;
        for threshold in M::thresholds() {
            let fall = first_fall(step, |state| (threshold.value)(&self.now, state));
            if let Some(time) = fall.filter(|time| cut.is_none_or(|cut| *time < cut)) {
                cut = Some(time);
                self.crossed = Some(threshold.change);
            }
        }
        self.record(cut.unwrap_or(step.to()), |time| step.at(time));
        cut
    }

    fn stop(
        &mut self,
        time: f64,
        state: &mut [f64; N],
        parameters: &mut <M as System<N>>::Parameters<f64>,
    ) -> Next {
        if let Some(change) = self.crossed.take() {
            change(parameters, state);
        }
        while let Some(event) = self.events.get(self.done).filter(|event| event.time <= time) {
            (event.change)(parameters, state);
            self.done += 1;
        }
        self.now = *parameters;
        if time >= self.end() {
            self.record(f64::INFINITY, |_| *state);
            return Next::End;
        }
        Next::Stop(self.next_stop())
    }
}

/// States and derived quantities of one patient over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Times, d.
    pub times: Vec<f64>,
    /// One column for each state and derived quantity, in the model's order.
    pub columns: Vec<Vec<f64>>,
}

/// Simulates one patient of a model.
///
/// # Errors
/// If the solution diverges, with the time.
pub fn simulate<M: Model<N>, const N: usize>(
    values: &[f64],
    times: &[f64],
    relative: f64,
) -> Result<Curve, Failure>
where
    M::Parameters<f64>: Values,
{
    let parameters = M::Parameters::from_values(values);
    let mut patient = [Simulation::<M, N>::new(parameters, times)];
    let absolute = M::NEGLIGIBLE.map(|size| size * relative * 1e6);
    let tolerance = Tolerance { absolute, ..Tolerance::uniform(relative, 0.0) };
    if let Some(failure) = solve(&mut patient, &tolerance)[0].failure {
        return Err(failure);
    }
    let mut columns = vec![Vec::with_capacity(times.len()); N + M::DERIVED.len()];
    let mut derived = Vec::new();
    for row in patient[0].rows() {
        derived.clear();
        M::derive(&parameters, row, &mut derived);
        for (column, value) in columns.iter_mut().zip(row.iter().chain(&derived)) {
            column.push(*value);
        }
    }
    Ok(Curve { times: times.to_vec(), columns })
}
