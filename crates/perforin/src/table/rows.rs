//! Rows that become a table column by column.

use super::{Column, Table, Values};

/// Rows that become a table column by column.
#[derive(Debug)]
pub struct Rows<T> {
    rows: Vec<T>,
    /// The table so far.
    pub table: Table,
}

impl<T> Rows<T> {
    /// A table of these rows, without columns.
    pub fn new(rows: Vec<T>) -> Self {
        Self { rows, table: Table::default() }
    }

    /// Adds a column of words.
    #[must_use]
    pub fn text(mut self, name: &str, meaning: &str, value: impl Fn(&T) -> String) -> Self {
        let values = Values::Text(self.rows.iter().map(value).collect());
        self.table.push(Column::new(name, "1", meaning), values);
        self
    }

    /// Adds a column of whole numbers.
    #[must_use]
    pub fn whole(mut self, name: &str, unit: &str, meaning: &str, value: impl Fn(&T) -> i64) -> Self {
        let values = Values::Whole(self.rows.iter().map(value).collect());
        self.table.push(Column::new(name, unit, meaning), values);
        self
    }

    /// Adds a column of numbers without unit.
    #[must_use]
    pub fn number(self, name: &str, meaning: &str, value: impl Fn(&T) -> Option<f64>) -> Self {
        self.measured(name, "1", meaning, value)
    }

    /// Adds a column of numbers.
    #[must_use]
    pub fn measured(
        mut self,
        name: &str,
        unit: &str,
        meaning: &str,
        value: impl Fn(&T) -> Option<f64>,
    ) -> Self {
        let values = Values::Numbers(self.rows.iter().map(|row| value(row).unwrap_or(f64::NAN)).collect());
        self.table.push(Column::new(name, unit, meaning), values);
        self
    }
}
