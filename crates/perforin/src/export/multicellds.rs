//! `MultiCellDS` snapshots in the layout of `PhysiCell`: for every frame `outputNNNNNNNN.xml` with its cells, substances and
//! neighbours beside it, and the mesh in `initial_mesh0.mat`. Matrices are MAT files of level 4.
//!
//! Cells have `ID`, `position`, `total_volume`, `radius`, `cell_type`, `cycle_model`, `current_phase` and `dead` by
//! `PhysiCell`'s names and codes, the antigens by their own names (molecules per cell), and, where the run has them,
//! `oxygen_at_cell` (mmHg), `lytic_signal` and `exhaustion`. Neighbours are cells that touch. Frames hold neither
//! coefficients of substances, which are `nan`, nor which cells are attached to each other: that graph has no edges.

mod layout;
mod neighbours;

use std::path::Path;

use perforin_lesion::cells::Condition;
use perforin_lesion::storage::frames::Frame;

use super::{Course, make_folder, scalars};
use crate::failure::Failure;
use crate::files;

/// Name of the file with the mesh, which all frames share.
const MESH: &str = "initial_mesh0.mat";
/// `PhysiCell`'s numbers for cycle and death models (`PhysiCell_constants`).
const LIVE_CELLS: f64 = 5.0;
const APOPTOSIS: f64 = 100.0;
const NECROSIS: f64 = 101.0;

/// A row of the matrix of cells, or several that belong together.
struct Label {
    name: String,
    unit: String,
    /// For one cell after the other.
    values: Vec<f64>,
    /// Values for each cell.
    size: usize,
}

/// Writes the folder.
///
/// # Errors
/// If it cannot be written.
pub fn write(course: &Course, target: &Path) -> Result<(), Failure> {
    let folder = make_folder(target.to_owned())?;
    let save = |name: &str, bytes: &[u8]| files::write(&folder.join(name), bytes);
    save(MESH, &matrix("mesh", 4, &voxels(&course.frames[0], 0)))?;
    for (k, frame) in course.frames.iter().enumerate() {
        let name = format!("output{k:08}");
        let labels = labels(frame);
        let text = layout::snapshot(&course.title, frame, &name, &labels);
        save(&format!("{name}_cells.mat"), &cells(&labels, frame.id.len()))?;
        let rows = 4 + frame.fields.len();
        let substances = matrix("multiscale_microenvironment", rows, &voxels(frame, frame.fields.len()));
        save(&format!("{name}_microenvironment0.mat"), &substances)?;
        save(&format!("{name}_cell_neighbor_graph.txt"), neighbours::touching(frame).as_bytes())?;
        save(&format!("{name}_attached_cells_graph.txt"), neighbours::none(frame).as_bytes())?;
        save(&format!("{name}.xml"), text.as_bytes())?;
        if k == 0 {
            save("initial.xml", text.as_bytes())?;
        }
        if k + 1 == course.frames.len() {
            save("final.xml", text.as_bytes())?;
        }
    }
    Ok(())
}

/// A MAT file of level 4 with one matrix of little-endian doubles, given column after column.
fn matrix(name: &str, rows: usize, values: &[f64]) -> Vec<u8> {
    let columns = values.len().checked_div(rows).unwrap_or(0);
    let head = [0, rows as u32, columns as u32, 0, name.len() as u32 + 1];
    let mut bytes: Vec<u8> = head.iter().flat_map(|number| number.to_le_bytes()).collect();
    bytes.extend_from_slice(name.as_bytes());
    bytes.push(0);
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    bytes
}

/// Centre (µm), volume (µm³) and so many substances of every voxel, x fastest.
fn voxels(frame: &Frame, substances: usize) -> Vec<f64> {
    let ([nx, ny, nz], d) = (frame.grid.n, frame.grid.spacing);
    let mut values = Vec::with_capacity((4 + substances) * nx * ny * nz);
    for voxel in 0..nx * ny * nz {
        let place = [voxel % nx, voxel / nx % ny, voxel / (nx * ny)];
        values.extend((0..3).map(|axis| centre(frame, axis, place[axis])));
        values.push(d * d * d);
        values.extend(frame.fields[..substances].iter().map(|field| f64::from(field.value[voxel])));
    }
    values
}

/// Coordinate of the middle of a voxel, µm.
fn centre(frame: &Frame, axis: usize, place: usize) -> f64 {
    frame.grid.origin[axis] + (place as f64 + 0.5) * frame.grid.spacing
}

fn cells(labels: &[Label], cells: usize) -> Vec<u8> {
    let rows = labels.iter().map(|label| label.size).sum();
    let column = |cell: usize| {
        labels.iter().flat_map(move |label| &label.values[cell * label.size..(cell + 1) * label.size])
    };
    matrix("cells", rows, &(0..cells).flat_map(column).copied().collect::<Vec<_>>())
}

fn labels(frame: &Frame) -> Vec<Label> {
    let label =
        |name: &str, unit: &str, size, values| Label { name: name.into(), unit: unit.into(), values, size };
    let state = |f: &dyn Fn(u8) -> f64| frame.condition.iter().map(|c| f(*c)).collect::<Vec<f64>>();
    let volume = |r: &f64| 4.0 / 3.0 * std::f64::consts::PI * r * r * r;
    let mut labels = vec![
        label("ID", "none", 1, frame.id.iter().map(|id| *id as f64).collect()),
        label("position", "micron", 3, frame.position.iter().flatten().copied().collect()),
        label("total_volume", "cubic microns", 1, frame.radius.iter().map(volume).collect()),
        label("radius", "microns", 1, frame.radius.clone()),
        label("cell_type", "none", 1, frame.kind.iter().map(|kind| f64::from(*kind)).collect()),
        label("cycle_model", "none", 1, state(&model)),
        label("current_phase", "none", 1, state(&phase)),
        label("dead", "none", 1, state(&|c| f64::from(u8::from(c != Condition::Live as u8)))),
        // Readers of the layout ask for it; no cell here follows one substance by index.
        label("chemotaxis_index", "none", 1, vec![0.0; frame.id.len()]),
    ];
    for (name, unit, values) in scalars(frame) {
        let name = if name == "oxygen" { "oxygen_at_cell".to_owned() } else { name };
        labels.push(Label { name, unit: unit.into(), values, size: 1 });
    }
    labels
}

fn model(condition: u8) -> f64 {
    match Condition::from_number(condition) {
        Some(Condition::Apoptotic) => APOPTOSIS,
        Some(Condition::Swelling | Condition::Lysed) => NECROSIS,
        _ => LIVE_CELLS,
    }
}

/// `PhysiCell`'s number of a phase: live, apoptotic, necrotic swelling, necrotic lysed.
fn phase(condition: u8) -> f64 {
    match Condition::from_number(condition) {
        Some(Condition::Apoptotic) => 100.0,
        Some(Condition::Swelling) => 101.0,
        Some(Condition::Lysed) => 102.0,
        _ => 14.0,
    }
}
