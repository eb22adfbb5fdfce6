//! From a study file to a lesion at its beginning: the model with every default filled in, and the cells.
//!
//! All that is wrong with a study is collected, each with its place in the file, before anything is refused.

use std::collections::BTreeSet;

use perforin_core::catalogue::{self, Ledger, Parameter};
use perforin_core::study::StudyFile;

use crate::cells::Cells;
use crate::model::{Model, Numerics};

mod antigens;
mod arrivals;
mod attack;
mod biology;
mod cell_types;
mod imported;
mod infiltrate;
mod outline;
mod packing;
mod placement;
mod schedule;
mod shape;
mod surroundings;

pub use attack::recognition::contacts;
pub use imported::ImportedCells;
pub use packing::hexagonal_ball;

/// A lesion at its beginning.
#[derive(Debug)]
pub struct Scenario {
    /// What never changes.
    pub model: Model,
    /// The cells at the start.
    pub cells: Cells,
    /// Every value that was used, and where it came from.
    pub ledger: Ledger,
    /// What the user should know before running the study.
    pub warnings: Vec<Problem>,
}

/// Something about a study that is wrong, or that its author should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Dotted path of the place in the study: `lesion.antigen.HER2.density`.
    pub path: String,
    /// What was found and what is accepted.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// Builds the lesion that a study describes; one that imports cells from a file is built by [`build_with`].
///
/// # Errors
/// Everything that is wrong with the study, in the order in which it was found.
pub fn build(study: &StudyFile) -> Result<Scenario, Vec<Problem>> {
    build_with(study, None)
}

/// Builds the lesion that a study describes, with the cells of the file that it names.
///
/// # Errors
/// Everything that is wrong with the study or the cells, in the order in which it was found.
pub fn build_with(study: &StudyFile, imported: Option<&ImportedCells>) -> Result<Scenario, Vec<Problem>> {
    let mut notes = Notes::default();
    let antigens = antigens::names(study);
    let imported = imported::of(study, imported, &mut notes);
    let shape = shape::Shape::of(study, imported, &mut notes);
    let names = cell_types::names(study, &mut notes);
    let substances = surroundings::substances(study, &shape, &names, &mut notes);
    let mut types = cell_types::types(study, &names, &antigens, &substances.names(), &mut notes);
    attack::arm(study, &shape.grid, &mut types, &antigens, &mut notes);
    let substance_names = substances.names();
    biology::Biology { study, antigens: &antigens, substances: &substance_names }
        .equip(&mut types, &mut notes);
    let numerics = numerics(study, &mut notes);
    let duration = notes.value(
        "study.duration",
        study.study.duration.map(|t| t.value()),
        &catalogue::scenario::DURATION,
    );
    let matrix = surroundings::matrix(study, &shape, &mut notes);
    let vessels = surroundings::vessels(study, &shape, &mut notes);
    let treatments = schedule::treatments(study, &types, duration, &mut notes);
    let clone_growth = antigens::clone_growth(study, &antigens, &mut notes);
    let mut model = Model {
        seed: study.study.seed,
        duration,
        grid: shape.grid.clone(),
        open_faces: shape.open_faces,
        ceiling: shape.ceiling,
        edge: shape.edge,
        oxygen: substances.oxygen(),
        slow: substances.slow,
        settled: substances.settled,
        substances: substances.list,
        antigens,
        types,
        arrivals: Vec::new(),
        traffic: None,
        vessels,
        matrix,
        matrix_change: surroundings::matrix_change(study, &shape, &mut notes),
        supplies: Vec::new(),
        treatments,
        chemokine: biology::chemokine(&substance_names),
        clone_growth,
        numerics,
    };
    model.supplies = schedule::supplies(study, &model, &mut notes);
    arrivals::plan(study, &shape, &mut model, &mut notes);
    notes.refuse()?;
    let cells = placement::place(study, &shape, &model, &mut notes);
    if cells.is_empty() {
        notes.wrong(
            "lesion",
            "the study has no cell to begin with",
            "give `diameter`, or a `placement` for a cell type",
        );
    }
    for kind in 0..model.types.len() {
        if let Some((rate, _)) = model.types[kind].renewal {
            let aim = cells.kind.iter().filter(|k| usize::from(**k) == kind).count() as u64;
            model.types[kind].renewal = Some((rate, aim));
        }
    }
    notes.refuse()?;
    Ok(Scenario { model, cells, ledger: notes.ledger, warnings: notes.warnings })
}

