//! Help, templates and references.

use crate::support::Bench;

const COMMANDS: [&str; 17] = [
    "new",
    "check",
    "run",
    "resume",
    "compare",
    "diagnose",
    "sweep",
    "explain",
    "ablate",
    "fit",
    "targets",
    "trial",
    "schema",
    "parameters",
    "report",
    "view",
    "export",
];

#[test]
fn every_command_has_a_manual_with_an_example() {
    let bench = Bench::new();
    let overview = bench.must(&["--help"]).stdout;
    for command in COMMANDS {
        assert!(overview.contains(&format!("\n  {command} ")), "{command} is not in\n{overview}");
        let manual = bench.must(&[command, "--help"]).stdout;
        assert!(manual.contains("Example"), "{manual}");
        assert!(manual.contains(&format!("\n  perforin {command}")), "{manual}");
        assert!(manual.lines().all(|line| line.chars().count() <= 100), "{manual}");
    }
    assert!(overview.contains("not for treating a patient"));
}

#[test]
fn a_template_is_written_checked_and_never_over_another_file() {
    let bench = Bench::new();
    let list = bench.must(&["new"]).stdout;
    assert!(list.contains("  her2-affinity  "), "{list}");
    let written = bench.must(&["new", "her2-affinity", "mine.toml"]).stdout;
    assert_eq!(written, "Wrote mine.toml\nNext: perforin check mine.toml\n");
    let checked = bench.must(&["check", "mine.toml"]).stdout;
    for part in [
        "mine.toml: no error\n",
        " tumour",
        "voxels of 20 µm: oxygen",
        "time ",
        "memory ",
        "sweep     3 runs",
    ] {
        assert!(checked.contains(part), "{part} is not in\n{checked}");
    }
    assert_eq!(bench.names(), ["mine.toml", "study.toml"]);
}

#[test]
fn the_references_are_printed() {
    let bench = Bench::new();
    let schema: serde_json::Value = serde_json::from_str(&bench.must(&["schema"]).stdout).unwrap();
    assert_eq!(schema["title"], "Perforin study");
    let parameters = bench.must(&["parameters"]).stdout;
    assert!(parameters.contains("| parameter | symbol | default | unit |"), "{parameters}");
}
