//! What is not known, in words, tables and figures.

use indicatif::{ProgressBar, ProgressStyle};

use super::{Drawn, Known, Row};
use crate::answer::{grouped, per_cent, rounded};
use crate::report::chart::{Area, Chart, FLOOR, Line};
use crate::report::html::figure;
use crate::table::{Rows, Table};
use crate::trial::efficacy::populations::is_told;

/// Scenarios that are drawn.
const CHARTS: usize = 6;

/// A bar over the outer draws for a person at a terminal.
pub(super) fn progress(draws: u64) -> ProgressBar {
    let bar = ProgressBar::new(draws);
    let style = "{bar:30} {pos} of {len} draws of the parameters · {eta} left";
    ProgressStyle::with_template(style).map_or_else(|_| bar.clone(), |style| bar.clone().with_style(style))
}

/// A value of a row with its unit.
fn value(row: &Row, value: f64) -> String {
    if row.unit == "1" { per_cent(value) } else { format!("{} {}", rounded(value), row.unit) }
}

fn band(row: &Row) -> String {
    let [low, _, high] = row.band.quantiles;
    format!("{} ({} to {})", value(row, row.band.mean), value(row, low), value(row, high))
}

/// A standard deviation: of shares in points.
fn spread(row: &Row, sd: f64) -> String {
    if row.unit == "1" {
        format!("{} points", rounded(100.0 * sd))
    } else {
        format!("{} {}", rounded(sd), row.unit)
    }
}

/// What came of it, as paragraphs.
pub fn words(known: &Known) -> Vec<String> {
    let mut scenarios: Vec<&str> = Vec::new();
    for row in &known.rows {
        if !scenarios.contains(&row.scenario.as_str()) && is_told(&row.scenario) {
            scenarios.push(&row.scenario);
        }
    }
    let of = |scenario: &&str| {
        let told = |row: &&Row| {
            format!(
                "{} in {}, of which the parameters cause a standard deviation of {} and Monte Carlo one of {} in each draw",
                row.quantity,
                band(row),
                spread(row, row.band.parameter_sd),
                spread(row, row.band.monte_carlo)
            )
        };
        let headline = |row: &&Row| {
            row.scenario == **scenario
                && row.level.is_none()
                && [
                    "selects the right level",
                    "selects a level that is too high",
                    "called active by all enrolled",
                ]
                .contains(&row.quantity.as_str())
        };
        let all: Vec<String> = known.rows.iter().filter(headline).map(|row| told(&row)).collect();
        format!("{scenario}: {}", all.join("; "))
    };
    let all: Vec<String> = scenarios.iter().map(of).collect();
    vec![format!(
        "With what is not known of the parameters ({}), {} outer draws of {} trials each; mean and the band of nine of ten \
         draws, without the error of Monte Carlo. {}.",
        stated(known),
        grouped(known.drawn.len() as f64),
        grouped(known.trials as f64),
        all.join(". ")
    )]
}

fn stated(known: &Known) -> String {
    let [toxic, responds, hazard] = known.shifts;
    let mut all: Vec<String> = known.parameters.iter().map(|(name, _)| name.clone()).collect();
    for (what, sd) in [
        ("log odds of toxicity", toxic),
        ("log odds of response", responds),
        ("logarithm of hazard ratios", hazard),
    ] {
        if sd > 0.0 {
            all.push(format!("{what} ± {}", rounded(sd)));
        }
    }
    all.join(", ")
}

/// What is assumed.
pub fn assumptions(known: &Known) -> Vec<String> {
    let mut all = vec![
        "Parameters that are not known are independent of each other and the same for all patients of a trial; the band is that of \
         the estimates drawn together until their variance is that of the parameters alone."
            .into(),
    ];
    if !known.parameters.is_empty() {
        all.push(
            "Every outer draw has the same virtual patients, who differ from each other as the study says about the drawn \
             values; severities have the grades of the study's own parameters. That there are no more of them is in no band."
                .into(),
        );
    }
    all
}

