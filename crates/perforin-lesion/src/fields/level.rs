//! One multigrid level: its cells in two colours, and the planes that the kernels work on.

use super::axis::Axis;
use super::substance::{Face, Substance};
use rayon::prelude::*;

/// Rows are padded to a multiple of this, so that the loops over them need no remainder.
pub(super) const LANES: usize = 4;

/// Fewest cells that are worth a task of their own.
const CELLS_PER_TASK: usize = 8192;

/// Extents of a level in its compact storage.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// Cells along each axis.
    pub n: [usize; 3],
    /// Stored length of the half of a row that has one colour.
    pub stride: usize,
}

impl Shape {
    fn new(n: [usize; 3]) -> Self {
        // At least one padding cell after each half row: it is the outer neighbour of the row's ends.
        Self { n, stride: (n[0].div_ceil(2) + 1).next_multiple_of(LANES) }
    }

    /// Stored length of one colour of a plane.
    pub fn plane(&self) -> usize {
        self.stride * self.n[1]
    }

    /// Where the half row `(j, k)` begins.
    pub fn row(&self, j: usize, k: usize) -> usize {
        self.stride * (j + self.n[1] * k)
    }

    /// Working memory of one plane: as a fine level one half row with padding, as a coarse one three half rows
    /// of the finer level.
    pub fn scratch(&self) -> usize {
        3 * self.n[0] + 24
    }

    /// Stored length of the restricted residuals of one plane.
    pub fn reduced(&self) -> usize {
        self.n[1].div_ceil(2) * self.stride
    }

    /// Fewest planes that are worth a task of their own.
    pub fn planes_per_task(&self) -> usize {
        CELLS_PER_TASK.div_ceil(self.n[0] * self.n[1])
    }
}

/// The cells of one colour: those with `(x + y + z) mod 2 = colour`.
///
/// Cell `m` of the half row `(y, z)` has `x = 2m + parity` with `parity = (y + z + colour) mod 2`. All six
/// neighbours of a cell have the other colour and lie in rows of the same or adjacent index: a sweep over one
/// colour reads and writes different arrays, with unit stride.
#[derive(Clone, Debug, Default)]
pub(super) struct Colour {
    /// Present solution, with one padding cell before and after. Padding is always zero.
    pub value: Vec<f64>,
    /// Right-hand side.
    pub rhs: Vec<f64>,
    /// Inverse of the matrix diagonal; zero in the padding, which keeps the padding's value zero.
    pub inverse: Vec<f64>,
    /// Inverse of the mean of the finer level's inverse diagonals over each cell; empty on the finest level.
    pub scale: Vec<f64>,
}

impl Colour {
    fn new(len: usize, finest: bool) -> Self {
        Self {
            value: vec![0.0; len + 2],
            rhs: vec![0.0; len],
            inverse: vec![0.0; len],
            scale: vec![0.0; if finest { 0 } else { len }],
        }
    }
}

/// Quantities along x in compact storage, `[parity][m]`; zero in the padding.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub lower: [Vec<f64>; 2],
    pub upper: [Vec<f64>; 2],
    pub diagonal: [Vec<f64>; 2],
    /// The part that a cell covers of the coarse cells `m` and `m + 1`, `[own, next][parity][m]`.
    pub share: [[Vec<f64>; 2]; 2],
    /// Interpolation weights of the coarse cells `m − 1`, `m` and `m + 1`, `[which][parity][m]`.
    pub weight: [[Vec<f64>; 2]; 3],
}

/// One multigrid level.
#[derive(Clone, Debug)]
pub(super) struct Level {
    pub shape: Shape,
    pub axes: [Axis; 3],
    /// The x axis once more, in compact storage.
    pub row: Row,
    pub colours: [Colour; 2],
    /// A half row of zeros: the neighbour of rows at the faces.
    pub zeros: Vec<f64>,
    /// Working memory for each plane.
    pub scratch: Vec<f64>,
    /// Residuals of each plane, restricted along x and y: coarse rows in natural order.
    pub reduced: Vec<f64>,
    /// The part of the diagonal that is the same in all cells.
    pub common: f64,
}

