//! A run that was killed or stopped goes on to the same bytes.

use std::process::Command;

use crate::support::Bench;

fn is_finished(bench: &Bench, out: &str) -> bool {
    !bench.read(&format!("{out}/manifest.json")).contains("\"outputs\": {}")
}

#[test]
fn a_run_killed_at_any_moment_resumes_to_the_same_bytes() {
    let bench = Bench::long();
    bench.must(&["run", "study.toml", "--out", "whole", "--quiet"]);
    // Killed before the first interval of checkpoints, then between two of them, then near the end.
    let mut child = bench.start_until(&["run", "study.toml", "--out", "killed"], "killed", 2);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!is_finished(&bench, "killed"));
    for lines in [20, 70] {
        let mut child = bench.start_until(&["resume", "killed"], "killed", lines);
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!is_finished(&bench, "killed"), "the run was over before it could be killed");
    }
    let answer = bench.must(&["resume", "killed", "--threads", "3"]).stdout;
    assert!(answer.contains("live tumour cells"), "{answer}");
    bench.assert_same("whole", "killed");
    let again = bench.must(&["resume", "killed"]).stdout;
    assert_eq!(again, "The run in killed is over; nothing to do.\n");
    bench.assert_same("whole", "killed");
}

#[cfg(unix)]
#[test]
fn a_stopped_run_leaves_a_checkpoint_and_says_how_to_go_on() {
    let bench = Bench::long();
    bench.must(&["run", "study.toml", "--out", "whole", "--quiet"]);
    let child = bench.start_until(&["run", "study.toml", "--out", "stopped"], "stopped", 5);
    let id = child.id().to_string();
    // Twice, as `timeout` and batch systems do: that is one request.
    for _ in 0..2 {
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert!(stderr.starts_with("Stopped on day 0."), "{stderr}");
    assert!(stderr.ends_with("help: go on with `perforin resume stopped`\n"), "{stderr}");
    bench.must(&["resume", "stopped", "--quiet"]);
    bench.assert_same("whole", "stopped");
}

/// A limit on the size of files stands in for a full disk; ignoring its signal makes it an error of writing.
#[cfg(unix)]
#[test]
fn a_full_disk_is_named_and_the_run_goes_on_when_there_is_room() {
    let bench = Bench::long();
    bench.must(&["run", "study.toml", "--out", "whole", "--quiet"]);
    let script = format!(
        "trap '' XFSZ; ulimit -f 130; exec {} run study.toml --out full --quiet",
        env!("CARGO_BIN_EXE_perforin")
    );
    let output = Command::new("sh").args(["-c", &script]).current_dir(bench.path(".")).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.starts_with("error: cannot write `full/"), "{stderr}");
    assert!(stderr.contains("cause: File too large") && stderr.contains("perforin resume"), "{stderr}");
    assert!(bench.bytes("full").keys().all(|name| !name.ends_with(".partial")));
    bench.must(&["resume", "full", "--quiet"]);
    bench.assert_same("whole", "full");
}

/// A substance that product cells secrete towards the largest number there is overflows when they arrive, on day 0.3.
#[test]
fn a_number_that_overflows_is_named_and_the_checkpoint_before_is_kept() {
    let bench = Bench::long();
    let junk = "[lesion.field.junk]\ndiffusion = \"1e5 µm²/min\"\ndecay = \"0.01 /min\"\ninitial = \"0 pg/mL\"\n\
                [lesion.cell.product.secretion.junk]\nrate = \"100 /min\"\ntarget = \"1.7e308 pg/mL\"\n";
    bench.write("junk.toml", &(bench.read("study.toml").replace("day = 0\n", "day = 0.3\n") + junk));
    let done = bench.perforin(&["run", "junk.toml", "--out", "out", "--quiet"]);
    assert_eq!(done.code, 1, "{}", done.stderr);
    assert!(
        done.stderr.starts_with("error: the simulation failed\n  cause: field `junk` at "),
        "{}",
        done.stderr
    );
    assert!(
        done.stderr.contains("voxel") && done.stderr.contains("the checkpoint of day 0.25"),
        "{}",
        done.stderr
    );
    let kept = bench.bytes("out")["checkpoint.pfc"].clone();
    let again = bench.perforin(&["resume", "out", "--quiet"]);
    assert_eq!((again.code, again.stderr), (1, done.stderr));
    assert!(bench.bytes("out")["checkpoint.pfc"] == kept);
}

#[test]
fn two_processes_do_not_work_in_one_folder() {
    let bench = Bench::long();
    let mut child = bench.start_until(&["run", "study.toml", "--out", "out"], "out", 3);
    let done = bench.perforin(&["resume", "out"]);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(done.code, 2, "{}", done.stderr);
    assert!(done.stderr.starts_with("error: another perforin is at work in `out`\n"), "{}", done.stderr);
    bench.must(&["resume", "out", "--quiet"]);
}

#[test]
fn a_damaged_or_foreign_checkpoint_is_refused_and_left_alone() {
    let bench = Bench::long();
    let mut child = bench.start_until(&["run", "study.toml", "--out", "out"], "out", 6);
    child.kill().unwrap();
    child.wait().unwrap();
    let place = bench.path("out/checkpoint.pfc");
    let good = std::fs::read(&place).unwrap();
    let mut bad = good.clone();
    bad[good.len() / 2] ^= 1;
    std::fs::write(&place, &bad).unwrap();
    let done = bench.perforin(&["resume", "out"]);
    assert_eq!(done.code, 2, "{}", done.stderr);
    assert!(done.stderr.starts_with("error: cannot go on from `out/checkpoint.pfc`"), "{}", done.stderr);
    assert_eq!(std::fs::read(&place).unwrap(), bad);

    std::fs::write(&place, &good).unwrap();
    bench.write("out/study.toml", &bench.read("study.toml").replace("seed = 3", "seed = 4"));
    let done = bench.perforin(&["resume", "out"]);
    assert_eq!(done.code, 2, "{}", done.stderr);
    assert!(done.stderr.contains("belongs to the study with the digest"), "{}", done.stderr);

    let old = bench.read("out/manifest.json").replacen(env!("CARGO_PKG_VERSION"), "0.0.9", 1);
    bench.write("out/manifest.json", &old);
    let done = bench.perforin(&["resume", "out"]);
    assert_eq!(done.code, 2, "{}", done.stderr);
    assert!(
        done.stderr.starts_with("error: `out` was written by perforin 0.0.9; this is "),
        "{}",
        done.stderr
    );
}

#[test]
fn a_table_that_lost_rows_is_refused() {
    let bench = Bench::long();
    let mut child = bench.start_until(&["run", "study.toml", "--out", "out"], "out", 15);
    child.kill().unwrap();
    child.wait().unwrap();
    let series = bench.read("out/series.csv");
    let short: Vec<&str> = series.lines().take(2).collect();
    bench.write("out/series.csv", &(short.join("\n") + "\n"));
    let done = bench.perforin(&["resume", "out"]);
    assert_eq!(done.code, 1, "{}", done.stderr);
    assert!(done.stderr.contains("does not hold the"), "{}", done.stderr);
}
