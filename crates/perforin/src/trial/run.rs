//! Simulating trials into a results folder.

use perforin_trial::dose_finding::DesignError;

use super::answer::{Answer, answer};
use super::question::{Question, dose_words};
use super::record::Record;
use super::{example, page, tables, words};
use crate::answer::grouped;
use crate::clock::Watch;
use crate::failure::Failure;
use crate::files;
use crate::folder::Folder;
use crate::study::Study;

/// Simulates what a study asks into a new folder.
///
/// # Errors
/// If a trial cannot be run, or the disk is full or fails.
pub fn run(
    study: &Study,
    mut question: Question,
    out: &std::path::Path,
    threads: usize,
) -> Result<Answer, Failure> {
    let watch = Watch::start();
    let answer = crate::run::in_pool(threads, || {
        let followed = question.follow()?;
        question.add(followed.as_ref())?;
        let mut answer = answer(&question).map_err(|error| refuse(&error))?;
        if let Some(found) = &mut answer.dose_finding {
            example::follow(&mut found.examples, &question)?;
        }
        let unknown = question.uncertain.as_ref();
        // Outer draws begin with the stated scenarios; virtual patients are followed again under each.
        let uncertainty = unknown.map(|unknown| unknown.run(study, &question)).transpose()?;
        Ok::<_, Failure>(Answer { uncertainty, ..answer })
    })?;
    let folder = Folder::create(out)?;
    write(study, &question, &answer, &folder)?;
    let timing = serde_json::json!({ "threads": threads, "wall_seconds": watch.seconds() });
    files::write_json(&folder.timing(), &serde_json::json!([timing]))?;
    Ok(answer)
}

fn refuse(error: &DesignError) -> Failure {
    Failure::run("the trial could not be simulated").because(error)
}

fn write(study: &Study, question: &Question, answer: &Answer, folder: &Folder) -> Result<(), Failure> {
    let mut record = Record::new(study, question);
    files::write(&folder.study(), study.text.as_bytes())?;
    files::write_json(&folder.summary(), answer)?;
    files::write(&folder.answer(), words::in_words(answer).as_bytes())?;
    files::write(&folder.report(), page::page(&record, answer).as_bytes())?;
    let mut names: Vec<String> = ["summary.json", "answer.txt", "report.html"].map(str::to_owned).to_vec();
    for (name, table) in tables::all(answer) {
        names.extend(folder.write_table(name, &table)?);
        record.tables.insert(name.to_owned(), table.columns);
    }
    record.outputs = folder.digests(names)?;
    files::write_json(&folder.manifest(), &record)
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

/// What a study would simulate, in words.
pub fn check(study: &Study, question: &Question) -> String {
    let mut lines = vec![format!("{}: no error", study.place.display())];
    if let Some(asked) = &question.dose_finding {
        let conduct = &asked.conduct;
        lines.push(format!(
            "  design    {}, {} dose levels, at most {} patients who count, cohorts of {}",
            super::design::name(asked.design),
            conduct.doses.len(),
            conduct.patients,
            conduct.cohort
        ));
        lines.push(format!(
            "  trials    {} of each of {} stated scenarios",
            grouped(question.trials as f64),
            asked.scenarios.len()
        ));
    }
    for seen in &question.selected {
        let share = crate::answer::per_cent(seen.positive);
        lines.push(format!("  selected  {share} of the patients of {}", seen.scenario));
    }
    if let Some(patients) = &question.virtual_patients {
        let number = grouped(patients.patients() as f64);
        lines.push(format!("  patients  {number} virtual ones, each followed at {} doses", patients.doses()));
    }
    if let Some(unknown) = &question.uncertain {
        let draws = grouped(unknown.draws() as f64);
        lines.push(format!("  unknown   {draws} outer draws of the parameters, each with trials of its own"));
    }
    if let Some(process) = &question.manufacturing {
        let shares = question.doses.iter().map(|dose| {
            let planned = process.expected(dose.value()).planned;
            format!("{} at {}", crate::answer::per_cent(planned), dose_words(*dose))
        });
        let shares: Vec<String> = shares.collect();
        lines.push(format!("  infused as planned, of those enrolled: {}", shares.join(", ")));
    }
    lines.join("\n")
}
