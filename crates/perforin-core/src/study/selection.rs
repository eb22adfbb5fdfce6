//! `[trial.selection]`: a test that selects the patients of a trial.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::diagnostics::{MarkerGroupSection, StainingSection};
use crate::quantity::Fraction;

/// A test on a stained section, read with error, and the cut-off from which on a patient is enrolled.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SelectionSection {
    /// How a section is stained and read.
    pub test: StainingSection,
    /// Share of cells at the level from which on a section is positive.
    pub cut_off: Fraction,
    /// Groups of patients for stated scenarios, each with `response_ratio`; their shares add up to 100 %.
    #[serde(default)]
    pub patients: Vec<MarkerGroupSection>,
    /// Antigen of `[patient]` that is stained in virtual patients; its only one if left out.
    pub antigen: Option<String>,
    /// Lesion of `[patient]` that is sampled in virtual patients, by its name; all lesions together if left out.
    pub lesion: Option<String>,
}
