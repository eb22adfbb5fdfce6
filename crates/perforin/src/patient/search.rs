//! `[population.search]`: plausible patients who have the observed shares.
//!
//! 1. **Candidates** are drawn as the patients of a population are.
//! 2. One whose outcome in the observed arm is not **plausible** is moved within the ranges of what varies by Nelder and Mead's
//!    simplex (doi 10.1093/comjnl/7.4.308) until it is, or is given up: the search for plausible patients of
//!    Allen 2016 (doi 10.1002/psp4.12063), from many starts. Where shares were observed, every other candidate is also steered to a bin,
//!    drawn by these shares, so that bins are filled that a draw would hardly reach.
//! 3. Candidates are **accepted** with a probability in proportion to the weight with which they have the observed shares
//!    (`perforin_patient::population::weights`), as in Allen 2016 by the density of what was observed over that of what is
//!    plausible.
//!
//! What is minimised is the sum of squared distances from the plausible ranges: of logarithms for outcomes that are kept on a
//! logarithmic scale, of values over the width of the range for others. Whether candidate `k` is accepted, and
//! all before, depends on the seed and `k` alone.
//!
//! Limits: a moved candidate stops at the edge of what is plausible, so that edges are denser than the inside;
//! correlations and classes hold for the draw and not for the move; a covariate is not moved.

mod candidates;
mod read;
mod report;

pub use report::{Searched, table};

use perforin_core::rng::{Purpose, Stream};
use perforin_patient::population::store::{Store, Stretches};
use perforin_patient::population::weights::Marginal;

use self::candidates::Plausible;
use super::draws::Candidate;
use super::question::Question;
use super::stream::not_kept;
use super::weighting::Weighting;
use crate::failure::Failure;
use crate::files;
use crate::folder::Folder;
use crate::study::Study;

/// What is searched for.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// Candidates that are drawn.
    pub candidates: u64,
    /// Most times that one is followed to be moved, for each value that varies.
    steps: u32,
    /// Plausible ranges.
    goals: Vec<Goal>,
}

/// A range of an outcome.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Goal {
    /// Its column.
    column: usize,
    low: f64,
    high: f64,
    /// Whether its logarithm counts.
    is_log: bool,
}

/// Distance of an outcome that a patient does not have, or of a patient who could not be followed.
const FAR: f64 = 100.0;

impl Goal {
    /// Distance of a value from the range, 0 within it.
    fn distance(&self, value: f64) -> f64 {
        if value.is_nan() {
            return FAR;
        }
        if (self.low..=self.high).contains(&value) {
            return 0.0;
        }
        let end = if value < self.low { self.low } else { self.high };
        let distance = if self.is_log && end > 0.0 {
            (libm::log(value.max(1e-300)) - libm::log(end)).abs()
        } else {
            let width = self.high - self.low;
            (value - end).abs() / if width.is_finite() { width } else { end.abs().max(1.0) }
        };
        distance.min(FAR)
    }
}

/// The patients of a question that asks for a search, from a folder where they were found before or by a search; nothing
/// if it asks for none.
///
/// # Errors
/// If fewer patients are accepted than are asked for, or the disk is full or fails.
pub fn settle(
    question: &mut Question,
    study: &Study,
    folder: &Folder,
    quiet: bool,
) -> Result<Option<Searched>, Failure> {
    let (Some(search), Some(variation)) = (question.search.clone(), question.variation.clone()) else {
        return Ok(None);
    };
    let (rows, summary) = (folder.root().join("search.rows"), folder.root().join("search.json"));
    let digest = files::digest(format!("search {} {}", crate::manifest::VERSION, study.text).as_bytes());
    let identity = u64::from_str_radix(&digest[..16], 16).unwrap_or_default();
    let values = variation.ranges().len();
    let width = variation.columns.len() + candidates::BESIDE;
    let mut store = Store::open(&rows, width, identity).map_err(|e| not_kept(&e))?;
    let (chosen, searched) = if store.patients() == question.count && summary.exists() {
        let mut kept = Vec::new();
        for stretch in Stretches::open(&rows).map_err(|e| not_kept(&e))? {
            let (_, numbers) = stretch.map_err(|e| not_kept(&e))?;
            kept.extend(numbers.chunks(width).map(|row| candidates::of_row(row, values)));
        }
        (kept, files::read_json(&summary)?)
    } else {
        // A search that was killed begins anew.
        drop(store);
        let (chosen, searched) = find(question, &search, quiet)?;
        let _ = std::fs::remove_file(&rows);
        files::write_json(&summary, &searched)?;
        store = Store::open(&rows, width, identity).map_err(|e| not_kept(&e))?;
        let numbers: Vec<f64> = chosen.iter().flat_map(candidates::row).collect();
        store.append(&numbers).map_err(|e| not_kept(&e))?;
        (chosen, searched)
    };
    if let Some(variation) = &mut question.variation {
        variation.choose(chosen);
    }
    Ok(Some(searched))
}

