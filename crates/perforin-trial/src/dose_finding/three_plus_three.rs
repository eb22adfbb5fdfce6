//! The 3+3 design in both variants: step by step, exactly by enumeration.
//!
//! Three patients at a dose: no toxicity raises the dose, one adds three patients, two or more end the climb. Of six
//! patients one toxicity raises the dose, two or more end the climb. The maximum tolerated dose is the one below that
//! which ended it, or the highest dose. With de-escalation, a dose with only three patients gets three more before it is
//! declared, and is left downwards if two or more of its six have a toxicity (Storer 1989, doi 10.2307/2531693; Lin &
//! Shih 2001, doi 10.1093/biostatistics/2.2.203).

use serde::Serialize;

use super::{DesignError, Seen};
use crate::binomial::probability;

/// Cohort of the design.
const COHORT: u32 = 3;

/// A 3+3 design.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreePlusThree {
    /// Whether six patients are required at the dose that is declared.
    pub with_deescalation: bool,
}

/// What the design says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Step {
    /// Treat three patients at this dose, from 0.
    Treat(usize),
    /// The maximum tolerated dose, or none where the lowest is too toxic.
    Declare(Option<usize>),
}

/// What a 3+3 trial comes to, exactly.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Exact {
    /// Probability that no dose is declared.
    pub none: f64,
    /// Probability that each dose is declared.
    pub declared: Vec<f64>,
    /// Expected number of patients at each dose.
    pub patients: Vec<f64>,
    /// Expected number of toxicities.
    pub toxicities: f64,
}

impl ThreePlusThree {
    /// What to do after `seen`, where the present dose is `dose`; a dose without patients is treated first.
    pub fn next(self, seen: &[Seen], dose: usize) -> Step {
        let Seen { treated, toxic } = seen[dose];
        match (treated, toxic) {
            (0, _) => Step::Treat(dose),
            (COHORT, 0) | (6, 0 | 1) => self.passes(seen, dose),
            (COHORT, 1) => Step::Treat(dose),
            _ => self.fails(seen, dose),
        }
    }

    fn passes(self, seen: &[Seen], dose: usize) -> Step {
        match seen.get(dose + 1) {
            Some(above) if above.treated == 0 => Step::Treat(dose + 1),
            // The dose above was too toxic.
            Some(_) if self.with_deescalation && seen[dose].treated == COHORT => Step::Treat(dose),
            Some(_) | None => Step::Declare(Some(dose)),
        }
    }

    fn fails(self, seen: &[Seen], dose: usize) -> Step {
        match dose.checked_sub(1) {
            None => Step::Declare(None),
            Some(below) if self.with_deescalation && seen[below].treated == COHORT => Step::Treat(below),
            Some(below) => Step::Declare(Some(below)),
        }
    }

    /// Enumerates all courses of a trial with these toxicity rates, from the lowest dose.
    ///
    /// # Errors
    /// Without doses, or if a rate is not one.
    pub fn exact(self, rates: &[f64]) -> Result<Exact, DesignError> {
        if rates.is_empty() {
            return Err(DesignError::TooFew { what: "the number of doses", found: 0, least: 1 });
        }
        if let Some(rate) = rates.iter().find(|p| !(0.0..=1.0).contains(*p)) {
            return Err(DesignError::OutOfRange { what: "toxicity rate", found: *rate, low: 0.0, high: 1.0 });
        }
        let mut exact = Exact {
            none: 0.0,
            declared: vec![0.0; rates.len()],
            patients: vec![0.0; rates.len()],
            toxicities: 0.0,
        };
        self.follow(rates, &mut vec![Seen::default(); rates.len()], 0, 1.0, &mut exact);
        Ok(exact)
    }

    fn follow(self, rates: &[f64], seen: &mut Vec<Seen>, dose: usize, weight: f64, exact: &mut Exact) {
        match self.next(seen, dose) {
            Step::Declare(None) => exact.none += weight,
            Step::Declare(Some(dose)) => exact.declared[dose] += weight,
            Step::Treat(dose) => {
                exact.patients[dose] += weight * f64::from(COHORT);
                exact.toxicities += weight * f64::from(COHORT) * rates[dose];
                let before = seen[dose];
                for toxic in 0..=COHORT {
                    let chance = probability(toxic, COHORT, rates[dose]);
                    if chance > 0.0 {
                        seen[dose] = Seen { treated: before.treated + COHORT, toxic: before.toxic + toxic };
                        self.follow(rates, seen, dose, weight * chance, exact);
                    }
                }
                seen[dose] = before;
            }
        }
    }
}
