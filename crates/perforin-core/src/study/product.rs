//! `[product]` and `[regimen]`: the cells that are infused, and when.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::quantity::{AssociationRate, Concentration, Dose, Fraction, Length, SurfaceDensity, Time};

/// The cells that are infused.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductSection {
    /// Kind of product.
    pub kind: ProductKind,
    /// Which antigens fire it, such as "HER2", "A & !B" or "(A | B) & C".
    pub gate: String,
    /// Co-stimulatory domain.
    pub costimulation: Option<Costimulation>,
    /// Share of the infused cells that carry the receptor, for doses that count all cells.
    pub car_positive: Option<Fraction>,
    /// Receptors, by the antigen that they bind.
    pub receptor: BTreeMap<String, ReceptorSection>,
}

/// Kind of product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum ProductKind {
    /// T cells with a chimeric antigen receptor.
    #[serde(rename = "CAR-T")]
    CarT,
}

/// Co-stimulatory domain of a receptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum Costimulation {
    /// CD28: the lower thresholds of antigen density.
    #[serde(rename = "CD28")]
    Cd28,
    /// 4-1BB (CD137): higher thresholds of antigen density.
    #[serde(rename = "4-1BB")]
    FourOneBb,
}

/// A receptor for one antigen.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceptorSection {
    /// Dissociation constant in solution.
    pub kd: Concentration,
    /// Association rate in solution.
    pub kon: Option<AssociationRate>,
    /// Receptors per cell.
    pub density: Option<SurfaceDensity>,
}

/// When what is given.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegimenSection {
    /// Infusions of the product.
    #[serde(default)]
    pub infusion: Vec<InfusionSection>,
    /// Lymphodepletion before the first infusion.
    pub lymphodepletion: Option<LymphodepletionSection>,
    /// Antibodies.
    #[serde(default)]
    pub antibody: Vec<AntibodySection>,
}

/// An infusion of the product.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InfusionSection {
    /// Day of the study.
    pub day: f64,
    /// Typed dose, such as "2.5e8 CAR+ cells".
    pub dose: Dose,
    /// Route.
    #[serde(default)]
    pub route: Route,
    /// Radius of the ball in which an intratumoural injection leaves its cells.
    pub radius: Option<Length>,
}

/// Route of an infusion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Route {
    /// Into a vein; a share of the cells reaches the lesion over time.
    #[default]
    Intravenous,
    /// Into the tumour; all cells are in the lesion at once.
    Intratumoural,
}

/// Lymphodepletion.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LymphodepletionSection {
    /// Start, before the first infusion, such as "-5 d".
    pub start: Time,
}

/// An antibody.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AntibodySection {
    /// Target, such as "PD-1".
    pub target: String,
    /// Day of the first dose.
    pub day: f64,
    /// Interval of repeated doses.
    pub every: Option<Time>,
}
