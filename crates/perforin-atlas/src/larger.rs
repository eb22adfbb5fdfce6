//! Gates of up to five literals, by branch and bound.
//!
//! The gates searched are those of the form `(A | B | …) & C & … & !D & …`: any of some antigens, and further
//! ones that must or must not be there. It is the
//! part of the read-once formulas that is built from alternatives and restrictions.
//!
//! # Method
//! Each set of alternatives is a branch. What its cells cover bounds every gate that restricts it, since a
//! restriction never adds cells; and a set of n literals covers in no patient more than the sum of the n largest
//! single counts. If a set hits some normal group too often, one of the r restrictions still allowed must
//! remove at least 1/r of the excess there; only those are tried. A set that keeps the limits needs no more
//! restriction.
//!
//! Sets are worked off in batches by their first literal. A search that is stopped reports the largest bound of
//! what it did not look at, so that the best gate lies between the value found and that bound.

mod kernels;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::{AtlasError, Result};
use crate::goal::{Bar, Goal};
use crate::planes::{Block, Planes};
use crate::popcount::Isa;
use crate::watch::{Progress, Stage, Watch};
use kernels::{counts, helps, join, without};

/// First literals whose sets are searched under the same bar.
const BATCH: usize = 16;

/// A gate of the form `(any of these) & (all of these) & !(each of those)`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct LargerHit {
    /// Alternatives, by index in the planes, in rising order.
    pub any: Vec<u32>,
    /// Further literals that must be there, in rising order.
    pub all: Vec<u32>,
    /// Literals that must not be there, in rising order.
    pub not: Vec<u32>,
    /// The objective's value.
    pub value: f64,
}

impl LargerHit {
    /// Number of its antigens.
    pub fn literals(&self) -> usize {
        self.any.len() + self.all.len() + self.not.len()
    }

    /// The gate in the gate language.
    pub fn text(&self, planes: &Planes) -> String {
        let name = |l: &u32| crate::shape::clean(&planes.literals[*l as usize]);
        let any: Vec<String> = self.any.iter().map(name).collect();
        let alternatives = match &any[..] {
            [single] => single.clone(),
            several if self.all.is_empty() && self.not.is_empty() => several.join(" | "),
            several => format!("({})", several.join(" | ")),
        };
        let required = self.all.iter().map(name);
        let forbidden = self.not.iter().map(|l| format!("!{}", name(l)));
        std::iter::once(alternatives).chain(required).chain(forbidden).collect::<Vec<_>>().join(" & ")
    }
}

/// The result of the search.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct LargerResult {
    /// The best gate of at most the given number of literals; the first of equals.
    pub best: Option<LargerHit>,
    /// No gate of the form exceeds this value.
    pub bound: f64,
    /// Whether the search was complete.
    pub proven: bool,
    /// Sets of alternatives looked at.
    pub sets: u64,
    /// Restrictions tried.
    pub restrictions: u64,
}

/// Searches gates of at most `literals` literals (4 or 5; fewer are accepted). Only gates better than `incumbent`
/// are looked for, which the best of the smaller gates sets.
///
/// # Errors
/// If `literals` is not from 1 to 5.
pub fn search_larger(
    planes: &Planes,
    goal: &Goal,
    literals: usize,
    blockers: &[bool],
    incumbent: f64,
    watch: &Watch,
) -> Result<LargerResult> {
    if !(1..=perforin_core::gate::MAX_ANTIGENS).contains(&literals) {
        return Err(AtlasError::Request { field: "literals", problem: "must be from 1 to 5".into() });
    }
    let larger = Larger::new(planes, goal, literals, blockers);
    let mut best: Option<LargerHit> = None;
    let mut bar = Bar { value: incumbent.max(0.0), strict: true };
    let progress = |done| Progress { stage: Stage::Larger, done, total: larger.order.len() };
    let (mut sets, mut restrictions, mut done) = (0, 0, 0);
    while done < larger.order.len() && !watch(progress(done)) {
        let batch = done..(done + BATCH).min(larger.order.len());
        let found: Vec<Branch> =
            batch.clone().into_par_iter().map(|first| larger.branch(first, bar, watch)).collect();
        sets += found.iter().map(|branch| branch.sets).sum::<u64>();
        restrictions += found.iter().map(|branch| branch.restrictions).sum::<u64>();
        let stopped = found.iter().any(|branch| branch.stopped);
        keep_best(&mut best, &mut bar, found);
        if stopped {
            break;
        }
        done = batch.end;
    }
    let open = (done < larger.order.len()).then(|| larger.open_bound(done));
    let bound = open.unwrap_or(0.0).max(bar.value);
    Ok(LargerResult { best, bound, proven: bound <= bar.value, sets, restrictions })
}

