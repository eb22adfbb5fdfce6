//! A trial stepped by hand: enrolments and outcomes in the order in which they came, and what to do next.

use thiserror::Error;

use super::board::Board;
use super::conduct::Conduct;
use super::rule::Decision;
use super::{DesignError, Seen};

/// What happened to a patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A dose-limiting toxicity; no response.
    Toxic,
    /// The window passed without one; no response.
    Free,
    /// The window passed without one; a response.
    Response,
    /// A dose-limiting toxicity and a response.
    ToxicResponse,
    /// The patient was never infused.
    NotInfused,
}

impl Outcome {
    /// Whether there was a dose-limiting toxicity.
    pub fn is_toxic(self) -> bool {
        matches!(self, Self::Toxic | Self::ToxicResponse)
    }

    /// Whether there was a response.
    pub fn responds(self) -> bool {
        matches!(self, Self::Response | Self::ToxicResponse)
    }
}

/// What is told of a patient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// Enrolled at a level, from 0.
    Enrol {
        /// The level.
        level: usize,
    },
    /// Infused with a dose.
    Infused {
        /// The dose, in the unit of the levels.
        dose: f64,
    },
    /// Known.
    Outcome(Outcome),
}

/// What cannot be.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum HandError {
    /// A day that is none, or before the one told last.
    #[error("day {day} is not a day from {earlier} on, the day told last")]
    Day {
        /// The day.
        day: f64,
        /// The day told last.
        earlier: f64,
    },
    /// A patient who is enrolled already.
    #[error("patient `{patient}` is enrolled already")]
    EnrolledTwice {
        /// The patient.
        patient: String,
    },
    /// A patient of whom nothing is known.
    #[error("there is no patient `{patient}`; enrolled are: {known}")]
    Unknown {
        /// The patient.
        patient: String,
        /// Those who are enrolled.
        known: String,
    },
    /// An outcome of a patient who has one.
    #[error("patient `{patient}` has an outcome already")]
    OutcomeTwice {
        /// The patient.
        patient: String,
    },
    /// An infusion of a patient who is infused.
    #[error("patient `{patient}` is infused already")]
    InfusedTwice {
        /// The patient.
        patient: String,
    },
    /// Not infused, although an infusion is told.
    #[error("patient `{patient}` was infused, and cannot be `not-infused`")]
    Infused {
        /// The patient.
        patient: String,
    },
    /// A dose that cannot be.
    #[error("a dose of {dose} is none of this trial; it must be positive and finite")]
    Dose {
        /// The dose.
        dose: f64,
    },
    /// A level at which the trial does not treat.
    #[error("level {} is not where the trial treats next; that is level {}", given + 1, due + 1)]
    Level {
        /// The level given, from 0.
        given: usize,
        /// The level due, from 0.
        due: usize,
    },
    /// An enrolment while it is to be waited.
    #[error("nobody may be enrolled before the outcome of {missing} is known")]
    Wait {
        /// The patients.
        missing: String,
    },
    /// An enrolment after the end.
    #[error("the trial is over")]
    Over,
    /// The design refuses what was seen.
    #[error(transparent)]
    Design(#[from] DesignError),
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Enrol so many patients.
    Enrol {
        /// At this level, from 0.
        level: usize,
        /// So many.
        patients: u32,
    },
    /// Wait for outcomes of these patients.
    Wait {
        /// Their names.
        missing: Vec<String>,
    },
    /// The trial is over and selects this level, from 0, or none.
    Over(Option<usize>),
}

/// A patient.
#[derive(Clone, Debug, PartialEq)]
pub struct HandPatient {
    /// Name.
    pub name: String,
    /// Level assigned, from 0.
    pub level: usize,
    /// Day of enrolment.
    pub enrolled: f64,
    /// Day of infusion and dose.
    pub infused: Option<(f64, f64)>,
    /// Outcome.
    pub outcome: Option<Outcome>,
}

/// A trial stepped by hand.
#[derive(Clone, Debug)]
pub struct ByHand<'a> {
    conduct: &'a Conduct,
    /// What is known of each level, without pending patients.
    pub board: Board,
    /// Patients in the order of enrolment.
    pub patients: Vec<HandPatient>,
    /// First patient of the present cohort.
    begun: usize,
    wanted: u32,
    day: f64,
    declared: Option<Advice>,
}

