//! `[diagnostics.ctdna]`: what circulating tumour DNA shows, and when.

use std::fmt::Write;

use perforin_core::catalogue::diagnostics as defaults;
use perforin_core::study::diagnostics::{CtdnaCourseSection, CtdnaSection};
use perforin_lesion::scenario::Notes;
use perforin_patient::diagnostics::DiagnosticsError;
use perforin_patient::diagnostics::ctdna::{Kinetics, Sequencing};
use serde::{Deserialize, Serialize};

use super::question::share;
use crate::answer::{grouped, per_cent, rounded};
use crate::report::chart::{Chart, Line};
use crate::report::html::figure;
use crate::table::{Rows, Table};

const PATH: &str = "diagnostics.ctdna";
const DAY: f64 = 1440.0;
/// µm³ in a millilitre.
const ML: f64 = 1e12;
/// Allele fractions for which detection is shown.
const FRACTIONS: [f64; 7] = [1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 1e-1];
/// Interval at which the course is followed, d.
const STEP: f64 = 0.25;
/// Longest course, d.
const LONGEST: f64 = 1000.0;
/// Share of the mutant allele in a tumour genome: heterozygous.
const HETEROZYGOUS: f64 = 0.5;
/// Standard deviations beyond which a change is no noise.
const CLEAR: f64 = 3.0;

/// An assay that is asked about.
#[derive(Clone, Debug)]
pub struct Asked {
    genomes: f64,
    mutations: u32,
    assay: Sequencing,
    fractions: Vec<f64>,
    course: Option<Course>,
}

#[derive(Clone, Debug)]
struct Course {
    kinetics: Kinetics,
    background: f64,
    deaths: Vec<(f64, f64)>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// Haploid genomes and mutations searched.
    pub searched: (f64, u32),
    /// Mutant molecules from which on a sample is positive.
    pub call_at: u32,
    /// Allele fraction that is detected with a probability of 95 %.
    pub limit: Option<f64>,
    /// Allele fraction, probability of detection, coefficient of variation.
    pub rows: Vec<(f64, f64, Option<f64>)>,
    /// How the signal follows the tumour.
    pub course: Vec<Moment>,
    /// Day of the highest signal, and its ratio to that on the first day.
    pub peak: Option<(f64, f64)>,
    /// First day after the peak on which the signal is clearly below that of the first day.
    pub falls_on: Option<f64>,
    /// First day on which it is detected with a probability below one half.
    pub vanishes_on: Option<f64>,
}

/// The signal on a day.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// Day.
    pub day: f64,
    /// Tumour genomes, /mL.
    pub genomes: f64,
    /// Allele fraction.
    pub fraction: f64,
    /// Probability of detection.
    pub detects: f64,
    /// Coefficient of variation of a measurement.
    pub variation: Option<f64>,
}

/// Reads the section; what is wrong is noted.
pub fn read(section: &CtdnaSection, notes: &mut Notes) -> Option<Asked> {
    let path = |key: &str| format!("{PATH}.{key}");
    let genomes = notes.given(&path("genomes"), section.genomes, "1", "Haploid genomes in a sample");
    notes.given(&path("mutations"), f64::from(section.mutations), "1", "Mutations that are searched");
    let error = notes.given(
        &path("error"),
        section.error.value(),
        "1",
        "Probability that a normal molecule reads as mutant",
    );
    let false_alarm = share(&path("false_alarm"), section.false_alarm, &defaults::FALSE_ALARM, notes);
    if !(1.0..=1e9).contains(&genomes) {
        notes.wrong(
            &path("genomes"),
            format!("{genomes} genomes"),
            "give 1 to 1e9; a nanogram of DNA holds 303",
        );
        return None;
    }
    let assay = Sequencing::new(genomes, section.mutations, error, false_alarm);
    let assay = assay.map_err(|error| notes.wrong(PATH, error.to_string(), "correct the assay")).ok();
    let mut fractions: Vec<f64> = section.fractions.iter().map(|f| f.value()).collect();
    if fractions.is_empty() {
        fractions = FRACTIONS.to_vec();
    }
    let course = match &section.course {
        None => None,
        Some(section) => Some(course(section, notes)?),
    };
    Some(Asked { genomes, mutations: section.mutations, assay: assay?, fractions, course })
}

