//! One arm in two stages, after Simon.

use perforin_core::catalogue::trial as defaults;
use perforin_core::quantity::Fraction;
use perforin_core::study::trial::TwoStageSection;
use perforin_lesion::scenario::Notes;
use perforin_trial::dose_finding::DesignError;
use perforin_trial::efficacy::simon::{self, Demand, TwoStage};
use serde::{Deserialize, Serialize};

/// One arm in two stages.
#[derive(Clone, Copy, Debug)]
pub struct TwoStageAsked {
    demand: Demand,
    truth: f64,
    /// Share of enrolled patients who are infused.
    infused: f64,
}

/// Designs in two stages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TwoStageAnswer {
    /// Response rates that are not, and that are, worth pursuing.
    pub rates: [f64; 2],
    /// Errors that are kept.
    pub errors: [f64; 2],
    /// True response rate of infused patients.
    pub truth: f64,
    /// Share of enrolled patients who are infused.
    pub infused: f64,
    /// Designs.
    pub designs: Vec<TwoStageRow>,
}

/// A design in two stages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TwoStageRow {
    /// `optimal`, `minimax` or `admissible`.
    pub name: String,
    /// First stage: patients, and most responses with which it ends.
    pub first: (u32, u32),
    /// Both stages: patients, and most responses that do not reject.
    pub both: (u32, u32),
    /// Expected number of patients where the product is not active.
    pub expected: f64,
    /// Probability of calling an inactive product active.
    pub level: f64,
    /// Probability of calling an active one so.
    pub power: f64,
    /// Probability of calling this one active, counting infused patients only.
    pub infused: f64,
    /// The same, counting all enrolled (intention to treat).
    pub enrolled: f64,
}

/// Reads the section; what is wrong is noted.
pub(super) fn read(section: &TwoStageSection, infused: f64, notes: &mut Notes) -> Option<TwoStageAsked> {
    let path = |key: &str| format!("trial.efficacy.two_stage.{key}");
    let p0 = notes.given(&path("p0"), section.p0.value(), "1", "Response rate that is not worth pursuing");
    let p1 = notes.given(&path("p1"), section.p1.value(), "1", "Response rate that is worth pursuing");
    let mut of = |given: Option<Fraction>, parameter: &'static perforin_core::catalogue::Parameter| {
        notes.value(parameter.name, given.map(Fraction::value), parameter)
    };
    let (alpha, beta) = (of(section.alpha, &defaults::ALPHA), of(section.beta, &defaults::BETA));
    let truth = section.truth.map_or(p1, Fraction::value);
    notes.given(&path("truth"), truth, "1", "True response rate of infused patients");
    if !(0.0 < p0 && p0 < p1 && p1 < 1.0) {
        let message = format!("{} % is not below {} %", 100.0 * p0, 100.0 * p1);
        notes.wrong(&path("p0"), message, "give 0 % < p0 < p1 < 100 %");
        return None;
    }
    Some(TwoStageAsked { demand: Demand { p0, p1, alpha, beta }, truth, infused })
}

impl TwoStageAsked {
    /// What comes of it, exactly.
    ///
    /// # Errors
    /// If no design of two stages keeps the errors.
    pub(super) fn answer(self) -> Result<TwoStageAnswer, DesignError> {
        let Demand { p0, p1, alpha, beta } = self.demand;
        let Some(found) = simon::designs(self.demand)? else {
            let what = "difference of the response rates";
            return Err(DesignError::OutOfRange { what, found: p1 - p0, low: 0.0, high: 1.0 });
        };
        let row = |design: &TwoStage| TwoStageRow {
            name: match design {
                d if *d == found.optimal && *d == found.minimax => "optimal and minimax",
                d if *d == found.optimal => "optimal",
                d if *d == found.minimax => "minimax",
                _ => "admissible",
            }
            .into(),
            first: (design.n1, design.r1),
            both: (design.n, design.r),
            expected: design.expected,
            level: design.at(p0).0,
            power: design.at(p1).0,
            infused: design.at(self.truth).0,
            enrolled: design.at(self.truth * self.infused).0,
        };
        Ok(TwoStageAnswer {
            rates: [p0, p1],
            errors: [alpha, beta],
            truth: self.truth,
            infused: self.infused,
            designs: found.admissible.iter().map(row).collect(),
        })
    }
}
