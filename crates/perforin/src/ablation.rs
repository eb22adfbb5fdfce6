//! What each mechanism was worth: the same study with one mechanism off at a time.

use std::fmt::Write;
use std::path::Path;

use perforin_core::study::mechanisms::{Mechanism, NOTHING};
use perforin_core::study::{StudyFile, StudyValue};

use crate::answer::{Summary, grouped, rounded};
use crate::failure::Failure;
use crate::sweep::{Axis, Extent, Plan, summaries};
use crate::table::{Column, Table, Values};

/// Path of the value that takes a mechanism out.
const PATH: &str = "mechanisms.without";

/// The mechanisms to take out: all that act in the study and could matter there, or those that are named.
///
/// # Errors
/// If a name is none, or does not act in the study anyway.
pub fn axis(study: &StudyFile, only: &[String]) -> Result<Axis, Failure> {
    let acting: Vec<Mechanism> =
        Mechanism::ALL.iter().copied().filter(|m| study.mechanisms.is_on(*m) && matters(study, *m)).collect();
    let names: Vec<&str> = acting.iter().map(|m| m.name()).collect();
    if let Some(wrong) = only.iter().find(|name| !names.contains(&name.as_str())) {
        return Err(Failure::input(format!("`{wrong}` is no mechanism that acts in this study"))
            .help(format!("there are {}", names.join(", "))));
    }
    let chosen = names.into_iter().filter(|name| only.is_empty() || only.iter().any(|o| o == name));
    let values = std::iter::once(NOTHING).chain(chosen).map(|name| StudyValue::Text(name.to_owned()));
    Ok(Axis { path: PATH.to_owned(), extent: Extent::List(values.collect()) })
}

/// Whether a study has anything that a mechanism acts through.
fn matters(study: &StudyFile, mechanism: Mechanism) -> bool {
    let lesion = &study.lesion;
    let antigens = lesion.antigen.values();
    match mechanism {
        Mechanism::RegulatoryTCells => lesion.regulatory_t_cells.is_some(),
        Mechanism::MyeloidSuppression => lesion.myeloid_cells.is_some(),
        Mechanism::Matrix => lesion.matrix.is_some() || lesion.fibroblasts.is_some(),
        Mechanism::SuppressiveFields => {
            lesion.regulatory_t_cells.is_some()
                || lesion.myeloid_cells.is_some()
                || lesion.fibroblasts.is_some()
                || lesion.tumour_secretion.tgf_beta.is_some()
                || lesion.tumour_secretion.adenosine.is_some()
                || lesion.tumour_secretion.ido.is_some()
                || lesion.field.values().any(|f| f.suppression.is_some())
        }
        Mechanism::AntigenLoss => {
            antigens.into_iter().any(|a| a.loss_per_division.is_some())
                || lesion.hla.as_ref().is_some_and(|h| h.loss_per_division.is_some())
        }
        _ => true,
    }
}

/// The outcomes without each mechanism.
#[derive(Clone, Debug, PartialEq)]
pub struct Ablation {
    /// For each mechanism taken out, its outcomes, one for each replicate; the first is without nothing.
    rows: Vec<(String, Vec<Outcome>)>,
}

/// What one run came to.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Outcome {
    /// Live tumour cells at the end over those at the start.
    left: f64,
    /// Tumour cells killed.
    killed: f64,
    /// Largest number of product cells.
    peak: f64,
}

impl Ablation {
    /// Reads the outcomes of a finished sweep.
    ///
    /// # Errors
    /// If a run is missing or damaged.
    pub fn of(plan: &Plan, root: &Path) -> Result<Self, Failure> {
        let mut rows: Vec<(String, Vec<Outcome>)> = Vec::new();
        for (values, summary) in summaries(plan, root)? {
            let name = match values.first() {
                Some(StudyValue::Text(name)) => name.clone(),
                _ => continue,
            };
            let outcome = Outcome::of(&summary);
            match rows.iter_mut().find(|(n, _)| *n == name) {
                Some((_, list)) => list.push(outcome),
                None => rows.push((name, vec![outcome])),
            }
        }
        Ok(Self { rows })
    }

