//! The exact count of a gate, abandoned at the first group that excludes it.

use crate::goal::{Bar, Goal};
use crate::planes::{Block, Planes};
use crate::popcount::{count3, kernel};
use crate::shape::Shape;

/// What a gate's counts are compared with, and the order in which groups are looked at.
#[derive(Clone)]
pub struct Checks {
    /// Required count of each patient.
    pub need: Vec<u32>,
    /// All tallies, patients first; those that excluded most gates move to the front.
    order: Vec<u32>,
}

impl Checks {
    /// Checks in their first order: normal groups before patients.
    pub fn new(goal: &Goal, bar: Bar) -> Self {
        let (patients, all) = (goal.cover.len() as u32, (goal.cover.len() + goal.spare.len()) as u32);
        let mut checks = Self { need: Vec::new(), order: (patients..all).chain(0..patients).collect() };
        checks.raise(goal, bar);
        checks
    }

    /// Sets the required counts for a new bar.
    pub fn raise(&mut self, goal: &Goal, bar: Bar) {
        self.need = goal.cover.iter().map(|tally| bar.need(tally.cells)).collect();
    }
}

kernel! {
    /// The first place in `thirds` at or after `from` whose gate passes, with its counts of covered cells left in
    /// `covered`; the number of gates looked at is added to `counted`.
    fn first_passing = first_passing_body(
        planes: &Planes,
        goal: &Goal,
        shape: Shape,
        pair: [&[Block]; 2],
        thirds: &[u32],
        from: usize,
        checks: &mut Checks,
        covered: &mut [u32],
        counted: &mut u64,
    ) -> Option<usize>
}

#[inline(always)]
fn first_passing_body(
    planes: &Planes,
    goal: &Goal,
    shape: Shape,
    pair: [&[Block]; 2],
    thirds: &[u32],
    from: usize,
    checks: &mut Checks,
    covered: &mut [u32],
    counted: &mut u64,
) -> Option<usize> {
    // One loop per shape, so that the formula is not chosen anew for every word.
    macro_rules! for_shapes {
        ($($name:ident),*) => {
            match shape {
                $(Shape::$name => run(planes, goal, pair, thirds, from, checks, covered, counted, |x, y, z| {
                    Shape::$name.combine(x, y, z)
                }),)*
                Shape::Single | Shape::And | Shape::Or | Shape::AndNot => None,
            }
        };
    }
    for_shapes!(
        And3, AndAndNot, AndNotNot, AndEither, AndUnless, AndNotBoth, EitherNot, Or3, OrBoth, OrAndNot
    )
}

#[inline(always)]
#[allow(clippy::too_many_arguments)]
fn run(
    planes: &Planes,
    goal: &Goal,
    [x, y]: [&[Block]; 2],
    thirds: &[u32],
    from: usize,
    checks: &mut Checks,
    covered: &mut [u32],
    counted: &mut u64,
    combine: impl Fn(u64, u64, u64) -> u64,
) -> Option<usize> {
    let patients = goal.cover.len();
    for (place, &third) in thirds.iter().enumerate().skip(from) {
        *counted += 1;
        let z = planes.plane(0, third as usize);
        let mut failed = 0;
        let excluded = checks.order.iter().position(|&tally| {
            let t = tally as usize;
            let tally = if t < patients { &goal.cover[t] } else { &goal.spare[t - patients] };
            let blocks = tally.blocks.clone();
            let count = count3(&x[blocks.clone()], &y[blocks.clone()], &z[blocks], &combine);
            if t < patients {
                covered[t] = count;
                failed += usize::from(count < checks.need[t]);
                failed > goal.failures
            } else {
                count > tally.limit
            }
        });
        match excluded {
            // Half-way to the front at each exclusion: frequent excluders settle there, and one odd gate does
            // not displace them.
            Some(at) => checks.order.swap(at, at / 2),
            None => return Some(place),
        }
    }
    None
}
