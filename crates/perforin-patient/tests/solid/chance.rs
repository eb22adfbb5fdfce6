//! Clones of few cells.

use perforin_core::rng::{Purpose, Stream};
use perforin_patient::solid_tumour::chance::{advance, fate};

use crate::support::{case, lesion, once};
use perforin_patient::regimen::Act;

/// Day on which the product is killed, when some cells of the tumour are left.
const DAY: f64 = 6.4;

#[test]
fn descendants_have_the_mean_variance_and_extinction_of_a_birth_death_process() {
    let n = 20_000;
    for (birth, death, time, cells) in
        [(0.3, 0.1, 2.0, 3.0), (0.1, 0.5, 1.5, 20.0), (0.2, 0.2, 3.0, 5.0), (0.0, 0.7, 1.0, 10.0)]
    {
        let draws: Vec<f64> = (0..n)
            .map(|k| advance(cells, (birth, death), 0.0, time, &mut Stream::new(2, Purpose::Clone).at(k, 0)))
            .collect();
        let mean = draws.iter().sum::<f64>() / n as f64;
        let variance = draws.iter().map(|d| (d - mean) * (d - mean)).sum::<f64>() / n as f64;
        let growth = libm::exp((birth - death) * time);
        let exact_variance = if birth == death {
            2.0 * cells * birth * time
        } else {
            cells * (birth + death) / (birth - death) * growth * (growth - 1.0)
        };
        let error = 4.0 * (exact_variance / n as f64).sqrt();
        assert!((mean - cells * growth).abs() < error, "mean {mean} of {birth}, {death}");
        assert!((variance / exact_variance - 1.0).abs() < 0.06, "variance {variance} of {exact_variance}");
        let extinct = draws.iter().filter(|d| **d == 0.0).count() as f64 / n as f64;
        let exact = libm::pow(fate(birth, death, time).0, cells);
        assert!(
            (extinct - exact).abs() < 4.0 * (exact * (1.0 - exact) / n as f64).sqrt() + 1e-9,
            "{extinct} {exact}"
        );
    }
}

#[test]
fn newcomers_arrive_at_their_rate() {
    let n = 20_000;
    let total: f64 = (0..n)
        .map(|k| advance(0.0, (0.1, 0.1), 0.7, 0.25, &mut Stream::new(2, Purpose::Clone).at(k, 1)))
        .sum();
    assert!((total / n as f64 - 0.7).abs() < 4.0 * (0.7 / n as f64).sqrt());
}

/// A tumour under strong attack ends at exactly no cell, or comes back from whole cells; it never lingers between.
#[test]
fn a_small_tumour_dies_out_or_returns_and_never_lingers() {
    let (mut extinct, mut returned) = (0, 0);
    for number in 0..24 {
        let mut case = case([lesion(1e6, 0.0)]);
        case.parameters.lesion[0].doubling_time = 5.0;
        case.parameters.lesion[0].access = 300.0;
        case.parameters.lesion[0].antigen_loss = 1e-7;
        // The attack ends while some cells are left.
        case.regimen.repeated = vec![once(DAY, Act::Switch { efficiency: 1.0 })];
        case.number = number;
        let followed = case.follow::<24>();
        if followed.tumour(0, 365) == 0.0 {
            extinct += 1;
        } else if followed.tumour(0, 365) > 1e6 {
            returned += 1;
        }
    }
    assert!(extinct > 0 && returned > 0, "{extinct} extinct, {returned} returned");
}
