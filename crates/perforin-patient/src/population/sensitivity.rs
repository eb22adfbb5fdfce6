//! Which parameter matters: Sobol's indices and Morris' elementary effects.
//!
//! Both ask a function of points in the unit cube; what the coordinates mean (quantiles of the parameters' distributions) is
//! the caller's.

use perforin_core::rng::{Purpose, Stream};

use super::sobol::{Sobol, TooManyDimensions};

/// Sobol's indices of one input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Index {
    /// Part of the variance that the input explains alone.
    pub first: f64,
    /// Part of the variance in which it takes part.
    pub total: f64,
}

/// The points at which a function must be known for Sobol's indices: two matrices of `2^power` points, and for each input
/// the first with that input's column from the second. Evaluate them in any order.
///
/// # Errors
/// If there are no inputs or too many.
pub fn saltelli(inputs: usize, power: u32, seed: u64) -> Result<Vec<Vec<f64>>, TooManyDimensions> {
    let sobol = Sobol::new(2 * inputs, seed)?;
    let n = 1_u32 << power;
    let point =
        |i: u32, from: usize| (0..inputs).map(|d| sobol.coordinate(i, from + d)).collect::<Vec<f64>>();
    let mut points: Vec<Vec<f64>> = (0..n).map(|i| point(i, 0)).collect();
    points.extend((0..n).map(|i| point(i, inputs)));
    for input in 0..inputs {
        for i in 0..n as usize {
            let mut mixed = points[i].clone();
            mixed[input] = points[n as usize + i][input];
            points.push(mixed);
        }
    }
    Ok(points)
}

/// Sobol's indices from the function's values at the points of [`saltelli`]: first order after Saltelli 2010 (doi
/// 10.1016/j.cpc.2009.09.018), total after Jansen 1999 (doi 10.1016/S0010-4655(98)00154-4).
pub fn sobol_indices(inputs: usize, values: &[f64]) -> Vec<Index> {
    let n = values.len() / (inputs + 2);
    let (a, b) = (&values[..n], &values[n..2 * n]);
    let mean = values[..2 * n].iter().sum::<f64>() / (2 * n) as f64;
    let variance = values[..2 * n].iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (2 * n) as f64;
    (0..inputs)
        .map(|input| {
            let mixed = &values[(2 + input) * n..(3 + input) * n];
            let over = |f: &dyn Fn(usize) -> f64| (0..n).map(f).sum::<f64>() / n as f64 / variance;
            Index {
                first: over(&|i| (b[i] - mean) * (mixed[i] - a[i])),
                total: 0.5 * over(&|i| (a[i] - mixed[i]) * (a[i] - mixed[i])),
            }
        })
        .collect()
}

/// Morris' measures of one input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// Mean absolute elementary effect: how much the input matters.
    pub mean: f64,
    /// Standard deviation of the elementary effects: how much that depends on the others.
    pub spread: f64,
}

/// Trajectories of Morris (1991, doi 10.1080/00401706.1991.10484804) on a grid of four levels: in each, `inputs + 1` points
/// of which successive ones differ in one input by two thirds.
pub fn morris(inputs: usize, trajectories: u32, seed: u64) -> Vec<Vec<f64>> {
    let stream = Stream::new(seed, Purpose::Sweep);
    let mut points = Vec::new();
    for t in 0..trajectories {
        let mut draw = stream.at(u64::from(t), 1);
        let mut order: Vec<usize> = (0..inputs).collect();
        for i in (1..inputs).rev() {
            order.swap(i, draw.below(i as u64 + 1) as usize);
        }
        let mut point: Vec<f64> = (0..inputs).map(|_| draw.below(4) as f64 / 3.0).collect();
        points.push(point.clone());
        for input in order {
            point[input] += if point[input] < 0.5 { 2.0 / 3.0 } else { -2.0 / 3.0 };
            points.push(point.clone());
        }
    }
    points
}

/// Elementary effects from the function's values at the points of [`morris`]; mean absolute values after Campolongo 2007 (doi
/// 10.1016/j.envsoft.2006.10.004).
pub fn morris_effects(inputs: usize, points: &[Vec<f64>], values: &[f64]) -> Vec<Effect> {
    let mut effects = vec![Vec::new(); inputs];
    for (points, values) in points.chunks(inputs + 1).zip(values.chunks(inputs + 1)) {
        for i in 1..=inputs {
            let changed = (0..inputs).find(|k| points[i][*k] != points[i - 1][*k]);
            if let Some(input) = changed {
                effects[input].push((values[i] - values[i - 1]) / (points[i][input] - points[i - 1][input]));
            }
        }
    }
    effects
        .iter()
        .map(|effects| {
            let n = effects.len() as f64;
            let mean = effects.iter().sum::<f64>() / n;
            let squares: f64 = effects.iter().map(|e| (e - mean) * (e - mean)).sum();
            Effect {
                mean: effects.iter().map(|e| e.abs()).sum::<f64>() / n,
                spread: (squares / (n - 1.0)).sqrt(),
            }
        })
        .collect()
}
