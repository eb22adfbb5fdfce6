//! The exact count of a gate, abandoned at the first group that excludes it.

use crate::goal::{Bar, Goal};
use crate::planes::{Block, Planes};
use crate::popcount::{count3, kernel};
use crate::shape::Shape;

/// Gates that differ only in their third literal.
pub struct Trial<'a> {
    /// The atlas.
    pub planes: &'a Planes,
    /// What is asked.
    pub goal: &'a Goal,
    /// The shape of the gates.
    pub shape: Shape,
    /// Planes of X and Y.
    pub pair: [&'a [Block]; 2],
    /// The third literals.
    pub thirds: &'a [u32],
}

/// What a gate's counts are compared with, and the order in which groups are looked at.
pub struct Checks {
    /// Required count of each patient.
    pub need: Vec<u32>,
    /// Covered cells of each patient, for the gate that passed last.
    pub covered: Vec<u32>,
    /// Gates looked at.
    pub counted: u64,
    /// All tallies, patients first; those that excluded most gates move to the front.
    order: Vec<u32>,
}

impl Checks {
    /// Checks in their first order: normal groups before patients.
    pub fn new(goal: &Goal, bar: Bar) -> Self {
        let (patients, all) = (goal.cover.len() as u32, (goal.cover.len() + goal.spare.len()) as u32);
        let mut checks = Self {
            need: Vec::new(),
            covered: vec![0; goal.cover.len()],
            counted: 0,
            order: (patients..all).chain(0..patients).collect(),
        };
        checks.raise(goal, bar);
        checks
    }

    /// Sets the required counts for a new bar.
    pub fn raise(&mut self, goal: &Goal, bar: Bar) {
        self.need = goal.cover.iter().map(|tally| bar.need(tally.cells)).collect();
    }
}

kernel! {
    /// The first place in the list of third literals, at or after `from`, whose gate passes.
    fn first_passing = first_passing_body(trial: &Trial, from: usize, checks: &mut Checks) -> Option<usize>
}

#[inline(always)]
fn first_passing_body(trial: &Trial, from: usize, checks: &mut Checks) -> Option<usize> {
    // One loop per shape, so that the formula is not chosen anew for every word.
    macro_rules! for_shapes {
        ($($name:ident),*) => {
            match trial.shape {
                $(Shape::$name => run(trial, from, checks, |x, y, z| Shape::$name.combine(x, y, z)),)*
                Shape::Single | Shape::And | Shape::Or | Shape::AndNot => None,
            }
        };
    }
    for_shapes!(
        And3, AndAndNot, AndNotNot, AndEither, AndUnless, AndNotBoth, EitherNot, Or3, OrBoth, OrAndNot
    )
}

#[inline(always)]
fn run(
    trial: &Trial,
    from: usize,
    checks: &mut Checks,
    combine: impl Fn(u64, u64, u64) -> u64,
) -> Option<usize> {
    let (goal, [x, y]) = (trial.goal, trial.pair);
    let patients = goal.cover.len();
    let Checks { need, covered, counted, order } = checks;
    for (place, &third) in trial.thirds.iter().enumerate().skip(from) {
        *counted += 1;
        let z = trial.planes.plane(0, third as usize);
        let mut failed = 0;
        let excluded = order.iter().position(|&tally| {
            let t = tally as usize;
            let tally = if t < patients { &goal.cover[t] } else { &goal.spare[t - patients] };
            let blocks = tally.blocks.clone();
            let count = count3(&x[blocks.clone()], &y[blocks.clone()], &z[blocks], &combine);
            if t < patients {
                covered[t] = count;
                failed += usize::from(count < need[t]);
                failed > goal.failures
            } else {
                count > tally.limit
            }
        });
        match excluded {
            // Half-way to the front at each exclusion: frequent excluders settle there, and one odd gate does
            // not displace them.
            Some(at) => order.swap(at, at / 2),
            None => return Some(place),
        }
    }
    None
}
