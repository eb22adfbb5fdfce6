//! Bayesian logistic regression with overdose control: BLRM (Neuenschwander 2008, doi 10.1002/sim.3230) and EWOC (Babb 1998, Stat
//! Med 17:1103).
//!
//! `logit p(d) = ln α + β ln(d/d*)` with `(ln α, ln β)` normal with means, standard deviations and a correlation. A dose is
//! open while the probability that its rate exceeds the upper end of the target interval is at most the feasibility bound
//! (0.25). BLRM takes the open dose whose rate most probably lies in the target interval; EWOC the highest open one, with
//! the target as the limit.
//!
//! The posterior is integrated on a fixed grid of both parameters, without drawing: by the trapezoidal rule, and for the
//! probability to lie beyond a limit, which cuts the grid, by a cubic through the four points around the cut: to within 5e-6.

use perforin_core::rng::{Purpose, Stream};
use serde::Serialize;

use super::simulate::{End, OperatingCharacteristics, Size, check, over, toxicities};
use super::{DesignError, Seen, check_seen, increasing, within};
use crate::binomial::softplus;

/// Usual largest probability of an overdose.
pub const FEASIBILITY: f64 = 0.25;
/// Half of the grid in prior standard deviations; its numbers of intervals in ln β and in ln α given ln β.
const EXTENT: f64 = 6.0;
const OUTER: usize = 48;
const INNER: usize = 192;

/// Prior of `(ln α, ln β)`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Prior {
    /// Means.
    pub mean: [f64; 2],
    /// Standard deviations.
    pub sd: [f64; 2],
    /// Correlation.
    pub correlation: f64,
}

/// A model of toxicity with two parameters.
#[derive(Clone, Debug)]
pub struct Blrm {
    /// ln(d/d*).
    ln_dose: Vec<f64>,
    /// Lower and upper end of the target interval.
    target: [f64; 2],
    feasibility: f64,
    prior: Prior,
    /// For each dose, the rate and the logarithms of it and of its complement on the grid, row by row of equal ln β.
    rate: Vec<[Vec<f64>; 3]>,
    ln_prior: Vec<f64>,
}

/// Which of the open doses is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Choice {
    /// The one whose rate most probably lies in the target interval (BLRM).
    MostProbable,
    /// The highest (EWOC).
    Highest,
}

/// What the model says of a dose.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct DosePosterior {
    /// Mean toxicity rate.
    pub mean: f64,
    /// Probability that the rate lies below the target interval.
    pub under: f64,
    /// Within it.
    pub target: f64,
    /// Above it.
    pub over: f64,
}

impl Blrm {
    /// A model for doses in any one unit, a reference dose in the same, a prior, a target interval such as (0.16, 0.33), and
    /// the largest probability of an overdose.
    ///
    /// # Errors
    /// If doses do not increase or are not positive, the interval is none, or the prior cannot be.
    pub fn new(
        doses: &[f64],
        reference: f64,
        prior: Prior,
        target: [f64; 2],
        feasibility: f64,
    ) -> Result<Self, DesignError> {
        if doses.is_empty() {
            return Err(DesignError::TooFew { what: "the number of doses", found: 0, least: 1 });
        }
        for dose in doses.iter().chain([&reference]) {
            within("dose", *dose, 0.0, f64::INFINITY)?;
        }
        increasing("the doses", doses)?;
        within("upper end of the target interval", target[1], 0.0, 1.0)?;
        within("lower end of the target interval", target[0], 0.0, target[1])?;
        within("feasibility bound", feasibility, 0.0, 1.0)?;
        for k in 0..2 {
            within("mean of the prior", prior.mean[k], -50.0, 50.0)?;
            within("standard deviation of the prior", prior.sd[k], 0.0, 50.0)?;
        }
        within("correlation of the prior", prior.correlation, -1.0, 1.0)?;
        let ln_dose: Vec<f64> = doses.iter().map(|d| libm::log(d / reference)).collect();
        let mut model = Self { ln_dose, target, feasibility, prior, rate: Vec::new(), ln_prior: Vec::new() };
        model.tabulate();
        Ok(model)
    }

