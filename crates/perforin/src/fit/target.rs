//! The time series to which a study is fitted.

use std::fs::File;
use std::path::Path;

use crate::failure::Failure;

/// The chosen columns of a time series.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Times, d, with a value for each column where there is one.
    pub rows: Vec<(f64, Vec<Option<f64>>)>,
}

impl Target {
    /// Reads the columns of a CSV file whose column `time` is in days, as in a run's series.csv. Empty cells were not
    /// measured.
    ///
    /// # Errors
    /// If the file cannot be read, lacks a column, or holds what is no number; with its line.
    pub fn read(place: &Path, columns: &[String]) -> Result<Self, Failure> {
        let shown = place.display();
        let file =
            File::open(place).map_err(|e| Failure::input(format!("cannot read `{shown}`")).because(&e))?;
        let broken = |e: csv::Error| Failure::input(format!("cannot read `{shown}`")).because(&e);
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
        let names = reader.headers().map_err(broken)?.clone();
        let find = |name: &str| {
            names.iter().position(|n| n.trim_start_matches('\u{feff}') == name).ok_or_else(|| {
                let there: Vec<_> = names.iter().collect();
                Failure::input(format!("`{shown}` has no column `{name}`"))
                    .help(format!("it has {}", there.join(", ")))
            })
        };
        let time = find("time")?;
        let places = columns.iter().map(|name| find(name)).collect::<Result<Vec<_>, _>>()?;
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(broken)?;
            let line = record.position().map_or(0, csv::Position::line);
            let cell = |column: usize| number(&record[column], &names[column], line, &shown.to_string());
            let at = cell(time)?.filter(|t| *t >= 0.0).ok_or_else(|| {
                Failure::input(format!("`{}` in line {line} of `{shown}` is no time", &record[time]))
                    .help("give days from 0 on")
            })?;
            rows.push((at, places.iter().map(|p| cell(*p)).collect::<Result<Vec<_>, _>>()?));
        }
        let target = Self { columns: columns.to_vec(), rows };
        if target.numbers() == 0 {
            return Err(Failure::input(format!("`{shown}` holds no number to fit to")));
        }
        Ok(target)
    }

    /// How many numbers there are.
    pub fn numbers(&self) -> usize {
        self.rows.iter().flat_map(|(_, values)| values).flatten().count()
    }

    /// All numbers, row by row.
    pub fn flat(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        let known = |values: &'_ [Option<f64>]| {
            values.iter().enumerate().filter_map(|(c, v)| v.map(|v| (c, v))).collect::<Vec<_>>()
        };
        self.rows.iter().flat_map(move |(_, values)| known(values))
    }
}

fn number(text: &str, column: &str, line: u64, place: &str) -> Result<Option<f64>, Failure> {
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(Some(value)),
        _ => Err(Failure::input(format!(
            "`{text}` in line {line}, column `{column}`, of `{place}` is no number"
        ))
        .help("leave cells empty that were not measured")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SERIES: &str = "time,tumour_live,product_live,note\n0,100,,a\n0.5,80,12,b\n1.25,1e1,7.5,\n";

    fn read(text: &[u8], columns: &[&str]) -> Result<Target, Failure> {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("series.csv");
        std::fs::write(&place, text).unwrap();
        let columns: Vec<String> = columns.iter().map(ToString::to_string).collect();
        Target::read(&place, &columns)
    }

    #[test]
    fn the_chosen_columns_are_read_and_empty_cells_were_not_measured() {
        let target = read(SERIES.as_bytes(), &["product_live", "tumour_live"]).unwrap();
        let rows = vec![
            (0.0, vec![None, Some(100.0)]),
            (0.5, vec![Some(12.0), Some(80.0)]),
            (1.25, vec![Some(7.5), Some(10.0)]),
        ];
        assert_eq!(target.rows, rows);
        assert_eq!(target.numbers(), 5);
        let flat: Vec<_> = target.flat().collect();
        assert_eq!(flat, [(1, 100.0), (0, 12.0), (1, 80.0), (0, 7.5), (1, 10.0)]);
    }

    #[test]
    fn what_is_wrong_with_a_series_is_named_with_its_line() {
        for (from, to, columns, why) in [
            ("80", "many", &["tumour_live"][..], "`many` in line 3, column `tumour_live`"),
            ("1.25", "-1", &["tumour_live"], "`-1` in line 4"),
            ("1e1", "inf", &["tumour_live"], "`inf` in line 4"),
            ("time", "day", &["tumour_live"], "no column `time`"),
            ("", "", &["tumor_live"], "no column `tumor_live`"),
            ("7.5,", "7.5", &["tumour_live"], "cannot read"),
        ] {
            let failure = read(SERIES.replace(from, to).as_bytes(), columns).unwrap_err();
            assert!(failure.to_string().contains(why), "{failure}");
        }
    }

    proptest! {
        #[test]
        fn damaged_bytes_never_make_the_reader_panic(at in 0..75usize, byte: u8, cut in 0..75usize) {
            let mut bytes = SERIES.as_bytes().to_vec();
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
            bytes.truncate(bytes.len().saturating_sub(cut / 2));
            if let Ok(target) = read(&bytes, &["tumour_live", "product_live"]) {
                prop_assert!(target.rows.iter().all(|(t, v)| *t >= 0.0 && v.len() == 2));
                prop_assert!(target.flat().all(|(_, v)| v.is_finite()));
            }
        }
    }
}
