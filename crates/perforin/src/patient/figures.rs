//! The figures of a patient or a population.

use super::answer::{Answer, ArmAnswer, Course, OVERALL, PROGRESSION_FREE, RESPONSE};
use super::outcome::{BEST_CHANGE, BEST_RESPONSE, PFS, PROGRESSED};
use super::seen::response_word;
use crate::report::bars::{Bars, Part};
use crate::report::chart::{Area, Chart, Line};
use crate::report::html::figure;
use crate::report::survival::{Survival, SurvivalCurve};
use crate::report::swimmer::{Lane, Stretch, Swimmer};
use crate::report::waterfall::{Bar, Waterfall};
use crate::table::Table;

/// Decades that a logarithmic chart shows below its highest value.
const DECADES: f64 = 8.0;
/// Courses in a spider plot, lanes in a swimmer plot.
const LANES: usize = 40;
/// Bars of a waterfall.
const BARS: usize = 200;
/// Outcomes whose sensitivity is drawn.
const DRAWN: [&str; 4] = ["area_28", "il6_peak", "best_change", "negative_end"];

/// The figures; `series` is that of one patient.
pub fn html(answer: &Answer, series: Option<&Table>) -> String {
    let mut all = String::new();
    match series {
        Some(series) => all += &of_one(answer, series),
        None => all += &kinetics(answer),
    }
    if answer.published.is_none() {
        if !answer.is_one {
            all += &survival(answer);
        }
        for arm in &answer.arms {
            let title = |what: &str| {
                if arm.name.is_empty() { what.to_owned() } else { format!("{what}, arm {}", arm.name) }
            };
            all += &spider(&title("Spider plot"), &arm.courses, &answer.criteria);
            if !answer.is_one {
                all += &waterfall(&title("Waterfall plot"), &arm.courses, &answer.criteria);
                all += &swimmer(&title("Swimmer plot"), &arm.courses);
            }
        }
        if !answer.is_one {
            all += &grades(answer);
        }
    }
    all + &sensitivity(answer)
}

/// Floor of a logarithmic axis: a decade below the lowest value above zero, at most so many below the highest.
fn floor(values: impl Iterator<Item = f64>) -> f64 {
    let (mut low, mut high) = (f64::INFINITY, 0.0_f64);
    for value in values.filter(|v| v.is_finite() && *v > 0.0) {
        (low, high) = (low.min(value), high.max(value));
    }
    if high == 0.0 {
        return 0.1;
    }
    let [low, high] = [low, high].map(|v| libm::floor(libm::log10(v)));
    libm::pow(10.0, low.max(high - DECADES))
}

/// Charts of one patient: product, cytokines, lesions; or every column of a published model.
fn of_one(answer: &Answer, series: &Table) -> String {
    if answer.published.is_some() {
        let columns = series.columns.iter().skip(1);
        return columns.map(|c| chart(series, &c.meaning, &[&c.name], &c.unit, true)).collect();
    }
    let named = |end: &str| -> Vec<&str> {
        let found = series.columns.iter().map(|c| c.name.as_str()).filter(|name| name.ends_with(end));
        found.collect()
    };
    let blood: Vec<&str> = ["product_blood", "product_blood_measured"]
        .into_iter()
        .filter(|n| series.numbers(n).is_some())
        .collect();
    let body = ["product_memory", "product_effector", "product_exhausted"];
    let mut all = chart(series, "Product in blood", &blood, "/µL", true);
    all += &chart(series, "Product in the body", &body, "cells", true);
    all += &chart(series, "Cytokines", &["il6", "ifn_gamma", "il15"], "pg/mL", true);
    all += &chart(series, "Diameters of the lesions", &named("_diameter"), "mm", false);
    all += &chart(series, "Antigen-negative share", &["antigen_negative"], "share", false);
    if answer.organ.is_some() {
        all += &chart(series, "Cells of the organ at risk", &["organ"], "over normal", false);
    }
    all
}

fn chart(series: &Table, title: &str, columns: &[&str], unit: &str, log: bool) -> String {
    let Some(x) = series.numbers("time") else { return String::new() };
    let mut lines = Vec::new();
    for (colour, column) in columns.iter().enumerate() {
        if let Some(y) = series.numbers(column) {
            let label = column.trim_start_matches("product_").trim_end_matches("_diameter").replace('_', " ");
            lines.push(Line { label, colour, x: x.to_vec(), y: y.to_vec() });
        }
    }
    let floor = floor(lines.iter().flat_map(|line| line.y.iter().copied()));
    let chart = Chart {
        x_label: "day".into(),
        y_label: unit.into(),
        log,
        floor,
        alt: format!("Line chart of {} over time in days.", title.to_lowercase()),
        areas: Vec::new(),
        lines,
    };
    figure(title, if log { "Logarithmic scale." } else { "" }, &chart.svg())
}

/// What stands beside an axis for a unit that does not say what is measured.
fn axis(unit: &str) -> &str {
    match unit {
        "1" => "share",
        "%" => "change, %",
        "/µL" => "cells/µL",
        unit => unit,
    }
}

