//! `perforin run` on a patient one of whose lesions is followed cell by cell.

use crate::support::Bench;

/// A patient with a lesion of 30 mm in equations and one of about a hundred cells that is followed cell by cell. Access to
/// it is so free that hundreds of cells enter.
pub const COUPLED: &str = r#"
[study]
title = "Coupled"
question = "Does the small lesion clear?"
seed = 3
duration = "3 d"

[patient]
weight = "70 kg"
parameters.delivery = "0.05 /mL/d"
exchange = { every = "3 h", access = 40000 }
visits.every = "1 d"
[patient.antigen.HER2]
density = { median = "400000 /cell", log_sd = 0.5 }
[[patient.lesion]]
name = "liver"
diameter = "30 mm"

[lesion]
diameter = "70 µm"
domain = "160 µm"
doubling_time = "2 d"
antigen.HER2.density = { median = "400000 /cell", log_sd = 0.5 }
antigen.HER2.negative = { fraction = "20 %" }

[product]
kind = "CAR-T"
gate = "HER2"
[product.receptor.HER2]
kd = "1 nM"

[regimen]
lymphodepletion = { start = "-5 d", end = "-3 d" }
[[regimen.infusion]]
day = 0
dose = "1e6 CAR+ cells/kg"
split = [{ share = "10 %", after = "0 d" }, { share = "90 %", after = "1 d" }]

[output]
series_every = "1 h"
frames_every = "1 d"
checkpoint_every = "5 h"
"#;

fn bench(text: &str) -> Bench {
    let bench = Bench::new();
    bench.write("coupled.toml", text);
    bench
}

fn column(text: &str, name: &str) -> Vec<f64> {
    let mut lines = text.lines();
    let place = lines.next().unwrap().split(',').position(|n| n == name).unwrap_or_else(|| panic!("{name}"));
    lines.map(|line| line.split(',').nth(place).unwrap().parse().unwrap()).collect()
}

fn refused(text: &str, parts: &[&str]) {
    let bench = bench(text);
    for command in [&["check", "coupled.toml"][..], &["run", "coupled.toml", "--out", "out"]] {
        let done = bench.perforin(command);
        assert_eq!(done.code, 2, "{}{}", done.stdout, done.stderr);
        for part in parts {
            assert!(done.stderr.contains(part), "{part} is missing:\n{}", done.stderr);
        }
    }
}

/// Blood, lymphoid organs and other lesions, the lesion, what is on the way, and the dead, against what was given and born:
/// at every exchange, the lesion's cells to the cell, the patient's real numbers to a millionth of a cell in a thousand.
#[test]
fn every_cell_is_in_blood_elsewhere_in_the_lesion_or_dead_at_every_exchange() {
    let bench = bench(COUPLED);
    let said = bench.must(&["run", "coupled.toml", "--out", "out", "--quiet"]).stdout;
    assert!(said.contains("live tumour cells"), "{said}");
    let table = bench.read("out/exchange.csv");
    let of = |name: &str| column(&table, name);
    let so_far = |names: &[&str]| {
        let mut sum = 0.0;
        let rows = of("time").len();
        let columns: Vec<Vec<f64>> = names.iter().map(|name| of(name)).collect();
        (0..rows)
            .map(|row| {
                sum += columns.iter().map(|column| column[row]).sum::<f64>();
                sum
            })
            .collect::<Vec<f64>>()
    };
    let entered = so_far(&["entered_memory", "entered_effector", "entered_exhausted"]);
    let left = so_far(&["left_memory", "left_effector"]);
    let (live, born, died) = (of("lesion_live"), of("lesion_born"), of("lesion_died"));
    let patient = ["blood", "elsewhere", "on_the_way", "given", "born", "died"].map(of);
    assert_eq!(live.len(), 24, "one exchange every three hours");
    for row in 0..live.len() {
        // The lesion, in whole cells.
        assert_eq!(entered[row] + born[row], live[row] + died[row] + left[row], "row {row}");
        // The patient and the lesion together.
        let [blood, elsewhere, on_the_way, given, born_outside, died_outside] =
            [0, 1, 2, 3, 4, 5].map(|k: usize| patient[k][row]);
        let there = blood + elsewhere + on_the_way + live[row] + died_outside + died[row];
        let came = given + born_outside + born[row];
        assert!((there - came).abs() < 1e-9 * came, "row {row}: {there} of {came}");
        assert!((0.0..3.0).contains(&on_the_way));
    }
    ifn_gamma_adds_up(&of);
    let last = live.len() - 1;
    assert!(entered[last] > 200.0 && left[last] > 5.0 && died[last] > 0.0, "{entered:?} {left:?} {died:?}");
    // The series of the lesion says the same.
    let series = bench.read("out/series.csv");
    assert_eq!(column(&series, "product_arrived").last(), entered.last());
    assert_eq!(column(&series, "product_live").last(), live.last());
    // The patient has a series, visits and an answer of her own.
    assert_eq!(column(&bench.read("out/patient.csv"), "time").last(), Some(&3.0));
    assert!(bench.read("out/visits.csv").lines().count() > 3);
    let answer = bench.read("out/answer.txt");
    for part in ["entered this lesion from the patient's blood", "The product peaks at", "RECIST 1.1"] {
        assert!(answer.contains(part), "{part} is missing:\n{answer}");
    }
    let report = bench.read("out/report.html");
    assert!(
        report.contains("Product in blood and in the lesion")
            && report.contains("patient.parameters.delivery")
    );
    std::fs::remove_file(bench.path("out/report.html")).unwrap();
    bench.must(&["report", "out"]);
    assert_eq!(bench.read("out/report.html"), report);
    assert!(bench.must(&["check", "coupled.toml"]).stdout.contains("exchanged every 30 steps"));
}

