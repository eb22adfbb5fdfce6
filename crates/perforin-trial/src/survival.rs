//! Times to events: Kaplan–Meier, log-rank, restricted mean, proportional hazards.
//!
//! Times are in any one unit; results are in the same.

pub mod cox;

use serde::Serialize;
use statrs::distribution::{ChiSquared, ContinuousCDF, Normal};
use thiserror::Error;

/// One patient's time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observation {
    /// Time of the event, or until which none was seen.
    pub time: f64,
    /// Whether the event was seen.
    pub event: bool,
}

/// What is wrong with a set of times.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum SurvivalError {
    /// There is nobody.
    #[error("there are no patients")]
    NoPatients,
    /// A time that is none.
    #[error("patient {}: {time} is no time; it must be finite and not negative", patient + 1)]
    NoTime {
        /// Place, from 0.
        patient: usize,
        /// What was given.
        time: f64,
    },
    /// Lists of different lengths.
    #[error("there are {found} {what}, but {patients} patients")]
    Lengths {
        /// What is counted.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// Patients.
        patients: usize,
    },
    /// Coefficients that cannot be estimated.
    #[error("the coefficients cannot be estimated: {0}")]
    NotEstimable(&'static str),
}

/// The survival curve after one time of events.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Step {
    /// Time.
    pub time: f64,
    /// Patients at risk just before.
    pub at_risk: u32,
    /// Events.
    pub events: u32,
    /// Share without event from here on.
    pub survival: f64,
    /// Sum of Greenwood's formula, `Σ d/(n(n − d))`: the variance of the logarithm of survival.
    pub greenwood: f64,
}

/// A Kaplan–Meier curve (doi 10.1080/01621459.1958.10501452).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KaplanMeier {
    /// At each distinct time of events, ascending.
    pub steps: Vec<Step>,
    /// Times at which patients left without event, ascending.
    pub censored: Vec<f64>,
    /// Patients.
    pub patients: u32,
    /// Latest time of any patient.
    pub last: f64,
}

impl KaplanMeier {
    /// The curve of some patients.
    ///
    /// # Errors
    /// If there are none, or a time is none.
    pub fn new(patients: &[Observation]) -> Result<Self, SurvivalError> {
        check(patients)?;
        let mut sorted = patients.to_vec();
        sorted.sort_by(|a, b| a.time.total_cmp(&b.time).then(b.event.cmp(&a.event)));
        let (mut steps, mut survival, mut greenwood) = (Vec::new(), 1.0, 0.0);
        let mut k = 0;
        while k < sorted.len() {
            let time = sorted[k].time;
            let group = sorted[k..].iter().take_while(|o| o.time == time).count();
            let events = sorted[k..k + group].iter().filter(|o| o.event).count();
            let at_risk = sorted.len() - k;
            if events > 0 {
                let (n, d) = (at_risk as f64, events as f64);
                survival *= 1.0 - d / n;
                greenwood += d / (n * (n - d));
                steps.push(Step {
                    time,
                    at_risk: at_risk as u32,
                    events: events as u32,
                    survival,
                    greenwood,
                });
            }
            k += group;
        }
        let censored = sorted.iter().filter(|o| !o.event).map(|o| o.time).collect();
        let last = sorted.last().map_or(0.0, |o| o.time);
        Ok(Self { steps, censored, patients: patients.len() as u32, last })
    }

    /// The last step at or before a time.
    fn at(&self, time: f64) -> Option<&Step> {
        self.steps[..self.steps.partition_point(|s| s.time <= time)].last()
    }

    /// Share without event at a time.
    pub fn survival(&self, time: f64) -> f64 {
        self.at(time).map_or(1.0, |s| s.survival)
    }

    /// Interval for the share at a time, symmetric in the logarithm of minus its logarithm (Kalbfleisch & Prentice).
    pub fn interval(&self, time: f64, confidence: f64) -> (f64, f64) {
        self.at(time).map_or((1.0, 1.0), |step| log_log_interval(step, confidence))
    }

