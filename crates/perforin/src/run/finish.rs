//! What is written when a run is over.

use perforin_lesion::storage::atomic;

use super::event_table;
use crate::answer::{Course, Summary, in_full};
use crate::coupled::Companion;
use crate::effort::Effort;
use crate::failure::Failure;
use crate::folder::Folder;
use crate::manifest::Manifest;
use crate::table::{Table, read_numbers};
use crate::{coupled, files, report};

/// Files of every run.
const NAMES: [&str; 9] = [
    "series.csv",
    "series.parquet",
    "events.csv",
    "events.parquet",
    "checkpoint.pfc",
    "summary.json",
    "effort.json",
    "answer.txt",
    "report.html",
];

/// Writes the tables as Parquet, the answer, the report, and last the manifest with the digest of every file.
pub(super) fn finish(
    folder: &Folder,
    mut manifest: Manifest,
    companion: Option<&Companion<'_>>,
    events: bool,
) -> Result<Summary, Failure> {
    let series = read_series(folder, &manifest)?;
    series.write_parquet(&folder.table("series", "parquet"))?;
    if events {
        event_table::write(folder)?;
    }
    let mut summary = Summary::of(&Course::of(&series, &manifest.cell_types)?);
    let effort: Effort = files::read_json(&folder.effort())?;
    summary.limits = effort.limits((summary.tumour.unrecognised_start, summary.tumour.unrecognised_end));
    files::write_json(&folder.summary(), &summary)?;
    let mut answer = in_full(&summary);
    let mut names: Vec<String> = NAMES.map(str::to_owned).to_vec();
    if let Some(companion) = companion {
        let written = companion.write(folder)?;
        answer.extend(["\n", &written.words]);
        names.extend(written.names);
    }
    files::write(&folder.answer(), answer.as_bytes())?;
    let patient = coupled::section(folder, &manifest)?;
    files::write(&folder.report(), report::page(folder, &manifest, &series, &effort, &patient)?.as_bytes())?;
    let _ = atomic::remove_leftovers(&folder.frames());
    for name in names {
        let place = folder.root().join(&name);
        if place.exists() {
            manifest.outputs.insert(name, files::digest_of_file(&place)?);
        }
    }
    manifest.write(folder)?;
    Ok(summary)
}

/// The time series of a results folder.
///
/// # Errors
/// If it is missing or damaged.
pub fn read_series(folder: &Folder, manifest: &Manifest) -> Result<Table, Failure> {
    read_numbers(&folder.table("series", "csv"), &manifest.series)
}
