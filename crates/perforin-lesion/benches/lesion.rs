//! The standard workloads, step by step: `cargo bench -p perforin-lesion --bench lesion`.
//!
//! Runs on one thread; Criterion reports the time of one phenotype step (6 min). IMMUNE-107K and SPHERE-100K take
//! two.

use std::path::Path;
use std::time::Duration;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use perforin_lesion::lesion::Lesion;
use perforin_lesion::scenario;

fn lesion(study: &str) -> Lesion {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/benchmarks").join(study);
    let text = std::fs::read_to_string(path).expect("the shipped study");
    let scenario = scenario::build(&text.parse().expect("a valid study")).expect("no problems");
    Lesion::new(scenario.model, scenario.cells).expect("a lesion")
}

fn steps(criterion: &mut Criterion) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
    let mut group = criterion.benchmark_group("phenotype step");
    group.sample_size(10).warm_up_time(Duration::from_millis(1)).measurement_time(Duration::from_secs(10));
    for study in ["immune-107k.toml", "sphere-100k.toml"] {
        group.bench_function(study.trim_end_matches(".toml"), |bencher| {
            bencher.iter_batched(
                || lesion(study),
                |mut lesion| {
                    pool.install(|| lesion.step().expect("a step"));
                    lesion
                },
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, steps);
criterion_main!(benches);
