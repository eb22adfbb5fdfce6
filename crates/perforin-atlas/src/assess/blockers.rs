//! Whether a NOT is worth its name: absence of counts is not absence of the antigen.
//!
//! Two rules. A literal may stand under a NOT only if it is detected in a fair share of the cells of some normal
//! group; one that is hardly ever seen has zeros everywhere and would be credited for them. And the coverage of a
//! gate is stated a second time, discounted for malignant cells in which the blocker was missed: if the blocker
//! is seen in a share r of a patient's malignant cells, and a cell that has it shows it with probability d, then
//! min(1, r / d) of them have it, and of the cells without counts only (1 − r / d) / (1 − r) are free of it. As d
//! is not known, the highest detected share of any normal group stands for it; the true d is at least that.

use serde::{Deserialize, Serialize};

use super::tables::counts;
use crate::goal::fraction;
use crate::planes::Planes;
use crate::shape::Shape;

/// Fewest cells of a normal group whose detected share is believed. Assumed.
const FEWEST_CELLS: usize = 20;

/// A normal group that a blocker protects.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Protected {
    /// Tissue · cell type.
    pub group: String,
    /// Cells that the gate would hit without the blocker.
    pub without: u32,
    /// Cells that it hits.
    pub with: u32,
}

/// What is known of one blocker of a gate.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct BlockerReport {
    /// The literal.
    pub blocker: String,
    /// The normal group with the highest detected share, and the share.
    pub detection: Option<(String, f64)>,
    /// Normal groups in which the blocker was detected in cells that the gate would else hit, the most first.
    pub protected: Vec<Protected>,
    /// For each patient the covered fraction discounted for malignant cells in which the blocker was missed;
    /// none if the NOT can be overruled within the gate, where the discount does not apply.
    pub discounted: Option<Vec<f64>>,
}

/// For each literal whether it may stand under a NOT: detected in at least `share` of the cells of some normal
/// group, or a genotype (the literals from `genotypes` on), which has no dropout.
pub fn can_block(planes: &Planes, genotypes: usize, share: f64) -> Vec<bool> {
    (0..planes.literals.len())
        .map(|l| l >= genotypes || detection(planes, l as u32).is_some_and(|(_, found)| found >= share))
        .collect()
}

/// The normal group in which a literal is detected most, and the share.
fn detection(planes: &Planes, literal: u32) -> Option<(String, f64)> {
    let hits = counts(planes, planes.observed(), Shape::Single, &[literal]);
    let normal = planes
        .groups
        .iter()
        .zip(hits)
        .filter(|(group, _)| !group.role.is_malignant() && group.cells >= FEWEST_CELLS);
    normal
        .map(|(group, hit)| (group, fraction(hit, group.cells as u32)))
        .reduce(|a, b| if b.1 > a.1 { b } else { a })
        .map(|(group, found)| (group.role.name(), found))
}

/// Reports on every blocker of a gate. `patients` says which groups are patients; `hits` are the gate's counts.
pub fn report(
    planes: &Planes,
    patients: &[bool],
    shape: Shape,
    literals: &[u32],
    hits: &[u32],
    genotypes: usize,
) -> Vec<BlockerReport> {
    let negated = (0..literals.len()).filter(|&i| shape.negated()[i]);
    negated
        .map(|i| {
            let mut without = literals.to_vec();
            without[i] = u32::MAX;
            let unblocked = counts(planes, 0, shape, &without);
            let mut protected: Vec<Protected> = planes
                .groups
                .iter()
                .zip(unblocked.iter().zip(hits))
                .filter(|(group, (before, after))| !group.role.is_malignant() && before > after)
                .map(|(group, (&without, &with))| Protected { group: group.role.name(), without, with })
                .collect();
            protected
                .sort_by(|a, b| (b.without - b.with).cmp(&(a.without - a.with)).then(a.group.cmp(&b.group)));
            let detection = detection(planes, literals[i]);
            // The model of dropout has already called the cells in which the blocker was missed.
            let discounted = if literals[i] as usize >= genotypes || planes.modelled {
                None
            } else {
                discount(planes, patients, shape, literals[i], hits, detection.as_ref().map_or(0.0, |d| d.1))
            };
            BlockerReport {
                blocker: planes.literals[literals[i] as usize].clone(),
                detection,
                protected,
                discounted,
            }
        })
        .collect()
}

fn discount(
    planes: &Planes,
    patients: &[bool],
    shape: Shape,
    blocker: u32,
    hits: &[u32],
    detected: f64,
) -> Option<Vec<f64>> {
    let plain = matches!(shape, Shape::AndNot | Shape::AndAndNot | Shape::AndNotNot | Shape::EitherNot);
    if !plain {
        return None;
    }
    let seen = counts(planes, 0, Shape::Single, &[blocker]);
    let groups = planes.groups.iter().zip(seen.iter().zip(hits)).zip(patients).filter(|&(_, &p)| p);
    let discounted = groups.map(|((group, (&seen, &hit)), _)| {
        let cells = group.cells as u32;
        let share = fraction(seen, cells);
        let carried = if detected > 0.0 { (share / detected).min(1.0) } else { 1.0 };
        let free = if share < 1.0 { (1.0 - carried) / (1.0 - share) } else { 0.0 };
        fraction(hit, cells) * free.min(1.0)
    });
    Some(discounted.collect())
}
