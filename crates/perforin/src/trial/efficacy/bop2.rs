//! One arm with several looks at response and toxicity (BOP2).

use perforin_core::catalogue::trial as defaults;
use perforin_core::quantity::Fraction;
use perforin_core::study::trial::{Bop2Section, Bop2ToxicitySection};
use perforin_lesion::scenario::Notes;
use perforin_trial::dose_finding::DesignError;
use perforin_trial::efficacy::bop2::{Bop2, Boundary, Demand, Rates, course, optimal};
use serde::{Deserialize, Serialize};

/// Path of the section.
const PATH: &str = "trial.efficacy.bop2";
/// Most patients: every number of responses and toxicities is gone through at each look.
const MOST: u32 = 200;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Bop2Asked {
    demand: Demand,
    design: Bop2,
    /// True rates of response and, if it is watched, toxicity in infused patients.
    truth: (f64, Option<f64>),
    infused: f64,
}

/// What comes of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bop2Answer {
    /// Response rates that are not, and that are, worth pursuing.
    pub rates: [f64; 2],
    /// Toxicity rates that are, and that are not, too high.
    pub toxicity: Option<[f64; 2]>,
    /// Error that is kept.
    pub alpha: f64,
    /// `λ` and `γ` of the cut-off.
    pub cut_off: [f64; 2],
    /// True rates of response and toxicity in infused patients.
    pub truth: (f64, Option<f64>),
    /// Share of enrolled patients who are infused.
    pub infused: f64,
    /// Looks.
    pub looks: Vec<Look>,
    /// What the design comes to.
    pub courses: Vec<Bop2Row>,
}

/// A look.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Look {
    /// Patients.
    pub patients: u32,
    /// Fewest responses with which the trial goes on; none if no number is enough.
    pub responses: Option<u32>,
    /// Most toxicities with which it does; none if they are not watched or no number is few enough.
    pub toxicities: Option<u32>,
}

/// What the design comes to at some true rates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bop2Row {
    /// What is true.
    pub truth: String,
    /// Response rate.
    pub response: f64,
    /// Toxicity rate, if it is watched.
    pub toxicity: Option<f64>,
    /// Probability of calling the product promising.
    pub positive: f64,
    /// Probability of stopping before the last look.
    pub stops_early: f64,
    /// Expected number of patients.
    pub patients: f64,
}

/// Reads the section and finds the design; what is wrong is noted.
pub(super) fn read(section: &Bop2Section, infused: f64, notes: &mut Notes) -> Option<Bop2Asked> {
    let (demand, truth) = demand(section, notes);
    let path = |key: &str| format!("{PATH}.{key}");
    if section.looks.last().is_some_and(|n| *n > MOST) {
        let help = format!("end with at most {MOST}");
        notes.wrong(&path("looks"), "the trial is too large to go through", help);
        return None;
    }
    match optimal(&demand) {
        Ok(design) => Some(Bop2Asked { demand, design, truth, infused }),
        Err(error @ DesignError::NoCutOff { .. }) => {
            notes.wrong(&path("alpha"), error.to_string(), "allow more, or enrol more patients");
            None
        }
        Err(error) => {
            let help =
                "give looks that increase, 0 % < p0 < p1 < 100 %, and acceptable below unacceptable toxicity";
            notes.wrong(PATH, error.to_string(), help);
            None
        }
    }
}

/// What is asked, with the true rates.
fn demand(section: &Bop2Section, notes: &mut Notes) -> (Demand, (f64, Option<f64>)) {
    let path = |key: &str| format!("{PATH}.{key}");
    let p0 = notes.given(&path("p0"), section.p0.value(), "1", "Response rate that is not worth pursuing");
    let p1 = notes.given(&path("p1"), section.p1.value(), "1", "Response rate that is worth pursuing");
    for (k, patients) in section.looks.iter().enumerate() {
        let meaning = format!("Patients at look {}", k + 1);
        notes.given(&format!("{PATH}.looks.{k}"), f64::from(*patients), "1", &meaning);
    }
    let given = section.alpha.map(Fraction::value);
    let alpha = notes.value(defaults::BOP2_ALPHA.name, given, &defaults::BOP2_ALPHA);
    let truth = section.truth.map_or(p1, Fraction::value);
    let truth = notes.share(&path("truth"), truth, "True response rate of infused patients");
    let toxicity = section.toxicity.as_ref().map(|given| toxicity(given, notes));
    let demand = Demand {
        looks: section.looks.clone(),
        efficacy: Rates { null: p0, alternative: p1 },
        toxicity: toxicity.map(|(rates, _)| rates),
        alpha,
    };
    (demand, (truth, toxicity.map(|(_, truth)| truth)))
}

/// Rates of toxicity, and the true one.
fn toxicity(given: &Bop2ToxicitySection, notes: &mut Notes) -> (Rates, f64) {
    let path = |key: &str| format!("{PATH}.toxicity.{key}");
    let null =
        notes.given(&path("unacceptable"), given.unacceptable.value(), "1", "Toxicity rate that is too high");
    let alternative =
        notes.given(&path("acceptable"), given.acceptable.value(), "1", "Toxicity rate that is not");
    let truth = given.truth.map_or(alternative, Fraction::value);
    (
        Rates { null, alternative },
        notes.share(&path("truth"), truth, "True toxicity rate of infused patients"),
    )
}

impl Bop2Asked {
    /// The same design where the true response rate is another.
    pub(super) fn with(&self, rate: &dyn Fn(f64) -> f64) -> Self {
        Self { truth: (rate(self.truth.0), self.truth.1), ..self.clone() }
    }

    /// What comes of it, exactly.
    pub(super) fn answer(&self) -> Bop2Answer {
        let Self { demand, design, truth, infused } = self;
        let row = |name: &str, response: f64, toxicity: Option<f64>| {
            let found = course(&design.boundaries, response, toxicity);
            Bop2Row {
                truth: name.into(),
                response,
                toxicity,
                positive: found.positive,
                stops_early: found.stops_early,
                patients: found.patients,
            }
        };
        let rates = |r: Rates| [r.null, r.alternative];
        let watched = demand.toxicity;
        let look = |b: &Boundary| Look {
            patients: b.patients,
            responses: b.responses,
            toxicities: b.toxicities.filter(|_| watched.is_some()),
        };
        Bop2Answer {
            rates: rates(demand.efficacy),
            toxicity: watched.map(rates),
            alpha: demand.alpha,
            cut_off: [design.lambda, design.gamma],
            truth: *truth,
            infused: *infused,
            looks: design.boundaries.iter().map(look).collect(),
            courses: vec![
                row("not worth pursuing", demand.efficacy.null, watched.map(|t| t.null)),
                row("worth pursuing", demand.efficacy.alternative, watched.map(|t| t.alternative)),
                row("this product, infused patients", truth.0, truth.1),
                row("this product, all enrolled", truth.0 * infused, truth.1.map(|t| t * infused)),
            ],
        }
    }
}
