//! Who a cell belongs to: a patient's malignant cells, or a cell type of a normal tissue.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::error::{AtlasError, Result};
use crate::read::{Column, LabelFile, Matrix, MatrixChoice};

/// One atlas file and the meaning of its cell labels.
#[derive(Clone, Debug)]
pub struct AtlasFile {
    /// The file or folder.
    pub path: PathBuf,
    /// Which matrix of it is read.
    pub matrix: MatrixChoice,
    /// Labels in a file of their own, used before the labels inside the atlas.
    pub labels: Option<PathBuf>,
    /// Which cells are malignant.
    pub malignant: Malignancy,
    /// The patient of each malignant cell.
    pub patient: Field,
    /// The tissue of each normal cell.
    pub tissue: Field,
    /// The type of each normal cell.
    pub cell_type: Field,
}

/// Where a label comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// A label column by name.
    Column(String),
    /// The same label for every cell of the file.
    Fixed(String),
}

/// Which cells of a file are malignant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Malignancy {
    /// Every cell.
    All,
    /// None: a normal atlas.
    None,
    /// As a label says. A pattern may end in `*`, which stands for any rest.
    Label {
        /// The label column.
        column: String,
        /// Labels of malignant cells.
        malignant: Vec<String>,
        /// Labels of normal cells; empty for all others. Cells of neither kind are left out and counted.
        normal: Vec<String>,
    },
}

/// What a group of cells is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The malignant cells of a patient.
    Malignant {
        /// The patient.
        patient: String,
    },
    /// Normal cells of one type in one tissue.
    Normal {
        /// The tissue.
        tissue: String,
        /// The cell type.
        cell_type: String,
    },
}

impl Role {
    /// A short name: the patient, or tissue and cell type.
    pub fn name(&self) -> String {
        match self {
            Self::Malignant { patient } => patient.clone(),
            Self::Normal { tissue, cell_type } => format!("{tissue} · {cell_type}"),
        }
    }

    /// Whether the cells are malignant.
    pub fn is_malignant(&self) -> bool {
        matches!(self, Self::Malignant { .. })
    }
}

/// The roles of the cells of one file.
pub struct FileRoles {
    /// The distinct roles.
    pub roles: Vec<Role>,
    /// For every cell its role, or nothing for cells without the labels they need.
    pub of_cell: Vec<Option<u32>>,
}

impl FileRoles {
    /// Cells that have no role.
    pub fn left_out(&self) -> usize {
        self.of_cell.iter().filter(|r| r.is_none()).count()
    }
}

/// Reads the labels of a file and gives every cell its role.
///
/// # Errors
/// [`AtlasError::MissingColumn`] naming the labels there are, or an error of the format.
pub fn roles(file: &AtlasFile, matrix: &dyn Matrix) -> Result<FileRoles> {
    let labels = file.labels.as_ref().map(|path| LabelFile::open(path, matrix.cells())).transpose()?;
    let column = |name: &str| label_column(matrix, labels.as_ref(), name);
    let field = |field: &Field| match field {
        Field::Column(name) => column(name).map(FieldValues::Labels),
        Field::Fixed(value) => Ok(FieldValues::Fixed(value.clone())),
    };
    let cells = matrix.cells().len();
    let malignant: Vec<Option<bool>> = match &file.malignant {
        Malignancy::All => vec![Some(true); cells],
        Malignancy::None => vec![Some(false); cells],
        Malignancy::Label { column: name, malignant, normal } => {
            let column = column(name)?;
            let verdict: Vec<Option<bool>> =
                column.levels.iter().map(|level| judge(level, malignant, normal)).collect();
            column.codes.iter().map(|&code| verdict.get(code as usize).copied().flatten()).collect()
        }
    };
    // Labels that no cell of this file needs are not asked for.
    let needed = |wanted: bool, what: &Field| {
        if malignant.contains(&Some(wanted)) { field(what) } else { Ok(FieldValues::Fixed(String::new())) }
    };
    let patient = needed(true, &file.patient)?;
    let (tissue, cell_type) = (needed(false, &file.tissue)?, needed(false, &file.cell_type)?);
    let role = |cell: usize| {
        if malignant[cell]? {
            return Some(Role::Malignant { patient: patient.get(cell)?.into() });
        }
        Some(Role::Normal { tissue: tissue.get(cell)?.into(), cell_type: cell_type.get(cell)?.into() })
    };
    Ok(index(cells, role))
}

/// A label column from the label file if it has it, else from the atlas.
///
/// # Errors
/// [`AtlasError::MissingColumn`] with the labels of both.
pub fn label_column(matrix: &dyn Matrix, labels: Option<&LabelFile>, name: &str) -> Result<Column> {
    match labels {
        Some(file) if file.columns().iter().any(|c| c == name) => file.column(name, matrix.cells()),
        _ if matrix.columns().iter().any(|c| c == name) => matrix.column(name),
        _ => {
            let mut available = labels.map_or_else(Vec::new, |file| file.columns().to_vec());
            available.extend(matrix.columns());
            Err(AtlasError::MissingColumn { path: matrix.path().into(), column: name.into(), available })
        }
    }
}

enum FieldValues {
    Labels(Column),
    Fixed(String),
}

impl FieldValues {
    fn get(&self, cell: usize) -> Option<&str> {
        match self {
            Self::Labels(column) => column.get(cell),
            Self::Fixed(value) => Some(value),
        }
    }
}

fn index(cells: usize, role: impl Fn(usize) -> Option<Role>) -> FileRoles {
    let mut seen: BTreeMap<Role, u32> = BTreeMap::new();
    let mut roles = Vec::new();
    let mut of_cell = Vec::with_capacity(cells);
    for cell in 0..cells {
        of_cell.push(role(cell).map(|role| {
            *seen.entry(role).or_insert_with_key(|role| {
                roles.push(role.clone());
                roles.len() as u32 - 1
            })
        }));
    }
    FileRoles { roles, of_cell }
}

fn judge(label: &str, malignant: &[String], normal: &[String]) -> Option<bool> {
    if malignant.iter().any(|pattern| matches_pattern(pattern, label)) {
        return Some(true);
    }
    (normal.is_empty() || normal.iter().any(|pattern| matches_pattern(pattern, label))).then_some(false)
}

/// Whether a label equals a pattern, or starts with it where the pattern ends in `*`.
pub fn matches_pattern(pattern: &str, label: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == label, |start| label.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_malignant_normal_or_neither() {
        let malignant = vec!["malignant_*".to_owned(), "tumour".to_owned()];
        assert_eq!(judge("malignant_93", &malignant, &[]), Some(true));
        assert_eq!(judge("tumours", &malignant, &[]), Some(false));
        assert_eq!(judge("not.defined", &malignant, &["diploid".to_owned()]), None);
    }
}
