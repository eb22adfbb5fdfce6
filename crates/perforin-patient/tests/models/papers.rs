//! F19 of the model's findings: figures that the papers, or re-runs of their published code, state: within 1 %, or
//! within the digits given.

use perforin_patient::models::by_name;

use crate::support::{Run, grid, median, patient, run};

#[track_caller]
fn near(found: f64, expected: f64, part: f64) {
    assert!((found - expected).abs() <= part * expected.abs(), "{found}, not {expected}");
}

fn kirouac(group: &str) -> Vec<Run> {
    let patients = by_name("kirouac-2023").expect("a model").patients();
    let of_group = patients.iter().filter(|p| p.name.starts_with(group));
    of_group.map(|p| run("kirouac-2023", p, &grid(365.0, 0.1))).collect()
}

#[test]
fn kirouac_separates_complete_partial_and_no_response() {
    let expected = [("CR", 9.53e7, 19.1, 9.1e-4), ("PR", 3.66e7, 20.5, 0.012), ("NR", 6.3e5, 18.0, 1.6)];
    for (group, peak, day, left) in expected {
        let runs = kirouac(group);
        assert_eq!(runs.len(), 12);
        near(median(runs.iter().map(|r| r.max("product").0).collect()), peak, 0.01);
        near(median(runs.iter().map(|r| r.max("product").1).collect()), day, 0.01);
        // Two digits are given.
        near(median(runs.iter().map(|r| r.at("tumour", 90.0) / 1e10).collect()), left, 0.04);
        let grown = runs.iter().filter(|r| r.at("tumour", 90.0) > 1e10).count();
        assert_eq!(grown, if group == "NR" { 12 } else { 0 }, "{group}");
    }
}

#[test]
fn kimmel_matches_its_re_run() {
    let run = run("kimmel-2021", &patient("kimmel-2021", "typical"), &grid(400.0, 0.01));
    near(run.max("product").0, 30.11, 0.001);
    near(run.max("product").1, 7.0, 0.01);
    for (day, level) in [(14.0, 8.97), (28.0, 2.49), (90.0, 0.338), (180.0, 0.0187)] {
        near(run.at("product", day), level, 0.003);
    }
    for (growth, day) in [(0.1, 369.0), (0.2, 184.0), (0.5, 59.0)] {
        let run = run_with_growth(growth);
        let (_, nadir) = run.min("tumour");
        let progressed = run.first("tumour", nadir, |b| b > 1.2 * 94.86).expect("progression");
        assert!((progressed - day).abs() <= 1.0, "growth {growth}: day {progressed}");
    }
}

fn run_with_growth(growth: f64) -> Run {
    run("kimmel-2021", &patient("kimmel-2021", &format!("r_b={growth}")), &grid(400.0, 0.1))
}

/// The paper's cohort: fifteen patients of the reference class and four of low expansion.
#[test]
fn mueller_schoell_has_its_two_classes() {
    let patients = by_name("mueller-schoell-2021").expect("a model").patients();
    let runs: Vec<_> =
        patients[1..].iter().map(|p| (p, run("mueller-schoell-2021", p, &grid(90.0, 0.05)))).collect();
    assert_eq!(runs.len(), 19);
    let low = |p: &perforin_patient::models::Patient| *p.values.last().expect("a class") == 1.0;
    for (class, n, peak, day, area) in [(false, 15, 12.78, 12.0, 232.0), (true, 4, 6.39, 26.1, 121.0)] {
        let of_class: Vec<_> = runs.iter().filter(|(p, _)| low(p) == class).map(|(_, r)| r).collect();
        assert_eq!(of_class.len(), n);
        near(median(of_class.iter().map(|r| r.max("product").0).collect()), peak, 0.01);
        near(median(of_class.iter().map(|r| r.max("product").1).collect()), day, 0.01);
        near(median(of_class.iter().map(|r| r.area("product", 28.0)).collect()), area, 0.01);
    }
}

#[test]
fn minucci_has_the_kinetics_of_its_thirteen_patients() {
    let patients = by_name("minucci-2024").expect("a model").patients();
    let runs: Vec<_> = patients.iter().map(|p| run("minucci-2024", p, &grid(100.0, 0.05))).collect();
    assert_eq!(runs.len(), 13);
    let peaks: Vec<f64> = runs.iter().map(|r| r.max("product").0).collect();
    near(peaks.iter().copied().fold(f64::INFINITY, f64::min), 13.94, 0.01);
    near(peaks.iter().copied().fold(0.0, f64::max), 1385.0, 0.01);
    near(median(peaks), 67.44, 0.01);
    near(median(runs.iter().map(|r| r.max("product").1).collect()), 4.2, 0.02);
    near(median(runs.iter().map(|r| r.at("product", 100.0)).collect()), 2.27, 0.01);
}

#[test]
fn leon_triana_needs_the_b_cells_and_its_extinct_tumour_stays_so() {
    let days = grid(400.0, 0.1);
    let with = run("leon-triana-2021", &patient("leon-triana-2021", "with-b-cells"), &days);
    let without = run("leon-triana-2021", &patient("leon-triana-2021", "without-b-cells"), &days);
    near(with.max("product").0, 8.76e9, 0.01);
    near(with.min("tumour").0, 0.0922, 0.01);
    near(without.max("product").0, 2.61e9, 0.01);
    near(without.min("tumour").0, 1.32e7, 0.01);
    near(without.at("tumour", 400.0), 1.49e10, 0.01);

    let model = by_name("leon-triana-2021").expect("a model");
    let mut patient = patient("leon-triana-2021", "with-b-cells");
    model.set(&mut patient, "extinct", 1.0).expect("a parameter");
    let run = run("leon-triana-2021", &patient, &days);
    let extinct = run.first("tumour", 0.0, |t| t == 0.0).expect("extinction");
    assert_eq!(Some(extinct), with.first("tumour", 0.0, |t| t <= 1.0));
    assert_eq!(run.at("tumour", 400.0), 0.0);
    // Until then nothing is different.
    near(run.at("tumour", 30.0), with.at("tumour", 30.0), 1e-5);
}

#[test]
fn barros_clears_the_tumour_and_its_challenge() {
    let run = run("barros-2021", &patient("barros-2021", "HDLM-2"), &grid(400.0, 0.01));
    near(run.at("tumour", 44.99), 2.54e7, 0.01);
    let cleared = |from: f64| run.first("tumour", from, |t| t < 1.0).expect("clearance");
    near(cleared(45.0), 47.85, 0.001);
    near(cleared(250.0), 254.25, 0.001);
    let memory = run.column("memory")[..25_000].iter().copied().fold(0.0, f64::max);
    near(memory, 2.6e6, 0.01);
}

#[test]
fn hardiansyah_matches_its_re_run() {
    let run = run("hardiansyah-2019", &patient("hardiansyah-2019", "UPN1"), &grid(350.0, 0.05));
    near(run.max("product").0, 2.550, 0.001);
    near(run.max("memory").0, 7.34e-3, 0.001);
    near(run.max("il6").0, 2748.0, 0.001);
    near(run.max("il10").0, 915.0, 0.001);
    near(run.max("ifn_gamma").0, 828.0, 0.001);
    let half_life =
        std::f64::consts::LN_2 * 50.0 / libm::log(run.at("product", 300.0) / run.at("product", 350.0));
    near(half_life, 83.3, 0.01);
}
