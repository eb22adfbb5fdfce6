//! `[population.search]`: plausible patients who have the observed shares.

use crate::support::Bench;

/// A patient whose product and lesion vary; a peak above 8 per µL is seldom drawn, and most were observed there.
const SEARCHED: &str = r#"
[study]
title = "Searched"
seed = 3
duration = "60 d"
[patient]
weight = "70 kg"
parameters.delivery = "0.05 /mL/d"
[patient.antigen.A]
density = { median = "60000 /cell", log_sd = 0.5 }
[[patient.lesion]]
name = "liver"
diameter = "30 mm"
antigen_negative = "1 %"
[product]
kind = "CAR-T"
gate = "A"
[product.receptor.A]
kd = "5 nM"
[regimen]
lymphodepletion = { start = "-5 d", end = "-3 d" }
[[regimen.infusion]]
day = 0
dose = "1e6 CAR+ cells/kg"
[population]
count = 60
sampling = "sobol"
[population.vary.homeostasis]
log_sd = 0.2
range = ["0.3 /d", "5 /d"]
[population.vary."lesion.diameter"]
log_sd = 0.2
range = [0.5, 2]
[population.search]
candidates = 600
steps = 8
[population.search.plausible]
peak = ["0.3 /µL", "60 /µL"]
best_change = ["-100 %", "10 %"]
[population.marginal.peak]
edges = ["3 /µL", "8 /µL"]
shares = ["25 %", "25 %", "50 %"]
source = "a trial"
"#;

fn bench(text: &str) -> Bench {
    let bench = Bench::new();
    bench.write("study.toml", text);
    bench
}

fn numbers(text: &str, name: &str) -> Vec<f64> {
    let mut lines = text.lines();
    let place = lines.next().unwrap().split(',').position(|n| n == name).unwrap_or_else(|| panic!("{name}"));
    lines.map(|line| line.split(',').nth(place).unwrap().parse().unwrap()).collect()
}

#[test]
fn the_patients_of_a_search_are_plausible_and_have_the_observed_shares() {
    let bench = bench(SEARCHED);
    let said = bench.must(&["run", "study.toml", "--out", "out", "--quiet"]).stdout;
    assert!(said.contains("Of 600 candidates") && said.contains("60 virtual patients"), "{said}");
    let patients = bench.read("out/patients.csv");
    let (peaks, changes) = (numbers(&patients, "peak"), numbers(&patients, "best_change"));
    assert_eq!(peaks.len(), 60);
    for i in 0..60 {
        assert!((0.3..=60.0).contains(&peaks[i]) && (-100.0..=10.0).contains(&changes[i]), "patient {i}");
    }
    for name in ["drawn_homeostasis", "drawn_lesion_diameter"] {
        let (low, high) = if name == "drawn_homeostasis" { (0.3, 5.0) } else { (0.5, 2.0) };
        assert!(numbers(&patients, name).iter().all(|v| (low..=high).contains(v)), "{name}");
    }
    // Accepted shares are binomial: four standard errors of 60. The weights then make them exact.
    let weights = numbers(&patients, "weight");
    for (low, high, share) in [(0.0, 3.0, 0.25), (3.0, 8.0, 0.25), (8.0, 1e9, 0.5)] {
        let within = |i: &usize| (low..high).contains(&peaks[*i]);
        let accepted = (0..60).filter(within).count() as f64 / 60.0;
        assert!(
            (accepted - share).abs() < 4.0 * (share * (1.0 - share) / 60.0_f64).sqrt(),
            "{low}: {accepted}"
        );
        let weighted = (0..60).filter(within).map(|i| weights[i]).sum::<f64>() / weights.iter().sum::<f64>();
        assert!((weighted - share).abs() < 1e-6, "{low}: {weighted}");
    }
    // As they are drawn, hardly anyone peaks above 8 per µL: weights of those few are worth far fewer patients.
    let effective = |folder: &str| {
        let summary: serde_json::Value =
            serde_json::from_str(&bench.read(&format!("{folder}/summary.json"))).unwrap();
        summary["arms"][0]["effective"].as_f64().unwrap()
    };
    let drawn = SEARCHED.split("[population.search]").next().unwrap().replace("count = 60", "count = 600")
        + SEARCHED.split("best_change = [\"-100 %\", \"10 %\"]\n").nth(1).unwrap();
    bench.write("drawn.toml", &drawn);
    bench.must(&["run", "drawn.toml", "--out", "drawn", "--quiet"]);
    let above = numbers(&bench.read("drawn/patients.csv"), "peak").iter().filter(|p| **p >= 8.0).count();
    assert!(above < 60, "{above} of 600");
    assert!(
        effective("out") / 60.0 > 2.0 * effective("drawn") / 600.0,
        "{} {}",
        effective("out"),
        effective("drawn")
    );
    let table = bench.read("out/search.csv");
    assert_eq!(numbers(&table, "observed"), [0.25, 0.25, 0.5]);
    assert!(bench.read("out/report.html").contains("candidates"));
    assert!(!bench.path("out/search.rows").exists() && !bench.path("out/search.json").exists());
}

