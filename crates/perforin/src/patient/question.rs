//! What a study asks of a patient or a population, ready to be answered.

mod arms;
mod calendar;
mod coupled;
mod toxicity;

use std::ops::Range;

use perforin_core::catalogue::{Ledger, Parameter, patient};
use perforin_core::quantity::FieldValue;
use perforin_core::study::patient::ResponseCriteria;
use perforin_core::study::population::SensitivitySection;
use perforin_core::study::{PatientSection, PopulationSection, StudyFile};
use perforin_lesion::scenario::{Notes, Problem};
use perforin_patient::population::assay::{Assay, Error, Measured};
use perforin_patient::response::{rano, recist};
use perforin_patient::solid_tumour::{Case, Plan, follow};
use perforin_patient::toxicity::ordinal::CutPoints;

use arms::arms;
use calendar::Schedule;
use toxicity::calibrate_toxicity;

use super::draws::{Drawn, Typical, Variation};
use super::outcome::{self, Common};
use super::own::Own;
use super::published::OfPublication;
use super::search::Search;
use super::seen::{Lost, OutcomeColumn, Scale, Seen};
use super::weighting::Weighting;
use crate::failure::Failure;
use crate::study::Study;
use crate::table::Column;

/// Courses that are written in full where the study does not say.
const COURSES: u64 = 100;
/// Most patients of an arm: Sobol's sequence has no more points.
const MOST_PATIENTS: u64 = 1 << 32;

/// The model of an arm.
#[derive(Clone, Debug)]
pub enum Subject {
    /// Perforin's own.
    Own(Box<Own>, Box<Common>),
    /// A published one.
    Published(Box<OfPublication>),
}

/// An arm.
#[derive(Clone, Debug)]
pub struct Arm {
    /// Its name; empty for the only one.
    pub name: String,
    /// What it changes: path and value as text.
    pub changes: Vec<(String, String)>,
    /// Its model.
    pub subject: Subject,
}

/// What a study asks.
#[derive(Clone, Debug)]
pub struct Question {
    /// Arms.
    pub arms: Vec<Arm>,
    /// Days of the series.
    pub days: Vec<f64>,
    /// What varies; none for one patient.
    pub variation: Option<Variation>,
    /// Patients in each arm.
    pub count: u64,
    /// Of these, the first ones whose courses are written in full.
    pub courses: u64,
    /// Observed shares to which the patients are weighted.
    pub weighting: Option<Weighting>,
    /// The search for plausible patients.
    pub search: Option<Search>,
    /// Which parameter matters.
    pub sensitivity: Option<SensitivitySection>,
    /// How the product in blood is measured.
    pub assay: Option<Assay>,
    /// Relative tolerance.
    pub tolerance: f64,
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
    /// Everything that is wrong with it, each at its line.
    pub fn new(study: &Study) -> Result<Self, Failure> {
        Self::seen_also(study, &[])
    }

    /// What a study asks, with the patient also seen on other days.
    ///
    /// # Errors
    /// Everything that is wrong with it, each at its line.
    pub fn seen_also(study: &Study, days: &[f64]) -> Result<Self, Failure> {
        let mut notes = Notes::default();
        let question = Self::read(study, days, &mut notes)?;
        notes.refuse().map_err(|problems| study.refuse(&problems))?;
        question.ok_or_else(|| Failure::run("the study could not be read, and nothing says why"))
    }

