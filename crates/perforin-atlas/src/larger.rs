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

use rayon::prelude::*;
use serde::Serialize;

use crate::error::{AtlasError, Result};
use crate::goal::{Bar, Goal};
use crate::planes::{Block, Planes};
use crate::popcount::{Isa, count2, kernel};
use crate::watch::{Progress, Stage, Watch};

/// First literals whose sets are searched under the same bar.
const BATCH: usize = 16;

/// A gate of the form `(any of these) & (all of these) & !(each of those)`.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize)]
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
        if found.iter().any(|branch| branch.stopped) {
            keep_best(&mut best, &mut bar, found);
            break;
        }
        sets += found.iter().map(|branch| branch.sets).sum::<u64>();
        restrictions += found.iter().map(|branch| branch.restrictions).sum::<u64>();
        keep_best(&mut best, &mut bar, found);
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
            let mut gate = LargerHit { any: any.clone(), all: Vec::new(), not: Vec::new(), value };
            self.restrict(branch, &union, &hits, &mut gate);
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
    fn restrict(&self, branch: &mut Branch, cells: &[Block], hits: &[u32], gate: &mut LargerHit) {
        let patients = self.goal.cover.len();
        let excess = |(g, (tally, &hit)): (usize, (&crate::goal::Tally, &u32))| {
            (hit > tally.limit)
                .then(|| (g, hit - tally.limit, f64::from(hit - tally.limit) / f64::from(tally.cells)))
        };
        let spared = self.goal.spare.iter().zip(&hits[patients..]).enumerate().filter_map(excess);
        let worst = spared.reduce(|a, b| if b.2 > a.2 { b } else { a });
        let Some((group, excess, _)) = worst else {
            return self.offer(branch, hits, gate);
        };
        let left = self.literals - gate.any.len() - gate.all.len() - gate.not.len();
        if left == 0 {
            return;
        }
        let remove = excess.div_ceil(left as u32);
        for literal in 0..self.planes.literals.len() as u32 {
            let used =
                gate.any.contains(&literal) || gate.all.contains(&literal) || gate.not.contains(&literal);
            for negated in [false, true] {
                // An alternative that is also required makes the others idle: that gate comes up by itself.
                if used || (negated && !self.blockers[literal as usize]) {
                    continue;
                }
                branch.restrictions += 1;
                let plane = self.planes.plane(0, literal as usize);
                if !helps(self.isa, cells, plane, negated, self.goal, group, remove, &branch.need) {
                    continue;
                }
                let rest = if negated {
                    without(self.isa, cells, plane)
                } else {
                    join(self.isa, cells, plane, true)
                };
                let hits = counts(self.isa, &rest, &rest, self.goal);
                let list = |gate: &mut LargerHit| {
                    if negated { gate.not.push(literal) } else { gate.all.push(literal) }
                };
                list(gate);
                self.restrict(branch, &rest, &hits, gate);
                if negated {
                    gate.not.pop()
                } else {
                    gate.all.pop()
                };
            }
        }
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

kernel! {
    /// Cells of `x & y` in every tally, patients first.
    fn counts = counts_body(x: &[Block], y: &[Block], goal: &Goal) -> Vec<u32>
}

#[inline(always)]
fn counts_body(x: &[Block], y: &[Block], goal: &Goal) -> Vec<u32> {
    let tallies = goal.cover.iter().chain(&goal.spare);
    tallies.map(|tally| count2(&x[tally.blocks.clone()], &y[tally.blocks.clone()], |x, y| x & y)).collect()
}

kernel! {
    /// The cells of both planes, or of either.
    fn join = join_body(x: &[Block], y: &[Block], both: bool) -> Vec<Block>
}

#[inline(always)]
fn join_body(x: &[Block], y: &[Block], both: bool) -> Vec<Block> {
    let merge =
        |(x, y): (&Block, &Block)| std::array::from_fn(|w| if both { x[w] & y[w] } else { x[w] | y[w] });
    x.iter().zip(y).map(merge).collect()
}

kernel! {
    /// The cells of the first plane that are not in the second.
    fn without = without_body(x: &[Block], y: &[Block]) -> Vec<Block>
}

#[inline(always)]
fn without_body(x: &[Block], y: &[Block]) -> Vec<Block> {
    x.iter().zip(y).map(|(x, y)| std::array::from_fn(|w| x[w] & !y[w])).collect()
}

kernel! {
    /// Whether a restriction removes at least `remove` cells of a normal group and leaves enough patients covered.
    fn helps = helps_body(
        cells: &[Block],
        plane: &[Block],
        negated: bool,
        goal: &Goal,
        group: usize,
        remove: u32,
        need: &[u32],
    ) -> bool
}

#[inline(always)]
fn helps_body(
    cells: &[Block],
    plane: &[Block],
    negated: bool,
    goal: &Goal,
    group: usize,
    remove: u32,
    need: &[u32],
) -> bool {
    // A restriction keeps x & y, or, negated, x & !y.
    let flip = if negated { u64::MAX } else { 0 };
    let blocks = goal.spare[group].blocks.clone();
    if count2(&cells[blocks.clone()], &plane[blocks], |x, y| x & !(y ^ flip)) < remove {
        return false;
    }
    let mut failed = 0;
    goal.cover.iter().zip(need).all(|(tally, &need)| {
        let blocks = tally.blocks.clone();
        let kept = count2(&cells[blocks.clone()], &plane[blocks], |x, y| x & (y ^ flip));
        failed += usize::from(kept < need);
        failed <= goal.failures
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::goal::Objective;
    use crate::search::tests::planes;
    use proptest::prelude::*;

    /// The best value of any gate of the form, by trying every assignment of literals to roles.
    fn enumerate(
        goal: &Goal,
        most: u32,
        blockers: &[bool],
        malignant: &[Vec<u8>],
        normal: &[Vec<u8>],
    ) -> f64 {
        let n = blockers.len() as u32;
        let mut best = 0.0_f64;
        for roles in 0..4_u32.pow(n) {
            let of = |wanted: u32| (0..n).filter(move |l| roles / 4_u32.pow(*l) % 4 == wanted);
            let mask = |wanted: u32| of(wanted).fold(0_u8, |m, l| m | 1 << l);
            let used = of(1).chain(of(2)).chain(of(3)).count() as u32;
            if used > most || of(1).count() == 0 || of(3).any(|l| !blockers[l as usize]) {
                continue;
            }
            let (any, all, not) = (mask(1), mask(2), mask(3));
            let hit = |cells: &Vec<u8>| {
                cells.iter().filter(|&&c| c & any != 0 && c & all == all && c & not == 0).count() as u32
            };
            if goal.spare.iter().all(|t| hit(&normal[t.blocks.start - malignant.len()]) <= t.limit) {
                best = best.max(goal.value(&malignant.iter().map(hit).collect::<Vec<_>>()));
            }
        }
        best
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn branch_and_bound_finds_the_best_of_all_gates(
            malignant in prop::collection::vec(prop::collection::vec(0_u8..64, 4..30), 1..4),
            normal in prop::collection::vec(prop::collection::vec(0_u8..64, 4..30), 1..4),
            objective in prop_oneof![Just(Objective::Minimum), Just(Objective::Quantile(0.4))],
            cap in prop_oneof![Just(0.0), Just(0.1), Just(0.3)],
            most in 4_usize..6,
            blockers in prop::collection::vec(prop::bool::weighted(0.8), 6),
        ) {
            let planes = planes(6, &malignant, &normal);
            let all = vec![true; planes.groups.len()];
            let goal = Goal::new(&planes, objective, &all, &vec![cap; planes.groups.len()]).unwrap();
            let found = search_larger(&planes, &goal, most, &blockers, 0.0, &|_| false).unwrap();
            let expected = enumerate(&goal, most as u32, &blockers, &malignant, &normal);
            prop_assert_eq!(found.best.as_ref().map_or(0.0, |hit| hit.value), expected);
            prop_assert!(found.proven && found.bound == expected);
            let stopped = search_larger(&planes, &goal, most, &blockers, 0.0, &|_| true).unwrap();
            prop_assert!(stopped.bound >= expected);
        }
    }
}
