//! `perforin export`: what is written is what the frames hold, to our own readers and to the tools it is for.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::Read;
use std::path::Path;
use std::process::Command;

use base64::Engine;
use perforin_core::study::StudyFile;
use perforin_lesion::storage::frames::Frame;
use serde_json::Value;

use crate::support::{Bench, STUDY};

/// A run with substances in its five frames, and the last of them.
fn bench() -> (Bench, Frame) {
    let bench = Bench::new();
    bench.write("study.toml", &STUDY.replace("[output]", "[output]\nfields = true"));
    bench.must(&["run", "study.toml", "--out", "out", "--quiet"]);
    let frame = last(&bench);
    (bench, frame)
}

fn last(bench: &Bench) -> Frame {
    let mut files: Vec<_> =
        std::fs::read_dir(bench.path("out/frames")).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    assert_eq!(files.len(), 5);
    Frame::read(&files[4]).unwrap()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn exports_hold_what_the_frames_hold() {
    let (bench, frame) = bench();
    an_exported_anndata_file_is_imported_as_the_same_cells(&bench, &frame);
    vtk_files_hold_every_position_and_voxel(&bench, &frame);
    a_simularium_trajectory_is_centred_on_the_box(&bench, &frame);
    an_ome_zarr_image_holds_every_voxel(&bench, &frame);
    multicellds_snapshots_hold_every_cell_and_voxel(&bench, &frame);
    match std::env::var_os("PERFORIN_PYTHON") {
        Some(python) => the_tools_read_them_back(&bench, &frame, &python),
        None => println!("skipped: PERFORIN_PYTHON names no Python with the tools"),
    }
    match std::env::var_os("PERFORIN_SQUIDPY") {
        Some(python) => squidpy_counts_the_neighbours_that_brute_force_counts(&bench, &frame, &python),
        None => println!("skipped: PERFORIN_SQUIDPY names no Python with squidpy"),
    }
    what_cannot_be_exported_is_refused(&bench);
}

/// The importer is another reader of the format, written for other people's files.
fn an_exported_anndata_file_is_imported_as_the_same_cells(bench: &Bench, frame: &Frame) {
    bench.must(&["export", "out", "--to", "anndata", "--out", "last.h5ad", "--last"]);
    let text = "[study]\ntitle = \"t\"\n[lesion.import]\nfile = \"last.h5ad\"\nunit = \"1 µm\"\ntype_column = \"cell_type\"\n\
         types = { tumour = \"tumour\", normal = \"normal\", product = \"product\" }\n\
         antigen.HER2 = { from = \"HER2\", factor = \"1 /cell\" }\n";
    let study: StudyFile = text.parse().unwrap();
    let section = study.lesion.import.as_ref().unwrap();
    let cells = perforin::import::read(section, &bench.path("last.h5ad")).unwrap();
    assert_eq!(cells.position, frame.position);
    let names: Vec<&str> = cells.kind.iter().map(|kind| cells.types[*kind].as_str()).collect();
    let expected: Vec<&str> =
        frame.kind.iter().map(|kind| frame.types[usize::from(*kind)].0.as_str()).collect();
    assert_eq!(names, expected);
    let her2 = frame.antigens.iter().position(|name| name == "HER2").unwrap();
    assert_eq!(cells.density, frame.density[her2 * frame.id.len()..(her2 + 1) * frame.id.len()]);
}

/// The values of a binary array of a VTK file.
fn array(text: &str, name: &str) -> Vec<u8> {
    let at = text.find(&format!("Name=\"{name}\"")).unwrap();
    let data = text[at..].split_once('>').unwrap().1.split('<').next().unwrap();
    let bytes = base64::engine::general_purpose::STANDARD.decode(data).unwrap();
    let (length, values) = bytes.split_at(8);
    assert_eq!(u64::from_le_bytes(length.try_into().unwrap()), values.len() as u64);
    values.to_vec()
}

fn vtk_files_hold_every_position_and_voxel(bench: &Bench, frame: &Frame) {
    bench.must(&["export", "out", "--to", "vtk", "--out", "vtk"]);
    let course = bench.read("vtk/course.pvd");
    assert_eq!(course.matches("<DataSet").count(), 10);
    assert!(
        course.contains("part=\"0\" file=\"cells-0004.vtp\"") && course.contains("file=\"fields-0004.vti\"")
    );
    let cells = bench.read("vtk/cells-0004.vtp");
    let expected: Vec<u8> = frame.position.iter().flatten().flat_map(|x| x.to_le_bytes()).collect();
    assert_eq!(array(&cells, "position"), expected);
    assert_eq!(array(&cells, "cell_type"), frame.kind);
    let fields = bench.read("vtk/fields-0004.vti");
    let field = frame.fields.iter().find(|field| field.name == "oxygen").unwrap();
    assert_eq!(
        array(&fields, "oxygen"),
        field.value.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>()
    );
}

fn a_simularium_trajectory_is_centred_on_the_box(bench: &Bench, frame: &Frame) {
    bench.must(&["export", "out", "--to", "simularium", "--out", "run.simularium"]);
    let all = json(&bench.read("run.simularium"));
    let shown = &all["spatialData"]["bundleData"][4];
    let data: Vec<f64> = shown["data"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
    assert_eq!(data.len(), 11 * frame.id.len());
    let (upper, origin) = (frame.grid.upper(), frame.grid.origin);
    for (row, agent) in data.chunks_exact(11).enumerate() {
        assert_eq!((agent[1], agent[9]), (frame.id[row] as f64, frame.radius[row]));
        for axis in 0..3 {
            let place = agent[3 + axis] + 0.5 * (origin[axis] + upper[axis]);
            assert!((place - frame.position[row][axis]).abs() < 1e-9);
        }
        let name = all["trajectoryInfo"]["typeMapping"][format!("{}", agent[2])]["name"].as_str().unwrap();
        assert!(name.starts_with(&format!("{}#", frame.types[usize::from(frame.kind[row])].0)), "{name}");
    }
}

fn an_ome_zarr_image_holds_every_voxel(bench: &Bench, frame: &Frame) {
    bench.must(&["export", "out", "--to", "ome-zarr", "--out", "fields.zarr"]);
    let array = json(&bench.read("fields.zarr/0/zarr.json"));
    let [nx, ny, nz] = frame.grid.n;
    assert_eq!(array["shape"], serde_json::json!([5, frame.fields.len(), nz, ny, nx]));
    for (c, field) in frame.fields.iter().enumerate() {
        let packed = std::fs::read(bench.path(&format!("fields.zarr/0/c/4/{c}/0/0/0"))).unwrap();
        let mut bytes = Vec::new();
        flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut bytes).unwrap();
        assert_eq!(
            bytes,
            field.value.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>(),
            "{}",
            field.name
        );
    }
    let ome = &json(&bench.read("fields.zarr/zarr.json"))["attributes"]["ome"];
    let scale = &ome["multiscales"][0]["datasets"][0]["coordinateTransformations"][0]["scale"];
    assert_eq!(scale[2], frame.grid.spacing);
}

/// Name, rows and values of a MAT file of level 4.
fn level_4(bytes: &[u8]) -> (String, usize, Vec<f64>) {
    let head: Vec<usize> = bytes[..20]
        .chunks_exact(4)
        .map(|number| u32::from_le_bytes(number.try_into().unwrap()) as usize)
        .collect();
    assert_eq!((head[0], head[3]), (0, 0));
    let (name, values) = bytes[20..].split_at(head[4]);
    let values: Vec<f64> =
        values.chunks_exact(8).map(|v| f64::from_le_bytes(v.try_into().unwrap())).collect();
    assert_eq!(values.len(), head[1] * head[2]);
    (String::from_utf8(name[..name.len() - 1].to_vec()).unwrap(), head[1], values)
}

fn multicellds_snapshots_hold_every_cell_and_voxel(bench: &Bench, frame: &Frame) {
    bench.must(&["export", "out", "--to", "multicellds", "--out", "snapshots"]);
    let read = |name: &str| level_4(&std::fs::read(bench.path(&format!("snapshots/{name}"))).unwrap());
    let (name, rows, cells) = read("output00000004_cells.mat");
    assert_eq!(name, "cells");
    for (row, cell) in cells.chunks_exact(rows).enumerate() {
        assert_eq!((cell[0], &cell[1..4]), (frame.id[row] as f64, &frame.position[row][..]));
        assert_eq!(cell[6], f64::from(frame.kind[row]));
    }
    let (_, rows, voxels) = read("output00000004_microenvironment0.mat");
    assert_eq!((rows, voxels.len() / rows), (4 + frame.fields.len(), frame.fields[0].value.len()));
    let field = frame.fields.iter().position(|field| field.name == "oxygen").unwrap();
    for (voxel, values) in voxels.chunks_exact(rows).enumerate() {
        assert_eq!(values[4 + field], f64::from(frame.fields[field].value[voxel]));
    }
    // Every pair of cells that touch is in the graph, from both sides, by brute force.
    let graph = bench.read("snapshots/output00000004_cell_neighbor_graph.txt");
    let touch = |a: usize, b: usize| {
        let [p, q] = [a, b].map(|row| frame.position[row]);
        let square: f64 = (0..3).map(|axis| (p[axis] - q[axis]).powi(2)).sum();
        a != b && square <= (frame.radius[a] + frame.radius[b]).powi(2)
    };
    for (a, line) in graph.lines().enumerate() {
        let near = (0..frame.id.len()).filter(|b| touch(a, *b)).map(|b| frame.id[b].to_string());
        assert_eq!(line, format!("{}: {}", frame.id[a], near.collect::<Vec<_>>().join(",")));
    }
}

/// What a script of `tests/python` printed last, as JSON.
fn said_by(python: &OsStr, script: &str, arguments: &[&OsStr]) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python").join(script);
    let output = Command::new(python).arg(script).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    // The tools say things of their own before.
    json(said.lines().last().unwrap_or_default())
}