    /// Earliest time at which at most the given share is without event, such as 0.5 for the median; none if the curve
    /// stays above it.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        // A product of fractions can miss the share by rounding.
        self.steps.iter().find(|s| s.survival <= share + 1e-12).map(|s| s.time)
    }

    /// Interval for the time of [`quantile`](Self::quantile), by inverting the interval of the curve (Brookmeyer &
    /// Crowley 1982, doi 10.2307/2530286); an open end is none.
    pub fn quantile_interval(&self, share: f64, confidence: f64) -> (Option<f64>, Option<f64>) {
        let first = |end: fn((f64, f64)) -> f64| {
            self.steps.iter().find(|s| end(log_log_interval(s, confidence)) <= share + 1e-12).map(|s| s.time)
        };
        (first(|i| i.0), first(|i| i.1))
    }

    /// Mean time without event up to a limit: the area under the curve, with its standard error.
    pub fn restricted_mean(&self, limit: f64) -> (f64, f64) {
        let mut corners: Vec<(f64, f64)> = vec![(0.0, 1.0)];
        corners.extend(self.steps.iter().filter(|s| s.time < limit).map(|s| (s.time, s.survival)));
        corners.push((limit, 0.0));
        let area = |from: usize| corners[from..].windows(2).map(|w| (w[1].0 - w[0].0) * w[0].1).sum::<f64>();
        let variance: f64 = self
            .steps
            .iter()
            .take_while(|s| s.time < limit)
            .enumerate()
            .map(|(k, s)| {
                let (n, d) = (f64::from(s.at_risk), f64::from(s.events));
                let rest = area(k + 1);
                if n > d { rest * rest * d / (n * (n - d)) } else { 0.0 }
            })
            .sum();
        (area(0), variance.sqrt())
    }

    /// Patients at risk just before a time, for a table under the curve.
    pub fn at_risk(&self, time: f64) -> u32 {
        let gone = self.steps.iter().filter(|s| s.time < time).map(|s| s.events).sum::<u32>();
        let left = self.censored.iter().filter(|t| **t < time).count() as u32;
        self.patients - gone - left
    }
}

fn log_log_interval(step: &Step, confidence: f64) -> (f64, f64) {
    if step.survival <= 0.0 {
        return (0.0, 0.0);
    }
    let z = normal_quantile(0.5 + 0.5 * confidence);
    let ln = libm::log(step.survival);
    let half = z * step.greenwood.sqrt() / ln.abs();
    (libm::exp(ln * libm::exp(half)), libm::exp(ln * libm::exp(-half)))
}

/// Quantile of the standard normal distribution.
///
/// # Panics
/// Never: the standard normal exists.
pub(crate) fn normal_quantile(p: f64) -> f64 {
    Normal::new(0.0, 1.0).expect("the standard normal").inverse_cdf(p)
}

/// Probability that a chi-squared variable with some degrees of freedom exceeds a value.
///
/// # Panics
/// Without degrees of freedom.
pub(crate) fn chi_squared_exceeds(value: f64, degrees: usize) -> f64 {
    1.0 - ChiSquared::new(degrees as f64).expect("degrees of freedom").cdf(value)
}

/// A test of whether groups survive alike.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LogRank {
    /// Chi-squared, with one degree of freedom fewer than there are groups.
    pub chi_squared: f64,
    /// Probability of a larger one where the groups survive alike.
    pub p_value: f64,
    /// Events in each group.
    pub observed: Vec<u32>,
    /// Events expected in each group.
    pub expected: Vec<f64>,
}

/// The log-rank test of two groups (Mantel 1966; Peto & Peto 1972, doi 10.2307/2344317).
///
/// # Errors
/// If a group is empty, a time is none, or there is no event.
pub fn log_rank(a: &[Observation], b: &[Observation]) -> Result<LogRank, SurvivalError> {
    check(a)?;
    check(b)?;
    let mut times: Vec<f64> = a.iter().chain(b).filter(|o| o.event).map(|o| o.time).collect();
    times.sort_by(f64::total_cmp);
    times.dedup();
    let count = |group: &[Observation], f: &dyn Fn(&Observation) -> bool| {
        group.iter().filter(|o| f(o)).count() as f64
    };
    let (mut expected, mut variance, mut observed, mut all) = (0.0, 0.0, 0.0, 0.0);
    for time in times {
        let at_risk = |o: &Observation| o.time >= time;
        let dies = |o: &Observation| o.event && o.time == time;
        let (n1, n2) = (count(a, &at_risk), count(b, &at_risk));
        let (d1, d) = (count(a, &dies), count(a, &dies) + count(b, &dies));
        let n = n1 + n2;
        observed += d1;
        all += d;
        expected += d * n1 / n;
        if n > 1.0 {
            variance += d * n1 * n2 * (n - d) / (n * n * (n - 1.0));
        }
    }
    if variance <= 0.0 {
        return Err(SurvivalError::NotEstimable("no event tells the groups apart"));
    }
    let chi_squared = (observed - expected) * (observed - expected) / variance;
    Ok(LogRank {
        chi_squared,
        p_value: chi_squared_exceeds(chi_squared, 1),
        observed: vec![observed as u32, (all - observed) as u32],
        expected: vec![expected, all - expected],
    })
}

/// Checks that there are patients and that all times are times.
pub(crate) fn check(patients: &[Observation]) -> Result<(), SurvivalError> {
    if patients.is_empty() {
        return Err(SurvivalError::NoPatients);
    }
    match patients.iter().position(|o| !(o.time.is_finite() && o.time >= 0.0)) {
        Some(patient) => Err(SurvivalError::NoTime { patient, time: patients[patient].time }),
        None => Ok(()),
    }
}
