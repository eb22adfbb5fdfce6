//! `perforin targets`: a study or flags in, a results folder out.

use std::path::Path;

use crate::support::Bench;

/// A small synthetic atlas.
pub const STUDY: &str = r#"
[study]
title = "Small"
question = "Which gate?"
seed = 3

[targets]
literals = 3

[targets.generated]
genes = 40
patients = 4
malignant = 400
tissues = 6
normal = 600

[targets.calling]
thresholds = [0, 2]

[targets.profile.anchor.PLANT_A]
molecules_per_count = 1000

[targets.report]
gates = 6
front = ["0 %", "1 %", "5 %", "20 %"]
"#;

fn bench() -> Bench {
    let bench = Bench::new();
    bench.write("targets.toml", STUDY);
    bench
}

fn fixture(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../perforin-atlas/tests/fixtures");
    folder.join(name).display().to_string()
}

#[test]
fn the_planted_gate_is_found_proved_and_written_everywhere() {
    let bench = bench();
    let said = bench.must(&["targets", "targets.toml", "--out", "out", "--quiet"]).stdout;
    let gate = "(PLANT_A | PLANT_B) & !PLANT_C";
    assert!(said.starts_with(&format!("The best gate is {gate}. It covers at least ")), "{said}");
    assert!(said.contains("This is proved for all 14 shapes"), "{said}");
    assert_eq!(bench.read("out/gates.tsv").lines().nth(1).unwrap().split('\t').nth(1), Some(gate));
    assert!(bench.read("out/products/gate-1.toml").contains(&format!("gate = \"{gate}\"")));
    let page = bench.read("out/report.html");
    assert_eq!(page.matches("<svg").count(), 6);
    assert!(page.contains("(PLANT_A | PLANT_B) &amp; !PLANT_C") && !page.contains("NaN"));
    let manifest: serde_json::Value = serde_json::from_str(&bench.read("out/manifest.json")).unwrap();
    for (name, digest) in manifest["outputs"].as_object().unwrap() {
        assert_eq!(digest.as_str().unwrap().len(), 64, "{name}");
        assert!(bench.path("out").join(name).is_file(), "{name}");
    }
    for name in
        ["gates", "groups", "thresholds", "certificates", "leave_one_out", "front", "overlap", "profile"]
    {
        for format in ["csv", "parquet"] {
            assert!(manifest["outputs"].get(format!("{name}.{format}")).is_some(), "{name}.{format}");
        }
    }
    assert!(manifest["parameters"].as_array().unwrap().iter().any(|p| p["path"] == "targets.safety.cap"));
}

#[test]
fn the_same_study_gives_the_same_bytes_on_any_number_of_threads_and_from_its_own_copy() {
    let bench = bench();
    for threads in ["1", "2", "4"] {
        bench.must(&["targets", "targets.toml", "--out", threads, "--threads", threads, "--quiet"]);
        bench.assert_same("1", threads);
    }
    bench.must(&["targets", "1/study.toml", "--out", "again", "--quiet"]);
    bench.assert_same("1", "again");
    let page = bench.read("1/report.html");
    std::fs::remove_file(bench.path("1/report.html")).unwrap();
    bench.must(&["report", "1"]);
    assert_eq!(bench.read("1/report.html"), page);
}

