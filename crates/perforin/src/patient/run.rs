//! Running a patient or a population into a results folder, from the beginning or from where it was stopped.

use perforin_lesion::storage::atomic;

use super::answer::{Answer, ArmAnswer, Band, Course, Tally, some};
use super::meter::Meter;
use super::question::{Question, Subject};
use super::record::Record;
use super::seen::{Lost, Seen};
use super::stream::{self, Files};
use super::weighting::{Weighting, Weights};
use super::{page, search, sensitive, tables, words};
use crate::clock::Watch;
use crate::failure::Failure;
use crate::files;
use crate::folder::Folder;
use crate::study::Study;
use crate::table::Table;

/// How a run ended that did not fail.
#[derive(Debug)]
pub enum Ended {
    /// It is over, with this answer.
    Finished(Box<Answer>),
    /// The user stopped it.
    Stopped,
}

/// Runs a study into a new folder.
///
/// # Errors
/// If the solution of a single patient fails, or the disk is full or fails.
pub fn begin(
    study: &Study,
    question: &Question,
    folder: &Folder,
    threads: usize,
    quiet: bool,
) -> Result<Ended, Failure> {
    files::write(&folder.study(), study.text.as_bytes())?;
    let _claim = folder.claim()?;
    files::write_json(&folder.manifest(), &Record::new(study, question))?;
    proceed(study, question, folder, threads, quiet)
}

/// Goes on with the run of a folder.
///
/// # Errors
/// If its files are damaged or of another study, or the disk is full or fails.
pub fn go_on(folder: &Folder, threads: usize, quiet: bool) -> Result<Ended, Failure> {
    let _claim = folder.claim()?;
    let study = Study::read(&folder.study())?;
    let record = Record::read(folder)?;
    if record.study_sha256 != files::digest(study.text.as_bytes()) {
        let what = format!("`{}` is not the study that this was begun with", folder.study().display());
        return Err(Failure::input(what).help("put that one back, or start again in another folder"));
    }
    let question = Question::new(&study)?;
    let _ = atomic::remove_leftovers(folder.root());
    proceed(&study, &question, folder, threads, quiet)
}

fn proceed(
    study: &Study,
    question: &Question,
    folder: &Folder,
    threads: usize,
    quiet: bool,
) -> Result<Ended, Failure> {
    let watch = Watch::start();
    let ended = crate::run::in_pool(threads, || {
        if question.is_one() {
            one(study, question, folder)
        } else {
            population(study, question, folder, quiet)
        }
    })?;
    crate::run::note_timing(
        folder,
        &serde_json::json!({ "threads": threads, "wall_seconds": watch.seconds() }),
    )?;
    Ok(ended)
}

fn one(study: &Study, question: &Question, folder: &Folder) -> Result<Ended, Failure> {
    let arm = &question.arms[0];
    let seen = question.follow(arm, 0..1).swap_remove(0).map_err(|lost| {
        Failure::run(format!("the patient could not be followed: {}", lost.reason))
            .help("look for an extreme value under [patient], or try another numerics.patient_tolerance")
    })?;
    let answer = answer_of_one(question, &seen);
    folder.write_table("series", &tables::series(question, &seen))?;
    let mut names = vec!["series"];
    names.extend(write_visits(folder, &answer)?);
    finish(study, question, folder, answer, &names)
}

/// The answer about one patient.
pub fn answer_of_one(question: &Question, seen: &Seen) -> Answer {
    let arm = &question.arms[0];
    let mut tally = Tally::new(question);
    tally.add(&seen.outcome, 1.0);
    let mut of_arm = tally.answer(&arm.name, &arm.changes, false);
    of_arm.courses = vec![Course::of(seen)];
    answer(question, vec![of_arm], Vec::new())
}

/// Writes the visits of one patient, if there are any; the table's name.
///
/// # Errors
/// If the disk is full or fails.
pub fn write_visits(folder: &Folder, answer: &Answer) -> Result<Option<&'static str>, Failure> {
    let courses = all_courses(answer);
    if courses.iter().flat_map(|(_, courses)| courses).all(|course| course.visits.is_empty()) {
        return Ok(None);
    }
    folder.write_table("visits", &tables::visits(&courses))?;
    Ok(Some("visits"))
}

