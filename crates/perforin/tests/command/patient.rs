//! `perforin run` on a patient and a population.

use crate::support::Bench;

/// A patient with two lesions under one infusion.
pub const ONE: &str = r#"
[study]
title = "One"
question = "Does she respond?"
seed = 3
duration = "120 d"

[patient]
weight = "70 kg"
parameters.delivery = "0.05 /mL/d"
height = "170 cm"
assay = { log_sd = 0.2, limit = "0.5 /µL" }
[patient.antigen.A]
density = { median = "60000 /cell", log_sd = 0.5 }
[[patient.lesion]]
name = "liver"
diameter = "30 mm"
antigen_negative = "1 %"
[[patient.lesion]]
diameter = "15 mm"
organ = "lung"
access = 0.5
[patient.organ_at_risk]
name = "stomach"
antigen.A.density = { median = "3000 /cell", log_sd = 0.5 }

[product]
kind = "CAR-T"
gate = "A"
[product.receptor.A]
kd = "5 nM"

[regimen]
lymphodepletion = { start = "-5 d", end = "-3 d" }
rules = { tocilizumab_at_crs = 1 }
[[regimen.infusion]]
day = 0
dose = "1e6 CAR+ cells/kg"
split = [{ share = "10 %", after = "0 d" }, { share = "90 %", after = "2 d" }]
"#;

/// The same in a population of two arms.
pub const MANY: &str = r#"
[population]
count = 150
courses = 20
sampling = "sobol"
[population.vary.expansion]
log_sd = 0.3
[population.vary."lesion.access"]
log_sd = 0.8
[population.covariate.weight]
log_sd = 0.2
range = ["45 kg", "110 kg"]
[[population.arm]]
name = "low"
set = { "regimen.infusion.0.dose" = "1e5 CAR+ cells/kg" }
[[population.arm]]
name = "high"
set = { "regimen.infusion.0.dose" = "1e7 CAR+ cells/kg" }
"#;

/// Twenty thousand patients of a published model in two arms: five stretches in each.
const STREAMED: &str = r#"
[study]
title = "Streamed"
seed = 5
duration = "100 d"
[patient]
model = "stein-2019"
[population]
count = 20000
courses = 20
[population.vary.c_max]
log_sd = 0.65
[[population.arm]]
name = "as-published"
[[population.arm]]
name = "short-lived"
set = { "patient.parameters.beta" = "0.02 /d" }
"#;

/// A published model without a regimen of its own.
const PUBLISHED: &str = "[study]\ntitle = \"P\"\n[patient]\nmodel = \"stein-2019\"\n";

fn bench(text: &str) -> Bench {
    let bench = Bench::new();
    bench.write("patient.toml", text);
    bench
}

/// A population that is over in a second or two.
fn small() -> String {
    ONE.to_owned() + MANY
}

fn column(text: &str, name: &str) -> Vec<String> {
    let mut lines = text.lines();
    let place = lines.next().unwrap().split(',').position(|n| n == name).unwrap();
    lines.map(|line| line.split(',').nth(place).unwrap().to_owned()).collect()
}

fn numbers(text: &str, name: &str) -> Vec<f64> {
    column(text, name).iter().map(|cell| cell.parse().unwrap()).collect()
}

