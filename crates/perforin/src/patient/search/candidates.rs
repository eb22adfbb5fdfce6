//! Candidates: drawn, moved until they are plausible, or given up.

use perforin_core::rng::{Purpose, Stream};
use perforin_patient::population::draw::Draw;
use rayon::prelude::*;

use super::super::draws::{Candidate, Variation};
use super::super::meter::Meter;
use super::super::question::Question;
use super::super::weighting::Weighting;
use super::{FAR, Goal, Search};
use crate::failure::Failure;
use crate::fit::{Effort, Evaluation, simplex_until};
use crate::interrupt;

/// Numbers of a stored candidate beside its values and covariates: number, class, susceptibility.
pub(super) const BESIDE: usize = 3;

/// A plausible candidate.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plausible {
    pub candidate: Candidate,
    /// Its outcome in the observed arm.
    pub outcome: Vec<f64>,
    /// Whether it had to be moved to become plausible.
    pub was_moved: bool,
}

/// A candidate as it is stored.
pub(super) fn row(candidate: &Candidate) -> Vec<f64> {
    let Draw { values, covariates, class, susceptibility, .. } = &candidate.draw;
    let beside = [candidate.number as f64, *class as f64, *susceptibility];
    values.iter().chain(covariates).copied().chain(beside).collect()
}

/// The candidate of a stored row with so many values.
pub(super) fn of_row(row: &[f64], values: usize) -> Candidate {
    let (values, rest) = row.split_at(values);
    let (covariates, beside) = rest.split_at(rest.len() - BESIDE);
    let draw = Draw {
        values: values.to_vec(),
        covariates: covariates.to_vec(),
        class: beside[1] as usize,
        susceptibility: beside[2],
        rejected: 0,
    };
    Candidate { number: beside[0] as u64, draw }
}

/// All plausible candidates, in their order, and how many could not be followed as they were drawn.
pub(super) fn plausible(
    question: &Question,
    search: &Search,
    quiet: bool,
) -> Result<(Vec<Plausible>, u64), Failure> {
    let Some(variation) = &question.variation else { return Ok((Vec::new(), 0)) };
    let mover = Mover { question, search, variation, weighting: question.weighting.as_ref() };
    let meter = Meter::new(quiet, search.candidates, 0);
    let found: Vec<(Option<Plausible>, bool)> = (0..search.candidates)
        .into_par_iter()
        .map(|number| {
            if interrupt::is_requested() {
                return Err(
                    Failure::interrupted("Stopped.").help("a search begins anew with the same command")
                );
            }
            let found = mover.candidate(number);
            meter.add(1);
            found
        })
        .collect::<Result<_, Failure>>()?;
    let lost = found.iter().filter(|(_, is_lost)| *is_lost).count() as u64;
    Ok((found.into_iter().filter_map(|(plausible, _)| plausible).collect(), lost))
}

struct Mover<'a> {
    question: &'a Question,
    search: &'a Search,
    variation: &'a Variation,
    weighting: Option<&'a Weighting>,
}

