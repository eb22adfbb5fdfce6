//! Tables as Parquet.
//!
//! Numbers are DOUBLE, whole numbers INT64, words UTF-8 with a dictionary; every column is required; pages are
//! compressed with Snappy. The file's key-value metadata hold `perforin.columns`: name, unit and meaning of every
//! column, as JSON.

use std::path::{Path, PathBuf};
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
use crate::files::Pending;

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

/// A Parquet file that is written by groups of rows, for tables that need not fit in memory.
pub struct ParquetFile {
    place: PathBuf,
    writer: SerializedFileWriter<Pending>,
}

impl ParquetFile {
    /// Begins a file.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn create(place: &Path, columns: &[Column], kinds: &[Kind]) -> Result<Self, Failure> {
        let begin = |pending| -> Result<_, ParquetError> {
            let schema = schema(columns, kinds)?;
            let meaning = serde_json::to_string(columns).map_err(|e| ParquetError::External(Box::new(e)))?;
            let properties = WriterProperties::builder()
                .set_compression(Compression::SNAPPY)
                .set_created_by(concat!("perforin ", env!("CARGO_PKG_VERSION")).into())
                .set_key_value_metadata(Some(vec![KeyValue::new("perforin.columns".into(), meaning)]))
                .build();
            SerializedFileWriter::new(pending, schema, Arc::new(properties))
        };
        let writer = begin(Pending::create(place)?).map_err(|e| cannot_write(place, e))?;
        Ok(Self { place: place.to_owned(), writer })
    }

    /// Appends a group of rows.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn append(&mut self, values: &[Values]) -> Result<(), Failure> {
        if values.first().is_none_or(Values::is_empty) {
            return Ok(());
        }
        let mut write = || -> Result<(), ParquetError> {
            let mut group = self.writer.next_row_group()?;
            for column in values {
                append_column(&mut group, column)?;
            }
            group.close().map(|_| ())
        };
        write().map_err(|e| cannot_write(&self.place, e))
    }

    /// Ends the file and puts it in its place.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn commit(self) -> Result<(), Failure> {
        self.writer.into_inner().map_err(|e| cannot_write(&self.place, e))?.commit()
    }
}

/// An I/O error is shown as such, so that a full disk is recognised.
fn cannot_write(place: &Path, error: ParquetError) -> Failure {
    let io = match &error {
        ParquetError::External(inner) => inner.downcast_ref::<std::io::Error>(),
        _ => None,
    };
    match io {
        Some(io) => crate::files::cannot_write(place, io),
        None => Failure::run(format!("cannot write `{}`", place.display())).because(&error),
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
    group: &mut SerializedRowGroupWriter<'_, Pending>,
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
