//! The answer: what a patient or the arms of a population came to, in numbers.

use std::collections::BTreeMap;

use perforin_atlas::assess::wilson;
use serde::{Deserialize, Serialize};

use super::histogram::{Bins, Histogram};
use super::outcome;
use super::question::{Question, Subject};
use super::seen::{OutcomeColumn, Seen, response_word};

/// Bins of a decade: 0.23 % apart.
const PER_DECADE: usize = 1000;

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The published model with its identifier; none for Perforin's own.
    pub published: Option<(String, String)>,
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
    /// Quantiles of outcomes.
    pub quantiles: Vec<Quantiles>,
    /// Shares of patients.
    pub rates: Vec<Rate>,
    /// Patients with each grade of cytokine release.
    pub crs: [u64; 5],
    /// Median progression-free time, d; none if not reached.
    pub median_pfs: Option<f64>,
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
    /// How many.
    pub count: u64,
    /// Of how many.
    pub of: u64,
    /// Ends of the 95 % interval (Wilson's).
    pub interval: (f64, f64),
}

impl Rate {
    fn new(name: &str, meaning: &str, count: u64, of: u64) -> Self {
        let whole = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        let interval = wilson(whole(count), whole(of));
        Self {
            name: name.into(),
            meaning: meaning.into(),
            count,
            of,
            interval: (interval.low, interval.high),
        }
    }

    /// The share.
    pub fn share(&self) -> f64 {
        self.count as f64 / self.of.max(1) as f64
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
    /// Sum of the diameters of the target lesions, mm.
    pub sum: Option<f64>,
    /// Its change from day 0, %.
    pub change: Option<f64>,
    /// Response by RECIST 1.1; empty on day 0.
    pub recist: String,
    /// Response by iRECIST; empty on day 0.
    pub irecist: String,
}

impl Course {
    /// The course of a patient who was seen.
    pub fn of(seen: &Seen) -> Self {
        let visits = seen.visits.iter().map(|visit| Visit {
            day: visit.day,
            sum: some(visit.sum),
            change: some(visit.change),
            recist: visit.recist.map(|r| r.to_string()).unwrap_or_default(),
            irecist: visit.irecist.unwrap_or_default().into(),
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

/// What an arm comes to, patient by patient; its memory does not grow with them.
#[derive(Debug)]
pub struct Tally {
    is_own: bool,
    columns: Vec<OutcomeColumn>,
    histograms: Vec<Option<Histogram>>,
    patients: u64,
    failed: u64,
    responses: [u64; 5],
    grades: [[u64; 5]; 3],
    cured: u64,
    /// Progressions and censorings by the bits of their day, which for positive numbers are in its order.
    progression: BTreeMap<u64, [u64; 2]>,
}

impl Tally {
    /// An empty tally.
    pub fn new(question: &Question) -> Self {
        let columns = question.outcome_columns();
        let bins = |column: &OutcomeColumn| Bins::of(column.scale, PER_DECADE).map(Histogram::new);
        Self {
            is_own: matches!(question.arms[0].subject, Subject::Own(..)),
            histograms: columns.iter().map(bins).collect(),
            columns,
            patients: 0,
            failed: 0,
            responses: [0; 5],
            grades: [[0; 5]; 3],
            cured: 0,
            progression: BTreeMap::new(),
        }
    }

    /// Counts a patient; the row of one who failed begins with NaN.
    pub fn add(&mut self, row: &[f64]) {
        if row[0].is_nan() {
            self.failed += 1;
            return;
        }
        self.patients += 1;
        for (histogram, value) in self.histograms.iter_mut().zip(row) {
            if let Some(histogram) = histogram {
                histogram.add(*value);
            }
        }
        if !self.is_own {
            return;
        }
        self.responses[(row[outcome::BEST_RESPONSE] as usize).min(4)] += 1;
        for (k, place) in
            [outcome::CRS_GRADE, outcome::ICANS_GRADE, outcome::ORGAN_GRADE].into_iter().enumerate()
        {
            self.grades[k][(row[place] as usize).min(4)] += 1;
        }
        self.cured += u64::from(row[outcome::CURED] == 1.0);
        let is_censored = usize::from(row[outcome::PROGRESSED] == 0.0);
        self.progression.entry(row[outcome::PFS].to_bits()).or_default()[is_censored] += 1;
    }

    /// Patients whose solution failed.
    pub fn failed(&self) -> u64 {
        self.failed
    }

    /// The arm's answer, still without bands and courses.
    pub fn answer(&self, name: &str, changes: &[(String, String)]) -> ArmAnswer {
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
        ArmAnswer {
            name: name.into(),
            changes: changes.to_vec(),
            patients: self.patients,
            failed: self.failed,
            quantiles: quantiles.collect(),
            rates: if self.is_own { self.rates() } else { Vec::new() },
            crs: self.grades[0],
            median_pfs: if self.is_own { median(&self.progression) } else { None },
            bands: Vec::new(),
            courses: Vec::new(),
        }
    }

    fn rates(&self) -> Vec<Rate> {
        let n = self.patients;
        let rate = |name: &str, meaning: &str, count| Rate::new(name, meaning, count, n);
        let r = &self.responses;
        let mut rates = vec![rate(
            "objective_response",
            "Confirmed complete or partial response by RECIST 1.1",
            r[0] + r[1],
        )];
        for (i, count) in r.iter().enumerate() {
            let word = response_word(i as f64);
            rates.push(rate(&format!("best_{word}"), &format!("Best overall response {word}"), *count));
        }
        rates.push(rate("cured", "No tumour cell left on the last day", self.cured));
        let toxicities = ["crs", "icans", "organ"];
        let meanings = ["Cytokine release", "Neurotoxicity", "Loss of the organ at risk"];
        for ((name, meaning), grades) in toxicities.iter().zip(meanings).zip(&self.grades) {
            for grade in 1..5 {
                let count = grades[grade..].iter().sum();
                rates.push(rate(
                    &format!("{name}_{grade}"),
                    &format!("{meaning} of grade {grade} or more"),
                    count,
                ));
            }
        }
        rates
    }
}

/// Median of times by the product-limit estimate (Kaplan & Meier 1958, doi 10.1080/01621459.1958.10501452); none if it is
/// not reached. `times` has, by the bits of the day, events and censorings.
fn median(times: &BTreeMap<u64, [u64; 2]>) -> Option<f64> {
    let mut at_risk: u64 = times.values().flatten().sum();
    let mut survival = 1.0;
    for (day, [events, censored]) in times {
        survival *= 1.0 - *events as f64 / at_risk as f64;
        if survival <= 0.5 {
            return Some(f64::from_bits(*day));
        }
        at_risk -= events + censored;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four events among six: survival is 5/6, 2/3, then 2/3 · 2/3 = 4/9 at day 30 with one censored before.
    #[test]
    fn the_median_is_that_of_the_product_limit_estimate() {
        let mut times = BTreeMap::new();
        for (day, counts) in [(10.0_f64, [1, 0]), (20.0, [1, 1]), (30.0, [1, 0]), (40.0, [1, 1])] {
            times.insert(day.to_bits(), counts);
        }
        assert_eq!(median(&times), Some(30.0));
        // One event among four: three quarters are free of it to the end.
        let few = BTreeMap::from([(10.0_f64.to_bits(), [1, 0]), (50.0_f64.to_bits(), [0, 3])]);
        assert_eq!(median(&few), None);
        assert_eq!(median(&BTreeMap::new()), None);
    }
}
