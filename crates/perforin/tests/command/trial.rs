//! `perforin trial`: a study in, a results folder out; a trial stepped by hand; designs side by side.

use crate::support::Bench;

/// A small trial with a process of manufacturing.
pub const STUDY: &str = r#"
[study]
title = "Small"
question = "Which dose?"
seed = 3

[trial]
doses = ["1e7 CAR+ cells", "1e8 CAR+ cells", "4e8 CAR+ cells"]
target = "30 %"
trials = 200

[trial.dose_finding]
design = "boin"
patients = 18

[[trial.scenario]]
name = "second"
toxicity = ["10 %", "30 %", "55 %"]
response = ["5 %", "20 %", "30 %"]

[[trial.scenario]]
name = "none"
toxicity = ["60 %", "70 %", "80 %"]

[trial.manufacturing]
screen_failure = "40 %"
failure = "5 %"
yield = { median = "2e8 CAR+ cells", log_sd = 0.8 }
least_dose = "1e6 CAR+ cells"
under_dosed = "achieved-level"
vein_to_vein = { median = "21 d", log_sd = 0.2 }
attrition = "0.005 /d"
"#;

pub const EFFICACY: &str = r#"
[trial.efficacy.two_stage]
p0 = "10 %"
p1 = "30 %"

[trial.efficacy.randomised]
product = 60
control = 30
control_pfs = "54 d"
control_os = "167 d"
hazard_ratio_pfs = 0.3
hazard_ratio_os = 0.6
crossover = "40 %"
follow_up = "200 d"
looks = 2
"#;

fn bench() -> Bench {
    let bench = Bench::new();
    bench.write("trial.toml", STUDY);
    bench
}

/// The rows of a table of a results folder, by the names of its columns.
fn rows(bench: &Bench, file: &str) -> Vec<std::collections::BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(bench.path(file)).unwrap();
    reader.deserialize().map(|row| row.unwrap()).collect()
}

fn number(row: &std::collections::BTreeMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap()
}

#[test]
fn a_trial_is_answered_in_words_tables_and_figures() {
    let bench = bench();
    bench.write("trial.toml", &(STUDY.to_owned() + EFFICACY));
    let said = bench.must(&["trial", "trial.toml", "--out", "out"]).stdout;
    for part in [
        "BOIN selects the right dose, level 2 (1e8 CAR+ cells), in ",
        "rightly no dose in ",
        "of all enrolled (intention to treat)",
        "What is assumed:\n- ",
        "counts as given the planned dose from 80 % of it on",
        "One arm in two stages",
        "At random, 60 against 30: ",
        "not for treating a patient",
    ] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
    // Every trial selects one level or none, and every patient is somewhere.
    let levels = rows(&bench, "out/levels.csv");
    for scenario in rows(&bench, "out/scenarios.csv") {
        let own: Vec<_> = levels.iter().filter(|row| row["scenario"] == scenario["scenario"]).collect();
        let selected: f64 = own.iter().map(|row| number(row, "selected")).sum();
        assert!((selected + number(&scenario, "none_selected") - 1.0).abs() < 1e-12);
        let infused: f64 = own.iter().map(|row| number(row, "infused")).sum();
        assert!((infused - number(&scenario, "infused")).abs() < 1e-9);
    }
    // Each stage holds no more patients than the one before.
    let flow = rows(&bench, "out/flow.csv");
    for pair in flow[..7].windows(2).filter(|pair| pair[1]["stage"] != "evaluable") {
        assert!(number(&pair[1], "patients") <= number(&pair[0], "patients"), "{pair:?}");
    }
    // Who is not infused has no response: leaving them out adds to the rate.
    let all = rows(&bench, "out/populations.csv").into_iter().find(|r| r["level"] == "all").unwrap();
    let (enrolled, infused) = (number(&all, "response_enrolled"), number(&all, "response_infused"));
    assert!(infused > enrolled && (infused - enrolled - number(&all, "response_bias")).abs() < 1e-12);
    let page = bench.read("out/report.html");
    assert_eq!(page.matches("<svg").count(), 12);
    assert!(!page.contains("NaN"));
    let manifest: serde_json::Value = serde_json::from_str(&bench.read("out/manifest.json")).unwrap();
    for (name, digest) in manifest["outputs"].as_object().unwrap() {
        assert_eq!(digest.as_str().unwrap().len(), 64, "{name}");
        assert!(bench.path("out").join(name).is_file(), "{name}");
    }
    let duration = manifest["tables"]["scenarios"].as_array().unwrap();
    assert!(duration.iter().any(|column| column["name"] == "duration" && column["unit"] == "d"));
    // The curve of everyone begins whole and does not rise.
    let survival = rows(&bench, "out/survival.csv");
    let of_all: Vec<f64> = survival
        .iter()
        .filter(|row| row["endpoint"] == "overall" && row["group"] == "control")
        .map(|row| number(row, "survival"))
        .collect();
    assert!(of_all.len() > 10 && of_all.windows(2).all(|w| w[1] < w[0]));
}

