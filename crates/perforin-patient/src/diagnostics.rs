//! Companion diagnostics: what a sample of a tumour, of blood or of a stained section can and cannot show.
//!
//! | question | module |
//! |---|---|
//! | How many cells from how many sites rule out an antigen-negative clone? | [`biopsy`] |
//! | How clustered is that clone in a tissue? | [`clustering`] |
//! | What does an immunohistochemical score say, and what does a cut-off do to a trial? | [`ihc`], [`selection`] |
//! | How many molecules does a cell carry? | [`fcs`], [`beads`] |
//! | What do circulating tumour cells show? | [`ctc`] |
//! | What does circulating tumour DNA show, and when? | [`ctdna`] |
//! | When must one sample again? | [`resampling`] |
//!
//! Everything is computed exactly or by deterministic quadrature; nothing is drawn.

pub mod beads;
pub mod biopsy;
pub mod clustering;
pub mod counts;
pub mod ctc;
pub mod ctdna;
pub mod fcs;
pub mod ihc;
pub mod resampling;
pub mod selection;

/// What is wrong with a question.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DiagnosticsError {
    /// A number outside its range.
    #[error("{what} is {found}; {accepted} is accepted")]
    OutOfRange {
        /// Which number.
        what: &'static str,
        /// Its value.
        found: f64,
        /// What is accepted.
        accepted: &'static str,
    },
    /// Too few of something.
    #[error("there are {found} {what}; at least {least} are needed")]
    TooFew {
        /// What is counted.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many are needed.
        least: usize,
    },
    /// Two lists that must be equally long.
    #[error("there are {found} {what}, but {expected} {other}")]
    Lengths {
        /// What the first list holds.
        what: &'static str,
        /// Its length.
        found: usize,
        /// What the second list holds.
        other: &'static str,
        /// Its length.
        expected: usize,
    },
    /// Shares that do not add up to 1.
    #[error("{what} number {} adds up to {sum}, not to 1", place + 1)]
    NotShares {
        /// Which shares.
        what: &'static str,
        /// Place in the list, from 0.
        place: usize,
        /// Their sum.
        sum: f64,
    },
    /// All measurements lie at one place, so that no line can be fitted.
    #[error("all {what} are equal to {found}: no line can be fitted")]
    NoSpread {
        /// Which numbers.
        what: &'static str,
        /// Their value.
        found: f64,
    },
}

/// A number strictly between 0 and 1.
fn open_share(what: &'static str, found: f64) -> Result<f64, DiagnosticsError> {
    if found > 0.0 && found < 1.0 { Ok(found) } else { Err(range(what, found, "a number between 0 and 1")) }
}

/// A number from 0 to 1.
fn share(what: &'static str, found: f64) -> Result<f64, DiagnosticsError> {
    if (0.0..=1.0).contains(&found) { Ok(found) } else { Err(range(what, found, "a number from 0 to 1")) }
}

/// A positive number.
fn positive(what: &'static str, found: f64) -> Result<f64, DiagnosticsError> {
    if found > 0.0 && found.is_finite() { Ok(found) } else { Err(range(what, found, "a positive number")) }
}

/// A number that is not negative.
fn not_negative(what: &'static str, found: f64) -> Result<f64, DiagnosticsError> {
    if found >= 0.0 && found.is_finite() {
        Ok(found)
    } else {
        Err(range(what, found, "a number of at least 0"))
    }
}

fn range(what: &'static str, found: f64, accepted: &'static str) -> DiagnosticsError {
    DiagnosticsError::OutOfRange { what, found, accepted }
}

/// Four shares, or the four entries of a row, that add up to 1.
fn add_up(what: &'static str, place: usize, shares: &[f64]) -> Result<(), DiagnosticsError> {
    for value in shares {
        share(what, *value)?;
    }
    let sum: f64 = shares.iter().sum();
    if (sum - 1.0).abs() < 1e-9 { Ok(()) } else { Err(DiagnosticsError::NotShares { what, place, sum }) }
}
