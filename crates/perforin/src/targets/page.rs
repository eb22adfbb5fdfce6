//! `report.html` of a target search.

use perforin_atlas::TargetsAnswer;
use perforin_atlas::answer::GateReport;

use super::figures::{self, share};
use super::manifest::Record;
use super::tables::{protein, rna, text, worst};
use super::words::in_words;
use crate::answer::grouped;
use crate::report::html::{Page, escape, link_dois, table};
use crate::report::parameters;

/// Gates with tables of their own.
const IN_FULL: usize = 3;
/// Rows of a table of groups.
const ROWS: usize = 40;

/// The page.
pub fn page(record: &Record, answer: &TargetsAnswer) -> String {
    let mut page = Page::new(&record.title);
    if let Some(question) = &record.question {
        page.add(&format!("<p class=\"question\">{}</p>", escape(question)));
    }
    page.section("Answer", &words(answer));
    page.section("Figures", &figures::html(answer));
    page.section("The best gates", &gates(answer));
    for gate in answer.gates.iter().take(IN_FULL) {
        page.section(&gate.gate, &in_full(gate));
    }
    page.section("The proof", &certificates(answer));
    page.section("What was read", &reading(record, answer));
    if !answer.warnings.is_empty() {
        let items: Vec<String> = answer.warnings.iter().map(|w| format!("<li>{}</li>", escape(w))).collect();
        page.section("Warnings", &format!("<ul>{}</ul>", items.concat()));
    }
    page.section("Parameters", &parameters(&record.parameters));
    page.section("Reproduce it", &reproduce(record));
    page.finish()
}

fn words(answer: &TargetsAnswer) -> String {
    let text = in_words(answer);
    let mut paragraphs = text.trim_end().split("\n\n");
    let first = format!("<p class=\"answer\">{}</p>", escape(paragraphs.next().unwrap_or_default()));
    paragraphs.fold(first, |page, p| page + &format!("<p>{}</p>", link_dois(&escape(p))))
}

fn gates(answer: &TargetsAnswer) -> String {
    let row = |gate: &GateReport| {
        let worst = worst(gate);
        let flags: Vec<&str> =
            gate.antigens.iter().filter(|a| !a.casualties.is_empty()).map(|a| a.antigen.as_str()).collect();
        vec![
            format!("<code>{}</code>", escape(&gate.gate)),
            share(gate.value),
            gate.discounted.map_or("–".into(), share),
            worst.map_or(String::new(), |row| escape(&row.name)),
            worst.map_or(String::new(), |row| share(row.fraction)),
            worst.map_or(String::new(), |row| share(row.interval.high)),
            share(gate.pooled.sensitivity),
            gate.pooled.specificity.map_or("–".into(), share),
            escape(&flags.join(", ")),
        ]
    };
    let head = [
        "gate",
        "value",
        "blockers discounted",
        "worst limited tissue",
        "hit",
        "up to",
        "pooled sensitivity",
        "pooled specificity",
        "known casualties",
    ];
    table(&head, answer.gates.iter().map(row), &[1, 2, 4, 5, 6, 7])
}

fn in_full(gate: &GateReport) -> String {
    let mut html = format!("<p>Read as levels: <code>{}</code>.</p>", escape(&gate.graded));
    let group_head = ["group", "cells", "satisfy it", "share", "95 % interval", "limit"];
    let rows = |rows: &[perforin_atlas::assess::GroupRow]| {
        let row = |row: &perforin_atlas::assess::GroupRow| {
            vec![
                escape(&row.name),
                grouped(f64::from(row.cells)),
                grouped(f64::from(row.hit)),
                share(row.fraction),
                format!("{} to {}", share(row.interval.low), share(row.interval.high)),
                row.cap.filter(|cap| *cap < 1.0).map_or(String::new(), share),
            ]
        };
        let more = rows.len().saturating_sub(ROWS);
        let note = if more > 0 { format!("<p>{more} more are in groups.csv.</p>") } else { String::new() };
        table(&group_head, rows.iter().take(ROWS).map(row), &[1, 2, 3, 4, 5]) + &note
    };
    let kinds = [
        ("Patients", &gate.patients),
        ("Patients with too few cells to count", &gate.apart),
        ("Normal tissue", &gate.tissues),
    ];
    for (heading, list) in kinds.into_iter().filter(|(_, list)| !list.is_empty()) {
        html.extend(["<h3>", heading, "</h3>", &rows(list)]);
    }
    html + &antigens(gate) + &thresholds(gate)
}