    fn read(study: &Study, also: &[f64], notes: &mut Notes) -> Result<Option<Self>, Failure> {
        study.refuse_what_targets_give()?;
        let file = &study.file;
        let Some(section) = &file.patient else {
            let help = "add [patient] with a model, lesions or parameters";
            notes.wrong("population", "a population resembles a patient, and the study has none", help);
            return Ok(None);
        };
        if study.has("lesion") {
            coupled::check(file, section, notes);
        }
        let given = file.study.duration.map(|time| time.value() / 1440.0);
        let duration = notes.value("study.duration", given, &patient::FOLLOW_UP);
        let population = file.population.as_ref();
        let count = population.map_or(1, |p| p.count);
        if count == 0 || count > MOST_PATIENTS {
            notes.wrong("population.count", format!("{count} patients"), "give 1 to 4294967296");
        }
        let tolerance =
            notes.value("numerics.patient_tolerance", file.numerics.patient_tolerance, &patient::TOLERANCE);
        let schedule = Schedule::read(file, section, (duration, also), notes);
        let Some(mut first) = subject(file, section, &schedule, notes) else { return Ok(None) };
        let variation = population.and_then(|p| variation(p, section, file.study.seed, &first, notes));
        let assay = assay(section, &first, notes);
        let sensitivity = sensitivity(population.and_then(|p| p.sensitivity), variation.as_ref(), notes);
        if !notes.problems.is_empty() {
            return Ok(None);
        }
        calibrate_toxicity(section, &mut first, variation.as_ref(), tolerance, notes);
        let arms = arms(study, section, &schedule, first)?;
        let mut question = Self {
            arms,
            days: schedule.days,
            courses: population.and_then(|p| p.courses).map_or(COURSES, u64::from).min(count),
            variation,
            count,
            weighting: None,
            search: None,
            sensitivity,
            assay,
            tolerance,
            seed: file.study.seed,
            ledger: Ledger::default(),
            warnings: notes.warnings.clone(),
        };
        let columns = question.outcome_columns();
        question.weighting = population.and_then(|p| Weighting::read(p, &question.arms, &columns, notes));
        let search = population.and_then(|p| p.search.as_ref());
        question.search = search.and_then(|section| Search::read(section, &question, notes));
        question.ledger = notes.ledger.clone();
        Ok(Some(question))
    }

    /// Whether it is about one patient.
    pub fn is_one(&self) -> bool {
        self.variation.is_none()
    }

    /// Headings of the series, time first.
    pub fn series_columns(&self) -> Vec<Column> {
        let mut columns = vec![Column::new("time", "d", "Time after day 0")];
        match &self.arms[0].subject {
            Subject::Own(own, _) => columns.extend(outcome::series_columns(own)),
            Subject::Published(published) => columns.extend(published.series_columns()),
        }
        if self.assay.is_some() {
            let product = &columns[1 + self.product()];
            let (unit, name) = (product.unit.clone(), format!("{}_measured", product.name));
            columns.push(Column::new(
                name,
                unit,
                "The product as measured; NaN below the limit of quantification",
            ));
        }
        columns
    }

    /// Headings of the outcome, with what varies.
    pub fn outcome_columns(&self) -> Vec<OutcomeColumn> {
        let mut columns = match &self.arms[0].subject {
            Subject::Own(..) => outcome::outcome_columns(),
            Subject::Published(published) => published.outcome_columns(),
        };
        if let Some(variation) = &self.variation {
            columns.extend(variation.columns.iter().map(|(name, unit)| {
                let meaning = "What was drawn for the patient";
                super::seen::outcome(&format!("drawn_{name}"), unit, meaning, Scale::Log)
            }));
        }
        columns
    }

    /// Place of the product in blood in the series without time.
    pub fn product(&self) -> usize {
        match &self.arms[0].subject {
            Subject::Own(..) => 0,
            Subject::Published(published) => published.product(),
        }
    }

    /// Columns of the series (without time) whose distribution over patients is kept.
    pub fn bands(&self) -> Vec<(usize, Scale)> {
        match &self.arms[0].subject {
            Subject::Own(..) => outcome::BANDS.to_vec(),
            Subject::Published(published) => {
                (0..published.series_columns().len()).map(|i| (i, Scale::Log)).collect()
            }
        }
    }

