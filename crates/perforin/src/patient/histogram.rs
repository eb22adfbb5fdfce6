//! Distributions over patients that need the same memory for a thousand and for a billion of them.
//!
//! Values are counted in bins of equal width on the scale of their quantity. Without weights counts are whole numbers, so
//! that the order in which patients come does not matter; with weights they come in the order of their numbers. A quantile is right to the width of a bin.

use super::seen::Scale;

/// Decades of a logarithmic scale: what is smaller counts as zero.
const DECADES: (f64, f64) = (-12.0, 18.0);
/// Bins of a linear scale.
const LINEAR_BINS: usize = 2000;

/// How values are put into bins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bins {
    is_log: bool,
    low: f64,
    width: f64,
    /// Number of bins; one more than that counts zeros.
    pub count: usize,
}

impl Bins {
    /// Bins of a scale, `per_decade` of them in a decade if it is logarithmic; none if no distribution is kept.
    pub fn of(scale: Scale, per_decade: usize) -> Option<Self> {
        match scale {
            Scale::None => None,
            Scale::Log => {
                let count = (DECADES.1 - DECADES.0) as usize * per_decade;
                Some(Self { is_log: true, low: DECADES.0, width: 1.0 / per_decade as f64, count })
            }
            Scale::Linear(low, high) => {
                let width = (high - low) / LINEAR_BINS as f64;
                Some(Self { is_log: false, low, width, count: LINEAR_BINS })
            }
        }
    }

    /// The bin of a value; none if it is no number. What lies beyond an end is in the last bin there.
    pub fn of_value(&self, value: f64) -> Option<usize> {
        if value.is_nan() {
            return None;
        }
        if self.is_log && value <= 1e-12 {
            return Some(self.count);
        }
        let place = if self.is_log { libm::log10(value) } else { value };
        // A cast from float saturates.
        Some((((place - self.low) / self.width) as usize).min(self.count - 1))
    }

    /// The value at a share of the way through a bin.
    fn value(&self, bin: usize, share: f64) -> f64 {
        let place = self.low + self.width * (bin as f64 + share);
        if self.is_log { libm::pow(10.0, place) } else { place }
    }

    /// Number of bins, that of zeros included.
    pub fn all(&self) -> usize {
        self.count + 1
    }

    /// Quantiles of counts, for rising probabilities; NaN without any count.
    pub fn quantiles<const N: usize>(&self, counts: &[f64], probabilities: [f64; N]) -> [f64; N] {
        let total: f64 = counts.iter().sum();
        probabilities.map(|probability| self.quantile(counts, probability * total, total))
    }

    fn quantile(&self, counts: &[f64], rank: f64, total: f64) -> f64 {
        if total == 0.0 {
            return f64::NAN;
        }
        let zeros = counts[self.count];
        if zeros > 0.0 && rank <= zeros {
            return 0.0;
        }
        let mut below = zeros;
        let mut last = 0.0;
        for (bin, count) in counts[..self.count].iter().enumerate().filter(|(_, count)| **count > 0.0) {
            if rank <= below + *count {
                return self.value(bin, ((rank - below) / *count).clamp(0.0, 1.0));
            }
            below += *count;
            last = self.value(bin, 1.0);
        }
        last
    }
}

/// Counts of one quantity.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    bins: Bins,
    counts: Vec<f64>,
    total: u64,
}

impl Histogram {
    /// An empty one.
    pub fn new(bins: Bins) -> Self {
        Self { bins, counts: vec![0.0; bins.all()], total: 0 }
    }

    /// Counts a value with a weight, unless it is no number.
    pub fn add(&mut self, value: f64, weight: f64) {
        if let Some(bin) = self.bins.of_value(value) {
            self.counts[bin] += weight;
            self.total += 1;
        }
    }

    /// Number of values, whatever their weights.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Quantiles, for rising probabilities.
    pub fn quantiles<const N: usize>(&self, probabilities: [f64; N]) -> [f64; N] {
        self.bins.quantiles(&self.counts, probabilities)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The width of a bin is 10^(1/1000), 0.23 %.
        #[test]
        fn quantiles_are_right_to_the_width_of_a_bin(mut values in prop::collection::vec(1e-9..1e12f64, 1..200)) {
            let mut histogram = Histogram::new(Bins::of(Scale::Log, 1000).unwrap());
            for value in &values {
                histogram.add(*value, 1.0);
            }
            values.sort_by(f64::total_cmp);
            for (k, found) in histogram.quantiles([0.05, 0.5, 0.95]).into_iter().enumerate() {
                let rank = [0.05, 0.5, 0.95][k] * values.len() as f64;
                // The value whose count first reaches the rank.
                let exact = values[(rank.ceil() as usize).clamp(1, values.len()) - 1];
                prop_assert!((found / exact - 1.0).abs() < 2.4e-3, "{found} against {exact}");
            }
        }
    }

    #[test]
    fn a_weight_counts_as_so_many_patients() {
        let bins = Bins::of(Scale::Linear(0.0, 1.0), 1).unwrap();
        let (mut weighted, mut repeated) = (Histogram::new(bins), Histogram::new(bins));
        for (value, weight) in [(0.1, 1), (0.2, 3), (0.7, 0), (0.9, 2)] {
            weighted.add(value, f64::from(weight));
            for _ in 0..weight {
                repeated.add(value, 1.0);
            }
        }
        let wanted = [0.1, 0.5, 0.6, 0.95];
        assert_eq!(weighted.quantiles(wanted), repeated.quantiles(wanted));
    }

    #[test]
    fn zeros_ends_and_what_is_no_number_have_their_place() {
        let mut histogram = Histogram::new(Bins::of(Scale::Log, 100).unwrap());
        for value in [0.0, 0.0, 0.0, f64::NAN, 1e300] {
            histogram.add(value, 1.0);
        }
        assert_eq!(histogram.total(), 4);
        assert_eq!(histogram.quantiles([0.5, 0.75])[0], 0.0);
        assert!((histogram.quantiles([1.0])[0] / 1e18 - 1.0).abs() < 1e-9);
        let mut changes = Histogram::new(Bins::of(Scale::Linear(-100.0, 400.0), 1).unwrap());
        for value in [-100.0, -100.0, 1e9] {
            changes.add(value, 1.0);
        }
        assert!((changes.quantiles([0.1])[0] + 100.0).abs() < 0.25);
        assert!((changes.quantiles([1.0])[0] - 400.0).abs() < 0.25);
        assert!(Histogram::new(Bins::of(Scale::Log, 1).unwrap()).quantiles([0.5])[0].is_nan());
    }
}
