//! What is wrong is said with its place and its remedy, and nothing is written.

use crate::support::{Bench, STUDY};

/// Standard error of a command that must refuse its input with exit code 2.
fn refusal(bench: &Bench, line: &[&str]) -> String {
    let before = bench.names();
    let done = bench.perforin(line);
    assert_eq!(done.code, 2, "{line:?}\n{}\n{}", done.stdout, done.stderr);
    assert_eq!(bench.names(), before, "{line:?} wrote something");
    done.stderr
}

#[test]
fn all_problems_of_a_study_are_shown_at_once_at_their_lines() {
    let bench = Bench::new();
    let study = STUDY.replace("diameter", "diametre").replace("seed = 3", "sead = 3");
    bench.write("bad.toml", &study);
    for line in [&["check", "bad.toml"][..], &["run", "bad.toml", "--out", "out"]] {
        let stderr = refusal(&bench, line);
        for part in [
            "bad.toml:5:1",
            "did you mean `seed`?",
            "bad.toml:9:1",
            "did you mean `diameter`?",
            "^^^^^^^^",
            "error: there are 2 problems in `bad.toml`\n",
        ] {
            assert!(stderr.contains(part), "{part} is not in\n{stderr}");
        }
    }
}

#[test]
fn wrong_units_and_impossible_values_are_refused_at_their_place() {
    for (right, wrong, parts) in [
        ("diameter = \"70 µm\"", "diameter = \"70 d\"", ["bad.toml:9:12", "µm"]),
        ("diameter = \"70 µm\"", "diameter = 70", ["bad.toml:9:12", "µm"]),
        ("fraction = \"20 %\"", "fraction = \"120 %\"", ["bad.toml:13:", "%"]),
        ("gate = \"HER2\"", "gate = \"HER2 &\"", ["bad.toml:25:", "gate"]),
        ("gate = \"HER2\"", "gate = \"CD19\"", ["bad.toml:25:", "CD19"]),
        ("dose = \"2e7 CAR+ cells\"", "dose = \"2e7\"", ["bad.toml:31:", "CAR+ cells"]),
        ("domain = \"160 µm\"", "domain = \"50 µm\"", ["bad.toml:10:", "domain"]),
        ("series_every = \"30 min\"", "series_every = \"-1 min\"", ["bad.toml:35:", "output.series_every"]),
    ] {
        let bench = Bench::new();
        assert!(STUDY.contains(right), "{right}");
        bench.write("bad.toml", &STUDY.replace(right, wrong));
        let stderr = refusal(&bench, &["run", "bad.toml", "--out", "out"]);
        for part in parts {
            assert!(stderr.contains(part), "{wrong}: {part} is not in\n{stderr}");
        }
    }
}

#[test]
fn a_name_that_would_break_a_table_is_refused() {
    let bench = Bench::new();
    let cell = "[lesion.cell.\"a,b\"]\nrole = \"other\"\nplacement = { shape = \"scatter\", count = 3 }\n";
    bench.write("bad.toml", &(STUDY.to_owned() + cell));
    let stderr = refusal(&bench, &["run", "bad.toml", "--out", "out"]);
    assert!(stderr.contains("\"a,b\" cannot stand at the head of a table"), "{stderr}");
}

#[test]
fn a_folder_that_holds_anything_is_refused_untouched() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("mine")).unwrap();
    bench.write("mine/notes.txt", "dear diary");
    let stderr = refusal(&bench, &["run", "study.toml", "--out", "mine"]);
    assert_eq!(
        stderr,
        "error: `mine` exists and is not empty\n  help: choose another name, or an empty folder\n"
    );
    bench.must(&["run", "study.toml", "--out", "done", "--quiet"]);
    let before = bench.bytes("done");
    let stderr = refusal(&bench, &["run", "study.toml", "--out", "done"]);
    assert_eq!(
        stderr,
        "error: `done` exists and is not empty\n  help: go on with `perforin resume done`, or choose another name\n"
    );
    assert_eq!(bench.bytes("done"), before);
    let stderr = refusal(&bench, &["run", "study.toml", "--out", "study.toml"]);
    assert!(stderr.starts_with("error: `study.toml` is a file, not a folder\n"), "{stderr}");
}

#[test]
fn files_and_folders_that_are_not_there_are_named() {
    let bench = Bench::new();
    for (line, start, help) in [
        (&["run", "none.toml", "--out", "out"][..], "error: cannot read `none.toml`\n", "perforin new"),
        (&["check", "none.toml"], "error: cannot read `none.toml`\n", "perforin new"),
        (&["resume", "none"], "error: `none` does not exist\n", "--out"),
        (&["report", "."], "error: `.` is not a results folder\n", "--out"),
        (&["compare", "none", "none"], "error: `none` does not exist\n", "--out"),
        (&["new", "her2-afinity"], "error: there is no template `her2-afinity`\n", "`her2-affinity`?"),
        (&["new", "her2-affinity", "study.toml"], "error: `study.toml` exists", "another name"),
        (&["sweep", "study.toml", "--out", "out"], "error: nothing is varied\n", "--vary"),
    ] {
        let stderr = refusal(&bench, line);
        assert!(stderr.starts_with(start) && stderr.contains(help), "{line:?}\n{stderr}");
    }
}

#[test]
fn a_file_that_is_no_text_is_refused() {
    let bench = Bench::new();
    std::fs::write(bench.path("bytes.toml"), [0xff, 0xfe, 0x00, 0x80]).unwrap();
    let stderr = refusal(&bench, &["check", "bytes.toml"]);
    assert!(stderr.contains("cause: stream did not contain valid UTF-8"), "{stderr}");
}
