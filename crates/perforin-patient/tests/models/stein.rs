//! Stein's closed form, its differential equations, and the published figures.

use perforin_patient::models::stein_2019::{Parameters, closed_form};

use crate::support::{grid, patient, run};

#[test]
fn the_equations_give_the_closed_form() {
    let times = grid(365.0, 0.1);
    let run = run("stein-2019", &patient("stein-2019", "typical"), &times);
    for (time, found) in times.iter().zip(run.column("product")) {
        let exact = closed_form(&Parameters::default(), *time);
        assert!((found / exact - 1.0).abs() < 1e-7, "day {time}: {found} against {exact}");
    }
}

/// Figures of the paper (doubling and half-lives) and of its typical curve.
#[test]
fn the_typical_patient_has_the_published_figures() {
    let run = run("stein-2019", &patient("stein-2019", "typical"), &grid(365.0, 0.01));
    let near = |found: f64, expected: f64, part: f64| {
        assert!((found / expected - 1.0).abs() < part, "{found}, not {expected}");
    };
    near(run.max("product").0, 24_000.0, 1e-3);
    near(run.max("product").1, 9.3, 1e-3);
    near(run.area("product", 28.0), 171_774.0, 1e-4);
    for (day, level) in
        [(7.0, 3105.0), (14.0, 11_412.0), (28.0, 1374.0), (90.0, 146.5), (180.0, 109.8), (365.0, 60.7)]
    {
        near(run.at("product", day), level, 1e-3);
    }
    let halving = |a: f64, b: f64| {
        std::f64::consts::LN_2 * (b - a) / libm::log(run.at("product", a) / run.at("product", b))
    };
    near(-halving(2.0, 5.0), 0.78, 1e-2);
    near(halving(9.3, 9.4), 4.3, 2e-2);
    near(halving(200.0, 365.0), 217.0, 1e-2);
}
