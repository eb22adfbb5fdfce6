//! Life and death of cells at the phenotype step: damage of dying cells, oxygen, cycle and division.
//!
//! | symbol | unit | meaning | source |
//! |---|---|---|---|
//! | `p`, `p₀`, `p₁` | mmHg | oxygen, threshold and saturation of the cycle | Ghaffarizadeh 2018, doi 10.1371/journal.pcbi.1005991 |
//! | `T` | min | mean duration of a phase | the same |
//! | `P`, `P½` | 1 | pressure, pressure that halves cycling | assumed |
//! | `k_n` | /min | necrosis without oxygen | Ghaffarizadeh 2018 |
//!
//! The first phase is left at `1/T · clamp((p − p₀)/(p₁ − p₀)) · 1/(1 + (P/P½)⁴) · antigen scale · stimulus`;
//! later phases run unhindered. In a cycle of fixed duration every cell has a duration of its own, normally distributed
//! around `T`, and divides once its age exceeds that duration over the same factor, taken at that time (Luque 2024,
//! doi 10.1038/s41598-024-63125-5). Necrosis sets in at `k_n · clamp((p_n − p)/(p_n − p_max))`. In a step Δt an event
//! of rate `r` happens with probability `1 − e^(−rΔt)`.

use perforin_core::rng::{Purpose, Stream};
use rayon::prelude::*;

use crate::cells::{Cell, Cells, Condition, UNBOUND, radius_of};
use crate::events::{Event, EventKind};
use crate::fields::Field;
use crate::model::{CellType, Inheritance, Model};
use crate::neighbours::CHUNK;
use crate::volume::{self, Parts};

/// What becomes of a cell in one phenotype step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Stays,
    Divides,
    Apoptosis,
    Necrosis,
    Lysis,
    Cleared,
}

/// A cell after one phenotype step.
#[derive(Clone, Copy, Debug)]
struct Next {
    fate: Fate,
    phase: u8,
    parts: Parts,
    radius: f64,
}

/// Advances volumes, then decides and carries out what becomes of each cell, at step number `step` that ends at
/// `time`, min. Daughters are appended in the order of their mothers; cleared cells are taken out.
pub fn advance(
    model: &Model,
    fields: &[Field],
    cells: &mut Cells,
    next_id: &mut u64,
    (step, time): (u32, f64),
    events: &mut Vec<Event>,
) {
    let fates = decide(model, fields, cells, step);
    let mut cleared = false;
    for (i, fate) in fates.iter().enumerate() {
        let kind = match fate {
            Fate::Stays => continue,
            Fate::Divides => EventKind::Division,
            Fate::Apoptosis => EventKind::Apoptosis,
            Fate::Necrosis => EventKind::Necrosis,
            Fate::Lysis => EventKind::Lysis,
            Fate::Cleared => EventKind::Cleared,
        };
        events.push(Event::of(kind, time, cells, i));
        if matches!(fate, Fate::Apoptosis | Fate::Necrosis) && cells.bond[i] != UNBOUND {
            events.push(Event::by(EventKind::Detachment, time, cells, cells.bond[i] as usize, i));
        }
        match fate {
            Fate::Divides => divide(model, cells, i, next_id, step),
            Fate::Apoptosis => begin(cells, i, Condition::Apoptotic),
            Fate::Necrosis => begin(cells, i, Condition::Swelling),
            Fate::Lysis => begin(cells, i, Condition::Lysed),
            Fate::Stays | Fate::Cleared => cleared = true,
        }
    }
    if cleared {
        let n = cells.len();
        let kept: Vec<u32> =
            (0..n).filter(|&i| fates.get(i) != Some(&Fate::Cleared)).map(|i| i as u32).collect();
        cells.reorder(&kept);
        cells.rename_bonds(&kept, n);
    }
}

/// Puts a cell into a new condition; what it held it lets go.
pub fn begin(cells: &mut Cells, i: usize, condition: Condition) {
    cells.condition[i] = condition as u8;
    cells.phase_time[i] = 0.0;
    cells.bond[i] = UNBOUND;
}

