//! Running the stages that are not there yet, one after the other, into one results folder.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::path::PathBuf;

use super::answer::Answer;
use super::found::Found;
use super::record::{Done, Record, digests, is_whole, key, reads_files};
use super::stages::{self, Kind, Stage};
use super::{page, words};
use crate::clock::{Watch, in_words};
use crate::failure::{self, Failure};
use crate::folder::{Folder, refuse_unless_empty};
use crate::run::{Ended as LesionEnded, Progress, Quiet, Watcher};
use crate::study::Study;
use crate::{files, interrupt, patient, targets, terminal, trial};

/// File that is locked while a process works in the folder.
const LOCK: &str = ".lock";
/// Files beside the stages' folders.
const OUTPUTS: [&str; 4] = ["summary.json", "answer.txt", "report.html", "study.toml"];

/// How stages are run.
#[derive(Clone, Copy, Debug)]
pub struct How {
    /// Threads.
    pub threads: usize,
    /// Whether nothing is said on the way.
    pub quiet: bool,
}

/// Checks every stage of a study, with what stands for the targets, without running any.
///
/// # Errors
/// Everything that is wrong with the first stage that is wrong, each at its line.
pub fn check(study: &Study) -> Result<Vec<Stage>, Failure> {
    let problems = stages::contradictions(study);
    if !problems.is_empty() {
        return Err(study.refuse(&problems));
    }
    let targets = stages::targets(study)?;
    targets::Question::new(&study.stage(&study.place, targets.text.clone())?, study.base())?;
    let mut all = vec![targets];
    for stage in stages::later(study, &stand_in(study)?)? {
        let of_stage = study.stage(&study.place, stage.text.clone())?;
        match stage.kind {
            Kind::Targets => {}
            Kind::Lesion | Kind::Single => drop(of_stage.prepare()?),
            Kind::Patients => drop(patient::Question::new(&of_stage)?),
            Kind::Trial => drop(trial::Question::new(&of_stage)?),
        }
        all.push(stage);
    }
    Ok(all)
}

/// What stands for the targets: the antigens that the study has receptors for, or one that it does not name.
fn stand_in(study: &Study) -> Result<Found, Failure> {
    let receptors = study.file.product.iter().flat_map(|product| product.receptor.keys());
    let named: Vec<String> = receptors.filter(|name| *name != targets::profile::ANY).cloned().collect();
    let has_any = study.has(&format!("product.receptor.{}", targets::profile::ANY));
    let antigens = if has_any || named.is_empty() { vec!["ANTIGEN".to_owned()] } else { named };
    Found::stand_in(&antigens)
}

/// Runs a study into a folder that is new, empty or of the same study, keeping the stages that are there already.
///
/// # Errors
/// If the study is wrong, a stage fails or is stopped, or the disk is full or fails.
pub fn run(study: &Study, out: &std::path::Path, how: How) -> Result<Answer, Failure> {
    if !is_whole(out) {
        refuse_unless_empty(out)?;
    }
    check(study)?;
    let mut work = Work::open(study, out, how)?;
    work.stage(&stages::targets(study)?)?;
    let found = Found::read(&work.folder(Kind::Targets))?;
    for stage in stages::later(study, &found)? {
        work.stage(&stage)?;
    }
    work.finish()
}

/// Goes on with a folder.
///
/// # Errors
/// As [`run`]; or if the study reads files that the folder has no copy of.
pub fn go_on(folder: &Folder, how: How) -> Result<Answer, Failure> {
    let study = Study::read(&folder.study())?;
    if reads_files(&study) {
        let root = folder.root().display();
        return Err(Failure::input(format!("`{root}` has no copy of the files that its study reads"))
            .help(format!("give the study again: `perforin run STUDY --out {root}` keeps what is done")));
    }
    run(&study, folder.root(), how)
}

/// Writes `report.html` again from the files of a folder.
///
/// # Errors
/// If one of them cannot be read, or the run is not over.
pub fn report(folder: &Folder) -> Result<(), Failure> {
    let record = Record::read(folder)?;
    if !record.is_finished() {
        let root = folder.root().display();
        return Err(Failure::input(format!("the run in `{root}` is not over"))
            .help(format!("go on with it: `perforin resume {root}`")));
    }
    let answer: Answer = files::read_json(&folder.summary())?;
    files::write(&folder.report(), page::page(folder, &record, &answer)?.as_bytes())
}

