//! The log of a trial stepped by hand: one line an event, only ever added to.
//!
//! ```text
//! # day event patient …
//! 0 enrol P01 1
//! 21 infused P01 8e7 CAR+ cells
//! 49 outcome P01 none
//! ```
//!
//! Outcomes are `dlt`, `none`, `response`, `dlt+response` and `not-infused`; designs that look at toxicity alone pass over
//! the response. Empty lines and what follows `#` are passed over.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

use perforin_core::quantity::Dose;
use perforin_trial::dose_finding::by_hand::{ByHand, Event, Outcome};
use perforin_trial::dose_finding::conduct::Conduct;

use crate::failure::Failure;
use crate::files::cannot_write;

/// What a new log begins with.
const HEAD: &str = "# day event patient …: `enrol PATIENT LEVEL`, `infused PATIENT DOSE`, `outcome PATIENT \
                    dlt|none|not-infused`; lines are only ever added\n";

/// A line of a log.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Day.
    pub day: f64,
    /// Patient.
    pub patient: String,
    /// What happened.
    pub event: Event,
}

impl Entry {
    /// Reads a line; nothing stands in an empty one.
    ///
    /// # Errors
    /// What is wrong with it, and what would be right.
    pub fn read(line: &str, unit: &str) -> Result<Option<Self>, String> {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            return Ok(None);
        }
        let shape = "write `DAY enrol PATIENT LEVEL`, `DAY infused PATIENT DOSE` or `DAY outcome PATIENT \
                     dlt|none|not-infused`";
        let mut words = line.splitn(4, char::is_whitespace);
        let (Some(day), Some(event), Some(patient), Some(rest)) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(format!("`{line}` is no event; {shape}"));
        };
        let number: f64 = day.parse().map_err(|_| format!("`{day}` is no day; {shape}"))?;
        let event = match event {
            "enrol" => Event::Enrol { level: level(rest)? },
            "infused" => Event::Infused { dose: dose(rest, unit)? },
            "outcome" => Event::Outcome(outcome(rest)?),
            _ => return Err(format!("`{event}` is no event; {shape}")),
        };
        Ok(Some(Self { day: number, patient: patient.to_owned(), event }))
    }

    /// The line.
    fn line(&self, unit: &str) -> String {
        let what = match self.event {
            Event::Enrol { level } => format!("enrol {} {}", self.patient, level + 1),
            Event::Infused { dose } => format!("infused {} {dose:e} {unit}", self.patient),
            Event::Outcome(outcome) => format!("outcome {} {}", self.patient, outcome_word(outcome)),
        };
        format!("{} {what}\n", crate::table::number(self.day))
    }
}

fn level(text: &str) -> Result<usize, String> {
    let number: Option<usize> = text.trim().parse().ok().filter(|level| *level > 0);
    number.map(|level| level - 1).ok_or_else(|| format!("`{text}` is no dose level; count them from 1"))
}

/// A dose in the unit of the levels.
///
/// # Errors
/// If it is none, or in another unit.
pub fn dose(text: &str, unit: &str) -> Result<f64, String> {
    let dose: Dose = text.parse().map_err(|error: perforin_core::quantity::DoseError| error.to_string())?;
    if dose.unit() == unit {
        return Ok(dose.value());
    }
    Err(format!("{dose} is not in {unit}, the unit of the dose levels"))
}

/// An outcome by its word.
///
/// # Errors
/// If it is none.
pub fn outcome(text: &str) -> Result<Outcome, String> {
    match text.trim() {
        "dlt" => Ok(Outcome::Toxic),
        "none" => Ok(Outcome::Free),
        "response" => Ok(Outcome::Response),
        "dlt+response" => Ok(Outcome::ToxicResponse),
        "not-infused" => Ok(Outcome::NotInfused),
        other => Err(format!(
            "`{other}` is no outcome; there are `dlt`, `none`, `response`, `dlt+response` and `not-infused`"
        )),
    }
}

fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Toxic => "dlt",
        Outcome::Free => "none",
        Outcome::Response => "response",
        Outcome::ToxicResponse => "dlt+response",
        Outcome::NotInfused => "not-infused",
    }
}

/// Follows the log of a trial; one that is not there yet is empty.
///
/// # Errors
/// The first line that cannot be, by file and number.
pub fn follow<'a>(place: &Path, conduct: &'a Conduct, unit: &str) -> Result<ByHand<'a>, Failure> {
    let text = match std::fs::read_to_string(place) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        Err(error) => {
            return Err(Failure::input(format!("cannot read `{}`", place.display())).because(&error));
        }
    };
    let mut trial = ByHand::new(conduct);
    for (number, line) in text.lines().enumerate() {
        let wrong = |why: String| {
            Failure::input(format!("{}:{}: {why}", place.display(), number + 1))
                .help("correct the line; nothing was written")
        };
        if let Some(entry) = Entry::read(line, unit).map_err(wrong)? {
            trial.take(entry.day, &entry.patient, entry.event).map_err(|error| wrong(error.to_string()))?;
        }
    }
    Ok(trial)
}

/// Adds events to a log, of which `trial` is what it holds; each is tried before any is written.
///
/// # Errors
/// If an event cannot be, or the disk is full or fails.
pub fn add(place: &Path, trial: &mut ByHand, entries: &[Entry], unit: &str) -> Result<(), Failure> {
    for entry in entries {
        trial.take(entry.day, &entry.patient, entry.event).map_err(|error| {
            Failure::input(format!("`{}` cannot be added", entry.line(unit).trim_end()))
                .because(&error)
                .help("nothing was written")
        })?;
    }
    let cannot = |error| cannot_write(place, &error);
    let existing = std::fs::read(place).unwrap_or_default();
    let mut text = String::new();
    if existing.is_empty() {
        text += HEAD;
    } else if !existing.ends_with(b"\n") {
        text.push('\n');
    }
    text.extend(entries.iter().map(|entry| entry.line(unit)));
    // One write, so that two that come together do not mix.
    let mut file = OpenOptions::new().append(true).create(true).open(place).map_err(cannot)?;
    file.write_all(text.as_bytes()).map_err(cannot)?;
    file.sync_all().map_err(cannot)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const UNIT: &str = "CAR+ cells";

    #[test]
    fn a_line_that_is_written_is_read_as_the_same() {
        for event in [
            Event::Enrol { level: 2 },
            Event::Infused { dose: 1.25e8 },
            Event::Outcome(Outcome::Toxic),
            Event::Outcome(Outcome::Free),
            Event::Outcome(Outcome::Response),
            Event::Outcome(Outcome::ToxicResponse),
            Event::Outcome(Outcome::NotInfused),
        ] {
            let entry = Entry { day: 12.5, patient: "P01".into(), event };
            assert_eq!(Entry::read(&entry.line(UNIT), UNIT), Ok(Some(entry)));
        }
        assert_eq!(Entry::read("  # nothing", UNIT), Ok(None));
    }

    proptest! {
        #[test]
        fn no_line_can_make_the_reader_fail_otherwise_than_in_words(line in "\\PC{0,40}") {
            let _ = Entry::read(&line, UNIT);
        }
    }
}
