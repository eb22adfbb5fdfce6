//! `[diagnostics.biopsy]`: how many cells from how many sites rule out an antigen-negative clone.

use std::fmt::Write;

use perforin_core::catalogue::diagnostics as defaults;
use perforin_core::study::diagnostics::BiopsySection;
use perforin_lesion::scenario::Notes;
use perforin_patient::diagnostics::DiagnosticsError;
use perforin_patient::diagnostics::biopsy::{Plan, Reading, cells_needed};
use serde::{Deserialize, Serialize};

use super::question::{clustering, inner_share, share, whole};
use super::tissue;
use crate::answer::{grouped, per_cent, rounded};
use crate::report::chart::{Chart, FLOOR, Line};
use crate::report::html::figure;
use crate::table::{Rows, Table};

const PATH: &str = "diagnostics.biopsy";
/// Clusterings beside that of the study.
const CLUSTERINGS: [f64; 6] = [0.0, 0.01, 0.05, 0.1, 0.2, 0.3];
/// Those of them that are drawn beside that of the study: lines have few colours.
const DRAWN: [f64; 4] = [0.0, 0.05, 0.1, 0.3];
/// Fractions of the exact table.
const FRACTIONS: [f64; 8] = [0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3];
/// Sites up to which the chance to miss is drawn.
const DRAWN_SITES: u32 = 12;
/// Most sites that are tried where cells are read with error.
const MOST_SITES: u32 = 300;
/// Sites of a plan that the study does not say.
const SITES: u32 = 1;

/// A biopsy that is planned.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    clone: f64,
    sites: u32,
    cells_per_site: u32,
    reading: Reading,
    /// Intra-site correlation, if it is known.
    clustering: Option<f64>,
    /// Its standard error, if it comes from a tissue.
    error: Option<f64>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// Share of the tumour cells in the clone.
    pub clone: f64,
    /// Confidence.
    pub confidence: f64,
    /// Independent cells that must all be positive.
    pub independent: u32,
    /// Planned sites and cells at each.
    pub plan: (u32, u32),
    /// Probability that a negative cell, and a positive cell, is read as what it is.
    pub reading: [f64; 2],
    /// Cells read as negative from which on the clone is called.
    pub call_at: u32,
    /// Intra-site correlation, if it is known.
    pub clustering: Option<f64>,
    /// Its standard error, if it comes from a tissue.
    pub error: Option<f64>,
    /// By clustering.
    pub rows: Vec<Row>,
    /// Clone, and independent cells that rule it out.
    pub table: Vec<(f64, u32)>,
}

/// What the plan comes to at a clustering.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Intra-site correlation.
    pub clustering: f64,
    /// Sites, of the planned number of cells, that find the clone at the confidence; none below the most tried.
    pub sites_needed: Option<u32>,
    /// Cells at each of the planned sites that rule the clone out; none below a million.
    pub cells_needed: Option<u32>,
    /// Probability that no cell of the clone is among those sampled.
    pub misses: f64,
    /// Probability that the clone is called.
    pub calls: f64,
    /// Probability that a clone is called where there is none.
    pub false_call: f64,
    /// Largest clone that such a sample, all positive, leaves possible at the confidence.
    pub leaves: f64,
    /// Probability that 1, 2, … sites do not call the clone.
    pub by_sites: Vec<f64>,
}

