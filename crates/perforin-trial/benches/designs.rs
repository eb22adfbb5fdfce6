//! Simulated dose-finding trials on one thread: `cargo bench -p perforin-trial --bench designs`.
//!
//! TRIAL-10K: 10,000 BOIN trials of 30 patients; 10,000 CRM trials of 24 patients; BOIN12, BLRM and TITE-CRM
//! beside them.

use criterion::{Criterion, criterion_group, criterion_main};
use perforin_trial::dose_finding::blrm::{Blrm, Choice, FEASIBILITY, Prior};
use perforin_trial::dose_finding::boin::Boin;
use perforin_trial::dose_finding::boin12::{Boin12, USUAL_UTILITIES};
use perforin_trial::dose_finding::crm::{Crm, Curve, USUAL_VARIANCE, skeleton};
use perforin_trial::dose_finding::simulate::{Size, by_crm, by_table};
use perforin_trial::dose_finding::timed::Timing;
use perforin_trial::dose_finding::tite_crm;

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
    let boin12 = Boin12::new(0.35, 0.25, USUAL_UTILITIES).expect("a design");
    let efficacy = [0.1, 0.2, 0.4, 0.5, 0.5];
    group.bench_function("BOIN12, 30 patients", |bencher| {
        let size = Size { cohort: 3, cohorts: 10, start: 0 };
        bencher
            .iter(|| pool.install(|| boin12.operating_characteristics(&rates, &efficacy, size, (10_000, 1))));
    });
    group.finish();
    let mut group = criterion.benchmark_group("100 trials");
    group.sample_size(10);
    let prior = Prior { mean: [-1.0, 0.0], sd: [2.0, 1.0], correlation: 0.0 };
    let doses = [1.0, 2.0, 4.0, 8.0, 16.0];
    let blrm = Blrm::new(&doses, 4.0, prior, [0.16, 0.33], FEASIBILITY).expect("a design");
    group.bench_function("BLRM, 30 patients", |bencher| {
        let size = Size { cohort: 3, cohorts: 10, start: 0 };
        bencher.iter(|| {
            pool.install(|| blrm.operating_characteristics(Choice::MostProbable, &rates, size, (100, 1)))
        });
    });
    group.bench_function("TITE-CRM, 24 patients", |bencher| {
        let timing = Timing { window: 28.0, between_arrivals: 10.0 };
        bencher.iter(|| {
            pool.install(|| tite_crm::operating_characteristics(&crm, &rates, 24, timing, (100, 1)))
        });
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
