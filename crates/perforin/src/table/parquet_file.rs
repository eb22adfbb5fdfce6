//! Tables as Parquet.
//!
//! Numbers are DOUBLE, whole numbers INT64, words UTF-8 with a dictionary; every column is required; pages are
//! compressed with Snappy. The file's key-value metadata hold `perforin.columns`: name, unit and meaning of every
//! column, as JSON.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{Type, TypePtr};

use super::{Column, Values};
use crate::failure::Failure;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Numbers.
    Numbers,
    /// Whole numbers.
    Whole,
    /// Words.
    Text,
}

impl Values {
    /// What the column holds.
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Numbers(_) => Kind::Numbers,
            Self::Whole(_) => Kind::Whole,
            Self::Text(_) => Kind::Text,
        }
    }
}

/// Writes a Parquet file by groups of rows, for tables that need not fit in memory.
///
/// # Errors
/// What the groups say; or if the disk is full or fails.
pub fn write_parquet(
    place: &Path,
    columns: &[Column],
    kinds: &[Kind],
    groups: impl Iterator<Item = Result<Vec<Values>, Failure>>,
) -> Result<(), Failure> {
    let cannot = |error: ParquetError| cannot_write(place, &error);
    crate::files::replace(place, |file| {
        let mut writer = begin(file, columns, kinds).map_err(cannot)?;
        for group in groups {
            append(&mut writer, &group?).map_err(cannot)?;
        }
        writer.close().map(|_| ()).map_err(cannot)
    })
}

type Sink<'a> = &'a mut BufWriter<File>;

fn begin<'a>(
    file: Sink<'a>,
    columns: &[Column],
    kinds: &[Kind],
) -> Result<SerializedFileWriter<Sink<'a>>, ParquetError> {
    let schema = schema(columns, kinds)?;
    let meaning = serde_json::to_string(columns).map_err(|e| ParquetError::External(Box::new(e)))?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by(concat!("perforin ", env!("CARGO_PKG_VERSION")).into())
        .set_key_value_metadata(Some(vec![KeyValue::new("perforin.columns".into(), meaning)]))
        .build();
    SerializedFileWriter::new(file, schema, Arc::new(properties))
}

fn append(writer: &mut SerializedFileWriter<Sink<'_>>, values: &[Values]) -> Result<(), ParquetError> {
    if values.first().is_none_or(Values::is_empty) {
        return Ok(());
    }
    let mut group = writer.next_row_group()?;
    for column in values {
        append_column(&mut group, column)?;
    }
    group.close().map(|_| ())
}

/// An I/O error is shown as such, so that a full disk is recognised.
fn cannot_write(place: &Path, error: &ParquetError) -> Failure {
    let io = match error {
        ParquetError::External(inner) => inner.downcast_ref::<std::io::Error>(),
        _ => None,
    };
    match io {
        Some(io) => crate::files::cannot_write(place, io),
        None => Failure::run(format!("cannot write `{}`", place.display())).because(error),
    }
}

fn schema(columns: &[Column], kinds: &[Kind]) -> Result<TypePtr, ParquetError> {
    let fields = columns
        .iter()
        .zip(kinds)
        .map(|(column, kind)| {
            let (physical, logical) = match kind {
                Kind::Numbers => (Physical::DOUBLE, None),
                Kind::Whole => (Physical::INT64, None),
                Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            };
            let field = Type::primitive_type_builder(&column.name, physical)
                .with_repetition(Repetition::REQUIRED)
                .with_logical_type(logical);
            field.build().map(Arc::new)
        })
        .collect::<Result<_, _>>()?;
    Ok(Arc::new(Type::group_type_builder("table").with_fields(fields).build()?))
}

fn append_column(
    group: &mut SerializedRowGroupWriter<'_, Sink<'_>>,
    values: &Values,
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else {
        return Err(ParquetError::General("more columns than the table has".into()));
    };
    match values {
        Values::Numbers(v) => column.typed::<DoubleType>().write_batch(v, None, None)?,
        Values::Whole(v) => column.typed::<Int64Type>().write_batch(v, None, None)?,
        Values::Text(v) => {
            let bytes: Vec<_> = v.iter().map(|text| ByteArray::from(text.as_str())).collect();
            column.typed::<ByteArrayType>().write_batch(&bytes, None, None)?
        }
    };
    column.close()
}

#[cfg(test)]
mod tests {
    use super::super::Table;
    use super::*;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;

    fn sample() -> Table {
        let mut table = Table::default();
        table.push(Column::new("run", "1", "number of the run"), Values::Whole(vec![1, 2]));
        table.push(Column::new("kd", "1", "as given"), Values::Text(vec!["5 nM".into(), "µ".into()]));
        table.push(Column::new("share", "1", "a share"), Values::Numbers(vec![0.25, f64::NAN]));
        table
    }

    #[test]
    fn parquet_gives_back_values_units_and_meanings() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("t.parquet");
        let table = sample();
        table.write_parquet(&place).unwrap();
        let reader = SerializedFileReader::new(std::fs::File::open(&place).unwrap()).unwrap();
        let metadata = reader.metadata().file_metadata();
        let meaning = metadata.key_value_metadata().unwrap()[0].value.as_ref().unwrap();
        assert_eq!(serde_json::from_str::<Vec<Column>>(meaning).unwrap(), table.columns);
        let rows: Vec<Vec<Field>> = reader
            .get_row_iter(None)
            .unwrap()
            .map(|row| row.unwrap().get_column_iter().map(|(_, f)| f.clone()).collect())
            .collect();
        assert_eq!(rows[0], [Field::Long(1), Field::Str("5 nM".into()), Field::Double(0.25)]);
        assert_eq!(rows[1][..2], [Field::Long(2), Field::Str("µ".into())]);
        assert!(matches!(rows[1][2], Field::Double(v) if v.is_nan()));
    }

    #[test]
    fn the_same_table_gives_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = ["a", "b"].map(|name| {
            let place = folder.path().join(name);
            sample().write_parquet(&place).unwrap();
            std::fs::read(place).unwrap()
        });
        assert_eq!(bytes[0], bytes[1]);
    }
}