/// Advances the volume of every cell and decides its fate; cells do not see each other here.
fn decide(model: &Model, fields: &[Field], cells: &mut Cells, step: u32) -> Vec<Fate> {
    let dt = model.numerics.phenotype_step;
    let next: Vec<Next> = (0..cells.len())
        .into_par_iter()
        .with_min_len(CHUNK)
        .map(|i| next_of(model, fields, cells, i, step))
        .collect();
    for (i, next) in next.iter().enumerate() {
        (cells.fluid[i], cells.nucleus[i], cells.cytoplasm[i]) =
            (next.parts.fluid, next.parts.nucleus, next.parts.cytoplasm);
        cells.radius[i] = next.radius;
        cells.phase_time[i] = if next.phase == cells.phase[i] { cells.phase_time[i] + dt } else { 0.0 };
        cells.phase[i] = next.phase;
    }
    next.into_iter().map(|next| next.fate).collect()
}

fn next_of(model: &Model, fields: &[Field], cells: &Cells, i: usize, step: u32) -> Next {
    let cell_type = &model.types[usize::from(cells.kind[i])];
    let condition = Condition::from_number(cells.condition[i]).unwrap_or(Condition::Lysed);
    let phase = cells.phase[i];
    let now = Parts { fluid: cells.fluid[i], nucleus: cells.nucleus[i], cytoplasm: cells.cytoplasm[i] };
    let parts = volume::advance(cell_type, condition, phase, now, model.numerics.phenotype_step);
    let after = cells.phase_time[i] + model.numerics.phenotype_step;
    let (fate, phase) = match condition {
        Condition::Live => live_fate(model, fields, cells, i, step),
        Condition::Apoptotic if after >= cell_type.death.apoptosis_duration => (Fate::Cleared, phase),
        Condition::Lysed if after >= cell_type.death.debris_duration => (Fate::Cleared, phase),
        Condition::Swelling if parts.total() >= cell_type.volume.rupture * cell_type.volume.total => {
            (Fate::Lysis, phase)
        }
        _ => (Fate::Stays, phase),
    };
    Next { fate, phase, parts, radius: radius_of(parts.total()) }
}

fn live_fate(model: &Model, fields: &[Field], cells: &Cells, i: usize, step: u32) -> (Fate, u8) {
    let cell_type = &model.types[usize::from(cells.kind[i])];
    let dt = model.numerics.phenotype_step;
    let phase = cells.phase[i];
    let oxygen = model.oxygen.map(|s| fields[s].value[model.grid.voxel_at(cells.position[i])]);
    let mut draw = Stream::new(model.seed, Purpose::Death).at(cells.id[i], step);
    let death = &cell_type.death;
    // Cells with a longest life do not divide, so that the time in their one phase is their age.
    let lives_on = death.longest_life.map_or(1.0, |life| life.survival(cells.phase_time[i], dt));
    if draw.uniform() < 1.0 - lives_on * libm::exp(-death.apoptosis_rate * dt) {
        return (Fate::Apoptosis, phase);
    }
    let lack = oxygen.map_or(0.0, |p| ramp(p, death.necrosis_threshold, death.necrosis_saturation));
    if happens(draw.uniform(), death.necrosis_rate * lack, dt) {
        return (Fate::Necrosis, phase);
    }
    let Some(cycle) = &cell_type.cycle else { return (Fate::Stays, phase) };
    let now = &cycle.phases[usize::from(phase)];
    let hindrance = if phase == 0 { first_phase_factor(cell_type, cells, i, oxygen) } else { 1.0 };
    let leaves = if let Some(sd) = now.own_sd {
        let mut own = Stream::new(model.seed, Purpose::Desynchronise).at(cells.id[i], 1 + u32::from(phase));
        hindrance * (cells.phase_time[i] + dt) > (now.duration + sd * own.normal()).max(0.0)
    } else {
        let mut draw = Stream::new(model.seed, Purpose::Cycle).at(cells.id[i], step);
        happens(draw.uniform(), hindrance / now.duration, dt)
    };
    match (leaves, usize::from(phase) + 1 == cycle.phases.len()) {
        (false, _) => (Fate::Stays, phase),
        (true, false) => (Fate::Stays, phase + 1),
        (true, true) => (Fate::Divides, 0),
    }
}

