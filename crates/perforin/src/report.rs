//! `report.html`: one self-contained page with question, answer, figures, parameters and how to reproduce it.

pub mod bars;
pub mod chart;
pub mod course;
pub mod data;
pub mod decisions;
pub mod dots;
mod figures;
mod flow;
pub mod heatmap;
pub mod html;
pub mod milestones;
pub mod scatter;
mod sections;
pub mod survival;
pub mod swimmer;
pub mod tree;
pub mod upset;
pub mod viewer;
pub mod waterfall;

pub use figures::{Figure, figures};

use perforin_core::catalogue::UsedParameter;

use crate::answer::{Course, Summary, in_full, rounded};
use crate::effort::Effort;
use crate::failure::Failure;
use crate::folder::Folder;
use crate::manifest::Manifest;
use crate::table::{Table, number};
use html::{Page, escape, link_dois};

/// Links to what stands beside the page.
const TABLES: &str = "<p>Beside this page: the time series as <a href=\"series.csv\">CSV</a> and <a href=\"series.parquet\">Parquet</a>, \
    the numbers of the answer as <a href=\"summary.json\">JSON</a>, every parameter in the <a href=\"manifest.json\">manifest</a>, \
    and the <a href=\"study.toml\">study</a>.</p>";

/// The page of a finished run; `patient` is the part about the patient whose lesion it is.
///
/// # Errors
/// If the time series is empty.
pub fn page(
    folder: &Folder,
    manifest: &Manifest,
    series: &Table,
    effort: &Effort,
    patient: &str,
) -> Result<String, Failure> {
    page_with(manifest, series, effort, tumour(folder), patient)
}

/// The same with a given view of the tumour.
///
/// # Errors
/// If the time series is empty.
pub fn page_with(
    manifest: &Manifest,
    series: &Table,
    effort: &Effort,
    tumour: Option<String>,
    patient: &str,
) -> Result<String, Failure> {
    let mut summary = Summary::of(&Course::of(series, &manifest.cell_types)?);
    summary.limits = effort.limits((summary.tumour.unrecognised_start, summary.tumour.unrecognised_end));
    let mut page = begun(manifest);
    page.section("Answer", &answer(&summary));
    page.section("Figures", &drawn(manifest, series));
    if let Some(tumour) = tumour {
        page.section("The tumour in 3-D", &tumour);
    }
    if !effort.products.is_empty() {
        page.section("Where the product's effort went", &flow::section(effort, &summary.limits));
    }
    if !patient.is_empty() {
        page.section("The patient", patient);
    }
    page.section("In numbers", &numbers(&summary));
    if !manifest.warnings.is_empty() {
        let item = |warning: &String| format!("<li>{}</li>", escape(warning));
        let items: Vec<String> = manifest.warnings.iter().map(item).collect();
        page.section("Warnings", &format!("<ul>{}</ul>", items.concat()));
    }
    page.section("The simulation", &simulation(manifest));
    page.section("Parameters", &parameters(&manifest.parameters));
    page.section(
        "Reproduce it",
        &reproduce(&manifest.version, &manifest.study_sha256, manifest.seed, &manifest.command),
    );
    page.section("Tables", TABLES);
    Ok(page.finish())
}

/// The page of a run that is not over.
pub fn live_page(manifest: &Manifest, series: &Table, tumour: Option<String>) -> String {
    let mut page = begun(manifest);
    let day = series.numbers("time").and_then(|days| days.last()).copied().unwrap_or_default();
    let (day, end) = (rounded(day), rounded(manifest.derived.duration));
    page.add(&format!("<p class=\"answer\">This run is on day {day} of {end}; the page follows it.</p>"));
    if let Some(tumour) = tumour {
        page.section("The tumour in 3-D", &tumour);
    }
    page.section("Figures", &drawn(manifest, series));
    page.section("Parameters", &parameters(&manifest.parameters));
    page.finish()
}

fn begun(manifest: &Manifest) -> Page {
    let mut page = Page::new(&manifest.title);
    if let Some(question) = &manifest.question {
        page.add(&format!("<p class=\"question\">{}</p>", escape(question)));
    }
    page
}

fn drawn(manifest: &Manifest, series: &Table) -> String {
    let all: String = figures(manifest, series).iter().map(Figure::html).collect();
    format!("<div class=\"figures\">{all}</div>")
}