#[test]
fn one_patient_is_answered_in_words_tables_and_a_page() {
    let bench = bench(ONE);
    let said = bench.must(&["run", "patient.toml", "--out", "out", "--quiet"]).stdout;
    for part in [
        "by RECIST 1.1.",
        "The product peaks at",
        "Cytokine release reaches grade",
        "stomach",
        "not for treating",
    ] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
    let series = bench.read("out/series.csv");
    let (days, blood) = (numbers(&series, "time"), numbers(&series, "product_blood"));
    // Visits are rows too: every six weeks.
    assert!([0.0, 42.0, 84.0, 120.0].iter().all(|day| days.contains(day)));
    let summary: serde_json::Value = serde_json::from_str(&bench.read("out/summary.json")).unwrap();
    let outcome = &summary["arms"][0]["courses"][0]["outcome"];
    let peak = outcome[0].as_f64().unwrap();
    let highest =
        days.iter().zip(&blood).filter(|(day, _)| **day >= 1.0).map(|(_, b)| *b).fold(0.0, f64::max);
    assert!((highest / peak - 1.0).abs() < 0.02, "{highest} on the grid, {peak} between");
    // 70 kg at a million cells each, in two parts, from a dose of CAR-positive cells.
    assert!((outcome[11].as_f64().unwrap() / 7e7 - 1.0).abs() < 1e-12);
    let visits = bench.read("out/visits.csv");
    let (sums, changes) = (numbers(&visits, "target_sum"), numbers(&visits, "target_change"));
    assert!((sums[0] - 45.0).abs() < 3.0, "two lesions of 45 mm, grown since day -3: {sums:?}");
    assert!((100.0 * (sums[1] / sums[0] - 1.0) - changes[1]).abs() < 1e-9);
    let page = bench.read("out/report.html");
    assert!(page.contains("<svg") && page.contains("Visits") && !page.contains("NaN"));
    let measured = column(&series, "product_blood_measured");
    assert!(measured.iter().any(|v| v == "NaN") && measured.iter().any(|v| v != "NaN"));
    assert!(measured.iter().filter_map(|v| v.parse::<f64>().ok()).all(|v| v.is_nan() || v >= 0.5));
    let manifest: serde_json::Value = serde_json::from_str(&bench.read("out/manifest.json")).unwrap();
    assert!(
        manifest["parameters"]
            .as_array()
            .unwrap()
            .iter()
            .any(|p| p["path"] == "patient.parameters.expansion")
    );
    for (name, digest) in manifest["outputs"].as_object().unwrap() {
        assert_eq!(digest.as_str().unwrap().len(), 64, "{name}");
        assert!(bench.path("out").join(name).is_file(), "{name}");
    }
}

#[test]
fn arms_have_the_same_patients_and_a_larger_dose_gives_more_cells() {
    let bench = bench(&small());
    let said = bench.must(&["run", "patient.toml", "--out", "out", "--quiet"]).stdout;
    assert!(said.contains("Arm low") && said.contains("Arm high"), "{said}");
    let patients = bench.read("out/patients.csv");
    let arms = column(&patients, "arm");
    assert_eq!((arms.len(), arms.iter().filter(|arm| *arm == "low").count()), (300, 150));
    for name in ["drawn_expansion", "drawn_lesion_access", "drawn_weight"] {
        let drawn = numbers(&patients, name);
        assert_eq!(drawn[..150], drawn[150..], "{name}");
    }
    let (given, weight) = (numbers(&patients, "given"), numbers(&patients, "drawn_weight"));
    assert!(weight.iter().all(|w| (45.0..=110.0).contains(w)) && weight[0] != weight[1]);
    // Each is given what it weighs.
    assert!((0..150).all(|i| (given[i] / (1e5 * weight[i]) - 1.0).abs() < 1e-12));
    let rates = bench.read("out/rates.csv");
    let shares = numbers(&rates, "share");
    let (low, high) = (numbers(&rates, "low"), numbers(&rates, "high"));
    assert!((0..shares.len()).all(|i| low[i] <= shares[i] && shares[i] <= high[i]));
    // The shares of the five best responses add up to one.
    let best = column(&rates, "outcome");
    let sum: f64 = (0..best.len()).filter(|i| best[*i].starts_with("best_")).map(|i| shares[i]).sum();
    assert!((sum - 2.0).abs() < 1e-9, "{sum} over two arms");
    // The median of the table of patients is that of the summary, to the width of a bin.
    let mut peaks = numbers(&patients, "peak")[..150].to_vec();
    peaks.sort_by(f64::total_cmp);
    let summary = bench.read("out/summary.csv");
    let place = column(&summary, "outcome").iter().position(|name| name == "peak").unwrap();
    let median = numbers(&summary, "p50")[place];
    assert!(
        (peaks[74] * 0.997..=peaks[75] * 1.003).contains(&median),
        "{median}: {} {}",
        peaks[74],
        peaks[75]
    );
    let page = bench.read("out/report.html");
    for title in [
        "Spider plot, arm low",
        "Waterfall plot, arm high",
        "Swimmer plot, arm low",
        "Cytokine release by arm",
    ] {
        assert!(page.contains(title), "{title}");
    }
    assert!(!page.contains("NaN") && !bench.path("out/arm-0.rows").exists());
}