fn population(study: &Study, question: &Question, folder: &Folder, quiet: bool) -> Result<Ended, Failure> {
    let mut question = question.clone();
    let searched = search::settle(&mut question, study, folder, quiet)?;
    let question = &question;
    let files: Vec<Files> = (0..question.arms.len()).map(|arm| Files::of(study, folder, arm)).collect();
    let mut begun = 0;
    for files in &files {
        begun += stream::begun(question, files)?;
    }
    let meter = Meter::new(quiet, question.count * files.len() as u64, begun);
    for (arm, files) in question.arms.iter().zip(&files) {
        if !stream::follow(question, arm, files, &meter)? {
            return Ok(Ended::Stopped);
        }
    }
    drop(meter);
    let width = question.outcome_columns().len();
    let weights = question.weighting.as_ref().map(|w| w.weigh(&files, width)).transpose()?;
    let Some(bands) = all_bands(question, &files, weights.as_ref(), quiet)? else {
        return Ok(Ended::Stopped);
    };
    let tallies = tables::patients(question, &files, folder, weights.as_ref())?;
    let (mut arms, mut followed) = (Vec::new(), Vec::new());
    for ((arm, bands), tally) in question.arms.iter().zip(bands).zip(&tallies) {
        let mut of_arm = tally.answer(&arm.name, &arm.changes, weights.is_some());
        of_arm.bands = bands;
        let seen: Vec<Seen> = question.follow(arm, 0..question.courses).into_iter().flatten().collect();
        of_arm.courses = seen.iter().map(Course::of).collect();
        arms.push(of_arm);
        followed.push(seen);
    }
    let lost = lost(question, &files, &tallies)?;
    let answer = Answer { search: searched, ..answer(question, arms, sensitive::measure(question)?) };
    let names = write_population(question, folder, &answer, &followed, &lost)?;
    let ended = finish(study, question, folder, answer, &names)?;
    files.iter().for_each(Files::remove);
    search::tidy(folder);
    Ok(ended)
}

/// Writes the tables of a population but that of its patients; the names of all.
fn write_population(
    question: &Question,
    folder: &Folder,
    answer: &Answer,
    followed: &[Vec<Seen>],
    lost: &[(String, Lost)],
) -> Result<Vec<&'static str>, Failure> {
    let mut names = vec!["patients"];
    let mut write = |name: &'static str, table: &Table| {
        names.push(name);
        folder.write_table(name, table)
    };
    write("summary", &tables::summary(answer))?;
    write("bands", &tables::bands(answer))?;
    write("courses", &tables::courses(question, followed))?;
    if answer.published.is_none() {
        write("rates", &tables::rates(answer))?;
        write("survival", &tables::survival(answer))?;
        write("visits", &tables::visits(&all_courses(answer)))?;
    }
    if let Some(searched) = answer.search.as_ref().filter(|searched| !searched.shares.is_empty()) {
        write("search", &search::table(searched))?;
    }
    if !lost.is_empty() {
        write("failed", &tables::failed(lost))?;
    }
    if !answer.sensitivity.is_empty() {
        write("sensitivity", &tables::sensitivity(&answer.sensitivity))?;
    }
    Ok(names)
}

fn all_courses(answer: &Answer) -> Vec<(String, Vec<Course>)> {
    answer.arms.iter().map(|arm| (arm.name.clone(), arm.courses.clone())).collect()
}

/// Bands of all arms, by the weights if there are any; nothing if the user stopped it.
fn all_bands(
    question: &Question,
    files: &[Files],
    weights: Option<&Weights>,
    quiet: bool,
) -> Result<Option<Vec<Vec<Band>>>, Failure> {
    let Some(weights) = weights else {
        return files
            .iter()
            .map(|files| bands(question, files, None))
            .collect::<Result<Vec<_>, _>>()
            .map(Some);
    };
    let meter = Meter::new(quiet, question.count * files.len() as u64, 0);
    let mut all = Vec::new();
    for (arm, files) in question.arms.iter().zip(files) {
        let Some(counts) = stream::weighted_bands(question, arm, files, &weights.of, &meter)? else {
            return Ok(None);
        };
        all.push(bands(question, files, Some(&counts))?);
    }
    Ok(Some(all))
}

