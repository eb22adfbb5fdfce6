//! The tables of a patient or a population.

use super::answer::{Answer, Course, SensitivityRow, Tally};
use super::question::{Arm, Question};
use super::seen::{Lost, Meaning, Seen, response_word};
use super::stream::Files;
use crate::failure::Failure;
use crate::folder::Folder;
use crate::table::{Column, Kind, Table, Values, write_csv, write_parquet};

/// Rows of one group of a Parquet file.
const GROUP: usize = 1 << 16;

/// Writes a table as CSV and as Parquet.
///
/// # Errors
/// If the disk is full or fails.
pub fn write(folder: &Folder, name: &str, table: &Table) -> Result<(), Failure> {
    table.write_csv(&folder.table(name, "csv"))?;
    table.write_parquet(&folder.table(name, "parquet"))
}

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

/// The visits of the first patients of all arms.
pub fn visits(arms: &[(String, Vec<Course>)]) -> Table {
    let mut table = Table::default();
    let (mut names, mut numbers) = (Vec::new(), Vec::new());
    let (mut days, mut sums, mut changes) = (Vec::new(), Vec::new(), Vec::new());
    let (mut recist, mut irecist) = (Vec::new(), Vec::new());
    for (name, courses) in arms {
        for course in courses {
            for visit in &course.visits {
                names.push(name.clone());
                numbers.push(course.number as i64);
                days.push(visit.day);
                sums.push(visit.sum.unwrap_or(f64::NAN));
                changes.push(visit.change.unwrap_or(f64::NAN));
                recist.push(visit.recist.clone());
                irecist.push(visit.irecist.clone());
            }
        }
    }
    arm_and_patient(&mut table, names, numbers);
    table.push(Column::new("day", "d", "Day of the visit"), Values::Numbers(days));
    table.push(
        Column::new("target_sum", "mm", "Sum of the diameters of the target lesions"),
        Values::Numbers(sums),
    );
    table.push(Column::new("target_change", "%", "Its change from day 0"), Values::Numbers(changes));
    table.push(Column::new("recist", "1", "Response by RECIST 1.1; empty on day 0"), Values::Text(recist));
    table.push(Column::new("irecist", "1", "Response by iRECIST; empty on day 0"), Values::Text(irecist));
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
    table.push(Column::new("share", "1", "Their share"), numbers(&|i| rows[i].1.share()));
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
pub fn patients(question: &Question, files: &[Files], folder: &Folder) -> Result<Vec<Tally>, Failure> {
    let mut columns = vec![
        Column::new("arm", "1", "The arm; empty for the only one"),
        Column::new("patient", "1", "Number of the patient; the same in every arm"),
    ];
    let mut kinds = vec![Kind::Text, Kind::Whole];
    for outcome in question.outcome_columns() {
        kinds.push(if outcome.meaning == Meaning::Response { Kind::Text } else { Kind::Numbers });
        columns.push(outcome.column);
    }
    let mut tallies: Vec<Tally> = question.arms.iter().map(|_| Tally::new(question)).collect();
    for (arm, tally) in files.iter().zip(&mut tallies) {
        let width = columns.len() - 2;
        for stretch in arm.stretches()? {
            stretch?.chunks(width).for_each(|row| tally.add(row));
        }
    }
    let groups = || {
        let arms = question.arms.iter().zip(files);
        arms.flat_map(|(arm, files)| Groups::new(arm, files, &kinds))
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
    next: i64,
}

impl<'a> Groups<'a> {
    fn new(arm: &'a Arm, files: &Files, kinds: &'a [Kind]) -> Self {
        let (stretches, refused) = match files.stretches() {
            Ok(stretches) => (Some(Box::new(stretches) as Box<_>), None),
            Err(failure) => (None, Some(failure)),
        };
        Self { arm, stretches, refused, kinds, next: 0 }
    }
}

impl Iterator for Groups<'_> {
    type Item = Result<Vec<Values>, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(failure) = self.refused.take() {
            return Some(Err(failure));
        }
        let width = self.kinds.len() - 2;
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
            Values::Whole((self.next..self.next + n as i64).collect()),
        ];
        self.next += n as i64;
        for (k, kind) in self.kinds[2..].iter().enumerate() {
            let column = rows.iter().skip(k).step_by(width);
            values.push(match kind {
                Kind::Text => Values::Text(column.map(|v| response_word(*v).to_owned()).collect()),
                _ => Values::Numbers(column.copied().collect()),
            });
        }
        Some(Ok(values))
    }
}
