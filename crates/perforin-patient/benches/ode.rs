//! The solver's speed, one thread: PERF-8, and one step by itself.
//!
//! `cargo bench -p perforin-patient --bench ode`. A floor for a step of eight states in four lanes: about 3,400
//! operations, 0.4 µs at two vector operations per cycle of 4 GHz, so 0.1 µs per patient.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use perforin_patient::ode::{Tolerance, solve};

#[path = "../tests/support/perf8.rs"]
mod perf8;

const PATIENTS: usize = 400;

fn benches(c: &mut Criterion) {
    let Some(population) = perf8::population(PATIENTS) else { return };
    let mut group = c.benchmark_group("perf8");
    group.throughput(Throughput::Elements(PATIENTS as u64)).sample_size(20);
    for (workload, antibody) in [("one-infusion", false), ("eighteen-events", true)] {
        for relative in [1e-4, 1e-6] {
            group.bench_function(format!("{workload}/{relative:.0e}"), |b| {
                let tolerance = Tolerance::uniform(relative, relative * 1e-3);
                let patients: Vec<_> = population.iter().map(|p| perf8::Patient::new(*p, antibody)).collect();
                b.iter_batched_ref(
                    || patients.clone(),
                    |patients| solve(patients, &tolerance),
                    criterion::BatchSize::LargeInput,
                );
            });
        }
    }
    group.finish();
}

criterion_group!(ode, benches);
criterion_main!(ode);
