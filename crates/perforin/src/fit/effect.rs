//! Whether a value has any effect on the numbers at all.
//!
//! A flat profile lets the refits of [`super::interval`] fall anywhere, now and then close together, which would look
//! like a sharp answer. So the profile itself is tested first. The statistic is the sum of squares between the means
//! `m_pi` over replicates of its points `p`,
//!
//! `S = Σ_i Σ_p (m_pi − mean_q m_qi)²`, over the numbers `i` of the series.
//!
//! If the value has no effect, the points of one replicate could stand in any order, whether all replicates share their
//! random numbers between points (then they are equal, or differ by what a small change sets off) or not. `S` is
//! compared with its values when the points are shuffled within each replicate: a block permutation test, exact for any
//! distribution of the numbers (Phipson & Smyth 2010, doi 10.2202/1544-6115.1585).
//!
//! The estimate itself is left out: it was chosen because its numbers lie near the series, so it cannot change places
//! with the others.

use perforin_core::rng::{Purpose, Stream};

use super::interval::Profile;
use crate::sweep::shuffle;

/// A profile that chance makes more often than this shows no effect.
pub(super) const LEVEL: f64 = 0.05;
/// Shuffles: with these p is a multiple of 0.005.
const SHUFFLES: usize = 199;
/// The sweep's stream holds the hypercube at steps 0 and 1.
const STEP: u32 = 2;

/// How often chance alone makes the points of value `k`'s profile differ as much as they do: a p-value.
pub(super) fn chance(seed: u64, k: usize, estimate: f64, profile: &Profile) -> f64 {
    let points: Vec<&[Vec<f64>]> =
        profile.points.iter().filter(|(u, _)| *u != estimate).map(|(_, e)| &e.replicates[..]).collect();
    let replicates = points.first().map_or(0, |point| point.len());
    let mut orders = vec![(0..points.len()).collect::<Vec<usize>>(); replicates];
    let found = between(&points, &orders);
    let mut draw = Stream::new(seed, Purpose::Sweep).at(k as u64, STEP);
    let as_large = (0..SHUFFLES).filter(|_| {
        for order in &mut orders {
            shuffle(order, &mut draw);
        }
        // Equal sums taken in another order differ by round-off.
        between(&points, &orders) >= found * (1.0 - 1e-9)
    });
    (1 + as_large.count()) as f64 / (1 + SHUFFLES) as f64
}

/// Sum of squares between the means of points, whose replicate `r` is taken from the point `orders[r][p]`.
fn between(points: &[&[Vec<f64>]], orders: &[Vec<usize>]) -> f64 {
    let numbers = points.first().and_then(|point| point.first()).map_or(0, Vec::len);
    let of = |i: usize| {
        let sum = |p: usize| orders.iter().enumerate().map(|(r, order)| points[order[p]][r][i]).sum::<f64>();
        let means: Vec<f64> = (0..points.len()).map(|p| sum(p) / orders.len() as f64).collect();
        let middle = means.iter().sum::<f64>() / means.len() as f64;
        means.iter().map(|m| (m - middle) * (m - middle)).sum::<f64>()
    };
    (0..numbers).map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::Evaluation;

    /// A profile of nine points and four replicates; `number` gives a number of a point and replicate.
    fn profile(number: impl Fn(usize, usize, usize) -> f64) -> Profile {
        let replicates = |p| (0..4).map(|r| (0..10).map(|i| number(p, r, i)).collect()).collect();
        let point =
            |p: usize| (p as f64 / 8.0, Evaluation::new(&[p as f64 / 8.0], replicates(p), &[0.0; 10]));
        Profile { points: (0..9).map(point).collect() }
    }

    /// Noise of a seed with a part that all points of a replicate share.
    fn noise(seed: u64, p: usize, r: usize, i: usize) -> f64 {
        let stream = Stream::new(seed, Purpose::Assay);
        3.0 * stream.at(r as u64, i as u32).normal() + stream.at((100 + 10 * p + r) as u64, i as u32).normal()
    }

    #[test]
    fn without_an_effect_every_p_value_is_as_likely_as_it_says() {
        let p: Vec<f64> =
            (0..400).map(|seed| chance(seed, 0, 0.5, &profile(|p, r, i| noise(seed, p, r, i)))).collect();
        for level in [0.05, 0.25, 0.5, 0.75] {
            let below = p.iter().filter(|p| **p <= level).count() as f64;
            let error = (400.0 * level * (1.0 - level)).sqrt();
            assert!((below - 400.0 * level).abs() < 4.0 * error, "{below} of 400 at {level}");
        }
    }

    #[test]
    fn an_effect_beyond_chance_is_seen_though_replicates_differ_more() {
        // Means of four differ by chance with a standard deviation of 0.5, by the value up to 4.
        let seen = (0..20).filter(|seed| {
            chance(*seed, 0, 0.5, &profile(|p, r, i| noise(*seed, p, r, i) + 0.5 * p as f64)) <= LEVEL
        });
        assert_eq!(seen.count(), 20);
    }

    #[test]
    fn replicates_that_are_equal_over_the_profile_show_no_effect() {
        let p = chance(1, 0, 0.5, &profile(|_, r, i| 0.1 * (r as f64) + i as f64 / 3.0));
        assert!((p - 1.0).abs() < 1e-12, "{p}");
    }

    #[test]
    fn the_estimate_is_not_among_the_points_that_are_compared() {
        // Only the estimate, in the middle, differs.
        let p = chance(1, 0, 0.5, &profile(|p, _, _| if p == 4 { 9.0 } else { 1.0 }));
        assert!((p - 1.0).abs() < 1e-12, "{p}");
    }
}
