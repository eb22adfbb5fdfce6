//! Genes × cells tables in text: comma, tab or white space separated, plain or gzipped.
//!
//! The first line names the cells; every other line is a gene's name and one value per cell. The header may have
//! a field above the gene names or, as R writes it, not.

use std::path::{Path, PathBuf};

use super::tenx::no_labels;
use super::text::{Lines, fields, separator, unquoted};
use super::{Column, Gene, Matrix, Sink, Stop, unexpected};
use crate::error::Result;

/// A genes × cells table.
pub struct Table {
    path: PathBuf,
    separator: Option<char>,
    genes: Vec<Gene>,
    cells: Vec<String>,
}

impl Table {
    /// Reads the header and the gene names.
    pub fn open(path: &Path) -> Result<Self> {
        let mut lines = Lines::open(path)?;
        let mut line = String::new();
        lines.next(path, &mut line)?;
        let separator = separator(&line);
        let header: Vec<String> = fields(&line, separator).into_iter().map(str::to_owned).collect();
        let mut genes = Vec::new();
        let mut width = None;
        while lines.next(path, &mut line)? {
            if line.trim().is_empty() {
                continue;
            }
            width.get_or_insert_with(|| fields(&line, separator).len());
            genes.push(Gene { symbol: name(&line, separator).to_owned(), id: None });
        }
        // Cells named in the header: all of its fields, or all but the one above the gene names.
        let corner = match width {
            Some(width) if header.len() == width => 1,
            Some(width) if header.len() + 1 == width => 0,
            _ => {
                let expected = "a header of cell names, then one gene and its values per line";
                let found = match width {
                    Some(width) => format!("a header of {} fields over lines of {width}", header.len()),
                    None => "no line after the header".into(),
                };
                return Err(unexpected(path, "line 1", expected, found));
            }
        };
        Ok(Self { path: path.into(), separator, genes, cells: header[corner..].to_vec() })
    }
}

/// The first field of a line.
fn name(line: &str, separator: Option<char>) -> &str {
    let end = match separator {
        Some(c) => line.find(c),
        None => line.trim_start().find(char::is_whitespace).map(|i| i + line.len() - line.trim_start().len()),
    };
    unquoted(&line[..end.unwrap_or(line.len())])
}

impl Matrix for Table {
    fn path(&self) -> &Path {
        &self.path
    }

    fn inside(&self) -> String {
        "the table".into()
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
        let mut lines = Lines::open(&self.path)?;
        let mut line = String::new();
        lines.next(&self.path, &mut line)?;
        let mut gene = 0;
        while lines.next(&self.path, &mut line)? {
            if line.trim().is_empty() {
                continue;
            }
            if stop(gene as f64 / self.genes.len().max(1) as f64) {
                return Ok(());
            }
            if sink.wants(gene) {
                let row = fields(&line, self.separator);
                let place = || format!("line {}", lines.number);
                if row.len() != self.cells.len() + 1 {
                    let expected = format!("{} fields", self.cells.len() + 1);
                    return Err(unexpected(&self.path, place(), expected, row.len().to_string()));
                }
                for (cell, field) in row[1..].iter().enumerate() {
                    let Ok(value) = field.parse() else {
                        let found = field.chars().take(40).collect::<String>();
                        return Err(unexpected(&self.path, place(), "a number", format!("'{found}'")));
                    };
                    sink.entry(gene, cell, value);
                }
            }
            gene += 1;
        }
        Ok(())
    }
}
