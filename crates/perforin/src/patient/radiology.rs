//! What radiology sees of a patient of Perforin's own model: measured lesions at visits, and response.

use perforin_core::catalogue::patient;
use perforin_core::study::patient::ResponseCriteria;
use perforin_patient::response::recist::{self, Baseline, NonTarget, TOO_SMALL};
use perforin_patient::response::{Response, irecist, rano};
use perforin_patient::solid_tumour::{MOST_LESIONS, Sample};

use super::draws::Drawn;
use super::outcome::Common;
use super::own::{Own, diameter_of};
use super::seen::VisitSeen;

/// Growth of the volume of other lesions that is clear progression (Eisenhauer 2009, doi 10.1016/j.ejca.2008.10.026:
/// 73 %, which is 20 % in diameter).
const CLEAR_GROWTH: f64 = 1.73;

/// True diameters of the lesions, mm, day by day, and which of them are targets.
pub struct Measured {
    /// Diameters.
    pub diameter: Vec<[f64; MOST_LESIONS]>,
    targets: Vec<usize>,
}

impl Measured {
    /// The lesions of a patient, of whom the targets of the study's criteria are chosen on day 0.
    pub fn of(own: &Own, common: &Common, drawn: &Drawn, samples: &[Sample<MOST_LESIONS>]) -> Self {
        let density = drawn.value(own, &patient::TUMOUR_DENSITY);
        let of = |sample: &Sample<MOST_LESIONS>| {
            sample.tumour.map(|clones| diameter_of(clones[0] + clones[1], density))
        };
        let diameter: Vec<[f64; MOST_LESIONS]> = samples.iter().map(of).collect();
        let start = diameter.first().copied().unwrap_or_default();
        let places: Vec<usize> = (0..own.lesions.len()).filter(|l| own.lesions[*l].may_be_target).collect();
        let chosen = if common.criteria == ResponseCriteria::Rano {
            rano::choose_targets(&places.iter().map(|l| start[*l]).collect::<Vec<f64>>())
        } else {
            let lesion = |l: &usize| {
                let lesion = &own.lesions[*l];
                recist::Lesion { organ: lesion.organ.clone(), node: lesion.is_node, size: start[*l] }
            };
            recist::choose_targets(&places.iter().map(lesion).collect::<Vec<_>>())
        };
        Self { diameter, targets: chosen.into_iter().map(|i| places[i]).collect() }
    }

    /// Sum of the true diameters of the targets, mm.
    pub fn sum(&self, day: usize) -> f64 {
        self.targets.iter().map(|l| self.diameter[day][*l]).sum()
    }
}

/// Visits with their responses.
pub struct Assessed {
    /// Visits, day 0 first.
    pub seen: Vec<VisitSeen>,
    /// Days of the visits after day 0.
    pub days: Vec<f64>,
    /// Response at each of them by the study's criteria, in the words of RECIST 1.1.
    pub responses: Vec<Response>,
    /// Best of them, confirmed.
    pub best: Response,
}

/// What is seen at a visit after day 0.
struct Look {
    day: f64,
    targets: Option<Vec<f64>>,
    others: NonTarget,
    new: Vec<f64>,
}

/// Sees a patient at the visits before `death`; `steroids` gives mg of dexamethasone a day.
pub fn assess(
    own: &Own,
    common: &Common,
    measured: &Measured,
    steroids: impl Fn(f64) -> f64,
    death: Option<f64>,
) -> Assessed {
    let targets = &measured.targets;
    let visible = own.value(&patient::VISIBLE);
    let sizes = targets.iter().map(|l| as_measured(measured.diameter[0][*l], visible)).collect();
    let baseline =
        Baseline { targets: sizes, nodes: targets.iter().map(|l| own.lesions[*l].is_node).collect() };
    let looks = looks(own, common, measured, death);
    let by = ByCriteria::of(&baseline, &looks, steroids, common.criteria);
    let size = measure(common.criteria);
    let start = size(&baseline.targets);
    let first = by.visit(None, 0.0, (start, start));
    let visit = |(i, look): (usize, &Look)| {
        let sum = look.targets.as_deref().map_or(f64::NAN, size);
        by.visit(Some(i), look.day, (start, sum))
    };
    Assessed {
        seen: std::iter::once(first).chain(looks.iter().enumerate().map(visit)).collect(),
        days: looks.iter().map(|look| look.day).collect(),
        responses: by.responses,
        best: by.best,
    }
}

fn looks(own: &Own, common: &Common, measured: &Measured, death: Option<f64>) -> Vec<Look> {
    let visible = own.value(&patient::VISIBLE);
    let size = |l: usize, day: usize| as_measured(measured.diameter[day][l], visible);
    let targets = &measured.targets;
    let others: Vec<usize> = (0..own.lesions.len()).filter(|l| !targets.contains(l)).collect();
    let (known, hidden): (Vec<usize>, Vec<usize>) = others.iter().partition(|l| size(**l, 0) > 0.0);
    let volume = |day: usize| known.iter().map(|l| cubed(size(*l, day))).sum::<f64>();
    let mut least = volume(0);
    let lives = |place: &&usize| death.is_none_or(|death| common.plan.days[**place] < death);
    let look = |place: &usize| {
        let now = volume(*place);
        let others = match now {
            0.0 => NonTarget::Gone,
            now if now >= CLEAR_GROWTH * least => NonTarget::Progressive,
            _ => NonTarget::Present,
        };
        least = least.min(now.max(cubed(TOO_SMALL)));
        let new = hidden.iter().map(|l| size(*l, *place)).filter(|size| *size > TOO_SMALL);
        Look {
            day: common.plan.days[*place],
            targets: (!targets.is_empty()).then(|| targets.iter().map(|l| size(*l, *place)).collect()),
            others,
            new: new.collect(),
        }
    };
    common.visits[1..].iter().take_while(lives).map(look).collect()
}

