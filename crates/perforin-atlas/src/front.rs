//! The front of coverage against the worst vital tissue, exactly.
//!
//! For every limit on the hit share of vital tissue the best coverage is searched, from the strictest limit up: a gate
//! that keeps a strict limit keeps the next one too, so that each search need only find what is at least as good. Each
//! search is complete, so every point is proved: no gate of the shapes covers more at that limit.

use serde::{Deserialize, Serialize};

use crate::assess::counts;
use crate::error::Result;
use crate::goal::{Goal, fraction};
use crate::planes::Planes;
use crate::search::{Hit, Options, ShapeResult, search_across};
use crate::shape::Shape;
use crate::watch::{Progress, Stage, Watch};

/// The best gate at a limit.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct FrontPoint {
    /// The limit on the hit fraction of the limited normal groups.
    pub limit: f64,
    /// The shape.
    pub shape: Shape,
    /// Literals by index in the planes.
    pub literals: Vec<u32>,
    /// The objective's value, which no gate exceeds at this limit.
    pub value: f64,
    /// Largest hit fraction of the limited normal groups: of those of equal value that were looked at, the gate with
    /// the smallest.
    pub worst: f64,
}

/// The best gate at each of the `limits`; a limit at which nothing is covered has no point. Gates that are `known` spare
/// the search those that cover less. What was proved before `watch` ended it is returned.
///
/// `goal` makes the goal for a cap on the limited groups, and `limited` names those groups.
///
/// # Errors
/// Those of `goal`.
pub fn front(
    planes: &Planes,
    goal: impl Fn(f64) -> Result<Goal>,
    limited: &[bool],
    options: &Options,
    limits: &[f64],
    known: &[ShapeResult],
    watch: &Watch,
) -> Result<Vec<FrontPoint>> {
    let mut limits = limits.to_vec();
    limits.sort_by(f64::total_cmp);
    limits.dedup();
    let point = |limit: f64, shape: Shape, hit: &Hit| FrontPoint {
        limit,
        shape,
        literals: hit.literals.clone(),
        value: hit.value,
        worst: worst(planes, limited, shape, &hit.literals),
    };
    let hits = known.iter().flat_map(|result| result.hits.iter().map(|hit| (result.shape, hit)));
    let known: Vec<FrontPoint> = hits.map(|(shape, hit)| point(1.0, shape, hit)).collect();
    let mut front: Vec<FrontPoint> = Vec::new();
    for (done, &limit) in limits.iter().enumerate() {
        let feasible = known.iter().chain(&front).filter(|point| point.worst <= limit);
        let feasible: Vec<FrontPoint> = feasible.map(|point| FrontPoint { limit, ..point.clone() }).collect();
        let least = feasible.iter().map(|point| point.value).fold(0.0, f64::max);
        let stop = |_| watch(Progress { stage: Stage::Front, done, total: limits.len() });
        // Only gates that equal the best are asked for.
        let options = Options { epsilon: 0.0, ..options.clone() };
        let results = search_across(planes, &goal(limit)?, &options, least, &stop);
        if results.iter().any(|result| !result.certificate.proven) {
            break;
        }
        let hits = results.iter().flat_map(|result| result.hits.iter().map(|hit| (result.shape, hit)));
        let found = hits.map(|(shape, hit)| point(limit, shape, hit)).chain(feasible);
        // The first of equals has the fewest literals, as the shapes are ordered.
        let is_better = |a: &FrontPoint, b: &FrontPoint| (b.value, -b.worst) > (a.value, -a.worst);
        front.extend(found.reduce(|a, b| if is_better(&a, &b) { b } else { a }));
    }
    Ok(front)
}

fn worst(planes: &Planes, limited: &[bool], shape: Shape, literals: &[u32]) -> f64 {
    let hits = counts(planes, 0, shape, literals);
    let groups = planes.groups.iter().zip(hits).zip(limited).filter(|&(_, &limited)| limited);
    groups.map(|((group, hit), _)| fraction(hit, group.cells as u32)).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::goal::Objective;
    use crate::popcount::Isa;
    use crate::search::search;
    use crate::search::tests::planes;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        /// The front is that of all gates of up to two literals, counted one by one.
        #[test]
        fn the_front_is_that_of_all_gates(
            malignant in prop::collection::vec(prop::collection::vec(0_u8..32, 3..20), 1..4),
            normal in prop::collection::vec(prop::collection::vec(0_u8..32, 3..20), 1..3),
            is_known: bool,
        ) {
            let planes = planes(5, &malignant, &normal);
            let all = vec![true; planes.groups.len()];
            let limited: Vec<bool> = planes.groups.iter().map(|g| !g.role.is_malignant()).collect();
            let goal = |cap| Goal::new(&planes, Objective::Minimum, &all, &vec![cap; planes.groups.len()]);
            let options = Options {
                shapes: Shape::up_to(2), keep: 100, epsilon: 0.0, blockers: vec![true; 5], isa: Isa::best(),
            };
            let limits = [0.5, 0.0, 0.1, 0.2, 1.0];
            let known = if is_known { search(&planes, &goal(0.2).unwrap(), &options, &|_| false) } else { vec![] };
            let found = front(&planes, goal, &limited, &options, &limits, &known, &|_| false).unwrap();
            let open = goal(1.0).unwrap();
            let mut gates = Vec::new();
            for shape in Shape::up_to(2) {
                for x in 0..5_u32 {
                    for y in (0..5).filter(|&y| y != x) {
                        let hits = counts(&planes, 0, shape, &[x, y]);
                        gates.push((open.value(&hits[..malignant.len()]), worst(&planes, &limited, shape, &[x, y])));
                    }
                }
            }
            // The most covered at a limit, then the safest of those.
            let best = |limit: f64| {
                let value = gates.iter().filter(|g| g.1 <= limit).map(|g| g.0).fold(0.0, f64::max);
                let safest = gates.iter().filter(|g| g.0 == value).map(|g| g.1).fold(1.0, f64::min);
                (value > 0.0).then_some((limit, value, safest))
            };
            let expected: Vec<_> = [0.0, 0.1, 0.2, 0.5, 1.0].into_iter().filter_map(best).collect();
            prop_assert_eq!(found.iter().map(|p| (p.limit, p.value, p.worst)).collect::<Vec<_>>(), expected);
        }
    }
}
