//! What is seen of a patient of Perforin's own model: measured lesions, response, toxicity.

use perforin_core::catalogue::patient;
use perforin_patient::response::endpoints::{duration_of_response, progression_free};
use perforin_patient::response::recist::{self, Baseline, NonTarget, TOO_SMALL};
use perforin_patient::response::{Response, irecist};
use perforin_patient::solid_tumour::{Followed, MOST_LESIONS, Plan, Sample};
use perforin_patient::toxicity::ordinal::CutPoints;
use perforin_patient::toxicity::organ;

use super::draws::Drawn;
use super::own::{Own, diameter_of};
use super::seen::{Meaning, OutcomeColumn, Scale, Seen, VisitSeen, half_life, outcome, response_number};
use crate::table::Column;

/// Growth of the volume of other lesions that is clear progression (Eisenhauer 2009, doi 10.1016/j.ejca.2008.10.026:
/// 73 %, which is 20 % in diameter).
const CLEAR_GROWTH: f64 = 1.73;

/// What patients of one arm have in common.
#[derive(Clone, Debug)]
pub struct Common {
    /// Days and rules.
    pub plan: Plan,
    /// Places of the visits among the plan's days, day 0 first.
    pub visits: Vec<usize>,
    /// Cut points of neurotoxicity.
    pub neuro: CutPoints,
}

/// Headings of the series, without the time.
pub fn series_columns(own: &Own) -> Vec<Column> {
    let column = |name: &str, unit: &str, meaning: &str| Column::new(name, unit, meaning);
    let mut columns = vec![
        column("product_blood", "/µL", "Product in blood"),
        column("product_memory", "cells", "Memory-like product in the body"),
        column("product_effector", "cells", "Effector product in the body"),
        column("product_exhausted", "cells", "Exhausted product in the body"),
        column("il6", "pg/mL", "IL-6"),
        column("ifn_gamma", "pg/mL", "IFN-γ"),
        column("il15", "pg/mL", "IL-15"),
        column("lymphocytes", "1", "Endogenous lymphocytes over normal"),
        column("organ", "1", "Cells of the organ at risk over normal"),
        column("target_sum", "mm", "Sum of the diameters of the target lesions"),
        column("target_change", "%", "Change of the sum of target diameters from day 0"),
        column("antigen_negative", "1", "Share of antigen-negative tumour cells"),
    ];
    for lesion in &own.lesions {
        let name = &lesion.name;
        columns.push(column(&format!("{name}_diameter"), "mm", &format!("Diameter of {name}")));
        columns.push(column(
            &format!("{name}_negative"),
            "1",
            &format!("Share of antigen-negative cells in {name}"),
        ));
    }
    columns
}

/// Place in [`series_columns`] of the share of antigen-negative tumour cells.
pub const NEGATIVE: usize = 11;

/// Place in [`series_columns`] of that share in a lesion, counted from 0.
pub const fn negative_of(lesion: usize) -> usize {
    NEGATIVE + 2 + 2 * lesion
}

/// Places in [`series_columns`] of product in blood, IL-6, change of the targets and antigen-negative share.
pub const BANDS: [(usize, Scale); 4] =
    [(0, Scale::Log), (4, Scale::Log), (10, Scale::Linear(-100.0, 400.0)), (11, Scale::Linear(0.0, 1.0))];

/// Headings of the outcome.
pub fn outcome_columns() -> Vec<OutcomeColumn> {
    use Scale::{Linear, Log, None};
    let mut columns = vec![
        outcome("peak", "/µL", "Highest product in blood from day 1 on", Log),
        outcome("peak_day", "d", "Day of the peak", Log),
        outcome("area_28", "d/µL", "Area under the product in blood over days 0 to 28", Log),
        outcome("half_life", "d", "Terminal half-life, over the second half of the time after the peak", Log),
        outcome("blood_end", "/µL", "Product in blood on the last day", Log),
        outcome("il6_peak", "pg/mL", "Highest IL-6", Log),
        outcome("crs_severity", "1", "Highest severity of cytokine release", Linear(-10.0, 30.0)),
        outcome("crs_grade", "1", "Grade of cytokine release, 0 to 4", None),
        outcome("icans_grade", "1", "Grade of neurotoxicity (ICANS), 0 to 4", None),
        outcome("organ_left", "1", "Fewest cells of the organ at risk over normal", Linear(0.0, 1.0)),
        outcome("organ_grade", "1", "Grade of the loss of the organ at risk, 0 to 4", None),
        outcome("given", "cells", "CAR-positive cells given", Log),
        outcome("withheld", "1", "Infusions withheld by a rule", None),
        outcome("tocilizumab_day", "d", "Day of the tocilizumab that a rule gave", None),
        outcome("dexamethasone_day", "d", "Day of the dexamethasone that a rule gave", None),
        outcome(
            "best_change",
            "%",
            "Deepest change of the sum of target diameters at a visit",
            Linear(-100.0, 400.0),
        ),
        outcome("best_response", "1", "Best overall response by RECIST 1.1, confirmed", None),
        outcome("pfs", "d", "Progression-free time, to progression or the last visit", None),
        outcome("progressed", "1", "1 if progression ended it, 0 if it was censored", None),
        outcome("response_duration", "d", "From first response to progression or the last visit", None),
        outcome("response_ended", "1", "1 if progression ended the response, 0 if it was censored", None),
        outcome(
            "negative_end",
            "1",
            "Share of antigen-negative tumour cells on the last day",
            Linear(0.0, 1.0),
        ),
        outcome("cured", "1", "1 if no tumour cell is left on the last day", None),
    ];
    columns[BEST_RESPONSE].meaning = Meaning::Response;
    columns
}

