//! What becomes of a lymphocyte: stage, exhaustion, receptors, priming, and the rates of its division and death.
//!
//! | symbol | unit | meaning | source |
//! |---|---|---|---|
//! | `S` | 1 | stimulus: running mean of the drive of its synapses | `synapse.stimulus_memory` |
//! | `e` | 1 | exhaustion, 0 to 1 | parameters `exhaustion.*` |
//! | `T`, `I` | 1 | TGF-β, PD-1 signal | [`crate::senses`] |
//! | `R` | 1 | share of receptors on the surface | Minucci 2024, doi 10.3389/fsysb.2024.1380018 |
//! | `P` | 1 | synNotch priming | parameters `synnotch.*` |
//! | `r` | /min | rate of division under full stimulus | `t_cell.division_time` |
//!
//! `de/dt = k·S·(1 + g·T/(T + K))·(1 + p·I)·(1 − e) − (1 − S)·e/τ`
//!
//! `dR/dt = −k_i·drive·R + k_r·(1 − R)`, and receptors from mRNA decay on top;
//! `dP/dt = k_P·n·(1 − P) − (1 − n)·P/τ_P` with the signal `n` of the strongest sensor contact.
//!
//! Division: `r·S·x_d(e)·Σ_d·p/(p + p½)·(f + (1 − f)·c/(c + K))` as long as the programme allows; each activation
//! of a memory-like cell starts a programme of N divisions, which daughters go on with. Death, beside a mean
//! lifespan: activation-induced `k_a·S²`; starvation of effector cells `k_s·(1 − S)·(1 − IL-2 effect)`; Fas ligand of
//! tumour cells in contact; the safety switch.
//!
//! Stages: a memory-like cell becomes an effector cell at rate `S/τ_a`; an effector cell returns at `(1 − S)/τ_m`
//! unless it is exhausted; a cell counts as exhausted while `e` exceeds the value that halves division.
//!
//! Assumptions: steps of a few minutes against times of hours, so that first-order steps do; daughters inherit
//! everything.

use perforin_core::rng::{Purpose, Stream};
use rayon::prelude::*;

use crate::cells::{Cell, Cells, Stage, UNBOUND, marks};
use crate::events::{Cause, Event, EventKind};
use crate::fields::Field;
use crate::model::biology::{Exhaustion, Lymphocyte, SynNotch};
use crate::model::{CellType, Model, Role};
use crate::neighbours::{CHUNK, Neighbours, distance2};
use crate::senses::{Senses, Surroundings};

/// The columns of a lymphocyte that a step changes.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Next {
    stage: u8,
    exhaustion: f32,
    receptors_made: f32,
    receptors_shown: f32,
    priming: f32,
    divisions_left: u8,
    touches: bool,
}

/// Advances all lymphocytes over a phenotype step that begins with step number `step` at `time`, min.
pub fn advance(
    model: &Model,
    fields: &[Field],
    neighbours: &Neighbours,
    cells: &mut Cells,
    (step, time): (u32, f64),
    events: &mut Vec<Event>,
) {
    if model.types.iter().all(|t| t.lymphocyte.is_none()) {
        return;
    }
    let shared = &*cells;
    let next: Vec<Vec<(u32, Next)>> = (0..shared.len().div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| {
            let range = chunk * CHUNK..((chunk + 1) * CHUNK).min(shared.len());
            range
                .filter(|i| shared.is_live(*i))
                .filter_map(|i| {
                    let lymphocyte = model.types[usize::from(shared.kind[i])].lymphocyte.as_ref()?;
                    Some((i as u32, next_of(model, fields, neighbours, lymphocyte, shared, i, step)))
                })
                .collect()
        })
        .collect();
    for (i, next) in next.into_iter().flatten() {
        let i = i as usize;
        if next.stage == Stage::Exhausted as u8 && cells.stage[i] != next.stage {
            cells.mark(i, marks::EXHAUSTED);
            events.push(Event::of(EventKind::Arrest, Cause::Exhausted, time, cells, i));
        }
        if next.touches {
            cells.mark(i, marks::TOUCHED);
        }
        cells.stage[i] = next.stage;
        cells.exhaustion[i] = next.exhaustion;
        cells.receptors_made[i] = next.receptors_made;
        cells.receptors_shown[i] = next.receptors_shown;
        cells.priming[i] = next.priming;
        cells.divisions_left[i] = next.divisions_left;
    }
}

