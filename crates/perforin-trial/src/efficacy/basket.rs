//! Basket trials with borrowing: exchangeable–non-exchangeable (EXNEX; Neuenschwander 2016, doi 10.1002/pst.1730).
//!
//! | symbol | meaning |
//! |---|---|
//! | `y_k`, `n_k` | responses and patients of basket `k`, of response rate `logit⁻¹(θ_k)` |
//! | `π` | prior probability that a basket is exchangeable: `θ_k ~ N(μ, τ²)` |
//! | `μ`, `τ` | their mean, N(m, s²), and standard deviation, half-normal of scale `t` |
//! | `m₀`, `s₀` | of a basket that is not: `θ_k ~ N(m₀, s₀²)` |
//!
//! Given `μ` and `τ` the baskets are independent, each a mixture of two one-dimensional integrals. All is summed on fixed grids,
//! without drawing: `τ` from 0, in which the integrand is even, so that the trapezoidal rule is as accurate there as at an
//! end where it vanishes; `θ` and `μ` on one grid that has the log odds of the rate to exceed among its points. There the
//! rule is cut with the weights −1/24, 1/2, 25/24 around the cut, which leave an error of the fourth order in its step.

use std::collections::BTreeMap;

use perforin_core::rng::{Purpose, Stream};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::binomial::softplus;
use crate::dose_finding::{DesignError, share, within};

/// Prior of a basket trial, on the scale of log odds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exnex {
    /// `π`.
    pub exchangeable: f64,
    /// `m` and `s`.
    pub mean: (f64, f64),
    /// `t`.
    pub heterogeneity: f64,
    /// `m₀` and `s₀`.
    pub alone: (f64, f64),
}

/// What is known of a basket.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Basket {
    /// Posterior mean of the response rate.
    pub rate: f64,
    /// Probability that it exceeds the rate asked for.
    pub exceeds: f64,
    /// Probability that the basket is exchangeable.
    pub exchangeable: f64,
}

/// Intervals of the grid of τ; extent in standard deviations.
const SPREADS: usize = 32;
const EXTENT: f64 = 6.0;

/// Likelihood of a basket, its mean rate and its mass beyond the rate asked for, each times the likelihood.
type Moments = [f64; 3];

/// Integrals for one basket: alone, and for each τ and μ.
struct Table {
    alone: Moments,
    shared: Vec<Vec<Moments>>,
}

/// Points of the log odds, with the one at which the rate to exceed lies.
struct Grid {
    step: f64,
    points: Vec<f64>,
    cut: usize,
}

impl Grid {
    /// Covers a range; the cut lies on a point, within it or not.
    fn new((low, high): (f64, f64), cut: f64, step: f64) -> Self {
        let below = ((cut - low) / step).ceil().max(2.0) as usize;
        let above = ((high - cut) / step).ceil().max(2.0) as usize;
        let points = (0..=below + above).map(|k| cut + step * (k as f64 - below as f64)).collect();
        Self { step, points, cut: below }
    }

    /// Weight of a point in an integral from the cut upwards.
    fn beyond(&self, k: usize) -> f64 {
        match k as i64 - self.cut as i64 {
            i64::MIN..=-2 => 0.0,
            -1 => -1.0 / 24.0,
            0 => 0.5,
            1 => 25.0 / 24.0,
            2..=i64::MAX => 1.0,
        }
    }

    /// For each point, the likelihood of a basket, times the rate, times the weight beyond the cut.
    fn likelihoods(&self, basket: Responses) -> Vec<Moments> {
        let (y, others) = (f64::from(basket.responses), f64::from(basket.patients - basket.responses));
        let of = |(k, theta): (usize, &f64)| {
            let l = libm::exp(basket.scale() - y * softplus(-theta) - others * softplus(*theta));
            [l, l / (1.0 + libm::exp(-theta)), l * self.beyond(k)]
        };
        self.points.iter().enumerate().map(of).collect()
    }