/// A folder that is worked in.
struct Work<'a> {
    study: &'a Study,
    root: PathBuf,
    how: How,
    /// Stages of an earlier run.
    earlier: BTreeMap<String, Done>,
    record: Record,
    timing: Vec<serde_json::Value>,
    /// Held until the work ends.
    _lock: File,
}

impl<'a> Work<'a> {
    fn open(study: &'a Study, out: &std::path::Path, how: How) -> Result<Self, Failure> {
        let earlier = if is_whole(out) { Some(Record::read(&Folder::at(out))?) } else { None };
        let title = &study.file.study.title;
        if let Some(other) = earlier.as_ref().filter(|earlier| earlier.title != *title) {
            let what = format!("`{}` holds another study: {}", out.display(), other.title);
            return Err(Failure::input(what).help("choose another folder"));
        }
        fs::create_dir_all(out).map_err(|e| files::cannot_write(out, &e))?;
        let lock = claim(out)?;
        let stages = earlier.map(|earlier| earlier.stages).unwrap_or_default();
        let work = Self {
            study,
            root: out.to_owned(),
            how,
            earlier: stages.into_iter().map(|done| (done.folder.clone(), done)).collect(),
            record: Record::new(study),
            timing: Vec::new(),
            _lock: lock,
        };
        let folder = Folder::at(out);
        files::write(&folder.study(), study.text.as_bytes())?;
        work.note()?;
        Ok(work)
    }

    fn folder(&self, kind: Kind) -> Folder {
        Folder::at(&self.root.join(kind.folder()))
    }

    /// Writes the record, with the stages of the earlier run that this one has not come to yet.
    fn note(&self) -> Result<(), Failure> {
        let mut record = self.record.clone();
        record.stages.extend(self.earlier.values().cloned());
        files::write_json(&self.root.join("manifest.json"), &record)
    }

    fn say(&self, text: &str) {
        if !self.how.quiet {
            terminal::remark(text);
        }
    }

    /// Keeps a stage that is there, or runs it.
    fn stage(&mut self, stage: &Stage) -> Result<(), Failure> {
        let (name, what) = (stage.kind.folder(), stage.kind.words());
        let key = key(stage, self.study)?;
        let folder = self.folder(stage.kind);
        let earlier = self.earlier.remove(name).filter(|done| done.key == key);
        let watch = Watch::start();
        let mut done = Done { folder: name.into(), what: what.into(), key, files: BTreeMap::new() };
        let kept = earlier.as_ref().filter(|earlier| !earlier.files.is_empty());
        let is_kept = match kept {
            Some(kept) if digests(folder.root()).is_ok_and(|now| now == kept.files) => true,
            Some(_) => {
                self.say(&format!("{name}: its files are not those that were written; it is run again"));
                false
            }
            None => false,
        };
        if let Some(kept) = kept.filter(|_| is_kept) {
            done.files.clone_from(&kept.files);
            self.say(&format!("{name}: kept, as nothing that it follows from has changed"));
        } else {
            // A stage that was begun with the same key may have a checkpoint.
            let is_begun = earlier.is_some_and(|earlier| earlier.files.is_empty());
            self.record.stages.push(done.clone());
            self.note()?;
            self.say(&format!("{name}: the {what} …"));
            self.run_or_go_on(stage, &folder, is_begun)?;
            done.files = digests(folder.root())?;
            self.record.stages.pop();
            self.say(&format!("{name}: done in {}", in_words(watch.seconds())));
        }
        self.timing.push(serde_json::json!({
            "stage": name, "kept": is_kept, "threads": self.how.threads, "wall_seconds": watch.seconds()
        }));
        self.record.stages.push(done);
        self.note()
    }

    fn run_or_go_on(&self, stage: &Stage, folder: &Folder, is_begun: bool) -> Result<(), Failure> {
        if is_begun && folder.is_begun() {
            match self.continued(stage, folder) {
                // What cannot be gone on with is begun again.
                Err(failure) if failure.kind == failure::Kind::Input => {
                    self.say(&format!("{}: run again, because {}", stage.kind.folder(), failure.what));
                }
                other => return other,
            }
        }
        if folder.root().exists() {
            fs::remove_dir_all(folder.root()).map_err(|e| files::cannot_write(folder.root(), &e))?;
        }
        let study = self.study.stage(&folder.study(), stage.text.clone())?;
        self.begun(stage.kind, &study, folder)
    }

