//! Solves a population, chunk by chunk.

use std::ops::Range;

use rayon::prelude::*;

use crate::ode::{Course, Failure, Tolerance, solve};

/// Patients that are solved together: enough to keep the lanes full, few enough to spread over threads.
pub const CHUNK: u64 = 64;

/// A patient whose solution failed. It is counted and listed, and stops no other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Failed {
    /// Number of the patient.
    pub patient: u64,
    /// Why.
    pub failure: Failure,
}

/// Rows of a stretch of patients.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// Row after row, each of the same number of values; a failed patient's values are NaN.
    pub values: Vec<f64>,
    /// Patients that failed.
    pub failed: Vec<Failed>,
}

/// Does `work` for patients `from..to` in parallel, [`CHUNK`] at a time; the answers are in order.
pub fn in_chunks<T: Send>((from, to): (u64, u64), work: impl Fn(Range<u64>) -> T + Sync) -> Vec<T> {
    (0..(to - from).div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| {
            let first = from + chunk * CHUNK;
            work(first..to.min(first + CHUNK))
        })
        .collect()
}

/// Solves patients `from..to` in parallel: `make` gives a patient, `read` appends its `width` values.
///
/// The rows are in order, and their bits depend neither on the number of threads nor on how a population is cut into
/// stretches.
pub fn run<C, const N: usize>(
    (from, to): (u64, u64),
    width: usize,
    tolerance: &Tolerance<N>,
    make: impl Fn(u64) -> C + Sync,
    read: impl Fn(&C, &mut Vec<f64>) + Sync,
) -> Rows
where
    C: Course<N>,
{
    let chunks = in_chunks((from, to), |chunk| {
        let first = chunk.start;
        let mut patients: Vec<C> = chunk.map(&make).collect();
        let outcomes = solve(&mut patients, tolerance);
        let mut rows = Rows::default();
        for (i, (patient, outcome)) in patients.iter().zip(&outcomes).enumerate() {
            let end = (i + 1) * width;
            match outcome.failure {
                None => read(patient, &mut rows.values),
                Some(failure) => rows.failed.push(Failed { patient: first + i as u64, failure }),
            }
            rows.values.resize(end, f64::NAN);
        }
        rows
    });
    let mut rows = Rows::default();
    for chunk in chunks {
        rows.values.extend(chunk.values);
        rows.failed.extend(chunk.failed);
    }
    rows
}
