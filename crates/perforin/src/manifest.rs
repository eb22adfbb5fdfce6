//! `manifest.json`: what was run, so that anyone can run it again and see where every number came from.

use std::collections::BTreeMap;
use std::path::Path;

use perforin_core::catalogue::UsedParameter;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::answer::CellType;
use crate::failure::Failure;
use crate::files;
use crate::folder::Folder;
use crate::study::{Prepared, Study};
use crate::table::Column;

/// The command's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What was run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of Perforin.
    pub version: String,
    /// The study's title.
    pub title: String,
    /// The study's question.
    pub question: Option<String>,
    /// Seed of every random draw.
    pub seed: u64,
    /// The command that gives the same bytes, to be run in the results folder.
    pub command: String,
    /// SHA-256 of `study.toml`.
    pub study_sha256: String,
    /// SHA-256 of the file that cells were imported from, of which the folder keeps a copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported_sha256: Option<String>,
    /// Numbers that follow from the study.
    pub derived: Derived,
    /// Cell types and what they stand for.
    pub cell_types: Vec<CellType>,
    /// Columns of the time series.
    pub series: Vec<Column>,
    /// Columns of the series of the patient whose lesion it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient: Option<Vec<Column>>,
    /// Every parameter that was used, with its unit and source.
    pub parameters: Vec<UsedParameter>,
    /// What the study's author should know.
    pub warnings: Vec<String>,
    /// SHA-256 of every file that was written; empty until the run is over.
    pub outputs: BTreeMap<String, String>,
}

/// Numbers that follow from a study.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Derived {
    /// Cells at the start, by type.
    pub cells: BTreeMap<String, u64>,
    /// Product cells on their way into the lesion.
    pub arriving: u64,
    /// Voxels along each axis.
    pub voxels: [usize; 3],
    /// Edge of a voxel, µm.
    pub voxel: f64,
    /// Diffusing substances.
    pub substances: Vec<String>,
    /// Duration, d.
    pub duration: f64,
    /// Length of a phenotype step, min.
    pub step: f64,
    /// Number of phenotype steps.
    pub steps: u64,
}

impl Derived {
    /// The numbers that follow from a study.
    pub fn of(prepared: &Prepared) -> Self {
        let (model, cells) = (&prepared.scenario.model, &prepared.scenario.cells);
        let mut counts: Vec<u64> = vec![0; model.types.len()];
        for kind in &cells.kind {
            counts[usize::from(*kind)] += 1;
        }
        Self {
            cells: model.types.iter().map(|t| t.name.clone()).zip(counts).collect(),
            arriving: model.arrivals.iter().map(perforin_lesion::model::Arrival::total).sum(),
            voxels: model.grid.n,
            voxel: model.grid.spacing,
            substances: model.substances.iter().map(|s| s.name.clone()).collect(),
            duration: model.duration / 1440.0,
            step: model.numerics.phenotype_step,
            steps: steps(model.duration, model.numerics.phenotype_step),
        }
    }

    /// Cells at the start.
    pub fn cells_in_all(&self) -> u64 {
        self.cells.values().sum()
    }

    /// Voxels in all.
    pub fn voxels_in_all(&self) -> u64 {
        self.voxels.iter().map(|&n| n as u64).product()
    }
}

/// What a study's author should know, in a line: the place, and what to do about it.
pub fn in_a_line(problem: &perforin_lesion::scenario::Problem) -> String {
    let help = problem.help.as_ref().map_or_else(String::new, |help| format!(" ({help})"));
    format!("{}: {}{help}", problem.path, problem.message)
}

/// Reads the `manifest.json` of a results folder, of whatever kind.
///
/// # Errors
/// If it cannot be read, is of another version, or is damaged.
pub fn read_record<T: DeserializeOwned>(folder: &Folder) -> Result<T, Failure> {
    let place = folder.manifest();
    let manifest: serde_json::Value = files::read_json(&place)?;
    let version = manifest["version"].as_str().unwrap_or("of an unknown version");
    if version != VERSION {
        let what = format!("`{}` was written by perforin {version}", folder.root().display());
        return Err(Failure::unreadable(format!("{what}; this is {VERSION}"))
            .help("use that version, or run the study again in another folder"));
    }
    serde_json::from_value(manifest).map_err(|e| {
        Failure::unreadable(format!("`{}` is damaged", place.display()))
            .because(&e)
            .help("run the study again in another folder")
    })
}

/// Whether a results folder is of a kind, by what its manifest calls itself.
pub fn is_of_kind(root: &Path, kind: &str) -> bool {
    let manifest: Result<serde_json::Value, _> = files::read_json(&root.join("manifest.json"));
    manifest.is_ok_and(|manifest| manifest["kind"] == kind)
}

/// Number of steps after which a lesion is over: the duration, to the nearest step.
fn steps(duration: f64, step: f64) -> u64 {
    ((duration / step - 0.5).floor() + 1.0).max(0.0) as u64
}

impl Manifest {
    /// The manifest of a run that is about to begin.
    pub fn new(study: &Study, prepared: &Prepared) -> Self {
        let scenario = &prepared.scenario;
        Self {
            version: VERSION.into(),
            title: study.file.study.title.clone(),
            question: study.file.study.question.clone(),
            seed: study.file.study.seed,
            command: "perforin run study.toml --out again".into(),
            study_sha256: files::digest(study.text.as_bytes()),
            imported_sha256: study.imported.as_ref().map(|file| file.sha256.clone()),
            derived: Derived::of(prepared),
            cell_types: CellType::all(&scenario.model),
            series: crate::run::columns(&scenario.model),
            patient: prepared.coupling.as_ref().map(|coupling| coupling.question.series_columns()),
            parameters: scenario.ledger.used().to_vec(),
            warnings: scenario.warnings.iter().map(in_a_line).collect(),
            outputs: BTreeMap::new(),
        }
    }

    /// Reads the manifest of a results folder.
    ///
    /// # Errors
    /// If it cannot be read or is of another version.
    pub fn read(folder: &Folder) -> Result<Self, Failure> {
        if crate::whole::is_whole(folder.root()) {
            let what = format!(
                "`{}` holds the stages of a whole way, not a run of a lesion",
                folder.root().display()
            );
            let help =
                format!("name one of its lesions: `{}`", folder.root().join("2-lesion-gate").display());
            return Err(Failure::input(what).help(help));
        }
        let others = [
            (crate::targets::is_targets(folder.root()), "a target search"),
            (crate::patient::is_patient(folder.root()), "patients"),
            (crate::trial::is_trial(folder.root()), "a trial"),
            (crate::diagnose::is_diagnostics(folder.root()), "diagnostics"),
        ];
        if let Some((_, what)) = others.iter().find(|(is, _)| *is) {
            let what = format!("`{}` holds {what}, not a run of a lesion", folder.root().display());
            let help = format!("its page is `{}`", folder.report().display());
            return Err(Failure::input(what).help(help));
        }
        read_record(folder)
    }

    /// Writes the manifest.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn write(&self, folder: &Folder) -> Result<(), Failure> {
        files::write_json(&folder.manifest(), self)
    }

    /// Whether the run is over and everything is written.
    pub fn is_finished(&self) -> bool {
        !self.outputs.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::steps;

    #[test]
    fn the_last_step_is_the_nearest_to_the_duration() {
        assert_eq!(steps(60.0, 6.0), 10);
        assert_eq!(steps(62.0, 6.0), 10);
        assert_eq!(steps(64.0, 6.0), 11);
        assert_eq!(steps(1.0, 6.0), 0);
    }
}
