//! Same seed, same bits.

use crate::support::Bench;

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let bench = Bench::new();
    for threads in ["1", "2", "3", "4", "8"] {
        bench.must(&["run", "study.toml", "--out", threads, "--threads", threads, "--quiet"]);
        bench.assert_same("1", threads);
    }
    let files = bench.bytes("1");
    for name in [
        "series.csv",
        "series.parquet",
        "events.csv",
        "events.parquet",
        "checkpoint.pfc",
        "manifest.json",
        "summary.json",
        "answer.txt",
        "report.html",
        "study.toml",
        "frames/step-00000200.pff",
    ] {
        assert!(files.get(name).is_some_and(|bytes| !bytes.is_empty()), "{name} is missing");
    }
}

#[test]
fn another_seed_gives_other_bytes() {
    let bench = Bench::new();
    bench.write("other.toml", &bench.read("study.toml").replace("seed = 3", "seed = 4"));
    bench.must(&["run", "study.toml", "--out", "a", "--quiet"]);
    bench.must(&["run", "other.toml", "--out", "b", "--quiet"]);
    assert_ne!(bench.bytes("a")["series.csv"], bench.bytes("b")["series.csv"]);
}

#[test]
fn a_folder_runs_again_from_its_own_copy_and_manifest() {
    let bench = Bench::new();
    bench.must(&["run", "study.toml", "--out", "a", "--quiet"]);
    bench.must(&["run", "a/study.toml", "--out", "b", "--quiet"]);
    bench.assert_same("a", "b");
    let report = bench.read("a/report.html");
    std::fs::remove_file(bench.path("a/report.html")).unwrap();
    bench.must(&["report", "a"]);
    assert_eq!(bench.read("a/report.html"), report);
}