    fn tabulate(&mut self) {
        let z = |k: usize, n: usize| EXTENT * (2.0 * k as f64 / n as f64 - 1.0);
        let mut points = Vec::with_capacity((OUTER + 1) * (INNER + 1));
        for i in 0..=OUTER {
            for j in 0..=INNER {
                let (u, v) = (z(i, OUTER), z(j, INNER));
                self.ln_prior.push(-0.5 * (u * u + v * v));
                points.push((self.centre(u) + self.spread() * v, self.slope(u)));
            }
        }
        self.rate = self
            .ln_dose
            .iter()
            .map(|x| {
                let mut columns: [Vec<f64>; 3] = Default::default();
                for (intercept, slope) in &points {
                    let logit = intercept + slope * x;
                    columns[0].push(1.0 / (1.0 + libm::exp(-logit)));
                    columns[1].push(-softplus(-logit));
                    columns[2].push(-softplus(logit));
                }
                columns
            })
            .collect();
    }

    /// β where ln β lies `u` standard deviations from its mean.
    fn slope(&self, u: f64) -> f64 {
        libm::exp(self.prior.mean[1] + self.prior.sd[1] * u)
    }

    /// Mean of ln α there.
    fn centre(&self, u: f64) -> f64 {
        self.prior.mean[0] + self.prior.sd[0] * self.prior.correlation * u
    }

    /// Standard deviation of ln α given ln β.
    fn spread(&self) -> f64 {
        self.prior.sd[0] * (1.0 - self.prior.correlation * self.prior.correlation).sqrt()
    }

    /// Number of doses.
    pub fn doses(&self) -> usize {
        self.ln_dose.len()
    }

    /// What is known of each dose after `seen`.
    ///
    /// # Errors
    /// If the numbers of doses differ, or a dose has more toxicities than patients.
    pub fn posterior(&self, seen: &[Seen]) -> Result<Vec<DosePosterior>, DesignError> {
        if seen.len() != self.doses() {
            return Err(DesignError::Lengths { what: "outcomes", found: seen.len(), doses: self.doses() });
        }
        check_seen(seen)?;
        let mut density = self.ln_prior.clone();
        for ([_, p, q], s) in self.rate.iter().zip(seen).filter(|(_, s)| s.treated > 0) {
            let (toxic, free) = (f64::from(s.toxic), f64::from(s.treated - s.toxic));
            for ((sum, p), q) in density.iter_mut().zip(p).zip(q) {
                *sum += toxic * p + free * q;
            }
        }
        let highest = density.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        for value in &mut density {
            *value = libm::exp(*value - highest);
        }
        let total: f64 = density.iter().sum();
        let beyond = Beyond::new(&density);
        let of_dose = |d: usize| {
            let mean = density.iter().zip(&self.rate[d][0]).map(|(f, p)| f * p).sum::<f64>() / total;
            let [above_low, above_high] =
                self.target.map(|limit| (self.above(&beyond, d, limit) / total).clamp(0.0, 1.0));
            DosePosterior { mean, under: 1.0 - above_low, target: above_low - above_high, over: above_high }
        };
        Ok((0..self.doses()).map(of_dose).collect())
    }

    /// Mass, in the unit of the grid's sum, where the rate at dose `d` exceeds a limit.
    fn above(&self, beyond: &Beyond, d: usize, limit: f64) -> f64 {
        let logit = libm::log(limit / (1.0 - limit));
        (0..=OUTER)
            .map(|i| {
                let u = EXTENT * (2.0 * i as f64 / OUTER as f64 - 1.0);
                let cut = (logit - self.slope(u) * self.ln_dose[d] - self.centre(u)) / self.spread();
                beyond.of_row(i, (cut / EXTENT + 1.0) * 0.5 * INNER as f64)
            })
            .sum()
    }

    /// The dose that is taken among the open ones up to `highest`; none if all of these are too toxic.
    pub fn recommended(&self, posterior: &[DosePosterior], choice: Choice, highest: usize) -> Option<usize> {
        let open = self.open(posterior, highest);
        match choice {
            Choice::Highest => open.max(),
            Choice::MostProbable => open.fold(None, |best: Option<usize>, d| match best {
                Some(b) if posterior[d].target <= posterior[b].target => best,
                _ => Some(d),
            }),
        }
    }