/// Every characteristic.
pub fn table(known: &Known) -> Table {
    Rows::new(known.rows.clone())
        .text("scenario", "The scenario, or the trial of efficacy", |r| r.scenario.clone())
        .text("quantity", "What a trial does", |r| r.quantity.clone())
        .text("level", "Dose level, from 1; empty if it is about none", |r| {
            r.level.map_or(String::new(), |level| (level + 1).to_string())
        })
        .text("unit", "Unit of the numbers", |r| r.unit.clone())
        .number("mean", "Mean over the parameters", |r| Some(r.band.mean))
        .number("mean_error", "Standard error of the mean, of outer draws and trials together", |r| {
            Some(r.band.error)
        })
        .number("parameter_sd", "Standard deviation that the parameters cause", |r| Some(r.band.parameter_sd))
        .number("monte_carlo_error", "Monte-Carlo standard error of one outer draw", |r| {
            Some(r.band.monte_carlo)
        })
        .number("low", "5 % quantile over the parameters", |r| Some(r.band.quantiles[0]))
        .number("median", "Median over the parameters", |r| Some(r.band.quantiles[1]))
        .number("high", "95 % quantile over the parameters", |r| Some(r.band.quantiles[2]))
        .table
}

/// Every outer draw.
pub fn draws(known: &Known) -> Table {
    let rows: Vec<(usize, Drawn)> = known.drawn.iter().cloned().enumerate().collect();
    let mut table = Rows::new(rows)
        .whole("draw", "1", "Outer draw, from 1", |r| r.0 as i64 + 1)
        .number("toxicity_shift", "Shift of the log odds of stated toxicity", |r| Some(r.1.shifts[0]))
        .number("response_shift", "Shift of the log odds of stated response", |r| Some(r.1.shifts[1]))
        .number("hazard_ratio_shift", "Shift of the logarithms of hazard ratios", |r| Some(r.1.shifts[2]));
    for (k, (name, unit)) in known.parameters.iter().enumerate() {
        table = table.measured(name, unit, "Value of the parameter", move |r| r.1.values.get(k).copied());
    }
    table.table
}

/// Selected levels and true toxicity with their bands, by scenario.
pub fn figures(known: &Known) -> String {
    let mut scenarios: Vec<&str> = Vec::new();
    for row in known.rows.iter().filter(|row| row.level.is_some()) {
        if !scenarios.contains(&row.scenario.as_str()) {
            scenarios.push(&row.scenario);
        }
    }
    scenarios.into_iter().take(CHARTS).map(|scenario| chart(known, scenario)).collect()
}

fn chart(known: &Known, scenario: &str) -> String {
    let of = |quantity: &str| -> Vec<&Row> {
        known
            .rows
            .iter()
            .filter(|r| r.scenario == scenario && r.quantity == quantity && r.level.is_some())
            .collect()
    };
    let drawn = [("selects the level", "selected", 0), ("true toxicity rate", "true toxicity", 1)];
    let levels = |rows: &[&Row]| rows.iter().map(|r| r.level.unwrap_or(0) as f64 + 1.0).collect::<Vec<f64>>();
    let at = |rows: &[&Row], k: usize| rows.iter().map(|r| r.band.quantiles[k]).collect::<Vec<f64>>();
    let area = |(quantity, label, colour): &(&str, &str, usize)| {
        let rows = of(quantity);
        Area {
            label: format!("{label}: nine of ten draws"),
            colour: *colour,
            x: levels(&rows),
            low: at(&rows, 0),
            high: at(&rows, 2),
        }
    };
    let line = |(quantity, label, colour): &(&str, &str, usize)| {
        let rows = of(quantity);
        let y = rows.iter().map(|r| r.band.mean).collect();
        Line { label: (*label).to_owned(), colour: *colour, x: levels(&rows), y }
    };
    let chart = Chart {
        x_label: "dose level".into(),
        y_label: "share".into(),
        log: false,
        floor: FLOOR,
        alt: format!(
            "Line chart of the share of trials that select each level, and of true toxicity, with bands, in {scenario}."
        ),
        areas: drawn.iter().map(area).collect(),
        lines: drawn.iter().map(line).collect(),
    };
    let note = format!(
        "Mean over {} outer draws of the parameters and the band of nine of ten of them, without the error of Monte Carlo.",
        known.drawn.len()
    );
    figure(&format!("What is not known, in {scenario}"), &note, &chart.svg())
}
