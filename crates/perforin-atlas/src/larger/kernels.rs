//! What branch and bound asks of the planes.

use crate::goal::Goal;
use crate::planes::Block;
use crate::popcount::{count2, kernel};

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
