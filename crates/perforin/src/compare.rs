//! Finished runs side by side.

use std::collections::BTreeMap;

use crate::answer::{Summary, rounded};
use crate::manifest::Manifest;
use crate::report::chart::{Chart, Line};
use crate::report::html::{Page, escape, table};
use crate::report::{Figure, figures, shown};
use crate::table::{Column, Table, Values};

/// A finished run.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its folder, as typed.
    pub name: String,
    /// What was run.
    pub manifest: Manifest,
    /// Its time series.
    pub series: Table,
    /// Its answer.
    pub summary: Summary,
}

/// Finished runs, of which the first is what the others are compared with.
#[derive(Clone, Debug)]
pub struct Comparison {
    entries: Vec<Entry>,
}

/// A number of every run.
struct Row {
    column: Column,
    values: Vec<f64>,
}

/// A parameter that differs between the runs; none where a run does not have it.
struct Difference {
    path: String,
    unit: String,
    values: Vec<Option<f64>>,
}

impl Comparison {
    /// Compares at least one run.
    pub fn new(entries: Vec<Entry>) -> Self {
        Self { entries }
    }

    /// The outcomes that at least one run has.
    fn rows(&self) -> Vec<Row> {
        let numbers: Vec<_> = self.entries.iter().map(|e| e.summary.numbers()).collect();
        let row = |place: usize| Row {
            column: numbers[0][place].0.clone(),
            values: numbers.iter().map(|run| run[place].1).collect(),
        };
        let count = numbers.first().map_or(0, Vec::len);
        (0..count).map(row).filter(|row| row.values.iter().any(|v| !v.is_nan())).collect()
    }

    fn differences(&self) -> Vec<Difference> {
        let mut all: BTreeMap<(String, String), Vec<Option<f64>>> = BTreeMap::new();
        let runs = self.entries.len();
        for (i, entry) in self.entries.iter().enumerate() {
            for p in &entry.manifest.parameters {
                let values = all.entry((p.path.clone(), p.unit.clone())).or_insert_with(|| vec![None; runs]);
                values[i] = Some(p.value);
            }
        }
        let differs = |values: &Vec<Option<f64>>| values.iter().any(|v| *v != values[0]);
        let difference = |((path, unit), values)| Difference { path, unit, values };
        all.into_iter().filter(|(_, values)| differs(values)).map(difference).collect()
    }

    /// The comparison as plain text.
    pub fn text(&self) -> String {
        let mut lines = Vec::new();
        for (i, entry) in self.entries.iter().enumerate() {
            lines.push(format!("{}  {}: {}", letter(i), entry.name, entry.summary.verdict.headline()));
        }
        let mut grid = vec![self.head()];
        for row in self.rows() {
            let name = match row.column.unit.as_str() {
                "1" => row.column.meaning.clone(),
                unit => format!("{}, {unit}", row.column.meaning),
            };
            grid.push([vec![name], row.values.iter().map(|v| or_dash(*v)).collect(), row.ratios()].concat());
        }
        lines.push(String::new());
        lines.extend(aligned(&grid));
        lines.push(String::new());
        let differences = self.differences();
        lines.push(if differences.is_empty() {
            "No parameter differs.".into()
        } else {
            "Parameters that differ:".into()
        });
        for d in differences {
            let values: Vec<String> = d.values.iter().map(|v| v.map_or("—".into(), shown)).collect();
            lines.push(format!(
                "  {}: {} {}",
                d.path,
                values.join(", "),
                if d.unit == "1" { "" } else { &d.unit }
            ));
        }
        lines.join("\n")
    }

    fn head(&self) -> Vec<String> {
        let letters = (0..self.entries.len()).map(letter);
        let ratios = (1..self.entries.len()).map(|i| format!("{}/A", letter(i)));
        std::iter::once(String::new()).chain(letters).chain(ratios).collect()
    }

    /// The outcomes as a table, a row per number: its value in each run and the ratio to the first.
    pub fn table(&self) -> Table {
        let rows = self.rows();
        let mut table = Table::default();
        let text =
            |f: fn(&Column) -> &String| Values::Text(rows.iter().map(|r| f(&r.column).clone()).collect());
        table.push(Column::new("outcome", "1", "Name of the number"), text(|c| &c.name));
        table.push(Column::new("unit", "1", "Its unit"), text(|c| &c.unit));
        for (i, entry) in self.entries.iter().enumerate() {
            let values = rows.iter().map(|row| row.values[i]).collect();
            table.push(Column::new(&entry.name, "1", "Its value in this run"), Values::Numbers(values));
        }
        for (i, entry) in self.entries.iter().enumerate().skip(1) {
            let values = rows.iter().map(|row| row.values[i] / row.values[0]).collect();
            let name = format!("{} / {}", entry.name, self.entries[0].name);
            table.push(Column::new(name, "1", "Ratio to the first run"), Values::Numbers(values));
        }
        table
    }

