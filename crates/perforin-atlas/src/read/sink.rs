//! Where the values of a matrix go: each is compared with the thresholds and becomes a bit, is kept, or is
//! only added to its cell's depth.

use std::sync::Arc;

use crate::dropout::Tallies;
use crate::planes::Planes;

/// What becomes of the values.
enum Keep<'a> {
    /// Nothing but each cell's depth.
    Depth,
    /// A bit for every value that reaches a threshold.
    Bits(&'a mut Planes),
    /// The same, and what a model of dropout needs to know of the counts.
    Counts(&'a mut Planes, &'a mut Tallies, &'a [u32]),
    /// The values of the genes that have a row.
    Values(Vec<Vec<f64>>),
}

/// Receives values one at a time.
pub struct Sink<'a> {
    /// Row of each gene of the file in the planes; [`Sink::SKIP`] for genes that are not candidates.
    rows: &'a [u32],
    /// Bit position of each cell of the file; [`Sink::SKIP`] for cells that belong to no group.
    positions: &'a [u32],
    /// Factor for each cell's values before they meet the threshold; empty for none.
    scale: Arc<[f64]>,
    keep: Keep<'a>,
    /// Sum of values of each cell; empty where only bits are kept.
    pub depth: Vec<f64>,
    /// The first value that is no expression level: gene, cell, value.
    pub bad: Option<(usize, usize, f64)>,
    /// The first value of a kept gene that is no whole number, where counts are needed: gene, cell, value.
    pub fractional: Option<(usize, usize, f64)>,
}

impl<'a> Sink<'a> {
    /// Marks a gene or cell that is not kept.
    pub const SKIP: u32 = u32::MAX;

    /// A sink that fills planes. `scale` holds one factor per cell, or nothing.
    pub fn fill(rows: &'a [u32], positions: &'a [u32], scale: Arc<[f64]>, planes: &'a mut Planes) -> Self {
        Self { scale, ..Self::new(rows, positions, 0, Keep::Bits(planes)) }
    }

    /// A sink that fills planes and tallies counts; `groups` holds the group of every cell of the file.
    pub fn tally(
        rows: &'a [u32],
        positions: &'a [u32],
        groups: &'a [u32],
        planes: &'a mut Planes,
        tallies: &'a mut Tallies,
    ) -> Self {
        Self::new(rows, positions, 0, Keep::Counts(planes, tallies, groups))
    }

    /// A sink that sums the values of each of `cells` cells.
    pub fn count(cells: usize) -> Self {
        Self::new(&[], &[], cells, Keep::Depth)
    }

    /// A sink that keeps the values of the genes that have a row, in every one of `cells` cells.
    pub fn collect(rows: &'a [u32], kept: usize, cells: usize) -> Self {
        Self::new(rows, &[], cells, Keep::Values(vec![vec![0.0; cells]; kept]))
    }

    fn new(rows: &'a [u32], positions: &'a [u32], cells: usize, keep: Keep<'a>) -> Self {
        let (scale, depth) = (Arc::from([]), vec![0.0; cells]);
        Self { rows, positions, scale, keep, depth, bad: None, fractional: None }
    }

    /// The values that were kept, by row and cell.
    pub fn values(self) -> Vec<Vec<f64>> {
        match self.keep {
            Keep::Values(values) => values,
            _ => Vec::new(),
        }
    }

    /// Whether a gene's values matter; a reader may skip the others.
    pub fn wants(&self, gene: usize) -> bool {
        match self.keep {
            Keep::Depth | Keep::Values(_) => true,
            _ => self.rows.get(gene).is_some_and(|&row| row != Self::SKIP),
        }
    }

    /// Receives the values of some genes of one cell. The same as [`Sink::entry`] for each, but what only depends on the
    /// cell is looked up once.
    ///
    /// # Errors
    /// The first gene that is not one of `all_genes`.
    pub fn cell<V: Copy + Into<f64>, I: Copy + Into<i64>>(
        &mut self,
        cell: usize,
        genes: &[I],
        values: &[V],
        all_genes: usize,
    ) -> Result<(), i64> {
        let index = |gene: I| {
            let gene = gene.into();
            usize::try_from(gene).ok().filter(|&i| i < all_genes).ok_or(gene)
        };
        let position = self.positions.get(cell).copied().filter(|&p| p != Self::SKIP);
        let bits = match (&mut self.keep, position) {
            (Keep::Bits(planes), Some(position)) if self.scale.is_empty() => {
                Some(planes.cell(position as usize))
            }
            _ => None,
        };
        let Some(mut bits) = bits else {
            for (&gene, &value) in genes.iter().zip(values) {
                self.entry(index(gene)?, cell, value.into());
            }
            return Ok(());
        };
        for (&gene, &value) in genes.iter().zip(values) {
            let (gene, value) = (index(gene)?, value.into());
            if value > 0.0 && value < f64::INFINITY {
                if let Some(&row) = self.rows.get(gene).filter(|&&row| row != Self::SKIP) {
                    bits.mark(row as usize, value);
                }
            } else if value != 0.0 && self.bad.is_none() {
                self.bad = Some((gene, cell, value));
            }
        }
        Ok(())
    }

    /// Receives one value. Indices out of range are the reader's fault and are ignored here.
    #[inline]
    pub fn entry(&mut self, gene: usize, cell: usize, value: f64) {
        if !(value > 0.0 && value.is_finite()) {
            if value != 0.0 && self.bad.is_none() {
                self.bad = Some((gene, cell, value));
            }
            return;
        }
        if let Some(depth) = self.depth.get_mut(cell) {
            *depth += value;
        }
        let Some(&row) = self.rows.get(gene).filter(|&&row| row != Self::SKIP) else { return };
        let row = row as usize;
        if let Keep::Values(values) = &mut self.keep {
            if let Some(kept) = values.get_mut(row).and_then(|values| values.get_mut(cell)) {
                *kept += value;
            }
            return;
        }
        let Some(&position) = self.positions.get(cell).filter(|&&p| p != Self::SKIP) else { return };
        let position = position as usize;
        match &mut self.keep {
            Keep::Bits(planes) => {
                let scaled = self.scale.get(cell).map_or(value, |factor| value * factor);
                planes.mark(row, position, scaled);
            }
            Keep::Counts(planes, tallies, groups) => {
                if value.fract() != 0.0 && self.fractional.is_none() {
                    self.fractional = Some((gene, cell, value));
                }
                let is_new = !planes.is_marked(row, position);
                tallies.add(row, groups[cell] as usize, position, value, is_new);
                planes.mark(row, position, value);
            }
            _ => {}
        }
    }
}
