//! Cells of an `AnnData` file with their places: `obsm["spatial"]`, a label of `obs`, and the values of a few genes.

use std::path::Path;

use super::frame::Frame;
use super::h5ad::H5ad;
use super::hdf5::Store;
use super::{Column, Gene, Matrix, MatrixChoice, Reading, Sink};
use crate::error::{AtlasError, Result};

/// Where the coordinates are.
const COORDINATES: &str = "obsm/spatial";

/// Cells with their places, in file order.
#[derive(Clone, Debug, PartialEq)]
pub struct Spatial {
    /// Names of the cells.
    pub cells: Vec<String>,
    /// Number of coordinates of each cell, 2 or 3.
    pub dimensions: usize,
    /// Coordinates, cell by cell, in the file's unit; not checked for being numbers.
    pub coordinates: Vec<f64>,
    /// The label of each cell.
    pub label: Column,
    /// For each gene asked for, one value per cell.
    pub values: Vec<Vec<f64>>,
}

/// Reads places, a label and the values of some genes, each given by symbol or Ensembl identifier.
///
/// # Errors
/// [`AtlasError::Missing`] without coordinates or a gene, [`AtlasError::MissingColumn`] without the label,
/// [`AtlasError::Unexpected`] if lengths disagree, [`AtlasError::Value`] for a value that is no expression level, or an
/// error of the format.
pub fn spatial(path: &Path, label: &str, genes: &[&str], choice: &MatrixChoice) -> Result<Spatial> {
    let store = Store::open(path)?;
    let obs = Frame::open(&store, "obs")?;
    let label = obs.column(&store, label)?;
    let dataset = store.dataset(COORDINATES)?;
    let [rows, dimensions] = store.shape(&dataset, COORDINATES)?;
    if rows != obs.index.len() as u64 {
        let expected = format!("{} rows, as obs has", obs.index.len());
        return Err(store.unexpected(COORDINATES, expected, rows.to_string()));
    }
    if !(2..=3).contains(&dimensions) {
        return Err(store.unexpected(
            COORDINATES,
            "2 or 3 coordinates for each cell",
            dimensions.to_string(),
        ));
    }
    let coordinates = store.floats(COORDINATES)?;
    if coordinates.len() as u64 != rows * dimensions {
        let expected = format!("{} values", rows * dimensions);
        return Err(store.unexpected(COORDINATES, expected, coordinates.len().to_string()));
    }
    let cells = obs.index;
    let values = if genes.is_empty() { Vec::new() } else { gather(store, genes, choice)? };
    Ok(Spatial { cells, dimensions: dimensions as usize, coordinates, label, values })
}

/// The values of some genes in all cells.
fn gather(store: Store, names: &[&str], choice: &MatrixChoice) -> Result<Vec<Vec<f64>>> {
    let matrix = H5ad::open(store, choice)?;
    let mut rows = vec![Sink::SKIP; matrix.genes().len()];
    let mut row_of = Vec::with_capacity(names.len());
    let mut kept = 0;
    for name in names {
        let is_it = |gene: &Gene| gene.symbol == *name || gene.id.as_deref() == Some(*name);
        let Some(at) = matrix.genes().iter().position(is_it) else {
            let found = matrix.genes().iter().map(|g| g.symbol.clone()).collect();
            return Err(AtlasError::Missing {
                path: matrix.path().into(),
                inside: format!("the gene '{name}'"),
                found,
            });
        };
        // A gene may be asked for twice.
        if rows[at] == Sink::SKIP {
            rows[at] = kept;
            kept += 1;
        }
        row_of.push(rows[at] as usize);
    }
    let mut sink = Sink::collect(&rows, kept as usize, matrix.cells().len());
    Reading::new(std::iter::once(&matrix as &dyn Matrix), 1, &|_| false).pass(&matrix, &mut sink)?;
    let gathered = sink.values();
    Ok(row_of.into_iter().map(|row| gathered[row].clone()).collect())
}
