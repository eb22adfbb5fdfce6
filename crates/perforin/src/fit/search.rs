//! Where the misfit is smallest: a Latin hypercube, then Nelder and Mead's simplex.

use std::sync::{Mutex, PoisonError};

use argmin::core::{CostFunction, Executor};
use argmin::solver::neldermead::NelderMead;
use rayon::prelude::*;

use super::problem::Evaluation;
use crate::failure::Failure;
use crate::sweep::stratified;

/// Edge of the first simplex, as a share of the ranges: about the distance of neighbours in the hypercube.
const FIRST_SIMPLEX: f64 = 0.15;
/// Spread of the misfit over the simplex at which the search ends: far below what chance makes of it.
const TOLERANCE: f64 = 1e-3;

/// How many points are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Points of the hypercube for each value.
    pub samples: u32,
    /// Most steps of the simplex for each value.
    pub steps: u32,
}

impl Effort {
    /// The usual effort.
    pub const USUAL: Self = Self { samples: 8, steps: 10 };

    /// About how many points are tried for `values` values.
    pub fn evaluations(self, values: usize) -> usize {
        // A step of the simplex tries one or two points; a profile has about ten.
        values * (self.samples as usize + 3 * self.steps as usize / 2 + 10) + 1
    }
}

/// Evaluates a point of the unit cube.
pub trait Evaluate: Fn(&[f64]) -> Result<Evaluation, Failure> + Sync {}
impl<F: Fn(&[f64]) -> Result<Evaluation, Failure> + Sync> Evaluate for F {}

/// The evaluation with the smallest misfit; the first of equals.
///
/// # Panics
/// Without any evaluation.
pub fn best(tried: &[Evaluation]) -> &Evaluation {
    tried[1..].iter().fold(&tried[0], |best, e| if e.misfit < best.misfit { e } else { best })
}

/// Evaluates a Latin hypercube of the unit cube of `values` dimensions (doi 10.2307/1268522).
///
/// # Errors
/// If an evaluation fails.
pub fn hypercube(
    seed: u64,
    values: usize,
    effort: Effort,
    evaluate: &impl Evaluate,
) -> Result<Vec<Evaluation>, Failure> {
    let n = values * effort.samples as usize;
    let columns: Vec<Vec<f64>> = (0..values).map(|k| stratified(seed, k as u64, n)).collect();
    let point = |i: usize| columns.iter().map(|column| column[i]).collect::<Vec<f64>>();
    (0..n).into_par_iter().map(|i| evaluate(&point(i))).collect()
}

/// Goes downhill from a point with a simplex; all that it evaluates, in order.
///
/// # Errors
/// If an evaluation fails.
pub fn simplex(start: &[f64], effort: Effort, evaluate: &impl Evaluate) -> Result<Vec<Evaluation>, Failure> {
    simplex_until(start, effort, f64::NEG_INFINITY, evaluate)
}

/// The same, until a misfit of `enough` is reached.
///
/// # Errors
/// If an evaluation fails.
pub fn simplex_until(
    start: &[f64],
    effort: Effort,
    enough: f64,
    evaluate: &impl Evaluate,
) -> Result<Vec<Evaluation>, Failure> {
    let corners = (0..start.len()).map(|k| {
        let mut corner = start.to_vec();
        corner[k] += if corner[k] < 0.5 { FIRST_SIMPLEX } else { -FIRST_SIMPLEX };
        corner
    });
    let corners: Vec<Vec<f64>> = std::iter::once(start.to_vec()).chain(corners).collect();
    let log = Mutex::new(Log::default());
    let steps = u64::from(effort.steps) * start.len() as u64;
    let run = NelderMead::new(corners).with_sd_tolerance(TOLERANCE).and_then(|solver| {
        Executor::new(Misfit { evaluate, log: &log }, solver)
            .configure(|state| state.max_iters(steps).target_cost(enough))
            .timer(false)
            .run()
            .map(|_| ())
    });
    let Log { tried, failure } = log.into_inner().unwrap_or_else(PoisonError::into_inner);
    match (failure, run) {
        (Some(failure), _) => Err(failure),
        (None, Err(error)) => Err(Failure::run("the search failed").because(error.as_ref())),
        (None, Ok(())) => Ok(tried),
    }
}