fn keep_best(best: &mut Option<LargerHit>, bar: &mut Bar, found: Vec<Branch>) {
    for hit in found.into_iter().filter_map(|branch| branch.best) {
        if bar.reached(hit.value) {
            bar.value = hit.value;
            *best = Some(hit);
        }
    }
}

/// What one first literal led to.
struct Branch {
    /// Place of the first literal in the order.
    first: usize,
    best: Option<LargerHit>,
    bar: Bar,
    need: Vec<u32>,
    sets: u64,
    restrictions: u64,
    stopped: bool,
}

struct Larger<'a> {
    planes: &'a Planes,
    goal: &'a Goal,
    isa: Isa,
    literals: usize,
    blockers: Vec<bool>,
    /// Literals, the best covering first.
    order: Vec<u32>,
    /// `largest[first][n]`: for each patient the sum of the n largest counts among `order[first..]`.
    largest: Vec<Vec<Vec<u32>>>,
}

impl<'a> Larger<'a> {
    fn new(planes: &'a Planes, goal: &'a Goal, literals: usize, blockers: &[bool]) -> Self {
        let isa = Isa::best();
        let ones = vec![[u64::MAX; 8]; planes.blocks()];
        let single = |l: u32| counts(isa, planes.plane(0, l as usize), &ones, goal);
        let singles: Vec<Vec<u32>> = (0..planes.literals.len() as u32).map(single).collect();
        let patients = goal.cover.len();
        let mut order: Vec<u32> = (0..planes.literals.len() as u32).collect();
        let value = |l: &u32| goal.value(&singles[*l as usize][..patients]);
        order.sort_by(|a, b| value(b).total_cmp(&value(a)).then(a.cmp(b)));
        // Filled from the back: the n largest of a suffix are those of the next with one more value.
        let mut top = vec![vec![0_u32; literals]; patients];
        let mut largest = vec![sums(&top, literals)];
        for &l in order.iter().rev() {
            for (top, &count) in top.iter_mut().zip(&singles[l as usize]) {
                let at = top.partition_point(|&c| c >= count);
                top.insert(at, count);
                top.truncate(literals);
            }
            largest.push(sums(&top, literals));
        }
        largest.reverse();
        let mut blockers = blockers.to_vec();
        blockers.resize(planes.literals.len(), false);
        Self { planes, goal, isa, literals, blockers, order, largest }
    }

    /// No set that starts at `first` or later covers more than this.
    fn open_bound(&self, first: usize) -> f64 {
        self.goal.value(&self.capped(&self.largest[first][self.literals]))
    }

    fn capped(&self, counts: &[u32]) -> Vec<u32> {
        counts.iter().zip(&self.goal.cover).map(|(&c, tally)| c.min(tally.cells)).collect()
    }

    fn branch(&self, first: usize, bar: Bar, watch: &Watch) -> Branch {
        let need = self.goal.cover.iter().map(|tally| bar.need(tally.cells)).collect();
        let mut branch = Branch { first, best: None, bar, need, sets: 0, restrictions: 0, stopped: false };
        let none = vec![[0; 8]; self.planes.blocks()];
        self.extend(&mut branch, &none, &mut Vec::new(), first, watch);
        branch
    }

