//! Two arms at random, with times to events.

use perforin_core::catalogue::trial as defaults;
use perforin_core::quantity::Fraction;
use perforin_core::study::trial::{BoundaryWord, RandomisedSection};
use perforin_lesion::scenario::Notes;
use perforin_trial::efficacy::group_sequential::{Shape, boundaries};
use perforin_trial::efficacy::randomised::{Operating, Randomised, Subject};
use perforin_trial::manufacturing::Manufacturing;
use perforin_trial::survival::{KaplanMeier, Observation};
use serde::{Deserialize, Serialize};

/// Minutes of a day.
const DAY: f64 = 1440.0;
/// Most looks.
const MOST_LOOKS: u32 = 20;
/// Patients of the first trial who are shown one by one.
const EXAMPLE: usize = 60;

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
    /// The first patients of that trial, in the order of randomisation.
    pub example: Vec<ExampleSubject>,
}

/// A patient of the first trial; days are those since its first randomisation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExampleSubject {
    /// Whether assigned to the product.
    pub product: bool,
    /// Day of randomisation.
    pub enrolled: f64,
    /// Day of infusion, as assigned or after crossing over.
    pub infused_on: Option<f64>,
    /// Day of progression.
    pub progression_on: Option<f64>,
    /// Day of death.
    pub death_on: Option<f64>,
    /// Last day that is known of the patient.
    pub last: f64,
}

impl ExampleSubject {
    fn of(subject: &Subject) -> Self {
        let on = |days: f64| subject.enrolled + days;
        // Progression-free survival ends with death, too.
        let progressed = subject.pfs.event && subject.pfs.time < subject.os.time;
        let progression_on = progressed.then(|| on(subject.pfs.time));
        let crossed = progression_on.filter(|_| subject.crossed);
        let infused_on = subject.infused_after.filter(|days| *days <= subject.os.time).map(on).or(crossed);
        Self {
            product: subject.product,
            enrolled: subject.enrolled,
            infused_on,
            progression_on,
            death_on: subject.os.event.then(|| on(subject.os.time)),
            last: on(subject.os.time),
        }
    }
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
pub(super) fn read(
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
            groups: Vec::new(),
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

/// Simulates it.
pub(super) fn answer(trial: &Randomised, trials: u64, seed: u64) -> RandomisedAnswer {
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
        example: first.iter().take(EXAMPLE).map(ExampleSubject::of).collect(),
    }
}

/// With numbers at risk at seven days up to `last`; nothing if nobody is there.
pub(in crate::trial) fn curve(name: &str, patients: &[Observation], last: f64) -> Option<Curve> {
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
