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
//! later phases run unhindered. A clone's growth and chemotherapy multiply it; for lymphocytes the factors of
//! [`crate::lymphocyte`] take the place of oxygen and stimulus. In a cycle of fixed duration every cell has a duration
//! of its own, normally distributed around `T`, and divides once its age exceeds that duration over the same factor,
//! taken at that time (Luque 2024, doi 10.1038/s41598-024-63125-5). Necrosis sets in at
//! `k_n · clamp((p_n − p)/(p_n − p_max))`. In a step Δt an event of rate `r` happens with probability
//! `1 − e^(−rΔt)`. Where a study says that attackers halt their targets, a held cell skips all of this and keeps its
//! age, as in the code of Luque 2024.

use perforin_core::rng::{Purpose, Stream};
use rayon::prelude::*;

use crate::budget::{Reached, count_marks};
use crate::cells::{Cell, Cells, Condition, UNBOUND, marks, radius_of};
use crate::events::{Cause, Event, EventKind};
use crate::fields::Field;
use crate::lymphocyte::{self, Drive};
use crate::model::{CellType, Inheritance, Model, Role};
use crate::neighbours::{CHUNK, Neighbours};
use crate::senses::Senses;
use crate::volume::{self, Parts};

/// What becomes of a cell in one phenotype step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Stays,
    Divides,
    Apoptosis(Cause),
    Necrosis,
    Lysis(Cause),
    Infected,
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

/// What a cell's fate depends on.
pub struct Context<'a> {
    /// The model.
    pub model: &'a Model,
    /// The substances.
    pub fields: &'a [Field],
    /// Who is near whom.
    pub neighbours: &'a Neighbours,
    /// What lymphocytes sense.
    pub senses: &'a Senses,
    /// Whether each cell is halted by an attacker that holds it; empty where no attacker halts.
    pub halted: &'a [bool],
    /// Number of the step.
    pub step: u32,
    /// Its end, min.
    pub time: f64,
}

