//! The figures of a trial.

use perforin_trial::dose_finding::rule::Decision;

use super::answer::{Answer, Found, ScenarioAnswer};
use super::tables::{flow, move_word};
use super::uncertainty::show;
use crate::report::bars::{Bars, Part};
use crate::report::chart::{Area, Chart, FLOOR, Line};
use crate::report::decisions::{Cell, Decisions};
use crate::report::heatmap::Heatmap;
use crate::report::html::figure;
use crate::report::tree::{Branch, Tree};

mod efficacy;
mod endpoints;
mod one_trial;

/// Colour of the end without a dose.
const STOP: usize = 5;
/// Scenarios whose dose–toxicity curve is drawn.
const CURVES: usize = 6;

/// All figures as HTML; what the answer has nothing for is left out.
pub fn html(answer: &Answer) -> String {
    let finding = answer.dose_finding.as_ref().map_or(String::new(), |found| of_finding(answer, found));
    let efficacy = answer.efficacy.as_ref().map_or(String::new(), efficacy::html);
    let unknown = answer.uncertainty.as_ref().map_or(String::new(), show::figures);
    finding + &endpoints::html(answer) + &efficacy + &unknown
}

fn of_finding(answer: &Answer, found: &Found) -> String {
    let mut all = vec![selection(answer, found), allocation(answer, found)];
    all.extend(found.scenarios.iter().take(CURVES).map(|s| curve(found, s)));
    all.extend(found.examples.iter().map(|example| one_trial::html(&columns(answer), example)));
    all.extend(paths(found));
    all.extend(decisions(found));
    if found.making.is_some() || !found.selected.is_empty() {
        all.push(attrition(found));
    }
    all.concat()
}

/// Levels with their numbers only, where there is little room.
fn short_columns(answer: &Answer) -> Vec<String> {
    let number = |dose: &str| dose.split(' ').next().unwrap_or_default().to_owned();
    answer.doses.iter().enumerate().map(|(level, dose)| format!("{}: {}", level + 1, number(dose))).collect()
}

/// What the doses are counted in.
fn unit(answer: &Answer) -> &str {
    answer.doses.first().and_then(|dose| dose.split_once(' ')).map_or("", |(_, unit)| unit)
}

fn columns(answer: &Answer) -> Vec<String> {
    answer.doses.iter().enumerate().map(|(level, dose)| format!("{}: {dose}", level + 1)).collect()
}

fn selection(answer: &Answer, found: &Found) -> String {
    let mut columns = short_columns(answer);
    columns.push("none".into());
    let row = |s: &ScenarioAnswer| {
        let mut shares: Vec<f64> = s.seen.levels.iter().map(|l| s.seen.share(l.selected).0).collect();
        shares.push(s.seen.share(s.seen.none).0);
        (s.name.clone(), shares)
    };
    let rows: Vec<_> = found.scenarios.iter().map(row).collect();
    let alt = format!("Heat map of {} scenarios by dose level: share of trials that select it.", rows.len());
    let note = format!("Share of trials that select each level ({}), in per cent.", unit(answer));
    figure("Selected doses", &note, &Heatmap { alt, columns, rows }.svg())
}

fn allocation(answer: &Answer, found: &Found) -> String {
    let columns = short_columns(answer);
    let row = |s: &ScenarioAnswer| {
        let all = s.seen.total().infused.max(1) as f64;
        (s.name.clone(), s.seen.levels.iter().map(|l| l.infused as f64 / all).collect())
    };
    let rows: Vec<_> = found.scenarios.iter().map(row).collect();
    let alt = format!("Heat map of {} scenarios by dose level: share of infused patients.", rows.len());
    let note = format!(
        "Share of the infused patients who were assigned to each level ({}), in per cent.",
        unit(answer)
    );
    figure("Allocation of patients", &note, &Heatmap { alt, columns, rows }.svg())
}

