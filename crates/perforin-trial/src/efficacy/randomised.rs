//! A randomised trial of the product against a control, with progression-free and overall survival.
//!
//! Progression and death are independent and exponential: `h_PFS = h_progression + h_death`, `h_OS = h_death`, so that both
//! endpoints have exactly the stated medians and hazard ratios. Patients of the product arm who are never infused fare as
//! the control (assumed), so that the analysis by intention to treat is diluted by attrition alone. A control patient who
//! crosses over after progression is infused at once and then dies at the rate of infused patients (assumed). Patients may
//! come from groups with hazards of their own: a marker that predicts the effect, or the prognosis, or both. The trial
//! may stop at looks that are equally spaced in the events of progression-free survival.

use perforin_core::rng::{Purpose, Stream};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::dose_finding::{DesignError, within};
use crate::manufacturing::{Chances, Fate, Manufacturing};
use crate::survival::cox::{Cox, Ties};
use crate::survival::{Observation, log_rank, normal_quantile};

/// A group of patients whose hazards differ from those of others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Group {
    /// Weight among those who may be enrolled; weights need not add up to 1.
    pub weight: f64,
    /// Hazard ratios of infused patients, progression-free and overall survival.
    pub hazard_ratios: [f64; 2],
    /// Hazards over those of the control's medians, whatever a patient is given.
    pub prognosis: f64,
}

/// A randomised trial.
#[derive(Clone, Debug, PartialEq)]
pub struct Randomised {
    /// Patients given the product.
    pub product: u32,
    /// Patients given the control.
    pub control: u32,
    /// Median progression-free and overall survival with the control, d.
    pub medians: [f64; 2],
    /// Hazard ratios of both in infused patients.
    pub hazard_ratios: [f64; 2],
    /// Groups from which the patients come, with hazard ratios of their own; all are alike if there are none.
    pub groups: Vec<Group>,
    /// Share of control patients who get the product after progression.
    pub crossover: f64,
    /// Mean interval between patients, d.
    pub accrual_interval: f64,
    /// Follow-up of the last patient, d.
    pub follow_up: f64,
    /// How the product is made.
    pub manufacturing: Option<Manufacturing>,
    /// The planned dose.
    pub dose: f64,
    /// Boundaries of the looks on the scale of the standard normal.
    pub boundaries: Vec<f64>,
    /// One-sided level of the analysis of infused patients.
    pub alpha: f64,
}

/// A patient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Subject {
    /// Whether assigned to the product.
    pub product: bool,
    /// Whether infused as assigned.
    pub infused: bool,
    /// Days from randomisation to that infusion.
    pub infused_after: Option<f64>,
    /// Whether given the product after progression on the control.
    pub crossed: bool,
    /// Day of randomisation.
    pub enrolled: f64,
    /// Progression-free survival, d.
    pub pfs: Observation,
    /// Overall survival, d.
    pub os: Observation,
}

/// What a trial came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Result {
    /// Look at which it stopped for efficacy, from 0.
    pub stopped_at: Option<usize>,
    /// Whether infused patients alone differ from all control patients at the end.
    pub infused_rejects: bool,
    /// Hazard ratios at the end: PFS of all, PFS of infused, OS of all, OS of infused; NaN where it cannot be estimated.
    pub hazard_ratios: [f64; 4],
    /// Product patients never infused.
    pub not_infused: u32,
    /// Control patients who crossed over.
    pub crossed: u32,
    /// Days until the data cut.
    pub duration: f64,
}

/// What many trials come to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Operating {
    /// Trials.
    pub trials: u64,
    /// Trials that stop for efficacy at each look.
    pub stopped: Vec<u64>,
    /// Trials in which infused patients alone differ at the end.
    pub infused_rejects: u64,
    /// 2.5 %, 50 % and 97.5 % quantile of the hazard ratios of [`Result::hazard_ratios`].
    pub hazard_ratios: [[f64; 3]; 4],
    /// Mean number of product patients never infused.
    pub not_infused: f64,
    /// Mean number of control patients who crossed over.
    pub crossed: f64,
    /// Mean days until the data cut.
    pub duration: f64,
}

impl Operating {
    /// Share of trials that reject by intention to treat.
    pub fn rejects(&self) -> f64 {
        self.stopped.iter().sum::<u64>() as f64 / self.trials.max(1) as f64
    }
}