/// Bands over time, all arms over each other.
fn kinetics(answer: &Answer) -> String {
    let Some(first) = answer.arms.first() else { return String::new() };
    let mut all = String::new();
    for (k, band) in first.bands.iter().enumerate() {
        let is_log = !(band.name == "target_change" || band.name == "antigen_negative");
        let (mut areas, mut lines) = (Vec::new(), Vec::new());
        for (colour, arm) in answer.arms.iter().enumerate() {
            let Some(band) = arm.bands.get(k) else { continue };
            let at = |q: usize| band.values.iter().map(|v| v[q].unwrap_or(f64::NAN)).collect::<Vec<f64>>();
            let label = if arm.name.is_empty() { "median".to_owned() } else { arm.name.clone() };
            areas.push(Area {
                label: format!("{label}: nine of ten patients"),
                colour,
                x: band.days.clone(),
                low: at(0),
                high: at(4),
            });
            lines.push(Line { label, colour, x: band.days.clone(), y: at(2) });
        }
        let floor = floor(areas.iter().flat_map(|a| a.low.iter().chain(&a.high).copied()));
        let chart = Chart {
            x_label: "day".into(),
            y_label: axis(&band.unit).into(),
            log: is_log,
            floor,
            alt: format!("Median and range of nine of ten patients of {} over time in days.", band.meaning),
            areas,
            lines,
        };
        let scale = if is_log { ", on a logarithmic scale" } else { "" };
        let note = format!("Median patient and the range of nine of ten patients{scale}.");
        all += &figure(&band.meaning, &note, &chart.svg());
    }
    all
}

/// What is summed by the study's criteria, and the changes, %, at which it progresses and responds.
fn measure(criteria: &str) -> (&'static str, [f64; 2]) {
    if criteria == "RANO" {
        ("products of target diameters", [25.0, -50.0])
    } else {
        ("target diameters", [20.0, -30.0])
    }
}

/// Survival curves, all arms in one plot.
fn survival(answer: &Answer) -> String {
    let plot = |name: &&str| {
        let curve = |(colour, arm): (usize, &ArmAnswer)| {
            let curve = arm.curve(name)?;
            let named = if arm.name.is_empty() { "all patients".to_owned() } else { arm.name.clone() };
            (curve.last > 0.0).then(|| SurvivalCurve {
                name: named,
                colour,
                steps: curve.steps.clone(),
                censored: curve.censored.clone(),
                // A cast from float saturates.
                at_risk: curve.at_risk.iter().map(|(day, n)| (*day, n.round() as u32)).collect(),
                last: curve.last,
            })
        };
        let curves: Vec<SurvivalCurve> = answer.arms.iter().enumerate().filter_map(curve).collect();
        if curves.is_empty() {
            return String::new();
        }
        let alt = format!("Kaplan–Meier curves of {} by arm.", name.to_lowercase());
        let since = if *name == RESPONSE { "days since the first response" } else { "days" };
        let weighted = if answer.weighted_to.is_empty() {
            ""
        } else {
            " Numbers at risk are sums of the patients' weights."
        };
        let note = format!("Kaplan–Meier; ticks: days on which patients leave without the event.{weighted}");
        figure(name, &note, &Survival { alt, x_label: since.into(), curves }.svg())
    };
    [PROGRESSION_FREE, OVERALL, RESPONSE].iter().map(plot).collect()
}

/// What a response is drawn in.
fn colour(response: &str) -> usize {
    match response {
        "CR" => 2,
        "PR" => 0,
        "PD" => 1,
        _ => 4,
    }
}

/// Meaning of these colours.
fn legend() -> Vec<(usize, String)> {
    ["CR", "PR", "SD", "PD"].map(|word| (colour(word), word.to_owned())).to_vec()
}

fn best(course: &Course) -> &'static str {
    course.number_of(BEST_RESPONSE).map_or("NE", response_word)
}

/// Changes of the first patients at their visits; nothing if there are none.
pub fn spider(title: &str, courses: &[Course], criteria: &str) -> String {
    let line = |course: &Course| {
        let known = course.visits.iter().filter_map(|visit| Some((visit.day, visit.change?)));
        let (x, y): (Vec<f64>, Vec<f64>) = known.unzip();
        Line {
            label: String::new(),
            colour: colour(best(course)),
            x,
            y: y.into_iter().map(|v| v.min(200.0)).collect(),
        }
    };
    let lines: Vec<Line> = courses.iter().take(LANES).map(line).filter(|line| line.x.len() > 1).collect();
    if lines.is_empty() {
        return String::new();
    }
    let shown = lines.len();
    let chart = Chart {
        x_label: "day".into(),
        y_label: format!("change of the sum of {}, %", measure(criteria).0),
        log: false,
        floor: 0.0,
        alt: format!("Change of the target lesions of {shown} patients at their visits."),
        areas: Vec::new(),
        lines,
    };
    let patients = if shown == 1 { "One patient".into() } else { format!("The first {shown} patients") };
    let note = format!(
        "{patients} at their visits; colours by best response: green CR, blue PR, brown SD, red PD. Above 200 % is drawn at \
         200 %."
    );
    figure(title, &note, &chart.svg())
}