/// Places in [`outcome_columns`].
pub const CRS_GRADE: usize = 7;
/// See [`CRS_GRADE`].
pub const ICANS_GRADE: usize = 8;
/// See [`CRS_GRADE`].
pub const ORGAN_GRADE: usize = 10;
/// See [`CRS_GRADE`].
pub const BEST_CHANGE: usize = 15;
/// See [`CRS_GRADE`].
pub const BEST_RESPONSE: usize = 16;
/// See [`CRS_GRADE`].
pub const PFS: usize = 17;
/// See [`CRS_GRADE`].
pub const PROGRESSED: usize = 18;
/// See [`CRS_GRADE`].
pub const CURED: usize = 22;

/// What is seen of a patient who was followed to the end.
pub fn see(own: &Own, common: &Common, number: u64, drawn: &Drawn, followed: &Followed) -> Seen {
    let measured = Measured::of(own, drawn, &followed.samples);
    let visits = assess(own, common, &measured);
    let days = &common.plan.days;
    let series = series(own, &followed.samples, &measured);
    let mut outcome = kinetics(own, common, drawn, followed, days, &series[0]);
    outcome.extend(response(&visits, days));
    let negative = series[11].last().copied().unwrap_or(f64::NAN);
    let left = followed.samples.last().map_or(0.0, |sample| sample.tumour.iter().flatten().sum());
    outcome.extend([negative, f64::from(u8::from(left == 0.0))]);
    outcome.extend(&drawn.values);
    Seen { number, series, outcome, visits: visits.seen }
}

fn kinetics(
    own: &Own,
    common: &Common,
    drawn: &Drawn,
    followed: &Followed,
    days: &[f64],
    blood: &[f64],
) -> Vec<f64> {
    let o = &followed.outcome;
    let neuro = own.value(&patient::ICANS_WEIGHT) * o.neuro;
    let organ_grade = organ::grade(1.0 - o.organ, own.value(&patient::ORGAN_RESERVE));
    let day = |rescue: Option<f64>| rescue.unwrap_or(f64::NAN);
    vec![
        o.peak.0,
        o.peak.1,
        o.area28,
        half_life(days, blood),
        blood.last().copied().unwrap_or(f64::NAN),
        o.il6,
        o.release.0,
        f64::from(o.release.1),
        f64::from(common.neuro.grade(neuro, drawn.susceptibility)),
        o.organ,
        f64::from(organ_grade),
        o.given,
        f64::from(o.withheld),
        day(o.rescue[0]),
        day(o.rescue[1]),
    ]
}

/// Diameters of the lesions, mm, day by day, and which of them are targets.
struct Measured {
    diameter: Vec<[f64; MOST_LESIONS]>,
    targets: Vec<usize>,
}

impl Measured {
    fn of(own: &Own, drawn: &Drawn, samples: &[Sample<MOST_LESIONS>]) -> Self {
        let density = drawn.parameters.iter().find(|(name, _)| *name == patient::TUMOUR_DENSITY.name);
        let density = density.map_or_else(|| own.value(&patient::TUMOUR_DENSITY), |(_, value)| *value);
        let of = |sample: &Sample<MOST_LESIONS>| {
            sample.tumour.map(|clones| diameter_of(clones[0] + clones[1], density))
        };
        let diameter: Vec<[f64; MOST_LESIONS]> = samples.iter().map(of).collect();
        let start = diameter.first().copied().unwrap_or_default();
        let places: Vec<usize> = (0..own.lesions.len()).filter(|l| own.lesions[*l].may_be_target).collect();
        let lesions: Vec<recist::Lesion> = places
            .iter()
            .map(|l| {
                let lesion = &own.lesions[*l];
                recist::Lesion { organ: lesion.organ.clone(), node: lesion.is_node, size: start[*l] }
            })
            .collect();
        let targets = recist::choose_targets(&lesions).into_iter().map(|i| places[i]).collect();
        Self { diameter, targets }
    }

    fn sum(&self, day: usize) -> f64 {
        self.targets.iter().map(|l| self.diameter[day][*l]).sum()
    }
}