#[test]
fn a_lesion_reads_the_profile_and_the_product() {
    let bench = bench();
    let known = STUDY.to_owned()
        + "[targets.profile.anchor.PLANT_B]\nmedian = \"50000 /cell\"\n[targets.profile.anchor.PLANT_C]\n\
           molecules_per_count = 10\n";
    bench.write("targets.toml", &known.replace("gates = 6", "gates = 1"));
    bench.must(&["targets", "targets.toml", "--out", "out", "--quiet"]);
    let lesion = bench.read("out/lesions/all-patients.toml");
    assert!(lesion.contains("median = \"50000 /cell\""), "{lesion}");
    let study = format!(
        "[study]\ntitle = \"t\"\nduration = \"1 h\"\n[lesion]\ndiameter = \"60 µm\"\n{lesion}\n{}",
        bench.read("out/products/gate-1.toml")
    );
    bench.write("lesion.toml", &study);
    let checked = bench.must(&["check", "lesion.toml"]).stdout;
    assert!(checked.contains("lesion.toml: no error"), "{checked}");
    // The generator puts each malignant cell into one of two states, with PLANT_A or with PLANT_B (45 %).
    let fraction = |clone: &str| -> f64 {
        let block = lesion.split(&format!("[lesion.clone.\"{clone}\"]\nfraction = \"")).nth(1).unwrap();
        block.split(' ').next().unwrap().parse().unwrap()
    };
    assert!((fraction("PLANT_A") - 55.0).abs() < 6.0 && (fraction("PLANT_B") - 45.0).abs() < 6.0, "{lesion}");
    for patient in ["001-patient000", "004-patient003"] {
        let study = study.replace(&lesion, &bench.read(&format!("out/lesions/{patient}.toml")));
        bench.write("lesion.toml", &study);
        bench.must(&["check", "lesion.toml"]);
    }
}

#[test]
fn without_an_anchor_only_shares_are_given() {
    let bench = bench();
    bench.must(&["targets", "targets.toml", "--out", "out", "--quiet"]);
    let lesion = bench.read("out/lesions/all-patients.toml");
    let block = lesion.split("\n\n").find(|block| block.contains("PLANT_B")).unwrap();
    assert!(block.contains("[targets.profile.anchor] must say"), "{block}");
    assert!(!block.lines().any(|line| line.starts_with("density")), "{block}");
    assert!(lesion.contains("[lesion.clone.\"PLANT_A\"]\nfraction = "), "{lesion}");
}

#[test]
fn flags_are_a_study_and_gates_come_back_as_labels() {
    let bench = Bench::new();
    let said = bench.must(&[
        "targets",
        &fixture("csr_gzip.h5ad"),
        "--malignant",
        "kind=tumour",
        "--patient",
        "=P",
        "--cell-type",
        "=any",
        "--cap",
        "40 %",
        "--thresholds",
        "0,2",
        "--label-cells",
        "2",
        "--out",
        "out",
        "--quiet",
    ]);
    assert!(said.stdout.starts_with("The best gate is "), "{}", said.stdout);
    assert!(said.stderr.contains("warning: "), "{}", said.stderr);
    assert!(bench.read("out/study.toml").contains("labels = [\"tumour\"]"));
    assert!(bench.path("out/labelled/1-csr_gzip.h5ad").is_file());
    let manifest: serde_json::Value = serde_json::from_str(&bench.read("out/manifest.json")).unwrap();
    assert_eq!(manifest["inputs"].as_array().unwrap().len(), 1);
}

