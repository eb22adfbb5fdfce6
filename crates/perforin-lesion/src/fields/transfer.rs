//! Passes between a field, in natural order, and the finest level, in two colours.

use super::level::{Level, Plane, planes};
use super::substance::{Face, Field};
use rayon::prelude::*;

/// Sums over the voxels of a plane or of the grid.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    /// Of the values.
    pub value: f64,
    /// Of the uptake, sink × value.
    pub uptake: f64,
    /// Of what enters through fixed faces, unit/min.
    pub entering: f64,
    /// Least value.
    pub least: f64,
}

impl Tally {
    /// The sum of two; the order matters for the last bit.
    fn and(self, other: Self) -> Self {
        Self {
            value: self.value + other.value,
            uptake: self.uptake + other.uptake,
            entering: self.entering + other.entering,
            least: self.least.min(other.least),
        }
    }
}

/// The value at a face, or zero where the coupling to it is zero anyway.
fn fixed(face: Face) -> f64 {
    match face {
        Face::NoFlux => 0.0,
        Face::Fixed(value) => value,
    }
}

/// Visits the half rows of plane `k`: `(colour, parity, j, start in the plane)`.
fn half_rows(level: &Level, k: usize) -> impl Iterator<Item = (usize, usize, usize, usize)> + use<> {
    let (ny, stride) = (level.shape.n[1], level.shape.stride);
    (0..ny).flat_map(move |j| [0, 1].map(|parity| ((j + k + parity) % 2, parity, j, j * stride)))
}

/// Every second entry of a row, from `parity` on.
fn every_second(row: &[f64], parity: usize) -> impl Iterator<Item = &f64> {
    row.iter().skip(parity).step_by(2)
}

fn with_planes(level: &mut Level, work: impl Fn(&Level, usize, Plane) + Sync) {
    let mut colours = std::mem::take(&mut level.colours);
    planes(level.shape, &mut colours).enumerate().for_each(|(k, plane)| work(level, k, plane));
    level.colours = colours;
}

/// Starts from the values of the field, with its sinks on the diagonal.
pub(super) fn load(level: &mut Level, field: &Field, time: f64) {
    let [nx, ny, _] = level.shape.n;
    with_planes(level, |level, k, plane| {
        for (colour, parity, j, start) in half_rows(level, k) {
            let base = level.row_diagonal(j, k);
            let row = (j + ny * k) * nx..(j + ny * k + 1) * nx;
            let value = every_second(&field.value[row.clone()], parity);
            let sink = every_second(&field.sink[row], parity);
            let diagonal = &level.row.diagonal[parity];
            let out = plane.value[colour][start..].iter_mut().zip(&mut plane.inverse[colour][start..]);
            for ((out, diagonal), (value, sink)) in out.zip(diagonal).zip(value.zip(sink)) {
                *out.0 = *value;
                *out.1 = 1.0 / (base + diagonal + time * sink);
            }
        }
    });
}

/// Sets the right-hand side `mass·present + time·source` and what the fixed faces add.
pub(super) fn set_rhs(level: &mut Level, field: &Field, mass: f64, time: f64) {
    let n = level.shape.n;
    let faces = field.substance.faces.map(fixed);
    with_planes(level, |level, k, plane| {
        let at_face = |a: usize, i: usize| {
            let [lower, upper] = level.axes[a].face;
            (if i == 0 { lower * faces[2 * a] } else { 0.0 })
                + if i + 1 == n[a] { upper * faces[2 * a + 1] } else { 0.0 }
        };
        for (colour, parity, j, start) in half_rows(level, k) {
            let across = at_face(1, j) + at_face(2, k);
            let row = (j + n[1] * k) * n[0];
            let source = every_second(&field.source[row..row + n[0]], parity);
            let rhs = &mut plane.rhs[colour][start..];
            for ((rhs, value), source) in rhs.iter_mut().zip(&plane.value[colour][start..]).zip(source) {
                *rhs = mass * value + time * source + across;
            }
            for i in [0, n[0] - 1].into_iter().take(n[0]) {
                if i % 2 == parity {
                    plane.rhs[colour][start + i / 2] += at_face(0, i);
                }
            }
        }
    });
}

/// Turns the problem of the first SDIRK stage, whose solution is present, into that of the second.
///
/// `gamma` is the coefficient of the method. The stage's solution holds at time `gamma`·Δt; the straight line
/// through it and the old value gives the start for the second.
pub(super) fn second_stage(level: &mut Level, field: &Field, gamma: f64) {
    let [nx, ny, _] = level.shape.n;
    let weight = (1.0 - gamma) / gamma;
    with_planes(level, |level, k, plane| {
        for (colour, parity, j, start) in half_rows(level, k) {
            let row = (j + ny * k) * nx;
            let old = every_second(&field.value[row..row + nx], parity);
            let now = plane.value[colour][start..].iter_mut().zip(&mut plane.rhs[colour][start..]);
            for ((value, rhs), old) in now.zip(old) {
                let change = *value - old;
                *rhs += weight * change;
                *value = old + change / gamma;
            }
        }
    });
}

/// Sums over the present values; always in the same order.
pub(super) fn tally(level: &Level, field: &Field, time: f64) -> Tally {
    let planes: Vec<Tally> = (0..level.shape.n[2])
        .into_par_iter()
        .with_min_len(level.shape.planes_per_task())
        .map(|k| tally_plane(level, field, time, k))
        .collect();
    planes.into_iter().fold(Tally::default(), Tally::and)
}

fn tally_plane(level: &Level, field: &Field, time: f64, k: usize) -> Tally {
    let n = level.shape.n;
    let mut total = Tally::default();
    for (colour, parity, j, start) in half_rows(level, k) {
        let cells = (n[0] + 1 - parity) / 2;
        let value = &level.colours[colour].value[1 + level.shape.plane() * k + start..][..cells];
        let row = (j + n[1] * k) * n[0];
        let mut sum = Tally::default();
        for (value, sink) in value.iter().zip(every_second(&field.sink[row..row + n[0]], parity)) {
            sum.value += value;
            sum.uptake += sink * value;
            sum.least = sum.least.min(*value);
        }
        // Flux through a face of area h² into a voxel of volume h³: 2D(face − value)/h².
        let through = |a: usize, i: usize, cells: usize, values: f64| {
            let mut entering = 0.0;
            for (side, at_side) in [i == 0, i + 1 == n[a]].into_iter().enumerate() {
                if at_side {
                    let face = fixed(field.substance.faces[2 * a + side]);
                    entering += level.axes[a].face[side] / time * (cells as f64 * face - values);
                }
            }
            entering
        };
        sum.entering = through(1, j, cells, sum.value) + through(2, k, cells, sum.value);
        for i in [0, n[0] - 1].into_iter().take(n[0]) {
            if i % 2 == parity {
                sum.entering += through(0, i, 1, value[i / 2]);
            }
        }
        total = total.and(sum);
    }
    total
}

/// Writes the present values to the field, none below `least`.
pub(super) fn store(level: &Level, field: &mut Field, least: f64) {
    let [nx, ny, _] = level.shape.n;
    let chunks = field.value.par_chunks_mut(nx * ny).with_min_len(level.shape.planes_per_task());
    chunks.enumerate().for_each(|(k, plane)| {
        for (colour, parity, j, start) in half_rows(level, k) {
            let value = &level.colours[colour].value[1 + level.shape.plane() * k + start..];
            let row = &mut plane[j * nx..(j + 1) * nx];
            for (out, value) in row.iter_mut().skip(parity).step_by(2).zip(value) {
                *out = if *value < least { least } else { *value };
            }
        }
    });
}