/// Python with the tools, named by `PERFORIN_PYTHON`; see `tests/python/requirements.txt`.
fn the_tools_read_them_back(bench: &Bench, frame: &Frame, python: &OsStr) {
    bench.must(&["export", "out", "--to", "anndata", "--out", "all.h5ad"]);
    let read = said_by(python, "read_back.py", &[bench.path(".").as_os_str()]);
    let sum = |axis: usize| frame.position.iter().map(|x| x[axis]).sum::<f64>();
    for tool in ["anndata", "vtk", "simularium", "pcdl"] {
        let found = &read[tool];
        assert_eq!(found["cells"], frame.id.len(), "{tool}: {read}");
        for axis in 0..3 {
            assert!((found["sum"][axis].as_f64().unwrap() - sum(axis)).abs() < 1e-3, "{tool}: {read}");
        }
    }
    let oxygen = frame.fields.iter().find(|field| field.name == "oxygen").unwrap();
    let mean = oxygen.value.iter().map(|v| f64::from(*v)).sum::<f64>() / oxygen.value.len() as f64;
    for tool in ["vtk", "ome_zarr", "pcdl"] {
        assert!((read[tool]["oxygen"].as_f64().unwrap() / mean - 1.0).abs() < 1e-5, "{tool}: {read}");
    }
}

