//! Adaptive enrichment: a single-arm trial that finds its cut-point on a marker at an interim look.
//!
//! Patients fall into strata of rising marker value. In the first stage each stratum enrols its own number. At the look the
//! cut-point is the lowest stratum whose response rate exceeds `p₀` with probability at least `continue_at` under a uniform
//! prior, by itself and pooled with all above it; if there is none the trial stops (in the manner of Simon & Simon 2013, doi
//! 10.1093/biostatistics/kxt010). The second stage enrols from the cut-point on, by prevalence. At the end `p₀` is rejected
//! where the exact binomial tail of all responses there is at most a critical level.
//!
//! The choice of a cut-point after looking inflates the error, so the critical level is not α: it is the largest with which
//! the probability of rejecting anything, where every stratum has the rate `p₀`, is at most α; exactly, by going through all
//! outcomes.

use serde::Serialize;

use crate::binomial::{at_most, exceeds, probability};
use crate::dose_finding::{DesignError, share, within};

/// A design.
#[derive(Clone, Debug, PartialEq)]
pub struct Demand {
    /// Patients of each stratum in the first stage, from the lowest marker value on.
    pub first: Vec<u32>,
    /// Patients in the second stage.
    pub second: u32,
    /// Share of each stratum in the population.
    pub prevalence: Vec<f64>,
    /// Response rate to exceed.
    pub p0: f64,
    /// Probability of exceeding it that a cut-point must have at the look.
    pub continue_at: f64,
    /// Largest probability of rejecting where every stratum has the rate `p0`.
    pub alpha: f64,
}

/// A calibrated design.
#[derive(Clone, Debug, PartialEq)]
pub struct Enrichment {
    demand: Demand,
    /// Largest binomial tail that rejects.
    pub critical: f64,
}

/// What the design comes to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Course {
    /// Probability that each cut-point, from the lowest stratum on, is chosen at the look.
    pub chosen: Vec<f64>,
    /// Probability that each is chosen and `p₀` rejected.
    pub rejected: Vec<f64>,
    /// Probability of stopping at the look.
    pub stops: f64,
    /// Expected number of patients.
    pub patients: f64,
    /// Expected number screened for them in the second stage.
    pub screened: f64,
}

impl Enrichment {
    /// Calibrates the critical level.
    ///
    /// # Errors
    /// If there are no strata, numbers of patients or shares cannot be, lists differ in length, or the first stage has more
    /// than a million outcomes.
    pub fn new(demand: Demand) -> Result<Self, DesignError> {
        let strata = demand.first.len();
        if strata == 0 {
            return Err(DesignError::TooFew { what: "the number of strata", found: 0, least: 1 });
        }
        if demand.prevalence.len() != strata {
            return Err(DesignError::Unequal {
                what: "shares",
                found: demand.prevalence.len(),
                other: "strata",
                expected: strata,
            });
        }
        for part in &demand.prevalence {
            share("share of a stratum", *part)?;
        }
        let sum: f64 = demand.prevalence.iter().sum();
        within("sum of the shares", sum, 1.0 - 1e-9, 1.0 + 1e-9)?;
        if demand.first.contains(&0) || demand.second == 0 {
            return Err(DesignError::TooFew { what: "the number of patients", found: 0, least: 1 });
        }
        // All outcomes of the first stage are gone through.
        let outcomes: f64 = demand.first.iter().map(|n| f64::from(n + 1)).product();
        within("number of outcomes of the first stage", outcomes, 0.0, 1e6)?;
        within("p0", demand.p0, 0.0, 1.0)?;
        within("probability to continue", demand.continue_at, 0.0, 1.0)?;
        within("alpha", demand.alpha, 0.0, 0.5)?;
        let mut design = Self { demand, critical: 0.0 };
        design.critical = design.calibrate();
        Ok(design)
    }

    /// The largest tail with which the error keeps to α, over the tails that can occur.
    fn calibrate(&self) -> f64 {
        let Demand { first, second, p0, alpha, .. } = &self.demand;
        let null = vec![*p0; first.len()];
        let mut weights: Vec<(f64, f64)> = Vec::new();
        for (cut, sums) in self.first_stage(&null).into_iter().enumerate() {
            let n = self.patients(cut);
            // At the null hypothesis the strata of the second stage do not differ.
            let mut total = vec![0.0; n as usize + 1];
            for (y, weight) in sums.iter().enumerate() {
                for more in 0..=*second {
                    total[y + more as usize] += weight * probability(more, *second, *p0);
                }
            }
            weights.extend(total.into_iter().enumerate().map(|(y, w)| (tail(y as u32, n, *p0), w)));
        }
        weights.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (mut sum, mut critical) = (0.0, 0.0);
        let mut k = 0;
        while k < weights.len() {
            // Tails that differ by rounding alone are equal.
            let level = weights[k].0;
            let end = weights[k..]
                .iter()
                .position(|w| w.0 > level * (1.0 + 1e-12))
                .map_or(weights.len(), |e| k + e);
            sum += weights[k..end].iter().map(|w| w.1).sum::<f64>();
            if sum > *alpha {
                break;
            }
            critical = weights[end - 1].0;
            k = end;
        }
        critical
    }

