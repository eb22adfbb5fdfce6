//! RECIST 1.1 (Eisenhauer 2009, doi 10.1016/j.ejca.2008.10.026).
//!
//! Up to five target lesions, two per organ, are measured at every visit: the longest diameter, of lymph nodes the short
//! axis. Against the sum of diameters at baseline and its smallest value so far (nadir, the baseline included):
//!
//! | response | target lesions |
//! |---|---|
//! | CR | all gone, and every node below 10 mm |
//! | PR | sum at least 30 % below baseline |
//! | PD | sum at least 20 % and 5 mm above nadir |
//! | SD | none of these |
//!
//! A new lesion or unequivocal progression of the others is PD. A patient who has had PR keeps it until CR or PD
//! (EORTC's answers to frequent questions). After CR a lesion that comes back is PD; of a node, its growth decides.

use super::{Response, ResponseError, check};

/// Smallest long diameter of a measurable lesion, mm.
pub const MEASURABLE: f64 = 10.0;
/// Smallest short axis of a measurable lymph node, mm.
pub const MEASURABLE_NODE: f64 = 15.0;
/// Short axis below which a lymph node is normal, mm.
pub const NORMAL_NODE: f64 = 10.0;
/// What a lesion is given that is seen but too small to measure, mm.
pub const TOO_SMALL: f64 = 5.0;
/// Most target lesions in all, and in one organ.
pub const MOST_TARGETS: (usize, usize) = (5, 2);
/// Time after which a response must be confirmed, d.
pub const CONFIRMATION: f64 = 28.0;

/// A lesion at baseline.
#[derive(Clone, Debug, PartialEq)]
pub struct Lesion {
    /// Organ; lymph nodes count as one.
    pub organ: String,
    /// Whether it is a lymph node, measured by its short axis.
    pub node: bool,
    /// Size, mm.
    pub size: f64,
}

/// The lesions to measure: the largest measurable ones, at most five, two per organ; their places, in order of size.
pub fn choose_targets(lesions: &[Lesion]) -> Vec<usize> {
    let measurable = |lesion: &Lesion| lesion.size >= if lesion.node { MEASURABLE_NODE } else { MEASURABLE };
    let mut order: Vec<usize> = (0..lesions.len()).filter(|i| measurable(&lesions[*i])).collect();
    order.sort_by(|a, b| lesions[*b].size.total_cmp(&lesions[*a].size));
    let mut chosen: Vec<usize> = Vec::new();
    for i in order {
        let same_organ = chosen.iter().filter(|c| lesions[**c].organ == lesions[i].organ).count();
        if chosen.len() < MOST_TARGETS.0 && same_organ < MOST_TARGETS.1 {
            chosen.push(i);
        }
    }
    chosen
}

/// The lesions that are not measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NonTarget {
    /// There were none at baseline, or all are gone.
    #[default]
    Gone,
    /// Some are left, not clearly worse.
    Present,
    /// Clearly worse.
    Progressive,
    /// Not looked at.
    NotEvaluated,
}

/// A visit after baseline.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    /// Day.
    pub day: f64,
    /// Size of each target lesion, mm, in the order of the baseline; `None` if they could not be measured.
    pub targets: Option<Vec<f64>>,
    /// The other lesions.
    pub non_target: NonTarget,
    /// Whether there is a new lesion.
    pub new_lesion: bool,
}

/// What is measured, before treatment.
#[derive(Clone, Debug, PartialEq)]
pub struct Baseline {
    /// Sizes of the target lesions, mm.
    pub targets: Vec<f64>,
    /// Which of them are lymph nodes.
    pub nodes: Vec<bool>,
}

impl Baseline {
    /// Target lesions of which none is a lymph node.
    pub fn of(targets: &[f64]) -> Self {
        Self { targets: targets.to_vec(), nodes: vec![false; targets.len()] }
    }

    pub(super) fn all_gone(&self, sizes: &[f64]) -> bool {
        sizes
            .iter()
            .zip(&self.nodes)
            .all(|(size, node)| if *node { *size < NORMAL_NODE } else { *size == 0.0 })
    }
}

/// Whether a sum has progressed over its nadir: by 20 % and by 5 mm.
pub fn has_progressed(sum: f64, nadir: f64) -> bool {
    // A hair below, since 60 mm · 1.2 is not 72 mm to the last bit.
    sum >= 1.2 * nadir * (1.0 - 1e-12) && sum - nadir >= 5.0 - 1e-9
}

/// Whether a sum is a partial response to the baseline: 30 % below.
pub fn is_partial(sum: f64, baseline: f64) -> bool {
    sum <= 0.7 * baseline * (1.0 + 1e-12)
}

/// Response at every visit.
///
/// # Errors
/// If visits are not in order, or their sizes do not fit the baseline.
pub fn assess(baseline: &Baseline, visits: &[Visit]) -> Result<Vec<Response>, ResponseError> {
    check(baseline.targets.len(), visits.iter().map(|v| (v.day, v.targets.as_deref())))?;
    let start: f64 = baseline.targets.iter().sum();
    let (mut nadir, mut best) = (start, Response::Stable);
    let mut responses = Vec::with_capacity(visits.len());
    for visit in visits {
        let target = visit.targets.as_deref().map(|sizes| {
            let sum: f64 = sizes.iter().sum();
            let response = target_response(baseline, sizes, sum, (start, nadir), best);
            nadir = nadir.min(sum);
            response
        });
        let response = overall(target, visit);
        if response.is_response() {
            best = best.min(response);
        }
        responses.push(response);
    }
    Ok(responses)
}

fn target_response(
    baseline: &Baseline,
    sizes: &[f64],
    sum: f64,
    (start, nadir): (f64, f64),
    best: Response,
) -> Response {
    let returned = || sizes.iter().zip(&baseline.nodes).any(|(size, node)| !node && *size > 0.0);
    if baseline.all_gone(sizes) {
        Response::Complete
    } else if has_progressed(sum, nadir) || (best == Response::Complete && returned()) {
        Response::Progressive
    } else if is_partial(sum, start) || best.is_response() {
        Response::Partial
    } else {
        Response::Stable
    }
}

/// Table 1 of the guideline.
fn overall(target: Option<Response>, visit: &Visit) -> Response {
    if visit.new_lesion || visit.non_target == NonTarget::Progressive {
        return Response::Progressive;
    }
    match (target, visit.non_target) {
        (None, _) => Response::NotEvaluable,
        (Some(Response::Complete), NonTarget::Present | NonTarget::NotEvaluated) => Response::Partial,
        (Some(response), _) => response,
    }
}

/// Best overall response, up to the first progression.
///
/// With `confirmed`, a response counts if one at least as good follows after 28 days or more. Stable disease must last at
/// least `stable_for` days after the start (day 0).
pub fn best_overall(visits: &[Visit], responses: &[Response], confirmed: bool, stable_for: f64) -> Response {
    let until = responses.iter().position(|r| *r == Response::Progressive).unwrap_or(responses.len());
    let holds = |wanted: Response| {
        (0..until).any(|i| {
            responses[i] <= wanted
                && (!confirmed
                    || (i + 1..until)
                        .any(|j| responses[j] <= wanted && visits[j].day - visits[i].day >= CONFIRMATION))
        })
    };
    if holds(Response::Complete) {
        Response::Complete
    } else if holds(Response::Partial) {
        Response::Partial
    } else if (0..until).any(|i| responses[i] <= Response::Stable && visits[i].day >= stable_for) {
        Response::Stable
    } else if until < responses.len() {
        Response::Progressive
    } else {
        Response::NotEvaluable
    }
}
