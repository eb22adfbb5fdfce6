//! What was measured of a patient: a CSV file with units and limits of quantification.

use std::fs::File;
use std::path::Path;

use perforin_core::quantity::FieldValue;
use perforin_patient::population::assay::Measured;

use crate::failure::Failure;
use crate::table::Column;

/// A measurement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Day.
    pub day: f64,
    /// Which of the columns.
    pub column: usize,
    /// The value, in the unit of the column.
    pub measured: Measured,
    /// Limit of quantification of a value below it.
    pub limit: f64,
}

/// Name of the column that says whose measurements a row has.
pub const PATIENT: &str = "patient";

/// Whether a CSV file says whose its measurements are.
///
/// # Errors
/// If it cannot be read.
pub fn names_patients(place: &Path) -> Result<bool, Failure> {
    let broken = |e: csv::Error| Failure::input(format!("cannot read `{}`", place.display())).because(&e);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(place).map_err(broken)?;
    Ok(reader.headers().map_err(broken)?.iter().any(|name| name.trim_start_matches('\u{feff}') == PATIENT))
}

/// Reads the columns `columns` of a CSV file, each headed by its name or by `name [unit]`, and a column `time`, `time [d]` if
/// it has no unit. An empty cell was not measured; `<2.5` was below that limit.
///
/// # Errors
/// If the file cannot be read, lacks a column, has a unit that is another quantity's, or a cell that is no positive
/// number; with its line.
pub fn read(place: &Path, columns: &[Column]) -> Result<Vec<Sample>, Failure> {
    Ok(read_rows(place, columns, None)?.into_iter().map(|(_, sample)| sample).collect())
}

/// The same of several patients, named by the column [`PATIENT`], in the order in which they first appear. One without a
/// measurement has none.
///
/// # Errors
/// As of [`read`], or if a row names nobody.
pub fn read_several(place: &Path, columns: &[Column]) -> Result<Vec<(String, Vec<Sample>)>, Failure> {
    let mut patients: Vec<(String, Vec<Sample>)> = Vec::new();
    for (name, sample) in read_rows(place, columns, Some(&mut patients))? {
        if let Some((_, samples)) = patients.iter_mut().find(|(known, _)| *known == name) {
            samples.push(sample);
        }
    }
    Ok(patients)
}

/// All measurements, each with its patient's name; `patients` is filled with all names, in order, if it is asked for.
fn read_rows(
    place: &Path,
    columns: &[Column],
    mut patients: Option<&mut Vec<(String, Vec<Sample>)>>,
) -> Result<Vec<(String, Sample)>, Failure> {
    let shown = place.display().to_string();
    let broken = |e: csv::Error| Failure::input(format!("cannot read `{shown}`")).because(&e);
    let file = File::open(place).map_err(|e| Failure::input(format!("cannot read `{shown}`")).because(&e))?;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
    let names = reader.headers().map_err(broken)?.clone();
    let (time, days) = find(&names, "time", "d", &shown)?;
    let places: Vec<(usize, f64)> =
        columns.iter().map(|c| find(&names, &c.name, &c.unit, &shown)).collect::<Result<_, _>>()?;
    let whose = patients.as_ref().map(|_| find(&names, PATIENT, "1", &shown)).transpose()?;
    let mut samples = Vec::new();
    for record in reader.records() {
        let record = record.map_err(broken)?;
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |place: usize| record.get(place).unwrap_or_default();
        let wrong = |place: usize, help: &str| {
            let what = format!("`{}` in line {line}, column `{}`, of `{shown}`", cell(place), &names[place]);
            Failure::input(format!("{what} is no measurement")).help(help)
        };
        let name = whose.map_or("", |(place, _)| cell(place));
        if let Some(patients) = patients.as_deref_mut() {
            if name.is_empty() {
                let what = format!("line {line} of `{shown}` names no patient");
                return Err(Failure::input(what).help("give every row a patient"));
            }
            if !patients.iter().any(|(known, _)| known == name) {
                patients.push((name.to_owned(), Vec::new()));
            }
        }
        let day = number(cell(time)).map(|day| day * days).filter(|day| *day >= 0.0);
        let day = day.ok_or_else(|| wrong(time, "give times from 0 on"))?;
        for (column, (place, factor)) in places.iter().enumerate() {
            let text = cell(*place);
            if text.is_empty() {
                continue;
            }
            let (is_below, text) = text.strip_prefix('<').map_or((false, text), |limit| (true, limit.trim()));
            let value = number(text).map(|v| v * factor).filter(|value| *value > 0.0);
            let value = value.ok_or_else(|| {
                wrong(
                    *place,
                    "give a number above zero, \"<2.5\" below a limit, or nothing where it was not measured",
                )
            })?;
            let (measured, limit) =
                if is_below { (Measured::Below, value) } else { (Measured::Value(value), 0.0) };
            samples.push((name.to_owned(), Sample { day, column, measured, limit }));
        }
    }
    if samples.is_empty() {
        return Err(Failure::input(format!("`{shown}` holds no measurement to fit to")));
    }
    Ok(samples)
}

