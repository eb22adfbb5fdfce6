//! Who is near whom: bins, space-filling order, and neighbour lists with a skin.
//!
//! A list holds every pair that can touch before one of the two has moved further than its *skin*. The skin of a
//! type follows its speed, so that a few fast T cells do not force the lists of a packed tumour to be rebuilt.

use std::ops::Range;

use rayon::prelude::*;

use crate::cells::Cells;
use crate::grid::Grid;
use crate::model::Model;

/// Cells per chunk of parallel work; fixed, so that results do not depend on the number of threads.
pub const CHUNK: usize = 512;

/// Skin of cells that do not move by themselves, µm.
const RESTING_SKIN: f64 = 2.5;

/// Time that a motile cell's skin should last, min.
const SKIN_TIME: f64 = 1.0;

/// Width of the bins whose Morton code orders the cells, µm.
const ORDER_BIN: f64 = 25.0;

/// Neighbour lists of all cells. Workspace: rebuilt from the cells, never stored.
#[derive(Clone, Debug, Default)]
pub struct Neighbours {
    skin: Vec<f64>,
    bins: Bins,
    chunks: Vec<ChunkLists>,
    anchor: Vec<[f64; 3]>,
}

/// The lists of [`CHUNK`] consecutive cells.
#[derive(Clone, Debug, Default)]
struct ChunkLists {
    /// For each cell of the chunk, where its list ends; it starts where the one before ends.
    end: Vec<u32>,
    list: Vec<u32>,
}

/// Cells by bin; a bin is at least as wide as the longest distance that matters.
#[derive(Clone, Debug, Default)]
struct Bins {
    n: [usize; 3],
    origin: [f64; 3],
    width: [f64; 3],
    /// For each bin, where its cells start in `cells`; one more entry than bins.
    start: Vec<u32>,
    cells: Vec<u32>,
    /// For each entry of `cells`, position and reach, so that a bin is read in one go.
    packed: Vec<[f64; 4]>,
    /// For each cell, its bin.
    of: Vec<u32>,
}

impl Neighbours {
    /// Empty lists for a model.
    pub fn new(model: &Model) -> Self {
        let skin = model
            .types
            .iter()
            .map(|t| RESTING_SKIN + t.motility.map_or(0.0, |m| m.speed * SKIN_TIME))
            .collect();
        Self { skin, ..Self::default() }
    }

    /// The order that puts cells of a neighbourhood next to each other in memory: by Morton code of the bin, and
    /// within a bin as they were.
    pub fn space_filling_order(&mut self, model: &Model, cells: &Cells) -> Vec<u32> {
        self.bins.sort(&model.grid, ORDER_BIN, cells);
        let n = self.bins.n;
        let mut keys: Vec<u64> = self
            .bins
            .of
            .par_iter()
            .enumerate()
            .map(|(i, &bin)| {
                let bin = bin as usize;
                let code = morton([bin % n[0], bin / n[0] % n[1], bin / (n[0] * n[1])]);
                code << 32 | i as u64
            })
            .collect();
        keys.par_sort_unstable();
        keys.into_iter().map(|key| key as u32).collect()
    }

    /// Builds the lists anew.
    pub fn build(&mut self, model: &Model, cells: &Cells) {
        let reach = self.reach(model, cells);
        // A lesion without cells needs no bins: one holds them all.
        let longest = reach.iter().copied().reduce(f64::max).unwrap_or(f64::INFINITY);
        self.bins.sort(&model.grid, longest, cells);
        let bins = &mut self.bins;
        bins.cells
            .par_iter()
            .with_min_len(CHUNK)
            .map(|&i| {
                let [x, y, z] = cells.position[i as usize];
                [x, y, z, reach[i as usize]]
            })
            .collect_into_vec(&mut bins.packed);
        self.anchor.clone_from(&cells.position);
        self.chunks.resize_with(cells.len().div_ceil(CHUNK), ChunkLists::default);
        let bins = &self.bins;
        self.chunks.par_iter_mut().enumerate().for_each(|(chunk, lists)| {
            lists.end.clear();
            lists.list.clear();
            for i in chunk * CHUNK..((chunk + 1) * CHUNK).min(cells.len()) {
                bins.collect(cells.position[i], (reach[i], longest), i as u32, &mut lists.list);
                lists.end.push(lists.list.len() as u32);
            }
        });
    }

    /// How far each cell reaches: two cells can touch before the lists are stale only if their distance is below
    /// the sum of their reaches.
    fn reach(&self, model: &Model, cells: &Cells) -> Vec<f64> {
        let adhesion: Vec<f64> = model.types.iter().map(|t| t.mechanics.adhesion_reach).collect();
        let kind = |i: usize| usize::from(cells.kind[i]);
        let shortest =
            (0..cells.len()).map(|i| adhesion[kind(i)] * cells.radius[i]).fold(f64::INFINITY, f64::min);
        let attack: Vec<f64> =
            model.types.iter().map(|t| t.attack.as_ref().map_or(0.0, |a| a.farthest() - shortest)).collect();
        (0..cells.len())
            .map(|i| (adhesion[kind(i)] * cells.radius[i]).max(attack[kind(i)]) + self.skin[kind(i)])
            .collect()
    }

    /// Whether some cell has moved so far since the lists were built that they may miss a pair.
    pub fn are_stale(&self, cells: &Cells) -> bool {
        cells.position.par_chunks(CHUNK).enumerate().any(|(chunk, positions)| {
            positions.iter().enumerate().any(|(k, p)| {
                let i = chunk * CHUNK + k;
                let skin = self.skin[usize::from(cells.kind[i])];
                distance2(*p, self.anchor[i]) > skin * skin
            })
        })
    }

