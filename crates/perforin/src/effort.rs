//! Where a product's effort went, and what limited it most, from the counts of a finished lesion.

mod limits;
mod words;

pub use limits::{Limit, Stage};
pub use words::{explained, most_limiting};

use std::collections::BTreeMap;

use perforin_lesion::budget::{self, Entry};
use perforin_lesion::cells::marks;
use perforin_lesion::events::{Cause, EventKind, Tally};
use perforin_lesion::lesion::Lesion;
use perforin_lesion::model::{Killing, Model, Role};
use serde::{Deserialize, Serialize};

/// `effort.json`: what became of every product cell, every synapse and every tumour cell.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Effort {
    /// Each product.
    pub products: Vec<Product>,
    /// Synapses on any cell that ended with a kill, of all attackers.
    pub kills: u64,
    /// Synapses that ended without one, by reason.
    pub failed: BTreeMap<String, u64>,
    /// Tumour cells.
    pub tumour: Losses,
    /// Healthy tissue, by cell type.
    pub normal: BTreeMap<String, Losses>,
}

/// A product, from infusion to death.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Product {
    /// Name of its cell type.
    pub name: String,
    /// Cells infused; none where a course in blood was given.
    pub infused: Option<f64>,
    /// Cells that entered the lesion.
    pub arrived: u64,
    /// Cells that were in the lesion, born there or not.
    pub cells: u64,
    /// Of those, born in the lesion.
    pub born: u64,
    /// Of those, touched a tumour cell.
    pub touched: u64,
    /// Of those, formed a synapse.
    pub engaged: u64,
    /// Of those, killed.
    pub killed: u64,
    /// Of those, were exhausted.
    pub exhausted: u64,
    /// Alive at the end.
    pub alive: u64,
    /// Deaths by cause.
    pub deaths: BTreeMap<String, u64>,
    /// Hits that it takes to kill a cell at once.
    pub hits_to_kill: f64,
    /// Time, hits and divisions, by entry.
    pub budget: BTreeMap<String, f64>,
}

/// What happened to cells that can be attacked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Losses {
    /// Kills by attackers, by cause.
    pub killed: BTreeMap<String, u64>,
    /// Other deaths, by cause.
    pub died: BTreeMap<String, u64>,
    /// Divisions.
    pub divisions: u64,
}

impl Effort {
    /// The effort of a lesion so far.
    pub fn of(lesion: &Lesion) -> Self {
        let (model, state) = (&lesion.model, &lesion.state);
        let of_role = |role: Role| (0..model.types.len()).filter(move |k| model.types[*k].role == role);
        let attackers = of_role(Role::Product).filter(|k| model.types[*k].attack.is_some());
        let mut tumour = Losses::default();
        for kind in of_role(Role::Tumour) {
            tumour.add(&state.tally[kind]);
        }
        let normal = of_role(Role::Normal).map(|kind| {
            let mut losses = Losses::default();
            losses.add(&state.tally[kind]);
            (model.types[kind].name.clone(), losses)
        });
        let (kills, failed) = synapses(model, &state.tally);
        let products = attackers.map(|k| product(lesion, k)).collect();
        Self { products, kills, failed, tumour, normal: normal.collect() }
    }
}

impl Losses {
    fn add(&mut self, tally: &Tally) {
        add(&mut self.killed, tally, EventKind::Kill);
        for kind in [EventKind::Apoptosis, EventKind::Necrosis, EventKind::Lysis] {
            let own = match kind {
                EventKind::Apoptosis => Some("spontaneous"),
                EventKind::Necrosis => Some("necrosis"),
                // A burst necrotic cell was counted when it began to swell.
                _ => None,
            };
            for cause in Cause::ALL {
                let count = tally[kind as usize][*cause as usize];
                let name = if *cause == Cause::Course { own } else { Some(cause.name()) };
                if let Some(name) = name.filter(|_| count > 0) {
                    *self.died.entry(name.to_owned()).or_insert(0) += count;
                }
            }
        }
        self.divisions += tally[EventKind::Division as usize].iter().sum::<u64>();
    }
}

/// Adds the counts of a kind of event by cause.
fn add(counts: &mut BTreeMap<String, u64>, tally: &Tally, kind: EventKind) {
    for cause in Cause::ALL {
        let count = tally[kind as usize][*cause as usize];
        if count > 0 {
            *counts.entry(cause.name().to_owned()).or_insert(0) += count;
        }
    }
}

fn product(lesion: &Lesion, kind: usize) -> Product {
    let (model, state) = (&lesion.model, &lesion.state);
    let reached = budget::reached(&state.past[kind], &state.cells, kind);
    let with = |mark: u8| reached[mark.trailing_zeros() as usize];
    let tally = &state.tally[kind];
    let mut deaths = BTreeMap::new();
    add(&mut deaths, tally, EventKind::Apoptosis);
    // The ordinary end of a life has no name of its own among causes.
    if let Some(old) = deaths.remove(Cause::Course.name()) {
        deaths.insert("lifespan".to_owned(), old);
    }
    let necrotic: u64 = tally[EventKind::Necrosis as usize].iter().sum();
    if necrotic > 0 {
        deaths.insert("necrosis".to_owned(), necrotic);
    }
    Product {
        name: model.types[kind].name.clone(),
        infused: infused(model, kind),
        arrived: tally[EventKind::Arrival as usize].iter().sum(),
        cells: reached[budget::ALL_CELLS],
        born: with(marks::BORN),
        touched: with(marks::TOUCHED),
        engaged: with(marks::ENGAGED),
        killed: with(marks::KILLED),
        exhausted: with(marks::EXHAUSTED),
        alive: (0..state.cells.len())
            .filter(|i| usize::from(state.cells.kind[*i]) == kind && state.cells.is_live(*i))
            .count() as u64,
        deaths,
        hits_to_kill: hits_to_kill(model, kind),
        budget: Entry::ALL.iter().map(|e| (e.name().to_owned(), state.budget[kind][*e as usize])).collect(),
    }
}

/// Whole hits that kill a cell if they come at once; 1 where killing is a single event.
fn hits_to_kill(model: &Model, kind: usize) -> f64 {
    match model.types[kind].attack.as_ref().map(|a| a.killing) {
        Some(Killing::Hits { lethal, .. }) => lethal.ceil(),
        _ => 1.0,
    }
}

/// Cells infused for a type; none if some came from a given course in blood, or none were infused.
fn infused(model: &Model, kind: usize) -> Option<f64> {
    let own: Vec<f64> = model.arrivals.iter().filter(|a| a.kind == kind).map(|a| a.infused).collect();
    let sum: f64 = own.iter().sum();
    (!own.is_empty() && sum.is_finite()).then_some(sum)
}

/// Synapses of all products that ended with a kill, and those that ended without one, by reason.
fn synapses(model: &Model, tally: &[Tally]) -> (u64, BTreeMap<String, u64>) {
    let mut failed = BTreeMap::new();
    let mut kills = 0;
    for (cell_type, tally) in model.types.iter().zip(tally) {
        if cell_type.role != Role::Product {
            kills += tally[EventKind::Kill as usize][Cause::Synapse as usize];
            add(&mut failed, tally, EventKind::Detachment);
        }
    }
    (kills, failed)
}
