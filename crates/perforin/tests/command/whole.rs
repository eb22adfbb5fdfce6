//! `perforin run` on a study that goes the whole way: its stages, what is kept of them, and what is refused.

use std::collections::BTreeMap;

use crate::support::Bench;

/// A small way through all stages.
const STUDY: &str = r#"
[study]
title = "Small"
question = "From cells to a dose?"
seed = 3
duration = "40 d"

[targets.generated]
genes = 30
patients = 3
malignant = 300
tissues = 6
normal = 600
[targets.profile.anchor."*"]
molecules_per_count = 20000

[product]
kind = "CAR-T"
gate_from = "targets"
[product.receptor."*"]
kd = "1 nM"

[lesion]
duration = "20 h"
diameter = "70 µm"
domain = "160 µm"
doubling_time = "2 d"
antigen."*".density = { from = "targets" }
[lesion.normal_tissue]
thickness = "20 µm"
antigen."*".density = { from = "targets" }
[lesion.entry]
fraction = "0.0002 %"
over = "2 h"

[output]
series_every = "30 min"
frames_every = "10 h"
checkpoint_every = "1 h"

[patient]
antigen."*".density = { from = "targets" }
organ_at_risk = { name = "gut", antigen."*".density = { from = "targets" } }
[[patient.lesion]]
diameter = "20 mm"

[[regimen.infusion]]
day = 0
dose = "2e7 CAR+ cells"
[regimen.rules]
tocilizumab_at_crs = 2

[population]
count = 24
[population.vary.expansion]
log_sd = 0.2
range = ["0.5 /d", "3 /d"]

[trial]
doses = ["1e7 CAR+ cells", "1e8 CAR+ cells"]
target = "25 %"
trials = 50
[trial.dose_finding]
design = "boin"
patients = 12
[trial.virtual_patients]
"#;

const STAGES: [&str; 5] = ["1-targets", "2-lesion-gate", "3-lesion-single", "4-patients", "5-trial"];

fn bench() -> Bench {
    let bench = Bench::new();
    bench.write("whole.toml", STUDY);
    bench
}

/// Runs the study, and gives what was said of each stage: whether it was kept.
fn kept(bench: &Bench) -> BTreeMap<String, bool> {
    let said = bench.must(&["run", "whole.toml", "--out", "out"]).stderr;
    let of = |stage: &&str| {
        let lines: Vec<&str> = said.lines().filter(|line| line.starts_with(*stage)).collect();
        let is_kept = lines.iter().any(|line| line.contains(": kept, "));
        assert!(is_kept || lines.iter().any(|line| line.contains(": done in ")), "{stage}: {said}");
        ((*stage).to_owned(), is_kept)
    };
    STAGES.iter().map(of).collect()
}

fn all_but(stages: &[&str]) -> BTreeMap<String, bool> {
    STAGES.iter().map(|stage| ((*stage).to_owned(), !stages.contains(stage))).collect()
}

