//! The catalogue: every default of the models, with its unit, its accepted range and where it comes from.
//!
//! A default lives in exactly one entry of one topic file. What a study leaves out takes the entry's value; the
//! [`Ledger`] remembers every value that a run used and from where, which is what its manifest lists.

use std::fmt;

pub mod diagnostics;
pub mod fate;
pub mod fields;
pub mod hostility;
mod ledger;
mod markdown;
pub mod mechanics;
pub mod patient;
pub mod receptor;
pub mod scenario;
pub mod synapse;
pub mod t_cell;
pub mod targets;
pub mod trial;
pub mod tumour;

pub use ledger::{Ledger, THE_STUDY, UsedParameter};
pub use markdown::markdown;

/// One default value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameter {
    /// Dotted name, unique in the catalogue: `tumour.volume`.
    pub name: &'static str,
    /// Symbol in equations; empty if it has none.
    pub symbol: &'static str,
    /// Default, in `unit`.
    pub value: f64,
    /// Unit, as in [`crate::quantity`]; `"1"` if there is none.
    pub unit: &'static str,
    /// Lowest and highest value that is accepted, in `unit`.
    pub range: (f64, f64),
    /// What it is, in words.
    pub meaning: &'static str,
    /// Where the default comes from.
    pub source: Source,
}

/// Where a default comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Given by a publication.
    Doi {
        /// The digital object identifier, without a prefix: `10.1371/journal.pcbi.1005991`.
        doi: &'static str,
        /// Author, year and where in the publication or its code.
        note: &'static str,
    },
    /// Chosen so that the model reproduces a published finding.
    Calibrated {
        /// The identifier of the publication that reports the finding.
        doi: &'static str,
        /// Which finding.
        note: &'static str,
    },
    /// Not known from a seen source.
    Assumed {
        /// Why this value.
        reason: &'static str,
    },
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Doi { doi, note } => write!(f, "{note}, doi {doi}"),
            Self::Calibrated { doi, note } => write!(f, "calibrated to {note}, doi {doi}"),
            Self::Assumed { reason } => write!(f, "assumed: {reason}"),
        }
    }
}

/// A value outside of its parameter's range.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{value} is outside of {lowest} to {highest}{} ({name}: {meaning})", with_space(.unit))]
pub struct OutOfRange {
    /// The value.
    pub value: f64,
    /// Lowest accepted value.
    pub lowest: f64,
    /// Highest accepted value.
    pub highest: f64,
    /// The parameter's unit.
    pub unit: &'static str,
    /// The parameter's name.
    pub name: &'static str,
    /// The parameter's meaning.
    pub meaning: &'static str,
}

fn with_space(unit: &str) -> String {
    if unit == "1" { String::new() } else { format!(" {unit}") }
}

impl Parameter {
    /// Passes a value that lies in the accepted range.
    ///
    /// # Errors
    /// If it does not, or is not a number.
    pub fn check(&self, value: f64) -> Result<f64, OutOfRange> {
        let (lowest, highest) = self.range;
        if value >= lowest && value <= highest {
            return Ok(value);
        }
        let (unit, name, meaning) = (self.unit, self.name, self.meaning);
        Err(OutOfRange { value, lowest, highest, unit, name, meaning })
    }
}

/// The catalogue by topic, in the order of the guide.
pub const TOPICS: &[(&str, &[&Parameter])] = &[
    ("Receptors and signalling", receptor::TABLE),
    ("Synapse and killing", synapse::TABLE),
    ("T cells", t_cell::TABLE),
    ("Fate of product cells", fate::TABLE),
    ("The hostile tumour, and what is given beside the product", hostility::TABLE),
    ("Tumour cells", tumour::TABLE),
    ("Mechanics", mechanics::TABLE),
    ("Fields", fields::TABLE),
    ("Setting up a study", scenario::TABLE),
    ("Target search", targets::TABLE),
    ("Patient", patient::TABLE),
    ("Trials", trial::TABLE),
    ("Companion diagnostics", diagnostics::TABLE),
];

/// Every parameter, topic by topic.
pub fn all() -> impl Iterator<Item = &'static Parameter> {
    TOPICS.iter().flat_map(|(_, table)| table.iter().copied())
}

/// Declares the parameters of a topic, one entry each:
/// `NAME: "dotted.name", "symbol" = default, "unit", lowest..=highest; "meaning"; source;`,
/// and their list, `TABLE`.
macro_rules! parameters {
    ($($id:ident: $name:literal, $symbol:literal = $value:expr, $unit:literal, $lowest:literal..=$highest:literal;
       $meaning:literal; $source:expr;)+) => {
        $(
            #[doc = concat!($meaning, " (", $unit, ").")]
            pub const $id: $crate::catalogue::Parameter = $crate::catalogue::Parameter {
                name: $name,
                symbol: $symbol,
                value: $value,
                unit: $unit,
                range: ($lowest, $highest),
                meaning: $meaning,
                source: $source,
            };
        )+

        /// The parameters of this topic.
        pub const TABLE: &[&$crate::catalogue::Parameter] = &[$(&$id),+];
    };
}
use parameters;

/// Shorthand for a published value.
const fn doi(doi: &'static str, note: &'static str) -> Source {
    Source::Doi { doi, note }
}

/// Shorthand for a value chosen to reproduce a finding.
const fn calibrated(doi: &'static str, note: &'static str) -> Source {
    Source::Calibrated { doi, note }
}

/// Shorthand for a value without a seen source.
const fn assumed(reason: &'static str) -> Source {
    Source::Assumed { reason }
}

/// The published off-lattice standard.
const PHYSICELL: Source = doi("10.1371/journal.pcbi.1005991", "Ghaffarizadeh 2018, default cell");
/// The cancer–immune sample of the same.
const PHYSICELL_IMMUNE: Source =
    doi("10.1371/journal.pcbi.1005991", "Ghaffarizadeh 2018, cancer–immune sample");
/// The CAR-T organoid model.
const CART_ABM: Source = doi("10.1038/s41598-024-63125-5", "Luque 2024, CAR-T against a tumour organoid");
/// A CAR-T model on a lattice, whose parameter file is published with its code.
const CARCADE: Source = doi("10.3389/fmolb.2022.849363", "Prybutok 2022, parameter file of the code");

#[cfg(test)]
mod tests;
