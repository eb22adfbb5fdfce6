//! The shapes of gates that are searched.
//!
//! A shape is a read-once formula of one, two or three literals that is false in a cell that carries none of its
//! antigens: a product cannot be activated by absence, so `A | !B` and `!A & !B` are not gates. Up to the names
//! of the literals these are all such formulas.

use perforin_core::gate::{Gate, GateError};
use serde::{Deserialize, Serialize};

/// A shape; `X`, `Y`, `Z` are its literals in the order in which a gate lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Shape {
    /// `X`
    Single,
    /// `X & Y`
    And,
    /// `X | Y`
    Or,
    /// `X & !Y`
    AndNot,
    /// `X & Y & Z`
    And3,
    /// `X & Y & !Z`
    AndAndNot,
    /// `X & !Y & !Z`
    AndNotNot,
    /// `X & (Y | Z)`
    AndEither,
    /// `X & (Y | !Z)`: Z blocks unless Y is there
    AndUnless,
    /// `X & (!Y | !Z)`: Y and Z block only together
    AndNotBoth,
    /// `(Y | Z) & !X`
    EitherNot,
    /// `X | Y | Z`
    Or3,
    /// `X | (Y & Z)`
    OrBoth,
    /// `X | (Y & !Z)`
    OrAndNot,
}

impl Shape {
    /// All shapes, in the order in which answers list them.
    pub const ALL: [Self; 14] = [
        Self::Single,
        Self::And,
        Self::Or,
        Self::AndNot,
        Self::And3,
        Self::AndAndNot,
        Self::AndNotNot,
        Self::AndEither,
        Self::AndUnless,
        Self::AndNotBoth,
        Self::EitherNot,
        Self::Or3,
        Self::OrBoth,
        Self::OrAndNot,
    ];

    /// The shapes of up to that many literals (1 to 3).
    pub fn up_to(literals: usize) -> Vec<Self> {
        Self::ALL.into_iter().filter(|shape| shape.literals() <= literals).collect()
    }

    /// Number of literals.
    pub fn literals(self) -> usize {
        match self {
            Self::Single => 1,
            Self::And | Self::Or | Self::AndNot => 2,
            _ => 3,
        }
    }

    /// The formula in X, Y and Z.
    pub fn formula(self) -> &'static str {
        match self {
            Self::Single => "X",
            Self::And => "X & Y",
            Self::Or => "X | Y",
            Self::AndNot => "X & !Y",
            Self::And3 => "X & Y & Z",
            Self::AndAndNot => "X & Y & !Z",
            Self::AndNotNot => "X & !Y & !Z",
            Self::AndEither => "X & (Y | Z)",
            Self::AndUnless => "X & (Y | !Z)",
            Self::AndNotBoth => "X & (!Y | !Z)",
            Self::EitherNot => "(Y | Z) & !X",
            Self::Or3 => "X | Y | Z",
            Self::OrBoth => "X | (Y & Z)",
            Self::OrAndNot => "X | (Y & !Z)",
        }
    }

    /// Which of X, Y, Z stand under a NOT.
    pub fn negated(self) -> [bool; 3] {
        match self {
            Self::AndNot => [false, true, false],
            Self::AndAndNot | Self::AndUnless | Self::OrAndNot => [false, false, true],
            Self::AndNotNot | Self::AndNotBoth => [false, true, true],
            Self::EitherNot => [true, false, false],
            _ => [false; 3],
        }
    }

    /// Cells (bits) that satisfy the gate, from the bits of its literals; unused ones are ignored.
    #[inline(always)]
    pub fn combine(self, x: u64, y: u64, z: u64) -> u64 {
        match self {
            Self::Single => x,
            Self::And => x & y,
            Self::Or => x | y,
            Self::AndNot => x & !y,
            Self::And3 => x & y & z,
            Self::AndAndNot => x & y & !z,
            Self::AndNotNot => x & !y & !z,
            Self::AndEither => x & (y | z),
            Self::AndUnless => x & (y | !z),
            Self::AndNotBoth => x & !(y & z),
            Self::EitherNot => (y | z) & !x,
            Self::Or3 => x | y | z,
            Self::OrBoth => x | (y & z),
            Self::OrAndNot => x | (y & !z),
        }
    }

    /// The gate with the given literals (as many as the shape has), in the gate language.
    ///
    /// # Errors
    /// If a literal is not a name of the gate language, or one is missing.
    pub fn gate(self, names: &[&str]) -> Result<Gate, GateError> {
        let literal = |i: usize| {
            let gate = Gate::antigen(names.get(i).copied().unwrap_or_default());
            gate.map(|gate| if self.negated()[i] { gate.negated() } else { gate })
        };
        let x = literal(0)?;
        if self.literals() == 1 {
            return Ok(x);
        }
        let y = literal(1)?;
        if self.literals() == 2 {
            return if self == Self::Or { x.or(y) } else { x.and(y) };
        }
        let z = literal(2)?;
        match self {
            Self::And3 | Self::AndAndNot | Self::AndNotNot => x.and(y)?.and(z),
            Self::EitherNot => y.or(z)?.and(x),
            Self::Or3 => x.or(y)?.or(z),
            Self::OrBoth | Self::OrAndNot => x.or(y.and(z)?),
            _ => x.and(y.or(z)?),
        }
    }

    /// Number of different gates of this shape from `positive` literals of which `blockers` may be negated.
    pub fn space(self, positive: u64, blockers: u64) -> u64 {
        let (g, b) = (positive, blockers.min(positive));
        let pairs = |n: u64| n * n.saturating_sub(1) / 2;
        let g1 = g.saturating_sub(1);
        match self {
            Self::Single => g,
            Self::And | Self::Or => pairs(g),
            Self::AndNot => b * g1,
            Self::And3 | Self::Or3 => pairs(g) * g.saturating_sub(2) / 3,
            Self::AndAndNot | Self::EitherNot => b * pairs(g1),
            Self::AndNotNot | Self::AndNotBoth => b * pairs(b.saturating_sub(1)) + (g - b) * pairs(b),
            Self::AndEither | Self::OrBoth => g * pairs(g1),
            Self::AndUnless | Self::OrAndNot => b * g1 * g.saturating_sub(2),
        }
    }
}

