//! What a search maximises, and the limits that it keeps.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::error::{AtlasError, Result};
use crate::planes::Planes;

/// How coverage of the patients becomes one number.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Objective {
    /// The smallest covered malignant fraction of any patient.
    Minimum,
    /// A quantile over patients: the covered fraction that all but ⌊quantile × patients⌋ patients reach.
    Quantile(f64),
    /// The covered fraction of all malignant cells together, as most published searches use it; safety is then
    /// the hit fraction of all normal cells together.
    Pooled,
}

/// Cells that are counted together, and what is asked of the count.
#[derive(Clone, Debug, PartialEq)]
pub struct Tally {
    /// Blocks of the planes.
    pub blocks: Range<usize>,
    /// Number of cells.
    pub cells: u32,
    /// Largest number of cells that a gate may hit; used for normal cells only.
    pub limit: u32,
}

/// An objective made concrete for an atlas.
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    /// Malignant cells by patient (or all together).
    pub cover: Vec<Tally>,
    /// Normal cells with a limit, by tissue and cell type (or all together).
    pub spare: Vec<Tally>,
    /// How many patients may fall below the objective's value.
    pub failures: usize,
    /// Whether all malignant cells, and all normal ones, are counted together.
    pub pooled: bool,
}

impl Goal {
    /// A goal over an atlas.
    ///
    /// `patients` says which groups count as patients (others are kept apart), and `caps` gives for each group
    /// the largest hit fraction that is accepted (1 for no limit); both are indexed like the groups.
    ///
    /// # Errors
    /// If no patient counts, or a cap or quantile is outside 0 to 1.
    pub fn new(planes: &Planes, objective: Objective, patients: &[bool], caps: &[f64]) -> Result<Self> {
        let problem = |field, problem: String| Err(AtlasError::Request { field, problem });
        if let Some(cap) = caps.iter().find(|cap| !(0.0..=1.0).contains(*cap)) {
            return problem("cap", format!("{cap} is not between 0 and 1"));
        }
        let tally = |group: usize, cap: f64| {
            let group = &planes.groups[group];
            let cells = group.cells as u32;
            Tally { blocks: group.start..group.start + group.blocks, cells, limit: limit(cap, cells) }
        };
        let chosen = |malignant: bool| {
            (0..planes.groups.len()).filter(move |&g| planes.groups[g].role.is_malignant() == malignant)
        };
        let cover: Vec<Tally> = chosen(true).filter(|&g| patients[g]).map(|g| tally(g, 1.0)).collect();
        if cover.is_empty() {
            return problem("patients", "no patient has enough malignant cells".into());
        }
        let spare: Vec<Tally> = chosen(false).map(|g| tally(g, caps[g])).collect();
        let failures = match objective {
            Objective::Minimum | Objective::Pooled => 0,
            Objective::Quantile(q) if (0.0..1.0).contains(&q) => (q * cover.len() as f64).floor() as usize,
            Objective::Quantile(q) => return problem("quantile", format!("{q} is not from 0 to below 1")),
        };
        if objective == Objective::Pooled {
            let cap = chosen(false).map(|g| caps[g]).fold(1.0, f64::min);
            let pool = |parts: &[Tally], cap: f64| {
                let cells = parts.iter().map(|t| t.cells).sum();
                let blocks =
                    parts.first().map_or(0, |t| t.blocks.start)..parts.last().map_or(0, |t| t.blocks.end);
                Tally { blocks, cells, limit: limit(cap, cells) }
            };
            // Patients kept apart lie between the others, so all malignant cells are pooled.
            let all: Vec<Tally> = chosen(true).map(|g| tally(g, 1.0)).collect();
            let spare = if spare.is_empty() { Vec::new() } else { vec![pool(&spare, cap)] };
            return Ok(Self { cover: vec![pool(&all, 1.0)], spare, failures, pooled: true });
        }
        let spare = spare.into_iter().filter(|t| t.limit < t.cells).collect();
        Ok(Self { cover, spare, failures, pooled: false })
    }

    /// The objective's value from the counts of covered cells, one per patient.
    pub fn value(&self, covered: &[u32]) -> f64 {
        let mut fractions: Vec<f64> =
            covered.iter().zip(&self.cover).map(|(&c, t)| fraction(c, t.cells)).collect();
        fractions.sort_by(f64::total_cmp);
        fractions.get(self.failures).copied().unwrap_or(0.0)
    }
}

/// A fraction of cells.
pub fn fraction(count: u32, cells: u32) -> f64 {
    if cells == 0 { 0.0 } else { f64::from(count) / f64::from(cells) }
}

/// The largest count whose fraction does not exceed `cap`.
pub fn limit(cap: f64, cells: u32) -> u32 {
    let mut count = (cap * f64::from(cells)).floor() as u32;
    // The product is rounded; the comparison of fractions decides.
    while count > 0 && fraction(count, cells) > cap {
        count -= 1;
    }
    while count < cells && fraction(count + 1, cells) <= cap {
        count += 1;
    }
    count
}

/// What a gate must reach to be kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// The objective's value.
    pub value: f64,
    /// Whether it must be exceeded.
    pub strict: bool,
}

impl Bar {
    /// Whether a value reaches the bar.
    pub fn reached(self, value: f64) -> bool {
        if self.strict { value > self.value } else { value >= self.value }
    }

    /// The smallest count of covered cells whose fraction reaches the bar; one more than `cells` if none does.
    pub fn need(self, cells: u32) -> u32 {
        let mut count = ((self.value * f64::from(cells)).floor().max(0.0) as u32).min(cells);
        while count > 0 && self.reached(fraction(count - 1, cells)) {
            count -= 1;
        }
        while count <= cells && !self.reached(fraction(count, cells)) {
            count += 1;
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn limits_and_needs_are_exact(cells in 1_u32..2000, numerator in 0_u32..2000, strict: bool) {
            let value = f64::from(numerator.min(cells)) / f64::from(cells);
            let limit = limit(value, cells);
            prop_assert_eq!(limit, numerator.min(cells));
            let need = Bar { value, strict }.need(cells);
            prop_assert_eq!(need, numerator.min(cells) + u32::from(strict));
        }
    }

    #[test]
    fn the_quantile_lets_the_stated_share_of_patients_fall_below() {
        let tally = |i| Tally { blocks: i..i + 1, cells: 10, limit: 10 };
        let goal =
            |failures| Goal { cover: (0..4).map(tally).collect(), spare: vec![], failures, pooled: false };
        assert_eq!(goal(0).value(&[3, 9, 1, 5]), 0.1);
        assert_eq!(goal(1).value(&[3, 9, 1, 5]), 0.3);
    }
}
