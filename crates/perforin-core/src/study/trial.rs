//! `[trial]`: a trial of the product, simulated many times.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::selection::SelectionSection;
use super::uncertainty::UncertaintySection;
use crate::quantity::{Dose, Fraction, Rate, Time};

/// A trial of the product: dose levels, a design, what is true, and how the product is made; for `perforin trial`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrialSection {
    /// Dose levels, increasing, all counted in the same way, such as "1e8 CAR+ cells".
    #[serde(default)]
    pub doses: Vec<Dose>,
    /// Rate of dose-limiting toxicity that is aimed at.
    pub target: Option<Fraction>,
    /// Time after infusion over which a patient is watched for dose-limiting toxicity.
    pub window: Option<Time>,
    /// Mean interval between patients who can be enrolled.
    pub accrual_interval: Option<Time>,
    /// Number of simulated trials of each scenario.
    pub trials: Option<u64>,
    /// How the dose is found.
    pub dose_finding: Option<DoseFindingSection>,
    /// What is true, each in its own set of simulated trials.
    #[serde(default)]
    pub scenario: Vec<TrialScenarioSection>,
    /// Outcomes from the patients of `[population]` instead of stated rates.
    pub virtual_patients: Option<VirtualPatientsSection>,
    /// A test that selects the patients; all who are eligible are enrolled if left out.
    pub selection: Option<SelectionSection>,
    /// How the product is made, and who is lost before the infusion; every patient is infused at the planned dose if
    /// left out.
    pub manufacturing: Option<ManufacturingSection>,
    /// A trial of efficacy.
    pub efficacy: Option<EfficacySection>,
    /// What is not known of the parameters; they are taken to be known if left out.
    pub uncertainty: Option<UncertaintySection>,
}

/// How the dose is found.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DoseFindingSection {
    /// The design.
    pub design: DesignWord,
    /// Patients treated together; 3 in the 3+3 designs.
    pub cohort: Option<u32>,
    /// Most patients who are counted for toxicity.
    pub patients: Option<u32>,
    /// Most patients who are enrolled.
    pub most_enrolled: Option<u32>,
    /// Dose level of the first cohort, from 1.
    pub start: Option<u32>,
    /// BOIN: rate of toxicity that is too low, and one that is too high; 0.6 and 1.4 of the target if left out.
    pub too_low: Option<Fraction>,
    /// See `too_low`.
    pub too_high: Option<Fraction>,
    /// mTPI, mTPI-2, keyboard: distance of the target interval's ends from the target.
    pub margin: Option<Fraction>,
    /// CRM, TITE-CRM: how toxicity depends on the dose.
    pub curve: Option<CurveWord>,
    /// CRM, TITE-CRM: prior guess of the toxicity rate at each level; calibrated from `half_width` and `prior_level` if left out.
    pub skeleton: Option<Vec<Fraction>>,
    /// CRM, TITE-CRM: half width of the indifference interval around the target.
    pub half_width: Option<Fraction>,
    /// CRM, TITE-CRM, BLRM, EWOC: level that is thought to have the target rate, from 1; the middle one if left out.
    pub prior_level: Option<u32>,
    /// CRM, TITE-CRM: variance of the parameter's normal prior.
    pub variance: Option<f64>,
    /// BLRM: lower and upper end of the interval of toxicity rates that is aimed at; the target must lie in it.
    pub target_interval: Option<[Fraction; 2]>,
    /// BLRM, EWOC: largest probability of an overdose with which a dose may be given.
    pub feasibility: Option<Fraction>,
    /// BLRM, EWOC: prior of the curve.
    pub prior: Option<LogisticPriorSection>,
    /// BOIN12: lowest acceptable response rate.
    pub least_response: Option<Fraction>,
    /// BOIN12: worth of what can happen to a patient; response without toxicity has 100, toxicity without response 0.
    pub utilities: Option<UtilitiesSection>,
}

/// Normal prior of `ln α` and `ln β`, where the logit of the toxicity rate at a dose `d` is `ln α + β ln(d/reference)`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogisticPriorSection {
    /// Dose at which `ln α` is the logit of the toxicity rate; that of `prior_level` if left out.
    pub reference: Option<Dose>,
    /// Mean of `ln α`; the logit of the target if left out.
    pub intercept_mean: Option<f64>,
    /// Standard deviation of `ln α`.
    pub intercept_sd: Option<f64>,
    /// Mean of `ln β`.
    pub slope_mean: Option<f64>,
    /// Standard deviation of `ln β`.
    pub slope_sd: Option<f64>,
    /// Correlation of both.
    pub correlation: Option<f64>,
}

/// Worth of what can happen to a patient, 0 to 100.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UtilitiesSection {
    /// Neither response nor dose-limiting toxicity.
    pub neither: Option<f64>,
    /// Both.
    pub both: Option<f64>,
}

