//! `report.html` of the whole way.

use perforin_atlas::TargetsAnswer;
use perforin_core::catalogue::UsedParameter;

use super::answer::{Answer, Lesion, warnings};
use super::companion::{CELLS, Companion, Selected};
use super::record::{Done, Record};
use super::stages::Kind;
use super::words::in_words;
use crate::failure::Failure;
use crate::folder::Folder;
use crate::manifest::Manifest;
use crate::report::chart::{Chart, FLOOR, Line};
use crate::report::html::{Page, escape, figure, link_dois, table};
use crate::report::{parameters, reproduce, tumour};
use crate::run::read_series;
use crate::{answer, files, patient, targets, trial};

/// What the way as a whole leaves out.
const LIMITS: [&str; 6] = [
    "An antigen's density follows from counts of RNA by the study's anchor; no atlas knows how many molecules a count is.",
    "The tumour's cells are those of all patients of the atlas together. Which antigens of the gate go together is kept; the \
     best single antigen is drawn independently of them, and so are the antigens of healthy tissue.",
    "An atlas has no positions: cells of a kind lie mixed unless the study gives them a patch.",
    "Patients have one kind of cell that the gate recognises, with those of its antigens that most such cells carry together, and \
     one kind that it does not; their shares are those of the atlas unless the study says otherwise.",
    "What happens in the lesion is not handed to the patients: both follow from the same product and the same antigens, each \
     by its own equations.",
    "Rules and rescue drugs of the regimen act in the patients and not in the lesion.",
];

/// The page.
///
/// # Errors
/// If a file of a stage cannot be read.
pub fn page(folder: &Folder, record: &Record, answer: &Answer) -> Result<String, Failure> {
    let mut page = Page::new(&record.title);
    if let Some(question) = &record.question {
        page.add(&format!("<p class=\"question\">{}</p>", escape(question)));
    }
    page.section("Answer", &words(answer));
    page.section("Figures", &figures(folder, answer)?);
    let of = |kind: Kind| Folder::at(&folder.root().join(kind.folder()));
    if let Some(tumour) = answer.lesions.first().and_then(|_| tumour(&of(Kind::Lesion))) {
        page.section("The tumour in 3-D", &tumour);
    }
    page.section("In numbers", &numbers(answer));
    if let Some(companion) = &answer.companion {
        page.section("Who is enrolled: cut-offs of a companion diagnostic", &cut_offs(companion));
    }
    page.section("The stages", &stages(record));
    let said = warnings(folder)?;
    if !said.is_empty() {
        let item = |(stage, warning): &(&str, String)| format!("<li>{} ({stage})</li>", escape(warning));
        page.section("Warnings", &format!("<ul>{}</ul>", said.iter().map(item).collect::<Vec<_>>().concat()));
    }
    let limits: Vec<String> = LIMITS.iter().map(|limit| format!("<li>{}</li>", escape(limit))).collect();
    page.section("Limits", &format!("<ul>{}</ul>", limits.concat()));
    page.section("Parameters", &all_parameters(folder)?);
    page.section(
        "Reproduce it",
        &reproduce(&record.version, &record.study_sha256, record.seed, &record.command),
    );
    Ok(page.finish())
}

fn words(answer: &Answer) -> String {
    let text = in_words(answer);
    let mut paragraphs = text.trim_end().split("\n\n");
    let first = format!("<p class=\"answer\">{}</p>", escape(paragraphs.next().unwrap_or_default()));
    paragraphs.fold(first, |page, p| page + &format!("<p>{}</p>", link_dois(&escape(p))))
}

/// The figures that carry the answer, stage by stage.
fn figures(folder: &Folder, answer: &Answer) -> Result<String, Failure> {
    let of = |kind: Kind| Folder::at(&folder.root().join(kind.folder()));
    let found: TargetsAnswer = files::read_json(&of(Kind::Targets).root().join("answer.json"))?;
    let mut parts = vec![("Targets", targets::figures::leading(&found))];
    if !answer.lesions.is_empty() {
        parts.push(("Lesion", courses(folder, &answer.lesions)?));
    }
    if answer.patients.is_some() {
        let stage = of(Kind::Patients);
        let found: patient::answer::Answer = files::read_json(&stage.summary())?;
        let record = patient::Record::read(&stage)?;
        parts.push(("Patients", patient::page::figures(&record, &found, &stage)?));
    }
    if answer.trial.is_some() {
        let found: trial::answer::Answer = files::read_json(&of(Kind::Trial).summary())?;
        parts.push(("Trial", trial::figures::html(&found)));
    }
    let part = |(heading, html): (&str, String)| format!("<h3>{heading}</h3>{html}");
    Ok(parts.into_iter().map(part).collect::<Vec<_>>().concat())
}

