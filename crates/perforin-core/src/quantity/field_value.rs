//! Values of fields whose unit is declared by the study.

use std::fmt;
use std::str::FromStr;

use super::{dimension, number};

/// A number with its unit as text, for a field that declares its own unit; the reader of the study compares the
/// two.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldValue {
    /// The number, in `unit`.
    pub value: f64,
    /// The unit as it was written.
    pub unit: String,
}

/// Why a text is not a number with a unit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a finite number with a unit; write it like \"38 mmHg\"")]
pub struct FieldValueError {
    /// The text as given.
    pub text: String,
}

impl FieldValue {
    /// The number in another unit: one of the same spelling, or one that a dimension has beside this one.
    pub fn in_unit(&self, unit: &str) -> Option<f64> {
        if dimension::normalise(&self.unit) == dimension::normalise(unit) {
            return Some(self.value);
        }
        dimension::ratio(&self.unit, unit).map(|ratio| self.value * ratio)
    }
}

impl FromStr for FieldValue {
    type Err = FieldValueError;

    fn from_str(text: &str) -> Result<Self, FieldValueError> {
        let wrong = || FieldValueError { text: text.trim().into() };
        let (number, unit) = number::split(text).ok_or_else(wrong)?;
        let value = number.times_ten_to(0);
        if unit.is_empty() || !value.is_finite() {
            return Err(wrong());
        }
        Ok(Self { value, unit: unit.into() })
    }
}

impl fmt::Display for FieldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", number::format(self.value, 0), self.unit)
    }
}
