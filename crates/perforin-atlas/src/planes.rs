//! Bit planes: one bit per literal, cell and threshold, with the cells of a group side by side.
//!
//! A group starts at a multiple of 512 bits and is padded with zeros, so that its count is a sum over whole
//! blocks and no operation has to mask its ends. Padding costs 256 bits per group on average: 5 % for groups of
//! 5,000 cells, half for groups of 500.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::cohort::Role;

/// Words in a block.
pub const BLOCK: usize = 8;

/// A block of 512 cells.
pub type Block = [u64; BLOCK];

/// Cells that are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Group {
    /// Whose cells they are.
    pub role: Role,
    /// How many.
    pub cells: usize,
    /// First block.
    pub start: usize,
    /// Number of blocks.
    pub blocks: usize,
}

impl Group {
    /// The group's blocks in a plane.
    pub fn of<'a>(&self, plane: &'a [Block]) -> &'a [Block] {
        &plane[self.start..self.start + self.blocks]
    }
}

/// The bit planes of an atlas.
///
/// `literals` × `thresholds` planes; a bit is set where the literal's value in the cell is positive and at or
/// above the threshold.
#[derive(Clone, Debug)]
pub struct Planes {
    /// Names of the literals: gene symbols, then genotype literals.
    pub literals: Vec<String>,
    /// The groups, malignant first.
    pub groups: Vec<Group>,
    /// Thresholds; a search uses the first. A threshold of 0 accepts any positive value.
    pub thresholds: Vec<f64>,
    /// Whether the planes at the first threshold also hold cells without a count that a model of dropout calls.
    pub modelled: bool,
    blocks: usize,
    bits: Vec<Block>,
}

impl Planes {
    /// Empty planes for groups of the given sizes.
    pub fn new(literals: Vec<String>, groups: &[(Role, usize)], thresholds: Vec<f64>) -> Self {
        let mut start = 0;
        let groups = groups.iter().map(|(role, cells)| {
            let blocks = cells.div_ceil(64 * BLOCK);
            let group = Group { role: role.clone(), cells: *cells, start, blocks };
            start += blocks;
            group
        });
        let groups: Vec<Group> = groups.collect();
        let bits = vec![[0; BLOCK]; start * literals.len() * thresholds.len()];
        Self { literals, groups, thresholds, modelled: false, blocks: start, bits }
    }

    /// The position of a cell, given by its number within its group.
    pub fn position(&self, group: usize, cell: usize) -> usize {
        self.groups[group].start * 64 * BLOCK + cell
    }

    /// The group of the cell at a position; meaningless for positions of no cell.
    pub fn group_at(&self, position: usize) -> u32 {
        let block = position / (64 * BLOCK);
        self.groups.partition_point(|group| group.start <= block).saturating_sub(1) as u32
    }

    /// Marks a cell for every threshold that the value (positive) reaches.
    #[inline]
    pub fn mark(&mut self, literal: usize, position: usize, value: f64) {
        self.cell(position).mark(literal, value);
    }

    /// The bits of the cell at a position.
    #[inline]
    pub fn cell(&mut self, position: usize) -> CellBits<'_> {
        let (block, bit) = (position / (64 * BLOCK), position % (64 * BLOCK));
        CellBits {
            thresholds: &self.thresholds,
            literals: self.literals.len(),
            blocks: self.blocks,
            bits: &mut self.bits,
            block,
            word: bit / 64,
            mask: 1 << (bit % 64),
        }
    }

    /// Whether a cell is marked at the first threshold.
    #[inline]
    pub fn is_marked(&self, literal: usize, position: usize) -> bool {
        self.plane(0, literal)[position / 512][position % 512 / 64] >> (position % 64) & 1 == 1
    }

    /// The planes of the first `literals` literals at the first threshold, to be changed in parallel.
    pub fn first_planes(&mut self, literals: usize) -> impl IndexedParallelIterator<Item = &mut [Block]> {
        self.bits.par_chunks_mut(self.blocks.max(1)).take(literals)
    }

    /// The first threshold whose planes hold counts alone.
    pub fn observed(&self) -> usize {
        usize::from(self.modelled)
    }

    /// The plane of a literal at a threshold.
    #[inline]
    pub fn plane(&self, threshold: usize, literal: usize) -> &[Block] {
        let at = (threshold * self.literals.len() + literal) * self.blocks;
        &self.bits[at..at + self.blocks]
    }

    /// Blocks in a plane.
    pub fn blocks(&self) -> usize {
        self.blocks
    }

    /// Bytes that the planes take.
    pub fn bytes(&self) -> usize {
        std::mem::size_of_val(self.bits.as_slice())
    }

    /// Index of a literal by name.
    pub fn literal(&self, name: &str) -> Option<usize> {
        self.literals.iter().position(|l| l == name)
    }
}

/// The bits of one cell in all planes.
pub struct CellBits<'a> {
    thresholds: &'a [f64],
    literals: usize,
    blocks: usize,
    bits: &'a mut [Block],
    block: usize,
    word: usize,
    mask: u64,
}

impl CellBits<'_> {
    /// Marks a literal for every threshold that the value (positive) reaches.
    #[inline(always)]
    pub fn mark(&mut self, literal: usize, value: f64) {
        let mut at = literal * self.blocks + self.block;
        for &threshold in self.thresholds {
            if value >= threshold {
                self.bits[at][self.word] |= self.mask;
            }
            at += self.literals * self.blocks;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(name: &str) -> Role {
        Role::Malignant { patient: name.into() }
    }

    #[test]
    fn a_mark_sets_one_bit_per_reached_threshold_and_padding_stays_clear() {
        let names = vec!["A".to_owned(), "B".to_owned()];
        let mut planes = Planes::new(names, &[(role("p"), 513), (role("q"), 3)], vec![0.0, 2.0]);
        planes.mark(1, planes.position(0, 512), 1.0);
        planes.mark(1, planes.position(1, 2), 2.0);
        let ones = |t, l| planes.plane(t, l).iter().flatten().map(|w| w.count_ones()).sum::<u32>();
        assert_eq!([ones(0, 0), ones(0, 1), ones(1, 0), ones(1, 1)], [0, 2, 0, 1]);
        assert_eq!(planes.plane(0, 1)[1][0], 1);
        assert_eq!(planes.groups[1].of(planes.plane(1, 1))[0][0], 4);
    }
}
