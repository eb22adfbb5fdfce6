//! Calibrates killing, division and antigen loss on co-cultures of two glioma lines, and checks the values on two
//! others: `cargo run --release -p perforin-lesion --example calibrate_co_culture [-- 0.0196 14.4 6 0.0146]`.
//!
//! Hit rate, division time and antigen modulation are fitted by least squares to PBT030 with Nelder and Mead's simplex
//! on their logarithms. This line carries so much antigen that both responses are saturated, so it says nothing about
//! how many molecules a unit of fluorescence stands for: that is chosen among a few on PBT128, which carries little. The
//! two PBT138 lines of the other plate are then predicted. With four numbers (hit rate, /min; division time, h; molecules
//! per unit of fluorescence; modulation, /min) nothing is fitted: they are compared with all lines.

#![allow(clippy::print_stdout, reason = "an example that shows its result")]

#[path = "../tests/support/co_culture.rs"]
mod co_culture;

use std::sync::Mutex;

use argmin::core::{CostFunction, Error, Executor};
use argmin::solver::neldermead::NelderMead;
use co_culture::{LINES, Line, Values, differences};
use rayon::prelude::*;

/// Where to look: hit rate, /min; division time, h; modulation, /min.
const RANGES: [(f64, f64); 3] = [(0.008, 0.04), (6.0, 24.0), (0.003, 0.1)];
/// Molecules per unit of fluorescence that are tried; the second while the rest is fitted.
const MOLECULES: [f64; 4] = [1.0, 3.0, 6.0, 12.0];
/// Wells of each kind that are simulated while searching.
const SEEDS: u64 = 2;
/// Steps of the simplex, and the size of the first one as a share of the ranges.
const STEPS: u64 = 12;
const FIRST: f64 = 0.2;

fn main() {
    let given: Vec<f64> = std::env::args().skip(1).map(|a| a.parse().expect("a number")).collect();
    let values = match given[..] {
        [] => fit(),
        [hit_rate, division, molecules, modulation] => Values { hit_rate, division, molecules, modulation },
        _ => panic!("give no number, or hit rate, division time, molecules and modulation"),
    };
    println!("{values:?}");
    println!(
        "line, T cells plated: left | positive | median fluorescence over control | T cells over plated"
    );
    println!("(measured -> simulated, 4 wells each)");
    for (set, lines) in [("fitted", &LINES[..2]), ("predicted", &LINES[2..])] {
        let squares: Vec<f64> = lines.iter().flat_map(|line| show(line, values)).map(|d| d * d).collect();
        let rms = (squares.iter().sum::<f64>() / squares.len() as f64).sqrt();
        println!("{set}: root mean square difference {rms:.2} (1: 0.3 of a logarithm, or 10 points)");
    }
}

fn show(line: &Line, values: Values) -> Vec<f64> {
    let mut all = Vec::new();
    for well in &line.wells {
        let (m, s) = (line.measured(well), line.simulated(well, values, 4));
        let share = |x: Option<f64>| x.map_or("none".to_owned(), |x| format!("{:.0} %", 100.0 * x));
        println!(
            "{}, {}: {:.1} -> {:.1} % | {} -> {} | {} -> {} | {:.2} -> {:.2}",
            line.name,
            well.plated,
            100.0 * m.left,
            100.0 * s.left,
            share(m.positive),
            share(s.positive),
            share(m.fluorescence),
            share(s.fluorescence),
            m.yielded,
            s.yielded
        );
        all.extend(differences(line, &m, &s).into_iter().map(|(_, d)| d));
    }
    all
}

fn values_at(point: &[f64]) -> Values {
    let at = |k: usize| {
        let (low, high) = RANGES[k];
        low * libm::pow(high / low, fold(point[k]))
    };
    Values { hit_rate: at(0), division: at(1), molecules: MOLECULES[1], modulation: at(2) }
}

/// A step beyond the end of a range is mirrored into it.
fn fold(x: f64) -> f64 {
    let x = x.rem_euclid(2.0);
    if x > 1.0 { 2.0 - x } else { x }
}

/// Root mean square difference of the wells of a line.
fn misfit(line: &Line, values: Values) -> f64 {
    let squares: Vec<f64> = line
        .wells
        .par_iter()
        .flat_map(|well| differences(line, &line.measured(well), &line.simulated(well, values, SEEDS)))
        .map(|(_, d)| d * d)
        .collect();
    let rms = (squares.iter().sum::<f64>() / squares.len() as f64).sqrt();
    println!("{}: {rms:.3} {values:?}", line.name);
    rms
}

/// The misfit of the first line; keeps the best point.
struct FirstLine<'a>(&'a Mutex<(f64, Vec<f64>)>);

impl CostFunction for FirstLine<'_> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, point: &Vec<f64>) -> Result<f64, Error> {
        let misfit = misfit(&LINES[0], values_at(point));
        let mut best = self.0.lock().map_err(|_| Error::msg("an evaluation failed"))?;
        if misfit < best.0 {
            *best = (misfit, point.clone());
        }
        Ok(misfit)
    }
}

fn fit() -> Values {
    let best = Mutex::new((f64::INFINITY, Vec::new()));
    let corners = (0..=RANGES.len()).map(|k| {
        let mut corner = vec![0.5; RANGES.len()];
        if let Some(x) = corner.get_mut(k) {
            *x += FIRST;
        }
        corner
    });
    let solver = NelderMead::new(corners.collect()).with_sd_tolerance(1e-3).expect("a tolerance");
    Executor::new(FirstLine(&best), solver)
        .configure(|state| state.max_iters(STEPS))
        .timer(false)
        .run()
        .map(|_| ())
        .expect("a search");
    let fitted = values_at(&best.into_inner().expect("the best point").1);
    let tried = MOLECULES.map(|molecules| {
        let values = Values { molecules, ..fitted };
        (misfit(&LINES[1], values), values)
    });
    tried.into_iter().fold(tried[0], |best, next| if next.0 < best.0 { next } else { best }).1
}
