//! The tables of a patient or a population.

use super::answer::{Answer, Course, SensitivityRow, Tally, Visit};
use super::question::{Arm, Question};
use super::seen::{Lost, Meaning, Seen, response_word};
use super::stream::Files;
use super::weighting::Weights;
use crate::failure::Failure;
use crate::folder::Folder;
use crate::table::{Column, Kind, Table, Values, write_csv, write_parquet};

/// Rows of one group of a Parquet file.
const GROUP: usize = 1 << 16;

/// The series of one patient.
pub fn series(question: &Question, seen: &Seen) -> Table {
    let columns = question.series_columns();
    let values = std::iter::once(&question.days).chain(&seen.series).map(|v| Values::Numbers(v.clone()));
    Table { columns, values: values.collect() }
}

/// The courses of the first patients of all arms, below each other.
pub fn courses(question: &Question, arms: &[Vec<Seen>]) -> Table {
    let mut table = Table::default();
    let (mut names, mut numbers) = (Vec::new(), Vec::new());
    let width = question.series_columns().len();
    let mut values = vec![Vec::new(); width];
    for (arm, patients) in question.arms.iter().zip(arms) {
        for seen in patients {
            for day in 0..question.days.len() {
                names.push(arm.name.clone());
                numbers.push(seen.number as i64);
                values[0].push(question.days[day]);
                for (column, series) in values[1..].iter_mut().zip(&seen.series) {
                    column.push(series[day]);
                }
            }
        }
    }
    arm_and_patient(&mut table, names, numbers);
    for (column, values) in question.series_columns().into_iter().zip(values) {
        table.push(column, Values::Numbers(values));
    }
    table
}

fn arm_and_patient(table: &mut Table, names: Vec<String>, numbers: Vec<i64>) {
    table.push(Column::new("arm", "1", "The arm; empty for the only one"), Values::Text(names));
    table.push(Column::new("patient", "1", "Number of the patient"), Values::Whole(numbers));
}

/// The visits of the first patients of all arms. Sizes and the column of RANO are those of the study's criteria.
pub fn visits(arms: &[(String, Vec<Course>)]) -> Table {
    let mut table = Table::default();
    let of_course = |(name, course): (&String, &Course)| {
        let row = |visit: &Visit| (name.clone(), course.number as i64, visit.clone());
        course.visits.iter().map(row).collect::<Vec<_>>()
    };
    let rows: Vec<(String, i64, Visit)> = arms
        .iter()
        .flat_map(|(name, courses)| courses.iter().map(move |course| (name, course)))
        .flat_map(of_course)
        .collect();
    arm_and_patient(
        &mut table,
        rows.iter().map(|(name, ..)| name.clone()).collect(),
        rows.iter().map(|(_, number, _)| *number).collect(),
    );
    let numbers = |f: fn(&Visit) -> Option<f64>| {
        Values::Numbers(rows.iter().map(|(.., visit)| f(visit).unwrap_or(f64::NAN)).collect())
    };
    let words = |f: fn(&Visit) -> &String| Values::Text(rows.iter().map(|(.., v)| f(v).clone()).collect());
    let is_rano = rows.iter().any(|(.., visit)| !visit.rano.is_empty());
    table.push(Column::new("day", "d", "Day of the visit"), numbers(|visit| Some(visit.day)));
    let sum = if is_rano {
        Column::new("target_sum", "mm²", "Sum of the products of diameters of the target lesions")
    } else {
        Column::new("target_sum", "mm", "Sum of the diameters of the target lesions")
    };
    table.push(sum, numbers(|visit| visit.sum));
    table.push(Column::new("target_change", "%", "Its change from day 0"), numbers(|visit| visit.change));
    let recist = Column::new("recist", "1", "Response by RECIST 1.1; empty on day 0");
    table.push(recist, words(|visit| &visit.recist));
    table.push(
        Column::new("irecist", "1", "Response by iRECIST; empty on day 0"),
        words(|visit| &visit.irecist),
    );
    if is_rano {
        table.push(Column::new("rano", "1", "Response by RANO; empty on day 0"), words(|visit| &visit.rano));
    }
    table
}

/// Survival curves, arm by arm: the share that is free of the event after each day with one.
pub fn survival(answer: &Answer) -> Table {
    let (mut names, mut curves) = (Vec::new(), Vec::new());
    let (mut days, mut shares) = (Vec::new(), Vec::new());
    for arm in &answer.arms {
        for curve in &arm.survival {
            for (day, share) in std::iter::once(&(0.0, 1.0)).chain(&curve.steps) {
                names.push(arm.name.clone());
                curves.push(curve.name.clone());
                days.push(*day);
                shares.push(*share);
            }
        }
    }
    let mut table = Table::default();
    table.push(Column::new("arm", "1", "The arm; empty for the only one"), Values::Text(names));
    table.push(Column::new("curve", "1", "What it is free of"), Values::Text(curves));
    table.push(
        Column::new("time", "d", "Time after day 0, of responses after their begin"),
        Values::Numbers(days),
    );
    table.push(
        Column::new("share", "1", "Share free of the event, by the product limit"),
        Values::Numbers(shares),
    );
    table
}

