//! `report.html` of a patient or a population.

use super::answer::{Answer, ArmAnswer, Quantiles, Rate};
use super::kaplan_meier::Curve;
use super::record::Record;
use super::{figures, words};
use crate::answer::{grouped, per_cent};
use crate::failure::Failure;
use crate::folder::Folder;
use crate::report::html::{Page, escape, link_dois, table};
use crate::report::{parameters, reproduce, shown};
use crate::table::read_numbers;

/// The page of a finished run, whose series is read from its folder.
///
/// # Errors
/// If the series of one patient cannot be read.
pub fn page(record: &Record, answer: &Answer, folder: &Folder) -> Result<String, Failure> {
    let figures = figures(record, answer, folder)?;
    let mut page = Page::new(&record.title);
    if let Some(question) = &record.question {
        page.add(&format!("<p class=\"question\">{}</p>", escape(question)));
    }
    page.section("Answer", &in_words(answer));
    page.section("Figures", &figures);
    page.section("In numbers", &numbers(record, answer));
    if !record.warnings.is_empty() {
        let items: Vec<String> = record.warnings.iter().map(|w| format!("<li>{}</li>", escape(w))).collect();
        page.section("Warnings", &format!("<ul>{}</ul>", items.concat()));
    }
    page.section("Parameters", &parameters(&record.parameters));
    page.section(
        "Reproduce it",
        &reproduce(&record.version, &record.study_sha256, record.seed, &record.command),
    );
    Ok(page.finish())
}

/// The figures; the series of one patient is read from its folder.
///
/// # Errors
/// If it cannot be read.
pub fn figures(record: &Record, answer: &Answer, folder: &Folder) -> Result<String, Failure> {
    let series = if record.is_one {
        Some(read_numbers(&folder.table("series", "csv"), &record.series)?)
    } else {
        None
    };
    Ok(figures::html(answer, series.as_ref()))
}

fn in_words(answer: &Answer) -> String {
    let text = words::in_words(answer);
    let mut paragraphs = text.trim_end().split("\n\n");
    let first = format!("<p class=\"answer\">{}</p>", escape(paragraphs.next().unwrap_or_default()));
    paragraphs.fold(first, |page, p| page + &format!("<p>{}</p>", link_dois(&escape(p))))
}

fn numbers(record: &Record, answer: &Answer) -> String {
    let mut html = String::new();
    for arm in &answer.arms {
        if !arm.name.is_empty() {
            html.extend(["<h3>Arm ", &escape(&arm.name), "</h3>"]);
        }
        html += &if answer.is_one { outcome(record, arm) } else { of_arm(arm) };
        html += &visits(answer, arm);
    }
    html
}

fn unit(unit: &str) -> String {
    if unit == "1" { String::new() } else { escape(unit) }
}

fn outcome(record: &Record, arm: &ArmAnswer) -> String {
    let Some(course) = arm.courses.first() else { return String::new() };
    let rows = record.outcome.iter().enumerate().filter_map(|(place, column)| {
        let value = course.number_of(place)?;
        let is_response = column.name == "best_response";
        let text = if is_response { super::seen::response_word(value).into() } else { shown(value) };
        Some(vec![escape(&column.meaning), text, unit(&column.unit)])
    });
    table(&["", "value", "unit"], rows, &[1])
}

fn of_arm(arm: &ArmAnswer) -> String {
    let quantile = |q: &Quantiles| {
        let mut row = vec![escape(&q.meaning), unit(&q.unit), grouped(q.patients as f64)];
        row.extend(q.values.iter().map(|v| v.map_or("–".into(), shown)));
        row
    };
    let rate = |r: &Rate| {
        let interval = format!("{} to {}", per_cent(r.interval.0), per_cent(r.interval.1));
        vec![escape(&r.meaning), grouped(r.count as f64), per_cent(r.share), interval]
    };
    let rates = if arm.rates.is_empty() {
        String::new()
    } else {
        table(&["", "patients", "share", "95 % interval"], arm.rates.iter().map(rate), &[1, 2, 3])
    };
    let head = ["", "unit", "patients", "5 %", "25 %", "50 %", "75 %", "95 %"];
    let curve = |c: &Curve| {
        let median = c.median.map_or("not reached".into(), shown);
        vec![escape(&c.name), grouped(c.events as f64), median]
    };
    let survival = if arm.survival.is_empty() {
        String::new()
    } else {
        table(&["", "events", "median, d"], arm.survival.iter().map(curve), &[1, 2])
    };
    rates + &survival + &table(&head, arm.quantiles.iter().map(quantile), &[2, 3, 4, 5, 6, 7])
}

/// The visits of one patient.
fn visits(answer: &Answer, arm: &ArmAnswer) -> String {
    let course = arm.courses.first().filter(|course| answer.is_one && !course.visits.is_empty());
    let Some(course) = course else { return String::new() };
    let number = |value: Option<f64>| value.map_or("–".into(), |v| shown((10.0 * v).round() / 10.0));
    let rows = course.visits.iter().map(|visit| {
        vec![
            shown(visit.day),
            number(visit.sum),
            number(visit.change),
            escape(&visit.recist),
            escape(&visit.irecist),
            escape(&visit.rano),
        ]
    });
    let is_rano = answer.criteria == "RANO";
    let sum = if is_rano { "sum of products of diameters, mm²" } else { "sum of target diameters, mm" };
    let head = ["day", sum, "change, %", "RECIST 1.1", "iRECIST", "RANO"];
    let columns = if is_rano { 6 } else { 5 };
    let rows = rows.map(|mut row| {
        row.truncate(columns);
        row
    });
    format!("<h3>Visits</h3>{}", table(&head[..columns], rows, &[0, 1, 2]))
}