/// A Python with squidpy, named by `PERFORIN_SQUIDPY`; see `tests/python/squidpy.txt`.
fn squidpy_counts_the_neighbours_that_brute_force_counts(bench: &Bench, frame: &Frame, python: &OsStr) {
    const RADIUS: f64 = 15.0;
    let radius = RADIUS.to_string();
    let read = said_by(python, "squidpy_reads.py", &[bench.path("last.h5ad").as_os_str(), radius.as_ref()]);
    let name = |row: usize| frame.types[usize::from(frame.kind[row])].0.as_str();
    let square = |a: usize, b: usize| -> f64 {
        (0..3).map(|axis| (frame.position[a][axis] - frame.position[b][axis]).powi(2)).sum()
    };
    let mut edges: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    let cells = frame.id.len();
    for (a, b) in (0..cells).flat_map(|a| (0..cells).map(move |b| (a, b))) {
        let near = a != b && square(a, b) <= RADIUS * RADIUS;
        *edges.entry(name(a)).or_default().entry(name(b)).or_default() += u64::from(near);
    }
    assert!(edges.len() > 1 && edges.values().flat_map(BTreeMap::values).sum::<u64>() > 100, "{edges:?}");
    assert_eq!(read["edges"], serde_json::to_value(&edges).unwrap(), "{read}");
}

fn what_cannot_be_exported_is_refused(bench: &Bench) {
    let done = bench.perforin(&["export", "out", "--to", "vtk", "--out", "vtk"]);
    assert!(done.code == 2 && done.stderr.contains("`vtk` exists"), "{}", done.stderr);
    bench.write("plain.toml", &STUDY.replace("duration = \"20 h\"", "duration = \"1 h\""));
    bench.must(&["run", "plain.toml", "--out", "plain", "--quiet"]);
    let done = bench.perforin(&["export", "plain", "--to", "ome-zarr", "--out", "none.zarr"]);
    assert!(done.code == 2 && done.stderr.contains("[output] fields = true"), "{}", done.stderr);
    assert!(!bench.names().iter().any(|name| name.contains("none.zarr")));
}
