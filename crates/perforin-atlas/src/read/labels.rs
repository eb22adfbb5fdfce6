//! Cell labels in a file of their own: one row per cell, the cell's name first.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::text::{Lines, fields, separator};
use super::{Column, unexpected};
use crate::error::{AtlasError, Result};

/// Labels of cells, read from a table whose first column names the cell.
///
/// The first line is a header unless its first field is the name of a cell of the matrix; without a header the
/// columns are called `label`, `label2`, `label3` and so on.
#[derive(Clone, Debug)]
pub struct LabelFile {
    path: PathBuf,
    names: Vec<String>,
    /// What the header calls the first column.
    corner: String,
    rows: BTreeMap<String, Vec<String>>,
    /// Rows whose cell is not in the matrix.
    pub unknown_cells: usize,
}

impl LabelFile {
    /// Reads a label file (tab, comma or white space separated, plain or gzipped) for the given cells.
    ///
    /// # Errors
    /// [`AtlasError::Unexpected`] for a row of the wrong length or a cell that is named twice.
    pub fn open(path: &Path, cells: &[String]) -> Result<Self> {
        let known: std::collections::BTreeSet<&str> = cells.iter().map(String::as_str).collect();
        let mut lines = Lines::open(path)?;
        let mut line = String::new();
        let mut file = Self {
            path: path.into(),
            names: Vec::new(),
            corner: String::new(),
            rows: BTreeMap::new(),
            unknown_cells: 0,
        };
        let mut split = None;
        while lines.next(path, &mut line)? {
            if line.trim().is_empty() {
                continue;
            }
            if lines.number == 1 {
                split = separator(&line);
            }
            let row = fields(&line, split);
            let place = format!("line {}", lines.number);
            if file.names.is_empty() {
                if row.len() < 2 {
                    return Err(unexpected(path, place, "a cell name and at least one label", "one field"));
                }
                let first_is_cell = known.contains(row[0]);
                file.names = (1..row.len()).map(|i| column_name(&row, i, first_is_cell)).collect();
                if !first_is_cell {
                    row[0].clone_into(&mut file.corner);
                    continue;
                }
            }
            file.add(&known, &row, place)?;
        }
        Ok(file)
    }

    fn add(&mut self, known: &std::collections::BTreeSet<&str>, row: &[&str], place: String) -> Result<()> {
        // R writes row names without a name of their own: the header is one field shorter than the rows.
        if row.len() == self.names.len() + 2 && self.rows.is_empty() {
            self.names.insert(0, std::mem::take(&mut self.corner));
        }
        if row.len() != self.names.len() + 1 {
            let expected = format!("{} fields", self.names.len() + 1);
            return Err(unexpected(&self.path, place, expected, format!("{}", row.len())));
        }
        if !known.contains(row[0]) {
            self.unknown_cells += 1;
        }
        let labels = row[1..].iter().map(|s| (*s).to_owned()).collect();
        if self.rows.insert(row[0].to_owned(), labels).is_some() {
            return Err(unexpected(&self.path, place, "each cell once", format!("'{}' again", row[0])));
        }
        Ok(())
    }

    /// The names of the labels.
    pub fn columns(&self) -> &[String] {
        &self.names
    }

    /// One label, in the order of `cells`; cells without a row, and empty or NA fields, have none.
    ///
    /// # Errors
    /// [`AtlasError::MissingColumn`] if there is no label of that name.
    pub fn column(&self, name: &str, cells: &[String]) -> Result<Column> {
        let index = self.names.iter().position(|n| n == name).ok_or_else(|| AtlasError::MissingColumn {
            path: self.path.clone(),
            column: name.into(),
            available: self.names.clone(),
        })?;
        let label = |cell: &String| self.rows.get(cell).map(|row| row[index].as_str()).filter(|l| present(l));
        Ok(Column::collect(cells.iter().map(label)))
    }
}

fn column_name(header: &[&str], index: usize, generated: bool) -> String {
    match (generated, index) {
        (false, _) => header[index].to_owned(),
        (true, 1) => "label".to_owned(),
        (true, _) => format!("label{index}"),
    }
}

/// Whether a text field holds a label.
pub fn present(label: &str) -> bool {
    !matches!(label, "" | "NA" | "NaN" | "nan" | "None")
}