#[test]
fn the_same_trial_gives_the_same_bytes_on_any_number_of_threads_and_from_its_own_copy() {
    let bench = bench();
    for threads in ["1", "2", "4"] {
        bench.must(&["trial", "trial.toml", "--out", threads, "--threads", threads]);
        bench.assert_same("1", threads);
    }
    bench.must(&["trial", "1/study.toml", "--out", "again"]);
    bench.assert_same("1", "again");
    let page = bench.read("1/report.html");
    std::fs::remove_file(bench.path("1/report.html")).unwrap();
    bench.must(&["report", "1"]);
    assert_eq!(bench.read("1/report.html"), page);
}

#[test]
fn what_cannot_be_is_shown_at_its_line_and_nothing_is_written() {
    for (right, wrong, part) in [
        ("\"1e8 CAR+ cells\", \"4e8", "\"4e8 CAR+ cells\", \"4e8", "trial.doses.2"),
        ("\"4e8 CAR+ cells\"]", "\"4e8 cells\"]", "they are not counted in the same way"),
        ("target = \"30 %\"", "target = \"95 %\"", "trial.target"),
        ("target = \"30 %\"", "target = 30", "trial.target"),
        ("\"boin\"", "\"bion\"", "did you mean `boin`?"),
        ("patients = 18", "patients = 18\ncohort = 20", "cohorts of 20 in a trial of 18 patients"),
        ("patients = 18", "patients = 18\nmargin = \"5 %\"", "this design does not use it"),
        ("patients = 18", "patients = 18\nstart = 4", "there is no level 4; there are 3"),
        ("patients = 18", "patients = 18\ntoo_high = \"20 %\"", "trial.dose_finding.too_high"),
        ("\"boin\"", "\"crm\"\nskeleton = [\"20 %\", \"10 %\", \"40 %\"]", "the skeleton must increase"),
        (
            "\"boin\"",
            "\"crm\"\nskeleton = [\"20 %\", \"30 %\"]",
            "there are 2 rates in the skeleton, but 3 doses",
        ),
        ("[\"10 %\", \"30 %\", \"55 %\"]", "[\"10 %\", \"30 %\"]", "2 rates for 3 dose levels"),
        ("name = \"none\"", "name = \"second\"", "`second` stands twice"),
        ("median = \"2e8 CAR+ cells\"", "median = \"2e8 cells\"", "the unit of the dose levels"),
        ("\"1e6 CAR+ cells\"", "\"2e7 CAR+ cells\"", "the lowest level is 1e7 CAR+ cells"),
        ("failure = \"5 %\"", "failure = \"105 %\"", "trial.manufacturing"),
        ("log_sd = 0.8", "log_sd = inf", "a standard deviation of inf"),
        ("log_sd = 0.2", "log_sd = -1", "a standard deviation of -1"),
        ("patients = 18", "patients = 18\ncohort = -3", "expected a whole number from 0 to 4294967295"),
    ] {
        let bench = bench();
        assert!(STUDY.contains(right), "{right}");
        bench.write("trial.toml", &STUDY.replacen(right, wrong, 1));
        for line in [&["check", "trial.toml"][..], &["trial", "trial.toml", "--out", "out"]] {
            let done = bench.perforin(line);
            assert_eq!(done.code, 2, "{wrong}\n{}", done.stdout);
            assert!(
                done.stderr.contains(part) && done.stderr.contains("trial.toml:"),
                "{wrong}\n{}",
                done.stderr
            );
            assert!(!bench.path("out").exists());
        }
    }
}

