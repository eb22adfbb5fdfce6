//! Simulated dose-finding trials on one thread: `cargo bench -p perforin-trial --bench designs`.
//!
//! TRIAL-10K: 10,000 BOIN trials of 30 patients; 10,000 CRM trials of 24 patients.

use criterion::{Criterion, criterion_group, criterion_main};
use perforin_trial::dose_finding::boin::Boin;
use perforin_trial::dose_finding::crm::{Crm, Curve, USUAL_VARIANCE, skeleton};
use perforin_trial::dose_finding::simulate::{Size, by_crm, by_table};

fn bench(criterion: &mut Criterion) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
    let rates = [0.05, 0.15, 0.3, 0.45, 0.6];
    let mut group = criterion.benchmark_group("10,000 trials");
    group.sample_size(10);
    let table = Boin::new(0.3).expect("a design").table(30);
    group.bench_function("BOIN, 30 patients", |bencher| {
        let size = Size { cohort: 3, cohorts: 10, start: 0 };
        bencher.iter(|| pool.install(|| by_table(&table, 0.3, &rates, size, (10_000, 1))));
    });
    let prior = skeleton(0.05, 0.3, 2, 5).expect("a skeleton");
    let crm = Crm::new(Curve::Empiric, 0.3, &prior, USUAL_VARIANCE).expect("a design");
    group.bench_function("CRM, 24 patients", |bencher| {
        let size = Size { cohort: 1, cohorts: 24, start: 0 };
        bencher.iter(|| pool.install(|| by_crm(&crm, &rates, size, (10_000, 1))));
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