    /// Follows patients of an arm.
    pub fn follow(&self, arm: &Arm, numbers: Range<u64>) -> Vec<Result<Seen, Lost>> {
        let drawn = |number| match &self.variation {
            None => Ok(Drawn::typical()),
            Some(variation) => {
                variation.draw(number).map_err(|error| Lost { number, reason: error.to_string() })
            }
        };
        let draws = numbers.map(|number| (number, drawn(number))).collect();
        let mut seen = self.follow_drawn(arm, draws);
        seen.iter_mut().flatten().for_each(|patient| self.measure(patient));
        seen
    }

    /// Follows patients that were drawn.
    pub fn follow_drawn(&self, arm: &Arm, draws: Vec<(u64, Result<Drawn, Lost>)>) -> Vec<Result<Seen, Lost>> {
        match &arm.subject {
            Subject::Published(published) => draws
                .into_iter()
                .map(|(number, drawn)| published.follow(number, &drawn?, self.tolerance))
                .collect(),
            Subject::Own(own, common) => follow_own(own, common, draws, self.tolerance),
        }
    }

    /// Adds the product as an assay measures it, if there is one.
    pub fn measure(&self, patient: &mut Seen) {
        let Some(assay) = &self.assay else { return };
        let stream = perforin_core::rng::Stream::new(self.seed, perforin_core::rng::Purpose::Assay);
        let product = patient.series[self.product()].iter().zip(0..);
        let measured =
            product.map(|(value, day)| match assay.measure(*value, &mut stream.at(patient.number, day)) {
                Measured::Value(value) => value,
                Measured::Below => f64::NAN,
            });
        let measured = measured.collect();
        patient.series.push(measured);
    }
}

fn follow_own(
    own: &Own,
    common: &Common,
    draws: Vec<(u64, Result<Drawn, Lost>)>,
    tolerance: f64,
) -> Vec<Result<Seen, Lost>> {
    let mut cases: Vec<Case> = Vec::with_capacity(draws.len());
    let mut places = Vec::with_capacity(draws.len());
    for (number, drawn) in draws {
        let made = drawn.and_then(|drawn| match own.case(number, &drawn) {
            Ok(case) => Ok((case, drawn)),
            Err(error) => Err(Lost { number, reason: error.to_string() }),
        });
        places.push(made.map(|(case, drawn)| {
            cases.push(case);
            (cases.len() - 1, number, drawn)
        }));
    }
    let followed = follow(&cases, &common.plan, tolerance);
    let see = |place: Result<(usize, u64, Drawn), Lost>| {
        let (i, number, drawn) = place?;
        match followed[i].failure {
            Some(failure) => Err(Lost { number, reason: failure.to_string() }),
            None => Ok(outcome::see(own, common, number, &drawn, &followed[i])),
        }
    };
    places.into_iter().map(see).collect()
}

/// The name of Perforin's own model.
const OWN: &str = "perforin";

