//! How long the next step may be.

/// Part of the step that the error estimate would allow that is taken.
const SAFETY: f64 = 0.9;
/// A step is at most so many times the last.
const LARGEST_GROWTH: f64 = 8.0;
/// And at least this part of it.
const LARGEST_CUT: f64 = 0.1;

/// One patient's place in time and the size of its steps.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    /// Where it stands, d.
    pub time: f64,
    /// Where it must stop, d.
    pub stop: f64,
    /// The step that accuracy would allow next, d; 0 asks for a first step.
    pub wish: f64,
    /// Whether the last attempt failed.
    rejected: bool,
    /// Whether no step has succeeded since the last stop.
    restarted: bool,
    /// Attempts.
    pub attempts: u64,
    /// Attempts that failed.
    pub rejections: u64,
}

impl Clock {
    pub fn new(time: f64, stop: f64) -> Self {
        Self { time, stop, wish: 0.0, rejected: false, restarted: false, attempts: 0, rejections: 0 }
    }

    /// Goes on from a stop to the next. The step before the stop is tried again, since most events (a dose of an
    /// antibody) leave most of the solution smooth; if it fails, a first step is asked for.
    pub fn restart(&mut self, stop: f64) {
        self.stop = stop;
        self.restarted = true;
    }

    /// The next step, and the time at its end: the stop itself if it reaches so far. A stop just beyond one step
    /// is reached in two equal ones.
    pub fn next(&self) -> (f64, f64) {
        let left = self.stop - self.time;
        if 1.001 * self.wish >= left {
            (left, self.stop)
        } else {
            let step = if 2.0 * self.wish > left { 0.5 * left } else { self.wish };
            (step, self.time + step)
        }
    }

    /// Whether the step has become too short to move the time.
    pub fn is_stuck(&self) -> bool {
        let least = 4.0 * f64::EPSILON * self.time.abs() + f64::MIN_POSITIVE;
        self.wish != 0.0 && self.wish <= least
    }

    /// Accepts or rejects a step of error `error` (NaN rejects) to the time `to`; whether it is accepted.
    pub fn judge(&mut self, step: f64, to: f64, error: f64) -> bool {
        self.attempts += 1;
        let accepted = error <= 1.0;
        let factor = if error <= 1e-6 { LARGEST_GROWTH } else { SAFETY * inverse_fifth_root(error) };
        // Written so that NaN cuts.
        let factor = if factor > LARGEST_CUT { factor.min(LARGEST_GROWTH) } else { LARGEST_CUT };
        if accepted {
            let factor = if self.rejected { factor.min(1.0) } else { factor };
            // A step that was cut to meet a stop says little about longer ones.
            self.wish = if step < self.wish { (step * factor).max(self.wish) } else { step * factor };
            self.time = to;
        } else {
            self.rejections += 1;
            self.wish = if self.restarted { 0.0 } else { step * factor.min(0.9) };
        }
        self.restarted = false;
        self.rejected = !accepted;
        accepted
    }
}

/// `x^(−1/5)` of a positive number to 3e-5, which is ample for the size of a step and a tenth of the time of a power.
///
/// A fifth of the exponent's bits gives a first value; Newton's method for `r⁻⁵ = x`, which needs no division,
/// improves it twice.
pub(super) fn inverse_fifth_root(x: f64) -> f64 {
    /// The bits of 1, times 6/5, less what centres the error of the first value.
    const START: u64 = 0x4CB8_A000_0000_0000;
    let mut root = f64::from_bits(START - x.to_bits() / 5);
    for _ in 0..2 {
        let square = root * root;
        root *= 1.2 - 0.2 * (x * square * square * root);
    }
    root
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fifth_root_is_right_to_four_digits_at_every_size() {
        for i in -3000..3000 {
            let x = libm::exp2(f64::from(i) / 10.0 + 0.03);
            let ratio = inverse_fifth_root(x) * libm::pow(x, 0.2);
            assert!((ratio - 1.0).abs() < 3e-5, "{x}: {ratio}");
        }
    }

    #[test]
    fn a_stop_is_met_exactly_and_without_a_sliver_before_it() {
        let mut clock = Clock::new(0.0, 1.0);
        clock.wish = 0.7;
        assert_eq!(clock.next(), (0.5, 0.5));
        clock.wish = 0.9995;
        assert_eq!(clock.next(), (1.0, 1.0));
        clock.wish = 0.3;
        assert_eq!(clock.next(), (0.3, 0.3));
    }

    #[test]
    fn an_error_that_is_not_a_number_is_a_rejection() {
        let mut clock = Clock::new(0.0, 1.0);
        clock.wish = 0.5;
        assert!(!clock.judge(0.5, 0.5, f64::NAN));
        assert_eq!((clock.time, clock.wish), (0.0, 0.5 * LARGEST_CUT));
        assert!(!clock.judge(0.05, 0.05, f64::INFINITY));
        assert_eq!(clock.wish, 0.05 * LARGEST_CUT);
    }
}
