//! Persistent random walk with chemotaxis.
//!
//! A motile cell keeps its heading for an exponentially distributed time and then draws a new one,
//! `heading ∝ bias·∇c/|∇c| + (1 − bias)·u` with `u` uniform on the sphere (Ghaffarizadeh 2018,
//! doi 10.1371/journal.pcbi.1005991). Turns have their own times, so a path does not depend on the step; with
//! no bias the mean squared displacement is Fürth's `2 v² p (t − p (1 − e^(−t/p)))`.
//!
//! A cell that holds a target stands still. Matrix slows the cell by the share of space that it fills, and its
//! fibres turn the heading ([`crate::matrix`]).

use perforin_core::rng::{Purpose, Stream};
use rayon::prelude::*;

use crate::cells::{Cells, UNBOUND};
use crate::fields::Field;
use crate::matrix::{freedom_at, guided, unit};
use crate::model::{Model, Motility};
use crate::neighbours::CHUNK;

/// Moves all motile cells from `time` over `step`, min, and keeps every cell inside the box and below its ceiling.
pub fn wander(model: &Model, fields: &[Field], matrix: &[f32], cells: &mut Cells, time: f64, step: f64) {
    let stream = Stream::new(model.seed, Purpose::Motility);
    let (lower, mut upper) = (model.grid.origin, model.grid.upper());
    upper[2] = upper[2].min(model.ceiling);
    let (kind, id, bond, condition) = (&cells.kind, &cells.id, &cells.bond, &cells.condition);
    cells
        .position
        .par_iter_mut()
        .zip(&mut cells.heading)
        .zip(&mut cells.next_turn)
        .zip(&mut cells.turns)
        .enumerate()
        .with_min_len(CHUNK)
        .for_each(|(i, (((position, heading), next_turn), turns))| {
            if let Some(motility) = model.types[usize::from(kind[i])].motility
                && bond[i] == UNBOUND
                && condition[i] == 0
            {
                let walk = Walk { model, fields, matrix, motility, stream, id: id[i] };
                walk.go(position, heading, next_turn, turns, time, step);
            }
            reflect(position, heading, lower, upper);
        });
}

/// One cell's walk.
struct Walk<'a> {
    model: &'a Model,
    fields: &'a [Field],
    matrix: &'a [f32],
    motility: Motility,
    stream: Stream,
    id: u64,
}

impl Walk<'_> {
    /// Follows headings and turns over `step`.
    fn go(
        &self,
        position: &mut [f64; 3],
        heading: &mut [f64; 3],
        next_turn: &mut f64,
        turns: &mut u32,
        start: f64,
        step: f64,
    ) {
        let end = start + step;
        // After a time in a synapse the turn is overdue and happens now.
        let mut now = start;
        loop {
            let until = next_turn.clamp(now, end);
            let path = self.motility.speed * freedom_at(self.model, self.matrix, *position) * (until - now);
            for a in 0..3 {
                position[a] += path * heading[a];
            }
            now = until;
            if *next_turn > end || now >= end {
                break;
            }
            self.turn(*position, heading, next_turn, turns, now);
        }
    }

    /// Draws a new heading and the time of the next turn.
    fn turn(
        &self,
        position: [f64; 3],
        heading: &mut [f64; 3],
        next_turn: &mut f64,
        turns: &mut u32,
        now: f64,
    ) {
        let mut draw = self.stream.at(self.id, *turns);
        *turns = turns.wrapping_add(1);
        *next_turn = now + self.motility.persistence * draw.exponential();
        let random = draw.direction();
        let toward =
            self.motility.toward.map(|s| unit(self.fields[s].gradient_at(&self.model.grid, position)));
        let drawn = match toward {
            Some(toward) => {
                let bias = self.motility.bias;
                unit(std::array::from_fn(|a| bias * toward[a] + (1.0 - bias) * random[a]))
            }
            None => random,
        };
        *heading = guided(self.model, self.matrix, position, drawn);
    }
}

/// Walls throw a cell's centre back into the box.
fn reflect(position: &mut [f64; 3], heading: &mut [f64; 3], lower: [f64; 3], upper: [f64; 3]) {
    for a in 0..3 {
        if position[a] < lower[a] || position[a] > upper[a] {
            let wall = if position[a] < lower[a] { lower[a] } else { upper[a] };
            position[a] = (2.0 * wall - position[a]).clamp(lower[a], upper[a]);
            heading[a] = -heading[a];
        }
    }
}
