//! Proportional hazards (Cox 1972, doi 10.1111/j.2517-6161.1972.tb00899.x) by Newton's method, with tied events after
//! Efron (doi 10.1080/01621459.1977.10480613) or Breslow (doi 10.2307/2529620).

use serde::Serialize;

use super::{Observation, SurvivalError, check, chi_squared_exceeds, normal_quantile};

/// How tied events are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ties {
    /// Each of `d` tied events removes a share of the tied patients' risk.
    Efron,
    /// All tied patients are at risk for each event.
    Breslow,
}

/// A fit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cox {
    /// Logarithms of the hazard ratios.
    pub coefficients: Vec<f64>,
    /// Their standard errors.
    pub errors: Vec<f64>,
    /// Logarithm of the partial likelihood without and with the covariates.
    pub log_likelihood: [f64; 2],
    /// Probability of a larger gain of the likelihood where no covariate matters.
    pub p_value: f64,
}

/// Most steps of Newton's method, and the change of the likelihood at which it ends.
const STEPS: usize = 50;
const TOLERANCE: f64 = 1e-12;

impl Cox {
    /// Interval for a hazard ratio.
    pub fn hazard_ratio(&self, k: usize, confidence: f64) -> (f64, f64, f64) {
        let half = normal_quantile(0.5 + 0.5 * confidence) * self.errors[k];
        let c = self.coefficients[k];
        (libm::exp(c), libm::exp(c - half), libm::exp(c + half))
    }

    /// Fits covariates, one row for each patient.
    ///
    /// # Errors
    /// If the lists differ in length, a time is none, or the covariates cannot be told apart.
    pub fn fit(patients: &[Observation], covariates: &[Vec<f64>], ties: Ties) -> Result<Self, SurvivalError> {
        check(patients)?;
        if covariates.len() != patients.len() {
            let found = covariates.len();
            return Err(SurvivalError::Lengths {
                what: "rows of covariates",
                found,
                patients: patients.len(),
            });
        }
        let width = covariates[0].len();
        if width == 0 {
            return Err(SurvivalError::NotEstimable("there are no covariates"));
        }
        if let Some(row) = covariates.iter().find(|row| row.len() != width) {
            return Err(SurvivalError::Lengths {
                what: "covariates of a patient",
                found: row.len(),
                patients: width,
            });
        }
        let data = Sorted::new(patients, covariates, ties);
        let mut beta = vec![0.0; width];
        let mut now = data.likelihood(&beta);
        let without = now.value;
        for _ in 0..STEPS {
            let step = solve(&now.information, &now.score)?;
            let mut scale = 1.0;
            let (next, trial) = loop {
                let trial: Vec<f64> = beta.iter().zip(&step).map(|(b, s)| b + scale * s).collect();
                let next = data.likelihood(&trial);
                if next.value >= now.value - TOLERANCE * now.value.abs() || scale < 1e-6 {
                    break (next, trial);
                }
                scale *= 0.5;
            };
            let change = (next.value - now.value).abs();
            (beta, now) = (trial, next);
            if change <= TOLERANCE * now.value.abs() {
                break;
            }
        }
        let errors = (0..width)
            .map(|k| {
                let unit: Vec<f64> = (0..width).map(|j| f64::from(u8::from(j == k))).collect();
                solve(&now.information, &unit).map(|column| column[k].sqrt())
            })
            .collect::<Result<_, _>>()?;
        let p_value = chi_squared_exceeds(2.0 * (now.value - without), width);
        Ok(Self { coefficients: beta, errors, log_likelihood: [without, now.value], p_value })
    }
}

/// Patients from the latest time to the earliest, covariates about their means.
struct Sorted {
    patients: Vec<Observation>,
    covariates: Vec<Vec<f64>>,
    ties: Ties,
}

/// The logarithm of the partial likelihood with its first and second derivatives.
struct Likelihood {
    value: f64,
    score: Vec<f64>,
    information: Vec<Vec<f64>>,
}

/// Sums over patients at risk: of the risk, the risk times covariates, and times their products.
#[derive(Clone)]
struct Sums {
    risk: f64,
    first: Vec<f64>,
    second: Vec<Vec<f64>>,
}

