//! `[diagnostics.tissue]`: how clustered the negative cells of a simulated or imaged tissue are.

use std::path::Path;

use perforin_core::catalogue::diagnostics as defaults;
use perforin_core::study::diagnostics::TissueSection;
use perforin_lesion::cells::Condition;
use perforin_lesion::model::Role;
use perforin_lesion::scenario::Notes;
use perforin_lesion::storage::frames::Frame;
use perforin_patient::diagnostics::DiagnosticsError;
use perforin_patient::diagnostics::clustering::{self, Site};
use serde::{Deserialize, Serialize};

use crate::answer::{grouped, per_cent, rounded};
use crate::folder::Folder;
use crate::import;
use crate::report::viewer;
use crate::table::{Rows, Table};

const PATH: &str = "diagnostics.tissue";
/// Minutes of a day.
const DAY: f64 = 1440.0;
/// Most sites of a sample of the tissue that are shown.
const MOST_SITES: usize = 12;
/// Cells read at each site where no biopsy is asked.
const CELLS: u32 = 200;

/// A tissue that was read.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Where it comes from.
    source: String,
    edge: f64,
    sites: Vec<Site>,
    fraction: f64,
    clustering: f64,
    error: Option<f64>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// Where it comes from.
    pub source: String,
    /// Tumour cells.
    pub cells: u64,
    /// Sites with tumour cells.
    pub sites: usize,
    /// Edge of a site, µm.
    pub edge: f64,
    /// Share of negative cells.
    pub fraction: f64,
    /// Intra-site correlation.
    pub clustering: f64,
    /// Its standard error.
    pub error: Option<f64>,
    /// Cells read at each site.
    pub cells_per_site: u32,
    /// Probability that a sample of this very tissue from 1, 2, … sites misses all negative cells.
    pub misses: Vec<f64>,
}

/// Cells of a tissue: positions, µm, and whether each is negative.
struct Cells {
    source: String,
    position: Vec<[f64; 3]>,
    is_negative: Vec<bool>,
}

/// Reads a tissue; what is wrong is noted.
pub fn read(section: &TissueSection, base: &Path, notes: &mut Notes) -> Option<Asked> {
    let edge = notes.value(&format!("{PATH}.site"), section.site.map(|l| l.value()), &defaults::SITE);
    if section.antigen.is_some() == section.negative_type.is_some() {
        let help = "name an `antigen`, or the `negative_type` of the cells";
        notes.wrong(PATH, "it is not said which cells are negative", help);
        return None;
    }
    let below = section.negative_below.map(|d| d.value());
    let below = match section.antigen {
        Some(_) => notes.value(&format!("{PATH}.negative_below"), below, &defaults::NEGATIVE_BELOW),
        None => 0.0,
    };
    let cells = match (&section.results, &section.import) {
        (Some(results), None) => of_frame(section, &base.join(results), below, notes)?,
        (None, Some(_)) => of_file(section, base, below, notes)?,
        _ => {
            let help = "give `results = \"FOLDER\"` of a run of a lesion, or [diagnostics.tissue.import]";
            notes.wrong(PATH, "a tissue comes from one place", help);
            return None;
        }
    };
    if !notes.problems.is_empty() {
        return None;
    }
    match cut(cells, edge) {
        Ok(asked) => {
            let source = format!("derived from {}", asked.source);
            let meaning = "Correlation of two cells of one site (analysis of variance)";
            notes.ledger.record(&format!("{PATH}.clustering"), asked.clustering, "1", &source, meaning);
            let meaning = "Share of negative cells in the tissue";
            notes.ledger.record(&format!("{PATH}.fraction"), asked.fraction, "1", &source, meaning);
            Some(asked)
        }
        Err((message, help)) => {
            notes.wrong(PATH, message, help);
            None
        }
    }
}

fn cut(cells: Cells, edge: f64) -> Result<Asked, (String, &'static str)> {
    let sites = clustering::sites(&cells.position, &cells.is_negative, edge);
    let found = sites.and_then(|sites| Ok((clustering::correlation(&sites)?, sites)));
    match found {
        Err(error) => Err((error.to_string(), "make `site` smaller")),
        Ok((None, sites)) => {
            let fraction = clustering::fraction(&sites).unwrap_or(0.0);
            let message =
                format!("{} of the cells are negative: nothing can be clustered", per_cent(fraction));
            Err((message, "change `negative_below`, `day`, or the antigen; or make `site` larger"))
        }
        Ok((Some(correlation), sites)) => Ok(Asked {
            source: cells.source,
            edge,
            fraction: clustering::fraction(&sites).unwrap_or(0.0),
            // More alike than by chance is independent for a biopsy.
            clustering: correlation.clamp(0.0, 0.999),
            error: clustering::correlation_error(&sites).ok().flatten(),
            sites,
        }),
    }
}