/// The patients whose solution failed.
pub fn failed(lost: &[(String, Lost)]) -> Table {
    let mut table = Table::default();
    let names = lost.iter().map(|(arm, _)| arm.clone()).collect();
    arm_and_patient(&mut table, names, lost.iter().map(|(_, lost)| lost.number as i64).collect());
    let reasons = lost.iter().map(|(_, lost)| lost.reason.clone()).collect();
    table.push(Column::new("reason", "1", "Why, with the day"), Values::Text(reasons));
    table
}

/// Quantiles of outcomes, arm by arm.
pub fn summary(answer: &Answer) -> Table {
    let rows = answer.arms.iter().flat_map(|arm| arm.quantiles.iter().map(move |q| (arm, q)));
    let rows: Vec<_> = rows.collect();
    let mut table = Table::default();
    let text = |f: &dyn Fn(usize) -> String| Values::Text((0..rows.len()).map(f).collect());
    table.push(Column::new("arm", "1", "The arm; empty for the only one"), text(&|i| rows[i].0.name.clone()));
    table.push(Column::new("outcome", "1", "The outcome"), text(&|i| rows[i].1.name.clone()));
    table.push(Column::new("unit", "1", "Unit of its quantiles"), text(&|i| rows[i].1.unit.clone()));
    let patients = rows.iter().map(|(_, q)| q.patients as i64).collect();
    table.push(Column::new("patients", "1", "Patients who have it"), Values::Whole(patients));
    for (k, column) in quantile_columns().into_iter().enumerate() {
        let values = rows.iter().map(|(_, q)| q.values[k].unwrap_or(f64::NAN)).collect();
        table.push(column, Values::Numbers(values));
    }
    table
}

fn quantile_columns() -> Vec<Column> {
    let column = |p: f64| {
        let p = (100.0 * p).round();
        Column::new(format!("p{p}"), "as the row says", format!("{p} % of patients lie below"))
    };
    super::bands::PROBABILITIES.map(column).to_vec()
}

/// Shares of patients, arm by arm.
pub fn rates(answer: &Answer) -> Table {
    let rows: Vec<_> = answer.arms.iter().flat_map(|arm| arm.rates.iter().map(move |r| (arm, r))).collect();
    let mut table = Table::default();
    let text = |f: &dyn Fn(usize) -> String| Values::Text((0..rows.len()).map(f).collect());
    let numbers = |f: &dyn Fn(usize) -> f64| Values::Numbers((0..rows.len()).map(f).collect());
    let whole = |f: &dyn Fn(usize) -> u64| Values::Whole((0..rows.len()).map(|i| f(i) as i64).collect());
    table.push(Column::new("arm", "1", "The arm; empty for the only one"), text(&|i| rows[i].0.name.clone()));
    table.push(Column::new("outcome", "1", "The outcome"), text(&|i| rows[i].1.name.clone()));
    table.push(Column::new("count", "1", "Patients who have it"), whole(&|i| rows[i].1.count));
    table.push(Column::new("patients", "1", "Patients followed to the end"), whole(&|i| rows[i].1.of));
    table.push(Column::new("share", "1", "Their share, by their weights"), numbers(&|i| rows[i].1.share));
    table.push(Column::new("low", "1", "Lower end of the 95 % interval"), numbers(&|i| rows[i].1.interval.0));
    table
        .push(Column::new("high", "1", "Upper end of the 95 % interval"), numbers(&|i| rows[i].1.interval.1));
    table
}

/// Bands over time, arm by arm.
pub fn bands(answer: &Answer) -> Table {
    let (mut names, mut quantities, mut units) = (Vec::new(), Vec::new(), Vec::new());
    let mut days = Vec::new();
    let mut values = vec![Vec::new(); 5];
    for arm in &answer.arms {
        for band in &arm.bands {
            for (day, quantiles) in band.days.iter().zip(&band.values) {
                names.push(arm.name.clone());
                quantities.push(band.name.clone());
                units.push(band.unit.clone());
                days.push(*day);
                values.iter_mut().zip(quantiles).for_each(|(v, q)| v.push(q.unwrap_or(f64::NAN)));
            }
        }
    }
    let mut table = Table::default();
    table.push(Column::new("arm", "1", "The arm; empty for the only one"), Values::Text(names));
    table.push(Column::new("quantity", "1", "The quantity"), Values::Text(quantities));
    table.push(Column::new("unit", "1", "Unit of its quantiles"), Values::Text(units));
    table.push(Column::new("time", "d", "Time after day 0"), Values::Numbers(days));
    for (column, values) in quantile_columns().into_iter().zip(values) {
        table.push(column, Values::Numbers(values));
    }
    table
}

