//! Counts of a gate in every group, at every threshold.

use serde::{Deserialize, Serialize};

use super::interval::{Interval, wilson};
use crate::goal::{Goal, fraction};
use crate::planes::{Block, Planes};
use crate::shape::Shape;

/// A gate in one group of cells.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct GroupRow {
    /// The patient, or tissue · cell type.
    pub name: String,
    /// Cells in the group.
    pub cells: u32,
    /// Cells that satisfy the gate.
    pub hit: u32,
    /// Their fraction.
    pub fraction: f64,
    /// Its 95 % interval.
    pub interval: Interval,
    /// The largest fraction accepted; none for malignant cells, or if the limit is on all normal cells together.
    pub cap: Option<f64>,
}

impl GroupRow {
    /// A row.
    pub fn new(name: String, hit: u32, cells: u32, cap: Option<f64>) -> Self {
        Self { name, cells, hit, fraction: fraction(hit, cells), interval: wilson(hit, cells), cap }
    }
}

/// The gate's result with cells called at another threshold.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct ThresholdRow {
    /// The threshold.
    pub threshold: f64,
    /// Whether cells without a count are called by the model of dropout.
    pub modelled: bool,
    /// The objective's value.
    pub value: f64,
    /// The limited normal group that is hit most, and the fraction (any normal group if all are pooled).
    pub worst: Option<(String, f64)>,
    /// Whether every limit is kept.
    pub within_limits: bool,
}

/// Cells of every group that satisfy a gate at a threshold.
///
/// `literals` are indices in the planes, as many as the shape has; a literal out of range counts as absent.
pub fn counts(planes: &Planes, threshold: usize, shape: Shape, literals: &[u32]) -> Vec<u32> {
    let none = vec![[0; 8]; planes.blocks()];
    let plane = |i: usize| -> &[Block] {
        match literals.get(i) {
            Some(&l) if (l as usize) < planes.literals.len() => planes.plane(threshold, l as usize),
            _ => &none,
        }
    };
    let (x, y, z) = (plane(0), plane(1), plane(2));
    let mut found = Vec::with_capacity(planes.groups.len());
    for group in &planes.groups {
        let words = group.of(x).iter().zip(group.of(y)).zip(group.of(z));
        let ones =
            words.flat_map(|((x, y), z)| (0..8).map(move |w| shape.combine(x[w], y[w], z[w]).count_ones()));
        found.push(ones.sum());
    }
    found
}

/// How many cells of each group carry each combination of literals: `patterns[group][bits]`, bit i for the i-th.
pub fn patterns(planes: &Planes, literals: &[u32]) -> Vec<Vec<u32>> {
    let planes_of: Vec<&[Block]> = literals.iter().map(|&l| planes.plane(0, l as usize)).collect();
    let mut found = Vec::with_capacity(planes.groups.len());
    for group in &planes.groups {
        let mut counts = vec![0; 1 << literals.len()];
        for cell in 0..group.cells {
            let (block, bit) = (group.start + cell / 512, cell % 512);
            let carried = planes_of
                .iter()
                .enumerate()
                .fold(0, |set, (i, plane)| set | ((plane[block][bit / 64] >> (bit % 64) & 1) as usize) << i);
            counts[carried] += 1;
        }
        found.push(counts);
    }
    found
}

/// A gate at every threshold of the planes. `patients` says which groups are patients, and `limits` gives for every
/// group the largest count (its number of cells for no limit); a pooled goal has limits of its own.
pub fn threshold_rows(
    planes: &Planes,
    goal: &Goal,
    patients: &[bool],
    limits: &[u32],
    shape: Shape,
    literals: &[u32],
) -> Vec<ThresholdRow> {
    let row = |(t, &threshold): (usize, &f64)| {
        let hits = counts(planes, t, shape, literals);
        let limited = planes.groups.iter().zip(&hits).zip(limits).filter(|((group, _), limit)| {
            !group.role.is_malignant() && (goal.pooled || (**limit as usize) < group.cells)
        });
        let (covered, within_limits) = if goal.pooled {
            let sum = |malignant: bool| {
                let groups = planes.groups.iter().zip(&hits);
                groups.filter(|(g, _)| g.role.is_malignant() == malignant).map(|(_, &hit)| hit).sum()
            };
            (vec![sum(true)], goal.spare.iter().all(|tally| sum(false) <= tally.limit))
        } else {
            let covered = hits.iter().zip(patients).filter(|&(_, &p)| p).map(|(&hit, _)| hit);
            (covered.collect(), limited.clone().all(|((_, hit), limit)| hit <= limit))
        };
        let worst = limited
            .map(|((group, &hit), _)| (group.role.name(), fraction(hit, group.cells as u32)))
            .reduce(|a, b| if b.1 > a.1 { b } else { a });
        let modelled = planes.modelled && t == 0;
        ThresholdRow { threshold, modelled, value: goal.value(&covered), worst, within_limits }
    };
    planes.thresholds.iter().enumerate().map(row).collect()
}
