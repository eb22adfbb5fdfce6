//! Rates that rise with the dose, and the dose that is selected at the end.

use super::Seen;

/// Weighted least-squares fit of a non-decreasing sequence, by pooling adjacent violators.
///
/// # Panics
/// If the lists differ in length.
pub fn non_decreasing(values: &[f64], weights: &[f64]) -> Vec<f64> {
    assert_eq!(values.len(), weights.len());
    let mut blocks: Vec<(f64, f64, usize)> = Vec::with_capacity(values.len());
    for (value, weight) in values.iter().zip(weights) {
        pool(&mut blocks, *value, *weight);
    }
    blocks.into_iter().flat_map(|(mean, _, count)| std::iter::repeat_n(mean, count)).collect()
}

/// Adds a value to pooled blocks of mean, weight and number of values.
fn pool(blocks: &mut Vec<(f64, f64, usize)>, value: f64, weight: f64) {
    let mut block = (value, weight, 1);
    while let Some(&(mean, total, count)) = blocks.last()
        && mean > block.0
    {
        let sum = total + block.1;
        block = ((mean * total + block.0 * block.1) / sum, sum, count + block.2);
        blocks.pop();
    }
    blocks.push(block);
}

/// Estimate at a dose on its own, and its weight: one over the variance of its beta distribution.
fn alone(seen: Seen) -> (f64, f64) {
    let (y, n) = (f64::from(seen.toxic) + 0.05, f64::from(seen.treated) + 0.1);
    (y / n, n * n * (n + 1.0) / (y * (n - y)))
}

/// Estimated toxicity rates of the doses that were tried and are open, rising with the dose: isotonic regression of
/// `(y + 0.05)/(n + 0.1)`, each weighted by one over the variance of its beta distribution (Liu & Yuan 2015, doi
/// 10.1111/rssc.12089).
pub fn rates(seen: &[Seen]) -> Vec<f64> {
    let (mean, weight): (Vec<f64>, Vec<f64>) = seen.iter().map(|s| alone(*s)).unzip();
    non_decreasing(&mean, &weight)
}

/// The maximum tolerated dose: among the tried doses below `open`, the one whose rate is nearest to the target; of
/// equals the higher one below the target and the lower one above it. None if no open dose was tried.
pub fn maximum_tolerated_dose(seen: &[Seen], open: usize, target: f64) -> Option<usize> {
    let open = &seen[..open.min(seen.len())];
    // Pooled blocks with the number of tried doses in them, as in `non_decreasing`.
    let mut blocks: Vec<(f64, f64, usize)> = Vec::with_capacity(open.len());
    for own in open.iter().filter(|own| own.treated > 0) {
        let (value, weight) = alone(*own);
        pool(&mut blocks, value, weight);
    }
    let mut rates = blocks.iter().flat_map(|(mean, _, count)| std::iter::repeat_n(*mean, *count));
    let mut best: Option<(usize, f64)> = None;
    let mut tried = 0.0;
    for (dose, _) in open.iter().enumerate().filter(|(_, own)| own.treated > 0) {
        tried += 1.0;
        // A slope far below any difference between rates decides between pooled doses.
        let distance = (rates.next()? + 1e-10 * tried - target).abs();
        if best.is_none_or(|(_, least)| distance < least) {
            best = Some((dose, distance));
        }
    }
    best.map(|(dose, _)| dose)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Against the closed form `min over t ≥ i of max over s ≤ i of the mean of s..=t`.
        #[test]
        fn pooling_equals_the_min_max_formula(pairs in prop::collection::vec((0.0..1.0f64, 0.1..5.0f64), 1..9)) {
            let (values, weights): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
            let mean = |s: usize, t: usize| {
                let w: f64 = weights[s..=t].iter().sum();
                (s..=t).map(|k| values[k] * weights[k]).sum::<f64>() / w
            };
            for (i, fitted) in non_decreasing(&values, &weights).into_iter().enumerate() {
                let high = |t: usize| (0..=i).map(|s| mean(s, t)).fold(f64::NEG_INFINITY, f64::max);
                let exact = (i..values.len()).map(high).fold(f64::INFINITY, f64::min);
                prop_assert!((fitted - exact).abs() < 1e-12);
            }
        }
    }
}
