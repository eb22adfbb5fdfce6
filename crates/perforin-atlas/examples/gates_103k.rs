//! How long does the proven best of every gate take at the size of the largest published search?
//!
//! `cargo run --release -p perforin-atlas --example gates_103k [genes] [seconds] [minimum|quantile|pooled] [literals]`

#![allow(clippy::print_stdout, clippy::disallowed_methods)]

use std::time::{Duration, Instant};

use perforin_atlas::goal::{Goal, Objective};
use perforin_atlas::larger::search_larger;
use perforin_atlas::popcount::Isa;
use perforin_atlas::search::{Options, search};
use perforin_atlas::shape::Shape;
use perforin_atlas::synthetic::Synthetic;

fn main() -> perforin_atlas::Result<()> {
    let number =
        |i: usize, default: usize| std::env::args().nth(i).and_then(|a| a.parse().ok()).unwrap_or(default);
    let atlas = Synthetic { genes: number(1, 2716), ..Synthetic::logicar() };
    let limit = Duration::from_secs(number(2, 600) as u64);
    let start = Instant::now();
    let planes = atlas.planes(vec![0.0]);
    println!("drawn in {:.1?}: {:.1} MB of planes", start.elapsed(), planes.bytes() as f64 / 1e6);
    let patients = vec![true; planes.groups.len()];
    let (objective, cap) = match std::env::args().nth(3).as_deref() {
        Some("quantile") => (Objective::Quantile(0.1), 0.05),
        Some("pooled") => (Objective::Pooled, 0.1),
        _ => (Objective::Minimum, 0.05),
    };
    let caps = vec![cap; planes.groups.len()];
    let goal = Goal::new(&planes, objective, &patients, &caps)?;
    if number(4, 0) > 3 {
        let start = Instant::now();
        let blockers = vec![true; planes.literals.len()];
        let shapes = vec![Shape::EitherNot];
        let options = Options { shapes, keep: 1, epsilon: 0.0, blockers: blockers.clone(), isa: Isa::best() };
        let incumbent = search(&planes, &goal, &options, &|_| false)[0].certificate.optimum;
        let watch = |_| start.elapsed() > limit;
        let found = search_larger(&planes, &goal, number(4, 4), &blockers, incumbent, &watch)?;
        println!("{:.2?}, better than {incumbent}: {found:?}", start.elapsed());
        return Ok(());
    }
    for isa in Isa::available() {
        timed(&planes, &goal, isa, &Shape::up_to(2), limit);
    }
    timed(&planes, &goal, Isa::best(), &Shape::up_to(3), limit);
    Ok(())
}

/// Processor time of this process so far, s; 0 where the system does not tell. On a loaded machine it says more than the
/// clock.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |i: usize| fields.get(i).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
    // User and system time, in ticks of 10 ms.
    (ticks(11) + ticks(12)) / 100.0
}

fn timed(planes: &perforin_atlas::planes::Planes, goal: &Goal, isa: Isa, shapes: &[Shape], limit: Duration) {
    let blockers = vec![true; planes.literals.len()];
    let options = Options { shapes: shapes.to_vec(), keep: 20, epsilon: 0.01, blockers, isa };
    let (start, before) = (Instant::now(), cpu_seconds());
    let results = search(planes, goal, &options, &|_| start.elapsed() > limit);
    let (wall, cpu) = (start.elapsed(), cpu_seconds() - before);
    println!("{} shapes, {}: {wall:.2?}, {cpu:.2} CPU-s", shapes.len(), isa.name());
    for result in results {
        let c = result.certificate;
        println!(
            "  {:16} best {:.4} bound {:.4} anchors {:5} pairs {:9} counted {:11} of {:.2e}  {:?}",
            result.shape.formula(),
            c.optimum,
            c.bound,
            c.anchors,
            c.pairs,
            c.counted,
            c.space as f64,
            result.hits.first().map(|h| h.literals.clone()).unwrap_or_default()
        );
    }
}