fn bands(question: &Question, files: &Files, weighted: Option<&[f64]>) -> Result<Vec<Band>, Failure> {
    let columns = question.series_columns();
    let band = |(column, values): (usize, Vec<[f64; 5]>)| {
        let column = &columns[1 + column];
        Band {
            name: column.name.clone(),
            unit: column.unit.clone(),
            meaning: column.meaning.clone(),
            days: question.days.clone(),
            values: values.into_iter().map(|values| values.map(some)).collect(),
        }
    };
    Ok(files.open_bands(question)?.quantiles(weighted).into_iter().map(band).collect())
}

/// The patients whose rows are empty, with the reason: they are followed once more.
fn lost(question: &Question, files: &[Files], tallies: &[Tally]) -> Result<Vec<(String, Lost)>, Failure> {
    let width = question.outcome_columns().len();
    let mut lost = Vec::new();
    for ((arm, files), _) in question.arms.iter().zip(files).zip(tallies).filter(|(_, t)| t.failed() > 0) {
        let mut number = 0;
        for stretch in files.stretches()? {
            for row in stretch?.chunks(width) {
                if row[0].is_nan() {
                    let again = question.follow(arm, number..number + 1);
                    lost.extend(again.into_iter().filter_map(Result::err).map(|l| (arm.name.clone(), l)));
                }
                number += 1;
            }
        }
    }
    Ok(lost)
}

fn answer(
    question: &Question,
    arms: Vec<ArmAnswer>,
    sensitivity: Vec<super::answer::SensitivityRow>,
) -> Answer {
    let product = &question.series_columns()[1 + question.product()];
    let (published, organ, criteria) = match &question.arms[0].subject {
        Subject::Own(own, common) => (None, own.organ.clone(), common.criteria.to_string()),
        Subject::Published(of) => {
            (Some((of.model.name.to_owned(), of.model.doi.to_owned())), None, String::new())
        }
    };
    Answer {
        criteria,
        weighted_to: question.weighting.as_ref().map(Weighting::names).unwrap_or_default(),
        published,
        duration: question.days.last().copied().unwrap_or(0.0),
        product: (product.name.clone(), product.unit.clone()),
        search: None,
        is_one: question.is_one(),
        organ,
        outcome: question.outcome_columns().into_iter().map(|c| c.column.name).collect(),
        arms,
        sensitivity,
    }
}

/// Writes the answer, the report, and last the manifest with the digest of every file.
fn finish(
    study: &Study,
    question: &Question,
    folder: &Folder,
    answer: Answer,
    tables: &[&str],
) -> Result<Ended, Failure> {
    let mut record = Record::new(study, question);
    files::write_json(&folder.summary(), &answer)?;
    files::write(&folder.answer(), words::in_words(&answer).as_bytes())?;
    files::write(&folder.report(), page::page(&record, &answer, folder)?.as_bytes())?;
    let mut names: Vec<String> = ["summary.json", "answer.txt", "report.html"].map(str::to_owned).to_vec();
    names.extend(tables.iter().flat_map(|name| ["csv", "parquet"].map(|format| format!("{name}.{format}"))));
    record.finish(folder, names)?;
    Ok(Ended::Finished(Box::new(answer)))
}

/// Writes `report.html` again from the files of a folder.
///
/// # Errors
/// If one of them cannot be read.
pub fn report(folder: &Folder) -> Result<(), Failure> {
    let record = Record::read(folder)?;
    if !record.is_finished() {
        let root = folder.root().display();
        return Err(Failure::input(format!("the run in `{root}` is not over"))
            .help(format!("go on with it: `perforin resume {root}`")));
    }
    let answer: Answer = files::read_json(&folder.summary())?;
    files::write(&folder.report(), page::page(&record, &answer, folder)?.as_bytes())
}