impl Mover<'_> {
    /// A candidate when it is plausible, and whether it could not be followed as it was drawn.
    fn candidate(&self, number: u64) -> Result<(Option<Plausible>, bool), Failure> {
        let Ok(drawn) = self.variation.candidate_of(number) else { return Ok((None, true)) };
        let outcome = self.follow(&drawn);
        let is_lost = outcome.is_none();
        let bin = self.bin(number);
        let at_once = outcome.filter(|outcome| self.implausibility(outcome) == 0.0);
        if let Some(outcome) = at_once
            && bin.is_none_or(|goal| goal.distance(outcome[goal.column]) == 0.0)
        {
            return Ok((Some(Plausible { candidate: drawn, outcome, was_moved: false }), is_lost));
        }
        Ok((self.moved(&drawn, bin)?, is_lost))
    }

    /// The outcome of a candidate in the observed arm; none if it cannot be followed.
    fn follow(&self, candidate: &Candidate) -> Option<Vec<f64>> {
        let arm = &self.question.arms[self.weighting.map_or(0, Weighting::arm)];
        let draws = vec![(candidate.number, Ok(self.variation.candidate(candidate)))];
        let seen = self.question.follow_drawn(arm, draws).pop()?;
        seen.ok().map(|seen| seen.outcome)
    }

    /// Sum of squared distances from the plausible ranges.
    fn implausibility(&self, outcome: &[f64]) -> f64 {
        self.search.goals.iter().map(|goal| goal.distance(outcome[goal.column]).powi(2)).sum()
    }

    /// The bin to which every other candidate is steered: of each observed quantity in turn, drawn by the observed shares.
    fn bin(&self, number: u64) -> Option<Goal> {
        let weighting = self.weighting.filter(|_| number % 2 == 1)?;
        let (marginals, columns) = (weighting.marginals(), weighting.columns());
        let k = (number / 2) as usize % marginals.len();
        let mut below = Stream::new(self.question.seed, Purpose::Search).at(number, 0).uniform();
        let bin = marginals[k].shares.iter().position(|share| {
            below -= share;
            below < 0.0
        })?;
        let edges = &marginals[k].edges;
        let low = if bin == 0 { f64::NEG_INFINITY } else { edges[bin - 1] };
        // An edge belongs to the bin above it.
        let high = edges.get(bin).map_or(f64::INFINITY, |edge| edge.next_down());
        Some(Goal { column: columns[k], low, high, is_log: super::read::is_log(self.question, columns[k]) })
    }

    /// Moves a candidate until it is plausible and, if it can be, in its bin.
    fn moved(&self, drawn: &Candidate, bin: Option<Goal>) -> Result<Option<Plausible>, Failure> {
        let ranges = self.variation.ranges();
        if ranges.is_empty() {
            return Ok(None);
        }
        let at = |point: &[f64]| {
            let mut candidate = drawn.clone();
            for ((value, (low, high)), share) in candidate.draw.values.iter_mut().zip(&ranges).zip(point) {
                *value = (low * libm::exp(share * libm::log(high / low))).clamp(*low, *high);
            }
            candidate
        };
        let evaluate = |point: &[f64]| {
            let outcome = self.follow(&at(point));
            let misfit = outcome.as_ref().map_or(FAR * FAR * 10.0, |outcome| {
                self.implausibility(outcome)
                    + bin.map_or(0.0, |goal| goal.distance(outcome[goal.column]).powi(2))
            });
            Ok(Evaluation { point: point.to_vec(), replicates: outcome.into_iter().collect(), misfit })
        };
        let share = |(value, (low, high)): (&f64, &(f64, f64))| {
            (libm::log(value / low) / libm::log(high / low)).clamp(0.0, 1.0)
        };
        let start: Vec<f64> = drawn.draw.values.iter().zip(&ranges).map(share).collect();
        let effort = Effort { samples: 0, steps: self.search.steps };
        let tried = simplex_until(&start, effort, 0.0, &evaluate)?;
        let best = tried
            .iter()
            .filter_map(|e| Some((e, e.replicates.first()?)))
            .filter(|(_, outcome)| self.implausibility(outcome) == 0.0)
            .min_by(|(a, _), (b, _)| a.misfit.total_cmp(&b.misfit));
        Ok(best.map(|(found, outcome)| Plausible {
            candidate: at(&found.point),
            outcome: outcome.clone(),
            was_moved: true,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_candidate_comes_back() {
        let draw = Draw {
            values: vec![1.0 / 3.0, 2e-300],
            covariates: vec![70.5],
            class: 2,
            susceptibility: 0.25,
            rejected: 0,
        };
        let candidate = Candidate { number: 12_345, draw };
        assert_eq!(of_row(&row(&candidate), 2), candidate);
    }
}