/// The living cells of the tumour in a frame of a results folder.
fn of_frame(section: &TissueSection, place: &Path, below: f64, notes: &mut Notes) -> Option<Cells> {
    let path = format!("{PATH}.results");
    let shown = place.display();
    let files = match Folder::open(place).and_then(|folder| viewer::frames(&folder)) {
        Ok(files) => files,
        Err(failure) => {
            notes.wrong(&path, failure.what, "give the folder of a finished `perforin run` of a lesion");
            return None;
        }
    };
    if files.is_empty() {
        let help = "run the lesion with `output.frames_every`, such as \"1 d\"";
        notes.wrong(&path, format!("`{shown}` has no frames"), help);
        return None;
    }
    let day = section.day.unwrap_or(f64::NEG_INFINITY);
    let mut best: Option<Frame> = None;
    for file in &files {
        match Frame::read(file) {
            Err(error) => {
                notes.wrong(&path, error.to_string(), "run the lesion again");
                return None;
            }
            Ok(frame) => {
                let off = |f: &Frame| (f.time / DAY - day).abs();
                if best.as_ref().is_none_or(|known| day.is_finite() && off(&frame) < off(known)) {
                    best = Some(frame);
                }
            }
        }
        if section.day.is_none() {
            break;
        }
    }
    let frame = best?;
    let antigen = section.antigen.as_ref().map(|name| frame.antigens.iter().position(|known| known == name));
    if antigen == Some(None) {
        let help = format!("its antigens are {}", frame.antigens.join(", "));
        notes.wrong(&format!("{PATH}.antigen"), "the lesion has no such antigen", help);
        return None;
    }
    let source = format!("{shown}, day {}", rounded(frame.time / DAY));
    select(section, &frame, (antigen.flatten(), below), source, notes)
}

fn select(
    section: &TissueSection,
    frame: &Frame,
    (antigen, below): (Option<usize>, f64),
    source: String,
    notes: &mut Notes,
) -> Option<Cells> {
    let place_of = |name: &str| frame.types.iter().position(|(known, _)| known == name);
    for (key, name) in [("cell_type", &section.cell_type), ("negative_type", &section.negative_type)] {
        if let Some(name) = name
            && place_of(name).is_none()
        {
            let known: Vec<&str> = frame.types.iter().map(|(name, _)| name.as_str()).collect();
            let help = format!("its types are {}", known.join(", "));
            notes.wrong(&format!("{PATH}.{key}"), format!("the lesion has no cell type `{name}`"), help);
            return None;
        }
    }
    let own = section.cell_type.as_deref().and_then(place_of);
    let negative = section.negative_type.as_deref().and_then(place_of);
    let mut cells = Cells { source, position: Vec::new(), is_negative: Vec::new() };
    for i in 0..frame.id.len() {
        let kind = usize::from(frame.kind[i]);
        let is_own = own.map_or_else(|| frame.types[kind].1 == Role::Tumour, |own| own == kind);
        if frame.condition[i] != Condition::Live as u8 || !(is_own || negative == Some(kind)) {
            continue;
        }
        cells.position.push(frame.position[i]);
        cells.is_negative.push(match antigen {
            Some(a) => f64::from(frame.density[a * frame.id.len() + i]) < below,
            None => negative == Some(kind),
        });
    }
    Some(cells)
}

