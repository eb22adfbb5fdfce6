//! The folder of `perforin trial compare`: what was compared, kept so that its page can be made again.

use std::collections::BTreeMap;
use std::path::Path;

use perforin_core::catalogue::UsedParameter;
use serde::{Deserialize, Serialize};

use super::question::Question;
use super::{compare, compare_page, cut_offs};
use crate::failure::Failure;
use crate::files;
use crate::folder::Folder;
use crate::manifest::{VERSION, is_of_kind, read_record};
use crate::study::Study;
use crate::table::{Column, Table};

/// What the manifest calls itself.
const KIND: &str = "trial comparison";

/// What was compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Compared {
    /// Designs and sizes.
    Designs(Vec<compare::Row>),
    /// Cut-offs of a test that selects the patients.
    CutOffs(cut_offs::Compared),
}

/// A study that was compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparedStudy {
    /// The file as it was named.
    pub place: String,
    /// Its copy in the folder.
    pub copy: String,
    /// Its title.
    pub title: String,
    /// Seed of every random draw.
    pub seed: u64,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Every parameter that its own design uses, with unit and source.
    pub parameters: Vec<UsedParameter>,
}

/// `manifest.json` of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Version of Perforin.
    pub version: String,
    /// `"trial comparison"`.
    pub kind: String,
    /// The studies.
    pub studies: Vec<ComparedStudy>,
    /// The command that gives the same numbers, to be run in the results folder.
    pub command: String,
    /// Columns of every table, with units.
    pub tables: BTreeMap<String, Vec<Column>>,
    /// SHA-256 of every file that was written.
    pub outputs: BTreeMap<String, String>,
}

impl Compared {
    /// In lines.
    pub fn in_words(&self) -> String {
        match self {
            Self::Designs(rows) => compare::in_words(rows),
            Self::CutOffs(compared) => cut_offs::in_words(compared),
        }
    }

    /// Every table with the name of its file.
    pub fn tables(&self) -> Vec<(&'static str, Table)> {
        match self {
            Self::Designs(rows) => vec![("compare", compare::table(rows.clone()))],
            Self::CutOffs(compared) => cut_offs::tables(compared),
        }
    }

    /// Figures as HTML.
    pub fn figures(&self) -> String {
        match self {
            Self::Designs(rows) => compare_page::figures(rows),
            Self::CutOffs(compared) => cut_offs::figures(compared),
        }
    }
}

impl Comparison {
    /// Writes a folder; `flags` are what follows the studies in the command.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn write(root: &Path, studies: &[Study], flags: &str, compared: &Compared) -> Result<(), Failure> {
        let folder = Folder::create(root)?;
        let kept: Vec<ComparedStudy> =
            studies.iter().enumerate().map(compared_study).collect::<Result<_, _>>()?;
        let copies: Vec<&str> = kept.iter().map(|study| study.copy.as_str()).collect();
        let mut record = Self {
            version: VERSION.into(),
            kind: KIND.into(),
            command: format!("perforin trial compare {}{flags} --out again", copies.join(" ")),
            studies: kept,
            tables: BTreeMap::new(),
            outputs: BTreeMap::new(),
        };
        let mut names: Vec<String> =
            ["summary.json", "answer.txt", "report.html"].map(str::to_owned).to_vec();
        for (study, kept) in studies.iter().zip(&record.studies) {
            files::write(&folder.root().join(&kept.copy), study.text.as_bytes())?;
            names.push(kept.copy.clone());
        }
        files::write_json(&folder.summary(), compared)?;
        files::write(&folder.answer(), compared.in_words().as_bytes())?;
        files::write(&folder.report(), compare_page::page(&record, compared).as_bytes())?;
        for (name, table) in compared.tables() {
            names.extend(folder.write_table(name, &table)?);
            record.tables.insert(name.to_owned(), table.columns);
        }
        record.outputs = folder.digests(names)?;
        files::write_json(&folder.manifest(), &record)
    }
}

fn compared_study((k, study): (usize, &Study)) -> Result<ComparedStudy, Failure> {
    Ok(ComparedStudy {
        place: study.place.display().to_string(),
        copy: if k == 0 { "study.toml".into() } else { format!("study-{}.toml", k + 1) },
        title: study.file.study.title.clone(),
        seed: study.file.study.seed,
        sha256: files::digest(study.text.as_bytes()),
        parameters: Question::new(study)?.ledger.used().to_vec(),
    })
}

/// Writes `report.html` again from the files of a folder.
///
/// # Errors
/// If one of them cannot be read, or is of another version.
pub fn report(folder: &Folder) -> Result<(), Failure> {
    let record: Comparison = read_record(folder)?;
    let compared: Compared = files::read_json(&folder.summary())?;
    files::write(&folder.report(), compare_page::page(&record, &compared).as_bytes())
}

/// Whether a folder is that of a comparison.
pub fn is_comparison(root: &Path) -> bool {
    is_of_kind(root, KIND)
}