fn next_of(
    model: &Model,
    fields: &[Field],
    neighbours: &Neighbours,
    lymphocyte: &Lymphocyte,
    cells: &Cells,
    i: usize,
    step: u32,
) -> Next {
    let dt = model.numerics.phenotype_step;
    let stimulus = cells.stimulus[i];
    let voxel = model.grid.voxel_at(cells.position[i]);
    let exhaustion = lymphocyte.exhaustion.map_or(0.0, |x| {
        let tgf = x.tgf_beta.map_or(0.0, |(field, half, gain)| {
            let c = fields[field].value[voxel].max(0.0);
            gain * c / (c + half)
        });
        x.after(f64::from(cells.exhaustion[i]), stimulus, tgf, f64::from(cells.checkpoint_signal[i]), dt)
    });
    let is_exhausted = lymphocyte.exhaustion.is_some_and(|x| exhaustion > x.half.division);
    let mut draw = Stream::new(model.seed, Purpose::Product).at(cells.id[i], step.wrapping_add(1));
    let happens = |rate: f64, uniform: f64| uniform < 1.0 - libm::exp(-rate * dt);
    let stage = cells.stage[i];
    let (stage, divisions_left) = if is_exhausted {
        (Stage::Exhausted as u8, cells.divisions_left[i])
    } else if stage == Stage::Exhausted as u8 {
        (Stage::Effector as u8, cells.divisions_left[i])
    } else if stage == Stage::MemoryLike as u8 && happens(lymphocyte.activation * stimulus, draw.uniform()) {
        (Stage::Effector as u8, lymphocyte.divisions.unwrap_or(u8::MAX))
    } else if stage == Stage::Effector as u8
        && happens(lymphocyte.memory_return * (1.0 - stimulus), draw.uniform())
    {
        (Stage::MemoryLike as u8, cells.divisions_left[i])
    } else {
        (stage, cells.divisions_left[i])
    };
    let r = &lymphocyte.receptors;
    let shown = f64::from(cells.receptors_shown[i]);
    let loss = r.internalisation * f64::from(cells.drive[i]);
    let total = loss + r.recovery;
    let receptors_shown = if r.internalisation > 0.0 && total > 0.0 {
        let rest = r.recovery / total;
        rest + (shown - rest) * libm::exp(-total * dt)
    } else {
        shown
    };
    let decay = r.transient.map_or(1.0, |rate| libm::exp(-rate * dt));
    Next {
        stage,
        exhaustion: exhaustion as f32,
        receptors_made: (f64::from(cells.receptors_made[i]) * decay) as f32,
        receptors_shown: receptors_shown as f32,
        priming: lymphocyte
            .synnotch
            .map_or(cells.priming[i], |s| primed(model, neighbours, &s, cells, i, dt) as f32),
        divisions_left,
        touches: touched(model, neighbours, cells, i).next().is_some(),
    }
}

impl Exhaustion {
    /// Exhaustion after `dt`, min.
    pub fn after(&self, e: f64, stimulus: f64, tgf_beta: f64, checkpoint: f64, dt: f64) -> f64 {
        let up = self.rate * stimulus * (1.0 + tgf_beta) * (1.0 + self.by_checkpoint * checkpoint);
        let down = self.recovery * (1.0 - stimulus);
        let total = up + down;
        if total <= 0.0 {
            return e;
        }
        let rest = up / total;
        rest + (e - rest) * libm::exp(-total * dt)
    }
}

/// Priming after `dt`, min, by the strongest contact of the sensor.
fn primed(model: &Model, neighbours: &Neighbours, s: &SynNotch, cells: &Cells, i: usize, dt: f64) -> f64 {
    let reach = model.types[usize::from(cells.kind[i])].attack.as_ref().map_or(0.0, |a| a.reach);
    let signal = neighbours
        .of(i)
        .iter()
        .map(|&j| j as usize)
        .filter(|&j| cells.is_live(j) && distance2(cells.position[i], cells.position[j]) < reach * reach)
        .map(|j| s.contact.response(f64::from(cells.densities(j)[s.antigen])).lysis)
        .fold(0.0, f64::max);
    let (up, down) = (s.induction * signal, s.loss * (1.0 - signal));
    let now = f64::from(cells.priming[i]);
    let total = up + down;
    if total <= 0.0 {
        return now;
    }
    let rest = up / total;
    rest + (now - rest) * libm::exp(-total * dt)
}

