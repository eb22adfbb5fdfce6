//! A gate as a tree.

use perforin_core::gate::{Gate, GateError};
use serde::{Deserialize, Serialize};

use crate::planes::{Block, Planes};
use crate::shape::clean;

/// An operation of two formulas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Both hold.
    And,
    /// At least one holds.
    Or,
}

/// A read-once formula.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Formula {
    /// An antigen, by index in the planes, that must be there or not.
    Literal {
        /// The antigen.
        index: u32,
        /// Whether it must be absent.
        negated: bool,
    },
    /// Two formulas.
    Pair(Operation, Box<Formula>, Box<Formula>),
}

impl Formula {
    /// Two formulas joined.
    pub fn pair(operation: Operation, a: Self, b: Self) -> Self {
        Self::Pair(operation, Box::new(a), Box::new(b))
    }

    /// Number of literals.
    pub fn literals(&self) -> usize {
        match self {
            Self::Literal { .. } => 1,
            Self::Pair(_, a, b) => a.literals() + b.literals(),
        }
    }

    /// The literals by index, from left to right.
    pub fn indices(&self) -> Vec<u32> {
        match self {
            Self::Literal { index, .. } => vec![*index],
            Self::Pair(_, a, b) => [a.indices(), b.indices()].concat(),
        }
    }

    /// The cells that satisfy it, at a threshold.
    pub fn cells(&self, planes: &Planes, threshold: usize) -> Vec<Block> {
        match self {
            Self::Literal { index, negated } => {
                let flip = if *negated { u64::MAX } else { 0 };
                planes.plane(threshold, *index as usize).iter().map(|block| block.map(|w| w ^ flip)).collect()
            }
            Self::Pair(operation, a, b) => {
                let (a, b) = (a.cells(planes, threshold), b.cells(planes, threshold));
                let join = |(a, b): (&Block, &Block)| match operation {
                    Operation::And => std::array::from_fn(|w| a[w] & b[w]),
                    Operation::Or => std::array::from_fn(|w| a[w] | b[w]),
                };
                a.iter().zip(&b).map(join).collect()
            }
        }
    }

    /// The gate in the gate language, with odd characters of names replaced.
    ///
    /// # Errors
    /// If a name is not one of the gate language even so.
    pub fn gate(&self, planes: &Planes) -> Result<Gate, GateError> {
        match self {
            Self::Literal { index, negated } => {
                let gate = Gate::antigen(&clean(&planes.literals[*index as usize]))?;
                Ok(if *negated { gate.negated() } else { gate })
            }
            Self::Pair(Operation::And, a, b) => a.gate(planes)?.and(b.gate(planes)?),
            Self::Pair(Operation::Or, a, b) => a.gate(planes)?.or(b.gate(planes)?),
        }
    }

    /// The gate as text.
    pub fn text(&self, planes: &Planes) -> String {
        let names = |index: &u32| planes.literals[*index as usize].as_str();
        self.gate(planes).map_or_else(
            |_| format!("a gate of {}", self.indices().iter().map(names).collect::<Vec<_>>().join(", ")),
            |gate| gate.to_string(),
        )
    }
}