    /// Goes on with a stage that was stopped or killed.
    fn continued(&self, stage: &Stage, folder: &Folder) -> Result<(), Failure> {
        if files::read_text(&folder.study())? != stage.text {
            return Err(Failure::input("it was begun with another study"));
        }
        match stage.kind {
            Kind::Lesion | Kind::Single => {
                of_lesion(&crate::run::go_on(folder, self.how.threads, self.watcher().as_mut())?)
            }
            Kind::Patients => of_patients(&patient::run::go_on(folder, self.how.threads, self.how.quiet)?),
            Kind::Targets | Kind::Trial => Err(Failure::input("it was not finished")),
        }
    }

    fn begun(&self, kind: Kind, study: &Study, folder: &Folder) -> Result<(), Failure> {
        let How { threads, quiet } = self.how;
        match kind {
            Kind::Targets => {
                let ended = targets::run(study, self.study.base(), folder.root(), threads, quiet)?;
                if ended.is_stopped { Err(stopped()) } else { Ok(()) }
            }
            Kind::Lesion | Kind::Single => {
                let prepared = study.prepare()?;
                Folder::create(folder.root())?;
                let mut watcher = self.watcher();
                of_lesion(&crate::run::begin(study, prepared, folder, threads, watcher.as_mut())?)
            }
            Kind::Patients => {
                let question = patient::Question::new(study)?;
                Folder::create(folder.root())?;
                of_patients(&patient::run::begin(study, &question, folder, threads, quiet)?)
            }
            Kind::Trial => {
                if interrupt::is_requested() {
                    return Err(stopped());
                }
                let question = trial::Question::new(study)?;
                trial::run::run(study, question, folder.root(), threads).map(drop)
            }
        }
    }

    fn watcher(&self) -> Box<dyn Watcher + Send> {
        if self.how.quiet { Box::new(Quiet) } else { Box::new(Progress::new()) }
    }

    /// Puts the stages' answers together, and last writes the manifest.
    fn finish(mut self) -> Result<Answer, Failure> {
        // What an earlier study had and this one has not.
        for name in std::mem::take(&mut self.earlier).into_keys() {
            let place = self.root.join(&name);
            if place.exists() {
                fs::remove_dir_all(&place).map_err(|e| files::cannot_write(&place, &e))?;
            }
        }
        let folder = Folder::at(&self.root);
        let answer = Answer::read(&folder)?;
        files::write_json(&folder.summary(), &answer)?;
        files::write(&folder.answer(), words::in_words(&answer).as_bytes())?;
        files::write(&folder.report(), page::page(&folder, &self.record, &answer)?.as_bytes())?;
        files::write_json(&folder.timing(), &self.timing)?;
        self.record.outputs.extend(folder.digests(OUTPUTS.map(str::to_owned))?);
        files::write_json(&folder.manifest(), &self.record)?;
        Ok(answer)
    }
}

fn of_lesion(ended: &LesionEnded) -> Result<(), Failure> {
    match ended {
        LesionEnded::Finished(_) => Ok(()),
        LesionEnded::Stopped { .. } => Err(stopped()),
    }
}

fn of_patients(ended: &patient::run::Ended) -> Result<(), Failure> {
    match ended {
        patient::run::Ended::Finished(_) => Ok(()),
        patient::run::Ended::Stopped => Err(stopped()),
    }
}

fn stopped() -> Failure {
    Failure::interrupted(
        "Stopped; the stages that are finished are kept, and the present one as far as it came.",
    )
}

/// Claims a folder for this process; the claim ends with the returned file, or with the process.
fn claim(root: &std::path::Path) -> Result<File, Failure> {
    let place = root.join(LOCK);
    let file = File::create(&place).map_err(|e| files::cannot_write(&place, &e))?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => {
            Err(Failure::input(format!("another perforin is at work in `{}`", root.display()))
                .help("wait for it, or stop it first"))
        }
        // A file system without locks is no reason to refuse work.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(file),
    }
}
