//! Gates: which combination of antigens makes a product act.
//!
//! One language in targets, products and reports: antigen names, `&` (and), `|` (or), `!` (not) and parentheses,
//! or the words AND, OR, NOT in any case. `!` binds before `&`, and `&` before `|`: `A | B & !C` is
//! `A | (B & (!C))`. A gate reads at most [`MAX_ANTIGENS`] antigens.
//!
//! ```
//! use perforin_core::gate::Gate;
//!
//! let gate: Gate = "(CLDN18_2 OR MSLN) and not HER2".parse()?;
//! assert_eq!(gate.to_string(), "(CLDN18_2 | MSLN) & !HER2");
//! assert_eq!(gate.antigens(), ["CLDN18_2", "MSLN", "HER2"]);
//! assert!(gate.is_satisfied(0b001) && !gate.is_satisfied(0b101));
//! assert_eq!(gate.evaluate(&[0.5, 0.0, 0.2]), 0.5 * (1.0 - 0.2));
//! # Ok::<(), perforin_core::gate::GateError>(())
//! ```

use std::str::FromStr;

mod error;
mod parse;
mod print;
mod serial;
mod table;

pub use error::GateError;
pub use table::GateTable;

/// Largest number of different antigens in one gate.
pub const MAX_ANTIGENS: usize = 5;

/// Largest number of names, operators and parentheses in one gate.
pub const MAX_TOKENS: usize = 128;

/// The tree of a gate; antigens by their index in [`Gate::antigens`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// The antigen is present.
    Antigen(usize),
    /// The operand is false.
    Not(Box<Expr>),
    /// Both operands are true.
    And(Box<Expr>, Box<Expr>),
    /// At least one operand is true.
    Or(Box<Expr>, Box<Expr>),
}

/// A gate: its expression, the antigens that it reads, and its truth table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    expr: Expr,
    antigens: Vec<String>,
    table: GateTable,
}

impl Gate {
    /// The gate that a single antigen satisfies.
    ///
    /// # Errors
    /// If `name` is not a name of the language.
    pub fn antigen(name: &str) -> Result<Self, GateError> {
        if !parse::is_name(name) {
            return Err(GateError::Name { name: name.to_owned() });
        }
        Ok(Self::from_parts(Expr::Antigen(0), vec![name.to_owned()]))
    }

    /// The gate that is satisfied where this one is not; a double negation cancels.
    #[must_use]
    pub fn negated(self) -> Self {
        let expr = match self.expr {
            Expr::Not(inner) => *inner,
            expr => Expr::Not(Box::new(expr)),
        };
        Self::from_parts(expr, self.antigens)
    }

    /// The gate that both must satisfy.
    ///
    /// # Errors
    /// If the two together read too many antigens or make too long an expression.
    pub fn and(self, other: Self) -> Result<Self, GateError> {
        self.join(other, |a, b| Expr::And(Box::new(a), Box::new(b)))
    }

    /// The gate that either may satisfy.
    ///
    /// # Errors
    /// If the two together read too many antigens or make too long an expression.
    pub fn or(self, other: Self) -> Result<Self, GateError> {
        self.join(other, |a, b| Expr::Or(Box::new(a), Box::new(b)))
    }

    /// Its expression.
    pub fn expr(&self) -> &Expr {
        &self.expr
    }

    /// The antigens that it reads, in the order in which they first appear.
    pub fn antigens(&self) -> &[String] {
        &self.antigens
    }

    /// Its truth table: the compact form for hot loops.
    pub fn table(&self) -> GateTable {
        self.table
    }

    /// Whether a cell satisfies it that carries exactly the antigens whose bits are set in `present`.
    pub fn is_satisfied(&self, present: u32) -> bool {
        self.table.is_satisfied(present)
    }

    /// Its graded value for graded inputs; see [`GateTable::evaluate`].
    pub fn evaluate(&self, signal: &[f64]) -> f64 {
        self.table.evaluate(signal)
    }

    /// Passes a gate that a product may carry.
    ///
    /// # Errors
    /// If a cell without any of its antigens satisfies it, so that the product would attack everything, or if no
    /// cell can satisfy it.
    pub fn check_for_product(&self) -> Result<(), GateError> {
        if self.table.is_satisfied(0) {
            return Err(GateError::FiresOnNothing { gate: self.to_string() });
        }
        if self.table.bits() == 0 {
            return Err(GateError::NeverFires { gate: self.to_string() });
        }
        Ok(())
    }

    fn from_parts(expr: Expr, antigens: Vec<String>) -> Self {
        let table = GateTable::of(&expr, antigens.len());
        Self { expr, antigens, table }
    }

    fn join(self, other: Self, combine: impl Fn(Expr, Expr) -> Expr) -> Result<Self, GateError> {
        let mut antigens = self.antigens;
        let mut places = Vec::with_capacity(other.antigens.len());
        for name in other.antigens {
            let place = antigens.iter().position(|known| *known == name).unwrap_or_else(|| {
                antigens.push(name);
                antigens.len() - 1
            });
            places.push(place);
        }
        if let Some(name) = antigens.get(MAX_ANTIGENS) {
            return Err(GateError::TooManyAntigens { name: name.clone(), span: None });
        }
        let expr = combine(self.expr, other.expr.renumbered(&places));
        // Written and read again, every node may bring a pair of parentheses, and the gate may still be negated.
        if 3 * (expr.size() + 1) > MAX_TOKENS {
            return Err(GateError::TooLong { span: None });
        }
        Ok(Self::from_parts(expr, antigens))
    }
}

impl Expr {
    fn renumbered(self, places: &[usize]) -> Self {
        match self {
            Self::Antigen(i) => Self::Antigen(places[i]),
            Self::Not(a) => Self::Not(Box::new(a.renumbered(places))),
            Self::And(a, b) => Self::And(Box::new(a.renumbered(places)), Box::new(b.renumbered(places))),
            Self::Or(a, b) => Self::Or(Box::new(a.renumbered(places)), Box::new(b.renumbered(places))),
        }
    }

    /// Number of names and operators.
    fn size(&self) -> usize {
        match self {
            Self::Antigen(_) => 1,
            Self::Not(a) => 1 + a.size(),
            Self::And(a, b) | Self::Or(a, b) => 1 + a.size() + b.size(),
        }
    }
}

/// Reads a gate.
///
/// # Errors
/// With the byte span of what is wrong and what was expected there.
impl FromStr for Gate {
    type Err = GateError;

    fn from_str(text: &str) -> Result<Self, GateError> {
        let (expr, antigens) = parse::parse(text)?;
        Ok(Self::from_parts(expr, antigens))
    }
}

#[cfg(test)]
mod tests;
