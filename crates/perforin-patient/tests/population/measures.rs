//! Weights, sensitivity and assays.

use perforin_core::rng::{Purpose, Stream};
use perforin_patient::population::assay::{Assay, Error, Measured};
use perforin_patient::population::sensitivity::{morris, morris_effects, saltelli, sobol_indices};
use perforin_patient::population::weights::{Marginal, WeightError, fit};

fn marginal(name: &str, edges: &[f64], shares: &[f64]) -> Marginal {
    Marginal { name: name.into(), edges: edges.to_vec(), shares: shares.to_vec() }
}

#[test]
fn weights_give_every_bin_its_observed_share() {
    let n = 3000;
    let draw =
        |k: u32| -> Vec<f64> { (0..n).map(|i| Stream::new(8, Purpose::Sweep).at(i, k).normal()).collect() };
    let (a, b) = (draw(0), draw(1));
    let marginals = [marginal("a", &[-0.5, 0.5], &[0.2, 0.3, 0.5]), marginal("b", &[0.0], &[0.7, 0.3])];
    let fitted = fit(&marginals, &[a.clone(), b.clone()]).expect("weights");
    let share = |values: &[f64], holds: &dyn Fn(f64) -> bool| {
        values.iter().zip(&fitted.weights).filter(|(v, _)| holds(**v)).map(|(_, w)| w).sum::<f64>() / n as f64
    };
    assert!((share(&a, &|v| v < -0.5) - 0.2).abs() < 1e-6);
    assert!((share(&a, &|v| v >= 0.5) - 0.5).abs() < 1e-6);
    assert!((share(&b, &|v| v < 0.0) - 0.7).abs() < 1e-6);
    assert!(fitted.effective < n as f64 && fitted.effective > 0.5 * n as f64, "{}", fitted.effective);
    // Where the population already has the shares, weights are equal.
    let equal = fit(&[marginal("a", &[0.0], &[0.5, 0.5])], &[vec![-1.0, 1.0, -2.0, 3.0]]).expect("weights");
    assert_eq!(equal.weights, [1.0; 4]);
    assert_eq!(equal.effective, 4.0);
}

#[test]
fn marginals_that_nobody_can_meet_are_named() {
    let error = fit(&[marginal("a", &[10.0], &[0.5, 0.5])], &[vec![1.0, 2.0]]).expect_err("empty");
    assert_eq!(error, WeightError::Empty { name: "a".into(), bin: 1, share: 0.5 });
    let twice = [marginal("a", &[0.0], &[0.5, 0.5]), marginal("b", &[0.0], &[0.2, 0.8])];
    let same = vec![-1.0, 1.0];
    assert!(matches!(fit(&twice, &[same.clone(), same]), Err(WeightError::Contradiction { .. })));
    assert!(fit(&[marginal("a", &[0.0], &[0.5, 0.4])], &[vec![1.0]]).is_err());
    assert!(fit(&[marginal("a", &[1.0, 0.0], &[0.5, 0.25, 0.25])], &[vec![1.0]]).is_err());
}

/// Ishigami's function, whose indices are known: first order 0.3139, 0.4424, 0; total 0.5576, 0.4424, 0.2437.
#[test]
fn sobol_indices_are_those_of_ishigami() {
    let points = saltelli(3, 13, 2).expect("points");
    let ishigami = |u: &[f64]| {
        let x: Vec<f64> = u.iter().map(|u| std::f64::consts::PI * (2.0 * u - 1.0)).collect();
        libm::sin(x[0]) + 7.0 * libm::pow(libm::sin(x[1]), 2.0) + 0.1 * libm::pow(x[2], 4.0) * libm::sin(x[0])
    };
    let values: Vec<f64> = points.iter().map(|p| ishigami(p)).collect();
    let found = sobol_indices(3, &values);
    for (index, (first, total)) in found.iter().zip([(0.3139, 0.5576), (0.4424, 0.4424), (0.0, 0.2437)]) {
        assert!((index.first - first).abs() < 0.01 && (index.total - total).abs() < 0.01, "{found:?}");
    }
}

#[test]
fn morris_finds_slopes_and_interactions() {
    let points = morris(4, 200, 2);
    // Linear in the first two, an interaction of the third with the first, nothing of the fourth.
    let values: Vec<f64> = points.iter().map(|x| 3.0 * x[0] - 2.0 * x[1] + 4.0 * x[0] * x[2]).collect();
    let effects = morris_effects(4, &points, &values);
    assert!((effects[1].mean - 2.0).abs() < 1e-9 && effects[1].spread < 1e-9, "{effects:?}");
    assert_eq!((effects[3].mean, effects[3].spread), (0.0, 0.0));
    // Effects of the first are 3 + 4x₂ over four levels: mean 5, spread 4·√(5/36).
    assert!((effects[0].mean - 5.0).abs() < 0.4 && (effects[0].spread - 1.49).abs() < 0.2, "{effects:?}");
    assert!((effects[2].mean - 2.0).abs() < 0.4, "{effects:?}");
}

#[test]
fn measurements_have_the_likelihood_that_is_stated() {
    let n = 40_000_u64;
    for error in [Error::Log { sd: 0.56 }, Error::Combined { constant: 2.0, proportional: 0.2 }] {
        let assay = Assay { error, limit: 8.0 };
        let value = 10.0;
        let measured: Vec<Measured> =
            (0..n).map(|i| assay.measure(value, &mut Stream::new(3, Purpose::Assay).at(i, 0))).collect();
        let below = measured.iter().filter(|m| **m == Measured::Below).count() as f64 / n as f64;
        let stated = libm::exp(assay.log_likelihood(Measured::Below, value));
        assert!(
            (below - stated).abs() < 4.0 * (stated * (1.0 - stated) / n as f64).sqrt(),
            "{below} {stated}"
        );
        // The density over 12 to 12.5, against the part of measurements there.
        let within = measured.iter().filter(|m| matches!(m, Measured::Value(v) if (12.0..12.5).contains(v)));
        let density = libm::exp(assay.log_likelihood(Measured::Value(12.25), value)) * 0.5;
        let part = within.count() as f64 / n as f64;
        assert!((part - density).abs() < 4.0 * (density / n as f64).sqrt() + 1e-4, "{part} {density}");
    }
}
