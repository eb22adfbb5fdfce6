//! `[diagnostics.resampling]`: when to sample again after a sample without the clone.

use std::fmt::Write;

use perforin_core::study::diagnostics::ResamplingSection;
use perforin_lesion::scenario::Notes;
use perforin_patient::diagnostics::DiagnosticsError;
use perforin_patient::diagnostics::resampling::Subclone;
use serde::{Deserialize, Serialize};

use super::question::inner_share;
use super::{biopsy, blood};
use crate::answer::{per_cent, rounded};
use crate::report::chart::{Chart, FLOOR, Line};
use crate::report::html::figure;
use crate::table::{Rows, Table};

const PATH: &str = "diagnostics.resampling";
const DAY: f64 = 1440.0;
/// Points of the curve.
const POINTS: u32 = 120;

/// A clone that may have been missed.
#[derive(Clone, Debug)]
pub struct Asked {
    clone: Subclone,
    limit: f64,
    days: Vec<f64>,
    biopsy: Option<biopsy::Asked>,
    blood: Option<blood::Asked>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// Share of the clone on day 0.
    pub start: f64,
    /// Its advantage, per day.
    pub advantage: f64,
    /// Share that must not be passed unseen.
    pub limit: f64,
    /// Day by which it may reach the limit.
    pub reaches: f64,
    /// Samples: what is sampled, day, share of the clone, probability of being the first that shows it.
    pub samples: Vec<Sample>,
    /// What is sampled, and the probability that no sample shows the clone.
    pub none: Vec<(String, f64)>,
    /// Day and share of the clone.
    pub course: Vec<(f64, f64)>,
}

/// A sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// What is sampled.
    pub what: String,
    /// Day.
    pub day: f64,
    /// Share of the clone.
    pub fraction: f64,
    /// Probability that this sample is the first to show it.
    pub first: f64,
}

/// Reads the section; what is wrong is noted.
pub fn read(
    section: &ResamplingSection,
    (biopsy, blood, confidence): (Option<&biopsy::Asked>, Option<&blood::Asked>, f64),
    notes: &mut Notes,
) -> Option<Asked> {
    let path = |key: &str| format!("{PATH}.{key}");
    let advantage = section.advantage.value() * DAY;
    notes.given(&path("advantage"), advantage, "/d", "Net growth rate of the clone minus that of the others");
    if advantage <= 0.0 {
        notes.wrong(&path("advantage"), "a clone without advantage does not spread", "give a positive rate");
        return None;
    }
    let limit = inner_share(&path("limit"), section.limit, "Share that must not be passed unseen", notes);
    let start = match (section.start, biopsy) {
        (Some(start), _) => inner_share(&path("start"), start, "Share of the clone on day 0", notes),
        (None, Some(biopsy)) if notes.problems.is_empty() => {
            // A checked plan leaves a fraction possible.
            let left = biopsy.plan().rules_out_above(confidence).ok()?;
            let meaning = "Share of the clone on day 0";
            let source = "derived: the largest that the biopsy, all positive, leaves possible";
            notes.ledger.record(&path("start"), left, "1", source, meaning);
            if !biopsy.knows_clustering() {
                let help = "give the biopsy's `clustering`, or a tissue";
                notes.warn(
                    PATH,
                    "cells of a site are taken to be independent, which leaves too little possible",
                    help,
                );
            }
            left
        }
        (None, Some(_)) => return None,
        (None, None) => {
            let help = "give `start`, or [diagnostics.biopsy], which leaves a share possible";
            notes.wrong(PATH, "the clone's share on day 0 is not said", help);
            return None;
        }
    };
    for (i, day) in section.days.iter().enumerate() {
        let after = if i > 0 { section.days[i - 1] } else { f64::NEG_INFINITY };
        if !(day.is_finite() && *day >= 0.0 && *day > after) {
            notes.wrong(&path(&format!("days.{i}")), format!("day {day}"), "let days increase from 0");
            return None;
        }
        notes.given(&path(&format!("days.{i}")), *day, "d", "Day of a sample");
    }
    if !section.days.is_empty() && biopsy.is_none() && blood.is_none() {
        let help = "add [diagnostics.biopsy] or [diagnostics.ctc]";
        notes.wrong(&path("days"), "it is not said what is sampled", help);
    }
    let clone = Subclone::new(start, advantage)
        .map_err(|error| notes.wrong(&path("start"), error.to_string(), "correct it"))
        .ok()?;
    Some(Asked { clone, limit, days: section.days.clone(), biopsy: biopsy.copied(), blood: blood.copied() })
}

