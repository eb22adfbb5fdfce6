//! The last two literals of a chain.

use super::LargerHit;
use super::chain::{Region, Signed, Walk};
use super::formula::Operation;
use crate::goal::Goal;
use crate::search::{Checks, Trial, Values, first_passing};
use crate::shape::Shape;

/// Operations and signs of the last pair, with the shape that it has within D.
const PAIRS: [(Operation, [bool; 2], Shape); 6] = [
    (Operation::And, [false, false], Shape::And3),
    (Operation::And, [false, true], Shape::AndAndNot),
    (Operation::And, [true, true], Shape::AndNotNot),
    (Operation::Or, [false, false], Shape::AndEither),
    (Operation::Or, [false, true], Shape::AndUnless),
    (Operation::Or, [true, true], Shape::AndNotBoth),
];

/// The end of a chain that is to be found.
pub struct Hole<'w, 'r, 'a> {
    walk: &'w mut Walk<'a>,
    region: &'r Region,
    /// The goal with what is certain taken off the limits.
    rest: Goal,
}

impl<'w, 'r, 'a> Hole<'w, 'r, 'a> {
    /// The end of the walk's present chain.
    pub fn new(walk: &'w mut Walk<'a>, region: &'r Region) -> Self {
        let mut rest = walk.chains.goal.clone();
        let patients = rest.cover.len();
        for (tally, certain) in rest.spare.iter_mut().zip(&region.certain[patients..]) {
            tally.limit = tally.limit.saturating_sub(*certain as u32);
        }
        Self { walk, region, rest }
    }

    /// Looks for all pairs.
    pub fn fill(mut self) {
        for (operation, signs, shape) in PAIRS {
            // The gate must be false without antigens.
            let holds = if operation == Operation::And { signs[0] && signs[1] } else { signs[0] || signs[1] };
            if !(self.region.is_origin_open && holds) {
                self.pairs(operation, signs, shape);
            }
        }
    }

    /// What must be covered within D in each patient.
    fn need(&self) -> Vec<i32> {
        let tallies = self.walk.chains.goal.cover.iter().zip(&self.region.certain);
        tallies.map(|(tally, certain)| self.walk.bar.need(tally.cells) as i32 - certain).collect()
    }

    fn pairs(&mut self, operation: Operation, signs: [bool; 2], shape: Shape) {
        let patients = self.rest.cover.len();
        let need = self.need();
        let firsts = self.list(operation, signs[0], &need);
        let is_unordered = signs[0] == signs[1];
        let seconds = if is_unordered { firsts.clone() } else { self.list(operation, signs[1], &need) };
        if firsts.is_empty() || seconds.is_empty() {
            return;
        }
        let (chains, region) = (self.walk.chains, self.region);
        let count = |t, l: usize, negated| chains.count(region, t, Signed { index: l as u32, negated });
        let is_and = operation == Operation::And;
        let values = if is_and {
            Values::gather(seconds, self.rest.spare.len(), |s, l| -count(patients + s, l, signs[1]))
        } else {
            Values::gather(seconds, patients, |t, l| count(t, l, signs[1]))
        };
        let failures = if is_and { 0 } else { self.rest.failures };
        let mut checks = Checks::new(&self.rest, self.walk.bar);
        checks.need = need.iter().map(|n| (*n).max(0) as u32).collect();
        let (mut bounds, mut scratch, mut places) = (vec![0; values.tallies], Vec::new(), Vec::new());
        for (i, &y) in firsts.iter().enumerate() {
            let need = self.need();
            for (t, bound) in bounds.iter_mut().enumerate() {
                *bound = if is_and {
                    let s = patients + t;
                    count(s, y as usize, signs[0]) - region.open[s] - self.rest.spare[t].limit as i32
                } else {
                    need[t] - count(t, y as usize, signs[0])
                };
            }
            let from = if is_unordered { i + 1 } else { 0 };
            values.reaching(chains.isa, &bounds, failures, from, &mut scratch, &mut places);
            let mut thirds: Vec<u32> = places.iter().map(|&place| values.literals[place as usize]).collect();
            thirds.retain(|&z| z != y);
            self.count_all(operation, signs, shape, y, &thirds, &mut checks);
        }
        self.walk.found.counted += checks.counted;
    }

    /// Literals that may be one of the two, by their own counts.
    fn list(&self, operation: Operation, negated: bool, need: &[i32]) -> Vec<u32> {
        let (walk, region) = (&self.walk, self.region);
        let (chains, least) = (walk.chains, walk.least_rank(operation));
        let patients = self.rest.cover.len();
        let is_possible = |&index: &u32| {
            let is_barred = walk.is_used(index)
                || (negated && !chains.blockers[index as usize])
                || least.is_some_and(|least| chains.rank[index as usize] <= least);
            if is_barred {
                return false;
            }
            let literal = Signed { index, negated };
            if operation == Operation::And {
                let short = (0..patients).filter(|&t| chains.count(region, t, literal) < need[t]).count();
                short <= self.rest.failures
            } else {
                let mut spared = self.rest.spare.iter().enumerate();
                spared.all(|(s, tally)| chains.count(region, patients + s, literal) <= tally.limit as i32)
            }
        };
        chains.order.iter().copied().filter(is_possible).collect()
    }

    /// Counts the gates of one first literal with its possible second ones.
    fn count_all(
        &mut self,
        operation: Operation,
        signs: [bool; 2],
        shape: Shape,
        y: u32,
        thirds: &[u32],
        checks: &mut Checks,
    ) {
        let chains = self.walk.chains;
        let pair = [self.region.cells.open.as_slice(), chains.planes.plane(0, y as usize)];
        let trial = Trial { planes: chains.planes, goal: &self.rest, shape, pair, thirds };
        let mut from = 0;
        while let Some(place) = first_passing(chains.isa, &trial, from, checks) {
            let covered = checks.covered.iter().zip(&self.region.certain).map(|(d, u)| d + *u as u32);
            let value = chains.goal.value(&covered.collect::<Vec<u32>>());
            if self.walk.bar.reached(value) {
                let (y, z) = (
                    Signed { index: y, negated: signs[0] },
                    Signed { index: thirds[place], negated: signs[1] },
                );
                let formula = self.walk.formula(operation, y, z);
                self.walk.found.best = Some(LargerHit { formula, value });
                self.walk.bar.value = value;
                checks.need = self.need().iter().map(|n| (*n).max(0) as u32).collect();
            }
            from = place + 1;
        }
    }
}
