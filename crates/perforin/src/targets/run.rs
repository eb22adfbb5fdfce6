//! Reading, searching, and writing the results folder.

use std::path::Path;

use perforin_atlas::answer::{answer, look, read};
use perforin_atlas::load::Loaded;
use perforin_atlas::write::{CellLabel, write_labels};
use perforin_atlas::{AtlasError, TargetsAnswer};
use perforin_lesion::scenario::Problem;

use super::manifest::Record;
use super::progress::Meter;
use super::question::Question;
use super::{page, profile, tables, words};
use crate::answer::grouped;
use crate::clock::Watch;
use crate::failure::Failure;
use crate::folder::Folder;
use crate::study::Study;
use crate::{files, interrupt};

/// How a search ended that did not fail.
#[derive(Debug)]
pub struct Ended {
    /// The answer.
    pub answer: TargetsAnswer,
    /// Whether the user stopped it, so that something is not proved.
    pub is_stopped: bool,
}

/// Answers a study's question into a new folder. Paths start from `base`; nothing is written if the input is wrong.
///
/// # Errors
/// If the input is wrong, or the disk is full or fails.
pub fn run(study: &Study, base: &Path, out: &Path, threads: usize, quiet: bool) -> Result<Ended, Failure> {
    let watch = Watch::start();
    let question = Question::new(study, base)?;
    let meter = Meter::new(quiet, question.time_limit);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(|e| Failure::run(format!("cannot start {threads} threads")).because(&e))?;
    pool.install(|| {
        let mut loaded = read(&question.request, &|progress| meter.after(progress))
            .map_err(|error| refuse(study, &question, &error))?;
        for found in &mut loaded.report.matches {
            found.path = from_base(&found.path, base);
        }
        for (path, _) in &mut loaded.report.left_out {
            *path = from_base(path, base);
        }
        let found = answer(&question.request, &loaded, &|progress| meter.after(progress))
            .map_err(|error| refuse(study, &question, &error))?;
        let folder = Folder::create(out)?;
        // Who has the answer is to have its profile too, so this reading is not stopped.
        let profiles = profile::Profiles::new(&question, &loaded, &found, &|progress| {
            meter.after(progress);
            false
        })?;
        let all = Found { loaded: &loaded, answer: &found, profiles: &profiles };
        write(study, base, &question, &all, &folder)?;
        files::write_json(
            &folder.timing(),
            &serde_json::json!([{ "threads": threads, "wall_seconds": watch.seconds() }]),
        )?;
        Ok(Ended { answer: found, is_stopped: interrupt::is_requested() })
    })
}

/// Writes `report.html` again from the files of a folder.
///
/// # Errors
/// If one of them cannot be read.
pub fn report(folder: &Folder) -> Result<(), Failure> {
    let record = Record::read(folder)?;
    let answer: TargetsAnswer = files::read_json(&folder.root().join("answer.json"))?;
    files::write(&folder.report(), page::page(&record, &answer).as_bytes())
}

/// What a study would read, in words.
///
/// # Errors
/// If the input is wrong.
pub fn check(study: &Study, base: &Path) -> Result<String, Failure> {
    let question = Question::new(study, base)?;
    let found = look(&question.request).map_err(|error| refuse(study, &question, &error))?;
    let files: Vec<String> = found
        .files
        .iter()
        .map(|(path, genes, cells)| {
            let (genes, cells) = (grouped(*genes as f64), grouped(*cells as f64));
            format!("  file      {}: {genes} genes × {cells} cells\n", from_base(path, base).display())
        })
        .collect();
    let count = |malignant: bool| {
        let groups = found.groups.iter().filter(move |(role, _)| role.is_malignant() == malignant);
        groups.fold((0_usize, 0_usize), |(n, cells), (_, size)| (n + 1, cells + size))
    };
    let ((patients, malignant), (tissues, normal)) = (count(true), count(false));
    Ok(format!(
        "{}: no error\n{}  cells     {} malignant of {patients} patients, {} normal in {tissues} groups; {} lack a label\n  \
         genes     {} candidates in every file\n  memory    about {} MB of bit planes, and one window of the file",
        study.place.display(),
        files.concat(),
        grouped(malignant as f64),
        grouped(normal as f64),
        grouped(found.left_out as f64),
        grouped(found.candidates as f64),
        grouped((found.bytes as f64 / 1e6).max(1.0))
    ))
}

fn from_base(path: &Path, base: &Path) -> std::path::PathBuf {
    path.strip_prefix(base).unwrap_or(path).to_owned()
}

/// An error of the atlas, at the line of the study that it is about, if it is about one.
fn refuse(study: &Study, question: &Question, error: &AtlasError) -> Failure {
    let problem = |path: String, help: &str| {
        study.refuse(&[Problem { path, message: error.to_string(), help: Some(help.into()) }])
    };
    match error {
        AtlasError::MissingColumn { column, path, .. } => match place_of(question, path, column) {
            Some(place) => problem(place, "name one of these labels, or give a table of labels"),
            None => Failure::input("the atlas cannot be read").because(error),
        },
        AtlasError::Stopped { .. } => Failure::interrupted("Stopped while reading; nothing was written.")
            .because(error)
            .help("run it again"),
        AtlasError::UnknownGenotype { column, path, .. } => match place_of(question, path, column) {
            Some(place) => {
                problem(place, "missing labels would pass for absence, and a NOT would be credited for them")
            }
            None => Failure::input("the atlas cannot be read").because(error),
        },
        AtlasError::Request { field, problem: what } => {
            Failure::input(format!("the search cannot be done: {field}: {what}"))
        }
        AtlasError::Value { .. } | AtlasError::NotCounts { .. } => Failure::input("the atlas cannot be read")
            .because(error)
            .help("`matrix` names another matrix of an AnnData file: \"raw\", or a layer"),
        AtlasError::NoCandidates { .. } => Failure::input("nothing can be searched")
            .because(error)
            .help("candidates are matched by gene symbol or Ensembl identifier"),
        _ => Failure::input("the atlas cannot be read").because(error),
    }
}

