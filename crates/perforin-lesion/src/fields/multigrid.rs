//! The V-cycle.

use super::axis::Axis;
use super::kernels::{self, Machine, Sweep};
use super::level::{Level, tasks};
use super::substance::Substance;
use crate::grid::Grid;
use rayon::prelude::*;
use std::mem::take;

/// Most cycles before a solve is given up.
const MAX_CYCLES: u32 = 100;

/// Over-relaxation of red–black Gauss–Seidel in three dimensions (Yavneh, SIAM J. Sci. Comput. 17, 180, 1996). At
/// 75³ voxels without flux, a cycle's factor is 0.16 at 1, 0.09 at 1.15 and 0.07 at 1.2.
const OMEGA: f64 = 1.2;

/// Convergence factor that the first cycle is credited with; above the 0.05–0.1 of ordinary problems.
const FACTOR_ASSUMED: f64 = 0.2;
/// Best factor that a later cycle is credited with.
const FACTOR_BEST: f64 = 0.1;
/// Worst factor for which an error is estimated.
const FACTOR_WORST: f64 = 0.95;

/// A solve that converged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Solved {
    pub cycles: u32,
    /// Estimated largest error.
    pub error: f64,
    /// Largest magnitude of the solution and of what the caller compares it with.
    pub scale: f64,
}

/// A solve that did not converge.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stalled {
    pub cycles: u32,
}

/// The hierarchy of grids, from the given one to a single cell.
#[derive(Clone, Debug)]
pub(super) struct Multigrid {
    pub levels: Vec<Level>,
    machine: Machine,
}

impl Multigrid {
    pub fn new(grid: &Grid, machine: Machine) -> Self {
        let mut axes = grid.n.map(|n| Axis::new(n, grid.spacing));
        let mut levels = Vec::new();
        while axes.iter().any(|axis| axis.n > 1) {
            let coarser = axes.each_ref().map(Axis::coarsened);
            levels.push(Level::new(axes, levels.is_empty()));
            axes = coarser;
        }
        levels.push(Level::new(axes, levels.is_empty()));
        Self { levels, machine }
    }

    /// Sets all couplings for a matrix `mass + time·(decay + sink) − time·diffusion·∇²`.
    pub fn set_couplings(&mut self, substance: &Substance, mass: f64, time: f64) {
        for level in &mut self.levels {
            level.set_couplings(substance, mass, time);
        }
    }

    /// Sets the inverse diagonals of all levels but the finest, from that of the finest.
    pub fn coarsen(&mut self) {
        for l in 1..self.levels.len() {
            let (fine, coarse) = pair(&mut self.levels, l - 1);
            let mut inverse = coarse.colours.each_mut().map(|colour| take(&mut colour.inverse));
            let mut scale = coarse.colours.each_mut().map(|colour| take(&mut colour.scale));
            let mut scratch = take(&mut coarse.scratch);
            let [first, second] = &mut scale;
            let plane = coarse.shape.plane();
            tasks(coarse.shape, &mut inverse, 0, &mut scratch)
                .zip(first.par_chunks_mut(plane).zip(second.par_chunks_mut(plane)))
                .enumerate()
                .for_each(|(k, (mut task, (a, b)))| {
                    kernels::coarsen(self.machine, &mut task, &mut [a, b], coarse, fine, k);
                });
            coarse.scratch = scratch;
            for ((colour, inverse), scale) in coarse.colours.iter_mut().zip(inverse).zip(scale) {
                (colour.inverse, colour.scale) = (inverse, scale);
            }
        }
    }

    /// Cycles until the estimated error is below `tolerance` times the larger of `scale` and the largest value.
    ///
    /// The error before a cycle is about the largest change that the cycle makes; the error after it is
    /// smaller by the convergence factor, which the changes of successive cycles show. Unlike the residual,
    /// this sees smooth errors at their full size.
    pub fn solve(&mut self, tolerance: f64, scale: f64) -> Result<Solved, Stalled> {
        let mut previous: Option<f64> = None;
        for cycles in 1..=MAX_CYCLES {
            let Sweep { change, size } = self.cycle(0);
            let factor = previous.map_or(FACTOR_ASSUMED, |previous| change / previous);
            let error = change * factor.max(FACTOR_BEST) / (1.0 - factor.clamp(FACTOR_BEST, FACTOR_WORST));
            let scale = size.max(scale);
            if error <= tolerance * scale {
                return Ok(Solved { cycles, error, scale });
            }
            previous = Some(change);
        }
        Err(Stalled { cycles: MAX_CYCLES })
    }

