//! Access to HDF5 files with errors that name the file and the object inside it.
//!
//! Sizes that a file declares are checked against the file's length before anything is allocated from them.

use std::path::{Path, PathBuf};

use hdf5_pure::{AttrValue, DType, Dataset, File};

use super::{Matrix, MatrixChoice, unexpected};
use crate::error::{AtlasError, Result};

/// Largest ratio of decoded to stored bytes that is believed: deflate reaches 1,032.
const LARGEST_RATIO: u64 = 1100;
/// Decoded bytes that any file may declare; small files hold constant arrays in few bytes.
const ALWAYS_ALLOWED: u64 = 64 << 20;
/// Elements read at a time from a large array.
const WINDOW: u64 = 1 << 18;

/// Opens an `AnnData` or 10x file, whichever it is.
pub fn open(path: &Path, choice: &MatrixChoice) -> Result<Box<dyn Matrix>> {
    let store = Store::open(path)?;
    if store.has("obs") {
        return Ok(Box::new(super::h5ad::H5ad::open(store, choice)?));
    }
    Ok(Box::new(super::tenx::TenX::open(store)?))
}

/// Numbers as they were stored, or widened.
pub enum Numbers {
    /// In single precision.
    Single(Vec<f32>),
    /// In double precision.
    Double(Vec<f64>),
}

/// Integers as they were stored, or widened.
pub enum Integers {
    /// Of 32 bits.
    Short(Vec<i32>),
    /// Of 64 bits.
    Long(Vec<i64>),
}

/// An HDF5 file open for reading.
pub struct Store {
    /// The file.
    pub path: PathBuf,
    file: File,
    bytes: u64,
}

impl Store {
    /// Opens a file; only its metadata are read.
    pub fn open(path: &Path) -> Result<Self> {
        let damaged = |source| AtlasError::Hdf5 { path: path.into(), inside: "/".into(), source };
        let file = File::open_streaming(path).map_err(damaged)?;
        // What a truncated file lacks must not pass for something that was never in it.
        file.root().groups().map_err(damaged)?;
        Ok(Self { path: path.into(), bytes: file.file_size(), file })
    }

    fn wrap(&self, inside: &str) -> impl Fn(hdf5_pure::Error) -> AtlasError + use<> {
        let (path, inside) = (self.path.clone(), inside.to_owned());
        move |source| AtlasError::Hdf5 { path: path.clone(), inside: inside.clone(), source }
    }