    /// Adds the literal at `place` of the order to a set, restricts it, and adds more.
    fn extend(&self, branch: &mut Branch, set: &[Block], any: &mut Vec<u32>, place: usize, watch: &Watch) {
        if branch.sets.is_multiple_of(256)
            && watch(Progress { stage: Stage::Larger, done: branch.first, total: self.order.len() })
        {
            branch.stopped = true;
        }
        if branch.stopped {
            return;
        }
        branch.sets += 1;
        let literal = self.order[place];
        let union = join(self.isa, set, self.planes.plane(0, literal as usize), false);
        let hits = counts(self.isa, &union, &union, self.goal);
        let patients = self.goal.cover.len();
        any.push(literal);
        let value = self.goal.value(&hits[..patients]);
        if branch.bar.reached(value) {
            let gate = LargerHit { any: any.clone(), all: Vec::new(), not: Vec::new(), value };
            self.restrict(branch, &union, &hits, &gate);
        }
        let left = self.literals - any.len();
        if left > 0 {
            for next in place + 1..self.order.len() {
                let more = &self.largest[next][left];
                let reach: Vec<u32> =
                    hits.iter().zip(more).map(|(&hit, &more)| hit.saturating_add(more)).collect();
                if !branch.bar.reached(self.goal.value(&self.capped(&reach))) {
                    break;
                }
                self.extend(branch, &union, any, next, watch);
            }
        }
        any.pop();
    }

    /// Offers a gate that keeps the limits; otherwise adds every restriction that removes enough.
    fn restrict(&self, branch: &mut Branch, cells: &[Block], hits: &[u32], gate: &LargerHit) {
        let Some((group, excess)) = self.worst(hits) else {
            return self.offer(branch, hits, gate);
        };
        let left = self.literals - gate.any.len() - gate.all.len() - gate.not.len();
        if left == 0 {
            return;
        }
        let remove = excess.div_ceil(left as u32);
        for literal in 0..self.planes.literals.len() as u32 {
            if gate.any.contains(&literal) || gate.all.contains(&literal) || gate.not.contains(&literal) {
                continue;
            }
            let plane = self.planes.plane(0, literal as usize);
            for negated in [false, true] {
                if negated && !self.blockers[literal as usize] {
                    continue;
                }
                branch.restrictions += 1;
                if !helps(self.isa, cells, plane, negated, self.goal, group, remove, &branch.need) {
                    continue;
                }
                let rest = if negated {
                    without(self.isa, cells, plane)
                } else {
                    join(self.isa, cells, plane, true)
                };
                let hits = counts(self.isa, &rest, &rest, self.goal);
                let mut longer = gate.clone();
                if negated {
                    longer.not.push(literal);
                } else {
                    longer.all.push(literal);
                }
                self.restrict(branch, &rest, &hits, &longer);
            }
        }
    }

    /// The normal group whose limit is exceeded most, relative to its size, and by how many cells.
    fn worst(&self, hits: &[u32]) -> Option<(usize, u32)> {
        let spared = self.goal.spare.iter().zip(&hits[self.goal.cover.len()..]).enumerate();
        let over = spared.filter(|(_, (tally, hit))| **hit > tally.limit).map(|(g, (tally, hit))| {
            let excess = hit - tally.limit;
            (g, excess, f64::from(excess) / f64::from(tally.cells))
        });
        over.reduce(|a, b| if b.2 > a.2 { b } else { a }).map(|(g, excess, _)| (g, excess))
    }

    fn offer(&self, branch: &mut Branch, hits: &[u32], gate: &LargerHit) {
        let value = self.goal.value(&hits[..self.goal.cover.len()]);
        if branch.bar.reached(value) {
            let sorted = |list: &[u32]| {
                let mut list = list.to_vec();
                list.sort_unstable();
                list
            };
            branch.best = Some(LargerHit {
                any: sorted(&gate.any),
                all: sorted(&gate.all),
                not: sorted(&gate.not),
                value,
            });
            branch.bar.value = value;
            branch.need = self.goal.cover.iter().map(|tally| branch.bar.need(tally.cells)).collect();
        }
    }
}

/// For each number n up to `literals` the sums of the first n of each patient's counts.
fn sums(top: &[Vec<u32>], literals: usize) -> Vec<Vec<u32>> {
    (0..=literals).map(|n| top.iter().map(|counts| counts.iter().take(n).sum()).collect()).collect()
}

#[cfg(test)]
mod tests;
