//! A dose-finding trial, patient by patient and day by day.
//!
//! Patients are enrolled one after the other with exponential intervals. Each is assigned to the present dose; the product
//! is made ([`Manufacturing`]), and who is infused is watched over a window. A design without pending patients decides
//! when every patient of the cohort is known (at the end of the window where it looks at responses); until then nobody of the next cohort is enrolled, and patients who come
//! meanwhile go elsewhere. Who must be replaced is replaced once all failures of the cohort are known. A toxicity comes at
//! a time that is uniform over the window (assumed). The trial ends when the design says so, when enough patients count,
//! or when too many are enrolled.

use perforin_core::rng::{Draw, Purpose, Stream};

use super::board::Board;
use super::rule::{Decision, Rule};
use super::truth::{PatientOutcome, Truth};
use super::{DesignError, Seen};
use crate::manufacturing::{Chances, Fate, Manufacturing};

/// How a trial is run.
#[derive(Clone, Debug)]
pub struct Conduct {
    /// The design.
    pub rule: Rule,
    /// Dose levels, increasing.
    pub doses: Vec<f64>,
    /// Patients treated together.
    pub cohort: u32,
    /// Most patients who are counted for toxicity.
    pub patients: u32,
    /// Most patients who are enrolled.
    pub most_enrolled: u32,
    /// First level, from 0.
    pub start: usize,
    /// Time over which a patient is watched, d.
    pub window: f64,
    /// Mean interval between patients who can be enrolled, d.
    pub accrual_interval: f64,
    /// How the product is made; everybody is infused at once at the planned dose if none.
    pub manufacturing: Option<Manufacturing>,
}

/// A patient of a trial.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrialPatient {
    /// Level assigned, from 0.
    pub level: usize,
    /// Day of enrolment.
    pub enrolled: f64,
    /// What became of the product.
    pub fate: Fate,
    /// Outcome; nothing happens to who is not infused.
    pub outcome: PatientOutcome,
    /// Day on which a toxicity is seen, or would be.
    pub toxic_on: f64,
    /// Day on which everything is known.
    pub known_on: f64,
    /// Whether the dose given counts as the planned one.
    pub as_planned: bool,
    /// Level at which the patient counts, if at any.
    pub counts_at: Option<usize>,
    /// The virtual patient, from 0, and the dose of the ladder that was reached; none where rates are stated.
    pub followed: Option<(usize, Option<usize>)>,
}

impl TrialPatient {
    /// Whether the patient was infused.
    pub fn is_infused(&self) -> bool {
        matches!(self.fate, Fate::Infused { .. })
    }

    /// Day of infusion.
    fn infused_on(&self) -> f64 {
        self.enrolled + self.fate.known_after()
    }
}

/// A trial that is over.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Finished {
    /// Patients in the order of enrolment.
    pub patients: Vec<TrialPatient>,
    /// What was seen at each level.
    pub seen: Vec<Seen>,
    /// The maximum tolerated dose, from 0.
    pub selected: Option<usize>,
    /// The highest level up to it that is feasible too; equal to it without manufacturing.
    pub feasible: Option<usize>,
    /// Whether the design stopped because all doses are too toxic.
    pub stopped: bool,
    /// Days from the first enrolment until the last patient is known.
    pub duration: f64,
}

impl Conduct {
    /// Passes a trial that can be run.
    ///
    /// # Errors
    /// What cannot be.
    pub fn check(self) -> Result<Self, DesignError> {
        super::truth::RateCurve::new("rates", &self.doses, &vec![0.0; self.doses.len()])?;
        for (what, found, least) in [
            ("the number of doses", self.doses.len(), self.start + 1),
            ("the cohort", self.cohort as usize, 1),
            ("the number of patients", self.patients as usize, 1),
            ("the number of enrolled patients", self.most_enrolled as usize, self.patients as usize),
        ] {
            if found < least {
                return Err(DesignError::TooFew { what, found, least });
            }
        }
        if let Some(found) = self.rule.doses().filter(|found| *found != self.doses.len()) {
            return Err(DesignError::Lengths { what: "doses in the model", found, doses: self.doses.len() });
        }
        if let Rule::Table { table, .. } = &self.rule
            && table.most() < self.patients
        {
            let (found, least) = (table.most() as usize, self.patients as usize);
            return Err(DesignError::TooFew { what: "the table's number of patients", found, least });
        }
        self.manufacturing.map_or(Ok(()), |m| m.check().map(|_| ()))?;
        Ok(self)
    }

