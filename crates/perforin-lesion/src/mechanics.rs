//! Forces between neighbours and the movement that follows.
//!
//! Cells are overdamped spheres: their velocity is the sum of the pushes and pulls of their neighbours.
//!
//! | symbol | unit | meaning | source |
//! |---|---|---|---|
//! | `k` | µm/min | repulsion of a type | Ghaffarizadeh 2018, doi 10.1371/journal.pcbi.1005991 |
//! | `a` | µm/min | adhesion of a type | the same |
//! | `R` | µm | sum of two radii | |
//! | `S` | µm | sum of two adhesion reaches | the same |
//!
//! `v_i = Σ_j [ √(a_i a_j)·(1 − d/S)²·[d<S] − √(k_i k_j)·(1 − d/R)²·[d<R] ]·(x_j − x_i)/d`
//!
//! Time: Adams–Bashforth of second order with a variable step, started by an Euler step. The step is chosen
//! *before* moving, so that the second-order correction of no cell exceeds its tolerance; that correction is the
//! error of the Euler method, so the error of the step itself is smaller still. A cell that was just placed or born
//! takes an Euler step; its correction is foreseen from the law of two cells that repel each other,
//! `|a| = 4 v √(k v)/R`. A motile cell's tolerance is the stated one plus the way of 0.2 min, because its
//! path is random on a longer scale anyway. Motility is not integrated but added exactly, turn by turn
//! ([`crate::motility`]); crawling ([`crate::crawl`]) sets in at once at its distances, so that it is added by Euler
//! steps and limits them by its speed alone.
//!
//! Assumptions: no inertia, no friction between neighbours; pushes act along the line of centres.

use rayon::prelude::*;

use crate::cells::Cells;
use crate::crawl::Crawling;
use crate::matrix::freedom_at;
use crate::model::Model;
use crate::neighbours::{CHUNK, Neighbours};

/// Sum of (1 − d/R)² over the twelve neighbours of a relaxed packing, the unit of pressure (Ghaffarizadeh 2018).
const PRESSURE_UNIT: f64 = 0.027_288_820_670_331;

/// Furthest that forces may carry a cell in one step, µm: a quarter of a small cell's radius.
const LONGEST_PUSH: f64 = 1.0;

/// Furthest that motility may carry a cell in one step, µm, so that no contact is jumped over.
const LONGEST_STRIDE: f64 = 2.0;

/// Time whose way is added to the tolerance of a motile cell, min.
const MOTILE_TIME: f64 = 0.2;

/// Strengths for every pair of types, and scratch that is rebuilt at each step.
#[derive(Clone, Debug)]
pub struct Mechanics {
    types: usize,
    repulsion: Vec<f64>,
    adhesion: Vec<f64>,
    reach: Vec<f64>,
    /// For each type, one over the correction that a step may make, /µm.
    strictness: Vec<f64>,
    /// For each type, its speed by motility, µm/min.
    stride: Vec<f64>,
    /// For each type, what it crawls toward.
    crawling: Vec<Option<Crawling>>,
    packed: Vec<[f64; 4]>,
    velocity: Vec<[f64; 3]>,
    /// Velocity by crawling, µm/min.
    crawled: Vec<[f64; 3]>,
}

/// What limits the next step.
#[derive(Clone, Copy, Debug, Default)]
struct Limits {
    /// Largest speed by forces, µm/min.
    speed: f64,
    /// Largest change of velocity since the last step over the cell's tolerance, /min.
    change: f64,
    /// Largest speed of a cell that moves by itself, µm/min.
    stride: f64,
    /// Largest acceleration foreseen for a cell without a last step over the cell's tolerance, /min².
    start: f64,
}

impl Mechanics {
    /// Strengths of a model.
    pub fn new(model: &Model) -> Self {
        let types = model.types.len();
        let pairs = |f: &dyn Fn(&crate::model::Mechanics) -> f64| -> Vec<f64> {
            let value: Vec<f64> = model.types.iter().map(|t| f(&t.mechanics)).collect();
            (0..types * types).map(|p| (value[p / types] * value[p % types]).sqrt()).collect()
        };
        Self {
            types,
            repulsion: pairs(&|m| m.repulsion),
            adhesion: pairs(&|m| m.adhesion),
            reach: model.types.iter().map(|t| t.mechanics.adhesion_reach).collect(),
            strictness: model
                .types
                .iter()
                .map(|t| {
                    let way = t.motility.map_or(0.0, |m| m.speed * MOTILE_TIME);
                    1.0 / (model.numerics.mechanics_tolerance + way)
                })
                .collect(),
            stride: model.types.iter().map(|t| t.motility.map_or(0.0, |m| m.speed)).collect(),
            crawling: model.types.iter().map(|t| t.attack.as_ref().and_then(Crawling::of)).collect(),
            packed: Vec::new(),
            velocity: Vec::new(),
            crawled: Vec::new(),
        }
    }

