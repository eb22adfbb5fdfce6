//! The figures of a target search.

use perforin_atlas::TargetsAnswer;
use perforin_atlas::answer::Profile;

use super::tables::{text, worst};
use super::words::by_antigens;
use crate::report::dots::{Dot, Dots};
use crate::report::heatmap::Heatmap;
use crate::report::html::figure;
use crate::report::scatter::{Point, Scatter};
use crate::report::upset::{Combination, UpSet};

/// Gates shown in the heat map.
const GATES: usize = 12;
/// Patients shown with a row of their own.
const PATIENTS: usize = 40;
/// Normal groups shown in the dot plot.
const TISSUES: usize = 30;
/// Gates that are columns of the dot plot.
const GATE_COLUMNS: usize = 2;

/// A share in per cent with one digit after the point.
pub fn share(value: f64) -> String {
    format!("{:.1} %", 100.0 * value)
}

/// All figures as HTML; what the answer has nothing for is left out.
pub fn html(answer: &TargetsAnswer) -> String {
    let all =
        [front(answer), patients(answer), tissues(answer), overlap(answer), left_out(answer), steps(answer)];
    all.into_iter().flatten().collect()
}

/// The figures that lead: coverage against the worst tissue, and the best gates by patient and tissue.
pub fn leading(answer: &TargetsAnswer) -> String {
    [front(answer), patients(answer), tissues(answer)].into_iter().flatten().collect()
}

fn front(answer: &TargetsAnswer) -> Option<String> {
    let point = |gate: &perforin_atlas::answer::GateReport| {
        let row = worst(gate)?;
        let name = gate.gate.clone();
        Some(Point { x: row.fraction, y: gate.value, colour: 1, name, is_named: false })
    };
    let mut points: Vec<Point> = answer.gates.iter().filter_map(point).collect();
    let corner = |p: &perforin_atlas::front::FrontPoint| Point {
        x: p.limit,
        y: p.value,
        colour: 0,
        name: text(answer, p.shape, &p.literals),
        is_named: false,
    };
    points.extend(answer.front.iter().map(corner));
    if let Some(best) = points.first_mut() {
        best.is_named = true;
    }
    if points.is_empty() {
        return None;
    }
    let mut steps: Vec<(f64, f64)> = answer.front.iter().map(|p| (p.limit, p.value)).collect();
    steps.sort_by(|a, b| a.0.total_cmp(&b.0));
    let caps = answer.gates.iter().flat_map(|gate| &gate.tissues).filter_map(|row| row.cap);
    let limit = caps.filter(|cap| *cap < 1.0).reduce(f64::max);
    let alt = format!(
        "Scatter plot of {} gates: coverage against the share of the worst tissue hit.",
        points.len()
    );
    let plot = Scatter {
        x_label: "hit share of the worst limited tissue, or limit on it".into(),
        y_label: "covered (objective)".into(),
        alt,
        points,
        front: steps,
        limit,
    };
    let note = "Orange: the gates described here. Blue: the proven front; at each of its limits no gate covers more. \
                Dashed: the limit of the study.";
    Some(figure("Coverage against the worst tissue", note, &plot.svg()))
}

fn patients(answer: &TargetsAnswer) -> Option<String> {
    let first = answer.gates.first()?;
    // The patients who are covered least by the best gate decide.
    let mut order: Vec<usize> = (0..first.patients.len()).collect();
    order.sort_by(|&a, &b| first.patients[a].fraction.total_cmp(&first.patients[b].fraction).then(a.cmp(&b)));
    order.truncate(PATIENTS);
    let columns: Vec<String> = order.iter().map(|&p| first.patients[p].name.clone()).collect();
    if columns.is_empty() {
        return None;
    }
    let row = |gate: &perforin_atlas::answer::GateReport| {
        (gate.gate.clone(), order.iter().map(|&p| gate.patients[p].fraction).collect())
    };
    let rows: Vec<_> = answer.gates.iter().take(GATES).map(row).collect();
    let shown = if columns.len() < first.patients.len() {
        format!(
            "The {} of {} patients whom the best gate covers least. ",
            columns.len(),
            first.patients.len()
        )
    } else {
        String::new()
    };
    let alt = format!("Heat map of {} gates by {} patients.", rows.len(), columns.len());
    let note = format!("{shown}Share of each patient's malignant cells that satisfy the gate, in per cent.");
    Some(figure("Gates by patient", &note, &Heatmap { alt, columns, rows }.svg()))
}

fn tissues(answer: &TargetsAnswer) -> Option<String> {
    let gates = &answer.gates[..answer.gates.len().min(GATE_COLUMNS)];
    let best = gates.first()?;
    if best.tissues.is_empty() {
        return None;
    }
    let overlap = &answer.overlap;
    let columns =
        gates.iter().map(|gate| gate.gate.clone()).chain(overlap.antigens.iter().cloned()).collect();
    let row = |tissue: &perforin_atlas::assess::GroupRow| {
        let gate_dot = |gate: &perforin_atlas::answer::GateReport| {
            let found = gate.tissues.iter().find(|row| row.name == tissue.name);
            let over = found.is_some_and(|row| row.cap.is_some_and(|cap| row.fraction > cap));
            Dot { share: found.map_or(f64::NAN, |row| row.fraction), colour: usize::from(over) }
        };
        let antigen_dot = |i: usize| Dot { share: carried(overlap, &tissue.name, i), colour: 2 };
        let dots = gates.iter().map(gate_dot).chain((0..overlap.antigens.len()).map(antigen_dot)).collect();
        (tissue.name.clone(), dots)
    };
    let rows: Vec<_> = best.tissues.iter().take(TISSUES).map(row).collect();
    let alt = format!("Dot plot of {} normal groups: shares hit by gates and carrying antigens.", rows.len());
    let note = "Area of a dot: share of the group's cells; blue and orange (above its limit): satisfying the gate; green: \
                carrying the antigen. Groups hit most by the best gate come first.";
    Some(figure("Normal tissues", note, &Dots { alt, columns, rows }.svg()))
}

