//! Parameters of virtual patients.
//!
//! A parameter varies about its typical value by `typical · exp(σz)`, with correlated standard normal `z`; a class of a
//! mixture and covariates scale it further. Draws outside of their plausible range are drawn again.
//!
//! Patient `i` is a pure function of the seed and `i`, so that every arm has the same patients.

use perforin_core::rng::{Purpose, Stream};

use super::sobol::{Sobol, TooManyDimensions};

/// Draws of one patient that may lie outside of the plausible range before it is given up.
pub const MOST_DRAWS: u32 = 1000;

/// A parameter that varies.
#[derive(Clone, Debug, PartialEq)]
pub struct Varying {
    /// Its name.
    pub name: String,
    /// Its typical value.
    pub typical: f64,
    /// Standard deviation of its natural logarithm.
    pub log_sd: f64,
    /// Plausible range.
    pub range: (f64, f64),
}

/// A correlation of two parameters' logarithms.
#[derive(Clone, Debug, PartialEq)]
pub struct Correlation {
    /// The parameters.
    pub between: (String, String),
    /// The coefficient, -1 to 1.
    pub coefficient: f64,
}

/// A class of patients.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    /// Its share of patients.
    pub share: f64,
    /// Parameters whose typical value is multiplied, and by what.
    pub factors: Vec<(String, f64)>,
}

/// A covariate and what it does.
#[derive(Clone, Debug, PartialEq)]
pub struct Covariate {
    /// Its name.
    pub name: String,
    /// Median and standard deviation of its natural logarithm; a log standard deviation of 0 fixes it.
    pub median: f64,
    /// See `median`.
    pub log_sd: f64,
    /// Accepted range.
    pub range: (f64, f64),
    /// Parameters that are multiplied by `(covariate/median)^power`.
    pub powers: Vec<(String, f64)>,
}

/// How points are spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sampling {
    /// Independent pseudo-random draws.
    #[default]
    Random,
    /// Sobol's sequence, scrambled.
    Sobol,
}

/// What a population is drawn from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Distribution {
    /// Parameters that vary.
    pub varying: Vec<Varying>,
    /// Correlations; pairs that are not named are uncorrelated.
    pub correlations: Vec<Correlation>,
    /// Classes; none is one class of all.
    pub classes: Vec<Class>,
    /// Covariates.
    pub covariates: Vec<Covariate>,
    /// How points are spread.
    pub sampling: Sampling,
    /// Seed.
    pub seed: u64,
}

/// What cannot be drawn from.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DrawError {
    /// A number outside of its range.
    #[error("{what} of {name} is {value}, but must be {accepted}")]
    Value {
        /// Whose.
        name: String,
        /// Which.
        what: &'static str,
        /// Its value.
        value: f64,
        /// What is accepted.
        accepted: &'static str,
    },
    /// A name that nothing has.
    #[error("{place} names `{name}`, which does not vary")]
    Unknown {
        /// Where.
        place: &'static str,
        /// The name.
        name: String,
    },
    /// Correlations that contradict each other.
    #[error("the correlations contradict each other: {name} cannot have them with those before it")]
    Contradiction {
        /// The parameter at which they do.
        name: String,
    },
    /// Too many dimensions for Sobol's sequence.
    #[error(transparent)]
    Dimensions(#[from] TooManyDimensions),
    /// No plausible draw.
    #[error("patient {patient}: {MOST_DRAWS} draws, and {name} was never within {lowest} to {highest}")]
    Implausible {
        /// The patient.
        patient: u64,
        /// What was out of its range last.
        name: String,
        /// Its range.
        lowest: f64,
        /// See `lowest`.
        highest: f64,
    },
}

/// A virtual patient.
#[derive(Clone, Debug, PartialEq)]
pub struct Draw {
    /// Values of the varying parameters, in their order.
    pub values: Vec<f64>,
    /// Values of the covariates.
    pub covariates: Vec<f64>,
    /// Its class.
    pub class: usize,
    /// A uniform number of its own, for outcomes such as grades.
    pub susceptibility: f64,
    /// Draws that were not plausible before this one.
    pub rejected: u32,
}

/// A population to draw from.
#[derive(Clone, Debug)]
pub struct Population {
    distribution: Distribution,
    /// Lower triangle of the correlations' Cholesky factor, row by row.
    factor: Vec<Vec<f64>>,
    sobol: Option<Sobol>,
}