    /// The table, one row for each mechanism and replicate.
    pub fn table(&self) -> Table {
        let flat: Vec<(&str, usize, Outcome)> = self
            .rows
            .iter()
            .flat_map(|(name, list)| list.iter().enumerate().map(move |(k, o)| (name.as_str(), k, *o)))
            .collect();
        let numbers = |f: fn(&Outcome) -> f64| Values::Numbers(flat.iter().map(|(_, _, o)| f(o)).collect());
        let mut table = Table::default();
        table.push(
            Column::new("without", "1", "Mechanism that was taken out"),
            Values::Text(flat.iter().map(|(name, _, _)| (*name).to_owned()).collect()),
        );
        table.push(
            Column::new("replicate", "1", "Number of the replicate"),
            Values::Whole(flat.iter().map(|(_, k, _)| *k as i64).collect()),
        );
        table.push(
            Column::new("tumour_left", "1", "Live tumour cells at the end per cell at the start"),
            numbers(|o| o.left),
        );
        table.push(Column::new("tumour_killed", "cells", "Tumour cells killed"), numbers(|o| o.killed));
        table.push(
            Column::new("product_peak", "cells", "Largest number of live product cells"),
            numbers(|o| o.peak),
        );
        table
    }

    /// The table as text, with the mechanism that was worth most first.
    pub fn text(&self) -> String {
        let Some((_, base)) = self.rows.first() else { return String::new() };
        let base_left = mean(base, |o| o.left);
        let mut order: Vec<&(String, Vec<Outcome>)> = self.rows[1..].iter().collect();
        let change = |row: &(String, Vec<Outcome>)| mean(&row.1, |o| o.left) - base_left;
        order.sort_by(|a, b| change(b).abs().total_cmp(&change(a).abs()));
        let mut text = format!(
            "What each mechanism was worth ({} run{} each; ± is the standard deviation between them)\n\n{:<28}{:>22}{:>16}{:>16}\n",
            base.len(),
            if base.len() == 1 { "" } else { "s" },
            "without",
            "tumour left",
            "killed",
            "product peak"
        );
        for (name, outcomes) in std::iter::once(&self.rows[0]).chain(order) {
            let left =
                format!("{:.1} ± {:.1} %", 100.0 * mean(outcomes, |o| o.left), 100.0 * spread(outcomes));
            let _ = writeln!(
                text,
                "{name:<28}{left:>22}{:>16}{:>16}",
                grouped(mean(outcomes, |o| o.killed)),
                grouped(mean(outcomes, |o| o.peak))
            );
        }
        if base.len() < 3 {
            text += "\nOne run is one draw of chance: add --replicates 5 before a difference is believed.\n";
        } else {
            let _ = writeln!(
                text,
                "\nA difference below about {} points is within the spread of seeds.",
                rounded(200.0 * spread(base))
            );
        }
        text
    }
}

impl Outcome {
    fn of(summary: &Summary) -> Self {
        Self {
            left: if summary.tumour.start > 0.0 { summary.tumour.end / summary.tumour.start } else { 0.0 },
            killed: summary.tumour.killed,
            peak: summary.product.as_ref().map_or(0.0, |p| p.peak),
        }
    }
}

fn mean(outcomes: &[Outcome], f: fn(&Outcome) -> f64) -> f64 {
    outcomes.iter().map(f).sum::<f64>() / outcomes.len() as f64
}

/// Standard deviation between replicates of what is left of the tumour; 0 for a single one.
fn spread(outcomes: &[Outcome]) -> f64 {
    if outcomes.len() < 2 {
        return 0.0;
    }
    let m = mean(outcomes, |o| o.left);
    let sum: f64 = outcomes.iter().map(|o| (o.left - m) * (o.left - m)).sum();
    (sum / (outcomes.len() - 1) as f64).sqrt()
}
