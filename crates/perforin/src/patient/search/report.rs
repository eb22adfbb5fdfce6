//! What a search came to.

use perforin_patient::population::weights::Marginal;
use serde::{Deserialize, Serialize};

use super::candidates::Plausible;
use crate::answer::{grouped, per_cent};
use crate::table::{Column, Table, Values};

/// What a search came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Searched {
    /// Candidates.
    pub candidates: u64,
    /// Of these, those that could not be followed as they were drawn.
    pub lost: u64,
    /// Plausible ones.
    pub plausible: u64,
    /// Of these, those that had to be moved.
    pub moved: u64,
    /// Plausible ones that were accepted; the first of them are the patients.
    pub accepted: u64,
    /// Shares of every bin of what was observed.
    pub shares: Vec<Share>,
}

/// Shares of a bin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// The outcome.
    pub outcome: String,
    /// The bin, from 1.
    pub bin: usize,
    /// Observed.
    pub observed: f64,
    /// Among plausible candidates.
    pub plausible: f64,
    /// Among the patients that were chosen.
    pub chosen: f64,
}

impl Searched {
    pub(super) fn new(
        candidates: u64,
        plausible: &[Plausible],
        lost: u64,
        accepted: &[usize],
        count: u64,
        (marginals, columns): (&[Marginal], &[usize]),
    ) -> Self {
        let chosen: Vec<&Plausible> = accepted.iter().take(count as usize).map(|i| &plausible[*i]).collect();
        let all: Vec<&Plausible> = plausible.iter().collect();
        let share = |of: &[&Plausible], marginal: &Marginal, column: usize, bin: usize| {
            let bins = of.iter().filter_map(|p| marginal.bin(p.outcome[column]));
            let (mut there, mut known) = (0.0, 0.0);
            for found in bins {
                known += 1.0;
                there += f64::from(u8::from(found == bin));
            }
            if known > 0.0 { there / known } else { 0.0 }
        };
        let mut shares = Vec::new();
        for (marginal, column) in marginals.iter().zip(columns) {
            for (bin, observed) in marginal.shares.iter().enumerate() {
                shares.push(Share {
                    outcome: marginal.name.clone(),
                    bin: bin + 1,
                    observed: *observed,
                    plausible: share(&all, marginal, *column, bin),
                    chosen: share(&chosen, marginal, *column, bin),
                });
            }
        }
        Self {
            candidates,
            lost,
            plausible: plausible.len() as u64,
            moved: plausible.iter().filter(|p| p.was_moved).count() as u64,
            accepted: accepted.len() as u64,
            shares,
        }
    }

    /// The search in a sentence or two.
    pub fn in_words(&self) -> String {
        let mut sentences = vec![format!(
            "Of {} candidates {} are plausible, {} of them after they were moved, and {} were accepted.",
            grouped(self.candidates as f64),
            grouped(self.plausible as f64),
            grouped(self.moved as f64),
            grouped(self.accepted as f64)
        )];
        let off = self.shares.iter().map(|s| (s.chosen - s.observed).abs()).fold(0.0, f64::max);
        if !self.shares.is_empty() {
            sentences.push(format!(
                "Before weights, no share of the patients is off the observed one by more than {}.",
                per_cent(off)
            ));
        }
        if self.lost > 0 {
            sentences.push(format!(
                "{} candidates could not be followed as they were drawn.",
                grouped(self.lost as f64)
            ));
        }
        sentences.join(" ")
    }
}

/// Shares of every bin: observed, among plausible candidates, among the patients.
pub fn table(searched: &Searched) -> Table {
    let mut table = Table::default();
    let shares = &searched.shares;
    table.push(
        Column::new("outcome", "1", "What was observed"),
        Values::Text(shares.iter().map(|s| s.outcome.clone()).collect()),
    );
    table.push(
        Column::new("bin", "1", "Number of the bin, from 1"),
        Values::Whole(shares.iter().map(|s| s.bin as i64).collect()),
    );
    let mut number = |name: &str, meaning: &str, of: fn(&Share) -> f64| {
        table.push(Column::new(name, "1", meaning), Values::Numbers(shares.iter().map(of).collect()));
    };
    number("observed", "Observed share of patients", |s| s.observed);
    number("plausible", "Share among plausible candidates", |s| s.plausible);
    number("chosen", "Share among the patients that were chosen", |s| s.chosen);
    table
}