#[test]
fn a_search_has_the_same_bytes_on_any_number_of_threads_and_after_a_kill() {
    let bench =
        bench(&SEARCHED.replace("count = 60", "count = 40").replace("candidates = 600", "candidates = 400"));
    for threads in ["1", "3"] {
        bench.must(&["run", "study.toml", "--out", threads, "--threads", threads, "--quiet"]);
    }
    bench.assert_same("1", "3");
    // Killed in the search, it begins the search anew.
    let mut child = bench.start(&["run", "study.toml", "--out", "killed", "--quiet"]);
    while !bench.path("killed/search.rows").exists() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    bench.must(&["resume", "killed", "--threads", "2", "--quiet"]);
    bench.assert_same("1", "killed");
}

#[test]
fn a_search_that_finds_too_few_says_how_many_candidates_it_takes() {
    let few = SEARCHED.replace("candidates = 600", "candidates = 70");
    let done = bench(&few).perforin(&["run", "study.toml", "--out", "out", "--quiet"]);
    assert!(done.code == 2 && done.stderr.contains("60 patients are asked for"), "{}", done.stderr);
    assert!(done.stderr.contains("give candidates = "), "{}", done.stderr);
    let none = SEARCHED.replace("[\"0.3 /µL\", \"60 /µL\"]", "[\"1e5 /µL\", \"1e6 /µL\"]");
    let done = bench(&none.replace("candidates = 600", "candidates = 60")).perforin(&[
        "run",
        "study.toml",
        "--out",
        "out",
        "--quiet",
    ]);
    assert!(done.code == 2 && done.stderr.contains("0 of 60 candidates are plausible"), "{}", done.stderr);
    assert!(done.stderr.contains("widen [population.search.plausible]"), "{}", done.stderr);
}

#[test]
fn what_is_wrong_with_a_search_is_shown_at_its_line() {
    let cut = SEARCHED.split("[population.search.plausible]").next().unwrap();
    for (study, parts) in [
        (SEARCHED.replace("peak = [\"0.3", "paek = [\"0.3"), ["no column `paek`", "did you mean `peak`?"]),
        (SEARCHED.replace("\"0.3 /µL\"", "\"0.3 mg\""), ["is not text like", "peak = "]),
        (SEARCHED.replace("\"0.3 /µL\"", "\"90 /µL\""), ["goes from 90 to 60", "lower end first"]),
        (
            SEARCHED.replace("candidates = 600", "candidates = 59"),
            ["59 candidates for 60 patients", "give 60 to"],
        ),
        (SEARCHED.replace("steps = 8", "steps = 0"), ["population.search.steps", "steps = 0"]),
        (cut.to_owned(), ["nothing says what is plausible", "[population.search]"]),
    ] {
        let bench = bench(&study);
        let done = bench.perforin(&["check", "study.toml"]);
        assert_eq!(done.code, 2, "{}{}", done.stdout, done.stderr);
        for part in parts {
            assert!(done.stderr.contains(part), "{part} is not in\n{}", done.stderr);
        }
    }
    // What has no range of its own is moved about its typical value.
    bench(&SEARCHED.replace("range = [\"0.3 /d\", \"5 /d\"]\n", "")).must(&["check", "study.toml"]);
}
