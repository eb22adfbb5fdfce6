//! Checkpoints: the exact state of a lesion, from which a run goes on with the same bits.
//!
//! A checkpoint is a [container](super::container) of the kind `checkpoint` with plain sections, so that it can
//! be opened in any language, but it is only resumed by the version of Perforin that wrote it and for the study
//! that it belongs to.
//!
//! | section | values | meaning |
//! |---|---|---|
//! | `time`, `last_mechanics_step` | f64 | min |
//! | `step`, `mechanics_step` | u32 | steps done |
//! | `next_id` | u64 | identity of the next cell |
//! | `tally` | types × events × causes × u64 | events so far, in the order of [`EventKind::ALL`] and [`Cause::ALL`] |
//! | `budget` | types × entries × f64 | where effort went, in the order of [`Entry::ALL`](crate::budget::Entry::ALL) |
//! | `past` | types × 8 × u64 | how far cleared cells came ([`Reached`](crate::budget::Reached)) |
//! | `matrix` | voxels × f32 | share of space that matrix fills; empty without matrix |
//! | `exchanged` | substances × 5 × f64 | what was exchanged of each so far ([`Exchange`]), in the order of its fields |
//! | `activity` | f64 | product cells times cytokine signal times time, cell·min |
//! | `beside` | f64 | exchanges with a patient so far; empty without one |
//! | `cells/` and a name | a value for each cell | the columns of [`Cells`]; vectors as 3 × f64; `cells/density` one f32 for each cell and antigen |
//! | `field/` and a name | voxels × f64 | a substance, x fastest |
//!
//! `meta` holds the [`Identity`] and, for the reader's convenience, the number of cells.

mod validate;

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::atomic::WriteError;
use super::container::{Container, Fault, Packing, ReadError, Writer};
use crate::cells::{Cells, ColumnSource, ColumnVisitor, Stored};
use crate::events::{Cause, EventKind};
use crate::fields::{Exchange, Field};
use crate::lesion::State;
use crate::model::Model;

/// What a checkpoint says that it is.
const KIND: &str = "checkpoint";

/// What a checkpoint belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Version of Perforin.
    pub version: String,
    /// Digest of the study: of its text and of the format that the text is in.
    pub study: String,
}

/// The description in the header.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Meta<'a> {
    identity: Cow<'a, Identity>,
    cells: usize,
}

/// Why a run cannot go on from a checkpoint.
#[derive(Debug, Error)]
pub enum CheckpointError {
    /// The file cannot be read, was altered, or does not hold a state of this model.
    #[error(transparent)]
    File(#[from] ReadError),
    /// It was written by another version.
    #[error(
        "{}: was written by Perforin {written}, and this is Perforin {running}, whose steps may differ: resume it \
         with Perforin {written}, or run the study anew",
        path.display()
    )]
    OtherVersion {
        /// The file.
        path: PathBuf,
        /// Version that wrote it.
        written: String,
        /// Version that is to resume it.
        running: String,
    },
    /// It belongs to another study.
    #[error(
        "{}: belongs to the study with the digest {written}, and this study has {given}: resume it with the study \
         file that the run was started with, or run this study in a folder of its own",
        path.display()
    )]
    OtherStudy {
        /// The file.
        path: PathBuf,
        /// Digest of the study that it belongs to.
        written: String,
        /// Digest of the study that was given.
        given: String,
    },
}

/// Replaces the checkpoint at `path` by `state`.
///
/// # Errors
/// If the file cannot be written; an older checkpoint is then untouched.
pub fn write(path: &Path, state: &State, identity: &Identity) -> Result<(), WriteError> {
    let mut writer = Writer::new(KIND);
    let mut add = SectionWriter { writer: &mut writer, prefix: "" };
    add.column("time", &[state.time]);
    add.column("last_mechanics_step", &[state.last_mechanics_step]);
    add.column("step", &[state.step]);
    add.column("mechanics_step", &[state.mechanics_step]);
    add.column("next_id", &[state.next_id]);
    add.column("tally", state.tally.as_flattened().as_flattened());
    add.column("budget", state.budget.as_flattened());
    add.column("past", state.past.as_flattened());
    add.column("matrix", &state.matrix);
    let exchanged: Vec<[f64; 5]> = state.exchanged.iter().map(numbers_of).collect();
    add.column("exchanged", exchanged.as_flattened());
    add.column("activity", &[state.activity]);
    add.column("beside", &state.beside);
    state.cells.visit_columns(&mut SectionWriter { writer: &mut writer, prefix: "cells/" });
    let mut add = SectionWriter { writer: &mut writer, prefix: "field/" };
    for field in &state.fields {
        add.column(&field.substance.name, &field.value);
    }
    writer.write(path, &Meta { identity: Cow::Borrowed(identity), cells: state.cells.len() })
}

/// Reads the state of `model` from the checkpoint at `path`, bit by bit as it was written.
///
/// # Errors
/// If the file cannot be read or was altered in any byte, if it was written by another version or for another
/// study, or if it does not hold a state of this model.
pub fn read(path: &Path, model: &Model, identity: &Identity) -> Result<State, CheckpointError> {
    state(&Container::open(path, KIND)?, model, identity)
}

/// The same from the bytes of a file; `path` is named in errors.
///
/// # Errors
/// As of [`read`].
pub fn from_bytes(
    path: &Path,
    bytes: Vec<u8>,
    model: &Model,
    identity: &Identity,
) -> Result<State, CheckpointError> {
    state(&Container::from_bytes(path, bytes, KIND)?, model, identity)
}

