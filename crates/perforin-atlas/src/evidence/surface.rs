//! Lists of surface proteins: SURFY, CSPA, a table of several sources, or the user's own.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::error::{AtlasError, Result};
use crate::genes::Candidate;
use crate::read::text::{Lines, fields, separator};

/// A gene that a list names, with the grade of its evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SurfaceEvidence {
    /// The gene.
    pub symbol: String,
    /// Its Ensembl identifier, where the list has it.
    pub id: Option<String>,
    /// Number of sources in favour: 1 for a plain list; CSPA: 3 high confidence, 2 putative, 1 unspecific; a table of
    /// several sources: how many.
    pub grade: u32,
}

impl SurfaceEvidence {
    /// The gene as a candidate.
    pub fn candidate(&self) -> Candidate {
        Candidate { symbol: self.symbol.clone(), id: self.id.clone() }
    }
}

/// Columns of a known list.
struct Layout {
    symbol: &'static str,
    id: Option<&'static str>,
    grade: Option<&'static str>,
    /// The label that the grade column must have to count at all.
    required: Option<&'static str>,
}

/// SURFY (doi 10.1073/pnas.1808790115), CSPA (doi 10.1371/journal.pone.0121314), the table of seven sources.
const LAYOUTS: [Layout; 3] = [
    Layout {
        symbol: "UniProt gene",
        id: Some("Ensembl gene"),
        grade: Some("Surfaceome Label"),
        required: Some("surface"),
    },
    Layout { symbol: "ENTREZ gene symbol", id: None, grade: Some("CSPA category"), required: None },
    Layout {
        symbol: "gene_symbol",
        id: Some("ensembl_gene"),
        grade: Some("n_sources_surface"),
        required: None,
    },
];

/// Reads a list of surface genes. A table is recognised by its header; anything else is one gene per line.
/// A gene that appears more than once keeps its best grade. Sorted by symbol.
///
/// # Errors
/// If the file cannot be read or holds no gene.
pub fn read_surface(path: &Path) -> Result<Vec<SurfaceEvidence>> {
    let mut lines = Lines::open(path)?;
    let mut line = String::new();
    lines.next(path, &mut line)?;
    let split = separator(&line);
    let header: Vec<String> = fields(&line, split).into_iter().map(str::to_owned).collect();
    let at = |name: &str| header.iter().position(|h| h == name);
    let layout = LAYOUTS.iter().find(|layout| at(layout.symbol).is_some());
    let mut found: BTreeMap<String, SurfaceEvidence> = BTreeMap::new();
    let mut keep = |evidence: SurfaceEvidence| {
        let known = found.entry(evidence.symbol.clone()).or_insert_with(|| evidence.clone());
        known.grade = known.grade.max(evidence.grade);
    };
    let Some(layout) = layout else {
        loop {
            if let Some(&symbol) =
                fields(&line, split).first().filter(|s| !s.is_empty() && !s.starts_with('#'))
            {
                keep(SurfaceEvidence { symbol: symbol.to_owned(), id: None, grade: 1 });
            }
            if !lines.next(path, &mut line)? {
                return sorted(path, found);
            }
        }
    };
    let symbol = at(layout.symbol).unwrap_or(0);
    let (id, grade) = (layout.id.and_then(at), layout.grade.and_then(at));
    while lines.next(path, &mut line)? {
        let row = fields(&line, split);
        let field = |i: usize| row.get(i).copied().filter(|f| !f.is_empty());
        let label = grade.and_then(field).unwrap_or_default();
        if layout.required.is_some_and(|required| label != required) {
            continue;
        }
        // Several genes of one protein are separated by semicolons.
        for name in field(symbol).into_iter().flat_map(|names| names.split(';')).map(str::trim) {
            if !name.is_empty() {
                let id = id.and_then(field).filter(|id| !id.contains(';')).map(str::to_owned);
                keep(SurfaceEvidence { symbol: name.to_owned(), id, grade: graded(label) });
            }
        }
    }
    sorted(path, found)
}

fn graded(label: &str) -> u32 {
    match label.chars().next() {
        Some('1') if label.contains("high") => 3,
        Some('2') if label.contains("putative") => 2,
        _ => label.parse::<f64>().map_or(1, |n| n.clamp(0.0, 100.0) as u32),
    }
}

fn sorted(path: &Path, found: BTreeMap<String, SurfaceEvidence>) -> Result<Vec<SurfaceEvidence>> {
    if found.is_empty() {
        return Err(AtlasError::Missing {
            path: path.into(),
            inside: "a gene symbol".into(),
            found: Vec::new(),
        });
    }
    Ok(found.into_values().collect())
}
