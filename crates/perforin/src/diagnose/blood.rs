//! `[diagnostics.ctc]`: what circulating tumour cells can and cannot certify.

use perforin_core::catalogue::diagnostics as defaults;
use perforin_core::study::diagnostics::CtcSection;
use perforin_lesion::scenario::Notes;
use perforin_patient::diagnostics::DiagnosticsError;
use perforin_patient::diagnostics::biopsy::{cells_needed, homogeneity_bound};
use perforin_patient::diagnostics::ctc::{
    Capture, Search, Shedding, TUBE_ML, blood_needed, change, fraction_captured,
};
use perforin_trial::binomial::clopper_pearson;
use serde::{Deserialize, Serialize};

use super::groups::log_normal;
use super::question::{inner_share, share};
use crate::answer::{grouped, per_cent, rounded};
use crate::report::chart::{Chart, FLOOR, Line};
use crate::report::html::figure;
use crate::table::{Rows, Table};

const PATH: &str = "diagnostics.ctc";
/// µm³ in a millilitre.
const ML: f64 = 1e12;
/// Clones beside that of the study.
const FRACTIONS: [f64; 6] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3];
/// Numbers of cells, all positive, for which the bound is shown.
const SEEN: [u32; 6] = [1, 2, 5, 10, 29, 59];
/// Volumes that are drawn, mL.
const VOLUMES: [f64; 9] = [2.0, 5.0, 7.5, 15.0, 22.5, 30.0, 45.0, 60.0, 90.0];

/// Samples of blood that are asked about.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    clone: f64,
    shedding: Shedding,
    search: Search,
    /// Probabilities of capturing a cell of the clone and another, over that of the others.
    capture: Option<[f64; 2]>,
    seen: Option<(u32, u32)>,
    change: Option<(u32, u32)>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// Confidence.
    pub confidence: f64,
    /// Share of the clone in blood, and among captured cells.
    pub clone: [f64; 2],
    /// Blood, mL.
    pub volume: f64,
    /// Mean and standard deviation of the count.
    pub count: [f64; 2],
    /// Share of samples with one cell or more, with two or more.
    pub any: [f64; 2],
    /// Blood, mL, that shows the clone at the confidence in the median patient who sheds.
    pub blood_needed: f64,
    /// By clone.
    pub rows: Vec<Row>,
    /// Cells seen, all positive, and the lower bound of the positive fraction.
    pub bounds: Vec<(u32, f64)>,
    /// By volume, mL: shares of samples with any cell, that show the clone, that can rule it out.
    pub by_volume: Vec<(f64, [f64; 3])>,
    /// Cells seen, negative ones, and the interval of the negative share among cells that are captured.
    pub seen: Option<((u32, u32), (f64, f64))>,
    /// Counts before and after, and the probabilities of such a fall and such a rise by chance.
    pub change: Option<((u32, u32), [f64; 2])>,
}

/// A clone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Share of the cells in blood.
    pub clone: f64,
    /// Share among captured cells.
    pub captured: f64,
    /// Cells that must all be positive to rule it out.
    pub cells: u32,
    /// Share of samples that show a cell of the clone.
    pub shows: f64,
    /// Share of samples with enough cells to rule it out.
    pub certifies: f64,
}

/// Reads the section; what is wrong is noted.
pub fn read(section: &CtcSection, notes: &mut Notes) -> Option<Asked> {
    let before = notes.problems.len();
    let path = |key: &str| format!("{PATH}.{key}");
    let clone =
        inner_share(&path("clone"), section.clone, "Share of the clone among tumour cells in blood", notes);
    let volume = notes.value(&path("volume"), section.volume.map(|v| v.value() / ML), &defaults::VOLUME);
    let shedding = share(&path("shedding"), section.shedding, &defaults::SHEDDING, notes);
    let median = notes.value(&path("median"), section.median, &defaults::CTC_MEDIAN);
    let log_sd = notes.value(&path("log_sd"), section.log_sd, &defaults::CTC_LOG_SD);
    let recovery = notes.value(&path("recovery"), section.recovery, &defaults::RECOVERY);
    let capture = section.epcam.as_ref().and_then(|epcam| {
        let at = |key: &str| format!("{PATH}.epcam.{key}");
        let half = notes.given(&at("half"), epcam.half.value(), "/cell", "EpCAM at which half is captured");
        let steepness = notes.value(&at("steepness"), epcam.steepness, &defaults::STEEPNESS);
        let clone = log_normal(&at("clone"), &epcam.clone, notes)?;
        let others = log_normal(&at("others"), &epcam.others, notes)?;
        let found = Capture::new(half, steepness)
            .and_then(|c| Ok([c.of_lognormal(clone.0, clone.1)?, c.of_lognormal(others.0, others.1)?]));
        found.map_err(|error| notes.wrong(&format!("{PATH}.epcam"), error.to_string(), "correct it")).ok()
    });
    if let Some(seen) = section.seen {
        notes.given(&path("seen.cells"), f64::from(seen.cells), "cells", "Tumour cells seen");
        notes.given(&path("seen.negative"), f64::from(seen.negative), "cells", "Those without the antigen");
        if seen.negative > seen.cells || seen.cells == 0 {
            let message = format!("{} negative of {} cells", seen.negative, seen.cells);
            notes.wrong(
                &path("seen"),
                message,
                "give at least one cell, and no more negative ones than cells",
            );
        }
    }
    if let Some(change) = section.change {
        notes.given(&path("change.before"), f64::from(change.before), "cells", "Cells before");
        notes.given(&path("change.after"), f64::from(change.after), "cells", "Cells after");
        if change.before.saturating_add(change.after) > 100_000 {
            notes.wrong(&path("change"), "more than 100000 cells", "such counts need no exact test");
        }
    }
    if notes.problems.len() > before {
        return None;
    }
    let shedding = Shedding::new(shedding, median, log_sd)
        .map_err(|error| notes.wrong(PATH, error.to_string(), "correct it"))
        .ok()?;
    Some(Asked {
        clone,
        shedding,
        search: Search { volume, relative_recovery: recovery },
        capture,
        seen: section.seen.map(|s| (s.cells, s.negative)),
        change: section.change.map(|c| (c.before, c.after)),
    })
}

