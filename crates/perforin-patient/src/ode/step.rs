//! One accepted step of one patient.

use super::Lanes;
use super::rodas::DENSE;

/// An accepted step of one patient, with the states at its ends and between them.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a, const N: usize> {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) lane: usize,
    pub(super) start: &'a [Lanes; N],
    pub(super) end: &'a [Lanes; N],
    pub(super) dense: &'a [[Lanes; N]; DENSE],
}

impl<const N: usize> Step<'_, N> {
    /// Time at its beginning, d.
    #[inline]
    pub fn from(&self) -> f64 {
        self.from
    }

    /// Time at its end, d.
    #[inline]
    pub fn to(&self) -> f64 {
        self.to
    }

    /// State `i` at its beginning.
    #[inline]
    pub fn start(&self, i: usize) -> f64 {
        self.start[i].0[self.lane]
    }

    /// State `i` at its end.
    #[inline]
    pub fn end(&self, i: usize) -> f64 {
        self.end[i].0[self.lane]
    }

    /// State `i` at a time within the step, by the method's continuous extension of order four.
    #[inline]
    pub fn state_at(&self, i: usize, time: f64) -> f64 {
        self.interpolate(i, self.fraction(time))
    }

    /// All states at a time within the step.
    #[inline]
    pub fn at(&self, time: f64) -> [f64; N] {
        let fraction = self.fraction(time);
        std::array::from_fn(|i| self.interpolate(i, fraction))
    }

    #[inline]
    fn fraction(&self, time: f64) -> f64 {
        if time == self.to { 1.0 } else { (time - self.from) / (self.to - self.from) }
    }

    #[inline]
    fn interpolate(&self, i: usize, x: f64) -> f64 {
        let k = |row: usize| self.dense[row][i].0[self.lane];
        let rest = 1.0 - x;
        rest * self.start(i) + x * (self.end(i) + rest * (k(0) + x * (k(1) + x * k(2))))
    }
}