    /// Trial `number` of a seed.
    ///
    /// # Errors
    /// Only where a design refuses what was seen, which a checked trial does not bring about.
    pub fn run(&self, truth: &Truth, seed: u64, number: u64) -> Result<Finished, DesignError> {
        let mut board = Board::new(self.doses.len(), self.start);
        let mut finished = Finished::default();
        self.run_into(truth, (seed, number), &mut board, &mut finished)?;
        Ok(finished)
    }

    /// The same in the places of another trial, whose patients are forgotten: nothing is allocated.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn run_into(
        &self,
        truth: &Truth,
        (seed, number): (u64, u64),
        board: &mut Board,
        finished: &mut Finished,
    ) -> Result<(), DesignError> {
        board.begin(self.start);
        let mut patients = std::mem::take(&mut finished.patients);
        patients.clear();
        let stream = Stream::new(seed, Purpose::Trial);
        let (day, has_come) = (0.0, false);
        let mut trial = Course { conduct: self, truth, stream, number, board, patients, day, has_come };
        let ending = trial.follow()?;
        trial.finish(ending, finished);
        Ok(())
    }

    /// The highest level up to `highest` at which enough of the enrolled patients could have been infused as planned.
    fn feasible(&self, patients: &[TrialPatient], highest: usize) -> Option<usize> {
        let Some(manufacturing) = &self.manufacturing else { return Some(highest) };
        let could = |level: usize| {
            let enough = |p: &&TrialPatient| match p.fate {
                Fate::Infused { harvest, .. } => manufacturing.is_planned(harvest, self.doses[level]),
                _ => false,
            };
            patients.iter().filter(enough).count() as f64 / patients.len().max(1) as f64
        };
        (0..=highest).rev().find(|level| could(*level) >= manufacturing.feasible_from)
    }
}

/// How a trial ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// The design declared a dose, or none.
    Declared(Option<usize>),
    /// Nobody may be enrolled any more.
    Full,
}

/// A trial under way.
struct Course<'a> {
    conduct: &'a Conduct,
    truth: &'a Truth,
    stream: Stream,
    number: u64,
    board: &'a mut Board,
    patients: Vec<TrialPatient>,
    day: f64,
    /// Whether the next patient has come and waits for a decision.
    has_come: bool,
}

