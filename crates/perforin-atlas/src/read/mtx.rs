//! Matrix Market folders as written by 10x Genomics: `matrix.mtx`, `features.tsv` or `genes.tsv`, `barcodes.tsv`,
//! each plain or gzipped.

use std::path::{Path, PathBuf};

use super::tenx::no_labels;
use super::text::{Lines, fields, separator};
use super::{Column, Gene, Matrix, Sink, Stop, unexpected};
use crate::error::{AtlasError, Result};

/// Entries between two looks at the progress.
const LOOK_UP: u64 = 1 << 16;

/// A Matrix Market folder; rows are genes, columns are cells.
pub struct Mtx {
    path: PathBuf,
    genes: Vec<Gene>,
    cells: Vec<String>,
}

impl Mtx {
    /// Opens a folder, or a matrix file whose siblings name the genes and cells.
    pub fn open(path: &Path) -> Result<Self> {
        let folder = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new(".")) };
        let matrix = if path.is_dir() { sibling(folder, &["matrix.mtx"])? } else { path.to_owned() };
        let features = sibling(folder, &["features.tsv", "genes.tsv"])?;
        let barcodes = sibling(folder, &["barcodes.tsv"])?;
        let genes = rows(&features, |row| Gene {
            symbol: row.get(1).unwrap_or(&row[0]).to_string(),
            id: (row.len() > 1).then(|| row[0].to_owned()),
        })?;
        let cells = rows(&barcodes, |row| row[0].to_owned())?;
        let mtx = Self { path: matrix, genes, cells };
        mtx.header()?;
        Ok(mtx)
    }

    /// Reads the header; returns the lines after it and the number of entries.
    fn header(&self) -> Result<(Lines, u64)> {
        let path = &self.path;
        let mut lines = Lines::open(path)?;
        let mut line = String::new();
        lines.next(path, &mut line)?;
        let banner: Vec<String> = line.split_whitespace().map(str::to_lowercase).collect();
        let words: Vec<&str> = banner.iter().map(String::as_str).collect();
        let readable = matches!(
            words[..],
            ["%%matrixmarket", "matrix", "coordinate", "integer" | "real" | "double", "general"]
        );
        if !readable {
            let expected = "'%%MatrixMarket matrix coordinate integer|real general'";
            return Err(unexpected(path, "line 1", expected, format!("'{}'", head(&line))));
        }
        while lines.next(path, &mut line)? {
            if line.starts_with('%') || line.trim().is_empty() {
                continue;
            }
            let numbers: Vec<u64> = line.split_whitespace().map_while(|n| n.parse().ok()).collect();
            let place = format!("line {}", lines.number);
            let [genes, cells, entries] = numbers[..] else {
                return Err(unexpected(path, place, "rows, columns, entries", format!("'{}'", head(&line))));
            };
            if (genes, cells) != (self.genes.len() as u64, self.cells.len() as u64) {
                let expected =
                    format!("{} genes and {} cells, as the lists have", self.genes.len(), self.cells.len());
                return Err(unexpected(path, place, expected, format!("{genes} and {cells}")));
            }
            return Ok((lines, entries));
        }
        Err(unexpected(path, format!("line {}", lines.number), "a size line", "the end of the file"))
    }
}

impl Matrix for Mtx {
    fn path(&self) -> &Path {
        &self.path
    }

    fn inside(&self) -> String {
        "the entries".into()
    }

    fn genes(&self) -> &[Gene] {
        &self.genes
    }

    fn cells(&self) -> &[String] {
        &self.cells
    }

    fn columns(&self) -> Vec<String> {
        Vec::new()
    }

    fn column(&self, name: &str) -> Result<Column> {
        Err(no_labels(&self.path, name))
    }

    fn stream(&self, sink: &mut Sink, stop: &Stop) -> Result<()> {
        let (mut lines, entries) = self.header()?;
        let mut line = String::new();
        let mut seen = 0;
        while lines.next(&self.path, &mut line)? {
            if line.trim().is_empty() {
                continue;
            }
            if seen % LOOK_UP == 0 && stop(seen as f64 / entries.max(1) as f64) {
                return Ok(());
            }
            let Some((gene, cell, value)) = entry(&line, self.genes.len(), self.cells.len()) else {
                let expected =
                    format!("gene (1 to {}), cell (1 to {}), value", self.genes.len(), self.cells.len());
                let place = format!("line {}", lines.number);
                return Err(unexpected(&self.path, place, expected, format!("'{}'", head(&line))));
            };
            sink.entry(gene, cell, value);
            seen += 1;
        }
        if seen != entries {
            let place = format!("line {}", lines.number);
            return Err(unexpected(&self.path, place, format!("{entries} entries"), seen.to_string()));
        }
        Ok(())
    }
}

/// Gene, cell (from 0) and value of an entry line.
fn entry(line: &str, genes: usize, cells: usize) -> Option<(usize, usize, f64)> {
    let mut parts = line.split_ascii_whitespace();
    let mut index = |limit: usize| parts.next()?.parse::<usize>().ok()?.checked_sub(1).filter(|&i| i < limit);
    let (gene, cell) = (index(genes)?, index(cells)?);
    let value = parts.next()?.parse().ok()?;
    parts.next().is_none().then_some((gene, cell, value))
}

/// The start of a line, for messages.
fn head(line: &str) -> String {
    line.chars().take(60).collect()
}

/// The first of the named files that exists in a folder, plain or gzipped.
fn sibling(folder: &Path, names: &[&str]) -> Result<PathBuf> {
    let candidates = names.iter().flat_map(|name| [folder.join(name), folder.join(format!("{name}.gz"))]);
    if let Some(path) = candidates.into_iter().find(|path| path.is_file()) {
        return Ok(path);
    }
    let mut found: Vec<String> = std::fs::read_dir(folder)
        .map(|entries| entries.flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect())
        .unwrap_or_default();
    found.sort();
    let inside = names.iter().map(|n| format!("{n}[.gz]")).collect::<Vec<_>>().join(" or ");
    Err(AtlasError::Missing { path: folder.into(), inside, found })
}

/// The rows of a list file.
fn rows<T>(path: &Path, parse: impl Fn(&[&str]) -> T) -> Result<Vec<T>> {
    let mut lines = Lines::open(path)?;
    let mut line = String::new();
    let mut rows = Vec::new();
    while lines.next(path, &mut line)? {
        let row = fields(&line, separator(&line));
        if row.is_empty() {
            let place = format!("line {}", lines.number);
            return Err(unexpected(path, place, "a name", "an empty line"));
        }
        rows.push(parse(&row));
    }
    Ok(rows)
}
