//! A grade as an ordinal outcome of a predictor: the proportional-odds model (McCullagh 1980, doi
//! 10.1111/j.2517-6161.1980.tb01109.x).
//!
//! `P(grade ≥ k) = 1/(1 + e^(c_k − s))` for a severity `s`, such as a weighted logarithm of the cytokine peak and of its
//! rise. [`calibrate`] chooses the cut points `c_k` so that a population of severities has the rates of a trial.

/// Grades 1 to 4.
pub const GRADES: usize = 4;

/// Cut points on the scale of severity, ascending.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CutPoints(pub [f64; GRADES]);

/// Why rates cannot be met.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum CalibrationError {
    /// A rate is no probability strictly between 0 and 1, or more patients have a grade than a lower one.
    #[error(
        "the rate of grade {grade} or more is {rate}, but must lie between 0 and 1 and not above that of lower grades"
    )]
    Rate {
        /// The grade.
        grade: usize,
        /// The rate.
        rate: f64,
    },
    /// There is no severity, or one is no number.
    #[error("severity {index} is {value}; severities must be finite, and at least one")]
    Severity {
        /// Which one.
        index: usize,
        /// Its value.
        value: f64,
    },
}

impl CutPoints {
    /// Probabilities of grades 1 or more, 2 or more, 3 or more, and 4.
    pub fn probabilities(&self, severity: f64) -> [f64; GRADES] {
        self.0.map(|cut| logistic(severity - cut))
    }

    /// The grade of a patient of given susceptibility, a number between 0 and 1: drawn uniformly, and the same in every
    /// arm, it gives the grades their probabilities.
    pub fn grade(&self, severity: f64, susceptibility: f64) -> u8 {
        self.probabilities(severity).iter().filter(|p| susceptibility < **p).count() as u8
    }

    /// The severity at which a patient of given susceptibility reaches a grade (1 to 4).
    pub fn severity_of(&self, grade: u8, susceptibility: f64) -> f64 {
        let cut = self.0[usize::from(grade).clamp(1, GRADES) - 1];
        cut + libm::log(susceptibility / (1.0 - susceptibility))
    }
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-x))
}

/// Cut points with which patients of the given severities have the given rates of grades ≥ 1, ≥ 2, ≥ 3 and 4.
///
/// # Errors
/// If rates are not falling probabilities, or a severity is no number.
pub fn calibrate(severities: &[f64], rates: [f64; GRADES]) -> Result<CutPoints, CalibrationError> {
    let mut highest = 1.0;
    for (i, &rate) in rates.iter().enumerate() {
        if !(rate > 0.0 && rate < 1.0 && rate <= highest) {
            return Err(CalibrationError::Rate { grade: i + 1, rate });
        }
        highest = rate;
    }
    let bad = severities.iter().enumerate().find(|(_, s)| !s.is_finite());
    if let Some((index, value)) = bad.or(severities.is_empty().then_some((0, &f64::NAN))) {
        return Err(CalibrationError::Severity { index, value: *value });
    }
    let rate_at =
        |cut: f64| severities.iter().map(|s| logistic(s - cut)).sum::<f64>() / severities.len() as f64;
    let lowest = severities.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = severities.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    Ok(CutPoints(rates.map(|rate| {
        let shift = libm::log((1.0 - rate) / rate);
        // All severities at one end would put the cut there; the truth lies between.
        let (mut low, mut high) = (lowest + shift, highest + shift);
        for _ in 0..100 {
            let middle = 0.5 * (low + high);
            if rate_at(middle) > rate { low = middle } else { high = middle }
        }
        0.5 * (low + high)
    })))
}
