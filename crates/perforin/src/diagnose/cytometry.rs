//! `[diagnostics.flow]`: molecules per cell from a file of flow cytometry and beads.

mod density;
mod events;

use std::fmt::Write;
use std::path::Path;

use perforin_core::catalogue::diagnostics as defaults;
use perforin_core::study::diagnostics::{FlowAntigenSection, FlowSection};
use perforin_lesion::scenario::Notes;
use perforin_patient::diagnostics::beads::{Bead, Calibration};
use serde::{Deserialize, Serialize};

use crate::answer::{grouped, per_cent, rounded};
use crate::report::chart::{Chart, FLOOR, Line};
use crate::report::html::figure;
use crate::table::{Rows, Table};

pub use density::{Density, Joint};
use events::{Gate, channel, median, open};

const PATH: &str = "diagnostics.flow";
/// Quantile of the control from which on a cell is positive, where the study gives no density (customary).
const CONTROL: f64 = 0.99;
/// Most antigens, whose combinations are counted.
const MOST_ANTIGENS: usize = 8;
/// Fewest events that are worth a distribution.
const FEWEST: usize = 50;
/// Quantiles of the table.
const QUANTILES: [f64; 7] = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95];

/// A sample that was read and calibrated.
#[derive(Clone, Debug)]
pub struct Asked {
    file: String,
    /// Events of the file, and those kept.
    events: (usize, usize),
    antigens: Vec<Antigen>,
}

/// An antigen with the molecules of every cell kept.
#[derive(Clone, Debug)]
struct Antigen {
    name: String,
    calibration: Calibration,
    positive_from: f64,
    cells: Vec<f64>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// The file.
    pub file: String,
    /// Events of the file, and those kept.
    pub events: (usize, usize),
    /// Confidence of the intervals.
    pub confidence: f64,
    /// Antigens.
    pub antigens: Vec<Density>,
    /// Which of them go together.
    pub joint: Joint,
}

/// Reads the section and its files; what is wrong is noted.
pub fn read(section: &FlowSection, base: &Path, notes: &mut Notes) -> Option<Asked> {
    let before = notes.problems.len();
    if section.antigen.len() > MOST_ANTIGENS {
        let message = format!("{} antigens in one question", section.antigen.len());
        notes.wrong(PATH, message, format!("ask of at most {MOST_ANTIGENS}, whose combinations are counted"));
    }
    if section.antigen.is_empty() {
        let help = "add [diagnostics.flow.antigen.NAME] with `channel` and `beads`";
        notes.wrong(PATH, "no antigen is named", help);
    }
    let compensate = section.compensate.unwrap_or(true);
    let sample = open(&base.join(&section.file), &format!("{PATH}.file"), compensate, notes);
    let control = section.control.as_ref();
    let control = control.map(|file| open(&base.join(file), &format!("{PATH}.control"), compensate, notes));
    let (Some(sample), Some(control)) = (sample, control.map_or(Some(None), |found| found.map(Some))) else {
        return None;
    };
    let gate = Gate::read(&section.gate, &sample, PATH, notes);
    let kept = gate.keep(&sample);
    let kept_of_control = control.as_ref().map(|control| gate.keep(control));
    if kept.len() < FEWEST {
        let (message, help) = if section.gate.is_empty() {
            (format!("the file holds {} events", kept.len()), "take a file with more cells")
        } else {
            let message = format!("{} of {} events lie inside every gate", kept.len(), sample.events());
            (message, "widen the gates")
        };
        notes.wrong(PATH, message, format!("{help}: at least {FEWEST} events are needed"));
    }
    if notes.problems.len() > before {
        return None;
    }
    let mut antigens = Vec::new();
    for (name, given) in &section.antigen {
        let path = format!("{PATH}.antigen.{name}");
        let Some(stained) = channel(&sample, &given.channel, &path, notes) else { continue };
        let of_control = match (&control, &kept_of_control) {
            (Some(control), Some(kept)) => {
                let Some(channel) = channel(control, &given.channel, &path, notes) else { continue };
                kept.iter().map(|event| channel.values[*event]).collect()
            }
            _ => Vec::new(),
        };
        let stained: Vec<f64> = kept.iter().map(|event| stained.values[*event]).collect();
        antigens.extend(antigen(name, given, &path, (stained, of_control, base), notes));
    }
    (notes.problems.len() == before).then_some(Asked {
        file: section.file.clone(),
        events: (sample.events(), kept.len()),
        antigens,
    })
}

