//! Outcomes from virtual patients: each patient of `[population]` is followed at every dose of a ladder.

use std::collections::BTreeMap;

use perforin_core::catalogue::Parameter;
use perforin_core::catalogue::trial as defaults;
use perforin_core::study::StudyValue;
use perforin_core::study::patient::{ResponseCriteria, ToxicitySection};
use perforin_core::study::population::ArmSection;
use perforin_core::study::trial::VirtualPatientsSection;
use perforin_lesion::scenario::{Notes, Problem};
use perforin_patient::population::run::in_chunks;
use perforin_trial::dose_finding::DesignError;
use perforin_trial::dose_finding::truth::{Followed, PatientOutcome, Truth};

use super::endpoints::{Enrolled, LevelEndpoints};
use crate::failure::Failure;
use crate::patient;
use crate::patient::outcome::{self, BEST_RESPONSE, CRS_GRADE, ICANS_GRADE, ORGAN_GRADE};
use crate::patient::question::Subject;
use crate::patient::seen::{Lost, Seen, response_word};
use crate::study::Study;

/// Name of the scenario in tables.
pub const NAME: &str = "virtual patients";

/// Virtual patients who are to be followed.
#[derive(Clone, Debug)]
pub struct Virtual {
    question: Box<patient::Question>,
    /// Dose levels, which are among the ladder.
    doses: Vec<f64>,
    unit: String,
    ladder: Vec<f64>,
    /// Lowest grades of cytokine release, neurotoxicity and loss of the organ at risk that limit the dose.
    grades: [f64; 3],
    /// Place in the series of the share of antigen-negative cells that a biopsy sees.
    sampled: usize,
}

/// Virtual patients who were followed.
#[derive(Clone, Debug)]
pub struct Patients {
    /// Doses at which they were.
    pub ladder: Vec<f64>,
    /// For each patient, the outcome at every dose.
    pub outcomes: Vec<Vec<PatientOutcome>>,
    /// For each patient, the share of antigen-negative tumour cells on day 0, in the lesion that is sampled.
    pub negative: Vec<f64>,
    /// What was seen of them at each level, without the series of days.
    seen: Vec<(usize, Vec<Seen>)>,
    criteria: ResponseCriteria,
}

impl Patients {
    /// What is true if all of them may be enrolled.
    ///
    /// # Errors
    /// If there is nobody.
    pub fn truth(&self) -> Result<Truth, DesignError> {
        Followed::new(self.ladder.clone(), self.outcomes.clone()).map(Truth::Patients)
    }

    /// Endpoints at each level: of all, or of those with these numbers, whom a test selects.
    pub fn endpoints(&self, selected: Option<&[usize]>) -> Vec<LevelEndpoints> {
        let of = |(level, seen): &(usize, Vec<Seen>)| {
            let (who, those): (_, Vec<&Seen>) = match selected {
                None => (Enrolled::All, seen.iter().collect()),
                Some(numbers) => (Enrolled::Selected, numbers.iter().map(|number| &seen[*number]).collect()),
            };
            LevelEndpoints::of((*level, who), &those, self.criteria)
        };
        self.seen.iter().map(of).collect()
    }
}

/// The doses at which patients are followed: the levels and, where less than planned can be given, steps between and
/// below them.
fn ladder(doses: &[f64], with_less: bool) -> Vec<f64> {
    if !with_less {
        return doses.to_vec();
    }
    let mut ladder: Vec<f64> = doses.first().map_or(Vec::new(), |lowest| vec![lowest / 4.0, lowest / 2.0]);
    for (k, dose) in doses.iter().enumerate() {
        ladder.extend(k.checked_sub(1).map(|below| (doses[below] * dose).sqrt()));
        ladder.push(*dose);
    }
    ladder
}

/// Place in the series of the share of antigen-negative cells: of the lesion that [trial.selection] samples, or of all.
fn sampled(study: &Study) -> usize {
    let section = study.file.trial.as_ref().and_then(|trial| trial.selection.as_ref());
    let lesion = section.and_then(|selection| selection.lesion.as_ref());
    let lesions = study.file.patient.as_ref().map_or(&[][..], |patient| &patient.lesion);
    let place = lesion.and_then(|name| lesions.iter().position(|l| l.name.as_ref() == Some(name)));
    place.map_or(outcome::NEGATIVE, outcome::negative_of)
}

