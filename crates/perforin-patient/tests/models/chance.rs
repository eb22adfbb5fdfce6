//! Stochastic extinction: the solved probability against a simulation of every birth and death.

use perforin_core::rng::{Purpose, Stream};
use perforin_patient::models::by_name;

use crate::support::{Run, grid, patient, run};

const GROWTH: f64 = 0.2;
const CELLS_PER_ML: f64 = 1e9;

fn typical() -> Run {
    run("kimmel-2021", &patient("kimmel-2021", "r_b=0.2"), &grid(400.0, 0.01))
}

/// Probability that the tumour is extinct, on the last day on which it is few.
fn cure_probability(run: &Run) -> f64 {
    run.max("cure_probability").0
}

/// One tumour of 100 cells from the day it became few: births, and deaths by the product's curve. Whether it dies out
/// before it has 5,000 cells, of which none of these would die out.
fn dies_out(run: &Run, from: f64, entity: u64) -> bool {
    let mut draw = Stream::new(11, Purpose::Death).at(entity, 0);
    let killing = |day: f64| {
        let c = run.at("product", day);
        1.15 * c / (4.05 + c)
    };
    let (mut n, mut day) = (100_u32, from);
    while n > 0 && n < 5000 && day < 390.0 {
        // The product falls, so the rate now bounds the rate until the next event: thinning is exact.
        let bound = killing(day);
        day += draw.exponential() / (f64::from(n) * (GROWTH + bound));
        let u = draw.uniform() * (GROWTH + bound);
        if u < GROWTH {
            n += 1;
        } else if u < GROWTH + killing(day) {
            n -= 1;
        }
    }
    n == 0
}

#[test]
fn the_probability_of_cure_is_that_of_simulated_births_and_deaths() {
    let run = typical();
    let from = run.first("tumour", 0.0, |b| b * CELLS_PER_ML < 100.0);
    // Growth at 0.2 /d leaves 2,000 cells at the nadir: never few.
    assert_eq!(from, None);

    // A smaller tumour at infusion reaches few cells.
    let model = by_name("kimmel-2021").expect("a model");
    let mut small = patient("kimmel-2021", "r_b=0.2");
    model.set(&mut small, "b_0", 0.5).expect("a parameter");
    let run = self::run("kimmel-2021", &small, &grid(400.0, 0.01));
    let from = run.first("tumour", 0.0, |b| b * CELLS_PER_ML <= 100.0).expect("few cells");
    let solved = cure_probability(&run);
    let n = 4000;
    let cured = (0..n).filter(|&k| dies_out(&run, from, k)).count() as f64 / n as f64;
    let standard_error = (solved * (1.0 - solved) / n as f64).sqrt();
    assert!((0.02..0.98).contains(&solved), "the case decides nothing: {solved}");
    assert!(
        (cured - solved).abs() < 4.0 * standard_error,
        "simulated {cured}, solved {solved} ± {standard_error}"
    );
}

#[test]
fn a_patient_is_cured_when_the_probability_reaches_its_chance() {
    let model = by_name("kimmel-2021").expect("a model");
    let times = grid(400.0, 0.01);
    let mut patient = patient("kimmel-2021", "r_b=0.1");
    let never = run("kimmel-2021", &patient, &times);
    for part in [0.1, 0.5, 0.9] {
        let chance = part * cure_probability(&never);
        model.set(&mut patient, "chance", chance).expect("a parameter");
        let run = run("kimmel-2021", &patient, &times);
        let cured = run.first("tumour", 0.0, |b| b == 0.0).expect("a cure");
        let reached = never.first("cure_probability", 0.0, |p| p >= chance).expect("the probability");
        assert!((cured - reached).abs() < 0.011, "cured on day {cured}, probability reached on {reached}");
        assert_eq!(run.at("tumour", 400.0), 0.0);
        // The paper, over patients of all growth rates: mostly on days 20 to 80.
        assert!((20.0..100.0).contains(&cured), "day {cured}");
    }
}

/// The deterministic model lets a tumour of 1.5 cells grow back; seven of ten would have died out.
#[test]
fn a_tumour_that_falls_to_one_or_two_cells_is_mostly_cured() {
    let run = run("kimmel-2021", &patient("kimmel-2021", "r_b=0.1"), &grid(400.0, 0.1));
    assert!((1.0..2.0).contains(&(run.min("tumour").0 * CELLS_PER_ML)));
    assert!((0.72..0.73).contains(&cure_probability(&run)));
}
