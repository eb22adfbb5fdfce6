//! Fitting a few values of a study to a time series.
//!
//! | symbol | meaning |
//! |---|---|
//! | `y_i` | a number of the series, as `ln(1 + n)` or over its column's largest value |
//! | `m_i(θ)` | mean over replicates of the same number in simulations with the values `θ` |
//! | `R` | replicates: simulations with the seeds seed, seed + 1, …; the same for every `θ` |
//!
//! The misfit is the root mean square of `m_i(θ) − y_i`. A Latin hypercube finds where it is small, Nelder and Mead's
//! simplex (doi 10.1093/comjnl/7.4.308) goes on from its best point, and each value is then moved through its whole
//! range with the others held. The interval is a resampling: each replicate of the best fit is taken as if it were
//! the series, and fitted with what the other replicates show along those profiles; the root mean square distance of
//! these fits from the estimate, times Student's t of R − 1 degrees of freedom, is half of a 90 % interval. Where it
//! spans most of the range, chance alone moves the fit anywhere in it: the value cannot be identified. Nor can a value
//! along whose profile the numbers change no more than by chance (p > 0.05 in a test of 199 permutations of its points
//! within each replicate; see `effect`).
//!
//! Assumptions: the effects of the values on the numbers add up near the estimate; chance is as large in what was
//! measured as in what is simulated. An error of measurement beyond that is not in the interval.

mod effect;
mod interval;
mod problem;
mod report;
mod search;
mod target;

pub use interval::{Identified, Interval, Profile};
pub use problem::{Evaluation, Problem, Scale};
pub use report::Fit;
pub(crate) use report::shortened;
pub use search::{Effort, best, hypercube, simplex, simplex_until};
pub use target::Target;

use indicatif::{ProgressBar, ProgressStyle};

use crate::failure::Failure;

/// Fits the values of a problem to its series.
///
/// # Errors
/// If a simulation fails, or the user stops.
pub fn fit(problem: &Problem, effort: Effort, quiet: bool) -> Result<Fit, Failure> {
    let bar = if quiet { ProgressBar::hidden() } else { bar(effort.evaluations(problem.values())) };
    let evaluate = |point: &[f64]| {
        let evaluation = problem.evaluate(point);
        bar.inc(1);
        evaluation
    };
    let k = problem.values();
    let mut tried = hypercube(problem.seed(), k, effort, &evaluate)?;
    tried.extend(simplex(&best(&tried).point, effort, &evaluate)?);
    let estimate = best(&tried).clone();
    let profiles = Profile::through(&estimate, &evaluate)?;
    bar.finish_and_clear();
    tried.extend(profiles.iter().flat_map(|p| p.points.iter().map(|(_, e)| e.clone())));
    let intervals = interval::intervals(problem.seed(), &estimate, &profiles);
    Ok(Fit::new(problem, &estimate, &profiles, intervals, &tried))
}

fn bar(points: usize) -> ProgressBar {
    let bar = ProgressBar::new(points as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos} of about {len} points · {eta} left") {
        bar.set_style(style);
    }
    bar
}
