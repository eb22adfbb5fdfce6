//! What is true in a simulated trial: the outcome of a patient at the dose that was given.

use super::{DesignError, increasing};

/// A rate that is stated at the dose levels.
///
/// Between levels it is linear in the logarithm of the dose, below the lowest it falls in proportion to the dose, above
/// the highest it stays.
#[derive(Clone, Debug, PartialEq)]
pub struct RateCurve {
    doses: Vec<f64>,
    rates: Vec<f64>,
}

impl RateCurve {
    /// A curve through rates at doses.
    ///
    /// # Errors
    /// If the doses are not positive and increasing, a rate is none, or the lists differ in length.
    pub fn new(what: &'static str, doses: &[f64], rates: &[f64]) -> Result<Self, DesignError> {
        if rates.len() != doses.len() {
            return Err(DesignError::Lengths { what, found: rates.len(), doses: doses.len() });
        }
        if doses.is_empty() {
            return Err(DesignError::TooFew { what: "the number of doses", found: 0, least: 1 });
        }
        if !(doses[0] > 0.0 && doses.iter().all(|d| d.is_finite())) {
            let found = doses.iter().copied().find(|d| !(*d > 0.0 && d.is_finite())).unwrap_or(doses[0]);
            return Err(DesignError::OutOfRange { what: "dose", found, low: 0.0, high: f64::INFINITY });
        }
        increasing("the doses", doses)?;
        if let Some(rate) = rates.iter().find(|p| !(0.0..=1.0).contains(*p)) {
            return Err(DesignError::OutOfRange { what, found: *rate, low: 0.0, high: 1.0 });
        }
        Ok(Self { doses: doses.to_vec(), rates: rates.to_vec() })
    }

    /// Rates at the levels.
    pub fn rates(&self) -> &[f64] {
        &self.rates
    }

    /// The rate at a dose.
    pub fn at(&self, dose: f64) -> f64 {
        // Levels are few: the first that is not below is found by looking at one after the other.
        let above = self.doses.iter().position(|d| *d >= dose).unwrap_or(self.doses.len());
        if above == 0 {
            return self.rates[0] * (dose / self.doses[0]).max(0.0);
        }
        let Some(high) = self.doses.get(above) else { return self.rates[above - 1] };
        if *high == dose {
            return self.rates[above];
        }
        let low = self.doses[above - 1];
        let share = libm::log(dose / low) / libm::log(high / low);
        self.rates[above - 1] + share * (self.rates[above] - self.rates[above - 1])
    }
}

/// Whether a patient had a dose-limiting toxicity and responded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PatientOutcome {
    /// Dose-limiting toxicity.
    pub toxic: bool,
    /// Response.
    pub responds: bool,
}

/// What is true.
#[derive(Clone, Debug, PartialEq)]
pub enum Truth {
    /// Stated rates; toxicity and response are independent given the dose.
    Stated {
        /// Rate of dose-limiting toxicity.
        toxicity: RateCurve,
        /// Response rate; nobody responds if none is stated.
        response: Option<RateCurve>,
    },
    /// Virtual patients who were followed at a ladder of doses; a patient of the trial is one of them at random, and the
    /// outcome that of the highest dose of the ladder that was reached.
    Patients(Followed),
}

/// Virtual patients who were followed at a ladder of doses.
#[derive(Clone, Debug, PartialEq)]
pub struct Followed {
    ladder: Vec<f64>,
    /// For each patient, the outcome at every dose of the ladder.
    outcomes: Vec<Vec<PatientOutcome>>,
}

impl Followed {
    /// Patients with an outcome at every dose of an increasing ladder.
    ///
    /// # Errors
    /// If there is nobody, the ladder does not increase, or a patient lacks an outcome.
    pub fn new(ladder: Vec<f64>, outcomes: Vec<Vec<PatientOutcome>>) -> Result<Self, DesignError> {
        increasing("the ladder of doses", &ladder)?;
        if outcomes.is_empty() || ladder.is_empty() {
            return Err(DesignError::TooFew { what: "the number of virtual patients", found: 0, least: 1 });
        }
        match outcomes.iter().find(|o| o.len() != ladder.len()) {
            Some(odd) => {
                Err(DesignError::Lengths { what: "outcomes", found: odd.len(), doses: ladder.len() })
            }
            None => Ok(Self { ladder, outcomes }),
        }
    }

