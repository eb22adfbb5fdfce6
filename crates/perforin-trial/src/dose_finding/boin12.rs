//! BOIN12: the dose with the best balance of toxicity and efficacy (Lin 2020, doi 10.1200/PO.20.00257).
//!
//! | symbol | meaning | default |
//! |---|---|---|
//! | `φ_T`, `φ_E` | highest acceptable rate of toxicity, lowest of efficacy | |
//! | `u` | utilities of efficacy without toxicity, neither, both, toxicity alone | 100, 40, 60, 0 |
//! | `c_T`, `c_E` | certainty beyond which a dose is closed as too toxic, as ineffective | 0.95, 0.90 |
//! | `N*` | patients at a dose from which on it no longer explores upwards | 6 |
//!
//! The mean utility over 100 is treated as the rate of a binomial outcome: with `x = Σ u_k y_k/100` it is Beta(1 + x, 1 + n −
//! x). A dose's desirability is the probability that it exceeds the benchmark `u_b = ū + (100 − ū)/2`, where `ū` is the
//! utility of a dose with the rates `φ_T` and `φ_E`, independent of each other. The rank-based desirability score is the
//! rank of that probability among all admissible outcomes of a trial.
//!
//! After a cohort: observed toxicity above BOIN's `λ_d` goes lower; between `λ_e` and `λ_d` with `N*` patients or more the
//! better of this dose and the one below is taken; otherwise the best of the two and the one above. At the end the dose of
//! highest mean utility is selected among those up to the maximum tolerated dose.

use perforin_core::rng::{Purpose, Stream};
use serde::{Deserialize, Serialize};
use statrs::function::beta::beta_reg;

use super::boin::Boin;
use super::isotonic::maximum_tolerated_dose;
use super::simulate::{End, OperatingCharacteristics, Size, check, over};
use super::{DesignError, Move, Next, Seen, share, within};
use crate::binomial::{below, exceeds};

/// What was seen at a dose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcomes {
    /// Patients with efficacy and no toxicity.
    pub effective: u32,
    /// Patients with neither.
    pub neither: u32,
    /// Patients with both.
    pub both: u32,
    /// Patients with toxicity and no efficacy.
    pub toxic: u32,
}

impl Outcomes {
    /// Patients.
    pub fn treated(self) -> u32 {
        self.effective + self.neither + self.both + self.toxic
    }

    /// Patients and toxicities.
    pub fn toxicity(self) -> Seen {
        Seen { treated: self.treated(), toxic: self.both + self.toxic }
    }

    /// Patients with efficacy.
    pub fn responses(self) -> u32 {
        self.effective + self.both
    }
}

/// A BOIN12 design.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Boin12 {
    boin: Boin,
    least_efficacy: f64,
    utilities: [f64; 4],
    certainty: [f64; 2],
    explores_below: u32,
    benchmark: f64,
}

/// Utilities of efficacy alone, neither, both, and toxicity alone, as in the paper's example.
pub const USUAL_UTILITIES: [f64; 4] = [100.0, 40.0, 60.0, 0.0];

impl Boin12 {
    /// The design with the usual certainties (0.95 and 0.90) and `N*` = 6.
    ///
    /// # Errors
    /// If a rate does not lie in (0, 1), or the utilities are not 100, two numbers from 0 to 100, and 0.
    pub fn new(highest_toxicity: f64, least_efficacy: f64, utilities: [f64; 4]) -> Result<Self, DesignError> {
        let boin = Boin::new(highest_toxicity)?;
        within("lowest acceptable efficacy", least_efficacy, 0.0, 1.0)?;
        let [best, neither, both, worst] = utilities;
        for (what, found, is) in
            [("utility of efficacy without toxicity", best, 100.0), ("utility of toxicity alone", worst, 0.0)]
        {
            if found != is {
                return Err(DesignError::OutOfRange { what, found, low: is, high: is });
            }
        }
        share("utility of neither, over 100,", neither / 100.0)?;
        share("utility of both, over 100,", both / 100.0)?;
        let (t, e) = (highest_toxicity, least_efficacy);
        let mean =
            best * e * (1.0 - t) + neither * (1.0 - e) * (1.0 - t) + both * e * t + worst * (1.0 - e) * t;
        let benchmark = (mean + 0.5 * (100.0 - mean)) / 100.0;
        Ok(Self { boin, least_efficacy, utilities, certainty: [0.95, 0.9], explores_below: 6, benchmark })
    }

