//! The answer: what a patient or the arms of a population came to, in numbers.

use perforin_atlas::assess::wilson;
use perforin_patient::response::Response;
use serde::{Deserialize, Serialize};

use super::histogram::{Bins, Histogram};
use super::kaplan_meier::{Curve, Times};
use super::outcome;
use super::question::{Question, Subject};
use super::search::Searched;
use super::seen::{OutcomeColumn, Seen, response_word};

/// Bins of a decade: 0.23 % apart.
const PER_DECADE: usize = 1000;

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The published model with its identifier; none for Perforin's own.
    pub published: Option<(String, String)>,
    /// Criteria of response.
    pub criteria: String,
    /// Outcomes whose observed shares the patients are weighted to.
    pub weighted_to: Vec<String>,
    /// How the patients were found, if they were searched for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<Searched>,
    /// Days that a patient is followed.
    pub duration: f64,
    /// Name and unit of the product in blood.
    pub product: (String, String),
    /// Whether it is about one patient.
    pub is_one: bool,
    /// The organ at risk.
    pub organ: Option<String>,
    /// Names of the columns of outcomes.
    pub outcome: Vec<String>,
    /// Arms.
    pub arms: Vec<ArmAnswer>,
    /// Which parameter matters.
    pub sensitivity: Vec<SensitivityRow>,
}

/// What an arm came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArmAnswer {
    /// Its name; empty for the only one.
    pub name: String,
    /// What it changes.
    pub changes: Vec<(String, String)>,
    /// Patients who were followed to the end.
    pub patients: u64,
    /// Patients whose solution failed.
    pub failed: u64,
    /// Number of equally weighted patients that would be worth as much; none without weights.
    pub effective: Option<f64>,
    /// Quantiles of outcomes.
    pub quantiles: Vec<Quantiles>,
    /// Shares of patients.
    pub rates: Vec<Rate>,
    /// Share of patients with each grade of cytokine release.
    pub crs: [f64; 5],
    /// Progression-free and overall survival, and duration of response.
    pub survival: Vec<Curve>,
    /// Bands over time.
    pub bands: Vec<Band>,
    /// First patients in full.
    pub courses: Vec<Course>,
}

/// Quantiles of an outcome over patients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quantiles {
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// What it is.
    pub meaning: String,
    /// Patients who have it.
    pub patients: u64,
    /// At 5, 25, 50, 75 and 95 %; none without patients.
    pub values: [Option<f64>; 5],
}

/// A share of patients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// Of what.
    pub name: String,
    /// What it is.
    pub meaning: String,
    /// How many, whatever their weights.
    pub count: u64,
    /// Of how many.
    pub of: u64,
    /// Their share, by their weights.
    pub share: f64,
    /// Ends of the 95 % interval (Wilson's, of as many patients as the weighted ones are worth).
    pub interval: (f64, f64),
}

impl ArmAnswer {
    /// A survival curve by its name; none for a published model.
    pub fn curve(&self, name: &str) -> Option<&Curve> {
        self.survival.iter().find(|curve| curve.name == name)
    }
}

/// A quantity over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Band {
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// What it is.
    pub meaning: String,
    /// Days.
    pub days: Vec<f64>,
    /// Quantiles at 5, 25, 50, 75 and 95 %, day by day; none where no patient has it.
    pub values: Vec<[Option<f64>; 5]>,
}

/// A patient in full.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Course {
    /// Number.
    pub number: u64,
    /// Values of the outcome's columns; none where there is none.
    pub outcome: Vec<Option<f64>>,
    /// Visits, day 0 first.
    pub visits: Vec<Visit>,
}

/// A visit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Visit {
    /// Day.
    pub day: f64,
    /// Sum of the diameters of the target lesions, mm; by RANO, of the products of their diameters, mm².
    pub sum: Option<f64>,
    /// Its change from day 0, %.
    pub change: Option<f64>,
    /// Response by the study's criteria, in the words of RECIST 1.1; empty on day 0.
    pub response: String,
    /// Response by RECIST 1.1; empty on day 0.
    pub recist: String,
    /// Response by iRECIST; empty on day 0.
    pub irecist: String,
    /// Response by RANO, if the study asks for it; empty on day 0.
    pub rano: String,
}