    fn open<'a>(
        &'a self,
        posterior: &'a [DosePosterior],
        highest: usize,
    ) -> impl Iterator<Item = usize> + 'a {
        (0..posterior.len()).filter(move |d| *d <= highest && posterior[*d].over <= self.feasibility)
    }

    /// Operating characteristics: no untried dose is skipped; a trial stops when no dose is open, and otherwise selects the
    /// one that is taken among those tried.
    ///
    /// # Errors
    /// If a rate is none, the numbers of doses differ, or the trial's size cannot be.
    ///
    /// # Panics
    /// Never: simulated patients are possible ones.
    pub fn operating_characteristics(
        &self,
        choice: Choice,
        rates: &[f64],
        size: Size,
        (trials, seed): (u64, u64),
    ) -> Result<OperatingCharacteristics, DesignError> {
        check(rates, size)?;
        if rates.len() != self.doses() {
            return Err(DesignError::Lengths { what: "rates", found: rates.len(), doses: self.doses() });
        }
        Ok(over(trials, rates.len(), |trial| {
            let mut draw = Stream::new(seed, Purpose::Trial).at(trial, 0);
            let mut seen = vec![Seen::default(); rates.len()];
            let mut dose = size.start;
            let mut tried = size.start;
            let mut selected = None;
            for _ in 0..size.cohorts {
                tried = tried.max(dose);
                seen[dose].treated += size.cohort;
                seen[dose].toxic += toxicities(&mut draw, rates[dose], size.cohort);
                let posterior = self.posterior(&seen).expect("possible patients");
                selected = self.recommended(&posterior, choice, tried);
                match self.recommended(&posterior, choice, tried + 1) {
                    Some(d) => dose = d,
                    None => break,
                }
            }
            End { seen, selected }
        }))
    }
}

/// Integrals of the rows of a grid from a place on.
struct Beyond<'a> {
    density: &'a [f64],
    /// For each row, the integral from each point on.
    from: Vec<f64>,
}

impl<'a> Beyond<'a> {
    fn new(density: &'a [f64]) -> Self {
        let mut from = vec![0.0; density.len()];
        for (row, sums) in density.chunks_exact(INNER + 1).zip(from.chunks_exact_mut(INNER + 1)) {
            for j in (0..INNER).rev() {
                sums[j] = sums[j + 1] + Cell::at(row, j).from(0.0);
            }
        }
        Self { density, from }
    }

    /// From a place on, counted in points; all before the first point, nothing after the last.
    fn of_row(&self, row: usize, place: f64) -> f64 {
        let start = row * (INNER + 1);
        if place <= 0.0 {
            return self.from[start];
        }
        if place >= INNER as f64 {
            return 0.0;
        }
        let j = place as usize;
        let values = &self.density[start..=start + INNER];
        self.from[start + j + 1] + Cell::at(values, j).from(place - j as f64)
    }
}

/// The cubic through the four points around a cell of unit width.
struct Cell([f64; 4]);

impl Cell {
    fn at(row: &[f64], j: usize) -> Self {
        // Beyond the grid there is nothing.
        let value = |k: Option<usize>| k.and_then(|k| row.get(k)).copied().unwrap_or(0.0);
        let [m, a, b, c] = [j.checked_sub(1), Some(j), Some(j + 1), Some(j + 2)].map(value);
        Self([
            a,
            -m / 3.0 - a / 2.0 + b - c / 6.0,
            m / 2.0 - a + b / 2.0,
            -m / 6.0 + a / 2.0 - b / 2.0 + c / 6.0,
        ])
    }

    /// Integral from `u` to the end of the cell.
    fn from(&self, u: f64) -> f64 {
        let mut power = u;
        let mut sum = 0.0;
        for (k, coefficient) in self.0.iter().enumerate() {
            sum += coefficient * (1.0 - power) / (k as f64 + 1.0);
            power *= u;
        }
        sum
    }
}
