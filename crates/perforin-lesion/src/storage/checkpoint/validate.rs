//! Whether a state can be one of a model. A sound file passes all of this; what is caught here was written by a
//! defect or by hand, and would make the engine fail far from the cause.

use std::collections::BTreeSet;

use crate::cells::{Cells, Condition, UNBOUND};
use crate::fields::Exchange;
use crate::lesion::State;
use crate::model::Model;
use crate::storage::container::Fault;

/// Checks all that the engine relies on.
pub(super) fn state(state: &State, model: &Model) -> Result<(), Fault> {
    let cells = &state.cells;
    shape(cells)?;
    clock(state)?;
    identities(cells, state.next_id)?;
    types_and_phases(cells, model)?;
    each("cells/condition", &cells.condition, "the number of a condition", |c| {
        Condition::from_number(*c).is_some()
    })?;
    each("cells/moved", &cells.moved, "0 or 1", |m| *m <= 1)?;
    bonds(cells)?;
    numbers(cells)?;
    lymphocytes(cells, model)?;
    each("matrix", &state.matrix, "a share from 0 to 1", |m| (0.0..=1.0).contains(m))?;
    each("budget", state.budget.as_flattened(), "a finite number", |v| v.is_finite())?;
    let is_finite =
        |e: &Exchange| [e.change, e.added, e.entered, e.decayed, e.taken_up].iter().all(|v| v.is_finite());
    if let Some(row) = state.exchanged.iter().position(|e| !is_finite(e)) {
        return Err(Fault::value("exchanged", row, &format!("{:?}", state.exchanged[row]), "finite numbers"));
    }
    each("activity", &[state.activity], "a finite number", |v| v.is_finite())?;
    each("beside", &state.beside, "a finite number", |v| v.is_finite())?;
    for field in &state.fields {
        let name = format!("field/{}", field.substance.name);
        each(&name, &field.value, "a finite number", |v| v.is_finite())?;
    }
    Ok(())
}

/// All columns are as long as the first, the antigens' as many times as there are antigens.
fn shape(cells: &Cells) -> Result<(), Fault> {
    if cells.is_rectangular() {
        return Ok(());
    }
    let mut lengths = Lengths { n: cells.len(), antigens: cells.antigens(), wrong: None };
    cells.visit_columns(&mut lengths);
    Err(lengths.wrong.unwrap_or(Fault::count("cells/id", 0, cells.len() as u64)))
}

/// Finds the first column of a wrong length.
struct Lengths {
    n: usize,
    antigens: usize,
    wrong: Option<Fault>,
}

impl crate::cells::ColumnVisitor for Lengths {
    fn column<T: crate::cells::Stored>(&mut self, name: &str, values: &[T]) {
        let expected = if name == "density" || name == "inherited" { self.n * self.antigens } else { self.n };
        if values.len() != expected && self.wrong.is_none() {
            self.wrong = Some(Fault::count(&format!("cells/{name}"), expected as u64, values.len() as u64));
        }
    }
}

fn clock(state: &State) -> Result<(), Fault> {
    let is_time = |t: &f64| t.is_finite() && *t >= 0.0;
    each("time", &[state.time], "a time in min", is_time)?;
    each("last_mechanics_step", &[state.last_mechanics_step], "a time in min", is_time)
}

/// Identities are below the next one and occur once.
fn identities(cells: &Cells, next: u64) -> Result<(), Fault> {
    each("cells/id", &cells.id, "an identity below `next_id`", |id| *id < next)?;
    let mut seen = BTreeSet::new();
    each("cells/id", &cells.id, "an identity that no other cell has", |id| seen.insert(*id))
}

fn types_and_phases(cells: &Cells, model: &Model) -> Result<(), Fault> {
    each("cells/kind", &cells.kind, "a cell type of the study", |k| usize::from(*k) < model.types.len())?;
    let mut kinds = cells.kind.iter();
    each("cells/phase", &cells.phase, "a phase of the cell type's cycle", |phase| {
        let cycle = kinds.next().and_then(|kind| model.types[usize::from(*kind)].cycle.as_ref());
        usize::from(*phase) < cycle.map_or(1, |c| c.phases.len())
    })
}