impl Course {
    /// The course of a patient who was seen.
    pub fn of(seen: &Seen) -> Self {
        let word = |response: Option<Response>| response.map(|r| r.to_string()).unwrap_or_default();
        let visits = seen.visits.iter().map(|visit| Visit {
            day: visit.day,
            sum: some(visit.sum),
            change: some(visit.change),
            response: word(visit.response),
            recist: word(visit.recist),
            irecist: visit.irecist.unwrap_or_default().into(),
            rano: word(visit.rano),
        });
        Self {
            number: seen.number,
            outcome: seen.outcome.iter().map(|v| some(*v)).collect(),
            visits: visits.collect(),
        }
    }

    /// A number of the outcome.
    pub fn number_of(&self, place: usize) -> Option<f64> {
        self.outcome.get(place).copied().flatten()
    }
}

/// How an outcome depends on a parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SensitivityRow {
    /// The outcome.
    pub outcome: String,
    /// The parameter.
    pub parameter: String,
    /// Sobol: part of the variance that the parameter explains alone. Morris: mean absolute effect.
    pub first: Option<f64>,
    /// Sobol: part of the variance in which it takes part. Morris: standard deviation of the effects.
    pub total: Option<f64>,
}

/// A number, if it is one.
pub fn some(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// Patients with something, and their weights.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Counted {
    patients: u64,
    weight: f64,
}

impl Counted {
    fn add(&mut self, weight: f64) {
        self.patients += 1;
        self.weight += weight;
    }

    fn and(self, other: Self) -> Self {
        Self { patients: self.patients + other.patients, weight: self.weight + other.weight }
    }
}

/// What an arm comes to, patient by patient; its memory does not grow with them.
#[derive(Debug)]
pub struct Tally {
    is_own: bool,
    columns: Vec<OutcomeColumn>,
    histograms: Vec<Option<Histogram>>,
    all: Counted,
    squares: f64,
    failed: u64,
    responses: [Counted; 5],
    grades: [[Counted; 5]; 3],
    cured: Counted,
    died: Counted,
    times: [Times; 3],
}

/// Names of the survival curves, with the places of their times and events in the outcome.
const CURVES: [(&str, usize, usize); 3] = [
    (PROGRESSION_FREE, outcome::PFS, outcome::PROGRESSED),
    (OVERALL, outcome::SURVIVAL, outcome::DIED),
    (RESPONSE, outcome::RESPONSE_DURATION, outcome::RESPONSE_ENDED),
];
/// Name of the curve of progression-free survival.
pub const PROGRESSION_FREE: &str = "Progression-free survival";
/// Name of the curve of overall survival.
pub const OVERALL: &str = "Overall survival";
/// Name of the curve of responses.
pub const RESPONSE: &str = "Duration of response";

impl Tally {
    /// An empty tally.
    pub fn new(question: &Question) -> Self {
        let columns = question.outcome_columns();
        let bins = |column: &OutcomeColumn| Bins::of(column.scale, PER_DECADE).map(Histogram::new);
        let none = Counted::default();
        Self {
            is_own: matches!(question.arms[0].subject, Subject::Own(..)),
            histograms: columns.iter().map(bins).collect(),
            columns,
            all: none,
            squares: 0.0,
            failed: 0,
            responses: [none; 5],
            grades: [[none; 5]; 3],
            cured: none,
            died: none,
            times: Default::default(),
        }
    }

    /// Counts a patient with a weight; the row of one who failed begins with NaN.
    pub fn add(&mut self, row: &[f64], weight: f64) {
        if row[0].is_nan() {
            self.failed += 1;
            return;
        }
        self.all.add(weight);
        self.squares += weight * weight;
        for (histogram, value) in self.histograms.iter_mut().zip(row) {
            if let Some(histogram) = histogram {
                histogram.add(*value, weight);
            }
        }
        if self.is_own {
            self.add_response(row, weight);
        }
    }

