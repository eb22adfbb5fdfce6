//! All gates with one anchor literal.

use super::board::{Board, Hit};
use super::filter::Values;
use super::table::singles;
use super::trial::{Checks, Trial, first_passing};
use super::{Options, Work};
use crate::goal::Goal;
use crate::planes::Planes;
use crate::popcount::Isa;
use crate::shape::Shape;

/// What every anchor needs.
pub struct Atlas<'a> {
    planes: &'a Planes,
    goal: &'a Goal,
    /// Counts of single literals; see [`singles`].
    singles: Vec<i32>,
    isa: Isa,
    /// Number of literals.
    pub genes: usize,
    /// Which literals may be negated.
    pub blockers: Vec<bool>,
    /// Literals in the order in which they become anchors: the best covering first.
    pub order: Vec<usize>,
    /// Place of each literal in that order.
    rank: Vec<usize>,
}

impl<'a> Atlas<'a> {
    /// Prepares a search.
    pub fn new(planes: &'a Planes, goal: &'a Goal, options: &Options) -> Self {
        let genes = planes.literals.len();
        let mut blockers = options.blockers.clone();
        blockers.resize(genes, false);
        let mut atlas = Self {
            planes,
            goal,
            singles: singles(planes, goal, options.isa),
            isa: options.isa,
            genes,
            blockers,
            order: Vec::new(),
            rank: vec![0; genes],
        };
        let value: Vec<f64> = (0..genes).map(|l| goal.value(&atlas.covered_alone(l))).collect();
        atlas.order = (0..genes).collect();
        atlas.order.sort_by(|&a, &b| value[b].total_cmp(&value[a]).then(a.cmp(&b)));
        for (place, &literal) in atlas.order.iter().enumerate() {
            atlas.rank[literal] = place;
        }
        atlas
    }

    fn patients(&self) -> usize {
        self.goal.cover.len()
    }

    fn alone(&self, tally: usize, literal: usize) -> i32 {
        self.singles[tally * self.genes + literal]
    }

    fn covered_alone(&self, literal: usize) -> Vec<u32> {
        (0..self.patients()).map(|t| self.alone(t, literal) as u32).collect()
    }

    fn cells(&self, tally: usize) -> i32 {
        let patients = self.patients();
        let tally =
            if tally < patients { &self.goal.cover[tally] } else { &self.goal.spare[tally - patients] };
        tally.cells as i32
    }
}

/// How a shape is searched from its anchor.
struct Plan {
    /// Whether Y and Z are looked at among the anchor's cells, or among the others.
    inside: bool,
    /// Whether the anchor's cells satisfy the gate by themselves.
    union: bool,
    /// Whether Y and Z must both hold, or either.
    both: bool,
    /// Whether Y and Z are negated.
    negated: [bool; 2],
    /// Whether Y and Z could change places with the anchor, so that only higher ranks are looked at.
    ranked: [bool; 2],
}

fn plan(shape: Shape) -> Plan {
    let (inside, union, both, ranked) = match shape {
        Shape::And3 => (true, false, true, [true, true]),
        Shape::AndAndNot => (true, false, true, [true, false]),
        Shape::AndEither | Shape::AndUnless | Shape::AndNotBoth => (true, false, false, [false; 2]),
        Shape::EitherNot => (false, false, false, [false; 2]),
        Shape::Or3 => (false, true, false, [true, true]),
        Shape::OrBoth | Shape::OrAndNot => (false, true, true, [false; 2]),
        _ => (true, false, true, [false; 2]),
    };
    let [_, y, z] = shape.negated();
    Plan { inside, union, both, negated: [y, z], ranked }
}

/// A value that no gate of a shape with this anchor exceeds.
pub fn bound(atlas: &Atlas, shape: Shape, x: usize) -> f64 {
    if shape.negated()[0] && !atlas.blockers[x] {
        return 0.0;
    }
    let unsafe_alone = || {
        let spared = atlas.goal.spare.iter().zip(atlas.patients()..);
        spared.clone().any(|(tally, t)| atlas.alone(t, x) > tally.limit as i32)
    };
    match shape {
        Shape::Single | Shape::Or | Shape::Or3 | Shape::OrBoth | Shape::OrAndNot if unsafe_alone() => 0.0,
        Shape::Or | Shape::Or3 | Shape::OrBoth | Shape::OrAndNot => 1.0,
        Shape::EitherNot => {
            let others = |t| (atlas.cells(t) - atlas.alone(t, x)) as u32;
            atlas.goal.value(&(0..atlas.patients()).map(others).collect::<Vec<_>>())
        }
        _ => atlas.goal.value(&atlas.covered_alone(x)),
    }
}

