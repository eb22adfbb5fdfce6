//! How product cells find, hold and kill others.
//!
//! | symbol | unit | meaning | source |
//! |---|---|---|---|
//! | `k_a` | /min | rate of forming a synapse in full contact | parameter `attack.attach_rate` |
//! | `d₀`, `d₁` | µm | distance up to which contact is full, and at which it ends | `attack.contact_distance`, `attack.reach` |
//! | `s`, `c` | 1 | lytic and cytokine signal that the gate reads on the target | [`perforin_core::receptor`] |
//! | `h` | /min | hits through a fully signalling synapse | `attack.hit_rate` |
//! | `D*`, `T½` | hits, min | lethal damage, half-life of a hit | Weigelin 2021, doi 10.1038/s41467-021-25282-3 |
//! | `τ` | min | mean lifetime of a synapse | `attack.synapse_lifetime` |
//!
//! A free attacker forms a synapse with neighbour `j` at rate `k_a · s_j · clamp((d₁ − d)/(d₁ − d₀))`. Through a
//! synapse hits fall at rate `h·s`; each adds 1 to the target's damage, which halves every `T½`; the target dies
//! when damage reaches `D*`, whoever the hits came from. The synapse ends with the target's death, with its
//! lifetime, or when the two are torn apart. The attacker is then free for the next target: serial killing.
//!
//! Assumptions: hits are Poisson; partners in a synapse keep their signal for its duration; an attacker holds one
//! target at a time, a target may be held by many, unless the study makes synapses exclusive: then of two attackers
//! that take one target in the same step the first in the order of the cells has it.
//!
//! Every attacker decides alone from the state at the beginning of the step; decisions are then carried out in
//! the order of the cells, so that two attackers on one target never race.

use perforin_core::rng::{Purpose, Stream};
use rayon::prelude::*;

use crate::cells::{Cells, Condition, UNBOUND};
use crate::events::{Event, EventKind};
use crate::model::{Attack, Killing, Model, Recognition};
use crate::neighbours::{CHUNK, Neighbours, distance2};
use crate::phenotype;

/// What an attacker reads on one cell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reading {
    /// Lytic signal, 0 to 1.
    pub lysis: f64,
    /// Signal for cytokine and proliferation, 0 to 1.
    pub cytokine: f64,
}

/// What each attacking type reads on every cell. Follows from the cells; computed anew at each phenotype step.
#[derive(Clone, Debug, Default)]
pub struct Readings {
    by_type: Vec<Vec<Reading>>,
}

impl Readings {
    /// Reads every cell with every attacking type.
    pub fn take(&mut self, model: &Model, cells: &Cells) {
        self.by_type.resize_with(model.types.len(), Vec::new);
        for (readings, cell_type) in self.by_type.iter_mut().zip(&model.types) {
            readings.clear();
            if let Some(attack) = &cell_type.attack {
                (0..cells.len())
                    .into_par_iter()
                    .with_min_len(CHUNK)
                    .map(|i| read(attack, usize::from(cells.kind[i]), cells.densities(i)))
                    .collect_into_vec(readings);
            }
        }
    }

    /// What attackers of a type read on cell `target`.
    #[inline]
    pub fn of(&self, attacker_type: usize, target: usize) -> Reading {
        self.by_type[attacker_type].get(target).copied().unwrap_or_default()
    }
}

/// What an attacker reads on a cell of the given type and antigen densities (molecules per cell).
pub fn read(attack: &Attack, kind: usize, densities: &[f32]) -> Reading {
    if !attack.targets[kind] {
        return Reading::default();
    }
    match &attack.recognition {
        Recognition::Ramp { antigen, from, to } => {
            let signal = ((f64::from(densities[*antigen]) - from) / (to - from)).clamp(0.0, 1.0);
            Reading { lysis: signal, cytokine: signal }
        }
        Recognition::Gate { table, inputs } => {
            let mut lysis = [0.0; perforin_core::gate::MAX_ANTIGENS];
            let mut cytokine = [0.0; perforin_core::gate::MAX_ANTIGENS];
            for (k, (antigen, contact)) in inputs.iter().enumerate() {
                let response = contact.response(f64::from(densities[*antigen]));
                (lysis[k], cytokine[k]) = (response.lysis, response.cytokine);
            }
            Reading { lysis: table.evaluate(&lysis), cytokine: table.evaluate(&cytokine) }
        }
    }
}

