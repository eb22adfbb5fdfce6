//! Tables as CSV.

use std::fs::File;
use std::path::Path;

use super::{Column, Table, Values};
use crate::failure::Failure;

/// A number with the fewest digits that are read back to the same value; whole numbers without a point.
pub fn number(value: f64) -> String {
    // Whole numbers are exact up to 2^53.
    if value.fract() == 0.0 && value.abs() < 9.0e15 {
        format!("{}", value as i64)
    } else {
        format!("{value:?}")
    }
}

/// Writes a CSV file with one line of names by groups of rows, for tables that need not fit in memory.
///
/// # Errors
/// What the groups say; or if the disk is full or fails.
pub fn write_csv(
    place: &Path,
    columns: &[Column],
    groups: impl Iterator<Item = Result<Vec<Values>, Failure>>,
) -> Result<(), Failure> {
    let cannot = |e: csv::Error| Failure::run(format!("cannot write `{}`", place.display())).because(&e);
    crate::files::replace(place, |file| {
        let mut writer = csv::Writer::from_writer(file);
        writer.write_record(columns.iter().map(|c| &c.name)).map_err(cannot)?;
        for group in groups {
            let group = group?;
            for row in 0..group.first().map_or(0, Values::len) {
                writer.write_record(group.iter().map(|v| v.cell(row))).map_err(cannot)?;
            }
        }
        writer.flush().map_err(|e| crate::files::cannot_write(place, &e))
    })
}

/// Reads a CSV file of numbers whose columns are known.
///
/// # Errors
/// If the file is missing, has other columns, or holds what is not a number.
pub fn read_numbers(place: &Path, columns: &[Column]) -> Result<Table, Failure> {
    let damaged = |what: String| {
        Failure::unreadable(format!("`{}` is damaged: {what}", place.display()))
            .help("the tables of a results folder must not be edited; run the study again")
    };
    let file = File::open(place)
        .map_err(|e| Failure::unreadable(format!("cannot read `{}`", place.display())).because(&e))?;
    let mut reader = csv::Reader::from_reader(file);
    let names = reader.headers().map_err(|e| damaged(e.to_string()))?.clone();
    if !names.iter().eq(columns.iter().map(|c| c.name.as_str())) {
        return Err(damaged("its columns are not those of the study".into()));
    }
    let mut values = vec![Vec::new(); columns.len()];
    for (row, record) in reader.records().enumerate() {
        let record = record.map_err(|e| damaged(e.to_string()))?;
        for (column, text) in record.iter().enumerate() {
            let value = text.parse().map_err(|_| {
                damaged(format!("`{text}` in row {} of `{}` is no number", row + 1, columns[column].name))
            })?;
            values[column].push(value);
        }
    }
    Ok(Table { columns: columns.to_vec(), values: values.into_iter().map(Values::Numbers).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_number_is_read_back_to_the_same_value(value in proptest::num::f64::ANY) {
            let read: f64 = number(value).parse().unwrap();
            prop_assert!(read == value || (read.is_nan() && value.is_nan()));
        }
    }

    proptest! {
        #[test]
        fn damaged_bytes_never_make_the_reader_panic(at in 0..60usize, byte: u8, cut in 0..60usize) {
            let folder = tempfile::tempdir().unwrap();
            let place = folder.path().join("t.csv");
            let columns = [Column::new("day", "d", ""), Column::new("share", "1", "")];
            let mut bytes = b"day,share\n0,0.25\n0.041666666666666664,1e-300\n1,3\n".to_vec();
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
            bytes.truncate(bytes.len().saturating_sub(cut / 2));
            std::fs::write(&place, &bytes).unwrap();
            if let Ok(table) = read_numbers(&place, &columns) {
                prop_assert!(table.values.iter().all(|v| v.len() == table.rows()));
            }
        }
    }

    #[test]
    fn a_table_is_read_back_and_a_damaged_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("t.csv");
        let mut table = Table::default();
        table.push(Column::new("day", "d", "time"), Values::Numbers(vec![0.0, 0.1]));
        table.push(Column::new("share", "1", "a share"), Values::Numbers(vec![1e-300, 1.0 / 3.0]));
        table.write_csv(&place).unwrap();
        assert_eq!(read_numbers(&place, &table.columns).unwrap(), table);
        std::fs::write(&place, "day,share\n0,x\n").unwrap();
        let failure = read_numbers(&place, &table.columns).unwrap_err();
        assert!(failure.what.ends_with("`x` in row 1 of `share` is no number"), "{failure}");
    }
}
