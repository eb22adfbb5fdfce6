//! `perforin trial` with the rolling six, TITE-CRM, BLRM, EWOC, BOIN12, and trials of efficacy in looks, baskets and strata.

use std::collections::BTreeMap;

use perforin_trial::dose_finding::three_plus_three::ThreePlusThree;
use perforin_trial::efficacy::basket::{Exnex, Responses};
use perforin_trial::efficacy::{bop2, enrichment};

use crate::support::Bench;

/// A trial without losses, whose design is added.
const STUDY: &str = r#"
[study]
title = "Small"
seed = 3

[trial]
doses = ["1e7 CAR+ cells", "1e8 CAR+ cells", "4e8 CAR+ cells"]
target = "30 %"
trials = 60

[[trial.scenario]]
name = "second"
toxicity = ["10 %", "30 %", "55 %"]
response = ["5 %", "40 %", "40 %"]

[[trial.scenario]]
name = "none"
toxicity = ["60 %", "70 %", "80 %"]
response = ["5 %", "20 %", "30 %"]
"#;

const EFFICACY: &str = r#"
[study]
title = "Efficacy"
seed = 3

[trial]
doses = ["1e8 CAR+ cells"]
trials = 300

[trial.efficacy.bop2]
looks = [10, 20, 30]
p0 = "20 %"
p1 = "40 %"
toxicity = { unacceptable = "40 %", acceptable = "20 %" }

[trial.efficacy.baskets]
p0 = "15 %"
[[trial.efficacy.baskets.basket]]
name = "colon"
patients = 12
truth = "15 %"
responses = 1
[[trial.efficacy.baskets.basket]]
name = "ovary"
patients = 15
truth = "40 %"
responses = 7

[trial.efficacy.enrichment]
first = [12, 12]
second = 20
prevalence = ["60 %", "40 %"]
p0 = "15 %"
truth = ["15 %", "45 %"]
"#;

fn with(design: &str) -> String {
    format!("{STUDY}\n[trial.dose_finding]\n{design}\n")
}

type Row = BTreeMap<String, String>;

fn rows(bench: &Bench, file: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(bench.path(file)).unwrap();
    reader.deserialize().map(|row| row.unwrap()).collect()
}

fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap()
}

fn simulated(design: &str) -> (Bench, String) {
    let bench = Bench::new();
    bench.write("trial.toml", &with(design));
    let said = bench.must(&["trial", "trial.toml", "--out", "out"]).stdout;
    (bench, said)
}

#[test]
fn every_new_design_is_answered_with_exact_paths_and_its_own_assumptions() {
    for (design, name, assumption) in [
        ("design = \"rolling-six\"", "rolling six selects", "more than six"),
        ("design = \"tite-crm\"\npatients = 12", "TITE-CRM selects", "share of the window that has passed"),
        ("design = \"blrm\"\npatients = 9", "BLRM selects", "most probably lies in the target interval"),
        ("design = \"ewoc\"\npatients = 9", "EWOC selects", "the highest open level"),
        ("design = \"boin12\"\npatients = 12", "BOIN12 selects", "highest true mean utility"),
    ] {
        let (bench, said) = simulated(design);
        for part in [name, assumption, "rightly no dose in "] {
            assert!(said.contains(part), "{part} is not in\n{said}");
        }
        let levels = rows(&bench, "out/levels.csv");
        let scenarios = rows(&bench, "out/scenarios.csv");
        let paths = rows(&bench, "out/paths.csv");
        for (k, scenario) in scenarios.iter().enumerate() {
            let own = levels.iter().filter(|row| row["scenario"] == scenario["scenario"]);
            let selected: f64 = own.map(|row| number(row, "selected")).sum();
            assert!((selected + number(scenario, "none_selected") - 1.0).abs() < 1e-12);
            let column = format!("probability_{}", k + 1);
            let all: f64 = paths.iter().map(|row| number(row, &column)).sum();
            assert!((all - 1.0).abs() < 1e-12, "{design}: {all}");
        }
        // The commonest courses are shares of the same trials, the commonest first.
        let courses = rows(&bench, "out/courses.csv");
        let shares: Vec<f64> =
            courses.iter().filter(|r| r["scenario"] == "second").map(|r| number(r, "share")).collect();
        assert!(shares.windows(2).all(|w| w[0] >= w[1]) && shares.iter().sum::<f64>() <= 1.0 + 1e-12);
        let page = bench.read("out/report.html");
        assert!(page.contains("Dose paths") && !page.contains("NaN"));
    }
}

