//! `perforin fit`: it finds the values that made a series, says where it cannot, and refuses what cannot be fitted.

use crate::support::Bench;

/// A co-culture of 245 tumour cells and 49 CAR-T cells for two days; the guide's page on fitting uses it.
const WELL: &str = r#"
[study]
title = "Co-culture"
seed = 1
duration = "2 d"

[lesion]
domain = "240 µm"
antigen.HER2.density = { median = "5000 /cell", log_sd = 0.5 }
antigen.HER2.negative = { fraction = "20 %" }
cell.tumour.placement = { shape = "scatter", count = 245 }
cell.tumour.cycle = { doubling_time = "2 d" }

[product]
kind = "CAR-T"
gate = "HER2"
[product.receptor.HER2]
kd = "5 nM"

[[regimen.infusion]]
day = 0
effector_to_target = 0.2
route = "intratumoural"
radius = "120 µm"

[output]
series_every = "6 h"
[numerics]
voxel = "60 µm"
field_step = "6 min"
"#;

/// Simulates the well with one change and another seed, and fits the well to it.
#[allow(clippy::print_stdout, reason = "the figures of a fit")]
fn recover(change: (&str, &str), vary: &[&str], columns: &str) -> serde_json::Value {
    let bench = Bench::new();
    bench.write("well.toml", WELL);
    assert!(WELL.contains(change.0), "nothing to change");
    let truth = WELL.replace("seed = 1", "seed = 101").replace(change.0, change.1);
    bench.write("truth.toml", &truth);
    bench.must(&["run", "truth.toml", "--out", "truth", "--quiet"]);
    let vary = vary.iter().flat_map(|v| ["--vary", v]);
    let mut line = vec!["fit", "well.toml", "--to", "truth/series.csv", "--out", "fit", "--quiet"];
    line.extend(["--columns", columns].into_iter().chain(vary));
    bench.must(&line);
    assert!(bench.read("fit/evaluations.csv").lines().count() > 20);
    bench.must(&["check", "fit/fitted.toml"]);
    println!("{}", bench.read("fit/fit.txt"));
    serde_json::from_str(&bench.read("fit/fit.json")).unwrap()
}

/// A value of a fit, as a number.
fn number(fit: &serde_json::Value, key: &str) -> f64 {
    let text = fit["values"][0][key].as_str().unwrap();
    text.split_whitespace().next().unwrap().parse().unwrap()
}

fn holds(fit: &serde_json::Value, truth: f64) -> bool {
    (number(fit, "low")..=number(fit, "high")).contains(&truth)
}

#[test]
#[ignore = "slow: run with --release -- --ignored"]
fn the_hit_rate_that_made_a_series_is_found() {
    let change = ("kd = \"5 nM\"", "kd = \"5 nM\"\n[lesion.cell.product.attack]\nhit_rate = \"0.02 /min\"");
    let vary = ["lesion.cell.product.attack.hit_rate=0.004 /min..0.1 /min:log"];
    let fit = recover(change, &vary, "tumour_live");
    assert_eq!(fit["values"][0]["identified"], "yes");
    assert!(holds(&fit, 0.02), "{fit:#}");
    // The range spans a factor of 25; the estimate is within one of 1.5.
    assert!((1.0 / 1.5..1.5).contains(&(number(&fit, "estimate") / 0.02)), "{fit:#}");
}

#[test]
#[ignore = "slow: run with --release -- --ignored"]
fn long_the_negative_fraction_that_made_a_series_is_found() {
    let change = ("fraction = \"20 %\"", "fraction = \"35 %\"");
    let vary = ["lesion.antigen.HER2.negative.fraction=0 %..80 %"];
    let fit = recover(change, &vary, "tumour_live,tumour_HER2_mean");
    assert_eq!(fit["values"][0]["identified"], "yes");
    assert!(holds(&fit, 35.0), "{fit:#}");
    assert!((number(&fit, "estimate") - 35.0).abs() < 8.0, "{fit:#}");
}

#[test]
#[ignore = "slow: run with --release -- --ignored"]
fn long_an_affinity_on_the_slope_is_found_and_one_on_the_plateau_is_not() {
    let slope = recover(
        ("kd = \"5 nM\"", "kd = \"600 nM\""),
        &["product.receptor.HER2.kd=10 nM..10000 nM:log"],
        "tumour_live",
    );
    assert!(holds(&slope, 600.0), "{slope:#}");
    assert_ne!(slope["values"][0]["identified"], "no");
    let plateau = recover(
        ("kd = \"5 nM\"", "kd = \"3 nM\""),
        &["product.receptor.HER2.kd=0.5 nM..20 nM:log"],
        "tumour_live",
    );
    assert_ne!(plateau["values"][0]["identified"], "yes", "{plateau:#}");
}

#[test]
#[ignore = "slow: run with --release -- --ignored"]
fn a_fit_gives_the_same_bytes_for_any_number_of_threads() {
    let bench = Bench::new();
    bench.write("well.toml", &WELL.replace("duration = \"2 d\"", "duration = \"12 h\""));
    bench.must(&["run", "well.toml", "--out", "truth", "--quiet"]);
    for threads in ["1", "3"] {
        let vary = "lesion.cell.product.attack.hit_rate=0.004 /min..0.1 /min:log";
        let line =
            ["fit", "well.toml", "--to", "truth/series.csv", "--vary", vary, "--quiet", "--replicates", "2"];
        bench.must(&[&line[..], &["--out", threads, "--threads", threads]].concat());
    }
    bench.assert_same("1", "3");
}

#[test]
fn what_cannot_be_fitted_is_refused_before_anything_is_simulated() {
    let bench = Bench::new();
    bench.write("well.toml", WELL);
    bench.write("series.csv", "time,tumour_live\n0,245\n1,100\n");
    let rate = "lesion.cell.product.attack.hit_rate=0.004 /min..0.1 /min:log";
    let series = |text: &str| bench.write("series.csv", text);
    for (text, more, why) in [
        ("time,tumour_live\n0,245\n", &["--vary", "lesion.domain=1 µm,2 µm"][..], "needs a range"),
        ("time,tumour_live\n0,245\n", &["--vary", rate, "--vary", rate], "varied twice"),
        ("time,tumour_live\n0,245\n", &["--vary", "study.seed=1..9"], "cannot be fitted"),
        ("time,tumour_live\n0,245\n9,1\n", &["--vary", rate], "day 9, the study to day 2"),
        ("time,tumour_live\n0,-1\n", &["--vary", rate], "no ln(1 + n)"),
        ("time,size\n0,245\n", &["--vary", rate], "no column `tumour_live`"),
        ("time,size\n0,245\n", &["--vary", rate, "--columns", "size"], "has no column `size`"),
        ("time,tumour_live\n0,x\n", &["--vary", rate], "`x` in line 2"),
        ("time,tumour_live\n0,245\n", &["--vary", "lesion.cell.product.attack.hit=1..2"], "hit"),
    ] {
        series(text);
        let line = ["fit", "well.toml", "--to", "series.csv", "--out", "fit"];
        let done = bench.perforin(&[&line[..], more].concat());
        assert_eq!(done.code, 2, "{more:?} {}", done.stderr);
        assert!(done.stderr.contains(why), "{more:?} {}", done.stderr);
        assert!(!bench.path("fit").exists());
    }
}
