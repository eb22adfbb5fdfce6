//! Gates of four and five literals, by branch and bound.
//!
//! Searched are all read-once formulas: AND and OR nested in any way, each antigen once, under a NOT or not, false in a
//! cell that carries none of them.
//!
//! # Method
//! Every read-once formula has two literals side by side, `y ∘ z`. The rest of it, from the outermost operation inwards,
//! is a chain `S₁ ∘₁ (S₂ ∘₂ (… (y ∘ z)))` of smaller formulas S. With each link the gate is U ∨ (D ∧ h), where h is what
//! is still to be chosen: `S & h` takes D to D ∧ S; `S | h` takes U to U ∨ (D ∧ S) and D to D ∧ ¬S. So with every
//! link the cells of U ∪ D, which bound coverage, only become fewer, and those of U, which bound the harm, only more;
//! a chain is given up as soon as U ∪ D covers too little or U hits too much. The last two literals are found within D as
//! in the search for three ([`crate::search`](mod@crate::search)). Literals that may change places are taken in one order.
//!
//! Chains are worked off in batches by their first link. A search that is stopped reports the largest bound of the
//! first links that it has not finished, so that the best gate lies between the value found and that bound. Gates with
//! an OR outermost have a bound of 1 until they are finished.

mod chain;
mod formula;
mod kernels;
mod pair;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::{AtlasError, Result};
use crate::goal::{Bar, Goal};
use crate::planes::Planes;
use crate::watch::{Progress, Stage, Watch};
use chain::{Chains, First, Found};

pub use formula::{Formula, Operation};

/// First links that are worked off under the same bar.
const BATCH: usize = 16;

/// A gate.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct LargerHit {
    /// The gate; literals by index in the planes.
    pub formula: Formula,
    /// The objective's value.
    pub value: f64,
}

/// The result of the search.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct LargerResult {
    /// The best gate if it is better than all gates of fewer literals; the first of equals.
    pub best: Option<LargerHit>,
    /// No gate of four literals, or of five if those were asked for, exceeds this value.
    pub bound: f64,
    /// Whether the search was complete.
    pub proven: bool,
    /// First links that were finished, of those that there are.
    pub finished: u64,
    /// First links that there are.
    pub first_links: u64,
    /// Chains for whose last two literals pairs were looked at; all others were excluded by bounds.
    pub chains: u64,
    /// Gates counted group by group.
    pub counted: u64,
}

/// Searches gates of four and up to `literals` (4 or 5) literals. Only gates better than `incumbent` are looked for,
/// which the best of the smaller gates sets.
///
/// # Errors
/// If `literals` is not 4 or 5.
pub fn search_larger(
    planes: &Planes,
    goal: &Goal,
    literals: usize,
    blockers: &[bool],
    incumbent: f64,
    watch: &Watch,
) -> Result<LargerResult> {
    if !(4..=perforin_core::gate::MAX_ANTIGENS).contains(&literals) {
        return Err(AtlasError::Request { field: "literals", problem: "must be 4 or 5".into() });
    }
    let chains = Chains::new(planes, goal, blockers);
    let firsts: Vec<First> = (4..=literals).flat_map(|n| chains.firsts(n)).collect();
    let mut result = LargerResult::new(incumbent, firsts.len());
    let done = result.walk(&chains, &firsts, watch);
    let best = result.bound;
    result.bound = firsts[done..].iter().map(|first| first.bound).fold(best, f64::max);
    result.proven = result.bound <= best;
    Ok(result)
}

impl LargerResult {
    /// Nothing is known yet but the best of the smaller gates.
    fn new(incumbent: f64, first_links: usize) -> Self {
        Self {
            best: None,
            bound: incumbent.max(0.0),
            proven: true,
            finished: 0,
            first_links: first_links as u64,
            chains: 0,
            counted: 0,
        }
    }

    /// Works off first links in batches, each under the bar of the best before, which `bound` holds; says how many are
    /// finished without gaps.
    fn walk(&mut self, chains: &Chains, firsts: &[First], watch: &Watch) -> usize {
        let progress = |done| Progress { stage: Stage::Larger, done, total: firsts.len() };
        let mut done = 0;
        while done < firsts.len() && !watch(progress(done)) {
            let batch = &firsts[done..(done + BATCH).min(firsts.len())];
            let (bar, stop) = (Bar { value: self.bound, strict: true }, || watch(progress(done)));
            let found: Vec<Found> = batch.par_iter().map(|first| chains.search(first, bar, &stop)).collect();
            let is_stopped = found.iter().any(|first| first.is_stopped);
            for first in found {
                self.take(first);
            }
            if is_stopped {
                break;
            }
            done += batch.len();
        }
        done
    }

    fn take(&mut self, found: Found) {
        self.chains += found.chains;
        self.counted += found.counted;
        self.finished += u64::from(!found.is_stopped);
        if let Some(hit) = found.best.filter(|hit| hit.value > self.bound) {
            self.bound = hit.value;
            self.best = Some(hit);
        }
    }
}

#[cfg(test)]
mod tests;
