//! Protein in normal organs by immunohistochemistry, as the Human Protein Atlas publishes it
//! (`normal_tissue.tsv`; doi 10.1126/science.1260419).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{AtlasError, Result};
use crate::read::text::{Lines, fields};

/// Level of a stain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Not detected.
    NotDetected,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
}

/// What is known of a gene's protein in normal organs. No reliable stain is not the same as no protein.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProteinEvidence {
    /// No table was given, or it has no reliable stain of this gene.
    Unknown,
    /// Reliable stains, none of them positive.
    Absent {
        /// Tissue × cell types stained.
        stained: usize,
    },
    /// Reliable stains, some positive.
    Present {
        /// Tissue × cell types stained.
        stained: usize,
        /// The positive ones, the strongest first: tissue · cell type, level.
        positive: Vec<(String, Level)>,
    },
}

/// Stains of normal tissue, by gene symbol.
#[derive(Clone, Debug, Default)]
pub struct NormalProtein {
    stains: BTreeMap<String, BTreeMap<String, Level>>,
}

impl NormalProtein {
    /// Reads the stains of the given genes. Stains of uncertain reliability are left out.
    ///
    /// # Errors
    /// If the file cannot be read or lacks a column.
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
        let columns = [at("gene name")?, at("tissue")?, at("cell type")?, at("level")?, at("reliability")?];
        let mut stains: BTreeMap<String, BTreeMap<String, Level>> = BTreeMap::new();
        while lines.next(path, &mut line)? {
            let row = fields(&line, Some('\t'));
            let [gene, tissue, cell_type, level, reliability] =
                columns.map(|i| row.get(i).copied().unwrap_or_default());
            let (true, Some(level)) = (genes.contains(gene), level_of(level)) else { continue };
            if !matches!(reliability, "Enhanced" | "Supported" | "Approved") {
                continue;
            }
            let place = stains.entry(gene.into()).or_default().entry(format!("{tissue} · {cell_type}"));
            let strongest = place.or_insert(level);
            *strongest = level.max(*strongest);
        }
        Ok(Self { stains })
    }

    /// The evidence for a gene.
    pub fn evidence(&self, gene: &str) -> ProteinEvidence {
        let Some(stains) = self.stains.get(gene) else { return ProteinEvidence::Unknown };
        let mut positive: Vec<(String, Level)> = stains
            .iter()
            .filter(|&(_, &level)| level > Level::NotDetected)
            .map(|(place, &level)| (place.clone(), level))
            .collect();
        positive.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        if positive.is_empty() {
            return ProteinEvidence::Absent { stained: stains.len() };
        }
        ProteinEvidence::Present { stained: stains.len(), positive }
    }
}

fn level_of(text: &str) -> Option<Level> {
    match text {
        "Not detected" => Some(Level::NotDetected),
        "Low" => Some(Level::Low),
        "Medium" => Some(Level::Medium),
        "High" => Some(Level::High),
        _ => None,
    }
}
