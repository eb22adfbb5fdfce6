//! Matching genes between files and a candidate list, by symbol or Ensembl identifier.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::read::{Gene, Sink};

/// Whether a name is an Ensembl gene identifier, with or without a version.
pub fn is_ensembl(name: &str) -> bool {
    let stem = unversioned(name);
    stem.starts_with("ENS")
        && stem.len() >= 15
        && stem.as_bytes()[stem.len() - 11..].iter().all(u8::is_ascii_digit)
}

/// An Ensembl identifier without its version; other names as they are.
fn unversioned(name: &str) -> &str {
    match name.split_once('.') {
        Some((stem, _)) if stem.starts_with("ENS") => stem,
        _ => name,
    }
}

/// A gene that may become a literal of a gate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The symbol under which it appears in gates.
    pub symbol: String,
    /// Its Ensembl identifier, where known.
    pub id: Option<String>,
}

impl Candidate {
    /// A candidate from one name, which may be a symbol or an Ensembl identifier.
    pub fn named(name: &str) -> Self {
        Self { symbol: name.into(), id: is_ensembl(name).then(|| unversioned(name).into()) }
    }
}

/// How the candidates were found in one file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct MatchReport {
    /// The file.
    pub path: PathBuf,
    /// Genes in the file.
    pub genes: usize,
    /// Candidates found.
    pub matched: usize,
    /// Candidates that the file lacks, by symbol.
    pub missing: Vec<String>,
    /// Candidates that several rows of the file match; a cell is positive if any of the rows is.
    pub repeated: Vec<String>,
}

/// For every gene of a file the candidate that it is, or [`Sink::SKIP`].
pub fn match_genes(candidates: &[Candidate], genes: &[Gene], path: &Path) -> (Vec<u32>, MatchReport) {
    let mut by_name: BTreeMap<&str, u32> = BTreeMap::new();
    for (i, candidate) in candidates.iter().enumerate() {
        by_name.entry(&candidate.symbol).or_insert(i as u32);
        if let Some(id) = &candidate.id {
            by_name.entry(unversioned(id)).or_insert(i as u32);
        }
    }
    let find = |gene: &Gene| {
        let id = gene.id.as_deref().and_then(|id| by_name.get(unversioned(id)));
        id.or_else(|| by_name.get(unversioned(&gene.symbol))).copied()
    };
    let rows: Vec<u32> = genes.iter().map(|gene| find(gene).unwrap_or(Sink::SKIP)).collect();
    let mut hits = vec![0_u32; candidates.len()];
    for &row in rows.iter().filter(|&&row| row != Sink::SKIP) {
        hits[row as usize] += 1;
    }
    let named = |wanted: fn(u32) -> bool| {
        let chosen = hits.iter().zip(candidates).filter(|&(&n, _)| wanted(n));
        chosen.map(|(_, c)| c.symbol.clone()).collect::<Vec<_>>()
    };
    let report = MatchReport {
        path: path.into(),
        genes: genes.len(),
        matched: hits.iter().filter(|&&n| n > 0).count(),
        missing: named(|n| n == 0),
        repeated: named(|n| n > 1),
    };
    (rows, report)
}

/// The genes of a file as candidates, each symbol once.
pub fn all_genes(genes: &[Gene]) -> Vec<Candidate> {
    let mut seen = BTreeSet::new();
    let fresh = genes.iter().filter(|gene| seen.insert(gene.symbol.as_str()));
    fresh.map(|gene| Candidate { symbol: gene.symbol.clone(), id: gene.id.clone() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gene(symbol: &str, id: Option<&str>) -> Gene {
        Gene { symbol: symbol.into(), id: id.map(Into::into) }
    }

    #[test]
    fn genes_match_by_symbol_and_by_identifier_of_any_version() {
        let candidates = ["EGFR", "ENSG00000141736", "MSLN"].map(Candidate::named).to_vec();
        let file = [
            gene("ERBB2", Some("ENSG00000141736.14")),
            gene("EGFR", None),
            gene("EGFR", None),
            gene("ACTB", None),
        ];
        let (rows, report) = match_genes(&candidates, &file, Path::new("x"));
        assert_eq!(rows, [1, 0, 0, Sink::SKIP]);
        assert_eq!((report.matched, report.genes), (2, 4));
        assert_eq!(report.missing, ["MSLN"]);
        assert_eq!(report.repeated, ["EGFR"]);
    }

    #[test]
    fn identifiers_are_told_from_symbols() {
        assert!(is_ensembl("ENSG00000141736"));
        assert!(is_ensembl("ENSMUSG00000017146.3"));
        assert!(!is_ensembl("ENSA"));
        assert!(!is_ensembl("RP11-34P13.3"));
    }
}
