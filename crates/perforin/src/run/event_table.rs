//! The table of events: one line for everything that happened to a cell.

use std::fs::File;
use std::path::Path;

use perforin_lesion::events::Event;
use perforin_lesion::model::Model;

use crate::failure::Failure;
use crate::folder::Folder;
use crate::table::{Column, Kind, Values, number, write_parquet};

/// Rows of one group of the Parquet file.
const GROUP: usize = 1 << 16;

const KINDS: [Kind; 9] = [
    Kind::Numbers,
    Kind::Text,
    Kind::Text,
    Kind::Text,
    Kind::Whole,
    Kind::Whole,
    Kind::Numbers,
    Kind::Numbers,
    Kind::Numbers,
];

fn columns() -> Vec<Column> {
    vec![
        Column::new("time", "min", "When it happened"),
        Column::new("event", "1", "What happened"),
        Column::new("cause", "1", "Why; empty in the ordinary course of things"),
        Column::new("cell_type", "1", "Type of the cell that it happened to"),
        Column::new("cell", "1", "The cell that it happened to"),
        Column::new("by", "1", "The cell that did it, or the same cell"),
        Column::new("x", "µm", "Where it happened"),
        Column::new("y", "µm", "Where it happened"),
        Column::new("z", "µm", "Where it happened"),
    ]
}

/// The line of names.
pub(super) fn names() -> String {
    let names: Vec<String> = columns().into_iter().map(|c| c.name).collect();
    names.join(",")
}

/// The line of an event.
pub(super) fn line(event: &Event, model: &Model) -> String {
    let [x, y, z] = event.position.map(number);
    let cell_type = &model.types[usize::from(event.cell_type)].name;
    let (time, kind, cause) = (number(event.time), event.kind.name(), event.cause.name());
    format!("{time},{kind},{cause},{cell_type},{},{},{x},{y},{z}", event.cell, event.by)
}

/// Writes `events.parquet` from `events.csv`.
pub(super) fn write(folder: &Folder) -> Result<(), Failure> {
    let place = folder.table("events", "csv");
    let file = File::open(&place)
        .map_err(|e| Failure::run(format!("cannot read `{}`", place.display())).because(&e))?;
    let mut records = csv::Reader::from_reader(file).into_records();
    let groups = std::iter::from_fn(|| {
        let mut values = empty();
        for record in records.by_ref().take(GROUP) {
            if let Err(failure) = add(&mut values, record, &place) {
                return Some(Err(failure));
            }
        }
        (!values[0].is_empty()).then_some(Ok(values))
    });
    write_parquet(&folder.table("events", "parquet"), &columns(), &KINDS, groups)
}

fn empty() -> Vec<Values> {
    let none = |kind: &Kind| match kind {
        Kind::Numbers => Values::Numbers(Vec::new()),
        Kind::Whole => Values::Whole(Vec::new()),
        Kind::Text => Values::Text(Vec::new()),
    };
    KINDS.iter().map(none).collect()
}

fn add(values: &mut [Values], record: csv::Result<csv::StringRecord>, place: &Path) -> Result<(), Failure> {
    let damaged = |what: &str| Failure::run(format!("`{}` is damaged: {what}", place.display()));
    let record = record.map_err(|e| damaged(&e.to_string()))?;
    for (column, text) in values.iter_mut().zip(&record) {
        let no_number = || damaged(&format!("`{text}` is no number"));
        match column {
            Values::Numbers(v) => v.push(text.parse().map_err(|_| no_number())?),
            Values::Whole(v) => v.push(text.parse().map_err(|_| no_number())?),
            Values::Text(v) => v.push(text.to_owned()),
        }
    }
    Ok(())
}