#[test]
fn any_number_of_threads_gives_the_same_patients() {
    for text in [ONE.to_owned(), small()] {
        let bench = bench(&text);
        for threads in ["1", "3"] {
            bench.must(&["run", "patient.toml", "--out", threads, "--threads", threads, "--quiet"]);
            bench.assert_same("1", threads);
        }
        bench.must(&["run", "1/study.toml", "--out", "again", "--quiet"]);
        bench.assert_same("1", "again");
        let page = bench.read("1/report.html");
        std::fs::remove_file(bench.path("1/report.html")).unwrap();
        bench.must(&["report", "1"]);
        assert_eq!(bench.read("1/report.html"), page);
    }
}

/// Killed in the first arm, in the second, and with the bands a stretch behind the rows.
#[test]
fn a_killed_population_resumes_to_the_same_bytes() {
    let bench = bench(STREAMED);
    bench.must(&["run", "patient.toml", "--out", "whole", "--quiet"]);
    let run = ["run", "patient.toml", "--out", "killed", "--quiet"];
    kill_when(&bench, &run, "killed/arm-0.bands");
    let behind = std::fs::read(bench.path("killed/arm-0.bands")).unwrap();
    kill_when(&bench, &["resume", "killed", "--quiet"], "killed/arm-1.bands");
    assert!(!bench.path("killed/patients.csv").exists());
    std::fs::write(bench.path("killed/arm-0.bands"), behind).unwrap();
    bench.must(&["resume", "killed", "--quiet", "--threads", "3"]);
    bench.assert_same("whole", "killed");
    let again = bench.must(&["resume", "killed"]).stdout;
    assert_eq!(again, "The run in killed is over; nothing to do.\n");
}

fn kill_when(bench: &Bench, line: &[&str], file: &str) {
    let mut child = bench.start(line);
    while !bench.path(file).exists() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(bench.path(file).exists());
}

#[test]
fn damaged_files_of_a_population_are_named_and_left_alone() {
    let bench = bench(STREAMED);
    kill_when(&bench, &["run", "patient.toml", "--out", "out", "--quiet"], "out/arm-0.bands");
    for name in ["arm-0.bands", "arm-0.rows"] {
        let place = bench.path("out").join(name);
        let good = std::fs::read(&place).unwrap();
        let mut bad = good.clone();
        let middle = bad.len() / 2;
        bad[middle] ^= 1;
        std::fs::write(&place, &bad).unwrap();
        let done = bench.perforin(&["resume", "out", "--quiet"]);
        assert!(done.code == 2 && done.stderr.contains(name), "{}", done.stderr);
        assert_eq!(std::fs::read(&place).unwrap(), bad);
        std::fs::write(&place, good).unwrap();
    }
    bench.write("out/study.toml", &STREAMED.replace("seed = 5", "seed = 4"));
    let done = bench.perforin(&["resume", "out"]);
    assert!(
        done.code == 2 && done.stderr.contains("is not the study that this was begun with"),
        "{}",
        done.stderr
    );
}