fn subject(
    file: &StudyFile,
    section: &PatientSection,
    schedule: &Schedule,
    notes: &mut Notes,
) -> Option<Subject> {
    if let Some(name) = section.model.as_deref().filter(|name| *name != OWN) {
        return OfPublication::read(file, section, (name, &schedule.days), notes)
            .map(|p| Subject::Published(Box::new(p)));
    }
    if section.published_patient.is_some() {
        let help = "name a published model: model = \"mueller-schoell-2021\"";
        notes.wrong("patient.published_patient", "Perforin's own model has no published patient", help);
    }
    let own = Own::read(file, section, schedule.duration, notes)?;
    let criteria = section.response.unwrap_or_default();
    warn_unless_measurable(&own, criteria, notes);
    let cuts = |table: [&'static Parameter; 4]| CutPoints(table.map(|parameter| own.value(parameter)));
    let release = cuts([&patient::CRS_CUT_1, &patient::CRS_CUT_2, &patient::CRS_CUT_3, &patient::CRS_CUT_4]);
    let neuro =
        cuts([&patient::ICANS_CUT_1, &patient::ICANS_CUT_2, &patient::ICANS_CUT_3, &patient::ICANS_CUT_4]);
    let plan = Plan { days: schedule.days.clone(), rules: own.regimen.rules, release, seed: file.study.seed };
    let common = Common { plan, visits: schedule.visits.clone(), neuro, criteria };
    Some(Subject::Own(Box::new(own), Box::new(common)))
}

fn warn_unless_measurable(own: &Own, criteria: ResponseCriteria, notes: &mut Notes) {
    let is_rano = criteria == ResponseCriteria::Rano;
    let measurable = own.lesions.iter().any(|lesion| {
        let least = match lesion.is_node {
            _ if is_rano => rano::MEASURABLE,
            true => recist::MEASURABLE_NODE,
            false => recist::MEASURABLE,
        };
        lesion.may_be_target && lesion.diameter >= least
    });
    if !measurable && notes.problems.is_empty() {
        let help = if is_rano {
            "RANO asks for 10 mm"
        } else {
            "RECIST 1.1 asks for 10 mm, 15 mm in the short axis of a lymph node"
        };
        notes.warn("patient.lesion", "no lesion can be measured, so that no response can be seen", help);
    }
}

fn variation(
    population: &PopulationSection,
    section: &PatientSection,
    seed: u64,
    subject: &Subject,
    notes: &mut Notes,
) -> Option<Variation> {
    let (table, has_lesions) = parameters(subject);
    let value = |parameter: &Parameter| value(subject, parameter);
    let typical = (&table[..], &value as Typical<'_>);
    Variation::read(population, section, seed, typical, has_lesions, notes)
}

/// The parameters of a model, and whether it has lesions.
fn parameters(subject: &Subject) -> (Vec<&'static Parameter>, bool) {
    match subject {
        Subject::Own(..) => (patient::TABLE.to_vec(), true),
        Subject::Published(published) => (published.model.parameters.iter().collect(), false),
    }
}

fn value(subject: &Subject, parameter: &Parameter) -> f64 {
    match subject {
        Subject::Own(own, _) => own.value(parameter),
        Subject::Published(published) => published.value(parameter),
    }
}

fn assay(section: &PatientSection, subject: &Subject, notes: &mut Notes) -> Option<Assay> {
    let given = section.assay.as_ref()?;
    let unit = match subject {
        Subject::Own(..) => "/µL".to_owned(),
        Subject::Published(published) => published.series_columns()[published.product()].unit.clone(),
    };
    let sd = notes.given(
        "patient.assay.log_sd",
        given.log_sd,
        "1",
        "Standard deviation of a measurement's logarithm",
    );
    if !(0.0..=5.0).contains(&sd) {
        notes.wrong("patient.assay.log_sd", format!("a spread of {sd}"), "give 0 to 5");
    }
    let limit = given.limit.as_ref().map_or(Some(0.0), |limit: &FieldValue| limit.in_unit(&unit));
    let Some(limit) = limit else {
        let found = given.limit.as_ref().map(ToString::to_string).unwrap_or_default();
        let message = format!("`{found}` is not in {unit}, the unit of the product in blood");
        notes.wrong("patient.assay.limit", message, format!("write it like \"2.5 {unit}\""));
        return None;
    };
    notes.given("patient.assay.limit", limit, &unit, "Lower limit of quantification");
    Some(Assay { error: Error::Log { sd }, limit })
}

fn sensitivity(
    section: Option<SensitivitySection>,
    variation: Option<&Variation>,
    notes: &mut Notes,
) -> Option<SensitivitySection> {
    let (section, variation) = (section?, variation?);
    if variation.is_correlated {
        let help = "leave the correlations out";
        notes.wrong("population.sensitivity", "indices are not defined for correlated parameters", help);
    }
    let inputs = variation.inputs().len();
    if inputs == 0 || inputs > 32 {
        let message = format!("{inputs} parameters vary");
        notes.wrong("population.sensitivity", message, "let 1 to 32 vary");
    }
    if section.samples.is_some_and(|n| !(2..=1 << 20).contains(&n)) {
        notes.wrong("population.sensitivity.samples", "that is no number of samples", "give 2 to 1048576");
    }
    Some(section)
}
