//! `report.html` of `perforin trial compare`.

use super::compare::Row;
use super::comparison::{Compared, ComparedStudy, Comparison};
use super::tables::{right_selected, too_high};
use crate::diagnose::page::of_table;
use crate::report::bars::{Bars, Part};
use crate::report::html::{Page, escape, figure, paragraphs};
use crate::report::parameters;

/// The page of a comparison.
pub fn page(record: &Comparison, compared: &Compared) -> String {
    let mut page = Page::new("Trials compared");
    page.section("Answer", &paragraphs(&compared.in_words().trim_end().replace('\n', "\n\n")));
    page.section("Figures", &compared.figures());
    let tables: Vec<String> = compared.tables().iter().map(|(_, table)| of_table(table)).collect();
    page.section("In numbers", &tables.concat());
    let of = |study: &ComparedStudy| {
        format!(
            "<li>{}: <code>{}</code>, seed {}, SHA-256 <code>{}</code></li>",
            escape(&study.title),
            escape(&study.place),
            study.seed,
            study.sha256
        )
    };
    let list: String = record.studies.iter().map(of).collect();
    page.section("Studies", &format!("<p>Every variant has the same patients.</p><ul>{list}</ul>"));
    for study in &record.studies {
        page.section(&format!("Parameters of {}", study.title), &parameters(&study.parameters));
    }
    page.section(
        "Reproduce it",
        &format!(
            "<p>With perforin {} and the studies in this folder the command below gives the same numbers, on any number of \
             threads.</p><pre>{}</pre>",
            escape(&record.version),
            escape(&record.command)
        ),
    );
    page.section("What this is", &paragraphs(super::words::HONESTY));
    page.finish()
}

/// Figures of designs and sizes: how often they are right and too high, by scenario.
pub fn figures(rows: &[Row]) -> String {
    let mut scenarios: Vec<(&str, &str)> = Vec::new();
    for row in rows {
        let name = (row.study.as_str(), row.scenario.as_str());
        if !scenarios.contains(&name) {
            scenarios.push(name);
        }
    }
    let one = |(study, scenario): &(&str, &str)| {
        let own: Vec<&Row> = rows.iter().filter(|r| r.study == *study && r.scenario == *scenario).collect();
        let bars = |row: &&Row| {
            let part =
                |value: f64, colour, name: &str| Part { value: 100.0 * value, colour, name: name.into() };
            let parts =
                vec![part(right_selected(&row.seen).0, 0, "right"), part(too_high(&row.seen), 1, "too high")];
            (format!("{}, {} patients", row.design, row.patients), parts)
        };
        let bars = Bars {
            alt: format!(
                "Bar chart of how often {} designs select the right level, and one too high, in {scenario}.",
                own.len()
            ),
            x_label: "trials, %".into(),
            is_stacked: false,
            legend: vec![(0, "right level".into()), (1, "a level too high".into())],
            rows: own.iter().map(bars).collect(),
        };
        figure(scenario, &format!("Of {study}, with the same patients for all."), &bars.svg())
    };
    scenarios.iter().map(one).collect()
}
