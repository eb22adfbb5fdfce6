//! The answer in words.

use super::answer::{Answer, ArmAnswer, Course, OVERALL, PROGRESSION_FREE, RESPONSE, Rate};
use super::outcome::{
    BEST_CHANGE, BEST_RESPONSE, CRS_GRADE, CURED, DIED, ICANS_GRADE, ORGAN_GRADE, PFS, PROGRESSED, SURVIVAL,
};
use super::search::Searched;
use super::seen::response_word;
use crate::answer::{grouped, per_cent, rounded};

/// What the answer is, and is not, good for.
const HONESTY: &str = "\
This is a simulated hypothesis for ranking designs and planning experiments, not for treating a patient: no time \
course of engineered T cells in patients with solid tumours has been published to check it against, and most \
parameters are assumed.";

/// The answer as a few paragraphs of plain text, with its limits.
pub fn in_words(answer: &Answer) -> String {
    let mut paragraphs: Vec<String> = answer.search.iter().map(Searched::in_words).collect();
    for arm in &answer.arms {
        paragraphs.extend(match (&answer.published, answer.is_one) {
            (None, true) => one(answer, arm),
            (None, false) => vec![population(answer, arm)],
            (Some(_), _) => vec![published(answer, arm)],
        });
    }
    paragraphs.extend(sensitivity(answer));
    paragraphs.push(match &answer.published {
        None => HONESTY.into(),
        Some((name, doi)) => format!(
            "The model is {name} (doi {doi}), with its disease and its assumptions. It is for comparing and planning, not \
             for treating a patient."
        ),
    });
    paragraphs.join("\n\n") + "\n"
}

fn quantile(arm: &ArmAnswer, name: &str) -> Option<[f64; 5]> {
    let found = arm.quantiles.iter().find(|q| q.name == name)?;
    let mut values = [0.0; 5];
    for (value, known) in values.iter_mut().zip(found.values) {
        *value = known?;
    }
    Some(values)
}

fn one(answer: &Answer, arm: &ArmAnswer) -> Vec<String> {
    let Some(course) = arm.courses.first() else { return Vec::new() };
    let number = |place: usize| course.number_of(place).unwrap_or(f64::NAN);
    let mut paragraphs = vec![tumour(answer, course)];
    let half_life = course.number_of(3);
    let falls =
        half_life.map_or(String::new(), |days| format!(", with a terminal half-life of {} d", rounded(days)));
    paragraphs.push(format!(
        "The product peaks at {} per µL of blood on day {}{falls}; the area under it over four weeks is {} d/µL. Of {} \
         CAR-positive cells given, {} per µL are left on day {}.",
        rounded(number(0)),
        rounded(number(1)),
        rounded(number(2)),
        scientific(number(11)),
        rounded(number(4)),
        rounded(answer.duration),
    ));
    let mut toxicity = vec![format!(
        "Cytokine release reaches grade {}, neurotoxicity grade {}; IL-6 peaks at {} pg/mL.",
        number(CRS_GRADE),
        number(ICANS_GRADE),
        rounded(number(5))
    )];
    for (place, drug) in [(13, "tocilizumab"), (14, "dexamethasone")] {
        if let Some(day) = course.number_of(place) {
            toxicity.push(format!("A rule gives {drug} on day {}.", rounded(day)));
        }
    }
    if number(12) > 0.0 {
        toxicity.push(format!("{} infusions are withheld.", number(12)));
    }
    if let Some(organ) = &answer.organ {
        toxicity.push(format!(
            "The organ at risk ({organ}) keeps at least {} of its cells: grade {}.",
            per_cent(number(9)),
            number(ORGAN_GRADE)
        ));
    }
    paragraphs.push(toxicity.join(" "));
    paragraphs
}

