//! `[population.marginal]`: weights with which the virtual patients have observed shares.

use std::collections::BTreeMap;

use perforin_core::diagnostics::nearest;
use perforin_core::study::StudyValue;
use perforin_core::study::population::{MarginalSection, PopulationSection};
use perforin_lesion::scenario::Notes;
use perforin_patient::population::weights::{Cell, Marginal, WeightError, fit_cells};

use super::parameters::value_in;
use super::question::Arm;
use super::seen::{Meaning, OutcomeColumn, number_of_word};
use super::stream::Files;
use crate::failure::Failure;

/// Observed shares, ready to be fitted.
#[derive(Clone, Debug)]
pub struct Weighting {
    /// Number of the arm in which they were observed.
    arm: usize,
    /// Columns of the outcome.
    columns: Vec<usize>,
    marginals: Vec<Marginal>,
}

/// Weights of the patients of a population.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// By the patient's number; 0 for one who could not be followed in the observed arm.
    pub of: Vec<f64>,
    /// Number of equally weighted patients that would be worth as much.
    pub effective: f64,
}

impl Weighting {
    /// Reads the observed shares; nothing without any, or if something is wrong, which is noted.
    pub fn read(
        section: &PopulationSection,
        arms: &[Arm],
        columns: &[OutcomeColumn],
        notes: &mut Notes,
    ) -> Option<Self> {
        let place = |name: &String| arms.iter().position(|arm| arm.name == *name);
        let arm = section.observed_arm.as_ref().map_or(Some(0), place);
        if arm.is_none() {
            let names: Vec<&str> = arms.iter().map(|arm| arm.name.as_str()).collect();
            let help = format!("there are {}", names.join(", "));
            notes.wrong("population.observed_arm", "the population has no such arm", help);
        }
        let mut read = Self { arm: arm?, columns: Vec::new(), marginals: Vec::new() };
        for (name, marginal) in &section.marginal {
            let path = format!("population.marginal.{name}");
            let Some(column) = find(name, columns, &path, notes) else { continue };
            if let Some(marginal) = one(name, marginal, &columns[column], &path, notes) {
                read.columns.push(column);
                read.marginals.push(marginal);
            }
        }
        (!read.marginals.is_empty()).then_some(read)
    }

    /// Names of the quantities.
    pub fn names(&self) -> Vec<String> {
        self.marginals.iter().map(|marginal| marginal.name.clone()).collect()
    }

    /// Number of the arm in which they were observed.
    pub fn arm(&self) -> usize {
        self.arm
    }

    /// What was observed.
    pub fn marginals(&self) -> &[Marginal] {
        &self.marginals
    }

    /// The columns of the outcome of what was observed.
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// Weights of patients by their outcomes in the observed arm.
    ///
    /// # Errors
    /// If no weights have the shares.
    pub fn of_outcomes<'a>(&self, outcomes: impl Iterator<Item = &'a [f64]>) -> Result<Vec<f64>, Failure> {
        let cell = |outcome: &'a [f64]| {
            let bins = self.columns.iter().zip(&self.marginals).map(|(column, m)| m.bin(outcome[*column]));
            Cell { bins: bins.collect(), count: 1.0 }
        };
        let cells: Vec<Cell> = outcomes.map(cell).collect();
        Ok(fit_cells(&self.marginals, &cells).map_err(|error| no_weights(&error))?.weights)
    }

    /// The weights of the patients whose rows are on disk. They take eight bytes a patient.
    ///
    /// # Errors
    /// If the rows cannot be read, or no weights have the shares.
    pub fn weigh(&self, files: &[Files], width: usize) -> Result<Weights, Failure> {
        let bins = |row: &[f64]| -> Vec<Option<usize>> {
            self.columns.iter().zip(&self.marginals).map(|(column, m)| m.bin(row[*column])).collect()
        };
        let mut places: Vec<Option<u32>> = Vec::new();
        let mut known: BTreeMap<Vec<Option<usize>>, u32> = BTreeMap::new();
        let mut cells: Vec<Cell> = Vec::new();
        for stretch in files[self.arm].stretches()? {
            for row in stretch?.chunks(width) {
                if row[0].is_nan() {
                    places.push(None);
                    continue;
                }
                let bins = bins(row);
                let place = *known.entry(bins).or_insert_with_key(|bins| {
                    cells.push(Cell { bins: bins.clone(), count: 0.0 });
                    cells.len() as u32 - 1
                });
                cells[place as usize].count += 1.0;
                places.push(Some(place));
            }
        }
        let weights = fit_cells(&self.marginals, &cells).map_err(|error| no_weights(&error))?;
        let of = |place: Option<u32>| place.map_or(0.0, |place| weights.weights[place as usize]);
        Ok(Weights { of: places.into_iter().map(of).collect(), effective: weights.effective })
    }
}

fn no_weights(error: &WeightError) -> Failure {
    Failure::input("no weights give the virtual patients the observed shares").because(error).help(
        "vary more under [population.vary], give more patients or a [population.search], or wider bins under \
         [population.marginal]",
    )
}

/// The column of a name; nothing if there is none, which is noted.
pub(super) fn find(name: &str, columns: &[OutcomeColumn], path: &str, notes: &mut Notes) -> Option<usize> {
    let found = columns.iter().position(|column| column.column.name == name);
    if found.is_none() {
        let names: Vec<&str> = columns.iter().map(|column| column.column.name.as_str()).collect();
        let help = match nearest(name, names.iter().copied()) {
            Some(right) => format!("did you mean `{right}`?"),
            None => format!("there are {}", names.join(", ")),
        };
        notes.wrong(path, format!("patients.csv has no column `{name}`"), help);
    }
    found
}

fn one(
    name: &str,
    section: &MarginalSection,
    column: &OutcomeColumn,
    path: &str,
    notes: &mut Notes,
) -> Option<Marginal> {
    let mut edges = Vec::new();
    for edge in &section.edges {
        match edge_of(edge, column) {
            Ok(edge) => edges.push(edge),
            Err(message) => notes.wrong(&format!("{path}.edges"), message, "one edge between two bins"),
        }
    }
    let shares: Vec<f64> = section.shares.iter().map(|share| share.value()).collect();
    let marginal = Marginal { name: name.to_owned(), edges, shares };
    if marginal.edges.len() == section.edges.len()
        && let Err(error) = marginal.check()
    {
        notes.wrong(path, error.to_string(), "edges = [\"5 /µL\"] and shares = [\"40 %\", \"60 %\"]");
        return None;
    }
    let source = section.source.as_deref().unwrap_or(perforin_core::catalogue::THE_STUDY);
    for (bin, share) in marginal.shares.iter().enumerate() {
        let meaning = format!("Observed share of patients in bin {} of {name}", bin + 1);
        notes.ledger.record(&format!("{path}.shares.{bin}"), *share, "1", source, &meaning);
    }
    Some(marginal)
}

/// A value of an outcome as a study has it: in its unit, or a response by its word.
///
/// # Errors
/// What is accepted.
pub(super) fn edge_of(edge: &StudyValue, column: &OutcomeColumn) -> Result<f64, String> {
    if column.meaning == Meaning::Response {
        let StudyValue::Text(word) = edge else { return Err("write an edge of responses as \"SD\"".into()) };
        return number_of_word(word).ok_or_else(|| format!("`{word}` is not CR, PR, SD, PD or NE"));
    }
    value_in(edge, &column.column.unit)
}
