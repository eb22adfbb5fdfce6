//! The loop of a run.

use perforin_lesion::lesion::{Lesion, StepError};
use perforin_lesion::storage::{atomic, checkpoint};
use serde::Serialize;

use super::finish::finish;
use super::progress::Watcher;
use super::recorder::Recorder;
use crate::answer::Summary;
use crate::clock::Watch;
use crate::coupled::{Companion, Coupling};
use crate::failure::Failure;
use crate::folder::Folder;
use crate::manifest::Manifest;
use crate::study::{Prepared, Study};
use crate::{files, interrupt};

/// Work that a killed run may lose, s: a checkpoint is written this often besides its interval in simulated time.
/// It changes no result.
const LOST_AT_MOST: f64 = 600.0;

/// How a run ended that did not fail.
#[derive(Clone, Debug, PartialEq)]
pub enum Ended {
    /// It is over, with this answer.
    Finished(Box<Summary>),
    /// The user stopped it on this day; a checkpoint is there.
    Stopped {
        /// Day of the checkpoint.
        day: f64,
    },
}

/// What `timing.json` says of each stretch of a run.
#[derive(Debug, Serialize)]
struct Stretch {
    threads: usize,
    from_step: u32,
    to_step: u32,
    wall_seconds: f64,
}

/// Runs a study from the beginning into a new folder.
///
/// # Errors
/// If the folder is not empty, the engine fails, or the disk is full or fails.
pub fn begin(
    study: &Study,
    prepared: Prepared,
    folder: &Folder,
    threads: usize,
    watcher: &mut (dyn Watcher + Send),
) -> Result<Ended, Failure> {
    files::write(&folder.study(), study.text.as_bytes())?;
    let _claim = folder.claim()?;
    study.keep_imported(folder.root())?;
    let manifest = Manifest::new(study, &prepared);
    manifest.write(folder)?;
    let Prepared { scenario, cadence, coupling } = prepared;
    in_pool(threads, || {
        let lesion =
            Lesion::new(scenario.model, scenario.cells).map_err(|e| engine_failed(&e, folder, None))?;
        let recorder = Recorder::begin(folder, cadence, study.identity(), &lesion)?;
        proceed(lesion, coupling.as_ref(), recorder, folder, manifest, threads, watcher)
    })
}

/// Goes on with the run of a folder from its checkpoint, or from the beginning if it was killed before the first.
///
/// # Errors
/// If the checkpoint is damaged or of another study or version, the engine fails, or the disk is full or fails.
pub fn go_on(folder: &Folder, threads: usize, watcher: &mut (dyn Watcher + Send)) -> Result<Ended, Failure> {
    let claim = folder.claim()?;
    let study = Study::read(&folder.study())?;
    study.refuse_if_altered(Manifest::read(folder)?.imported_sha256.as_deref())?;
    let prepared = study.prepare()?;
    let _ = atomic::remove_leftovers(folder.root());
    if !folder.checkpoint().exists() {
        drop(claim);
        return begin(&study, prepared, folder, threads, watcher);
    }
    let manifest = Manifest::new(&study, &prepared);
    let Prepared { scenario, cadence, coupling } = prepared;
    let identity = study.identity();
    let state = checkpoint::read(&folder.checkpoint(), &scenario.model, &identity).map_err(|e| {
        Failure::input(format!("cannot go on from `{}`", folder.checkpoint().display())).because(&e)
    })?;
    in_pool(threads, || {
        let lesion = Lesion::resume(scenario.model, state).map_err(|e| engine_failed(&e, folder, None))?;
        let recorder = Recorder::reopen(folder, cadence, identity, &lesion)?;
        proceed(lesion, coupling.as_ref(), recorder, folder, manifest, threads, watcher)
    })
}

/// Steps until the study is over or the user asks to stop.
fn proceed(
    mut lesion: Lesion,
    coupling: Option<&Coupling>,
    mut recorder: Recorder,
    folder: &Folder,
    manifest: Manifest,
    threads: usize,
    watcher: &mut (dyn Watcher + Send),
) -> Result<Ended, Failure> {
    let mut companion = match coupling {
        Some(coupling) => Some(Companion::of(coupling, &mut lesion)?),
        None => None,
    };
    let watch = Watch::start();
    let mut since_kept = watch;
    let from_step = lesion.state.step;
    while !lesion.is_over() && !interrupt::is_requested() {
        lesion.step().map_err(|e| engine_failed(&e, folder, Some(day_of(&lesion, recorder.kept()))))?;
        if let Some(companion) = &mut companion {
            companion.after_step(&mut lesion)?;
        }
        recorder.after_step(&lesion)?;
        watcher.after_step(&lesion);
        if since_kept.seconds() > LOST_AT_MOST {
            recorder.keep(&lesion)?;
            since_kept = Watch::start();
        }
    }
    let to_step = lesion.state.step;
    let stretch = Stretch { threads, from_step, to_step, wall_seconds: watch.seconds() };
    note_timing(folder, &stretch)?;
    if lesion.is_over() {
        recorder.end(&lesion)?;
        let summary = finish(folder, manifest, companion.as_ref(), recorder.has_events())?;
        Ok(Ended::Finished(Box::new(summary)))
    } else {
        recorder.keep(&lesion)?;
        Ok(Ended::Stopped { day: day_of(&lesion, to_step) })
    }
}

fn day_of(lesion: &Lesion, step: u32) -> f64 {
    f64::from(step) * lesion.model.numerics.phenotype_step / 1440.0
}

fn engine_failed(error: &StepError, folder: &Folder, kept: Option<f64>) -> Failure {
    let failure = Failure::run("the simulation failed").because(error);
    match kept {
        Some(day) => failure.help(format!(
            "the checkpoint of day {day:.2} in `{}` is kept; look for an extreme value in the study, or try shorter \
             steps under [numerics]",
            folder.checkpoint().display()
        )),
        None => failure.help("nothing was simulated yet; look for an extreme value under [lesion.field]"),
    }
}

/// Adds how long a stretch of a run took to `timing.json`.
///
/// # Errors
/// If the disk is full or fails.
pub fn note_timing(folder: &Folder, stretch: &impl Serialize) -> Result<(), Failure> {
    // A timing that cannot be read is no reason to fail a run: it is begun anew.
    let mut stretches: Vec<serde_json::Value> = files::read_json(&folder.timing()).unwrap_or_default();
    let stretch =
        serde_json::to_value(stretch).map_err(|e| Failure::run("a timing cannot be written").because(&e))?;
    stretches.push(stretch);
    files::write_json(&folder.timing(), &stretches)
}

/// Does `work` with so many threads.
///
/// # Errors
/// What it says, or that the threads cannot be started.
pub fn in_pool<T: Send>(
    threads: usize,
    work: impl FnOnce() -> Result<T, Failure> + Send,
) -> Result<T, Failure> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(|e| Failure::run(format!("cannot start {threads} threads")).because(&e))?;
    pool.install(work)
}