/// A bond leads to another cell.
fn bonds(cells: &Cells) -> Result<(), Fault> {
    let n = cells.len();
    let mut own = 0..n;
    each("cells/bond", &cells.bond, "the row of another cell, or 4294967295 for none", |bond| {
        let own = own.next();
        *bond == UNBOUND || ((*bond as usize) < n && own != Some(*bond as usize))
    })
}

/// What the engine keeps finite is finite.
fn numbers(cells: &Cells) -> Result<(), Fault> {
    let finite = |v: &[f64; 3]| v.iter().all(|c| c.is_finite());
    vectors("cells/position", &cells.position, finite)?;
    vectors("cells/velocity", &cells.velocity, finite)?;
    let columns = [
        ("cells/radius", &cells.radius),
        ("cells/fluid", &cells.fluid),
        ("cells/nucleus", &cells.nucleus),
        ("cells/cytoplasm", &cells.cytoplasm),
    ];
    columns
        .into_iter()
        .try_for_each(|(name, column)| each(name, column, "a finite number", |v| v.is_finite()))
}

/// Stages, specificities, clones and shares are those of the model.
fn lymphocytes(cells: &Cells, model: &Model) -> Result<(), Fault> {
    each("cells/stage", &cells.stage, "0, 1 or 2", |s| *s <= 2)?;
    each("cells/cd4", &cells.cd4, "0 or 1", |c| *c <= 1)?;
    let mut kinds = cells.kind.iter();
    each("cells/specificity", &cells.specificity, "a specificity of the product", |s| {
        let lymphocyte = kinds.next().and_then(|kind| model.types[usize::from(*kind)].lymphocyte.as_ref());
        usize::from(*s) < lymphocyte.map_or(1, |l| l.specificities.len().max(1))
    })?;
    each("cells/clone", &cells.clone, "a clone of the study", |c| {
        usize::from(*c) < model.clone_growth.len().max(1)
    })?;
    let shares = [
        ("cells/lysis_signal", &cells.lysis_signal),
        ("cells/cytokine_signal", &cells.cytokine_signal),
        ("cells/drive", &cells.drive),
        ("cells/checkpoint_signal", &cells.checkpoint_signal),
        ("cells/exhaustion", &cells.exhaustion),
        ("cells/receptors_shown", &cells.receptors_shown),
        ("cells/priming", &cells.priming),
    ];
    for (name, column) in shares {
        each(name, column, "a share from 0 to 1", |v| (0.0..=1.0).contains(v))?;
    }
    each("cells/receptors_made", &cells.receptors_made, "a number from 0 on", |v| {
        v.is_finite() && *v >= 0.0
    })?;
    each("cells/pd_l1", &cells.pd_l1, "a number from 0 on", |v| v.is_finite() && *v >= 0.0)?;
    each("cells/infected", &cells.infected, "a finite number", |v| v.is_finite())
}

fn vectors(section: &str, column: &[[f64; 3]], holds: impl FnMut(&[f64; 3]) -> bool) -> Result<(), Fault> {
    match column.iter().map(holds).position(|held| !held) {
        None => Ok(()),
        Some(row) => Err(Fault::value(section, row, &format!("{:?}", column[row]), "a finite vector")),
    }
}

/// Whether `holds` is true of every value; if not, names the first row where `needed` is not met.
fn each<T: ToString>(
    section: &str,
    column: &[T],
    needed: &'static str,
    holds: impl FnMut(&T) -> bool,
) -> Result<(), Fault> {
    match column.iter().map(holds).position(|held| !held) {
        None => Ok(()),
        Some(row) => Err(Fault::value(section, row, &column[row], needed)),
    }
}