#[test]
fn every_stage_is_an_ordinary_study_that_takes_what_was_found_before() {
    let bench = bench();
    let said = bench.must(&["run", "whole.toml", "--out", "out", "--quiet"]).stdout;
    let gate = "(PLANT_A | PLANT_B) & !PLANT_C";
    assert!(said.starts_with(&format!("The best gate is {gate}: it covers at least ")), "{said}");
    for part in [
        "Lesion: with ",
        "Patients: 24 virtual patients",
        "Trial: 50 trials of the scenario \"virtual patients\"",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    let answer: serde_json::Value = serde_json::from_str(&bench.read("out/summary.json")).unwrap();
    assert_eq!(answer["targets"]["gate"], gate);
    // The found gate is what later stages are given, and the single antigen's lesion has the same antigens.
    let study = |stage: &str| bench.read(&format!("out/{stage}/study.toml")).parse::<toml::Table>().unwrap();
    let (with_gate, single) = (study("2-lesion-gate"), study("3-lesion-single"));
    assert_eq!(with_gate["product"]["gate"].as_str(), Some(gate));
    assert_eq!(with_gate["lesion"], single["lesion"]);
    assert_eq!(single["product"]["gate"].as_str(), answer["targets"]["single"][0].as_str());
    assert_eq!(study("4-patients")["product"]["gate"].as_str(), Some(gate));
    assert!(
        with_gate["regimen"].get("rules").is_none() && study("5-trial")["regimen"].get("rules").is_some()
    );
    // Shares of clones come from the atlas: what the lesion begins with is what the patients have.
    let negative =
        study("4-patients")["patient"]["lesion"][0]["antigen_negative"].as_str().unwrap().to_owned();
    let share = 100.0 * answer["targets"]["unrecognised"].as_f64().unwrap();
    assert!((negative.trim_end_matches(" %").parse::<f64>().unwrap() - share).abs() < 1e-3);
    assert!(share > 0.0 && share < 10.0, "{share}");
    // Each stage's folder is what its own command gives for its study.
    bench.must(&["targets", "out/1-targets/study.toml", "--out", "alone", "--quiet"]);
    bench.assert_same("out/1-targets", "alone");
    bench.must(&["run", "out/2-lesion-gate/study.toml", "--out", "lesion", "--quiet"]);
    bench.assert_same("out/2-lesion-gate", "lesion");
    bench.must(&["explain", "out/2-lesion-gate"]);
    let page = bench.read("out/report.html");
    for part in [
        "From cells to a dose?",
        "The tumour in 3-D",
        "href=\"5-trial/report.html\"",
        "Selected doses",
        "Limits",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("NaN"));
    std::fs::remove_file(bench.path("out/report.html")).unwrap();
    bench.must(&["report", "out"]);
    assert_eq!(bench.read("out/report.html"), page);
    for command in ["view", "explain"] {
        let done = bench.perforin(&[command, "out"]);
        assert_eq!(done.code, 2);
        assert!(done.stderr.contains("2-lesion-gate"), "{}", done.stderr);
    }
}

#[test]
fn only_what_follows_from_a_change_is_run_again() {
    let bench = bench();
    assert!(kept(&bench).values().all(|kept| !kept));
    assert!(kept(&bench).values().all(|kept| *kept));
    bench.write("whole.toml", &STUDY.replace("target = \"25 %\"", "target = \"30 %\""));
    assert_eq!(kept(&bench), all_but(&["5-trial"]));
    let changed = STUDY.replace("diameter = \"70 µm\"", "diameter = \"60 µm\"");
    bench.write("whole.toml", &changed.replace("target = \"25 %\"", "target = \"30 %\""));
    assert_eq!(kept(&bench), all_but(&["2-lesion-gate", "3-lesion-single"]));
    // A word of the question is in no stage.
    bench.write("whole.toml", &STUDY.replace("From cells to a dose?", "Which dose?"));
    assert_eq!(kept(&bench), all_but(&["2-lesion-gate", "3-lesion-single", "5-trial"]));
    assert!(bench.read("out/report.html").contains("Which dose?"));
    // In another order of events the same bytes.
    bench.must(&["run", "whole.toml", "--out", "fresh", "--quiet", "--threads", "1"]);
    bench.assert_same("out", "fresh");
    // A damaged file is never used.
    std::fs::write(bench.path("out/3-lesion-single/summary.json"), "{}").unwrap();
    let frame =
        bench.bytes("out/2-lesion-gate").into_keys().find(|name| name.starts_with("frames/")).unwrap();
    std::fs::remove_file(bench.path("out/2-lesion-gate").join(frame)).unwrap();
    assert_eq!(kept(&bench), all_but(&["2-lesion-gate", "3-lesion-single"]));
    bench.assert_same("out", "fresh");
    let other = bench.perforin(&["run", "study.toml", "--out", "out"]);
    assert_eq!(other.code, 2, "{}", other.stderr);
    bench.write("whole.toml", &STUDY.replace("title = \"Small\"", "title = \"Other\""));
    let other = bench.perforin(&["run", "whole.toml", "--out", "out"]);
    assert!(other.code == 2 && other.stderr.contains("holds another study: Small"), "{}", other.stderr);
}

#[test]
fn a_way_killed_in_a_lesion_goes_on_to_the_same_bytes() {
    let bench = bench();
    let long = STUDY
        .replace("duration = \"20 h\"", "duration = \"60 h\"")
        .replace("[population]\ncount = 24", "[population]\ncount = 8");
    bench.write("whole.toml", &long);
    let line = ["run", "whole.toml", "--out", "killed", "--quiet"];
    let mut child = bench.start_until(&line, "killed/2-lesion-gate", 30);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!bench.path("killed/3-lesion-single").exists());
    bench.must(&["resume", "killed", "--quiet"]);
    bench.must(&["run", "whole.toml", "--out", "whole", "--quiet"]);
    bench.assert_same("whole", "killed");
    let again = bench.must(&["resume", "killed"]).stdout;
    assert_eq!(again, "The run in killed is over; nothing to do.\n");
}

