//! Draws: moments, correlations, classes, covariates, plausible ranges.

use perforin_patient::population::draw::{
    Class, Correlation, Covariate, Distribution, Draw, DrawError, Population, Sampling, Varying,
    normal_quantile,
};

const N: u64 = 20_000;

fn varying(name: &str, typical: f64, log_sd: f64) -> Varying {
    Varying { name: name.into(), typical, log_sd, range: (0.0, f64::INFINITY) }
}

fn all(distribution: Distribution) -> Vec<Draw> {
    let population = Population::new(distribution).expect("a population");
    (0..N).map(|i| population.draw(i).expect("a draw")).collect()
}

fn logs(draws: &[Draw], i: usize) -> Vec<f64> {
    draws.iter().map(|d| libm::log(d.values[i])).collect()
}

fn mean(v: &[f64]) -> f64 {
    v.iter().sum::<f64>() / v.len() as f64
}

fn covariance(a: &[f64], b: &[f64]) -> f64 {
    let (ma, mb) = (mean(a), mean(b));
    a.iter().zip(b).map(|(x, y)| (x - ma) * (y - mb)).sum::<f64>() / a.len() as f64
}

#[test]
fn the_normal_quantile_is_the_tabulated_one() {
    // Abramowitz & Stegun 1964, table 26.5, and far tails.
    for (p, z) in [
        (0.5, 0.0),
        (0.841_344_746_068_542_9, 1.0),
        (0.975, 1.959_963_984_540_054),
        (0.999, 3.090_232_306_167_813_5),
        (1e-6, -4.753_424_308_822_899),
        (1e-12, -7.034_483_825_301_131),
    ] {
        assert!((normal_quantile(p) - z).abs() < 1e-9, "{p}: {}", normal_quantile(p));
    }
}

#[test]
fn draws_have_their_medians_spreads_and_correlations() {
    for sampling in [Sampling::Random, Sampling::Sobol] {
        let between = ("a".to_owned(), "c".to_owned());
        let draws = all(Distribution {
            varying: vec![varying("a", 3.0, 0.5), varying("b", 0.1, 1.2), varying("c", 7.0, 0.8)],
            correlations: vec![Correlation { between, coefficient: -0.7 }],
            sampling,
            seed: 5,
            ..Distribution::default()
        });
        let [a, b, c] = [0, 1, 2].map(|i| logs(&draws, i));
        // Four standard errors of 20,000 draws.
        for (v, typical, sd) in [(&a, 3.0, 0.5), (&b, 0.1, 1.2), (&c, 7.0, 0.8)] {
            assert!((mean(v) - libm::log(typical)).abs() < 4.0 * sd / (N as f64).sqrt());
            assert!((covariance(v, v).sqrt() / sd - 1.0).abs() < 0.02);
        }
        let correlation = covariance(&a, &c) / (covariance(&a, &a) * covariance(&c, &c)).sqrt();
        assert!((correlation + 0.7).abs() < 0.02, "{correlation}");
        assert!((covariance(&a, &b) / 0.6).abs() < 0.03);
    }
}

#[test]
fn an_even_spread_beats_random_draws() {
    let error = |sampling| {
        let draws = all(Distribution {
            varying: vec![varying("a", 1.0, 1.0), varying("b", 1.0, 1.0)],
            sampling,
            seed: 5,
            ..Distribution::default()
        });
        mean(&logs(&draws, 0)).abs()
    };
    assert!(error(Sampling::Sobol) < 0.1 * error(Sampling::Random).max(1e-3));
}

#[test]
fn classes_have_their_shares_and_factors() {
    let class = |share, factor| Class { share, factors: vec![("a".to_owned(), factor)] };
    let draws = all(Distribution {
        varying: vec![varying("a", 2.0, 0.3)],
        classes: vec![class(0.803, 1.0), class(0.197, 0.083)],
        seed: 3,
        ..Distribution::default()
    });
    for (which, share, factor) in [(0, 0.803, 1.0), (1, 0.197, 0.083)] {
        let own: Vec<f64> =
            draws.iter().filter(|d| d.class == which).map(|d| libm::log(d.values[0])).collect();
        assert!(
            (own.len() as f64 / N as f64 - share).abs() < 4.0 * (share * (1.0 - share) / N as f64).sqrt()
        );
        assert!((mean(&own) - libm::log(2.0 * factor)).abs() < 4.0 * 0.3 / (own.len() as f64).sqrt());
    }
}

