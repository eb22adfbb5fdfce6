//! Binomial probabilities and exact intervals.

use statrs::function::beta::beta_reg;

/// Logarithm of the number of ways to choose `k` of `n`.
fn ln_choose(n: u32, k: u32) -> f64 {
    libm::lgamma(f64::from(n) + 1.0) - libm::lgamma(f64::from(k) + 1.0) - libm::lgamma(f64::from(n - k) + 1.0)
}

/// Probability of exactly `k` of `n` events of probability `p`.
pub fn probability(k: u32, n: u32, p: f64) -> f64 {
    if k > n {
        return 0.0;
    }
    if p <= 0.0 || p >= 1.0 {
        return f64::from(u8::from(k == if p <= 0.0 { 0 } else { n }));
    }
    libm::exp(ln_choose(n, k) + f64::from(k) * libm::log(p) + f64::from(n - k) * libm::log1p(-p))
}

/// Probability of these counts of kinds of events that exclude each other, of the given probabilities, which sum to 1.
pub fn multinomial(counts: &[u32], probabilities: &[f64]) -> f64 {
    let (mut left, mut remaining, mut product) = (counts.iter().sum::<u32>(), 1.0, 1.0);
    for (k, p) in counts.iter().zip(probabilities) {
        // Of those that are of no kind before.
        let share = if remaining > 0.0 { (p / remaining).min(1.0) } else { 0.0 };
        product *= probability(*k, left, share);
        left -= k;
        remaining -= p;
    }
    if left == 0 { product } else { 0.0 }
}

/// Probability of at most `k` of `n` events.
pub fn at_most(k: u32, n: u32, p: f64) -> f64 {
    (0..=k.min(n)).map(|j| probability(j, n, p)).sum::<f64>().min(1.0)
}

/// Probability that a rate with the prior Beta(1, 1) exceeds `rate` after `events` of `n`.
pub fn exceeds(rate: f64, events: u32, n: u32) -> f64 {
    1.0 - below(rate, events, n)
}

/// Probability that a rate with the prior Beta(1, 1) is below `rate` after `events` of `n`.
pub fn below(rate: f64, events: u32, n: u32) -> f64 {
    if rate <= 0.0 {
        return 0.0;
    }
    if rate >= 1.0 {
        return 1.0;
    }
    beta_reg(1.0 + f64::from(events), 1.0 + f64::from(n - events), rate)
}

/// Exact interval of Clopper and Pearson (doi 10.1093/biomet/26.4.404) for a rate, at a confidence such as 0.95.
///
/// # Panics
/// If there were more events than patients, or none of the latter.
pub fn clopper_pearson(events: u32, n: u32, confidence: f64) -> (f64, f64) {
    assert!(events <= n && n > 0, "{events} events in {n} patients");
    let tail = 0.5 * (1.0 - confidence);
    let (k, m) = (f64::from(events), f64::from(n));
    let low = if events == 0 { 0.0 } else { root(|p| beta_reg(k, m - k + 1.0, p) - tail) };
    let high = if events == n { 1.0 } else { root(|p| beta_reg(k + 1.0, m - k, p) - (1.0 - tail)) };
    (low, high)
}

/// `ln(1 + e^x)`: minus the logarithm of the probability whose log odds are `−x`.
pub(crate) fn softplus(x: f64) -> f64 {
    x.max(0.0) + libm::log1p(libm::exp(-x.abs()))
}

/// Where a function that rises through 0 between 0 and 1 does so, to the last bit but a few.
pub(crate) fn root(f: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..64 {
        let middle = 0.5 * (low + high);
        if f(middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_add_up_and_tails_meet_the_beta_function() {
        for (n, p) in [(1, 0.3), (17, 0.05), (40, 0.9)] {
            assert!(((0..=n).map(|k| probability(k, n, p)).sum::<f64>() - 1.0).abs() < 1e-12);
            for k in 0..n {
                let beta = beta_reg(f64::from(n - k), f64::from(k + 1), 1.0 - p);
                assert!((at_most(k, n, p) - beta).abs() < 1e-12, "{k} of {n}");
            }
        }
        assert_eq!((probability(0, 5, 0.0), probability(5, 5, 1.0), probability(1, 5, 0.0)), (1.0, 1.0, 0.0));
    }

    /// Printed by R's `binom.test`: 7 of 20, 0 of 10, 10 of 10.
    #[test]
    fn exact_intervals_equal_the_printed_ones() {
        let near = |(a, b): (f64, f64), (c, d): (f64, f64)| (a - c).abs() < 5e-7 && (b - d).abs() < 5e-7;
        assert!(
            near(clopper_pearson(7, 20, 0.95), (0.153_909_1, 0.592_188_5)),
            "{:?}",
            clopper_pearson(7, 20, 0.95)
        );
        assert!(near(clopper_pearson(0, 10, 0.95), (0.0, 0.308_497_1)));
        assert!(near(clopper_pearson(10, 10, 0.95), (0.691_502_9, 1.0)));
    }
}
