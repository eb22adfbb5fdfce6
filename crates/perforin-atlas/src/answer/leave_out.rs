//! Does the answer hold for a patient it was not made for?

use serde::{Deserialize, Serialize};

use super::describe::gate_text;
use super::limits::Limits;
use crate::assess::counts;
use crate::error::Result;
use crate::goal::{Goal, Objective, fraction};
use crate::planes::Planes;
use crate::request::TargetsRequest;
use crate::search::{Options, search};
use crate::shape::Shape;
use crate::watch::{Progress, Stage, Watch};

/// The best gate of all other patients, and how it does in the one left out.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct LeftOut {
    /// The patient left out.
    pub patient: String,
    /// The best gate of the others (the first of equals); none if no gate keeps the limits.
    pub gate: Option<String>,
    /// Its value for the others.
    pub others: f64,
    /// Covered fraction of the patient left out.
    pub covered: f64,
}

/// Leaves out every patient in turn. The atlas of normal cells stays the same. A pooled objective knows no
/// patients, and nothing is left out.
pub fn leave_one_out(
    request: &TargetsRequest,
    planes: &Planes,
    limits: &Limits,
    options: &Options,
    watch: &Watch,
) -> Result<Vec<LeftOut>> {
    let chosen: Vec<usize> = (0..planes.groups.len()).filter(|&g| limits.patients[g]).collect();
    let most = request.leave_one_out.min(request.literals);
    if most == 0 || chosen.len() < 2 || request.objective == Objective::Pooled {
        return Ok(Vec::new());
    }
    let options = Options { shapes: Shape::up_to(most), keep: 1, epsilon: 0.0, ..options.clone() };
    let mut found = Vec::new();
    for (done, &out) in chosen.iter().enumerate() {
        let progress = Progress { stage: Stage::LeaveOneOut, done, total: chosen.len() };
        if watch(progress) {
            break;
        }
        let mut patients = limits.patients.clone();
        patients[out] = false;
        let goal = Goal::new(planes, request.objective, &patients, &limits.caps)?;
        let results = search(planes, &goal, &options, &|_| watch(progress));
        let hits = results.iter().flat_map(|r| r.hits.iter().map(move |hit| (r.shape, hit)));
        let best = hits.reduce(|a, b| if b.1.value > a.1.value { b } else { a });
        let group = &planes.groups[out];
        let covered = best.map_or(0.0, |(shape, hit)| {
            fraction(counts(planes, 0, shape, &hit.literals)[out], group.cells as u32)
        });
        let text = |(shape, hit): (Shape, &crate::search::Hit)| {
            let names: Vec<&str> =
                hit.literals.iter().map(|&l| planes.literals[l as usize].as_str()).collect();
            gate_text(shape, &names)
        };
        found.push(LeftOut {
            patient: group.role.name(),
            gate: best.map(text),
            others: best.map_or(0.0, |(_, hit)| hit.value),
            covered,
        });
    }
    Ok(found)
}