    /// Patients of both stages in the strata from a cut-point on.
    fn patients(&self, cut: usize) -> u32 {
        self.demand.first[cut..].iter().sum::<u32>() + self.demand.second
    }

    /// The cut-point that responses of the first stage lead to, if any.
    ///
    /// # Panics
    /// If there are not as many numbers as strata.
    pub fn cut_point(&self, responses: &[u32]) -> Option<usize> {
        let Demand { first, p0, continue_at, .. } = &self.demand;
        assert_eq!(responses.len(), first.len(), "numbers of strata");
        (0..first.len()).find(|cut| {
            let promising = |from: usize, to: usize| {
                let (y, n) = (responses[from..to].iter().sum(), first[from..to].iter().sum());
                exceeds(*p0, y, n) >= *continue_at
            };
            promising(*cut, cut + 1) && promising(*cut, first.len())
        })
    }

    /// Whether responses of both stages, in the strata from a cut-point on, reject.
    pub fn rejects(&self, cut: usize, responses: u32) -> bool {
        tail(responses, self.patients(cut), self.demand.p0) <= self.critical * (1.0 + 1e-12)
    }

    /// For each cut-point, the probabilities that it is chosen with each number of responses in its strata.
    fn first_stage(&self, rates: &[f64]) -> Vec<Vec<f64>> {
        let first = &self.demand.first;
        let mut sums: Vec<Vec<f64>> =
            (0..first.len()).map(|cut| vec![0.0; first[cut..].iter().sum::<u32>() as usize + 1]).collect();
        let mut responses = vec![0; first.len()];
        loop {
            if let Some(cut) = self.cut_point(&responses) {
                let weight: f64 = responses
                    .iter()
                    .zip(first)
                    .zip(rates)
                    .map(|((y, n), p)| probability(*y, *n, *p))
                    .product();
                sums[cut][responses[cut..].iter().sum::<u32>() as usize] += weight;
            }
            // The next outcome, counted like the digits of a number.
            let Some(place) = (0..first.len()).find(|k| responses[*k] < first[*k]) else { return sums };
            responses[place] += 1;
            responses[..place].fill(0);
        }
    }

    /// What the design comes to where the strata have these response rates.
    ///
    /// # Errors
    /// If a rate is none or their number differs.
    pub fn course(&self, rates: &[f64]) -> Result<Course, DesignError> {
        let Demand { first, second, prevalence, .. } = &self.demand;
        if rates.len() != first.len() {
            return Err(DesignError::Unequal {
                what: "rates",
                found: rates.len(),
                other: "strata",
                expected: first.len(),
            });
        }
        for rate in rates {
            share("response rate", *rate)?;
        }
        let mut course = Course {
            chosen: Vec::new(),
            rejected: Vec::new(),
            stops: 1.0,
            patients: f64::from(first.iter().sum::<u32>()),
            screened: 0.0,
        };
        for (cut, sums) in self.first_stage(rates).into_iter().enumerate() {
            let eligible: f64 = prevalence[cut..].iter().sum();
            // A patient of the second stage comes from each stratum with its share.
            let mean =
                prevalence[cut..].iter().zip(&rates[cut..]).map(|(w, p)| w * p).sum::<f64>() / eligible;
            let chosen: f64 = sums.iter().sum();
            let rejected: f64 = sums
                .iter()
                .enumerate()
                .map(|(y, weight)| {
                    let more: f64 = (0..=*second)
                        .filter(|more| self.rejects(cut, y as u32 + more))
                        .map(|more| probability(more, *second, mean.min(1.0)))
                        .sum();
                    weight * more
                })
                .sum();
            course.chosen.push(chosen);
            course.rejected.push(rejected);
            course.stops -= chosen;
            course.patients += chosen * f64::from(*second);
            course.screened += chosen * f64::from(*second) / eligible;
        }
        Ok(course)
    }
}

/// Probability of at least `responses` of `n`.
fn tail(responses: u32, n: u32, p: f64) -> f64 {
    if responses == 0 { 1.0 } else { (1.0 - at_most(responses - 1, n, p)).max(0.0) }
}
