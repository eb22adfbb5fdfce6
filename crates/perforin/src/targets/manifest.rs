//! `manifest.json` of a target search.

use std::collections::BTreeMap;
use std::path::Path;

use perforin_core::catalogue::UsedParameter;
use serde::{Deserialize, Serialize};

use super::question::Question;
use crate::failure::Failure;
use crate::files;
use crate::folder::Folder;
use crate::manifest::{VERSION, is_of_kind, read_record};
use crate::study::Study;

/// What the manifest of a target search calls itself.
const KIND: &str = "targets";

/// What was searched, so that anyone can search it again and see where every number came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Version of Perforin.
    pub version: String,
    /// `"targets"`.
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
    /// Files that were read, as the study names them.
    pub inputs: Vec<Input>,
    /// Every parameter that was used, with its unit and source.
    pub parameters: Vec<UsedParameter>,
    /// SHA-256 of every file that was written; empty until the search is over.
    pub outputs: BTreeMap<String, String>,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// Its path, as the study gives it.
    pub path: String,
    /// Its size, bytes.
    pub bytes: u64,
    /// SHA-256 of its content.
    pub sha256: String,
}

impl Record {
    /// The record of a search that is about to begin; paths start from `base`.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn new(study: &Study, question: &Question, base: &Path) -> Result<Self, Failure> {
        let generated = study.file.targets.as_ref().is_some_and(|targets| targets.generated.is_some());
        let command = if generated {
            "perforin targets study.toml --out again".into()
        } else {
            "perforin targets study.toml --data FOLDER_OF_THE_INPUTS --out again".into()
        };
        Ok(Self {
            version: VERSION.into(),
            kind: KIND.into(),
            title: study.file.study.title.clone(),
            question: study.file.study.question.clone(),
            seed: study.file.study.seed,
            command,
            study_sha256: files::digest(study.text.as_bytes()),
            inputs: inputs(study, base)?,
            parameters: question.ledger.used().to_vec(),
            outputs: BTreeMap::new(),
        })
    }

    /// Reads the record of a results folder.
    ///
    /// # Errors
    /// If it cannot be read or is of another version.
    pub fn read(folder: &Folder) -> Result<Self, Failure> {
        read_record(folder)
    }
}

/// Whether a folder is that of a target search.
pub fn is_targets(root: &Path) -> bool {
    is_of_kind(root, KIND)
}

/// Every file that a study names for its target search, or that lies in a folder that it names, with its digest.
///
/// # Errors
/// If one cannot be read.
pub fn inputs(study: &Study, base: &Path) -> Result<Vec<Input>, Failure> {
    let Some(section) = &study.file.targets else { return Ok(Vec::new()) };
    let mut names: Vec<String> = Vec::new();
    for atlas in &section.atlas {
        names.push(atlas.file.clone());
        names.extend(atlas.labels.clone());
    }
    names.extend(section.candidates.surface.iter().cloned());
    names.extend(section.genotype.values().filter_map(|genotype| genotype.patients.clone()));
    names.extend(section.normal_protein.clone());
    names.extend(section.normal_rna.clone());
    let mut found = Vec::new();
    for name in names {
        let place = base.join(&name);
        if place.is_dir() {
            for file in files_in(&place)? {
                found.push(input(&format!("{}/{file}", name.trim_end_matches('/')), &place.join(&file))?);
            }
        } else {
            found.push(input(&name, &place)?);
        }
    }
    Ok(found)
}

fn files_in(folder: &Path) -> Result<Vec<String>, Failure> {
    let cannot = |e| Failure::input(format!("cannot read `{}`", folder.display())).because(&e);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(cannot)? {
        let entry = entry.map_err(cannot)?;
        if entry.path().is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn input(name: &str, place: &Path) -> Result<Input, Failure> {
    let bytes = std::fs::metadata(place)
        .map_err(|e| Failure::input(format!("cannot read `{}`", place.display())).because(&e))?
        .len();
    Ok(Input { path: name.into(), bytes, sha256: files::digest_of_file(place)? })
}