    fn add_response(&mut self, row: &[f64], weight: f64) {
        self.responses[(row[outcome::BEST_RESPONSE] as usize).min(4)].add(weight);
        for (k, place) in
            [outcome::CRS_GRADE, outcome::ICANS_GRADE, outcome::ORGAN_GRADE].into_iter().enumerate()
        {
            self.grades[k][(row[place] as usize).min(4)].add(weight);
        }
        if row[outcome::CURED] == 1.0 {
            self.cured.add(weight);
        }
        if row[outcome::DIED] == 1.0 {
            self.died.add(weight);
        }
        for (times, (_, days, event)) in self.times.iter_mut().zip(CURVES) {
            if row[days].is_finite() {
                times.add(row[days], row[event] == 1.0, weight);
            }
        }
    }

    /// Patients whose solution failed.
    pub fn failed(&self) -> u64 {
        self.failed
    }

    /// The arm's answer, still without bands and courses.
    pub fn answer(&self, name: &str, changes: &[(String, String)], is_weighted: bool) -> ArmAnswer {
        let quantiles = self.columns.iter().zip(&self.histograms).filter_map(|(column, histogram)| {
            let histogram = histogram.as_ref()?;
            Some(Quantiles {
                name: column.column.name.clone(),
                unit: column.column.unit.clone(),
                meaning: column.column.meaning.clone(),
                patients: histogram.total(),
                values: histogram.quantiles(super::bands::PROBABILITIES).map(some),
            })
        });
        let curves = self.times.iter().zip(CURVES).map(|(times, (name, ..))| times.curve(name));
        ArmAnswer {
            name: name.into(),
            changes: changes.to_vec(),
            patients: self.all.patients,
            failed: self.failed,
            effective: is_weighted.then(|| self.effective()),
            quantiles: quantiles.collect(),
            rates: if self.is_own { self.rates() } else { Vec::new() },
            crs: self.grades[0].map(|counted| self.share(counted)),
            survival: if self.is_own { curves.collect() } else { Vec::new() },
            bands: Vec::new(),
            courses: Vec::new(),
        }
    }

    /// Number of equally weighted patients that would be worth as much.
    fn effective(&self) -> f64 {
        if self.squares > 0.0 { self.all.weight * self.all.weight / self.squares } else { 0.0 }
    }

    fn share(&self, counted: Counted) -> f64 {
        if self.all.weight > 0.0 { counted.weight / self.all.weight } else { 0.0 }
    }

    fn rate(&self, name: &str, meaning: &str, counted: Counted) -> Rate {
        let share = self.share(counted);
        // A cast from float saturates.
        let worth = self.effective().round();
        let interval = wilson((share * worth).round() as u32, worth as u32);
        Rate {
            name: name.into(),
            meaning: meaning.into(),
            count: counted.patients,
            of: self.all.patients,
            share,
            interval: (interval.low.min(share), interval.high.max(share)),
        }
    }

    fn rates(&self) -> Vec<Rate> {
        let r = &self.responses;
        let mut rates =
            vec![self.rate("objective_response", "Confirmed complete or partial response", r[0].and(r[1]))];
        for (i, counted) in r.iter().enumerate() {
            let word = response_word(i as f64);
            rates.push(self.rate(
                &format!("best_{word}"),
                &format!("Best overall response {word}"),
                *counted,
            ));
        }
        rates.push(self.rate("cured", "No tumour cell left on the last day", self.cured));
        rates.push(self.rate("died", "Dead by the last day", self.died));
        let toxicities = ["crs", "icans", "organ"];
        let meanings = ["Cytokine release", "Neurotoxicity", "Loss of the organ at risk"];
        for ((name, meaning), grades) in toxicities.iter().zip(meanings).zip(&self.grades) {
            for grade in 1..5 {
                let counted = grades[grade..].iter().fold(Counted::default(), |sum, one| sum.and(*one));
                let meaning = format!("{meaning} of grade {grade} or more");
                rates.push(self.rate(&format!("{name}_{grade}"), &meaning, counted));
            }
        }
        rates
    }
}