/// `PLANT_A` is on some normal tissues too; where every tumour but one has lost an HLA allele that normal cells keep,
/// `A & !HLA-A02` spares them, and fails for the patient who has not lost it.
#[test]
fn a_genotype_of_patients_stands_in_gates() {
    let bench = Bench::new();
    let study = STUDY.replace("literals = 3", "literals = 2\nobjective = \"pooled\"")
        + "[targets.candidates]\ngenes = [\"PLANT_A\", \"PLANT_B\"]\n[targets.genotype.HLA-A02]\ncolumn = \"hla\"\npresent = [\"kept\"]\npatients = \"hla.tsv\"\nnormal = \"present\"\n\
           [targets.profile.anchor.HLA-A02]\nmedian = \"200000 /cell\"\n";
    bench.write("targets.toml", &study);
    let table = "patient\thla\npatient000\tlost\npatient001\tlost\npatient002\tkept\npatient003\tlost\n";
    bench.write("hla.tsv", table);
    bench.must(&["check", "targets.toml"]);
    bench.must(&["targets", "targets.toml", "--out", "out", "--quiet"]);
    let gates = bench.read("out/gates.tsv");
    assert_eq!(gates.lines().nth(1).unwrap().split('\t').nth(1), Some("PLANT_A & !HLA-A02"), "{gates}");
    let manifest = bench.read("out/manifest.json");
    assert!(manifest.contains("\"path\": \"hla.tsv\""), "{manifest}");
    for (from, to, parts) in [
        ("patient003\tlost\n", "", ["targets.toml:", "'patient003' have no label 'hla'"]),
        ("\thla\n", "\tallele\n", ["targets.toml:", "there is no cell label 'hla'; the labels are 'allele'"]),
    ] {
        bench.write("hla.tsv", &table.replace(from, to));
        let done = bench.perforin(&["check", "targets.toml"]);
        assert_eq!(done.code, 2, "{}", done.stdout);
        assert!(parts.iter().all(|part| done.stderr.contains(part)), "{}", done.stderr);
    }
    for (from, to, part) in [
        ("normal = \"present\"\n", "", "a table of patients says nothing of normal cells"),
        ("[\"kept\"]", "[]", "no label means that it is carried"),
        ("hla.tsv", "none.tsv", "there is no file or folder"),
        ("HLA-A02]\ncolumn", "PLANT_B]\ncolumn", "is also a candidate gene"),
    ] {
        bench.write("targets.toml", &study.replacen(from, to, 1));
        let done = bench.perforin(&["check", "targets.toml"]);
        assert!(done.code == 2 && done.stderr.contains(part), "{from}\n{}", done.stderr);
    }
}

/// Rows of the front: limit, value and worst hit.
fn front_of(bench: &Bench, out: &str) -> Vec<[f64; 3]> {
    let csv = bench.read(&format!("{out}/front.csv"));
    let mut rows = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(csv.as_bytes());
    let names = rows.headers().unwrap().clone();
    let at = ["limit", "value", "worst"].map(|name| names.iter().position(|n| n.starts_with(name)).unwrap());
    rows.records().map(|row| row.unwrap()).map(|row| at.map(|i| row[i].parse().unwrap())).collect()
}

#[test]
fn the_full_front_has_every_corner_and_agrees_with_the_front_at_limits() {
    let bench = bench();
    bench.must(&["targets", "targets.toml", "--out", "limits", "--quiet"]);
    let limits = "front = [\"0 %\", \"1 %\", \"5 %\", \"20 %\"]";
    for (out, front) in [("full", "front = \"full\""), ("part", "front = { up_to = \"5 %\" }")] {
        bench.write("targets.toml", &STUDY.replace(limits, front));
        bench.must(&["targets", "targets.toml", "--out", out, "--quiet"]);
    }
    let [at, full, part] = ["limits", "full", "part"].map(|out| front_of(&bench, out));
    assert!(full.len() > at.len(), "{full:?}");
    for pair in full.windows(2) {
        assert!(
            pair[0][1] < pair[1][1] && pair[0][2] < pair[1][2],
            "each corner covers more and hits more: {pair:?}"
        );
    }
    for [limit, value, _] in at {
        let best = full.iter().rev().find(|corner| corner[2] <= limit).unwrap();
        assert_eq!(best[1], value, "at {limit}");
    }
    assert_eq!(part, full.into_iter().filter(|corner| corner[2] <= 0.05).collect::<Vec<_>>());
    for (front, told) in [
        ("\"all\"", "{ up_to = \"20 %\" }"),
        ("{ upto = \"5 %\" }", "did you mean `up_to`"),
        ("[\"3 mg\"]", "`mg`"),
    ] {
        bench.write("targets.toml", &STUDY.replace(limits, &format!("front = {front}")));
        let said = bench.perforin(&["check", "targets.toml"]).stderr;
        assert!(said.contains(told) && said.contains("targets.toml:"), "{front}: {said}");
    }
}

