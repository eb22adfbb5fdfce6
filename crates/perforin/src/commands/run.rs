//! `perforin run` and `perforin resume`.

use std::path::Path;

use crate::answer::{in_words, rounded};
use crate::cli::{Resume, Run};
use crate::failure::{Failure, Kind};
use crate::folder::{Folder, refuse_unless_empty};
use crate::manifest::Manifest;
use crate::run::{Ended, Progress, Quiet, Watcher, begin, go_on};
use crate::study::Study;
use crate::{interrupt, patient, terminal, whole};

pub(super) fn run(args: &Run) -> Result<(), Failure> {
    if whole::is_whole(&args.out) {
        let study = Study::read(&args.study)?;
        if whole::is_asked(&study) {
            return run_whole(&study, args);
        }
    }
    refuse_unless_empty(&args.out)?;
    let study = Study::read(&args.study)?;
    if whole::is_asked(&study) {
        return run_whole(&study, args);
    }
    if patient::is_asked(&study) {
        return run_patient(args, &study);
    }
    let prepared = study.prepare()?;
    for warning in study.warnings(&prepared.scenario.warnings) {
        terminal::remark(&format!("{}\n", warning.trim_end()));
    }
    let folder = Folder::create(&args.out)?;
    interrupt::listen();
    let ended = begin(&study, prepared, &folder, args.threads.count(), watcher(args.quiet).as_mut())?;
    conclude(&folder, &ended)
}

pub(super) fn resume(args: &Resume) -> Result<(), Failure> {
    if crate::sweep::is_sweep(&args.dir) {
        return super::sweep::resume(args);
    }
    let folder = Folder::open(&args.dir)?;
    if whole::is_whole(folder.root()) {
        return resume_whole(args, &folder);
    }
    if crate::targets::is_targets(folder.root()) {
        return Err(Failure::input(format!(
            "`{}` holds a target search, which is not resumed",
            args.dir.display()
        ))
        .help("search again: `perforin targets`"));
    }
    if patient::is_patient(folder.root()) {
        return resume_patient(args, &folder);
    }
    if Manifest::read(&folder)?.is_finished() {
        terminal::answer(&format!("The run in {} is over; nothing to do.", folder.root().display()));
        return Ok(());
    }
    interrupt::listen();
    let ended = go_on(&folder, args.threads.count(), watcher(args.quiet).as_mut())?;
    conclude(&folder, &ended)
}

fn run_whole(study: &Study, args: &Run) -> Result<(), Failure> {
    interrupt::listen();
    let how = whole::run::How { threads: args.threads.count(), quiet: args.quiet };
    conclude_whole(&args.out, whole::run::run(study, &args.out, how))
}

fn resume_whole(args: &Resume, folder: &Folder) -> Result<(), Failure> {
    if whole::Record::read(folder)?.is_finished() {
        terminal::answer(&format!("The run in {} is over; nothing to do.", folder.root().display()));
        return Ok(());
    }
    interrupt::listen();
    let how = whole::run::How { threads: args.threads.count(), quiet: args.quiet };
    conclude_whole(folder.root(), whole::run::go_on(folder, how))
}

/// Says how the whole way ended.
fn conclude_whole(root: &Path, ended: Result<whole::answer::Answer, Failure>) -> Result<(), Failure> {
    let root = root.display();
    let answer = ended.map_err(|failure| match failure.kind {
        Kind::Interrupted => {
            failure.help(format!("go on with the same command, or `perforin resume {root}`"))
        }
        _ => failure,
    })?;
    terminal::answer(&whole::words::in_words(&answer));
    terminal::answer(&format!("\nEverything is in {root}; begin with report.html there."));
    Ok(())
}

fn run_patient(args: &Run, study: &Study) -> Result<(), Failure> {
    let question = patient::Question::new(study)?;
    for warning in study.warnings(&question.warnings) {
        terminal::remark(&format!("{}\n", warning.trim_end()));
    }
    let folder = Folder::create(&args.out)?;
    interrupt::listen();
    let ended = patient::run::begin(study, &question, &folder, args.threads.count(), args.quiet)?;
    conclude_patient(&folder, &ended)
}

fn resume_patient(args: &Resume, folder: &Folder) -> Result<(), Failure> {
    if patient::Record::read(folder)?.is_finished() {
        terminal::answer(&format!("The run in {} is over; nothing to do.", folder.root().display()));
        return Ok(());
    }
    interrupt::listen();
    let ended = patient::run::go_on(folder, args.threads.count(), args.quiet)?;
    conclude_patient(folder, &ended)
}

/// Says how a run of patients ended.
fn conclude_patient(folder: &Folder, ended: &patient::run::Ended) -> Result<(), Failure> {
    let root = folder.root().display();
    match ended {
        patient::run::Ended::Finished(answer) => {
            terminal::answer(&patient::words::in_words(answer));
            terminal::answer(&format!("\nEverything is in {root}; begin with report.html there."));
            Ok(())
        }
        patient::run::Ended::Stopped => {
            Err(Failure::interrupted("Stopped; the patients that were followed are kept.")
                .help(format!("go on with `perforin resume {root}`")))
        }
    }
}

fn watcher(quiet: bool) -> Box<dyn Watcher + Send> {
    if quiet { Box::new(Quiet) } else { Box::new(Progress::new()) }
}

/// Says how a run ended.
fn conclude(folder: &Folder, ended: &Ended) -> Result<(), Failure> {
    let root = folder.root().display();
    match ended {
        Ended::Finished(summary) => {
            terminal::answer(&in_words(summary));
            terminal::answer(&format!("\nEverything is in {root}; begin with report.html there."));
            Ok(())
        }
        Ended::Stopped { day } => {
            Err(Failure::interrupted(format!("Stopped on day {}; the checkpoint is written.", rounded(*day)))
                .help(format!("go on with `perforin resume {root}`")))
        }
    }
}
