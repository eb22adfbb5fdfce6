//! The runs of a sweep, several at a time.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use indicatif::{ProgressBar, ProgressStyle};

use super::{Plan, Unit, results};
use crate::failure::Failure;
use crate::folder::Folder;
use crate::interrupt;
use crate::manifest::Manifest;
use crate::run::{Quiet, begin, go_on};

/// How a sweep ended that did not fail.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// All runs are finished.
    Finished {
        /// Number of runs.
        runs: usize,
        /// Number of runs of each verdict.
        verdicts: BTreeMap<&'static str, usize>,
    },
    /// The user stopped it.
    Stopped {
        /// Number of finished runs.
        finished: usize,
        /// Number of runs.
        runs: usize,
    },
}

/// Does the runs that are not finished, and writes the table of results.
///
/// # Errors
/// If any run failed; the others are done nevertheless.
pub fn go(plan: &Plan, root: &Path, threads: usize, quiet: bool) -> Result<Outcome, Failure> {
    let runs = plan.units.len();
    // Whole runs are independent: one thread each is the best use, unless there are fewer runs than threads.
    let workers = threads.min(runs).max(1);
    let each = (threads / workers).max(1);
    let bar = if quiet { ProgressBar::hidden() } else { bar(runs) };
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(BTreeMap::new());
    let work = || {
        while let Some(unit) = plan.units.get(next.fetch_add(1, Ordering::Relaxed)) {
            if interrupt::is_requested() {
                break;
            }
            if let Err(failure) = one(plan, root, unit, each)
                && let Ok(mut failures) = failures.lock()
            {
                failures.insert(unit.index, failure);
            }
            bar.inc(1);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(work);
        }
    });
    bar.finish_and_clear();
    let failures = failures.into_inner().unwrap_or_default();
    if let Some((index, first)) = failures.into_iter().next() {
        let what = format!("run {index} of the sweep: {}", first.what);
        return Err(Failure { what, ..first });
    }
    conclude(plan, root)
}

/// Does a run, goes on with it, or finds it finished.
fn one(plan: &Plan, root: &Path, unit: &Unit, threads: usize) -> Result<(), Failure> {
    let place = plan.folder_of(root, unit);
    if let Ok(folder) = Folder::open(&place) {
        if !Manifest::read(&folder)?.is_finished() {
            go_on(&folder, threads, &mut Quiet)?;
        }
        return Ok(());
    }
    let study = plan.study_of(unit)?;
    let prepared = study.prepare()?;
    // A folder without a manifest was left by a run that was killed before it began.
    std::fs::create_dir_all(&place).map_err(|e| crate::files::cannot_write(&place, &e))?;
    let folder = Folder::at(&place);
    begin(&study, prepared, &folder, threads, &mut Quiet).map(|_| ())
}

fn conclude(plan: &Plan, root: &Path) -> Result<Outcome, Failure> {
    let summaries = results::collect(plan, root)?;
    let runs = plan.units.len();
    if summaries.len() < runs {
        return Ok(Outcome::Stopped { finished: summaries.len(), runs });
    }
    results::write(plan, root, &summaries)?;
    let mut verdicts = BTreeMap::new();
    for (_, summary) in &summaries {
        *verdicts.entry(summary.verdict.name()).or_insert(0) += 1;
    }
    Ok(Outcome::Finished { runs, verdicts })
}

fn bar(runs: usize) -> ProgressBar {
    let bar = ProgressBar::new(runs as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos} of {len} runs · {eta} left") {
        bar.set_style(style);
    }
    bar
}
