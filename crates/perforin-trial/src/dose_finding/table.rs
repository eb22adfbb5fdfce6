//! Decision tables: what a rule says for every number of patients and of toxicities at the present dose.

use serde::Serialize;

use super::{Move, Next, Seen};

/// The decisions for up to a number of patients at one dose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DecisionTable {
    /// The largest number of patients.
    most: u32,
    /// For n patients (from 1) and y toxicities (from 0), the move at `n(n + 1)/2 − 1 + y`.
    moves: Vec<Move>,
}

impl DecisionTable {
    /// Tabulates a rule for 1 to `most` patients.
    pub fn new(most: u32, rule: impl Fn(u32, u32) -> Move) -> Self {
        let moves = (1..=most).flat_map(|n| (0..=n).map(move |y| (n, y))).map(|(n, y)| rule(n, y)).collect();
        Self { most, moves }
    }

    /// The decision for `toxic` of `treated` patients.
    ///
    /// # Panics
    /// Beyond the table.
    pub fn decide(&self, treated: u32, toxic: u32) -> Move {
        assert!(treated > 0 && toxic <= treated, "{toxic} of {treated} patients");
        self.moves[(treated * (treated + 1) / 2 - 1 + toxic) as usize]
    }

    /// The largest number of patients in the table.
    pub fn most(&self) -> u32 {
        self.most
    }

    /// The boundaries for `treated` patients: escalate at or below, de-escalate at or above, eliminate at or above.
    pub fn boundaries(&self, treated: u32) -> (Option<u32>, Option<u32>, Option<u32>) {
        let decided = |y: u32| self.decide(treated, y);
        let escalate = (0..=treated).rev().find(|y| decided(*y) == Move::Escalate);
        let lower = (0..=treated).find(|y| matches!(decided(*y), Move::Deescalate | Move::Eliminate));
        let eliminate = (0..=treated).find(|y| decided(*y) == Move::Eliminate);
        (escalate, lower, eliminate)
    }
}

/// Where a trial stands that follows a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Walk {
    /// What was seen at each dose.
    pub seen: Vec<Seen>,
    /// The present dose.
    pub dose: usize,
    /// Doses from this one on are eliminated.
    pub open: usize,
}

impl Walk {
    /// The beginning, at `dose` of `doses`.
    pub fn new(doses: usize, dose: usize) -> Self {
        Self { seen: vec![Seen::default(); doses], dose, open: doses }
    }

    /// Adds a cohort at the present dose and follows the table.
    ///
    /// The trial stops when the lowest dose is eliminated. A dose that cannot be left upwards or downwards is stayed at.
    pub fn add(&mut self, table: &DecisionTable, treated: u32, toxic: u32) -> Next {
        let seen = &mut self.seen[self.dose];
        seen.treated += treated;
        seen.toxic += toxic;
        let decision = table.decide(seen.treated, seen.toxic);
        match decision {
            Move::Eliminate => {
                self.open = self.open.min(self.dose);
                if self.open == 0 {
                    return Next::Stop;
                }
                self.dose -= 1;
            }
            Move::Deescalate => self.dose = self.dose.saturating_sub(1),
            Move::Escalate if self.dose + 1 < self.open => self.dose += 1,
            Move::Escalate | Move::Stay => {}
        }
        Next::Treat(self.dose)
    }
}