impl Asked {
    /// Share of a clone among captured cells.
    fn captured(&self, fraction: f64) -> Result<f64, DiagnosticsError> {
        self.capture.map_or(Ok(fraction), |[clone, others]| fraction_captured(fraction, clone, others))
    }

    /// Probability that a sample does not show a clone of this share.
    ///
    /// # Errors
    /// If it is no share.
    pub fn misses(&self, fraction: f64) -> Result<f64, DiagnosticsError> {
        Ok(1.0 - self.shedding.sees_clone(self.captured(fraction)?, self.search)?)
    }

    /// What such samples can show.
    ///
    /// # Errors
    /// If a number cannot be.
    pub fn answer(&self, confidence: f64) -> Result<Answered, DiagnosticsError> {
        let (shedding, search) = (self.shedding, self.search);
        let mut fractions = FRACTIONS.to_vec();
        fractions.push(self.clone);
        fractions.sort_by(f64::total_cmp);
        fractions.dedup();
        let rows = fractions.into_iter().map(|f| self.row(f, confidence)).collect::<Result<_, _>>()?;
        let captured = self.captured(self.clone)?;
        let by_volume = VOLUMES.map(|volume| {
            let search = Search { volume, ..search };
            let shows = shedding.sees_clone(captured, search)?;
            let certifies = shedding.can_certify(captured, confidence, search)?;
            Ok((volume, [shedding.at_least(1, search), shows, certifies]))
        });
        let seen = self.seen.map(|(cells, negative)| {
            let interval = if negative == 0 {
                (0.0, 1.0 - homogeneity_bound(cells, confidence)?)
            } else {
                clopper_pearson(negative, cells, confidence)
            };
            Ok(((cells, negative), interval))
        });
        let changed = self.change.map(|(before, after)| {
            let found = change((before, search.volume), (after, search.volume), 0.0)?;
            Ok(((before, after), [found.fall, found.rise]))
        });
        let rate = shedding.median * search.relative_recovery;
        Ok(Answered {
            confidence,
            clone: [self.clone, captured],
            volume: search.volume,
            count: [shedding.mean(search), shedding.sd(search)],
            any: [shedding.at_least(1, search), shedding.at_least(2, search)],
            blood_needed: blood_needed(rate, captured, confidence)?,
            rows,
            bounds: SEEN
                .into_iter()
                .map(|n| Ok((n, homogeneity_bound(n, confidence)?)))
                .collect::<Result<_, DiagnosticsError>>()?,
            by_volume: by_volume.into_iter().collect::<Result<_, DiagnosticsError>>()?,
            seen: seen.transpose()?,
            change: changed.transpose()?,
        })
    }

    fn row(&self, clone: f64, confidence: f64) -> Result<Row, DiagnosticsError> {
        let captured = self.captured(clone)?;
        Ok(Row {
            clone,
            captured,
            cells: cells_needed(captured, confidence)?,
            shows: self.shedding.sees_clone(captured, self.search)?,
            certifies: self.shedding.can_certify(captured, confidence, self.search)?,
        })
    }
}

