//! RNA in normal organs in bulk, as the Human Protein Atlas publishes it (`rna_tissue_consensus.tsv`,
//! `rna_tissue_gtex.tsv`; doi 10.1126/science.1260419).
//!
//! A bulk level averages over the cells of an organ: a low one does not clear a rare cell type. ERBB2 is at 36 nTPM in
//! lung, 21st of 54 tissues, and a product against it killed through the lung.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{AtlasError, Result};
use crate::read::text::{Lines, fields};

/// Tissues that are named.
const NAMED: usize = 5;

/// What is known of a gene's RNA in normal organs.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RnaEvidence {
    /// No table was given, or the gene is not in it.
    Unknown,
    /// The table has it.
    Known {
        /// Number of tissues measured.
        tissues: usize,
        /// Those with the highest levels, the highest first: tissue, normalised transcripts per million.
        highest: Vec<(String, f64)>,
    },
}

/// Levels in normal organs, by gene symbol.
#[derive(Clone, Debug, Default)]
pub struct NormalRna {
    levels: BTreeMap<String, BTreeMap<String, f64>>,
}

impl NormalRna {
    /// Reads the levels of the given genes.
    ///
    /// # Errors
    /// If the file cannot be read, lacks a column, or holds a level that is no number from 0 on.
    pub fn open(path: &Path, genes: &BTreeSet<&str>) -> Result<Self> {
        let mut lines = Lines::open(path)?;
        let mut line = String::new();
        lines.next(path, &mut line)?;
        let header: Vec<String> =
            fields(&line, Some('\t')).into_iter().map(|h| h.replace('.', " ").to_lowercase()).collect();
        let at = |name: &str| {
            header.iter().position(|h| h == name).ok_or_else(|| AtlasError::Missing {
                path: path.into(),
                inside: format!("column '{name}'"),
                found: header.clone(),
            })
        };
        let columns = [at("gene name")?, at("tissue")?, at("ntpm")?];
        let mut levels: BTreeMap<String, BTreeMap<String, f64>> = BTreeMap::new();
        while lines.next(path, &mut line)? {
            let row = fields(&line, Some('\t'));
            let [gene, tissue, level] = columns.map(|i| row.get(i).copied().unwrap_or_default());
            if !genes.contains(gene) {
                continue;
            }
            let Some(level) = level.parse().ok().filter(|l: &f64| *l >= 0.0 && l.is_finite()) else {
                return Err(AtlasError::Unexpected {
                    path: path.into(),
                    inside: format!("line {}, nTPM of {gene}", lines.number),
                    expected: "a number from 0 on".into(),
                    found: format!("'{level}'"),
                });
            };
            // A symbol of several genes keeps its highest level.
            let known = levels.entry(gene.into()).or_default().entry(tissue.into()).or_insert(level);
            *known = known.max(level);
        }
        Ok(Self { levels })
    }

    /// The evidence for a gene.
    pub fn evidence(&self, gene: &str) -> RnaEvidence {
        let Some(levels) = self.levels.get(gene) else { return RnaEvidence::Unknown };
        let mut highest: Vec<(String, f64)> = levels.iter().map(|(t, l)| (t.clone(), *l)).collect();
        highest.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        highest.truncate(NAMED);
        RnaEvidence::Known { tissues: levels.len(), highest }
    }
}
