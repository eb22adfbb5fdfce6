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
        let mut block = (*value, *weight, 1);
        while let Some(&(mean, total, count)) = blocks.last()
            && mean > block.0
        {
            let sum = total + block.1;
            block = ((mean * total + block.0 * block.1) / sum, sum, count + block.2);
            blocks.pop();
        }
        blocks.push(block);
    }
    blocks.into_iter().flat_map(|(mean, _, count)| std::iter::repeat_n(mean, count)).collect()
}

/// Estimated toxicity rates of the doses that were tried and are open, rising with the dose: isotonic regression of
/// `(y + 0.05)/(n + 0.1)`, each weighted by one over the variance of its beta distribution (Liu & Yuan 2015, doi
/// 10.1111/rssc.12089).
pub fn rates(seen: &[Seen]) -> Vec<f64> {
    let (mean, weight): (Vec<f64>, Vec<f64>) = seen
        .iter()
        .map(|s| {
            let (y, n) = (f64::from(s.toxic) + 0.05, f64::from(s.treated) + 0.1);
            (y / n, n * n * (n + 1.0) / (y * (n - y)))
        })
        .unzip();
    non_decreasing(&mean, &weight)
}

/// The maximum tolerated dose: among the tried doses below `open`, the one whose rate is nearest to the target; of
/// equals the higher one below the target and the lower one above it. None if no open dose was tried.
pub fn maximum_tolerated_dose(seen: &[Seen], open: usize, target: f64) -> Option<usize> {
    let tried: Vec<usize> = (0..open.min(seen.len())).filter(|d| seen[*d].treated > 0).collect();
    let of_tried: Vec<Seen> = tried.iter().map(|d| seen[*d]).collect();
    // A slope far below any difference between rates decides between pooled doses.
    let distance = |k: usize, rate: f64| (rate + 1e-10 * (k as f64 + 1.0) - target).abs();
    let rates = rates(&of_tried);
    let best = rates.iter().enumerate().fold(None, |best: Option<(usize, f64)>, (k, rate)| {
        let d = distance(k, *rate);
        if best.is_none_or(|(_, least)| d < least) { Some((k, d)) } else { best }
    });
    best.map(|(k, _)| tried[k])
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
