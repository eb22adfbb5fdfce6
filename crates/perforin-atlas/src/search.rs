//! Exact search over all gates of the chosen shapes.
//!
//! # Method
//! A gate of three literals is an anchor literal X and two more. For every anchor the counts of X & Y are taken
//! in every group and for every Y (one pass over the planes); within the anchor's cells, or within the others,
//! the rest is a gate of two literals Y and Z, for which
//!
//! - max(y + z − m, 0) ≤ |Y & Z| ≤ min(y, z) and max(y, z) ≤ |Y | Z| ≤ min(m, y + z)
//!
//! where m is the number of cells and y, z count those of each (signed) literal. These bounds, group by group,
//! are compared with what a gate must reach: the coverage of the worst gate that would still be kept, in all
//! patients but those that may fail, and the limits of the normal groups. What no bound excludes is counted
//! exactly, one group at a time, the groups that excluded most before coming first. Nothing is left out that
//! could be kept, so the answer is that of complete enumeration; the tests compare the two.
//!
//! Anchors are worked off in batches of fixed size. The bar rises only within an anchor and between batches, so
//! the answer and every number in the certificate are the same for any number of threads.

mod anchor;
mod board;
mod filter;
mod table;
mod trial;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

pub use board::{Board, Hit};
pub(crate) use filter::Values;
pub(crate) use table::Tables;
pub(crate) use trial::{Checks, Trial, first_passing};

use crate::goal::Goal;
use crate::planes::Planes;
use crate::popcount::Isa;
use crate::shape::Shape;
use crate::watch::{Progress, Stage, Watch};
use anchor::Atlas;

/// Anchors that are searched under the same bar.
const BATCH: usize = 16;

/// What is searched, and how much is kept.
#[derive(Clone, Debug)]
pub struct Options {
    /// The shapes.
    pub shapes: Vec<Shape>,
    /// Most gates kept for each shape.
    pub keep: usize,
    /// Gates whose objective is at most this much below the best of their shape are kept.
    pub epsilon: f64,
    /// Which literals may stand under a NOT, by index; literals beyond its end may not.
    pub blockers: Vec<bool>,
    /// Instructions to use.
    pub isa: Isa,
}

/// What was found for one shape.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct ShapeResult {
    /// The shape.
    pub shape: Shape,
    /// The best gates, the best first; equals in the order of their literals.
    pub hits: Vec<Hit>,
    /// What was proved, and how.
    pub certificate: Certificate,
}

/// The proof of a search, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
pub struct Certificate {
    /// Best value of the objective found (0 if no gate reaches more within the limits).
    pub optimum: f64,
    /// No gate of the shape has a larger value than this.
    pub bound: f64,
    /// Whether the search was complete, so that optimum and bound agree.
    pub proven: bool,
    /// Whether gates as good as the last one kept may have been left out for want of room.
    pub more_ties: bool,
    /// Gates of this shape that there are.
    pub space: u64,
    /// Anchors for which pairs were looked at; all others were excluded by their own counts.
    pub anchors: u64,
    /// Pairs of literals for which third literals were looked at.
    pub pairs: u64,
    /// Gates counted group by group; all others were excluded by bounds.
    pub counted: u64,
}

/// Searches all gates of the given shapes.
///
/// `watch` is asked between batches; once it says so, the search ends with what it has and a bound on the rest.
pub fn search(planes: &Planes, goal: &Goal, options: &Options, watch: &Watch) -> Vec<ShapeResult> {
    search_from(planes, goal, options, 0.0, watch)
}

/// The same for gates whose objective is at least `least`.
pub(crate) fn search_from(
    planes: &Planes,
    goal: &Goal,
    options: &Options,
    least: f64,
    watch: &Watch,
) -> Vec<ShapeResult> {
    run(planes, goal, options, least, false, watch)
}

/// The same for the best of all shapes together: a shape that cannot reach the best of the others has no hits, and its
/// certificate says only that it holds nothing as good.
pub(crate) fn search_across(
    planes: &Planes,
    goal: &Goal,
    options: &Options,
    least: f64,
    watch: &Watch,
) -> Vec<ShapeResult> {
    run(planes, goal, options, least, true, watch)
}

fn run(
    planes: &Planes,
    goal: &Goal,
    options: &Options,
    least: f64,
    is_across: bool,
    watch: &Watch,
) -> Vec<ShapeResult> {
    let atlas = Atlas::new(planes, goal, options);
    let board = |&shape: &Shape| Board::new(shape, options.keep, options.epsilon).at_least(least);
    let mut boards: Vec<Board> = options.shapes.iter().map(board).collect();
    let mut work = vec![Work::default(); boards.len()];
    let order = &atlas.order;
    let mut done = 0;
    while done < order.len() && !watch(Progress { stage: Stage::Search, done, total: order.len() }) {
        let batch = &order[done..(done + BATCH).min(order.len())];
        // Anchors that no shape can use are known before anything is counted.
        let useful: Vec<usize> =
            batch.iter().copied().filter(|&x| boards.iter().any(|b| anchor::useful(&atlas, b, x))).collect();
        let anchors: Vec<_> = useful.iter().map(|&x| planes.plane(0, x)).collect();
        let tables = Tables::count(planes, goal, &anchors, options.isa);
        let results: Vec<Vec<(Board, Work)>> = useful
            .par_iter()
            .enumerate()
            .map(|(i, &x)| anchor::expand(&atlas, x, &tables.of(i), &boards))
            .collect();
        for result in results {
            for ((board, total), (found, work)) in boards.iter_mut().zip(&mut work).zip(result) {
                board.merge(found);
                total.add(work);
            }
        }
        if is_across {
            let best = boards.iter().map(Board::best).fold(0.0, f64::max);
            for board in &mut boards {
                board.raise(best);
            }
        }
        done += batch.len();
    }
    let rest = &order[done..];
    boards.into_iter().zip(work).map(|(board, work)| finish(&atlas, board, work, rest)).collect()
}

/// Effort spent on one shape.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Work {
    anchors: u64,
    pairs: u64,
    counted: u64,
}

impl Work {
    fn add(&mut self, other: Self) {
        self.anchors += other.anchors;
        self.pairs += other.pairs;
        self.counted += other.counted;
    }
}

fn finish(atlas: &Atlas, board: Board, work: Work, rest: &[usize]) -> ShapeResult {
    let optimum = board.best();
    let open = rest.iter().map(|&x| anchor::bound(atlas, board.shape, x)).fold(0.0, f64::max);
    let blockers = atlas.blockers.iter().filter(|&&b| b).count() as u64;
    let certificate = Certificate {
        optimum,
        bound: open.max(optimum),
        proven: open <= optimum,
        more_ties: board.overflowed,
        space: board.shape.space(atlas.genes as u64, blockers),
        anchors: work.anchors,
        pairs: work.pairs,
        counted: work.counted,
    };
    ShapeResult { shape: board.shape, hits: board.hits, certificate }
}

#[cfg(test)]
pub(crate) mod tests;