/// A name with everything but letters, digits, `_`, `-` and `.` replaced by `_`.
pub fn clean(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() || matches!(c, '_' | '-' | '.') { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The truth table of a shape by its bit formula, over three literals.
    fn table(shape: Shape) -> u8 {
        shape.combine(0b1010_1010, 0b1100_1100, 0b1111_0000) as u8
    }

    #[test]
    fn the_gate_language_agrees_with_the_bits() {
        for shape in Shape::ALL {
            let gate = shape.gate(&["X", "Y", "Z"]).unwrap();
            for cell in 0_u32..8 {
                let present = gate.antigens().iter().enumerate().fold(0, |set, (i, name)| {
                    let bit = ["X", "Y", "Z"].iter().position(|n| n == name).unwrap();
                    set | ((cell >> bit & 1) << i)
                });
                assert_eq!(gate.is_satisfied(present), table(shape) >> cell & 1 == 1, "{gate} {cell}");
            }
        }
    }

    /// Every read-once function of exactly three inputs that is false at the origin is one of the shapes up to
    /// the order of the inputs, and no two shapes are the same.
    #[test]
    fn the_shapes_are_all_read_once_formulas_that_are_false_without_antigens() {
        let literals = [0b1010_1010_u8, 0b1100_1100, 0b1111_0000];
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        let mut formulas = std::collections::BTreeSet::new();
        for order in orders {
            for signs in 0..8 {
                let [a, b, c] = [0, 1, 2].map(|i| {
                    let plain = literals[order[i]];
                    if signs >> i & 1 == 1 { !plain } else { plain }
                });
                formulas.extend([a & b & c, a | b | c, a & (b | c), a | (b & c)]);
            }
        }
        formulas.retain(|f| f & 1 == 0);
        let mut found = std::collections::BTreeSet::new();
        for shape in Shape::up_to(3).into_iter().filter(|s| s.literals() == 3) {
            for order in orders {
                let [x, y, z] = order.map(|i| u64::from(literals[i]));
                found.insert(shape.combine(x, y, z) as u8);
            }
        }
        assert_eq!(found, formulas);
        assert_eq!(found.len(), 32);
    }

    #[test]
    fn the_space_counts_gates() {
        let (g, b) = (5_u64, 3);
        for shape in Shape::ALL {
            let mut gates = std::collections::BTreeSet::new();
            for x in 0..g {
                for y in 0..g {
                    for z in 0..g {
                        let mut used = vec![x, y, z];
                        used.truncate(shape.literals());
                        let distinct = used.iter().enumerate().all(|(i, l)| !used[..i].contains(l));
                        let allowed = used.iter().zip(shape.negated()).all(|(&l, not)| !not || l < b);
                        if distinct && allowed {
                            let cells =
                                |l: u64| (0..32_u64).filter(|c| c >> l & 1 == 1).fold(0, |s, c| s | 1 << c);
                            gates.insert(shape.combine(cells(x), cells(y), cells(z)) & 0xffff_ffff);
                        }
                    }
                }
            }
            assert_eq!(shape.space(g, b), gates.len() as u64, "{}", shape.formula());
        }
    }
}