fn antigens(gate: &GateReport) -> String {
    let row = |antigen: &perforin_atlas::answer::AntigenReport| {
        let harm: Vec<String> = antigen
            .casualties
            .iter()
            .map(|c| {
                let source =
                    if c.source == "assumed" { "assumed".into() } else { format!("doi {}", c.source) };
                format!("{} ({}): {}; {source}", c.organ, c.antigen, c.finding)
            })
            .collect();
        let blocker = gate.blockers.iter().find(|b| antigen.negated && b.blocker == antigen.antigen);
        let detected = blocker.and_then(|b| b.detection.as_ref());
        vec![
            escape(&antigen.antigen),
            if antigen.negated { "must be absent".into() } else { "must be there".into() },
            link_dois(&escape(&harm.join(". "))),
            escape(&protein(&antigen.protein)),
            escape(&rna(&antigen.rna)),
            detected.map_or(String::new(), |d| format!("{} of {}", share(d.1), escape(&d.0))),
        ]
    };
    let head = [
        "antigen",
        "role",
        "known casualties",
        "protein in normal organs",
        "RNA in normal organs",
        "blocker detected in",
    ];
    format!("<h3>Antigens</h3>{}", table(&head, gate.antigens.iter().map(row), &[]))
}

fn thresholds(gate: &GateReport) -> String {
    if gate.thresholds.len() < 2 {
        return String::new();
    }
    let row = |row: &perforin_atlas::assess::ThresholdRow| {
        let worst = row.worst.as_ref();
        vec![
            if row.modelled { "model of dropout".into() } else { crate::report::shown(row.threshold) },
            share(row.value),
            worst.map_or(String::new(), |w| escape(&w.0)),
            worst.map_or(String::new(), |w| share(w.1)),
            if row.within_limits { "yes".into() } else { "no".into() },
        ]
    };
    let head = ["threshold", "value", "worst tissue", "hit", "within limits"];
    format!("<h3>At other thresholds</h3>{}", table(&head, gate.thresholds.iter().map(row), &[0, 1, 3]))
}

fn certificates(answer: &TargetsAnswer) -> String {
    let row = |result: &perforin_atlas::search::ShapeResult| {
        let c = &result.certificate;
        let best = result.hits.first().map_or("none".into(), |hit| text(answer, result.shape, &hit.literals));
        vec![
            format!("<code>{}</code>", result.shape.formula()),
            format!("<code>{}</code>", escape(&best)),
            share(c.optimum),
            if c.proven { "proved".into() } else { format!("at most {}", share(c.bound)) },
            result.hits.len().to_string() + if c.more_ties { " or more" } else { "" },
            format!("{:.2e}", c.space as f64),
            grouped(c.anchors as f64),
            grouped(c.pairs as f64),
            grouped(c.counted as f64),
        ]
    };
    let head =
        ["shape", "best", "value", "bound", "kept", "gates there are", "first antigens", "pairs", "counted"];
    let note = "<p>Every gate of every shape was either counted in all groups or excluded by a bound from the counts of its \
                antigens and pairs; the last four columns say how many there are and how many had to be looked at.</p>";
    format!("{note}{}", table(&head, answer.shapes.iter().map(row), &[2, 4, 5, 6, 7, 8]))
}

fn reading(record: &Record, answer: &TargetsAnswer) -> String {
    let malignant = answer.groups.iter().filter(|g| g.role.is_malignant());
    let (patients, cells) = malignant.fold((0, 0), |(n, cells), g| (n + 1, cells + g.cells));
    let normal = answer.groups.iter().filter(|g| !g.role.is_malignant());
    let (tissues, others) = normal.fold((0, 0), |(n, cells), g| (n + 1, cells + g.cells));
    let mut html = format!(
        "<p>{} malignant cells of {patients} patients, {} normal cells in {tissues} groups, {} candidate antigens.</p>",
        grouped(f64::from(cells as u32)),
        grouped(f64::from(others as u32)),
        grouped(answer.literals.len() as f64)
    );
    let files = &answer.load.matches;
    if !files.is_empty() {
        let row = |found: &perforin_atlas::genes::MatchReport| {
            vec![
                escape(&found.path.file_name().map(|n| n.to_string_lossy()).unwrap_or_default()),
                grouped(found.genes as f64),
                grouped(found.matched as f64),
                grouped(found.missing.len() as f64),
                grouped(found.repeated.len() as f64),
            ]
        };
        let head = ["file", "genes", "candidates found", "not found", "in several rows"];
        html += &table(&head, files.iter().map(row), &[1, 2, 3, 4]);
    }
    if !record.inputs.is_empty() {
        let row = |input: &super::manifest::Input| {
            vec![escape(&input.path), grouped(input.bytes as f64), format!("<code>{}</code>", input.sha256)]
        };
        html += &table(&["input", "bytes", "SHA-256"], record.inputs.iter().map(row), &[1]);
    }
    html
}

fn reproduce(record: &Record) -> String {
    format!(
        "<p>With perforin {}, the inputs above and the <code>study.toml</code> of this folder (SHA-256 <code>{}</code>), \
         the command below gives the same bytes in every table, on any number of threads.</p><pre>{}</pre>",
        escape(&record.version),
        record.study_sha256,
        escape(&record.command)
    )
}