/// A design that finds a dose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum DesignWord {
    /// 3+3: three patients at a dose, three more after one toxicity.
    #[serde(rename = "3+3")]
    ThreePlusThree,
    /// The same, with six patients required at the dose that is declared.
    #[serde(rename = "3+3-de-escalation")]
    ThreePlusThreeDeescalation,
    /// Bayesian optimal interval design.
    #[serde(rename = "boin")]
    Boin,
    /// The same with patients whose window is still open.
    #[serde(rename = "tite-boin")]
    TiteBoin,
    /// Modified toxicity probability interval.
    #[serde(rename = "mtpi")]
    Mtpi,
    /// Its successor with intervals of equal length.
    #[serde(rename = "mtpi-2")]
    Mtpi2,
    /// Keyboard.
    #[serde(rename = "keyboard")]
    Keyboard,
    /// Continual reassessment method.
    #[serde(rename = "crm")]
    Crm,
    /// Rolling six: the 3+3 without its pauses.
    #[serde(rename = "rolling-six")]
    RollingSix,
    /// Continual reassessment method with patients whose window is still open.
    #[serde(rename = "tite-crm")]
    TiteCrm,
    /// Bayesian logistic regression with overdose control: the open dose most probably in the target interval.
    #[serde(rename = "blrm")]
    Blrm,
    /// Escalation with overdose control: the highest open dose.
    #[serde(rename = "ewoc")]
    Ewoc,
    /// Bayesian optimal interval design for the best balance of toxicity and response.
    #[serde(rename = "boin12")]
    Boin12,
}

/// How toxicity depends on the dose in a continual reassessment method.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CurveWord {
    /// A power of the skeleton.
    #[default]
    Empiric,
    /// A logistic curve with a fixed intercept.
    Logistic,
}

/// What is true in a scenario.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrialScenarioSection {
    /// Name in tables.
    pub name: String,
    /// Rate of dose-limiting toxicity at each dose level.
    pub toxicity: Vec<Fraction>,
    /// Response rate at each dose level.
    pub response: Option<Vec<Fraction>>,
}

/// Outcomes from the patients of `[population]`: each is followed at every dose level and at parts of the lowest.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VirtualPatientsSection {
    /// Lowest grade of cytokine release that limits the dose.
    pub crs_grade: Option<u8>,
    /// Lowest grade of neurotoxicity (ICANS) that limits the dose.
    pub icans_grade: Option<u8>,
    /// Lowest grade of loss of the organ at risk that limits the dose.
    pub organ_grade: Option<u8>,
}

/// How the product is made, and who is lost before the infusion.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ManufacturingSection {
    /// Share of screened patients who are not eligible.
    pub screen_failure: Option<Fraction>,
    /// Share of enrolled patients whose apheresis fails.
    pub apheresis_failure: Option<Fraction>,
    /// Share of products that cannot be released whatever their number of cells.
    pub failure: Option<Fraction>,
    /// Cells that can be given to one patient, counted as the dose levels are: log-normal.
    #[serde(rename = "yield")]
    pub harvest: YieldSection,
    /// Least dose that is given; a smaller yield is a manufacturing failure.
    pub least_dose: Option<Dose>,
    /// Share of the planned dose from which on a patient counts as given it.
    pub planned_from: Option<Fraction>,
    /// What is done with patients who get less.
    #[serde(default)]
    pub under_dosed: UnderDosedWord,
    /// Time from enrolment to infusion: log-normal.
    pub vein_to_vein: DelaySection,
    /// Rate at which patients who wait are lost (death, progression, withdrawal), such as "0.006 /d".
    pub attrition: Option<Rate>,
    /// Therapy while waiting.
    pub bridging: Option<BridgingSection>,
    /// Whether a patient who is not infused is replaced; true if left out.
    pub replace: Option<bool>,
    /// Least share of patients infused at the planned dose with which a level is feasible.
    pub feasible_from: Option<Fraction>,
}

/// A log-normal number of cells.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct YieldSection {
    /// Median.
    pub median: Dose,
    /// Standard deviation of the natural logarithm.
    pub log_sd: f64,
}

/// A log-normal time.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DelaySection {
    /// Median.
    pub median: Time,
    /// Standard deviation of the natural logarithm; 0 if left out.
    pub log_sd: Option<f64>,
}

/// Therapy while waiting for the product.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BridgingSection {
    /// Share of patients who get it.
    pub share: Fraction,
    /// Rate of attrition with it over that without.
    pub hazard_ratio: f64,
}

/// What is done with patients who get less than the planned dose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UnderDosedWord {
    /// They are treated and counted at the level that they were assigned to.
    #[default]
    AssignedLevel,
    /// They are treated and counted at the highest level that they reached; below the lowest they count for none.
    AchievedLevel,
    /// They are treated, count for no level and are replaced.
    Replace,
}

