//! How far chance alone would move the fitted values.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::effect;
use super::problem::{Evaluation, mean_of};
use super::search::Evaluate;
use crate::failure::Failure;

/// Confidence of the intervals.
pub const CONFIDENCE: f64 = 0.9;
/// An interval that spans more of the range than this says nothing about the value.
const UNINFORMATIVE: f64 = 0.75;
/// Distances from the estimate at which a profile is taken, as shares of the range; and both its ends.
const OFFSETS: [f64; 8] = [-0.5, -0.25, -0.12, -0.05, 0.05, 0.12, 0.25, 0.5];
/// Steps of the range at which a refit looks, for one, two and three values.
const GRID: [usize; 3] = [400, 100, 40];

/// One value moved through its range, with the others at the estimate.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Shares of the range, ascending, each with its evaluation; the estimate is among them.
    pub points: Vec<(f64, Evaluation)>,
}

impl Profile {
    /// The profiles of all values through the estimate.
    ///
    /// # Errors
    /// If an evaluation fails.
    pub fn through(estimate: &Evaluation, evaluate: &impl Evaluate) -> Result<Vec<Self>, Failure> {
        (0..estimate.point.len()).map(|k| Self::of(estimate, k, evaluate)).collect()
    }

    fn of(estimate: &Evaluation, k: usize, evaluate: &impl Evaluate) -> Result<Self, Failure> {
        let middle = estimate.point[k];
        // Ends that the estimate nearly touches are not evaluated again.
        let ends = [0.0, 1.0].into_iter().filter(|end: &f64| (end - middle).abs() > 0.02);
        let mut shares: Vec<f64> =
            OFFSETS.iter().map(|d| middle + d).filter(|u| (0.02..=0.98).contains(u)).chain(ends).collect();
        shares.sort_by(f64::total_cmp);
        let mut points = vec![(middle, estimate.clone())];
        for share in shares {
            let mut point = estimate.point.clone();
            point[k] = share;
            points.push((share, evaluate(&point)?));
        }
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        Ok(Self { points })
    }

    /// Mean numbers of all replicates but one, at shares `g/steps`, minus those at the estimate.
    fn changes(&self, estimate: f64, without: usize, steps: usize) -> Vec<Vec<f64>> {
        let others = |e: &Evaluation| {
            mean_of(e.replicates.iter().enumerate().filter(|(r, _)| *r != without).map(|(_, v)| v))
        };
        let means: Vec<(f64, Vec<f64>)> = self.points.iter().map(|(u, e)| (*u, others(e))).collect();
        let middle = means.iter().find(|(u, _)| *u == estimate).map(|(_, m)| m.clone()).unwrap_or_default();
        (0..=steps)
            .map(|g| {
                let u = g as f64 / steps as f64;
                let upper = means.partition_point(|(v, _)| *v < u).clamp(1, means.len() - 1);
                let ((u0, low), (u1, high)) = (&means[upper - 1], &means[upper]);
                // Beyond the outermost point, which lies within 0.02 of the end, nothing is extrapolated.
                let w = ((u - u0) / (u1 - u0)).clamp(0.0, 1.0);
                low.iter().zip(high).zip(&middle).map(|((a, b), m)| a + w * (b - a) - m).collect()
            })
            .collect()
    }
}

/// Where a value lies, as shares of its range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// What that says.
    pub identified: Identified,
}

/// What a series says about a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identified {
    /// It lies in the interval.
    Yes,
    /// It is not above the interval; from below the range bounds it.
    UpperBound,
    /// It is not below the interval; from above the range bounds it.
    LowerBound,
    /// Any value of the range fits about as well, or it has no effect on the numbers beyond chance.
    No,
}

impl Identified {
    /// A word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::UpperBound => "upper bound",
            Self::LowerBound => "lower bound",
            Self::No => "no",
        }
    }
}

/// The intervals of all values.
pub(super) fn intervals(seed: u64, estimate: &Evaluation, profiles: &[Profile]) -> Vec<Interval> {
    let replicates = estimate.replicates.len();
    let refits: Vec<Vec<f64>> = (0..replicates).map(|r| refit(estimate, profiles, r)).collect();
    // At least two replicates are asked for; a distribution of one degree of freedom exists.
    let t = StudentsT::new(0.0, 1.0, (replicates - 1).max(1) as f64)
        .map_or(f64::INFINITY, |t| t.inverse_cdf(0.5 + 0.5 * CONFIDENCE));
    let step = 1.0 / GRID[profiles.len() - 1] as f64;
    (0..profiles.len())
        .map(|k| {
            let squares: f64 = refits.iter().map(|r| (r[k] - estimate.point[k]).powi(2)).sum();
            if effect::chance(seed, k, estimate.point[k], &profiles[k]) > effect::LEVEL {
                return Interval::WHOLE;
            }
            // A refit is only as exact as its grid.
            let half = t * (squares / replicates as f64 + step * step / 12.0).sqrt();
            Interval::around(estimate.point[k], half)
        })
        .collect()
}

impl Interval {
    /// That of a value without effect.
    const WHOLE: Self = Self { low: 0.0, high: 1.0, identified: Identified::No };

