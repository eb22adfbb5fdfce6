//! Does the answer hold for a patient it was not made for?
//!
//! A search without each patient in turn would take as many searches as there are patients; two are enough. Let k
//! be how many patients may fall below the objective's value when one of n is left out. The best gate v of a search of all n in
//! which k may fall is worth at least v without any one of them, so whatever is better or equal without one is worth at
//! least v in a search in which k + 1 may fall. That second search keeps all such gates, and each patient's best
//! is among them. If there are more than can be kept, as in small atlases where many gates are equal, every patient is
//! searched without.

use serde::{Deserialize, Serialize};

use super::describe::gate_text;
use super::limits::Limits;
use crate::assess::counts;
use crate::error::Result;
use crate::goal::{Goal, Objective, fraction};
use crate::planes::Planes;
use crate::request::TargetsRequest;
use crate::search::{Hit, Options, ShapeResult, search, search_from};
use crate::shape::Shape;
use crate::watch::{Progress, Stage, Watch};

/// Most gates of a shape that are kept to choose from.
const CHOICE: usize = 1024;

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
///
/// # Errors
/// Of an objective that cannot be met.
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
    let options = Options { shapes: Shape::up_to(most), keep: CHOICE, epsilon: 0.0, ..options.clone() };
    let study = Study { request, planes, limits, options, chosen };
    match study.together(watch)? {
        Some(found) => Ok(found),
        None => study.one_by_one(watch),
    }
}

struct Study<'a> {
    request: &'a TargetsRequest,
    planes: &'a Planes,
    limits: &'a Limits,
    options: Options,
    /// Groups of the patients who count.
    chosen: Vec<usize>,
}

impl Study<'_> {
    /// The goal without a patient.
    fn without(&self, out: usize) -> Result<Goal> {
        let mut patients = self.limits.patients.clone();
        patients[out] = false;
        Goal::new(self.planes, self.request.objective, &patients, &self.limits.caps)
    }

    fn progress(&self, done: usize) -> Progress {
        Progress { stage: Stage::LeaveOneOut, done, total: self.chosen.len() }
    }

    /// All patients by two searches; nothing if there are too many gates to choose from. A search that was stopped leaves
    /// no result.
    fn together(&self, watch: &Watch) -> Result<Option<Vec<LeftOut>>> {
        let goals = self.chosen.iter().map(|&out| self.without(out)).collect::<Result<Vec<_>>>()?;
        let all = Goal::new(self.planes, self.request.objective, &self.limits.patients, &self.limits.caps)?;
        let stop = |_| watch(self.progress(0));
        let failing = |failures| Goal { failures, ..all.clone() };
        let fewest = failing(goals[0].failures);
        let one = Options { keep: 1, ..self.options.clone() };
        let found = search(self.planes, &fewest, &one, &stop);
        let least = found.iter().map(|result| result.certificate.optimum).fold(0.0, f64::max);
        if !is_proven(&found) {
            return Ok(Some(Vec::new()));
        }
        // All gates from there on, however much better the best of them is.
        let options = Options { epsilon: 1.0, ..self.options.clone() };
        let found = search_from(self.planes, &failing(fewest.failures + 1), &options, least, &stop);
        if !is_proven(&found) {
            return Ok(Some(Vec::new()));
        }
        if found.iter().any(|result| result.certificate.more_ties) {
            return Ok(None);
        }
        Ok(Some(self.choose(&found, &goals)))
    }

    /// For each patient the best of the gates found, by the goal without them.
    fn choose(&self, found: &[ShapeResult], goals: &[Goal]) -> Vec<LeftOut> {
        let mut gates: Vec<(Shape, Hit)> =
            found.iter().flat_map(|r| r.hits.iter().map(|hit| (r.shape, hit.clone()))).collect();
        gates.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.literals.cmp(&b.1.literals)));
        let hits: Vec<Vec<u32>> =
            gates.iter().map(|(shape, hit)| counts(self.planes, 0, *shape, &hit.literals)).collect();
        let best = |(&out, goal): (&usize, &Goal)| {
            let value = |hits: &Vec<u32>| {
                let others = self.chosen.iter().filter(|&&group| group != out);
                goal.value(&others.map(|&group| hits[group]).collect::<Vec<u32>>())
            };
            let values = gates.iter().zip(&hits).map(|(gate, hits)| (gate, value(hits)));
            let best = values.filter(|(_, value)| *value > 0.0).reduce(|a, b| if b.1 > a.1 { b } else { a });
            let best = best.map(|((shape, hit), value)| (*shape, Hit { value, ..hit.clone() }));
            self.row(out, best.as_ref())
        };
        self.chosen.iter().zip(goals).map(best).collect()
    }

    /// Every patient by a search of the others.
    fn one_by_one(&self, watch: &Watch) -> Result<Vec<LeftOut>> {
        let mut rows = Vec::new();
        for (done, &out) in self.chosen.iter().enumerate() {
            let results =
                search(self.planes, &self.without(out)?, &self.options, &|_| watch(self.progress(done)));
            if !is_proven(&results) {
                break;
            }
            // Within a shape equals are in the order of their literals.
            let hits = results.iter().filter_map(|r| Some((r.shape, r.hits.first()?.clone())));
            let best = hits.reduce(|a, b| if b.1.value > a.1.value { b } else { a });
            rows.push(self.row(out, best.as_ref()));
        }
        Ok(rows)
    }

    fn row(&self, out: usize, best: Option<&(Shape, Hit)>) -> LeftOut {
        let group = &self.planes.groups[out];
        let covered = best.map_or(0.0, |(shape, hit)| {
            fraction(counts(self.planes, 0, *shape, &hit.literals)[out], group.cells as u32)
        });
        let text = |(shape, hit): &(Shape, Hit)| {
            let names: Vec<&str> =
                hit.literals.iter().map(|&l| self.planes.literals[l as usize].as_str()).collect();
            gate_text(*shape, &names)
        };
        LeftOut {
            patient: group.role.name(),
            gate: best.map(text),
            others: best.map_or(0.0, |(_, hit)| hit.value),
            covered,
        }
    }
}

fn is_proven(results: &[ShapeResult]) -> bool {
    results.iter().all(|result| result.certificate.proven)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::popcount::Isa;
    use crate::search::tests::planes;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        /// Two searches say what a search without each patient says: the same gate, the first of equals, and its values.
        #[test]
        fn two_searches_equal_one_for_each_patient(
            malignant in prop::collection::vec(prop::collection::vec(0_u8..32, 3..20), 2..6),
            normal in prop::collection::vec(prop::collection::vec(0_u8..32, 3..20), 1..3),
            share in 0_usize..3,
        ) {
            let planes = planes(5, &malignant, &normal);
            let mut request = TargetsRequest::new(Vec::new());
            request.fewest_cells = 1;
            request.safety.cap = 0.4;
            request.objective = [Objective::Minimum, Objective::Quantile(0.3), Objective::Quantile(0.5)][share];
            let limits = Limits::new(&request, &planes).unwrap();
            let options = Options {
                shapes: Shape::up_to(2), keep: CHOICE, epsilon: 0.0, blockers: vec![true; 5], isa: Isa::best(),
            };
            let chosen: Vec<usize> = (0..malignant.len()).collect();
            let study = Study { request: &request, planes: &planes, limits: &limits, options, chosen };
            let together = study.together(&|_| false).unwrap().expect("few gates to choose from");
            prop_assert_eq!(together, study.one_by_one(&|_| false).unwrap());
        }
    }
}
