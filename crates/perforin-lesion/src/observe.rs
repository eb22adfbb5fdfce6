//! What a user plots: numbers that describe the lesion at one time.

use perforin_core::ordered;

use crate::budget::RECOGNISED;
use crate::cells::{Condition, Stage, UNBOUND};
use crate::events::{self, Cause, EventKind};
use crate::lesion::Lesion;
use crate::model::{CellType, Model, Role};
use crate::senses::Senses;

/// A column of the time series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Name.
    pub name: String,
    /// Unit.
    pub unit: String,
    /// What it is, in words.
    pub meaning: String,
}

/// The columns of a model's time series, in the order of [`observe`].
pub fn columns(model: &Model) -> Vec<Column> {
    let mut columns = vec![column("time", "d", "Time since the start of the study")];
    for cell_type in &model.types {
        let name = &cell_type.name;
        columns.push(column(&format!("{name}_live"), "cells", &format!("Live {name} cells")));
        columns.push(column(
            &format!("{name}_dying"),
            "cells",
            &format!("Apoptotic {name} cells not yet cleared"),
        ));
        columns.push(column(
            &format!("{name}_necrotic"),
            "cells",
            &format!("Necrotic {name} cells and debris"),
        ));
        columns.push(column(
            &format!("{name}_killed"),
            "cells",
            &format!("{name} cells killed by attackers so far"),
        ));
        columns.push(column(
            &format!("{name}_divisions"),
            "cells",
            &format!("Divisions of {name} cells so far"),
        ));
        if cell_type.attack.is_some() {
            columns.push(column(
                &format!("{name}_arrived"),
                "cells",
                &format!("{name} cells that entered so far"),
            ));
            columns.push(column(&format!("{name}_bound"), "cells", &format!("{name} cells in a synapse")));
        } else if model.types.iter().any(|t| t.attack.is_some()) {
            columns.push(column(
                &format!("{name}_recognised"),
                "cells",
                &format!("Live {name} cells that give a product cell at least half of the full lytic signal"),
            ));
        }
        columns.extend(followed(cell_type).into_iter().map(|(key, unit, meaning)| {
            column(&format!("{name}_{key}"), unit, &format!("{meaning} ({name} cells)"))
        }));
        for antigen in carried(model, cell_type.role) {
            columns.push(column(
                &format!("{name}_{}_mean", model.antigens[antigen]),
                "/cell",
                &format!("Mean density of {} on live {name} cells", model.antigens[antigen]),
            ));
        }
    }
    columns.push(column(
        "tumour_radius",
        "µm",
        "Distance of the outermost live tumour cell from their centre of mass",
    ));
    for substance in &model.substances {
        columns.push(Column {
            name: format!("{}_mean", substance.name),
            unit: substance.unit.clone(),
            meaning: format!("Mean of {} over the box", substance.name),
        });
        columns.push(Column {
            name: format!("{}_in_tumour", substance.name),
            unit: substance.unit.clone(),
            meaning: format!("Mean of {} at live tumour cells", substance.name),
        });
    }
    columns
}

/// Whether a type attacks here: a product of which no cell is here, none is on its way and none ever was recognises nothing.
fn attacks(lesion: &Lesion, kind: usize) -> bool {
    let (model, state) = (&lesion.model, &lesion.state);
    let cell_type = &model.types[kind];
    let comes = || {
        model.arrivals.iter().any(|a| a.kind == kind && a.infused > 0.0)
            || model.traffic.as_ref().is_some_and(|t| t.kind == kind)
            || state.cells.kind.iter().any(|k| usize::from(*k) == kind)
            || state.tally[kind].iter().flatten().any(|events| *events > 0)
    };
    cell_type.attack.is_some() && (cell_type.role != Role::Product || comes())
}

