//! The front of coverage against the worst vital tissue, exactly.
//!
//! At a limit on the hit share of vital tissue the best coverage is searched over all gates of the shapes, so that every
//! point is proved: no gate covers more at that limit. Two walks:
//!
//! - At stated limits, from the strictest up: a gate that keeps a strict limit keeps the next one too, so that each search
//!   need only find what is at least as good.
//! - The full front, from the loosest limit down: the next search allows just less than the last gate hits. If it finds the
//!   same coverage, that gate was not the safest of its coverage, and the point moves; if it finds less, the point was a
//!   corner of the front, and the next begins. No gate is better than all corners in one respect without being worse in
//!   the other, and no corner is left out.

use serde::{Deserialize, Serialize};

use crate::assess::counts;
use crate::error::Result;
use crate::goal::{Goal, fraction};
use crate::planes::Planes;
use crate::search::{Hit, Options, ShapeResult, search_across};
use crate::shape::Shape;
use crate::watch::{Progress, Stage, Watch};

/// Which part of the front is searched.
#[derive(Clone, Debug, PartialEq)]
pub enum Extent {
    /// The best gate at each of these limits on the hit fraction, 0 to 1; none for no front.
    Limits(Vec<f64>),
    /// Every corner of the front at which the worst group is hit in at most this fraction of its cells, 0 to 1.
    Full {
        /// The loosest limit.
        up_to: f64,
    },
}

/// The best gate at a limit.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct FrontPoint {
    /// The limit on the hit fraction of the limited normal groups; of a corner of the full front, what it hits.
    pub limit: f64,
    /// The shape.
    pub shape: Shape,
    /// Literals by index in the planes.
    pub literals: Vec<u32>,
    /// The objective's value, which no gate exceeds at this limit.
    pub value: f64,
    /// Largest hit fraction of the limited normal groups: of those of equal value that were looked at, the gate with
    /// the smallest; at a corner of the full front the smallest of all.
    pub worst: f64,
}

/// What was proved of a front.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Front {
    /// Its points, the strictest limit first.
    pub points: Vec<FrontPoint>,
    /// Whether it was stopped before all that was asked for was proved. Of a full front the strict end is then missing,
    /// of stated limits the loose ones.
    pub is_cut_short: bool,
}

/// What the search at one limit came to.
enum Found {
    /// The best gate.
    Best(FrontPoint),
    /// No gate covers anything.
    Nothing,
    /// It was stopped before its proof.
    Stopped,
}

/// What the searches along a front have in common.
pub(crate) struct Walk<'a, G> {
    /// The gates' literals.
    pub planes: &'a Planes,
    /// The goal for a cap on the limited groups.
    pub goal: G,
    /// The limited groups, indexed like the groups.
    pub limited: &'a [bool],
    /// Shapes and literals.
    pub options: &'a Options,
    /// Gates that are known, which spare the search those that cover less.
    pub known: &'a [ShapeResult],
    /// Asked now and then, and ends the walk.
    pub watch: &'a Watch<'a>,
}