/// A dose per kg that is possible for 70 kg, and beyond 1e13 cells for whoever weighs more than 71.4 kg.
#[test]
fn a_patient_who_cannot_be_followed_is_counted_listed_and_disturbs_nobody() {
    let few = ONE.to_owned() + &MANY.replace("count = 150", "count = 40");
    let bench = bench(&few.replace("1e7 CAR+ cells/kg", "1.4e11 CAR+ cells/kg"));
    let said = bench.must(&["run", "patient.toml", "--out", "out", "--quiet"]).stdout;
    assert!(said.contains("patients could not be followed and are listed in failed.csv"), "{said}");
    let patients = bench.read("out/patients.csv");
    let (peaks, arms) = (column(&patients, "peak"), column(&patients, "arm"));
    assert!(peaks[..40].iter().all(|peak| peak != "NaN") && arms[..40].iter().all(|arm| arm == "low"));
    let weights = numbers(&patients, "drawn_weight");
    let failed = bench.read("out/failed.csv");
    let listed: Vec<usize> =
        column(&failed, "patient").iter().map(|number| number.parse().unwrap()).collect();
    let heavy: Vec<usize> = (0..40).filter(|i| weights[*i] > 1e13 / 1.4e11).collect();
    assert!(!heavy.is_empty() && heavy.len() < 40);
    assert_eq!(listed, heavy);
    assert!((0..40).all(|i| (peaks[40 + i] == "NaN") == heavy.contains(&i)));
    assert!(column(&failed, "reason").iter().all(|why| why.contains("a dose is 1")), "{failed}");
    // The others are as they are without them.
    let rates = bench.read("out/rates.csv");
    let counted = column(&rates, "patients");
    assert!(
        counted.iter().any(|n| n == "40") && counted.iter().any(|n| *n == (40 - heavy.len()).to_string())
    );
}

#[test]
fn a_published_model_is_run_by_name() {
    let bench = bench(PUBLISHED);
    let said = bench.must(&["run", "patient.toml", "--out", "out", "--quiet"]).stdout;
    // The paper's typical patient: 24,000 copies/µg on day 9.3, 172,000 over four weeks; 217 d.
    assert!(said.contains("on day 9.3") && said.contains("half-life 217 d"), "{said}");
    let summary: serde_json::Value = serde_json::from_str(&bench.read("out/summary.json")).unwrap();
    let names = summary["outcome"].as_array().unwrap();
    for (name, published) in [("product_peak", 24_000.0), ("product_area_28", 172_000.0)] {
        let place = names.iter().position(|n| n == name).unwrap();
        let found = summary["arms"][0]["courses"][0]["outcome"][place].as_f64().unwrap();
        assert!((found / published - 1.0).abs() < 0.01, "{name}: {found}");
    }
    let series = bench.read("out/series.csv");
    let (days, product) = (numbers(&series, "time"), numbers(&series, "product"));
    let at = |day: f64| product[days.iter().position(|d| *d == day).unwrap()];
    let rise = libm::log(at(9.0) / at(1.0)) / 8.0;
    assert!((rise * 9.3 / libm::log(3900.0) - 1.0).abs() < 1e-3, "{rise}");
    let late = std::f64::consts::LN_2 * 100.0 / libm::log(at(250.0) / at(350.0));
    assert!((late / 217.0 - 1.0).abs() < 0.01, "{late}");
    let population = PUBLISHED.to_owned()
        + "[population]\ncount = 300\nsampling = \"sobol\"\n[population.vary.c_max]\nlog_sd = 0.65\n\
           [population.sensitivity]\nsamples = 256\n";
    bench.write("many.toml", &population);
    let said = bench.must(&["run", "many.toml", "--out", "many", "--quiet"]).stdout;
    assert!(said.contains("300 virtual patients."), "{said}");
    // One parameter varies, and explains everything; 256 points estimate that to a few per cent.
    let sensitivity = bench.read("many/sensitivity.csv");
    assert!(numbers(&sensitivity, "total").iter().all(|total| (total - 1.0).abs() < 0.05), "{sensitivity}");
}

