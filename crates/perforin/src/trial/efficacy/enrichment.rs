//! One arm that finds the cut-point of a marker at a look and enrols from it on.

use perforin_core::catalogue::trial as defaults;
use perforin_core::quantity::Fraction;
use perforin_core::study::trial::EnrichmentSection;
use perforin_lesion::scenario::Notes;
use perforin_trial::dose_finding::DesignError;
use perforin_trial::efficacy::enrichment::{Course, Demand, Enrichment};
use serde::{Deserialize, Serialize};

/// Path of the section.
const PATH: &str = "trial.efficacy.enrichment";

/// What is asked.
#[derive(Clone, Debug)]
pub struct EnrichmentAsked {
    demand: Demand,
    design: Enrichment,
    truth: Vec<f64>,
    infused: f64,
}

/// What comes of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnrichmentAnswer {
    /// Patients of each stratum in the first stage, and of the second stage.
    pub patients: (Vec<u32>, u32),
    /// Share of each stratum in the population.
    pub prevalence: Vec<f64>,
    /// Response rate to exceed, and the error that is kept.
    pub p0: f64,
    /// See `p0`.
    pub alpha: f64,
    /// Probability of exceeding it that a cut-point must have at the look.
    pub continue_at: f64,
    /// Largest binomial tail that rejects.
    pub critical: f64,
    /// Share of enrolled patients who are infused.
    pub infused: f64,
    /// What the design comes to.
    pub courses: Vec<EnrichmentRow>,
}

/// What the design comes to at some true rates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnrichmentRow {
    /// What is true.
    pub truth: String,
    /// Response rates of the strata.
    pub rates: Vec<f64>,
    /// Probability that each cut-point, from the lowest stratum on, is chosen at the look.
    pub chosen: Vec<f64>,
    /// Probability that each is chosen and the product called active from it on.
    pub rejected: Vec<f64>,
    /// Probability of stopping at the look.
    pub stops: f64,
    /// Expected number of patients.
    pub patients: f64,
    /// Expected number screened for those of the second stage.
    pub screened: f64,
}

/// Reads the section and calibrates the design; what is wrong is noted.
pub(super) fn read(section: &EnrichmentSection, infused: f64, notes: &mut Notes) -> Option<EnrichmentAsked> {
    let path = |key: &str| format!("{PATH}.{key}");
    let p0 = notes.given(&path("p0"), section.p0.value(), "1", "Response rate to exceed");
    let mut of = |given: Option<Fraction>, parameter: &'static perforin_core::catalogue::Parameter| {
        notes.value(parameter.name, given.map(Fraction::value), parameter)
    };
    let continue_at = of(section.continue_at, &defaults::CONTINUE_AT);
    let alpha = of(section.alpha, &defaults::ENRICHMENT_ALPHA);
    record(section, notes);
    if section.truth.len() != section.first.len() {
        let message = format!("{} rates for {} strata", section.truth.len(), section.first.len());
        notes.wrong(&path("truth"), message, "give one rate for every stratum");
        return None;
    }
    let demand = Demand {
        first: section.first.clone(),
        second: section.second,
        prevalence: section.prevalence.iter().map(|share| share.value()).collect(),
        p0,
        continue_at,
        alpha,
    };
    let truth = section.truth.iter().map(|rate| rate.value()).collect();
    match Enrichment::new(demand.clone()) {
        Ok(design) => Some(EnrichmentAsked { demand, design, truth, infused }),
        Err(error) => {
            notes.wrong(
                PATH,
                error.to_string(),
                "correct it; strata are in the order of rising marker value",
            );
            None
        }
    }
}

/// Notes the numbers of the strata and the second stage.
fn record(section: &EnrichmentSection, notes: &mut Notes) {
    let path = |key: &str| format!("{PATH}.{key}");
    notes.given(&path("second"), f64::from(section.second), "1", "Patients in the second stage");
    for (k, patients) in section.first.iter().enumerate() {
        let meaning = format!("Patients of stratum {} in the first stage", k + 1);
        notes.given(&format!("{PATH}.first.{k}"), f64::from(*patients), "1", &meaning);
    }
    for (key, shares, meaning) in [
        ("prevalence", &section.prevalence, "Share of the stratum in the population"),
        ("truth", &section.truth, "True response rate of the stratum's infused patients"),
    ] {
        for (k, share) in shares.iter().enumerate() {
            notes.share(&format!("{PATH}.{key}.{k}"), share.value(), &format!("{meaning} {}", k + 1));
        }
    }
}

impl EnrichmentAsked {
    /// The same design where the true response rates are others.
    pub(super) fn with(&self, rate: &dyn Fn(f64) -> f64) -> Self {
        Self { truth: self.truth.iter().map(|truth| rate(*truth)).collect(), ..self.clone() }
    }

    /// What comes of it, exactly.
    ///
    /// # Errors
    /// If a rate is none.
    pub(super) fn answer(&self) -> Result<EnrichmentAnswer, DesignError> {
        let Self { demand, design, truth, infused } = self;
        let enrolled: Vec<f64> = truth.iter().map(|rate| rate * infused).collect();
        let null = vec![demand.p0; truth.len()];
        let row = |(name, rates): (&str, &Vec<f64>)| {
            let Course { chosen, rejected, stops, patients, screened } = design.course(rates)?;
            let (truth, rates) = (name.to_owned(), rates.clone());
            Ok(EnrichmentRow { truth, rates, chosen, rejected, stops, patients, screened })
        };
        let truths = [
            ("no stratum above the rate", &null),
            ("this product, infused patients", truth),
            ("this product, all enrolled", &enrolled),
        ];
        Ok(EnrichmentAnswer {
            patients: (demand.first.clone(), demand.second),
            prevalence: demand.prevalence.clone(),
            p0: demand.p0,
            alpha: demand.alpha,
            continue_at: demand.continue_at,
            critical: design.critical,
            infused: *infused,
            courses: truths.into_iter().map(row).collect::<Result<_, DesignError>>()?,
        })
    }
}