/// Share of a group's cells that carry an antigen.
fn carried(overlap: &Profile, group: &str, antigen: usize) -> f64 {
    let Some(row) = overlap.groups.iter().find(|row| row.name == group && !row.malignant) else {
        return f64::NAN;
    };
    let all: u32 = row.cells.iter().sum();
    let with = row.cells.iter().enumerate().filter(|(sets, _)| sets >> antigen & 1 == 1);
    f64::from(with.map(|(_, n)| n).sum::<u32>()) / f64::from(all.max(1))
}

fn overlap(answer: &TargetsAnswer) -> Option<String> {
    let profile = &answer.overlap;
    if profile.antigens.len() < 2 {
        return None;
    }
    let pooled = |malignant: bool| {
        let mut cells = vec![0_u64; 1 << profile.antigens.len()];
        for group in profile.groups.iter().filter(|group| group.malignant == malignant) {
            cells.iter_mut().zip(&group.cells).for_each(|(sum, n)| *sum += u64::from(*n));
        }
        let all = cells.iter().sum::<u64>().max(1) as f64;
        cells.into_iter().map(|n| n as f64 / all).collect::<Vec<f64>>()
    };
    let (malignant, normal) = (pooled(true), pooled(false));
    let mut combinations: Vec<Combination> = (0..malignant.len())
        .map(|sets| Combination { sets, shares: vec![malignant[sets], normal[sets]] })
        .filter(|c| c.shares.iter().any(|s| *s > 0.0))
        .collect();
    combinations.sort_by(|a, b| b.shares[0].total_cmp(&a.shares[0]).then(a.sets.cmp(&b.sets)));
    let sets = profile.antigens.clone();
    let alt =
        format!("UpSet plot of {}: which go together on malignant and on normal cells.", sets.join(", "));
    let populations = vec!["malignant".into(), "normal".into()];
    let note = "Share of all malignant and of all normal cells that carry exactly the antigens marked below; the commonest \
                combinations on malignant cells first.";
    Some(figure("Which antigens go together", note, &UpSet { alt, sets, populations, combinations }.svg()))
}

fn left_out(answer: &TargetsAnswer) -> Option<String> {
    let mut left: Vec<_> = answer.leave_one_out.iter().collect();
    left.sort_by(|a, b| a.covered.total_cmp(&b.covered).then_with(|| a.patient.cmp(&b.patient)));
    if left.is_empty() {
        return None;
    }
    let all = left.len();
    left.truncate(PATIENTS);
    let row = |left: &&perforin_atlas::answer::LeftOut| {
        let gate = left.gate.as_deref().unwrap_or("none");
        (format!("{}: {gate}", left.patient), vec![left.others, left.covered])
    };
    let rows: Vec<_> = left.iter().map(row).collect();
    let columns = vec!["the others".to_owned(), "the one left out".to_owned()];
    let alt = format!(
        "Heat map: coverage of the others and of the patient left out, for {} of {all} patients.",
        rows.len()
    );
    let note = "For each patient the best gate that is chosen without them, its value for the others, and the share of \
                their cells that it covers, in per cent; the worst first.";
    Some(figure("Leaving one patient out", note, &Heatmap { alt, columns, rows }.svg()))
}

fn steps(answer: &TargetsAnswer) -> Option<String> {
    let mut best = by_antigens(answer);
    if best.len() < 2 {
        return None;
    }
    if let Some(larger) = &answer.larger
        && let Some(hit) = &larger.result.best
    {
        best.push((hit.formula.literals(), hit.value));
    }
    // More antigens can always repeat what fewer do.
    let mut highest = 0.0_f64;
    let best: Vec<(usize, f64)> = best
        .into_iter()
        .map(|(n, value)| {
            highest = highest.max(value);
            (n, highest)
        })
        .collect();
    let values: Vec<String> = best.iter().map(|(n, value)| format!("{n}: {}", share(*value))).collect();
    let point = |(n, value): &(usize, f64)| Point {
        x: *n as f64,
        y: *value,
        colour: 0,
        name: share(*value),
        is_named: true,
    };
    let plot = Scatter {
        x_label: "antigens in the gate, at most".into(),
        y_label: "covered (objective)".into(),
        alt: format!("Best coverage by number of antigens: {}.", values.join(", ")),
        points: best.iter().map(point).collect(),
        front: best.iter().map(|(n, value)| (*n as f64, *value)).collect(),
        limit: None,
    };
    let note = "The best value of all gates of at most that many antigens.";
    Some(figure("Coverage against the number of antigens", note, &plot.svg()))
}
