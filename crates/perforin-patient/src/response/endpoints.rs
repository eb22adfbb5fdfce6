//! Times that follow from visits and death.

use super::Response;

/// A time to an event, or to the last moment at which it had not happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Time {
    /// Days from the start.
    pub days: f64,
    /// Whether the event happened; otherwise the time is censored.
    pub event: bool,
}

/// Progression-free survival: to progression or death, else censored at the last visit that could be assessed (the
/// start if there was none).
pub fn progression_free(days: &[f64], responses: &[Response], death: Option<f64>) -> Time {
    let progression = first(days, responses, |r| r == Response::Progressive);
    match (progression, death) {
        (Some(days), Some(death)) => Time { days: days.min(death), event: true },
        (Some(days), None) | (None, Some(days)) => Time { days, event: true },
        (None, None) => {
            let last = days.iter().zip(responses).rfind(|(_, r)| **r != Response::NotEvaluable);
            Time { days: last.map_or(0.0, |(day, _)| *day), event: false }
        }
    }
}

/// Duration of response: from the first complete or partial response to progression or death; `None` without a response.
pub fn duration_of_response(days: &[f64], responses: &[Response], death: Option<f64>) -> Option<Time> {
    let begin = first(days, responses, Response::is_response)?;
    let whole = progression_free(days, responses, death);
    (whole.days >= begin).then_some(Time { days: whole.days - begin, event: whole.event })
}

/// Overall survival: to death, else censored at the end of follow-up.
pub fn overall(death: Option<f64>, follow_up: f64) -> Time {
    match death.filter(|day| *day <= follow_up) {
        Some(days) => Time { days, event: true },
        None => Time { days: follow_up, event: false },
    }
}

fn first(days: &[f64], responses: &[Response], holds: impl Fn(Response) -> bool) -> Option<f64> {
    days.iter().zip(responses).find(|(_, r)| holds(**r)).map(|(day, _)| *day)
}