impl<'a> ByHand<'a> {
    /// A trial without patients.
    pub fn new(conduct: &'a Conduct) -> Self {
        let board = Board::new(conduct.doses.len(), conduct.start);
        let wanted = conduct.rule.wants(&board, conduct.cohort).min(conduct.patients);
        Self { conduct, board, patients: Vec::new(), begun: 0, wanted, day: 0.0, declared: None }
    }

    /// Patients at each level of whom the outcome is known.
    pub fn seen(&self) -> Vec<Seen> {
        self.board_on(self.day).seen
    }

    /// The day told last.
    pub fn day(&self) -> f64 {
        self.day
    }

    /// Takes an event of a patient on a day.
    ///
    /// # Errors
    /// If it cannot be; the trial is then as it was.
    pub fn take(&mut self, day: f64, patient: &str, event: Event) -> Result<(), HandError> {
        if !(day.is_finite() && day >= self.day) {
            return Err(HandError::Day { day, earlier: self.day });
        }
        let mut next = self.clone();
        next.day = day;
        match event {
            Event::Enrol { level } => next.enrol(patient, level)?,
            Event::Infused { dose } => next.infuse(patient, dose)?,
            Event::Outcome(outcome) => next.conclude(patient, outcome)?,
        }
        *self = next;
        Ok(())
    }

    fn place(&self, patient: &str) -> Result<usize, HandError> {
        let unknown = || {
            let names: Vec<&str> = self.patients.iter().map(|p| p.name.as_str()).collect();
            let known = if names.is_empty() { "nobody".into() } else { names.join(", ") };
            HandError::Unknown { patient: patient.to_owned(), known }
        };
        self.patients.iter().position(|p| p.name == patient).ok_or_else(unknown)
    }

    fn enrol(&mut self, patient: &str, level: usize) -> Result<(), HandError> {
        if self.place(patient).is_ok() {
            return Err(HandError::EnrolledTwice { patient: patient.to_owned() });
        }
        match self.advice(self.day)? {
            Advice::Enrol { level: due, .. } if due != level => {
                return Err(HandError::Level { given: level, due });
            }
            Advice::Enrol { .. } => {}
            Advice::Wait { missing } => return Err(HandError::Wait { missing: missing.join(", ") }),
            Advice::Over(_) => return Err(HandError::Over),
        }
        if self.conduct.rule.decides_with_pending() && self.is_full() {
            // The decision that the advice is about becomes the trial's.
            self.board = self.board_on(self.day);
            self.conduct.rule.next(&mut self.board)?;
            self.begin();
        }
        self.patients.push(HandPatient {
            name: patient.to_owned(),
            level,
            enrolled: self.day,
            infused: None,
            outcome: None,
        });
        Ok(())
    }

    fn infuse(&mut self, patient: &str, dose: f64) -> Result<(), HandError> {
        let place = self.place(patient)?;
        if self.patients[place].outcome.is_some() {
            return Err(HandError::OutcomeTwice { patient: patient.to_owned() });
        }
        if self.patients[place].infused.is_some() {
            return Err(HandError::InfusedTwice { patient: patient.to_owned() });
        }
        if !(dose.is_finite() && dose > 0.0) {
            return Err(HandError::Dose { dose });
        }
        self.patients[place].infused = Some((self.day, dose));
        Ok(())
    }

    fn conclude(&mut self, patient: &str, outcome: Outcome) -> Result<(), HandError> {
        let place = self.place(patient)?;
        let known = &mut self.patients[place];
        if known.outcome.is_some() {
            return Err(HandError::OutcomeTwice { patient: patient.to_owned() });
        }
        if outcome == Outcome::NotInfused && known.infused.is_some() {
            return Err(HandError::Infused { patient: patient.to_owned() });
        }
        known.outcome = Some(outcome);
        if !self.conduct.rule.decides_with_pending() && self.declared.is_none() && self.is_settled() {
            self.board = self.board_on(self.day);
            match self.conduct.rule.next(&mut self.board)? {
                Decision::Declare(dose) => self.declared = Some(Advice::Over(dose)),
                Decision::Treat(_) | Decision::Wait => self.begin(),
            }
        }
        Ok(())
    }

