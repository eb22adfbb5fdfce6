//! The field solver: one step of oxygen around a ball of consuming cells, and its stationary field from a wrong
//! start (eight cycles or so, and one pass each for what is done once per solve).
//!
//! Floor: a V-cycle moves about 140 bytes per voxel (see `perforin_lesion::fields`), that is 60 MB for 75³.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use perforin_lesion::fields::{Face, Field, Solver, Substance};
use perforin_lesion::grid::Grid;

/// Oxygen at equilibrium with cells in a ball that fills a fifth of the box.
fn oxygen(n: usize) -> (Solver, Field) {
    let grid = Grid { origin: [0.0; 3], n: [n; 3], spacing: 20.0 };
    let substance = Substance {
        name: "oxygen".into(),
        unit: "mmHg".into(),
        diffusion: 1e5,
        decay: 0.1,
        initial: 38.0,
        faces: [Face::Fixed(38.0); 6],
    };
    let mut field = Field::new(substance, &grid);
    let (centre, radius) = (grid.centre(), 0.36 * 20.0 * n as f64);
    for voxel in 0..grid.len() {
        let at = grid.centre_of(voxel);
        let r2: f64 = (0..3).map(|a| (at[a] - centre[a]) * (at[a] - centre[a])).sum();
        // Uneven, as cells are: 1.5 to 3 per minute.
        let uneven = 1.5 + 1.5 * ((voxel * 7919) % 101) as f64 / 100.0;
        field.sink[voxel] = if r2 < radius * radius { uneven } else { 0.0 };
    }
    let mut solver = Solver::new(&grid).expect("a valid grid");
    solver.steady(&mut field, 1e-8).expect("a solvable field");
    (solver, field)
}

fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fields");
    group.sample_size(10);
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a thread pool");
        for n in [50, 75, 100] {
            let (mut solver, mut field) = oxygen(n);
            // A tenth of the cells has moved since the last step.
            let moved: Vec<usize> = (0..field.sink.len()).filter(|v| v * 31 % 10 == 0).collect();
            let id = |name: &str| BenchmarkId::new(name, format!("{n}³ voxels, threads: {threads}"));
            group.bench_function(id("step"), |bencher| {
                bencher.iter(|| {
                    for &v in &moved {
                        field.sink.swap(v, (v + 1) % (n * n * n));
                    }
                    pool.install(|| solver.step(&mut field, 1.0, 1e-6))
                });
            });
            group.bench_function(id("steady"), |bencher| {
                bencher.iter(|| {
                    field.value.fill(20.0);
                    pool.install(|| solver.steady(&mut field, 1e-10))
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
