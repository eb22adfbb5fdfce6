//! What was seen of a patient, whatever the model.

use perforin_patient::response::Response;

use crate::table::Column;

/// What was seen of a patient.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// Number of the patient.
    pub number: u64,
    /// For each column of the series but the time, a value for each day.
    pub series: Vec<Vec<f64>>,
    /// A value for each column of the outcome.
    pub outcome: Vec<f64>,
    /// Visits, day 0 first.
    pub visits: Vec<VisitSeen>,
}

/// What was seen at a visit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VisitSeen {
    /// Day.
    pub day: f64,
    /// Sum of the diameters of the target lesions, mm; by RANO, of the products of their diameters, mm².
    pub sum: f64,
    /// Its change from day 0, %.
    pub change: f64,
    /// Response by the study's criteria; none on day 0.
    pub response: Option<Response>,
    /// Response by RECIST 1.1; none on day 0.
    pub recist: Option<Response>,
    /// Response by iRECIST; none on day 0.
    pub irecist: Option<&'static str>,
    /// Response by RANO, if the study asks for it; none on day 0.
    pub rano: Option<Response>,
}

/// A patient whose solution failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Lost {
    /// Number of the patient.
    pub number: u64,
    /// Why, with the day if it had begun.
    pub reason: String,
}

/// What a number of an outcome stands for in tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Itself.
    Number,
    /// A response; see [`response_word`].
    Response,
}

/// A column of outcomes.
#[derive(Clone, Debug, PartialEq)]
pub struct OutcomeColumn {
    /// Heading.
    pub column: Column,
    /// What its numbers stand for.
    pub meaning: Meaning,
    /// How its distribution over patients is kept.
    pub scale: Scale,
}

/// How the distribution of a quantity is kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scale {
    /// On a logarithmic scale; for what is not negative.
    Log,
    /// On a linear scale between two ends.
    Linear(f64, f64),
    /// Not at all.
    None,
}

/// A column of outcomes that is a number.
pub fn outcome(name: &str, unit: &str, meaning: &str, scale: Scale) -> OutcomeColumn {
    OutcomeColumn { column: Column::new(name, unit, meaning), meaning: Meaning::Number, scale }
}

/// The words of responses, by the number that stands for them.
const WORDS: [(Response, &str); 5] = [
    (Response::Complete, "CR"),
    (Response::Partial, "PR"),
    (Response::Stable, "SD"),
    (Response::Progressive, "PD"),
    (Response::NotEvaluable, "NE"),
];

/// The number that stands for a response.
pub fn response_number(response: Response) -> f64 {
    WORDS.iter().position(|(known, _)| *known == response).unwrap_or(WORDS.len() - 1) as f64
}

/// The word of the response that a number stands for.
pub fn response_word(number: f64) -> &'static str {
    WORDS.get(number as usize).filter(|_| number >= 0.0).map_or("", |(_, word)| word)
}

/// The number that stands for the response of a word.
pub fn number_of_word(word: &str) -> Option<f64> {
    WORDS.iter().position(|(_, known)| *known == word).map(|place| place as f64)
}

/// Terminal half-life, d, of a course over days: from the second half of the time between its peak and its end; NaN if it
/// does not fall there.
pub fn half_life(days: &[f64], values: &[f64]) -> f64 {
    let mut peak = 0;
    for i in 0..values.len() {
        if values[i] > values[peak] {
            peak = i;
        }
    }
    let Some(end) = days.len().checked_sub(1) else { return f64::NAN };
    let middle = days.partition_point(|day| *day < 0.5 * (days[peak] + days[end]));
    let fall = libm::log(values[middle.min(end)] / values[end]);
    if fall > 0.0 && fall.is_finite() {
        std::f64::consts::LN_2 * (days[end] - days[middle]) / fall
    } else {
        f64::NAN
    }
}

/// Area under a course up to a day, by the logarithmic trapezoidal rule, which is exact for exponentials.
pub fn area(days: &[f64], values: &[f64], until: f64) -> f64 {
    let mut area = 0.0;
    for i in 1..days.len() {
        if days[i] > until {
            break;
        }
        let (step, a, b) = (days[i] - days[i - 1], values[i - 1], values[i]);
        let log = libm::log(b / a);
        let is_curved = a > 0.0 && b > 0.0 && log.abs() > 1e-6;
        area += step * if is_curved { (b - a) / log } else { 0.5 * (a + b) };
    }
    area
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of e^(-λt) the area to 28 d is (1 − e^(−28λ))/λ and the half-life ln 2/λ.
    #[test]
    fn area_and_half_life_of_an_exponential_are_exact() {
        let days: Vec<f64> = (0..=100).map(f64::from).collect();
        let values: Vec<f64> = days.iter().map(|day| libm::exp(-0.05 * day)).collect();
        assert!((area(&days, &values, 28.0) * 0.05 / -libm::expm1(-1.4) - 1.0).abs() < 1e-12);
        assert!((half_life(&days, &values) * 0.05 / std::f64::consts::LN_2 - 1.0).abs() < 1e-12);
        assert!(half_life(&days, &vec![1.0; 101]).is_nan());
        assert!(half_life(&[], &[]).is_nan());
    }

    #[test]
    fn every_response_has_a_number_and_its_word_back() {
        for (response, word) in WORDS {
            assert_eq!(response_word(response_number(response)), word);
            assert_eq!(response.to_string(), word);
        }
        assert_eq!(response_word(f64::NAN), "CR".get(..0).unwrap_or_default());
    }
}
