//! RANO for high-grade glioma (Wen 2010, doi 10.1200/JCO.2009.26.3541).
//!
//! Measured is the sum of products of perpendicular diameters of enhancing lesions. Progression: 25 % above the
//! smallest sum or clearly more T2/FLAIR signal on stable or rising steroids, or a new lesion, clearly larger lesions
//! among those that are not measured, or clinical deterioration. Complete response: all enhancement gone, no steroids. Partial response: 50 % below baseline, steroids not
//! raised. Both need T2/FLAIR and the patient stable or better, and the same again four weeks later.

use super::recist::NonTarget;
use super::{Response, ResponseError, check};

/// Smallest of both diameters of a measurable lesion, mm.
pub const MEASURABLE: f64 = 10.0;
/// Most lesions that are measured.
pub const MOST_TARGETS: usize = 5;
/// Time after which a response must be confirmed, d.
pub const CONFIRMATION: f64 = 28.0;

/// A visit.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    /// Day.
    pub day: f64,
    /// Product of perpendicular diameters of each measured lesion, mm².
    pub products: Option<Vec<f64>>,
    /// Whether T2/FLAIR signal is clearly more than at its best, not from other causes.
    pub flair_worse: bool,
    /// The lesions that are not measured.
    pub non_measurable: NonTarget,
    /// Whether there is a new lesion.
    pub new_lesion: bool,
    /// Steroids, mg dexamethasone per day.
    pub steroids: f64,
    /// Whether the patient is clearly worse, not from other causes.
    pub clinically_worse: bool,
}

/// What is measured, before treatment.
#[derive(Clone, Debug, PartialEq)]
pub struct Baseline {
    /// Product of perpendicular diameters of each lesion, mm².
    pub products: Vec<f64>,
    /// Steroids, mg dexamethasone per day.
    pub steroids: f64,
}

/// The lesions to measure, by their smaller diameters, mm: the largest measurable ones; their places, in order of size.
pub fn choose_targets(diameters: &[f64]) -> Vec<usize> {
    let mut chosen: Vec<usize> = (0..diameters.len()).filter(|i| diameters[*i] >= MEASURABLE).collect();
    chosen.sort_by(|a, b| diameters[*b].total_cmp(&diameters[*a]));
    chosen.truncate(MOST_TARGETS);
    chosen
}

/// Response at every visit; complete and partial responses before their confirmation too.
///
/// # Errors
/// If visits are not in order, or their sizes do not fit the baseline.
pub fn assess(baseline: &Baseline, visits: &[Visit]) -> Result<Vec<Response>, ResponseError> {
    check(baseline.products.len(), visits.iter().map(|v| (v.day, v.products.as_deref())))?;
    let start: f64 = baseline.products.iter().sum();
    let (mut smallest, mut steroids) = (start, baseline.steroids);
    let mut responses = Vec::with_capacity(visits.len());
    for visit in visits {
        let sum = visit.products.as_ref().map(|products| products.iter().sum::<f64>());
        let response = at_visit(visit, sum, start, smallest, (baseline.steroids, steroids));
        if let Some(sum) = sum.filter(|sum| *sum < smallest) {
            (smallest, steroids) = (sum, visit.steroids);
        }
        responses.push(response);
    }
    Ok(responses)
}

fn at_visit(
    visit: &Visit,
    sum: Option<f64>,
    start: f64,
    smallest: f64,
    (first, at_best): (f64, f64),
) -> Response {
    if visit.new_lesion || visit.clinically_worse || visit.non_measurable == NonTarget::Progressive {
        return Response::Progressive;
    }
    // Less steroid makes enhancement and signal grow by itself, so only stable or rising doses tell.
    let tells = visit.steroids >= at_best;
    let Some(sum) = sum else { return Response::NotEvaluable };
    let grown = if smallest == 0.0 { sum > 0.0 } else { sum >= 1.25 * smallest * (1.0 - 1e-12) };
    if tells && (grown || visit.flair_worse) {
        Response::Progressive
    } else if visit.flair_worse {
        Response::Stable
    } else if sum == 0.0 && visit.steroids == 0.0 && visit.non_measurable == NonTarget::Gone {
        Response::Complete
    } else if sum <= 0.5 * start * (1.0 + 1e-12) && visit.steroids <= first {
        Response::Partial
    } else {
        Response::Stable
    }
}

/// Best response, up to the first progression, with confirmation after four weeks.
pub fn best(visits: &[Visit], responses: &[Response]) -> Response {
    let until = responses.iter().position(|r| *r == Response::Progressive).unwrap_or(responses.len());
    let confirmed = |wanted: Response| {
        (0..until).any(|i| {
            responses[i] <= wanted
                && (i + 1..until)
                    .any(|j| responses[j] <= wanted && visits[j].day - visits[i].day >= CONFIRMATION)
        })
    };
    if confirmed(Response::Complete) {
        Response::Complete
    } else if confirmed(Response::Partial) {
        Response::Partial
    } else if responses[..until].iter().any(|r| *r <= Response::Stable) {
        Response::Stable
    } else if until < responses.len() {
        Response::Progressive
    } else {
        Response::NotEvaluable
    }
}