#[test]
fn rano_goes_by_products_of_diameters_and_by_steroids() {
    let rano = ONE.replace("[patient]\n", "[patient]\nresponse = \"RANO\"\n");
    let bench = bench(&rano);
    let said = bench.must(&["run", "patient.toml", "--out", "out", "--quiet"]).stdout;
    assert!(said.contains(" by RANO. The sum of products of target diameters goes from"), "{said}");
    let (visits, series) = (bench.read("out/visits.csv"), bench.read("out/series.csv"));
    let (sums, changes) = (numbers(&visits, "target_sum"), numbers(&visits, "target_change"));
    let diameters = ["liver_diameter", "lesion_2_diameter"].map(|name| numbers(&series, name));
    let (days, at) = (numbers(&series, "time"), numbers(&visits, "day"));
    for (i, day) in at.iter().enumerate() {
        let place = days.iter().position(|known| known == day).unwrap();
        let product = |d: f64| if d < 2.0 { 0.0 } else { d.max(5.0) * d.max(5.0) };
        let products: f64 = diameters.iter().map(|d| product(d[place])).sum();
        assert!((sums[i] / products - 1.0).abs() < 1e-12, "day {day}: {} and {products}", sums[i]);
        assert!((changes[i] - 100.0 * (products / sums[0] - 1.0)).abs() < 1e-9);
    }
    // Between +25 % in products and +20 % in diameter, which is +44 % in products, only RANO progresses.
    let (by_rano, by_recist) = (column(&visits, "rano"), column(&visits, "recist"));
    let grown = changes.iter().position(|change| (25.0..43.0).contains(change)).unwrap();
    assert_eq!((by_rano[grown].as_str(), by_recist[grown].as_str()), ("PD", "SD"), "{visits}");
    assert!(bench.read("out/report.html").contains("sum of products of diameters, mm²"));
    // Ten times the cells bring a response, but not on steroids that were raised for it.
    let more = rano.replace("1e6 CAR+ cells/kg", "1e7 CAR+ cells/kg");
    let raised = "rules = { tocilizumab_at_crs = 1 }\n[[regimen.dexamethasone]]\nday = 7\nevery = \"1 d\"\n\
                  doses = 110\namount = \"0.01 mg\"";
    let on_steroids = more.replace("rules = { tocilizumab_at_crs = 1 }", raised);
    for (name, text, responds) in [("more", more, true), ("raised", on_steroids, false)] {
        bench.write("again.toml", &text);
        bench.must(&["run", "again.toml", "--out", name, "--quiet"]);
        let visits = bench.read(&format!("{name}/visits.csv"));
        assert!(numbers(&visits, "target_change").iter().any(|change| *change <= -50.0), "{visits}");
        assert_eq!(column(&visits, "rano").iter().any(|word| word == "PR"), responds, "{visits}");
    }
}

