//! Where a function of the state crosses zero.

use super::Step;

/// Halvings and secants before a root is as good as the numbers allow.
const ITERATIONS: u32 = 80;

/// The first time in a step at which `f` falls to zero from above, d.
///
/// The sign is read at the beginning, the middle and the end, so a fall and a rise within half a step are not seen. The
/// time returned is on the far side of the root: there `f` is zero or below.
pub fn first_fall<const N: usize>(step: &Step<'_, N>, f: impl Fn(&[f64; N]) -> f64) -> Option<f64> {
    let value = |time: f64| f(&step.at(time));
    let (mut from, mut before) = (step.from(), value(step.from()));
    for to in [0.5 * (step.from() + step.to()), step.to()] {
        let after = value(to);
        if before > 0.0 && after <= 0.0 {
            return Some(locate(value, (from, before), (to, after)));
        }
        (from, before) = (to, after);
    }
    None
}

/// The root between a time with a positive and a later one with a negative value or zero: secants, with the weight of an
/// end that stays halved (the Illinois method), and a halving whenever that leaves the bracket or shrinks it
/// too little.
fn locate(f: impl Fn(f64) -> f64, (mut a, mut fa): (f64, f64), (mut b, mut fb): (f64, f64)) -> f64 {
    let mut width = b - a;
    for _ in 0..ITERATIONS {
        if fb == 0.0 || b - a <= 4.0 * f64::EPSILON * b.abs() {
            break;
        }
        let secant = b - fb * (b - a) / (fb - fa);
        let narrow = b - a <= 0.5 * width;
        let middle = if narrow && secant > a && secant < b { secant } else { 0.5 * (a + b) };
        width = b - a;
        let value = f(middle);
        if value > 0.0 {
            (a, fa) = (middle, value);
            fb *= 0.5;
        } else {
            (b, fb) = (middle, value);
            fa *= 0.5;
        }
    }
    b
}
