//! What is seen of a patient of Perforin's own model: measured lesions, response, toxicity.

use perforin_core::catalogue::patient;
use perforin_core::study::patient::ResponseCriteria;
use perforin_patient::regimen::{Act, RESCUE_STEROID};
use perforin_patient::response::death::Hazard;
use perforin_patient::response::endpoints::{duration_of_response, overall, progression_free};
use perforin_patient::solid_tumour::{Followed, MOST_LESIONS, Plan, Sample};
use perforin_patient::toxicity::ordinal::CutPoints;
use perforin_patient::toxicity::organ;

use super::draws::Drawn;
use super::own::Own;
use super::radiology::{self, Assessed, Measured};
use super::seen::{Meaning, OutcomeColumn, Scale, Seen, half_life, outcome, response_number};
use crate::table::Column;

/// Days over which the use of steroids is averaged.
const WEEK: f64 = 7.0;

/// What patients of one arm have in common.
#[derive(Clone, Debug)]
pub struct Common {
    /// Days and rules.
    pub plan: Plan,
    /// Places of the visits among the plan's days, day 0 first.
    pub visits: Vec<usize>,
    /// Cut points of neurotoxicity.
    pub neuro: CutPoints,
    /// Criteria of response.
    pub criteria: ResponseCriteria,
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
        outcome("best_change", "%", "Deepest change of the target lesions at a visit", Linear(-100.0, 400.0)),
        outcome("best_response", "1", "Best overall response by the study's criteria, confirmed", None),
        outcome("pfs", "d", "Progression-free survival, to progression, death or the last visit", None),
        outcome("progressed", "1", "1 if progression or death ended it, 0 if it was censored", None),
        outcome(
            "response_duration",
            "d",
            "From first response to progression, death or the last visit",
            None,
        ),
        outcome("response_ended", "1", "1 if progression or death ended it, 0 if it was censored", None),
        outcome(
            "negative_end",
            "1",
            "Share of antigen-negative tumour cells on the last day",
            Linear(0.0, 1.0),
        ),
        outcome("cured", "1", "1 if no tumour cell is left on the last day", None),
        outcome("survival", "d", "Overall survival, to death or the last day", None),
        outcome("died", "1", "1 if the patient died, 0 if it was censored", None),
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
pub const RESPONSE_DURATION: usize = 19;
/// See [`CRS_GRADE`].
pub const RESPONSE_ENDED: usize = 20;
/// See [`CRS_GRADE`].
pub const CURED: usize = 22;
/// See [`CRS_GRADE`].
pub const SURVIVAL: usize = 23;
/// See [`CRS_GRADE`].
pub const DIED: usize = 24;

/// What is seen of a patient who was followed to the end.
pub fn see(own: &Own, common: &Common, number: u64, drawn: &Drawn, followed: &Followed) -> Seen {
    let measured = Measured::of(own, common, drawn, &followed.samples);
    let days = &common.plan.days;
    let series = series(own, &followed.samples, &measured);
    let mut outcome = kinetics(own, common, drawn, followed, days, &series[0]);
    let grades = [CRS_GRADE, ICANS_GRADE, ORGAN_GRADE].map(|place| outcome[place]);
    let death = death(own, common, drawn, followed, grades);
    let visits = radiology::assess(own, common, &measured, |day| steroids(own, followed, day), death);
    let last_visit = common.visits.last().and_then(|place| days.get(*place)).copied().unwrap_or(0.0);
    outcome.extend(response(&visits, death.filter(|day| *day <= last_visit)));
    let negative = series[11].last().copied().unwrap_or(f64::NAN);
    let left: f64 = followed.samples.last().map_or(0.0, |sample| sample.tumour.iter().flatten().sum());
    let survival = overall(death, days.last().copied().unwrap_or(0.0));
    outcome.extend([negative, flag(left == 0.0), survival.days, flag(survival.event)]);
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

/// Day of death, in whole days as dates are; none if the patient lives to the end.
fn death(own: &Own, common: &Common, drawn: &Drawn, followed: &Followed, grades: [f64; 3]) -> Option<f64> {
    let value = |parameter| drawn.value(own, parameter);
    let hazard = Hazard {
        other: value(&patient::DEATH_OTHER),
        tumour: value(&patient::DEATH_TUMOUR),
        toxicity: value(&patient::DEATH_TOXICITY),
    };
    let density = value(&patient::TUMOUR_DENSITY);
    let volume = |sample: &Sample<MOST_LESIONS>| sample.tumour.iter().flatten().sum::<f64>() / density;
    let volume: Vec<f64> = followed.samples.iter().map(volume).collect();
    let least = followed.samples.iter().map(|sample| sample.organ).fold(f64::INFINITY, f64::min);
    let organ_day = followed.samples.iter().position(|sample| sample.organ <= least);
    let organ_day = organ_day.map_or(0.0, |place| common.plan.days[place]);
    let release_day = followed.outcome.release_day.max(0.0);
    let days = [release_day, release_day, organ_day];
    let toxic: Vec<f64> =
        grades.into_iter().zip(days).filter(|(grade, _)| *grade >= 4.0).map(|(_, day)| day).collect();
    let days = &common.plan.days[..volume.len()];
    let last = days.last().copied().unwrap_or(0.0);
    hazard.death(drawn.survival, days, &volume, &toxic).map(|day| day.ceil().min(last))
}

/// Mean dexamethasone over the week before a day, mg a day: what the regimen and a rule give.
fn steroids(own: &Own, followed: &Followed, day: f64) -> f64 {
    let of_rule = followed.outcome.rescue[1].map(|day| (day, RESCUE_STEROID));
    let planned = own.regimen.repeated.iter().filter_map(|repeated| match repeated.act {
        Act::Steroid { amount } => Some((repeated, amount)),
        _ => None,
    });
    let planned = planned.flat_map(|(repeated, amount)| {
        (0..repeated.times).map(move |k| (repeated.day + f64::from(k) * repeated.every, amount))
    });
    let last = planned.chain(of_rule).filter(|(given, _)| *given <= day && *given > day - WEEK);
    last.map(|(_, amount)| amount).sum::<f64>() / WEEK
}

/// Best change, best response, and times. `death` is a death up to the last planned visit: survivors are censored at that
/// visit, and counting later deaths would bring every curve to nothing.
fn response(assessed: &Assessed, death: Option<f64>) -> Vec<f64> {
    let (days, responses) = (&assessed.days, &assessed.responses);
    let best = assessed.seen[1..].iter().map(|visit| visit.change).fold(f64::NAN, f64::min);
    let free = progression_free(days, responses, death);
    let duration = duration_of_response(days, responses, death);
    vec![
        best,
        response_number(assessed.best),
        free.days,
        flag(free.event),
        duration.map_or(f64::NAN, |time| time.days),
        duration.map_or(f64::NAN, |time| flag(time.event)),
    ]
}

fn flag(event: bool) -> f64 {
    f64::from(u8::from(event))
}