/// What an attacker does in one step.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Deed {
    Attach {
        target: u32,
    },
    /// Hits; the synapse may end with them.
    Hits {
        count: u32,
        ends: bool,
    },
    Kill,
    Detach,
}

/// Lets all attackers act over `dt`, min; `step` numbers the call.
pub fn act(
    model: &Model,
    cells: &mut Cells,
    neighbours: &Neighbours,
    readings: &Readings,
    (step, time, dt): (u32, f64, f64),
    events: &mut Vec<Event>,
) {
    if model.types.iter().all(|t| t.attack.is_none()) {
        return;
    }
    let mut held = held(model, cells);
    let now = Now { model, cells, neighbours, readings, held: &held, step, dt };
    let deeds: Vec<Vec<(u32, Deed)>> = (0..cells.len().div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| {
            let range = chunk * CHUNK..((chunk + 1) * CHUNK).min(cells.len());
            range.filter_map(|i| now.decide(i).map(|deed| (i as u32, deed))).collect()
        })
        .collect();
    for (i, deed) in deeds.into_iter().flatten() {
        if let Deed::Attach { target } = deed
            && let Some(held) = held.get_mut(target as usize)
            && std::mem::replace(held, true)
        {
            continue;
        }
        carry_out(model, cells, i as usize, deed, time + dt, events);
    }
    remember(model, cells, readings, dt);
}

/// Whether each cell is held in a synapse; empty where targets may be held by many.
fn held(model: &Model, cells: &Cells) -> Vec<bool> {
    let exclusive: Vec<bool> =
        model.types.iter().map(|t| t.attack.as_ref().is_some_and(|a| a.exclusive)).collect();
    if !exclusive.contains(&true) {
        return Vec::new();
    }
    let mut held = vec![false; cells.len()];
    for (bond, kind) in cells.bond.iter().zip(&cells.kind) {
        if *bond != UNBOUND && exclusive[usize::from(*kind)] {
            held[*bond as usize] = true;
        }
    }
    held
}

/// The state in which all attackers decide.
struct Now<'a> {
    held: &'a [bool],
    model: &'a Model,
    cells: &'a Cells,
    neighbours: &'a Neighbours,
    readings: &'a Readings,
    step: u32,
    dt: f64,
}

