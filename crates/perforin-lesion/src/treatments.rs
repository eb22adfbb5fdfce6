//! What is given beside the product: radiotherapy, lymphodepletion, oncolytic virus, and what comes with the blood.
//!
//! | symbol | unit | meaning | source |
//! |---|---|---|---|
//! | `α`, `β` | /Gy, /Gy² | linear-quadratic cell death | parameters `radiotherapy.*` |
//! | `D′` | Gy | dose lowered by lack of oxygen | parameter `radiotherapy.oxygen_enhancement` |
//!
//! A fraction `D` kills a live cell with probability `1 − exp(−αD′ − βD′²)`,
//! `D′ = D·(1 + (m − 1)·p/(p + K))/m` with oxygen `p` and oxygen enhancement `m`. Lymphodepletion removes a share of
//! the lymphocytes that are not the product's. An injection of virus infects the live tumour cells nearest to the
//! middle. Substances in blood hold the open faces of the box and the vessels at their present level.
//!
//! Assumptions: irradiated cells die at once; product cells are as sensitive as others; an immunogenic fraction
//! raises the secretion of the chemokine for a week, and nothing else.

use perforin_core::rng::{Purpose, Stream};

use crate::cells::{Cells, Condition, UNBOUND};
use crate::events::{Cause, Event, EventKind};
use crate::fields::{Face, Field};
use crate::model::Model;
use crate::model::biology::Radiosensitivity;
use crate::neighbours::distance2;
use crate::phenotype;

/// How long an immunogenic fraction draws T cells, min.
const DRAWS_FOR: f64 = 7.0 * 1440.0;

/// Does all that is due from `from` until `to`, min, at step number `step`.
pub fn give(
    model: &Model,
    fields: &mut [Field],
    cells: &mut Cells,
    step: u32,
    (from, to): (f64, f64),
    events: &mut Vec<Event>,
) {
    for supply in &model.supplies {
        let level = supply.course.at(from);
        let face = |open: bool| if open { Face::Fixed(level) } else { Face::NoFlux };
        fields[supply.substance].substance.faces = model.open_faces.map(face);
    }
    let due = |time: f64| time >= from && time < to;
    let treatments = &model.treatments;
    for (k, (_, dose, _)) in treatments.radiotherapy.iter().enumerate().filter(|(_, (t, _, _))| due(*t)) {
        irradiate(model, fields, cells, (step, k as u64), (*dose, from), events);
    }
    if let Some((_, share)) = treatments.lymphodepletion.filter(|(time, _)| due(*time)) {
        let stream = Stream::new(model.seed, Purpose::Treatment);
        for i in 0..cells.len() {
            let depleted = model.types[usize::from(cells.kind[i])].is_depleted && cells.is_live(i);
            if depleted && stream.at(cells.id[i], step).uniform() < share {
                kill(cells, i, Cause::Depletion, from, events);
            }
        }
    }
    inject_virus(model, cells, from, to, events);
}

fn irradiate(
    model: &Model,
    fields: &[Field],
    cells: &mut Cells,
    (step, fraction): (u32, u64),
    (dose, time): (f64, f64),
    events: &mut Vec<Event>,
) {
    let stream = Stream::new(model.seed, Purpose::Treatment);
    for i in 0..cells.len() {
        if !cells.is_live(i) {
            continue;
        }
        let voxel = model.grid.voxel_at(cells.position[i]);
        let oxygen = model.oxygen.map(|field| fields[field].value[voxel]);
        let death = model.treatments.radiosensitivity.death(dose, oxygen);
        // Fractions on one step are drawn apart.
        if stream.at(cells.id[i] ^ (fraction + 1) << 56, step).uniform() < death {
            kill(cells, i, Cause::Radiation, time, events);
        }
    }
}

impl Radiosensitivity {
    /// Probability of death by a fraction, Gy, at an oxygen pressure, mmHg.
    pub fn death(&self, dose: f64, oxygen: Option<f64>) -> f64 {
        let m = self.oxygen_enhancement;
        let share = oxygen.map_or(1.0, |p| p.max(0.0) / (p.max(0.0) + self.oxygen_half));
        let effective = dose * (1.0 + (m - 1.0) * share) / m;
        1.0 - libm::exp(-(self.alpha + self.beta * effective) * effective)
    }
}

fn kill(cells: &mut Cells, i: usize, cause: Cause, time: f64, events: &mut Vec<Event>) {
    events.push(Event::of(EventKind::Apoptosis, cause, time, cells, i));
    if cells.bond[i] != UNBOUND {
        let target = cells.bond[i] as usize;
        events.push(Event::by(EventKind::Detachment, Cause::TornApart, time, cells, target, i));
    }
    phenotype::begin(cells, i, Condition::Apoptotic);
}

fn inject_virus(model: &Model, cells: &mut Cells, from: f64, to: f64, events: &mut Vec<Event>) {
    for (kind, cell_type) in model.types.iter().enumerate() {
        let Some(infection) = &cell_type.infection else { continue };
        for (_, count) in infection.injections.iter().flatten().filter(|(t, _)| *t >= from && *t < to) {
            let centre = model.grid.centre();
            let open = |i: &usize| {
                usize::from(cells.kind[*i]) == kind && cells.is_live(*i) && cells.infected[*i] < 0.0
            };
            let mut nearest: Vec<usize> = (0..cells.len()).filter(open).collect();
            nearest.sort_by(|a, b| {
                let d = |i: usize| distance2(cells.position[i], centre);
                d(*a).total_cmp(&d(*b)).then(cells.id[*a].cmp(&cells.id[*b]))
            });
            for i in nearest.into_iter().take(*count as usize) {
                cells.infected[i] = 0.0;
                events.push(Event::of(EventKind::Infection, Cause::Injection, from, cells, i));
            }
        }
    }
}

/// Secretion of the chemokine by tumour cells at `time`, min, over that without treatment.
pub fn chemokine_factor(model: &Model, time: f64) -> f64 {
    let draws = |&(start, _, immunogenic): &(f64, f64, bool)| {
        immunogenic && time >= start && time < start + DRAWS_FOR
    };
    let is_drawn = model.treatments.radiotherapy.iter().any(draws);
    if is_drawn { model.treatments.radiosensitivity.chemokine } else { 1.0 }
}
