//! The table of a sweep's results: a row per run with all varied values and final outcomes.

use std::path::Path;

use perforin_core::study::StudyValue;

use super::{Plan, axis};
use crate::answer::Summary;
use crate::failure::Failure;
use crate::files;
use crate::folder::Folder;
use crate::manifest::Manifest;
use crate::table::{Column, Table, Values};

/// Manifest and answer of every run that is finished, in order.
pub(super) fn collect(plan: &Plan, root: &Path) -> Result<Vec<(Manifest, Summary)>, Failure> {
    let mut finished = Vec::new();
    for unit in &plan.units {
        let Ok(folder) = Folder::open(&plan.folder_of(root, unit)) else { continue };
        let manifest = Manifest::read(&folder)?;
        if manifest.is_finished() {
            finished.push((manifest, files::read_json(&folder.summary())?));
        }
    }
    Ok(finished)
}

/// The varied values and the answer of every finished run, in order.
///
/// # Errors
/// If a file of a run is missing or damaged.
pub fn summaries(plan: &Plan, root: &Path) -> Result<Vec<(Vec<StudyValue>, Summary)>, Failure> {
    let runs = collect(plan, root)?;
    Ok(plan.units.iter().map(|unit| unit.values.clone()).zip(runs.into_iter().map(|(_, s)| s)).collect())
}

/// Writes `results.csv` and `results.parquet`.
pub(super) fn write(plan: &Plan, root: &Path, runs: &[(Manifest, Summary)]) -> Result<(), Failure> {
    let mut table = Table::default();
    let whole = |value: fn(&super::Unit) -> i64| Values::Whole(plan.units.iter().map(value).collect());
    table.push(
        Column::new("run", "1", "Number of the run, the folder below units/"),
        whole(|u| u.index as i64),
    );
    table.push(Column::new("replicate", "1", "Number of the replicate"), whole(|u| i64::from(u.replicate)));
    table.push(Column::new("seed", "1", "Seed of the run"), whole(|u| u.seed as i64));
    for (place, axis) in plan.design.axes.iter().enumerate() {
        let written = plan.units.iter().map(|unit| axis::shown(&unit.values[place])).collect();
        table.push(
            Column::new(&axis.path, "1", "Varied value, as written in the study"),
            Values::Text(written),
        );
        if let Some((unit, values)) = in_one_unit(&axis.path, runs) {
            let column = Column::new(format!("{} [{unit}]", axis.path), unit, "Varied value, in one unit");
            table.push(column, Values::Numbers(values));
        }
    }
    let verdicts = runs.iter().map(|(_, summary)| summary.verdict.name().to_owned()).collect();
    table.push(Column::new("verdict", "1", "What became of the tumour"), Values::Text(verdicts));
    let numbers: Vec<Vec<(Column, f64)>> = runs.iter().map(|(_, summary)| summary.numbers()).collect();
    for (place, (column, _)) in numbers.first().into_iter().flatten().enumerate() {
        let values = numbers.iter().map(|run| run[place].1).collect();
        table.push(column.clone(), Values::Numbers(values));
    }
    table.write_csv(&root.join("results.csv"))?;
    table.write_parquet(&root.join("results.parquet"))
}

/// Unit and value in every run of the parameter at a path, if it is one.
fn in_one_unit(path: &str, runs: &[(Manifest, Summary)]) -> Option<(String, Vec<f64>)> {
    let find = |manifest: &Manifest| manifest.parameters.iter().find(|p| p.path == path).cloned();
    let used: Vec<_> = runs.iter().map(|(manifest, _)| find(manifest)).collect::<Option<_>>()?;
    let unit = used.first()?.unit.clone();
    Some((unit, used.iter().map(|p| p.value).collect()))
}
