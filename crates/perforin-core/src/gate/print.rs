//! Writing gates, with as few parentheses as are needed to read the same tree.

use std::fmt;

use super::{Expr, Gate};

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, &self.expr, &self.antigens)
    }
}

fn write(f: &mut fmt::Formatter<'_>, expr: &Expr, names: &[String]) -> fmt::Result {
    match expr {
        Expr::Antigen(i) => f.write_str(names.get(*i).map_or("?", String::as_str)),
        Expr::Not(a) => {
            f.write_str("!")?;
            operand(f, a, 3, names)
        }
        Expr::And(a, b) => {
            operand(f, a, 2, names)?;
            f.write_str(" & ")?;
            operand(f, b, 3, names)
        }
        Expr::Or(a, b) => {
            operand(f, a, 1, names)?;
            f.write_str(" | ")?;
            operand(f, b, 2, names)
        }
    }
}

/// An operand, in parentheses if it binds less than `least`. Operators associate to the left, so a right operand
/// must bind more than its operator.
fn operand(f: &mut fmt::Formatter<'_>, expr: &Expr, least: u8, names: &[String]) -> fmt::Result {
    let binding = match expr {
        Expr::Or(..) => 1,
        Expr::And(..) => 2,
        Expr::Not(_) | Expr::Antigen(_) => 3,
    };
    if binding >= least {
        return write(f, expr, names);
    }
    f.write_str("(")?;
    write(f, expr, names)?;
    f.write_str(")")
}
