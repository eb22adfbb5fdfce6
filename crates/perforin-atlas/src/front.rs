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
use crate::search::{Hit, Options, ShapeResult, search_from};
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

/// Walks the front from full coverage down, at most `points` points. Gates that are `known` spare the search those that
/// cover less.
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
    known: &[ShapeResult],
    watch: &Watch,
) -> Result<Vec<FrontPoint>> {
    let mut walk = Walk { planes, goal, limited, options, known: Vec::new() };
    let hits = known.iter().flat_map(|result| result.hits.iter().map(|hit| (result.shape, hit)));
    walk.known = hits.map(|(shape, hit)| walk.point(shape, hit)).collect();
    let mut front: Vec<FrontPoint> = Vec::new();
    let mut cap = 1.0;
    while front.len() < points {
        let progress = Progress { stage: Stage::Front, done: front.len(), total: points };
        let Some(safest) = walk.next(cap, &|_| watch(progress))? else { break };
        let worst = safest.worst;
        front.push(safest);
        if worst == 0.0 {
            break;
        }
        cap = just_below(worst);
    }
    Ok(front)
}

/// Fractions of different counts differ by more than this.
fn just_below(fraction: f64) -> f64 {
    fraction * (1.0 - 1e-12)
}

struct Walk<'a, G> {
    planes: &'a Planes,
    goal: G,
    limited: &'a [bool],
    options: &'a Options,
    /// Gates whose value and worst hit are known.
    known: Vec<FrontPoint>,
}

/// The best gates under a cap.
struct Best {
    /// That of the smallest worst hit, of those that were kept.
    safest: FrontPoint,
    /// Whether gates as good were left out.
    more: bool,
}

impl<G: Fn(f64) -> Result<Goal>> Walk<'_, G> {
    /// The next point: the best gate under a cap, with the smallest worst hit of all that are as good; none if
    /// nothing is covered, or the search was stopped.
    fn next(&mut self, cap: f64, watch: &Watch) -> Result<Option<FrontPoint>> {
        let feasible = self.known.iter().filter(|point| point.worst <= cap);
        let least = feasible.map(|point| point.value).fold(0.0, f64::max);
        let Some(found) = self.best(cap, least, watch)?.ok().flatten() else { return Ok(None) };
        let mut safest = found.safest;
        // A full board leaves out gates as good, of which one may be safer; no such gate is at `low` or below.
        let (mut more, mut low) = (found.more, -1.0);
        while more && low < just_below(safest.worst) {
            // Near the end, what is left is tried at once.
            let is_near = safest.worst - low < self.resolution();
            let cap = if is_near { just_below(safest.worst) } else { (0.5 * (low + safest.worst)).max(0.0) };
            let Ok(found) = self.best(cap, safest.value, watch)? else { return Ok(None) };
            match found {
                Some(found) if found.safest.worst < safest.worst => {
                    (safest, more) = (found.safest, found.more);
                }
                _ => low = cap,
            }
        }
        self.known.push(safest.clone());
        Ok(Some(safest))
    }

    /// The smallest step of a worst hit.
    fn resolution(&self) -> f64 {
        let groups = self.planes.groups.iter().zip(self.limited).filter(|&(_, &limited)| limited);
        1.0 / groups.map(|(group, _)| group.cells).max().unwrap_or(1).max(1) as f64
    }

    /// The best gates under a cap that reach `least`, if there are any; `Err` if the search was stopped.
    fn best(&self, cap: f64, least: f64, watch: &Watch) -> Result<std::result::Result<Option<Best>, ()>> {
        // Only gates that equal the best are asked for.
        let options = Options { epsilon: 0.0, ..self.options.clone() };
        let results = search_from(self.planes, &(self.goal)(cap)?, &options, least, watch);
        if results.iter().any(|result| !result.certificate.proven) {
            return Ok(Err(()));
        }
        let best = results.iter().map(|r| r.certificate.optimum).fold(0.0, f64::max);
        let best_of = results.iter().filter(|result| result.certificate.optimum == best);
        let more = best_of.clone().any(|result| result.certificate.more_ties);
        let hits = best_of.flat_map(|result| result.hits.iter().map(|hit| (result.shape, hit)));
        let points = hits.filter(|(_, hit)| hit.value == best).map(|(shape, hit)| self.point(shape, hit));
        let safest = points.reduce(|a, b| if b.worst < a.worst { b } else { a });
        Ok(Ok(safest.map(|safest| Best { safest, more })))
    }

    fn point(&self, shape: Shape, hit: &Hit) -> FrontPoint {
        FrontPoint {
            shape,
            literals: hit.literals.clone(),
            value: hit.value,
            worst: worst(self.planes, self.limited, shape, &hit.literals),
        }
    }
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
            let found = front(&planes, goal, &limited, &options, 1000, &[], &|_| false).unwrap();
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
