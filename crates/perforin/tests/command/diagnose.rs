//! `perforin diagnose`: what samples can show; a folder of a lesion, a spatial table or an FCS file in, an answer out.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::support::{Bench, STUDY};

const EXAMPLE: &str = include_str!("../../../../examples/companion-diagnostic.toml");

fn rows(bench: &Bench, file: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(bench.path(file)).unwrap();
    reader.deserialize().map(|row| row.unwrap()).collect()
}

fn number(row: &BTreeMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column} is {:?}", row[column]))
}

/// The table of the guide: 59 independent cells; sites of 200 cells by clustering.
#[test]
fn a_question_without_a_study_is_answered_with_the_exact_numbers() {
    let bench = Bench::new();
    let said = bench.must(&["diagnose", "--negative-clone", "5 %", "--confidence", "95 %"]).stdout;
    for part in [
        "95 % confidence an antigen-negative clone of 5 % of the tumour cells, 59 independent cells",
        "1 at a clustering of 0, 1 at a clustering of 0.01, 2 at a clustering of 0.05, 3 at a clustering of 0.1, 4 at a \
         clustering of 0.2, 6 at a clustering of 0.3 are enough",
        "What is assumed:\n- ",
        "not for treating a patient",
    ] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
    let line = ["diagnose", "--negative-clone", "5 %", "--clustering", "0.2", "--cells-per-site", "1000"];
    let said = bench.must(&line).stdout;
    assert!(
        said.contains("1 × 1,000 cells, holds no cell of the clone with a probability of 32 %"),
        "{said}"
    );
    assert_eq!(bench.names(), ["study.toml"]);
}

#[test]
fn the_shipped_example_is_answered_in_words_tables_and_figures() {
    let bench = Bench::new();
    bench.write("own.toml", EXAMPLE);
    let checked = bench.must(&["check", "own.toml"]).stdout;
    assert!(checked.starts_with("own.toml: no error\n  asked     biopsy, cut-offs, "), "{checked}");
    bench.must(&["diagnose", "own.toml", "--out", "out"]);
    bench.must(&["diagnose", "own.toml", "--out", "again"]);
    bench.assert_same("out", "again");
    // Two sites of 200 cells, each beta-binomial.
    let biopsy = rows(&bench, "out/biopsy.csv");
    let own = biopsy.iter().find(|row| row["clustering"] == "0.2").unwrap();
    let site: f64 =
        (0..200).map(|i| (0.95 * 0.8 + 0.2 * f64::from(i)) / (0.8 + 0.2 * f64::from(i))).product();
    assert!((number(own, "misses") - site * site).abs() < 1e-12);
    assert_eq!(number(own, "sites_needed"), (libm::log(0.05) / libm::log(site)).ceil());
    let exact: Vec<f64> =
        rows(&bench, "out/independent_cells.csv").iter().map(|row| number(row, "cells")).collect();
    assert_eq!(exact, [2995.0, 598.0, 299.0, 149.0, 59.0, 29.0, 14.0, 9.0]);
    cut_offs_add_up(&bench);
    let bounds = rows(&bench, "out/ctc_bounds.csv");
    let bound =
        |cells: &str| number(bounds.iter().find(|row| row["cells"] == cells).unwrap(), "positive_at_least");
    assert!((bound("5") - libm::pow(0.05, 0.2)).abs() < 1e-12 && (bound("29") - 0.9019).abs() < 1e-4);
    // Killing makes the signal rise before it falls.
    let course = rows(&bench, "out/ctdna_course.csv");
    let on = |day: &str| number(course.iter().find(|row| row["day"] == day).unwrap(), "fraction");
    assert!(on("8") > 5.0 * on("0") && on("42") < 0.5 * on("0"));
    // The clone grows as its logit says, and each sample adds to what was found.
    let samples = rows(&bench, "out/resampling.csv");
    for what in ["biopsy", "blood"] {
        let own: Vec<_> = samples.iter().filter(|row| row["what"] == what).collect();
        let odds = |k: usize| number(own[k], "fraction") / (1.0 - number(own[k], "fraction"));
        assert!((odds(1) / odds(0) - libm::exp(0.9)).abs() < 1e-9);
        assert!(own.iter().map(|row| number(row, "first")).sum::<f64>() <= 1.0);
    }
    page_is_whole(&bench, "out", 6);
    let page = bench.read("out/report.html");
    bench.write("out/report.html", "");
    assert!(bench.must(&["report", "out"]).stdout.contains("Wrote "));
    assert_eq!(bench.read("out/report.html"), page);
}

