//! Runs side by side.

use crate::support::Bench;

#[test]
fn runs_are_compared_with_the_first_and_their_parameters_listed() {
    let bench = Bench::new();
    bench.write("weak.toml", &bench.read("study.toml").replace("kd = \"1 nM\"", "kd = \"100 µM\""));
    bench.must(&["run", "study.toml", "--out", "strong", "--quiet"]);
    bench.must(&["run", "weak.toml", "--out", "weak", "--quiet"]);
    let text = bench.must(&["compare", "strong", "weak", "--out", "compared"]).stdout;
    assert!(text.starts_with("A  strong: "), "{text}");
    assert!(text.contains("\n  product.receptor.HER2.kd: 1e-9, 0.0001 M\n"), "{text}");
    let csv = bench.read("compared/compare.csv");
    let row = |name: &str| -> Vec<f64> {
        let line = csv.lines().find(|line| line.starts_with(&format!("{name},"))).unwrap();
        line.split(',').skip(2).map(|cell| cell.parse().unwrap()).collect()
    };
    let start = row("tumour_start");
    assert!(start[0] > 0.0 && start[0] == start[1] && start[2] == 1.0, "{start:?}");
    // A hundred micromolar binder gives no signal: no kills.
    assert_eq!(row("tumour_killed")[1], 0.0);
    assert!(row("tumour_killed")[0] > 0.0);
    let page = bench.read("compared/compare.html");
    assert!(page.contains("<svg") && page.contains("Parameters that differ"));
    assert_eq!(page.matches("<section>").count(), page.matches("</section>").count());
}

#[test]
fn a_run_that_is_not_over_is_not_compared() {
    let bench = Bench::long();
    let mut child = bench.start_until(&["run", "study.toml", "--out", "half"], "half", 3);
    child.kill().unwrap();
    child.wait().unwrap();
    let done = bench.perforin(&["compare", "half", "half"]);
    assert_eq!(done.code, 2);
    assert_eq!(
        done.stderr,
        "error: the run in `half` is not over\n  help: go on with it: `perforin resume half`\n"
    );
}
