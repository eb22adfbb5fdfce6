//! Cells whose types and positions come from a file: `[lesion.import]`.
//!
//! | file | coordinates | types | antigens |
//! |---|---|---|---|
//! | table, .csv or .tsv, also .gz | columns `x`, `y`, perhaps `z` | a column | columns |
//! | `AnnData`, .h5ad | `obsm["spatial"]` | a column of `obs` | genes of a matrix |

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use perforin_atlas::AtlasError;
use perforin_core::study::scene::ImportSection;
use perforin_lesion::scenario::{ImportedCells, Problem};

mod anndata;
mod table;
#[cfg(test)]
mod tests;

/// Name of the column of types where a study names none.
const TYPE_COLUMN: &str = "type";

/// Why the cells of a file cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be opened or read.
    #[error("cannot read `{}`: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The name of the file ends like none that is read.
    #[error("`{}` is neither a table (.csv, .tsv, also .gz) nor an AnnData file (.h5ad)", path.display())]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// A line of a table is broken.
    #[error("`{}`: {source}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The cause, with the line.
        source: csv::Error,
    },
    /// A column that is needed is missing, or there twice.
    #[error("`{}` has {found} columns `{column}` for {purpose}; its columns are {}", path.display(), listed(columns))]
    Column {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// How many there are.
        found: usize,
        /// What it is needed for.
        purpose: &'static str,
        /// The columns that are there.
        columns: Vec<String>,
    },
    /// A field is not a number, or not one that can be used.
    #[error("`{}`, {place}, `{column}`: {found:?} is not {expected}", path.display())]
    Number {
        /// The file.
        path: PathBuf,
        /// The line or the cell.
        place: String,
        /// The column or gene.
        column: String,
        /// What stands there.
        found: String,
        /// What is accepted.
        expected: &'static str,
    },
    /// Names in the column of types that the study does not mention.
    #[error("`{}` has cell types that `types` does not mention: {}", path.display(), counted(names))]
    UnknownTypes {
        /// The file.
        path: PathBuf,
        /// The names, each with its number of cells.
        names: BTreeMap<String, usize>,
    },
    /// The file's coordinates are not as many as the study says.
    #[error(
        "`{}` has {found} coordinates for each cell, {}", path.display(),
        if *found == 2 { "but the study gives no `thickness`" } else { "but the study gives a `thickness`" }
    )]
    Dimensions {
        /// The file.
        path: PathBuf,
        /// Number of coordinates, 2 or 3.
        found: usize,
    },
    /// An `AnnData` file cannot be read.
    #[error("{0}")]
    AnnData(#[from] AtlasError),
}

impl ImportError {
    /// The key of the study that the error is about, and what to do about it.
    fn remedy(&self) -> (&'static str, &'static str) {
        match self {
            Self::Unreadable { .. } => ("file", "check the name; it is taken from the folder of the study"),
            Self::UnknownFormat { .. } => ("file", "give it the ending of its format"),
            Self::Line { .. } => ("file", "give every line as many fields as the header"),
            Self::Column { .. } | Self::Number { .. } => ("file", "correct the file, or name another column"),
            Self::UnknownTypes { .. } => (
                "types",
                "write one line for each, such as \"Tumour cell\" = \"tumour\"; \"none\" leaves cells out",
            ),
            Self::Dimensions { found: 2, .. } => {
                ("thickness", "write thickness = \"20 µm\" for a single layer of cells")
            }
            Self::Dimensions { .. } => ("thickness", "leave it out: z says how thick the tissue is"),
            Self::AnnData(AtlasError::Missing { .. }) => {
                ("file", "an .h5ad needs `obsm[\"spatial\"]`, and the genes that antigens come from")
            }
            Self::AnnData(AtlasError::MissingColumn { .. }) => {
                ("type_column", "name one of the columns of `obs`")
            }
            Self::AnnData(AtlasError::Value { .. }) => {
                ("matrix", "give matrix = \"raw\" or a layer of counts")
            }
            Self::AnnData(_) => ("file", "write the file anew"),
        }
    }