impl Asked {
    /// When to sample again.
    ///
    /// # Errors
    /// If a number cannot be.
    pub fn answer(&self) -> Result<Answered, DiagnosticsError> {
        let mut answered = Answered {
            start: self.clone.fraction,
            advantage: self.clone.advantage,
            limit: self.limit,
            reaches: self.clone.reaches(self.limit)?,
            samples: Vec::new(),
            none: Vec::new(),
            course: Vec::new(),
        };
        if let (Some(biopsy), false) = (&self.biopsy, self.days.is_empty()) {
            let (plan, reading) = (biopsy.plan(), biopsy.reading());
            self.add("biopsy", &mut answered, |x| Ok(1.0 - plan.calls(x, reading)?))?;
        }
        if let (Some(blood), false) = (&self.blood, self.days.is_empty()) {
            self.add("blood", &mut answered, |x| blood.misses(x))?;
        }
        let last = self.days.last().copied().unwrap_or(0.0).max(1.3 * answered.reaches).max(1.0);
        let at = |k: u32| last * f64::from(k) / f64::from(POINTS);
        answered.course = (0..=POINTS).map(|k| (at(k), self.clone.on_day(at(k)))).collect();
        Ok(answered)
    }

    fn add(
        &self,
        what: &str,
        answered: &mut Answered,
        misses: impl Fn(f64) -> Result<f64, DiagnosticsError>,
    ) -> Result<(), DiagnosticsError> {
        let found = self.clone.found(&self.days, misses)?;
        let sample = |(day, first): (&f64, &f64)| Sample {
            what: what.into(),
            day: *day,
            fraction: self.clone.on_day(*day),
            first: *first,
        };
        answered.samples.extend(self.days.iter().zip(&found.first).map(sample));
        answered.none.push((what.into(), found.none));
        Ok(())
    }
}

/// A probability in words; what rounding leaves of none is not shown.
fn chance(p: f64) -> String {
    if p < 1e-6 { "less than 0.0001 %".into() } else { per_cent(p) }
}

impl Answered {
    /// In words.
    pub fn words(&self) -> Vec<String> {
        let mut text = if self.reaches > 0.0 {
            format!(
                "A clone of {} on day 0 with an advantage of {} a day may make up {} by day {}: sample again before.",
                per_cent(self.start),
                rounded(self.advantage),
                per_cent(self.limit),
                rounded(self.reaches)
            )
        } else {
            format!(
                "The first sample leaves a clone of {} possible, which is more than the limit of {}: sample more now.",
                per_cent(self.start),
                per_cent(self.limit)
            )
        };
        for (what, none) in &self.none {
            let of = |s: &Sample| format!("day {} in {}", rounded(s.day), chance(s.first));
            let all: Vec<String> = self.samples.iter().filter(|s| s.what == *what).map(of).collect();
            let _ = write!(
                text,
                " By {what}, the first to show it is the sample of {}; none shows it in {}.",
                all.join(", "),
                chance(*none)
            );
        }
        vec![text]
    }

    /// What is assumed.
    pub fn assumptions(&self) -> Vec<String> {
        vec![
            "The clone has its advantage from day 0 on and without a limit, and samples of different days are independent given \
             its share."
                .into(),
        ]
    }

    /// Its tables.
    pub fn tables(&self) -> Vec<(&'static str, Table)> {
        let course = Rows::new(self.course.clone())
            .measured("day", "d", "Day", |r| Some(r.0))
            .number("fraction", "Share of the clone", |r| Some(r.1))
            .table;
        let mut all = vec![("resampling_course", course)];
        if !self.samples.is_empty() {
            let samples = Rows::new(self.samples.clone())
                .text("what", "What is sampled", |r| r.what.clone())
                .measured("day", "d", "Day", |r| Some(r.day))
                .number("fraction", "Share of the clone", |r| Some(r.fraction))
                .number("first", "Probability that this sample is the first to show it", |r| Some(r.first))
                .table;
            all.insert(0, ("resampling", samples));
        }
        all
    }

    /// Its figures.
    pub fn figures(&self) -> String {
        let x: Vec<f64> = self.course.iter().map(|c| c.0).collect();
        let ends = vec![x[0], x[x.len() - 1]];
        let mut lines = vec![
            Line {
                label: "clone".into(),
                colour: 0,
                x,
                y: self.course.iter().map(|c| 100.0 * c.1).collect(),
            },
            Line { label: "limit".into(), colour: 1, x: ends, y: vec![100.0 * self.limit; 2] },
        ];
        for (k, (what, _)) in self.none.iter().enumerate() {
            let own: Vec<&Sample> = self.samples.iter().filter(|s| s.what == *what).collect();
            let mut shown = 0.0;
            let y = own.iter().map(|s| {
                shown += 100.0 * s.first;
                shown
            });
            let y: Vec<f64> = y.collect();
            let x = own.iter().map(|s| s.day).collect();
            lines.push(Line { label: format!("shown by {what} so far"), colour: k + 2, x, y });
        }
        let chart = Chart {
            x_label: "day".into(),
            y_label: "%".into(),
            log: false,
            floor: FLOOR,
            alt: "Line chart of the share of the clone over time, its limit, and the probability that samples have shown it."
                .into(),
            areas: Vec::new(),
            lines,
        };
        figure("When to sample again", "A clone that the first sample did not show.", &chart.svg())
    }
}