impl Population {
    /// Makes a distribution ready.
    ///
    /// # Errors
    /// If a number is outside of its range, a name is unknown, or correlations contradict each other.
    pub fn new(distribution: Distribution) -> Result<Self, DrawError> {
        check(&distribution)?;
        let factor = cholesky(&distribution)?;
        let dimensions = 2 + distribution.covariates.len() + distribution.varying.len();
        let sobol = match distribution.sampling {
            Sampling::Random => None,
            Sampling::Sobol => Some(Sobol::new(dimensions, distribution.seed)?),
        };
        Ok(Self { distribution, factor, sobol })
    }

    /// What varies, in the order of a draw's values.
    pub fn varying(&self) -> &[Varying] {
        &self.distribution.varying
    }

    /// Patient number `patient`.
    ///
    /// # Errors
    /// If no draw is plausible.
    pub fn draw(&self, patient: u64) -> Result<Draw, DrawError> {
        let mut last = None;
        for attempt in 0..MOST_DRAWS {
            let draw = self.attempt(patient, attempt);
            match self.implausible(&draw) {
                None => return Ok(Draw { rejected: attempt, ..draw }),
                Some(offender) => last = Some(offender),
            }
        }
        let (name, (lowest, highest)) = last.unwrap_or_default();
        Err(DrawError::Implausible { patient, name, lowest, highest })
    }

    /// The first attempt takes the point of the sequence; later ones are pseudo-random.
    fn attempt(&self, patient: u64, attempt: u32) -> Draw {
        let d = &self.distribution;
        let stream = Stream::new(d.seed, Purpose::Patient);
        let mut random = stream.at(patient, attempt);
        let sequence = self.sobol.as_ref().filter(|_| attempt == 0);
        let mut dimension = 0;
        let mut uniform = || {
            let drawn = random.uniform();
            let value = sequence.map_or(drawn, |sobol| sobol.coordinate(patient as u32, dimension));
            dimension += 1;
            value
        };
        let susceptibility = uniform();
        let class = self.class(uniform());
        self.draw_from(susceptibility, class, uniform)
    }

    /// The patient of the first class at given quantiles (above 0 and below 1) of the covariates and then of what
    /// varies, with a susceptibility of a half; values beyond their plausible range are moved to its end.
    ///
    /// # Panics
    /// If there are fewer quantiles than covariates and varying parameters.
    pub fn at(&self, quantiles: &[f64]) -> Draw {
        let mut quantiles = quantiles.iter().copied();
        let mut draw = self.draw_from(0.5, 0, || quantiles.next().expect("a quantile for everything"));
        let d = &self.distribution;
        for (value, varying) in draw.values.iter_mut().zip(&d.varying) {
            *value = value.clamp(varying.range.0, varying.range.1);
        }
        for (value, covariate) in draw.covariates.iter_mut().zip(&d.covariates) {
            *value = value.clamp(covariate.range.0, covariate.range.1);
        }
        draw
    }

    fn draw_from(&self, susceptibility: f64, class: usize, mut uniform: impl FnMut() -> f64) -> Draw {
        let d = &self.distribution;
        let covariates: Vec<f64> = d
            .covariates
            .iter()
            .map(|c| c.median * libm::exp(c.log_sd * normal_quantile(uniform())))
            .collect();
        let normals: Vec<f64> = d.varying.iter().map(|_| normal_quantile(uniform())).collect();
        let values = (0..d.varying.len()).map(|i| self.value(i, &normals, &covariates, class)).collect();
        Draw { values, covariates, class, susceptibility, rejected: 0 }
    }

    fn class(&self, uniform: f64) -> usize {
        let mut below = 0.0;
        let classes = &self.distribution.classes;
        let found = classes.iter().position(|class| {
            below += class.share;
            uniform < below
        });
        found.unwrap_or(classes.len().saturating_sub(1))
    }

    fn value(&self, i: usize, normals: &[f64], covariates: &[f64], class: usize) -> f64 {
        let d = &self.distribution;
        let varying = &d.varying[i];
        let z: f64 = self.factor[i].iter().zip(normals).map(|(f, n)| f * n).sum();
        let mut value = varying.typical * libm::exp(varying.log_sd * z);
        for (name, factor) in d.classes.get(class).into_iter().flat_map(|class| &class.factors) {
            if *name == varying.name {
                value *= factor;
            }
        }
        for (covariate, drawn) in d.covariates.iter().zip(covariates) {
            for (name, power) in &covariate.powers {
                if *name == varying.name {
                    value *= libm::pow(drawn / covariate.median, *power);
                }
            }
        }
        value
    }

    fn implausible(&self, draw: &Draw) -> Option<(String, (f64, f64))> {
        let d = &self.distribution;
        let values = d.varying.iter().map(|v| (&v.name, v.range)).zip(&draw.values);
        let covariates = d.covariates.iter().map(|c| (&c.name, c.range)).zip(&draw.covariates);
        let outside =
            |((_, range), value): &((&String, (f64, f64)), &f64)| !(**value >= range.0 && **value <= range.1);
        values.chain(covariates).find(outside).map(|((name, range), _)| (name.clone(), range))
    }
}