impl<G: Fn(f64) -> Result<Goal>> Walk<'_, G> {
    /// The front in the given extent; a limit at which nothing is covered has no point.
    ///
    /// # Errors
    /// Those of `goal`.
    pub fn front(&self, extent: &Extent) -> Result<Front> {
        match extent {
            Extent::Limits(limits) => self.at(limits),
            Extent::Full { up_to } => self.full(*up_to),
        }
    }

    fn at(&self, limits: &[f64]) -> Result<Front> {
        let mut limits = limits.to_vec();
        limits.sort_by(f64::total_cmp);
        limits.dedup();
        let mut known = self.known();
        let mut points: Vec<FrontPoint> = Vec::new();
        for (done, &limit) in limits.iter().enumerate() {
            let progress = Progress { stage: Stage::Front, done, total: limits.len() };
            match self.best(limit, &known, progress)? {
                Found::Best(best) => {
                    known.push(best.clone());
                    points.push(best);
                }
                Found::Nothing => (),
                Found::Stopped => return Ok(Front { points, is_cut_short: true }),
            }
        }
        Ok(Front { points, is_cut_short: false })
    }

    fn full(&self, up_to: f64) -> Result<Front> {
        let known = self.known();
        let hundredths = |limit: f64| (1e4 * limit).round() as usize;
        let mut points: Vec<FrontPoint> = Vec::new();
        let mut limit = up_to;
        let is_cut_short = loop {
            let done = hundredths(up_to - limit);
            let progress = Progress { stage: Stage::FullFront, done, total: hundredths(up_to) };
            let best = match self.best(limit, &known, progress)? {
                Found::Best(best) => best,
                Found::Nothing => break false,
                Found::Stopped => {
                    // The last point may not be the safest of its coverage.
                    points.pop();
                    break true;
                }
            };
            if points.last().is_some_and(|last| last.value == best.value) {
                points.pop();
            }
            limit = best.worst.next_down();
            points.push(FrontPoint { limit: best.worst, ..best });
            if limit < 0.0 {
                break false;
            }
        };
        points.reverse();
        Ok(Front { points, is_cut_short })
    }

    /// The best gate at a limit.
    fn best(&self, limit: f64, known: &[FrontPoint], progress: Progress) -> Result<Found> {
        let feasible = known.iter().filter(|point| point.worst <= limit);
        let feasible: Vec<FrontPoint> = feasible.map(|point| FrontPoint { limit, ..point.clone() }).collect();
        let least = feasible.iter().map(|point| point.value).fold(0.0, f64::max);
        // Only gates that equal the best are asked for.
        let options = Options { epsilon: 0.0, ..self.options.clone() };
        let results =
            search_across(self.planes, &(self.goal)(limit)?, &options, least, &|_| (self.watch)(progress));
        if results.iter().any(|result| !result.certificate.proven) {
            return Ok(Found::Stopped);
        }
        let found = self.points(&results, limit).chain(feasible);
        // The first of equals has the fewest literals, as the shapes are ordered.
        let is_better = |a: &FrontPoint, b: &FrontPoint| (b.value, -b.worst) > (a.value, -a.worst);
        let best = found.reduce(|a, b| if is_better(&a, &b) { b } else { a });
        Ok(best.map_or(Found::Nothing, Found::Best))
    }

    fn known(&self) -> Vec<FrontPoint> {
        self.points(self.known, 1.0).collect()
    }

    fn points<'a>(&'a self, results: &'a [ShapeResult], limit: f64) -> impl Iterator<Item = FrontPoint> + 'a {
        let hits = results.iter().flat_map(|result| result.hits.iter().map(|hit| (result.shape, hit)));
        hits.map(move |(shape, hit): (Shape, &Hit)| FrontPoint {
            limit,
            shape,
            literals: hit.literals.clone(),
            value: hit.value,
            worst: worst(self.planes, self.limited, shape, &hit.literals),
        })
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
    use crate::search::search;
    use crate::search::tests::planes;
    use proptest::prelude::*;

    /// Value and worst hit of every gate of up to two of five literals, counted one by one.
    fn all_gates(planes: &Planes, open: &Goal, patients: usize, limited: &[bool]) -> Vec<(f64, f64)> {
        let mut gates = Vec::new();
        for shape in Shape::up_to(2) {
            for x in 0..5_u32 {
                for y in (0..5).filter(|&y| y != x) {
                    let hits = counts(planes, 0, shape, &[x, y]);
                    gates.push((open.value(&hits[..patients]), worst(planes, limited, shape, &[x, y])));
                }
            }
        }
        gates
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        /// Both fronts are those of all gates of up to two literals, counted one by one; a board with room for one gate
        /// must come to the same corners.
        #[test]
        fn the_front_is_that_of_all_gates(
            malignant in prop::collection::vec(prop::collection::vec(0_u8..32, 3..20), 1..4),
            normal in prop::collection::vec(prop::collection::vec(0_u8..32, 3..20), 1..3),
            is_known: bool,
            keep in prop::sample::select(vec![1_usize, 100]),
            up_to in prop::sample::select(vec![1.0, 0.3]),
        ) {
            let planes = planes(5, &malignant, &normal);
            let all = vec![true; planes.groups.len()];
            let limited: Vec<bool> = planes.groups.iter().map(|g| !g.role.is_malignant()).collect();
            let goal = |cap| Goal::new(&planes, Objective::Minimum, &all, &vec![cap; planes.groups.len()]);
            let options =
                Options { shapes: Shape::up_to(2), keep, epsilon: 0.0, blockers: vec![true; 5], isa: Isa::best() };
            let known = if is_known { search(&planes, &goal(0.2).unwrap(), &options, &|_| false) } else { vec![] };
            let walk =
                Walk { planes: &planes, goal, limited: &limited, options: &options, known: &known, watch: &|_| false };
            let gates = all_gates(&planes, &goal(1.0).unwrap(), malignant.len(), &limited);

            let corners = walk.front(&Extent::Full { up_to }).unwrap();
            prop_assert!(!corners.is_cut_short);
            let beats = |a: &(f64, f64), b: &(f64, f64)| a.0 >= b.0 && a.1 <= b.1 && a != b;
            let mut expected: Vec<(f64, f64)> = gates.iter().copied().filter(|g| g.0 > 0.0 && g.1 <= up_to).collect();
            expected.retain(|g| !gates.iter().any(|other| beats(other, g)));
            expected.sort_by(|a, b| a.partial_cmp(b).unwrap());
            expected.dedup();
            let found: Vec<_> = corners.points.iter().map(|p| (p.value, p.worst)).collect();
            prop_assert_eq!(found, expected);
            for point in &corners.points {
                let hits = counts(&planes, 0, point.shape, &point.literals);
                prop_assert_eq!(goal(1.0).unwrap().value(&hits[..malignant.len()]), point.value);
                prop_assert_eq!(point.limit, point.worst);
            }

            if keep > 1 {
                let limits = vec![0.5, 0.0, 0.1, 0.2, 1.0];
                let found = walk.front(&Extent::Limits(limits)).unwrap().points;
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

    #[test]
    fn a_front_that_is_stopped_keeps_only_what_was_proved() {
        let cells = |bits: &[u8]| bits.repeat(4);
        // The first literal covers all and hits half, the second half and a quarter, the third a quarter and none.
        let planes = planes(3, &[cells(&[1, 1, 3, 7])], &[cells(&[1, 3, 0, 0])]);
        let caps = |cap| vec![cap; 2];
        let goal = |cap| Goal::new(&planes, Objective::Minimum, &[true; 2], &caps(cap));
        let options = Options {
            shapes: Shape::up_to(1),
            keep: 9,
            epsilon: 0.0,
            blockers: vec![false; 3],
            isa: Isa::best(),
        };
        let walk = |watch: &Watch| {
            let walk =
                Walk { planes: &planes, goal, limited: &[false, true], options: &options, known: &[], watch };
            walk.front(&Extent::Full { up_to: 1.0 }).unwrap()
        };
        let corners = |front: &Front| front.points.iter().map(|p| (p.value, p.worst)).collect::<Vec<_>>();
        let whole = walk(&|_| false);
        assert_eq!(corners(&whole), [(0.25, 0.0), (0.5, 0.25), (1.0, 0.5)]);
        assert!(!whole.is_cut_short);
        // Stopped below a quarter: whether half can be covered at less is not known any more.
        let cut = walk(&|progress| progress.done > 7400);
        assert_eq!(corners(&cut), [(1.0, 0.5)]);
        assert!(cut.is_cut_short);
    }
}