impl Now<'_> {
    fn decide(&self, i: usize) -> Option<Deed> {
        let kind = usize::from(self.cells.kind[i]);
        let attack = self.model.types[kind].attack.as_ref()?;
        if !self.cells.is_live(i) {
            return None;
        }
        match self.cells.bond[i] {
            UNBOUND => self.seek(attack, kind, i),
            target => self.hold(attack, kind, i, target as usize),
        }
    }

    /// Forms a synapse with at most one neighbour, each in proportion to its rate.
    fn seek(&self, attack: &Attack, kind: usize, i: usize) -> Option<Deed> {
        let rate_to = |j: usize| {
            let d = distance2(self.cells.position[i], self.cells.position[j]);
            let taken = self.held.get(j).copied().unwrap_or(false);
            if d >= attack.reach * attack.reach || taken || !self.cells.is_live(j) {
                return 0.0;
            }
            let closeness = (attack.reach - d.sqrt()) / (attack.reach - attack.contact_distance);
            attack.attach_rate * closeness.min(1.0) * self.readings.of(kind, j).lysis
        };
        let list = self.neighbours.of(i);
        let total: f64 = list.iter().map(|&j| rate_to(j as usize)).sum();
        if total <= 0.0 {
            return None;
        }
        let mut draw = Stream::new(self.model.seed, Purpose::Synapse).at(self.cells.id[i], self.step);
        if draw.uniform() >= 1.0 - libm::exp(-total * self.dt) {
            return None;
        }
        let mut left = draw.uniform() * total;
        let mut chosen = None;
        for &j in list {
            let rate = rate_to(j as usize);
            if rate > 0.0 {
                chosen = Some(j);
                left -= rate;
                if left <= 0.0 {
                    break;
                }
            }
        }
        chosen.map(|target| Deed::Attach { target })
    }

    /// Hits, kills or lets go.
    fn hold(&self, attack: &Attack, kind: usize, i: usize, target: usize) -> Option<Deed> {
        let apart = distance2(self.cells.position[i], self.cells.position[target]);
        if !self.cells.is_live(target) || apart > attack.reach * attack.reach {
            return Some(Deed::Detach);
        }
        let mut draw = Stream::new(self.model.seed, Purpose::Hit).at(self.cells.id[i], self.step);
        let signal = self.readings.of(kind, target).lysis;
        let ends = draw.uniform() < 1.0 - libm::exp(-self.dt / attack.lifetime);
        let deed = match attack.killing {
            Killing::Rate { rate } => {
                (draw.uniform() < 1.0 - libm::exp(-rate * signal * self.dt)).then_some(Deed::Kill)
            }
            Killing::Hits { rate, .. } => {
                let count = draw.poisson(rate * signal * self.dt);
                (count > 0).then_some(Deed::Hits { count, ends })
            }
        };
        deed.or(ends.then_some(Deed::Detach))
    }
}

/// Carries out one decision. A target that an earlier attacker killed in the same step is let go.
fn carry_out(model: &Model, cells: &mut Cells, i: usize, deed: Deed, time: f64, events: &mut Vec<Event>) {
    let kills = match deed {
        Deed::Attach { target } => {
            cells.bond[i] = target;
            events.push(Event::by(EventKind::Attachment, time, cells, target as usize, i));
            return;
        }
        Deed::Detach => false,
        Deed::Kill => true,
        Deed::Hits { count, ends } => {
            let target = cells.bond[i] as usize;
            let Some(Attack { killing: Killing::Hits { lethal, half_life, .. }, .. }) =
                model.types[usize::from(cells.kind[i])].attack
            else {
                return;
            };
            let damage = damage_at(cells, target, time, half_life) + f64::from(count);
            (cells.damage[target], cells.damage_time[target]) = (damage, time);
            if damage < lethal && !ends {
                return;
            }
            damage >= lethal
        }
    };
    let target = cells.bond[i] as usize;
    let kind = if kills && cells.is_live(target) {
        phenotype::begin(cells, target, Condition::Apoptotic);
        EventKind::Kill
    } else {
        EventKind::Detachment
    };
    events.push(Event::by(kind, time, cells, target, i));
    cells.bond[i] = UNBOUND;
}

/// Damage of a cell at `time`, hits.
pub fn damage_at(cells: &Cells, i: usize, time: f64, half_life: f64) -> f64 {
    cells.damage[i] * libm::exp2(-(time - cells.damage_time[i]) / half_life)
}

/// The stimulus of an attacker follows the cytokine signal of its synapse with the type's memory.
fn remember(model: &Model, cells: &mut Cells, readings: &Readings, dt: f64) {
    let keep: Vec<f64> = model
        .types
        .iter()
        .map(|t| t.attack.as_ref().map_or(1.0, |a| libm::exp(-dt / a.stimulus_memory)))
        .collect();
    let (kind, bond) = (&cells.kind, &cells.bond);
    cells.stimulus.par_iter_mut().enumerate().with_min_len(CHUNK).for_each(|(i, stimulus)| {
        let own = usize::from(kind[i]);
        if model.types[own].attack.is_some() {
            let signal = if bond[i] == UNBOUND { 0.0 } else { readings.of(own, bond[i] as usize).cytokine };
            *stimulus = signal + (*stimulus - signal) * keep[own];
        }
    });
}