fn check(d: &Distribution) -> Result<(), DrawError> {
    let positive = |name: &str, what, value: f64| {
        if value.is_finite() && value > 0.0 {
            return Ok(());
        }
        Err(DrawError::Value { name: name.to_owned(), what, value, accepted: "positive" })
    };
    let spread = |name: &str, value: f64| {
        if (0.0..=20.0).contains(&value) {
            return Ok(());
        }
        let what = "the standard deviation of the logarithm";
        Err(DrawError::Value { name: name.to_owned(), what, value, accepted: "0 to 20" })
    };
    let known = |place, name: &str| {
        if d.varying.iter().any(|v| v.name == name) {
            return Ok(());
        }
        Err(DrawError::Unknown { place, name: name.to_owned() })
    };
    for v in &d.varying {
        positive(&v.name, "the typical value", v.typical)?;
        spread(&v.name, v.log_sd)?;
    }
    for c in &d.covariates {
        positive(&c.name, "the median", c.median)?;
        spread(&c.name, c.log_sd)?;
        c.powers.iter().try_for_each(|(name, _)| known("a covariate", name))?;
    }
    for class in &d.classes {
        class.factors.iter().try_for_each(|(name, factor)| {
            known("a class", name)?;
            positive(name, "the factor", *factor)
        })?;
    }
    let shares: f64 = d.classes.iter().map(|class| class.share).sum();
    let negative = d.classes.iter().any(|class| class.share.is_nan() || class.share < 0.0);
    if !d.classes.is_empty() && (negative || (shares - 1.0).abs() > 1e-9) {
        let (name, what) = ("the classes".to_owned(), "the sum of the shares");
        return Err(DrawError::Value {
            name,
            what,
            value: shares,
            accepted: "1, of shares that are not negative",
        });
    }
    for c in &d.correlations {
        known("a correlation", &c.between.0)?;
        known("a correlation", &c.between.1)?;
        if !(-1.0..=1.0).contains(&c.coefficient) {
            let (name, what) = (c.between.0.clone(), "a correlation");
            return Err(DrawError::Value { name, what, value: c.coefficient, accepted: "-1 to 1" });
        }
    }
    Ok(())
}

fn cholesky(d: &Distribution) -> Result<Vec<Vec<f64>>, DrawError> {
    let n = d.varying.len();
    let correlation = |i: usize, j: usize| {
        let names = (&d.varying[i].name, &d.varying[j].name);
        let of =
            |c: &&Correlation| (&c.between.0, &c.between.1) == names || (&c.between.1, &c.between.0) == names;
        if i == j { 1.0 } else { d.correlations.iter().find(of).map_or(0.0, |c| c.coefficient) }
    };
    let mut rows: Vec<Vec<f64>> = Vec::with_capacity(n);
    for i in 0..n {
        let mut row = Vec::with_capacity(i + 1);
        for j in 0..i {
            let sum: f64 = (0..j).map(|k| row[k] * rows[j][k]).sum();
            let left = correlation(i, j) - sum;
            // A parameter that others determine wholly has no part of its own.
            row.push(if rows[j][j] > 0.0 { left / rows[j][j] } else { 0.0 });
            if rows[j][j] == 0.0 && left.abs() > 1e-9 {
                return Err(DrawError::Contradiction { name: d.varying[i].name.clone() });
            }
        }
        let rest = 1.0 - row.iter().map(|x| x * x).sum::<f64>();
        if rest < -1e-9 {
            return Err(DrawError::Contradiction { name: d.varying[i].name.clone() });
        }
        row.push(if rest < 1e-12 { 0.0 } else { rest.sqrt() });
        rows.push(row);
    }
    Ok(rows)
}

/// Quantile of the standard normal distribution: a rational first value (Abramowitz & Stegun 1964, 26.2.23) and Newton's
/// method on the complementary error function.
pub fn normal_quantile(p: f64) -> f64 {
    let tail = p.min(1.0 - p);
    let t = (-2.0 * libm::log(tail)).sqrt();
    let rational = (2.515_517 + t * (0.802_853 + t * 0.010_328))
        / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)));
    // `z` is positive here and stands for the upper tail.
    let mut z = t - rational;
    for _ in 0..3 {
        let error = 0.5 * libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2) - tail;
        let density = libm::exp(-0.5 * z * z) / (2.0 * std::f64::consts::PI).sqrt();
        z += error / density;
    }
    if p < 0.5 { -z } else { z }
}