fn curve(found: &Found, scenario: &ScenarioAnswer) -> String {
    let levels: Vec<f64> = (0..scenario.bands.len()).map(|level| level as f64 + 1.0).collect();
    let of = |k: usize| -> Vec<f64> {
        scenario.bands.iter().map(|band| band.map_or(f64::NAN, |band| band[k])).collect()
    };
    let ends = vec![1.0, levels.len() as f64];
    let line = |label: &str, colour, x: &[f64], y| Line { label: label.into(), colour, x: x.to_vec(), y };
    let chart = Chart {
        x_label: "dose level".into(),
        y_label: "rate of dose-limiting toxicity".into(),
        log: false,
        floor: FLOOR,
        alt: format!("Line chart of true and estimated toxicity by dose level in {}.", scenario.name),
        areas: vec![Area {
            label: "10 to 90 % of trials".into(),
            colour: 0,
            x: levels.clone(),
            low: of(0),
            high: of(2),
        }],
        lines: vec![
            line("true", 1, &levels, scenario.seen.true_toxicity.clone()),
            line("estimated, median", 0, &levels, of(1)),
            line("target", 2, &ends, vec![found.target; 2]),
        ],
    };
    let note = "Estimates of the trials that tried a level, by isotonic regression of those who count; shaded: from the \
                10 % to the 90 % quantile.";
    figure(&format!("Dose and toxicity in {}", scenario.name), note, &chart.svg())
}

/// The levels of the first cohorts as a tree, in the first scenario.
fn paths(found: &Found) -> Option<String> {
    let scenario = found.scenarios.first()?;
    let depth = found.paths.iter().map(|path| path.cohorts.len()).max()?;
    let named = |level: usize| (format!("level {}", level + 1), level);
    let mut first = Vec::new();
    for path in &found.paths {
        let mut way: Vec<(String, usize)> = path.cohorts.iter().map(|given| named(given.dose)).collect();
        way.push(match path.decision {
            Decision::Treat(level) => named(level),
            Decision::Wait => ("wait".into(), STOP),
            Decision::Declare(Some(level)) => (format!("declare {}", level + 1), level),
            Decision::Declare(None) => ("stop".into(), STOP),
        });
        Branch::add(&mut first, &way, *path.chances.first()?);
    }
    let mut stages: Vec<String> = (1..=depth).map(|k| format!("cohort {k}")).collect();
    stages.push("next".into());
    let alt = format!("Tree of the dose levels of the first {depth} cohorts with their probabilities.");
    let note = format!(
        "Levels of the first cohorts in {}, exactly, by all outcomes; the height of a branch is its probability where \
         everybody is infused as planned and each cohort is known before the next.",
        scenario.name
    );
    Some(figure("Dose paths", &note, &Tree { alt, stages, first }.svg()))
}

fn decisions(found: &Found) -> Option<String> {
    let most = found.decisions.iter().map(|(treated, _, _)| *treated).max()?;
    let cell = |(treated, toxic, decision): &(u32, u32, perforin_trial::dose_finding::Move)| {
        use perforin_trial::dose_finding::Move;
        let (letter, colour) = match decision {
            Move::Escalate => ("E", 2),
            Move::Stay => ("S", 0),
            Move::Deescalate => ("D", 4),
            Move::Eliminate => ("X", 1),
        };
        Cell { column: *treated, row: *toxic, letter, colour, told: move_word(*decision) }
    };
    let table = Decisions {
        alt: format!("Decision table for up to {most} patients at a dose."),
        cells: found.decisions.iter().map(cell).collect(),
    };
    let note = "By patients (columns) and dose-limiting toxicities (rows) at the present dose: E escalate, S stay, D \
                de-escalate, X de-escalate and never return.";
    Some(figure("Decisions", note, &table.svg()))
}

fn attrition(found: &Found) -> String {
    let Some(scenario) = found.scenarios.first() else { return String::new() };
    let part = |(stage, patients): (&'static str, f64)| {
        let name = format!("{patients:.1} patients");
        (format!("{stage}: {patients:.1}"), vec![Part { value: patients, colour: 0, name }])
    };
    let rows: Vec<_> = flow(found, scenario).into_iter().map(part).collect();
    let told: Vec<&str> = rows.iter().map(|(name, _)| name.as_str()).collect();
    let bars = Bars {
        alt: format!("Bar chart of patients by stage: {}.", told.join("; ")),
        x_label: "patients of a trial, mean".into(),
        is_stacked: true,
        legend: Vec::new(),
        rows,
    };
    let note = format!("How far patients come in {}, mean of all simulated trials.", scenario.name);
    figure("From screening to evaluation", &note, &bars.svg())
}
