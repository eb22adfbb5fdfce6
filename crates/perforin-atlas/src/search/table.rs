//! Counts of one and two literals in every tally.
//!
//! The planes are larger than any cache, so the counts of a batch of anchors are taken together: every plane is
//! read from memory once per batch and meets the planes of all anchors, which stay in the cache.

use rayon::prelude::*;

use crate::goal::Goal;
use crate::planes::{Block, Planes};
use crate::popcount::{Isa, count2, kernel};

/// Second literals that one task counts; their counts fill whole cache lines.
const STRIPE: usize = 16;

/// Counts of `anchor & literal` for a batch of anchors.
pub struct Tables {
    /// `counts[((stripe * anchors + anchor) * tallies + tally) * STRIPE + place in stripe]`
    counts: Vec<i32>,
    anchors: usize,
    tallies: usize,
    literals: usize,
}

impl Tables {
    /// Counts every literal within each of the given planes, in every tally.
    pub fn count(planes: &Planes, goal: &Goal, anchors: &[&[Block]], isa: Isa) -> Self {
        let (literals, tallies) = (planes.literals.len(), goal.cover.len() + goal.spare.len());
        let size = anchors.len() * tallies * STRIPE;
        let mut counts = vec![0; size * literals.div_ceil(STRIPE)];
        if size > 0 {
            counts.par_chunks_mut(size).enumerate().for_each(|(stripe, counts)| {
                tabulate(isa, planes, goal, anchors, stripe * STRIPE, counts);
            });
        }
        Self { counts, anchors: anchors.len(), tallies, literals }
    }

    /// The counts with one anchor: `table[tally * literals + literal]`.
    pub fn of(&self, anchor: usize) -> Vec<i32> {
        let mut table = vec![0; self.tallies * self.literals];
        for start in (0..self.literals).step_by(STRIPE) {
            let width = STRIPE.min(self.literals - start);
            let first = (start / STRIPE * self.anchors + anchor) * self.tallies * STRIPE;
            for t in 0..self.tallies {
                table[t * self.literals + start..][..width]
                    .copy_from_slice(&self.counts[first + t * STRIPE..][..width]);
            }
        }
        table
    }
}

/// Counts of every literal in every tally (patients first): `singles[tally * literals + literal]`.
pub fn singles(planes: &Planes, goal: &Goal, isa: Isa) -> Vec<i32> {
    // Padding is zero in the literals' planes, so the plane of ones need not be masked.
    let ones = vec![[u64::MAX; 8]; planes.blocks()];
    Tables::count(planes, goal, &[&ones], isa).of(0)
}

kernel! {
    /// Counts a stripe of literals from `start` on with every anchor.
    fn tabulate = tabulate_body(
        planes: &Planes,
        goal: &Goal,
        anchors: &[&[Block]],
        start: usize,
        counts: &mut [i32],
    )
}

#[inline(always)]
fn tabulate_body(planes: &Planes, goal: &Goal, anchors: &[&[Block]], start: usize, counts: &mut [i32]) {
    let tallies = goal.cover.len() + goal.spare.len();
    // One anchor at a time, so that the counts of its stripe stay in the nearest cache.
    for (x, counts) in anchors.iter().zip(counts.chunks_exact_mut(tallies * STRIPE)) {
        for place in 0..STRIPE.min(planes.literals.len() - start) {
            let y = planes.plane(0, start + place);
            let tallies = goal.cover.iter().chain(&goal.spare);
            for (tally, counts) in tallies.zip(counts.chunks_exact_mut(STRIPE)) {
                let blocks = tally.blocks.clone();
                counts[place] = count2(&x[blocks.clone()], &y[blocks], |x, y| x & y) as i32;
            }
        }
    }
}