impl Course<'_> {
    /// Runs to the end.
    fn follow(&mut self) -> Result<Ending, DesignError> {
        let with_pending = self.conduct.rule.decides_with_pending();
        loop {
            let begun = self.patients.len();
            let left = self.left();
            let wanted = self.conduct.rule.wants(self.board, self.conduct.cohort).min(left);
            if !self.enrol(wanted) {
                return Ok(Ending::Full);
            }
            if with_pending {
                if self.left() == 0 || self.is_full() {
                    continue;
                }
                // The decision is made when the next patient comes.
                self.day += self.gap(&mut self.draw());
                self.has_come = true;
            } else {
                self.replace(begun, wanted);
                self.day = self.all_known();
            }
            self.update(begun);
            loop {
                match self.conduct.rule.next(self.board)? {
                    Decision::Treat(_) => break,
                    Decision::Declare(dose) => return Ok(Ending::Declared(dose)),
                    Decision::Wait => {
                        self.day = self.next_known();
                        self.update(begun);
                    }
                }
            }
        }
    }

    /// Patients who may still be added; where that depends on products under way, it is waited for them.
    fn left(&mut self) -> u32 {
        loop {
            let is_open = |p: &&TrialPatient| p.infused_on() > self.day;
            let open = self.patients.iter().filter(is_open).count() as u32;
            let count = |p: &&TrialPatient| p.counts_at.is_some() && !is_open(p);
            let counted = self.patients.iter().filter(count).count() as u32;
            let left = self.conduct.patients.saturating_sub(counted + open);
            if left > 0 || open == 0 || self.is_full() {
                return left;
            }
            self.day = self.next_known();
        }
    }

    /// Whether nobody may be enrolled any more.
    fn is_full(&self) -> bool {
        self.patients.len() >= self.conduct.most_enrolled as usize
    }

    /// Draws of the next patient.
    fn draw(&self) -> Draw {
        self.stream.at(self.number, self.patients.len() as u32 + 1)
    }

    /// Days until the next patient comes, whose draws begin with them; the trial opens with its first one.
    fn gap(&self, draw: &mut Draw) -> f64 {
        let luck = draw.uniform();
        if self.patients.is_empty() { 0.0 } else { -libm::log(luck) * self.conduct.accrual_interval }
    }

    /// Enrols some patients; false if none may be.
    fn enrol(&mut self, wanted: u32) -> bool {
        let room = self.conduct.most_enrolled as usize - self.patients.len();
        let number = (wanted as usize).min(room);
        for _ in 0..number {
            let patient = self.next_patient();
            self.day = patient.enrolled;
            self.has_come = false;
            self.patients.push(patient);
        }
        number > 0
    }

    /// The next patient, at the present dose; the k-th one is the same whatever the design.
    fn next_patient(&self) -> TrialPatient {
        let Conduct { rule, doses, window, manufacturing, .. } = self.conduct;
        let level = self.board.dose;
        let mut draw = self.draw();
        let enrolled = if self.has_come {
            // What it took has passed.
            draw.uniform();
            self.day
        } else {
            self.day + self.gap(&mut draw)
        };
        // What every trial needs stands first, so that the rest of a patient's numbers is made only where it is used.
        let (toxic, share, responds) = (draw.uniform(), draw.uniform(), draw.uniform());
        let who = if self.truth.is_of_patients() { draw.uniform() } else { 0.0 };
        let luck = [who, toxic, responds];
        let (fate, dose, counts_at) = match manufacturing {
            None => {
                let dose = doses[level];
                (Fate::Infused { after: 0.0, dose, harvest: dose }, dose, Some(level))
            }
            Some(process) => match process.fate(Chances::new(&mut draw), doses[level]) {
                fate @ Fate::Infused { dose, .. } => (fate, dose, process.counts_at(doses, level, dose)),
                fate => (fate, 0.0, None),
            },
        };
        let infused = enrolled + fate.known_after();
        let outcome = if dose > 0.0 { self.truth.outcome(luck, dose) } else { PatientOutcome::default() };
        let toxic_on = infused + share * window;
        let known_on = match (dose > 0.0, outcome.toxic && !rule.needs_response()) {
            (false, _) => infused,
            (true, true) => toxic_on,
            (true, false) => infused + window,
        };
        let as_planned =
            dose > 0.0 && manufacturing.is_none_or(|process| process.is_planned(dose, doses[level]));
        let followed = self.truth.followed(who, dose);
        TrialPatient { level, enrolled, fate, outcome, toxic_on, known_on, as_planned, counts_at, followed }
    }

    /// Replaces who does not count of the patients since `begun`, as long as the design replaces them.
    fn replace(&mut self, begun: usize, wanted: u32) {
        let Some(process) = &self.conduct.manufacturing else { return };
        loop {
            let cohort = &self.patients[begun..];
            let fulfils = |p: &&TrialPatient| p.counts_at.is_some() || (!process.replaces && !p.is_infused());
            let missing = wanted - (cohort.iter().filter(fulfils).count() as u32).min(wanted);
            if missing == 0 {
                return;
            }
            let failures = cohort.iter().filter(|p| p.counts_at.is_none()).map(TrialPatient::infused_on);
            self.day = failures.fold(self.day, f64::max);
            if !self.enrol(missing) {
                return;
            }
        }
    }

    /// The day on which all patients are known.
    fn all_known(&self) -> f64 {
        self.patients.iter().map(|p| p.known_on).fold(self.day, f64::max)
    }

    /// The next day on which something is known of a patient.
    fn next_known(&self) -> f64 {
        let days = self.patients.iter().flat_map(|p| [p.infused_on(), p.known_on]);
        let next = days.filter(|day| *day > self.day).fold(f64::INFINITY, f64::min);
        if next.is_finite() { next } else { self.day }
    }

    /// What is known on the present day.
    fn update(&mut self, begun: usize) {
        let day = self.day;
        self.board.clear();
        for (k, p) in self.patients.iter().enumerate() {
            if p.infused_on() > day {
                self.board.pending[p.level].push(0.0);
            } else if let Some(level) = p.counts_at {
                if p.known_on <= day {
                    self.board.add(level, p.outcome.toxic, p.outcome.responds);
                    self.board.last_toxic |= k >= begun && p.outcome.toxic;
                } else {
                    let passed = (day - p.infused_on()) / self.conduct.window;
                    self.board.pending[level].push(passed.min(1.0));
                }
            }
        }
    }

    fn finish(mut self, ending: Ending, finished: &mut Finished) {
        // A decision may be asked for after the day on which all was known: when the next patient comes.
        self.day = self.patients.iter().map(|p| p.known_on).fold(0.0, f64::max);
        self.update(self.patients.len());
        let selected = match ending {
            Ending::Declared(dose) => dose,
            Ending::Full => self.conduct.rule.select(self.board),
        };
        finished.seen.clone_from(&self.board.seen);
        finished.selected = selected;
        finished.feasible = selected.and_then(|highest| self.conduct.feasible(&self.patients, highest));
        finished.stopped = ending == Ending::Declared(None);
        finished.duration = self.day;
        finished.patients = self.patients;
    }
}