/// Whether a gate with this anchor could still be kept.
pub fn useful(atlas: &Atlas, board: &Board, x: usize) -> bool {
    board.bar().reached(bound(atlas, board.shape, x))
}

/// Searches all shapes for one anchor, given the counts of all literals within its cells; the boards returned
/// start as copies of `boards`.
pub fn expand(atlas: &Atlas, x: usize, table: &[i32], boards: &[Board]) -> Vec<(Board, Work)> {
    let each = |board: &Board| {
        let mut board = board.clone();
        let mut work = Work::default();
        if useful(atlas, &board, x) {
            work.anchors = 1;
            match board.shape.literals() {
                1 => single(atlas, x, &mut board),
                2 => pairs(atlas, x, table, &mut board, &mut work),
                _ => Triples::new(atlas, x, table, board.shape).run(&mut board, &mut work),
            }
        }
        (board, work)
    };
    boards.iter().map(each).collect()
}

fn single(atlas: &Atlas, x: usize, board: &mut Board) {
    let spared = |(tally, t): (&crate::goal::Tally, usize)| atlas.alone(t, x) <= tally.limit as i32;
    if atlas.goal.spare.iter().zip(atlas.patients()..).all(spared) {
        let value = atlas.goal.value(&atlas.covered_alone(x));
        board.offer(Hit { literals: vec![x as u32], value });
    }
}

fn pairs(atlas: &Atlas, x: usize, table: &[i32], board: &mut Board, work: &mut Work) {
    let (shape, patients) = (board.shape, atlas.patients());
    let mut covered = vec![0; patients];
    for y in 0..atlas.genes {
        let skipped = match shape {
            Shape::AndNot => y == x || !atlas.blockers[y],
            _ => atlas.rank[y] >= atlas.rank[x],
        };
        if skipped {
            continue;
        }
        work.counted += 1;
        let count = |t: usize| {
            let both = table[t * atlas.genes + y];
            match shape {
                Shape::And => both,
                Shape::Or => atlas.alone(t, x) + atlas.alone(t, y) - both,
                _ => atlas.alone(t, x) - both,
            }
        };
        if atlas.goal.spare.iter().zip(patients..).any(|(tally, t)| count(t) > tally.limit as i32) {
            continue;
        }
        covered.iter_mut().enumerate().for_each(|(t, c)| *c = count(t) as u32);
        let value = atlas.goal.value(&covered);
        board.offer(Hit { literals: canonical(shape, &[x as u32, y as u32]), value });
    }
}

/// Literals with those that may change places in rising order, so that a gate has one form.
pub(super) fn canonical(shape: Shape, literals: &[u32]) -> Vec<u32> {
    let mut literals = literals.to_vec();
    match shape {
        Shape::And | Shape::Or | Shape::And3 | Shape::Or3 => literals.sort_unstable(),
        Shape::AndAndNot => literals[..2].sort_unstable(),
        Shape::AndNotNot | Shape::AndEither | Shape::AndNotBoth | Shape::EitherNot | Shape::OrBoth => {
            literals[1..].sort_unstable();
        }
        Shape::Single | Shape::AndNot | Shape::AndUnless | Shape::OrAndNot => {}
    }
    literals
}

/// The gates of three literals of one shape with one anchor.
struct Triples<'a> {
    atlas: &'a Atlas<'a>,
    x: usize,
    shape: Shape,
    plan: Plan,
    /// Counts of literals within the anchor's cells.
    table: &'a [i32],
    /// Cells in which Y and Z are looked at, by tally.
    cells: Vec<i32>,
    /// Cells that satisfy the gate by the anchor alone, by tally.
    base: Vec<i32>,
}

impl<'a> Triples<'a> {
    fn new(atlas: &'a Atlas, x: usize, table: &'a [i32], shape: Shape) -> Self {
        let plan = plan(shape);
        let tallies = atlas.patients() + atlas.goal.spare.len();
        let cells = (0..tallies)
            .map(|t| if plan.inside { atlas.alone(t, x) } else { atlas.cells(t) - atlas.alone(t, x) })
            .collect();
        let base = (0..tallies).map(|t| if plan.union { atlas.alone(t, x) } else { 0 }).collect();
        Self { atlas, x, shape, plan, table, cells, base }
    }

