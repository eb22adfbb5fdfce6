//! `[product]`: the cells that are infused.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::EarlierStage;
use crate::gate::Gate;
use crate::quantity::{AssociationRate, Concentration, Fraction, SurfaceDensity, Time};
use crate::receptor::Costimulation;

/// The cells that are infused.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductSection {
    /// Kind of product.
    pub kind: ProductKind,
    /// Which antigens fire it, such as "HER2", "A & !B" or "(A | B) & C"; NK and CIK need none.
    pub gate: Option<Gate>,
    /// The stage that finds the gate, instead of `gate`: "targets".
    pub gate_from: Option<EarlierStage>,
    /// Co-stimulatory domain.
    pub costimulation: Option<Costimulation>,
    /// Generation of the CAR, instead of `costimulation`.
    pub generation: Option<Generation>,
    /// Share of the infused cells that carry the receptor, for doses that count all cells.
    pub car_positive: Option<Fraction>,
    /// Share of CD4 cells among the infused ones.
    pub cd4: Option<Fraction>,
    /// Share of memory-like cells among the infused ones.
    pub memory_like: Option<Fraction>,
    /// How the receptor is expressed.
    #[serde(default)]
    pub expression: Expression,
    /// What else the cells were given.
    #[serde(default)]
    pub armour: Vec<Armour>,
    /// HLA allele that presents the peptides, for a TCR-T product.
    pub hla: Option<String>,
    /// Receptors, by the antigen that they bind; "*" is any antigen of a gate that `[targets]` finds.
    #[serde(default)]
    pub receptor: BTreeMap<String, ReceptorSection>,
    /// For a TIL product, the share of cells of each specificity, by antigen; each cell reads one.
    #[serde(default)]
    pub specificity: BTreeMap<String, Fraction>,
    /// A synNotch receptor that induces the gate's receptors.
    pub synnotch: Option<SynNotchSection>,
    /// An adapter between receptor and antigen.
    pub adapter: Option<AdapterSection>,
    /// A switch that kills the product on command.
    pub safety_switch: Option<SafetySwitch>,
}

/// Kind of product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum ProductKind {
    /// T cells with a chimeric antigen receptor.
    #[serde(rename = "CAR-T")]
    CarT,
    /// T cells with a T-cell receptor against a peptide on HLA.
    #[serde(rename = "TCR-T")]
    TcrT,
    /// Tumour-infiltrating lymphocytes: a polyclonal mix of T-cell receptors.
    #[serde(rename = "TIL")]
    Til,
    /// Natural killer cells, with or without a CAR.
    #[serde(rename = "NK")]
    Nk,
    /// Cytokine-induced killer cells.
    #[serde(rename = "CIK")]
    Cik,
}

/// Generation of a CAR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Generation {
    /// The ζ chain alone.
    First,
    /// One co-stimulatory domain: CD28 unless `costimulation` says 4-1BB.
    Second,
    /// CD28 and 4-1BB.
    Third,
    /// Second generation with armour.
    Armoured,
}

/// How the receptor is expressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum Expression {
    /// From the genome: daughters carry as many receptors as their mother.
    #[default]
    #[serde(rename = "stable")]
    Stable,
    /// From transfected mRNA: receptors decay and are shared out between daughters.
    #[serde(rename = "mRNA")]
    Mrna,
}

/// What armoured cells were given; each acts on one named term of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema)]
pub enum Armour {
    /// Nothing, to compare with.
    #[serde(rename = "none")]
    None,
    /// Secretes IL-12: raises the secretion of IFN-γ.
    #[serde(rename = "IL-12")]
    Il12,
    /// Carries IL-15: divides and survives without IL-2.
    #[serde(rename = "IL-15")]
    Il15,
    /// Secretes IL-18: slows exhaustion.
    #[serde(rename = "IL-18")]
    Il18,
    /// Dominant-negative TGF-β receptor: blind to TGF-β.
    #[serde(rename = "dnTGFBR2")]
    DominantNegativeTgfBeta,
    /// PD-1 knocked out.
    #[serde(rename = "PD-1 knockout")]
    Pd1Knockout,
    /// `CCR2b`: follows the tumour's CCL2, and enters more.
    #[serde(rename = "CCR2b")]
    Ccr2b,
    /// `CXCR2`: follows the tumour's CXCL8, and enters more.
    #[serde(rename = "CXCR2")]
    Cxcr2,
    /// Heparanase: loosens matrix on the way.
    #[serde(rename = "heparanase")]
    Heparanase,
}

/// A receptor for one antigen.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceptorSection {
    /// Dissociation constant in solution.
    pub kd: Concentration,
    /// Association rate in solution.
    pub kon: Option<AssociationRate>,
    /// Receptors per cell (median over cells).
    pub density: Option<SurfaceDensity>,
    /// Standard deviation of the natural logarithm of the receptors per cell, over cells.
    pub log_sd: Option<f64>,
}

/// A synNotch receptor: contact with its antigen induces the receptors of the gate.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SynNotchSection {
    /// Antigen that primes; `[product.receptor]` must hold its receptor.
    pub sensor: String,
    /// Time constant with which the receptors of the gate appear under priming.
    pub induction: Option<Time>,
    /// Half-life of the receptors of the gate without priming.
    pub half_life: Option<Time>,
}

/// An adapter that bridges receptor and antigen.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AdapterSection {
    /// Dissociation constant of adapter and antigen.
    pub antigen_kd: Concentration,
    /// Dissociation constant of adapter and receptor.
    pub receptor_kd: Concentration,
}

/// A switch that kills the product on command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum SafetySwitch {
    /// Inducible caspase 9, activated by a dimeriser.
    #[serde(rename = "iC9")]
    InducibleCaspase9,
    /// Truncated EGFR, bound by cetuximab.
    #[serde(rename = "EGFRt")]
    TruncatedEgfr,
}
