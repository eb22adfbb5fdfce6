//! Values with derivatives, for exact Jacobians.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::{LANES, Lanes, Scalar, System};

/// Derivatives carried at once. Few enough that a number with its derivatives stays in registers; a Jacobian of
/// more columns takes several passes.
pub(super) const WIDTH: usize = 4;

/// A value and its derivatives by four states.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Dual {
    value: Lanes,
    slope: [Lanes; WIDTH],
}

impl Dual {
    /// The Jacobian of a model's rates: entry `[i][j]` is the derivative of rate `i` by state `j`.
    pub fn jacobian<M: System<N>, const N: usize>(
        parameters: &M::Parameters<Lanes>,
        state: &[Lanes; N],
    ) -> [[Lanes; N]; N] {
        let mut out = [[Lanes::ZERO; N]; N];
        jacobian::<M, N>(parameters, state, &mut out);
        out
    }

    /// `self` with its derivatives scaled: the chain rule.
    #[inline(always)]
    fn chain(self, value: Lanes, derivative: Lanes) -> Self {
        let s = self.slope;
        Self { value, slope: [s[0] * derivative, s[1] * derivative, s[2] * derivative, s[3] * derivative] }
    }

    #[inline(always)]
    fn combine(self, other: Self, value: Lanes, f: impl Fn(Lanes, Lanes) -> Lanes) -> Self {
        let (a, b) = (self.slope, other.slope);
        Self { value, slope: [f(a[0], b[0]), f(a[1], b[1]), f(a[2], b[2]), f(a[3], b[3])] }
    }
}

impl Neg for Dual {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        let s = self.slope;
        Self { value: -self.value, slope: [-s[0], -s[1], -s[2], -s[3]] }
    }
}

impl Add for Dual {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.combine(other, self.value + other.value, |a, b| a + b)
    }
}

impl Sub for Dual {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.combine(other, self.value - other.value, |a, b| a - b)
    }
}

#[allow(clippy::suspicious_arithmetic_impl, reason = "the product rule has a sum")]
impl Mul for Dual {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.combine(other, self.value * other.value, |a, b| a * other.value + b * self.value)
    }
}

impl Div for Dual {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        let quotient = self.value / other.value;
        let inverse = Lanes::number(1.0) / other.value;
        self.combine(other, quotient, |a, b| (a - b * quotient) * inverse)
    }
}

impl Add<Lanes> for Dual {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Lanes) -> Self {
        Self { value: self.value + other, ..self }
    }
}

impl Sub<Lanes> for Dual {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Lanes) -> Self {
        Self { value: self.value - other, ..self }
    }
}

impl Mul<Lanes> for Dual {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Lanes) -> Self {
        self.chain(self.value * other, other)
    }
}

impl Div<Lanes> for Dual {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Lanes) -> Self {
        self.chain(self.value / other, Lanes::number(1.0) / other)
    }
}

macro_rules! with_number {
    ($trait:ident, $method:ident, $op:tt) => {
        impl $trait<f64> for Dual {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: f64) -> Self {
                self $op Lanes::number(other)
            }
        }
    };
}

with_number!(Add, add, +);
with_number!(Sub, sub, -);
with_number!(Mul, mul, *);
with_number!(Div, div, /);

impl Scalar for Dual {
    type Constant = Lanes;

    #[inline(always)]
    fn constant(value: Lanes) -> Self {
        Self { value, slope: [Lanes::ZERO; WIDTH] }
    }

    #[inline(always)]
    fn number(value: f64) -> Self {
        Self::constant(Lanes::number(value))
    }

    #[inline(always)]
    fn exp(self) -> Self {
        let value = self.value.exp();
        self.chain(value, value)
    }

    #[inline(always)]
    fn ln(self) -> Self {
        self.chain(self.value.ln(), Lanes::number(1.0) / self.value)
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        let value = self.value.sqrt();
        self.chain(value, Lanes::number(0.5) / value)
    }

    #[inline(always)]
    fn pow(self, exponent: Lanes) -> Self {
        let value = self.value.pow(exponent);
        // d(xⁿ)/dx = n·xⁿ/x. At x = 0 it is 0 for n > 1, 1 for n = 1 and has no finite value below, where 0 keeps
        // the Jacobian usable; the rates themselves are exact either way.
        let (x, n) = (self.value.0, exponent.0);
        let mut derivative = Lanes::ZERO;
        for lane in 0..LANES {
            derivative.0[lane] = if x[lane] == 0.0 {
                if n[lane] == 1.0 { 1.0 } else { 0.0 }
            } else {
                n[lane] * value.0[lane] / x[lane]
            };
        }
        self.chain(value, derivative)
    }

    #[inline(always)]
    fn positive(self) -> Self {
        let derivative = self.value.map(|a| if a > 0.0 { 1.0 } else { 0.0 });
        self.chain(self.value.positive(), derivative)
    }
}

/// The Jacobian of the rates: entry `[i][j]` is the derivative of rate `i` by state `j`.
#[inline(always)]
pub(super) fn jacobian<M: System<N>, const N: usize>(
    parameters: &M::Parameters<Lanes>,
    state: &[Lanes; N],
    out: &mut [[Lanes; N]; N],
) {
    let mut first = 0;
    while first < N {
        let mut duals = [Dual::constant(Lanes::ZERO); N];
        for i in 0..N {
            duals[i].value = state[i];
        }
        let width = WIDTH.min(N - first);
        for k in 0..width {
            duals[first + k].slope[k] = Lanes::number(1.0);
        }
        let rates = M::rates(parameters, &duals);
        for i in 0..N {
            for k in 0..width {
                out[i][first + k] = rates[i].slope[k];
            }
        }
        first += WIDTH;
    }
}
