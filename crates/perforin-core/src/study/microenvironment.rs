//! The hostile side of `[lesion]`: suppressive cells, stroma, checkpoint, HLA, clones, endogenous T cells.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::quantity::{Fraction, Length, Rate, SurfaceDensity};

/// Cells mixed into the tumour.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InfiltrateSection {
    /// Their number over that of tumour cells at the start.
    pub fraction: Fraction,
    /// Where they are.
    #[serde(default)]
    pub place: InfiltratePlace,
}

/// Where infiltrating cells are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum InfiltratePlace {
    /// Among the tumour cells.
    #[default]
    Tumour,
    /// In a margin of 50 µm around the tumour.
    Margin,
    /// Anywhere outside of what the tumour fills at the start.
    Stroma,
}

/// T cells of the patient's own in the lesion.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndogenousSection {
    /// Their number over that of tumour cells at the start.
    pub fraction: Fraction,
    /// Where they are.
    #[serde(default)]
    pub place: InfiltratePlace,
    /// Share of tumour cells that carry the neoantigen that they see.
    pub neoantigen_positive: Fraction,
}

/// PD-L1 on tumour cells.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckpointSection {
    /// PD-L1 without IFN-γ.
    pub pd_l1: Option<SurfaceDensity>,
    /// PD-L1 under much IFN-γ.
    pub pd_l1_induced: Option<SurfaceDensity>,
    /// PD-1 on a T cell that is not exhausted.
    pub pd_1: Option<SurfaceDensity>,
}

/// HLA of the tumour.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HlaSection {
    /// Alleles of the patient, such as "HLA-A*02:01".
    pub alleles: Vec<String>,
    /// Share of tumour cells that have lost HLA at the start.
    pub lost: Option<Fraction>,
    /// Diameter of the patches in which they lie; mixed at random if left out.
    pub patch: Option<Length>,
    /// Probability that a daughter loses HLA for good.
    pub loss_per_division: Option<Fraction>,
}

/// A clone of tumour cells that differs from the rest.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CloneSection {
    /// Share of the tumour cells.
    pub fraction: Fraction,
    /// Diameter of the patches in which it lies; mixed at random if left out.
    pub patch: Option<Length>,
    /// Rate of entering the cell cycle over that of the other cells.
    pub growth: Option<f64>,
    /// Density of an antigen over that of the other cells, by antigen.
    #[serde(default)]
    pub antigen: BTreeMap<String, f64>,
}

/// Given course of product cells in blood, instead of an infusion and a share that reaches the lesion.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BloodCourseSection {
    /// Days, ascending.
    pub day: Vec<f64>,
    /// Product cells per µL of blood on each day; straight lines between them.
    pub cells_per_microlitre: Vec<f64>,
    /// Volume of blood cleared of product cells into a gram of tumour in a minute, µL/min/g.
    pub clearance: Option<f64>,
}

/// What is known of one of the substances that suppress T cells.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SuppressionSection {
    /// Value at half of the effect.
    pub half: Option<f64>,
    /// Largest share of hits that it takes.
    pub killing: Option<Fraction>,
    /// Largest share of the rate of division that it takes.
    pub division: Option<Fraction>,
    /// Largest share of the cytokine secretion that it takes.
    pub cytokine: Option<Fraction>,
}

/// Suppressive substances that tumour cells make.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TumourSecretionSection {
    /// TGF-β, toward a level of 1.
    pub tgf_beta: Option<Rate>,
    /// Adenosine, toward a level of 1.
    pub adenosine: Option<Rate>,
    /// Loss of tryptophan by IDO, as a level of kynurenine toward 1; scaled by IFN-γ.
    pub ido: Option<Rate>,
}
