//! Counts of one and two literals in every tally.

use crate::goal::Goal;
use crate::planes::{Block, Planes};
use crate::popcount::{Isa, count2, kernel};

/// Second literals that are counted before their counts are written out, so that writes fill cache lines.
const STRIPE: usize = 16;

/// Counts of every literal in every tally (patients first), tally by tally.
pub struct Singles {
    /// `counts[tally * literals + literal]`
    pub counts: Vec<i32>,
}

impl Singles {
    /// Counts all literals.
    pub fn count(planes: &Planes, goal: &Goal, isa: Isa) -> Self {
        let ones = vec![[u64::MAX; 8]; planes.blocks()];
        let mut counts = Vec::new();
        // Padding is zero in the literals' planes, so the plane of ones need not be masked.
        tabulate(isa, planes, &ones, goal, &mut counts);
        Self { counts }
    }
}

kernel! {
    /// Counts of `x & literal` for every literal and tally: `table[tally * literals + literal]`.
    fn tabulate = tabulate_body(planes: &Planes, x: &[Block], goal: &Goal, table: &mut Vec<i32>)
}

#[inline(always)]
fn tabulate_body(planes: &Planes, x: &[Block], goal: &Goal, table: &mut Vec<i32>) {
    let literals = planes.literals.len();
    let tallies = goal.cover.len() + goal.spare.len();
    table.clear();
    table.resize(tallies * literals, 0);
    let mut stripe = vec![[0_i32; STRIPE]; tallies];
    for start in (0..literals).step_by(STRIPE) {
        let width = STRIPE.min(literals - start);
        for y in 0..width {
            let plane = planes.plane(0, start + y);
            for (t, tally) in goal.cover.iter().chain(&goal.spare).enumerate() {
                let blocks = tally.blocks.clone();
                stripe[t][y] = count2(&x[blocks.clone()], &plane[blocks], |x, y| x & y) as i32;
            }
        }
        for (t, counts) in stripe.iter().enumerate() {
            table[t * literals + start..][..width].copy_from_slice(&counts[..width]);
        }
    }
}
