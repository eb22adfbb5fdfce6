//! The study file: one question, in TOML, with a unit behind every number.
//!
//! These types are the file's grammar: they are read by serde, and the JSON Schema for editors is generated from
//! them. What a study leaves out takes a default from the [catalogue](crate::catalogue).

use std::collections::BTreeMap;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::quantity::{Length, Time};

pub mod cell;
pub mod diagnostics;
pub mod lesion;
pub mod load;
pub mod mechanisms;
pub mod microenvironment;
pub mod patient;
pub mod population;
pub mod product;
pub mod regimen;
pub mod scene;
pub mod selection;
pub mod targets;
pub mod trial;
pub mod uncertainty;

pub use cell::CellSection;
pub use diagnostics::DiagnosticsSection;
pub use lesion::LesionSection;
pub use mechanisms::{Mechanism, MechanismsSection};
pub use patient::PatientSection;
pub use population::PopulationSection;
pub use product::ProductSection;
pub use regimen::RegimenSection;
pub use targets::TargetsSection;
pub use trial::TrialSection;

/// A whole study file.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Perforin study")]
pub struct StudyFile {
    /// What the study is.
    pub study: StudySection,
    /// Which antigens or gates, from single-cell atlases; for `perforin targets`.
    pub targets: Option<TargetsSection>,
    /// The tumour and its surroundings; for `perforin run`.
    #[serde(default)]
    pub lesion: LesionSection,
    /// The patient as a whole: kinetics, response and toxicity; for `perforin run`.
    pub patient: Option<PatientSection>,
    /// Virtual patients that resemble `[patient]`.
    pub population: Option<PopulationSection>,
    /// A trial of the product; for `perforin trial`.
    pub trial: Option<TrialSection>,
    /// What samples of a patient can and cannot show; for `perforin diagnose`.
    pub diagnostics: Option<DiagnosticsSection>,
    /// The cells that are infused.
    pub product: Option<ProductSection>,
    /// A second product, infused on its own days.
    pub second_product: Option<ProductSection>,
    /// Which parts of the biology act.
    #[serde(default)]
    pub mechanisms: MechanismsSection,
    /// When what is given.
    #[serde(default)]
    pub regimen: RegimenSection,
    /// What is written, and how often.
    #[serde(default)]
    pub output: OutputSection,
    /// Steps and tolerances.
    #[serde(default)]
    pub numerics: NumericsSection,
    /// Values to vary, each a study value by its dotted path.
    pub sweep: Option<SweepSection>,
}

/// Reads a study without telling where its values stand; [`load::load`] does.
///
/// Compiled once, here: the code that reads every table of a study is larger than most crates that want one.
impl FromStr for StudyFile {
    type Err = toml::de::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        toml::from_str(text)
    }
}

/// An earlier stage of a study that goes the whole way, from which a value is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EarlierStage {
    /// `[targets]`.
    Targets,
}

/// What the study is.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StudySection {
    /// One line that names the study.
    pub title: String,
    /// The question in full; the report opens with it.
    pub question: Option<String>,
    /// Seed of every random draw.
    #[serde(default)]
    pub seed: u64,
    /// Simulated time after the first infusion, such as "28 d".
    pub duration: Option<Time>,
}

/// What is written, and how often.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutputSection {
    /// Interval of the time series.
    pub series_every: Option<Time>,
    /// Interval of frames (all cells' positions and states).
    pub frames_every: Option<Time>,
    /// Interval of checkpoints, in simulated time.
    pub checkpoint_every: Option<Time>,
    /// Whether every event of every cell is written to a table.
    pub events: Option<bool>,
    /// Whether frames hold every substance on the grid too: 4 bytes per voxel, substance and frame before packing.
    pub fields: Option<bool>,
}

/// Steps and tolerances.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NumericsSection {
    /// Edge of a voxel of the fields.
    pub voxel: Option<Length>,
    /// Step of the fields.
    pub field_step: Option<Time>,
    /// Relative tolerance of the field solver, such as 1e-6.
    pub field_tolerance: Option<f64>,
    /// Error in position allowed in one mechanics step.
    pub mechanics_tolerance: Option<Length>,
    /// Step of volume, cycle, death and arrival.
    pub phenotype_step: Option<Time>,
    /// Relative tolerance of the solver of `[patient]`, such as 1e-6.
    pub patient_tolerance: Option<f64>,
}

/// Values to vary.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SweepSection {
    /// How the values are combined.
    #[serde(default)]
    pub design: SweepDesign,
    /// Number of samples of a Latin hypercube.
    pub samples: Option<u32>,
    /// Runs of each combination, each with a seed of its own.
    pub replicates: Option<u32>,
    /// For each dotted path, such as "product.receptor.HER2.kd", the values of a grid or the range of a
    /// hypercube.
    pub vary: BTreeMap<String, VarySection>,
}

/// How the values of a sweep are combined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SweepDesign {
    /// Every value with every other.
    #[default]
    Grid,
    /// Stratified random samples of the ranges.
    LatinHypercube,
}

/// The values of one path of a sweep.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VarySection {
    /// Values of a grid, each written as in the study itself.
    pub values: Option<Vec<StudyValue>>,
    /// Lower end of a range, written as in the study itself.
    pub from: Option<StudyValue>,
    /// Upper end of a range.
    pub to: Option<StudyValue>,
    /// Whether the range is sampled on a logarithmic scale.
    #[serde(default)]
    pub log: bool,
}

/// A value of the study, as written there.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum StudyValue {
    /// A switch.
    Flag(bool),
    /// A whole number.
    Whole(i64),
    /// A number.
    Number(f64),
    /// A quantity with its unit, a name, or a gate.
    Text(String),
}
