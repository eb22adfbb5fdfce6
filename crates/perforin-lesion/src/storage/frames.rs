//! Frames: the lesion at one time, small enough to keep hundreds of, for pictures and exporters.
//!
//! A frame is a [container](super::container) of the kind `frame`. It is not exact; a [checkpoint] is.
//!
//! # Sections
//! Cells are in the order of their identities. `n` is the number of cells; every section is packed with `deflate`.
//!
//! | section | values | meaning |
//! |---|---|---|
//! | `id` | bytes | identity minus the previous identity minus 1 (the first: itself), each as LEB128: 7 bits per byte, lowest first, the top bit set if more follow |
//! | `kind` | `n` × u8 | place in `meta.types` |
//! | `condition` | `n` × u8 | bits 0–6: place in `meta.conditions`; bit 7: holds another cell in a synapse |
//! | `x`, `y`, `z` | `n` × u16 each | code of the coordinate on the scale `meta.box[axis]` |
//! | `radius` | `n` × u16 | code on the scale `meta.radius` |
//! | `density` | antigens × `n` × u8 | for one antigen of `meta.antigens` after the other, code on its logarithmic scale |
//! | `lysis` | `n` × u8 | strongest lytic signal that any attacking type reads on the cell, 0 to 1; if there is one |
//! | `exhaustion` | `n` × u8 | exhaustion, 0 to 1 (0 for cells that know none); if any type exhausts |
//! | `oxygen` | `n` × u8 | oxygen at the cell on the scale `meta.oxygen`; if oxygen is simulated |
//! | `field/0`, … | voxels × f32 | values of `meta.fields[0]`, …, x fastest; if asked for |
//!
//! # Scales
//! Code `k` of `K` = 255 or 65535 on a scale with `low` and `high` is `low + (high − low)·k/K`. On a logarithmic
//! scale 0 is zero and `k` from 1 is `low·(high/low)^((k − 1)/254)`. Half a step is what a value can be off:
//!
//! | quantity | off by at most | example |
//! |---|---|---|
//! | coordinate | 1/131070 of the box's edge | 0.011 µm in 1.5 mm |
//! | radius | 1/131070 of the largest radius | 0.0001 µm of 12 µm |
//! | density | factor `(high/low)^(1/508)`, never above 1.037; below `high`·10⁻⁸ counts as 0 | 1.4 % over a 1,300-fold range |
//! | lytic signal, exhaustion | 1/510 | |
//! | oxygen | 1/510 of the frame's range | 0.07 mmHg of 38 mmHg |
//!
//! # Description (`meta`)
//! `step` and `time` (min); `cells`, their number; `types` with `name` and `role`; `conditions`, names in the order
//! of [`Condition`](crate::cells::Condition); `antigens` with `name`, `low` and `high` (molecules per cell); `box`,
//! for x, y and z, `low` and `high` (µm), which hold the grid and all cells; `radius` with `low` and `high` (µm);
//! `lysis` and `exhaustion`, whether there are such sections; `oxygen` with `low` and `high` (mmHg) or null; `grid` with `origin`
//! (µm), `n` and `spacing` (µm); `fields` with `name` and `unit`.
//!
//! [checkpoint]: super::checkpoint

mod decode;
mod encode;
mod meta;
mod scale;

use std::path::Path;

use super::atomic::WriteError;
use super::container::{Container, ReadError, Writer};
use crate::cells::UNBOUND;
use crate::grid::Grid;
use crate::lesion::State;
use crate::model::{Model, Role};
use crate::senses::Senses;

/// What a frame says that it is.
const KIND: &str = "frame";

/// The lesion at one time. Columns have one value per cell, in the order of identities.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Time, min.
    pub time: f64,
    /// Phenotype steps done.
    pub step: u32,
    /// The box and its voxels.
    pub grid: Grid,
    /// Names and roles of the cell types.
    pub types: Vec<(String, Role)>,
    /// Names of the antigens.
    pub antigens: Vec<String>,
    /// Identity, ascending.
    pub id: Vec<u64>,
    /// Place of the cell's type in `types`.
    pub kind: Vec<u8>,
    /// [`Condition`](crate::cells::Condition) as a number.
    pub condition: Vec<u8>,
    /// Whether the cell holds another one in a synapse.
    pub bound: Vec<bool>,
    /// Position of the centre, µm.
    pub position: Vec<[f64; 3]>,
    /// Radius, µm.
    pub radius: Vec<f64>,
    /// Densities of the antigens, molecules per cell: for one antigen after the other, a value for each cell.
    pub density: Vec<f32>,
    /// Strongest lytic signal that any attacking type reads on the cell, 0 to 1; none if no type attacks.
    pub lysis: Option<Vec<f64>>,
    /// Exhaustion, 0 to 1; none if no type exhausts.
    pub exhaustion: Option<Vec<f64>>,
    /// Oxygen at the cell, mmHg; none if it is not simulated.
    pub oxygen: Option<Vec<f64>>,
    /// Substances on the grid; empty unless asked for.
    pub fields: Vec<FrameField>,
}

