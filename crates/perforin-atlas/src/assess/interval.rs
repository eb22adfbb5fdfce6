//! Intervals of a fraction of cells.

use serde::{Deserialize, Serialize};

/// Normal quantile of a two-sided 95 % interval.
const Z: f64 = 1.959_963_984_540_054;

/// A 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The Wilson score interval (Wilson 1927, doi 10.1080/01621459.1927.10502953) of `count` of `cells`.
///
/// It treats cells as independent draws, which the cells of one donor are not: the true uncertainty is larger.
pub fn wilson(count: u32, cells: u32) -> Interval {
    if cells == 0 {
        return Interval { low: 0.0, high: 1.0 };
    }
    let (n, p) = (f64::from(cells), f64::from(count) / f64::from(cells));
    let z2 = Z * Z;
    let centre = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z / (1.0 + z2 / n) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    Interval {
        low: if count == 0 { 0.0 } else { (centre - half).max(0.0) },
        high: if count == cells { 1.0 } else { (centre + half).min(1.0) },
    }
}

/// The largest count of `cells` whose interval lies below `cap`; nothing if even a count of 0 does not.
pub fn largest_certified(cap: f64, cells: u32) -> Option<u32> {
    // The upper end rises with the count, so the first count that fails ends the search.
    let certified = (0..=cells).take_while(|&count| wilson(count, cells).high <= cap).count() as u32;
    certified.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Newcombe 1998 (`doi 10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E`), table I, method 3:
    /// 81 of 263, 15 of 148, 0 of 20, 1 of 29, to the four digits printed.
    #[test]
    fn intervals_are_the_published_ones() {
        for (count, cells, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let interval = wilson(count, cells);
            assert!((interval.low - low).abs() < 5e-5, "{interval:?}");
            assert!((interval.high - high).abs() < 5e-5, "{interval:?}");
        }
    }

    #[test]
    fn few_cells_certify_nothing() {
        assert_eq!(largest_certified(0.05, 20), None);
        assert_eq!(largest_certified(0.05, 100), Some(0));
        assert_eq!(largest_certified(0.05, 200), Some(3));
    }
}
