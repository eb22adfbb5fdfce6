//! What can be wrong with the text of a quantity.

use super::dimension::{self, Dimension};

/// Why a text is not a quantity of the dimension asked for. The message says what is accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// No number at the start.
    #[error("`{text}` does not start with a number; write {dimension} like \"{example}\"")]
    NoNumber {
        /// The text as given.
        text: String,
        /// What was asked for, with its article.
        dimension: &'static str,
        /// A quantity of the dimension.
        example: &'static str,
    },
    /// A bare number.
    #[error("`{text}` has no unit; write {dimension} in {units}, like \"{example}\"")]
    NoUnit {
        /// The text as given.
        text: String,
        /// What was asked for, with its article.
        dimension: &'static str,
        /// The units accepted, as a list in words.
        units: String,
        /// A quantity of the dimension.
        example: &'static str,
    },
    /// A unit of another dimension, or of none.
    #[error("`{unit}` is {}; use {units}, like \"{example}\"", of_other(.dimension, .other.as_deref()))]
    UnknownUnit {
        /// The unit as given.
        unit: String,
        /// What was asked for, with its article.
        dimension: &'static str,
        /// What the unit does measure, if anything.
        other: Option<&'static str>,
        /// The units accepted, as a list in words.
        units: String,
        /// A quantity of the dimension.
        example: &'static str,
    },
    /// Too large for a 64-bit number.
    #[error("`{text}` is too large to be represented")]
    NotFinite {
        /// The text as given.
        text: String,
    },
    /// Outside of what the dimension allows.
    #[error("`{text}` is out of range: {accepted}")]
    OutOfRange {
        /// The text as given.
        text: String,
        /// The range in words.
        accepted: &'static str,
    },
}

fn of_other(dimension: &str, other: Option<&str>) -> String {
    match other {
        Some(other) => format!("a unit of {}, not of {}", bare(other), bare(dimension)),
        None => format!("not a unit of {}", bare(dimension)),
    }
}

fn bare(name: &str) -> &str {
    name.split_once(' ').map_or(name, |(_, noun)| noun)
}

impl QuantityError {
    pub(super) fn no_number<D: Dimension>(text: &str) -> Self {
        Self::NoNumber { text: text.trim().into(), dimension: D::NAME, example: D::EXAMPLE }
    }

    pub(super) fn no_unit<D: Dimension>(text: &str) -> Self {
        let (dimension, units, example) = (D::NAME, unit_list::<D>(), D::EXAMPLE);
        Self::NoUnit { text: text.trim().into(), dimension, units, example }
    }

    pub(super) fn unknown_unit<D: Dimension>(unit: &str) -> Self {
        let other = dimension::owners(unit).first().copied();
        let (dimension, units, example) = (D::NAME, unit_list::<D>(), D::EXAMPLE);
        Self::UnknownUnit { unit: unit.into(), dimension, other, units, example }
    }
}

/// The units of a dimension as words: "`µm`, `nm`, `mm` or `cm`".
pub(super) fn unit_list<D: Dimension>() -> String {
    either(D::UNITS.iter().map(|unit| unit.names[0]))
}

/// Words in backquotes with commas and a final "or".
pub(super) fn either<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}
