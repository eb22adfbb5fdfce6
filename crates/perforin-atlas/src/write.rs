//! Gates written back into a copy of an `AnnData` file, one label column each, to colour a map of the cells by.

use std::path::Path;

use hdf5_pure::{AttrValue, File};

use crate::error::{AtlasError, Result};

/// A yes-or-no label of every cell; nothing where a cell was left out of the search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellLabel {
    /// The name of the column.
    pub name: String,
    /// One value per cell, in file order.
    pub values: Vec<Option<bool>>,
}

/// Copies an `.h5ad` file (of `AnnData` 0.8 or later) and adds categorical columns with the levels `no` and `yes` to
/// its `obs`. The copy appears under its name only once it is complete.
///
/// # Errors
/// If `source` is not such a file, a column exists already or has another number of cells, or `target` cannot be
/// written.
pub fn write_labels(source: &Path, target: &Path, labels: &[CellLabel]) -> Result<()> {
    let partial = target.with_extension("h5ad.partial");
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| AtlasError::Io { path, source }
    };
    std::fs::copy(source, &partial).map_err(io(source))?;
    let written = add_columns(source, &partial, labels);
    if let Err(error) = written {
        // The error of the copy matters, not that of tidying up after it.
        let _ = std::fs::remove_file(&partial);
        return Err(error);
    }
    std::fs::rename(&partial, target).map_err(io(target))
}

fn add_columns(source: &Path, copy: &Path, labels: &[CellLabel]) -> Result<()> {
    let hdf5 = |source| AtlasError::Hdf5 { path: copy.into(), inside: "obs".into(), source };
    let file = File::open_rw(copy).map_err(hdf5)?;
    let obs = file.group("obs").map_err(hdf5)?;
    let attrs = obs.attrs().map_err(hdf5)?;
    let unexpected = |expected: &str, found: String| AtlasError::Unexpected {
        path: source.into(),
        inside: "obs".into(),
        expected: expected.into(),
        found,
    };
    let version = attrs.get("encoding-version").and_then(AttrValue::as_str).unwrap_or("none");
    if version != "0.2.0" {
        return Err(unexpected("a frame of encoding version 0.2.0", version.to_owned()));
    }
    let mut columns = attrs.get("column-order").and_then(AttrValue::as_strings).unwrap_or_default().to_vec();
    let index = attrs.get("_index").and_then(AttrValue::as_str).unwrap_or("_index");
    let cells = obs.dataset(index).and_then(|index| index.shape()).map_err(hdf5)?;
    for label in labels {
        if columns.contains(&label.name) {
            return Err(unexpected("no column of that name", format!("'{}'", label.name)));
        }
        if cells != [label.values.len() as u64] {
            return Err(unexpected(&format!("{} cells", label.values.len()), format!("{cells:?}")));
        }
        let codes: Vec<i8> = label.values.iter().map(|v| v.map_or(-1, i8::from)).collect();
        obs.create_group_with(&label.name, |column| {
            let encoding = |kind: &str| AttrValue::VarLenString(kind.into());
            column.set_attr("encoding-type", encoding("categorical"));
            column.set_attr("encoding-version", encoding("0.2.0"));
            column.set_attr("ordered", AttrValue::U8(0));
            column.create_dataset("codes", |data| {
                data.with_i8_data(&codes);
                data.set_attr("encoding-type", encoding("array"));
                data.set_attr("encoding-version", encoding("0.2.0"));
            });
            column.create_dataset("categories", |data| {
                data.with_vlen_strings(&["no", "yes"]);
                data.set_attr("encoding-type", encoding("string-array"));
                data.set_attr("encoding-version", encoding("0.2.0"));
            });
        })
        .map_err(hdf5)?;
        columns.push(label.name.clone());
    }
    obs.set_attr("column-order", AttrValue::VarLenStringArray(columns)).map_err(hdf5)?;
    file.commit().map_err(hdf5)?;
    file.close().map_err(hdf5)
}
