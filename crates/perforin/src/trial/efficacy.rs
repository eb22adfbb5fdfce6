//! `[trial.efficacy]`: what is asked, and what comes of it.

use perforin_core::catalogue::trial as defaults;
use perforin_core::quantity::Fraction;
use perforin_core::study::trial::{BoundaryWord, EfficacySection, RandomisedSection, TwoStageSection};
use perforin_lesion::scenario::Notes;
use perforin_trial::dose_finding::DesignError;
use perforin_trial::efficacy::group_sequential::{Shape, boundaries};
use perforin_trial::efficacy::randomised::{Operating, Randomised, Subject};
use perforin_trial::efficacy::simon::{self, Demand, TwoStage};
use perforin_trial::manufacturing::Manufacturing;
use perforin_trial::survival::{KaplanMeier, Observation};
use serde::{Deserialize, Serialize};

/// Minutes of a day.
const DAY: f64 = 1440.0;
/// Most looks.
const MOST_LOOKS: u32 = 20;

/// One arm in two stages.
#[derive(Clone, Copy, Debug)]
pub struct TwoStageAsked {
    demand: Demand,
    truth: f64,
    /// Share of enrolled patients who are infused.
    infused: f64,
}

/// What a study asks of efficacy.
#[derive(Clone, Debug)]
pub struct Asked {
    two_stage: Option<TwoStageAsked>,
    randomised: Option<Randomised>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// One arm in two stages.
    pub two_stage: Option<TwoStageAnswer>,
    /// Two arms at random.
    pub randomised: Option<RandomisedAnswer>,
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

/// Two arms at random.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RandomisedAnswer {
    /// Patients given the product and the control.
    pub patients: [u32; 2],
    /// Hazard ratios of infused patients: progression-free and overall survival.
    pub hazard_ratios: [f64; 2],
    /// Boundaries of the looks.
    pub boundaries: Vec<f64>,
    /// What is true.
    pub seen: Operating,
    /// Where the product does nothing.
    pub null: Operating,
    /// Curves of the first trial: progression-free, then overall survival.
    pub curves: [Vec<Curve>; 2],
}

/// A survival curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// Whose.
    pub name: String,
    /// Days and shares after each event.
    pub steps: Vec<(f64, f64)>,
    /// Days at which patients left without event.
    pub censored: Vec<f64>,
    /// Days and patients at risk.
    pub at_risk: Vec<(f64, u32)>,
    /// Latest day.
    pub last: f64,
}

/// Reads the section; what is wrong is noted.
pub fn read(
    section: &EfficacySection,
    (manufacturing, dose, accrual_interval): (Option<Manufacturing>, f64, f64),
    notes: &mut Notes,
) -> Asked {
    if section.two_stage.is_none() && section.randomised.is_none() {
        let help = "add [trial.efficacy.two_stage] or [trial.efficacy.randomised]";
        notes.wrong("trial.efficacy", "nothing is asked", help);
    }
    let infused = manufacturing.map_or(1.0, |process| process.expected(dose).infused);
    Asked {
        two_stage: section.two_stage.as_ref().and_then(|s| two_stage(s, infused, notes)),
        randomised: section
            .randomised
            .as_ref()
            .and_then(|s| randomised(s, (manufacturing, dose, accrual_interval), notes)),
    }
}

