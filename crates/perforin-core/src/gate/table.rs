//! Truth tables, and their extension to graded inputs.

use super::{Expr, MAX_ANTIGENS};

/// The truth table of a gate: eight bytes, all that a hot loop needs.
///
/// Bit `k` of [`bits`](Self::bits) is the value where exactly the antigens in the binary digits of `k` are present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GateTable {
    bits: u32,
    inputs: u8,
}

impl GateTable {
    /// The table of `expr` over `inputs` (at most [`MAX_ANTIGENS`]) antigens.
    pub(super) fn of(expr: &Expr, inputs: usize) -> Self {
        let rows = 1_u32 << inputs.min(MAX_ANTIGENS);
        let bits = (0..rows).filter(|row| holds(expr, *row)).fold(0, |bits, row| bits | 1 << row);
        Self { bits, inputs: inputs as u8 }
    }

    /// The table's bits.
    pub fn bits(self) -> u32 {
        self.bits
    }

    /// Number of antigens.
    pub fn inputs(self) -> usize {
        usize::from(self.inputs)
    }

    /// Whether the gate holds where exactly the antigens whose bits are set in `present` are present.
    #[inline]
    pub fn is_satisfied(self, present: u32) -> bool {
        self.bits >> (present & ((1 << self.inputs) - 1)) & 1 == 1
    }

    /// The graded value, 0 to 1, for graded inputs from 0 to 1; inputs that are missing count as 0.
    ///
    /// It is the multilinear extension of the truth table: the probability that the gate holds if antigen i is seen
    /// with probability `signal[i]`, independently. So
    /// - `A & B` is ab, `A | B` is 1 − (1 − a)(1 − b), `!A` is 1 − a, and so for any two parts without a common
    ///   antigen; De Morgan's laws hold;
    /// - at inputs of 0 and 1 it is the Boolean value;
    /// - it rises with every input that the gate does not negate, and falls with every input that it only negates;
    /// - it depends on what the gate means, not on how it is written: `A & A` is a (a product would give a²), and
    ///   `A & B | A & C` equals `A & (B | C)`.
    #[inline]
    pub fn evaluate(self, signal: &[f64]) -> f64 {
        let mut value = [0.0; 1 << MAX_ANTIGENS];
        let mut rows = 1 << self.inputs;
        for (row, value) in value.iter_mut().enumerate().take(rows) {
            *value = f64::from(self.bits >> row & 1);
        }
        // One input at a time, the last first: interpolate between the halves without and with it.
        for input in (0..self.inputs()).rev() {
            rows /= 2;
            let seen = signal.get(input).copied().unwrap_or(0.0);
            for row in 0..rows {
                value[row] += seen * (value[row + rows] - value[row]);
            }
        }
        value[0]
    }
}

fn holds(expr: &Expr, present: u32) -> bool {
    match expr {
        Expr::Antigen(i) => present >> i & 1 == 1,
        Expr::Not(a) => !holds(a, present),
        Expr::And(a, b) => holds(a, present) && holds(b, present),
        Expr::Or(a, b) => holds(a, present) || holds(b, present),
    }
}
