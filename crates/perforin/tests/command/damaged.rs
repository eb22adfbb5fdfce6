//! Results folders of the wrong kind, incomplete, damaged, or of another version: what is wrong is said, and what can still be
//! seen.

use crate::support::{Bench, STUDY};

/// The small study, made shorter.
fn bench() -> Bench {
    let bench = Bench::new();
    bench.write("study.toml", &STUDY.replace("duration = \"20 h\"", "duration = \"1 h\""));
    bench.must(&["run", "study.toml", "--out", "run", "--quiet"]);
    bench
}

/// Asserts that a command is refused as wrong input, with these words.
fn refused(bench: &Bench, line: &[&str], parts: &[&str]) {
    let done = bench.perforin(line);
    assert_eq!(done.code, 2, "{line:?}\n{}{}", done.stdout, done.stderr);
    for part in parts {
        assert!(done.stderr.contains(part), "{line:?}: {part} is not in\n{}", done.stderr);
    }
}

/// What reads the results of a run.
const READERS: [&[&str]; 5] = [
    &["report", "it"],
    &["view", "it"],
    &["explain", "it"],
    &["compare", "run", "it"],
    &["export", "it", "--to", "vtk", "--out", "vtk"],
];

const SEEN: &str = "`it/report.html` opens as it was written, and `perforin export it --to figures`";

/// A copy of the run in `it`.
fn copy(bench: &Bench) {
    let _ = std::fs::remove_dir_all(bench.path("it"));
    for (name, bytes) in bench.bytes("run") {
        let place = bench.path("it").join(name);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(place, bytes).unwrap();
    }
}

#[test]
fn a_folder_of_another_kind_is_named_with_what_to_open_instead() {
    let bench = bench();
    bench.must(&[
        "sweep",
        "study.toml",
        "--out",
        "sweep",
        "--vary",
        "product.receptor.HER2.kd=1 nM,9 nM",
        "--quiet",
    ]);
    bench.must(&["compare", "run", "sweep/units/001", "--out", "comparison"]);
    for (template, new) in [("patient-two-lesions", "patient"), ("companion-diagnostic", "diagnostics")] {
        bench.must(&["new", template, "other.toml"]);
        let command = if new == "patient" { "run" } else { "diagnose" };
        bench.must(&[command, "other.toml", "--out", new]);
        std::fs::remove_file(bench.path("other.toml")).unwrap();
    }
    for (folder, what, instead) in [
        ("sweep", "`sweep` holds a sweep, not one run", "below `sweep/units`"),
        ("comparison", "`comparison` holds a comparison, not one run", "`comparison/compare.html`"),
        ("patient", "`patient` holds patients, not a run of a lesion", "its page is `patient/report.html`"),
        (
            "diagnostics",
            "`diagnostics` holds diagnostics, not a run of a lesion",
            "`diagnostics/report.html`",
        ),
    ] {
        for reader in &READERS[1..] {
            let line: Vec<&str> =
                reader.iter().map(|word| if *word == "it" { folder } else { word }).collect();
            refused(&bench, &line, &[what, instead]);
        }
    }
    refused(&bench, &["report", "sweep"], &["holds a sweep"]);
}

#[test]
fn a_run_of_another_version_or_with_a_damaged_manifest_is_refused_and_its_page_named() {
    let bench = bench();
    copy(&bench);
    let manifest = bench.read("it/manifest.json");
    let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    assert!(manifest.contains(&version), "{manifest}");
    bench.write("it/manifest.json", &manifest.replacen(&version, "\"version\": \"0.0.7\"", 1));
    for reader in READERS {
        refused(&bench, reader, &["`it` was written by perforin 0.0.7; this is", "use that version", SEEN]);
    }
    bench.write("it/manifest.json", &manifest[..manifest.len() / 2]);
    for reader in READERS {
        refused(&bench, reader, &["`it/manifest.json` is damaged", SEEN]);
    }
    std::fs::remove_file(bench.path("it/manifest.json")).unwrap();
    for reader in READERS {
        refused(
            &bench,
            reader,
            &["`it` is incomplete: it lacks `it/manifest.json`", "run the study again", SEEN],
        );
    }
    // What is promised holds.
    bench.must(&["export", "run", "--to", "figures", "--out", "figures"]);
}

#[test]
fn a_file_that_is_missing_or_damaged_is_named_by_what_needs_it_and_by_nothing_else() {
    let bench = bench();
    for (file, needed_by) in [
        ("series.csv", &["report", "view", "compare"][..]),
        ("effort.json", &["report", "view", "explain"]),
        ("summary.json", &["explain", "compare"]),
    ] {
        for damage in ["", "{\"kills\": 1"] {
            copy(&bench);
            let place = format!("it/{file}");
            if damage.is_empty() {
                std::fs::remove_file(bench.path(&place)).unwrap();
            } else {
                bench.write(&place, damage);
            }
            for reader in READERS {
                if needed_by.contains(&reader[0]) {
                    refused(&bench, reader, &[&format!("`{place}`"), SEEN]);
                } else if reader[0] != "view" {
                    bench.must(reader);
                    let _ = std::fs::remove_dir_all(bench.path("vtk"));
                }
            }
        }
    }
}
