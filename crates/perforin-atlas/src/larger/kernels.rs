//! What a link of a chain does to the planes.

use crate::goal::Goal;
use crate::planes::Block;
use crate::popcount::kernel;

/// The cells that satisfy a gate for certain, U, and those where it depends on the rest, D.
#[derive(Clone, Debug)]
pub struct Cells {
    /// U.
    pub certain: Vec<Block>,
    /// D.
    pub open: Vec<Block>,
}

kernel! {
    /// The cells after a link with the plane `s` (`flip` inverts it) by AND or by OR.
    fn link = link_body(cells: &Cells, s: &[Block], flip: u64, and: bool) -> Cells
}

#[inline(always)]
fn link_body(cells: &Cells, s: &[Block], flip: u64, and: bool) -> Cells {
    if and {
        let keep = |(d, s): (&Block, &Block)| std::array::from_fn(|w| d[w] & (s[w] ^ flip));
        return Cells { certain: cells.certain.clone(), open: cells.open.iter().zip(s).map(keep).collect() };
    }
    let grow =
        |((u, d), s): ((&Block, &Block), &Block)| std::array::from_fn(|w| u[w] | (d[w] & (s[w] ^ flip)));
    let shrink = |(d, s): (&Block, &Block)| std::array::from_fn(|w| d[w] & !(s[w] ^ flip));
    Cells {
        certain: cells.certain.iter().zip(&cells.open).zip(s).map(grow).collect(),
        open: cells.open.iter().zip(s).map(shrink).collect(),
    }
}

kernel! {
    /// Cells of a plane in every tally, patients first.
    fn sizes = sizes_body(plane: &[Block], goal: &Goal) -> Vec<i32>
}

#[inline(always)]
fn sizes_body(plane: &[Block], goal: &Goal) -> Vec<i32> {
    let ones = |block: &Block| block.iter().map(|w| w.count_ones()).sum::<u32>();
    let tallies = goal.cover.iter().chain(&goal.spare);
    tallies.map(|tally| plane[tally.blocks.clone()].iter().map(ones).sum::<u32>() as i32).collect()
}