/// Where the study names a cell label of a file.
fn place_of(question: &Question, file: &Path, column: &str) -> Option<String> {
    use perforin_atlas::cohort::{Field, Malignancy};
    let genotype = question.request.genotypes.iter().find(|g| g.column == column);
    let of_atlas = question.request.files.iter().enumerate().find_map(|(i, atlas)| {
        if atlas.path != file && atlas.labels.as_deref() != Some(file) {
            return None;
        }
        let is = |field: &Field| matches!(field, Field::Column(name) if name == column);
        let key = match &atlas.malignant {
            Malignancy::Label { column: name, .. } if name == column => "malignant.column",
            _ if is(&atlas.patient) => "patient.column",
            _ if is(&atlas.tissue) => "tissue.column",
            _ if is(&atlas.cell_type) => "cell_type.column",
            _ => return None,
        };
        Some(format!("targets.atlas.{i}.{key}"))
    });
    of_atlas.or_else(|| genotype.map(|g| format!("targets.genotype.{}.column", g.name)))
}

/// What is written.
struct Found<'a> {
    loaded: &'a Loaded,
    answer: &'a TargetsAnswer,
    profiles: &'a profile::Profiles,
}

fn write(
    study: &Study,
    base: &Path,
    question: &Question,
    found: &Found,
    folder: &Folder,
) -> Result<(), Failure> {
    let mut record = Record::new(study, question, base)?;
    files::write(&folder.study(), study.text.as_bytes())?;
    files::write_json(&folder.manifest(), &record)?;
    let mut names = write_texts(&record, found, folder)?;
    names.extend(write_tables(found, folder)?);
    names.extend(label_cells(question, found.loaded, found.answer, folder)?);
    record.outputs = folder.digests(names)?;
    files::write_json(&folder.manifest(), &record)
}

/// The answer as text, the report, and the blocks for other studies.
fn write_texts(record: &Record, found: &Found, folder: &Folder) -> Result<Vec<String>, Failure> {
    let answer = found.answer;
    let json = answer.json().map_err(|e| Failure::run("the answer cannot be written").because(&e))?;
    let mut texts = vec![
        ("gates.tsv".to_owned(), answer.ranked_tsv()),
        ("groups.tsv".into(), answer.groups_tsv()),
        ("answer.json".into(), json),
        ("answer.txt".into(), words::in_words(answer)),
        ("report.html".into(), page::page(record, answer)),
    ];
    let below = |place: &'static str| move |(name, text): (String, String)| (format!("{place}/{name}"), text);
    texts.extend(profile::products(answer).into_iter().map(below("products")));
    texts.extend(found.profiles.lesions().into_iter().map(below("lesions")));
    texts.extend(found.profiles.tissues().into_iter().map(below("tissues")));
    for (name, text) in &texts {
        let place = folder.root().join(name);
        if let Some(parent) = place.parent() {
            std::fs::create_dir_all(parent).map_err(|e| files::cannot_write(parent, &e))?;
        }
        files::write(&place, text.as_bytes())?;
    }
    Ok(texts.into_iter().map(|(name, _)| name).collect())
}

fn write_tables(found: &Found, folder: &Folder) -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    for (name, table) in tables::all(found.answer).into_iter().chain(found.profiles.table()) {
        names.extend(folder.write_table(name, &table)?);
    }
    Ok(names)
}

/// Copies every `.h5ad` file and adds a label of every cell for each of the leading gates.
fn label_cells(
    question: &Question,
    loaded: &Loaded,
    answer: &TargetsAnswer,
    folder: &Folder,
) -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    if question.label_cells == 0 {
        return Ok(names);
    }
    let place = folder.root().join("labelled");
    std::fs::create_dir_all(&place).map_err(|e| files::cannot_write(&place, &e))?;
    for (i, file) in question.request.files.iter().enumerate() {
        if file.path.extension().is_none_or(|ending| ending != "h5ad") {
            continue;
        }
        let gates = answer.gates.iter().take(question.label_cells).enumerate();
        let label = |(rank, gate): (usize, &perforin_atlas::answer::GateReport)| CellLabel {
            name: format!("gate_{}", rank + 1),
            values: loaded.satisfied(i, gate.shape, &gate.literals),
        };
        let labels: Vec<CellLabel> = gates.map(label).collect();
        let stem = file.path.file_stem().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let name = format!("labelled/{}-{stem}.h5ad", i + 1);
        write_labels(&file.path, &folder.root().join(&name), &labels)
            .map_err(|e| Failure::run("the gates cannot be written into a copy of the file").because(&e))?;
        names.push(name);
    }
    Ok(names)
}