fn cut_offs_add_up(bench: &Bench) {
    let cut_offs = rows(bench, "out/cut_offs.csv");
    let groups = rows(bench, "out/cut_off_groups.csv");
    assert_eq!(cut_offs.iter().filter(|row| row["best"] == "true").count(), 1);
    let best =
        cut_offs.iter().max_by(|a, b| number(a, "criterion").total_cmp(&number(b, "criterion"))).unwrap();
    assert_eq!(best["best"], "true");
    let response = |name: &str| match name {
        "high" => 0.45,
        "mixed" => 0.2,
        _ => 0.05,
    };
    for row in &cut_offs {
        let of = |column| number(row, column);
        let right = of("prevalence") * of("sensitivity") / of("called_positive");
        assert!((right - of("positive_predictive_value")).abs() < 1e-9);
        assert!((of("screened") * of("called_positive") - 40.0).abs() < 1e-9);
        let own: Vec<_> = groups.iter().filter(|g| g["cut_off"] == row["cut_off"]).collect();
        let mean: f64 = own.iter().map(|g| number(g, "of_selected") * response(&g["group"])).sum();
        assert!((mean - of("response")).abs() < 1e-9, "{mean} {row:?}");
    }
    for pair in cut_offs.windows(2) {
        assert!(number(&pair[1], "called_positive") < number(&pair[0], "called_positive"));
    }
}

fn page_is_whole(bench: &Bench, out: &str, figures: usize) {
    let page = bench.read(&format!("{out}/report.html"));
    assert_eq!((page.matches("<svg").count(), page.matches("aria-label=").count()), (figures, figures));
    assert!(!page.contains("NaN"));
    let manifest: serde_json::Value =
        serde_json::from_str(&bench.read(&format!("{out}/manifest.json"))).unwrap();
    for (name, digest) in manifest["outputs"].as_object().unwrap() {
        assert_eq!(digest.as_str().unwrap().len(), 64, "{name}");
        assert!(bench.path(out).join(name).is_file(), "{name}");
    }
    for (table, columns) in manifest["tables"].as_object().unwrap() {
        for column in columns.as_array().unwrap() {
            assert!(!column["unit"].as_str().unwrap().is_empty(), "{table}");
        }
    }
}

#[test]
fn clustering_is_taken_from_a_lesion() {
    let bench = Bench::new();
    bench.write("study.toml", &STUDY.replace("duration = \"20 h\"", "duration = \"1 h\""));
    bench.must(&["run", "study.toml", "--out", "run", "--quiet"]);
    let ask = |antigen: &str, below: &str| {
        let own = ["--lesion", "run", "--antigen", antigen, "--negative-below", below, "--site", "25 µm"];
        bench.perforin(&[&["diagnose", "--negative-clone", "5 %"][..], &own].concat())
    };
    let done = ask("HER2", "1000 /cell");
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(done.stdout.contains("In the tissue (run, day 0; "), "{}", done.stdout);
    assert!(done.stdout.contains("\n\nWith a clustering of "), "{}", done.stdout);
    for (antigen, below, parts) in [
        ("HER3", "1000 /cell", ["diagnostics.tissue.antigen", "its antigens are HER2"]),
        ("HER2", "1e8 /cell", ["100 % of the cells are negative", "change `negative_below`"]),
    ] {
        let done = ask(antigen, below);
        assert_eq!(done.code, 2);
        for part in parts {
            assert!(done.stderr.contains(part), "{part} is not in\n{}", done.stderr);
        }
    }
    std::fs::remove_dir_all(bench.path("run/frames")).unwrap();
    let done = ask("HER2", "1000 /cell");
    assert_eq!(done.code, 2);
    for part in ["`run` has no frames", "output.frames_every", "diagnostics.tissue.results"] {
        assert!(done.stderr.contains(part), "{part} is not in\n{}", done.stderr);
    }
}

