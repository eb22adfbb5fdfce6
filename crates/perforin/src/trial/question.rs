//! What a study asks of a trial, ready to be simulated.

use perforin_core::catalogue::trial as defaults;
use perforin_core::catalogue::{Ledger, Parameter};
use perforin_core::quantity::{Dose, Fraction, Time};
use perforin_core::study::TrialSection;
use perforin_core::study::trial::{DesignWord, ManufacturingSection, UnderDosedWord};
use perforin_lesion::scenario::{Notes, Problem};
use perforin_trial::dose_finding::DesignError;
use perforin_trial::dose_finding::conduct::Conduct;
use perforin_trial::dose_finding::truth::{RateCurve, Truth};
use perforin_trial::manufacturing::{Bridging, LogNormal, Manufacturing, Policy};

use super::patients::{self, Patients, Virtual};
use super::selection::{self, Selection};
use super::{design, efficacy};
use crate::failure::Failure;
use crate::study::Study;

/// Minutes of a day.
const DAY: f64 = 1440.0;
/// Most levels: a course of the smallest design must be followed by hand.
const MOST_LEVELS: usize = 30;

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
    /// A trial of efficacy.
    pub efficacy: Option<efficacy::Asked>,
    /// A test that selects the patients.
    pub selection: Option<Selection>,
    /// What it comes to in each scenario.
    pub selected: Vec<selection::Seen>,
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
        if section.selection.is_some() && section.dose_finding.is_none() {
            let help = "state the rates of selected patients, or add [trial.dose_finding]";
            notes.warn("trial.selection", "it does not act on [trial.efficacy]", help);
        }
        if let (Some(asked), Some(virtual_patients)) = (&question.dose_finding, &section.virtual_patients) {
            let unit = section.doses[0].unit();
            let with_less = question.manufacturing.is_some();
            let ladder = (&asked.conduct.doses[..], unit, with_less);
            question.virtual_patients = Virtual::read(study, virtual_patients, ladder, &mut notes)?;
        }
        notes.refuse().map_err(|problems| study.refuse(&problems))?;
        question.select().map_err(|error| {
            let help = "lower the cut-off".to_owned();
            let message = error.to_string();
            study.refuse(&[Problem { path: "trial.selection.cut_off".into(), message, help: Some(help) }])
        })?;
        Ok(Self { ledger: notes.ledger, warnings: notes.warnings, ..question })
    }

    /// Leaves those patients of stated scenarios whom the test selects.
    fn select(&mut self) -> Result<(), DesignError> {
        let (Some(selection), Some(asked)) = (&self.selection, &mut self.dose_finding) else { return Ok(()) };
        for (name, truth) in &mut asked.scenarios {
            let (selected, seen) = selection.stated(name, truth, &asked.conduct.doses)?;
            *truth = selected;
            self.selected.push(seen);
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
        let (Some(patients), Some(asked)) = (patients, &mut self.dose_finding) else { return Ok(()) };
        let nobody = |error: DesignError| {
            Failure::input("no virtual patient can be enrolled")
                .because(&error)
                .help("lower `trial.selection.cut_off`")
        };
        let truth = match &self.selection {
            None => patients.truth().map_err(nobody)?,
            Some(selection) => {
                let of = (&asked.conduct.doses[..], self.seed);
                let (truth, seen) = selection.of_patients(patients::NAME, patients, of).map_err(nobody)?;
                self.selected.push(seen);
                truth
            }
        };
        asked.scenarios.push((patients::NAME.to_owned(), truth));
        Ok(())
    }
}

