//! `[patient]`: the patient as a whole.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::StudyValue;
use super::lesion::DensitySection;
use crate::quantity::{Age, BodyMass, FieldValue, Fraction, Length, SurfaceDensity, Time};

/// The patient as a whole: kinetics of the product, response and toxicity.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PatientSection {
    /// "perforin", the model of solid tumours, or a published model by name, such as "stein-2019".
    pub model: Option<String>,
    /// Which patient of the published model; its first if left out.
    pub published_patient: Option<String>,
    /// Values of the model's parameters by name, each with its unit, such as `expansion = "1.6 /d"`.
    #[serde(default)]
    pub parameters: BTreeMap<String, StudyValue>,
    /// Body weight, for doses per kg and per m².
    pub weight: Option<BodyMass>,
    /// Body height, for doses per m².
    pub height: Option<Length>,
    /// Age, for effects that `[population.covariate.age]` gives it.
    pub age: Option<Age>,
    /// Antigens of tumour cells, by name; "*" is any antigen of a gate that `[targets]` finds.
    #[serde(default)]
    pub antigen: BTreeMap<String, PatientAntigenSection>,
    /// Lesions.
    #[serde(default)]
    pub lesion: Vec<PatientLesionSection>,
    /// A normal organ that carries antigens of the product.
    pub organ_at_risk: Option<OrganSection>,
    /// Exchange of product cells with the cell-by-cell lesion of `[lesion]`.
    #[serde(default)]
    pub exchange: ExchangeSection,
    /// When lesions are measured.
    #[serde(default)]
    pub visits: VisitsSection,
    /// By which criteria best response, progression and duration of response are told; RECIST 1.1 if left out.
    pub response: Option<ResponseCriteria>,
    /// How the product in blood is measured.
    pub assay: Option<AssaySection>,
    /// How severity becomes grades.
    #[serde(default)]
    pub toxicity: ToxicitySection,
}

/// Criteria of response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum ResponseCriteria {
    /// RECIST 1.1, by the sum of diameters.
    #[default]
    #[serde(rename = "RECIST 1.1")]
    Recist,
    /// iRECIST: progression must be confirmed.
    #[serde(rename = "iRECIST")]
    Irecist,
    /// RANO of high-grade glioma, by the sum of products of diameters, with steroids.
    #[serde(rename = "RANO")]
    Rano,
}

impl fmt::Display for ResponseCriteria {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Recist => "RECIST 1.1",
            Self::Irecist => "iRECIST",
            Self::Rano => "RANO",
        })
    }
}

/// An antigen of the tumour cells of a patient.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PatientAntigenSection {
    /// Distribution over antigen-positive cells.
    pub density: DensitySection,
    /// Density on antigen-negative cells; none if left out.
    pub on_negative_cells: Option<SurfaceDensity>,
}

/// A lesion of a patient.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PatientLesionSection {
    /// Name in tables; a number if left out.
    pub name: Option<String>,
    /// Diameter on day 0, of lymph nodes the short axis.
    pub diameter: Length,
    /// Organ; two target lesions at most are chosen in one.
    pub organ: Option<String>,
    /// Whether it is a lymph node.
    #[serde(default)]
    pub node: bool,
    /// Whether it may be a target lesion; otherwise it is followed as a non-target lesion.
    pub target: Option<bool>,
    /// Share of antigen-negative cells.
    pub antigen_negative: Option<Fraction>,
    /// Delivery of product from blood over that to a lesion of the same size with free access.
    pub access: Option<f64>,
    /// Whether the lesion lies in the cavity, or is fed by the artery, into which the product is given.
    #[serde(default)]
    pub in_cavity: bool,
    /// Doubling time; the parameter `doubling_time` if left out.
    pub doubling_time: Option<Time>,
}

/// A normal organ that carries antigens of the product. Its size and reserve are the parameters `organ_cells` and
/// `organ_reserve`.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganSection {
    /// Its name.
    pub name: String,
    /// Antigens of its cells, by name; what the product reads and is not named here is absent.
    pub antigen: BTreeMap<String, OrganAntigenSection>,
}

/// An antigen of the organ at risk.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganAntigenSection {
    /// Distribution over the organ's cells.
    pub density: DensitySection,
}

/// Exchange of product cells with the lesion of `[lesion]`, which is one more lesion of the patient, followed cell by
/// cell.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExchangeSection {
    /// Interval at which counted cells are exchanged, such as "6 h".
    pub every: Option<Time>,
    /// Delivery of product from blood over that to a lesion of the same size with free access; 1 if left out.
    pub access: Option<f64>,
}

/// When lesions are measured. The first measurement is on day 0.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitsSection {
    /// Day of the first visit after day 0; one interval if left out.
    pub first: Option<f64>,
    /// Interval of visits.
    pub every: Option<Time>,
}

/// How the product in blood is measured.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AssaySection {
    /// Standard deviation of the logarithm of a measurement about the true value.
    pub log_sd: f64,
    /// Lower limit of quantification, in the unit of the product in blood, such as "2.5 /µL".
    pub limit: Option<FieldValue>,
}

/// How severity becomes grades.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToxicitySection {
    /// Observed shares of patients with cytokine release of grade 1 or more, 2 or more, 3 or more, and 4: the
    /// population is made to have them under the study's own regimen.
    pub crs_rates: Option<[Fraction; 4]>,
    /// The same for neurotoxicity (ICANS).
    pub icans_rates: Option<[Fraction; 4]>,
}
