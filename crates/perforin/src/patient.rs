//! `perforin run` on a patient or a population, in a results folder.
//!
//! [`question`] turns a study into what is asked, with [`own`] for Perforin's model and [`published`] for those of the
//! literature; [`draws`] says what varies, [`outcome`] what is seen.

pub mod answer;
pub mod bands;
pub mod draws;
pub mod figures;
pub mod fit;
pub mod histogram;
pub mod kaplan_meier;
pub mod meter;
pub mod outcome;
pub mod own;
pub mod page;
pub mod parameters;
pub mod published;
pub mod question;
pub mod radiology;
pub mod record;
pub mod run;
pub mod schedule;
pub mod search;
pub mod seen;
pub mod sensitive;
pub mod stream;
pub mod tables;
pub mod weighting;
pub mod words;

pub use question::Question;
pub use record::{Record, is_patient};

use crate::answer::grouped;
use crate::clock::{Watch, in_words};
use crate::failure::Failure;
use crate::study::Study;

/// How long the first patients are measured for, s.
const MEASURED: f64 = 2.0;
/// Bytes of the program itself and of a stretch of patients.
const PROGRAM_BYTES: f64 = 4e7;

/// Whether a study asks about a patient or a population alone.
pub fn is_asked(study: &Study) -> bool {
    (study.has("patient") || study.has("population")) && !crate::coupled::is_asked(study)
}

/// What a study would do, in words, with an estimate of its time on so many threads.
///
/// # Errors
/// If the study is wrong.
pub fn check(study: &Study, question: &Question, threads: usize) -> Result<String, Failure> {
    let arm = &question.arms[0];
    let model = match &arm.subject {
        question::Subject::Own(own, _) => format!(
            "Perforin's own, {} lesion{}, {} infusion{}",
            own.lesions.len(),
            if own.lesions.len() == 1 { "" } else { "s" },
            own.regimen.infusions.len(),
            if own.regimen.infusions.len() == 1 { "" } else { "s" },
        ),
        question::Subject::Published(of) => format!("{}: {}", of.model.name, of.model.title),
    };
    // Weights are known when all have been followed; bands by these weights take them once more.
    let times = if question.weighting.is_some() { 2 } else { 1 };
    // Every candidate of a search is followed at least once.
    let searched = question.search.as_ref().map_or(0, |search| search.candidates);
    let patients = searched + times * question.count * question.arms.len() as u64;
    let seconds = crate::run::in_pool(threads, || {
        let watch = Watch::start();
        let mut done = 0_u64;
        while done == 0 || (watch.seconds() < MEASURED && done < question.count) {
            let to = question.count.min(done + 64 * threads as u64);
            perforin_patient::population::run::in_chunks((done, to), |numbers| {
                question.follow(arm, numbers).len()
            });
            done = to;
        }
        Ok(watch.seconds() / done as f64 * patients as f64)
    })?;
    let arms = match question.arms.len() {
        1 => String::new(),
        n => format!(" in each of {n} arms"),
    };
    let bands: usize = question.bands().len() * question.days.len() * 3001 * 4;
    Ok(format!(
        "{}: no error\n  model     {model}\n  patients  {}{arms}, each seen on {} days over {} d\n  time      about {} on \
         {threads} thread{}\n  memory    about {} MB",
        study.place.display(),
        grouped(question.count as f64),
        question.days.len(),
        crate::answer::rounded(question.days.last().copied().unwrap_or(0.0)),
        in_words(seconds),
        if threads == 1 { "" } else { "s" },
        grouped(((PROGRAM_BYTES + bands as f64) / 1e6).max(1.0))
    ))
}

/// Whether a name can stand in a table.
pub(crate) fn fits_in_a_table(name: &str) -> bool {
    !name.is_empty() && !name.contains([',', '"', '\'', '/', '\\']) && !name.contains(char::is_control)
}