/// The live tumour cells that a lymphocyte touches.
pub fn touched<'a>(
    model: &'a Model,
    neighbours: &'a Neighbours,
    cells: &'a Cells,
    i: usize,
) -> impl Iterator<Item = usize> + 'a {
    let reach = model.types[usize::from(cells.kind[i])].attack.as_ref().map_or(0.0, |a| a.reach);
    neighbours.of(i).iter().map(|&j| j as usize).filter(move |&j| {
        model.types[usize::from(cells.kind[j])].role == Role::Tumour
            && cells.is_live(j)
            && distance2(cells.position[i], cells.position[j]) < reach * reach
    })
}

/// What a lymphocyte is when it enters: its subset, stage, receptors and specificity.
pub fn equip(model: &Model, cell: &mut Cell) {
    let Some(lymphocyte) = &model.types[usize::from(cell.kind)].lymphocyte else { return };
    let mut draw = Stream::new(model.seed, Purpose::Product).at(cell.id, 0);
    cell.cd4 = u8::from(draw.uniform() < lymphocyte.cd4);
    let is_memory = draw.uniform() < lymphocyte.memory;
    cell.stage = if is_memory { Stage::MemoryLike } else { Stage::Effector } as u8;
    cell.divisions_left = lymphocyte.divisions.unwrap_or(u8::MAX);
    cell.receptors_made = libm::exp(lymphocyte.receptors.log_sd * draw.normal()) as f32;
    let u = draw.uniform();
    cell.specificity = lymphocyte.specificities.iter().take_while(|share| u >= **share).count() as u8;
    if lymphocyte.synnotch.is_some() {
        cell.priming = 0.0;
    }
}

/// What is left of the rate of division of a lymphocyte, factor by factor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drive {
    /// Stimulus.
    pub stimulus: f64,
    /// Left by exhaustion.
    pub unexhausted: f64,
    /// Left by suppression.
    pub unsuppressed: f64,
    /// Left by lack of oxygen.
    pub oxygen: f64,
    /// Left by lack of IL-2.
    pub il2: f64,
    /// 0 once the programme is over.
    pub programme: f64,
}

impl Drive {
    /// The factors of a cell.
    pub fn of(lymphocyte: &Lymphocyte, cells: &Cells, i: usize, around: Surroundings) -> Self {
        let e = f64::from(cells.exhaustion[i]);
        Self {
            stimulus: cells.stimulus[i],
            unexhausted: lymphocyte.exhaustion.map_or(1.0, |x| x.left(e).division),
            unsuppressed: around.unsuppressed.division,
            oxygen: around.oxygen,
            il2: around.il2,
            programme: f64::from(u8::from(lymphocyte.divisions.is_none() || cells.divisions_left[i] > 0)),
        }
    }

    /// Their product.
    pub fn all(&self) -> f64 {
        self.stimulus * self.unexhausted * self.unsuppressed * self.oxygen * self.il2 * self.programme
    }
}

/// The rates, /min, at which a lymphocyte dies beside its mean lifespan, each with its cause.
pub fn death_rates(
    model: &Model,
    cell_type: &CellType,
    neighbours: &Neighbours,
    senses: &Senses,
    cells: &Cells,
    i: usize,
    time: f64,
) -> [(Cause, f64); 4] {
    let none = [(Cause::Course, 0.0); 4];
    let Some(lymphocyte) = &cell_type.lymphocyte else { return none };
    let stimulus = cells.stimulus[i];
    let around = senses.around(i);
    let starves = if cells.stage[i] == Stage::Effector as u8 { lymphocyte.starvation } else { 0.0 };
    let enemies = if lymphocyte.counterattack > 0.0 && cells.bond[i] == UNBOUND {
        touched(model, neighbours, cells, i).count() as f64
    } else {
        0.0
    };
    [
        (Cause::ActivationInduced, lymphocyte.activation_death * stimulus * stimulus),
        (Cause::Starved, starves * (1.0 - stimulus) * (1.0 - around.il2)),
        (Cause::Counterattack, lymphocyte.counterattack * enemies),
        (Cause::Switch, switched_off(model, lymphocyte, cells.id[i], time)),
    ]
}

/// Rate of death by the safety switch, /min: every activation so far reaches its share of cells.
fn switched_off(model: &Model, lymphocyte: &Lymphocyte, id: u64, time: f64) -> f64 {
    let Some(switch) = &lymphocyte.switch else { return 0.0 };
    let stream = Stream::new(model.seed, Purpose::Cause);
    let reached = |k: usize| stream.at(id, u32::MAX - k as u32).uniform() < switch.share;
    let given = switch.times.iter().take_while(|t| **t <= time).count();
    if (0..given).any(reached) { switch.rate } else { 0.0 }
}