    /// The comparison as a self-contained page.
    pub fn page(&self) -> String {
        let mut page = Page::new("Comparison");
        let runs = self.entries.iter().enumerate().map(|(i, e)| {
            let verdict = e.summary.verdict.headline();
            vec![letter(i), escape(&e.name), escape(&e.manifest.title), escape(verdict)]
        });
        page.section("Runs", &table(&["", "folder", "title", "outcome"], runs, &[]));
        page.section("Figures", &self.figures().iter().map(Figure::html).collect::<String>());
        let head = self.head();
        let head: Vec<&str> = head.iter().map(String::as_str).collect();
        let right: Vec<usize> = (1..head.len()).collect();
        let rows = self.rows().into_iter().map(|row| {
            let name = escape(&format!("{} ({})", row.column.meaning, row.column.unit)).replace(" (1)", "");
            [vec![name], row.values.iter().map(|v| or_dash(*v)).collect(), row.ratios()].concat()
        });
        page.section("In numbers", &table(&head, rows, &right));
        page.section("Parameters that differ", &self.differences_html());
        page.add(&format!("<p>{}</p>", escape(crate::answer::HONESTY)));
        page.finish()
    }

    fn differences_html(&self) -> String {
        let differences = self.differences();
        if differences.is_empty() {
            return "<p>None.</p>".into();
        }
        let letters: Vec<String> = (0..self.entries.len()).map(letter).collect();
        let mut head = vec!["parameter", "unit"];
        head.extend(letters.iter().map(String::as_str));
        let right: Vec<usize> = (2..head.len()).collect();
        let rows = differences.into_iter().map(|d| {
            let start = vec![format!("<code>{}</code>", escape(&d.path)), escape(&d.unit)];
            let values = d.values.iter().map(|v| v.map_or("—".into(), shown)).collect();
            [start, values].concat()
        });
        table(&head, rows, &right)
    }

    /// For every line of the first run's figures, the same line of all runs over each other.
    fn figures(&self) -> Vec<Figure> {
        let all: Vec<Vec<Figure>> = self.entries.iter().map(|e| figures(&e.manifest, &e.series)).collect();
        let Some(first) = all.first() else { return Vec::new() };
        let mut overlaid = Vec::new();
        for figure in first {
            for line in &figure.chart.lines {
                overlaid.push(overlay(figure, &line.label, &all));
            }
        }
        overlaid
    }
}

impl Row {
    fn ratios(&self) -> Vec<String> {
        self.values[1..].iter().map(|v| or_dash(v / self.values[0])).collect()
    }
}

/// The line of one label in the figures of all runs that have it.
fn overlay(figure: &Figure, label: &str, all: &[Vec<Figure>]) -> Figure {
    let find = |figures: &Vec<Figure>| {
        let same = figures.iter().find(|f| f.title == figure.title)?;
        same.chart.lines.iter().find(|l| l.label == label).cloned()
    };
    let lines: Vec<Line> = all
        .iter()
        .enumerate()
        .filter_map(|(i, figures)| find(figures).map(|line| Line { label: letter(i), colour: i, ..line }))
        .collect();
    let alt = format!("Line chart of {}, {label}, for {} runs over time in days.", figure.title, lines.len());
    let title = format!("{}: {label}", figure.title);
    Figure { title, note: figure.note.clone(), chart: Chart { alt, lines, ..figure.chart.clone() } }
}

/// Name of a run in tables and figures: A to Z, then by number.
fn letter(i: usize) -> String {
    u8::try_from(i)
        .ok()
        .filter(|i| *i < 26)
        .map_or_else(|| format!("run {i}"), |i| char::from(b'A' + i).to_string())
}

fn or_dash(value: f64) -> String {
    if value.is_finite() { rounded(value) } else { "—".into() }
}

/// Rows with their cells in columns, the first to the left and the others to the right.
fn aligned(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |c: usize| rows.iter().map(|row| row[c].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate();
        let cells =
            cells.map(|(c, (cell, w))| if c == 0 { format!("{cell:<w$}") } else { format!("{cell:>w$}") });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}