/// The paths of the first three patients of a 3+3 group: 0.9³, 3 · 0.9² · 0.1, and so on.
#[test]
fn path_probabilities_are_those_of_the_stated_rates() {
    let (bench, _) = simulated("design = \"rolling-six\"");
    let paths = rows(&bench, "out/paths.csv");
    for (toxic, chance) in [(0, 0.729), (1, 0.243), (2, 0.027), (3, 0.001)] {
        let first = format!("{toxic}/3 at level 1");
        let all: f64 = paths
            .iter()
            .filter(|row| row["first_cohort"] == first)
            .map(|row| number(row, "probability_1"))
            .sum();
        assert!((all - chance).abs() < 1e-12, "{toxic}: {all}");
    }
    let stop = paths.iter().find(|row| row["first_cohort"] == "2/3 at level 1").unwrap();
    assert_eq!(stop["decision"], "stop: all doses are too toxic");
    let waits = rows(&bench, "out/rolling_six.csv");
    let row =
        waits.iter().find(|r| r["enrolled"] == "6" && r["toxic"] == "1" && r["pending"] == "1").unwrap();
    assert_eq!((waits.len(), row["decision"].as_str()), (83, "wait"));
}

#[test]
fn the_rolling_six_with_slow_accrual_selects_with_the_exact_probabilities() {
    let bench = Bench::new();
    let slow = with("design = \"rolling-six\"")
        .replace("trials = 60", "trials = 3000\naccrual_interval = \"3600 d\"\nwindow = \"1 d\"");
    bench.write("trial.toml", &slow);
    bench.must(&["trial", "trial.toml", "--out", "out"]);
    let exact = ThreePlusThree { with_deescalation: true }.exact(&[0.1, 0.3, 0.55]).unwrap();
    let levels = rows(&bench, "out/levels.csv");
    for (row, p) in levels.iter().zip(&exact.declared) {
        let error = (p * (1.0 - p) / 3000.0).sqrt();
        assert!((number(row, "selected") - p).abs() < 4.0 * error + 1e-3, "{row:?} instead of {p}");
    }
}

#[test]
fn boin12_gives_the_published_desirability_and_the_same_bytes_on_any_number_of_threads() {
    let bench = Bench::new();
    let published =
        with("design = \"boin12\"\npatients = 9").replace("target = \"30 %\"", "target = \"35 %\"");
    bench.write("trial.toml", &published);
    for threads in ["1", "3"] {
        bench.must(&["trial", "trial.toml", "--out", threads, "--threads", threads]);
    }
    bench.assert_same("1", "3");
    let design = perforin_trial::dose_finding::boin12::Boin12::new(
        0.35,
        0.25,
        perforin_trial::dose_finding::boin12::USUAL_UTILITIES,
    );
    let expected = design.unwrap().scores(&[3, 6, 9]);
    let table = rows(&bench, "1/desirability.csv");
    assert_eq!(table.len(), expected.len());
    for (row, (treated, toxic, responses, score)) in table.iter().zip(expected) {
        assert_eq!(number(row, "treated") as u32, treated);
        assert_eq!((number(row, "toxic") as u32, number(row, "responses") as u32), (toxic, responses));
        assert_eq!(Some(number(row, "score")).filter(|score| !score.is_nan()), score);
    }
    // The best balance is at the second level, although the limit of toxicity is reached there too.
    let scenario = &rows(&bench, "1/scenarios.csv")[0];
    assert_eq!(scenario["right_level"], "2");
}