#[test]
fn a_trial_is_stepped_by_hand_and_its_log_only_grows() {
    let bench = bench();
    let next = |more: &[&str]| {
        let mut line = vec!["trial", "next", "trial.toml", "--log", "trial.log"];
        line.extend(more);
        bench.perforin(&line)
    };
    assert_eq!(next(&[]).stdout, "Enrol the next 3 patients at level 1 (1e7 CAR+ cells).\n");
    assert!(!bench.path("trial.log").exists());
    let said = next(&["--day", "0", "--enrol", "A", "--enrol", "B", "--enrol", "C"]).stdout;
    assert_eq!(said, "Enrol nobody before more is known of A, B, C.\n");
    let before = bench.read("trial.log");
    for (line, part) in [
        (&["--enrol", "D"][..], "nobody may be enrolled before the outcome of A, B, C is known"),
        (&["--outcome", "X=none"], "there is no patient `X`; enrolled are: A, B, C"),
        (&["--outcome", "A=dlt", "--outcome", "A=none"], "patient `A` has an outcome already"),
        (
            &["--outcome", "A=perhaps"],
            "there are `dlt`, `none`, `response`, `dlt+response` and `not-infused`",
        ),
        (&["--outcome", "A"], "write --outcome PATIENT=VALUE"),
        (&["--infused", "A=1e8 cells"], "the unit of the dose levels"),
        (&["--day", "-3"], "before day 0"),
    ] {
        let done = next(line);
        assert!(done.code == 2 && done.stderr.contains(part), "{line:?}\n{}", done.stderr);
        assert_eq!(bench.read("trial.log"), before);
    }
    next(&[
        "--day",
        "21",
        "--infused",
        "A=1e7 CAR+ cells",
        "--infused",
        "B=1e7 CAR+ cells",
        "--outcome",
        "C=not-infused",
    ]);
    // Who was not infused is replaced.
    assert!(next(&[]).stdout.starts_with("Enrol the next patient at level 1"));
    next(&["--day", "49", "--outcome", "A=none", "--outcome", "B=none", "--enrol", "D"]);
    let said = next(&["--day", "80", "--infused", "D=1e7 CAR+ cells", "--outcome", "D=none"]).stdout;
    assert!(said.starts_with("Enrol the next 3 patients at level 2 (1e8 CAR+ cells)."), "{said}");
    assert!(said.contains("level 1 (1e7 CAR+ cells): 0 of 3 with a dose-limiting toxicity"), "{said}");
    assert!(bench.read("trial.log").starts_with(&before));
    // At level 2 one gets too little and counts at level 1.
    next(&["--enrol", "E", "--enrol", "F", "--enrol", "G"]);
    let said = next(&[
        "--day",
        "120",
        "--infused",
        "E=3e7 CAR+ cells",
        "--outcome",
        "E=dlt",
        "--infused",
        "F=1e8 CAR+ cells",
    ]);
    assert!(said.stdout.contains("level 1 (1e7 CAR+ cells): 1 of 4"), "{}", said.stdout);
    let whole = bench.read("trial.log");
    for (line, part) in [
        ("130 outcome E none", "trial.log:14: patient `E` has an outcome already"),
        ("130 outcome Z none", "trial.log:14: there is no patient `Z`"),
        ("130 enrol H 3", "trial.log:14: nobody may be enrolled before the outcome of F, G is known"),
        ("12 outcome F none", "trial.log:14: day 12 is not a day from 120 on"),
        ("130 outcme F none", "trial.log:14: `outcme` is no event"),
        ("130 outcome F", "trial.log:14: `130 outcome F` is no event"),
        ("soon outcome F none", "trial.log:14: `soon` is no day"),
    ] {
        let lines = whole.lines().count();
        bench.write("trial.log", &format!("{whole}{line}\n"));
        let part = part.replace(":14:", &format!(":{}:", lines + 1));
        let done = next(&[]);
        assert!(done.code == 2 && done.stderr.contains(&part), "{line}\n{}", done.stderr);
    }
}