#[test]
fn genotypes_can_be_given_as_flags() {
    let bench = Bench::new();
    // Ten cells of each patient, as fewer would be kept apart, and ten normal ones.
    let cells = ["a", "b", "n"].map(|group| (0..10).map(|i| format!("{group}{i}")).collect::<Vec<_>>());
    let row = |gene: &str, values: [u8; 3]| {
        let counts: Vec<String> = values.iter().flat_map(|v| vec![v.to_string(); 10]).collect();
        format!("{gene},{}\n", counts.join(","))
    };
    let names = format!("gene,{}\n", cells.concat().join(","));
    bench.write("counts.csv", &(names + &row("EGFR", [5, 5, 5]) + &row("CD3E", [0, 0, 5])));
    let label = |cell: &String| match &cell[..1] {
        "n" => format!("{cell}\tnormal\t\tlung\n"),
        patient => format!("{cell}\ttumour\t{patient}\t\n"),
    };
    let labels: String = cells.iter().flatten().map(label).collect();
    bench.write("labels.tsv", &format!("cell\tkind\tpatient\ttissue\n{labels}"));
    bench.write("hla.tsv", "patient\thla\na\tlost\nb\tlost\n");
    let mut line = vec!["targets", "counts.csv", "--labels", "labels.tsv", "--malignant", "kind=tumour"];
    line.extend([
        "--patient",
        "patient",
        "--tissue",
        "tissue",
        "--cell-type",
        "kind",
        "--objective",
        "pooled",
        "--literals",
        "2",
    ]);
    line.extend(["--genotype-table", "hla.tsv", "--genotype-normal", "present", "--out", "out", "--quiet"]);
    line.push("--genotype");
    let with = |genotype: &'static str| [line.clone(), vec![genotype]].concat();
    let done = bench.perforin(&with("HLA-A02=kept"));
    assert!(done.code == 2 && done.stderr.contains("does not name a literal"), "{}", done.stderr);
    bench.must(&with("HLA-A02=hla=kept"));
    let gates = bench.read("out/gates.tsv");
    assert_eq!(gates.lines().nth(1).unwrap().split('\t').nth(1), Some("EGFR & !HLA-A02"), "{gates}");
}

/// The generated atlas stands for a large file: its genes pass one after the other, and so do a file's windows.
#[cfg(unix)]
#[test]
fn ctrl_c_while_reading_writes_nothing_and_while_searching_writes_what_is_known() {
    use std::process::{Command, Stdio};
    use std::time::Duration;

    let bench = Bench::new();
    // Gates of five antigens of 600 genes keep the search busy for hours.
    let large = STUDY.replace("genes = 40", "genes = 600").replace("malignant = 400", "malignant = 20000");
    let large = large.replace("normal = 600", "normal = 20000").replace("literals = 3", "literals = 5");
    bench
        .write("targets.toml", &large.replace("front = [\"0 %\", \"1 %\", \"5 %\", \"20 %\"]", "front = []"));
    let stopped_after = |milliseconds| {
        let line = ["targets", "targets.toml", "--out", "out", "--threads", "1"];
        let child = Command::new(env!("CARGO_BIN_EXE_perforin"))
            .args(line)
            .current_dir(bench.path("."))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(milliseconds));
        assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
        let output = child.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, said) = stopped_after(300);
    assert!(
        code == Some(130) && said.contains("Stopped while reading; nothing was written."),
        "{code:?}\n{said}"
    );
    assert!(!bench.path("out").exists());
    // Reading ends after a time that depends on the machine; from then on the answer is kept.
    let mut wait = 1000;
    let said = loop {
        let (code, said) = stopped_after(wait);
        assert_eq!(code, Some(130), "{said}");
        if bench.path("out").exists() {
            break said;
        }
        wait *= 2;
    };
    assert!(said.contains("what is known is in out."), "{said}");
    assert!(
        bench.read("out/answer.txt").contains("The search was stopped") || said.contains("after the proof")
    );
    assert!(bench.path("out/report.html").is_file() && bench.path("out/lesions/all-patients.toml").is_file());
}