fn two_stage(section: &TwoStageSection, infused: f64, notes: &mut Notes) -> Option<TwoStageAsked> {
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

fn randomised(
    section: &RandomisedSection,
    (manufacturing, dose, accrual_interval): (Option<Manufacturing>, f64, f64),
    notes: &mut Notes,
) -> Option<Randomised> {
    let path = |key: &str| format!("trial.efficacy.randomised.{key}");
    let mut given =
        |key: &str, value: f64, unit: &str, meaning: &str| notes.given(&path(key), value, unit, meaning);
    let medians = [
        given(
            "control_pfs",
            section.control_pfs.value() / DAY,
            "d",
            "Median progression-free survival, control",
        ),
        given("control_os", section.control_os.value() / DAY, "d", "Median overall survival, control"),
    ];
    let hazard_ratios = [
        given("hazard_ratio_pfs", section.hazard_ratio_pfs, "1", "Hazard ratio of PFS in infused patients"),
        given("hazard_ratio_os", section.hazard_ratio_os, "1", "Hazard ratio of OS in infused patients"),
    ];
    given("product", f64::from(section.product), "1", "Patients given the product");
    given("control", f64::from(section.control), "1", "Patients given the control");
    let follow_up = given("follow_up", section.follow_up.value() / DAY, "d", "Follow-up of the last patient");
    let crossover = section.crossover.map(Fraction::value);
    let crossover = notes.value(defaults::CROSSOVER.name, crossover, &defaults::CROSSOVER);
    let alpha =
        notes.value(defaults::ONE_SIDED.name, section.alpha.map(Fraction::value), &defaults::ONE_SIDED);
    let looks = section.looks.unwrap_or(1);
    if looks == 0 || looks > MOST_LOOKS {
        notes.wrong(&path("looks"), format!("{looks} looks"), "give 1 to 20");
        return None;
    }
    let shape = match section.boundary {
        BoundaryWord::OBrienFleming => Shape::OBrienFleming,
        BoundaryWord::Pocock => Shape::Pocock,
    };
    let made = boundaries(shape, looks as usize, alpha).and_then(|boundaries| {
        Randomised {
            product: section.product,
            control: section.control,
            medians,
            hazard_ratios,
            crossover,
            accrual_interval,
            follow_up,
            manufacturing,
            dose,
            boundaries,
            alpha,
        }
        .check()
    });
    made.map_err(|error| notes.wrong("trial.efficacy.randomised", error.to_string(), "correct it")).ok()
}

impl Asked {
    /// Simulates what is asked.
    ///
    /// # Errors
    /// If no design of two stages keeps the errors.
    pub fn answer(&self, trials: u64, seed: u64) -> Result<Answered, DesignError> {
        Ok(Answered {
            two_stage: self.two_stage.map(TwoStageAsked::answer).transpose()?,
            randomised: self.randomised.as_ref().map(|trial| answer(trial, trials, seed)),
        })
    }
}

impl TwoStageAsked {
    fn answer(self) -> Result<TwoStageAnswer, DesignError> {
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

fn answer(trial: &Randomised, trials: u64, seed: u64) -> RandomisedAnswer {
    let first = trial.patients(seed, 0);
    let curves = |of: fn(&Subject) -> Observation| {
        let last = first.iter().map(|p| of(p).time).fold(0.0, f64::max);
        let arm = |name: &str, keep: &dyn Fn(&Subject) -> bool| {
            curve(name, &first.iter().filter(|p| keep(p)).map(of).collect::<Vec<_>>(), last)
        };
        let mut all = vec![arm("product, all", &|p| p.product), arm("control", &|p| !p.product)];
        if first.iter().any(|p| p.product && !p.infused) {
            all.push(arm("product, infused", &|p| p.infused));
        }
        all.into_iter().flatten().collect::<Vec<Curve>>()
    };
    RandomisedAnswer {
        patients: [trial.product, trial.control],
        hazard_ratios: trial.hazard_ratios,
        boundaries: trial.boundaries.clone(),
        seen: trial.operating(trials, seed),
        null: trial.null().operating(trials, seed),
        curves: [curves(|p| p.pfs), curves(|p| p.os)],
    }
}

/// With numbers at risk at seven days up to `last`; nothing if nobody is there.
fn curve(name: &str, patients: &[Observation], last: f64) -> Option<Curve> {
    let fitted = KaplanMeier::new(patients).ok()?;
    let risk_day = |k: u32| last * f64::from(k) / 6.0;
    Some(Curve {
        name: name.to_owned(),
        steps: fitted.steps.iter().map(|step| (step.time, step.survival)).collect(),
        censored: fitted.censored.clone(),
        at_risk: (0..=6).map(|k| (risk_day(k), fitted.at_risk(risk_day(k)))).collect(),
        last: fitted.last,
    })
}
