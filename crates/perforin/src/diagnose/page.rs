//! `report.html` of `perforin diagnose`.

use super::question::Answer;
use crate::report::html::{Page, escape, paragraphs, table};
use crate::report::{parameters, reproduce, shown};
use crate::table::{Table, Values};
use crate::trial::Record;

/// Rows of a table that the page shows; the file has all.
const ROWS: usize = 40;

/// The page.
pub fn page(record: &Record, answer: &Answer) -> String {
    let mut page = Page::new(&record.title);
    if let Some(question) = &record.question {
        page.add(&format!("<p class=\"question\">{}</p>", escape(question)));
    }
    page.section("Answer", &paragraphs(&answer.in_words()));
    page.section("Figures", &answer.figures());
    let tables = answer.tables();
    let shown = tables.iter().map(|(name, table)| format!("<h3>{}</h3>{}", title(name), of_table(table)));
    page.section("In numbers", &shown.collect::<String>());
    if !record.warnings.is_empty() {
        let items: Vec<String> = record.warnings.iter().map(|w| format!("<li>{}</li>", escape(w))).collect();
        page.section("Warnings", &format!("<ul>{}</ul>", items.concat()));
    }
    page.section("Parameters", &parameters(&record.parameters));
    page.section(
        "Reproduce it",
        &reproduce(&record.version, &record.study_sha256, record.seed, &record.command),
    );
    page.finish()
}

fn title(name: &str) -> String {
    let text = name.replace('_', " ");
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().collect::<String>() + chars.as_str())
}

/// A table with the meaning of every column behind its name.
pub fn of_table(rows: &Table) -> String {
    let heads: Vec<String> = rows
        .columns
        .iter()
        .map(|c| {
            if c.unit == "1" {
                c.name.replace('_', " ")
            } else {
                format!("{} ({})", c.name.replace('_', " "), c.unit)
            }
        })
        .collect();
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let right: Vec<usize> =
        (0..rows.values.len()).filter(|i| !matches!(rows.values[*i], Values::Text(_))).collect();
    let cell = |values: &Values, row: usize| match values {
        Values::Numbers(v) if v[row].is_nan() => "–".to_owned(),
        Values::Numbers(v) => shown(v[row]),
        Values::Whole(v) => v[row].to_string(),
        Values::Text(v) => escape(&v[row]),
    };
    let of_row = |row: usize| rows.values.iter().map(|values| cell(values, row)).collect();
    let more = rows.rows().saturating_sub(ROWS);
    let rest = if more > 0 {
        format!("<p class=\"soft\">{more} more rows are in the file.</p>")
    } else {
        String::new()
    };
    let meanings: Vec<String> = rows
        .columns
        .iter()
        .map(|c| format!("<li>{}: {}</li>", escape(&c.name.replace('_', " ")), escape(&c.meaning)))
        .collect();
    table(&heads, (0..rows.rows().min(ROWS)).map(of_row), &right)
        + &rest
        + &format!("<details><summary>What the columns are</summary><ul>{}</ul></details>", meanings.concat())
}