/// The cells of a file with positions and types.
fn of_file(section: &TissueSection, base: &Path, below: f64, notes: &mut Notes) -> Option<Cells> {
    let imported = section.import.as_ref()?;
    let place = base.join(&imported.file);
    let found = match import::read(imported, &place) {
        Ok(found) => found,
        Err(error) => {
            let problem = error.problem();
            let path = problem.path.replacen("lesion.", &format!("{PATH}."), 1);
            notes.wrong(&path, problem.message, problem.help.unwrap_or_default());
            return None;
        }
    };
    let antigen = section.antigen.as_ref().map(|name| found.antigens.iter().position(|a| a == name));
    if antigen == Some(None) {
        let help = "name it under [diagnostics.tissue.import.antigen] with `from` and `factor`";
        notes.wrong(&format!("{PATH}.antigen"), "the file does not give its density", help);
        return None;
    }
    let (own, negative) =
        (section.cell_type.as_deref().unwrap_or("tumour"), section.negative_type.as_deref());
    let mut cells = Cells { source: imported.file.clone(), position: Vec::new(), is_negative: Vec::new() };
    for (i, kind) in found.kind.iter().enumerate() {
        let kind = found.types[*kind].as_str();
        if kind == own || negative == Some(kind) {
            cells.position.push(found.position[i]);
            cells.is_negative.push(match antigen.flatten() {
                Some(a) => f64::from(found.density[i * found.antigens.len() + a]) < below,
                None => negative == Some(kind),
            });
        }
    }
    if cells.position.is_empty() {
        let help = "let `types` of the import map the file's tumour cells to it";
        notes.wrong(PATH, format!("the file has no cell of the type `{own}`"), help);
        return None;
    }
    Some(cells)
}

impl Asked {
    /// The intra-site correlation, not below 0, and its standard error.
    pub fn clustering(&self) -> (f64, Option<f64>) {
        (self.clustering, self.error)
    }

    /// What was read, in a line.
    pub fn in_a_line(&self) -> String {
        let cells: u64 = self.sites.iter().map(|s| u64::from(s.cells)).sum();
        format!(
            "{}: {} tumour cells, {} negative",
            self.source,
            grouped(cells as f64),
            per_cent(self.fraction)
        )
    }

    /// What a sample of this very tissue misses.
    ///
    /// # Errors
    /// If a number cannot be.
    pub fn answer(&self, cells_per_site: Option<u32>) -> Result<Answered, DiagnosticsError> {
        let cells_per_site = cells_per_site.unwrap_or(CELLS);
        let filled = self.sites.iter().filter(|s| s.cells > 0).count();
        let misses = (1..=filled.min(MOST_SITES))
            .map(|taken| clustering::misses(&self.sites, taken, cells_per_site))
            .collect::<Result<_, _>>()?;
        Ok(Answered {
            source: self.source.clone(),
            cells: self.sites.iter().map(|s| u64::from(s.cells)).sum(),
            sites: filled,
            edge: self.edge,
            fraction: self.fraction,
            clustering: self.clustering,
            error: self.error,
            cells_per_site,
            misses,
        })
    }
}

impl Answered {
    /// In words.
    pub fn words(&self) -> Vec<String> {
        let error = self.error.map_or(String::new(), |e| format!(" ± {} (jackknife)", rounded(e)));
        let of = |(i, p): (usize, &f64)| format!("{} in {}", i + 1, per_cent(*p));
        let shown = self.misses.iter().enumerate().filter(|(i, _)| [0, 1, 2, 4, 9].contains(i)).map(of);
        vec![format!(
            "In the tissue ({}; {} tumour cells, {} of them negative; {} cubic sites of {} µm) two cells of one site are \
             correlated by {}{error}. Of this very tissue a sample of {} cells from each site misses every negative cell \
             with this many sites: {}.",
            self.source,
            grouped(self.cells as f64),
            per_cent(self.fraction),
            grouped(self.sites as f64),
            rounded(self.edge),
            rounded(self.clustering),
            grouped(f64::from(self.cells_per_site)),
            shown.collect::<Vec<_>>().join(", ")
        )]
    }

    /// What is assumed.
    pub fn assumptions(&self) -> Vec<String> {
        vec![
            "The tissue's correlation is by analysis of variance over its cubic sites (Ridout 1999, doi \
             10.1111/j.0006-341X.1999.00137.x), its error by leaving out up to 40 groups of neighbouring sites in turn; it holds \
             for sites of that size, and one tissue says nothing of how patients differ."
                .into(),
            "A sample of the tissue takes sites blindly and without replacement; a site with fewer cells gives all it has."
                .into(),
        ]
    }

    /// Its table.
    pub fn tables(&self) -> Vec<(&'static str, Table)> {
        let rows: Vec<(usize, f64)> = self.misses.iter().copied().enumerate().collect();
        let table = Rows::new(rows)
            .whole("sites", "1", "Sites sampled of this very tissue", |r| r.0 as i64 + 1)
            .number("misses", "Probability that no negative cell is among those read", |r| Some(r.1))
            .table;
        vec![("tissue", table)]
    }
}
