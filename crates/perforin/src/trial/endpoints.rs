//! Endpoints of virtual patients at each dose level: response, its duration, progression-free and overall survival.

use perforin_core::study::patient::ResponseCriteria;
use perforin_trial::binomial::clopper_pearson;
use perforin_trial::survival::{KaplanMeier, Observation};
use serde::{Deserialize, Serialize};

use super::efficacy::Curve;
use super::efficacy::randomised::curve;
use crate::patient::answer::Course;
use crate::patient::outcome::{
    BEST_RESPONSE, DIED, PFS, PROGRESSED, RESPONSE_DURATION, RESPONSE_ENDED, SURVIVAL,
};
use crate::patient::seen::{Seen, response_word};

/// Patients of a level who are kept in full, for the plots.
const COURSES: usize = 100;
/// Confidence of the intervals.
const CONFIDENCE: f64 = 0.95;

/// Whose endpoints they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Enrolled {
    /// All virtual patients.
    All,
    /// Those whom the test calls positive.
    Selected,
}

impl Enrolled {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Selected => "selected",
        }
    }
}

/// Endpoints at one level.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LevelEndpoints {
    /// The level, from 0.
    pub level: usize,
    /// Whose they are.
    pub enrolled: Enrolled,
    /// Virtual patients, all infused with the planned dose.
    pub patients: u32,
    /// Those with a confirmed response.
    pub responders: u32,
    /// 95 % interval of the response rate (Clopper & Pearson).
    pub interval: (f64, f64),
    /// Duration of response of the responders.
    pub duration: Option<Duration>,
    /// Progression-free survival of all.
    pub progression: Option<Duration>,
    /// Overall survival of all.
    pub survival: Option<Duration>,
    /// Criteria of response.
    pub criteria: String,
    /// The first patients in full.
    pub courses: Vec<Course>,
}

/// A time with its median.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Duration {
    /// Median, d; none if not reached.
    pub median: Option<f64>,
    /// Its 95 % interval; an open end is none.
    pub interval: (Option<f64>, Option<f64>),
    /// Kaplan–Meier curve.
    pub curve: Curve,
}

impl LevelEndpoints {
    /// The endpoints of the patients of a level, whose response was told by the `criteria`.
    pub fn of((level, enrolled): (usize, Enrolled), seen: &[&Seen], criteria: ResponseCriteria) -> Self {
        let responds = |s: &&&Seen| matches!(response_word(s.outcome[BEST_RESPONSE]), "CR" | "PR");
        let responders: Vec<&Seen> = seen.iter().filter(responds).copied().collect();
        let (n, k) = (seen.len() as u32, responders.len() as u32);
        let name = match enrolled {
            Enrolled::All => format!("level {}", level + 1),
            Enrolled::Selected => format!("level {}, selected", level + 1),
        };
        // Numbers at risk of all levels stand at the same days, up to the end of follow-up.
        let followed =
            seen.iter().map(|s| s.outcome[SURVIVAL]).filter(|day| day.is_finite()).fold(0.0, f64::max);
        let times = |seen: &[&Seen], time: usize, ended: usize, last: Option<f64>| {
            let of = |s: &&Seen| Observation { time: s.outcome[time], event: s.outcome[ended] > 0.0 };
            let observed = seen.iter().map(of);
            Duration::of(&name, &observed.filter(|o| o.time.is_finite()).collect::<Vec<_>>(), last)
        };
        Self {
            level,
            enrolled,
            patients: n,
            responders: k,
            interval: if n > 0 { clopper_pearson(k, n, CONFIDENCE) } else { (0.0, 1.0) },
            duration: times(&responders, RESPONSE_DURATION, RESPONSE_ENDED, None),
            progression: times(seen, PFS, PROGRESSED, Some(followed)),
            survival: times(seen, SURVIVAL, DIED, Some(followed)),
            criteria: criteria.to_string(),
            courses: seen.iter().take(COURSES).map(|patient| Course::of(patient)).collect(),
        }
    }
}

impl Duration {
    /// With numbers at risk up to `last`, or the last day of anybody; nothing if nobody is there.
    fn of(name: &str, observed: &[Observation], last: Option<f64>) -> Option<Self> {
        let fitted = KaplanMeier::new(observed).ok()?;
        let curve = curve(name, observed, last.unwrap_or(fitted.last))?;
        let interval = fitted.quantile_interval(0.5, CONFIDENCE);
        Some(Self { median: fitted.quantile(0.5), interval, curve })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four responders of five: durations 10, 20+, 30 and 40 give 3/4, then 3/4 · 1/2.
    #[test]
    fn duration_of_response_is_that_of_responders_alone() {
        let patient = |number, response: f64, duration: f64, ended: f64| {
            let mut outcome = vec![0.0; 25];
            outcome[BEST_RESPONSE] = response;
            outcome[RESPONSE_DURATION] = duration;
            outcome[RESPONSE_ENDED] = ended;
            (outcome[PFS], outcome[PROGRESSED]) = (100.0, 1.0);
            (outcome[SURVIVAL], outcome[DIED]) = (150.0 + duration, 1.0);
            Seen { number, series: Vec::new(), outcome, visits: Vec::new() }
        };
        let seen = [
            patient(0, 0.0, 10.0, 1.0),
            patient(1, 1.0, 20.0, 0.0),
            patient(2, 1.0, 30.0, 1.0),
            patient(3, 1.0, 40.0, 0.0),
            patient(4, 3.0, f64::NAN, f64::NAN),
        ];
        let all: Vec<&Seen> = seen.iter().collect();
        let found = LevelEndpoints::of((1, Enrolled::All), &all, ResponseCriteria::Recist);
        assert_eq!((found.patients, found.responders), (5, 4));
        let duration = found.duration.unwrap();
        assert_eq!(duration.curve.steps, [(10.0, 0.75), (30.0, 0.375)]);
        assert_eq!((duration.median, duration.curve.censored), (Some(30.0), vec![20.0, 40.0]));
        assert_eq!(found.progression.unwrap().median, Some(100.0));
        // The fifth patient has no duration of response and, in this test, no day of death.
        assert_eq!(found.survival.unwrap().median, Some(170.0));
        let first = LevelEndpoints::of((1, Enrolled::Selected), &all[..1], ResponseCriteria::Recist);
        assert_eq!((first.patients, first.responders), (1, 1));
        assert_eq!(first.duration.unwrap().curve.name, "level 2, selected");
        // R: binom.test(4, 5).
        assert!(
            (found.interval.0 - 0.283_582_1).abs() < 1e-6 && (found.interval.1 - 0.994_949_2).abs() < 1e-6
        );
    }
}
