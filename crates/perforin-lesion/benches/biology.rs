//! What the biology costs per cell and step over the bare attack: `cargo bench -p perforin-lesion --bench biology`.
//!
//! One thread. 2,024 tumour cells, 600 CAR-T cells injected among them; after twelve hours of fighting Criterion times
//! phenotype steps (6 min), and reports cells per second. Required: no more than twice the time of `attack alone`.

use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use perforin_lesion::lesion::Lesion;
use perforin_lesion::scenario;

const FIGHT: &str = r#"
[study]
title = "fight"
seed = 1
duration = "10 d"
[lesion]
diameter = "240 µm"
antigen.HER2.density = { median = "100000 /cell", log_sd = 0.7 }
antigen.HER2.negative = { fraction = "20 %", patch = "60 µm" }
[product]
kind = "CAR-T"
gate = "HER2"
receptor.HER2.kd = "100 nM"
[[regimen.infusion]]
day = 0
dose = "600 CAR+ cells"
route = "intratumoural"
"#;

/// Cells and substances that are not there unless a study asks for them.
const HOSTILE: &str = r#"
[lesion.regulatory_t_cells]
fraction = "5 %"
[lesion.myeloid_cells]
fraction = "5 %"
[[regimen.antibody]]
target = "PD-1"
day = 0
"#;

fn lesion(more: &str) -> Lesion {
    let study = format!("{FIGHT}{more}").parse().expect("a valid study");
    let scenario = scenario::build(&study).expect("no problems");
    let mut lesion = Lesion::new(scenario.model, scenario.cells).expect("a lesion");
    while lesion.state.time < 720.0 {
        lesion.step().expect("a step");
    }
    lesion
}

fn steps(criterion: &mut Criterion) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
    let mut group = criterion.benchmark_group("biology");
    group.sample_size(30).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(10));
    let none = "[mechanisms]\nall = false\n";
    for (name, more) in [("attack alone", none), ("defaults", ""), ("hostile, with an antibody", HOSTILE)] {
        let lesion = pool.install(|| lesion(more));
        group.throughput(Throughput::Elements(lesion.state.cells.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter_batched(
                || Lesion::resume(lesion.model.clone(), lesion.state.clone()).expect("a lesion"),
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
