//! Dense linear systems of four patients, factorised side by side.
//!
//! The matrix of a Rosenbrock step, `I/(γh) − J`, seldom needs a change of rows, and never does where every state
//! falls faster by itself than others push it. So all lanes are eliminated down the diagonal first. A lane
//! whose pivot cancels, or grows, by more than a thousand against the terms that it was made of, is factorised again on
//! its own with row pivoting. The decision is the lane's own, so its bits do not depend on its neighbours. Both tests
//! are invariant to the units of the states.

use super::{LANES, Lanes, Scalar};

/// A pivot may cancel or grow by this factor before rows are exchanged.
const CANCELLATION: f64 = 1e-3;

/// `LU = PA` for four matrices.
#[derive(Clone, Debug)]
pub(super) struct Factors<const N: usize> {
    lu: [[Lanes; N]; N],
    inverse_pivot: [Lanes; N],
    /// For each lane, the row of the matrix that stands in row `i`; the identity unless the lane was pivoted.
    row: [[usize; N]; LANES],
    pivoted: [bool; LANES],
}

impl<const N: usize> Factors<N> {
    pub fn new() -> Self {
        Self {
            lu: [[Lanes::ZERO; N]; N],
            inverse_pivot: [Lanes::ZERO; N],
            row: [std::array::from_fn(|i| i); LANES],
            pivoted: [false; LANES],
        }
    }

    /// Factorises `shift·I − jacobian`. Rows are compared by their size over `scale`, the tolerated error of
    /// each state.
    #[inline(always)]
    pub fn factorise(&mut self, jacobian: &[[Lanes; N]; N], shift: Lanes, scale: &[Lanes; N]) {
        for i in 0..N {
            for j in 0..N {
                self.lu[i][j] = -jacobian[i][j];
            }
            self.lu[i][i] = shift + self.lu[i][i];
        }
        let mut sound = [true; LANES];
        for k in 0..N {
            let pivot = self.lu[k][k];
            let terms = shift.abs() + jacobian[k][k].abs();
            for lane in 0..LANES {
                let (size, terms) = (pivot.0[lane].abs(), terms.0[lane]);
                // Written so that NaN is unsound.
                sound[lane] &= size >= CANCELLATION * terms && size * CANCELLATION <= terms;
            }
            let inverse = Lanes::number(1.0) / pivot;
            self.inverse_pivot[k] = inverse;
            let upper = self.lu[k];
            for i in k + 1..N {
                let factor = self.lu[i][k] * inverse;
                self.lu[i][k] = factor;
                for j in k + 1..N {
                    self.lu[i][j] = self.lu[i][j] - factor * upper[j];
                }
            }
        }
        for lane in 0..LANES {
            self.pivoted[lane] = !sound[lane];
            if !sound[lane] {
                self.pivot_lane(lane, jacobian, shift, scale);
            }
        }
    }

    /// Gaussian elimination of one lane with scaled row pivoting.
    #[cold]
    #[inline(never)]
    fn pivot_lane(&mut self, lane: usize, jacobian: &[[Lanes; N]; N], shift: Lanes, scale: &[Lanes; N]) {
        let mut a = [[0.0; N]; N];
        let mut row: [usize; N] = std::array::from_fn(|i| i);
        for i in 0..N {
            for j in 0..N {
                a[i][j] = -jacobian[i][j].0[lane];
            }
            a[i][i] += shift.0[lane];
        }
        for k in 0..N {
            let size = |i: usize| a[i][k].abs() / scale[row[i]].0[lane];
            let best = (k + 1..N).fold(k, |best, i| if size(i) > size(best) { i } else { best });
            a.swap(k, best);
            row.swap(k, best);
            let inverse = 1.0 / a[k][k];
            self.inverse_pivot[k].0[lane] = inverse;
            let upper = a[k];
            for lower in &mut a[k + 1..] {
                let factor = lower[k] * inverse;
                lower[k] = factor;
                for j in k + 1..N {
                    lower[j] -= factor * upper[j];
                }
            }
        }
        for i in 0..N {
            for j in 0..N {
                self.lu[i][j].0[lane] = a[i][j];
            }
        }
        self.row[lane] = row;
    }

