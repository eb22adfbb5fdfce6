//! `[trial.selection]`: patients are tested with error and enrolled from a cut-off on.
//!
//! Stated scenarios: a group's response rate is the scenario's times its ratio. Given the dose, patients are independent, so
//! that those whom the test selects respond with the mean rate of the groups, each weighted by its share and its
//! probability of being called positive: exactly.
//!
//! Virtual patients: each has a score from its own antigen, is tested once, with the same draw for every cut-off, and the
//! trial's patients are those called positive.

use perforin_core::rng::{Purpose, Stream};
use perforin_core::study::StudyFile;
use perforin_core::study::selection::SelectionSection;
use perforin_lesion::scenario::Notes;
use perforin_patient::diagnostics::DiagnosticsError;
use perforin_patient::diagnostics::ihc::{CutOff, Score};
use perforin_patient::diagnostics::selection::{Candidate, Selected, select};
use perforin_trial::dose_finding::DesignError;
use perforin_trial::dose_finding::truth::{Followed, RateCurve, Truth};
use serde::{Deserialize, Serialize};

use super::patients::Patients;
use crate::answer::{per_cent, rounded};
use crate::diagnose::groups::{self, Group, Staining, Wanted, log_normal};
use crate::table::{Rows, Table};

mod mixture;

pub use mixture::{Mixture, Who};

const PATH: &str = "trial.selection";
/// Step of the stream of assay errors that belongs to this test.
const STEP: u32 = u32::MAX;
/// A smaller share of patients called positive is none.
const FEWEST: f64 = 1e-6;

/// A test and its cut-off.
#[derive(Clone, Debug)]
pub struct Selection {
    staining: Staining,
    share: f64,
    cut_off: CutOff,
    groups: Vec<Group>,
    /// Density over positive cells of a virtual patient, and over negative ones if they carry any.
    density: Option<[(f64, f64); 2]>,
}

/// Virtual patients whom the test calls positive.
#[derive(Clone, Debug)]
pub struct Called {
    /// What is true of them.
    pub truth: Truth,
    /// What the test comes to.
    pub seen: Seen,
    /// Their numbers among all, from 0.
    pub numbers: Vec<usize>,
}

/// What the selection comes to in a scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// The scenario.
    pub scenario: String,
    /// Share of cells at the level from which on a patient is enrolled.
    pub cut_off: f64,
    /// Level of staining.
    pub level: usize,
    /// Share of patients whose true share of cells reaches it.
    pub prevalence: f64,
    /// Probability that one of them is called positive.
    pub sensitivity: Option<f64>,
    /// Probability that another is called negative.
    pub specificity: Option<f64>,
    /// Share of them among those called positive.
    pub ppv: Option<f64>,
    /// Share of patients called positive.
    pub positive: f64,
    /// At each dose level: response rate of all patients, and of those called positive; none if it is not known.
    pub response: Vec<[f64; 2]>,
}

/// Reads the section; what is wrong is noted.
pub fn read(section: &SelectionSection, study: &StudyFile, notes: &mut Notes) -> Option<Selection> {
    let before = notes.problems.len();
    let trial = study.trial.as_ref();
    let staining = groups::staining(&section.test, &format!("{PATH}.test"), notes)?;
    let cut_off = groups::cut_off(&format!("{PATH}.cut_off"), staining.level, section.cut_off, notes);
    let is_virtual = trial.is_some_and(|trial| trial.virtual_patients.is_some());
    let has_efficacy = trial.is_some_and(|trial| trial.efficacy.is_some());
    let is_stated = trial.is_some_and(|t| !t.scenario.is_empty()) || (has_efficacy && !is_virtual);
    let mut groups = Vec::new();
    if is_stated || !section.patients.is_empty() {
        let path = format!("{PATH}.patients");
        if section.patients.is_empty() {
            let help = "add [[trial.selection.patients]] with name, share, density and response_ratio";
            notes.wrong(PATH, "nothing is said of the patients who are tested", help);
        } else {
            groups = groups::groups(&section.patients, &path, Wanted::Ratio, notes).unwrap_or_default();
        }
    }
    let density = match trial.and_then(|trial| trial.virtual_patients.as_ref()) {
        Some(_) => virtual_density(section, study, notes),
        None => None,
    };
    if let (Some(name), Some(patient)) = (&section.lesion, &study.patient)
        && !patient.lesion.iter().any(|l| l.name.as_ref() == Some(name))
    {
        notes.wrong(
            &format!("{PATH}.lesion"),
            format!("the patient has no lesion `{name}`"),
            "give its name",
        );
    }
    (notes.problems.len() == before).then_some(())?;
    Some(Selection { staining, share: section.cut_off.value(), cut_off: cut_off?, groups, density })
}