    /// The neighbours of a cell, in a fixed order; includes some that are a little too far.
    #[inline]
    pub fn of(&self, i: usize) -> &[u32] {
        let lists = &self.chunks[i / CHUNK];
        let k = i % CHUNK;
        let start = if k == 0 { 0 } else { lists.end[k - 1] as usize };
        &lists.list[start..lists.end[k] as usize]
    }

    /// How far a cell of a type may move before the lists are stale, µm.
    pub fn skin(&self, kind: u8) -> f64 {
        self.skin[usize::from(kind)]
    }
}

impl Bins {
    /// Sorts cells into bins at least `width` wide, by counting; within a bin they keep their order.
    fn sort(&mut self, grid: &Grid, width: f64, cells: &Cells) {
        let upper = grid.upper();
        self.origin = grid.origin;
        self.n = std::array::from_fn(|a| (((upper[a] - grid.origin[a]) / width) as usize).clamp(1, 1 << 10));
        self.width = std::array::from_fn(|a| (upper[a] - grid.origin[a]) / self.n[a] as f64);
        let (n, origin, widths) = (self.n, self.origin, self.width);
        let bin_of = |p: &[f64; 3]| {
            let at: [usize; 3] =
                std::array::from_fn(|a| (((p[a] - origin[a]) / widths[a]) as usize).min(n[a] - 1));
            (at[0] + n[0] * (at[1] + n[1] * at[2])) as u32
        };
        cells.position.par_iter().with_min_len(CHUNK).map(bin_of).collect_into_vec(&mut self.of);
        self.start.clear();
        self.start.resize(n[0] * n[1] * n[2] + 1, 0);
        for &bin in &self.of {
            self.start[bin as usize + 1] += 1;
        }
        for bin in 1..self.start.len() {
            self.start[bin] += self.start[bin - 1];
        }
        self.cells.resize(self.of.len(), 0);
        // `start` is advanced while filling and then shifted back by one bin.
        for (i, &bin) in self.of.iter().enumerate() {
            let at = &mut self.start[bin as usize];
            self.cells[*at as usize] = i as u32;
            *at += 1;
        }
        self.start.rotate_right(1);
        self.start[0] = 0;
    }

    /// Appends the neighbours of cell `i`, which lies at `position` and has the given reach; no other cell reaches
    /// further than `longest`, which is at most the width of a bin.
    fn collect(&self, position: [f64; 3], (reach, longest): (f64, f64), i: u32, list: &mut Vec<u32>) {
        let farthest = reach + longest;
        let [x, y, z] = std::array::from_fn(|a| self.span(a, position[a], farthest));
        for z in z {
            let dz = self.gap(2, z, position[2]);
            for y in y.clone() {
                let dy = self.gap(1, y, position[1]);
                if dy * dy + dz * dz >= farthest * farthest {
                    continue;
                }
                // Bins that follow each other along x lie together.
                let row = self.n[0] * (y + self.n[1] * z);
                let from = self.start[row + x.start] as usize;
                let to = self.start[row + x.end] as usize;
                self.collect_row(position, reach, i, from..to, list);
            }
        }
    }

    /// Appends the neighbours of a cell among the cells of some bins. Every candidate is written down and kept only
    /// if it is one: the processor cannot foresee which will be.
    #[inline]
    fn collect_row(&self, position: [f64; 3], reach: f64, i: u32, row: Range<usize>, list: &mut Vec<u32>) {
        let mut kept = list.len();
        list.resize(kept + row.len(), 0);
        for (other, &j) in self.packed[row.clone()].iter().zip(&self.cells[row]) {
            let limit = reach + other[3];
            list[kept] = j;
            let near = distance2(position, [other[0], other[1], other[2]]) < limit * limit;
            kept += usize::from(near) * usize::from(j != i);
        }
        list.truncate(kept);
    }

    /// The bins along an axis that hold anything within `distance` of `x`.
    fn span(&self, axis: usize, x: f64, distance: f64) -> Range<usize> {
        let bin = |x: f64| ((x - self.origin[axis]) / self.width[axis]) as usize;
        bin(x - distance)..(bin(x + distance) + 1).min(self.n[axis])
    }

    /// Distance of `x` from a bin along an axis.
    fn gap(&self, axis: usize, bin: usize, x: f64) -> f64 {
        let low = self.origin[axis] + self.width[axis] * bin as f64;
        (low - x).max(x - (low + self.width[axis])).max(0.0)
    }
}

/// Square of the distance of two positions.
#[inline]
pub fn distance2(a: [f64; 3], b: [f64; 3]) -> f64 {
    let (x, y, z) = (a[0] - b[0], a[1] - b[1], a[2] - b[2]);
    x * x + y * y + z * z
}

/// Interleaves the bits of three numbers below 1,024.
fn morton(at: [usize; 3]) -> u64 {
    let spread = |v: usize| {
        let mut v = v as u64 & 0x3ff;
        v = (v | v << 16) & 0x0300_00ff;
        v = (v | v << 8) & 0x0300_f00f;
        v = (v | v << 4) & 0x030c_30c3;
        (v | v << 2) & 0x0924_9249
    };
    spread(at[0]) | spread(at[1]) << 1 | spread(at[2]) << 2
}