    /// Begins a cohort.
    fn begin(&mut self) {
        self.begun = self.patients.len();
        let left = self.conduct.patients.saturating_sub(self.counted());
        self.wanted = self.conduct.rule.wants(&self.board, self.conduct.cohort).min(left);
    }

    /// The level at which a patient counts or may yet.
    fn counts_at(&self, patient: &HandPatient) -> Option<usize> {
        match (&self.conduct.manufacturing, patient.infused) {
            _ if patient.outcome == Some(Outcome::NotInfused) => None,
            (Some(process), Some((_, dose))) => process.counts_at(&self.conduct.doses, patient.level, dose),
            _ => Some(patient.level),
        }
    }

    /// Patients who count or may yet.
    fn counted(&self) -> u32 {
        self.patients.iter().filter(|p| self.counts_at(p).is_some()).count() as u32
    }

    /// Patients of the cohort who fill a place in it.
    fn placed(&self) -> u32 {
        let since = &self.patients[self.begun..];
        // Who falls out of a design that does not wait is made up for by later decisions.
        if self.conduct.rule.decides_with_pending() {
            return since.len() as u32;
        }
        let replaces = self.conduct.manufacturing.is_none_or(|process| process.replaces);
        let fills = |p: &&HandPatient| {
            self.counts_at(p).is_some() || (!replaces && p.outcome == Some(Outcome::NotInfused))
        };
        since.iter().filter(fills).count() as u32
    }

    fn is_full(&self) -> bool {
        self.placed() >= self.wanted
    }

    /// Whether the cohort is full and everything is known of it.
    fn is_settled(&self) -> bool {
        self.is_full() && self.patients[self.begun..].iter().all(|p| p.outcome.is_some())
    }

    fn missing(&self) -> Vec<String> {
        self.patients.iter().filter(|p| p.outcome.is_none()).map(|p| p.name.clone()).collect()
    }

    /// What is known on a day.
    fn board_on(&self, day: f64) -> Board {
        let mut board = self.board.clone();
        board.clear();
        for (k, patient) in self.patients.iter().enumerate() {
            let Some(level) = self.counts_at(patient) else { continue };
            if let Some(outcome) = patient.outcome {
                board.add(level, outcome.is_toxic(), outcome.responds());
                board.last_toxic |= k >= self.begun && outcome.is_toxic();
                continue;
            }
            // Where the product is not made first, patients are infused when they are enrolled.
            let at_once = self.conduct.manufacturing.is_none().then_some(patient.enrolled);
            let from = patient.infused.map(|(day, _)| day).or(at_once);
            let passed = from.map_or(0.0, |from| ((day - from) / self.conduct.window).clamp(0.0, 1.0));
            board.pending[level].push(passed);
        }
        board
    }

    /// What to do on a day.
    ///
    /// # Errors
    /// Only where the design refuses what was seen.
    pub fn advice(&self, day: f64) -> Result<Advice, HandError> {
        if let Some(advice) = &self.declared {
            return Ok(advice.clone());
        }
        let missing = self.missing();
        let is_over = self.counted() >= self.conduct.patients
            || self.patients.len() >= self.conduct.most_enrolled as usize;
        if is_over && missing.is_empty() {
            return Ok(Advice::Over(self.conduct.rule.select(&self.board_on(day))));
        }
        if !self.is_full() && !is_over {
            let patients = self.wanted - self.placed();
            return Ok(Advice::Enrol { level: self.board.dose, patients });
        }
        if is_over || !self.conduct.rule.decides_with_pending() {
            return Ok(Advice::Wait { missing });
        }
        let mut board = self.board_on(day);
        Ok(match self.conduct.rule.next(&mut board)? {
            Decision::Treat(level) => {
                let left = self.conduct.patients - self.counted();
                let patients = self.conduct.rule.wants(&board, self.conduct.cohort).min(left);
                Advice::Enrol { level, patients }
            }
            Decision::Wait => Advice::Wait { missing },
            Decision::Declare(dose) => Advice::Over(dose),
        })
    }
}