#[test]
fn boin12_is_stepped_by_hand_with_responses() {
    let bench = Bench::new();
    bench.write("trial.toml", &with("design = \"boin12\"\npatients = 12"));
    let next = |more: &[&str]| {
        let mut line = vec!["trial", "next", "trial.toml", "--log", "trial.log"];
        line.extend(more);
        bench.perforin(&line)
    };
    next(&["--day", "0", "--enrol", "A", "--enrol", "B", "--enrol", "C"]);
    let outcomes = ["--outcome", "A=response", "--outcome", "B=dlt+response", "--outcome", "C=none"];
    let mut line = vec!["--day", "30"];
    line.extend(outcomes);
    let said = next(&line);
    assert!(said.stdout.contains("level 1 (1e7 CAR+ cells): 1 of 3"), "{}{}", said.stdout, said.stderr);
    assert!(bench.read("trial.log").contains("30 outcome B dlt+response"));
    let again = next(&[]);
    assert_eq!(again.stdout, said.stdout);
}

#[test]
fn new_designs_stand_beside_each_other_and_keys_of_others_are_refused() {
    let bench = Bench::new();
    bench.write("trial.toml", &with("design = \"boin\"\npatients = 9").replace("trials = 60", "trials = 12"));
    let designs = "boin,rolling-six,tite-crm,blrm,ewoc,boin12";
    bench.must(&["trial", "compare", "trial.toml", "--designs", designs, "--out", "out"]);
    let table = rows(&bench, "out/compare.csv");
    let named: Vec<&str> = table.iter().step_by(2).map(|row| row["design"].as_str()).collect();
    assert_eq!(named.join(","), designs);
    for (design, part) in [
        ("design = \"boin\"\nfeasibility = \"25 %\"", "this design does not use it"),
        ("design = \"rolling-six\"\ncohort = 2", "this design does not use it"),
        ("design = \"ewoc\"\ntarget_interval = [\"16 %\", \"33 %\"]", "this design does not use it"),
        ("design = \"blrm\"\ntarget_interval = [\"10 %\", \"20 %\"]", "the target of 0.3 does not lie"),
        ("design = \"blrm\"\nprior = { correlation = 2 }", "trial.dose_finding.prior.correlation"),
        ("design = \"blrm\"\nprior = { reference = \"1e8 cells\" }", "the unit of the dose levels"),
        ("design = \"blrm\"\nprior_level = 4", "there is no level 4; there are 3"),
        ("design = \"boin12\"\nutilities = { both = 120 }", "trial.dose_finding.utilities.both"),
        ("design = \"boin12\"\nleast_response = \"0 %\"", "trial.dose_finding.least_response"),
        ("design = \"tite-crm\"\nskeleton = [\"20 %\", \"10 %\", \"40 %\"]", "the skeleton must increase"),
        ("design = \"rolling-7\"", "rolling-six"),
    ] {
        bench.write("trial.toml", &with(design));
        let done = bench.perforin(&["check", "trial.toml"]);
        assert_eq!(done.code, 2, "{design}\n{}", done.stdout);
        assert!(
            done.stderr.contains(part) && done.stderr.contains("trial.toml:"),
            "{design}\n{}",
            done.stderr
        );
    }
    let without = with("design = \"boin12\"").replace("response = [\"5 %\", \"20 %\", \"30 %\"]\n", "");
    bench.write("trial.toml", &without);
    let done = bench.perforin(&["check", "trial.toml"]);
    assert!(done.code == 2 && done.stderr.contains("but `none` states none"), "{}", done.stderr);
}

