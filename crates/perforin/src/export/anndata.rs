//! `AnnData`: one row per cell and frame, antigens as variables.
//!
//! `X` holds molecules per cell; `obsm["spatial"]` µm; `obs` has `cell_type`, `condition`, `bound`, `cell` (identity),
//! `day`, `radius` (µm) and, where the run has them, `oxygen` (mmHg), `lytic_signal` and `exhaustion` (0 to 1).

use std::path::Path;

use hdf5_pure::{AttrValue, FileBuilder, GroupBuilder};

use super::{Course, condition, scalars};
use crate::failure::Failure;
use crate::files;

/// Writes the file.
///
/// # Errors
/// If it cannot be laid out or written.
pub fn write(course: &Course, target: &Path) -> Result<(), Failure> {
    let bytes = bytes(course).map_err(|e| Failure::run("the file cannot be laid out").because(&e))?;
    files::write(target, &bytes)
}

/// A label of the rows.
enum Column {
    Number(Vec<f64>),
    Whole(Vec<i64>),
    Flag(Vec<bool>),
    /// Place in the names for each row.
    Word(Vec<String>, Vec<i32>),
}

fn bytes(course: &Course) -> Result<Vec<u8>, hdf5_pure::Error> {
    let frames = &course.frames;
    let antigens = frames[0].antigens.len();
    let rows: usize = frames.iter().map(|frame| frame.id.len()).sum();
    let mut file = FileBuilder::new();
    encode(&mut |k, v| file.set_attr(k, v), "anndata", "0.1.0");

    let row = |frame: &'_ perforin_lesion::storage::frames::Frame, row: usize| -> Vec<f32> {
        (0..antigens).map(|antigen| frame.density[antigen * frame.id.len() + row]).collect()
    };
    let x: Vec<f32> =
        frames.iter().flat_map(|f| (0..f.id.len()).flat_map(|i| row(f, i)).collect::<Vec<_>>()).collect();
    let matrix = file.create_dataset("X");
    matrix.with_f32_data(&x).with_shape(&[rows as u64, antigens as u64]);
    encode(
        &mut |k, v| {
            matrix.set_attr(k, v);
        },
        "array",
        "0.2.0",
    );

    let mut obsm = file.create_group("obsm");
    encode(&mut |k, v| obsm.set_attr(k, v), "dict", "0.1.0");
    let place: Vec<f64> = frames.iter().flat_map(|f| f.position.iter().flatten().copied()).collect();
    let spatial = obsm.create_dataset("spatial");
    spatial.with_f64_data(&place).with_shape(&[rows as u64, 3]);
    encode(
        &mut |k, v| {
            spatial.set_attr(k, v);
        },
        "array",
        "0.2.0",
    );
    file.add_group(obsm.finish());

    let names: Vec<String> = frames
        .iter()
        .enumerate()
        .flat_map(|(k, frame)| frame.id.iter().map(move |id| format!("{k}-{id}")))
        .collect();
    frame_of(&mut file, "obs", &names, &columns(course));
    frame_of(&mut file, "var", &frames[0].antigens, &[]);
    file.finish()
}

fn columns(course: &Course) -> Vec<(String, Column)> {
    let frames = &course.frames;
    let types = frames[0].types.iter().map(|(name, _)| name.clone()).collect();
    let kinds = frames.iter().flat_map(|f| f.kind.iter().map(|kind| i32::from(*kind))).collect();
    let words: Vec<String> = (0..=u8::MAX).map(condition).take_while(|word| !word.is_empty()).collect();
    let conditions = frames.iter().flat_map(|f| f.condition.iter().map(|c| i32::from(*c))).collect();
    let days = frames.iter().flat_map(|f| f.id.iter().map(move |_| f.time / 1440.0)).collect();
    let mut all = vec![
        ("cell_type".to_owned(), Column::Word(types, kinds)),
        ("condition".to_owned(), Column::Word(words, conditions)),
        ("bound".to_owned(), Column::Flag(frames.iter().flat_map(|f| f.bound.clone()).collect())),
        (
            "cell".to_owned(),
            Column::Whole(frames.iter().flat_map(|f| f.id.iter().map(|id| *id as i64)).collect()),
        ),
        ("day".to_owned(), Column::Number(days)),
        ("radius".to_owned(), Column::Number(frames.iter().flat_map(|f| f.radius.clone()).collect())),
    ];
    let of_frames: Vec<_> = frames.iter().map(scalars).collect();
    for (place, (name, _, _)) in of_frames[0].iter().enumerate().skip(frames[0].antigens.len()) {
        let values = of_frames.iter().flat_map(|scalars| scalars[place].2.clone()).collect();
        all.push((name.clone(), Column::Number(values)));
    }
    all
}

fn encode(set: &mut dyn FnMut(&str, AttrValue), kind: &str, version: &str) {
    set("encoding-type", AttrValue::VarLenString(kind.into()));
    set("encoding-version", AttrValue::VarLenString(version.into()));
}

fn frame_of(file: &mut FileBuilder, name: &str, index: &[String], columns: &[(String, Column)]) {
    let mut frame = file.create_group(name);
    encode(&mut |k, v| frame.set_attr(k, v), "dataframe", "0.2.0");
    frame.set_attr("_index", AttrValue::VarLenString("_index".into()));
    let order = columns.iter().map(|(name, _)| name.clone()).collect();
    frame.set_attr("column-order", AttrValue::VarLenStringArray(order));
    strings(&mut frame, "_index", index);
    for (name, column) in columns {
        match column {
            Column::Word(names, places) => {
                let mut group = frame.create_group(name);
                encode(&mut |k, v| group.set_attr(k, v), "categorical", "0.2.0");
                group.set_attr("ordered", AttrValue::U8(0));
                strings(&mut group, "categories", names);
                let codes = group.create_dataset("codes");
                codes.with_i32_data(places);
                encode(
                    &mut |k, v| {
                        codes.set_attr(k, v);
                    },
                    "array",
                    "0.2.0",
                );
                frame.add_group(group.finish());
            }
            Column::Number(values) => array(frame.create_dataset(name).with_f64_data(values)),
            Column::Whole(values) => array(frame.create_dataset(name).with_i64_data(values)),
            Column::Flag(values) => {
                let numbers: Vec<i32> = values.iter().map(|flag| i32::from(*flag)).collect();
                array(frame.create_dataset(name).with_i32_data(&numbers));
            }
        }
    }
    file.add_group(frame.finish());
}

fn array(data: &mut hdf5_pure::DatasetBuilder) {
    encode(
        &mut |k, v| {
            data.set_attr(k, v);
        },
        "array",
        "0.2.0",
    );
}

fn strings(group: &mut GroupBuilder, name: &str, values: &[String]) {
    let words: Vec<&str> = values.iter().map(String::as_str).collect();
    let data = group.create_dataset(name);
    data.with_vlen_strings(&words);
    encode(
        &mut |k, v| {
            data.set_attr(k, v);
        },
        "string-array",
        "0.2.0",
    );
}
