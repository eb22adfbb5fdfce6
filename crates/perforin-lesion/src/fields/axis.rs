//! One axis of one multigrid level: couplings of neighbours, and weights to the next coarser level.

use super::substance::Face;
use std::ops::Range;

/// Cells of equal width along one axis, and their coefficients.
///
/// `n` cells are coarsened to `⌈n/2⌉` cells of equal width over the same length. For odd `n` the coarse cells are
/// a little narrower than two fine ones and cut some of them, but no cell of any level is stretched or left
/// over, which a point smoother would pay for in convergence.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    /// Number of cells.
    pub n: usize,
    /// Width of a cell, µm.
    pub width: f64,
    /// Coupling to the lower neighbour; 0 for the first cell.
    pub lower: Vec<f64>,
    /// Coupling to the upper neighbour; 0 for the last cell.
    pub upper: Vec<f64>,
    /// Sum of the couplings, to neighbours and to fixed faces: this axis' part of the diagonal.
    pub diagonal: Vec<f64>,
    /// Coupling to the fixed value at the lower and the upper face of the box; 0 without flux.
    pub face: [f64; 2],
    /// Weights of the coarse cells [`Self::parents`] in the interpolation to each cell.
    pub weight: Vec<[f64; 2]>,
}

impl Axis {
    /// An axis of `n` cells; couplings and weights are zero until [`Self::set`].
    pub fn new(n: usize, width: f64) -> Self {
        let zeros = vec![0.0; n];
        Self {
            n,
            width,
            lower: zeros.clone(),
            upper: zeros.clone(),
            diagonal: zeros,
            face: [0.0; 2],
            weight: vec![[0.0; 2]; n],
        }
    }

    /// Number of cells on the next coarser level.
    pub fn coarse(&self) -> usize {
        self.n.div_ceil(2)
    }

    /// The axis of the next coarser level.
    pub fn coarsened(&self) -> Self {
        Self::new(self.coarse(), self.width * self.n as f64 / self.coarse() as f64)
    }

    /// The cells that a coarse cell overlaps.
    pub fn children(&self, parent: usize) -> Range<usize> {
        let (n, coarse) = (self.n, self.coarse());
        parent * n / coarse..((parent + 1) * n).div_ceil(coarse)
    }

    /// The part of coarse cell `parent` that cell `i` covers.
    pub fn share(&self, i: usize, parent: usize) -> f64 {
        // In units of 1/(n·coarse) of the length, both cells have whole numbers as ends.
        let (n, coarse) = (self.n, self.coarse());
        let end = ((parent + 1) * n).min((i + 1) * coarse);
        let start = (parent * n).max(i * coarse);
        end.saturating_sub(start) as f64 / n as f64
    }

    /// The coarse cells with centres below and above that of cell `i`; next to a face, the outermost one twice.
    pub fn parents(&self, i: usize) -> [usize; 2] {
        // Twice the coarse index of the centre, plus one, times n: whole numbers again.
        let (n, coarse) = (self.n, self.coarse());
        let above = ((2 * i + 1) * coarse + n) / (2 * n);
        [above.saturating_sub(1), above.min(coarse - 1)]
    }

    /// Sets the couplings for `conductance` = diffusion × time (µm²) and the faces `[lower, upper]`.
    pub fn set(&mut self, conductance: f64, faces: [Face; 2]) {
        let coupling = conductance / (self.width * self.width);
        self.face = faces.map(|face| match face {
            Face::NoFlux => 0.0,
            Face::Fixed(_) => 2.0 * coupling,
        });
        let last = self.n - 1;
        for i in 0..self.n {
            self.lower[i] = if i > 0 { coupling } else { 0.0 };
            self.upper[i] = if i < last { coupling } else { 0.0 };
            self.diagonal[i] = self.lower[i] + self.upper[i];
        }
        self.diagonal[0] += self.face[0];
        self.diagonal[last] += self.face[1];
        for i in 0..self.n {
            self.weight[i] = self.interpolation(i, faces.map(|face| matches!(face, Face::Fixed(_))));
        }
    }

    /// Linear interpolation between coarse centres; beyond the last one, to zero at a fixed face (where a
    /// correction vanishes) and constant without flux.
    fn interpolation(&self, i: usize, fixed: [bool; 2]) -> [f64; 2] {
        let (n, coarse) = (self.n as f64, self.coarse() as f64);
        let from_lower = (i as f64 + 0.5) * coarse / n;
        let [below, above] = self.parents(i);
        if below < above {
            let beyond = from_lower - (below as f64 + 0.5);
            return [1.0 - beyond, beyond];
        }
        let upper = from_lower > below as f64 + 0.5;
        let from_face = if upper { coarse - from_lower } else { from_lower };
        let towards_zero = fixed[usize::from(upper)] && from_face < 0.5;
        [if towards_zero { 2.0 * from_face } else { 1.0 }, 0.0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_coarse_cell_is_covered_once() {
        for n in 1..40 {
            let axis = Axis::new(n, 20.0);
            for parent in 0..axis.coarse() {
                let covered: f64 = axis.children(parent).map(|i| axis.share(i, parent)).sum();
                assert!((covered - 1.0).abs() < 1e-14, "{n} cells, coarse cell {parent}: {covered}");
            }
            // Compact rows rely on this: cell i overlaps only coarse cell i/2 and, for odd i, the next one.
            for i in 0..n {
                let overlapped = (0..axis.coarse()).filter(|&p| axis.share(i, p) > 0.0);
                assert!(overlapped.into_iter().all(|p| p == i / 2 || i % 2 == 1 && p == i / 2 + 1));
            }
        }
    }

    #[test]
    fn interpolation_is_exact_for_straight_lines_that_the_faces_allow() {
        for n in 2..40 {
            let mut axis = Axis::new(n, 1.0);
            axis.set(1.0, [Face::Fixed(0.0), Face::NoFlux]);
            let coarse = axis.coarsened();
            let line = |i: usize, width: f64| (i as f64 + 0.5) * width;
            for i in 0..n {
                let [below, above] = axis.parents(i);
                // Compact rows rely on this, too.
                assert!(below + 1 >= i / 2 && above <= i / 2 + 1);
                let found = axis.weight[i][0] * line(below, coarse.width)
                    + axis.weight[i][1] * line(above, coarse.width);
                let wanted = line(i, 1.0).min(line(coarse.n - 1, coarse.width));
                assert!((found - wanted).abs() < 1e-12, "{n} cells, cell {i}: {found}, not {wanted}");
            }
        }
    }
}