/// Without a hazard nobody dies; with a constant one patients die on the days of its law.
#[test]
fn overall_survival_follows_the_hazard_and_ends_all_else() {
    let many = ONE.to_owned() + &MANY.replace("count = 150", "count = 200");
    let with = |other: &str| {
        let hazard = format!("death_tumour = \"0 /mL/d\", death_toxicity = 0, death_other = \"{other}\"");
        many.replace("parameters.delivery = ", &format!("parameters = {{ {hazard}, delivery = "))
            .replace("0.05 /mL/d\"", "0.05 /mL/d\" }")
    };
    let bench = bench(&with("0 /d"));
    bench.must(&["run", "patient.toml", "--out", "none", "--quiet"]);
    let patients = bench.read("none/patients.csv");
    assert!(numbers(&patients, "died").iter().all(|died| *died == 0.0));
    assert!(numbers(&patients, "survival").iter().all(|days| *days == 120.0));
    bench.write("all.toml", &with("0.02 /d"));
    let said = bench.must(&["run", "all.toml", "--out", "all", "--quiet"]).stdout;
    assert!(said.contains("overall survival 3"), "{said}");
    let patients = bench.read("all/patients.csv");
    let (days, died) = (numbers(&patients, "survival"), numbers(&patients, "died"));
    assert_eq!(days[..200], days[200..], "the same chance in both arms");
    // Exponential: alive on day 60 with probability e^(-1.2) = 0.30, on day 120 with 0.09; four standard errors of 200.
    for (day, share) in [(60.0, 0.301), (119.0, 0.0926)] {
        let alive = days[..200].iter().filter(|d| **d > day).count() as f64 / 200.0;
        assert!((alive - share).abs() < 4.0 * (share * (1.0 - share) / 200.0_f64).sqrt(), "{day}: {alive}");
    }
    // Nothing is seen after death, and until the last planned visit it ends progression-free survival; who lives to that visit
    // without progression is censored at it, whether he dies later or not, so that the curve does not fall to nothing.
    let (free, progressed) = (numbers(&patients, "pfs"), numbers(&patients, "progressed"));
    assert!((0..400).all(|i| free[i] <= days[i]), "{patients}");
    let last_visit = numbers(&bench.read("all/visits.csv"), "day").into_iter().fold(0.0, f64::max);
    assert!((60.0..120.0).contains(&last_visit), "{last_visit}");
    let dies_in_time = |i: usize| died[i] == 1.0 && days[i] <= last_visit;
    assert!((0..400).all(|i| !dies_in_time(i) || progressed[i] == 1.0));
    let outlives = (0..400).filter(|i| !dies_in_time(*i) && progressed[*i] == 0.0);
    let censored: Vec<f64> = outlives.map(|i| free[i]).collect();
    assert!(censored.len() > 4 && censored.iter().all(|day| *day == last_visit), "{censored:?}");
    assert!((0..400).any(|i| died[i] == 1.0 && progressed[i] == 0.0));
    let curves = bench.read("all/survival.csv");
    let (names, shares, arms) = (column(&curves, "curve"), numbers(&curves, "share"), column(&curves, "arm"));
    let last = (0..names.len()).rfind(|i| names[*i] == "Overall survival" && arms[*i] == "low").unwrap();
    let alive = died[..200].iter().filter(|died| **died == 0.0).count() as f64 / 200.0;
    // Without censoring before the last day the product limit is the share that lives.
    assert!((shares[last] - alive).abs() < 1e-9, "{} and {alive}", shares[last]);
    let page = bench.read("all/report.html");
    assert!(page.contains("Kaplan–Meier; ticks") && page.contains("Duration of response"));
}

/// Observed shares of the peak and of an initial size, in the arm with the low dose.
const OBSERVED: &str = r#"
[population.vary."lesion.diameter"]
log_sd = 0.3
[population.marginal.peak]
edges = ["1.2 /µL", "1.5 /µL"]
shares = ["20 %", "50 %", "30 %"]
source = "a trial"
[population.marginal.drawn_lesion_diameter]
edges = [1.0]
shares = ["35 %", "65 %"]
"#;

