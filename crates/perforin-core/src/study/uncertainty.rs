//! `[trial.uncertainty]`: what is not known of the parameters, apart from variation between patients.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::StudyValue;

/// What is not known: every outer draw takes the parameters from what is stated here and simulates trials under them.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UncertaintySection {
    /// Outer draws.
    pub draws: Option<u64>,
    /// Simulated trials under each; those of `[trial]` if left out.
    pub trials: Option<u64>,
    /// Stated scenarios: standard deviation of a shift of the log odds of toxicity, the same at all levels; 0 if left out.
    pub toxicity_sd: Option<f64>,
    /// Stated scenarios and trials of efficacy: the same of response.
    pub response_sd: Option<f64>,
    /// Randomised trials: standard deviation of a shift of the logarithms of the hazard ratios; 0 if left out.
    pub hazard_ratio_sd: Option<f64>,
    /// Virtual patients: parameters by their names in `[patient.parameters]`.
    #[serde(default)]
    pub parameter: BTreeMap<String, UncertainParameterSection>,
}

/// What is known of a parameter: one of the three.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UncertainParameterSection {
    /// Log-normal about the study's value: standard deviation of the natural logarithm.
    pub log_sd: Option<f64>,
    /// Log-normal with this 95 % interval.
    pub interval: Option<[StudyValue; 2]>,
    /// Uniform between two values.
    pub range: Option<[StudyValue; 2]>,
}