impl Randomised {
    /// Passes a trial that can be run.
    ///
    /// # Errors
    /// What cannot be.
    pub fn check(self) -> std::result::Result<Self, DesignError> {
        for (what, found) in
            [("patients given the product", self.product), ("patients given the control", self.control)]
        {
            if found < 2 {
                return Err(DesignError::TooFew { what, found: found as usize, least: 2 });
            }
        }
        let [pfs, os] = self.medians;
        within("median overall survival", os, 0.0, f64::INFINITY)?;
        within("median progression-free survival", pfs, 0.0, os)?;
        let [hr_pfs, hr_os] = self.hazard_ratios;
        within("hazard ratio of progression-free survival", hr_pfs, 0.0, 100.0)?;
        // Death is one of the events of progression-free survival.
        within("hazard ratio of overall survival", hr_os, 0.0, hr_pfs * os / pfs)?;
        for group in &self.groups {
            let [hr_pfs, hr_os] = group.hazard_ratios;
            within("weight of a group", group.weight, -f64::MIN_POSITIVE, f64::INFINITY)?;
            within("prognosis of a group", group.prognosis, 0.0, f64::INFINITY)?;
            within("a group's hazard ratio of progression-free survival", hr_pfs, 0.0, 101.0)?;
            within("a group's hazard ratio of overall survival", hr_os, 0.0, hr_pfs * os / pfs)?;
        }
        if !self.groups.is_empty() {
            within("sum of the groups' weights", self.weights(), 0.0, f64::INFINITY)?;
        }
        within("share that crosses over", self.crossover, -f64::MIN_POSITIVE, 1.0 + f64::EPSILON)?;
        within("follow-up", self.follow_up, 0.0, f64::INFINITY)?;
        within("interval between patients", self.accrual_interval, 0.0, f64::INFINITY)?;
        Ok(self)
    }

    /// The same trial where the product does nothing; groups keep their prognosis.
    #[must_use]
    pub fn null(&self) -> Self {
        let hazard_ratios = [1.0, 1.0];
        let groups = self.groups.iter().map(|group| Group { hazard_ratios, ..*group }).collect();
        Self { hazard_ratios, groups, ..self.clone() }
    }

    /// The same trial where hazard ratios of infused patients are multiplied by a factor.
    #[must_use]
    pub fn with_effect(&self, factor: f64) -> Self {
        let scaled = |ratios: [f64; 2]| ratios.map(|ratio| ratio * factor);
        let of = |group: &Group| Group { hazard_ratios: scaled(group.hazard_ratios), ..*group };
        let groups = self.groups.iter().map(of).collect();
        Self { hazard_ratios: scaled(self.hazard_ratios), groups, ..self.clone() }
    }

    fn weights(&self) -> f64 {
        self.groups.iter().map(|group| group.weight).sum()
    }

    /// The group of the patient to whom chance gave a uniform number.
    fn group(&self, luck: f64) -> Group {
        let mut left = luck * self.weights();
        for group in &self.groups {
            left -= group.weight;
            if left < 0.0 {
                return *group;
            }
        }
        let alike = Group { weight: 1.0, hazard_ratios: self.hazard_ratios, prognosis: 1.0 };
        self.groups.iter().rfind(|group| group.weight > 0.0).copied().unwrap_or(alike)
    }

    /// The patients of trial `number`, up to the data cut.
    pub fn patients(&self, seed: u64, number: u64) -> Vec<Subject> {
        let stream = Stream::new(seed, Purpose::Trial);
        let hazards = self.medians.map(|median| std::f64::consts::LN_2 / median);
        let all = self.product + self.control;
        let mut day = 0.0;
        let mut patients: Vec<Subject> = (0..all)
            .map(|k| {
                let mut draw = stream.at(number, k + 1);
                let gap = draw.exponential();
                day += if k == 0 { 0.0 } else { gap * self.accrual_interval };
                let chances = Chances::new(&mut draw);
                let luck = [draw.exponential(), draw.exponential(), draw.exponential()];
                let crosses = draw.uniform() < self.crossover;
                // Assignments are spread evenly.
                let of_product = |k: u32| u64::from(k) * u64::from(self.product) / u64::from(all);
                let product = of_product(k + 1) > of_product(k);
                let made = match self.manufacturing.map(|process| process.fate(chances, self.dose)) {
                    None => Some(0.0),
                    Some(Fate::Infused { after, .. }) => Some(after),
                    Some(_) => None,
                };
                let group = self.group(draw.uniform());
                let hazards = hazards.map(|hazard| hazard * group.prognosis);
                let ratios = group.hazard_ratios;
                subject(product, made.filter(|_| product), crosses, (day, hazards, ratios, luck))
            })
            .collect();
        let cut = day + self.follow_up;
        for patient in &mut patients {
            for seen in [&mut patient.pfs, &mut patient.os] {
                *seen = censored(*seen, cut - patient.enrolled);
            }
        }
        patients
    }