    /// Computes all velocities by forces and the cells' pressure.
    pub fn evaluate(&mut self, model: &Model, matrix: &[f32], cells: &mut Cells, neighbours: &Neighbours) {
        let n = cells.len();
        cells
            .position
            .par_iter()
            .zip(&cells.radius)
            .with_min_len(CHUNK)
            .map(|(p, &r)| [p[0], p[1], p[2], r])
            .collect_into_vec(&mut self.packed);
        self.velocity.clear();
        self.velocity.resize(n, [0.0; 3]);
        let (packed, kind) = (&self.packed, &cells.kind);
        let (repulsion, adhesion, reach, types) = (&self.repulsion, &self.adhesion, &self.reach, self.types);
        self.velocity.par_chunks_mut(CHUNK).zip(cells.pressure.par_chunks_mut(CHUNK)).enumerate().for_each(
            |(chunk, (velocity, pressure))| {
                for (k, v) in velocity.iter_mut().enumerate() {
                    let i = chunk * CHUNK + k;
                    let own = usize::from(kind[i]);
                    let row = own * types..(own + 1) * types;
                    let pair = Pair {
                        repulsion: &repulsion[row.clone()],
                        adhesion: &adhesion[row],
                        reach,
                        own_reach: reach[own],
                    };
                    (*v, pressure[k]) = pair.sum(packed, kind, i, neighbours.of(i));
                }
            },
        );
        pull_bonds(model, cells, &mut self.velocity);
        self.crawl(cells, neighbours);
        self.drag(model, matrix, cells);
    }

    /// Crawling of attackers; empty where none crawls.
    fn crawl(&mut self, cells: &Cells, neighbours: &Neighbours) {
        self.crawled.clear();
        if self.crawling.iter().all(Option::is_none) {
            return;
        }
        for crawling in self.crawling.iter_mut().flatten() {
            crawling.look(&self.packed, &cells.kind);
        }
        let (packed, crawling) = (&self.packed, &self.crawling);
        (0..cells.len())
            .into_par_iter()
            .with_min_len(CHUNK)
            .map(|i| match &crawling[usize::from(cells.kind[i])] {
                Some(crawling) if cells.is_live(i) => {
                    crawling.velocity(packed, &cells.kind, i, neighbours.of(i))
                }
                _ => [0.0; 3],
            })
            .collect_into_vec(&mut self.crawled);
    }

    /// The longest allowed step that divides `remaining` evenly, min.
    pub fn choose_step(&self, cells: &Cells, last: f64, remaining: f64) -> f64 {
        let limits = self.limits(cells);
        let mut step = remaining;
        if limits.speed > 0.0 {
            step = step.min(LONGEST_PUSH / limits.speed);
        }
        if limits.change > 0.0 && last > 0.0 {
            // ½ Δt² |a| ≤ tolerance with a = Δv / Δt_last.
            step = step.min((2.0 * last / limits.change).sqrt());
        }
        if limits.start > 0.0 {
            step = step.min((2.0 / limits.start).sqrt());
        }
        if limits.stride > 0.0 {
            step = step.min(LONGEST_STRIDE / limits.stride);
        }
        remaining / (remaining / step).ceil().clamp(1.0, 1e6)
    }

    /// Moves all cells by forces over `step`; `last` is the step before, min.
    pub fn advance(&self, cells: &mut Cells, step: f64, last: f64) {
        let ratio = if last > 0.0 { 0.5 * step / last } else { 0.0 };
        cells
            .position
            .par_iter_mut()
            .zip(&mut cells.velocity)
            .zip(&mut cells.moved)
            .zip(&self.velocity)
            .with_min_len(CHUNK)
            .for_each(|(((position, before), moved), now)| {
                for a in 0..3 {
                    let correction = if *moved == 1 { ratio * (now[a] - before[a]) } else { 0.0 };
                    position[a] += step * (now[a] + correction);
                }
                *before = *now;
                *moved = 1;
            });
        for (position, crawl) in cells.position.iter_mut().zip(&self.crawled) {
            *position = std::array::from_fn(|a| position[a] + step * crawl[a]);
        }
    }

    /// Matrix slows everything in it.
    fn drag(&mut self, model: &Model, matrix: &[f32], cells: &Cells) {
        if matrix.is_empty() {
            return;
        }
        for velocity in [&mut self.velocity, &mut self.crawled] {
            velocity.par_iter_mut().zip(&cells.position).with_min_len(CHUNK).for_each(|(v, p)| {
                let freedom = freedom_at(model, matrix, *p);
                *v = v.map(|c| c * freedom);
            });
        }
    }

