//! Toxicity: grades from signs by the ASTCT consensus, and grades as a calibrated outcome of cytokines.
//!
//! A cytokine threshold is not a grade: cytokines are not part of the grade, and predict it with error. [`ordinal`] keeps
//! that error; [`astct`] grades what a clinician sees; [`organ`] grades the loss of normal cells that carry the
//! target.

pub mod astct;
pub mod ordinal;
pub mod organ;