fn virtual_density(
    section: &SelectionSection,
    study: &StudyFile,
    notes: &mut Notes,
) -> Option<[(f64, f64); 2]> {
    let path = format!("{PATH}.antigen");
    let antigens = study.patient.as_ref().map(|p| &p.antigen)?;
    let found = match (&section.antigen, antigens.len()) {
        (Some(name), _) => antigens.get_key_value(name),
        (None, 1) => antigens.iter().next(),
        (None, _) => None,
    };
    let Some((name, antigen)) = found else {
        let known: Vec<&str> = antigens.keys().map(String::as_str).collect();
        let help = format!("name one of [patient.antigen]: {}", known.join(", "));
        notes.wrong(&path, "it is not said which antigen is stained", help);
        return None;
    };
    let carriers = log_normal(&format!("patient.antigen.{name}.density"), &antigen.density, notes)?;
    Some([carriers, (antigen.on_negative_cells.map_or(0.0, |d| d.value()), carriers.1)])
}

impl Selection {
    /// The same test with another cut-off, which was checked.
    #[must_use]
    pub fn at(&self, share: f64, cut_off: CutOff) -> Self {
        Self { share, cut_off, ..self.clone() }
    }

    /// Level of staining that cells must reach.
    pub fn level(&self) -> usize {
        self.staining.level
    }

    /// What is true of those whom the test selects, where a scenario is stated.
    ///
    /// # Errors
    /// If nobody is selected.
    pub fn stated(&self, name: &str, truth: &Truth, doses: &[f64]) -> Result<(Truth, Seen), DesignError> {
        let Truth::Stated { toxicity, response } = truth else {
            return Ok((truth.clone(), self.seen(name, &[], Vec::new())?));
        };
        let (mixture, candidates) = self.tested();
        let rates = response.as_ref().map_or(&[][..], RateCurve::rates);
        let mean = |rate: f64, who| mixture.response(rate, who);
        let by_level = rates.iter().map(|r| [mean(*r, Who::All), mean(*r, Who::Selected)]).collect();
        let seen = self.seen(name, &candidates, by_level)?;
        if mixture.share(Who::Selected) < FEWEST {
            return Err(nobody());
        }
        let selected: Vec<f64> = seen.response.iter().map(|pair| pair[1]).collect();
        let response =
            response.as_ref().map(|_| RateCurve::new("response rate", doses, &selected)).transpose()?;
        Ok((Truth::Stated { toxicity: toxicity.clone(), response }, seen))
    }

    /// The stated groups, and what the test comes to in them; nothing if none are stated.
    ///
    /// # Errors
    /// If nobody is selected.
    pub fn groups(&self, name: &str) -> Result<Option<(Mixture, Seen)>, DesignError> {
        if self.groups.is_empty() {
            return Ok(None);
        }
        let (mixture, candidates) = self.tested();
        if mixture.share(Who::Selected) < FEWEST {
            return Err(nobody());
        }
        Ok(Some((mixture, self.seen(name, &candidates, Vec::new())?)))
    }

    /// The stated groups as they are tested: their mixture, and patients by the score of their sections.
    fn tested(&self) -> (Mixture, Vec<Candidate>) {
        let (mut candidates, mut called) = (Vec::new(), Vec::new());
        for group in &self.groups {
            let mut sum = 0.0;
            for (score, weight) in group.scores(self.staining.thresholds) {
                sum += weight * self.staining.reader.calls(score, self.cut_off);
                candidates.push(Candidate { score, response: 0.0, weight: group.share * weight });
            }
            called.push(sum);
        }
        (Mixture::new(&self.groups, &called), candidates)
    }

    /// Those of the virtual patients whom the test selects.
    ///
    /// # Errors
    /// If nobody is selected.
    pub fn of_patients(
        &self,
        name: &str,
        patients: &Patients,
        (doses, seed): (&[f64], u64),
    ) -> Result<Called, DesignError> {
        let stream = Stream::new(seed, Purpose::Assay);
        let mut candidates = Vec::new();
        let mut called = Vec::new();
        for (number, negative) in (0..).zip(&patients.negative) {
            let score = self.score(*negative).map_err(|_| nobody())?;
            candidates.push(Candidate { score, response: 0.0, weight: 1.0 });
            // The same draw for every cut-off: a patient who is called at one is called at every lower one.
            if stream.at(number, STEP).uniform() < self.staining.reader.calls(score, self.cut_off) {
                called.push(number as usize);
            }
        }
        let all = Truth::Patients(Followed::new(patients.ladder.clone(), patients.outcomes.clone())?);
        let share = called.len() as f64 / patients.outcomes.len() as f64;
        if called.is_empty() {
            return Err(nobody());
        }
        let kept = called.iter().map(|number| patients.outcomes[*number].clone()).collect();
        let truth = Truth::Patients(Followed::new(patients.ladder.clone(), kept)?);
        let rate = |truth: &Truth, dose: f64| truth.response(dose).unwrap_or(f64::NAN);
        let response = doses.iter().map(|dose| [rate(&all, *dose), rate(&truth, *dose)]).collect();
        let seen = Seen { positive: share, ..self.seen(name, &candidates, response)? };
        Ok(Called { truth, seen, numbers: called })
    }

