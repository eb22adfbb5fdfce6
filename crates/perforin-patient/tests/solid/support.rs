//! Patients of the solid-tumour model.

use perforin_core::quantity::Dose;
use perforin_patient::ode::{Course, System, Tolerance, solve};
use perforin_patient::regimen::{Act, Body, Infusion, Regimen, Repeated, Route};
use perforin_patient::solid_tumour::{
    Central, LesionParameters, Outcome, Parameters, Patient, Plan, Sample, SolidTumour,
};
use perforin_patient::toxicity::ordinal::CutPoints;

/// A patient to be.
#[derive(Clone)]
pub struct Case<const L: usize> {
    pub parameters: Parameters<f64, L>,
    pub regimen: Regimen,
    pub days: u32,
    pub seed: u64,
    pub number: u64,
    pub susceptibility: f64,
}

pub const BODY: Body = Body { weight: 70.0, height: 170.0 };

pub fn lesion(positive: f64, negative: f64) -> LesionParameters {
    LesionParameters { positive, negative, ..LesionParameters::new(|p| p.value) }
}

pub fn infusion(cells: f64, route: Route) -> Infusion {
    Infusion::single(0.0, Dose::CarPositiveCells(cells), route)
}

pub fn once(day: f64, act: Act) -> Repeated {
    Repeated { day, every: 1.0, times: 1, act }
}

/// The catalogue's values but for delivery: eighty times it, so that what acts in a lesion shows.
pub fn within_reach() -> Central {
    Central { delivery: 0.05, ..Central::new(|p| p.value) }
}

/// Lymphodepletion on day -3 and 2.5e8 cells on day 0; days 0 to 365.
pub fn case<const L: usize>(lesions: [LesionParameters; L]) -> Case<L> {
    Case {
        parameters: Parameters { central: within_reach(), lesion: lesions },
        regimen: Regimen {
            lymphodepletion: Some(-3.0),
            infusions: vec![infusion(2.5e8, Route::Intravenous)],
            ..Regimen::default()
        },
        days: 365,
        seed: 1,
        number: 0,
        susceptibility: 0.5,
    }
}

/// What became of a patient.
pub struct Followed<const L: usize> {
    pub samples: Vec<Sample<L>>,
    pub outcome: Outcome,
}

impl<const L: usize> Followed<L> {
    /// Cells of a lesion on a day.
    pub fn tumour(&self, lesion: usize, day: usize) -> f64 {
        self.samples[day].tumour[lesion].iter().sum()
    }

    pub fn product(&self, day: usize) -> f64 {
        self.samples[day].product.iter().sum()
    }

    /// The first day on which a lesion has at least so many cells, from a given one, between the daily samples.
    pub fn reaches(&self, lesion: usize, cells: f64, from: usize) -> Option<f64> {
        let day = (from.max(1)..self.samples.len()).find(|&d| self.tumour(lesion, d) >= cells)?;
        let (a, b) = (self.tumour(lesion, day - 1), self.tumour(lesion, day));
        Some(day as f64 - 1.0 + libm::log(cells / a) / libm::log(b / a))
    }
}

impl<const L: usize> Case<L> {
    pub fn follow<const N: usize>(&self) -> Followed<L>
    where
        SolidTumour<L>: System<N>,
        for<'a> Patient<'a, L>: Course<N>,
    {
        let plan = Plan {
            days: (0..=self.days).map(f64::from).collect(),
            rules: self.regimen.rules,
            release: CutPoints([4.0, 6.0, 7.5, 9.0]),
            seed: self.seed,
        };
        let acts = self.regimen.timeline(&BODY, 1.0).expect("a regimen");
        let mut patient =
            [Patient::new(self.number, self.parameters, self.susceptibility, BODY.weight, &plan, &acts)];
        let outcome = solve(&mut patient, &Tolerance::uniform(1e-7, 1e-6));
        assert_eq!(outcome[0].failure, None);
        Followed { samples: patient[0].samples().to_vec(), outcome: *patient[0].outcome() }
    }
}
