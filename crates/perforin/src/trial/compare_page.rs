//! `report.html` of `perforin trial compare`.

use super::compare::{self, Row};
use super::tables::{right_selected, too_high};
use crate::diagnose::page::of_table;
use crate::report::bars::{Bars, Part};
use crate::report::html::{Page, escape, figure, paragraphs};
use crate::study::Study;
use crate::table::Table;

/// The page of a comparison with its words, figures and table.
pub fn page(studies: &[Study], words: &str, figures: &str, table: &Table) -> String {
    let mut page = Page::new("Trials compared");
    let of = |study: &Study| {
        let place = escape(&study.place.display().to_string());
        let digest = crate::files::digest(study.text.as_bytes());
        format!(
            "<li>{}: <code>{place}</code>, seed {}, SHA-256 <code>{digest}</code></li>",
            escape(&study.file.study.title),
            study.file.study.seed
        )
    };
    page.section("Answer", &paragraphs(&words.trim_end().replace('\n', "\n\n")));
    page.section("Figures", figures);
    page.section("In numbers", &of_table(table));
    let list: String = studies.iter().map(of).collect();
    page.section(
        "Studies",
        &format!(
            "<p>With perforin {}; every variant has the same patients.</p><ul>{list}</ul>",
            escape(crate::manifest::VERSION)
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

/// The page of a comparison of designs and sizes.
pub fn of_designs(studies: &[Study], rows: &[Row]) -> String {
    page(studies, &compare::in_words(rows), &figures(rows), &compare::table(rows.to_vec()))
}
