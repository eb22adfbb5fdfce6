//! `[trial.selection]`: a trial whose patients a test selects, with cut-offs side by side.

use std::collections::BTreeMap;

use crate::support::Bench;

/// A third of the patients stain 3+ on every cell, the others not at all, and a third of these are half stained.
const STUDY: &str = r#"
[study]
title = "Selected"
seed = 5
[trial]
doses = ["1e8 CAR+ cells", "4e8 CAR+ cells"]
trials = 100
dose_finding = { design = "boin", patients = 12 }
[[trial.scenario]]
name = "stated"
toxicity = ["10 %", "30 %"]
response = ["10 %", "30 %"]
[trial.manufacturing]
screen_failure = "20 %"
yield = { median = "9e8 CAR+ cells", log_sd = 0.1 }
vein_to_vein = { median = "20 d" }
[trial.selection]
cut_off = "40 %"
[trial.selection.test]
thresholds = ["1000 /cell", "10000 /cell", "100000 /cell"]
cells = 1000
clustering = 0.0
reads_lower = "0 %"
reads_higher = "0 %"
[[trial.selection.patients]]
name = "full"
share = "25 %"
density = { median = "500000 /cell" }
response_ratio = 2.0
[[trial.selection.patients]]
name = "half"
share = "25 %"
density = { median = "500000 /cell" }
negative = "50 %"
response_ratio = 1.0
[[trial.selection.patients]]
name = "none"
share = "50 %"
density = { median = "10 /cell" }
response_ratio = 0.1
"#;

fn rows(bench: &Bench, file: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(bench.path(file)).unwrap();
    reader.deserialize().map(|row| row.unwrap()).collect()
}

fn number(row: &BTreeMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column} is {:?}", row[column]))
}

/// At 40 % the full and the half stained are enrolled, whose ratios are 2 and 1; of all the mean ratio is 0.8.
#[test]
fn the_selected_respond_as_their_groups_do_and_the_flow_begins_with_the_screened() {
    let bench = Bench::new();
    bench.write("trial.toml", STUDY);
    let said = bench.must(&["trial", "trial.toml", "--out", "out"]).stdout;
    assert!(said.contains("stated: a patient is enrolled from 40 % of cells at 2+ on."), "{said}");
    let found = rows(&bench, "out/selection.csv");
    assert_eq!(found.len(), 2);
    for (row, rate) in found.iter().zip([0.1, 0.3]) {
        // Half stained sections are misread below 40 % less often than once in a thousand million.
        for (column, value) in [
            ("called_positive", 0.5),
            ("prevalence", 0.5),
            ("sensitivity", 1.0),
            ("specificity", 1.0),
            ("response_of_selected", 1.5 * rate),
            ("response_of_all", 0.8 * rate),
        ] {
            assert!((number(row, column) - value).abs() < 1e-8, "{column} {row:?}");
        }
    }
    let flow = rows(&bench, "out/flow.csv");
    let stage = |name: &str| number(flow.iter().find(|row| row["stage"] == name).unwrap(), "patients");
    assert_eq!(flow[0]["stage"], "screened");
    let enrolled = stage("eligible, enrolled");
    assert!((stage("positive in the test") * 0.8 - enrolled).abs() < 1e-9);
    assert!((stage("screened") * 0.5 * 0.8 - enrolled).abs() < 1e-6);
    assert!(bench.read("out/report.html").contains("From screening to evaluation"));
}

