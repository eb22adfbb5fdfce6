//! Measurement with error and a limit of quantification, and the likelihood of measurements.

use perforin_core::rng::Draw;

/// Error of a measurement: the logarithm, or the value, is off by a normal error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Error {
    /// Normal on the logarithm, with this standard deviation.
    Log {
        /// Standard deviation of the natural logarithm.
        sd: f64,
    },
    /// Normal on the value, with standard deviation `√(constant² + (proportional · value)²)`.
    Combined {
        /// Constant part, in the unit of the value.
        constant: f64,
        /// Proportional part.
        proportional: f64,
    },
}

/// An assay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Assay {
    /// Its error.
    pub error: Error,
    /// Values below it are reported as such; 0 for none.
    pub limit: f64,
}

/// A measured value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Measured {
    /// A number.
    Value(f64),
    /// Below the limit of quantification.
    Below,
}

impl Assay {
    /// Measures a true value (≥ 0).
    pub fn measure(&self, value: f64, draw: &mut Draw) -> Measured {
        let z = draw.normal();
        let measured = match self.error {
            Error::Log { sd } => value * libm::exp(sd * z),
            Error::Combined { .. } => value + self.sd(value) * z,
        };
        if measured < self.limit || measured <= 0.0 { Measured::Below } else { Measured::Value(measured) }
    }

    /// Natural logarithm of the likelihood of a measurement, if the true value is `value`. Below the limit it is the
    /// probability to lie there (the method M3 of Beal 2001, doi 10.1023/A:1012299115260).
    pub fn log_likelihood(&self, measured: Measured, value: f64) -> f64 {
        let normal = |z: f64| -0.5 * (z * z + libm::log(2.0 * std::f64::consts::PI));
        match (self.error, measured) {
            (Error::Log { sd }, Measured::Value(m)) => {
                normal(libm::log(m / value) / sd) - libm::log(sd) - libm::log(m)
            }
            (Error::Log { sd }, Measured::Below) => log_below(libm::log(self.limit / value) / sd),
            (Error::Combined { .. }, Measured::Value(m)) => {
                let sd = self.sd(value);
                normal((m - value) / sd) - libm::log(sd)
            }
            (Error::Combined { .. }, Measured::Below) => log_below((self.limit - value) / self.sd(value)),
        }
    }

    fn sd(&self, value: f64) -> f64 {
        match self.error {
            Error::Log { sd } => sd * value,
            Error::Combined { constant, proportional } => libm::hypot(constant, proportional * value),
        }
    }
}

/// Logarithm of the standard normal distribution function.
fn log_below(z: f64) -> f64 {
    libm::log(0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2))
}
