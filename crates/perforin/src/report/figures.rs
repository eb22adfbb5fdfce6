//! The figures of a run, from its time series.

use perforin_lesion::model::Role;

use super::chart::{COLOURS, Chart, FLOOR, Line};
use super::html;
use crate::answer::rounded;
use crate::manifest::Manifest;
use crate::table::Table;

/// A chart with its caption.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What it shows, in a few words.
    pub title: String,
    /// What to know about it.
    pub note: String,
    /// The chart.
    pub chart: Chart,
}

impl Figure {
    /// The figure as HTML.
    pub fn html(&self) -> String {
        html::figure(&self.title, &self.note, &self.chart.svg())
    }
}

/// Colour of the tumour's cells that the product does not recognise.
const UNRECOGNISED: usize = 1;

/// What a role is drawn in, in every figure.
fn colour(role: Role) -> usize {
    match role {
        Role::Tumour => 0,
        Role::Normal => 2,
        Role::Product => 3,
        Role::Other => 4,
    }
}

/// A colour for each of several types: that of its role, or, if another type has it, one that none has.
pub(super) fn colours(roles: impl Iterator<Item = Role>) -> Vec<usize> {
    let mut used: Vec<usize> = Vec::new();
    for role in roles {
        let own = colour(role);
        let free = std::iter::once(own).chain((0..COLOURS).rev()).find(|shade| !used.contains(shade));
        used.push(free.unwrap_or(own));
    }
    used
}

/// The figures of a run. What the study has no column for is left out.
pub fn figures(manifest: &Manifest, series: &Table) -> Vec<Figure> {
    let mut figures =
        vec![cells(manifest, series), kills(manifest, series), antigens(manifest, series), radius(series)];
    figures.extend(manifest.derived.substances.iter().map(|name| substance(series, name)));
    figures.into_iter().flatten().collect()
}

fn cells(manifest: &Manifest, series: &Table) -> Option<Figure> {
    let mut lines = Vec::new();
    for cell_type in &manifest.cell_types {
        let name = &cell_type.name;
        lines.extend(line(series, &format!("{name}_live"), name, colour(cell_type.role)));
        if cell_type.role == Role::Tumour {
            lines.extend(unrecognised(series, name));
        }
    }
    figure("Live cells", "Logarithmic scale; a count of zero lies on the lowest line.", "cells", true, lines)
}

/// Live cells of a type that the product does not recognise.
fn unrecognised(series: &Table, name: &str) -> Option<Line> {
    let live = line(series, &format!("{name}_live"), &format!("{name}, unrecognised"), UNRECOGNISED)?;
    let recognised = series.numbers(&format!("{name}_recognised"))?;
    let y = live.y.iter().zip(recognised).map(|(live, seen)| live - seen).collect();
    Some(Line { y, ..live })
}

fn kills(manifest: &Manifest, series: &Table) -> Option<Figure> {
    if !manifest.cell_types.iter().any(|t| t.role == Role::Product) {
        return None;
    }
    let of_type = |t: &crate::answer::CellType| {
        let (what, word) =
            if t.role == Role::Product { ("arrived", "entered") } else { ("killed", "killed") };
        line(series, &format!("{}_{what}", t.name), &format!("{} {word}", t.name), colour(t.role))
    };
    let lines = manifest.cell_types.iter().filter_map(of_type).collect();
    figure("Kills and arrivals", "Sums since the start.", "cells", false, lines)
}

fn antigens(manifest: &Manifest, series: &Table) -> Option<Figure> {
    let mut lines = Vec::new();
    for cell_type in &manifest.cell_types {
        let start = format!("{}_", cell_type.name);
        let columns = series.columns.iter().filter(|c| c.unit == "/cell" && c.name.starts_with(&start));
        for (rank, column) in columns.enumerate() {
            let antigen = column.name[start.len()..].trim_end_matches("_mean");
            let label = format!("{}, {}", known_as(antigen), cell_type.name);
            // The first antigen has the colour of its cells, the others those that no role has.
            let shade = if rank == 0 { colour(cell_type.role) } else { colour(Role::Other) + rank - 1 };
            lines.extend(line(series, &column.name, &label, shade));
        }
    }
    let note = "Mean over live cells; zero where none is left.";
    figure("Antigen densities", note, "molecules per cell", true, lines)
}

fn radius(series: &Table) -> Option<Figure> {
    let lines = line(series, "tumour_radius", "tumour", colour(Role::Tumour)).into_iter().collect();
    let note = "Distance of the outermost live tumour cell from their centre of mass.";
    figure("Radius of the tumour", note, "µm", false, lines)
}

fn substance(series: &Table, name: &str) -> Option<Figure> {
    let tumour = line(series, &format!("{name}_in_tumour"), "at tumour cells", colour(Role::Tumour));
    let mean = line(series, &format!("{name}_mean"), "mean of the box", colour(Role::Other));
    let column = series.columns.iter().find(|c| c.name == format!("{name}_mean"));
    let (title, unit) = (capitalised(known_as(name)), column.map_or("1", |c| c.unit.as_str()));
    let label = if unit == "1" { known_as(name).to_owned() } else { format!("{}, {unit}", known_as(name)) };
    let note = "Mean over the box, and at live tumour cells.";
    figure(&title, note, &label, false, tumour.into_iter().chain(mean).collect())
}

/// A line for a column, if the table has it.
fn line(series: &Table, column: &str, label: &str, colour: usize) -> Option<Line> {
    let (x, y) = (series.numbers("time")?.to_vec(), series.numbers(column)?.to_vec());
    Some(Line { label: label.into(), colour, x, y })
}

fn figure(title: &str, note: &str, y_label: &str, log: bool, lines: Vec<Line>) -> Option<Figure> {
    if lines.is_empty() {
        return None;
    }
    let course = |line: &Line| {
        let (first, last) = (line.y.first()?, line.y.last()?);
        Some(format!("{} from {} to {}", line.label, rounded(*first), rounded(*last)))
    };
    let courses: Vec<String> = lines.iter().filter_map(course).collect();
    let alt = format!("Line chart of {} over time in days: {}.", title.to_lowercase(), courses.join("; "));
    let chart = Chart {
        x_label: "day".into(),
        y_label: y_label.into(),
        log,
        floor: FLOOR,
        alt,
        areas: Vec::new(),
        lines,
    };
    Some(Figure { title: title.into(), note: note.into(), chart })
}

/// What the field calls a substance or a molecule that has a plain name in studies and tables.
pub(super) fn known_as(name: &str) -> &str {
    match name {
        "il2" => "IL-2",
        "il15" => "IL-15",
        "ifn_gamma" => "IFN-γ",
        "tgf_beta" => "TGF-β",
        "pd_l1" => "PD-L1",
        "immune_factor" => "immunostimulatory factor",
        name => name,
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
