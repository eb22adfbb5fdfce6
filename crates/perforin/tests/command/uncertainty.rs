//! `[trial.uncertainty]`: what is not known of the parameters, against cases whose variances can be computed.

use std::collections::BTreeMap;

use perforin_trial::dose_finding::three_plus_three::ThreePlusThree;
use perforin_trial::efficacy::simon;
use perforin_trial::uncertainty::shifted;

use crate::support::Bench;

/// One level, so that the 3+3 is a function of one rate.
const STUDY: &str = r#"
[study]
title = "Not known"
seed = 5
[trial]
doses = ["1e8 CAR+ cells"]
trials = 40
dose_finding = { design = "3+3" }
[[trial.scenario]]
name = "stated"
toxicity = ["30 %"]
[trial.efficacy.two_stage]
p0 = "10 %"
p1 = "30 %"
truth = "20 %"
[trial.uncertainty]
draws = 600
toxicity_sd = 0.8
response_sd = 0.5
"#;

type Row = BTreeMap<String, String>;

fn rows(bench: &Bench, file: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(bench.path(file)).unwrap();
    reader.deserialize().map(|row| row.unwrap()).collect()
}

fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap()
}

/// Mean of a function of a standard normal deviate.
fn mean(f: impl Fn(f64) -> f64) -> f64 {
    let (mut sum, mut weight) = (0.0, 0.0);
    for k in -4000..=4000 {
        let z = f64::from(k) / 500.0;
        let density = libm::exp(-0.5 * z * z);
        sum += density * f(z);
        weight += density;
    }
    sum / weight
}

/// The level is selected with the exact probability q(θ) of the 3+3: over the shift of the log odds its variance is
/// Var q(θ), and 40 trials add E q(1 − q)/40. Simon's two stages are exact, so that they add nothing.
#[test]
fn variances_are_those_of_the_parameters_and_of_monte_carlo() {
    let bench = Bench::new();
    bench.write("trial.toml", STUDY);
    for (out, threads) in [("out", "1"), ("again", "3")] {
        bench.must(&["trial", "trial.toml", "--out", out, "--threads", threads]);
    }
    bench.assert_same("out", "again");
    let table = rows(&bench, "out/uncertainty.csv");
    let row = |scenario: &str, quantity: &str| {
        let found = table.iter().find(|r| r["scenario"].starts_with(scenario) && r["quantity"] == quantity);
        found.unwrap_or_else(|| panic!("{scenario} {quantity}"))
    };
    let design = ThreePlusThree { with_deescalation: false };
    let selects = |z: f64| design.exact(&[shifted(0.3, 0.8 * z)]).unwrap().declared[0];
    let near_sd = |found: f64, variance: f64| {
        // The standard deviation of 600 draws is known to 1/√1200; four of these, and a little for what is not normal.
        assert!((found / variance.sqrt() - 1.0).abs() < 0.15, "{found} instead of {}", variance.sqrt());
    };
    let expected = mean(selects);
    let variance = mean(|z| (selects(z) - expected).powi(2));
    let found = row("stated", "selects the level");
    near_sd(number(found, "parameter_sd"), variance);
    near_sd(number(found, "monte_carlo_error"), mean(|z| selects(z) * (1.0 - selects(z))) / 40.0);
    assert!(
        (number(found, "mean") - expected).abs() < 4.0 * number(found, "mean_error"),
        "{found:?} {expected}"
    );
    // The 5 % quantile of the level's selection is that at the 95 % quantile of the shift.
    assert!((number(found, "low") - selects(1.645)).abs() < 0.1, "{found:?}");

    let toxicity = row("stated", "true toxicity rate");
    assert_eq!(number(toxicity, "monte_carlo_error"), 0.0);
    let simon = simon::designs(simon::Demand { p0: 0.1, p1: 0.3, alpha: 0.05, beta: 0.2 }).unwrap().unwrap();
    let active = |z: f64| simon.optimal.at(shifted(0.2, 0.5 * z)).0;
    let found = row("two stages, optimal", "called active by infused patients");
    let expected = mean(active);
    near_sd(number(found, "parameter_sd"), mean(|z| (active(z) - expected).powi(2)));
    assert_eq!(number(found, "monte_carlo_error"), 0.0);
    assert!((number(found, "mean") - expected).abs() < 4.0 * number(found, "mean_error"));
    let drawn = rows(&bench, "out/uncertainty_draws.csv");
    assert_eq!(drawn.len(), 600);
    let squares: f64 = drawn.iter().map(|r| number(r, "toxicity_shift").powi(2)).sum();
    near_sd((squares / 600.0).sqrt(), 0.64);
    let page = bench.read("out/report.html");
    assert!(page.contains("What is not known of the parameters") && page.contains("600 outer draws"));
}