#[test]
fn looks_baskets_and_strata_are_those_of_the_library() {
    let bench = Bench::new();
    bench.write("trial.toml", EFFICACY);
    let said = bench.must(&["trial", "trial.toml", "--out", "out"]).stdout;
    for part in ["BOP2", "EXNEX", "adaptive cut-point", "nobody responds who is not infused"] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
    let demand = bop2::Demand {
        looks: vec![10, 20, 30],
        efficacy: bop2::Rates { null: 0.2, alternative: 0.4 },
        toxicity: Some(bop2::Rates { null: 0.4, alternative: 0.2 }),
        alpha: 0.1,
    };
    let design = bop2::optimal(&demand).unwrap();
    let looks = rows(&bench, "out/bop2_looks.csv");
    for (row, boundary) in looks.iter().zip(&design.boundaries) {
        let found = [number(row, "patients"), number(row, "least_responses"), number(row, "most_toxicities")];
        let expected = [Some(boundary.patients), boundary.responses, boundary.toxicities];
        assert_eq!(found.map(|n| Some(n as u32)), expected);
    }
    let courses = rows(&bench, "out/bop2.csv");
    let [null, alternative] = [&design.null, &design.alternative].map(|c| c.positive);
    assert!(number(&courses[0], "promising") == null && null <= 0.1);
    assert_eq!(number(&courses[1], "promising"), alternative);

    let prior = {
        let logit = libm::log(0.15 / 0.85);
        Exnex { exchangeable: 0.5, mean: (logit, 2.0), heterogeneity: 1.0, alone: (logit, 2.0) }
    };
    let seen = [(12, 1), (15, 7)].map(|(patients, responses)| Responses { patients, responses });
    let known = prior.posterior(&seen, 0.15).unwrap();
    let baskets = rows(&bench, "out/baskets.csv");
    for (row, known) in baskets.iter().zip(&known) {
        let found = [number(row, "rate"), number(row, "exceeds"), number(row, "exchangeable")];
        assert_eq!(found, [known.rate, known.exceeds, known.exchangeable]);
    }
    assert!(number(&baskets[1], "called_active") > number(&baskets[1], "called_wrongly") + 0.3);

    let design = enrichment::Enrichment::new(enrichment::Demand {
        first: vec![12, 12],
        second: 20,
        prevalence: vec![0.6, 0.4],
        p0: 0.15,
        continue_at: 0.6,
        alpha: 0.05,
    });
    let design = design.unwrap();
    let table = rows(&bench, "out/enrichment.csv");
    for (chunk, rates) in table.chunks(2).zip([[0.15, 0.15], [0.15, 0.45]]) {
        let course = design.course(&rates).unwrap();
        for (row, (chosen, rejected)) in chunk.iter().zip(course.chosen.iter().zip(&course.rejected)) {
            assert_eq!((number(row, "chosen"), number(row, "active")), (*chosen, *rejected));
        }
    }
    let wrongly: f64 = table[..2].iter().map(|row| number(row, "active")).sum();
    assert!(wrongly <= 0.05, "{wrongly}");
    let page = bench.read("out/report.html");
    assert!(page.matches("<svg").count() == 3 && !page.contains("NaN"));
}

#[test]
fn what_a_trial_of_efficacy_cannot_be_is_shown_at_its_line() {
    for (right, wrong, part) in [
        ("looks = [10, 20, 30]", "looks = [10, 30, 20]", "the looks must increase"),
        ("p1 = \"40 %\"", "p1 = \"10 %\"", "trial.efficacy.bop2"),
        ("looks = [10, 20, 30]", "looks = [3]\nalpha = \"0.1 %\"", "no cut-off keeps the error at 0.001"),
        ("responses = 7", "", "the responses of some baskets are given"),
        ("responses = 7", "responses = 17", "17 of 15 patients responded"),
        ("name = \"ovary\"", "name = \"colon\"", "`colon` stands twice"),
        ("p0 = \"15 %\"\n[[", "p0 = \"15 %\"\nmean_sd = 0.01\n[[", "trial.efficacy.baskets.mean_sd"),
        ("prevalence = [\"60 %\", \"40 %\"]", "prevalence = [\"60 %\", \"60 %\"]", "sum of the shares"),
        ("truth = [\"15 %\", \"45 %\"]", "truth = [\"15 %\"]", "1 rates for 2 strata"),
    ] {
        let bench = Bench::new();
        assert!(EFFICACY.contains(right), "{right}");
        bench.write("trial.toml", &EFFICACY.replacen(right, wrong, 1));
        let done = bench.perforin(&["check", "trial.toml"]);
        assert_eq!(done.code, 2, "{wrong}\n{}", done.stdout);
        assert!(
            done.stderr.contains(part) && done.stderr.contains("trial.toml:"),
            "{wrong}\n{}",
            done.stderr
        );
    }
}
