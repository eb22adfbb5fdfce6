//! Answering into a results folder.

use std::collections::BTreeMap;
use std::path::Path;

use super::page;
use super::question::{Answer, Question};
use crate::clock::Watch;
use crate::failure::Failure;
use crate::files;
use crate::folder::Folder;
use crate::manifest::{VERSION, in_a_line, is_of_kind};
use crate::study::Study;
use crate::trial::Record;

/// What the manifest calls itself.
const KIND: &str = "diagnostics";

/// The answer to a study, which is written to a new folder if there is to be one.
///
/// # Errors
/// If a number cannot be, or the disk is full or fails.
pub fn run(study: &Study, question: &Question, out: Option<&Path>) -> Result<Answer, Failure> {
    let watch = Watch::start();
    let answer = question
        .answer()
        .map_err(|error| Failure::input("the question cannot be answered").because(&error))?;
    if let Some(out) = out {
        let folder = Folder::create(out)?;
        write(study, question, &answer, &folder)?;
        let timing = serde_json::json!([{ "threads": 1, "wall_seconds": watch.seconds() }]);
        files::write_json(&folder.timing(), &timing)?;
    }
    Ok(answer)
}

fn write(study: &Study, question: &Question, answer: &Answer, folder: &Folder) -> Result<(), Failure> {
    let mut record = record(study, question);
    files::write(&folder.study(), study.text.as_bytes())?;
    files::write_json(&folder.summary(), answer)?;
    files::write(&folder.answer(), answer.in_words().as_bytes())?;
    files::write(&folder.report(), page::page(&record, answer).as_bytes())?;
    let mut names: Vec<String> = ["summary.json", "answer.txt", "report.html"].map(str::to_owned).to_vec();
    for (name, text) in question.files() {
        files::write(&folder.root().join(&name), text.as_bytes())?;
        names.push(name);
    }
    for (name, table) in answer.tables() {
        names.extend(folder.write_table(name, &table)?);
        record.tables.insert(name.to_owned(), table.columns);
    }
    record.outputs = folder.digests(names)?;
    files::write_json(&folder.manifest(), &record)
}

fn record(study: &Study, question: &Question) -> Record {
    Record {
        version: VERSION.into(),
        kind: KIND.into(),
        title: study.file.study.title.clone(),
        question: study.file.study.question.clone(),
        seed: study.file.study.seed,
        command: question.command(),
        study_sha256: files::digest(study.text.as_bytes()),
        parameters: question.ledger.used().to_vec(),
        tables: BTreeMap::new(),
        warnings: question.warnings.iter().map(in_a_line).collect(),
        outputs: BTreeMap::new(),
    }
}

/// Writes `report.html` again from the files of a folder.
///
/// # Errors
/// If one of them cannot be read.
pub fn report(folder: &Folder) -> Result<(), Failure> {
    let record = Record::read(folder)?;
    let answer: Answer = files::read_json(&folder.summary())?;
    files::write(&folder.report(), page::page(&record, &answer).as_bytes())
}

/// Whether a folder is that of `perforin diagnose`.
pub fn is_diagnostics(root: &Path) -> bool {
    is_of_kind(root, KIND)
}
