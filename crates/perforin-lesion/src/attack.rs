//! How product cells find, hold and kill others.
//!
//! | symbol | unit | meaning | source |
//! |---|---|---|---|
//! | `k_a` | /min | rate of forming a synapse in full contact | parameter `attack.attach_rate` |
//! | `d₀`, `d₁` | µm | distance up to which contact is full, and at which it ends | `attack.contact_distance`, `attack.reach` |
//! | `s` | 1 | lytic signal that the gate reads on the target | [`perforin_core::receptor`] |
//! | `s′` | 1 | what exhaustion, PD-1 and suppression leave of it | [`crate::senses`] |
//! | `h` | /min | hits through a fully signalling synapse | `attack.hit_rate` |
//! | `D*`, `T½` | hits, min | lethal damage, half-life of a hit | Weigelin 2021, doi 10.1038/s41467-021-25282-3 |
//! | `τ` | min | mean lifetime of a synapse | `attack.synapse_lifetime` |
//! | `b` | 1 | hits on neighbours over those on the target | parameter `bystander.rate` |
//!
//! A free attacker forms a synapse with neighbour `j` at rate `k_a · s_j · clamp((d₁ − d)/(d₁ − d₀))`. Through a
//! synapse hits fall at rate `h·s′`; each adds 1 to the target's damage, which halves every `T½`; the target dies
//! when damage reaches `D*`, whoever the hits came from. The synapse ends with the target's death, with its
//! lifetime, or when the two are torn apart: farther than `d₁`, unless the study says how far. The attacker is then
//! free for the next target: serial killing. By Fas ligand, an attacker in a synapse also hits every other live tumour
//! cell that touches it, at rate `b·h·s′` (Upadhyay 2021, doi 10.1158/2159-8290.CD-20-0756), whatever antigen that cell
//! carries.
//!
//! Assumptions: hits are Poisson; an attacker holds one target at a time, a target may be held by many, unless the
//! study makes synapses exclusive: then of two attackers that take one target in the same step the first in the order
//! of the cells has it; a synapse that ends without a kill is put down to whatever took most of its signal.
//!
//! Every attacker decides alone from the state at the beginning of the step; decisions are then carried out in
//! the order of the cells, so that two attackers on one target never race.

use perforin_core::rng::{Purpose, Stream};
use rayon::prelude::*;

use crate::cells::{Cells, Condition, UNBOUND, marks};
use crate::events::{Cause, Event, EventKind};
use crate::model::{Attack, Killing, Model, Role};
use crate::neighbours::{CHUNK, Neighbours, distance2};
use crate::phenotype;
use crate::senses::{Judgement, Senses};

/// What an attacker does in one step.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Deed {
    Attach {
        target: u32,
        judgement: Judgement,
    },
    /// Hits; the synapse may end with them.
    Hits {
        count: u32,
        ends: bool,
    },
    Kill,
    Detach(Parting),
}

/// How a synapse ends without a kill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Parting {
    TargetDied,
    TornApart,
    Over,
}

/// Lets all attackers act over `dt`, min; `step` numbers the call.
pub fn act(
    model: &Model,
    cells: &mut Cells,
    neighbours: &Neighbours,
    senses: &Senses,
    (step, time, dt): (u32, f64, f64),
    events: &mut Vec<Event>,
) {
    if model.types.iter().all(|t| t.attack.is_none()) {
        return;
    }
    let mut held = held(model, cells, |attack| attack.exclusive);
    let now = Now { model, cells, neighbours, senses, held: &held, step, dt };
    let deeds: Vec<Vec<(u32, Deed)>> = (0..cells.len().div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| {
            let range = chunk * CHUNK..((chunk + 1) * CHUNK).min(cells.len());
            range.filter_map(|i| now.decide(i).map(|deed| (i as u32, deed))).collect()
        })
        .collect();
    for (i, deed) in deeds.into_iter().flatten() {
        if let Deed::Attach { target, .. } = deed
            && let Some(held) = held.get_mut(target as usize)
            && std::mem::replace(held, true)
        {
            continue;
        }
        carry_out(model, cells, senses, i as usize, deed, time + dt, events);
    }
    remember(model, cells, dt);
}