/// Reads the section; what is wrong is noted. `tissue` is the clustering of a tissue with its error.
pub fn read(section: &BiopsySection, tissue: Option<(f64, Option<f64>)>, notes: &mut Notes) -> Asked {
    let path = |key: &str| format!("{PATH}.{key}");
    let clone = inner_share(&path("clone"), section.clone, "Share of tumour cells in the clone", notes);
    let sites = section.sites.unwrap_or(SITES);
    let source = if section.sites.is_some() { "the study" } else { "assumed: one site" };
    notes.ledger.record(&path("sites"), f64::from(sites), "1", source, "Sites of the biopsy");
    if sites == 0 || sites > MOST_SITES {
        notes.wrong(&path("sites"), format!("{sites} sites"), format!("give 1 to {MOST_SITES}"));
    }
    let cells = whole(&path("cells_per_site"), section.cells_per_site, &defaults::CELLS_PER_SITE, notes);
    let sensitivity = share(&path("sensitivity"), section.sensitivity, &defaults::SENSITIVITY, notes);
    let specificity = share(&path("specificity"), section.specificity, &defaults::SPECIFICITY, notes);
    let call_at = whole(&path("call_at"), section.call_at, &defaults::CALL_AT, notes);
    if specificity < 1.0 && call_at == 1 {
        let help = "raise `call_at`, so that cells read wrongly do not call a clone";
        notes.warn(&path("specificity"), "one cell read wrongly calls a clone", help);
    }
    let own = section.clustering.map(|given| clustering(&path("clustering"), given, notes));
    Asked {
        clone,
        sites,
        cells_per_site: cells,
        reading: Reading { sensitivity, specificity, call_at },
        clustering: own.or(tissue.map(|(value, _)| value)),
        error: if own.is_some() { None } else { tissue.and_then(|(_, error)| error) },
    }
}

impl Asked {
    /// Cells read at each site.
    pub fn cells_per_site(&self) -> u32 {
        self.cells_per_site
    }

    /// The plan at the clustering that is known, or with independent cells.
    pub fn plan(&self) -> Plan {
        self.at(self.clustering.unwrap_or(0.0))
    }

    /// Whether the clustering is known.
    pub fn knows_clustering(&self) -> bool {
        self.clustering.is_some()
    }

    /// How cells are read.
    pub fn reading(&self) -> Reading {
        self.reading
    }

    fn at(&self, clustering: f64) -> Plan {
        Plan { sites: self.sites, cells_per_site: self.cells_per_site, clustering }
    }

    /// What the biopsy can and cannot show.
    ///
    /// # Errors
    /// If a number cannot be.
    pub fn answer(&self, confidence: f64) -> Result<Answered, DiagnosticsError> {
        let mut clusterings = CLUSTERINGS.to_vec();
        if let Some(own) = self.clustering {
            clusterings.push(own);
            clusterings.extend(self.error.map(|error| (own + 1.96 * error).min(0.999)));
        }
        clusterings.sort_by(f64::total_cmp);
        clusterings.dedup();
        let rows = clusterings.into_iter().map(|c| self.row(c, confidence)).collect::<Result<_, _>>()?;
        let table = FRACTIONS.map(|fraction| Ok((fraction, cells_needed(fraction, confidence)?)));
        Ok(Answered {
            clone: self.clone,
            confidence,
            independent: cells_needed(self.clone, confidence)?,
            plan: (self.sites, self.cells_per_site),
            reading: [self.reading.sensitivity, self.reading.specificity],
            call_at: self.reading.call_at,
            clustering: self.clustering,
            error: self.error,
            rows,
            table: table.into_iter().collect::<Result<_, DiagnosticsError>>()?,
        })
    }

    fn row(&self, clustering: f64, confidence: f64) -> Result<Row, DiagnosticsError> {
        let plan = self.at(clustering);
        let not_called =
            |sites| Plan { sites, ..plan }.calls(self.clone, self.reading).map(|called| 1.0 - called);
        Ok(Row {
            clustering,
            sites_needed: self.sites_needed(plan, confidence)?,
            cells_needed: plan.cells_per_site_needed(self.clone, confidence)?,
            misses: plan.misses(self.clone)?,
            calls: plan.calls(self.clone, self.reading)?,
            false_call: plan.calls(0.0, self.reading)?,
            leaves: plan.rules_out_above(confidence)?,
            by_sites: (1..=DRAWN_SITES).map(not_called).collect::<Result<_, _>>()?,
        })
    }

