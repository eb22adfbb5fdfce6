//! `manifest.json` of a trial.

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
const KIND: &str = "trial";

/// What was simulated, so that anyone can simulate it again and see where every number came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Version of Perforin.
    pub version: String,
    /// `"trial"`.
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
    /// Every parameter that was used, with its unit and source.
    pub parameters: Vec<UsedParameter>,
    /// Columns of every table, with units.
    pub tables: BTreeMap<String, Vec<Column>>,
    /// What the study's author should know.
    pub warnings: Vec<String>,
    /// SHA-256 of every file that was written.
    pub outputs: BTreeMap<String, String>,
}

impl Record {
    /// The record of a trial whose files are not written yet.
    pub fn new(study: &Study, question: &Question) -> Self {
        Self {
            version: VERSION.into(),
            kind: KIND.into(),
            title: study.file.study.title.clone(),
            question: study.file.study.question.clone(),
            seed: question.seed,
            command: "perforin trial study.toml --out again".into(),
            study_sha256: files::digest(study.text.as_bytes()),
            parameters: question.ledger.used().to_vec(),
            tables: BTreeMap::new(),
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
}

/// Whether a folder is that of a trial.
pub fn is_trial(root: &Path) -> bool {
    is_of_kind(root, KIND)
}