/// Removes what a finished run does not need.
pub fn tidy(folder: &Folder) {
    for name in ["search.rows", "search.json"] {
        let _ = std::fs::remove_file(folder.root().join(name));
    }
}

/// Searches.
fn find(question: &Question, search: &Search, quiet: bool) -> Result<(Vec<Candidate>, Searched), Failure> {
    let (plausible, lost) = candidates::plausible(question, search, quiet)?;
    let weighting = question.weighting.as_ref();
    let accepted = accepted(question, &plausible, weighting)?;
    let marginals: &[Marginal] = weighting.map_or(&[], Weighting::marginals);
    let columns: &[usize] = weighting.map_or(&[], Weighting::columns);
    let searched =
        Searched::new(search.candidates, &plausible, lost, &accepted, question.count, (marginals, columns));
    if (accepted.len() as u64) < question.count {
        return Err(too_few(search, question.count, &searched));
    }
    let chosen = accepted.iter().take(question.count as usize).map(|i| plausible[*i].candidate.clone());
    Ok((chosen.collect(), searched))
}

fn too_few(search: &Search, count: u64, found: &Searched) -> Failure {
    let what = format!(
        "{} of {} candidates are plausible and {} of them accepted, where {count} patients are asked for",
        found.plausible, search.candidates, found.accepted
    );
    let more = search.candidates as f64 * count as f64 / found.accepted.max(1) as f64;
    let help = if found.accepted == 0 {
        "widen [population.search.plausible], or vary more under [population.vary]".to_owned()
    } else {
        format!("give candidates = {} under [population.search], or a smaller count", (1.2 * more).ceil())
    };
    Failure::input(what).help(help)
}

/// Places of the accepted candidates among the plausible ones, ascending.
fn accepted(
    question: &Question,
    plausible: &[Plausible],
    weighting: Option<&Weighting>,
) -> Result<Vec<usize>, Failure> {
    let Some(weighting) = weighting else { return Ok((0..plausible.len()).collect()) };
    if plausible.is_empty() {
        return Ok(Vec::new());
    }
    let weights = weighting.of_outcomes(plausible.iter().map(|p| p.outcome.as_slice()))?;
    let most = weights.iter().copied().fold(0.0, f64::max);
    let stream = Stream::new(question.seed, Purpose::Search);
    let is_taken = |i: &usize| stream.at(plausible[*i].candidate.number, 1).uniform() * most < weights[*i];
    Ok((0..plausible.len()).filter(is_taken).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_zero_within_and_grow_outside() {
        let log = Goal { column: 0, low: 2.0, high: 8.0, is_log: true };
        assert_eq!([2.0, 4.0, 8.0].map(|v| log.distance(v)), [0.0; 3]);
        assert!((log.distance(16.0) - std::f64::consts::LN_2).abs() < 1e-12);
        assert!((log.distance(1.0) - std::f64::consts::LN_2).abs() < 1e-12);
        assert_eq!(log.distance(f64::NAN), FAR);
        assert_eq!(log.distance(0.0), FAR);
        let linear = Goal { column: 0, low: -50.0, high: 0.0, is_log: false };
        assert!((linear.distance(25.0) - 0.5).abs() < 1e-12 && (linear.distance(-100.0) - 1.0).abs() < 1e-12);
        let open = Goal { column: 0, low: f64::NEG_INFINITY, high: 4.0, is_log: true };
        assert_eq!(open.distance(-1e9), 0.0);
        assert!((open.distance(8.0) - std::f64::consts::LN_2).abs() < 1e-12);
    }
}