fn course(section: &CtdnaCourseSection, notes: &mut Notes) -> Option<Course> {
    let path = |key: &str| format!("{PATH}.course.{key}");
    let released =
        notes.given(&path("released"), section.released, "1", "Haploid genomes released per dying cell");
    let half_life = section.half_life.map(|t| t.value() / DAY);
    let half_life = notes.value(&path("half_life"), half_life, &defaults::HALF_LIFE);
    let plasma = notes.value(&path("plasma"), section.plasma.map(|v| v.value() / ML), &defaults::PLASMA);
    let background = notes.value(&path("background"), section.background, &defaults::BACKGROUND);
    let kinetics = Kinetics::new(released, half_life, plasma)
        .map_err(|error| notes.wrong(&path("released"), error.to_string(), "correct it"))
        .ok();
    for (i, pair) in section.deaths.windows(2).enumerate() {
        if pair[1].day.is_nan() || pair[1].day <= pair[0].day {
            let message = format!("day {} after day {}", pair[1].day, pair[0].day);
            notes.wrong(&path(&format!("deaths.{}.day", i + 1)), message, "let days increase");
            return None;
        }
    }
    for (i, deaths) in section.deaths.iter().enumerate() {
        let at = path(&format!("deaths.{i}.per_day"));
        notes.given(&at, deaths.per_day, "/d", &format!("Tumour cells that die from day {} on", deaths.day));
        if !(deaths.per_day >= 0.0 && deaths.per_day.is_finite()) {
            notes.wrong(&at, format!("a rate of {}", deaths.per_day), "give 0 or more");
            return None;
        }
    }
    let (Some(first), Some(last)) = (section.deaths.first(), section.deaths.last()) else {
        notes.wrong(&path("deaths"), "nothing dies", "give [{ day = 0, per_day = 1e7 }, …] to the last day");
        return None;
    };
    if !(last.day - first.day > 0.0 && last.day - first.day <= LONGEST) {
        let message = format!("a course from day {} to day {}", first.day, last.day);
        notes.wrong(&path("deaths"), message, "give two days or more, at most 1000 days apart");
        return None;
    }
    let deaths = section.deaths.iter().map(|d| (d.day, d.per_day)).collect();
    Some(Course { kinetics: kinetics?, background, deaths })
}

impl Asked {
    /// What the assay shows, and when.
    ///
    /// # Errors
    /// If a number cannot be.
    pub fn answer(&self) -> Result<Answered, DiagnosticsError> {
        let row = |fraction: &f64| {
            let variation = if *fraction > 0.0 { Some(self.assay.variation(*fraction)?) } else { None };
            Ok((*fraction, self.assay.detects(*fraction)?, variation))
        };
        let course = self.course.as_ref().map_or(Ok(Vec::new()), |course| self.follow(course))?;
        let first = course.first().copied();
        let peak = course.iter().copied().reduce(|best, m| if m.fraction > best.fraction { m } else { best });
        let peak = peak.zip(first).filter(|(_, first)| first.fraction > 0.0);
        let after = |day: f64| course.iter().filter(move |m| m.day > day);
        Ok(Answered {
            searched: (self.genomes, self.mutations),
            call_at: self.assay.call_at(),
            limit: self.assay.limit(0.95)?,
            rows: self.fractions.iter().map(row).collect::<Result<_, DiagnosticsError>>()?,
            falls_on: peak.and_then(|(peak, first)| {
                after(peak.day).find(|m| is_clearly_below(m, &first)).map(|m| m.day)
            }),
            vanishes_on: peak.and_then(|(peak, _)| after(peak.day).find(|m| m.detects < 0.5).map(|m| m.day)),
            peak: peak.map(|(peak, first)| (peak.day, peak.fraction / first.fraction)),
            course,
        })
    }

    fn follow(&self, course: &Course) -> Result<Vec<Moment>, DiagnosticsError> {
        let (start, end) = (course.deaths[0].0, course.deaths[course.deaths.len() - 1].0);
        let steps = ((end - start) / STEP).floor() as u32;
        let mut days: Vec<f64> = (0..=steps).map(|k| start + STEP * f64::from(k)).collect();
        days.extend(course.deaths.iter().map(|d| d.0));
        days.sort_by(f64::total_cmp);
        days.dedup();
        let rate = |day: &f64| course.deaths[course.deaths.partition_point(|d| d.0 <= *day) - 1].1;
        let deaths: Vec<f64> = days.iter().map(rate).collect();
        let genomes = course.kinetics.course(&days, &deaths)?;
        let moment = |(day, genomes): (&f64, &f64)| {
            let fraction = HETEROZYGOUS * genomes / (genomes + course.background);
            Ok(Moment {
                day: *day,
                genomes: *genomes,
                fraction,
                detects: self.assay.detects(fraction)?,
                variation: if fraction > 0.0 { Some(self.assay.variation(fraction)?) } else { None },
            })
        };
        days.iter().zip(&genomes).map(moment).collect()
    }
}