    /// One V-cycle from level `l` on: one sweep before and one after on the finest level, two on the others,
    /// where they cost little and make up for the differences between the levels' operators.
    fn cycle(&mut self, l: usize) -> Sweep {
        let machine = self.machine;
        let level = &mut self.levels[l];
        if level.is_single_cell() {
            return relax(machine, level, 0, 1.0);
        }
        if l > 0 {
            sweep(machine, level, [OMEGA; 2]);
        }
        // Without over-relaxation of the second colour, only the first has a residual to restrict.
        let before = sweep(machine, level, [OMEGA, 1.0]);
        let (fine, coarse) = pair(&mut self.levels, l);
        restrict(machine, fine, coarse);
        self.cycle(l + 1);
        let (fine, coarse) = pair(&mut self.levels, l);
        let correction = prolong(machine, fine, coarse);
        if l > 0 {
            sweep(machine, fine, [OMEGA; 2]);
        }
        let after = sweep(machine, fine, [OMEGA; 2]);
        Sweep { change: before.change.max(correction).max(after.change), size: after.size }
    }

    /// The finest cell with the largest residual relative to the diagonal, and that residual.
    pub fn worst_residual(&self) -> ([usize; 3], f64) {
        let level = &self.levels[0];
        let [nx, ny, nz] = level.shape.n;
        let mut residual = vec![0.0; level.shape.stride];
        let mut worst = ([0; 3], 0.0);
        for (k, j, colour) in (0..nz).flat_map(|k| (0..ny).flat_map(move |j| [(k, j, 0), (k, j, 1)])) {
            kernels::write_residual(&mut residual, level, colour, j, k);
            for i in ((j + k + colour) % 2..nx).step_by(2) {
                let r: f64 = residual[i / 2];
                if r.abs() > worst.1 || r.is_nan() {
                    worst = ([i, j, k], r.abs());
                }
            }
        }
        worst
    }
}

/// A level and the next coarser one.
fn pair(levels: &mut [Level], l: usize) -> (&mut Level, &mut Level) {
    let (finer, coarser) = levels.split_at_mut(l + 1);
    (&mut finer[l], &mut coarser[0])
}

fn sweep(machine: Machine, level: &mut Level, omega: [f64; 2]) -> Sweep {
    let first = relax(machine, level, 0, omega[0]);
    first.or(relax(machine, level, 1, omega[1]))
}

fn relax(machine: Machine, level: &mut Level, colour: usize, omega: f64) -> Sweep {
    let mut value = take(&mut level.colours[colour].value);
    let shape = level.shape;
    let end = value.len() - 1;
    let sweep = value[1..end]
        .par_chunks_mut(shape.plane())
        .with_min_len(shape.planes_per_task())
        .enumerate()
        .map(|(k, plane)| kernels::relax(machine, plane, level, colour, k, omega))
        .reduce(Sweep::default, Sweep::or);
    level.colours[colour].value = value;
    sweep
}

/// Sets the coarse problem for the correction, starting from zero.
fn restrict(machine: Machine, fine: &mut Level, coarse: &mut Level) {
    let (mut reduced, mut scratch) = (take(&mut fine.reduced), take(&mut fine.scratch));
    reduced
        .par_chunks_mut(fine.shape.reduced())
        .zip(scratch.par_chunks_mut(fine.shape.scratch()))
        .with_min_len(fine.shape.planes_per_task())
        .enumerate()
        .for_each(|(k, (reduced, scratch))| kernels::reduce(machine, reduced, scratch, fine, k));
    (fine.reduced, fine.scratch) = (reduced, scratch);

    let mut rhs = coarse.colours.each_mut().map(|colour| take(&mut colour.rhs));
    let mut scratch = take(&mut coarse.scratch);
    tasks(coarse.shape, &mut rhs, 0, &mut scratch)
        .enumerate()
        .for_each(|(k, mut task)| kernels::restrict(machine, &mut task, coarse, fine, k));
    coarse.scratch = scratch;
    for (colour, rhs) in coarse.colours.iter_mut().zip(rhs) {
        colour.rhs = rhs;
        colour.value.fill(0.0);
    }
}

fn prolong(machine: Machine, fine: &mut Level, coarse: &Level) -> f64 {
    let mut value = fine.colours.each_mut().map(|colour| take(&mut colour.value));
    let mut scratch = take(&mut fine.scratch);
    let largest = tasks(fine.shape, &mut value, 1, &mut scratch)
        .enumerate()
        .map(|(k, mut task)| kernels::prolong(machine, &mut task, coarse, fine, k))
        .reduce(|| 0.0, f64::max);
    fine.scratch = scratch;
    for (colour, value) in fine.colours.iter_mut().zip(value) {
        colour.value = value;
    }
    largest
}
