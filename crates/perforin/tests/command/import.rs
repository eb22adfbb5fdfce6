//! Cells of a file: the results folder keeps them, goes on from its copy, and refuses another file.

use std::fmt::Write as _;

use crate::support::Bench;

const IMPORT: &str = r#"
[study]
title = "A section"
seed = 3
duration = "60 h"
[lesion.import]
file = "data/cells.csv"
unit = "0.5 µm"
thickness = "20 µm"
types = { T = "tumour", S = "fibroblast" }
antigen.HER2 = { from = "her2", factor = "1 /cell" }
[product]
kind = "CAR-T"
gate = "HER2"
[product.receptor.HER2]
kd = "1 nM"
[[regimen.infusion]]
day = 0
dose = "20 CAR+ cells"
[lesion.entry]
fraction = "100 %"
[output]
series_every = "30 min"
checkpoint_every = "2 h"
"#;

/// A folder with a study that imports a hundred cells.
fn bench() -> Bench {
    let bench = Bench::new();
    let mut table = String::from("x,y,type,her2\n");
    for i in 0..100 {
        let kind = if i % 10 == 0 { "S" } else { "T" };
        writeln!(table, "{},{},{kind},{}", 35 * (i % 10), 30 * (i / 10), 3000 * i).unwrap();
    }
    std::fs::create_dir(bench.path("data")).unwrap();
    bench.write("data/cells.csv", &table);
    bench.write("section.toml", IMPORT);
    bench
}

#[test]
fn a_killed_run_goes_on_to_the_same_bytes_without_the_original_file() {
    let bench = bench();
    bench.must(&["run", "section.toml", "--out", "whole", "--quiet"]);
    assert!(bench.read("whole/manifest.json").contains("\"imported_sha256\": \""));
    assert_eq!(bench.read("whole/imported-cells.csv"), bench.read("data/cells.csv"));
    let mut child = bench.start_until(&["run", "section.toml", "--out", "killed"], "killed", 8);
    child.kill().unwrap();
    child.wait().unwrap();
    std::fs::remove_dir_all(bench.path("data")).unwrap();
    bench.must(&["resume", "killed", "--quiet", "--threads", "2"]);
    bench.assert_same("whole", "killed");
    // The command of the manifest, which is to be run in the folder itself.
    bench.must(&["run", "whole/study.toml", "--out", "again", "--quiet"]);
    bench.assert_same("whole", "again");
}

#[test]
fn a_run_does_not_go_on_with_altered_cells() {
    let bench = bench();
    let mut child = bench.start_until(&["run", "section.toml", "--out", "out"], "out", 8);
    child.kill().unwrap();
    child.wait().unwrap();
    let altered = bench.read("out/imported-cells.csv").replace("35,0,T", "36,0,T");
    bench.write("out/imported-cells.csv", &altered);
    let done = bench.perforin(&["resume", "out"]);
    assert_eq!(done.code, 2);
    assert!(
        done.stderr.starts_with("error: `out/imported-cells.csv` is not the file that this was begun with"),
        "{}",
        done.stderr
    );
    assert!(done.stderr.contains("help: put that one back (its SHA-256 is "), "{}", done.stderr);
}

#[test]
fn a_sweep_keeps_the_cells_and_varies_all_but_the_file() {
    let bench = bench();
    bench.write("section.toml", &IMPORT.replace("60 h", "4 h"));
    let line =
        ["sweep", "section.toml", "--out", "out", "--vary", "product.receptor.HER2.kd=1 nM,2 µM", "--quiet"];
    bench.must(&line);
    std::fs::remove_dir_all(bench.path("out/units/001")).unwrap();
    std::fs::remove_dir_all(bench.path("data")).unwrap();
    bench.must(&["resume", "out", "--quiet"]);
    assert_eq!(bench.read("out/units/001/imported-cells.csv"), bench.read("out/imported-cells.csv"));
    let done = bench.perforin(&[
        "sweep",
        "out/study.toml",
        "--out",
        "b",
        "--vary",
        "lesion.import.file=a.csv,b.csv",
    ]);
    assert_eq!(done.code, 2);
    assert!(done.stderr.starts_with("error: cannot vary `lesion.import.file`"), "{}", done.stderr);
}

#[test]
fn what_is_wrong_with_the_file_is_shown_at_its_line_of_the_study() {
    let bench = bench();
    let shown = |study: &str, table: Option<&str>| {
        bench.write("section.toml", study);
        if let Some(table) = table {
            bench.write("data/cells.csv", table);
        }
        let done = bench.perforin(&["check", "section.toml"]);
        assert_eq!(done.code, 2, "{}", done.stdout);
        done.stderr
    };
    let absent = shown(&IMPORT.replace("data/cells.csv", "data/absent.csv"), None);
    assert!(absent.contains("--> section.toml:7:8"), "{absent}");
    assert!(
        absent.contains("cannot read `data/absent.csv`") && absent.contains("from the folder of the study")
    );
    let unknown = shown(&IMPORT.replace(", S = \"fibroblast\"", ""), None);
    assert!(unknown.contains("does not mention: \"S\" (10 cells)"), "{unknown}");
    assert!(unknown.contains("--> section.toml:10:9"), "{unknown}");
    let number = shown(IMPORT, Some("x,y,type,her2\n1,2,T,3\n1,two,T,3\n"));
    assert!(number.contains("`data/cells.csv`, line 3, `y`: \"two\" is not a number"), "{number}");
}