fn tumour(answer: &Answer, course: &Course) -> String {
    let number = |place: usize| course.number_of(place).unwrap_or(f64::NAN);
    let best = match response_word(number(BEST_RESPONSE)) {
        "CR" => "Complete response",
        "PR" => "Partial response",
        "SD" => "Stable disease",
        "PD" => "Progressive disease",
        _ => "No response that could be evaluated",
    };
    let Some(start) = course.visits.first().and_then(|visit| visit.sum) else { return format!("{best}.") };
    let deepest = course
        .visits
        .iter()
        .filter(|visit| visit.change == course.number_of(BEST_CHANGE))
        .find_map(|v| Some((v.sum?, v.day)));
    let (what, unit) = if answer.criteria == "RANO" {
        ("products of target diameters", "mm²")
    } else {
        ("target diameters", "mm")
    };
    let shrinks = deepest.map_or(String::new(), |(sum, day)| {
        let change = signed(number(BEST_CHANGE));
        format!(
            " The sum of {what} goes from {} {unit} to {} {unit} ({change} %) on day {}.",
            rounded(start),
            rounded(sum),
            rounded(day)
        )
    });
    let ends = ends(course);
    let negative = course.number_of(21).filter(|_| number(CURED) != 1.0);
    let escape = negative.map_or(String::new(), |share| {
        format!(
            " On day {} {} of the tumour's cells are antigen-negative.",
            rounded(answer.duration),
            per_cent(share)
        )
    });
    format!("{best} by {}.{shrinks}{ends}{escape}", answer.criteria)
}

/// How the disease and the patient end.
fn ends(course: &Course) -> String {
    let number = |place: usize| course.number_of(place).unwrap_or(f64::NAN);
    let is_dead = number(DIED) == 1.0;
    let death = rounded(number(SURVIVAL));
    let disease = if number(CURED) == 1.0 {
        " No tumour cell is left at the end.".to_owned()
    } else if number(PROGRESSED) == 1.0 && !(is_dead && number(PFS) >= number(SURVIVAL)) {
        format!(" The disease progresses on day {}.", rounded(number(PFS)))
    } else {
        format!(" It has not progressed by day {}.", rounded(number(PFS)))
    };
    if is_dead {
        format!("{disease} Half of the patients with this course are dead by day {death}.")
    } else {
        format!("{disease} More than half of the patients with this course live on day {death}.")
    }
}

/// A change, to the unit.
fn signed(change: f64) -> String {
    format!("{change:+.0}").replace('-', "−")
}

fn scientific(value: f64) -> String {
    format!("{value:.1e}").replace(".0e", "e")
}

fn population(answer: &Answer, arm: &ArmAnswer) -> String {
    let rate = |name: &str| arm.rates.iter().find(|r| r.name == name);
    let share = |rate: &Rate| {
        format!("{} ({} to {})", per_cent(rate.share), per_cent(rate.interval.0), per_cent(rate.interval.1))
    };
    let mut sentences = vec![arm_begins(answer, arm)];
    if let (Some(objective), Some(complete)) = (rate("objective_response"), rate("best_CR")) {
        sentences.push(format!(
            "{} respond (confirmed, {}), {} completely.",
            share(objective),
            answer.criteria,
            per_cent(complete.share)
        ));
    }
    sentences.extend(survival(arm));
    if let (Some(any), Some(severe), Some(neuro)) = (rate("crs_1"), rate("crs_3"), rate("icans_3")) {
        sentences.push(format!(
            "Cytokine release: any grade {}, grade 3 or more {}; neurotoxicity of grade 3 or more {}.",
            per_cent(any.share),
            share(severe),
            per_cent(neuro.share)
        ));
    }
    if let (Some(organ), Some(grade)) = (&answer.organ, rate("organ_3")) {
        sentences.push(format!("Loss of the organ at risk ({organ}) of grade 3 or more: {}.", share(grade)));
    }
    sentences.extend(peak(arm, "peak", "per µL", "peak_day"));
    sentences.extend(failed(arm));
    sentences.join(" ")
}

