//! `[regimen]`: what is given, and when.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::quantity::{
    AbsorbedDose, Concentration, Dose, DrugMass, Fraction, Length, MassConcentration, Time,
};

/// When what is given.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegimenSection {
    /// Infusions of the product.
    #[serde(default)]
    pub infusion: Vec<InfusionSection>,
    /// Lymphodepletion before the first infusion.
    pub lymphodepletion: Option<LymphodepletionSection>,
    /// Antibodies against a checkpoint.
    #[serde(default)]
    pub antibody: Vec<AntibodySection>,
    /// IL-2 given to the patient.
    #[serde(default)]
    pub il2: Vec<CytokineSection>,
    /// Fractions of radiotherapy.
    #[serde(default)]
    pub radiotherapy: Vec<RadiotherapySection>,
    /// Chemotherapy, as its effect on the growth of tumour cells.
    #[serde(default)]
    pub chemotherapy: Vec<ChemotherapySection>,
    /// Injections of an oncolytic virus into the tumour.
    #[serde(default)]
    pub oncolytic_virus: Vec<VirusSection>,
    /// Doses of the adapter of an adapter CAR.
    #[serde(default)]
    pub adapter: Vec<AdapterDoseSection>,
    /// Doses of the drug that activates the product's safety switch.
    #[serde(default)]
    pub switch_drug: Vec<SwitchDrugSection>,
    /// Doses of tocilizumab; of a patient.
    #[serde(default)]
    pub tocilizumab: Vec<DrugDoseSection>,
    /// Doses of dexamethasone; of a patient.
    #[serde(default)]
    pub dexamethasone: Vec<DrugDoseSection>,
    /// What is done when cytokine release reaches a grade; of a patient.
    pub rules: Option<RulesSection>,
}

/// An infusion of a product.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InfusionSection {
    /// Day of the study.
    pub day: f64,
    /// Typed dose, such as "2.5e8 CAR+ cells".
    pub dose: Option<Dose>,
    /// Receptor-bearing cells for each tumour cell at the start, for a co-culture, instead of a dose.
    pub effector_to_target: Option<f64>,
    /// Which product: `product` or `second_product`.
    #[serde(default)]
    pub product: WhichProduct,
    /// Route.
    #[serde(default)]
    pub route: Route,
    /// Radius of the ball in which an intratumoural injection leaves its cells.
    pub radius: Option<Length>,
    /// Parts of the dose, each some time after `day`; of a patient.
    #[serde(default)]
    pub split: Vec<SplitSection>,
}

/// A part of a split dose.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitSection {
    /// Share of the whole dose.
    pub share: Fraction,
    /// Time after the first part, such as "1 d".
    pub after: Time,
}

/// One of the products of a study.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhichProduct {
    /// `[product]`.
    #[default]
    Product,
    /// `[second_product]`.
    SecondProduct,
}

/// Route of an infusion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Route {
    /// Into a vein; a share of the cells reaches the lesion over time.
    #[default]
    Intravenous,
    /// Into the artery that feeds the organ; a larger share reaches the lesion.
    IntraArterial,
    /// Into the cavity around the tumour: all cells lie on the tumour's surface at once.
    Intracavitary,
    /// Into the pleural cavity; in a lesion as `intracavitary`.
    Intrapleural,
    /// Into the peritoneal cavity; in a lesion as `intracavitary`.
    Intraperitoneal,
    /// Into the ventricles of the brain; in a lesion as `intracavitary`.
    Intraventricular,
    /// Into the tumour; all cells are in the lesion at once.
    Intratumoural,
}

impl Route {
    /// Whether the cells are given into a cavity in which the tumour lies.
    pub fn is_cavity(self) -> bool {
        matches!(
            self,
            Self::Intracavitary | Self::Intrapleural | Self::Intraperitoneal | Self::Intraventricular
        )
    }
}

/// Lymphodepletion.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LymphodepletionSection {
    /// Start, before the first infusion, such as "-5 d".
    pub start: Time,
    /// Its last day, when its effect on a patient is full, such as "-3 d"; the start if left out.
    pub end: Option<Time>,
    /// Share of the lymphocytes of the lesion (regulatory and endogenous T cells) that it removes.
    pub depletion: Option<Fraction>,
}