impl Sums {
    fn new(width: usize) -> Self {
        Self { risk: 0.0, first: vec![0.0; width], second: vec![vec![0.0; width]; width] }
    }

    fn add(&mut self, risk: f64, x: &[f64]) {
        self.risk += risk;
        for (j, xj) in x.iter().enumerate() {
            self.first[j] += risk * xj;
            for (k, xk) in x.iter().enumerate() {
                self.second[j][k] += risk * xj * xk;
            }
        }
    }
}

impl Sorted {
    fn new(patients: &[Observation], covariates: &[Vec<f64>], ties: Ties) -> Self {
        let mut order: Vec<usize> = (0..patients.len()).collect();
        order.sort_by(|a, b| patients[*b].time.total_cmp(&patients[*a].time));
        let n = patients.len() as f64;
        let mean: Vec<f64> =
            (0..covariates[0].len()).map(|k| covariates.iter().map(|x| x[k]).sum::<f64>() / n).collect();
        Self {
            patients: order.iter().map(|i| patients[*i]).collect(),
            covariates: order
                .iter()
                .map(|i| covariates[*i].iter().zip(&mean).map(|(x, m)| x - m).collect())
                .collect(),
            ties,
        }
    }

    fn likelihood(&self, beta: &[f64]) -> Likelihood {
        let width = beta.len();
        let mut result =
            Likelihood { value: 0.0, score: vec![0.0; width], information: vec![vec![0.0; width]; width] };
        let mut at_risk = Sums::new(width);
        let mut k = 0;
        while k < self.patients.len() {
            let time = self.patients[k].time;
            let group = self.patients[k..].iter().take_while(|o| o.time == time).count();
            let mut tied = Sums::new(width);
            let mut events = 0;
            for i in k..k + group {
                let x = &self.covariates[i];
                let linear: f64 = x.iter().zip(beta).map(|(a, b)| a * b).sum();
                let risk = libm::exp(linear);
                at_risk.add(risk, x);
                if self.patients[i].event {
                    tied.add(risk, x);
                    events += 1;
                    result.value += linear;
                    result.score.iter_mut().zip(x).for_each(|(s, x)| *s += x);
                }
            }
            for event in 0..events {
                let share = if self.ties == Ties::Efron { f64::from(event) / f64::from(events) } else { 0.0 };
                result.take(&at_risk, &tied, share);
            }
            k += group;
        }
        result
    }
}

impl Likelihood {
    /// One event among those at risk, of whom a share of the tied patients' risk is gone.
    fn take(&mut self, at_risk: &Sums, tied: &Sums, share: f64) {
        let risk = at_risk.risk - share * tied.risk;
        self.value -= libm::log(risk);
        let mean: Vec<f64> =
            at_risk.first.iter().zip(&tied.first).map(|(a, t)| (a - share * t) / risk).collect();
        for j in 0..mean.len() {
            self.score[j] -= mean[j];
            for k in 0..mean.len() {
                let second = (at_risk.second[j][k] - share * tied.second[j][k]) / risk;
                self.information[j][k] += second - mean[j] * mean[k];
            }
        }
    }
}

/// Solves a symmetric positive definite system by Cholesky's method.
fn solve(matrix: &[Vec<f64>], right: &[f64]) -> Result<Vec<f64>, SurvivalError> {
    let n = right.len();
    let mut lower = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| lower[i][k] * lower[j][k]).sum();
            let rest = matrix[i][j] - sum;
            lower[i][j] = if i > j {
                rest / lower[j][j]
            } else if rest > 1e-12 * matrix[i][i].abs() && rest > 0.0 {
                rest.sqrt()
            } else {
                return Err(SurvivalError::NotEstimable(
                    "covariates depend on each other, or no event informs them",
                ));
            };
        }
    }
    let mut y = vec![0.0; n];
    for i in 0..n {
        let sum: f64 = (0..i).map(|k| lower[i][k] * y[k]).sum();
        y[i] = (right[i] - sum) / lower[i][i];
    }
    for i in (0..n).rev() {
        let sum: f64 = (i + 1..n).map(|k| lower[k][i] * y[k]).sum();
        y[i] = (y[i] - sum) / lower[i][i];
    }
    Ok(y)
}