/// Stripes as wide as a site are of one kind each: as clustered as can be, and half of all samples of one site miss them.
#[test]
fn clustering_is_taken_from_a_table_of_positions() {
    let bench = Bench::new();
    let mut table = String::from("x,y,type\n");
    for i in 0..48 {
        for j in 0..48 {
            let kind = if (i / 8) % 2 == 0 { "negative" } else { "positive" };
            writeln!(table, "{}.5,{}.5,{kind}", 10 * i, 10 * j).unwrap();
        }
    }
    bench.write("section.csv", &table);
    let study = r#"
[study]
title = "Section"
[diagnostics.biopsy]
clone = "50 %"
sites = 1
[diagnostics.tissue]
negative_type = "lost"
site = "80 µm"
[diagnostics.tissue.import]
file = "section.csv"
unit = "1 µm"
thickness = "10 µm"
types = { negative = "lost", positive = "tumour" }
"#;
    bench.write("section.toml", study);
    bench.must(&["diagnose", "section.toml", "--out", "out"]);
    let summary: serde_json::Value = serde_json::from_str(&bench.read("out/summary.json")).unwrap();
    assert_eq!(summary["tissue"]["sites"], 36);
    assert_eq!(summary["tissue"]["clustering"], 0.999);
    assert!((number(&rows(&bench, "out/tissue.csv")[0], "misses") - 0.5).abs() < 1e-12);
    bench.write("bad.toml", &study.replace("thickness = \"10 µm\"\n", ""));
    let done = bench.perforin(&["check", "bad.toml"]);
    assert!(done.code == 2 && done.stderr.contains("diagnostics.tissue.import.thickness"), "{}", done.stderr);
}

/// A list-mode file of 32-bit floating-point events, little-endian, with `$TOT` as told.
fn fcs(channels: &[&str], events: &[Vec<f32>], told: usize) -> Vec<u8> {
    let mut keywords = vec![
        ("$MODE".to_owned(), "L".to_owned()),
        ("$DATATYPE".into(), "F".into()),
        ("$BYTEORD".into(), "1,2,3,4".into()),
        ("$PAR".into(), channels.len().to_string()),
        ("$TOT".into(), told.to_string()),
    ];
    for (k, name) in channels.iter().enumerate() {
        for (key, value) in [("N", *name), ("B", "32"), ("R", "262144"), ("E", "0,0")] {
            keywords.push((format!("$P{}{key}", k + 1), value.to_owned()));
        }
    }
    let pairs: Vec<String> = keywords.iter().map(|(key, value)| format!("{key}/{value}")).collect();
    let text = format!("/{}/", pairs.join("/"));
    let data: Vec<u8> = events.iter().flatten().flat_map(|value| value.to_le_bytes()).collect();
    let begin = 58 + text.len();
    let header =
        format!("FCS3.1    {:8}{:8}{begin:8}{:8}{:8}{:8}", 58, begin - 1, begin + data.len() - 1, 0, 0);
    [header.as_bytes(), text.as_bytes(), &data].concat()
}

/// Two antigens by beads on a straight line of slope 1, twice as bright as their number: a tenth of the cells carries
/// neither, a fifth only the first.
fn cells() -> Vec<Vec<f32>> {
    (0..1000)
        .map(|k| {
            let z = perforin_patient::population::draw::normal_quantile((f64::from(k / 10) + 0.5) / 100.0);
            let first = if k % 10 == 0 { 20.0 } else { 2.0 * 50_000.0 * libm::exp(0.8 * z) };
            let second = if k % 10 < 3 { 20.0 } else { 2.0 * 9000.0 * libm::exp(0.5 * z) };
            vec![if k < 900 { 500.0 } else { 5.0 }, first as f32, second as f32]
        })
        .collect()
}

const FLOW: &str = r#"
[study]
title = "Cells"
[diagnostics.flow]
file = "cells.fcs"
[diagnostics.flow.antigen.HER2]
channel = "PE-A"
beads = [{ molecules = 1000, fluorescence = 2000.0 }, { molecules = 100000, fluorescence = 200000.0 }]
positive_from = "1000 /cell"
[diagnostics.flow.antigen.EGFR]
channel = "APC-A"
bead_table = "beads.csv"
positive_from = "1000 /cell"
"#;