/// What oxygen, pressure, antigen and stimulus leave of the rate of leaving the first phase.
fn first_phase_factor(cell_type: &CellType, cells: &Cells, i: usize, oxygen: Option<f64>) -> f64 {
    let Some(cycle) = &cell_type.cycle else { return 0.0 };
    let by_oxygen = oxygen.map_or(1.0, |p| ramp(p, cycle.oxygen_threshold, cycle.oxygen_saturation));
    let squared = {
        let p = cells.pressure[i] / cycle.pressure_half;
        p * p
    };
    let by_antigen = cycle.scaled_by.map_or(1.0, |a| f64::from(cells.densities(i)[a]));
    let by_stimulus = if cycle.needs_stimulus { cells.stimulus[i] } else { 1.0 };
    by_oxygen / (1.0 + squared * squared) * by_antigen * by_stimulus
}

/// A straight ramp from 0 at `from` to 1 at `to`, in either direction.
fn ramp(value: f64, from: f64, to: f64) -> f64 {
    ((value - from) / (to - from)).clamp(0.0, 1.0)
}

/// Whether an event of the given rate happens in `dt`, decided by a uniform draw.
fn happens(uniform: f64, rate: f64, dt: f64) -> bool {
    rate > 0.0 && uniform < 1.0 - libm::exp(-rate * dt)
}

/// Splits cell `i` into two of half its volume, side by side along a random axis; the daughter is appended.
fn divide(model: &Model, cells: &mut Cells, i: usize, next_id: &mut u64, step: u32) {
    let axis = Stream::new(model.seed, Purpose::Division).at(cells.id[i], step).direction();
    let apart = 0.5 * cells.radius[i];
    for part in [&mut cells.fluid[i], &mut cells.nucleus[i], &mut cells.cytoplasm[i]] {
        *part *= 0.5;
    }
    cells.radius[i] = radius_of(cells.volume(i));
    // Age counts from birth also where the one phase follows itself.
    cells.phase_time[i] = 0.0;
    cells.moved[i] = 0;
    cells.damage[i] *= 0.5;
    let (lower, upper) = (model.grid.origin, model.grid.upper());
    let mut daughter: Cell = cells.get(i);
    for a in 0..3 {
        let centre = cells.position[i][a];
        cells.position[i][a] = (centre - apart * axis[a]).clamp(lower[a], upper[a]);
        daughter.position[a] = (centre + apart * axis[a]).clamp(lower[a], upper[a]);
    }
    daughter.id = *next_id;
    *next_id += 1;
    daughter.bond = UNBOUND;
    daughter.next_turn = 0.0;
    daughter.turns = 0;
    let mother = cells.id[i];
    let width = cells.antigens();
    let own = &mut cells.density[i * width..(i + 1) * width];
    inherit(model, cells.kind[i], own, (mother, step, 1));
    inherit(model, cells.kind[i], &mut daughter.density, (mother, step, 2));
    cells.push(&daughter);
}

/// Changes a daughter's densities by drift and loss; `draw` names mother, step and which of the two it is.
fn inherit(model: &Model, kind: u8, densities: &mut [f32], (mother, step, which): (u64, u32, u64)) {
    let inheritance = &model.types[usize::from(kind)].inheritance;
    if inheritance.iter().all(|x| *x == Inheritance::default()) {
        return;
    }
    let mut draw = Stream::new(model.seed, Purpose::Inheritance).at(2 * mother + which, step);
    for (density, x) in densities.iter_mut().zip(inheritance) {
        let (spread, lost) = (draw.normal(), draw.uniform() < x.loss);
        *density = if lost { 0.0 } else { (f64::from(*density) * libm::exp(x.drift * spread)) as f32 };
    }
}