    /// Their integrals over a normal distribution around each point; of standard deviation 0, the values themselves.
    fn smoothed(&self, values: &[Moments], sd: f64) -> Vec<Moments> {
        if sd == 0.0 {
            return values.to_vec();
        }
        let reach = ((EXTENT * sd / self.step).ceil() as usize).min(values.len());
        let kernel: Vec<f64> = (0..=reach).map(|k| self.normal(k as f64 * self.step, 0.0, sd)).collect();
        let around = |centre: usize| {
            let mut sum = [0.0; 3];
            let (from, to) = (centre.saturating_sub(reach), (centre + reach).min(values.len() - 1));
            for (k, value) in values.iter().enumerate().take(to + 1).skip(from) {
                let weight = kernel[k.abs_diff(centre)];
                sum.iter_mut().zip(value).for_each(|(s, v)| *s += weight * v);
            }
            sum
        };
        (0..values.len()).map(around).collect()
    }

    /// Normal density times the step.
    fn normal(&self, x: f64, mean: f64, sd: f64) -> f64 {
        let z = (x - mean) / sd;
        libm::exp(-0.5 * z * z) * self.step / (sd * std::f64::consts::TAU.sqrt())
    }
}

impl Exnex {
    fn check(&self) -> Result<(), DesignError> {
        share("prior probability of exchangeability", self.exchangeable)?;
        within("mean of the log odds", self.mean.0, -20.0, 20.0)?;
        within("standard deviation of their mean", self.mean.1, 0.05, 20.0)?;
        within("scale of the heterogeneity", self.heterogeneity, 0.05, 20.0)?;
        within("mean of the log odds of a basket alone", self.alone.0, -20.0, 20.0)?;
        within("standard deviation of a basket alone", self.alone.1, 0.05, 20.0)?;
        Ok(())
    }

    /// What is known of each basket; `rate` is the one to exceed.
    ///
    /// # Errors
    /// If the prior or the rate cannot be, there is no basket, or one has more responses than patients.
    pub fn posterior(&self, baskets: &[Responses], rate: f64) -> Result<Vec<Basket>, DesignError> {
        self.check()?;
        within("rate to exceed", rate, 0.0, 1.0)?;
        if baskets.is_empty() {
            return Err(DesignError::TooFew { what: "the number of baskets", found: 0, least: 1 });
        }
        if let Some(basket) = baskets.iter().position(|b| b.responses > b.patients) {
            let Responses { patients, responses } = baskets[basket];
            return Err(DesignError::MoreResponses { basket, responses, patients });
        }
        let grid = self.grid(baskets, rate);
        let tables: Vec<Table> = baskets.iter().map(|b| self.table(&grid, *b)).collect();
        Ok(self.combine(&grid, &tables.iter().collect::<Vec<&Table>>()))
    }

    /// How often each basket is called positive, its probability to exceed `limit` being at least `certainty`, over simulated
    /// trials where basket `k` has `patients[k]` patients and the response rate `rates[k]`.
    ///
    /// # Errors
    /// If the prior or a rate cannot be, there is no basket, or the lists differ in length.
    pub fn calls(
        &self,
        patients: &[u32],
        rates: &[f64],
        (limit, certainty): (f64, f64),
        (trials, seed): (u64, u64),
    ) -> Result<Vec<f64>, DesignError> {
        share("certainty", certainty)?;
        for rate in rates {
            share("response rate", *rate)?;
        }
        if rates.len() != patients.len() {
            let (found, expected) = (rates.len(), patients.len());
            return Err(DesignError::Unequal { what: "rates", found, other: "baskets", expected });
        }
        let of = |patients: u32, responses: u32| Responses { patients, responses };
        let empty: Vec<Responses> = patients.iter().map(|n| of(*n, 0)).collect();
        self.posterior(&empty, limit)?;
        // Every outcome of a basket is tabulated once.
        let grid = self.grid(&empty, limit);
        let tables: BTreeMap<(u32, u32), Table> = patients
            .par_iter()
            .flat_map_iter(|n| (0..=*n).map(move |y| (*n, y)))
            .map(|(n, y)| ((n, y), self.table(&grid, of(n, y))))
            .collect();
        let one = |trial: u64| -> Vec<u64> {
            let mut draw = Stream::new(seed, Purpose::Trial).at(trial, 0);
            let drawn: Vec<&Table> = patients
                .iter()
                .zip(rates)
                .map(|(n, p)| &tables[&(*n, (0..*n).filter(|_| draw.uniform() < *p).count() as u32)])
                .collect();
            self.combine(&grid, &drawn).iter().map(|b| u64::from(b.exceeds >= certainty)).collect()
        };
        // Whole numbers add up to the same in any order.
        let none = || vec![0; patients.len()];
        let add = |a: Vec<u64>, b: Vec<u64>| a.iter().zip(&b).map(|(x, y)| x + y).collect();
        let counts = (0..trials).into_par_iter().map(one).reduce(none, add);
        Ok(counts.into_iter().map(|n| n as f64 / trials.max(1) as f64).collect())
    }

