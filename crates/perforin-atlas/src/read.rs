//! Reading atlases: one interface over the file formats in use.
//!
//! A matrix is never held in memory. Its genes, cell names and labels are read first; then its values pass once
//! through a [`Sink`], which keeps one bit per candidate gene, cell and threshold.

mod compressed;
mod frame;
mod h5ad;
mod hdf5;
mod labels;
mod mtx;
mod reading;
mod sink;
mod spatial;
mod table;
mod tenx;
pub(crate) mod text;

use std::path::{Path, PathBuf};

use crate::error::{AtlasError, Result};
use crate::synthetic::Synthetic;

pub use labels::LabelFile;
pub use reading::Reading;
pub use sink::Sink;
pub use spatial::{Spatial, spatial};

/// A gene as a file names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gene {
    /// The symbol, or whatever name the file has.
    pub symbol: String,
    /// The Ensembl identifier, where the file gives one beside the symbol.
    pub id: Option<String>,
}

/// A label of every cell: `levels[codes[cell]]`, or nothing where the code is [`Column::MISSING`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// The distinct labels.
    pub levels: Vec<String>,
    /// One code per cell.
    pub codes: Vec<u32>,
}

impl Column {
    /// The code of a cell without a label.
    pub const MISSING: u32 = u32::MAX;

    /// Collects labels; equal labels share a level, and levels are in order of first appearance.
    pub fn collect<S: Into<String>>(labels: impl IntoIterator<Item = Option<S>>) -> Self {
        let mut seen = std::collections::BTreeMap::new();
        let mut column = Self::default();
        for label in labels {
            let code = match label.map(Into::into) {
                None => Self::MISSING,
                Some(label) => *seen.entry(label).or_insert_with_key(|label: &String| {
                    column.levels.push(label.clone());
                    column.levels.len() as u32 - 1
                }),
            };
            column.codes.push(code);
        }
        column
    }

    /// The label of a cell.
    pub fn get(&self, cell: usize) -> Option<&str> {
        self.levels.get(*self.codes.get(cell)? as usize).map(String::as_str)
    }
}

/// Which matrix of an `AnnData` file is read; other formats hold only one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum MatrixChoice {
    /// The main matrix, `X`.
    #[default]
    Main,
    /// `raw/X`, with the genes of `raw/var`.
    Raw,
    /// A layer by name.
    Layer(String),
    /// No file at all: counts that are drawn.
    Generated(Synthetic),
}

/// An open expression matrix with its genes, cells and cell labels.
pub trait Matrix {
    /// The file or folder.
    fn path(&self) -> &Path;
    /// The place of the values inside the file, for messages.
    fn inside(&self) -> String;
    /// The genes, in file order.
    fn genes(&self) -> &[Gene];
    /// The names of the cells, in file order.
    fn cells(&self) -> &[String];
    /// The names of the cell labels that the file holds.
    fn columns(&self) -> Vec<String>;
    /// A cell label by name.
    ///
    /// # Errors
    /// [`AtlasError::MissingColumn`] if there is none of that name, or an error of the format.
    fn column(&self, name: &str) -> Result<Column>;
    /// Passes every non-zero value to the sink, in file order, until `stop` says so.
    ///
    /// # Errors
    /// An error of the format.
    fn stream(&self, sink: &mut Sink, stop: &Stop) -> Result<()>;
}

/// Told now and then the share of a file that was read; once it returns true, no more is.
pub type Stop<'a> = dyn Fn(f64) -> bool + Sync + 'a;

/// Opens an atlas; the format is recognised by content for HDF5 and by name for text.
///
/// # Errors
/// [`AtlasError::UnknownFormat`] if the format is not recognised, or an error of the format.
pub fn open(path: &Path, choice: &MatrixChoice) -> Result<Box<dyn Matrix>> {
    if let MatrixChoice::Generated(atlas) = choice {
        return Ok(Box::new(atlas.open()));
    }
    let metadata = std::fs::metadata(path).map_err(|source| io(path, source))?;
    if metadata.is_dir() {
        return Ok(Box::new(mtx::Mtx::open(path)?));
    }
    let name = path.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
    let stem = name.strip_suffix(".gz").unwrap_or(&name);
    let ends = |suffixes: &[&str]| suffixes.iter().any(|s| stem.ends_with(s));
    if hdf5_pure::is_hdf5(path).map_err(|source| io(path, source))? {
        return hdf5::open(path, choice);
    }
    if ends(&[".mtx"]) {
        return Ok(Box::new(mtx::Mtx::open(path)?));
    }
    if ends(&[".csv", ".tsv", ".txt", ".tab", ".matrix"]) {
        return Ok(Box::new(table::Table::open(path)?));
    }
    Err(AtlasError::UnknownFormat { path: path.into() })
}

fn io(path: &Path, source: std::io::Error) -> AtlasError {
    AtlasError::Io { path: path.into(), source }
}

fn unexpected(
    path: &Path,
    inside: impl Into<String>,
    expected: impl Into<String>,
    found: impl Into<String>,
) -> AtlasError {
    AtlasError::Unexpected {
        path: PathBuf::from(path),
        inside: inside.into(),
        expected: expected.into(),
        found: found.into(),
    }
}