#[test]
fn covariates_scale_parameters_by_their_power() {
    let weight = Covariate {
        name: "weight".into(),
        median: 70.0,
        log_sd: 0.2,
        range: (40.0, 150.0),
        powers: vec![("clearance".to_owned(), 0.75)],
    };
    let draws = all(Distribution {
        varying: vec![varying("clearance", 1.0, 0.0)],
        covariates: vec![weight],
        seed: 3,
        ..Distribution::default()
    });
    for d in &draws {
        let expected = libm::pow(d.covariates[0] / 70.0, 0.75);
        assert!((d.values[0] / expected - 1.0).abs() < 1e-12);
        assert!((40.0..=150.0).contains(&d.covariates[0]));
    }
    assert!(draws.iter().any(|d| d.rejected > 0));
}

#[test]
fn draws_stay_within_their_plausible_range() {
    let bounded = Varying { range: (0.8, 1.5), ..varying("a", 1.0, 1.0) };
    let draws = all(Distribution { varying: vec![bounded], seed: 3, ..Distribution::default() });
    assert!(draws.iter().all(|d| (0.8..=1.5).contains(&d.values[0])));
    let rejected = draws.iter().map(|d| f64::from(d.rejected)).sum::<f64>() / N as f64;
    // Accepted with probability Φ(ln 1.5) − Φ(ln 0.8) = 0.246; 1/p − 1 rejections on average.
    assert!((rejected - (1.0 / 0.2457 - 1.0)).abs() < 0.12, "{rejected}");
    let never = Varying { range: (1e9, 2e9), ..varying("a", 1.0, 0.1) };
    let population =
        Population::new(Distribution { varying: vec![never], ..Distribution::default() }).expect("one");
    let message = population.draw(7).expect_err("implausible").to_string();
    assert_eq!(message, "patient 7: 1000 draws, and a was never within 1000000000 to 2000000000");
}

/// A patient is the same whatever else is drawn: the arms of a comparison share their patients.
#[test]
fn a_patient_is_a_function_of_seed_and_number() {
    let distribution =
        Distribution { varying: vec![varying("a", 1.0, 1.0)], seed: 9, ..Distribution::default() };
    let [a, b] = [0, 1].map(|_| Population::new(distribution.clone()).expect("a population"));
    assert_eq!(a.draw(123), b.draw(123));
    assert_ne!(a.draw(123), a.draw(124));
    let other = Population::new(Distribution { seed: 10, ..distribution }).expect("a population");
    assert_ne!(a.draw(123), other.draw(123));
}

#[test]
fn what_cannot_be_drawn_from_is_named() {
    let refused = |d: Distribution| Population::new(d).expect_err("refused");
    let correlate =
        |a: &str, b: &str, coefficient| Correlation { between: (a.into(), b.into()), coefficient };
    let three = || vec![varying("a", 1.0, 1.0), varying("b", 1.0, 1.0), varying("c", 1.0, 1.0)];
    let error = refused(Distribution {
        varying: three(),
        correlations: vec![correlate("a", "b", 0.9), correlate("b", "c", 0.9), correlate("a", "c", -0.9)],
        ..Distribution::default()
    });
    assert_eq!(error, DrawError::Contradiction { name: "c".into() });
    let error = refused(Distribution {
        varying: three(),
        correlations: vec![correlate("a", "x", 0.9)],
        ..Distribution::default()
    });
    assert_eq!(error.to_string(), "a correlation names `x`, which does not vary");
    let error = refused(Distribution { varying: vec![varying("a", -1.0, 1.0)], ..Distribution::default() });
    assert_eq!(error.to_string(), "the typical value of a is -1, but must be positive");
    let half = Class { share: 0.5, factors: vec![] };
    let error = refused(Distribution { classes: vec![half], ..Distribution::default() });
    assert!(error.to_string().starts_with("the sum of the shares of the classes is 0.5"), "{error}");
    assert!(
        refused(Distribution { varying: vec![varying("a", 1.0, f64::NAN)], ..Distribution::default() })
            .to_string()
            .contains("NaN")
    );
}
