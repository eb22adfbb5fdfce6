//! What a run writes while it proceeds.
//!
//! The tables grow by whole lines. How many lines belong to a checkpoint follows from its state alone: the rows of
//! the series from the number of steps, the events from their tally. So a run that goes on from a checkpoint cuts
//! its tables back to it and writes the rest again, to the same bytes.

use perforin_lesion::lesion::{Lesion, State};
use perforin_lesion::observe;
use perforin_lesion::storage::checkpoint::{self, Identity};
use perforin_lesion::storage::frames::Frame;

use super::event_table;
use crate::cadence::Cadence;
use crate::effort::Effort;
use crate::failure::Failure;
use crate::files::{self, cannot_write, not_stored};
use crate::folder::Folder;
use crate::table::{Journal, number};

/// The open tables of a run.
#[derive(Debug)]
pub struct Recorder {
    folder: Folder,
    cadence: Cadence,
    identity: Identity,
    series: Journal,
    events: Option<Journal>,
    /// Step of the last checkpoint.
    kept: u32,
}

impl Recorder {
    /// Begins the tables, with the first row, frame and checkpoint.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn begin(
        folder: &Folder,
        cadence: Cadence,
        identity: Identity,
        lesion: &Lesion,
    ) -> Result<Self, Failure> {
        let frames = folder.frames();
        std::fs::create_dir_all(&frames).map_err(|e| cannot_write(&frames, &e))?;
        let series = Journal::create(&folder.table("series", "csv"), &names(lesion))?;
        let events = if cadence.events {
            Some(Journal::create(&folder.table("events", "csv"), &event_table::names())?)
        } else {
            None
        };
        let mut recorder = Self { folder: folder.clone(), cadence, identity, series, events, kept: 0 };
        recorder.add_row(lesion)?;
        recorder.add_frame(lesion)?;
        recorder.keep(lesion)?;
        Ok(recorder)
    }

    /// Opens the tables again, cut back to the state of a checkpoint.
    ///
    /// # Errors
    /// If they do not hold what the checkpoint counts, or cannot be opened.
    pub fn reopen(
        folder: &Folder,
        cadence: Cadence,
        identity: Identity,
        lesion: &Lesion,
    ) -> Result<Self, Failure> {
        let step = lesion.state.step;
        let series = Journal::reopen(&folder.table("series", "csv"), &names(lesion), cadence.rows_by(step))?;
        let place = folder.table("events", "csv");
        let events = if cadence.events {
            Some(Journal::reopen(&place, &event_table::names(), events_so_far(&lesion.state))?)
        } else {
            None
        };
        Ok(Self { folder: folder.clone(), cadence, identity, series, events, kept: step })
    }

    /// Writes what is due after a step.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn after_step(&mut self, lesion: &Lesion) -> Result<(), Failure> {
        let step = lesion.state.step;
        if let Some(events) = &mut self.events {
            for event in &lesion.events {
                events.append(&event_table::line(event, &lesion.model))?;
            }
        }
        if step.is_multiple_of(self.cadence.series) {
            self.add_row(lesion)?;
        }
        if step.is_multiple_of(self.cadence.frames) {
            self.add_frame(lesion)?;
        }
        if step.is_multiple_of(self.cadence.checkpoints) {
            self.keep(lesion)?;
        }
        Ok(())
    }

    /// Writes the last row and frame, if they are off their intervals, and the last checkpoint.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn end(&mut self, lesion: &Lesion) -> Result<(), Failure> {
        let step = lesion.state.step;
        if !step.is_multiple_of(self.cadence.series) {
            self.add_row(lesion)?;
        }
        if !step.is_multiple_of(self.cadence.frames) {
            self.add_frame(lesion)?;
        }
        files::write_json(&self.folder.effort(), &Effort::of(lesion))?;
        self.keep(lesion)
    }

    /// Writes a checkpoint. The tables are made durable first: they must never hold less than it counts.
    ///
    /// # Errors
    /// If the disk is full or fails; the checkpoint before is then kept.
    pub fn keep(&mut self, lesion: &Lesion) -> Result<(), Failure> {
        self.series.sync()?;
        if let Some(events) = &mut self.events {
            events.sync()?;
        }
        checkpoint::write(&self.folder.checkpoint(), &lesion.state, &self.identity)
            .map_err(|e| not_stored(&e))?;
        self.kept = lesion.state.step;
        Ok(())
    }

    /// Step of the last checkpoint.
    pub fn kept(&self) -> u32 {
        self.kept
    }

    /// Whether every event is written.
    pub fn has_events(&self) -> bool {
        self.events.is_some()
    }

    fn add_row(&mut self, lesion: &Lesion) -> Result<(), Failure> {
        let row: Vec<String> = observe::observe(lesion).into_iter().map(number).collect();
        self.series.append(&row.join(","))?;
        self.series.flush()
    }

    fn add_frame(&self, lesion: &Lesion) -> Result<(), Failure> {
        let place = self.folder.frames().join(format!("step-{:08}.pff", lesion.state.step));
        Frame::of(&lesion.model, &lesion.state, self.cadence.fields).write(&place).map_err(|e| not_stored(&e))
    }
}

fn names(lesion: &Lesion) -> String {
    let names: Vec<String> = super::columns(&lesion.model).into_iter().map(|c| c.name).collect();
    names.join(",")
}

fn events_so_far(state: &State) -> u64 {
    state.tally.iter().flatten().flatten().sum()
}
