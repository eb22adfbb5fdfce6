//! What each command does.

mod ablate;
mod check;
mod compare;
mod diagnose;
mod explain;
mod export;
mod fit;
mod new;
mod run;
mod sweep;
mod targets;
mod trial;
mod view;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command};
use crate::failure::Failure;
use crate::folder::Folder;
use crate::manifest::Manifest;
use crate::{files, report, templates, terminal};

/// Does what was typed, and gives the exit code.
pub fn main() -> ExitCode {
    match obey(&Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            terminal::failure(&failure);
            failure.exit_code()
        }
    }
}

fn obey(command: &Command) -> Result<(), Failure> {
    match command {
        Command::New(args) => new::new(args),
        Command::Check(args) => check::check(args),
        Command::Run(args) => run::run(args),
        Command::Resume(args) => run::resume(args),
        Command::Compare(args) => compare::compare(args),
        Command::Sweep(args) => sweep::sweep(args),
        Command::Targets(args) => targets::targets(args),
        Command::Trial(args) => trial::trial(args),
        Command::Diagnose(args) => diagnose::diagnose(args),
        Command::Explain(args) => explain::explain(args),
        Command::Ablate(args) => ablate::ablate(args),
        Command::Fit(args) => fit::fit(args),
        Command::Export(args) => export::export(args),
        Command::View(args) => view::view(args),
        Command::Schema => {
            terminal::answer(&templates::schema());
            Ok(())
        }
        Command::Parameters => {
            terminal::answer(&perforin_core::catalogue::markdown());
            Ok(())
        }
        Command::Report(args) => {
            readable(&args.dir, Folder::open(&args.dir).and_then(|folder| write_report(&folder)))
        }
    }
}

/// What was read of a results folder; or what is wrong with a file of it, with what can be seen all the same.
fn readable<T>(dir: &Path, read: Result<T, Failure>) -> Result<T, Failure> {
    read.map_err(
        |failure| {
            if failure.is_unreadable { failure.help_too(Folder::at(dir).still_seen()) } else { failure }
        },
    )
}

fn write_report(folder: &Folder) -> Result<(), Failure> {
    if crate::whole::is_whole(folder.root()) {
        crate::whole::run::report(folder)?;
        terminal::answer(&format!("Wrote {}", folder.report().display()));
        return Ok(());
    }
    if crate::targets::is_targets(folder.root()) {
        crate::targets::report(folder)?;
        terminal::answer(&format!("Wrote {}", folder.report().display()));
        return Ok(());
    }
    if crate::trial::is_trial(folder.root()) {
        crate::trial::run::report(folder)?;
        terminal::answer(&format!("Wrote {}", folder.report().display()));
        return Ok(());
    }
    if crate::trial::comparison::is_comparison(folder.root()) {
        crate::trial::comparison::report(folder)?;
        terminal::answer(&format!("Wrote {}", folder.report().display()));
        return Ok(());
    }
    if crate::diagnose::is_diagnostics(folder.root()) {
        crate::diagnose::report(folder)?;
        terminal::answer(&format!("Wrote {}", folder.report().display()));
        return Ok(());
    }
    if crate::patient::is_patient(folder.root()) {
        crate::patient::run::report(folder)?;
        terminal::answer(&format!("Wrote {}", folder.report().display()));
        return Ok(());
    }
    let manifest = finished(folder)?;
    let effort = files::read_json(&folder.effort())?;
    let patient = crate::coupled::section(folder, &manifest)?;
    let series = crate::run::read_series(folder, &manifest)?;
    let page = report::page(folder, &manifest, &series, &effort, &patient)?;
    files::write(&folder.report(), page.as_bytes())?;
    terminal::answer(&format!("Wrote {}", folder.report().display()));
    Ok(())
}

/// The manifest of a run that is over.
fn finished(folder: &Folder) -> Result<Manifest, Failure> {
    let manifest = Manifest::read(folder)?;
    if manifest.is_finished() {
        return Ok(manifest);
    }
    let root = folder.root().display();
    Err(Failure::input(format!("the run in `{root}` is not over"))
        .help(format!("go on with it: `perforin resume {root}`")))
}