#[test]
fn weights_give_the_population_the_observed_shares() {
    let bench = bench(&(small() + OBSERVED));
    let said = bench.must(&["run", "patient.toml", "--out", "out", "--quiet"]).stdout;
    assert!(said.contains("weighted to the observed drawn_lesion_diameter and peak: worth "), "{said}");
    let patients = bench.read("out/patients.csv");
    let (weights, peaks) = (numbers(&patients, "weight"), numbers(&patients, "peak"));
    let diameters = numbers(&patients, "drawn_lesion_diameter");
    assert_eq!(weights[..150], weights[150..]);
    let share = |holds: &dyn Fn(usize) -> bool| {
        (0..150).filter(|i| holds(*i)).map(|i| weights[i]).sum::<f64>() / weights[..150].iter().sum::<f64>()
    };
    for (found, observed) in [
        (share(&|i| peaks[i] < 1.2), 0.2),
        (share(&|i| (1.2..1.5).contains(&peaks[i])), 0.5),
        (share(&|i| diameters[i] < 1.0), 0.35),
    ] {
        assert!((found - observed).abs() < 1e-6, "{found} and {observed}");
    }
    let summary: serde_json::Value = serde_json::from_str(&bench.read("out/summary.json")).unwrap();
    let effective = summary["arms"][0]["effective"].as_f64().unwrap();
    let squares: f64 = weights[..150].iter().map(|w| w * w).sum();
    assert!((effective - 150.0 * 150.0 / squares).abs() < 1e-6 && effective < 150.0, "{effective}");
    // What is summarised is weighted: a rate, a quantile and a band.
    let rates = bench.read("out/rates.csv");
    let row = column(&rates, "outcome").iter().position(|name| name == "crs_1").unwrap();
    let grades = numbers(&patients, "crs_grade");
    let expected = share(&|i| grades[i] >= 1.0);
    assert!((numbers(&rates, "share")[row] - expected).abs() < 1e-9);
    let quantiles = bench.read("out/summary.csv");
    let row = column(&quantiles, "outcome").iter().position(|name| name == "peak").unwrap();
    let median = numbers(&quantiles, "p50")[row];
    let below = share(&|i| peaks[i] < median);
    assert!((below - 0.5).abs() < 0.05, "{below} below the median {median}");
    bench.write("plain.toml", &(small() + OBSERVED.split("[population.marginal.peak]").next().unwrap()));
    bench.must(&["run", "plain.toml", "--out", "plain", "--quiet"]);
    assert!(!bench.read("plain/patients.csv").lines().next().unwrap().contains("weight,peak"));
    assert_ne!(bench.read("plain/bands.csv"), bench.read("out/bands.csv"));
    // The weights of every number of threads are the same.
    bench.must(&["run", "patient.toml", "--out", "three", "--threads", "3", "--quiet"]);
    bench.assert_same("out", "three");
}

#[test]
fn observed_shares_that_cannot_be_had_are_named() {
    let many = || small() + OBSERVED;
    for (study, parts) in [
        (many().replace("marginal.peak]", "marginal.paek]"), ["no column `paek`", "did you mean `peak`?"]),
        (many().replace("\"30 %\"]", "\"31 %\"]"), ["population.marginal.peak", "add up to 1"]),
        (many().replace("\"1.2 /µL\"", "\"9 /µL\""), ["peak", "edges must ascend"]),
        (many().replace("\"1.2 /µL\"", "2"), ["`2` is not text like", "edges"]),
        (many().replace("count = 150", "count = 150\nobserved_arm = \"lwo\""), ["no such arm", "low, high"]),
    ] {
        let bench = bench(&study);
        let done = bench.perforin(&["check", "patient.toml"]);
        assert_eq!(done.code, 2, "{}", done.stderr);
        assert!(parts.iter().all(|part| done.stderr.contains(part)), "{parts:?} not in {}", done.stderr);
    }
    let bench = bench(&many().replace("\"1.2 /µL\", \"1.5 /µL\"", "\"1.5 /µL\", \"5e7 /µL\""));
    let done = bench.perforin(&["run", "patient.toml", "--out", "out", "--quiet"]);
    assert!(
        done.code == 2 && done.stderr.contains("bin 2, where there is no virtual patient"),
        "{}",
        done.stderr
    );
}

#[test]
fn a_study_of_a_patient_is_checked_with_an_estimate() {
    let bench = bench(&small());
    let said = bench.must(&["check", "patient.toml"]).stdout;
    for part in [
        "patient.toml: no error",
        "Perforin's own, 2 lesions",
        "150 in each of 2 arms",
        "time      about",
        "memory",
    ] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
}

