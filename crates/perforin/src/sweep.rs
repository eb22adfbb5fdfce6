//! Running a study many times with values varied.
//!
//! Each run is a results folder of its own below `units/`, so that a sweep that was stopped goes on with the runs
//! that are not finished, and each run by itself can be reported, compared or resumed.

mod axis;
mod design;
mod place;
mod pool;
mod results;

pub(crate) use axis::value_of;
pub use axis::{Axis, Extent, Range, shown};
pub use design::{Design, Unit};
pub(crate) use design::{shuffle, stratified};
pub use place::set;
pub use pool::{Outcome, go};
pub use results::summaries;

use std::path::{Path, PathBuf};

use perforin_core::study::StudyValue;
use serde::{Deserialize, Serialize};
use toml::Table;

use crate::failure::Failure;
use crate::folder::refuse_unless_empty;
use crate::manifest::VERSION;
use crate::study::Study;
use crate::{files, terminal};

/// A sweep that can be run: every run was checked.
#[derive(Debug)]
pub struct Plan {
    design: Design,
    study: Study,
    units: Vec<Unit>,
}

/// `sweep.json`: what a sweep's folder belongs to.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Record {
    version: String,
    study_sha256: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    imported_sha256: Option<String>,
    design: Design,
}

/// Whether a folder is that of a sweep.
pub fn is_sweep(root: &Path) -> bool {
    record_in(root).is_file()
}

fn record_in(root: &Path) -> PathBuf {
    root.join("sweep.json")
}

/// A study with values set by their dotted paths, and with a seed; `name` stands for it in messages.
///
/// # Errors
/// If a path leads nowhere, or a value is impossible.
pub fn varied(study: &Study, values: &[(&str, StudyValue)], seed: u64, name: &str) -> Result<Study, Failure> {
    let parsed = study.text.parse::<Table>();
    let mut table = parsed.map_err(|e| Failure::input("the study cannot be varied").because(&e))?;
    table.remove("sweep");
    for (path, value) in values {
        place::set(&mut table, path, value)?;
    }
    if let Some(section) = table.get_mut("study").and_then(toml::Value::as_table_mut) {
        section.insert("seed".into(), toml::Value::Integer(seed as i64));
    }
    let text = toml::to_string(&table)
        .map_err(|e| Failure::input("the varied study cannot be written").because(&e))?;
    study.varied(&PathBuf::from(name), text)
}

impl Plan {
    /// Plans a sweep and checks the study of every run.
    ///
    /// # Errors
    /// If there are too many runs, or one of them is wrong.
    pub fn new(study: Study, design: Design) -> Result<Self, Failure> {
        if design.axes.iter().any(|axis| axis.path == "lesion.import.file") {
            return Err(Failure::input("cannot vary `lesion.import.file`: a sweep keeps a copy of one file")
                .help("run a study for each file, and compare them with `perforin compare`"));
        }
        let units = design.units(study.file.study.seed)?;
        let plan = Self { design, study, units };
        // Replicates differ in nothing that can be wrong.
        for unit in plan.units.iter().filter(|unit| unit.replicate == 0) {
            plan.study_of(unit)?.prepare().map_err(|failure| plan.blame(unit, failure))?;
        }
        Ok(plan)
    }

    /// The plan of a sweep's folder.
    ///
    /// # Errors
    /// If the folder was written by another version, or was altered.
    pub fn read(root: &Path) -> Result<Self, Failure> {
        let record: Record = files::read_json(&record_in(root))?;
        let study = Study::read(&root.join("study.toml"))?;
        study.refuse_if_altered(record.imported_sha256.as_deref())?;
        let plan =
            Self { units: record.design.units(study.file.study.seed)?, design: record.design.clone(), study };
        if plan.record() == record {
            return Ok(plan);
        }
        Err(Failure::input(format!("`{}` is of another study or version of perforin", root.display()))
            .help(format!("it was begun with perforin {}; this is {VERSION}", record.version)))
    }

    /// Makes a new folder for the sweep, or takes one of the same sweep.
    ///
    /// # Errors
    /// If the folder holds anything else, or cannot be written to.
    pub fn settle(&self, root: &Path) -> Result<(), Failure> {
        if is_sweep(root) {
            let record: Record = files::read_json(&record_in(root))?;
            if record == self.record() {
                terminal::remark(&format!("Going on with the sweep in {}.", root.display()));
                return Ok(());
            }
            return Err(Failure::input(format!("`{}` holds another sweep", root.display()))
                .help("choose another name, or go on with that one: `perforin resume`"));
        }
        refuse_unless_empty(root)?;
        let units = root.join("units");
        std::fs::create_dir_all(&units).map_err(|e| files::cannot_write(&units, &e))?;
        files::write(&root.join("study.toml"), self.study.text.as_bytes())?;
        self.study.keep_imported(root)?;
        files::write_json(&record_in(root), &self.record())
    }

    /// Number of runs.
    pub fn runs(&self) -> usize {
        self.units.len()
    }

    fn record(&self) -> Record {
        let study_sha256 = files::digest(self.study.text.as_bytes());
        let imported_sha256 = self.study.imported.as_ref().map(|file| file.sha256.clone());
        Record { version: VERSION.into(), study_sha256, imported_sha256, design: self.design.clone() }
    }

    /// The folder of a run.
    fn folder_of(&self, root: &Path, unit: &Unit) -> PathBuf {
        let digits = self.units.len().saturating_sub(1).to_string().len().max(3);
        root.join("units").join(format!("{:0digits$}", unit.index))
    }

    /// The study of a run: the sweep's study with its values and seed.
    fn study_of(&self, unit: &Unit) -> Result<Study, Failure> {
        let axes = self.design.axes.iter().map(|axis| axis.path.as_str());
        let values: Vec<_> = axes.zip(unit.values.iter().cloned()).collect();
        varied(&self.study, &values, unit.seed, &format!("study of run {}", unit.index))
            .map_err(|failure| self.blame(unit, failure))
    }

    /// Says which values of which run are wrong.
    fn blame(&self, unit: &Unit, failure: Failure) -> Failure {
        let values: Vec<String> = self
            .design
            .axes
            .iter()
            .zip(&unit.values)
            .map(|(axis, value)| format!("{} = {}", axis.path, axis::shown(value)))
            .collect();
        let help = format!("run {} of the sweep has {}", unit.index, values.join(", "));
        Failure { help: Some(help), ..failure }
    }
}