/// The values of all [`columns`] at the present time.
pub fn observe(lesion: &Lesion) -> Vec<f64> {
    let (model, state) = (&lesion.model, &lesion.state);
    let cells = &state.cells;
    let mut senses = Senses::default();
    senses.take(model, cells, &state.fields, state.time);
    let attackers: Vec<usize> = (0..model.types.len()).filter(|&k| attacks(lesion, k)).collect();
    let mut values = vec![state.time / 1440.0];
    for (kind, cell_type) in model.types.iter().enumerate() {
        let is = |i: usize| usize::from(cells.kind[i]) == kind;
        let count = |f: &dyn Fn(usize) -> bool| (0..cells.len()).filter(|&i| is(i) && f(i)).count() as f64;
        let in_condition = |c: Condition| count(&|i| cells.condition[i] == c as u8);
        let live = in_condition(Condition::Live);
        values.push(live);
        values.push(in_condition(Condition::Apoptotic));
        values.push(in_condition(Condition::Swelling) + in_condition(Condition::Lysed));
        let so_far = |event: EventKind| events::of_kind(&state.tally[kind], event) as f64;
        values.push(so_far(EventKind::Kill));
        values.push(so_far(EventKind::Division));
        if cell_type.attack.is_some() {
            values.push(so_far(EventKind::Arrival));
            values.push(count(&|i| cells.bond[i] != UNBOUND));
        } else if !attackers.is_empty() {
            let read = |i: usize| attackers.iter().any(|&k| senses.strongest(k, i) >= RECOGNISED);
            values.push(count(&|i| cells.is_live(i) && read(i)));
        }
        let own: Vec<usize> = (0..cells.len()).filter(|&i| is(i) && cells.is_live(i)).collect();
        for (key, _, _) in followed(cell_type) {
            let mean = |column: &[f32]| ratio(ordered::sum(own.len(), |k| f64::from(column[own[k]])), live);
            let at_stage = |s: Stage| own.iter().filter(|&&i| cells.stage[i] == s as u8).count() as f64;
            values.push(match key {
                MEMORY_LIKE => at_stage(Stage::MemoryLike),
                EXHAUSTED => at_stage(Stage::Exhausted),
                EXHAUSTION => mean(&cells.exhaustion),
                PD_L1 => mean(&cells.pd_l1),
                INFECTED => own.iter().filter(|&&i| cells.infected[i] >= 0.0).count() as f64,
                _ => state.tally[kind][EventKind::Kill as usize][Cause::Bystander as usize] as f64,
            });
        }
        for antigen in carried(model, cell_type.role) {
            let density = |i: usize| {
                if is(i) && cells.is_live(i) { f64::from(cells.densities(i)[antigen]) } else { 0.0 }
            };
            values.push(ratio(ordered::sum(cells.len(), density), live));
        }
    }
    values.push(tumour_radius(lesion));
    let voxels = model.grid.len();
    let tumour = |i: usize| cells.is_live(i) && model.types[usize::from(cells.kind[i])].role == Role::Tumour;
    let tumour_cells = (0..cells.len()).filter(|&i| tumour(i)).count() as f64;
    for field in &state.fields {
        values.push(ordered::sum(voxels, |v| field.value[v]) / voxels as f64);
        let at = |i: usize| if tumour(i) { field.value[model.grid.voxel_at(cells.position[i])] } else { 0.0 };
        values.push(ratio(ordered::sum(cells.len(), at), tumour_cells));
    }
    values
}

const MEMORY_LIKE: &str = "memory_like";
const EXHAUSTED: &str = "exhausted";
const EXHAUSTION: &str = "exhaustion_mean";
const PD_L1: &str = "pd_l1_mean";
const INFECTED: &str = "infected";
const BY_BYSTANDER: &str = "killed_bystander";

/// What is followed of a type beside its numbers: key, unit and meaning.
fn followed(cell_type: &CellType) -> Vec<(&'static str, &'static str, &'static str)> {
    let mut list = Vec::new();
    if cell_type.lymphocyte.is_some() {
        list.push((MEMORY_LIKE, "cells", "Live memory-like cells"));
        list.push((EXHAUSTED, "cells", "Live exhausted cells"));
        list.push((EXHAUSTION, "1", "Mean exhaustion, 0 to 1"));
    }
    if cell_type.defence.pd_l1.is_some() {
        list.push((PD_L1, "/cell", "Mean PD-L1"));
    }
    if cell_type.infection.is_some() {
        list.push((INFECTED, "cells", "Live cells that a virus infects"));
    }
    if cell_type.role == Role::Tumour && cell_type.defence.pd_l1.is_some() {
        list.push((BY_BYSTANDER, "cells", "Killed as neighbours of a target so far"));
    }
    list
}

/// The antigens whose density is followed on cells of a role.
fn carried(model: &Model, role: Role) -> std::ops::Range<usize> {
    if role == Role::Product { 0..0 } else { 0..model.antigens.len() }
}

/// Distance of the outermost live tumour cell from the centre of mass of all of them, µm; 0 without any.
pub fn tumour_radius(lesion: &Lesion) -> f64 {
    let cells = &lesion.state.cells;
    let tumour: Vec<usize> = (0..cells.len())
        .filter(|&i| cells.is_live(i) && lesion.model.types[usize::from(cells.kind[i])].role == Role::Tumour)
        .collect();
    let n = tumour.len() as f64;
    let centre: [f64; 3] =
        std::array::from_fn(|a| ratio(ordered::sum(tumour.len(), |k| cells.position[tumour[k]][a]), n));
    let farthest = tumour.iter().map(|&i| crate::neighbours::distance2(cells.position[i], centre));
    farthest.fold(0.0, f64::max).sqrt()
}

fn ratio(a: f64, b: f64) -> f64 {
    if b > 0.0 { a / b } else { 0.0 }
}

fn column(name: &str, unit: &str, meaning: &str) -> Column {
    Column { name: name.to_owned(), unit: unit.to_owned(), meaning: meaning.to_owned() }
}
