//! Files are read for what they say, and refused with place and remedy for what they do not.

use std::path::PathBuf;

use hdf5_pure::{AttrValue, FileBuilder};
use perforin_core::rng::{Purpose, Stream};
use tempfile::TempDir;

use super::*;

const SECTION: &str = r#"
file = "cells"
unit = "0.5 µm"
types = { Tumour = "tumour", "CD8, T" = "t_cell", Debris = "none" }
antigen.HER2 = { from = "ERBB2", factor = "300 /cell" }
"#;

const TABLE: &str = "\u{feff}x,y,z,type,ERBB2\n10,20,0,Tumour,2\n-4.5,1e2,6,\"CD8, T\",0\n7,7,7,Debris,1\n8,9,-2,Tumour,0.5\n";

fn section(text: &str) -> ImportSection {
    toml::from_str(text).unwrap()
}

/// What comes of the content of a file of that name.
fn import(name: &str, content: &[u8], text: &str) -> Result<ImportedCells, ImportError> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    read(&section(text), &path)
}

/// The path in the study, the message and the remedy of an error.
fn refused(name: &str, content: &[u8], text: &str) -> (String, String) {
    let problem = import(name, content, text).unwrap_err().problem();
    assert!(!problem.help.unwrap().is_empty());
    (problem.path, problem.message)
}

fn expected() -> ImportedCells {
    ImportedCells {
        types: vec!["t_cell".into(), "tumour".into()],
        kind: vec![1, 0, 1],
        position: vec![[5.0, 10.0, 0.0], [-2.25, 50.0, 3.0], [4.0, 4.5, -1.0]],
        antigens: vec!["HER2".into()],
        density: vec![600.0, 0.0, 150.0],
    }
}

/// The cells of the table as `AnnData`, with these coordinates; the genes lie in the main matrix.
fn h5ad(coordinates: &[f64], width: u64, values: &[f32]) -> Vec<u8> {
    let mut file = FileBuilder::new();
    let set = |group: &mut hdf5_pure::GroupBuilder, kind: &str, version: &str| {
        group.set_attr("encoding-type", AttrValue::VarLenString(kind.into()));
        group.set_attr("encoding-version", AttrValue::VarLenString(version.into()));
    };
    file.create_dataset("X").with_f32_data(values).with_shape(&[4, values.len() as u64 / 4]);
    for (name, index, columns) in [
        ("obs", vec!["a", "b", "c", "d"], vec![("type", vec!["Tumour", "CD8, T", "Debris", "Tumour"])]),
        ("var", vec!["ERBB2", "CD276"], Vec::new()),
    ] {
        let mut group = file.create_group(name);
        set(&mut group, "dataframe", "0.2.0");
        group.set_attr("_index", AttrValue::VarLenString("_index".into()));
        group.create_dataset("_index").with_vlen_strings(&index);
        for (column, labels) in columns {
            group.create_dataset(column).with_vlen_strings(&labels);
        }
        file.add_group(group.finish());
    }
    let mut places = file.create_group("obsm");
    places
        .create_dataset("spatial")
        .with_f64_data(coordinates)
        .with_shape(&[coordinates.len() as u64 / width, width]);
    file.add_group(places.finish());
    file.finish().unwrap()
}

const PLACES: [f64; 12] = [10.0, 20.0, 0.0, -4.5, 100.0, 6.0, 7.0, 7.0, 7.0, 8.0, 9.0, -2.0];
const VALUES: [f32; 8] = [2.0, 9.0, 0.0, 9.0, 1.0, 9.0, 0.5, 9.0];

#[test]
fn a_table_gives_types_places_and_antigens_in_the_units_of_the_study() {
    assert_eq!(import("cells.csv", TABLE.as_bytes(), SECTION).unwrap(), expected());
    let tabs = TABLE.replace("\"CD8, T\"", "CD8; T").replace(',', "\t").replace("CD8; T", "CD8, T");
    assert_eq!(import("cells.tsv", tabs.as_bytes(), SECTION).unwrap(), expected());
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut packed, TABLE.as_bytes()).unwrap();
    assert_eq!(import("Cells.CSV.gz", &packed.finish().unwrap(), SECTION).unwrap(), expected());
}

#[test]
fn an_anndata_file_gives_the_same_cells_as_the_table() {
    assert_eq!(import("cells.h5ad", &h5ad(&PLACES, 3, &VALUES), SECTION).unwrap(), expected());
}

#[test]
fn two_coordinates_need_a_thickness_and_three_need_none() {
    let flat = TABLE.replace(",z,", ",height,");
    let with = format!("thickness = \"20 µm\"\n{SECTION}");
    let cells = import("cells.csv", flat.as_bytes(), &with).unwrap();
    assert!(cells.position.iter().all(|p| p[2] == 0.0) && cells.len() == 3);
    let (path, message) = refused("cells.csv", flat.as_bytes(), SECTION);
    assert_eq!(path, "lesion.import.thickness");
    assert!(
        message.ends_with("has 2 coordinates for each cell, but the study gives no `thickness`"),
        "{message}"
    );
    assert_eq!(refused("cells.csv", TABLE.as_bytes(), &with).0, "lesion.import.thickness");
    let flat: Vec<f64> = PLACES.chunks(3).flat_map(|p| [p[0], p[1]]).collect();
    assert_eq!(import("c.h5ad", &h5ad(&flat, 2, &VALUES), &with).unwrap(), cells);
}