    /// Score of a virtual patient with this share of antigen-negative cells.
    fn score(&self, negative: f64) -> Result<Score, DiagnosticsError> {
        let negative = negative.clamp(0.0, 1.0);
        let [carriers, others] = self.density.unwrap_or([(1.0, 0.0), (0.0, 0.0)]);
        // Numbers were checked when they were read.
        let of = |(median, log_sd): (f64, f64)| {
            let score = if median > 0.0 {
                Score::of_lognormal(median, log_sd, 0.0, self.staining.thresholds).ok()
            } else {
                None
            };
            score.map_or([1.0, 0.0, 0.0, 0.0], Score::shares)
        };
        let (carriers, others) = (of(carriers), of(others));
        // The rest stands last, so that the shares add up.
        let [_, one, two, three] =
            std::array::from_fn(|k| (1.0 - negative) * carriers[k] + negative * others[k]);
        Score::new([(1.0 - one - two - three).max(0.0), one, two, three])
    }

    fn seen(
        &self,
        name: &str,
        candidates: &[Candidate],
        response: Vec<[f64; 2]>,
    ) -> Result<Seen, DesignError> {
        let found: Selected =
            select(candidates, self.cut_off, &self.staining.reader).map_err(|_| nobody())?;
        Ok(Seen {
            scenario: name.to_owned(),
            cut_off: self.share,
            level: self.staining.level,
            prevalence: found.prevalence,
            sensitivity: found.sensitivity,
            specificity: found.specificity,
            ppv: found.positive_predictive_value,
            positive: found.positive,
            response,
        })
    }
}

fn nobody() -> DesignError {
    DesignError::TooFew { what: "the number of patients whom the test selects", found: 0, least: 1 }
}

impl Seen {
    /// In words.
    pub fn words(&self) -> String {
        let or_dash = |share: Option<f64>| share.map_or("–".into(), per_cent);
        let mut text = format!(
            "{}: a patient is enrolled from {} of cells at {}+ on. {} of the patients reach it, and {} are called positive \
             (sensitivity {}, specificity {}, positive predictive value {}): {} are tested for one who is.",
            self.scenario,
            per_cent(self.cut_off),
            self.level,
            per_cent(self.prevalence),
            per_cent(self.positive),
            or_dash(self.sensitivity),
            or_dash(self.specificity),
            or_dash(self.ppv),
            rounded(1.0 / self.positive)
        );
        if !self.response.is_empty() {
            let of = |(level, pair): (usize, &[f64; 2])| {
                format!("{} against {} at level {}", per_cent(pair[1]), per_cent(pair[0]), level + 1)
            };
            let all: Vec<String> = self.response.iter().enumerate().map(of).collect();
            text += " Response of infused patients, selected against all: ";
            text += &all.join(", ");
            text += ".";
        }
        text
    }
}

/// What is assumed.
pub fn assumptions(seen: &[Seen]) -> Vec<String> {
    if seen.is_empty() {
        return Vec::new();
    }
    vec![
        "The test reads one section per patient, with the stated errors; toxicity does not depend on the antigen in stated \
         scenarios, and a group's response is the scenario's times its ratio, at most 100 %."
            .into(),
        "The interval between patients who can be enrolled is that of selected ones: a higher cut-off means more patients tested \
         in the same time."
            .into(),
        "Virtual patients are tested once, before treatment, by the antigen of the cells they then have.".into(),
    ]
}

/// What the selection comes to, as a table.
pub fn table(seen: &[Seen]) -> Table {
    let rows: Vec<(&Seen, usize)> =
        seen.iter().flat_map(|s| (0..s.response.len().max(1)).map(move |l| (s, l))).collect();
    Rows::new(rows)
        .text("scenario", "The scenario", |r| r.0.scenario.clone())
        .number("cut_off", "Share of cells at the level from which on a patient is enrolled", |r| {
            Some(r.0.cut_off)
        })
        .number("prevalence", "Share of patients whose true share of cells reaches it", |r| {
            Some(r.0.prevalence)
        })
        .number("sensitivity", "Probability that one of them is called positive", |r| r.0.sensitivity)
        .number("specificity", "Probability that another is called negative", |r| r.0.specificity)
        .number("positive_predictive_value", "Share of them among those called positive", |r| r.0.ppv)
        .number("called_positive", "Share of patients called positive", |r| Some(r.0.positive))
        .whole("level", "1", "Dose level, from 1", |r| r.1 as i64 + 1)
        .number("response_of_all", "Response rate of infused patients without selection", |r| {
            r.0.response.get(r.1).map(|pair| pair[0])
        })
        .number("response_of_selected", "Response rate of those called positive", |r| {
            r.0.response.get(r.1).map(|pair| pair[1])
        })
        .table
}