/// The place of a column, and what its numbers are multiplied by to be in `unit`.
fn find(names: &csv::StringRecord, name: &str, unit: &str, shown: &str) -> Result<(usize, f64), Failure> {
    for (place, heading) in names.iter().enumerate() {
        let heading = heading.trim_start_matches('\u{feff}');
        let (known, given) = match heading.split_once('[') {
            Some((known, rest)) => (known.trim(), Some(rest.trim_end_matches(']').trim())),
            None => (heading, None),
        };
        if known != name {
            continue;
        }
        let Some(given) = given else { return Ok((place, 1.0)) };
        let one = FieldValue { value: 1.0, unit: given.to_owned() };
        return one.in_unit(unit).map(|factor| (place, factor)).ok_or_else(|| {
            Failure::input(format!("`{heading}` of `{shown}` is not in {unit}, the unit of `{name}`"))
                .help(format!("head the column `{name} [{unit}]`"))
        });
    }
    let there: Vec<_> = names.iter().collect();
    Err(Failure::input(format!("`{shown}` has no column `{name}`"))
        .help(format!("it has {}", there.join(", "))))
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SERIES: &str = "time [h],il6 [pg/mL],product_blood\n0,,0.5\n24,100,<2.5\n36,90,7.5\n";

    fn columns() -> Vec<Column> {
        vec![Column::new("product_blood", "/µL", ""), Column::new("il6", "pg/mL", "")]
    }

    fn read_text(text: &[u8]) -> Result<Vec<Sample>, Failure> {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("measured.csv");
        std::fs::write(&place, text).unwrap();
        read(&place, &columns())
    }

    #[test]
    fn units_limits_and_empty_cells_are_read() {
        let sample =
            |day, column, value| Sample { day, column, measured: Measured::Value(value), limit: 0.0 };
        let below = Sample { day: 1.0, column: 0, measured: Measured::Below, limit: 2.5 };
        let expected = vec![
            sample(0.0, 0, 0.5),
            below,
            sample(1.0, 1, 100.0),
            sample(1.5, 0, 7.5),
            sample(1.5, 1, 90.0),
        ];
        assert_eq!(read_text(SERIES.as_bytes()).unwrap(), expected);
    }

    #[test]
    fn what_is_wrong_with_measurements_is_named_with_its_line() {
        for (from, to, why) in [
            ("100", "many", "`many` in line 3, column `il6 [pg/mL]`"),
            ("7.5", "0", "`0` in line 4"),
            ("<2.5", "<", "`<` in line 3"),
            ("36", "-1", "`-1` in line 4"),
            ("time [h]", "day", "no column `time`"),
            ("[pg/mL]", "[mm]", "is not in pg/mL"),
            ("24,100", "24", "cannot read"),
        ] {
            let failure = read_text(SERIES.replace(from, to).as_bytes()).unwrap_err();
            assert!(failure.to_string().contains(why), "{failure}");
        }
    }

    proptest! {
        #[test]
        fn damaged_bytes_never_make_the_reader_panic(at in 0..70usize, byte: u8, cut in 0..70usize) {
            let mut bytes = SERIES.as_bytes().to_vec();
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
            bytes.truncate(bytes.len().saturating_sub(cut / 2));
            if let Ok(samples) = read_text(&bytes) {
                prop_assert!(samples.iter().all(|s| s.day >= 0.0 && s.column < 2 && s.limit >= 0.0));
            }
        }
    }
}