    /// The patients' number.
    pub fn patients(&self) -> usize {
        self.outcomes.len()
    }

    /// The patient to whom chance gave a uniform number.
    fn number(&self, who: f64) -> usize {
        ((who * self.outcomes.len() as f64) as usize).min(self.outcomes.len() - 1)
    }

    /// The highest dose of the ladder that a dose reaches.
    fn reached(&self, dose: f64) -> Option<usize> {
        self.ladder.partition_point(|d| *d <= dose * (1.0 + 1e-12)).checked_sub(1)
    }

    /// A patient's outcome at a dose; below the ladder nothing happens.
    fn at(&self, patient: usize, dose: f64) -> PatientOutcome {
        self.reached(dose).map_or_else(PatientOutcome::default, |k| self.outcomes[patient][k])
    }

    /// Share of the patients with an outcome at a dose.
    fn share(&self, dose: f64, is: impl Fn(PatientOutcome) -> bool) -> f64 {
        let count = (0..self.outcomes.len()).filter(|p| is(self.at(*p, dose))).count();
        count as f64 / self.outcomes.len() as f64
    }
}

impl Truth {
    /// Whether a patient of a trial is one of those who were followed.
    pub fn is_of_patients(&self) -> bool {
        matches!(self, Self::Patients(_))
    }

    /// Rate of dose-limiting toxicity at a dose.
    pub fn toxicity(&self, dose: f64) -> f64 {
        match self {
            Self::Stated { toxicity, .. } => toxicity.at(dose),
            Self::Patients(followed) => followed.share(dose, |o| o.toxic),
        }
    }

    /// Response rate at a dose; none if nothing is known of response.
    pub fn response(&self, dose: f64) -> Option<f64> {
        match self {
            Self::Stated { response, .. } => response.as_ref().map(|curve| curve.at(dose)),
            Self::Patients(followed) => Some(followed.share(dose, |o| o.responds)),
        }
    }

    /// Probabilities at a dose of efficacy alone, neither, both, and toxicity alone.
    pub fn joint(&self, dose: f64) -> [f64; 4] {
        match self {
            Self::Stated { toxicity, response } => {
                let (t, e) = (toxicity.at(dose), response.as_ref().map_or(0.0, |curve| curve.at(dose)));
                [e * (1.0 - t), (1.0 - e) * (1.0 - t), e * t, (1.0 - e) * t]
            }
            Self::Patients(followed) => {
                [(false, true), (false, false), (true, true), (true, false)].map(|(toxic, responds)| {
                    followed.share(dose, |o| o.toxic == toxic && o.responds == responds)
                })
            }
        }
    }

    /// The outcome at a dose of the patient to whom chance gave three uniform numbers: who the patient is, toxicity, and
    /// response.
    pub fn outcome(&self, [who, toxic, responds]: [f64; 3], dose: f64) -> PatientOutcome {
        match self {
            Self::Stated { toxicity, response } => PatientOutcome {
                toxic: toxic < toxicity.at(dose),
                responds: response.as_ref().is_some_and(|curve| responds < curve.at(dose)),
            },
            Self::Patients(followed) => followed.at(followed.number(who), dose),
        }
    }

    /// Which virtual patient that is, from 0, and which dose of the ladder the patient reached, if any; none where rates are
    /// stated.
    pub fn followed(&self, who: f64, dose: f64) -> Option<(usize, Option<usize>)> {
        match self {
            Self::Stated { .. } => None,
            Self::Patients(followed) => Some((followed.number(who), followed.reached(dose))),
        }
    }
}