/// Virtual patients under drawn parameters: a parameter that is known does nothing, one that is not moves the rates, and the
/// same patients stay the same.
#[test]
fn parameters_of_virtual_patients_are_drawn() {
    let bench = Bench::new();
    let patient = include_str!("../../../../examples/patient-two-lesions.toml");
    let short = patient.replace("duration = \"365 d\"", "duration = \"60 d\"");
    let trial = r#"
[population]
count = 20
vary.expansion = { log_sd = 0.5 }
[trial]
doses = ["1e7 CAR+ cells", "1e9 CAR+ cells"]
trials = 30
dose_finding = { design = "boin", patients = 12 }
virtual_patients = { crs_grade = 2 }
[trial.uncertainty]
draws = 6
[trial.uncertainty.parameter.expansion]
log_sd = 0.4
"#;
    let study = short + trial;
    bench.write("trial.toml", &study);
    bench.must(&["trial", "trial.toml", "--out", "out"]);
    let spread = |out: &str, quantity: &str| -> f64 {
        let table = rows(&bench, &format!("{out}/uncertainty.csv"));
        let own = table.iter().filter(|r| r["quantity"] == quantity);
        own.map(|r| number(r, "parameter_sd")).fold(0.0, f64::max)
    };
    assert!(spread("out", "true toxicity rate") + spread("out", "true response rate") > 0.0);
    let values: Vec<f64> =
        rows(&bench, "out/uncertainty_draws.csv").iter().map(|r| number(r, "expansion")).collect();
    assert!(values.len() == 6 && values.windows(2).all(|w| w[0] != w[1]), "{values:?}");
    // Known to be what it is: the same patients have the same rates in every draw.
    bench.write("known.toml", &study.replace("log_sd = 0.4", "log_sd = 0"));
    bench.must(&["trial", "known.toml", "--out", "known"]);
    assert_eq!(spread("known", "true toxicity rate"), 0.0);
    let levels = rows(&bench, "known/levels.csv");
    let table = rows(&bench, "known/uncertainty.csv");
    for level in &levels {
        let own = |r: &&Row| r["quantity"] == "true toxicity rate" && r["level"] == level["level"];
        let found = table.iter().find(own).unwrap();
        assert!(
            (number(found, "mean") - number(level, "true_toxicity")).abs() < 1e-12,
            "{found:?} {level:?}"
        );
    }
    for (from, to, part) in [
        ("parameter.expansion", "parameter.expansoin", "did you mean `expansion`?"),
        ("log_sd = 0.4", "", "it is not said, or said twice, what is known of it"),
        ("log_sd = 0.4", "interval = [\"2 /d\", \"1 /d\"]", "upper end of an interval"),
        ("log_sd = 0.4", "range = [\"2 /d\", \"3 nM\"]", "is not text like"),
        ("draws = 6", "draws = 1", "trial.uncertainty.draws"),
        ("[trial.uncertainty.parameter.expansion]\nlog_sd = 0.4", "", "everything is known"),
    ] {
        assert!(study.contains(from), "{from}");
        bench.write("bad.toml", &study.replacen(from, to, 1));
        let done = bench.perforin(&["check", "bad.toml"]);
        assert!(
            done.code == 2 && done.stderr.contains(part) && done.stderr.contains("bad.toml:"),
            "{}",
            done.stderr
        );
    }
    bench.write(
        "bad.toml",
        &STUDY
            .replace("toxicity_sd = 0.8", "[trial.uncertainty.parameter.expansion]\nlog_sd = 0.4")
            .replace("response_sd = 0.5\n", ""),
    );
    let done = bench.perforin(&["check", "bad.toml"]);
    assert!(
        done.code == 2 && done.stderr.contains("only virtual patients have parameters"),
        "{}",
        done.stderr
    );
}