/// Whether a signal is below another by more than measurements of both differ by chance.
fn is_clearly_below(now: &Moment, first: &Moment) -> bool {
    let sd = |m: &Moment| m.fraction * m.variation.unwrap_or(0.0);
    first.fraction - now.fraction > CLEAR * (sd(now) * sd(now) + sd(first) * sd(first)).sqrt()
}

impl Answered {
    /// In words.
    pub fn words(&self) -> Vec<String> {
        let limit = match self.limit {
            Some(limit) => {
                format!("an allele fraction of {} is detected with a probability of 95 %", per_cent(limit))
            }
            None => "not even pure tumour DNA is detected with a probability of 95 %".into(),
        };
        let mut words = vec![format!(
            "Of {} genomes searched for {} mutations a sample of plasma is positive from {} mutant molecules on; {limit}.",
            grouped(self.searched.0),
            grouped(f64::from(self.searched.1)),
            self.call_at
        )];
        if let Some((day, ratio)) = self.peak {
            let mut text = if ratio > 1.05 {
                format!(
                    "Under treatment the signal rises to {} times that of the first day on day {}, because killing releases DNA: \
                     a rise alone is not progression.",
                    rounded(ratio),
                    rounded(day)
                )
            } else {
                "The signal does not rise above that of the first day.".to_owned()
            };
            text += &match self.falls_on {
                Some(day) => format!(
                    " It is below that of the first day by more than the assay's noise from day {} on: sample then.",
                    rounded(day)
                ),
                None => " It does not fall below that of the first day by more than the assay's noise in this time.".into(),
            };
            if let Some(day) = self.vanishes_on {
                let _ = write!(
                    text,
                    " From day {} on most samples are negative, which a tumour that lives and does not die gives too.",
                    rounded(day)
                );
            }
            words.push(text);
        }
        words
    }

    /// What is assumed.
    pub fn assumptions(&self) -> Vec<String> {
        let mut all = vec![
            "Mutant and falsely mutant molecules are Poisson and independent over mutations, each of which all tumour cells carry."
                .into(),
        ];
        if !self.course.is_empty() {
            all.push(
                "Tumour DNA is released by dying cells alone, at the stated number of genomes each, and cleared with one half-life; \
                 mutations are heterozygous; DNA of other cells is constant, though lymphodepletion and inflammation raise it."
                    .into(),
            );
        }
        all
    }

    /// Its tables.
    pub fn tables(&self) -> Vec<(&'static str, Table)> {
        let rows = Rows::new(self.rows.clone())
            .number("fraction", "Allele fraction of the tumour's mutations", |r| Some(r.0))
            .number("detects", "Probability that a sample is positive", |r| Some(r.1))
            .number("variation", "Coefficient of variation of the measured fraction", |r| r.2)
            .table;
        let mut all = vec![("ctdna", rows)];
        if !self.course.is_empty() {
            let course = Rows::new(self.course.clone())
                .measured("day", "d", "Day", |m| Some(m.day))
                .measured("genomes", "/mL", "Haploid tumour genomes in plasma", |m| Some(m.genomes))
                .number("fraction", "Allele fraction", |m| Some(m.fraction))
                .number("detects", "Probability that a sample is positive", |m| Some(m.detects))
                .number("variation", "Coefficient of variation of the measured fraction", |m| m.variation)
                .table;
            all.push(("ctdna_course", course));
        }
        all
    }

    /// Its figures.
    pub fn figures(&self) -> String {
        if self.course.is_empty() {
            return String::new();
        }
        let x: Vec<f64> = self.course.iter().map(|m| m.day).collect();
        let mut lines = vec![Line {
            label: "allele fraction".into(),
            colour: 0,
            x: x.clone(),
            y: self.course.iter().map(|m| 100.0 * m.fraction).collect(),
        }];
        lines.extend(self.limit.map(|limit| Line {
            label: "limit of detection".into(),
            colour: 1,
            x: vec![x[0], x[x.len() - 1]],
            y: vec![100.0 * limit; 2],
        }));
        let lowest =
            lines.iter().flat_map(|l| &l.y).copied().filter(|v| *v > 0.0).fold(f64::INFINITY, f64::min);
        let chart = Chart {
            x_label: "day".into(),
            y_label: "allele fraction, %".into(),
            log: true,
            floor: if lowest.is_finite() { (0.5 * lowest).max(1e-6) } else { 1e-6 },
            alt: "Line chart of the allele fraction of tumour DNA in plasma over time, with the limit of detection.".into(),
            areas: Vec::new(),
            lines,
        };
        figure("Tumour DNA in plasma", "It follows the cells that die, not those that live.", &chart.svg())
    }
}