    /// Replaces the right-hand sides `b` by the solutions.
    #[inline(always)]
    pub fn solve(&self, b: &mut [Lanes; N]) {
        if self.pivoted != [false; LANES] {
            self.exchange_rows(b);
        }
        // Column by column, so that the rows below do not wait for one another.
        for j in 0..N {
            let known = b[j];
            for i in j + 1..N {
                b[i] = b[i] - self.lu[i][j] * known;
            }
        }
        for j in (0..N).rev() {
            let known = b[j] * self.inverse_pivot[j];
            b[j] = known;
            for i in 0..j {
                b[i] = b[i] - self.lu[i][j] * known;
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn exchange_rows(&self, b: &mut [Lanes; N]) {
        let given = *b;
        for lane in (0..LANES).filter(|&lane| self.pivoted[lane]) {
            for i in 0..N {
                b[i].0[lane] = given[self.row[lane][i]].0[lane];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use perforin_core::rng::{Purpose, Stream};

    use super::*;

    const N: usize = 6;

    /// `max |A x − b|` over the largest term of the sum, for a lane.
    fn residual(
        jacobian: &[[Lanes; N]; N],
        shift: Lanes,
        x: &[Lanes; N],
        b: &[Lanes; N],
        lane: usize,
    ) -> f64 {
        let mut worst: f64 = 0.0;
        for i in 0..N {
            let terms: [f64; N] = std::array::from_fn(|j| {
                let a = if i == j { shift.0[lane] } else { 0.0 } - jacobian[i][j].0[lane];
                a * x[j].0[lane]
            });
            let size = terms.iter().fold(b[i].0[lane].abs(), |m, t| m.max(t.abs()));
            worst = worst.max((terms.iter().sum::<f64>() - b[i].0[lane]).abs() / size);
        }
        worst
    }

    fn random(entity: u64, zero_diagonal: bool) -> ([[Lanes; N]; N], [Lanes; N]) {
        let mut draw = Stream::new(5, Purpose::Sweep).at(entity, 0);
        let mut lanes = || Lanes(std::array::from_fn(|_| draw.normal()));
        let mut matrix: [[Lanes; N]; N] = std::array::from_fn(|_| std::array::from_fn(|_| lanes()));
        if zero_diagonal {
            for i in 0..N {
                // Only two lanes need other pivots.
                (matrix[i][i].0[1], matrix[i][i].0[3]) = (0.0, 0.0);
            }
        }
        (matrix, std::array::from_fn(|_| lanes()))
    }

    #[test]
    fn solutions_satisfy_their_equations() {
        for entity in 0..200 {
            let (jacobian, b) = random(entity, false);
            // With the shift well above the entries, well below them, and absent.
            for shift in [30.0, 1.0, 0.0].map(Lanes::number) {
                let (mut factors, mut x) = (Factors::new(), b);
                factors.factorise(&jacobian, shift, &[Lanes::number(1.0); N]);
                factors.solve(&mut x);
                for lane in 0..LANES {
                    let r = residual(&jacobian, shift, &x, &b, lane);
                    assert!(r < 1e-11, "entity {entity}, shift {shift:?}, lane {lane}: residual {r}");
                }
            }
        }
    }

    #[test]
    fn a_lane_that_needs_other_pivots_gets_them_and_disturbs_no_other() {
        let (plain, b) = random(3, false);
        let (zero, _) = random(3, true);
        let solve = |jacobian| {
            let (mut factors, mut x) = (Factors::new(), b);
            factors.factorise(jacobian, Lanes::ZERO, &[Lanes::number(1.0); N]);
            factors.solve(&mut x);
            (factors.pivoted, x)
        };
        let ((_, x), (pivoted, y)) = (solve(&plain), solve(&zero));
        assert!(pivoted[1] && pivoted[3], "{pivoted:?}");
        for lane in [1, 3] {
            assert!(residual(&zero, Lanes::ZERO, &y, &b, lane) < 1e-12);
        }
        for i in 0..N {
            assert_eq!(
                (x[i].0[0].to_bits(), x[i].0[2].to_bits()),
                (y[i].0[0].to_bits(), y[i].0[2].to_bits())
            );
        }
    }

    #[test]
    fn the_choice_of_pivots_does_not_depend_on_units() {
        let (jacobian, b) = random(8, false);
        let unit = [1.0, 1e10, 1e-9, 1e3, 1.0, 1e-4];
        let scaled = std::array::from_fn(|i| std::array::from_fn(|j| jacobian[i][j] * (unit[i] / unit[j])));
        let mut solutions = Vec::new();
        for (matrix, unit) in [(jacobian, [1.0; N]), (scaled, unit)] {
            let mut x: [Lanes; N] = std::array::from_fn(|i| b[i] * unit[i]);
            let mut factors = Factors::new();
            factors.factorise(&matrix, Lanes::number(0.7), &unit.map(Lanes::number));
            factors.solve(&mut x);
            solutions.push((factors.pivoted, std::array::from_fn::<_, N, _>(|i| x[i] * (1.0 / unit[i]))));
        }
        assert_eq!(solutions[0].0, solutions[1].0);
        for i in 0..N {
            for lane in 0..LANES {
                let (a, b) = (solutions[0].1[i].0[lane], solutions[1].1[i].0[lane]);
                assert!((a - b).abs() <= 1e-9 * a.abs().max(1e-3), "{a} {b}");
            }
        }
    }
}