/// Deepest changes; nothing if there are none.
pub fn waterfall(title: &str, courses: &[Course], criteria: &str) -> String {
    let bar = |course: &Course| {
        let change = course.number_of(BEST_CHANGE)?;
        let word = best(course);
        Some(Bar { change, colour: colour(word), name: format!("patient {}, {word}", course.number) })
    };
    let bars: Vec<Bar> = courses.iter().filter_map(bar).take(BARS).collect();
    if bars.is_empty() {
        return String::new();
    }
    let n = bars.len();
    let (measure, marks) = measure(criteria);
    let plot = Waterfall {
        alt: format!("Deepest change of the target lesions of {n} patients, from the worst to the best."),
        y_label: "deepest change, %".into(),
        marks: marks.to_vec(),
        bars,
    };
    let note = format!(
        "Deepest change of the sum of {measure} of the first {n} patients; lines at {:+} % and −{} %. Colours by best \
         confirmed response by {}: green CR, blue PR, brown SD, red PD.",
        marks[0], -marks[1], criteria
    );
    figure(title, &note, &plot.svg())
}

/// Lanes of the first patients to progression; nothing if there are none.
pub fn swimmer(title: &str, courses: &[Course]) -> String {
    let lane = |course: &Course| {
        let end = course.number_of(PFS)?;
        let mut stretches = Vec::new();
        for pair in course.visits.windows(2).filter(|pair| pair[1].day <= end) {
            let word = pair[1].response.clone();
            stretches.push(Stretch { days: (pair[0].day, pair[1].day), colour: colour(&word), name: word });
        }
        let goes_on = course.number_of(PROGRESSED) == Some(0.0);
        (!stretches.is_empty()).then(|| Lane {
            name: format!("patient {}", course.number),
            stretches,
            goes_on,
        })
    };
    let mut lanes: Vec<Lane> = courses.iter().take(LANES).filter_map(lane).collect();
    let end = |lane: &Lane| lane.stretches.last().map_or(0.0, |stretch| stretch.days.1);
    lanes.sort_by(|a, b| end(b).total_cmp(&end(a)));
    if lanes.is_empty() {
        return String::new();
    }
    let n = lanes.len();
    let plot = Swimmer {
        alt: format!("Time to progression of {n} patients with the response at each visit."),
        legend: legend(),
        lanes,
    };
    let note = format!(
        "The first {n} patients to progression, by response at the visit that ends a stretch; an arrow: not progressed at \
         the last visit."
    );
    figure(title, &note, &plot.svg())
}

/// Grades of cytokine release by arm.
fn grades(answer: &Answer) -> String {
    let row = |arm: &ArmAnswer| {
        let part = |grade: usize| Part {
            value: 100.0 * arm.crs[grade],
            colour: [2, 5, 4, 1, 3][grade],
            name: format!("grade {grade}"),
        };
        let name = if arm.name.is_empty() { "all patients".to_owned() } else { arm.name.clone() };
        (name, (0..5).map(part).collect())
    };
    let bars = Bars {
        alt: "Shares of patients with each grade of cytokine release, by arm.".into(),
        x_label: "patients, %".into(),
        is_stacked: true,
        legend: [2, 5, 4, 1, 3].iter().zip(0..).map(|(c, grade)| (*c, format!("grade {grade}"))).collect(),
        rows: answer.arms.iter().map(row).collect(),
    };
    let note = "Worst grade of each patient. Intervals are in rates.csv.";
    figure("Cytokine release by arm", note, &bars.svg())
}

fn sensitivity(answer: &Answer) -> String {
    let mut outcomes: Vec<&str> = Vec::new();
    for row in &answer.sensitivity {
        let is_drawn = DRAWN.contains(&row.outcome.as_str()) || answer.published.is_some();
        if is_drawn && !outcomes.contains(&row.outcome.as_str()) {
            outcomes.push(&row.outcome);
        }
    }
    let mut all = String::new();
    for outcome in outcomes {
        let rows = answer.sensitivity.iter().filter(|row| row.outcome == outcome);
        let part = |value: Option<f64>, colour, name: &str| Part {
            value: value.unwrap_or(0.0).max(0.0),
            colour,
            name: name.into(),
        };
        let mut rows: Vec<(String, Vec<Part>)> = rows
            .map(|row| {
                (row.parameter.clone(), vec![part(row.first, 0, "first"), part(row.total, 3, "total")])
            })
            .collect();
        rows.sort_by(|a, b| b.1[1].value.total_cmp(&a.1[1].value));
        let bars = Bars {
            alt: format!("How much each parameter matters for {outcome}."),
            x_label: "Sobol: parts of the variance; Morris: mean and spread of the effects".into(),
            is_stacked: false,
            legend: vec![(0, "alone (Morris: mean)".into()), (3, "in all (Morris: spread)".into())],
            rows,
        };
        all += &figure(&format!("What {outcome} depends on"), "In the first arm.", &bars.svg());
    }
    all
}
