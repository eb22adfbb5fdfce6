//! The exact gate search at the size of the largest published one: 2,716 genes × 103,432 cells (72,432 malignant of 145
//! patients, 31,000 normal of 31 groups), drawn by the generator.
//!
//! Floor of the pairs: every pair of planes must meet once, 2,716 × 2,717 / 2 pairs of 12,929 bytes, that is 47.7 GB read
//! from cache with one operand held in registers; of the triples there is no useful floor, since bounds leave
//! all but a few thousand of 10¹¹ uncounted.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use perforin_atlas::goal::{Goal, Objective};
use perforin_atlas::planes::Planes;
use perforin_atlas::popcount::Isa;
use perforin_atlas::search::{Options, search};
use perforin_atlas::shape::Shape;
use perforin_atlas::synthetic::Synthetic;

/// Bytes of one operand of all pairs.
fn bytes_of_pairs(planes: &Planes) -> u64 {
    let n = planes.literals.len() as u64;
    let cells: usize = planes.groups.iter().map(|group| group.cells).sum();
    n * (n + 1) / 2 * (cells as u64).div_ceil(8)
}

fn options(planes: &Planes, literals: usize, isa: Isa) -> Options {
    let blockers = vec![true; planes.literals.len()];
    Options { shapes: Shape::up_to(literals), keep: 20, epsilon: 0.01, blockers, isa }
}

fn goal(planes: &Planes, objective: Objective, cap: f64) -> Goal {
    let groups = planes.groups.len();
    Goal::new(planes, objective, &vec![true; groups], &vec![cap; groups]).expect("a goal")
}

fn bench(criterion: &mut Criterion) {
    let planes = Synthetic::logicar().planes(vec![0.0]);
    let minimum = goal(&planes, Objective::Minimum, 0.05);
    let mut group = criterion.benchmark_group("gates");
    group.sample_size(10);
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a thread pool");
        for isa in Isa::available() {
            let id = BenchmarkId::new(format!("pairs, {}", isa.name()), format!("threads: {threads}"));
            group.throughput(Throughput::Bytes(bytes_of_pairs(&planes)));
            group.bench_function(id, |bencher| {
                let options = options(&planes, 2, isa);
                bencher.iter(|| pool.install(|| search(&planes, &minimum, &options, &|_| false)));
            });
        }
    }
    group.finish();

    let mut group = criterion.benchmark_group("all 14 shapes");
    group.sample_size(10);
    let pooled = goal(&planes, Objective::Pooled, 0.1);
    for (name, goal) in [("minimum", &minimum), ("pooled", &pooled)] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("a thread pool");
        group.bench_function(BenchmarkId::new(name, "threads: 2"), |bencher| {
            let options = options(&planes, 3, Isa::best());
            bencher.iter(|| pool.install(|| search(&planes, goal, &options, &|_| false)));
        });
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