fn antigen(
    name: &str,
    given: &FlowAntigenSection,
    path: &str,
    (stained, control, base): (Vec<f64>, Vec<f64>, &Path),
    notes: &mut Notes,
) -> Option<Antigen> {
    if !crate::patient::fits_in_a_table(name) {
        let message = format!("the name {name:?} cannot stand at the head of a table");
        notes.wrong(path, message, "use letters, digits, `_` and `-`");
        return None;
    }
    let beads = beads(given, path, base, notes)?;
    let calibration = Calibration::fit(&beads)
        .map_err(|error| {
            notes.wrong(&format!("{path}.beads"), error.to_string(), "give the certified numbers of the lot");
        })
        .ok()?;
    let per_antibody =
        notes.value(&format!("{path}.per_antibody"), given.per_antibody, &defaults::PER_ANTIBODY);
    let per_antigen = &defaults::ANTIGENS_PER_ANTIBODY;
    let valency =
        notes.value(&format!("{path}.antigens_per_antibody"), given.antigens_per_antibody, per_antigen);
    let dark = median(&control).unwrap_or(0.0);
    let meaning = "Median fluorescence of the control";
    let source = if control.is_empty() { "assumed: no control is given" } else { "derived from the control" };
    notes.ledger.record(&format!("{path}.control"), dark, "1", source, meaning);
    let molecules = |values: &[f64]| -> Option<Vec<f64>> {
        // The ratios were checked by their ranges.
        values.iter().map(|f| calibration.antigens(*f, dark, per_antibody, valency).ok()).collect()
    };
    let cells = molecules(&stained)?;
    let at = format!("{path}.positive_from");
    let positive_from = match given.positive_from {
        Some(density) => {
            notes.given(&at, density.value(), "/cell", "Density from which on a cell is positive")
        }
        None if control.len() >= FEWEST => {
            let mut of_control = molecules(&control)?;
            of_control.sort_by(f64::total_cmp);
            let value = density::quantile(&of_control, CONTROL);
            let source = "derived: the 99 % quantile of the control (customary; assumed)";
            notes.ledger.record(&at, value, "/cell", source, "Density from which on a cell is positive");
            value
        }
        None => {
            let help =
                "give positive_from = \"1000 /cell\", or the `control` of the sample with at least 50 events";
            notes.wrong(path, "it is not said which cells are positive", help);
            return None;
        }
    };
    Some(Antigen { name: name.to_owned(), calibration, positive_from, cells })
}

/// The beads of the study, or of its table.
fn beads(given: &FlowAntigenSection, path: &str, base: &Path, notes: &mut Notes) -> Option<Vec<Bead>> {
    let mut found = Vec::new();
    match (&given.bead_table, given.beads.is_empty()) {
        (None, false) => {
            found.extend(
                given.beads.iter().map(|b| Bead { molecules: b.molecules, fluorescence: b.fluorescence }),
            );
        }
        (Some(table), true) => match events::beads(&base.join(table)) {
            Ok(beads) => found = beads,
            Err(message) => {
                let help = "write a .csv with the columns molecules and fluorescence, a bead population in each line";
                notes.wrong(&format!("{path}.bead_table"), message, help);
                return None;
            }
        },
        _ => {
            let help = "give beads = [{ molecules = 474, fluorescence = 800.0 }, …], or a `bead_table`";
            notes.wrong(path, "beads are given once", help);
            return None;
        }
    }
    for (i, bead) in found.iter().enumerate() {
        let meaning = format!("Fluorescence of beads with {} fluorophores", bead.molecules);
        notes.given(&format!("{path}.beads.{i}"), bead.fluorescence, "1", &meaning);
    }
    Some(found)
}

impl Asked {
    /// What was read, in a line.
    pub fn in_a_line(&self) -> String {
        let names: Vec<&str> = self.antigens.iter().map(|a| a.name.as_str()).collect();
        let (all, kept) = self.events;
        format!(
            "{}: {} of {} events kept, {}",
            self.file,
            grouped(kept as f64),
            grouped(all as f64),
            names.join(", ")
        )
    }

    /// Densities and which of them go together.
    pub fn answer(&self, confidence: f64) -> Answered {
        let density =
            |a: &Antigen| Density::of(&a.name, &a.cells, a.positive_from, &a.calibration, confidence);
        let columns: Vec<(&[f64], f64)> =
            self.antigens.iter().map(|a| (a.cells.as_slice(), a.positive_from)).collect();
        Answered {
            file: self.file.clone(),
            events: self.events,
            confidence,
            antigens: self.antigens.iter().map(density).collect(),
            joint: Joint::of(&columns),
        }
    }

    /// The blocks of a lesion's study that carry these densities.
    pub fn lesion(&self) -> String {
        let answer = self.answer(0.95);
        density::lesion(&answer.file, &answer.antigens, &answer.joint)
    }
}