#[test]
fn molecules_per_cell_come_from_cytometry_and_go_to_a_lesion() {
    let bench = Bench::new();
    let channels = ["FSC-A", "PE-A", "APC-A"];
    std::fs::write(bench.path("cells.fcs"), fcs(&channels, &cells(), 1000)).unwrap();
    bench.write("beads.csv", "molecules,fluorescence\n500,1000\n5000,10000\n50000,100000\n");
    bench.write("flow.toml", FLOW);
    bench.must(&["diagnose", "flow.toml", "--out", "out"]);
    let found = rows(&bench, "out/densities.csv");
    // By name: EGFR, then HER2. Of a cut in 100 quantiles the spread is within 2 % of the distribution's.
    for (row, positive, median, log_sd) in [(&found[0], 0.7, 9000.0, 0.5), (&found[1], 0.9, 50_000.0, 0.8)] {
        assert!((number(row, "positive") - positive).abs() < 1e-12, "{row:?}");
        assert!((number(row, "median") / median - 1.0).abs() < 0.02, "{row:?}");
        assert!((number(row, "log_sd") / log_sd - 1.0).abs() < 0.02, "{row:?}");
        assert!((number(row, "slope") - 1.0).abs() < 1e-9);
        assert!(number(row, "median_low") < median && median < number(row, "median_high"));
    }
    let joint: BTreeMap<String, f64> = rows(&bench, "out/joint.csv")
        .iter()
        .map(|row| (row["carries"].clone(), number(row, "share")))
        .collect();
    assert_eq!(
        joint,
        [("EGFR", 0.0), ("EGFR+HER2", 0.7), ("HER2", 0.2), ("none", 0.1)].map(|(n, s)| (n.into(), s)).into()
    );
    page_is_whole(&bench, "out", 1);
    // The densities are what a lesion's study reads.
    let own = STUDY.split("antigen.HER2.density").next().unwrap().replace("[lesion]\n", "");
    let (study, sizes) = own.split_once("diameter").unwrap();
    let lesion =
        bench.read("out/lesion.toml").replacen("[lesion]\n", &format!("[lesion]\ndiameter{sizes}"), 1);
    let rest = STUDY.split_once("[lesion.entry]").unwrap().1;
    let text = format!("{study}\n{lesion}\n[lesion.entry]{rest}");
    let study = perforin::study::Study::parse("flow".as_ref(), "".as_ref(), text.clone());
    let prepared =
        study.and_then(|study| study.prepare()).unwrap_or_else(|failure| panic!("{failure}\n{text}"));
    assert_eq!(prepared.scenario.model.antigens, ["EGFR", "HER2"]);
    // A gate leaves events out, and flags ask the same.
    bench.write(
        "gated.toml",
        &format!("{FLOW}\n[[diagnostics.flow.gate]]\nchannel = \"FSC-A\"\nfrom = 100.0\n"),
    );
    let said = bench.must(&["diagnose", "gated.toml", "--out", "gated"]).stdout;
    assert!(said.starts_with("Of 1,000 events of cells.fcs, 900 are kept."), "{said}");
    let flags = [
        "diagnose",
        "--fcs",
        "cells.fcs",
        "--antigen",
        "EGFR",
        "--channel",
        "APC-A",
        "--beads",
        "beads.csv",
        "--control",
        "cells.fcs",
    ];
    assert!(bench.must(&flags).stdout.contains("EGFR is on "));
}

#[test]
fn a_file_of_cytometry_that_lies_is_refused_with_place_and_remedy() {
    let bench = Bench::new();
    let channels = ["FSC-A", "PE-A", "APC-A"];
    bench.write("beads.csv", "molecules,fluorescence\n500,1000\n5000,10000\n");
    bench.write("flow.toml", FLOW);
    let refused = |bytes: &[u8], study: &str, parts: &[&str]| {
        std::fs::write(bench.path("cells.fcs"), bytes).unwrap();
        bench.write("flow.toml", study);
        for line in [&["check", "flow.toml"][..], &["diagnose", "flow.toml", "--out", "out"]] {
            let done = bench.perforin(line);
            assert_eq!(done.code, 2, "{}", done.stdout);
            for part in parts {
                assert!(done.stderr.contains(part), "{part} is not in\n{}", done.stderr);
            }
        }
        assert!(!bench.path("out").exists());
    };
    let good = fcs(&channels, &cells(), 1000);
    let size = [
        "flow.toml:5:8",
        "cells.fcs`: 5000 events of 12 bytes need 60000 bytes of data",
        "has 12000",
        "export it again",
    ];
    refused(&fcs(&channels, &cells(), 5000), FLOW, &size);
    refused(&good[..good.len() - 300], FLOW, &["data segment is said to run from byte", "cut short"]);
    refused(b"FCS9.9", FLOW, &["FCS2.0, FCS3.0 or FCS3.1 is expected", "export it as FCS 3.1"]);
    let other = FLOW.replace("PE-A", "PE-H");
    refused(&good, &other, &["the file has no channel `PE-H`", "FSC-A, PE-A, APC-A"]);
    let silent = FLOW.replace(
        "channel = \"APC-A\"\nbead_table = \"beads.csv\"\npositive_from = \"1000 /cell\"",
        "channel = \"APC-A\"\nbead_table = \"beads.csv\"",
    );
    refused(&good, &silent, &["it is not said which cells are positive", "positive_from"]);
    bench.write("beads.csv", "molecules,fluorescence\n500,1000\n5000,dim\n");
    refused(&good, FLOW, &["beads.csv`, line 3: \"dim\" is not a positive number", "bead_table"]);
}