    fn sites_needed(&self, plan: Plan, confidence: f64) -> Result<Option<u32>, DiagnosticsError> {
        if self.reading == Reading::PERFECT {
            return plan.sites_needed(self.clone, confidence);
        }
        for sites in 1..=MOST_SITES {
            if (Plan { sites, ..plan }).calls(self.clone, self.reading)? >= confidence {
                return Ok(Some(sites));
            }
        }
        Ok(None)
    }
}

impl Answered {
    /// The row of the clustering that is known.
    fn own(&self) -> Option<&Row> {
        self.clustering.and_then(|own| self.rows.iter().find(|row| row.clustering == own))
    }

    fn is_perfect(&self) -> bool {
        self.reading == [1.0, 1.0] && self.call_at == 1
    }

    /// In words.
    pub fn words(&self) -> Vec<String> {
        let (_, cells) = self.plan;
        let mut text = format!(
            "To rule out at {} confidence an antigen-negative clone of {} of the tumour cells, {} independent cells must be \
             read and all be positive. Cells of one site are not independent, so that sites beat cells: of sites with {} \
             cells each",
            per_cent(self.confidence),
            per_cent(self.clone),
            grouped(f64::from(self.independent)),
            grouped(f64::from(cells))
        );
        let needed = |row: &Row| match row.sites_needed {
            Some(n) => format!("{n} at a clustering of {}", rounded(row.clustering)),
            None => format!("more than can be tried at {}", rounded(row.clustering)),
        };
        let listed: Vec<String> =
            self.rows.iter().filter(|r| CLUSTERINGS.contains(&r.clustering)).map(needed).collect();
        let _ = write!(text, " {} are enough.", listed.join(", "));
        let mut words = vec![text];
        words.push(self.own().map_or_else(|| self.without_clustering(), |row| self.of_plan(row)));
        words
    }

    fn without_clustering(&self) -> String {
        let (sites, cells) = self.plan;
        let of = |row: &Row| format!("{} at {}", per_cent(1.0 - row.calls), rounded(row.clustering));
        let all: Vec<String> = self.rows.iter().map(of).collect();
        format!(
            "The planned biopsy, {sites} site{} of {} cells, does not find such a clone in this share of the cases, by clustering: \
             {}. The clustering decides; take it from a tissue.",
            if sites == 1 { "" } else { "s" },
            grouped(f64::from(cells)),
            all.join(", ")
        )
    }

    fn of_plan(&self, row: &Row) -> String {
        let (sites, cells) = self.plan;
        let error = self.error.map_or(String::new(), |e| format!(" (standard error {})", rounded(e)));
        let mut text = format!("With a clustering of {}{error}, ", rounded(row.clustering));
        text += &match row.sites_needed {
            Some(1) => format!("one site of {} cells is enough", grouped(f64::from(cells))),
            Some(n) => format!("{n} sites of {} cells are needed", grouped(f64::from(cells))),
            None => {
                format!("no number of sites of {} cells that was tried is enough", grouped(f64::from(cells)))
            }
        };
        let upper = self.error.and_then(|e| {
            let high = (row.clustering + 1.96 * e).min(0.999);
            self.rows.iter().find(|r| r.clustering == high)?.sites_needed
        });
        if let Some(upper) = upper.filter(|n| Some(*n) != row.sites_needed) {
            let _ = write!(text, ", and {upper} at the upper end of its 95 % interval");
        }
        text += &match row.cells_needed {
            Some(n) if self.is_perfect() => {
                format!(
                    "; with {sites} site{}, {} cells at each",
                    if sites == 1 { "" } else { "s" },
                    grouped(f64::from(n))
                )
            }
            Some(_) => String::new(),
            None => format!(
                "; with {sites} site{} no number of cells suffices",
                if sites == 1 { "" } else { "s" }
            ),
        };
        let _ = write!(
            text,
            ". The planned biopsy, {sites} × {} cells, holds no cell of the clone with a probability of {}; if all its cells are \
             positive, a clone of up to {} is left possible.",
            grouped(f64::from(cells)),
            per_cent(row.misses),
            per_cent(row.leaves)
        );
        if !self.is_perfect() {
            let _ = write!(
                text,
                " Read with a sensitivity of {} and a specificity of {} and called from {} negative cells on, it finds the \
                 clone in {}, and calls one that is not there in {}.",
                per_cent(self.reading[0]),
                per_cent(self.reading[1]),
                self.call_at,
                per_cent(row.calls),
                per_cent(row.false_call)
            );
        }
        text
    }