    /// The error at its place in the study.
    pub fn problem(&self) -> Problem {
        let (key, help) = self.remedy();
        Problem { path: format!("lesion.import.{key}"), message: self.to_string(), help: Some(help.into()) }
    }
}

/// A cell as a file has it.
struct RawCell {
    /// Line or cell, for messages.
    place: String,
    /// Its type in the file; empty for none.
    label: String,
    /// Its coordinates, in the file's unit; two or three.
    coordinates: [f64; 3],
    /// Values of the antigens, in the study's order of names, in the file's unit.
    values: Vec<f64>,
}

/// Reads the cells that a study imports from the file at `path`.
///
/// # Errors
/// If the file cannot be read, or does not hold what the study says, with the file, the place in it and the remedy.
pub fn read(section: &ImportSection, path: &Path) -> Result<ImportedCells, ImportError> {
    let name = path.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
    let stem = name.strip_suffix(".gz").unwrap_or(&name);
    let (cells, dimensions) = match stem.rsplit('.').next() {
        Some("h5ad") => anndata::read(section, path)?,
        Some("csv") => table::read(section, path, b',')?,
        Some("tsv") => table::read(section, path, b'\t')?,
        _ => return Err(ImportError::UnknownFormat { path: path.into() }),
    };
    if (dimensions == 2) != section.thickness.is_some() {
        return Err(ImportError::Dimensions { path: path.into(), found: dimensions });
    }
    gather(section, path, &cells)
}

/// The cells with the study's names and units.
fn gather(section: &ImportSection, path: &Path, cells: &[RawCell]) -> Result<ImportedCells, ImportError> {
    refuse_unknown_types(section, path, cells)?;
    let kept = section.types.values().filter(|name| *name != ImportSection::LEFT_OUT);
    let types: BTreeSet<&String> = kept.collect();
    let mut imported = ImportedCells {
        types: types.iter().map(|name| (*name).clone()).collect(),
        antigens: section.antigen.keys().cloned().collect(),
        ..ImportedCells::default()
    };
    for cell in cells {
        let name = section.types.get(&cell.label);
        let Some(kind) = name.and_then(|name| imported.types.iter().position(|t| t == name)) else {
            continue;
        };
        let wrong = |column: &str, found: f64, expected| ImportError::Number {
            path: path.into(),
            place: cell.place.clone(),
            column: column.into(),
            found: found.to_string(),
            expected,
        };
        let position = cell.coordinates.map(|c| c * section.unit.value());
        for (a, axis) in ["x", "y", "z"].into_iter().enumerate() {
            if !position[a].is_finite() {
                return Err(wrong(axis, cell.coordinates[a], "a coordinate"));
            }
        }
        for (value, antigen) in cell.values.iter().zip(section.antigen.values()) {
            let density = (value * antigen.factor.value()) as f32;
            if !(density.is_finite() && density >= 0.0) {
                return Err(wrong(&antigen.from, *value, "an amount of antigen"));
            }
            imported.density.push(density);
        }
        imported.kind.push(kind);
        imported.position.push(position);
    }
    Ok(imported)
}

fn refuse_unknown_types(section: &ImportSection, path: &Path, cells: &[RawCell]) -> Result<(), ImportError> {
    let mut names = BTreeMap::new();
    for cell in cells.iter().filter(|cell| !section.types.contains_key(&cell.label)) {
        *names.entry(cell.label.clone()).or_insert(0) += 1;
    }
    if names.is_empty() { Ok(()) } else { Err(ImportError::UnknownTypes { path: path.into(), names }) }
}

/// Number of names that a message shows.
const SHOWN: usize = 20;

fn listed(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    shortened(&shown, names.len())
}

fn counted(names: &BTreeMap<String, usize>) -> String {
    let shown = names.iter().take(SHOWN).map(|(name, n)| match n {
        1 => format!("{name:?} (1 cell)"),
        n => format!("{name:?} ({n} cells)"),
    });
    shortened(&shown.collect::<Vec<_>>(), names.len())
}

fn shortened(shown: &[String], all: usize) -> String {
    let text = shown.join(", ");
    if all > SHOWN { format!("{text} and {} more", all - SHOWN) } else { text }
}