/// What the simplex did.
#[derive(Debug, Default)]
struct Log {
    tried: Vec<Evaluation>,
    failure: Option<Failure>,
}

/// The misfit as the library wants it.
struct Misfit<'a, F> {
    evaluate: &'a F,
    log: &'a Mutex<Log>,
}

impl<F: Evaluate> CostFunction for Misfit<'_, F> {
    type Param = Vec<f64>;
    type Output = f64;

    /// The solver panics at an error: after a failure every point is bad, and none is evaluated.
    fn cost(&self, point: &Vec<f64>) -> Result<f64, argmin::core::Error> {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        if log.failure.is_some() {
            return Ok(f64::MAX);
        }
        let folded: Vec<f64> = point.iter().map(|x| fold(*x)).collect();
        match (self.evaluate)(&folded) {
            Ok(evaluation) => {
                let misfit = evaluation.misfit;
                log.tried.push(evaluation);
                Ok(misfit)
            }
            Err(failure) => {
                log.failure = Some(failure);
                Ok(f64::MAX)
            }
        }
    }
}

/// A step beyond the end of a range is mirrored into it.
fn fold(x: f64) -> f64 {
    let x = x.rem_euclid(2.0);
    if x > 1.0 { 2.0 - x } else { x }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A crooked valley with its lowest point at (0.3, 0.09 + 0.4).
    fn valley(p: &[f64]) -> Evaluation {
        let (x, y) = (p[0], p[1] - 0.4);
        Evaluation::new(p, vec![vec![x - 0.3, 3.0 * (y - x * x)]], &[0.0, 0.0])
    }

    #[test]
    fn hypercube_and_simplex_find_the_bottom_of_a_crooked_valley() {
        let evaluate = |p: &[f64]| Ok(valley(p));
        let effort = Effort { samples: 8, steps: 30 };
        let mut tried = hypercube(1, 2, effort, &evaluate).unwrap();
        assert_eq!(tried.len(), 16);
        tried.extend(simplex(&best(&tried).point.clone(), effort, &evaluate).unwrap());
        let found = best(&tried);
        // The simplex ends where its corners differ by less than its tolerance.
        assert!((found.point[0] - 0.3).abs() < 0.01 && (found.point[1] - 0.49).abs() < 0.01, "{found:?}");
    }

    #[test]
    fn a_minimum_at_the_end_of_the_range_is_found_inside_of_it() {
        let evaluate = |p: &[f64]| {
            assert!(p.iter().all(|x| (0.0..=1.0).contains(x)), "{p:?}");
            Ok(Evaluation::new(p, vec![vec![p[0] + 0.5]], &[0.0]))
        };
        let tried = simplex(&[0.2], Effort { samples: 1, steps: 30 }, &evaluate).unwrap();
        assert!(best(&tried).point[0] < 0.01, "{tried:?}");
    }

    #[test]
    fn the_first_failure_ends_the_search_and_is_given_back() {
        for fails_at in [1, 2, 3, 6] {
            let count = AtomicUsize::new(0);
            let evaluate = |p: &[f64]| match count.fetch_add(1, Ordering::Relaxed) + 1 {
                n if n < fails_at => Ok(valley(p)),
                n => Err(Failure::run(format!("the box burst at {n}"))),
            };
            let failure = simplex(&[0.2, 0.2], Effort::USUAL, &evaluate).unwrap_err();
            assert_eq!(failure.what, format!("the box burst at {fails_at}"));
            assert_eq!(count.load(Ordering::Relaxed), fails_at, "evaluated after the failure");
        }
    }
}