#[test]
fn cut_offs_are_compared_with_the_same_patients() {
    let bench = Bench::new();
    bench.write("trial.toml", STUDY);
    let line = ["trial", "compare", "trial.toml", "--cut-offs", "10 %,40 %,70 %", "--out", "out"];
    let said = bench.must(&line).stdout;
    assert_eq!(said.lines().count(), 3, "{said}");
    let table = rows(&bench, "out/compare.csv");
    let of = |k: usize, column: &str| number(&table[k], column);
    // 70 % leaves out the half stained.
    assert!((of(2, "called_positive") - 0.25).abs() < 1e-8);
    assert!(of(2, "response") > of(1, "response"), "{table:?}");
    for k in 0..3 {
        assert!((of(k, "screened") * of(k, "called_positive") * 0.8 / of(k, "enrolled") - 1.0).abs() < 1e-6);
        // Toxicity does not depend on the antigen: the same patients have the same.
        assert_eq!(of(k, "toxicity"), of(0, "toxicity"));
    }
    // The study's own cut-off is one of them.
    bench.must(&["trial", "trial.toml", "--out", "alone"]);
    assert_eq!(rows(&bench, "alone/scenarios.csv")[0]["right_selected"], table[1]["right_selected"]);
    let page = bench.read("out/report.html");
    assert_eq!((page.matches("<svg").count(), page.matches("aria-label=").count()), (2, 2));
    bench.must(&["trial", "compare", "trial.toml", "--designs", "3+3,boin", "--out", "designs"]);
    assert_eq!(bench.read("designs/report.html").matches("<svg").count(), 1);
    bench.write("none.toml", STUDY.split("[trial.selection]").next().unwrap());
    for (line, part) in [
        (&["trial", "compare", "trial.toml", "--cut-offs", "0 %"][..], "above 0 % and up to 100 %"),
        (&["trial", "compare", "trial.toml", "--cut-offs", "140 %"], "between 0 % and 100 %"),
        (&["trial", "compare", "trial.toml", "--cut-offs", "half"], "--cut-offs half is no share of cells"),
        (
            &["trial", "compare", "trial.toml", "--cut-offs", "40 %", "--sizes", "12"],
            "cut-offs are compared alone",
        ),
        (&["trial", "compare", "none.toml", "--cut-offs", "40 %"], "add [trial.selection]"),
    ] {
        let done = bench.perforin(line);
        assert!(done.code == 2 && done.stderr.contains(part), "{line:?}\n{}", done.stderr);
    }
    for (from, to, part) in [
        ("response_ratio = 2.0\n", "", "the group's response is not said"),
        ("cut_off = \"40 %\"", "cut_off = \"0 %\"", "above 0 % and up to 100 %"),
        ("share = \"50 %\"", "share = \"40 %\"", "the groups hold 90 % of the patients"),
    ] {
        bench.write("bad.toml", &STUDY.replacen(from, to, 1));
        let done = bench.perforin(&["check", "bad.toml"]);
        assert!(done.code == 2 && done.stderr.contains(part), "{to}\n{}", done.stderr);
    }
}

/// Virtual patients are tested by their own share of antigen-negative cells; a lower cut-off keeps all whom a higher one
/// keeps.
#[test]
fn virtual_patients_are_selected_by_their_own_antigen() {
    let bench = Bench::new();
    let patient = include_str!("../../../../examples/patient-two-lesions.toml");
    let trial = r#"
[population]
count = 40
vary."lesion.antigen_negative" = { log_sd = 0.8 }
[trial]
doses = ["1e7 CAR+ cells", "1e9 CAR+ cells"]
trials = 20
dose_finding = { design = "boin", patients = 12 }
virtual_patients = { crs_grade = 2 }
[trial.selection]
cut_off = "50 %"
[trial.selection.test]
thresholds = ["1000 /cell", "5000 /cell", "100000 /cell"]
"#;
    let short = patient
        .replace("duration = \"365 d\"", "duration = \"60 d\"")
        .replace("antigen_negative = \"0.5 %\"", "antigen_negative = \"30 %\"")
        .replace("antigen_negative = \"2 %\"", "antigen_negative = \"30 %\"");
    bench.write("trial.toml", &(short + trial));
    let line = ["trial", "compare", "trial.toml", "--cut-offs", "5 %,50 %,80 %", "--out"];
    bench.must(&[&line[..], &["out"]].concat());
    bench.must(&[&line[..], &["again", "--threads", "1"]].concat());
    bench.assert_same("out", "again");
    let table = rows(&bench, "out/compare.csv");
    let positive: Vec<f64> = table.iter().map(|row| number(row, "called_positive")).collect();
    assert!(
        positive[0] >= positive[1] && positive[1] >= positive[2] && positive[0] > positive[2],
        "{positive:?}"
    );
    for share in positive {
        assert!(((40.0 * share).round() - 40.0 * share).abs() < 1e-9);
    }
}
