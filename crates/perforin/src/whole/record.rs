//! `manifest.json` of a study that goes the whole way: its stages, and what each wrote.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::stages::{Kind, Stage};
use crate::failure::Failure;
use crate::files;
use crate::folder::Folder;
use crate::manifest::{VERSION, is_of_kind, read_record};
use crate::study::Study;

/// What the manifest calls itself.
const KIND: &str = "whole way";

/// What was run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Version of Perforin.
    pub version: String,
    /// `"whole way"`.
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
    /// The stages in their order.
    pub stages: Vec<Done>,
    /// SHA-256 of every file beside the stages' folders; empty until all is over.
    pub outputs: BTreeMap<String, String>,
}

/// A stage that was begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// Its folder.
    pub folder: String,
    /// What it is.
    pub what: String,
    /// SHA-256 of the version, its study and the files that it reads: the same key, the same results.
    pub key: String,
    /// SHA-256 of every file of its folder, but for how long it took; empty until it is over.
    pub files: BTreeMap<String, String>,
}

impl Record {
    /// The record of a study none of whose stages is begun.
    pub fn new(study: &Study) -> Self {
        let outside = if reads_files(study) { " (in the folder of the files that it names)" } else { "" };
        Self {
            version: VERSION.into(),
            kind: KIND.into(),
            title: study.file.study.title.clone(),
            question: study.file.study.question.clone(),
            seed: study.file.study.seed,
            command: format!("perforin run study.toml --out again{outside}"),
            study_sha256: files::digest(study.text.as_bytes()),
            stages: Vec::new(),
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

    /// Whether every stage is over.
    pub fn is_finished(&self) -> bool {
        !self.outputs.is_empty()
    }
}

/// Whether a study reads files beside itself, which its results folder has no copy of.
pub fn reads_files(study: &Study) -> bool {
    study.imported.is_some()
        || study.file.targets.as_ref().is_some_and(|t| t.generated.is_none() || !t.genotype.is_empty())
}

/// Whether a folder is that of a study that goes the whole way.
pub fn is_whole(root: &Path) -> bool {
    is_of_kind(root, KIND)
}

/// The key of a stage: a digest of everything that its results follow from. What earlier stages found stands in its study.
///
/// # Errors
/// If a file that it reads cannot be read.
pub fn key(stage: &Stage, study: &Study) -> Result<String, Failure> {
    let mut all = format!("{VERSION}\n{}\n{}\n", stage.kind.folder(), stage.text);
    if stage.kind == Kind::Targets {
        for input in crate::targets::manifest::inputs(study, study.base())? {
            all.extend([input.sha256.as_str(), " ", &input.path, "\n"]);
        }
    }
    if let (Kind::Lesion | Kind::Single, Some(file)) = (stage.kind, &study.imported) {
        all += &file.sha256;
    }
    Ok(files::digest(all.as_bytes()))
}

/// Digests of all files below a folder, but for how long it took.
///
/// # Errors
/// If one cannot be read.
pub fn digests(root: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let mut found = BTreeMap::new();
    gather(root, "", &mut found)?;
    Ok(found)
}

fn gather(folder: &Path, prefix: &str, found: &mut BTreeMap<String, String>) -> Result<(), Failure> {
    let cannot = |e| Failure::run(format!("cannot read `{}`", folder.display())).because(&e);
    for entry in std::fs::read_dir(folder).map_err(cannot)? {
        let entry = entry.map_err(cannot)?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            gather(&entry.path(), &format!("{name}/"), found)?;
        } else if name != "timing.json" {
            found.insert(name, files::digest_of_file(&entry.path())?);
        }
    }
    Ok(())
}