    /// Crawling limits the step by its speed alone.
    fn crawl_limits(&self) -> Limits {
        let speed = self.crawled.iter().map(|v| squared(*v)).fold(0.0, f64::max);
        Limits { speed, ..Limits::default() }
    }

    fn limits(&self, cells: &Cells) -> Limits {
        self.velocity
            .par_chunks(CHUNK)
            .enumerate()
            .map(|(chunk, velocity)| {
                let mut limits = Limits::default();
                for (k, v) in velocity.iter().enumerate() {
                    let i = chunk * CHUNK + k;
                    let before = cells.velocity[i];
                    let speed = v[0] * v[0] + v[1] * v[1] + v[2] * v[2];
                    limits.speed = limits.speed.max(speed);
                    let own = usize::from(cells.kind[i]);
                    let strictness = self.strictness[own];
                    if cells.is_live(i) {
                        limits.stride = limits.stride.max(self.stride[own]);
                    }
                    if cells.moved[i] == 1 {
                        let (x, y, z) = (v[0] - before[0], v[1] - before[1], v[2] - before[2]);
                        limits.change = limits.change.max((x * x + y * y + z * z) * strictness * strictness);
                    } else {
                        let (speed, repulsion) = (speed.sqrt(), self.repulsion[own * self.types + own]);
                        let acceleration = 2.0 * speed * (repulsion * speed).sqrt() / cells.radius[i];
                        limits.start = limits.start.max(acceleration * strictness);
                    }
                }
                limits
            })
            .reduce(Limits::default, Limits::or)
            .or(self.crawl_limits())
            .root()
    }
}

/// Square of a vector's length.
fn squared(v: [f64; 3]) -> f64 {
    v[0] * v[0] + v[1] * v[1] + v[2] * v[2]
}

impl Limits {
    /// The stricter of two in everything.
    fn or(self, other: Self) -> Self {
        Self {
            speed: self.speed.max(other.speed),
            change: self.change.max(other.change),
            stride: self.stride.max(other.stride),
            start: self.start.max(other.start),
        }
    }

    /// Speed and change were compared by their squares.
    fn root(self) -> Self {
        Self { speed: self.speed.sqrt(), change: self.change.sqrt(), ..self }
    }
}

/// The strengths of one cell towards each type.
struct Pair<'a> {
    repulsion: &'a [f64],
    adhesion: &'a [f64],
    reach: &'a [f64],
    own_reach: f64,
}

impl Pair<'_> {
    /// Velocity and pressure of cell `i` by its neighbours, summed in the order of the list.
    #[inline]
    fn sum(&self, packed: &[[f64; 4]], kind: &[u8], i: usize, list: &[u32]) -> ([f64; 3], f64) {
        let [x, y, z, r] = packed[i];
        let own_reach = self.own_reach * r;
        let mut v = [0.0; 3];
        let mut overlap2 = 0.0;
        for &j in list {
            let j = j as usize;
            let [ox, oy, oz, or] = packed[j];
            let other = usize::from(kind[j]);
            let (dx, dy, dz) = (ox - x, oy - y, oz - z);
            let d2 = dx * dx + dy * dy + dz * dz;
            let s = own_reach + self.reach[other] * or;
            if d2 >= s * s {
                continue;
            }
            // Two cells in one place have no direction to part in; the random division axis and motility
            // keep that from lasting.
            let d = d2.sqrt().max(1e-9);
            let pull = 1.0 - d / s;
            let mut force = self.adhesion[other] * pull * pull;
            let sum = r + or;
            if d < sum {
                let overlap = 1.0 - d / sum;
                force -= self.repulsion[other] * overlap * overlap;
                overlap2 += overlap * overlap;
            }
            let scale = force / d;
            v[0] += scale * dx;
            v[1] += scale * dy;
            v[2] += scale * dz;
        }
        (v, overlap2 / PRESSURE_UNIT)
    }
}

/// Synapses pull both partners together: `v = ±bond·(x_target − x_attacker)`, in the order of the cells.
fn pull_bonds(model: &Model, cells: &Cells, velocity: &mut [[f64; 3]]) {
    for i in 0..cells.len() {
        let j = cells.bond[i] as usize;
        if cells.bond[i] == crate::cells::UNBOUND {
            continue;
        }
        let Some(attack) = &model.types[usize::from(cells.kind[i])].attack else { continue };
        for a in 0..3 {
            let pull = attack.bond * (cells.position[j][a] - cells.position[i][a]);
            velocity[i][a] += pull;
            velocity[j][a] -= pull;
        }
    }
}
