//! When a patient is seen.

use perforin_core::catalogue::patient;
use perforin_core::study::{PatientSection, StudyFile};
use perforin_lesion::scenario::Notes;

use super::OWN;

/// Day until which a series is fine where the study gives no interval: most happens in the first four weeks.
const FINE_UNTIL: f64 = 28.0;
/// Most days in a series.
const MOST_DAYS: usize = 100_000;

/// When a patient is seen.
#[derive(Clone, Debug)]
pub(super) struct Schedule {
    /// Days that a patient is followed.
    pub duration: f64,
    /// Days of the series.
    pub days: Vec<f64>,
    /// Places of the visits among them, day 0 first.
    pub visits: Vec<usize>,
}

impl Schedule {
    /// Reads when a patient is seen who is followed for `duration` days, on the days `also` too.
    pub fn read(
        file: &StudyFile,
        section: &PatientSection,
        (duration, also): (f64, &[f64]),
        notes: &mut Notes,
    ) -> Self {
        let every = section.visits.every.map(|time| time.value() / 1440.0);
        let every = notes.value("patient.visits.every", every, &patient::VISIT_EVERY);
        let first = section.visits.first.unwrap_or(every);
        notes.given("patient.visits.first", first, "d", "Day of the first visit after day 0");
        if !(first > 0.0 && first.is_finite()) {
            let message = format!("day {first} is not after day 0");
            notes.wrong("patient.visits.first", message, "give a day above 0");
        }
        let step = file.output.series_every.map(|time| time.value() / 1440.0);
        if step.is_some_and(|days| days <= 0.0) {
            notes.wrong("output.series_every", "that is no interval", "write series_every = \"1 d\"");
        }
        if !notes.problems.is_empty() {
            return Self { duration, days: vec![0.0], visits: vec![0] };
        }
        let mut visits = vec![0.0];
        if section.model.as_deref().is_none_or(|name| name == OWN) {
            visits.extend(multiples(first, every, duration));
        }
        let mut days = of_series(step, duration, file.population.is_none());
        days.extend(visits.iter().chain(also));
        days.push(duration);
        days.sort_by(f64::total_cmp);
        days.dedup();
        let visits = visits.iter().map(|visit| days.partition_point(|day| day < visit)).collect();
        if days.len() >= MOST_DAYS {
            let message = format!("{} rows", days.len());
            notes.wrong("output.series_every", message, "give a longer interval");
        }
        Self { duration, days, visits }
    }
}

/// Days of the series: every `step`, or where the study gives none, fine at first and coarse later.
fn of_series(step: Option<f64>, duration: f64, is_one: bool) -> Vec<f64> {
    if let Some(step) = step {
        return multiples(0.0, step, duration);
    }
    let (fine, coarse) = if is_one { (0.25, 1.0) } else { (1.0, 7.0) };
    let mut days = multiples(0.0, fine, duration.min(FINE_UNTIL));
    days.extend(multiples(FINE_UNTIL, coarse, duration));
    days
}

/// Days from the first on at an interval, up to the end.
fn multiples(first: f64, every: f64, end: f64) -> Vec<f64> {
    (0..MOST_DAYS).map(|k| first + every * k as f64).take_while(|day| *day <= end).collect()
}
