//! Tables with a unit and a meaning for every column, as CSV and Parquet.

use serde::{Deserialize, Serialize};

mod csv_file;
mod journal;
mod parquet_file;
mod rows;

pub use csv_file::{number, read_numbers, write_csv};
pub use journal::Journal;
pub use parquet_file::{Kind, write_parquet};
pub use rows::Rows;

use std::path::Path;

use crate::failure::Failure;

/// A column's heading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Name in CSV and Parquet.
    pub name: String,
    /// Unit of its values; `"1"` if there is none.
    pub unit: String,
    /// What it is, in words.
    pub meaning: String,
}

/// A column's values.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Numbers.
    Numbers(Vec<f64>),
    /// Whole numbers.
    Whole(Vec<i64>),
    /// Words.
    Text(Vec<String>),
}

/// Columns of equal length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Headings.
    pub columns: Vec<Column>,
    /// Values, a vector per column.
    pub values: Vec<Values>,
}

impl Column {
    /// A heading.
    pub fn new(name: impl Into<String>, unit: impl Into<String>, meaning: impl Into<String>) -> Self {
        Self { name: name.into(), unit: unit.into(), meaning: meaning.into() }
    }
}

impl Values {
    /// Number of values.
    pub fn len(&self) -> usize {
        match self {
            Self::Numbers(v) => v.len(),
            Self::Whole(v) => v.len(),
            Self::Text(v) => v.len(),
        }
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A value as it stands in a CSV file.
    pub fn cell(&self, row: usize) -> String {
        match self {
            Self::Numbers(v) => number(v[row]),
            Self::Whole(v) => v[row].to_string(),
            Self::Text(v) => v[row].clone(),
        }
    }
}

impl Table {
    /// Appends a column.
    pub fn push(&mut self, column: Column, values: Values) {
        debug_assert!(self.values.first().is_none_or(|first| first.len() == values.len()));
        self.columns.push(column);
        self.values.push(values);
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.values.first().map_or(0, Values::len)
    }

    /// The numbers of the named column, if there is one.
    pub fn numbers(&self, name: &str) -> Option<&[f64]> {
        let place = self.columns.iter().position(|c| c.name == name)?;
        match &self.values[place] {
            Values::Numbers(v) => Some(v),
            _ => None,
        }
    }

    /// Writes the table as a CSV file with one line of names.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn write_csv(&self, place: &Path) -> Result<(), Failure> {
        write_csv(place, &self.columns, std::iter::once(Ok(self.values.clone())))
    }

    /// Writes the table as a Parquet file; units and meanings are in its metadata.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn write_parquet(&self, place: &Path) -> Result<(), Failure> {
        let kinds: Vec<_> = self.values.iter().map(Values::kind).collect();
        write_parquet(place, &self.columns, &kinds, std::iter::once(Ok(self.values.clone())))
    }
}