/// One plane of a level, to be written.
pub(super) struct Plane<'a> {
    pub value: [&'a mut [f64]; 2],
    pub rhs: [&'a mut [f64]; 2],
    pub inverse: [&'a mut [f64]; 2],
}

impl Level {
    pub fn new(axes: [Axis; 3], finest: bool) -> Self {
        let shape = Shape::new([axes[0].n, axes[1].n, axes[2].n]);
        let len = shape.plane() * shape.n[2];
        let half = || [vec![0.0; shape.stride], vec![0.0; shape.stride]];
        Self {
            shape,
            row: Row {
                lower: half(),
                upper: half(),
                diagonal: half(),
                share: [half(), half()],
                weight: [half(), half(), half()],
            },
            axes,
            colours: [Colour::new(len, finest), Colour::new(len, finest)],
            zeros: vec![0.0; shape.stride],
            reduced: vec![0.0; shape.n[2] * shape.reduced()],
            scratch: vec![0.0; shape.n[2] * shape.scratch()],
            common: 0.0,
        }
    }

    /// Sets the couplings for a matrix `mass + time·(decay + sink) − time·diffusion·∇²`.
    pub fn set_couplings(&mut self, substance: &Substance, mass: f64, time: f64) {
        self.common = mass + time * substance.decay;
        for (a, axis) in self.axes.iter_mut().enumerate() {
            let faces: [Face; 2] = [substance.faces[2 * a], substance.faces[2 * a + 1]];
            axis.set(time * substance.diffusion, faces);
        }
        let (x, row) = (&self.axes[0], &mut self.row);
        for i in 0..x.n {
            let (parity, m) = (i % 2, i / 2);
            row.lower[parity][m] = x.lower[i];
            row.upper[parity][m] = x.upper[i];
            row.diagonal[parity][m] = x.diagonal[i];
            for next in 0..2 {
                row.share[next][parity][m] = if m + next < x.coarse() { x.share(i, m + next) } else { 0.0 };
            }
            for which in 0..3 {
                row.weight[which][parity][m] = 0.0;
            }
            for (parent, weight) in x.parents(i).into_iter().zip(x.weight[i]) {
                row.weight[parent + 1 - m][parity][m] += weight;
            }
        }
    }

    /// The diagonal of row `(j, k)` without the x axis and without sinks.
    pub fn row_diagonal(&self, j: usize, k: usize) -> f64 {
        self.common + self.axes[1].diagonal[j] + self.axes[2].diagonal[k]
    }

    /// Whether nothing is left to coarsen.
    pub fn is_single_cell(&self) -> bool {
        self.shape.n == [1, 1, 1]
    }
}

/// One plane of one array of both colours, to be written, and working memory for it.
pub(super) struct Task<'a> {
    pub colours: [&'a mut [f64]; 2],
    pub scratch: &'a mut [f64],
}

/// All planes of one array of both colours, in parallel; `pad` is the padding before the first plane.
pub(super) fn tasks<'a>(
    shape: Shape,
    arrays: &'a mut [Vec<f64>; 2],
    pad: usize,
    scratch: &'a mut [f64],
) -> impl IndexedParallelIterator<Item = Task<'a>> {
    let (plane, len) = (shape.plane(), shape.plane() * shape.n[2]);
    let [a, b] = arrays;
    let colours = a[pad..pad + len].par_chunks_mut(plane).zip(b[pad..pad + len].par_chunks_mut(plane));
    colours
        .zip(scratch.par_chunks_mut(shape.scratch()))
        .map(|((a, b), scratch)| Task { colours: [a, b], scratch })
        .with_min_len(shape.planes_per_task())
}

/// All planes of two colours, in parallel; kernels on different planes never touch the same cell.
pub(super) fn planes(
    shape: Shape,
    colours: &mut [Colour; 2],
) -> impl IndexedParallelIterator<Item = Plane<'_>> {
    let (plane, len) = (shape.plane(), shape.plane() * shape.n[2]);
    let [a, b] = colours;
    (
        a.value[1..=len].par_chunks_mut(plane),
        b.value[1..=len].par_chunks_mut(plane),
        a.rhs.par_chunks_mut(plane),
        b.rhs.par_chunks_mut(plane),
        a.inverse.par_chunks_mut(plane),
        b.inverse.par_chunks_mut(plane),
    )
        .into_par_iter()
        .map(|(va, vb, ra, rb, ia, ib)| Plane { value: [va, vb], rhs: [ra, rb], inverse: [ia, ib] })
        .with_min_len(shape.planes_per_task())
}