/// Advances volumes, then decides and carries out what becomes of each cell. Daughters are appended in the order of
/// their mothers; cleared cells are taken out.
/// The marks of cleared cells are added to `past`, for each type.
pub fn advance(
    context: &Context,
    cells: &mut Cells,
    next_id: &mut u64,
    past: &mut [Reached],
    events: &mut Vec<Event>,
) {
    let Context { model, step, time, .. } = *context;
    let fates = decide(context, cells);
    let mut cleared = false;
    for (i, fate) in fates.iter().enumerate() {
        let (kind, cause) = match fate {
            Fate::Stays => continue,
            Fate::Divides => (EventKind::Division, Cause::Course),
            Fate::Apoptosis(cause) => (EventKind::Apoptosis, *cause),
            Fate::Necrosis => (EventKind::Necrosis, Cause::Course),
            Fate::Lysis(cause) => (EventKind::Lysis, *cause),
            Fate::Infected => (EventKind::Infection, Cause::Virus),
            Fate::Cleared => (EventKind::Cleared, Cause::Course),
        };
        events.push(Event::of(kind, cause, time, cells, i));
        if matches!(fate, Fate::Apoptosis(_) | Fate::Necrosis) && cells.bond[i] != UNBOUND {
            let target = cells.bond[i] as usize;
            events.push(Event::by(EventKind::Detachment, Cause::TornApart, time, cells, target, i));
        }
        match fate {
            Fate::Divides => divide(model, cells, i, next_id, (step, time), events),
            Fate::Apoptosis(_) => begin(cells, i, Condition::Apoptotic),
            Fate::Necrosis => begin(cells, i, Condition::Swelling),
            Fate::Lysis(_) => begin(cells, i, Condition::Lysed),
            Fate::Infected => cells.infected[i] = 0.0,
            Fate::Stays => {}
            Fate::Cleared => {
                count_marks(&mut past[usize::from(cells.kind[i])], cells.marks[i]);
                cleared = true;
            }
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
    cells.release(i);
}

/// Advances the volume of every cell and decides its fate; cells do not see each other here.
fn decide(context: &Context, cells: &mut Cells) -> Vec<Fate> {
    let dt = context.model.numerics.phenotype_step;
    let vacancy = vacancies(context.model, cells);
    let chemotherapy = context.model.treatments.chemotherapy.iter();
    let spared = chemotherapy.map(|course| 1.0 - course.at(context.time).min(1.0)).product();
    let shared = &*cells;
    let next: Vec<Option<Next>> = (0..shared.len())
        .into_par_iter()
        .with_min_len(CHUNK)
        .map(|i| {
            let stands_still = context.halted.get(i).copied().unwrap_or(false) && shared.is_live(i);
            (!stands_still).then(|| next_of(context, shared, i, (&vacancy, spared)))
        })
        .collect();
    for (i, next) in next.iter().enumerate() {
        let Some(next) = next else { continue };
        (cells.fluid[i], cells.nucleus[i], cells.cytoplasm[i]) =
            (next.parts.fluid, next.parts.nucleus, next.parts.cytoplasm);
        cells.radius[i] = next.radius;
        cells.phase_time[i] = if next.phase == cells.phase[i] { cells.phase_time[i] + dt } else { 0.0 };
        cells.phase[i] = next.phase;
        if cells.infected[i] >= 0.0 {
            cells.infected[i] += dt as f32;
        }
    }
    next.into_iter().map(|next| next.map_or(Fate::Stays, |next| next.fate)).collect()
}

/// For each type that renews itself, its rate of division: more the fewer cells are left.
fn vacancies(model: &Model, cells: &Cells) -> Vec<f64> {
    let mut live = vec![0_u64; model.types.len()];
    if model.types.iter().any(|t| t.renewal.is_some()) {
        (0..cells.len()).filter(|i| cells.is_live(*i)).for_each(|i| live[usize::from(cells.kind[i])] += 1);
    }
    let rate = |(kind, t): (usize, &CellType)| {
        t.renewal.map_or(0.0, |(rate, aim)| rate * (2.0 - live[kind] as f64 / aim.max(1) as f64).max(0.0))
    };
    model.types.iter().enumerate().map(rate).collect()
}

fn next_of(context: &Context, cells: &Cells, i: usize, growth: (&[f64], f64)) -> Next {
    let model = context.model;
    let cell_type = &model.types[usize::from(cells.kind[i])];
    let condition = Condition::from_number(cells.condition[i]).unwrap_or(Condition::Lysed);
    let phase = cells.phase[i];
    let now = Parts { fluid: cells.fluid[i], nucleus: cells.nucleus[i], cytoplasm: cells.cytoplasm[i] };
    let parts = volume::advance(cell_type, condition, phase, now, model.numerics.phenotype_step);
    let after = cells.phase_time[i] + model.numerics.phenotype_step;
    let (fate, phase) = match condition {
        Condition::Live => live_fate(context, cells, i, growth),
        Condition::Apoptotic if after >= cell_type.death.apoptosis_duration => (Fate::Cleared, phase),
        Condition::Lysed if after >= cell_type.death.debris_duration => (Fate::Cleared, phase),
        Condition::Swelling if parts.total() >= cell_type.volume.rupture * cell_type.volume.total => {
            (Fate::Lysis(Cause::Course), phase)
        }
        _ => (Fate::Stays, phase),
    };
    Next { fate, phase, parts, radius: radius_of(parts.total()) }
}

fn live_fate(context: &Context, cells: &Cells, i: usize, (vacancy, spared): (&[f64], f64)) -> (Fate, u8) {
    let Context { model, fields, senses, step, .. } = *context;
    let kind = usize::from(cells.kind[i]);
    let cell_type = &model.types[kind];
    let dt = model.numerics.phenotype_step;
    let phase = cells.phase[i];
    let voxel = model.grid.voxel_at(cells.position[i]);
    let oxygen = model.oxygen.map(|s| fields[s].value[voxel]);
    let mut draw = Stream::new(model.seed, Purpose::Death).at(cells.id[i], step);
    let death = &cell_type.death;
    if let Some(cause) = dies(context, cell_type, cells, i, draw.uniform()) {
        return (Fate::Apoptosis(cause), phase);
    }
    let lack = oxygen.map_or(0.0, |p| ramp(p, death.necrosis_threshold, death.necrosis_saturation));
    if happens(draw.uniform(), death.necrosis_rate * lack, dt) {
        return (Fate::Necrosis, phase);
    }
    if let Some(infection) = &cell_type.infection {
        let infected = f64::from(cells.infected[i]);
        let level = fields[infection.field].value[voxel].max(0.0);
        if infected < 0.0 && happens(draw.uniform(), infection.rate * level, dt) {
            return (Fate::Infected, phase);
        }
        if infected >= infection.eclipse && happens(draw.uniform(), infection.lysis, dt) {
            return (Fate::Lysis(Cause::Virus), phase);
        }
    }
    let mut draw = Stream::new(model.seed, Purpose::Cycle).at(cells.id[i], step);
    if cell_type.renewal.is_some() && happens(draw.uniform(), vacancy[kind], dt) {
        return (Fate::Divides, 0);
    }
    let Some(cycle) = &cell_type.cycle else { return (Fate::Stays, phase) };
    let now = &cycle.phases[usize::from(phase)];
    let factor = match &cell_type.lymphocyte {
        _ if phase != 0 => 1.0,
        Some(lymphocyte) => {
            first_phase_factor(cell_type, cells, i, None)
                * Drive::of(lymphocyte, cells, i, senses.around(i)).all()
        }
        None => first_phase_factor(cell_type, cells, i, oxygen) * tumour_growth(model, cells, i, spared),
    };
    let leaves = if let Some(sd) = now.own_sd {
        let mut own = Stream::new(model.seed, Purpose::Desynchronise).at(cells.id[i], 1 + u32::from(phase));
        factor * (cells.phase_time[i] + dt) > (now.duration + sd * own.normal()).max(0.0)
    } else {
        happens(draw.uniform(), factor / now.duration, dt)
    };
    match (leaves, usize::from(phase) + 1 == cycle.phases.len()) {
        (false, _) => (Fate::Stays, phase),
        (true, false) => (Fate::Stays, phase + 1),
        (true, true) => (Fate::Divides, 0),
    }
}

/// What clone and chemotherapy make of a tumour cell's rate of entering the cycle.
fn tumour_growth(model: &Model, cells: &Cells, i: usize, spared: f64) -> f64 {
    if model.types[usize::from(cells.kind[i])].role != Role::Tumour {
        return 1.0;
    }
    model.clone_growth.get(usize::from(cells.clone[i])).copied().unwrap_or(1.0) * spared
}

/// Whether a cell dies by itself, decided by a uniform draw, and of what.
fn dies(context: &Context, cell_type: &CellType, cells: &Cells, i: usize, uniform: f64) -> Option<Cause> {
    let Context { model, fields, neighbours, senses, step, time, .. } = *context;
    let voxel = model.grid.voxel_at(cells.position[i]);
    let by_ifn = cell_type.defence.ifn_gamma_death.map_or(0.0, |(field, half, rate)| {
        let c = fields[field].value[voxel].max(0.0);
        rate * c / (c + half)
    });
    // Cells with a longest life do not divide, so that the time in their one phase is their age.
    let lives_on = cell_type
        .death
        .longest_life
        .map_or(1.0, |life| life.survival(cells.phase_time[i], model.numerics.phenotype_step));
    let [a, b, c, d] = lymphocyte::death_rates(model, cell_type, neighbours, senses, cells, i, time);
    let rates = [(Cause::Course, cell_type.death.apoptosis_rate), (Cause::IfnGamma, by_ifn), a, b, c, d];
    let total: f64 = rates.iter().map(|(_, rate)| rate).sum();
    if uniform >= 1.0 - lives_on * libm::exp(-total * model.numerics.phenotype_step) {
        return None;
    }
    let mut left = total * Stream::new(model.seed, Purpose::Cause).at(cells.id[i], step).uniform();
    let chosen = rates.iter().find(|(_, rate)| {
        left -= rate;
        left < 0.0
    });
    chosen.map(|(cause, _)| *cause).or(Some(Cause::Course))
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
    let by_stimulus =
        if cycle.needs_stimulus && cell_type.lymphocyte.is_none() { cells.stimulus[i] } else { 1.0 };
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
fn divide(
    model: &Model,
    cells: &mut Cells,
    i: usize,
    next_id: &mut u64,
    (step, time): (u32, f64),
    events: &mut Vec<Event>,
) {
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
    divide_lymphocyte(model, cells, i, time, events);
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
    (daughter.lysis_signal, daughter.cytokine_signal) = (0.0, 0.0);
    (daughter.drive, daughter.checkpoint_signal) = (0.0, 0.0);
    daughter.marks = daughter.marks & marks::EXHAUSTED | marks::BORN;
    daughter.next_turn = 0.0;
    daughter.turns = 0;
    let mother = cells.id[i];
    let own = i * cells.antigens()..(i + 1) * cells.antigens();
    let (density, inherited) = (&mut cells.density[own.clone()], &mut cells.inherited[own]);
    inherit(model, cells.kind[i], (density, inherited), (mother, step, 1));
    let handed_on = (&mut daughter.density[..], &mut daughter.inherited[..]);
    inherit(model, cells.kind[i], handed_on, (mother, step, 2));
    cells.push(&daughter);
}

/// A division spends one of the programme's, and shares receptors that are expressed from mRNA.
fn divide_lymphocyte(model: &Model, cells: &mut Cells, i: usize, time: f64, events: &mut Vec<Event>) {
    let Some(lymphocyte) = &model.types[usize::from(cells.kind[i])].lymphocyte else { return };
    cells.mark(i, marks::DIVIDED);
    if lymphocyte.receptors.transient.is_some() {
        cells.receptors_made[i] *= 0.5;
    }
    if lymphocyte.divisions.is_some() {
        cells.divisions_left[i] = cells.divisions_left[i].saturating_sub(1);
        if cells.divisions_left[i] == 0 {
            events.push(Event::of(EventKind::Arrest, Cause::ProgrammeOver, time, cells, i));
        }
    }
}

/// Changes what a daughter carries by drift and loss; `draw` names mother, step and which of the two it is.
fn inherit(
    model: &Model,
    kind: u8,
    (density, inherited): (&mut [f32], &mut [f32]),
    (mother, step, which): (u64, u32, u64),
) {
    let inheritance = &model.types[usize::from(kind)].inheritance;
    if inheritance.iter().all(|x| *x == Inheritance::default()) {
        return;
    }
    let mut draw = Stream::new(model.seed, Purpose::Inheritance).at(2 * mother + which, step);
    for ((density, inherited), x) in density.iter_mut().zip(inherited).zip(inheritance) {
        let (spread, lost) = (draw.normal(), draw.uniform() < x.loss);
        let factor = if lost { 0.0 } else { libm::exp(x.drift * spread) };
        *density = (f64::from(*density) * factor) as f32;
        *inherited = (f64::from(*inherited) * factor) as f32;
    }
}