/// Responses at the visits after day 0.
struct ByCriteria {
    recist: Vec<Response>,
    irecist: Vec<irecist::Response>,
    rano: Vec<Response>,
    /// Those by the study's criteria.
    responses: Vec<Response>,
    best: Response,
}

impl ByCriteria {
    /// Days ascend and every size is one, so that nothing can be refused.
    fn of(
        baseline: &Baseline,
        looks: &[Look],
        steroids: impl Fn(f64) -> f64,
        criteria: ResponseCriteria,
    ) -> Self {
        let visits: Vec<recist::Visit> = looks.iter().map(Look::for_recist).collect();
        let recist = recist::assess(baseline, &visits).unwrap_or_default();
        let immune: Vec<irecist::Visit> = looks.iter().map(Look::for_irecist).collect();
        let irecist = irecist::assess(baseline, &immune).unwrap_or_default();
        let stable_for = visits.first().map_or(0.0, |visit| visit.day);
        let best = |responses: &[Response]| recist::best_overall(&visits, responses, true, stable_for);
        let (mut rano, mut responses) = (Vec::new(), recist.clone());
        let best = match criteria {
            ResponseCriteria::Recist => best(&responses),
            ResponseCriteria::Irecist => {
                responses = irecist::in_recist(&immune, &irecist);
                best(&responses)
            }
            ResponseCriteria::Rano => {
                let baseline =
                    rano::Baseline { products: products(&baseline.targets), steroids: steroids(0.0) };
                let visits: Vec<rano::Visit> =
                    looks.iter().map(|look| look.for_rano(steroids(look.day))).collect();
                rano = rano::assess(&baseline, &visits).unwrap_or_default();
                responses.clone_from(&rano);
                rano::best(&visits, &rano)
            }
        };
        Self { recist, irecist, rano, responses, best }
    }
}

impl ByCriteria {
    /// Visit number `i` after day 0, or day 0 itself, with the sizes of the targets at the start and now.
    fn visit(&self, i: Option<usize>, day: f64, (start, sum): (f64, f64)) -> VisitSeen {
        VisitSeen {
            day,
            sum,
            change: if i.is_some() { 100.0 * (sum / start - 1.0) } else { 0.0 },
            response: i.and_then(|i| self.responses.get(i).copied()),
            recist: i.and_then(|i| self.recist.get(i).copied()),
            irecist: i.and_then(|i| self.irecist.get(i).copied()).map(immune_word),
            rano: i.and_then(|i| self.rano.get(i).copied()),
        }
    }
}

/// What criteria sum up of the diameters of the targets, mm.
fn measure(criteria: ResponseCriteria) -> fn(&[f64]) -> f64 {
    match criteria {
        ResponseCriteria::Rano => |diameters| products(diameters).iter().sum(),
        _ => |diameters| diameters.iter().sum(),
    }
}

impl Look {
    fn for_recist(&self) -> recist::Visit {
        let new_lesion = !self.new.is_empty();
        recist::Visit { day: self.day, targets: self.targets.clone(), non_target: self.others, new_lesion }
    }

    fn for_irecist(&self) -> irecist::Visit {
        irecist::Visit {
            day: self.day,
            targets: self.targets.clone(),
            non_target: self.others,
            new_lesions: self.new.clone(),
        }
    }

    /// The model has neither T2/FLAIR signal nor the patient's neurological state.
    fn for_rano(&self, steroids: f64) -> rano::Visit {
        rano::Visit {
            day: self.day,
            products: self.targets.as_deref().map(products),
            flair_worse: false,
            non_measurable: self.others,
            new_lesion: !self.new.is_empty(),
            steroids,
            clinically_worse: false,
        }
    }
}

/// Products of the perpendicular diameters of balls, mm².
fn products(diameters: &[f64]) -> Vec<f64> {
    diameters.iter().map(|d| d * d).collect()
}

/// A diameter as it is measured: a lesion that is seen but too small to measure is given 5 mm.
fn as_measured(diameter: f64, visible: f64) -> f64 {
    if diameter < visible { 0.0 } else { diameter.max(TOO_SMALL) }
}

fn cubed(x: f64) -> f64 {
    x * x * x
}

fn immune_word(response: irecist::Response) -> &'static str {
    match response {
        irecist::Response::Complete => "iCR",
        irecist::Response::Partial => "iPR",
        irecist::Response::Stable => "iSD",
        irecist::Response::Unconfirmed => "iUPD",
        irecist::Response::Confirmed => "iCPD",
        irecist::Response::NotEvaluable => "NE",
    }
}