    /// An error about an object of this file.
    pub fn unexpected(
        &self,
        inside: &str,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> AtlasError {
        unexpected(&self.path, inside, expected, found)
    }

    /// Whether there is a dataset or group of that path.
    pub fn has(&self, inside: &str) -> bool {
        self.is_dataset(inside) || self.is_group(inside)
    }

    /// Whether there is a dataset of that path.
    pub fn is_dataset(&self, inside: &str) -> bool {
        self.file.dataset(inside).is_ok()
    }

    /// Whether there is a group of that path.
    pub fn is_group(&self, inside: &str) -> bool {
        self.file.group(inside).is_ok()
    }

    /// The names in a group (`""` is the root), sorted; none if it cannot be listed.
    pub fn children(&self, inside: &str) -> Vec<String> {
        let group = if inside.is_empty() { Ok(self.file.root()) } else { self.file.group(inside) };
        let Ok(group) = group else { return Vec::new() };
        let mut names = group.groups().unwrap_or_default();
        names.extend(group.datasets().unwrap_or_default());
        names.sort();
        names
    }

    /// An attribute of a group or dataset.
    pub fn attribute(&self, inside: &str, name: &str) -> Option<AttrValue> {
        let attrs = match self.file.group(inside) {
            Ok(group) => group.attrs(),
            Err(_) => self.file.dataset(inside).ok()?.attrs(),
        };
        attrs.ok()?.remove(name)
    }

    /// A text attribute.
    pub fn text_attribute(&self, inside: &str, name: &str) -> Option<String> {
        self.attribute(inside, name)?.as_str().map(str::to_owned)
    }

    /// A dataset whose decoded size the file can hold.
    pub fn dataset(&self, inside: &str) -> Result<Dataset> {
        let dataset = self.file.dataset(inside).map_err(|source| match source {
            hdf5_pure::Error::Io(_) => self.wrap(inside)(source),
            _ => AtlasError::Missing {
                path: self.path.clone(),
                inside: inside.into(),
                found: self.children(inside.rsplit_once('/').map_or("", |(parent, _)| parent)),
            },
        })?;
        let shape = dataset.shape().map_err(self.wrap(inside))?;
        let size = dataset.element_size().map_err(self.wrap(inside))?;
        let bytes = shape.iter().try_fold(size, |product, &n| product.checked_mul(n));
        let limit = self.bytes.saturating_mul(LARGEST_RATIO).saturating_add(ALWAYS_ALLOWED);
        if bytes.is_none_or(|bytes| bytes > limit) {
            let found = format!("shape {shape:?} of {size}-byte elements");
            return Err(self.unexpected(inside, format!("at most {limit} bytes"), found));
        }
        Ok(dataset)
    }

    /// The shape of a dataset with the given number of dimensions.
    pub fn shape<const N: usize>(&self, dataset: &Dataset, inside: &str) -> Result<[u64; N]> {
        let shape = dataset.shape().map_err(self.wrap(inside))?;
        let found = format!("shape {shape:?}");
        shape.try_into().map_err(|_| self.unexpected(inside, format!("{N} dimension(s)"), found))
    }

    /// The whole of a one-dimensional integer dataset.
    pub fn integers(&self, inside: &str) -> Result<Vec<i64>> {
        let dataset = self.dataset(inside)?;
        self.numeric(&dataset, inside)?;
        dataset.read_i64().map_err(self.wrap(inside))
    }

    /// A window of integers of a one-dimensional dataset.
    pub fn integer_rows(&self, data: &Dataset, inside: &str, start: u64, count: u64) -> Result<Integers> {
        let wrap = self.wrap(inside);
        if matches!(data.dtype(), Ok(DType::I32)) {
            let values = data.read_i32_rows(start, count).map_err(wrap)?;
            return Ok(Integers::Short(self.complete(values, inside, count)?));
        }
        let values = data.read_i64_rows(start, count).map_err(wrap)?;
        Ok(Integers::Long(self.complete(values, inside, count)?))
    }

    /// A window of rows of a numeric dataset, in single precision if it is stored so; `row` is the number of values in a
    /// row.
    pub fn numbers(&self, data: &Dataset, inside: &str, start: u64, count: u64, row: u64) -> Result<Numbers> {
        if matches!(data.dtype(), Ok(DType::F32)) {
            let values = data.read_f32_rows(start, count).map_err(self.wrap(inside))?;
            return Ok(Numbers::Single(self.complete(values, inside, count.saturating_mul(row))?));
        }
        Ok(Numbers::Double(self.float_rows(data, inside, start, count, row)?))
    }

    /// A window of rows of a numeric dataset, as 64-bit floats; `row` is the number of values in a row.
    pub fn float_rows(
        &self,
        data: &Dataset,
        inside: &str,
        start: u64,
        count: u64,
        row: u64,
    ) -> Result<Vec<f64>> {
        let values = data.read_f64_rows(start, count).map_err(self.wrap(inside))?;
        self.complete(values, inside, count.saturating_mul(row))
    }

    fn complete<T>(&self, values: Vec<T>, inside: &str, count: u64) -> Result<Vec<T>> {
        if values.len() as u64 == count {
            return Ok(values);
        }
        Err(self.unexpected(inside, format!("{count} values"), values.len().to_string()))
    }

    /// Refuses a dataset that does not hold numbers.
    pub fn numeric(&self, dataset: &Dataset, inside: &str) -> Result<()> {
        match dataset.dtype().map_err(self.wrap(inside))? {
            DType::String
            | DType::VariableLengthString
            | DType::Compound(_)
            | DType::ObjectReference
            | DType::Array(..)
            | DType::Other(_) => Err(self.unexpected(inside, "numbers", describe(dataset))),
            _ => Ok(()),
        }
    }

    /// The whole of a numeric dataset, as 64-bit floats.
    pub fn floats(&self, inside: &str) -> Result<Vec<f64>> {
        let dataset = self.dataset(inside)?;
        self.numeric(&dataset, inside)?;
        dataset.read_f64().map_err(self.wrap(inside))
    }

    /// The whole of a text dataset.
    pub fn strings(&self, inside: &str) -> Result<Vec<String>> {
        let dataset = self.dataset(inside)?;
        match dataset.dtype().map_err(self.wrap(inside))? {
            DType::String | DType::VariableLengthString => dataset.read_string().map_err(self.wrap(inside)),
            _ => Err(self.unexpected(inside, "text", describe(&dataset))),
        }
    }

    /// Raw bytes of a dataset of records.
    pub fn raw(&self, dataset: &Dataset, inside: &str) -> Result<Vec<u8>> {
        dataset.read_raw().map_err(self.wrap(inside))
    }

    /// Rows to read at a time: about [`WINDOW`] values, in whole chunks of the file.
    pub fn window(dataset: &Dataset, row: u64) -> u64 {
        let chunk = dataset.chunk_shape().ok().flatten().and_then(|c| c.first().copied()).unwrap_or(1).max(1);
        let wanted = (WINDOW / row.max(1)).max(1);
        chunk.saturating_mul((wanted / chunk).max(1))
    }
}

/// The type of a dataset, for messages.
pub fn describe(dataset: &Dataset) -> String {
    dataset.dtype().map_or_else(|error| error.to_string(), |dtype| dtype.to_string())
}
