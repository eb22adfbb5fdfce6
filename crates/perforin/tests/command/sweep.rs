//! Sweeps: every run a folder, one table of results, and finished runs are not run again.

use crate::support::{Bench, STUDY};

const VARY: &str = "product.receptor.HER2.kd=1 nM,2 µM";

fn short(bench: &Bench) {
    bench.write("short.toml", &STUDY.replace("duration = \"20 h\"", "duration = \"4 h\""));
}

#[test]
fn a_grid_with_replicates_gives_one_row_per_run() {
    let bench = Bench::new();
    short(&bench);
    let line = ["sweep", "short.toml", "--out", "out", "--vary", VARY, "--replicates", "2", "--quiet"];
    let done = bench.must(&line);
    assert!(done.stdout.starts_with("4 runs: "), "{}", done.stdout);
    let results = bench.read("out/results.csv");
    let rows: Vec<Vec<&str>> = results.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(
        rows[0][..5],
        ["run", "replicate", "seed", "product.receptor.HER2.kd", "product.receptor.HER2.kd [M]"]
    );
    assert_eq!(rows[1][..5], ["0", "0", "3", "1 nM", "1e-9"]);
    assert_eq!(rows[4][..5], ["3", "1", "4", "2 µM", "2e-6"]);
    assert_eq!(rows.len(), 5);
    // A run of the sweep is the run of its own study.
    bench.must(&["run", "out/units/003/study.toml", "--out", "again", "--quiet"]);
    bench.assert_same("out/units/003", "again");
}

#[test]
fn a_sweep_goes_on_with_what_is_not_finished_to_the_same_table() {
    let bench = Bench::new();
    short(&bench);
    let line = |out| ["sweep", "short.toml", "--out", out, "--vary", VARY, "--quiet"];
    bench.must(&line("whole"));
    bench.must(&line("part"));
    // As after a kill: no results yet, one run never begun.
    let timing = bench.read("part/units/000/timing.json");
    std::fs::remove_dir_all(bench.path("part/units/001")).unwrap();
    std::fs::remove_file(bench.path("part/results.csv")).unwrap();
    bench.must(&["resume", "part", "--quiet", "--threads", "3"]);
    bench.assert_same("whole", "part");
    assert_eq!(bench.read("part/units/000/timing.json"), timing, "a finished run was run again");
    bench.must(&line("part"));
    bench.assert_same("whole", "part");
}

#[test]
fn a_hypercube_samples_ranges_and_another_sweep_is_not_mixed_in() {
    let bench = Bench::new();
    short(&bench);
    let range = "product.receptor.HER2.kd=0.1 nM..1000 nM:log";
    bench.must(&["sweep", "short.toml", "--out", "out", "--vary", range, "--samples", "3", "--quiet"]);
    let results = bench.read("out/results.csv");
    let mut decades: Vec<f64> = results
        .lines()
        .skip(1)
        .map(|line| libm::log10(line.split(',').nth(4).unwrap().parse().unwrap()))
        .collect();
    decades.sort_by(f64::total_cmp);
    // One sample in each third of the four decades from 1e-10 to 1e-6.
    for (third, value) in decades.iter().enumerate() {
        let low = -10.0 + 4.0 / 3.0 * third as f64;
        assert!((low..low + 4.0 / 3.0).contains(value), "{decades:?}");
    }
    let other = bench.perforin(&["sweep", "short.toml", "--out", "out", "--vary", VARY, "--quiet"]);
    assert_eq!(other.code, 2);
    assert!(other.stderr.starts_with("error: `out` holds another sweep\n"), "{}", other.stderr);
}

#[test]
fn a_wrong_path_or_value_is_refused_before_anything_runs() {
    let bench = Bench::new();
    for (vary, part) in [
        ("product.receptor.HER2.kdd=1 nM", "did you mean `kd`?"),
        ("product.receptor.HER2.kd=1 nM,1 kg", "run 1 of the sweep has product.receptor.HER2.kd = 1 kg"),
        ("regimen.infusion.3.day=1", "none of the 1 elements of the list"),
    ] {
        let done = bench.perforin(&["sweep", "study.toml", "--out", "out", "--vary", vary]);
        assert_eq!(done.code, 2, "{}", done.stderr);
        assert!(done.stderr.contains(part), "{part} is not in\n{}", done.stderr);
        assert!(!bench.path("out").exists());
    }
}