/// Which parameter matters.
pub fn sensitivity(rows: &[SensitivityRow]) -> Table {
    let mut table = Table::default();
    let text = |f: fn(&SensitivityRow) -> &String| Values::Text(rows.iter().map(|r| f(r).clone()).collect());
    let numbers = |f: fn(&SensitivityRow) -> Option<f64>| {
        Values::Numbers(rows.iter().map(|r| f(r).unwrap_or(f64::NAN)).collect())
    };
    table.push(Column::new("outcome", "1", "The outcome"), text(|r| &r.outcome));
    table.push(Column::new("parameter", "1", "The parameter"), text(|r| &r.parameter));
    let first = "Sobol: part of the variance that it explains alone; Morris: mean absolute effect";
    let total =
        "Sobol: part of the variance in which it takes part; Morris: standard deviation of the effects";
    table.push(Column::new("first", "1", first), numbers(|r| r.first));
    table.push(Column::new("total", "1", total), numbers(|r| r.total));
    table
}

/// Writes one row per patient of all arms from the rows on disk, and tallies each arm on the way.
///
/// # Errors
/// If the rows are damaged, or the disk is full or fails.
pub fn patients(
    question: &Question,
    files: &[Files],
    folder: &Folder,
    weights: Option<&Weights>,
) -> Result<Vec<Tally>, Failure> {
    let mut columns = vec![
        Column::new("arm", "1", "The arm; empty for the only one"),
        Column::new("patient", "1", "Number of the patient; the same in every arm"),
    ];
    let mut kinds = vec![Kind::Text, Kind::Whole];
    if weights.is_some() {
        columns.push(Column::new(
            "weight",
            "1",
            "Weight of the patient, 1 on average; the same in every arm",
        ));
        kinds.push(Kind::Numbers);
    }
    let head = kinds.len();
    for outcome in question.outcome_columns() {
        kinds.push(if outcome.meaning == Meaning::Response { Kind::Text } else { Kind::Numbers });
        columns.push(outcome.column);
    }
    let mut tallies: Vec<Tally> = question.arms.iter().map(|_| Tally::new(question)).collect();
    for (arm, tally) in files.iter().zip(&mut tallies) {
        let mut number = 0;
        for stretch in arm.stretches()? {
            for row in stretch?.chunks(columns.len() - head) {
                tally.add(row, weights.map_or(1.0, |weights| weights.of[number]));
                number += 1;
            }
        }
    }
    let groups = || {
        let arms = question.arms.iter().zip(files);
        arms.flat_map(|(arm, files)| Groups::new(arm, files, &kinds, weights))
    };
    write_csv(&folder.table("patients", "csv"), &columns, groups())?;
    write_parquet(&folder.table("patients", "parquet"), &columns, &kinds, groups())?;
    Ok(tallies)
}

/// Rows of an arm by groups.
struct Groups<'a> {
    arm: &'a Arm,
    stretches: Option<Box<dyn Iterator<Item = Result<Vec<f64>, Failure>>>>,
    refused: Option<Failure>,
    kinds: &'a [Kind],
    weights: Option<&'a Weights>,
    next: usize,
}

impl<'a> Groups<'a> {
    fn new(arm: &'a Arm, files: &Files, kinds: &'a [Kind], weights: Option<&'a Weights>) -> Self {
        let (stretches, refused) = match files.stretches() {
            Ok(stretches) => (Some(Box::new(stretches) as Box<_>), None),
            Err(failure) => (None, Some(failure)),
        };
        Self { arm, stretches, refused, kinds, weights, next: 0 }
    }
}

impl Iterator for Groups<'_> {
    type Item = Result<Vec<Values>, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(failure) = self.refused.take() {
            return Some(Err(failure));
        }
        let head = 2 + usize::from(self.weights.is_some());
        let width = self.kinds.len() - head;
        let mut rows: Vec<f64> = Vec::new();
        for stretch in self.stretches.as_mut()? {
            match stretch {
                Ok(values) => rows.extend(values),
                Err(failure) => return Some(Err(failure)),
            }
            if rows.len() >= GROUP * width {
                break;
            }
        }
        let n = rows.len() / width;
        if n == 0 {
            return None;
        }
        let mut values = vec![
            Values::Text(vec![self.arm.name.clone(); n]),
            Values::Whole((self.next..self.next + n).map(|number| number as i64).collect()),
        ];
        values.extend(self.weights.map(|w| Values::Numbers(w.of[self.next..self.next + n].to_vec())));
        self.next += n;
        for (k, kind) in self.kinds[head..].iter().enumerate() {
            let column = rows.iter().skip(k).step_by(width);
            values.push(match kind {
                Kind::Text => Values::Text(column.map(|v| response_word(*v).to_owned()).collect()),
                _ => Values::Numbers(column.copied().collect()),
            });
        }
        Some(Ok(values))
    }
}