/// What is collected while a study is read.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// Every value that was used, and where it came from.
    pub ledger: Ledger,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// What the author should know.
    pub warnings: Vec<Problem>,
}

impl Notes {
    /// The study's value or the default; a value out of range is noted.
    pub fn value(&mut self, path: &str, given: Option<f64>, parameter: &'static Parameter) -> f64 {
        let value = self.ledger.resolve(path, given, parameter);
        if let Err(error) = parameter.check(value) {
            self.problems.push(Problem { path: path.into(), message: error.to_string(), help: None });
        }
        value
    }

    /// A value that only the study gives.
    pub fn given(&mut self, path: &str, value: f64, unit: &str, meaning: &str) -> f64 {
        self.ledger.record(path, value, unit, "the study", meaning);
        value
    }

    /// A share that only the study gives; one outside of 0 to 100 % is noted.
    pub fn share(&mut self, path: &str, value: f64, meaning: &str) -> f64 {
        if !(0.0..=1.0).contains(&value) {
            self.wrong(
                path,
                format!("{} % is not a share", 100.0 * value),
                "give a share from \"0 %\" to \"100 %\"",
            );
        }
        self.given(path, value, "1", meaning)
    }

    /// Notes what is wrong at a path, and what to do about it.
    pub fn wrong(&mut self, path: &str, message: impl Into<String>, help: impl Into<String>) {
        self.problems.push(Problem { path: path.into(), message: message.into(), help: Some(help.into()) });
    }

    /// Notes what the author should know about a path.
    pub fn warn(&mut self, path: &str, message: impl Into<String>, help: impl Into<String>) {
        self.warnings.push(Problem { path: path.into(), message: message.into(), help: Some(help.into()) });
    }

    /// Gives back all that is wrong, if anything is.
    ///
    /// # Errors
    /// If something is.
    pub fn refuse(&mut self) -> Result<(), Vec<Problem>> {
        if self.problems.is_empty() { Ok(()) } else { Err(std::mem::take(&mut self.problems)) }
    }
}

fn numerics(study: &StudyFile, notes: &mut Notes) -> Numerics {
    use catalogue::{fields, mechanics};
    let n = &study.numerics;
    let numerics = Numerics {
        phenotype_step: notes.value(
            "numerics.phenotype_step",
            n.phenotype_step.map(|t| t.value()),
            &mechanics::PHENOTYPE_STEP,
        ),
        field_step: notes.value("numerics.field_step", n.field_step.map(|t| t.value()), &fields::FIELD_STEP),
        field_tolerance: notes.value("numerics.field_tolerance", n.field_tolerance, &fields::FIELD_TOLERANCE),
        mechanics_tolerance: notes.value(
            "numerics.mechanics_tolerance",
            n.mechanics_tolerance.map(|l| l.value()),
            &mechanics::TOLERANCE,
        ),
    };
    if numerics.field_step > numerics.phenotype_step {
        notes.wrong(
            "numerics.field_step",
            format!(
                "{} min is longer than the phenotype step of {} min",
                numerics.field_step, numerics.phenotype_step
            ),
            "make `field_step` at most `phenotype_step`",
        );
    }
    numerics
}

/// The words of a set, for a message.
fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: BTreeSet<&str> = words.into_iter().collect();
    if words.is_empty() {
        return "none".to_owned();
    }
    words.into_iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(", ")
}