impl Answered {
    /// In words.
    pub fn words(&self) -> Vec<String> {
        let [clone, captured] = self.clone;
        let own = self.rows.iter().find(|row| row.clone == clone);
        let (shows, certifies, cells) =
            own.map_or((f64::NAN, f64::NAN, 0), |r| (r.shows, r.certifies, r.cells));
        let bias = if clone == captured {
            String::new()
        } else {
            format!(", of which capture by EpCAM leaves {} among the cells seen,", per_cent(captured))
        };
        let mut words = vec![format!(
            "{} mL of blood show any tumour cell in {} of the patients (mean {} cells, standard deviation {}). A clone of \
             {}{bias} shows in {}; {} cells, all positive, would rule it out at {} confidence, which {} of the samples hold: \
             circulating cells can show presence, gross loss and change, and cannot certify that a tumour is homogeneous. In \
             the median patient who sheds, {} mL show the clone with a probability of {}.",
            rounded(self.volume),
            per_cent(self.any[0]),
            rounded(self.count[0]),
            rounded(self.count[1]),
            per_cent(clone),
            per_cent(shows),
            grouped(f64::from(cells)),
            per_cent(self.confidence),
            per_cent(certifies),
            rounded(self.blood_needed),
            per_cent(self.confidence)
        )];
        if let Some(((cells, negative), (low, high))) = self.seen {
            words.push(format!(
                "Of {cells} cells seen {negative} lack the antigen: the share of such cells among those that are captured lies \
                 between {} and {} ({} confidence{}).",
                per_cent(low),
                per_cent(high),
                per_cent(self.confidence),
                if negative == 0 { ", one-sided" } else { "" }
            ));
        }
        if let Some(((before, after), [fall, rise])) = self.change {
            let (word, p) = if after < before { ("fall", fall) } else { ("rise", rise) };
            words.push(format!(
                "From {before} to {after} cells in the same volume: had nothing changed, such a {word} would come by chance with a \
                 probability of {}.",
                per_cent(p)
            ));
        }
        words
    }

    /// What is assumed.
    pub fn assumptions(&self) -> Vec<String> {
        let capture = if self.clone[0] == self.clone[1] {
            "Cells of the clone are captured as others are; a clone that lost EpCAM too is seen less."
        } else {
            "Capture depends on EpCAM as D^h/(D^h + D₅₀^h), an assumed form."
        };
        vec![
            "Counts are a zero-inflated Poisson-lognormal (Allard 2004, doi 10.1158/1078-0432.CCR-04-0378); cells in blood are a \
             fair sample of the tumour but for their capture, and are read without error."
                .into(),
            capture.into(),
        ]
    }

    /// Its tables.
    pub fn tables(&self) -> Vec<(&'static str, Table)> {
        let rows = Rows::new(self.rows.clone())
            .number("clone", "Share of the clone among tumour cells in blood", |r| Some(r.clone))
            .number("captured", "Its share among captured cells", |r| Some(r.captured))
            .whole("cells", "cells", "Cells that must all be positive to rule it out", |r| i64::from(r.cells))
            .number("shows", "Share of samples that show a cell of it", |r| Some(r.shows))
            .number("certifies", "Share of samples with enough cells to rule it out", |r| Some(r.certifies))
            .table;
        let bounds = Rows::new(self.bounds.clone())
            .whole("cells", "cells", "Cells seen, all positive", |r| i64::from(r.0))
            .number("positive_at_least", "Lower bound of the positive fraction at the confidence", |r| {
                Some(r.1)
            })
            .table;
        let volumes = Rows::new(self.by_volume.clone())
            .measured("volume", "mL", "Blood", |r| Some(r.0))
            .number("any", "Share of samples with any tumour cell", |r| Some(r.1[0]))
            .number("shows", "Share of samples that show a cell of the clone", |r| Some(r.1[1]))
            .number("certifies", "Share of samples with enough cells to rule it out", |r| Some(r.1[2]))
            .table;
        vec![("ctc", rows), ("ctc_bounds", bounds), ("ctc_volumes", volumes)]
    }

    /// Its figures.
    pub fn figures(&self) -> String {
        let labels = ["any tumour cell", "a cell of the clone", "enough to rule it out"];
        let line = |(k, label): (usize, &str)| Line {
            label: label.into(),
            colour: k,
            x: self.by_volume.iter().map(|v| v.0).collect(),
            y: self.by_volume.iter().map(|v| 100.0 * v.1[k]).collect(),
        };
        let chart = Chart {
            x_label: format!("blood, mL (a tube is {TUBE_ML} mL)"),
            y_label: "patients, %".into(),
            log: false,
            floor: FLOOR,
            alt: format!(
                "Line chart of the share of patients in whom blood shows any tumour cell, a clone of {}, or rules it out, \
                 against its volume.",
                per_cent(self.clone[0])
            ),
            areas: Vec::new(),
            lines: labels.into_iter().enumerate().map(line).collect(),
        };
        let note = format!(
            "A clone of {}; it is ruled out at {} confidence if enough cells are seen and all are positive.",
            per_cent(self.clone[0]),
            per_cent(self.confidence)
        );
        figure("What circulating tumour cells can show", &note, &chart.svg())
    }
}