/// The viewer and the sections, if there are frames. Damaged frames take only themselves off the page, which says so.
pub(crate) fn tumour(folder: &Folder) -> Option<String> {
    let drawn = || -> Result<Option<String>, Failure> {
        let files = viewer::frames(folder)?;
        let Some(packed) = viewer::Packed::of(&files, viewer::Limits::FILE)? else { return Ok(None) };
        let sections = sections::html(&files)?.unwrap_or_default();
        Ok(Some(viewer::section(&packed)? + &sections))
    };
    drawn().unwrap_or_else(|failure| Some(without_frames(&failure)))
}

/// What stands in the place of the tumour if its frames cannot be read.
pub(crate) fn without_frames(failure: &Failure) -> String {
    let why = escape(&failure.to_string());
    format!(
        "<p>The frames cannot be shown; everything else on this page does not need them.</p><pre>{why}</pre>"
    )
}

fn answer(summary: &Summary) -> String {
    let text = in_full(summary);
    let mut paragraphs = text.trim_end().split("\n\n");
    let first = format!("<p class=\"answer\">{}</p>", escape(paragraphs.next().unwrap_or_default()));
    paragraphs.fold(first, |page, paragraph| page + &format!("<p>{}</p>", escape(paragraph)))
}

fn numbers(summary: &Summary) -> String {
    let rows = summary.numbers().into_iter().filter(|(_, value)| !value.is_nan());
    let rows =
        rows.map(|(column, value)| vec![escape(&column.meaning), shown(value), escape(unit(&column.unit))]);
    html::table(&["", "value", "unit"], rows, &[1])
}

fn simulation(manifest: &Manifest) -> String {
    let d = &manifest.derived;
    let cells: Vec<String> = d
        .cells
        .iter()
        .filter(|(_, n)| **n > 0)
        .map(|(name, n)| format!("{} {}", crate::answer::grouped(*n as f64), escape(name)))
        .collect();
    let [nx, ny, nz] = d.voxels;
    format!(
        "<p>Cell by cell in 3-D: {} cells at the start; {} product cells on their way in; {} days in {} steps of {} \
         min; {nx} × {ny} × {nz} voxels of {} µm for {}.</p>",
        cells.join(", "),
        crate::answer::grouped(d.arriving as f64),
        rounded(d.duration),
        d.steps,
        shown(d.step),
        shown(d.voxel),
        if d.substances.is_empty() { "no substance".into() } else { escape(&d.substances.join(", ")) }
    )
}

/// Every parameter used, those that the study sets first.
pub fn parameters(used: &[UsedParameter]) -> String {
    let (set, default): (Vec<_>, Vec<_>) = used.iter().partition(|p| p.set_by_study);
    let table = |list: Vec<&UsedParameter>| {
        let rows = list.into_iter().map(|p| {
            let name = format!("<code>{}</code>", escape(&p.path));
            let (meaning, source) = (escape(&p.meaning), link_dois(&escape(&p.source)));
            vec![name, shown(p.value), escape(unit(&p.unit)), meaning, source]
        });
        html::table(&["parameter", "value", "unit", "meaning", "source"], rows, &[1])
    };
    let (n, m) = (set.len(), default.len());
    format!(
        "<h3>Set by the study</h3>{}<details open><summary>{m} defaults beside the {n} values set</summary>{}</details>",
        table(set),
        table(default)
    )
}

/// How to get the same bytes again: version, digest of the study, seed and command.
pub fn reproduce(version: &str, study_sha256: &str, seed: u64, command: &str) -> String {
    format!(
        "<p>With perforin {} and the <code>study.toml</code> of this folder (SHA-256 <code>{study_sha256}</code>, seed {seed}), \
         the command below gives the same bytes in every table, on any number of threads.</p><pre>{}</pre>",
        escape(version),
        escape(command)
    )
}

/// A number for reading: at most six significant digits.
pub fn shown(value: f64) -> String {
    let short: f64 = format!("{value:.5e}").parse().unwrap_or(value);
    let size = short.abs();
    if (10_000.0..1e9).contains(&size) && short.fract() == 0.0 {
        crate::answer::grouped(short)
    } else if size != 0.0 && !(1e-4..1e9).contains(&size) {
        format!("{short:e}")
    } else {
        number(short)
    }
}

fn unit(unit: &str) -> &str {
    if unit == "1" { "" } else { unit }
}