#[test]
fn a_study_is_checked_without_being_searched() {
    let bench = bench();
    let said = bench.must(&["check", "targets.toml"]).stdout;
    for part in
        ["targets.toml: no error", "40 genes × 1,000 cells", "400 malignant of 4 patients", "40 candidates"]
    {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
}

#[test]
fn what_is_wrong_is_shown_at_its_line_and_nothing_is_written() {
    let file = fixture("csr_gzip.h5ad");
    let atlas = |rest: &str| format!("[study]\ntitle = \"t\"\n[[targets.atlas]]\nfile = \"{file}\"\n{rest}");
    let label = "malignant = { column = \"kind\", labels = [\"tumour\"] }\ncell_type = { fixed = \"any\" }\n";
    for (study, parts) in [
        (STUDY.replace("literals = 3", "literals = 7"), ["targets.toml:8:", "7 is not from 1 to 5"]),
        (STUDY.replace("genes = 40", "gens = 40"), ["targets.toml:11:1", "did you mean `genes`?"]),
        (
            STUDY.replace("literals = 3", "objective = \"minimal\""),
            ["targets.toml:8:", "did you mean `minimum`?"],
        ),
        (STUDY.replace("literals = 3", "time_limit = \"3 nM\""), ["targets.toml:8:", "not of time"]),
        (STUDY.replace("molecules_per_count = 1000", ""), ["targets.profile.anchor.PLANT_A", "either"]),
        (atlas(""), ["targets.toml:3:", "which cells are malignant"]),
        (atlas("cells = \"malignant\"\nmatrix = \"layers/raw\"\n"), ["layers/raw is missing", "cause"]),
        (
            atlas(&format!("{label}patient = {{ column = \"donor\" }}\n")),
            ["targets.toml:7:", "there is no cell label 'donor'; the labels are 'is_tumour', 'kind'"],
        ),
        (atlas(&label.replace("tumour", "tumor")), ["no malignant cell", "none of the 40 cells"]),
        (atlas(label).replace("csr_gzip", "nan"), ["gene G4, cell cell-3: the value NaN", "help: `matrix`"]),
        (atlas(label).replace("csr_gzip", "none"), ["targets.toml:4:8", "there is no file or folder"]),
        ("[study]\ntitle = \"t\"\n".into(), ["`targets`", "the study has no such section"]),
    ] {
        let bench = Bench::new();
        bench.write("targets.toml", &study);
        let before = bench.names();
        let done = bench.perforin(&["targets", "targets.toml", "--out", "out", "--quiet"]);
        assert_eq!(done.code, 2, "{study}\n{}{}", done.stdout, done.stderr);
        assert_eq!(bench.names(), before, "{study}");
        for part in parts {
            assert!(done.stderr.contains(part), "{part} is not in\n{}", done.stderr);
        }
    }
}

#[test]
fn commands_about_runs_say_what_a_target_search_is() {
    let bench = bench();
    bench.must(&["targets", "targets.toml", "--out", "out", "--quiet"]);
    for (line, part) in [
        (&["run", "targets.toml", "--out", "x"][..], "`perforin targets` answers it"),
        (&["targets", "study.toml", "--out", "x"], "`perforin run` answers it"),
        (&["resume", "out"], "holds a target search, which is not resumed"),
        (&["compare", "out", "out"], "holds a target search, not a run of a lesion"),
        (&["targets", "targets.toml", "--out", "out"], "exists and is not empty"),
        (&["targets", "targets.toml", "--cap", "1 %", "--out", "x"], "--cap is for atlas files"),
        (&["targets", "a.h5ad", "--out", "x"], "which cells are malignant?"),
    ] {
        let done = bench.perforin(line);
        assert!(done.code == 2 && done.stderr.contains(part), "{line:?}\n{}", done.stderr);
    }
}
