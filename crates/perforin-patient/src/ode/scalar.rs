//! What a model's rates are written in.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::Lanes;

/// A number in a model's rates: the values of four patients ([`Lanes`]), or those with their derivatives
/// ([`super::Dual`]).
///
/// Parameters are [`Scalar::Constant`]s, which have no derivative. Transcendental functions are those of `libm`.
#[allow(clippy::return_self_not_must_use, reason = "its types are")]
pub trait Scalar:
    Copy
    + Neg<Output = Self>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Add<Self::Constant, Output = Self>
    + Sub<Self::Constant, Output = Self>
    + Mul<Self::Constant, Output = Self>
    + Div<Self::Constant, Output = Self>
    + Add<f64, Output = Self>
    + Sub<f64, Output = Self>
    + Mul<f64, Output = Self>
    + Div<f64, Output = Self>
{
    /// Its value without derivatives.
    type Constant: Scalar<Constant = Self::Constant>;

    /// A constant.
    fn constant(value: Self::Constant) -> Self;

    /// The same number in every lane.
    fn number(value: f64) -> Self;

    /// Exponential function.
    fn exp(self) -> Self;

    /// Natural logarithm.
    fn ln(self) -> Self;

    /// Square root.
    fn sqrt(self) -> Self;

    /// Power with a constant exponent.
    fn pow(self, exponent: Self::Constant) -> Self;

    /// The value where it is positive, else 0 with derivative 0.
    fn positive(self) -> Self;

    /// Its square.
    #[inline(always)]
    fn squared(self) -> Self {
        self * self
    }

    /// `1 − self`.
    #[inline(always)]
    fn complement(self) -> Self {
        -self + 1.0
    }

    /// `self / (half + self)`: saturation, for values ≥ 0.
    #[inline(always)]
    fn saturation(self, half: Self::Constant) -> Self {
        self / (self + half)
    }

    /// `selfⁿ / (halfⁿ + selfⁿ)`: the Hill function, 0 for values ≤ 0.
    #[inline(always)]
    fn hill(self, half: Self::Constant, exponent: Self::Constant) -> Self {
        // The ratio first: cells to the tenth power would leave the range of numbers.
        let power = (self.positive() / half).pow(exponent);
        power / (power + 1.0)
    }
}

/// A model with `N` states.
pub trait System<const N: usize>: Sized {
    /// Its parameters, for one patient (`f64`) or for four ([`Lanes`]).
    type Parameters<F: Copy>: Copy;

    /// The parameters of four patients, transposed.
    fn lanes(patients: [&Self::Parameters<f64>; super::LANES]) -> Self::Parameters<Lanes>;

    /// Rates of change of the states, per day.
    fn rates<S: Scalar>(parameters: &Self::Parameters<S::Constant>, state: &[S; N]) -> [S; N];
}