impl Answered {
    /// In words.
    pub fn words(&self) -> Vec<String> {
        let (all, kept) = self.events;
        let of = |a: &Density| {
            let (low, high) = a.positive_interval;
            let mut text = format!(
                "{} is on {} of the cells ({} to {}, from {} molecules on)",
                a.name,
                per_cent(a.positive),
                per_cent(low),
                per_cent(high),
                rounded(a.positive_from)
            );
            if let Some(spread) = a.spread {
                let _ = write!(
                    text,
                    ", with a median of {} molecules per positive cell ({} to {}) and a logarithmic standard deviation of {}",
                    rounded(spread.median),
                    rounded(spread.median_interval.0),
                    rounded(spread.median_interval.1),
                    rounded(spread.log_sd)
                );
            }
            if a.extrapolated > 0.05 {
                let _ =
                    write!(text, "; {} of the positive cells lie beyond the beads", per_cent(a.extrapolated));
            }
            text
        };
        let each: Vec<String> = self.antigens.iter().map(of).collect();
        let beads: Vec<String> = self
            .antigens
            .iter()
            .map(|a| {
                format!(
                    "{}: slope {}, beads off the line by a factor of {}",
                    a.name,
                    rounded(a.slope),
                    rounded(a.off_line)
                )
            })
            .collect();
        let mut words = vec![format!(
            "Of {} events of {}, {} are kept. {}. Intervals are those of counting cells, at {} confidence; the calibration adds its \
             own error ({}).",
            grouped(all as f64),
            self.file,
            grouped(kept as f64),
            each.join("; "),
            per_cent(self.confidence),
            beads.join("; ")
        )];
        if self.antigens.len() > 1 {
            let names: Vec<&str> = self.antigens.iter().map(|a| a.name.as_str()).collect();
            let every = self.joint.shares.len() - 1;
            words.push(format!(
                "{} of the cells carry all of {}, {} none of them; the logarithms of the densities are correlated by {} on cells that \
                 carry both. lesion.toml holds this for a lesion's study.",
                per_cent(self.joint.shares[every]),
                names.join(", "),
                per_cent(self.joint.shares[0]),
                rounded(self.joint.correlation)
            ));
        }
        words
    }

    /// What is assumed.
    pub fn assumptions(&self) -> Vec<String> {
        vec![
            "Antibodies bind to saturation; fluorescence of the control's median is subtracted from every cell; doublets, dead \
             cells and cells that are no tumour cells have been gated out."
                .into(),
            "For the lesion, densities of positive cells are log-normal, and negative cells carry nothing.".into(),
        ]
    }

    /// Its tables.
    pub fn tables(&self) -> Vec<(&'static str, Table)> {
        let mut rows = Rows::new(self.antigens.clone())
            .text("antigen", "The antigen", |a| a.name.clone())
            .whole("cells", "cells", "Events kept", |a| a.cells as i64)
            .measured("positive_from", "/cell", "Density from which on a cell is positive", |a| {
                Some(a.positive_from)
            })
            .number("positive", "Share of positive cells", |a| Some(a.positive))
            .number("positive_low", "Lower end of its exact interval", |a| Some(a.positive_interval.0))
            .number("positive_high", "Upper end", |a| Some(a.positive_interval.1))
            .measured("median", "/cell", "Median density of positive cells", |a| a.spread.map(|s| s.median))
            .measured("median_low", "/cell", "Lower end of its interval", |a| {
                a.spread.map(|s| s.median_interval.0)
            })
            .measured("median_high", "/cell", "Upper end", |a| a.spread.map(|s| s.median_interval.1))
            .number(
                "log_sd",
                "Standard deviation of the natural logarithm of the density of positive cells",
                |a| a.spread.map(|s| s.log_sd),
            )
            .number("extrapolated", "Share of positive cells beyond the beads", |a| Some(a.extrapolated))
            .number("slope", "Slope of the calibration on a double logarithmic scale", |a| Some(a.slope))
            .number("off_line", "Factor by which beads lie off the line", |a| Some(a.off_line));
        for (k, share) in QUANTILES.iter().enumerate() {
            let name = format!("quantile_{}", rounded(100.0 * share));
            let meaning = format!("{} quantile of the density of all cells", per_cent(*share));
            rows = rows.measured(&name, "/cell", &meaning, move |a| a.quantiles.get(k).copied());
        }
        let names: Vec<String> = self.antigens.iter().map(|a| a.name.clone()).collect();
        let sets: Vec<(usize, f64)> = self.joint.shares.iter().copied().enumerate().collect();
        let joint = Rows::new(sets)
            .text("carries", "Antigens that the cells carry, joined by +; none", |r| {
                density::set(&names, r.0)
            })
            .number("share", "Share of the cells", |r| Some(r.1))
            .table;
        vec![("densities", rows.table), ("joint", joint)]
    }

    /// Its figures.
    pub fn figures(&self) -> String {
        let line = |(colour, a): (usize, &Density)| Line {
            label: a.name.clone(),
            colour,
            x: a.curve.iter().map(|c| c.0).collect(),
            y: a.curve.iter().map(|c| 100.0 * c.1).collect(),
        };
        let chart = Chart {
            x_label: "log₁₀ of molecules per cell".into(),
            y_label: "cells below, %".into(),
            log: false,
            floor: FLOOR,
            alt: format!(
                "Cumulative distribution of molecules per cell of {} antigens.",
                self.antigens.len()
            ),
            areas: Vec::new(),
            lines: self.antigens.iter().enumerate().map(line).collect(),
        };
        figure("Molecules per cell", "Cells with less than one molecule stand at 0.", &chart.svg())
    }
}