#[test]
fn what_is_wrong_with_a_patient_is_shown_at_its_line() {
    let many = || ONE.to_owned() + MANY;
    for (study, parts) in [
        (
            ONE.replace("weight = \"70 kg\"\n", ""),
            ["patient.toml:37:", "a dose per kg of a patient without weight"],
        ),
        (
            ONE.replace("\"1e6 CAR+ cells/kg\"", "\"1e6 cells/m²\"").replace("height = \"170 cm\"\n", ""),
            ["dose", "without weight and height"],
        ),
        (ONE.replace("\"170 cm\"", "\"17 cm\""), ["patient.toml:11:", "17 cm is no height"]),
        (
            ONE.replace("[patient]\n", "[patient]\nmodel = \"stien-2019\"\n"),
            ["patient.toml:9:", "did you mean `stein-2019`?"],
        ),
        (
            ONE.replace("[patient]\n", "[patient]\nmodel = \"stein-2019\"\n"),
            ["among its parameters", "fold, t_max"],
        ),
        (
            ONE.replace("[patient]\n", "[patient]\nparameters.expantion = \"1 /d\"\n"),
            ["patient.toml:9:", "did you mean `expansion`?"],
        ),
        (
            ONE.replace("[patient]\n", "[patient]\nparameters.expansion = \"1 d\"\n"),
            ["patient.toml:9:", "is not text like \"2 /d\""],
        ),
        (
            ONE.replace("[patient]\n", "[patient]\nparameters.expansion = \"99 /d\"\n"),
            ["99 is outside of 0 to 10 /d", "patient.toml:9:"],
        ),
        (ONE.replace("gate = \"A\"", "gate = \"B\""), ["`B`", "receptor"]),
        (
            ONE.replace("[patient.antigen.A]", "[patient.antigen.B]"),
            ["no cell of the patient carries the antigen `A`", "[patient.antigen.A]"],
        ),
        (ONE.replace("\"90 %\"", "\"80 %\""), ["patient.toml:39:", "add up to 90 %"]),
        (ONE.replace("tocilizumab_at_crs = 1", "tocilizumab_at_crs = 7"), ["7 is no grade", "1 to 4"]),
        (ONE.replace("\"0.5 /µL\"", "\"0.5 mg\""), ["patient.toml:12:", "not in /µL"]),
        (PUBLISHED.replace("stein-2019", "perforin"), ["patient", "has 0 lesions"]),
        (
            PUBLISHED
                .replace("model = \"stein-2019\"", "model = \"barros-2021\"\npublished_patient = \"HDLM2\""),
            ["HDLM-2", "did you mean"],
        ),
        (
            many().replace("vary.expansion", "vary.expnsion"),
            ["population.vary.expnsion", "did you mean `expansion`?"],
        ),
        (many().replace("\"45 kg\"", "\"75 kg\""), ["the weight of the patient, 70 kg", "75"]),
        (many().replace("log_sd = 0.3", "log_sd = -0.3"), ["population.vary.expansion", "0 to 20"]),
        (many().replace("1e5 CAR+ cells/kg", "1e5"), ["does not say what is counted", "dose"]),
        (
            many().replace("regimen.infusion.0.dose\" = \"1e5", "regimen.infusion.4.dose\" = \"1e5"),
            ["none of the 1 elements", "vary"],
        ),
        (many().replace("name = \"low\"", "name = \"high\""), ["is there twice", "population.arm"]),
        (
            many() + "[[population.correlation]]\nbetween = [\"expansion\", \"rest\"]\ncoefficient = 0.5\n",
            ["`rest`", "does not vary"],
        ),
        (MANY.to_owned() + "[study]\ntitle = \"t\"\n", ["population", "the study has none"]),
        (
            small() + "[lesion]\ndiameter = \"100 µm\"\n",
            ["a cell-by-cell lesion is that of one patient", "leave [population] out"],
        ),
    ] {
        let bench = bench(&study);
        let before = bench.names();
        let done = bench.perforin(&["run", "patient.toml", "--out", "out", "--quiet"]);
        assert_eq!(done.code, 2, "{parts:?}\n{}{}", done.stdout, done.stderr);
        assert_eq!(bench.names(), before);
        for part in parts {
            assert!(done.stderr.contains(part), "{part} is not in\n{}", done.stderr);
        }
    }
}

#[test]
fn a_lesion_refuses_what_only_a_patient_has() {
    let bench = Bench::new();
    let text = bench.read("study.toml") + "[regimen.rules]\ntocilizumab_at_crs = 2\n";
    bench.write("study.toml", &text);
    let done = bench.perforin(&["run", "study.toml", "--out", "out"]);
    assert!(done.code == 2 && done.stderr.contains("a lesion does not have it"), "{}", done.stderr);
}
