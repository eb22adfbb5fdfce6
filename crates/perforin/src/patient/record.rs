//! `manifest.json` of a patient or a population.

use std::collections::BTreeMap;
use std::path::Path;

use perforin_core::catalogue::UsedParameter;
use serde::{Deserialize, Serialize};

use super::question::Question;
use crate::failure::Failure;
use crate::files;
use crate::folder::Folder;
use crate::manifest::{VERSION, in_a_line, is_of_kind, read_record};
use crate::study::Study;
use crate::table::Column;

/// What the manifest calls itself.
const KIND: &str = "patient";

/// What was run, so that anyone can run it again and see where every number came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Version of Perforin.
    pub version: String,
    /// `"patient"`.
    pub kind: String,
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
    /// Arms and what each changes.
    pub arms: Vec<(String, Vec<(String, String)>)>,
    /// Patients in each arm.
    pub patients: u64,
    /// Whether it is about one patient, not a population.
    pub is_one: bool,
    /// Columns of the series.
    pub series: Vec<Column>,
    /// Columns of the outcome.
    pub outcome: Vec<Column>,
    /// Every parameter that was used, with its unit and source.
    pub parameters: Vec<UsedParameter>,
    /// What the study's author should know.
    pub warnings: Vec<String>,
    /// SHA-256 of every file that was written; empty until the run is over.
    pub outputs: BTreeMap<String, String>,
}

impl Record {
    /// The record of a run that is about to begin.
    pub fn new(study: &Study, question: &Question) -> Self {
        Self {
            version: VERSION.into(),
            kind: KIND.into(),
            title: study.file.study.title.clone(),
            question: study.file.study.question.clone(),
            seed: study.file.study.seed,
            command: "perforin run study.toml --out again".into(),
            study_sha256: files::digest(study.text.as_bytes()),
            arms: question.arms.iter().map(|arm| (arm.name.clone(), arm.changes.clone())).collect(),
            patients: question.count,
            is_one: question.is_one(),
            series: question.series_columns(),
            outcome: question.outcome_columns().into_iter().map(|c| c.column).collect(),
            parameters: question.ledger.used().to_vec(),
            warnings: question.warnings.iter().map(in_a_line).collect(),
            outputs: BTreeMap::new(),
        }
    }

    /// Reads the record of a results folder.
    ///
    /// # Errors
    /// If it cannot be read or is of another version.
    pub fn read(folder: &Folder) -> Result<Self, Failure> {
        read_record(folder)
    }

    /// Whether the run is over and everything is written.
    pub fn is_finished(&self) -> bool {
        !self.outputs.is_empty()
    }

    /// Notes the digest of files of the folder and writes the record.
    ///
    /// # Errors
    /// If a file cannot be read, or the disk is full or fails.
    pub fn finish(&mut self, folder: &Folder, names: Vec<String>) -> Result<(), Failure> {
        self.outputs.extend(folder.digests(names)?);
        files::write_json(&folder.manifest(), self)
    }
}

/// Whether a folder is that of a patient or a population.
pub fn is_patient(root: &Path) -> bool {
    is_of_kind(root, KIND)
}
