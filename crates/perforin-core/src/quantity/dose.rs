//! Doses of a cell product, typed by what is counted and by what it is divided.

use std::fmt;
use std::str::FromStr;

use super::number;

/// A dose of a cell product: what is counted (all cells or CAR-positive cells), flat, per kg or per m².
///
/// The kinds are not exchangeable: in HER2 sarcoma the change from 10⁸ T cells/m² to 10⁸ CAR+ cells/m² brought
/// dose-limiting toxicity (Hegde 2024, doi 10.1038/s43018-024-00749-6), so a bare number is refused.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Dose {
    /// All cells of the product.
    Cells(f64),
    /// CAR-positive cells.
    CarPositiveCells(f64),
    /// All cells per kg of body weight.
    CellsPerKg(f64),
    /// CAR-positive cells per kg of body weight.
    CarPositiveCellsPerKg(f64),
    /// All cells per m² of body surface.
    CellsPerM2(f64),
    /// CAR-positive cells per m² of body surface.
    CarPositiveCellsPerM2(f64),
}

/// Why a text is not a dose.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DoseError {
    /// No number at the start, or one that is negative or not finite.
    #[error("`{text}` does not start with a finite number ≥ 0; write a dose like \"2.5e8 CAR+ cells\"")]
    Number {
        /// The text as given.
        text: String,
    },
    /// A bare number.
    #[error(
        "`{text}` does not say what is counted: write `cells` or `CAR+ cells`, flat, `/kg` or `/m²`, like \
         \"2.5e8 CAR+ cells\". In HER2 sarcoma the change from T cells/m² to CAR+ cells/m² brought dose-limiting \
         toxicity (Hegde 2024, doi 10.1038/s43018-024-00749-6)"
    )]
    Bare {
        /// The text as given.
        text: String,
    },
    /// A unit that is not one of a dose.
    #[error(
        "`{unit}` is not a unit of dose; use `cells`, `CAR+ cells`, `cells/kg`, `CAR+ cells/kg`, `cells/m²` or \
         `CAR+ cells/m²`"
    )]
    Unit {
        /// The unit as given.
        unit: String,
    },
}

impl Dose {
    /// The number as written, in the unit of its kind.
    pub fn value(self) -> f64 {
        match self {
            Self::Cells(n)
            | Self::CarPositiveCells(n)
            | Self::CellsPerKg(n)
            | Self::CarPositiveCellsPerKg(n)
            | Self::CellsPerM2(n)
            | Self::CarPositiveCellsPerM2(n) => n,
        }
    }

    /// The unit of its kind.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Cells(_) => "cells",
            Self::CarPositiveCells(_) => "CAR+ cells",
            Self::CellsPerKg(_) => "cells/kg",
            Self::CarPositiveCellsPerKg(_) => "CAR+ cells/kg",
            Self::CellsPerM2(_) => "cells/m²",
            Self::CarPositiveCellsPerM2(_) => "CAR+ cells/m²",
        }
    }

    /// CAR-positive cells given to a patient of `weight` kg and `surface` m² from a product of which the fraction
    /// `positive` carries the CAR.
    pub fn car_positive_cells(self, weight: f64, surface: f64, positive: f64) -> f64 {
        match self {
            Self::Cells(n) => n * positive,
            Self::CarPositiveCells(n) => n,
            Self::CellsPerKg(n) => n * weight * positive,
            Self::CarPositiveCellsPerKg(n) => n * weight,
            Self::CellsPerM2(n) => n * surface * positive,
            Self::CarPositiveCellsPerM2(n) => n * surface,
        }
    }
}

/// Reads `"2.5e8 CAR+ cells"`, `"1e6 CAR+ T cells/kg"`, `"1e8 cells/m²"`.
///
/// # Errors
/// If there is no number, no unit, or a unit that leaves open what is counted (such as `CAR-T cells`).
impl FromStr for Dose {
    type Err = DoseError;

    fn from_str(text: &str) -> Result<Self, DoseError> {
        let wrong = || DoseError::Number { text: text.trim().into() };
        let (number, unit) = number::split(text).ok_or_else(wrong)?;
        let n = number.times_ten_to(0);
        if !n.is_finite() || n < 0.0 {
            return Err(wrong());
        }
        if unit.is_empty() {
            return Err(DoseError::Bare { text: text.trim().into() });
        }
        let plain = super::dimension::normalise(unit).replace("m2", "m²");
        let plain =
            if plain.starts_with('T') { plain.replacen('T', "", 1) } else { plain.replace("+T", "+") };
        match plain.as_str() {
            "cells" => Ok(Self::Cells(n)),
            "CAR+cells" => Ok(Self::CarPositiveCells(n)),
            "cells/kg" => Ok(Self::CellsPerKg(n)),
            "CAR+cells/kg" => Ok(Self::CarPositiveCellsPerKg(n)),
            "cells/m²" => Ok(Self::CellsPerM2(n)),
            "CAR+cells/m²" => Ok(Self::CarPositiveCellsPerM2(n)),
            _ => Err(DoseError::Unit { unit: unit.into() }),
        }
    }
}

impl fmt::Display for Dose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", number::format(self.value(), 0), self.unit())
    }
}