    /// Cells of a signed literal among those looked at.
    #[inline(always)]
    fn count(&self, tally: usize, literal: usize, negated: bool) -> i32 {
        let at = tally * self.atlas.genes + literal;
        let within = self.table[at];
        let plain = if self.plan.inside { within } else { self.atlas.singles[at] - within };
        if negated { self.cells[tally] - plain } else { plain }
    }

    fn limit(&self, spare: usize) -> i32 {
        self.atlas.goal.spare[spare].limit as i32 - self.base[self.atlas.patients() + spare]
    }

    /// Literals that can be Y (0) or Z (1), by their own counts.
    fn list(&self, which: usize, need: &[i32]) -> Vec<u32> {
        let (atlas, negated) = (self.atlas, self.plan.negated[which]);
        let patients = atlas.patients();
        let possible = |&literal: &usize| {
            if literal == self.x
                || (negated && !atlas.blockers[literal])
                || (self.plan.ranked[which] && atlas.rank[literal] >= atlas.rank[self.x])
            {
                return false;
            }
            if self.plan.both {
                let mut failed = 0;
                (0..patients).all(|t| {
                    failed += usize::from(self.count(t, literal, negated) < need[t]);
                    failed <= atlas.goal.failures
                })
            } else {
                (0..atlas.goal.spare.len())
                    .all(|s| self.count(patients + s, literal, negated) <= self.limit(s))
            }
        };
        atlas.order.iter().copied().filter(possible).map(|l| l as u32).collect()
    }

    /// Values of the listed literals in the tallies by which the second is chosen; see [`super::filter`].
    fn values(&self, literals: Vec<u32>, negated: bool) -> Values {
        let patients = self.atlas.patients();
        if self.plan.both {
            let spares = self.atlas.goal.spare.len();
            Values::gather(literals, spares, |s, l| -self.count(patients + s, l, negated))
        } else {
            Values::gather(literals, patients, |t, l| self.count(t, l, negated))
        }
    }

    fn run(&self, board: &mut Board, work: &mut Work) {
        let goal = self.atlas.goal;
        let mut checks = Checks::new(goal, board.bar());
        let mut need = self.need(&checks);
        let [not_y, not_z] = self.plan.negated;
        let firsts = self.list(0, &need);
        let unordered = not_y == not_z;
        let seconds = self.values(if unordered { firsts.clone() } else { self.list(1, &need) }, not_z);
        let failures = if self.plan.both { 0 } else { goal.failures };
        let (mut bounds, mut scratch, mut places) = (vec![0; seconds.tallies], Vec::new(), Vec::new());
        for (i, &y) in firsts.iter().enumerate() {
            for (t, bound) in bounds.iter_mut().enumerate() {
                *bound = self.asked_of_second(t, y as usize, not_y, &need);
            }
            let from = if unordered { i + 1 } else { 0 };
            seconds.reaching(self.atlas.isa, &bounds, failures, from, &mut scratch, &mut places);
            work.pairs += 1;
            for place in &mut places {
                *place = seconds.literals[*place as usize];
            }
            places.retain(|&z| z != y);
            if self.count_all(y, &places, &mut checks, board) {
                need = self.need(&checks);
            }
        }
        work.counted += checks.counted;
    }

    /// What the gate still needs in each patient beyond the anchor's own cells.
    fn need(&self, checks: &Checks) -> Vec<i32> {
        checks.need.iter().zip(&self.base).map(|(&need, base)| need as i32 - base).collect()
    }

    fn asked_of_second(&self, tally: usize, y: usize, negated: bool, need: &[i32]) -> i32 {
        if self.plan.both {
            let t = self.atlas.patients() + tally;
            self.count(t, y, negated) - self.cells[t] - self.limit(tally)
        } else {
            need[tally] - self.count(tally, y, negated)
        }
    }

    /// Counts the gates of one pair with its possible third literals; says whether the bar rose.
    fn count_all(&self, y: u32, thirds: &[u32], checks: &mut Checks, board: &mut Board) -> bool {
        let &Atlas { planes, goal, isa, .. } = self.atlas;
        let pair = [planes.plane(0, self.x), planes.plane(0, y as usize)];
        let trial = Trial { planes, goal, shape: self.shape, pair, thirds };
        let mut from = 0;
        while let Some(place) = first_passing(isa, &trial, from, checks) {
            let literals = canonical(self.shape, &[self.x as u32, y, thirds[place]]);
            board.offer(Hit { literals, value: goal.value(&checks.covered) });
            checks.raise(goal, board.bar());
            from = place + 1;
        }
        from > 0
    }
}
