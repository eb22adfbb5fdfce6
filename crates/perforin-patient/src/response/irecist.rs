//! iRECIST (Seymour 2017, doi 10.1016/S1470-2045(17)30074-8): progression must be confirmed.
//!
//! What RECIST 1.1 calls progression is first unconfirmed (iUPD). At the next visit it is confirmed (iCPD) if it has gone
//! on: the sum of target lesions has grown by 5 mm more, the other lesions are worse again, a further lesion is new, or
//! the sum of the new ones has grown by 5 mm. If the target lesions are back within stable disease or response and
//! nothing new is left, progression is taken back and would have to begin anew against the nadir. Else it stays
//! unconfirmed.

use super::recist::{Baseline, NonTarget, has_progressed, is_partial};
use super::{ResponseError, check};

/// Growth that confirms progression, mm.
const CONFIRMS: f64 = 5.0;

/// A visit after baseline.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    /// Day.
    pub day: f64,
    /// Size of each target lesion, mm; `None` if they could not be measured.
    pub targets: Option<Vec<f64>>,
    /// The other lesions. [`NonTarget::Progressive`] at a visit after it confirms.
    pub non_target: NonTarget,
    /// Sizes of all lesions that are new since baseline, mm.
    pub new_lesions: Vec<f64>,
}

/// Response at a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Response {
    /// Complete response.
    Complete,
    /// Partial response.
    Partial,
    /// Stable disease.
    Stable,
    /// Progression that is not confirmed.
    Unconfirmed,
    /// Progression that is confirmed.
    Confirmed,
    /// Not evaluable.
    NotEvaluable,
}

/// What was seen when progression was last called unconfirmed.
#[derive(Clone, Copy, Debug)]
struct Pending {
    sum: f64,
    new: (usize, f64),
    non_target: bool,
}

/// Response at every visit; after a confirmed progression all are confirmed.
///
/// # Errors
/// If visits are not in order, or their sizes do not fit the baseline.
pub fn assess(baseline: &Baseline, visits: &[Visit]) -> Result<Vec<Response>, ResponseError> {
    check(baseline.targets.len(), visits.iter().map(|v| (v.day, v.targets.as_deref())))?;
    let start: f64 = baseline.targets.iter().sum();
    let (mut nadir, mut pending, mut confirmed) = (start, None, false);
    let mut responses = Vec::with_capacity(visits.len());
    for visit in visits {
        let Some(sizes) = visit.targets.as_deref().filter(|_| !confirmed) else {
            responses.push(if confirmed { Response::Confirmed } else { Response::NotEvaluable });
            continue;
        };
        let sum: f64 = sizes.iter().sum();
        let now = Pending {
            sum,
            new: (visit.new_lesions.len(), visit.new_lesions.iter().sum()),
            non_target: visit.non_target == NonTarget::Progressive,
        };
        let progressed = has_progressed(sum, nadir) || now.new.0 > 0 || now.non_target;
        let response = match pending {
            Some(before) if goes_on(before, now) => Response::Confirmed,
            _ if progressed => Response::Unconfirmed,
            _ if baseline.all_gone(sizes) && visit.non_target == NonTarget::Gone => Response::Complete,
            _ if is_partial(sum, start) => Response::Partial,
            _ => Response::Stable,
        };
        confirmed = response == Response::Confirmed;
        pending = (response == Response::Unconfirmed).then_some(now);
        nadir = nadir.min(sum);
        responses.push(response);
    }
    Ok(responses)
}

fn goes_on(before: Pending, now: Pending) -> bool {
    now.sum - before.sum >= CONFIRMS - 1e-9
        || now.new.0 > before.new.0
        || (now.new.0 > 0 && now.new.1 - before.new.1 >= CONFIRMS - 1e-9)
        || (before.non_target && now.non_target)
}

/// Day of progression: that of the unconfirmed progression that was confirmed, or that was never looked at again.
pub fn progression(visits: &[Visit], responses: &[Response]) -> Option<f64> {
    let mut since = None;
    for (visit, response) in visits.iter().zip(responses) {
        match response {
            Response::Unconfirmed => since = since.or(Some(visit.day)),
            Response::Confirmed => return since.or(Some(visit.day)),
            Response::NotEvaluable => {}
            _ => since = None,
        }
    }
    since
}

/// The responses in the words of RECIST 1.1, in which progression begins when what was confirmed later was first seen;
/// an unconfirmed progression that was taken back counts as stable disease.
pub fn in_recist(visits: &[Visit], responses: &[Response]) -> Vec<super::Response> {
    let since = progression(visits, responses).unwrap_or(f64::INFINITY);
    let word = |(visit, response): (&Visit, &Response)| match response {
        Response::NotEvaluable => super::Response::NotEvaluable,
        _ if visit.day >= since => super::Response::Progressive,
        Response::Complete => super::Response::Complete,
        Response::Partial => super::Response::Partial,
        _ => super::Response::Stable,
    };
    visits.iter().zip(responses).map(word).collect()
}
