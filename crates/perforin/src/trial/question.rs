//! What a study asks of a trial, ready to be simulated.

use perforin_core::catalogue::trial as defaults;
use perforin_core::catalogue::{Ledger, Parameter};
use perforin_core::quantity::{Dose, Fraction, Time};
use perforin_core::study::TrialSection;
use perforin_core::study::trial::DesignWord;
use perforin_lesion::scenario::{Notes, Problem};
use perforin_trial::dose_finding::DesignError;
use perforin_trial::dose_finding::conduct::Conduct;
use perforin_trial::dose_finding::truth::Truth;
use perforin_trial::manufacturing::Manufacturing;

use super::efficacy;
use super::endpoints::LevelEndpoints;
use super::patients::{self, Patients, Virtual};
use super::selection::{self, Selection};
use super::uncertainty::{self, Uncertain};
use crate::failure::Failure;
use crate::study::Study;

mod finding;
mod levels;
mod making;

/// Minutes of a day.
const DAY: f64 = 1440.0;

/// A trial that finds a dose.
#[derive(Clone, Debug)]
pub struct DoseFinding {
    /// The design's word in the study.
    pub design: DesignWord,
    /// Target rate of dose-limiting toxicity.
    pub target: f64,
    /// How a trial is run.
    pub conduct: Conduct,
    /// What is true: name and outcomes.
    pub scenarios: Vec<(String, Truth)>,
}

/// A dose as it is shown: large numbers in powers of ten.
pub fn dose_words(dose: Dose) -> String {
    if dose.value() >= 1e5 { format!("{:e} {}", dose.value(), dose.unit()) } else { dose.to_string() }
}

/// What a study asks.
#[derive(Clone, Debug)]
pub struct Question {
    /// Dose levels as the study gives them.
    pub doses: Vec<Dose>,
    /// A trial that finds a dose.
    pub dose_finding: Option<DoseFinding>,
    /// Virtual patients who become a scenario once they are followed.
    pub virtual_patients: Option<Virtual>,
    /// Their endpoints at each level, once they are followed.
    pub endpoints: Vec<LevelEndpoints>,
    /// A trial of efficacy.
    pub efficacy: Option<efficacy::Asked>,
    /// A test that selects the patients.
    pub selection: Option<Selection>,
    /// What it comes to in each scenario.
    pub selected: Vec<selection::Seen>,
    /// Numbers of the virtual patients whom a test calls positive, once they are followed.
    pub called: Option<Vec<usize>>,
    /// The stated scenarios before a test selects.
    pub stated: Vec<(String, Truth)>,
    /// What is not known of the parameters.
    pub uncertain: Option<Uncertain>,
    /// How the product is made.
    pub manufacturing: Option<Manufacturing>,
    /// Simulated trials of each scenario.
    pub trials: u64,
    /// Seed.
    pub seed: u64,
    /// Every value that is used.
    pub ledger: Ledger,
    /// What the author should know.
    pub warnings: Vec<Problem>,
}

impl Question {
    /// What a study asks.
    ///
    /// # Errors
    /// Everything that is wrong with its `[trial]`, each at its line.
    pub fn new(study: &Study) -> Result<Self, Failure> {
        Self::of(study, &study.file.trial.clone().unwrap_or_default())
    }

    /// What a study asks with another `[trial]`.
    ///
    /// # Errors
    /// Everything that is wrong with it, each at its line.
    pub fn of(study: &Study, section: &TrialSection) -> Result<Self, Failure> {
        study.require("trial")?;
        let mut notes = Notes::default();
        let mut question = read(section, study.file.study.seed, &mut notes);
        if let Some(section) = &section.selection {
            question.selection = selection::read(section, &study.file, &mut notes);
        }
        if let (Some(asked), Some(virtual_patients)) = (&question.dose_finding, &section.virtual_patients) {
            let unit = section.doses[0].unit();
            let with_less = question.manufacturing.is_some();
            let ladder = (&asked.conduct.doses[..], unit, with_less);
            question.virtual_patients = Virtual::read(study, virtual_patients, ladder, &mut notes)?;
        }
        if let Some(unknown) = &section.uncertainty {
            let has_stated = !section.scenario.is_empty();
            question.uncertain = uncertainty::read(unknown, &question, has_stated, &mut notes);
        }
        notes.refuse().map_err(|problems| study.refuse(&problems))?;
        let refused = |path: &str, help: &str| {
            let (path, help) = (path.to_owned(), help.to_owned());
            move |error: DesignError| {
                study.refuse(&[Problem { path, message: error.to_string(), help: Some(help) }])
            }
        };
        question.select().map_err(refused("trial.selection.cut_off", "lower the cut-off"))?;
        question.select_for_efficacy(&mut notes).map_err(refused("trial.selection", "correct the groups"))?;
        Ok(Self { ledger: notes.ledger, warnings: notes.warnings, ..question })
    }

