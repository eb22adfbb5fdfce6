//! Where a dose-finding trial stands.

use serde::{Deserialize, Serialize};

use super::Seen;
use super::boin12::Outcomes;
use super::timed::Known;

/// Responses of patients of whom everything is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Responses {
    /// Without a dose-limiting toxicity.
    pub free: u32,
    /// With one.
    pub toxic: u32,
}

/// Where a trial stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Board {
    /// Patients at each dose who are complete or have had a toxicity.
    pub seen: Vec<Seen>,
    /// Those of them who responded.
    pub responses: Vec<Responses>,
    /// Follow-up of each patient at each dose who is neither, as a share of the window; 0 of those not yet infused.
    pub pending: Vec<Vec<f64>>,
    /// The present dose.
    pub dose: usize,
    /// Doses from this one on are eliminated.
    pub open: usize,
    /// Whether a patient of the last cohort had a toxicity.
    pub last_toxic: bool,
}

impl Board {
    /// The beginning, at `dose` of `doses`.
    pub fn new(doses: usize, dose: usize) -> Self {
        Self {
            seen: vec![Seen::default(); doses],
            responses: vec![Responses::default(); doses],
            pending: vec![Vec::new(); doses],
            dose,
            open: doses,
            last_toxic: false,
        }
    }

    /// Goes back to the beginning, at `dose`.
    pub fn begin(&mut self, dose: usize) {
        self.clear();
        self.dose = dose;
        self.open = self.seen.len();
    }

    /// Forgets all patients.
    pub fn clear(&mut self) {
        self.seen.fill(Seen::default());
        self.responses.fill(Responses::default());
        self.pending.iter_mut().for_each(Vec::clear);
        self.last_toxic = false;
    }

    /// Adds a patient of whom everything is known.
    pub fn add(&mut self, level: usize, toxic: bool, responds: bool) {
        let (seen, responses) = (&mut self.seen[level], &mut self.responses[level]);
        seen.treated += 1;
        seen.toxic += u32::from(toxic);
        responses.free += u32::from(responds && !toxic);
        responses.toxic += u32::from(responds && toxic);
    }

    /// Patients at a dose, known or not.
    pub fn enrolled(&self, level: usize) -> u32 {
        self.seen[level].treated + self.pending[level].len() as u32
    }

    /// What is known of each dose.
    pub fn known(&self) -> Vec<Known> {
        let of = |(seen, pending): (&Seen, &Vec<f64>)| Known { seen: *seen, pending: pending.clone() };
        self.seen.iter().zip(&self.pending).map(of).collect()
    }

    /// Toxicity and response together.
    pub fn outcomes(&self) -> Vec<Outcomes> {
        self.seen.iter().zip(&self.responses).map(|(seen, responses)| responses.among(*seen)).collect()
    }
}

impl Responses {
    /// With the toxicities among the same patients.
    pub fn among(self, seen: Seen) -> Outcomes {
        Outcomes {
            effective: self.free,
            neither: seen.treated - seen.toxic - self.free,
            both: self.toxic,
            toxic: seen.toxic - self.toxic,
        }
    }
}