    /// Whether a dose may be given: neither too toxic nor ineffective.
    pub fn admissible(&self, seen: Outcomes) -> bool {
        !self.too_toxic(seen)
            && below(self.least_efficacy, seen.responses(), seen.treated()) < self.certainty[1]
    }

    fn too_toxic(&self, seen: Outcomes) -> bool {
        let Seen { treated, toxic } = seen.toxicity();
        exceeds(self.boin.target, toxic, treated) >= self.certainty[0]
    }

    /// Sum of utilities over 100.
    fn quasi_events(&self, seen: Outcomes) -> f64 {
        let counts = [seen.effective, seen.neither, seen.both, seen.toxic];
        self.utilities.iter().zip(counts).map(|(u, n)| u / 100.0 * f64::from(n)).sum()
    }

    /// Probability that the mean utility exceeds the benchmark.
    pub fn desirability(&self, seen: Outcomes) -> f64 {
        let (x, n) = (self.quasi_events(seen), f64::from(seen.treated()));
        1.0 - beta_reg(1.0 + x, 1.0 + n - x, self.benchmark)
    }

    /// Mean utility, 0 to 100.
    pub fn utility(&self, seen: Outcomes) -> f64 {
        100.0 * (1.0 + self.quasi_events(seen)) / (2.0 + f64::from(seen.treated()))
    }

    /// Rank-based desirability scores of all outcomes of `sizes` patients: number of patients, toxicities, responses, and
    /// the score, none where the dose would be closed; equal probabilities share the mean of their ranks.
    ///
    /// Toxicities and responses suffice where the utilities of both and neither add up to 100; this is assumed here, with
    /// as few patients with both as possible.
    pub fn scores(&self, sizes: &[u32]) -> Vec<(u32, u32, u32, Option<f64>)> {
        let mut rows = Vec::new();
        for n in sizes {
            for toxic in 0..=*n {
                for responses in 0..=*n {
                    let both = (toxic + responses).saturating_sub(*n);
                    let neither = n + both - toxic - responses;
                    let seen = Outcomes { effective: responses - both, neither, both, toxic: toxic - both };
                    let value = self.admissible(seen).then(|| self.desirability(seen));
                    rows.push((*n, toxic, responses, value));
                }
            }
        }
        let all: Vec<f64> = rows.iter().filter_map(|r| r.3).collect();
        for row in &mut rows {
            row.3 = row.3.map(|value| {
                // Values that differ by rounding alone are equal.
                let lower = all.iter().filter(|v| **v < value - 1e-12).count() as f64;
                let equal = all.iter().filter(|v| (**v - value).abs() <= 1e-12).count() as f64;
                lower + 0.5 * (equal + 1.0)
            });
        }
        rows
    }

    /// What to do after a cohort at `dose`.
    ///
    /// A dose at which nobody counts yet, as where products fail, is stayed at; one above a dose that was closed is left.
    ///
    /// # Panics
    /// If there is no such dose.
    pub fn next(&self, seen: &[Outcomes], dose: usize) -> Next {
        // Doses from the lowest too toxic one on are closed.
        let open = seen.iter().position(|s| self.too_toxic(*s)).unwrap_or(seen.len());
        if open == 0 {
            return Next::Stop;
        }
        let dose = dose.min(open);
        let own = seen[dose].toxicity();
        if own.treated == 0 {
            return Next::Treat(dose);
        }
        let decision = self.boin.decide(own.treated, own.toxic);
        let lowest = dose.saturating_sub(1);
        let highest = match decision {
            Move::Deescalate | Move::Eliminate => lowest,
            Move::Stay if own.treated >= self.explores_below => dose,
            Move::Stay | Move::Escalate => dose + 1,
        };
        let best = (lowest..=highest.min(seen.len() - 1))
            .filter(|d| *d < open && self.admissible(seen[*d]))
            .map(|d| (d, self.desirability(seen[d])))
            // Of equals the lower dose.
            .fold(None, |best: Option<(usize, f64)>, (d, value)| match best {
                Some((_, least)) if value <= least + 1e-12 => best,
                _ => Some((d, value)),
            });
        best.map_or(Next::Stop, |(d, _)| Next::Treat(d))
    }