    /// Leaves those patients of stated scenarios whom the test selects.
    pub(super) fn select(&mut self) -> Result<(), DesignError> {
        let (Some(selection), Some(asked)) = (&self.selection, &mut self.dose_finding) else { return Ok(()) };
        for (name, truth) in &mut asked.scenarios {
            let (selected, seen) = selection.stated(name, truth, &asked.conduct.doses)?;
            *truth = selected;
            self.selected.push(seen);
        }
        Ok(())
    }

    /// The same for a trial of efficacy.
    fn select_for_efficacy(&mut self, notes: &mut Notes) -> Result<(), DesignError> {
        let (Some(selection), Some(asked)) = (&self.selection, &mut self.efficacy) else { return Ok(()) };
        asked.select(selection.groups("the trial of efficacy")?)?;
        if asked.is_blind_to_the_test() {
            let help = "add hazard_ratio_pfs, hazard_ratio_os or prognosis to [[trial.selection.patients]]";
            notes.warn("trial.selection", "the test does not change survival in the randomised trial", help);
        }
        Ok(())
    }

    /// Follows the virtual patients, if there are any, for [`add`](Self::add).
    ///
    /// # Errors
    /// If a patient cannot be followed.
    pub fn follow(&self) -> Result<Option<Patients>, Failure> {
        self.virtual_patients.as_ref().map(Virtual::follow).transpose()
    }

    /// Adds virtual patients who were followed as a scenario: those whom the test selects, if there is one.
    ///
    /// # Errors
    /// If there is nobody.
    pub fn add(&mut self, patients: Option<&Patients>) -> Result<(), Failure> {
        let Some(patients) = patients else { return Ok(()) };
        let Some(asked) = &mut self.dose_finding else { return Ok(()) };
        let nobody = |error: DesignError| {
            Failure::input("no virtual patient can be enrolled")
                .because(&error)
                .help("lower `trial.selection.cut_off`")
        };
        let highest = asked.conduct.doses.last().copied().unwrap_or(0.0);
        let all = patients.truth().map_err(nobody)?;
        let response = |truth: &Truth| truth.response(highest).unwrap_or(0.0);
        self.endpoints = patients.endpoints(None);
        let (truth, called) = match &self.selection {
            None => (all.clone(), None),
            Some(selection) => {
                let of = (&asked.conduct.doses[..], self.seed);
                let called = selection.of_patients(patients::NAME, patients, of).map_err(nobody)?;
                self.selected.push(called.seen.clone());
                self.endpoints.extend(patients.endpoints(Some(&called.numbers)));
                self.called = Some(called.numbers);
                (called.truth.clone(), Some((response(&called.truth), called.seen)))
            }
        };
        if let Some(efficacy) = &mut self.efficacy {
            efficacy.add(response(&all), called);
        }
        asked.scenarios.push((patients::NAME.to_owned(), truth));
        Ok(())
    }
}

fn read(section: &TrialSection, seed: u64, notes: &mut Notes) -> Question {
    let trials = whole("trial.trials", section.trials, &defaults::TRIALS, notes);
    let doses = levels::doses(section, notes);
    let process = section.manufacturing.as_ref();
    let manufacturing = process.and_then(|m| making::manufacturing(m, &section.doses, notes));
    let dose_finding = finding::dose_finding(section, &doses, manufacturing, notes);
    let interval =
        days("trial.accrual_interval", section.accrual_interval, &defaults::ACCRUAL_INTERVAL, notes);
    let highest = doses.last().copied().unwrap_or(0.0);
    let efficacy = section
        .efficacy
        .as_ref()
        .map(|asked| efficacy::read(asked, (manufacturing, highest, interval), notes));
    if section.dose_finding.is_none() && section.efficacy.is_none() {
        let help = "add [trial.dose_finding] with a design, or [trial.efficacy]";
        notes.wrong("trial", "the study asks for no trial", help);
    }
    let stated = dose_finding.as_ref().map_or(Vec::new(), |asked| asked.scenarios.clone());
    Question {
        doses: section.doses.clone(),
        dose_finding,
        virtual_patients: None,
        endpoints: Vec::new(),
        efficacy,
        selection: None,
        selected: Vec::new(),
        called: None,
        stated,
        uncertain: None,
        manufacturing,
        trials,
        seed,
        ledger: Ledger::new(),
        warnings: Vec::new(),
    }
}

fn whole(path: &str, given: Option<u64>, parameter: &'static Parameter, notes: &mut Notes) -> u64 {
    notes.value(path, given.map(|n| n as f64), parameter) as u64
}

fn share(path: &str, given: Option<Fraction>, parameter: &'static Parameter, notes: &mut Notes) -> f64 {
    notes.value(path, given.map(Fraction::value), parameter)
}

fn days(path: &str, given: Option<Time>, parameter: &'static Parameter, notes: &mut Notes) -> f64 {
    notes.value(path, given.map(|time| time.value() / DAY), parameter)
}