/// Medians of progression-free and overall survival, and of the duration of response.
fn survival(arm: &ArmAnswer) -> Vec<String> {
    let of = |name: &str, what: &str| {
        let curve = arm.curve(name)?;
        Some(match curve.median {
            Some(days) => format!("{what} {} d", rounded(days)),
            None => format!("{what} not reached by day {}", rounded(curve.last)),
        })
    };
    let medians: Vec<String> = [
        of(PROGRESSION_FREE, "progression-free survival"),
        of(RESPONSE, "duration of response").filter(|_| arm.curve(RESPONSE).is_some_and(|c| c.last > 0.0)),
        of(OVERALL, "overall survival"),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!medians.is_empty()).then(|| format!("Medians: {}.", medians.join(", "))).into_iter().collect()
}

fn published(answer: &Answer, arm: &ArmAnswer) -> String {
    let (name, unit) = &answer.product;
    if answer.is_one {
        let value = |what: &str| {
            let place = answer.outcome.iter().position(|known| *known == format!("{name}_{what}"))?;
            arm.courses.first()?.number_of(place)
        };
        let text = |value: Option<f64>| value.map_or("–".into(), rounded);
        return format!(
            "The product ({name}) peaks at {} {unit} on day {}, its area over four weeks is {} {unit}·d, its terminal \
             half-life {} d; on day {} there are {} {unit}.",
            text(value("peak")),
            text(value("peak_day")),
            text(value("area_28")),
            text(value("half_life")),
            rounded(answer.duration),
            text(value("end"))
        );
    }
    let median = |what: &str| Some(rounded(quantile(arm, &format!("{name}_{what}"))?[2]));
    let mut sentences = vec![arm_begins(answer, arm)];
    sentences.extend(peak(arm, &format!("{name}_peak"), unit, &format!("{name}_peak_day")));
    sentences.extend(median("area_28").map(|area| format!("Median area over four weeks: {area} {unit}·d.")));
    sentences.extend(median("half_life").map(|days| format!("Median terminal half-life: {days} d.")));
    sentences.extend(failed(arm));
    sentences.join(" ")
}

fn arm_begins(answer: &Answer, arm: &ArmAnswer) -> String {
    let weighted = arm.effective.map_or(String::new(), |effective| {
        let names = answer.weighted_to.join(" and ");
        format!(", weighted to the observed {names}: worth {} equal ones", grouped(effective))
    });
    let patients = grouped(arm.patients as f64);
    if arm.name.is_empty() {
        format!("{patients} virtual patients{weighted}.")
    } else {
        let changes: Vec<String> =
            arm.changes.iter().map(|(path, value)| format!("{path} = {value}")).collect();
        let what = if changes.is_empty() { String::new() } else { format!(" ({})", changes.join(", ")) };
        format!("Arm {}{what}, {patients} virtual patients{weighted}.", arm.name)
    }
}

fn peak(arm: &ArmAnswer, peak: &str, unit: &str, day: &str) -> Option<String> {
    let (peak, day) = (quantile(arm, peak)?, quantile(arm, day)?);
    Some(format!(
        "The product's peak is {} {unit} in the median patient ({} to {} in nine of ten), on day {}.",
        rounded(peak[2]),
        rounded(peak[0]),
        rounded(peak[4]),
        rounded(day[2])
    ))
}

fn failed(arm: &ArmAnswer) -> Option<String> {
    let n = grouped(arm.failed as f64);
    (arm.failed > 0).then(|| format!("{n} patients could not be followed and are listed in failed.csv."))
}

fn sensitivity(answer: &Answer) -> Option<String> {
    let wanted = if answer.published.is_none() {
        "area_28".to_owned()
    } else {
        format!("{}_area_28", answer.product.0)
    };
    let of = |row: &&super::answer::SensitivityRow| row.outcome == wanted;
    let mut rows: Vec<_> =
        answer.sensitivity.iter().filter(of).filter_map(|r| Some((r.total?, &r.parameter))).collect();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    let names: Vec<String> = rows.iter().take(3).map(|(_, name)| (*name).clone()).collect();
    (!names.is_empty()).then(|| format!("The exposure to the product depends most on {}.", names.join(", ")))
}
