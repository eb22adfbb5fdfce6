//! Where the values of a matrix go: each is compared with the thresholds and becomes a bit, or is only counted, or
//! those of a few genes are kept.

use std::sync::Arc;

use crate::planes::Planes;

/// Receives values one at a time.
///
/// Three uses: with planes, it sets a bit for every value at or above a threshold; to gather, it keeps the values of
/// a few genes; else it only sums the values of each cell (its depth), which depth-matched thresholds need before the
/// first bit is set.
pub struct Sink<'a> {
    /// Row of each gene of the file in the planes; [`Sink::SKIP`] for genes that are not candidates.
    rows: &'a [u32],
    /// Bit position of each cell of the file; [`Sink::SKIP`] for cells that belong to no group.
    positions: &'a [u32],
    /// Factor for each cell's values before they meet the threshold; empty for none.
    scale: Arc<[f64]>,
    planes: Option<&'a mut Planes>,
    /// For each row, one value per cell; empty unless values are gathered.
    gathered: Vec<Vec<f64>>,
    /// Sum of values of each cell.
    pub depth: Vec<f64>,
    /// The first value that is no expression level: gene, cell, value.
    pub bad: Option<(usize, usize, f64)>,
}

impl<'a> Sink<'a> {
    /// Marks a gene or cell that is not kept.
    pub const SKIP: u32 = u32::MAX;

    /// A sink that fills planes. `scale` holds one factor per cell, or nothing.
    pub fn fill(rows: &'a [u32], positions: &'a [u32], scale: Arc<[f64]>, planes: &'a mut Planes) -> Self {
        let depth = vec![0.0; positions.len()];
        Self { rows, positions, scale, planes: Some(planes), gathered: Vec::new(), depth, bad: None }
    }

    /// A sink that sums the values of each of `cells` cells.
    pub fn count(cells: usize) -> Self {
        Self {
            rows: &[],
            positions: &[],
            scale: Arc::new([]),
            planes: None,
            gathered: Vec::new(),
            depth: vec![0.0; cells],
            bad: None,
        }
    }

    /// A sink that keeps the values of the genes that have one of `kept` rows.
    pub fn gather(rows: &'a [u32], kept: usize, cells: usize) -> Self {
        Self { rows, gathered: vec![vec![0.0; cells]; kept], ..Self::count(cells) }
    }

    /// For each row, the values of all cells.
    pub fn into_gathered(self) -> Vec<Vec<f64>> {
        self.gathered
    }

    /// Whether a gene's values matter; a reader may skip the others.
    pub fn wants(&self, gene: usize) -> bool {
        self.planes.is_none() && self.gathered.is_empty()
            || self.rows.get(gene).is_some_and(|&row| row != Self::SKIP)
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
        if !self.gathered.is_empty() {
            let row = self.rows.get(gene).and_then(|row| self.gathered.get_mut(*row as usize));
            if let Some(kept) = row.and_then(|row| row.get_mut(cell)) {
                *kept = value;
            }
            return;
        }
        let (Some(planes), Some(&row), Some(&position)) =
            (self.planes.as_deref_mut(), self.rows.get(gene), self.positions.get(cell))
        else {
            return;
        };
        if row == Self::SKIP || position == Self::SKIP {
            return;
        }
        let scaled = self.scale.get(cell).map_or(value, |factor| value * factor);
        planes.mark(row as usize, position as usize, scaled);
    }
}