fn series(own: &Own, samples: &[Sample<MOST_LESIONS>], measured: &Measured) -> Vec<Vec<f64>> {
    let lesions = own.lesions.len();
    let mut columns = vec![Vec::with_capacity(samples.len()); 12 + 2 * lesions];
    let start = measured.sum(0);
    for (day, sample) in samples.iter().enumerate() {
        let sum = measured.sum(day);
        let [positive, negative] = [0, 1].map(|k| sample.tumour.iter().map(|clones| clones[k]).sum::<f64>());
        let [memory, effector, exhausted] = sample.product;
        let [il6, ifn, il15] = sample.cytokines;
        let row = [
            sample.blood,
            memory,
            effector,
            exhausted,
            il6,
            ifn,
            il15,
            sample.lymphocytes,
            sample.organ,
            sum,
            100.0 * (sum / start - 1.0),
            negative / (positive + negative),
        ];
        columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
        for l in 0..lesions {
            let [positive, negative] = sample.tumour[l];
            columns[12 + 2 * l].push(measured.diameter[day][l]);
            columns[13 + 2 * l].push(negative / (positive + negative));
        }
    }
    columns
}

/// Visits as radiology sees them.
struct Assessed {
    seen: Vec<VisitSeen>,
    visits: Vec<recist::Visit>,
    responses: Vec<Response>,
}

fn assess(own: &Own, common: &Common, measured: &Measured) -> Assessed {
    let visible = own.value(&patient::VISIBLE);
    let size = |l: usize, day: usize| as_measured(measured.diameter[day][l], visible);
    let targets = &measured.targets;
    let at = |day: usize| targets.iter().map(|l| size(*l, day)).collect::<Vec<f64>>();
    let others: Vec<usize> = (0..own.lesions.len()).filter(|l| !targets.contains(l)).collect();
    let (known, hidden): (Vec<usize>, Vec<usize>) = others.iter().partition(|l| size(**l, 0) > 0.0);
    let baseline =
        Baseline { targets: at(0), nodes: targets.iter().map(|l| own.lesions[*l].is_node).collect() };
    let start: f64 = baseline.targets.iter().sum();
    let volume = |day: usize| known.iter().map(|l| cubed(size(*l, day))).sum::<f64>();
    let (mut recist, mut irecist) = (Vec::new(), Vec::new());
    let mut least = volume(0);
    for place in &common.visits[1..] {
        let day = common.plan.days[*place];
        let now = volume(*place);
        let non_target = match now {
            0.0 => NonTarget::Gone,
            now if now >= CLEAR_GROWTH * least => NonTarget::Progressive,
            _ => NonTarget::Present,
        };
        least = least.min(now.max(cubed(TOO_SMALL)));
        let sizes = (!targets.is_empty()).then(|| at(*place));
        let new: Vec<f64> =
            hidden.iter().map(|l| size(*l, *place)).filter(|size| *size > TOO_SMALL).collect();
        recist.push(recist::Visit { day, targets: sizes.clone(), non_target, new_lesion: !new.is_empty() });
        irecist.push(irecist::Visit { day, targets: sizes, non_target, new_lesions: new });
    }
    // Days ascend and every size is one, so that nothing can be refused.
    let responses = recist::assess(&baseline, &recist).unwrap_or_default();
    let immune = irecist::assess(&baseline, &irecist).unwrap_or_default();
    let first = VisitSeen { day: 0.0, sum: start, change: 0.0, recist: None, irecist: None };
    let rest = recist.iter().zip(responses.iter().zip(&immune)).map(|(visit, (response, immune))| {
        let sum = visit.targets.as_ref().map_or(f64::NAN, |sizes| sizes.iter().sum());
        let change = 100.0 * (sum / start - 1.0);
        VisitSeen {
            day: visit.day,
            sum,
            change,
            recist: Some(*response),
            irecist: Some(immune_word(*immune)),
        }
    });
    Assessed { seen: std::iter::once(first).chain(rest).collect(), visits: recist, responses }
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

/// Best change, best response, and times.
fn response(assessed: &Assessed, days: &[f64]) -> Vec<f64> {
    let visits = &assessed.visits;
    let visit_days: Vec<f64> = visits.iter().map(|visit| visit.day).collect();
    let best = assessed.seen[1..].iter().map(|visit| visit.change).fold(f64::NAN, f64::min);
    let stable_for = visit_days.first().or(days.last()).copied().unwrap_or(0.0);
    let overall = recist::best_overall(visits, &assessed.responses, true, stable_for);
    let free = progression_free(&visit_days, &assessed.responses, None);
    let duration = duration_of_response(&visit_days, &assessed.responses, None);
    let flag = |event: bool| f64::from(u8::from(event));
    vec![
        best,
        response_number(overall),
        free.days,
        flag(free.event),
        duration.map_or(f64::NAN, |time| time.days),
        duration.map_or(f64::NAN, |time| flag(time.event)),
    ]
}