#[test]
fn questions_that_cannot_be_are_refused_at_their_line() {
    let bench = Bench::new();
    for (from, to, parts) in [
        (
            "\"1 %\", \"10 %\"",
            "\"0 %\", \"10 %\"",
            ["diagnostics.ihc.cut_offs.0", "above 0 % and up to 100 %"],
        ),
        (
            "\"10 %\", \"20 %\"",
            "\"20 %\", \"20 %\"",
            ["diagnostics.ihc.cut_offs.2", "put them in rising order"],
        ),
        ("\"90 %\"]", "\"190 %\"]", ["190 %", "between 0 % and 100 %"]),
        (
            "[\"3000 /cell\", \"20000",
            "[\"30000 /cell\", \"20000",
            ["thresholds of staining that do not increase", "1+, 2+ and 3+ begin"],
        ),
        (
            "clustering = 0.2 ",
            "clustering = 1.2 ",
            ["a clustering of 1.2", "0 (independent cells) to below 1"],
        ),
        (
            "share = \"35 %\"",
            "share = \"45 %\"",
            ["the groups hold 110 % of the patients", "add up to 100 %"],
        ),
        ("clone = \"5 %\"\nclustering", "clone = \"0 %\"\nclustering", ["all or nothing", "above 0 %"]),
        (
            "response = \"45 %\"",
            "response_ratio = 2.0",
            ["the group's response is not said", "response = \"30 %\""],
        ),
        (
            "days = [30, 60, 90]",
            "days = [30, 60, 60]",
            ["diagnostics.resampling.days.2", "let days increase"],
        ),
        ("day = 14,", "day = 3,", ["day 3 after day 7", "let days increase"]),
        (
            "seen = { cells = 12, negative = 0 }",
            "seen = { cells = 12, negative = 13 }",
            ["13 negative of 12 cells", "diagnostics.ctc.seen"],
        ),
        ("reads_lower", "reads_lowr", ["unknown key `reads_lowr`", "did you mean `reads_lower`"]),
    ] {
        let text = EXAMPLE.replacen(from, to, 1);
        assert_ne!(text, EXAMPLE, "{from}");
        bench.write("bad.toml", &text);
        let done = bench.perforin(&["check", "bad.toml"]);
        assert_eq!(done.code, 2, "{to}\n{}", done.stdout);
        for part in parts.into_iter().chain(["bad.toml:"]) {
            assert!(done.stderr.contains(part), "{part} is not in\n{}", done.stderr);
        }
    }
    bench.write("empty.toml", "[study]\ntitle = \"Nothing\"\n[diagnostics]\n");
    for (line, part) in [
        (&["diagnose", "empty.toml", "--out", "out"][..], "nothing is asked"),
        (&["diagnose"], "--negative-clone \"5 %\""),
        (&["diagnose", "--sites", "3"], "which clone is to be ruled out?"),
        (&["diagnose", "empty.toml", "--sites", "3", "--out", "out"], "say it in the study's [diagnostics]"),
        (&["diagnose", "study.toml", "--out", "out"], "`perforin run` answers it"),
        (&["diagnose", "--negative-clone", "5 percent"], "percent"),
    ] {
        let done = bench.perforin(line);
        assert!(done.code == 2 && done.stderr.contains(part), "{line:?}\n{}", done.stderr);
    }
}
