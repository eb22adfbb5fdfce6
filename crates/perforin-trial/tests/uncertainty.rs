//! Nested simulation against cases whose two variances are known.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

use perforin_core::rng::{Draw, Purpose, Stream};
use perforin_trial::uncertainty::{Band, Estimate, Law, shifted};

fn draw(k: u64) -> Draw {
    Stream::new(17, Purpose::Parameter).at(k, 0)
}

/// Beta(2, 3) rates by the second smallest of four uniform numbers.
fn beta_2_3(draw: &mut Draw) -> f64 {
    let mut four = [draw.uniform(), draw.uniform(), draw.uniform(), draw.uniform()];
    four.sort_by(f64::total_cmp);
    four[1]
}

/// Of Beta(a, b) rates and n trials each the parameters cause ab/((a+b)²(a+b+1)) = 0.04, and one outer draw errs by
/// ab/((a+b)(a+b+1))/n = 0.2/n; with 8 trials the error is more than a third of what is seen.
#[test]
fn variances_of_parameters_and_of_monte_carlo_come_apart() {
    let (outer, inner) = (4000, 8);
    let estimate = |k: u64| {
        let mut draw = draw(k);
        let rate = beta_2_3(&mut draw);
        Estimate::of_share((0..inner).filter(|_| draw.uniform() < rate).count() as u64, inner)
    };
    let band = Band::of(&(0..outer).map(estimate).collect::<Vec<_>>()).unwrap();
    // The variance of a sample variance over K draws is at most that of a variable between 0 and 1: below 0.25²/K each.
    let tolerance = 4.0 * 0.07 / (outer as f64).sqrt();
    assert!((band.parameter_sd.powi(2) - 0.04).abs() < tolerance, "{band:?}");
    assert!((band.monte_carlo.powi(2) - 0.2 / inner as f64).abs() < tolerance / inner as f64, "{band:?}");
    let expected = (0.04_f64 + 0.2 / inner as f64) / outer as f64;
    assert!((band.error / expected.sqrt() - 1.0).abs() < 0.06, "{band:?}");
    assert!((band.mean - 0.4).abs() < 4.0 * band.error, "{band:?}");
}

/// Normal characteristics with normal errors: the band is that of the parameters, not of what is seen.
#[test]
fn the_band_is_that_of_the_parameters_alone() {
    let (tau, error) = (0.1, 0.3);
    let estimate = |k: u64| {
        let mut draw = draw(k);
        let value = 0.5 + tau * draw.normal() + error * draw.normal();
        Estimate { value, error_squared: error * error }
    };
    let band = Band::of(&(0..20_000).map(estimate).collect::<Vec<_>>()).unwrap();
    let z = 1.644_853_6;
    // Of 20,000 the variance of what is seen, 0.1, is known to 0.001, so that of the parameters to a tenth.
    let near = |found: f64, expected: f64| assert!((found - expected).abs() < 0.035, "{found} {expected}");
    near(band.quantiles[0], 0.5 - z * tau);
    near(band.quantiles[1], 0.5);
    near(band.quantiles[2], 0.5 + z * tau);
    assert!(band.quantiles[2] < 0.5 + 0.5 * z * (tau * tau + error * error).sqrt());
}

#[test]
fn what_is_known_has_no_band_and_exact_values_have_no_error() {
    let same: Vec<Estimate> = (0..10).map(|_| Estimate::exact(0.3)).collect();
    let band = Band::of(&same).unwrap();
    assert!(band.parameter_sd < 1e-15 && band.monte_carlo == 0.0 && (band.quantiles[0] - 0.3).abs() < 1e-15);
    assert_eq!(Band::of(&same[..1]), None);
    // Differences below the error of Monte Carlo are no uncertainty of parameters.
    let noise: Vec<Estimate> = [49, 50, 51].iter().map(|k| Estimate::of_share(*k, 100)).collect();
    assert_eq!(Band::of(&noise).unwrap().parameter_sd, 0.0);
}

#[test]
fn laws_have_their_quantiles_and_keep_to_the_range() {
    let all = (0.0, f64::INFINITY);
    let law = Law::of_interval(0.5, 2.0).unwrap();
    for (share, value) in [(0.025, 0.5), (0.5, 1.0), (0.975, 2.0)] {
        assert!((law.at(share, all).unwrap() - value).abs() < 1e-9, "{share}");
    }
    // Half of the distribution lies below 1, so that its upper half is that from 1 on.
    let cut = law.at(0.5, (1.0, f64::INFINITY)).unwrap();
    assert!((cut - law.at(0.75, all).unwrap()).abs() < 1e-9);
    let uniform = Law::Uniform { low: 1.0, high: 3.0 };
    assert_eq!((uniform.at(0.5, all), uniform.at(0.5, (0.0, 2.0))), (Ok(2.0), Ok(1.5)));
    assert!(Law::of_interval(2.0, 0.5).is_err() && Law::of_interval(0.0, 0.5).is_err());
    assert!(law.at(0.5, (1e9, 1e10)).is_err() && uniform.at(0.5, (4.0, 5.0)).is_err());
    assert_eq!((shifted(0.0, 3.0), shifted(1.0, -3.0), shifted(0.5, 0.0)), (0.0, 1.0, 0.5));
    assert!((shifted(0.2, 1.0) / (1.0 - shifted(0.2, 1.0)) / 0.25 - libm::exp(1.0)).abs() < 1e-12);
}
