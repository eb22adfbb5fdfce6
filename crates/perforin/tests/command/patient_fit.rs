//! `perforin fit` on a patient: it finds the values that made measurements, with intervals that hold them, and names what
//! cannot be fitted.

use perforin_core::rng::{Purpose, Stream};

use crate::support::Bench;

/// The published kinetics of tisagenlecleucel.
const STEIN: &str = "[study]\ntitle = \"P\"\nseed = 2\nduration = \"200 d\"\n[patient]\nmodel = \"stein-2019\"\n\
                     assay = { log_sd = 0.2 }\n";

/// A patient with a lesion.
const OWN: &str = r#"
[study]
title = "One"
seed = 3
duration = "60 d"
[patient]
assay = { log_sd = 0.1 }
parameters.delivery = "0.05 /mL/d"
[patient.antigen.A]
density = { median = "60000 /cell", log_sd = 0.5 }
[[patient.lesion]]
diameter = "30 mm"
[product]
kind = "CAR-T"
gate = "A"
[product.receptor.A]
kd = "5 nM"
[regimen]
lymphodepletion = { start = "-5 d", end = "-3 d" }
[[regimen.infusion]]
day = 0
dose = "1e8 CAR+ cells"
"#;

/// A series of a study on some days, each number with an error of the spread `sd` and below `limit` as such.
fn measured(bench: &Bench, column: &str, days: &[f64], (seed, sd, limit): (u64, f64, f64)) -> String {
    let series = bench.read("truth/series.csv");
    let mut lines = series.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let head = lines.next().unwrap();
    let place = head.iter().position(|name| *name == column).unwrap();
    let rows: Vec<(f64, f64)> = lines.map(|l| (l[0].parse().unwrap(), l[place].parse().unwrap())).collect();
    let stream = Stream::new(seed, Purpose::Assay);
    let mut text = format!("time [d],{column}\n");
    for (i, day) in days.iter().enumerate() {
        let value = rows.iter().find(|(known, _)| known == day).unwrap().1;
        let value = value * libm::exp(sd * stream.at(i as u64, 0).normal());
        let cell = if value < limit { format!("<{limit}") } else { value.to_string() };
        text.extend([day.to_string(), ",".into(), cell, "\n".into()]);
    }
    text
}

fn fitted(bench: &Bench) -> Vec<[f64; 3]> {
    let fit: serde_json::Value = serde_json::from_str(&bench.read("fit/fit.json")).unwrap();
    let number = |value: &serde_json::Value, key: &str| {
        value[key].as_str().unwrap().split_whitespace().next().unwrap().parse().unwrap()
    };
    let values = fit["values"].as_array().unwrap();
    values.iter().map(|value| ["estimate", "low", "high"].map(|key| number(value, key))).collect()
}

#[test]
fn values_of_a_published_model_come_back_from_noisy_measurements_below_a_limit() {
    let bench = Bench::new();
    bench.write(
        "truth.toml",
        &(STEIN.to_owned() + "parameters = { c_max = \"9000 copies/µg\", alpha = \"0.3 /d\" }\n"),
    );
    bench.must(&["run", "truth.toml", "--out", "truth", "--quiet"]);
    let days = [1.0, 3.0, 5.0, 7.0, 9.0, 11.0, 14.0, 18.0, 21.0, 25.0, 28.0, 60.0, 90.0, 150.0, 200.0];
    let text = measured(&bench, "product", &days, (4, 0.2, 45.0));
    assert!(text.contains("<45"), "{text}");
    bench.write("measured.csv", &text);
    bench.write("study.toml", STEIN);
    bench.must(&[
        "fit",
        "study.toml",
        "--to",
        "measured.csv",
        "--out",
        "fit",
        "--quiet",
        "--vary",
        "patient.parameters.c_max=1000 copies/µg..100000 copies/µg:log",
        "--vary",
        "patient.parameters.alpha=0.05 /d..1 /d:log",
    ]);
    let found = fitted(&bench);
    // Fifteen measurements with errors of 20 % give c_max and alpha to about a tenth.
    for ([estimate, low, high], truth) in found.iter().zip([9000.0, 0.3]) {
        assert!(low < &truth && &truth < high, "{truth} is not in {low} to {high}");
        assert!(low < estimate && estimate < high && high / low < 2.0, "{low} {estimate} {high}");
    }
    let predicted = bench.read("fit/predicted.csv");
    assert_eq!(predicted.lines().count(), 16, "{predicted}");
    bench.must(&["check", "fit/fitted.toml"]);
}

#[test]
fn the_expansion_of_a_patient_comes_back_and_what_has_no_effect_is_named() {
    let bench = Bench::new();
    let with = |expansion: &str| {
        OWN.replace("[patient]\n", &format!("[patient]\nparameters.expansion = \"{expansion}\"\n"))
    };
    bench.write("truth.toml", &with("1.3 /d"));
    bench.must(&["run", "truth.toml", "--out", "truth", "--quiet"]);
    let days = [2.0, 5.0, 8.0, 11.0, 14.0, 18.0, 22.0, 26.0, 40.0, 55.0];
    bench.write("measured.csv", &measured(&bench, "product_blood", &days, (9, 0.0, 0.0)));
    bench.write("study.toml", OWN);
    bench.must(&[
        "fit",
        "study.toml",
        "--to",
        "measured.csv",
        "--out",
        "fit",
        "--quiet",
        "--vary",
        "patient.parameters.expansion=0.5 /d..3 /d:log",
    ]);
    let [estimate, low, high] = fitted(&bench)[0];
    // Without errors the likelihood is largest at the truth; the simplex ends within 1e-3 of its height.
    assert!((estimate / 1.3 - 1.0).abs() < 0.02 && low < 1.3 && 1.3 < high, "{low} {estimate} {high}");
    // There is no organ at risk: its recovery does nothing.
    let said = bench.must(&[
        "fit",
        "study.toml",
        "--to",
        "measured.csv",
        "--out",
        "none",
        "--quiet",
        "--vary",
        "patient.parameters.organ_recovery=0.01 /d..1 /d:log",
    ]);
    assert!(said.stdout.contains("organ_recovery: cannot be identified"), "{}", said.stdout);
}

#[test]
fn what_of_a_patient_cannot_be_fitted_is_refused() {
    let bench = Bench::new();
    bench.write("measured.csv", "time,product [copies/µg]\n1,100\n300,5\n");
    for (study, range, part) in [
        (STEIN.to_owned(), "patient.parameters.c_max=1 copies/µg..2 copies/µg", "the study goes to day 200"),
        (
            STEIN.replace("assay = { log_sd = 0.2 }\n", ""),
            "patient.parameters.alpha=0.1 /d..1 /d",
            "add assay",
        ),
        (STEIN.to_owned(), "patient.parameters.alpha=0.1 /d", "no range"),
        (STEIN.replace("200 d", "400 d"), "patient.parameters.alpha=0.1 mm..1 mm", "is not text like"),
        (
            STEIN.to_owned() + "[population]\ncount = 5\n",
            "patient.parameters.alpha=0.1 /d..1 /d",
            "one patient",
        ),
    ] {
        bench.write("study.toml", &study);
        let done = bench.perforin(&[
            "fit",
            "study.toml",
            "--to",
            "measured.csv",
            "--out",
            "fit",
            "--vary",
            range,
            "--quiet",
        ]);
        assert!(done.code == 2 && done.stderr.contains(part), "{part} is not in {}", done.stderr);
        assert!(!bench.path("fit").exists());
    }
}