    /// Integrals over what a basket's log odds may be.
    fn table(&self, grid: &Grid, basket: Responses) -> Table {
        let values = grid.likelihoods(basket);
        let mut alone = [0.0; 3];
        for (theta, value) in grid.points.iter().zip(&values) {
            let weight = grid.normal(*theta, self.alone.0, self.alone.1);
            alone.iter_mut().zip(value).for_each(|(s, v)| *s += weight * v);
        }
        let shared = (0..=SPREADS).map(|j| grid.smoothed(&values, self.heterogeneity * spread(j))).collect();
        Table { alone, shared }
    }

    /// What is known of each basket, given the integrals of each.
    fn combine(&self, grid: &Grid, tables: &[&Table]) -> Vec<Basket> {
        let prior: Vec<f64> =
            grid.points.iter().map(|mu| grid.normal(*mu, self.mean.0, self.mean.1)).collect();
        let mut total = 0.0;
        let mut sums = vec![[0.0; 3]; tables.len()];
        let mut own = sums.clone();
        for j in 0..=SPREADS {
            let u = spread(j);
            let end = if j == 0 { 0.5 } else { 1.0 } * libm::exp(-0.5 * u * u);
            for (k, prior) in prior.iter().enumerate() {
                let weight = end * prior * self.mixed(tables, (j, k), &mut own);
                total += weight;
                for (sum, value) in sums.iter_mut().flatten().zip(own.iter().flatten()) {
                    *sum += weight * value;
                }
            }
        }
        let of = |[mean, beyond, shared]: [f64; 3]| Basket {
            rate: mean / total,
            exceeds: beyond / total,
            exchangeable: shared / total,
        };
        sums.into_iter().map(of).collect()
    }

    /// A grid whose steps are short against the priors and the likelihood: of n patients its standard deviation is at least 2/√n.
    fn grid(&self, baskets: &[Responses], rate: f64) -> Grid {
        let all: u32 = baskets.iter().map(|b| b.patients).sum();
        let step = (0.75 / f64::from(all.max(1)).sqrt())
            .min(0.0625 * self.heterogeneity)
            .min(0.125 * self.mean.1.min(self.alone.1));
        let own = EXTENT * (self.mean.1 + 2.0 * self.heterogeneity);
        let apart = EXTENT * self.alone.1;
        let low = (self.mean.0 - own).min(self.alone.0 - apart);
        let high = (self.mean.0 + own).max(self.alone.0 + apart);
        Grid::new((low, high), libm::log(rate / (1.0 - rate)), step)
    }

    /// Likelihood of all baskets, each shared or alone, at a point of τ and μ; and what is then known of each: rate, probability
    /// to exceed, probability of exchangeability.
    fn mixed(&self, tables: &[&Table], (j, k): (usize, usize), own: &mut [[f64; 3]]) -> f64 {
        let mut all = 1.0;
        for (table, own) in tables.iter().zip(own) {
            let (shared, alone) = (&table.shared[j][k], &table.alone);
            let mix = |m: usize| self.exchangeable * shared[m] + (1.0 - self.exchangeable) * alone[m];
            let likelihood = mix(0);
            all *= likelihood;
            *own = if likelihood > 0.0 {
                [mix(1), mix(2), self.exchangeable * shared[0]].map(|x| x / likelihood)
            } else {
                [0.0; 3]
            };
        }
        all
    }
}

/// τ over its scale, at a point of its grid.
fn spread(j: usize) -> f64 {
    EXTENT * j as f64 / SPREADS as f64
}

/// Patients of a basket and those who responded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Responses {
    /// Patients.
    pub patients: u32,
    /// Those who responded.
    pub responses: u32,
}

impl Responses {
    /// Minus the logarithm of the largest likelihood, so that products of baskets neither vanish nor overflow.
    fn scale(self) -> f64 {
        let (n, y) = (f64::from(self.patients), f64::from(self.responses));
        let part = |k: f64| if k > 0.0 { k * libm::log(k / n) } else { 0.0 };
        -part(y) - part(n - y)
    }
}