#[test]
fn designs_are_compared_on_the_same_patients_and_the_smallest_trial_is_found() {
    let bench = bench();
    let line =
        ["trial", "compare", "trial.toml", "--designs", "3+3,boin,crm", "--sizes", "12,18", "--out", "out"];
    let said = bench.must(&line).stdout;
    assert_eq!(said.lines().count(), 3 * 2 * 2, "{said}");
    let table = rows(&bench, "out/compare.csv");
    assert_eq!(table.len(), 12);
    // The folder has a manifest from which its page is made again.
    let manifest: serde_json::Value = serde_json::from_str(&bench.read("out/manifest.json")).unwrap();
    assert_eq!(manifest["studies"][0]["sha256"].as_str().unwrap().len(), 64);
    assert!(manifest["outputs"]["compare.csv"].is_string() && manifest["outputs"]["study.toml"].is_string());
    let page = bench.read("out/report.html");
    std::fs::remove_file(bench.path("out/report.html")).unwrap();
    bench.must(&["report", "out"]);
    assert_eq!(bench.read("out/report.html"), page);
    // The command of the manifest, run in the folder, gives the same numbers.
    assert!(manifest["command"].as_str().unwrap().contains("--designs \"3+3,boin,crm\" --sizes \"12,18\""));
    let again = [
        "trial",
        "compare",
        "out/study.toml",
        "--designs",
        "3+3,boin,crm",
        "--sizes",
        "12,18",
        "--out",
        "again",
    ];
    bench.must(&again);
    let numbers = |file: &str| {
        rows(&bench, file)
            .into_iter()
            .map(|mut row| {
                row.remove("study");
                row
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(numbers("again/compare.csv"), numbers("out/compare.csv"));
    // The study itself is one of them.
    bench.must(&["trial", "trial.toml", "--out", "alone"]);
    let alone = &rows(&bench, "alone/scenarios.csv")[0];
    let same = table
        .iter()
        .find(|row| row["design"] == "boin" && row["patients"] == "18" && row["scenario"] == "second")
        .unwrap();
    for column in ["right_selected", "overdosed", "duration", "toxic", "enrolled"] {
        assert_eq!(same[column], alone[column], "{column}");
    }
    let said = bench.must(&["trial", "size", "trial.toml", "--right", "45 %", "--most", "30"]).stdout;
    let size: u32 = said.strip_prefix("boin: ").unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(size.is_multiple_of(3) && size <= 30, "{said}");
    let said = bench.must(&["trial", "size", "trial.toml", "--right", "99 %", "--most", "6"]).stdout;
    assert!(said.starts_with("boin: not even 6 patients are right in 99 %"), "{said}");
    for (line, part) in [
        (&["trial", "compare", "trial.toml", "--designs", "bion"][..], "did you mean `boin`?"),
        (&["trial", "size", "trial.toml", "--right", "often"], "--right often is no share"),
        (&["trial", "compare", "trial.toml", "--sizes", "0"], "--sizes 0: a trial of 0 patients"),
    ] {
        let done = bench.perforin(line);
        assert!(done.code == 2 && done.stderr.contains(part), "{}", done.stderr);
    }
}

/// Toxicity and response of the study's own patients: rates rise with the dose, and the trial selects by them.
#[test]
fn outcomes_come_from_virtual_patients() {
    let bench = Bench::new();
    let patient = include_str!("../../../../examples/patient-two-lesions.toml");
    let trial = r#"
[population]
count = 24
vary.expansion = { log_sd = 0.5 }

[trial]
doses = ["1e7 CAR+ cells", "1e9 CAR+ cells"]
trials = 50
dose_finding = { design = "boin", patients = 12 }
virtual_patients = { crs_grade = 2 }
"#;
    let short = patient.replace("duration = \"365 d\"", "duration = \"90 d\"");
    bench.write("trial.toml", &(short.clone() + trial));
    let checked = bench.must(&["check", "trial.toml"]).stdout;
    assert!(checked.contains("24 virtual ones, each followed at 2 doses"), "{checked}");
    bench.must(&["trial", "trial.toml", "--out", "out"]);
    bench.must(&["trial", "trial.toml", "--out", "again", "--threads", "1"]);
    bench.assert_same("out", "again");
    let levels = rows(&bench, "out/levels.csv");
    assert_eq!(levels.len(), 2);
    assert!(levels.iter().all(|row| row["scenario"] == "virtual patients"));
    // The response rate of the scenario is that of the endpoints, and every duration is of a responder.
    let endpoints = rows(&bench, "out/endpoints.csv");
    for (level, endpoint) in levels.iter().zip(&endpoints) {
        assert!((number(level, "true_response") - number(endpoint, "response")).abs() < 1e-12);
        assert!(number(endpoint, "response_low") <= number(endpoint, "response"));
    }
    let page = bench.read("out/report.html");
    for plot in ["Waterfall plot", "Spider plot", "Swimmer plot"] {
        assert!(page.contains(plot), "{plot}");
    }
    let (low, high) = (number(&levels[0], "true_toxicity"), number(&levels[1], "true_toxicity"));
    assert!(low <= high && (24.0 * high).fract() == 0.0, "{low} {high}");
    bench.write(
        "bad.toml",
        &(short + &trial.replace("[population]", "[[population.arm]]\nname = \"a\"\n[population]")),
    );
    let done = bench.perforin(&["check", "bad.toml"]);
    assert!(done.code == 2, "{}", done.stdout);
}