/// IFN-γ: what was secreted is in the tissue, taken up, or has left; what has left has come to the blood or is on the way,
/// and comes within one interval. The fields are solved to 1e-6 of their largest value in every step.
fn ifn_gamma_adds_up(of: &impl Fn(&str) -> Vec<f64>) {
    let [secreted, taken_up, present, left, come, on_the_way] =
        ["ifn_secreted", "ifn_taken_up", "ifn_in_lesion", "ifn_left", "ifn_come", "ifn_on_the_way"].map(of);
    let last = secreted.len() - 1;
    assert!(secreted[last] > 0.02 && left[last] > 0.01, "{secreted:?} {left:?}");
    for row in 0..=last {
        let found = taken_up[row] + present[row] + left[row];
        assert!((found - secreted[row]).abs() <= 1e-3 * secreted[row], "row {row}: {found} of {secreted:?}");
        assert!((come[row] + on_the_way[row] - left[row]).abs() <= 1e-9 * left[row], "row {row}");
        let before = if row == 0 { 0.0 } else { left[row - 1] };
        assert!((come[row] - before).abs() <= 1e-9 * left[row], "row {row}: {come:?} of {left:?}");
    }
}

/// Dexamethasone in the body decays by e^(−5 t) between the exchanges, and in the lesion there is less killing and less cytokine.
#[test]
fn steroids_of_the_patient_act_in_the_lesion() {
    let run = |more: &str| {
        let bench = bench(&COUPLED.replace("[output]", &format!("{more}\n[output]")));
        bench.must(&["run", "coupled.toml", "--out", "out", "--quiet"]);
        (bench.read("out/exchange.csv"), bench.read("out/answer.txt"))
    };
    let (without, _) = run("");
    let dose = "[[regimen.dexamethasone]]\nday = 0\namount = \"400 mg\"\nevery = \"6 h\"\ndoses = 12";
    let (with, answer) = run(dose);
    assert!(answer.contains("IFN-γ"), "{answer}");
    assert!(column(&without, "dexamethasone").iter().all(|mg| *mg == 0.0));
    let mg = column(&with, "dexamethasone");
    // Rows are three hours apart: a dose, then its decay.
    assert!((mg[2] / mg[1] - libm::exp(-5.0 / 8.0)).abs() < 1e-3, "{mg:?}");
    let at = |table: &str, name: &str, row: usize| column(table, name)[row];
    // Each full signal secretes as much with the drug as without.
    let share = |table: &str| at(table, "ifn_secreted", 23) / at(table, "lesion_active", 23);
    assert!((share(&with) / share(&without) - 1.0).abs() < 1e-9);
    // Between 200 and 510 mg it leaves 0.31 to 0.32; until 9 h the same cells are there, but for those that it saved.
    let active = at(&with, "lesion_active", 2) / at(&without, "lesion_active", 2);
    assert!((0.25..0.45).contains(&active), "{active}");
    // After a day the product has killed most of the tumour without it, and hardly anyone with it.
    let [calm, free] = [&with, &without].map(|table| at(table, "tumour_live", 8));
    assert!(calm > 2.0 * free, "{calm} of {free}");
}

#[test]
fn a_coupled_run_has_the_same_bytes_on_any_number_of_threads_and_after_a_kill() {
    let bench = bench(COUPLED);
    for threads in ["1", "2", "4"] {
        bench.must(&["run", "coupled.toml", "--out", threads, "--threads", threads, "--quiet"]);
        bench.assert_same("1", threads);
    }
    // Killed before the first exchange, then between exchanges and checkpoints.
    let mut child = bench.start_until(&["run", "coupled.toml", "--out", "killed"], "killed", 2);
    child.kill().unwrap();
    child.wait().unwrap();
    for lines in [9, 40] {
        let mut child = bench.start_until(&["resume", "killed"], "killed", lines);
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(bench.read("killed/manifest.json").contains("\"outputs\": {}"), "over before it was killed");
    }
    bench.must(&["resume", "killed", "--threads", "3", "--quiet"]);
    bench.assert_same("1", "killed");
}

#[test]
fn what_cannot_be_coupled_is_refused_at_its_line() {
    refused(
        &COUPLED.replace("weight = \"70 kg\"", "weight = \"70 kg\"\nmodel = \"stein-2019\""),
        &["a published model has no cell-by-cell lesion", "leave `model` out", "model = \"stein-2019\""],
    );
    refused(
        &(COUPLED.to_owned() + "[population]\ncount = 3\n"),
        &["a cell-by-cell lesion is that of one patient"],
    );
    refused(&COUPLED.replace("duration = \"3 d\"", ""), &["a patient with a cell-by-cell lesion needs it"]);
    refused(
        &COUPLED.replace("[lesion]\n", "[lesion]\nentry.fraction = \"1 %\"\n"),
        &["whose blood says which cells enter", "patient.exchange.access"],
    );
    refused(
        &COUPLED.replace("day = 0\n", "day = 0\nroute = \"intratumoural\"\n"),
        &["it is not said which lesion it is injected into"],
    );
    refused(
        &COUPLED.replace("[product]\n", "[lesion.field.ifn_gamma]\nboundary = \"1 pg/mL\"\n[product]\n"),
        &["goes to the patient's blood", "lesion.field.ifn_gamma.boundary"],
    );
    refused(
        &COUPLED.replace("access = 40000", "access = -1"),
        &["-1 is no access", "patient.exchange.access"],
    );
    refused(&COUPLED.replace("every = \"3 h\"", "every = \"0 h\""), &["patient.exchange.every"]);
    refused(&COUPLED.replace("acess", "access").replace("access =", "acces ="), &["did you mean `access`"]);
}
