//! How long does a virtual patient take, and how right is it?
//!
//! `cargo run --release -p perforin-patient --example perf8 [patients]`

#![allow(clippy::print_stdout, clippy::disallowed_methods)]

use std::time::Instant;

use perforin_patient::ode::{Tolerance, solve};

#[path = "../tests/support/perf8.rs"]
mod perf8;

fn main() {
    let n = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(10_000);
    let Some(population) = perf8::population(n) else { return };
    let Some(reference) = perf8::reference(n) else { return };
    let run = |antibody: bool, relative: f64| {
        let mut patients: Vec<_> = population.iter().map(|p| perf8::Patient::new(*p, antibody)).collect();
        let (start, cpu) = (Instant::now(), cpu_seconds());
        let outcomes = solve(&mut patients, &Tolerance::uniform(relative, relative * 1e-3));
        let (wall, cpu) = (start.elapsed().as_secs_f64(), cpu_seconds() - cpu);
        let steps: u64 = outcomes.iter().map(|o| o.steps).sum();
        let rejected: u64 = outcomes.iter().map(|o| o.rejected).sum();
        assert!(outcomes.iter().all(|o| o.failure.is_none()), "a patient failed");
        println!(
            "W{} at {relative:.0e}: {:.4} ms of CPU per patient ({:.4} by the clock), {:.0} steps ({:.0} rejected)",
            2 + u8::from(antibody),
            1e3 * cpu / n as f64,
            1e3 * wall / n as f64,
            steps as f64 / n as f64,
            rejected as f64 / n as f64,
        );
        patients.iter().map(|p| p.answer.values()).collect::<Vec<_>>()
    };
    let accurate = run(true, 1e-10);
    let sums: [f64; 4] = std::array::from_fn(|k| accurate.iter().map(|a| a[k]).sum());
    println!("sums of W3 over the patients at 1e-10: {sums:?}");
    for relative in [1e-4, 1e-6, 1e-8] {
        errors(&run(false, relative), &reference);
        errors(&run(true, relative), &accurate);
    }
}

/// Processor time of this thread so far, which other work on the machine disturbs less; Linux only, else 0.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(0.0) * 1e-9
}

fn errors(found: &[[f64; 4]], expected: &[[f64; 4]]) {
    for (k, name) in ["maximum effector", "nadir", "end", "maximum cytokine"].iter().enumerate() {
        let mut errors: Vec<f64> =
            found.iter().zip(expected).map(|(f, e)| ((f[k] - e[k]) / e[k]).abs()).collect();
        errors.sort_by(f64::total_cmp);
        let at = |q: f64| errors[((errors.len() - 1) as f64 * q) as usize];
        println!("    {name:17} median {:.1e}  99 % {:.1e}  largest {:.1e}", at(0.5), at(0.99), at(1.0));
    }
}
