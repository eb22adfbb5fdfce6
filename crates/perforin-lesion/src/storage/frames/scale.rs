//! How real numbers become small integers, and back.

use serde::{Deserialize, Serialize};

/// Highest code of one byte.
pub(super) const BYTE: u16 = 255;

/// Highest code of two bytes.
pub(super) const WORD: u16 = 65535;

/// Largest ratio of a logarithmic scale: smaller values count as absent.
const DECADES: f64 = 1e8;

/// Codes at equal distances: 0 is `low`, the highest is `high`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Linear {
    pub low: f64,
    pub high: f64,
}

impl Linear {
    /// The scale that just holds all finite values.
    pub fn spanning(values: impl Iterator<Item = f64>) -> Self {
        let none = Self { low: f64::INFINITY, high: f64::NEG_INFINITY };
        let span = values
            .filter(|v| v.is_finite())
            .fold(none, |span, v| Self { low: span.low.min(v), high: span.high.max(v) });
        if span.low <= span.high { span } else { Self { low: 0.0, high: 0.0 } }
    }

    /// The nearest of the codes from 0 to `top`; values outside go to the nearest end.
    pub fn code(self, value: f64, top: u16) -> u16 {
        if self.high <= self.low {
            return 0;
        }
        let share = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        // A cast from float turns what is not a number into 0.
        (share * f64::from(top) + 0.5).floor() as u16
    }

    /// The value of a code.
    pub fn value(self, code: u16, top: u16) -> f64 {
        self.low + (self.high - self.low) * (f64::from(code) / f64::from(top))
    }
}

/// Codes at equal ratios: 1 is `low`, 255 is `high`, and 0 is zero.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Logarithmic {
    pub low: f64,
    pub high: f64,
}

impl Logarithmic {
    /// The scale that just holds all positive finite values, except those below the highest by more than 10⁸.
    pub fn spanning(values: impl Iterator<Item = f64>) -> Self {
        let Linear { low, high } = Linear::spanning(values.filter(|v| *v > 0.0));
        Self { low: low.max(high / DECADES), high }
    }

    /// The nearest code; values below the scale are 0.
    pub fn code(self, value: f64) -> u8 {
        // What is not a number is not positive either.
        if !(value >= self.low && value > 0.0) {
            return 0;
        }
        if self.high <= self.low {
            return 1;
        }
        let share = libm::log(value / self.low) / libm::log(self.high / self.low);
        1 + (share.clamp(0.0, 1.0) * 254.0 + 0.5).floor() as u8
    }

    /// The value of a code.
    pub fn value(self, code: u8) -> f64 {
        match code {
            0 => 0.0,
            1 => self.low,
            255 => self.high,
            _ => self.low * libm::exp(libm::log(self.high / self.low) * (f64::from(code - 1) / 254.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn linear_codes_miss_by_at_most_half_a_step(values in vec(-1e4..1e4f64, 1..20), top in prop::sample::select(vec![BYTE, WORD])) {
            let scale = Linear::spanning(values.iter().copied());
            let half_step = 0.5 * (scale.high - scale.low) / f64::from(top);
            for v in values {
                let miss = (scale.value(scale.code(v, top), top) - v).abs();
                // Round-off of a few operations on numbers up to 1e4.
                prop_assert!(miss <= half_step + 1e-10, "{v} misses by {miss}");
            }
        }

        #[test]
        fn logarithmic_codes_miss_by_at_most_half_a_step(exponents in vec(-4.0..4.0f64, 1..20)) {
            let values: Vec<f64> = exponents.iter().map(|e| libm::exp10(*e)).collect();
            let scale = Logarithmic::spanning(values.iter().copied());
            let half_step = libm::exp(libm::log(scale.high / scale.low) / 508.0);
            for v in values {
                let ratio = scale.value(scale.code(v)) / v;
                prop_assert!(ratio.max(1.0 / ratio) <= half_step * (1.0 + 1e-12), "{v} misses by {ratio}");
            }
        }
    }

    #[test]
    fn absent_and_vanishing_densities_are_zero() {
        let scale = Logarithmic::spanning([0.0, 5e-4, 1e5, f64::NAN, f64::INFINITY].into_iter());
        assert_eq!(scale, Logarithmic { low: 1e-3, high: 1e5 });
        assert_eq!([0.0, -1.0, 5e-4, f64::NAN].map(|v| scale.code(v)), [0; 4]);
        assert_eq!([1e-3, 1e5, f64::INFINITY].map(|v| scale.code(v)), [1, 255, 255]);
        assert_eq!([0, 1, 255].map(|code| scale.value(code)), [0.0, 1e-3, 1e5]);
    }

    #[test]
    fn a_scale_of_nothing_or_of_one_value_is_safe() {
        let none = Linear::spanning([f64::NAN, f64::INFINITY].into_iter());
        assert_eq!((none.code(f64::NAN, BYTE), none.value(0, BYTE)), (0, 0.0));
        let one = Linear::spanning([7.0].into_iter());
        assert_eq!(one.value(one.code(7.0, WORD), WORD), 7.0);
        let one = Logarithmic::spanning([7.0].into_iter());
        assert_eq!(one.value(one.code(7.0)), 7.0);
        let none = Logarithmic::spanning([0.0].into_iter());
        assert_eq!(none.value(none.code(0.0)), 0.0);
    }
}
