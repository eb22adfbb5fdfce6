//! The inner loops: relaxation, restriction and interpolation of one plane.
//!
//! Each is compiled twice on x86-64, once for any machine and once for AVX2. Neither contracts products and
//! sums into one rounding, and no sum runs across lanes, so both give the same bits.

use super::level::{Colour, LANES, Level, Task};

/// Largest magnitudes met by a sweep.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sweep {
    /// Of a change of a value.
    pub change: f64,
    /// Of a value after the sweep.
    pub size: f64,
}

impl Sweep {
    /// The larger of both, in each part; the order does not matter.
    pub fn or(self, other: Self) -> Self {
        Self { change: larger(self.change, other.change), size: larger(self.size, other.size) }
    }
}

#[inline(always)]
fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// Which compiled version of the kernels runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Machine {
    /// Any machine.
    Portable,
    /// x86-64 with AVX2.
    #[cfg(target_arch = "x86_64")]
    Avx2,
}

impl Machine {
    /// The fastest that this machine can run.
    pub fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            return Self::Avx2;
        }
        Self::Portable
    }
}

macro_rules! kernel {
    ($(#[$doc:meta])* $name:ident / $avx2:ident = $body:ident($($arg:ident: $type:ty),*) -> $out:ty) => {
        $(#[$doc])*
        pub(super) fn $name(machine: Machine, $($arg: $type),*) -> $out {
            match machine {
                Machine::Portable => $body($($arg),*),
                #[cfg(target_arch = "x86_64")]
                // SAFETY: `Machine::Avx2` comes only from `Machine::detect`, which found AVX2.
                Machine::Avx2 => unsafe { $avx2($($arg),*) },
            }
        }

        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2")]
        fn $avx2($($arg: $type),*) -> $out {
            $body($($arg),*)
        }
    };
}

kernel! {
    /// Relaxes one colour of plane `k` with over-relaxation `omega`. `level` is without that colour's values,
    /// which are in `target`.
    relax / relax_avx2 = relax_body(target: &mut [f64], level: &Level, colour: usize, k: usize, omega: f64) -> Sweep
}

kernel! {
    /// Writes the residuals of fine plane `k`, times the inverse diagonal, averaged along x and y, to `reduced`.
    reduce / reduce_avx2 = reduce_body(reduced: &mut [f64], scratch: &mut [f64], fine: &Level, k: usize) -> ()
}

kernel! {
    /// Averages reduced planes along z into the right-hand side of coarse plane `k`: the mean residual,
    /// weighted with the inverse diagonal.
    restrict / restrict_avx2 = restrict_body(task: &mut Task, coarse: &Level, fine: &Level, k: usize) -> ()
}

kernel! {
    /// Adds the interpolated coarse values to the values of fine plane `k`; returns the largest correction.
    prolong / prolong_avx2 = prolong_body(task: &mut Task, coarse: &Level, fine: &Level, k: usize) -> f64
}

kernel! {
    /// Writes the inverse diagonal of coarse plane `k`, and to `scale` that of the mean fine inverse diagonal.
    coarsen / coarsen_avx2 = coarsen_body(
        task: &mut Task, scale: &mut [&mut [f64]; 2], coarse: &Level, fine: &Level, k: usize
    ) -> ()
}

#[inline(always)]
fn lanes(row: &[f64]) -> &[[f64; LANES]] {
    row.as_chunks().0
}

#[inline(always)]
fn lanes_mut(row: &mut [f64]) -> &mut [[f64; LANES]] {
    row.as_chunks_mut().0
}

/// The rows of the other colour around half row `(j, k)`: west, east, south, north, down, up.
#[inline(always)]
fn neighbours<'a>(level: &'a Level, other: &'a [f64], parity: usize, j: usize, k: usize) -> [&'a [f64]; 6] {
    let shape = level.shape;
    let stride = shape.stride;
    // Values begin after one padding cell, so the slice from `row` begins one cell to the west.
    let here = shape.row(j, k);
    let row =
        |inside: bool, start: usize| if inside { &other[start + 1..][..stride] } else { &level.zeros[..] };
    let plane = shape.plane();
    [
        &other[here + parity..][..stride],
        &other[here + parity + 1..][..stride],
        row(j > 0, here.wrapping_sub(stride)),
        row(j + 1 < shape.n[1], here + stride),
        row(k > 0, here.wrapping_sub(plane)),
        row(k + 1 < shape.n[2], here + plane),
    ]
}

/// The Gauss–Seidel value of `LANES` cells from chunk `c` of a half row.
struct Stencil<'a> {
    near: [&'a [[f64; LANES]]; 6],
    x: [&'a [[f64; LANES]]; 2],
    y: [f64; 2],
    z: [f64; 2],
    rhs: &'a [[f64; LANES]],
    inverse: &'a [[f64; LANES]],
}

impl<'a> Stencil<'a> {
    #[inline(always)]
    fn new(level: &'a Level, colour: usize, j: usize, k: usize) -> Self {
        let [_, y, z] = &level.axes;
        let shape = level.shape;
        let parity = (j + k + colour) % 2;
        let here = shape.row(j, k)..shape.row(j, k) + shape.stride;
        let Colour { rhs, inverse, .. } = &level.colours[colour];
        let chunks = shape.stride / LANES;
        Self {
            near: neighbours(level, &level.colours[1 - colour].value, parity, j, k)
                .map(|row| &lanes(row)[..chunks]),
            x: [&lanes(&level.row.lower[parity])[..chunks], &lanes(&level.row.upper[parity])[..chunks]],
            y: [y.lower[j], y.upper[j]],
            z: [z.lower[k], z.upper[k]],
            rhs: &lanes(&rhs[here.clone()])[..chunks],
            inverse: &lanes(&inverse[here])[..chunks],
        }
    }

    #[inline(always)]
    fn relaxed(&self, c: usize) -> [f64; LANES] {
        // A plain loop: closures handed to `array::from_fn` are not always inlined, and then lose AVX2.
        let [west, east, south, north, down, up] = &self.near;
        let mut relaxed = [0.0; LANES];
        for l in 0..LANES {
            let x = self.x[0][c][l] * west[c][l] + self.x[1][c][l] * east[c][l];
            let y = self.y[0] * south[c][l] + self.y[1] * north[c][l];
            let z = self.z[0] * down[c][l] + self.z[1] * up[c][l];
            relaxed[l] = self.inverse[c][l] * (self.rhs[c][l] + x + (y + z));
        }
        relaxed
    }
}

#[inline(always)]
fn relax_body(target: &mut [f64], level: &Level, colour: usize, k: usize, omega: f64) -> Sweep {
    let stride = level.shape.stride;
    let mut change = [0.0; LANES];
    let mut size = [0.0; LANES];
    for (j, row) in target.chunks_exact_mut(stride).enumerate() {
        let stencil = Stencil::new(level, colour, j, k);
        let row = lanes_mut(row);
        for c in 0..row.len() {
            let new = stencil.relaxed(c);
            for l in 0..LANES {
                let step = omega * (new[l] - row[c][l]);
                row[c][l] += step;
                change[l] = larger(step.abs(), change[l]);
                size[l] = larger(row[c][l].abs(), size[l]);
            }
        }
    }
    Sweep { change: change.into_iter().fold(0.0, larger), size: size.into_iter().fold(0.0, larger) }
}

#[inline(always)]
fn reduce_body(reduced: &mut [f64], scratch: &mut [f64], fine: &Level, k: usize) {
    let y = &fine.axes[1];
    let stride = fine.shape.stride;
    let residual = &mut scratch[..stride];
    reduced.fill(0.0);
    for j in 0..fine.shape.n[1] {
        // A sweep without over-relaxation leaves the second colour without residual.
        let colour = 0;
        write_residual(residual, fine, colour, j, k);
        let parity = (j + k + colour) % 2;
        // Cell j of an axis overlaps coarse cell j/2 and, if j is odd, perhaps the next one.
        for row in (j / 2..y.coarse()).take(1 + j % 2) {
            let sum = &mut reduced[row * stride..(row + 1) * stride];
            spread(sum, residual, &fine.row.share, parity, y.share(j, row));
        }
    }
}

/// Writes the residual of a half row times the inverse diagonal; zero in the padding.
#[inline(always)]
pub(super) fn write_residual(out: &mut [f64], level: &Level, colour: usize, j: usize, k: usize) {
    let stencil = Stencil::new(level, colour, j, k);
    let value = lanes(&level.colours[colour].value[level.shape.row(j, k) + 1..][..level.shape.stride]);
    for (c, out) in lanes_mut(out).iter_mut().enumerate() {
        let relaxed = stencil.relaxed(c);
        for l in 0..LANES {
            out[l] = relaxed[l] - value[c][l];
        }
    }
}

/// Adds the cells of a half row to the coarse cells that they overlap.
#[inline(always)]
fn spread(sum: &mut [f64], half: &[f64], share: &[[Vec<f64>; 2]; 2], parity: usize, weight: f64) {
    for ((sum, cell), share) in sum.iter_mut().zip(half).zip(&share[0][parity]) {
        *sum += weight * share * cell;
    }
    if parity == 1 {
        for ((sum, cell), share) in sum[1..].iter_mut().zip(half).zip(&share[1][parity]) {
            *sum += weight * share * cell;
        }
    }
}

#[inline(always)]
fn restrict_body(task: &mut Task, coarse: &Level, fine: &Level, plane: usize) {
    let z = &fine.axes[2];
    let stride = fine.shape.stride;
    let sum = &mut task.scratch[..stride];
    for row in 0..coarse.shape.n[1] {
        sum.fill(0.0);
        for k in z.children(plane) {
            let share = z.share(k, plane);
            for (sum, reduced) in sum.iter_mut().zip(&fine.reduced[k * fine.shape.reduced() + row * stride..])
            {
                *sum += share * reduced;
            }
        }
        for i in 0..coarse.shape.n[0] {
            let (colour, at) = ((row + plane + i) % 2, row * coarse.shape.stride + i / 2);
            task.colours[colour][at] =
                coarse.colours[colour].scale[coarse.shape.plane() * plane + at] * sum[i];
        }
    }
}

#[inline(always)]
fn coarsen_body(task: &mut Task, scale: &mut [&mut [f64]; 2], coarse: &Level, fine: &Level, plane: usize) {
    let [_, y, z] = &fine.axes;
    let stride = fine.shape.stride;
    let (sinks, rest) = task.scratch.split_at_mut(stride);
    let (inverses, rest) = rest.split_at_mut(stride);
    let sink = &mut rest[..stride];
    for row in 0..coarse.shape.n[1] {
        sinks.fill(0.0);
        inverses.fill(0.0);
        for k in z.children(plane) {
            for j in y.children(row) {
                let weight = y.share(j, row) * z.share(k, plane);
                for colour in 0..2 {
                    let parity = (j + k + colour) % 2;
                    let inverse = &fine.colours[colour].inverse[fine.shape.row(j, k)..][..stride];
                    write_relative_sink(sink, inverse, &fine.row.diagonal[parity], fine.row_diagonal(j, k));
                    spread(sinks, sink, &fine.row.share, parity, weight);
                    spread(inverses, inverse, &fine.row.share, parity, weight);
                }
            }
        }
        let base = coarse.row_diagonal(row, plane);
        for i in 0..coarse.shape.n[0] {
            let sink = larger(sinks[i] / inverses[i], 0.0);
            let diagonal = base + coarse.axes[0].diagonal[i] + sink;
            let (colour, at) = ((row + plane + i) % 2, row * coarse.shape.stride + i / 2);
            task.colours[colour][at] = 1.0 / diagonal;
            scale[colour][at] = 1.0 / inverses[i];
        }
    }
}

/// Sink times inverse diagonal of a half row: what the rest of the diagonal leaves of one.
#[inline(always)]
fn write_relative_sink(out: &mut [f64], inverse: &[f64], diagonal: &[f64], base: f64) {
    for ((out, inverse), diagonal) in out.iter_mut().zip(inverse).zip(diagonal) {
        *out = 1.0 - inverse * (base + diagonal);
    }
}

#[inline(always)]
fn prolong_body(task: &mut Task, coarse: &Level, fine: &Level, k: usize) -> f64 {
    let [_, y, z] = &fine.axes;
    let stride = fine.shape.stride;
    let row = &mut task.scratch[..stride + 2];
    let mut largest = [0.0; LANES];
    for j in 0..fine.shape.n[1] {
        gather(row, coarse, [y.parents(j), z.parents(k)], y.weight[j], z.weight[k]);
        for colour in 0..2 {
            let parity = (j + k + colour) % 2;
            let near = [0, 1, 2].map(|which| lanes(&row[which..][..stride]));
            let weight = [0, 1, 2].map(|which| lanes(&fine.row.weight[which][parity]));
            let out = lanes_mut(&mut task.colours[colour][j * stride..(j + 1) * stride]);
            for c in 0..out.len() {
                for l in 0..LANES {
                    let correction = weight[0][c][l] * near[0][c][l]
                        + weight[1][c][l] * near[1][c][l]
                        + weight[2][c][l] * near[2][c][l];
                    out[c][l] += correction;
                    largest[l] = larger(correction.abs(), largest[l]);
                }
            }
        }
    }
    largest.into_iter().fold(0.0, larger)
}

/// Interpolates coarse values along y and z into a row in natural order, with a zero before and after it.
#[inline(always)]
fn gather(row: &mut [f64], coarse: &Level, parents: [[usize; 2]; 2], wy: [f64; 2], wz: [f64; 2]) {
    let stride = coarse.shape.stride;
    let n = coarse.shape.n[0];
    for parity in 0..2 {
        let half = |b: usize, a: usize| {
            let (j, k) = (parents[0][b], parents[1][a]);
            let value = &coarse.colours[(j + k + parity) % 2].value;
            (wy[b] * wz[a], &value[coarse.shape.row(j, k) + 1..][..stride])
        };
        let corners = [half(0, 0), half(1, 0), half(0, 1), half(1, 1)];
        let [(w0, r0), (w1, r1), (w2, r2), (w3, r3)] = corners;
        for m in 0..(n + 1 - parity) / 2 {
            row[1 + 2 * m + parity] = (w0 * r0[m] + w1 * r1[m]) + (w2 * r2[m] + w3 * r3[m]);
        }
    }
    row[0] = 0.0;
    row[n + 1..].fill(0.0);
}
