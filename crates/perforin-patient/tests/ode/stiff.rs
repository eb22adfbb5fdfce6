//! Stiff test problems, whose solutions others have computed to many digits.
//!
//! Problems and reference solutions: Mazzia and Magherini, Test Set for Initial Value Problem Solvers, release 2.4,
//! University of Bari 2008 (Robertson, HIRES, Oregonator); Hairer and Wanner, Solving Ordinary Differential Equations
//! II, section IV.10 (Van der Pol).

use crate::problem::{Hires, Oregonator, Robertson, Rotation, VanDerPol, end_of};

/// Largest error relative to the reference.
fn error<const N: usize>(found: [f64; N], reference: [f64; N]) -> f64 {
    found.iter().zip(reference).map(|(f, r)| ((f - r) / r).abs()).fold(0.0, f64::max)
}

#[test]
fn robertson_is_right_after_1e11_seconds() {
    let reference = [0.208_334_014_970_125_5e-7, 0.833_336_077_033_471_3e-13, 0.999_999_979_166_505];
    for (relative, bound, most) in [(1e-6, 2e-5, 400), (1e-9, 2e-8, 1500)] {
        let (found, outcome) = end_of::<Robertson, 3>([1.0, 0.0, 0.0], 0.0, 1e11, (relative, 1e-16));
        let error = error(found, reference);
        assert!(error < bound, "{error} at {relative}");
        assert!(outcome.steps < most, "{outcome:?}");
        let mass: f64 = found.iter().sum();
        // The three reactions only exchange; the method preserves linear invariants to rounding.
        assert!((mass - 1.0).abs() < 1e-12, "{mass}");
    }
}

#[test]
fn hires_is_right_at_its_end() {
    let reference = [
        0.737_131_257_332_566_8e-3,
        0.144_248_572_631_618_5e-3,
        0.588_872_974_096_757_5e-4,
        0.117_565_134_328_314_9e-2,
        0.238_635_619_883_133_1e-2,
        0.623_896_825_274_279_6e-2,
        0.284_999_839_518_576_9e-2,
        0.285_000_160_481_423_1e-2,
    ];
    let start = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0057];
    for (relative, bound) in [(1e-6, 2e-5), (1e-9, 2e-8)] {
        let (found, outcome) = end_of::<Hires, 8>(start, 0.0, 321.8122, (relative, relative * 1e-4));
        let error = error(found, reference);
        assert!(error < bound, "{error} at {relative}, {outcome:?}");
    }
}

#[test]
fn the_oregonator_is_right_after_its_first_period() {
    let reference = [1.000_814_870_318_523, 1_228.178_521_549_917, 132.055_494_284_670_6];
    for (relative, bound) in [(1e-6, 1e-4), (1e-9, 1e-7)] {
        let (found, outcome) =
            end_of::<Oregonator, 3>([1.0, 2.0, 3.0], 0.0, 360.0, (relative, relative * 1e-3));
        let error = error(found, reference);
        assert!(error < bound, "{error} at {relative}, {outcome:?}");
    }
}

#[test]
fn van_der_pol_is_right_after_its_first_jumps() {
    let reference = [1.706_167_732_170_483, -0.892_809_701_024_797_5];
    for (relative, bound) in [(1e-6, 1e-5), (1e-9, 1e-8)] {
        let (found, outcome) = end_of::<VanDerPol, 2>([2.0, 0.0], 0.0, 2.0, (relative, relative));
        let error = error(found, reference);
        assert!(error < bound, "{error} at {relative}, {outcome:?}");
    }
}

/// Nothing on the diagonal: the linear systems of large steps need their rows exchanged.
#[test]
fn a_rotation_returns_to_its_start() {
    let (found, _) = end_of::<Rotation, 2>([1.0, 0.0], std::f64::consts::TAU, 10.0, (1e-9, 1e-12));
    // Ten periods; the global error of a rotation grows with their number.
    assert!((found[0] - 1.0).abs() < 1e-6 && found[1].abs() < 1e-6, "{found:?}");
}