    /// Trial `number` of a seed.
    pub fn run(&self, seed: u64, number: u64) -> Result {
        let patients = self.patients(seed, number);
        let last = patients.last().map_or(0.0, |p| p.enrolled) + self.follow_up;
        let mut events: Vec<f64> =
            patients.iter().filter(|p| p.pfs.event).map(|p| p.enrolled + p.pfs.time).collect();
        events.sort_by(f64::total_cmp);
        let looks = self.boundaries.len();
        let cut = |look: usize| match (look + 1) * events.len() / looks {
            _ if look + 1 == looks => last,
            0 => 0.0,
            n => events[n - 1],
        };
        let stopped_at = (0..looks)
            .find(|look| z(&patients, cut(*look), |_| true).is_some_and(|z| z >= self.boundaries[*look]));
        let alone = |p: &Subject| !p.product || p.infused;
        let ratio = |of: fn(&Subject) -> Observation, keep: &dyn Fn(&Subject) -> bool| {
            hazard_ratio(&patients, of, keep)
        };
        let [pfs, os]: [fn(&Subject) -> Observation; 2] = [|p| p.pfs, |p| p.os];
        let count = |f: &dyn Fn(&Subject) -> bool| patients.iter().filter(|p| f(p)).count() as u32;
        Result {
            stopped_at,
            infused_rejects: z(&patients, last, alone)
                .is_some_and(|z| z >= normal_quantile(1.0 - self.alpha)),
            hazard_ratios: [
                ratio(pfs, &|_| true),
                ratio(pfs, &alone),
                ratio(os, &|_| true),
                ratio(os, &alone),
            ],
            not_infused: count(&|p| p.product && !p.infused),
            crossed: count(&|p| p.crossed),
            duration: last,
        }
    }

    /// Many trials.
    pub fn operating(&self, trials: u64, seed: u64) -> Operating {
        let results: Vec<Result> = (0..trials).into_par_iter().map(|number| self.run(seed, number)).collect();
        let mut stopped = vec![0; self.boundaries.len()];
        for look in results.iter().filter_map(|r| r.stopped_at) {
            stopped[look] += 1;
        }
        let mean = |f: fn(&Result) -> f64| results.iter().map(f).sum::<f64>() / trials.max(1) as f64;
        let quantiles = |k: usize| {
            let mut all: Vec<f64> =
                results.iter().map(|r| r.hazard_ratios[k]).filter(|r| r.is_finite()).collect();
            all.sort_by(f64::total_cmp);
            let at = |share: f64| all.get((share * all.len().saturating_sub(1) as f64).round() as usize);
            [0.025, 0.5, 0.975].map(|share| at(share).copied().unwrap_or(f64::NAN))
        };
        Operating {
            trials,
            stopped,
            infused_rejects: results.iter().filter(|r| r.infused_rejects).count() as u64,
            hazard_ratios: [0, 1, 2, 3].map(quantiles),
            not_infused: mean(|r| f64::from(r.not_infused)),
            crossed: mean(|r| f64::from(r.crossed)),
            duration: mean(|r| r.duration),
        }
    }
}

/// The course of a patient with these hazards of progression or death and of death, and these ratios if infused.
fn subject(
    product: bool,
    infused_after: Option<f64>,
    crosses: bool,
    (enrolled, [pfs, os], ratios, luck): (f64, [f64; 2], [f64; 2], [f64; 3]),
) -> Subject {
    let infused = infused_after.is_some();
    let [hr_pfs, hr_os] = if infused { ratios } else { [1.0, 1.0] };
    let death_rate = os * hr_os;
    let progression_rate = pfs * hr_pfs - death_rate;
    let progression = if progression_rate > 0.0 { luck[0] / progression_rate } else { f64::INFINITY };
    let mut death = luck[1] / death_rate;
    let free = progression.min(death);
    let crossed = !product && crosses && progression < death;
    if crossed {
        death = progression + luck[2] / (os * ratios[1]);
    }
    let seen = |time| Observation { time, event: true };
    Subject { product, infused, infused_after, crossed, enrolled, pfs: seen(free), os: seen(death) }
}

fn censored(seen: Observation, limit: f64) -> Observation {
    if seen.time <= limit { seen } else { Observation { time: limit.max(0.0), event: false } }
}

/// Signed log-rank statistic of progression-free survival at a calendar day; positive if the product is better.
fn z(patients: &[Subject], cut: f64, keep: impl Fn(&Subject) -> bool) -> Option<f64> {
    let arm = |product: bool| -> Vec<Observation> {
        let of_arm = patients.iter().filter(|p| p.product == product && p.enrolled < cut && keep(p));
        of_arm.map(|p| censored(p.pfs, cut - p.enrolled)).collect()
    };
    let test = log_rank(&arm(true), &arm(false)).ok()?;
    let sign = if f64::from(test.observed[0]) < test.expected[0] { 1.0 } else { -1.0 };
    Some(sign * test.chi_squared.sqrt())
}

fn hazard_ratio(
    patients: &[Subject],
    of: fn(&Subject) -> Observation,
    keep: &dyn Fn(&Subject) -> bool,
) -> f64 {
    let kept: Vec<&Subject> = patients.iter().filter(|p| keep(p)).collect();
    let times: Vec<Observation> = kept.iter().map(|p| of(p)).collect();
    let covariates: Vec<Vec<f64>> = kept.iter().map(|p| vec![f64::from(u8::from(p.product))]).collect();
    Cox::fit(&times, &covariates, Ties::Efron).map_or(f64::NAN, |fit| libm::exp(fit.coefficients[0]))
}
