//! The Pareto front of coverage against the worst vital tissue, exactly.
//!
//! The best coverage at no limit is found, with the smallest worst hit among the gates that reach it; then the limit
//! is set just below that hit, and so on until nothing is covered. Each step is a complete search, so every
//! point is proved: no gate of the shapes covers more at that hit or less.

use serde::{Deserialize, Serialize};

use crate::assess::counts;
use crate::error::Result;
use crate::goal::{Goal, fraction};
use crate::planes::Planes;
use crate::search::{Hit, Options, search};
use crate::shape::Shape;
use crate::watch::{Progress, Stage, Watch};

/// A gate that none dominates.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct FrontPoint {
    /// The shape.
    pub shape: Shape,
    /// Literals by index in the planes.
    pub literals: Vec<u32>,
    /// The objective's value.
    pub value: f64,
    /// Largest hit fraction of the limited normal groups.
    pub worst: f64,
}

/// Walks the front from full coverage down, at most `points` points.
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
    points: usize,
    watch: &Watch,
) -> Result<Vec<FrontPoint>> {
    // Only gates that equal the best are asked for.
    let options = &Options { epsilon: 0.0, ..options.clone() };
    let mut front: Vec<FrontPoint> = Vec::new();
    let mut cap = 1.0;
    let progress = |done| Progress { stage: Stage::Front, done, total: points };
    while front.len() < points && !watch(progress(front.len())) {
        let done = front.len();
        let results = search(planes, &goal(cap)?, options, &|_| watch(progress(done)));
        if results.iter().any(|result| !result.certificate.proven) {
            break;
        }
        let Some(best) = results.iter().map(|r| r.certificate.optimum).reduce(f64::max).filter(|&b| b > 0.0)
        else {
            break;
        };
        let hits = results.iter().flat_map(|result| result.hits.iter().map(|hit| (result.shape, hit)));
        let point = |(shape, hit): (Shape, &Hit)| FrontPoint {
            shape,
            literals: hit.literals.clone(),
            value: hit.value,
            worst: worst(planes, limited, shape, &hit.literals),
        };
        let safest = hits
            .filter(|(_, hit)| hit.value == best)
            .map(point)
            .reduce(|a, b| if b.worst < a.worst { b } else { a });
        let Some(safest) = safest else { break };
        // A board that was full may have left out a gate as good and safer; it is found now and replaces this one.
        if front.last().is_some_and(|last| last.value == safest.value) {
            front.pop();
        }
        let worst = safest.worst;
        front.push(safest);
        if worst == 0.0 {
            break;
        }
        // Fractions of different counts differ by more than this.
        cap = worst * (1.0 - 1e-12);
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
    use crate::search::tests::planes;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        /// The front is that of all gates of up to two literals, counted one by one.
        #[test]
        fn the_front_is_that_of_all_gates(
            malignant in prop::collection::vec(prop::collection::vec(0_u8..32, 3..20), 1..4),
            normal in prop::collection::vec(prop::collection::vec(0_u8..32, 3..20), 1..3),
        ) {
            let planes = planes(5, &malignant, &normal);
            let all = vec![true; planes.groups.len()];
            let limited: Vec<bool> = planes.groups.iter().map(|g| !g.role.is_malignant()).collect();
            let goal = |cap| Goal::new(&planes, Objective::Minimum, &all, &vec![cap; planes.groups.len()]);
            let options = Options {
                shapes: Shape::up_to(2), keep: 2, epsilon: 0.0, blockers: vec![true; 5], isa: Isa::best(),
            };
            let found = front(&planes, goal, &limited, &options, 1000, &|_| false).unwrap();
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
            let dominated = |a: (f64, f64)| gates.iter().any(|b| b.0 >= a.0 && b.1 <= a.1 && *b != a);
            let mut expected: Vec<(f64, f64)> =
                gates.iter().copied().filter(|&g| g.0 > 0.0 && !dominated(g)).collect();
            expected.sort_by(|a, b| b.0.total_cmp(&a.0));
            expected.dedup();
            prop_assert_eq!(found.iter().map(|p| (p.value, p.worst)).collect::<Vec<_>>(), expected);
        }
    }
}
