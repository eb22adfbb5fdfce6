//! Codes of one byte for the viewer.

use super::Scale;

/// The range of values over all frames.
#[derive(Clone, Debug)]
pub(super) struct Range {
    name: String,
    unit: String,
    log: bool,
    low: f64,
    high: f64,
}

impl Range {
    /// A range without values.
    pub fn new(name: &str, unit: &str, log: bool) -> Self {
        Self { name: name.into(), unit: unit.into(), log, low: f64::INFINITY, high: 0.0 }
    }

    /// A share, from 0 to 1.
    pub fn share(name: &str) -> Self {
        Self { low: 0.0, high: 1.0, ..Self::new(name, "", false) }
    }

    /// Takes a value in. Zero has a code of its own on a logarithmic scale.
    pub fn take(&mut self, value: f64) {
        if value.is_finite() && !(self.log && value <= 0.0) {
            self.low = self.low.min(value);
            self.high = self.high.max(value);
        }
    }

    /// The scale, which leaves out what is below a hundred-thousandth of the largest value.
    pub fn scale(self) -> Scale {
        let (low, high) = if self.low <= self.high { (self.low, self.high) } else { (0.0, 1.0) };
        let low = if self.log { low.max(1e-5 * high) } else { low };
        let low = if self.log && low <= 0.0 { 1.0 } else { low };
        Scale { name: self.name, unit: self.unit, low, high: high.max(low), log: self.log }
    }
}

impl Scale {
    /// The code of a value.
    pub fn code(&self, value: f64) -> u8 {
        let span = |low: f64, high: f64, at: f64| {
            if high > low { ((at - low) / (high - low)).clamp(0.0, 1.0) } else { 0.0 }
        };
        if !self.log {
            return libm::round(255.0 * span(self.low, self.high, value)) as u8;
        }
        if value <= 0.0 {
            return 0;
        }
        let share = span(libm::log(self.low), libm::log(self.high), libm::log(value));
        1 + libm::round(254.0 * share) as u8
    }
}