    fn around(middle: f64, half: f64) -> Self {
        let (low, high) = ((middle - half).max(0.0), (middle + half).min(1.0));
        let identified = match (low <= 0.0, high >= 1.0) {
            _ if high - low > UNINFORMATIVE => Identified::No,
            (true, true) => Identified::No,
            (true, false) => Identified::UpperBound,
            (false, true) => Identified::LowerBound,
            (false, false) => Identified::Yes,
        };
        Self { low, high, identified }
    }
}

/// The values that fit replicate `r` of the estimate best, by what the others show along the profiles.
fn refit(estimate: &Evaluation, profiles: &[Profile], r: usize) -> Vec<f64> {
    let steps = GRID[profiles.len() - 1];
    let others = mean_of(estimate.replicates.iter().enumerate().filter(|(q, _)| *q != r).map(|(_, v)| v));
    let changes: Vec<Vec<Vec<f64>>> =
        profiles.iter().zip(&estimate.point).map(|(p, u)| p.changes(*u, r, steps)).collect();
    let start: Vec<f64> = others.iter().zip(&estimate.replicates[r]).map(|(m, y)| m - y).collect();
    let mut nearest = (f64::INFINITY, vec![0; profiles.len()]);
    descend(&changes, &start, &mut Vec::new(), &mut nearest);
    nearest.1.into_iter().map(|g| g as f64 / steps as f64).collect()
}

/// Tries every grid point of the values that are left, on top of the changes that those before them make.
fn descend(
    changes: &[Vec<Vec<f64>>],
    residual: &[f64],
    chosen: &mut Vec<usize>,
    nearest: &mut (f64, Vec<usize>),
) {
    let Some((own, rest)) = changes.split_first() else {
        let squares = residual.iter().map(|x| x * x).sum();
        if squares < nearest.0 {
            *nearest = (squares, chosen.clone());
        }
        return;
    };
    for (g, change) in own.iter().enumerate() {
        let moved: Vec<f64> = residual.iter().zip(change).map(|(x, d)| x + d).collect();
        chosen.push(g);
        descend(rest, &moved, chosen, nearest);
        chosen.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use perforin_core::rng::{Purpose, Stream};

    /// Ten numbers that fall as exp(−2a t), with noise of standard deviation 0.05 that depends on the seed, the
    /// replicate and the choice; a second value without effect.
    fn decay(seed: u64, point: &[f64], replicates: u64) -> Vec<Vec<f64>> {
        let of = |r: u64| {
            let bits =
                point.iter().fold(r, |h, x| h.wrapping_mul(0x9E37_79B9).wrapping_add(x.to_bits() >> 20));
            let mut draw = Stream::new(seed, Purpose::Sweep).at(bits, 9);
            (0..10).map(|t| libm::exp(-0.2 * point[0] * f64::from(t)) + 0.05 * draw.normal()).collect()
        };
        (0..replicates).map(of).collect()
    }

    fn fitted(seed: u64, truth: f64) -> (Vec<Interval>, f64) {
        let data = decay(seed + 1000, &[truth, 0.5], 1).remove(0);
        let evaluate = |p: &[f64]| Ok(Evaluation::new(p, decay(seed, p, 5), &data));
        let tried: Vec<_> = (0..=100).map(|i| evaluate(&[f64::from(i) / 100.0, 0.4]).unwrap()).collect();
        let estimate = super::super::best(&tried).clone();
        let profiles = Profile::through(&estimate, &evaluate).unwrap();
        (intervals(seed, &estimate, &profiles), estimate.point[0])
    }

    #[test]
    fn the_interval_holds_the_truth_about_as_often_as_it_says() {
        let fits: Vec<_> = (0..100).map(|seed| fitted(seed, 0.45)).collect();
        let held = fits.iter().filter(|(i, _)| i[0].low <= 0.45 && 0.45 <= i[0].high).count();
        let width = fits.iter().map(|(i, _)| i[0].high - i[0].low).sum::<f64>() / 100.0;
        // Nine in ten are promised; binomial bounds at five standard errors are 75 and 100.
        assert!(held >= 75, "{held} of 100");
        // The information of ten numbers gives a standard deviation of 0.03, so 0.13 between the ends for 5 replicates.
        assert!((0.06..0.35).contains(&width), "{width}");
        assert!(fits.iter().all(|(i, _)| i[0].identified == Identified::Yes));
    }

    #[test]
    fn a_value_without_effect_cannot_be_identified() {
        let verdicts: Vec<_> = (0..50).map(|seed| fitted(seed, 0.45).0[1].identified).collect();
        // One in twenty passes the test of its effect, and the refits of some of these cluster.
        let wrong = verdicts.iter().filter(|v| **v == Identified::Yes).count();
        assert!(wrong <= 5, "{wrong} of 50");
    }

    #[test]
    fn intervals_that_touch_an_end_are_bounds() {
        assert_eq!(Interval::around(0.2, 0.3).identified, Identified::UpperBound);
        assert_eq!(Interval::around(0.9, 0.2).identified, Identified::LowerBound);
        assert_eq!(Interval::around(0.5, 0.1).identified, Identified::Yes);
        assert_eq!(Interval::around(0.5, 0.6).identified, Identified::No);
        assert_eq!(Interval::around(0.1, 0.8).identified, Identified::No);
    }
}
