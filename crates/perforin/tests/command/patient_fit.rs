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

/// Product of tisagenlecleucel by the paper's formula, of a patient with these values.
fn stein(c_max: f64, alpha: f64, t_max: f64, day: f64) -> f64 {
    let (fold, f_b, beta) = (3900.0, 0.0079, 0.0032);
    if day < t_max {
        return c_max / fold * libm::exp(libm::log(fold) / t_max * day);
    }
    let since = day - t_max;
    c_max * ((1.0 - f_b) * libm::exp(-alpha * since) + f_b * libm::exp(-beta * since))
}

const DAYS: [f64; 9] = [3.0, 6.0, 9.0, 12.0, 15.0, 20.0, 28.0, 60.0, 180.0];

/// Ten patients whose `c_max` and `alpha` vary by 0.5 and 0.3 about 9000 copies/µg and 0.25 /d, each with a day of the peak of its own,
/// measured nine times with errors of 20 %, below 45 copies/µg as such; one more was never measured.
fn cohort(bench: &Bench) -> Vec<[f64; 2]> {
    let stream = Stream::new(5, Purpose::Patient);
    let mut measured = String::from("patient,time [d],product\n");
    let mut own = String::from("patient,patient.parameters.t_max\n");
    let mut truth = Vec::new();
    for i in 0..10_u64 {
        let mut draw = stream.at(i, 0);
        let (a, b) = (draw.normal(), draw.normal());
        let [c_max, alpha, t_max] =
            [9000.0 * libm::exp(0.5 * a), 0.25 * libm::exp(0.3 * b), 7.0 + 0.5 * i as f64];
        truth.push([c_max, alpha]);
        own.extend([format!("P{i},{t_max} d\n")]);
        for day in DAYS {
            let value = stein(c_max, alpha, t_max, day) * libm::exp(0.2 * draw.normal());
            let cell = if value < 45.0 { "<45".to_owned() } else { value.to_string() };
            measured.extend([format!("P{i},{day},{cell}\n")]);
        }
    }
    measured += "P10,3,\n";
    bench.write("measured.csv", &measured);
    bench.write("own.csv", &own);
    bench.write("study.toml", STEIN);
    truth
}

const SEVERAL: [&str; 13] = [
    "fit",
    "study.toml",
    "--to",
    "measured.csv",
    "--patients",
    "own.csv",
    "--out",
    "fit",
    "--quiet",
    "--vary",
    "patient.parameters.c_max=500 copies/µg..200000 copies/µg:log",
    "--vary",
    "patient.parameters.alpha=0.03 /d..2 /d:log",
];

#[test]
fn mean_and_spread_of_a_cohort_come_back_and_who_was_not_measured_is_listed() {
    let bench = Bench::new();
    let truth = cohort(&bench);
    let said = bench.must(&SEVERAL).stdout;
    assert!(
        said.contains("10 of 11 patients were fitted") && said.contains("P10: not fitted: no measurement"),
        "{said}"
    );
    let fit: serde_json::Value = serde_json::from_str(&bench.read("fit/fit.json")).unwrap();
    let first = |value: &serde_json::Value| -> f64 {
        value.as_str().unwrap().split_whitespace().next().unwrap().parse().unwrap()
    };
    for (k, population) in fit["population"].as_array().unwrap().iter().enumerate() {
        let logs: Vec<f64> = truth.iter().map(|row| libm::log(row[k])).collect();
        let mean = logs.iter().sum::<f64>() / 10.0;
        let sd = (logs.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 9.0).sqrt();
        // Each patient is known to about a tenth: mean and spread are those of the ten, to a few hundredths.
        let [median, low, high] = ["median", "low", "high"].map(|key| first(&population[key]));
        assert!((libm::log(median) - mean).abs() < 0.1, "{median} of {}", libm::exp(mean));
        assert!(low < libm::exp(mean) && libm::exp(mean) < high, "{low} {high}");
        let found = population["log_sd"].as_f64().unwrap();
        assert!((found - sd).abs() < 0.1, "{found} of {sd}");
        assert!(found < population["log_sd_of_estimates"].as_f64().unwrap());
        assert_eq!(population["told_by"], 10);
    }
    // Nine in ten intervals hold the truth; of twenty, fewer than fourteen do once in a thousand.
    let held = fit["patients"].as_array().unwrap()[..10].iter().zip(&truth).flat_map(|(patient, truth)| {
        let values = patient["fit"]["values"].as_array().unwrap();
        values
            .iter()
            .zip(truth)
            .filter(|(v, t)| first(&v["low"]) < **t && **t < first(&v["high"]))
            .map(|_| ())
    });
    assert!(held.count() >= 14);
    let patients = bench.read("fit/patients.csv");
    assert_eq!(patients.lines().count(), 12, "{patients}");
    assert!(patients.lines().last().unwrap().ends_with("no measurement"), "{patients}");
    assert_eq!(bench.read("fit/predicted.csv").lines().count(), 1 + 10 * DAYS.len());
    bench.must(&["check", "fit/fitted.toml"]);
    // The population can be run, and varies as was found.
    let study = bench.read("fit/population.toml");
    assert!(study.contains("[population.vary.c_max]") && study.contains("coefficient"), "{study}");
    bench.write("population.toml", &study.replace("count = 1000", "count = 50"));
    bench.must(&["run", "population.toml", "--out", "population", "--quiet"]);
}

#[test]
fn what_is_wrong_with_several_patients_is_named() {
    let bench = Bench::new();
    cohort(&bench);
    let refused = |part: &str| {
        let done = bench.perforin(&SEVERAL);
        assert!(done.code == 2 && done.stderr.contains(part), "{part} is not in {}", done.stderr);
        assert!(!bench.path("fit").exists());
    };
    let own = bench.read("own.csv");
    bench.write("own.csv", &own.replace("P3,", "P33,"));
    refused("`P33` in line 5 of `own.csv` has no measurement");
    bench.write("own.csv", &own.replace("P3,8.5 d", "P3,8.5 mm"));
    refused("patient `P3`");
    bench.write("own.csv", &own.replace("P3,", "P2,"));
    refused("`P2` has a second row");
    bench.write("own.csv", &own);
    let measured = bench.read("measured.csv");
    bench.write("measured.csv", &measured.replace("P4,3,", ",3,"));
    refused("names no patient");
    bench.write("measured.csv", "patient,time [d],product\nP1,3,100\nP2,3,\n");
    bench.write("own.csv", "patient,patient.parameters.t_max\n");
    refused("at least two patients with a measurement");
}
