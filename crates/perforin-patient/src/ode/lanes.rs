//! The values of four patients, in one vector register.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::Scalar;

/// Number of patients side by side.
pub const LANES: usize = 4;

/// The same quantity of four patients.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
#[repr(align(32))]
pub struct Lanes(pub [f64; LANES]);

impl Lanes {
    /// Zero in every lane.
    pub const ZERO: Self = Self([0.0; LANES]);

    /// Each lane by a function.
    #[inline(always)]
    pub fn map(self, f: impl Fn(f64) -> f64) -> Self {
        Self([f(self.0[0]), f(self.0[1]), f(self.0[2]), f(self.0[3])])
    }

    /// Pairs of lanes by a function.
    #[inline(always)]
    pub fn zip(self, other: Self, f: impl Fn(f64, f64) -> f64) -> Self {
        let (a, b) = (self.0, other.0);
        Self([f(a[0], b[0]), f(a[1], b[1]), f(a[2], b[2]), f(a[3], b[3])])
    }

    /// Absolute values.
    #[inline(always)]
    pub fn abs(self) -> Self {
        self.map(f64::abs)
    }
}

macro_rules! operator {
    ($trait:ident, $method:ident, $op:tt) => {
        impl $trait for Lanes {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                self.zip(other, |a, b| a $op b)
            }
        }

        impl $trait<f64> for Lanes {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: f64) -> Self {
                self.map(|a| a $op other)
            }
        }
    };
}

operator!(Add, add, +);
operator!(Sub, sub, -);
operator!(Mul, mul, *);
operator!(Div, div, /);

impl Neg for Lanes {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        self.map(|a| -a)
    }
}

impl Scalar for Lanes {
    type Constant = Self;

    #[inline(always)]
    fn constant(value: Self) -> Self {
        value
    }

    #[inline(always)]
    fn number(value: f64) -> Self {
        Self([value; LANES])
    }

    #[inline(always)]
    fn exp(self) -> Self {
        self.map(libm::exp)
    }

    #[inline(always)]
    fn ln(self) -> Self {
        self.map(libm::log)
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        self.map(f64::sqrt)
    }

    #[inline(always)]
    fn pow(self, exponent: Self) -> Self {
        self.zip(exponent, libm::pow)
    }

    #[inline(always)]
    fn positive(self) -> Self {
        self.map(|a| if a > 0.0 { a } else { 0.0 })
    }
}
