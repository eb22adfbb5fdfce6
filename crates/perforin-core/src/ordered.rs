//! Parallel reductions whose result does not depend on the number of threads.
//!
//! Floating-point addition is not associative, so a sum must not follow the scheduler. Here the data are cut
//! into chunks of a fixed length, each chunk is summed from left to right, and the partial sums are added in
//! order.

use rayon::prelude::*;

/// Length of a chunk; part of the contract "same seed, same bits".
pub const CHUNK: usize = 4096;

/// Sum of `f(i)` for `i` in `0..n`, in parallel, with the same bits for any number of threads.
pub fn sum(n: usize, f: impl Fn(usize) -> f64 + Sync) -> f64 {
    let partial: Vec<f64> = (0..n.div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| (chunk * CHUNK..((chunk + 1) * CHUNK).min(n)).map(&f).sum())
        .collect();
    partial.iter().sum()
}

/// Maximum of `f(i)` for `i` in `0..n`, or 0 if there is none; NaN counts as +∞, so that it is never hidden.
pub fn max_magnitude(n: usize, f: impl Fn(usize) -> f64 + Sync) -> f64 {
    let larger = |a: f64, b: f64| if b > a || b.is_nan() { b } else { a };
    (0..n.div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| (chunk * CHUNK..((chunk + 1) * CHUNK).min(n)).map(|i| f(i).abs()).fold(0.0, larger))
        .map(|m| if m.is_nan() { f64::INFINITY } else { m })
        .reduce(|| 0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sum_has_the_same_bits_for_any_number_of_threads() {
        let value = |i: usize| libm::sin(i as f64) * libm::exp((i % 37) as f64);
        let bits: Vec<u64> = [1, 2, 3, 4, 8]
            .map(|threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| sum(100_003, value)).to_bits()
            })
            .to_vec();
        assert!(bits.windows(2).all(|w| w[0] == w[1]), "{bits:?}");
    }

    #[test]
    fn max_magnitude_reports_nan_as_infinite() {
        assert_eq!(max_magnitude(10, |i| -(i as f64)), 9.0);
        assert_eq!(max_magnitude(10_000, |i| if i == 9000 { f64::NAN } else { 1.0 }), f64::INFINITY);
        assert_eq!(max_magnitude(3, |i| if i == 0 { f64::NAN } else { 1.0 }), f64::INFINITY);
        assert_eq!(max_magnitude(0, |_| 1.0), 0.0);
    }
}