/// An antibody against a checkpoint.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AntibodySection {
    /// What it blocks.
    pub target: CheckpointTarget,
    /// Day of the first dose.
    pub day: f64,
    /// Interval of repeated doses.
    pub every: Option<Time>,
    /// Number of doses; as many as fit if `every` is given.
    pub doses: Option<u32>,
    /// Concentration in blood right after a dose.
    pub peak: Option<Concentration>,
    /// Amount of a dose to a patient, instead of `peak`.
    pub amount: Option<DrugMass>,
    /// Half-life in blood.
    pub half_life: Option<Time>,
    /// Dissociation constant of the antibody.
    pub kd: Option<Concentration>,
}

/// What an antibody blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema)]
pub enum CheckpointTarget {
    /// PD-1 on T cells.
    #[serde(rename = "PD-1")]
    Pd1,
    /// PD-L1 on tumour cells.
    #[serde(rename = "PD-L1")]
    PdL1,
    /// CTLA-4 on regulatory T cells.
    #[serde(rename = "CTLA-4")]
    Ctla4,
}

/// A cytokine given to the patient.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CytokineSection {
    /// Day of the first dose.
    pub day: f64,
    /// Interval of repeated doses.
    pub every: Option<Time>,
    /// Number of doses.
    pub doses: Option<u32>,
    /// Concentration in blood right after a dose.
    pub peak: MassConcentration,
    /// Half-life in blood.
    pub half_life: Option<Time>,
}

/// A fraction of radiotherapy, repeated if `every` is given.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RadiotherapySection {
    /// Day of the first fraction.
    pub day: f64,
    /// Absorbed dose of a fraction.
    pub dose: AbsorbedDose,
    /// Interval of fractions.
    pub every: Option<Time>,
    /// Number of fractions.
    pub fractions: Option<u32>,
    /// Whether irradiated tumour cells draw T cells (assumed: the chemokine's secretion doubles for a week).
    #[serde(default)]
    pub immunogenic: bool,
}

/// Chemotherapy.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChemotherapySection {
    /// Day of the first dose.
    pub day: f64,
    /// Interval of repeated doses.
    pub every: Option<Time>,
    /// Number of doses.
    pub doses: Option<u32>,
    /// Share by which it lowers the rate of entering the cell cycle right after a dose.
    pub inhibition: Fraction,
    /// Half-life of the effect.
    pub half_life: Time,
}

/// An injection of an oncolytic virus.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VirusSection {
    /// Day.
    pub day: f64,
    /// Number of tumour cells that the injection infects, nearest to the middle first.
    pub infected: u32,
}

/// A dose of the adapter of an adapter CAR.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AdapterDoseSection {
    /// Day of the first dose.
    pub day: f64,
    /// Interval of repeated doses.
    pub every: Option<Time>,
    /// Number of doses.
    pub doses: Option<u32>,
    /// Concentration in the lesion right after a dose.
    pub peak: Concentration,
    /// Half-life.
    pub half_life: Time,
}

/// A dose of the drug that activates a safety switch.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SwitchDrugSection {
    /// Day.
    pub day: f64,
}

/// A dose of a rescue drug.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DrugDoseSection {
    /// Day of the first dose.
    pub day: f64,
    /// Amount of a dose.
    pub amount: DrugMass,
    /// Interval of repeated doses.
    pub every: Option<Time>,
    /// Number of doses.
    pub doses: Option<u32>,
}

/// What is done when cytokine release reaches a grade, 1 to 4.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RulesSection {
    /// Later infusions and parts of a split dose are withheld from this grade on.
    pub withhold_at_crs: Option<u8>,
    /// Tocilizumab, 8 mg/kg up to 800 mg, is given when this grade is reached first.
    pub tocilizumab_at_crs: Option<u8>,
    /// Dexamethasone, 10 mg, is given when this grade is reached first.
    pub dexamethasone_at_crs: Option<u8>,
}