#[test]
fn what_contradicts_itself_is_named_at_its_line_before_anything_is_run() {
    let bench = bench();
    let said = bench.must(&["check", "whole.toml"]).stdout;
    assert!(
        said.contains("stages    1-targets (target search), 2-lesion-gate (lesion), 4-patients"),
        "{said}"
    );
    let cases: [(&str, &str, &[&str]); 8] = [
        (
            "gate_from = \"targets\"",
            "gate_from = \"targets\"\ngate = \"A\"",
            &["product.gate", "leave `gate` out"],
        ),
        (
            "[product.receptor.\"*\"]\nkd = \"1 nM\"",
            "",
            &["nothing says how strongly", "add [product.receptor.\"*\"]"],
        ),
        ("gate_from = \"targets\"", "gate_from = \"trial\"", &["product.gate_from", "expected `targets`"]),
        ("kd = \"1 nM\"", "kd = \"1 d\"", &["product.receptor.*.kd"]),
        (
            "from = \"targets\" }\n[lesion.normal",
            "median = \"5 d\" }\n[lesion.normal",
            &["lesion.antigen.*.density.median"],
        ),
        ("diameter = \"70 µm\"\n", "", &["wrong.toml:25", "lesion.domain"]),
        (
            "trials = 50",
            "trials = 50\nscenario = [{ name = \"a\", toxicity = [\"5 %\"] }]",
            &["trial.scenario.0", "1 rates for 2"],
        ),
        ("[study]", "[[population.arm]]\nname = \"a\"\n[study]", &["population.arm", "gives its own doses"]),
    ];
    for (old, new, parts) in cases {
        bench.write("wrong.toml", &STUDY.replacen(old, new, 1));
        for line in [&["run", "wrong.toml", "--out", "wrong"][..], &["check", "wrong.toml"]] {
            let done = bench.perforin(line);
            assert_eq!(done.code, 2, "{new}: {}", done.stderr);
            for part in parts {
                assert!(done.stderr.contains(part), "{new}: {part}\n{}", done.stderr);
            }
        }
        assert!(!bench.path("wrong").exists(), "{new}");
    }
    // Where there are no targets, nothing can be taken from them.
    let start = STUDY.find("[product]").unwrap();
    let head = &STUDY[..STUDY.find("[targets").unwrap()];
    let lesion_only = format!("{head}{}", &STUDY[start..STUDY.find("[patient]").unwrap()]);
    bench.write("wrong.toml", &lesion_only);
    let done = bench.perforin(&["run", "wrong.toml", "--out", "wrong"]);
    for part in
        ["product.gate_from", "lesion.antigen.*.density.from", "lesion.duration", "it needs [targets]"]
    {
        assert!(done.code == 2 && done.stderr.contains(part), "{part}\n{}", done.stderr);
    }
    let done = bench.perforin(&["trial", "whole.toml", "--out", "wrong"]);
    assert!(
        done.code == 2 && done.stderr.contains("nothing is known of the targets here"),
        "{}",
        done.stderr
    );
}

#[test]
fn what_the_targets_cannot_say_is_named_and_they_are_kept() {
    let bench = bench();
    let tissue =
        "[lesion.normal_tissue]\nthickness = \"20 µm\"\nantigen.\"*\".density = { from = \"targets\"";
    bench.write("whole.toml", &STUDY.replace(tissue, &format!("{tissue}, tissue = \"liver\"")));
    let done = bench.perforin(&["run", "whole.toml", "--out", "out"]);
    assert!(
        done.code == 2 && done.stderr.contains("the atlas has no normal tissue `liver`"),
        "{}",
        done.stderr
    );
    assert!(done.stderr.contains("whole.toml:"), "{}", done.stderr);
    bench.write("whole.toml", &STUDY.replace(tissue, &format!("{tissue}, tissue = \"tissue00\"")));
    assert!(kept(&bench)["1-targets"]);
}
