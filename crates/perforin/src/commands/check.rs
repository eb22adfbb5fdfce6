//! `perforin check`.

use std::path::Path;

use perforin_lesion::cells::Cells;
use perforin_lesion::lesion::Lesion;

use crate::answer::{grouped, rounded};
use crate::cli::Check;
use crate::clock::{Watch, in_words};
use crate::failure::Failure;
use crate::manifest::Derived;
use crate::report::shown;
use crate::study::{Prepared, Study};
use crate::sweep::{Design, Plan};
use crate::terminal;

/// How long the first steps are measured for, s.
const MEASURED: f64 = 2.0;

// With these the estimate is within 15 % of the measured peak of the two benchmarks of 10⁵ cells (84 and 98 MB).
/// Bytes per voxel and substance: value, sink and source of 8 bytes each.
const FIELD_BYTES: u64 = 24;
/// Bytes per voxel that the solver of all substances needs.
const SOLVER_BYTES: u64 = 64;
/// A cell's columns, and neighbours and other scratch of about the same size.
const CELL_COPIES: u64 = 2;
/// Bytes of the program itself.
const PROGRAM_BYTES: u64 = 10_000_000;

pub(super) fn check(args: &Check) -> Result<(), Failure> {
    let study = Study::read(&args.study)?;
    if crate::whole::is_asked(&study) {
        return check_whole(&study);
    }
    if study.file.targets.is_some() {
        let base = args.study.parent().unwrap_or(Path::new(""));
        terminal::answer(&crate::targets::check(&study, base)?);
        if !study.has("lesion") {
            return Ok(());
        }
    }
    if study.file.diagnostics.is_some() {
        let base = args.study.parent().unwrap_or(Path::new(""));
        let question = crate::diagnose::Question::new(&study, base)?;
        for warning in study.warnings(&question.warnings) {
            terminal::remark(&format!("{}\n", warning.trim_end()));
        }
        terminal::answer(&format!("{}: no error", study.place.display()));
        terminal::answer(&question.in_lines().join("\n"));
        if !study.has("lesion") && !study.has("trial") && !crate::patient::is_asked(&study) {
            return Ok(());
        }
    }
    if study.file.trial.is_some() {
        let question = crate::trial::Question::new(&study)?;
        for warning in study.warnings(&question.warnings) {
            terminal::remark(&format!("{}\n", warning.trim_end()));
        }
        terminal::answer(&crate::trial::run::check(&study, &question));
        if !study.has("lesion") && !crate::patient::is_asked(&study) {
            return Ok(());
        }
    }
    if crate::patient::is_asked(&study) {
        let question = crate::patient::Question::new(&study)?;
        for warning in study.warnings(&question.warnings) {
            terminal::remark(&format!("{}\n", warning.trim_end()));
        }
        terminal::answer(&crate::patient::check(&study, &question, args.threads.count())?);
        return Ok(());
    }
    let prepared = study.prepare()?;
    let derived = Derived::of(&prepared);
    for warning in study.warnings(&prepared.scenario.warnings) {
        terminal::remark(&format!("{}\n", warning.trim_end()));
    }
    let bytes = memory(&derived, prepared.scenario.model.antigens.len());
    let patient = prepared.coupling.as_ref().map(crate::coupled::Coupling::in_words);
    let runs = runs_of_sweep(&study)?;
    let threads = args.threads.count();
    let seconds = measure(prepared, threads, &derived)?;
    terminal::answer(&format!("{}: no error", study.place.display()));
    terminal::answer(&numbers(&derived));
    if let Some(patient) = &patient {
        terminal::answer(patient);
    }
    terminal::answer(&format!(
        "  time      about {} on {threads} thread{} at the present number of cells; more if they multiply",
        in_words(seconds),
        if threads == 1 { "" } else { "s" }
    ));
    terminal::answer(&format!(
        "  memory    about {} MB at the start",
        grouped((bytes as f64 / 1e6).max(1.0))
    ));
    if let Some(runs) = runs {
        terminal::answer(&format!("  sweep     {} runs with `perforin sweep`", grouped(runs as f64)));
    }
    Ok(())
}

/// Number of runs of the study's sweep, every one of which is checked.
fn runs_of_sweep(study: &Study) -> Result<Option<usize>, Failure> {
    let Some(section) = &study.file.sweep else { return Ok(None) };
    let design = Design::new(Some(section), &[], None, None)?;
    Ok(Some(Plan::new(study.clone(), design)?.runs()))
}

fn numbers(d: &Derived) -> String {
    let present = d.cells.iter().filter(|(_, n)| **n > 0);
    let cells: Vec<String> = present.map(|(name, n)| format!("{} {name}", grouped(*n as f64))).collect();
    let arriving = match d.arriving {
        0 => String::new(),
        n => format!("; {} product cells arrive later", grouped(n as f64)),
    };
    let [nx, ny, nz] = d.voxels;
    format!(
        "  cells     {} at the start{arriving}\n  box       {nx} × {ny} × {nz} voxels of {} µm: {}\n  course    {} d in \
         {} steps of {} min",
        cells.join(", "),
        shown(d.voxel),
        if d.substances.is_empty() { "no substance".into() } else { d.substances.join(", ") },
        rounded(d.duration),
        grouped(d.steps as f64),
        shown(d.step)
    )
}

/// What the stages are, and what the targets would read.
fn check_whole(study: &Study) -> Result<(), Failure> {
    let stages = crate::whole::run::check(study)?;
    terminal::answer(&crate::targets::check(study, study.base())?);
    let names: Vec<String> =
        stages.iter().map(|stage| format!("{} ({})", stage.kind.folder(), stage.kind.words())).collect();
    let single = if study.has("lesion") {
        "; with a gate of several antigens, the lesion is run with the best single antigen too"
    } else {
        ""
    };
    terminal::answer(&format!("  stages    {}{single}", names.join(", ")));
    Ok(())
}

/// Estimated memory of the first steps, in bytes.
fn memory(d: &Derived, antigens: usize) -> u64 {
    let cells = (d.cells_in_all() + d.arriving) * Cells::bytes_per_cell(antigens) as u64 * CELL_COPIES;
    PROGRAM_BYTES + cells + d.voxels_in_all() * (FIELD_BYTES * d.substances.len() as u64 + SOLVER_BYTES)
}

/// Estimated time of the whole study, s, from its first steps.
fn measure(prepared: Prepared, threads: usize, derived: &Derived) -> Result<f64, Failure> {
    let failed = |e: &dyn std::error::Error| Failure::run("the first steps failed").because(e);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(|e| failed(&e))?;
    pool.install(|| {
        let scenario = prepared.scenario;
        let mut lesion = Lesion::new(scenario.model, scenario.cells).map_err(|e| failed(&e))?;
        let watch = Watch::start();
        while !lesion.is_over() && watch.seconds() < MEASURED {
            lesion.step().map_err(|e| failed(&e))?;
        }
        let done = f64::from(lesion.state.step.max(1));
        Ok(watch.seconds() / done * derived.steps as f64)
    })
}