/// Tumour and healthy cells of the lesions over each other.
fn courses(folder: &Folder, lesions: &[Lesion]) -> Result<String, Failure> {
    let (mut live, mut killed) = (Vec::new(), Vec::new());
    for (colour, lesion) in lesions.iter().enumerate() {
        let stage = Folder::at(&folder.root().join(&lesion.folder));
        let series = read_series(&stage, &Manifest::read(&stage)?)?;
        let line = |name: &str| {
            let x = series.numbers("time")?.to_vec();
            // A long gate has no room beside its line.
            let label = if colour == 0 { "best gate" } else { "single antigen" };
            Some(Line { label: label.into(), colour, x, y: series.numbers(name)?.to_vec() })
        };
        live.extend(line("tumour_live"));
        killed.extend(line("normal_killed"));
    }
    let chart = |y_label: &str, log: bool, alt: &str, lines: Vec<Line>| Chart {
        x_label: "day".into(),
        y_label: y_label.into(),
        log,
        floor: FLOOR,
        alt: format!("Line chart of {alt} over time in days, for {} products.", lines.len()),
        areas: Vec::new(),
        lines,
    };
    let mut html = figure(
        "Tumour cells under each product",
        "Logarithmic scale; a count of zero lies on the lowest line.",
        &chart("live tumour cells", true, "live tumour cells", live).svg(),
    );
    if !killed.is_empty() {
        html += &figure(
            "Healthy cells killed under each product",
            "Sum since the start.",
            &chart("healthy cells killed", false, "healthy cells killed", killed).svg(),
        );
    }
    Ok(html)
}

fn numbers(answer: &Answer) -> String {
    let numbers: Vec<_> = answer.lesions.iter().map(|lesion| lesion.summary.numbers()).collect();
    let Some(first) = numbers.first() else { return String::new() };
    let mut head = vec!["lesion"];
    head.extend(answer.lesions.iter().map(|lesion| lesion.gate.as_str()));
    let rows = first.iter().enumerate().filter(|(i, _)| numbers.iter().any(|n| !n[*i].1.is_nan()));
    let rows = rows.map(|(i, (column, _))| {
        let unit = if column.unit == "1" { String::new() } else { format!(" ({})", column.unit) };
        let mut row = vec![escape(&(column.meaning.clone() + &unit))];
        row.extend(
            numbers.iter().map(|n| if n[i].1.is_nan() { "–".into() } else { answer::rounded(n[i].1) }),
        );
        row
    });
    let right: Vec<usize> = (1..head.len()).collect();
    table(&head, rows, &right)
}

fn cut_offs(companion: &Companion) -> String {
    let share = |value: Option<f64>| value.map_or("–".into(), answer::per_cent);
    let row = |s: &Selected| {
        vec![
            answer::per_cent(s.least),
            answer::per_cent(s.positive),
            share(s.response),
            share(s.response_of_excluded),
        ]
    };
    let head = ["recognised cells, at least", "enrolled", "of them respond", "of the others would"];
    let note = format!(
        "<p>{} virtual patients, of whom {} respond, by a biopsy of {CELLS} cells.</p>",
        answer::grouped(companion.patients as f64),
        answer::per_cent(companion.response)
    );
    note + &table(&head, companion.cut_offs.iter().map(row), &[0, 1, 2, 3])
}

fn stages(record: &Record) -> String {
    let row = |done: &Done| {
        vec![
            format!("<a href=\"{0}/report.html\">{0}</a>", escape(&done.folder)),
            escape(&done.what),
            format!("<code>perforin report {}</code>", escape(&done.folder)),
            format!("<code>{}</code>", &done.key[..16.min(done.key.len())]),
        ]
    };
    let note = "<p>Each stage is a results folder of its own, with its tables, its report and the study that it ran. A stage is \
                kept as long as its key, a digest of all that its results follow from, is the same.</p>";
    let head = ["report of the stage", "what it is", "written again by", "key"];
    note.to_owned() + &table(&head, record.stages.iter().map(row), &[])
}

/// The parameters of every stage, each once with the first stage that used it.
fn all_parameters(folder: &Folder) -> Result<String, Failure> {
    let of = |kind: Kind| Folder::at(&folder.root().join(kind.folder()));
    let mut all: Vec<UsedParameter> = targets::Record::read(&of(Kind::Targets))?.parameters;
    for kind in [Kind::Lesion, Kind::Single, Kind::Patients, Kind::Trial] {
        let stage = of(kind);
        if !stage.root().exists() {
            continue;
        }
        let used = match kind {
            Kind::Patients => patient::Record::read(&stage)?.parameters,
            Kind::Trial => trial::Record::read(&stage)?.parameters,
            Kind::Targets | Kind::Lesion | Kind::Single => Manifest::read(&stage)?.parameters,
        };
        for parameter in used {
            let is_known =
                |known: &UsedParameter| known.path == parameter.path && known.value == parameter.value;
            if !all.iter().any(is_known) {
                all.push(parameter);
            }
        }
    }
    Ok(parameters(&all))
}