/// A substance on the grid.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameField {
    /// Name.
    pub name: String,
    /// Unit of the values.
    pub unit: String,
    /// Value in each voxel, x fastest.
    pub value: Vec<f32>,
}

impl Frame {
    /// The present frame of a lesion, with the substances on the grid if `with_fields`.
    pub fn of(model: &Model, state: &State, with_fields: bool) -> Self {
        let cells = &state.cells;
        let mut order: Vec<usize> = (0..cells.len()).collect();
        order.sort_unstable_by_key(|&i| cells.id[i]);
        let each = |f: &dyn Fn(usize) -> f64| -> Vec<f64> { order.iter().map(|&i| f(i)).collect() };
        let density = |antigen: usize| order.iter().map(move |&i| cells.densities(i)[antigen]);
        let attackers: Vec<usize> =
            (0..model.types.len()).filter(|k| model.types[*k].attack.is_some()).collect();
        let mut senses = Senses::default();
        senses.take(model, cells, &state.fields, state.time);
        let exhausts =
            model.types.iter().filter_map(|t| t.lymphocyte.as_ref()).any(|l| l.exhaustion.is_some());
        let oxygen = model.oxygen.and_then(|place| state.fields.get(place));
        Self {
            time: state.time,
            step: state.step,
            grid: model.grid.clone(),
            types: model.types.iter().map(|t| (t.name.clone(), t.role)).collect(),
            antigens: model.antigens.clone(),
            id: order.iter().map(|&i| cells.id[i]).collect(),
            kind: order.iter().map(|&i| cells.kind[i]).collect(),
            condition: order.iter().map(|&i| cells.condition[i]).collect(),
            bound: order.iter().map(|&i| cells.bond[i] != UNBOUND).collect(),
            position: order.iter().map(|&i| cells.position[i]).collect(),
            radius: each(&|i| cells.radius[i]),
            density: (0..cells.antigens()).flat_map(density).collect(),
            lysis: (!attackers.is_empty())
                .then(|| each(&|i| attackers.iter().map(|k| senses.strongest(*k, i)).fold(0.0, f64::max))),
            exhaustion: exhausts.then(|| each(&|i| f64::from(cells.exhaustion[i]))),
            oxygen: oxygen.map(|field| each(&|i| field.value_at(&model.grid, cells.position[i]))),
            fields: if with_fields { fields(state) } else { Vec::new() },
        }
    }

    /// Replaces the file at `path` by this frame.
    ///
    /// # Errors
    /// If the file cannot be written; an older file is then untouched.
    pub fn write(&self, path: &Path) -> Result<(), WriteError> {
        let (writer, meta) = self.encode();
        writer.write(path, &meta)
    }

    /// Reads a frame, within the error of its scales.
    ///
    /// # Errors
    /// If the file cannot be read, was altered, or is not a frame.
    pub fn read(path: &Path) -> Result<Self, ReadError> {
        decode::frame(&Container::open(path, KIND)?)
    }

    /// The same from the bytes of a file; `path` is named in errors.
    ///
    /// # Errors
    /// As of [`Frame::read`].
    pub fn from_bytes(path: &Path, bytes: Vec<u8>) -> Result<Self, ReadError> {
        decode::frame(&Container::from_bytes(path, bytes, KIND)?)
    }

    fn encode(&self) -> (Writer, meta::Meta) {
        let meta = encode::meta(self);
        (encode::sections(self, &meta), meta)
    }
}

fn fields(state: &State) -> Vec<FrameField> {
    state
        .fields
        .iter()
        .map(|field| FrameField {
            name: field.substance.name.clone(),
            unit: field.substance.unit.clone(),
            value: field.value.iter().map(|v| *v as f32).collect(),
        })
        .collect()
}
