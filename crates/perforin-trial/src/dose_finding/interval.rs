//! Designs that compare the posterior mass of intervals of the toxicity rate: mTPI, mTPI-2 and keyboard.
//!
//! With `y` toxicities in `n` patients the rate has the posterior Beta(1 + y, 1 + n − y). The target interval is
//! `(φ − ε, φ + ε)`, with ε = 0.05 unless stated.
//! - **mTPI** (Ji 2010, doi 10.1177/1740774510382799) compares mass over length of the target interval and of the two
//!   beside it.
//! - **mTPI-2** (Guo 2017, doi 10.1016/j.cct.2017.04.006) and the **keyboard** (Yan 2017, doi
//!   10.1158/1078-0432.CCR-17-0220) cut the whole range into intervals as long as the target's and follow the strongest.
//!   mTPI-2 counts the shorter pieces at the ends, by mass over length; the keyboard leaves them out.

use super::table::DecisionTable;
use super::{DesignError, ELIMINATION, Move, within};
use crate::binomial;

/// Usual distance of the target interval's ends from the target.
pub const USUAL_MARGIN: f64 = 0.05;

/// Which of the designs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Modified toxicity probability interval.
    Mtpi,
    /// Its successor with intervals of equal length.
    Mtpi2,
    /// The keyboard.
    Keyboard,
}

/// An interval design.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IntervalDesign {
    kind: Kind,
    target: f64,
    margin: f64,
}

impl IntervalDesign {
    /// A design with a target and a margin.
    ///
    /// # Errors
    /// If the target interval leaves (0, 1).
    pub fn new(kind: Kind, target: f64, margin: f64) -> Result<Self, DesignError> {
        within("target", target, 0.0, 1.0)?;
        within("margin", margin, 0.0, target.min(1.0 - target))?;
        Ok(Self { kind, target, margin })
    }

    /// What `toxic` of `treated` patients at the present dose mean.
    pub fn decide(&self, treated: u32, toxic: u32) -> Move {
        if binomial::exceeds(self.target, toxic, treated) > ELIMINATION {
            return Move::Eliminate;
        }
        let strength = |(a, b): (f64, f64)| {
            (binomial::below(b, toxic, treated) - binomial::below(a, toxic, treated)) / (b - a)
        };
        let target = (self.target - self.margin, self.target + self.margin);
        let (mut strongest, mut decision) = (strength(target), Move::Stay);
        // Of equally strong intervals the one nearer to the target counts.
        for (interval, choice) in self.others() {
            let other = strength(interval);
            if other > strongest {
                (strongest, decision) = (other, choice);
            }
        }
        decision
    }

    /// The intervals beside the target's, from the inside outwards on either side.
    fn others(&self) -> Vec<((f64, f64), Move)> {
        let (low, high) = (self.target - self.margin, self.target + self.margin);
        if self.kind == Kind::Mtpi {
            return vec![((0.0, low), Move::Escalate), ((high, 1.0), Move::Deescalate)];
        }
        let length = 2.0 * self.margin;
        let ends_count = self.kind == Kind::Mtpi2;
        // What is left of a range to within rounding is no interval.
        let mut list = Vec::new();
        let mut end = low;
        while end > 1e-9 {
            let start = (end - length).max(0.0);
            if ends_count || end - start > length - 1e-9 {
                list.push(((start, end), Move::Escalate));
            }
            end = start;
        }
        let mut start = high;
        while start < 1.0 - 1e-9 {
            let end = (start + length).min(1.0);
            if ends_count || end - start > length - 1e-9 {
                list.push(((start, end), Move::Deescalate));
            }
            start = end;
        }
        list
    }

    /// The decisions for up to `most` patients at a dose.
    pub fn table(&self, most: u32) -> DecisionTable {
        DecisionTable::new(most, |n, y| self.decide(n, y))
    }
}