    /// The dose that is selected at the end, if any.
    pub fn selected(&self, seen: &[Outcomes]) -> Option<usize> {
        let toxicity: Vec<Seen> = seen.iter().map(|s| s.toxicity()).collect();
        let open = seen.iter().position(|s| self.too_toxic(*s)).unwrap_or(seen.len());
        let tolerated = maximum_tolerated_dose(&toxicity, open, self.boin.target)?;
        (0..=tolerated).filter(|d| seen[*d].treated() > 0 && self.admissible(seen[*d])).fold(
            None,
            |best: Option<usize>, d| match best {
                Some(b) if self.utility(seen[d]) <= self.utility(seen[b]) => best,
                _ => Some(d),
            },
        )
    }

    /// The dose with the highest mean utility among those of acceptable toxicity and efficacy, where patients have efficacy
    /// alone, neither, both and toxicity alone with these probabilities at each dose; of equals the lowest.
    pub fn best(&self, joint: &[[f64; 4]]) -> Option<usize> {
        // Rates are stated in per cent; sums of them may miss a limit by rounding.
        let tolerance = 1e-9;
        let acceptable = |[effective, _, both, toxic]: &[f64; 4]| {
            both + toxic <= self.boin.target + tolerance
                && effective + both >= self.least_efficacy - tolerance
        };
        let utility = |p: &[f64; 4]| p.iter().zip(self.utilities).map(|(p, u)| p * u).sum::<f64>();
        (0..joint.len()).filter(|d| acceptable(&joint[*d])).fold(None, |best: Option<usize>, d| match best {
            Some(b) if utility(&joint[d]) <= utility(&joint[b]) + tolerance => best,
            _ => Some(d),
        })
    }

    /// Operating characteristics where toxicity and efficacy of a patient are independent given the dose (assumed).
    ///
    /// # Errors
    /// If a rate is none, or the trial's size cannot be.
    pub fn operating_characteristics(
        &self,
        toxicity: &[f64],
        efficacy: &[f64],
        size: Size,
        (trials, seed): (u64, u64),
    ) -> Result<OperatingCharacteristics, DesignError> {
        check(toxicity, size)?;
        check(efficacy, size)?;
        if toxicity.len() != efficacy.len() {
            return Err(DesignError::Lengths {
                what: "rates of efficacy",
                found: efficacy.len(),
                doses: toxicity.len(),
            });
        }
        Ok(over(trials, toxicity.len(), |trial| {
            let mut draw = Stream::new(seed, Purpose::Trial).at(trial, 0);
            let mut seen = vec![Outcomes::default(); toxicity.len()];
            let mut dose = size.start;
            let mut stopped = false;
            for _ in 0..size.cohorts {
                for _ in 0..size.cohort {
                    let toxic = draw.uniform() < toxicity[dose];
                    let effective = draw.uniform() < efficacy[dose];
                    *match (effective, toxic) {
                        (true, false) => &mut seen[dose].effective,
                        (false, false) => &mut seen[dose].neither,
                        (true, true) => &mut seen[dose].both,
                        (false, true) => &mut seen[dose].toxic,
                    } += 1;
                }
                match self.next(&seen, dose) {
                    Next::Treat(d) => dose = d,
                    Next::Stop => {
                        stopped = true;
                        break;
                    }
                }
            }
            let selected = if stopped { None } else { self.selected(&seen) };
            End { seen: seen.iter().map(|s| s.toxicity()).collect(), selected }
        }))
    }
}