/// A trial of efficacy: one arm with looks, baskets, an enriched population, or two arms with times to events.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EfficacySection {
    /// One arm in two stages, after Simon.
    pub two_stage: Option<TwoStageSection>,
    /// One arm with several looks at response and, if wanted, toxicity: BOP2.
    pub bop2: Option<Bop2Section>,
    /// One arm in several baskets (tumour types, say) that borrow from each other: EXNEX.
    pub baskets: Option<BasketsSection>,
    /// One arm that finds the cut-point of a marker at a look and enrols from it on.
    pub enrichment: Option<EnrichmentSection>,
    /// Two arms at random.
    pub randomised: Option<RandomisedSection>,
}

/// One arm in two stages: errors that a design must keep, and what is true.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TwoStageSection {
    /// Response rate that is not worth pursuing.
    pub p0: Fraction,
    /// Response rate that is.
    pub p1: Fraction,
    /// Largest probability of calling the product active where it is not.
    pub alpha: Option<Fraction>,
    /// Largest probability of missing an active one.
    pub beta: Option<Fraction>,
    /// True response rate of infused patients; `p1` if left out.
    pub truth: Option<Fraction>,
}

/// One arm with several looks: errors that a design must keep, and what is true.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bop2Section {
    /// Numbers of patients at the looks, increasing; the last is the trial's size.
    pub looks: Vec<u32>,
    /// Response rate that is not worth pursuing.
    pub p0: Fraction,
    /// Response rate that is.
    pub p1: Fraction,
    /// Toxicity, if it is watched too.
    pub toxicity: Option<Bop2ToxicitySection>,
    /// Largest probability of calling the product promising where it is not.
    pub alpha: Option<Fraction>,
    /// True response rate of infused patients; `p1` if left out.
    pub truth: Option<Fraction>,
}

/// Toxicity that is watched beside response.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bop2ToxicitySection {
    /// Toxicity rate that is too high.
    pub unacceptable: Fraction,
    /// Toxicity rate that is not.
    pub acceptable: Fraction,
    /// True toxicity rate; the acceptable one if left out.
    pub truth: Option<Fraction>,
}

/// One arm in several baskets: what is known of each, and how often each is called active.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BasketsSection {
    /// Response rate to exceed.
    pub p0: Fraction,
    /// Probability of exceeding it with which a basket is called active.
    pub certainty: Option<Fraction>,
    /// Prior probability that a basket is exchangeable with the others.
    pub exchangeable: Option<Fraction>,
    /// Mean log odds of exchangeable baskets: mean of its normal prior; the logit of `p0` if left out.
    pub mean: Option<f64>,
    /// The same: standard deviation.
    pub mean_sd: Option<f64>,
    /// Standard deviation of exchangeable baskets' log odds: scale of its half-normal prior.
    pub heterogeneity: Option<f64>,
    /// Log odds of a basket that is not exchangeable: mean of its normal prior; the logit of `p0` if left out.
    pub alone_mean: Option<f64>,
    /// The same: standard deviation.
    pub alone_sd: Option<f64>,
    /// The baskets.
    #[serde(default)]
    pub basket: Vec<BasketSection>,
}

/// A basket.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BasketSection {
    /// Name in tables.
    pub name: String,
    /// Patients.
    pub patients: u32,
    /// True response rate.
    pub truth: Fraction,
    /// Those who responded, if the trial is over.
    pub responses: Option<u32>,
}

/// One arm that finds the cut-point of a marker at a look; its strata are in the order of rising marker value.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnrichmentSection {
    /// Patients of each stratum in the first stage.
    pub first: Vec<u32>,
    /// Patients in the second stage.
    pub second: u32,
    /// Share of each stratum in the population.
    pub prevalence: Vec<Fraction>,
    /// Response rate to exceed.
    pub p0: Fraction,
    /// Probability of exceeding it that a cut-point must have at the look.
    pub continue_at: Option<Fraction>,
    /// Largest probability of rejecting where every stratum has the rate `p0`.
    pub alpha: Option<Fraction>,
    /// True response rate of each stratum.
    pub truth: Vec<Fraction>,
}

/// Two arms at random, with progression-free and overall survival.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomisedSection {
    /// Patients given the product.
    pub product: u32,
    /// Patients given the control.
    pub control: u32,
    /// Median progression-free survival with the control.
    pub control_pfs: Time,
    /// Median overall survival with the control.
    pub control_os: Time,
    /// Hazard ratio of progression or death in infused patients, from randomisation on.
    pub hazard_ratio_pfs: f64,
    /// Hazard ratio of death in infused patients, from randomisation on.
    pub hazard_ratio_os: f64,
    /// Share of control patients who get the product after progression.
    pub crossover: Option<Fraction>,
    /// Follow-up of the last patient.
    pub follow_up: Time,
    /// Number of equally spaced looks at progression-free survival; 1 if left out.
    pub looks: Option<u32>,
    /// How the level is spent over the looks.
    #[serde(default)]
    pub boundary: BoundaryWord,
    /// One-sided level.
    pub alpha: Option<Fraction>,
}

/// How the level is spent over the looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BoundaryWord {
    /// Little at first.
    #[default]
    OBrienFleming,
    /// Evenly.
    Pocock,
}