/// Patients at every dose of a ladder, with some parameters changed.
fn asked(
    study: &Study,
    ladder: &[f64],
    unit: &str,
    parameters: &BTreeMap<String, StudyValue>,
) -> Result<patient::Question, Failure> {
    let arm = |(k, dose): (usize, &f64)| {
        let dose = StudyValue::Text(format!("{dose:e} {unit}"));
        let mut set = BTreeMap::from([("regimen.infusion.0.dose".to_owned(), dose)]);
        let changed =
            |(name, value): (&String, &StudyValue)| (format!("patient.parameters.{name}"), value.clone());
        set.extend(parameters.iter().map(changed));
        ArmSection { name: format!("dose {}", k + 1), set }
    };
    let mut with_arms = study.clone();
    if let (Some(patient), false) = (&mut with_arms.file.patient, parameters.is_empty()) {
        patient.parameters.extend(parameters.clone());
        // Severities have the grades of the study's own parameters.
        patient.toxicity = ToxicitySection::default();
    }
    if let Some(population) = &mut with_arms.file.population {
        population.arm = ladder.iter().enumerate().map(arm).collect();
    }
    patient::Question::new(&with_arms)
}

impl Virtual {
    /// Reads what is asked; what is wrong is noted.
    ///
    /// # Errors
    /// What is wrong with the patient or the population.
    pub fn read(
        study: &Study,
        section: &VirtualPatientsSection,
        (doses, unit, with_less): (&[f64], &str, bool),
        notes: &mut Notes,
    ) -> Result<Option<Self>, Failure> {
        let path = "trial.virtual_patients";
        let grade = |given: Option<u8>, parameter: &'static Parameter, notes: &mut Notes| {
            notes.value(parameter.name, given.map(f64::from), parameter)
        };
        let grades = [
            grade(section.crs_grade, &defaults::CRS_GRADE, notes),
            grade(section.icans_grade, &defaults::ICANS_GRADE, notes),
            grade(section.organ_grade, &defaults::ORGAN_GRADE, notes),
        ];
        let Some(population) = &study.file.population else {
            notes.wrong(path, "the study has no virtual patients", "add [patient] and [population]");
            return Ok(None);
        };
        if !population.arm.is_empty() || study.file.regimen.infusion.is_empty() {
            let help = "leave [[population.arm]] out, and give [[regimen.infusion]], whose first dose the trial replaces";
            notes.wrong(path, "the trial gives its own doses", help);
            return Ok(None);
        }
        if !population.marginal.is_empty() {
            let help = "leave [population.marginal] out of the trial's study";
            notes.wrong("population.marginal", "a trial draws its patients equally", help);
            return Ok(None);
        }
        if population.search.is_some() {
            let help = "leave [population.search] out of the trial's study";
            notes.wrong("population.search", "a trial takes its patients as they are drawn", help);
            return Ok(None);
        }
        let ladder = ladder(doses, with_less);
        let question = asked(study, &ladder, unit, &BTreeMap::new())?;
        if !matches!(question.arms[0].subject, Subject::Own(..)) {
            let help = "use Perforin's own model: it has response and graded toxicity";
            return Err(study.refuse(&[Problem {
                path: "patient.model".into(),
                message: "a published model has no dose-limiting toxicity".into(),
                help: Some(help.into()),
            }]));
        }
        for used in question.ledger.used() {
            notes.ledger.record(&used.path, used.value, &used.unit, &used.source, &used.meaning);
        }
        let (sampled, unit) = (sampled(study), unit.to_owned());
        Ok(Some(Self { question: Box::new(question), doses: doses.to_vec(), unit, ladder, grades, sampled }))
    }

    /// The same patients where parameters of `[patient.parameters]` have other values: who is drawn, and which severity has
    /// which grade, does not change.
    ///
    /// # Errors
    /// If a value cannot be.
    pub fn with(&self, study: &Study, parameters: &BTreeMap<String, StudyValue>) -> Result<Self, Failure> {
        let mut question = asked(study, &self.ladder, &self.unit, parameters)?;
        if let Subject::Own(_, typical) = &self.question.arms[0].subject {
            for arm in &mut question.arms {
                if let Subject::Own(_, common) = &mut arm.subject {
                    (common.plan.release, common.neuro) = (typical.plan.release, typical.neuro);
                }
            }
        }
        Ok(Self { question: Box::new(question), ..self.clone() })
    }

    /// A parameter of the model in the typical patient.
    pub fn typical(&self, parameter: &Parameter) -> f64 {
        match &self.question.arms[0].subject {
            Subject::Own(own, _) => own.value(parameter),
            Subject::Published(published) => published.value(parameter),
        }
    }

    /// Criteria of response.
    pub fn criteria(&self) -> ResponseCriteria {
        match &self.question.arms[0].subject {
            Subject::Own(_, common) => common.criteria,
            Subject::Published(_) => ResponseCriteria::default(),
        }
    }

    /// What is seen of one patient at a dose of the ladder.
    ///
    /// # Errors
    /// If the patient cannot be followed.
    pub fn one(&self, number: u64, step: usize) -> Result<Seen, Failure> {
        let arm = &self.question.arms[step];
        let seen = self.question.follow(arm, number..number + 1);
        let nobody = || Failure::run(format!("patient {number} could not be followed at {}", arm.name));
        seen.into_iter().next().ok_or_else(nobody)?.map_err(|lost| could_not(&lost, &arm.name))
    }

    /// Number of patients.
    pub fn patients(&self) -> u64 {
        self.question.count
    }

    /// Number of doses at which each is followed.
    pub fn doses(&self) -> usize {
        self.ladder.len()
    }

    /// Follows every patient at every dose, on the present pool of threads.
    ///
    /// # Errors
    /// If a patient cannot be followed.
    pub fn follow(&self) -> Result<Patients, Failure> {
        let count = self.question.count;
        let mut at_levels = Vec::new();
        let mut criteria = ResponseCriteria::default();
        let mut negative = vec![f64::NAN; count as usize];
        let mut outcomes: Vec<Vec<PatientOutcome>> = vec![Vec::new(); count as usize];
        for (arm, dose) in self.question.arms.iter().zip(&self.ladder) {
            let seen = in_chunks((0, count), |numbers| self.question.follow(arm, numbers));
            let lost = |lost: Lost| could_not(&lost, &arm.name);
            let mut seen = seen.into_iter().flatten().collect::<Result<Vec<Seen>, Lost>>().map_err(lost)?;
            for ((patient, seen), share) in outcomes.iter_mut().zip(&seen).zip(&mut negative) {
                patient.push(self.outcome(seen));
                // Of every arm the same: nothing has been given on day 0.
                *share =
                    seen.series.get(self.sampled).and_then(|days| days.first()).copied().unwrap_or(f64::NAN);
            }
            let level = self.doses.iter().position(|level| *level == *dose);
            if let (Some(level), Subject::Own(_, common)) = (level, &arm.subject) {
                criteria = common.criteria;
                // Days are most of what is seen, and no endpoint needs them.
                for patient in &mut seen {
                    patient.series = Vec::new();
                }
                at_levels.push((level, seen));
            }
        }
        Ok(Patients { ladder: self.ladder.clone(), outcomes, negative, seen: at_levels, criteria })
    }

    fn outcome(&self, seen: &Seen) -> PatientOutcome {
        let places = [CRS_GRADE, ICANS_GRADE, ORGAN_GRADE];
        let toxic = places.iter().zip(self.grades).any(|(place, grade)| seen.outcome[*place] >= grade);
        let responds = matches!(response_word(seen.outcome[BEST_RESPONSE]), "CR" | "PR");
        PatientOutcome { toxic, responds }
    }
}

fn could_not(lost: &Lost, arm: &str) -> Failure {
    Failure::run(format!("patient {} could not be followed at {arm}: {}", lost.number, lost.reason))
        .help("look for an extreme value under [patient] or [population]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ladder_holds_the_levels_and_rises() {
        let doses = [1e7, 1e8, 4e8];
        assert_eq!(ladder(&doses, false), doses);
        let steps = ladder(&doses, true);
        assert_eq!(steps.len(), 7);
        assert!(steps.windows(2).all(|w| w[0] < w[1]) && doses.iter().all(|dose| steps.contains(dose)));
    }
}
