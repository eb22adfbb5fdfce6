//! One arm in two stages, after Simon.

use perforin_core::catalogue::trial as defaults;
use perforin_core::quantity::Fraction;
use perforin_core::study::trial::TwoStageSection;
use perforin_lesion::scenario::Notes;
use perforin_trial::efficacy::simon::{self, Demand, Designs, TwoStage};
use serde::{Deserialize, Serialize};

use crate::report::shown;

/// One arm in two stages.
#[derive(Clone, Debug)]
pub struct TwoStageAsked {
    demand: Demand,
    designs: Designs,
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
    /// Expected number of patients with this product, counting all enrolled.
    pub patients: f64,
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
        let message = format!("{} % is not below {} %", shown(100.0 * p0), shown(100.0 * p1));
        notes.wrong(&path("p0"), message, "give 0 % < p0 < p1 < 100 %");
        return None;
    }
    let demand = Demand { p0, p1, alpha, beta };
    match simon::designs(demand) {
        Ok(Some(designs)) => Some(TwoStageAsked { demand, designs, truth, infused }),
        Ok(None) => {
            let message = format!(
                "no design of up to {} patients tells {} % from {} % with these errors",
                simon::MOST_PATIENTS,
                shown(100.0 * p1),
                shown(100.0 * p0)
            );
            notes.wrong(&path("p1"), message, "let the rates lie farther apart, or allow larger errors");
            None
        }
        Err(error) => {
            notes.wrong("trial.efficacy.two_stage", error.to_string(), "correct it");
            None
        }
    }
}

impl TwoStageAsked {
    /// The same designs where the true response rate is another.
    pub(super) fn with(&self, rate: &dyn Fn(f64) -> f64) -> Self {
        Self { truth: rate(self.truth), ..self.clone() }
    }

    /// What comes of it, exactly.
    pub(super) fn answer(&self) -> TwoStageAnswer {
        let Self { demand: Demand { p0, p1, alpha, beta }, designs: found, .. } = self;
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
            level: design.at(*p0).0,
            power: design.at(*p1).0,
            infused: design.at(self.truth).0,
            enrolled: design.at(self.truth * self.infused).0,
            patients: design.at(self.truth * self.infused).1,
        };
        TwoStageAnswer {
            rates: [*p0, *p1],
            errors: [*alpha, *beta],
            truth: self.truth,
            infused: self.infused,
            designs: found.admissible.iter().map(row).collect(),
        }
    }
}