fn state(file: &Container, model: &Model, identity: &Identity) -> Result<State, CheckpointError> {
    let meta: Meta = file.meta()?;
    check_identity(file.path(), &meta.identity, identity)?;
    let mut columns = SectionReader { file, prefix: "cells/" };
    let state = State {
        time: scalar(file, "time")?,
        last_mechanics_step: scalar(file, "last_mechanics_step")?,
        step: scalar(file, "step")?,
        mechanics_step: scalar(file, "mechanics_step")?,
        next_id: scalar(file, "next_id")?,
        tally: rows(file, "tally", model)?
            .into_iter()
            .map(|row: [u64; KINDS * CAUSES]| {
                std::array::from_fn(|k| std::array::from_fn(|c| row[k * CAUSES + c]))
            })
            .collect(),
        budget: rows(file, "budget", model)?,
        past: rows(file, "past", model)?,
        matrix: matrix(file, model)?,
        exchanged: exchanged(file, model)?,
        activity: scalar(file, "activity")?,
        beside: values(file, "beside")?,
        cells: Cells::from_columns(model.antigens.len(), &mut columns)?,
        fields: fields(file, model)?,
    };
    validate::state(&state, model).map_err(|fault| file.refuse(fault))?;
    Ok(state)
}

fn check_identity(path: &Path, written: &Identity, given: &Identity) -> Result<(), CheckpointError> {
    if written.version != given.version {
        return Err(CheckpointError::OtherVersion {
            path: path.to_path_buf(),
            written: written.version.clone(),
            running: given.version.clone(),
        });
    }
    if written.study != given.study {
        return Err(CheckpointError::OtherStudy {
            path: path.to_path_buf(),
            written: written.study.clone(),
            given: given.study.clone(),
        });
    }
    Ok(())
}

fn scalar<T: Stored>(file: &Container, name: &str) -> Result<T, ReadError> {
    let values = values::<T>(file, name)?;
    match values[..] {
        [value] => Ok(value),
        _ => Err(file.refuse(Fault::count(name, 1, values.len() as u64))),
    }
}

/// Numbers of kinds of events and of their causes.
const KINDS: usize = EventKind::ALL.len();
const CAUSES: usize = Cause::ALL.len();

/// A section with `N` values for each cell type.
fn rows<T: Stored, const N: usize>(
    file: &Container,
    name: &str,
    model: &Model,
) -> Result<Vec<[T; N]>, ReadError> {
    let values = values::<T>(file, name)?;
    let (rows, rest) = values.as_chunks();
    if rest.is_empty() && rows.len() == model.types.len() {
        Ok(rows.to_vec())
    } else {
        let expected = (model.types.len() * N) as u64;
        Err(file.refuse(Fault::count(name, expected, values.len() as u64)))
    }
}

fn matrix(file: &Container, model: &Model) -> Result<Vec<f32>, ReadError> {
    let matrix = values::<f32>(file, "matrix")?;
    if matrix.len() == model.matrix.len() {
        Ok(matrix)
    } else {
        Err(file.refuse(Fault::count("matrix", model.matrix.len() as u64, matrix.len() as u64)))
    }
}

fn fields(file: &Container, model: &Model) -> Result<Vec<Field>, ReadError> {
    let field = |substance: &crate::fields::Substance| {
        let name = format!("field/{}", substance.name);
        let value = values::<f64>(file, &name)?;
        let voxels = model.grid.len();
        if value.len() != voxels {
            return Err(file.refuse(Fault::count(&name, voxels as u64, value.len() as u64)));
        }
        Ok(Field { value, ..Field::new(substance.clone(), &model.grid) })
    };
    model.substances.iter().map(field).collect()
}

fn numbers_of(exchange: &Exchange) -> [f64; 5] {
    let Exchange { change, added, entered, decayed, taken_up } = *exchange;
    [change, added, entered, decayed, taken_up]
}

fn exchanged(file: &Container, model: &Model) -> Result<Vec<Exchange>, ReadError> {
    let values = values::<f64>(file, "exchanged")?;
    let (rows, rest) = values.as_chunks::<5>();
    if !rest.is_empty() || rows.len() != model.substances.len() {
        let expected = 5 * model.substances.len() as u64;
        return Err(file.refuse(Fault::count("exchanged", expected, values.len() as u64)));
    }
    let exchange = |[change, added, entered, decayed, taken_up]: &[f64; 5]| Exchange {
        change: *change,
        added: *added,
        entered: *entered,
        decayed: *decayed,
        taken_up: *taken_up,
    };
    Ok(rows.iter().map(exchange).collect())
}

fn values<T: Stored>(file: &Container, name: &str) -> Result<Vec<T>, ReadError> {
    Ok(file.section(name, T::SIZE)?.chunks_exact(T::SIZE).map(T::read).collect())
}

/// Turns columns into sections whose names begin with `prefix`.
struct SectionWriter<'a> {
    writer: &'a mut Writer,
    prefix: &'static str,
}

impl ColumnVisitor for SectionWriter<'_> {
    fn column<T: Stored>(&mut self, name: &str, values: &[T]) {
        let mut bytes = Vec::with_capacity(std::mem::size_of_val(values));
        for value in values {
            value.write(&mut bytes);
        }
        self.writer.add(&format!("{}{name}", self.prefix), T::SIZE, bytes, Packing::Plain);
    }
}

/// Turns sections whose names begin with `prefix` into columns.
struct SectionReader<'a> {
    file: &'a Container,
    prefix: &'static str,
}

impl ColumnSource for SectionReader<'_> {
    type Error = ReadError;

    fn column<T: Stored>(&mut self, name: &str) -> Result<Vec<T>, ReadError> {
        values(self.file, &format!("{}{name}", self.prefix))
    }
}
