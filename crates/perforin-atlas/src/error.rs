//! What can be wrong with the input of a target search.

use std::path::PathBuf;

/// The result of an operation of this crate.
pub type Result<T> = std::result::Result<T, AtlasError>;

/// Why an atlas cannot be read or a search cannot be answered.
///
/// Every variant about a file names the file and the place inside it (a path inside an HDF5 file, or a line).
#[derive(Debug, thiserror::Error)]
pub enum AtlasError {
    /// The file cannot be opened or read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The file is not in a format that is read here.
    #[error(
        "{}: not an atlas that can be read; accepted are AnnData .h5ad, 10x .h5, a folder or file in Matrix \
         Market form (.mtx, .mtx.gz), and genes × cells tables (.csv, .tsv, .txt, each also .gz)",
        path.display()
    )]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// A part of an HDF5 file is damaged or uses a feature that is not read here.
    #[error("{}: {inside}: {source}", path.display())]
    Hdf5 {
        /// The file.
        path: PathBuf,
        /// The object inside the file.
        inside: String,
        /// The cause.
        source: hdf5_pure::Error,
    },
    /// A part that must be there is not.
    #[error("{}: {inside} is missing; found {}", path.display(), listed(found))]
    Missing {
        /// The file.
        path: PathBuf,
        /// The object inside the file, or the sibling file.
        inside: String,
        /// What is there instead.
        found: Vec<String>,
    },
    /// A part is there, but not in a form that is expected.
    #[error("{}: {inside}: expected {expected}, found {found}", path.display())]
    Unexpected {
        /// The file.
        path: PathBuf,
        /// The object inside the file, or the line.
        inside: String,
        /// What was expected.
        expected: String,
        /// What was found.
        found: String,
    },
    /// An expression value is negative, infinite or not a number.
    #[error(
        "{}: {inside}: gene {gene}, cell {cell}: the value {value} is not an expression level; name a layer or \
         raw matrix that holds counts",
        path.display()
    )]
    Value {
        /// The file.
        path: PathBuf,
        /// The matrix inside the file.
        inside: String,
        /// The gene's symbol.
        gene: String,
        /// The cell's name.
        cell: String,
        /// The value.
        value: f64,
    },
    /// A value is no count where counts are needed.
    #[error(
        "{}: {inside}: gene {gene}, cell {cell}: {value} is no count, and a model of dropout needs counts; name a \
         layer or raw matrix that holds them",
        path.display()
    )]
    NotCounts {
        /// The file.
        path: PathBuf,
        /// The matrix inside the file.
        inside: String,
        /// The gene's symbol.
        gene: String,
        /// The cell's name.
        cell: String,
        /// The value.
        value: f64,
    },
    /// A label column does not exist.
    #[error("{}: there is no cell label '{column}'; the labels are {}", path.display(), listed(available))]
    MissingColumn {
        /// The file.
        path: PathBuf,
        /// The column asked for.
        column: String,
        /// The columns there are.
        available: Vec<String>,
    },
    /// Cells or patients lack the label that gives a genotype.
    #[error(
        "{}: {} have no label '{column}', which their genotype needs; label them, or leave their cells out",
        path.display(),
        listed(of)
    )]
    UnknownGenotype {
        /// The table of patients, or the atlas.
        path: PathBuf,
        /// The label.
        column: String,
        /// Patients, or tissues and cell types.
        of: Vec<String>,
    },
    /// The reading was stopped.
    #[error("{}: stopped while reading", path.display())]
    Stopped {
        /// The file.
        path: PathBuf,
    },
    /// No cell is labelled malignant.
    #[error("no malignant cell: none of the {cells} cells has a label that says so")]
    NoMalignantCells {
        /// Number of cells read.
        cells: usize,
    },
    /// No gene is left to search.
    #[error("no candidate gene is left: none of the {candidates} candidates is in every file")]
    NoCandidates {
        /// Genes asked for.
        candidates: usize,
    },
    /// The request itself cannot be met.
    #[error("{field}: {problem}")]
    Request {
        /// The field of the request.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}

/// A list for a message: at most 20 entries, then the number of the others.
fn listed(items: &[String]) -> String {
    const SHOWN: usize = 20;
    if items.is_empty() {
        return "nothing".into();
    }
    let mut text = items.iter().take(SHOWN).map(|item| format!("'{item}'")).collect::<Vec<_>>().join(", ");
    if items.len() > SHOWN {
        text = format!("{text} and {} more", items.len() - SHOWN);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_column_names_the_columns_there_are() {
        let error = AtlasError::MissingColumn {
            path: "a.h5ad".into(),
            column: "patient".into(),
            available: (0..23).map(|i| format!("c{i}")).collect(),
        };
        let text = error.to_string();
        assert!(text.starts_with("a.h5ad: there is no cell label 'patient'; the labels are 'c0', 'c1'"));
        assert!(text.ends_with("'c19' and 3 more"));
    }
}
