//! `[population]`: virtual patients that resemble `[patient]`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::StudyValue;
use crate::quantity::Fraction;

/// Virtual patients. Every arm has the same ones.
///
/// What varies is named as in `[patient.parameters]`; `lesion.diameter`, `lesion.antigen_negative`, `lesion.access`
/// and `lesion.doubling_time` vary by a factor that all lesions of a patient share.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PopulationSection {
    /// Number of patients in each arm.
    pub count: u64,
    /// How they are drawn.
    #[serde(default)]
    pub sampling: SamplingWord,
    /// What varies between patients, by name.
    #[serde(default)]
    pub vary: BTreeMap<String, VariationSection>,
    /// Correlations of what varies.
    #[serde(default)]
    pub correlation: Vec<CorrelationSection>,
    /// Classes of a mixture, by name; their shares add up to 100 %.
    #[serde(default)]
    pub class: BTreeMap<String, ClassSection>,
    /// How `weight`, `height` and `age` vary, and what they do.
    #[serde(default)]
    pub covariate: BTreeMap<String, CovariateSection>,
    /// Arms; one arm under the study's own regimen if left out.
    #[serde(default)]
    pub arm: Vec<ArmSection>,
    /// Observed shares of patients in bins of an outcome, by its column of `patients.csv`: patients are weighted so that the
    /// population has them.
    #[serde(default)]
    pub marginal: BTreeMap<String, MarginalSection>,
    /// The arm in which they were observed; the first if left out.
    pub observed_arm: Option<String>,
    /// A search for plausible patients who have the observed shares, instead of taking every one that is drawn.
    pub search: Option<SearchSection>,
    /// Number of patients of each arm whose whole course is written.
    pub courses: Option<u32>,
    /// Which parameter matters.
    pub sensitivity: Option<SensitivitySection>,
}

/// How patients are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SamplingWord {
    /// Independently.
    #[default]
    Random,
    /// By Sobol's sequence with scrambling, which fills the space evenly.
    Sobol,
}

/// Log-normal variation about the typical value.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VariationSection {
    /// Standard deviation of the natural logarithm.
    pub log_sd: f64,
    /// Plausible range, lowest and highest; the parameter's accepted range if left out.
    pub range: Option<[StudyValue; 2]>,
}

/// A correlation of the logarithms of two parameters.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrelationSection {
    /// The two.
    pub between: [String; 2],
    /// The coefficient, -1 to 1.
    pub coefficient: f64,
}

/// A class of patients.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassSection {
    /// Share of patients.
    pub share: Fraction,
    /// What the typical value of something that varies is multiplied by, by its name.
    #[serde(default)]
    pub factor: BTreeMap<String, f64>,
}

/// A covariate.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CovariateSection {
    /// Standard deviation of the natural logarithm about the value of `[patient]`.
    pub log_sd: f64,
    /// Plausible range, lowest and highest.
    pub range: Option<[StudyValue; 2]>,
    /// What varies in proportion to a power of the covariate over its median, by name.
    #[serde(default)]
    pub power: BTreeMap<String, f64>,
}

/// Observed shares of patients in bins of an outcome.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MarginalSection {
    /// Inner edges of the bins, ascending, in the unit of the column; of responses, words. An edge belongs to the bin above
    /// it. The first and the last bin are open.
    pub edges: Vec<StudyValue>,
    /// Share of patients in each bin, one more than edges; they add up to 100 %.
    pub shares: Vec<Fraction>,
    /// Where it was observed.
    pub source: Option<String>,
}

/// A search for plausible patients: candidates are drawn, moved within the ranges of what varies until they are plausible, and
/// accepted so that they have the shares of `[population.marginal]`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchSection {
    /// Candidates that are drawn; ten for each patient of an arm if left out.
    pub candidates: Option<u64>,
    /// Plausible values of an outcome in the observed arm, lowest and highest, by its column of `patients.csv`.
    #[serde(default)]
    pub plausible: BTreeMap<String, [StudyValue; 2]>,
    /// Most times that a candidate is followed to be moved, for each value that varies.
    pub steps: Option<u32>,
}

/// An arm.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ArmSection {
    /// Its name.
    pub name: String,
    /// What it changes in the study, by dotted path, such as "regimen.infusion.0.dose".
    #[serde(default)]
    pub set: BTreeMap<String, StudyValue>,
}

/// Which parameter matters: each of those that vary is moved through its distribution.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SensitivitySection {
    /// How it is measured.
    #[serde(default)]
    pub method: SensitivityMethod,
    /// Sobol: points of each matrix, a power of two; Morris: trajectories.
    pub samples: Option<u32>,
}

/// How sensitivity is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SensitivityMethod {
    /// Sobol's indices: parts of the variance.
    #[default]
    Sobol,
    /// Morris' elementary effects.
    Morris,
}
