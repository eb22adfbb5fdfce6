//! The best gates of a shape so far.

use serde::{Deserialize, Serialize};

use crate::goal::Bar;
use crate::shape::Shape;

/// A gate that was kept.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Hit {
    /// Its literals, by index in the planes, in the order X, Y, Z of its shape.
    pub literals: Vec<u32>,
    /// The objective's value.
    pub value: f64,
}

/// The gates kept for one shape: best first, equals in the order of their literals.
#[derive(Clone, Debug)]
pub struct Board {
    /// The shape.
    pub shape: Shape,
    /// The gates.
    pub hits: Vec<Hit>,
    /// Whether a gate within ε of the best was dropped for want of room, or its equals were passed over.
    pub overflowed: bool,
    keep: usize,
    epsilon: f64,
    least: f64,
}

impl Board {
    /// An empty board.
    pub fn new(shape: Shape, keep: usize, epsilon: f64) -> Self {
        Self { shape, hits: Vec::new(), overflowed: false, keep: keep.max(1), epsilon, least: 0.0 }
    }

    /// The same board for gates that reach at least this value.
    #[must_use]
    pub fn at_least(self, least: f64) -> Self {
        Self { least, ..self }
    }

    /// Asks for at least this value from now on.
    pub fn raise(&mut self, least: f64) {
        self.least = self.least.max(least);
        self.hits.retain(|hit| hit.value >= least);
    }

    /// The best value so far; 0 without any.
    pub fn best(&self) -> f64 {
        self.hits.first().map_or(0.0, |hit| hit.value)
    }

    /// What a gate must reach to be kept: more than 0, within ε of the best, and better than the last one once
    /// the board is full.
    pub fn bar(&self) -> Bar {
        let near = (self.best() - self.epsilon).max(self.least);
        match self.hits.last() {
            Some(last) if self.hits.len() >= self.keep && last.value >= near => {
                Bar { value: last.value, strict: true }
            }
            _ if near > 0.0 => Bar { value: near, strict: false },
            _ => Bar { value: 0.0, strict: true },
        }
    }

    /// Keeps a gate if it reaches the bar.
    pub fn offer(&mut self, hit: Hit) {
        if !self.bar().reached(hit.value) {
            return;
        }
        let before = |other: &Hit| {
            other.value > hit.value || (other.value == hit.value && other.literals <= hit.literals)
        };
        let at = self.hits.partition_point(before);
        self.hits.insert(at, hit);
        let near = self.best() - self.epsilon;
        self.hits.retain(|hit| hit.value >= near);
        if self.hits.len() > self.keep {
            self.hits.truncate(self.keep);
        }
        // A full board passes over gates that equal its last one; whether there are any is not looked at.
        self.overflowed = self.hits.len() == self.keep;
    }

    /// Takes over what another board, started as a copy of an earlier state, has found since.
    pub fn merge(&mut self, found: Self) {
        for hit in found.hits {
            if !self.hits.contains(&hit) {
                self.offer(hit);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(literal: u32, value: f64) -> Hit {
        Hit { literals: vec![literal], value }
    }

    #[test]
    fn a_board_keeps_gates_near_the_best_in_a_fixed_order() {
        let mut board = Board::new(Shape::Single, 3, 0.1);
        for (literal, value) in [(4, 0.5), (2, 0.5), (9, 0.3), (1, 0.45), (3, 0.56), (5, 0.4)] {
            board.offer(hit(literal, value));
        }
        assert_eq!(board.hits, [hit(3, 0.56), hit(2, 0.5), hit(4, 0.5)]);
        assert_eq!(board.bar(), Bar { value: 0.5, strict: true });
        board.offer(hit(7, 0.7));
        assert_eq!(board.hits, [hit(7, 0.7)]);
        assert_eq!(board.bar(), Bar { value: 0.7 - 0.1, strict: false });
    }

    #[test]
    fn a_gate_that_covers_nothing_is_not_kept() {
        let mut board = Board::new(Shape::Single, 3, 0.1);
        board.offer(hit(1, 0.0));
        assert!(board.hits.is_empty());
    }
}