/// Whether each cell is held in a synapse by an attacker of a chosen kind; empty where no type attacks so.
pub fn held(model: &Model, cells: &Cells, is_chosen: impl Fn(&Attack) -> bool) -> Vec<bool> {
    let chosen: Vec<bool> = model.types.iter().map(|t| t.attack.as_ref().is_some_and(&is_chosen)).collect();
    if !chosen.contains(&true) {
        return Vec::new();
    }
    let mut held = vec![false; cells.len()];
    for (bond, kind) in cells.bond.iter().zip(&cells.kind) {
        if *bond != UNBOUND && chosen[usize::from(*kind)] {
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
    senses: &'a Senses,
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
            UNBOUND => self.seek(attack, i),
            target => self.hold(attack, i, target as usize),
        }
    }

    /// Forms a synapse with at most one neighbour, each in proportion to its rate.
    fn seek(&self, attack: &Attack, i: usize) -> Option<Deed> {
        let rate_to = |j: usize| {
            let d = distance2(self.cells.position[i], self.cells.position[j]);
            let taken = self.held.get(j).copied().unwrap_or(false);
            let may_meet = || attack.may_meet(self.cells.position[i], self.cells.position[j]);
            if d >= attack.reach * attack.reach || taken || !self.cells.is_live(j) || !may_meet() {
                return 0.0;
            }
            let closeness = (attack.reach - d.sqrt()) / (attack.reach - attack.contact_distance);
            attack.attach_rate * closeness.min(1.0) * self.senses.of(self.model, self.cells, i, j).lysis
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
        chosen.map(|target| Deed::Attach {
            target,
            judgement: self.senses.judge(self.model, self.cells, i, target as usize),
        })
    }

    /// Hits, kills or lets go.
    fn hold(&self, attack: &Attack, i: usize, target: usize) -> Option<Deed> {
        if !self.cells.is_live(target) {
            return Some(Deed::Detach(Parting::TargetDied));
        }
        let apart = distance2(self.cells.position[i], self.cells.position[target]);
        if apart > attack.tear_distance * attack.tear_distance {
            return Some(Deed::Detach(Parting::TornApart));
        }
        let mut draw = Stream::new(self.model.seed, Purpose::Hit).at(self.cells.id[i], self.step);
        let signal = f64::from(self.cells.lysis_signal[i]);
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
        deed.or(ends.then_some(Deed::Detach(Parting::Over)))
    }
}

/// Carries out one decision. A target that an earlier attacker killed in the same step is let go.
fn carry_out(
    model: &Model,
    cells: &mut Cells,
    senses: &Senses,
    i: usize,
    deed: Deed,
    time: f64,
    events: &mut Vec<Event>,
) {
    let mut parting = Parting::Over;
    let kills = match deed {
        Deed::Attach { target, judgement } => {
            cells.bond[i] = target;
            judgement.write(cells, i);
            cells.mark(i, marks::ENGAGED);
            events.push(Event::by(EventKind::Attachment, Cause::Course, time, cells, target as usize, i));
            return;
        }
        Deed::Detach(how) => {
            parting = how;
            false
        }
        Deed::Kill => true,
        Deed::Hits { count, ends } => {
            let target = cells.bond[i] as usize;
            let is_lethal = hit(model, cells, usize::from(cells.kind[i]), target, f64::from(count), time);
            if !is_lethal && !ends {
                return;
            }
            is_lethal
        }
    };
    let target = cells.bond[i] as usize;
    let (kind, cause) = if kills && cells.is_live(target) {
        phenotype::begin(cells, target, Condition::Apoptotic);
        cells.mark(i, marks::KILLED);
        (EventKind::Kill, Cause::Synapse)
    } else {
        let how = if cells.is_live(target) { parting } else { Parting::TargetDied };
        (EventKind::Detachment, why_no_kill(model, cells, senses, i, how))
    };
    events.push(Event::by(kind, cause, time, cells, target, i));
    cells.release(i);
}

/// Adds hits to a target's damage at `time`; whether they are lethal.
fn hit(model: &Model, cells: &mut Cells, attacker_type: usize, target: usize, count: f64, time: f64) -> bool {
    let Some(Attack { killing: Killing::Hits { lethal, half_life, .. }, .. }) =
        model.types[attacker_type].attack
    else {
        return false;
    };
    let damage = damage_at(cells, target, time, half_life) + count;
    (cells.damage[target], cells.damage_time[target]) = (damage, time);
    damage >= lethal
}

/// Why a synapse ended without a kill: what took most of its signal, or how it ended.
fn why_no_kill(model: &Model, cells: &Cells, senses: &Senses, i: usize, how: Parting) -> Cause {
    match how {
        Parting::TargetDied => Cause::TargetDied,
        Parting::TornApart => Cause::TornApart,
        Parting::Over => {
            let j = senses.judge(model, cells, i, cells.bond[i] as usize);
            if j.lysis() >= 0.5 * j.potency {
                return Cause::Unfinished;
            }
            let losses = [
                (j.read.lysis, Cause::WeakSignal),
                (j.unexhausted, Cause::Exhausted),
                (j.uninhibited, Cause::Checkpoint),
                (j.unsuppressed, Cause::Suppressed),
            ];
            let least = losses.iter().fold(losses[0], |a, b| if b.0 < a.0 { *b } else { a });
            least.1
        }
    }
}

/// Hits by Fas ligand on the neighbours of attackers in a synapse, over a phenotype step that ends at `time`, min.
pub fn hit_bystanders(
    model: &Model,
    cells: &mut Cells,
    neighbours: &Neighbours,
    (step, time): (u32, f64),
    events: &mut Vec<Event>,
) {
    let dt = model.numerics.phenotype_step;
    let stream = Stream::new(model.seed, Purpose::Bystander);
    for i in 0..cells.len() {
        let cell_type = &model.types[usize::from(cells.kind[i])];
        let Some(bystander) = cell_type.lymphocyte.as_ref().and_then(|l| l.bystander) else { continue };
        if cells.bond[i] == UNBOUND || !cells.is_live(i) {
            continue;
        }
        let Some(Killing::Hits { rate, .. }) = cell_type.attack.as_ref().map(|a| a.killing) else { continue };
        let mean = bystander.relative * rate * f64::from(cells.lysis_signal[i]) * dt;
        let mut draw = stream.at(cells.id[i], step);
        for &j in neighbours.of(i) {
            let (j, held) = (j as usize, cells.bond[i]);
            let near = distance2(cells.position[i], cells.position[j]) < bystander.reach * bystander.reach;
            let is_tumour = model.types[usize::from(cells.kind[j])].role == Role::Tumour;
            if j as u32 == held || !near || !is_tumour || !cells.is_live(j) {
                continue;
            }
            let count = draw.poisson(mean);
            if count > 0 && hit(model, cells, usize::from(cells.kind[i]), j, f64::from(count), time) {
                phenotype::begin(cells, j, Condition::Apoptotic);
                events.push(Event::by(EventKind::Kill, Cause::Bystander, time, cells, j, i));
            }
        }
    }
}

/// Damage of a cell at `time`, hits.
pub fn damage_at(cells: &Cells, i: usize, time: f64, half_life: f64) -> f64 {
    cells.damage[i] * libm::exp2(-(time - cells.damage_time[i]) / half_life)
}

/// Judges every synapse anew.
pub fn judge_synapses(model: &Model, cells: &mut Cells, senses: &Senses) {
    let shared = &*cells;
    let judgements: Vec<Vec<(u32, Judgement)>> = (0..shared.len().div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| {
            let range = chunk * CHUNK..((chunk + 1) * CHUNK).min(shared.len());
            let bound = range.filter(|i| shared.bond[*i] != UNBOUND);
            bound.map(|i| (i as u32, senses.judge(model, shared, i, shared.bond[i] as usize))).collect()
        })
        .collect();
    for (i, judgement) in judgements.into_iter().flatten() {
        judgement.write(cells, i as usize);
    }
}

/// The stimulus of an attacker follows the drive of its synapse with the type's memory.
fn remember(model: &Model, cells: &mut Cells, dt: f64) {
    let keep: Vec<f64> = model
        .types
        .iter()
        .map(|t| t.attack.as_ref().map_or(1.0, |a| libm::exp(-dt / a.stimulus_memory)))
        .collect();
    let (kind, drive) = (&cells.kind, &cells.drive);
    cells.stimulus.par_iter_mut().enumerate().with_min_len(CHUNK).for_each(|(i, stimulus)| {
        let own = usize::from(kind[i]);
        if model.types[own].attack.is_some() {
            let signal = f64::from(drive[i]);
            *stimulus = signal + (*stimulus - signal) * keep[own];
        }
    });
}