    /// What is assumed.
    pub fn assumptions(&self) -> Vec<String> {
        vec![
            "Sites are chosen without regard to the clone and are independent of each other; a clone confined to a metastasis \
             that nobody samples is not a matter of counts."
                .into(),
            "The share of the clone in a site follows a beta distribution with the given intra-site correlation (Skellam 1948)."
                .into(),
        ]
    }

    /// Its tables.
    pub fn tables(&self) -> Vec<(&'static str, Table)> {
        let count = |n: Option<u32>| n.map(f64::from);
        let rows = Rows::new(self.rows.clone())
            .number("clustering", "Correlation of two cells of one site", |r| Some(r.clustering))
            .measured("sites_needed", "sites", "Sites of the planned number of cells that find the clone at the confidence", move |r| count(r.sites_needed))
            .measured("cells_needed", "cells", "Cells at each of the planned sites that rule it out if all are positive; empty if a million do not", move |r| count(r.cells_needed))
            .number("misses", "Probability that the planned sample holds no cell of the clone", |r| Some(r.misses))
            .number("calls", "Probability that the planned sample calls the clone", |r| Some(r.calls))
            .number("false_call", "Probability that it calls a clone where there is none", |r| Some(r.false_call))
            .number("leaves_possible", "Largest clone that the planned sample, all positive, leaves possible at the confidence", |r| Some(r.leaves))
            .table;
        let exact = Rows::new(self.table.clone())
            .number("clone", "Share of the tumour cells in the clone", |r| Some(r.0))
            .whole(
                "cells",
                "cells",
                "Independent cells that rule it out at the confidence if all are positive",
                |r| i64::from(r.1),
            )
            .table;
        vec![("biopsy", rows), ("independent_cells", exact)]
    }

    /// Its figures, with the tissue's own chance to miss if there is one.
    pub fn figures(&self, tissue: Option<&tissue::Answered>) -> String {
        let sites: Vec<f64> = (1..=DRAWN_SITES).map(f64::from).collect();
        let shown = |row: &&Row| DRAWN.contains(&row.clustering) || Some(row.clustering) == self.clustering;
        let line = |(colour, row): (usize, &Row)| Line {
            label: format!("clustering {}", rounded(row.clustering)),
            colour,
            x: sites.clone(),
            y: row.by_sites.clone(),
        };
        let mut lines: Vec<Line> = self.rows.iter().filter(shown).enumerate().map(line).collect();
        lines.extend(tissue.map(|t| Line {
            label: "this very tissue".into(),
            colour: lines.len(),
            x: (1..=t.misses.len()).map(|n| n as f64).collect(),
            y: t.misses.clone(),
        }));
        lines.push(Line {
            label: format!("{} allowed", per_cent(1.0 - self.confidence)),
            colour: 5,
            x: vec![1.0, f64::from(DRAWN_SITES)],
            y: vec![1.0 - self.confidence; 2],
        });
        let cells = grouped(f64::from(self.plan.1));
        let chart = Chart {
            x_label: "sites".into(),
            y_label: "probability to miss the clone".into(),
            log: false,
            floor: FLOOR,
            alt: format!(
                "Line chart of the probability to miss a clone of {} against the number of sites of {cells} cells, for {} \
                 clusterings.",
                per_cent(self.clone),
                lines.len() - 1
            ),
            areas: Vec::new(),
            lines,
        };
        let note = format!("A clone of {} is missed by sites of {cells} cells each.", per_cent(self.clone));
        figure("Chance to miss the clone", &note, &chart.svg())
    }
}
