//! Cells of an `AnnData` file.

use std::path::Path;

use perforin_atlas::read::{MatrixChoice, spatial};
use perforin_core::study::scene::ImportSection;

use super::{ImportError, RawCell, TYPE_COLUMN};

/// The cells of an `AnnData` file, and the number of their coordinates.
pub(super) fn read(section: &ImportSection, path: &Path) -> Result<(Vec<RawCell>, usize), ImportError> {
    let choice = match section.matrix.as_deref() {
        None => MatrixChoice::Main,
        Some("raw") => MatrixChoice::Raw,
        Some(layer) => MatrixChoice::Layer(layer.into()),
    };
    let label = section.type_column.as_deref().unwrap_or(TYPE_COLUMN);
    let genes: Vec<&str> = section.antigen.values().map(|antigen| antigen.from.as_str()).collect();
    let file = spatial(path, label, &genes, &choice)?;
    let rows = file.coordinates.chunks_exact(file.dimensions).zip(&file.cells).enumerate();
    let cell = |(i, (row, name)): (usize, (&[f64], &String))| {
        let mut coordinates = [0.0; 3];
        coordinates[..file.dimensions].copy_from_slice(row);
        RawCell {
            place: format!("cell {name:?}"),
            label: file.label.get(i).unwrap_or_default().to_owned(),
            coordinates,
            values: file.values.iter().map(|values| values[i]).collect(),
        }
    };
    Ok((rows.map(cell).collect(), file.dimensions))
}
