//! Literals that labels give instead of counts: a genotype such as HLA-A*02, lost in some patients' tumours and kept in
//! their normal cells.

use std::path::PathBuf;

use crate::cohort::{AtlasFile, FileRoles, Role, label_column, matches_pattern};
use crate::error::{AtlasError, Result};
use crate::read::{Column, LabelFile, Matrix};

/// A literal given by a label of cells or of patients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Genotype {
    /// Its name in gates.
    pub name: String,
    /// The label: of cells, or a column of `patients`.
    pub column: String,
    /// Labels that mean that it is carried; a pattern may end in `*`.
    pub present: Vec<String>,
    /// A table with one row per patient, for malignant cells; their cell label if there is none.
    pub patients: Option<PathBuf>,
    /// Whether all normal cells carry it; their cell label if it is not said.
    pub normal: Option<bool>,
}

impl Genotype {
    fn carried(&self, label: &str) -> bool {
        self.present.iter().any(|pattern| matches_pattern(pattern, label))
    }

    /// For every cell of a file whether it carries the genotype; false for cells without a role.
    ///
    /// Absence would be credited under a NOT, so a cell whose label is missing is refused and not taken for one
    /// that lacks the genotype.
    ///
    /// # Errors
    /// [`AtlasError::MissingColumn`] if the label is not there, [`AtlasError::UnknownGenotype`] if cells that need it
    /// have none, or an error of a file.
    pub fn of_cells(&self, file: &AtlasFile, matrix: &dyn Matrix, roles: &FileRoles) -> Result<Vec<bool>> {
        let by_patient = self.patients.as_ref().map(|path| self.of_patients(path, roles)).transpose()?;
        let is_labelled = |role: &Role| {
            if role.is_malignant() { by_patient.is_none() } else { self.normal.is_none() }
        };
        let labels = if roles.roles.iter().any(is_labelled) {
            let table = file.labels.as_ref().map(|path| LabelFile::open(path, matrix.cells())).transpose()?;
            label_column(matrix, table.as_ref(), &self.column)?
        } else {
            Column::default()
        };
        let mut unknown: Vec<String> = Vec::new();
        let mut carried = Vec::with_capacity(roles.of_cell.len());
        for (cell, role) in roles.of_cell.iter().enumerate() {
            let Some(role) = role else {
                carried.push(false);
                continue;
            };
            let (number, role) = (*role as usize, &roles.roles[*role as usize]);
            let found = match (role, &by_patient, self.normal) {
                (Role::Malignant { .. }, Some(patients), _) => patients[number],
                (Role::Normal { .. }, _, Some(normal)) => Some(normal),
                _ => labels.get(cell).map(|label| self.carried(label)),
            };
            if found.is_none() && !unknown.contains(&role.name()) {
                unknown.push(role.name());
            }
            carried.push(found.unwrap_or(false));
        }
        if unknown.is_empty() {
            return Ok(carried);
        }
        let path = self.patients.clone().unwrap_or_else(|| matrix.path().into());
        Err(AtlasError::UnknownGenotype { path, column: self.column.clone(), of: unknown })
    }

    /// For each role whether its patient carries the genotype, by the table of patients; none for patients without a
    /// label, and for normal cells.
    fn of_patients(&self, path: &std::path::Path, roles: &FileRoles) -> Result<Vec<Option<bool>>> {
        let names: Vec<String> = roles.roles.iter().map(patient).collect();
        let column = LabelFile::open(path, &names)?.column(&self.column, &names)?;
        Ok((0..names.len()).map(|i| column.get(i).map(|label| self.carried(label))).collect())
    }
}

fn patient(role: &Role) -> String {
    match role {
        Role::Malignant { patient } => patient.clone(),
        Role::Normal { .. } => String::new(),
    }
}
