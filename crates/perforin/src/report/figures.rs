//! The figures of a run, from its time series.

use perforin_lesion::model::Role;

use super::chart::{Chart, Line};
use super::html::escape;
use crate::answer::grouped;
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
        format!(
            "<figure>\n{}<figcaption><strong>{}.</strong> {}</figcaption>\n</figure>\n",
            self.chart.svg(),
            escape(&self.title),
            escape(&self.note)
        )
    }
}

/// The figures of a run. What the study has no column for is left out.
pub fn figures(manifest: &Manifest, series: &Table) -> Vec<Figure> {
    let mut figures = vec![cells(manifest, series), kills(manifest, series), antigens(series)];
    let radius = lines(series, [("tumour_radius".to_owned(), "tumour".to_owned())]);
    figures.push(figure(
        "Radius of the tumour",
        "Outermost live tumour cell from the centre of mass.",
        "µm",
        false,
        radius,
    ));
    for substance in &manifest.derived.substances {
        let columns = [("in_tumour", "at tumour cells"), ("mean", "mean of the box")]
            .map(|(end, label)| (format!("{substance}_{end}"), label.to_owned()));
        let name = capitalised(substance);
        let note = "Its unit is that of the study.";
        figures.push(figure(&name, note, substance, false, lines(series, columns)));
    }
    figures.into_iter().flatten().collect()
}

fn cells(manifest: &Manifest, series: &Table) -> Option<Figure> {
    let mut drawn = Vec::new();
    for cell_type in &manifest.cell_types {
        let name = &cell_type.name;
        drawn.extend(lines(series, [(format!("{name}_live"), name.clone())]));
        if cell_type.role == Role::Tumour {
            drawn.extend(unrecognised(series, name));
        }
    }
    figure("Live cells", "Logarithmic scale; a count of zero lies on the lowest line.", "cells", true, drawn)
}

/// Live cells of a type that the product does not recognise.
fn unrecognised(series: &Table, name: &str) -> Option<Line> {
    let live = series.numbers(&format!("{name}_live"))?;
    let recognised = series.numbers(&format!("{name}_recognised"))?;
    let y = live.iter().zip(recognised).map(|(live, seen)| live - seen).collect();
    Some(Line { label: format!("{name}, unrecognised"), x: series.numbers("time")?.to_vec(), y })
}

fn kills(manifest: &Manifest, series: &Table) -> Option<Figure> {
    let with_product = manifest.cell_types.iter().any(|t| t.role == Role::Product);
    let killed = manifest.cell_types.iter().filter(|t| t.role != Role::Product);
    let columns = killed.map(|t| (format!("{}_killed", t.name), format!("{} killed", t.name)));
    let arrived = manifest.cell_types.iter().filter(|t| t.role == Role::Product);
    let columns =
        columns.chain(arrived.map(|t| (format!("{}_arrived", t.name), format!("{} entered", t.name))));
    let drawn = if with_product { lines(series, columns) } else { Vec::new() };
    figure("Kills and arrivals", "Sums since the start.", "cells", false, drawn)
}

fn antigens(series: &Table) -> Option<Figure> {
    let columns = series.columns.iter().filter(|c| c.unit == "/cell" && c.name.ends_with("_mean"));
    let columns = columns.map(|c| {
        let label = c.name.trim_end_matches("_mean").replacen('_', ", ", 1);
        (c.name.clone(), label)
    });
    let note = "Mean over live cells; zero where none is left.";
    figure("Antigen densities", note, "molecules per cell", true, lines(series, columns))
}

/// A line for each column, by its name and label, that the table has.
fn lines(series: &Table, columns: impl IntoIterator<Item = (String, String)>) -> Vec<Line> {
    let Some(time) = series.numbers("time") else { return Vec::new() };
    let line = |(name, label): (String, String)| {
        let y = series.numbers(&name)?.to_vec();
        Some(Line { label, x: time.to_vec(), y })
    };
    columns.into_iter().filter_map(line).collect()
}

fn figure(title: &str, note: &str, y_label: &str, log: bool, lines: Vec<Line>) -> Option<Figure> {
    let ends: Vec<String> = lines
        .iter()
        .filter_map(|line| {
            let (first, last) = (line.y.first()?, line.y.last()?);
            Some(format!("{} from {} to {}", line.label, grouped(*first), grouped(*last)))
        })
        .collect();
    let alt = format!("Line chart of {} over time in days: {}.", title.to_lowercase(), ends.join("; "));
    let chart = Chart { x_label: "day".into(), y_label: y_label.into(), log, alt, lines };
    (!chart.lines.is_empty()).then(|| Figure { title: title.into(), note: note.into(), chart })
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