fn read(section: &TrialSection, seed: u64, notes: &mut Notes) -> Question {
    let trials = whole("trial.trials", section.trials, &defaults::TRIALS, notes);
    let doses = doses(section, notes);
    let manufacturing = section.manufacturing.as_ref().and_then(|m| manufacturing(m, &section.doses, notes));
    let dose_finding = dose_finding(section, &doses, manufacturing, notes);
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
    Question {
        doses: section.doses.clone(),
        dose_finding,
        virtual_patients: None,
        efficacy,
        selection: None,
        selected: Vec::new(),
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

/// The levels' numbers; what is wrong with them is noted.
fn doses(section: &TrialSection, notes: &mut Notes) -> Vec<f64> {
    let levels = &section.doses;
    if levels.is_empty() || levels.len() > MOST_LEVELS {
        let message = format!("there are {} dose levels", levels.len());
        notes.wrong("trial.doses", message, "give 1 to 30, such as [\"1e8 CAR+ cells\", \"3e8 CAR+ cells\"]");
    }
    for (i, pair) in levels.windows(2).enumerate() {
        let path = format!("trial.doses.{}", i + 1);
        if pair[1].unit() != pair[0].unit() {
            let message = format!(
                "{} after {}: they are not counted in the same way",
                dose_words(pair[1]),
                dose_words(pair[0])
            );
            notes.wrong(&path, message, "write all levels in one unit");
        } else if pair[1].value() <= pair[0].value() {
            let message =
                format!("{} after {}: dose levels must increase", dose_words(pair[1]), dose_words(pair[0]));
            notes.wrong(&path, message, "put them in order");
        }
    }
    if levels.first().is_some_and(|dose| dose.value() <= 0.0) {
        notes.wrong("trial.doses.0", "a dose of nothing", "begin with a positive dose");
    }
    for (i, dose) in levels.iter().enumerate() {
        let meaning = format!("Dose level {}", i + 1);
        notes.given(&format!("trial.doses.{i}"), dose.value(), dose.unit(), &meaning);
    }
    levels.iter().map(|dose| dose.value()).collect()
}

fn dose_finding(
    section: &TrialSection,
    doses: &[f64],
    manufacturing: Option<Manufacturing>,
    notes: &mut Notes,
) -> Option<DoseFinding> {
    let given = section.dose_finding.as_ref()?;
    let target = share("trial.target", section.target, &defaults::TARGET, notes);
    let window = days("trial.window", section.window, &defaults::WINDOW, notes);
    let interval =
        days("trial.accrual_interval", section.accrual_interval, &defaults::ACCRUAL_INTERVAL, notes);
    let path = |key: &str| format!("trial.dose_finding.{key}");
    let cohort = whole(&path("cohort"), given.cohort.map(u64::from), &defaults::COHORT, notes) as u32;
    let patients = if let (None, true) = (given.patients, design::is_three_plus_three(given.design)) {
        // Six at every level are the most that 3+3 can ask for.
        let most = 6 * doses.len().max(1) as u32;
        let source = "derived: six at every level are the most that the design asks for";
        notes.ledger.record(&path("patients"), f64::from(most), "1", source, defaults::PATIENTS.meaning);
        most
    } else {
        whole(&path("patients"), given.patients.map(u64::from), &defaults::PATIENTS, notes) as u32
    };
    let most_enrolled =
        given.most_enrolled.unwrap_or(if manufacturing.is_some() { 3 * patients } else { patients });
    let source = match given.most_enrolled {
        Some(_) => perforin_core::catalogue::THE_STUDY,
        None => "assumed: three times those who count, or as many where nobody is lost",
    };
    let meaning = "Most patients who are enrolled";
    notes.ledger.record(&path("most_enrolled"), f64::from(most_enrolled), "1", source, meaning);
    if most_enrolled < patients || most_enrolled > 100_000 {
        let message = format!("at most {most_enrolled} enrolled, but {patients} are to count");
        notes.wrong(&path("most_enrolled"), message, format!("give {patients} to 100000"));
    }
    if cohort > patients {
        let message = format!("cohorts of {cohort} in a trial of {patients} patients");
        notes.wrong(&path("cohort"), message, "make it smaller");
    }
    let start = given.start.unwrap_or(1);
    notes.ledger.record(
        &path("start"),
        f64::from(start),
        "1",
        if given.start.is_some() { perforin_core::catalogue::THE_STUDY } else { "assumed: the lowest" },
        "Dose level of the first cohort",
    );
    if start == 0 || start as usize > doses.len() {
        let message = format!("there is no level {start}; there are {}", doses.len());
        notes.wrong(&path("start"), message, "count the levels from 1");
    }
    let scenarios = scenarios(section, doses, notes);
    // The rule is made of numbers that must be right.
    if !notes.problems.is_empty() {
        return None;
    }
    let rule = design::rule(given, target, (doses.len(), patients), notes)?;
    let conduct = Conduct {
        rule,
        doses: doses.to_vec(),
        cohort,
        patients,
        most_enrolled,
        start: start as usize - 1,
        window,
        accrual_interval: interval,
        manufacturing,
    };
    match conduct.check() {
        Ok(conduct) => Some(DoseFinding { design: given.design, target, conduct, scenarios }),
        Err(error) => {
            notes.wrong("trial.dose_finding", error.to_string(), "correct it");
            None
        }
    }
}

fn scenarios(section: &TrialSection, doses: &[f64], notes: &mut Notes) -> Vec<(String, Truth)> {
    if section.scenario.is_empty() && section.virtual_patients.is_none() {
        let help = "add [trial.virtual_patients], or [[trial.scenario]] with a name and toxicity = [\"5 %\", …] at every level";
        notes.wrong("trial.scenario", "nothing is said to be true", help);
    }
    let mut known: Vec<(String, Truth)> = Vec::new();
    for (i, scenario) in section.scenario.iter().enumerate() {
        let path = |key: &str| format!("trial.scenario.{i}.{key}");
        if known.iter().any(|(name, _)| *name == scenario.name) {
            notes.wrong(&path("name"), format!("`{}` stands twice", scenario.name), "give another name");
        }
        if !crate::patient::fits_in_a_table(&scenario.name) {
            let message = format!("the name {:?} cannot stand in a table", scenario.name);
            notes.wrong(&path("name"), message, "use letters, digits, `_` and `-`");
        }
        let mut curve = |key: &str, what: &'static str, rates: &[Fraction]| {
            let numbers: Vec<f64> = rates.iter().map(|rate| rate.value()).collect();
            for (level, rate) in numbers.iter().enumerate() {
                let meaning = format!("Scenario {}: {what} at level {}", scenario.name, level + 1);
                notes.given(&format!("trial.scenario.{i}.{key}.{level}"), *rate, "1", &meaning);
            }
            let wrong = |notes: &mut Notes, message: String| {
                notes.wrong(
                    &format!("trial.scenario.{i}.{key}"),
                    message,
                    "give one rate for every dose level",
                );
            };
            if numbers.len() != doses.len() {
                wrong(notes, format!("{} rates for {} dose levels", numbers.len(), doses.len()));
                return None;
            }
            // Doses that are wrong have been noted.
            RateCurve::new(what, doses, &numbers).ok()
        };
        let toxicity = curve("toxicity", "toxicity rate", &scenario.toxicity);
        let response = scenario.response.as_ref().and_then(|rates| curve("response", "response rate", rates));
        if scenario.toxicity.windows(2).any(|w| w[1].value() < w[0].value()) {
            let help = "every design here takes it that toxicity rises with the dose";
            notes.warn(&path("toxicity"), "toxicity falls with the dose", help);
        }
        if let Some(toxicity) = toxicity {
            known.push((scenario.name.clone(), Truth::Stated { toxicity, response }));
        }
    }
    known
}

fn manufacturing(
    section: &ManufacturingSection,
    levels: &[Dose],
    notes: &mut Notes,
) -> Option<Manufacturing> {
    let path = |key: &str| format!("trial.manufacturing.{key}");
    let before = notes.problems.len();
    let unit = levels.first().map_or("cells", |dose| dose.unit());
    let in_unit = |key: &str, dose: Dose, meaning: &str, notes: &mut Notes| {
        if dose.unit() != unit {
            let message = format!("{} is not in {unit}, the unit of the dose levels", dose_words(dose));
            notes.wrong(&path(key), message, "write it in that unit");
        }
        notes.given(&path(key), dose.value(), unit, meaning)
    };
    let median =
        in_unit("yield.median", section.harvest.median, "Median of the cells that can be given", notes);
    let log_sd = notes.given(
        &path("yield.log_sd"),
        section.harvest.log_sd,
        "1",
        "Standard deviation of the logarithm of the cells that can be given",
    );
    let least = match section.least_dose {
        Some(dose) => in_unit("least_dose", dose, "Least dose that is given", notes),
        None => 0.0,
    };
    if let Some(lowest) = levels.first().filter(|dose| dose.value() < least) {
        let message = format!(
            "nothing below {least:e} {unit} is given, but the lowest level is {}",
            dose_words(*lowest)
        );
        notes.wrong(&path("least_dose"), message, "make it at most the lowest level");
    }
    let delay = notes.given(
        &path("vein_to_vein.median"),
        section.vein_to_vein.median.value() / DAY,
        "d",
        "Median time from enrolment to infusion",
    );
    let delay_sd = section.vein_to_vein.log_sd.unwrap_or(0.0);
    notes.given(&path("vein_to_vein.log_sd"), delay_sd, "1", "Standard deviation of its logarithm");
    let attrition = section.attrition.map(|rate| rate.value() * DAY);
    let attrition = notes.value(&path("attrition"), attrition, &defaults::ATTRITION);
    let bridging = section.bridging.as_ref().map(|b| Bridging {
        share: notes.share(&path("bridging.share"), b.share.value(), "Share of patients with bridging"),
        hazard_ratio: notes.given(
            &path("bridging.hazard_ratio"),
            b.hazard_ratio,
            "1",
            "Rate of attrition with bridging over that without",
        ),
    });
    let mut of = |key: &str, given, parameter| share(&path(key), given, parameter, notes);
    let made = Manufacturing {
        screen_failure: of("screen_failure", section.screen_failure, &defaults::SCREEN_FAILURE),
        apheresis_failure: of("apheresis_failure", section.apheresis_failure, &defaults::APHERESIS_FAILURE),
        failure: of("failure", section.failure, &defaults::FAILURE),
        planned_from: of("planned_from", section.planned_from, &defaults::PLANNED_FROM),
        feasible_from: of("feasible_from", section.feasible_from, &defaults::FEASIBLE_FROM),
        harvest: LogNormal { median, log_sd },
        least,
        policy: policy(section.under_dosed),
        vein_to_vein: LogNormal { median: delay, log_sd: delay_sd },
        attrition,
        bridging,
        replaces: section.replace.unwrap_or(true),
    };
    if notes.problems.len() > before {
        return None;
    }
    made.check().map_err(|error| notes.wrong("trial.manufacturing", error.to_string(), "correct it")).ok()
}

fn policy(word: UnderDosedWord) -> Policy {
    match word {
        UnderDosedWord::AssignedLevel => Policy::AssignedLevel,
        UnderDosedWord::AchievedLevel => Policy::AchievedLevel,
        UnderDosedWord::Replace => Policy::Replace,
    }
}
