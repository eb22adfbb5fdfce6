//! Curves of published models and what is read off them.

use perforin_patient::model::Curve;
use perforin_patient::models::{Patient, Published, by_name};

/// A curve with its model.
pub struct Run {
    pub model: &'static Published,
    pub curve: Curve,
}

/// Times from 0 to `end` with a given step.
pub fn grid(end: f64, step: f64) -> Vec<f64> {
    (0..=(end / step).round() as u32).map(|i| f64::from(i) * step).collect()
}

/// Runs a patient at relative tolerance 1e-8.
pub fn run(model: &str, patient: &Patient, times: &[f64]) -> Run {
    let model = by_name(model).expect("a model");
    let curve = model.run(patient, times, 1e-8).expect("a curve");
    assert_eq!(curve.columns[0].len(), times.len());
    Run { model, curve }
}

/// The model's patient of a name; `name=value` is the first with one parameter changed.
pub fn patient(model: &str, name: &str) -> Patient {
    let model = by_name(model).expect("a model");
    let Some((parameter, value)) = name.split_once('=') else {
        return model.patient(name).expect("a patient");
    };
    let mut patient = model.patients().swap_remove(0);
    model.set(&mut patient, parameter, value.parse().expect("a number")).expect("a parameter");
    patient
}

impl Run {
    pub fn column(&self, name: &str) -> &[f64] {
        &self.curve.columns[self.model.column(name).unwrap_or_else(|| panic!("column {name}"))]
    }

    /// Value at a time of the grid, or between two.
    pub fn at(&self, name: &str, time: f64) -> f64 {
        let (times, values) = (&self.curve.times, self.column(name));
        let i = times.partition_point(|t| *t < time).max(1);
        let part = (time - times[i - 1]) / (times[i] - times[i - 1]);
        values[i - 1] + part * (values[i] - values[i - 1])
    }

    /// Largest value and its time.
    pub fn max(&self, name: &str) -> (f64, f64) {
        self.extreme(name, |a, b| a > b)
    }

    /// Smallest value and its time.
    pub fn min(&self, name: &str) -> (f64, f64) {
        self.extreme(name, |a, b| a < b)
    }

    fn extreme(&self, name: &str, better: impl Fn(f64, f64) -> bool) -> (f64, f64) {
        let values = self.column(name);
        let best =
            (0..values.len()).fold(0, |best, i| if better(values[i], values[best]) { i } else { best });
        (values[best], self.curve.times[best])
    }

    /// Area under a column up to a time, by trapezoids.
    pub fn area(&self, name: &str, until: f64) -> f64 {
        let (times, values) = (&self.curve.times, self.column(name));
        (1..times.len())
            .take_while(|i| times[*i] <= until + 1e-9)
            .map(|i| 0.5 * (times[i] - times[i - 1]) * (values[i] + values[i - 1]))
            .sum()
    }

    /// The first time of the grid, from a given one, at which a column satisfies a condition.
    pub fn first(&self, name: &str, from: f64, holds: impl Fn(f64) -> bool) -> Option<f64> {
        let values = self.column(name);
        (0..values.len())
            .find(|&i| self.curve.times[i] >= from && holds(values[i]))
            .map(|i| self.curve.times[i])
    }
}

/// Median of a list.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    0.5 * (values[(n - 1) / 2] + values[n / 2])
}