#[test]
fn what_is_wrong_with_a_table_is_said_with_line_and_column() {
    let cases = [
        (
            TABLE.replace("x,y", "a,b"),
            "lesion.import.file",
            "has 0 columns `x` for coordinates; its columns are `a`, `b`",
        ),
        (TABLE.replace("y,z", "y,y"), "lesion.import.file", "has 2 columns `y` for coordinates"),
        (TABLE.replace("type", "kind"), "lesion.import.file", "has 0 columns `type` for cell types"),
        (TABLE.replace("ERBB2", "HER2"), "lesion.import.file", "has 0 columns `ERBB2` for an antigen"),
        (TABLE.replace("-4.5", "west"), "lesion.import.file", "line 3, `x`: \"west\" is not a number"),
        (TABLE.replace("-4.5", "NaN"), "lesion.import.file", "line 3, `x`: \"NaN\" is not a coordinate"),
        (TABLE.replace("1e2", "1e999"), "lesion.import.file", "line 3, `y`: \"inf\" is not a coordinate"),
        (
            TABLE.replace("Tumour,2", "Tumour,-2"),
            "lesion.import.file",
            "line 2, `ERBB2`: \"-2\" is not an amount of antigen",
        ),
        (TABLE.replace("Tumour,2", "Tumour"), "lesion.import.file", "line: 2"),
        (
            TABLE.replace("Debris", "Stroma").replace("CD8, T", ""),
            "lesion.import.types",
            "cell types that `types` does not mention: \"\" (1 cell), \"Stroma\" (1 cell)",
        ),
    ];
    for (table, path, message) in cases {
        let found = refused("cells.csv", table.as_bytes(), SECTION);
        assert_eq!(found.0, path, "{}", found.1);
        assert!(found.1.contains(message) && found.1.contains("cells.csv"), "{} against {message}", found.1);
    }
    assert!(refused("cells.xlsx", b"", SECTION).1.ends_with("nor an AnnData file (.h5ad)"));
    let absent = read(&section(SECTION), &PathBuf::from("absent.csv")).unwrap_err();
    assert!(absent.to_string().starts_with("cannot read `absent.csv`"));
}

#[test]
fn what_is_wrong_with_an_anndata_file_is_said_with_its_place() {
    let good = h5ad(&PLACES, 3, &VALUES);
    let cases = [
        (
            h5ad(&PLACES[..9], 3, &VALUES),
            SECTION.to_owned(),
            "file",
            "obsm/spatial: expected 4 rows, as obs has, found 3",
        ),
        (h5ad(&PLACES[..4], 1, &VALUES), SECTION.to_owned(), "file", "expected 2 or 3 coordinates"),
        (
            good.clone(),
            SECTION.replace("ERBB2", "EGFR"),
            "file",
            "the gene 'EGFR' is missing; found 'ERBB2', 'CD276'",
        ),
        (
            good.clone(),
            format!("type_column = \"kind\"\n{SECTION}"),
            "type_column",
            "there is no cell label 'kind'",
        ),
        (good.clone(), format!("matrix = \"counts\"\n{SECTION}"), "file", "layers/counts is missing"),
        (
            h5ad(&PLACES, 3, &VALUES.map(|v| v - 1.0)),
            SECTION.to_owned(),
            "matrix",
            "is not an expression level",
        ),
        (b"not HDF5".to_vec(), SECTION.to_owned(), "file", "c.h5ad"),
    ];
    for (content, text, key, message) in cases {
        let found = refused("c.h5ad", &content, &text);
        assert_eq!(found.0, format!("lesion.import.{key}"), "{}", found.1);
        assert!(found.1.contains(message), "{} against {message}", found.1);
    }
    let mut places = PLACES;
    places[4] = f64::NAN;
    let found = refused("c.h5ad", &h5ad(&places, 3, &VALUES), SECTION).1;
    assert!(found.ends_with("cell \"b\", `y`: \"NaN\" is not a coordinate"), "{found}");
}

/// Changes up to four bytes, or cuts the file short.
fn damage(bytes: &[u8], seed: u64) -> Vec<u8> {
    let mut draw = Stream::new(seed, Purpose::Placement).at(bytes.len() as u64, 0);
    let mut bytes = bytes.to_vec();
    if draw.below(8) == 0 {
        bytes.truncate(draw.below(bytes.len() as u64) as usize);
        return bytes;
    }
    for _ in 0..=draw.below(4) {
        let at = draw.below(bytes.len() as u64) as usize;
        bytes[at] = draw.bits32() as u8;
    }
    bytes
}

/// A damaged file gives an error or sound cells, never a panic.
#[test]
fn damaged_files_do_no_harm() {
    let files = [("c.csv", TABLE.as_bytes().to_vec()), ("c.h5ad", h5ad(&PLACES, 3, &VALUES))];
    for (name, bytes) in files {
        let mut refused = 0;
        for seed in 0..600 {
            match import(name, &damage(&bytes, seed), SECTION) {
                Ok(cells) => {
                    assert!(cells.position.iter().flatten().all(|c| c.is_finite()));
                    assert!(cells.density.iter().all(|d| d.is_finite() && *d >= 0.0));
                    assert_eq!((cells.kind.len(), cells.density.len()), (cells.len(), cells.len()));
                }
                Err(error) => {
                    refused += 1;
                    assert!(!error.problem().message.is_empty());
                }
            }
        }
        assert!(refused > 50, "{name}: {refused} of 600 are refused");
    }
}
