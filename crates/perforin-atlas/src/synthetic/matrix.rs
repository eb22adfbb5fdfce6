//! A synthetic atlas as a matrix that is read like a file, gene by gene.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::Synthetic;
use crate::cohort::{AtlasFile, Field, Malignancy, Role};
use crate::error::{AtlasError, Result};
use crate::read::{Column, Gene, Matrix, MatrixChoice, Sink, Stop};

/// Names of the labels.
const COLUMNS: [&str; 4] = ["patient", "tissue", "cell_type", "malignant"];

/// Genes whose counts are drawn together.
const STRIPE: usize = 64;

/// An open synthetic atlas.
pub struct Generated {
    atlas: Synthetic,
    path: PathBuf,
    genes: Vec<Gene>,
    cells: Vec<String>,
}

impl Synthetic {
    /// The atlas as one file of a request.
    pub fn file(&self) -> AtlasFile {
        let column = |name: &str| Field::Column(name.into());
        AtlasFile {
            path: "generated".into(),
            matrix: MatrixChoice::Generated(*self),
            labels: None,
            malignant: Malignancy::Label {
                column: "malignant".into(),
                malignant: vec!["true".into()],
                normal: Vec::new(),
            },
            patient: column("patient"),
            tissue: column("tissue"),
            cell_type: column("cell_type"),
        }
    }

    /// The atlas, open.
    pub fn open(&self) -> Generated {
        let genes = self.names().into_iter().map(|symbol| Gene { symbol, id: None }).collect();
        let cells = (0..self.malignant + self.normal).map(|c| format!("cell{c}")).collect();
        Generated { atlas: *self, path: "generated".into(), genes, cells }
    }

    /// A label of every cell.
    pub(super) fn labels(&self, name: &str) -> Option<Vec<Option<String>>> {
        let of = |role: &Role| match (name, role) {
            ("malignant", role) => Some(role.is_malignant().to_string()),
            ("patient", Role::Malignant { patient }) => Some(patient.clone()),
            ("tissue", Role::Normal { tissue, .. }) => Some(tissue.clone()),
            ("cell_type", Role::Normal { cell_type, .. }) => Some(cell_type.clone()),
            _ => None,
        };
        let cells = self.groups().into_iter().flat_map(|group| vec![of(&group.role); group.cells]);
        COLUMNS.contains(&name).then(|| cells.collect())
    }
}

impl Matrix for Generated {
    fn path(&self) -> &Path {
        &self.path
    }

    fn inside(&self) -> String {
        "the generated counts".into()
    }

    fn genes(&self) -> &[Gene] {
        &self.genes
    }

    fn cells(&self) -> &[String] {
        &self.cells
    }

    fn columns(&self) -> Vec<String> {
        COLUMNS.map(String::from).to_vec()
    }

    fn column(&self, name: &str) -> Result<Column> {
        self.atlas.labels(name).map(Column::collect).ok_or_else(|| AtlasError::MissingColumn {
            path: self.path.clone(),
            column: name.into(),
            available: self.columns(),
        })
    }

    fn stream(&self, sink: &mut Sink, stop: &Stop) -> Result<()> {
        // A stripe of genes at a time: counts are drawn in parallel and passed on in order.
        let wanted: Vec<usize> = (0..self.genes.len()).filter(|&gene| sink.wants(gene)).collect();
        for (number, stripe) in wanted.chunks(STRIPE).enumerate() {
            if stop((number * STRIPE) as f64 / wanted.len() as f64) {
                return Ok(());
            }
            let counts: Vec<Vec<u8>> = stripe.par_iter().map(|&gene| self.atlas.counts(gene)).collect();
            for (&gene, counts) in stripe.iter().zip(counts) {
                for (cell, count) in counts.into_iter().enumerate().filter(|(_, count)| *count > 0) {
                    sink.entry(gene, cell, f64::from(count));
                }
            }
        }
        Ok(())
    }
}
