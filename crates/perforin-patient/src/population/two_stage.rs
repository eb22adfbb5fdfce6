//! Mean and spread of parameters between patients, from fits of each patient by itself.
//!
//! | symbol | meaning |
//! |---|---|
//! | `θ_i` | estimate of patient `i`, logarithms of its values |
//! | `P_i` | precision of that estimate: half the curvature of `−2 ln L` at it |
//! | `μ`, `D` | mean and covariance of the population |
//!
//! The **standard two-stage** method takes mean and covariance of the estimates themselves; its covariance holds the
//! errors of the estimates too, so that it is too large. The **global two-stage** method (Steimer, Mallet, Golmard & Boisvieux 1984,
//! Drug Metabolism Reviews 15, 265) takes `θ_i` as a measurement of the patient's own value with the precision `P_i`, and
//! finds the `μ` and `D` of the largest likelihood by
//!
//! ```text
//! K_i = (1 + D P_i)⁻¹ D        b_i = μ + K_i P_i (θ_i − μ)
//! μ ← mean of b_i              D ← mean of (b_i − μ)(b_i − μ)ᵀ + K_i
//! ```
//!
//! where `b_i` is what is to be expected of the patient's own value. A value that a patient's measurements do not tell has
//! no precision, and the population stands for it.
//!
//! Limits: `−2 ln L` is taken as quadratic at each estimate, which few measurements, or many below a limit, make it not; as
//! a maximum of the likelihood `D` is too small by about one part in the number of patients.

/// A square matrix of a few rows.
pub type Matrix = Vec<Vec<f64>>;

/// Estimate of one patient.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// Logarithms of the values.
    pub values: Vec<f64>,
    /// Their precision; not negative in any direction.
    pub precision: Matrix,
}

/// A population.
#[derive(Clone, Debug, PartialEq)]
pub struct TwoStage {
    /// Mean.
    pub mean: Vec<f64>,
    /// Standard error of the mean; infinite for a value that no patient tells.
    pub mean_error: Vec<f64>,
    /// Covariance between patients.
    pub covariance: Matrix,
    /// Covariance of the estimates themselves, of the standard method.
    pub of_estimates: Matrix,
    /// What is to be expected of each patient's own values.
    pub own: Vec<Vec<f64>>,
    /// Iterations.
    pub rounds: u32,
}

/// Most iterations: where there is no spread, it falls as one over their number.
const ROUNDS: u32 = 20_000;
/// Change of mean and covariance at which they end.
const TOLERANCE: f64 = 1e-10;

/// The population of some patients' estimates; none of fewer than two, or if they do not fit together in size.
pub fn fit(estimates: &[Estimate]) -> Option<TwoStage> {
    let n = estimates.first()?.values.len();
    let is_square = |m: &Matrix| m.len() == n && m.iter().all(|row| row.len() == n);
    let fits = |e: &Estimate| e.values.len() == n && is_square(&e.precision);
    if estimates.len() < 2 || !estimates.iter().all(fits) {
        return None;
    }
    let of_estimates = covariance(estimates);
    let mut mean = mean_of(estimates.iter().map(|e| e.values.as_slice()), n);
    let mut spread = of_estimates.clone();
    let mut rounds = 0;
    let mut own = Vec::new();
    while rounds < ROUNDS {
        rounds += 1;
        let expected: Vec<(Vec<f64>, Matrix)> =
            estimates.iter().map(|e| expected(e, &mean, &spread)).collect::<Option<_>>()?;
        own = expected.iter().map(|(b, _)| b.clone()).collect();
        let new_mean = mean_of(own.iter().map(Vec::as_slice), n);
        let new_spread = spread_of(&expected, &new_mean);
        let moved = change(&mean, &new_mean)
            .max(spread.iter().zip(&new_spread).map(|(a, b)| change(a, b)).fold(0.0, f64::max));
        (mean, spread) = (new_mean, new_spread);
        if moved < TOLERANCE {
            break;
        }
    }
    let mean_error = mean_error(estimates, &spread)?;
    Some(TwoStage { mean, mean_error, covariance: spread, of_estimates, own, rounds })
}

fn change(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

fn mean_of<'a>(rows: impl Iterator<Item = &'a [f64]>, n: usize) -> Vec<f64> {
    let (mut sum, mut count) = (vec![0.0; n], 0.0);
    for row in rows {
        sum.iter_mut().zip(row).for_each(|(s, v)| *s += v);
        count += 1.0;
    }
    sum.iter().map(|s| s / count).collect()
}

/// Covariance of the estimates, over their number less one.
fn covariance(estimates: &[Estimate]) -> Matrix {
    let n = estimates[0].values.len();
    let mean = mean_of(estimates.iter().map(|e| e.values.as_slice()), n);
    let of = |i: usize, j: usize| {
        let product = |e: &Estimate| (e.values[i] - mean[i]) * (e.values[j] - mean[j]);
        estimates.iter().map(product).sum::<f64>() / (estimates.len() - 1) as f64
    };
    (0..n).map(|i| (0..n).map(|j| of(i, j)).collect()).collect()
}

/// What is to be expected of a patient's own values, and the covariance about it.
fn expected(estimate: &Estimate, mean: &[f64], spread: &Matrix) -> Option<(Vec<f64>, Matrix)> {
    let n = mean.len();
    // K = (1 + D P)⁻¹ D, which needs no inverse of D or P.
    let mut left = product(spread, &estimate.precision);
    (0..n).for_each(|i| left[i][i] += 1.0);
    let gain = solve(left, spread.clone())?;
    let off: Vec<f64> = estimate.values.iter().zip(mean).map(|(v, m)| v - m).collect();
    let pulled = times(&gain, &times(&estimate.precision, &off));
    Some((mean.iter().zip(pulled).map(|(m, p)| m + p).collect(), gain))
}

fn spread_of(expected: &[(Vec<f64>, Matrix)], mean: &[f64]) -> Matrix {
    let n = mean.len();
    let of = |i: usize, j: usize| {
        // The gain is symmetric but for round-off.
        let one =
            |(b, k): &(Vec<f64>, Matrix)| (b[i] - mean[i]) * (b[j] - mean[j]) + 0.5 * (k[i][j] + k[j][i]);
        expected.iter().map(one).sum::<f64>() / expected.len() as f64
    };
    (0..n).map(|i| (0..n).map(|j| of(i, j)).collect()).collect()
}

/// Standard errors of the mean, from the precision `Σ (P_i⁻¹ + D)⁻¹ = Σ (1 + P_i D)⁻¹ P_i`.
fn mean_error(estimates: &[Estimate], spread: &Matrix) -> Option<Vec<f64>> {
    let n = spread.len();
    let mut precision = vec![vec![0.0; n]; n];
    for estimate in estimates {
        let mut left = product(&estimate.precision, spread);
        (0..n).for_each(|i| left[i][i] += 1.0);
        let one = solve(left, estimate.precision.clone())?;
        for (sum, row) in precision.iter_mut().zip(one) {
            sum.iter_mut().zip(row).for_each(|(s, v)| *s += v);
        }
    }
    // A value that nobody tells has no precision: it is left out of the inverse.
    let told: Vec<usize> = (0..n).filter(|&i| precision[i][i] > 0.0).collect();
    let part: Matrix = told.iter().map(|&i| told.iter().map(|&j| precision[i][j]).collect()).collect();
    let unit: Matrix =
        (0..told.len()).map(|i| (0..told.len()).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    let mut error = vec![f64::INFINITY; n];
    if let Some(inverse) = solve(part, unit) {
        told.iter().enumerate().for_each(|(k, &i)| error[i] = inverse[k][k].max(0.0).sqrt());
    }
    Some(error)
}

fn product(a: &Matrix, b: &Matrix) -> Matrix {
    let n = b.len();
    a.iter().map(|row| (0..n).map(|j| (0..n).map(|k| row[k] * b[k][j]).sum()).collect()).collect()
}

fn times(a: &Matrix, x: &[f64]) -> Vec<f64> {
    a.iter().map(|row| row.iter().zip(x).map(|(a, x)| a * x).sum()).collect()
}

/// `a⁻¹ b` by elimination with pivots; none if `a` has no inverse.
fn solve(mut a: Matrix, mut b: Matrix) -> Option<Matrix> {
    let n = a.len();
    for k in 0..n {
        let pivot = (k..n).max_by(|i, j| a[*i][k].abs().total_cmp(&a[*j][k].abs()))?;
        if a[pivot][k] == 0.0 || !a[pivot][k].is_finite() {
            return None;
        }
        a.swap(k, pivot);
        b.swap(k, pivot);
        let (row, right) = (a[k].clone(), b[k].clone());
        for i in (0..n).filter(|i| *i != k) {
            let factor = a[i][k] / row[k];
            a[i].iter_mut().zip(&row).for_each(|(x, y)| *x -= factor * y);
            b[i].iter_mut().zip(&right).for_each(|(x, y)| *x -= factor * y);
        }
    }
    for k in 0..n {
        let pivot = a[k][k];
        b[k].iter_mut().for_each(|x| *x /= pivot);
    }
    Some(b)
}

/// A curvature whose mixed terms are made smaller until it is negative in no direction, as errors of differences make it.
#[must_use]
pub fn tamed(mut curvature: Matrix) -> Matrix {
    let n = curvature.len();
    while !is_not_negative(&curvature) {
        for i in 0..n {
            for j in (0..n).filter(|j| *j != i) {
                curvature[i][j] *= 0.9;
                if curvature[i][j].abs() < 1e-12 * curvature[i][i].max(curvature[j][j]) {
                    curvature[i][j] = 0.0;
                }
            }
        }
    }
    curvature
}

/// Whether a symmetric matrix without negative diagonal has a Cholesky factor; rows of zeros may be there.
fn is_not_negative(matrix: &Matrix) -> bool {
    let n = matrix.len();
    let mut factor = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| factor[i][k] * factor[j][k]).sum();
            let left = matrix[i][j] - sum;
            if i == j {
                if left < 0.0
                    || (left == 0.0 && matrix[i].iter().enumerate().any(|(k, v)| k != i && *v != 0.0))
                {
                    return false;
                }
                factor[i][i] = left.sqrt();
            } else if factor[j][j] > 0.0 {
                factor[i][j] = left / factor[j][j];
            } else if left != 0.0 {
                return false;
            }
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use perforin_core::rng::{Purpose, Stream};

    fn diagonal(values: &[f64]) -> Matrix {
        let n = values.len();
        (0..n).map(|i| (0..n).map(|j| if i == j { values[i] } else { 0.0 }).collect()).collect()
    }

    /// With equal precisions `1/v` the largest likelihood is known: the mean of the estimates, and the mean of their squares
    /// about it less `v`.
    #[test]
    fn with_equal_errors_the_spread_is_that_of_the_estimates_less_the_error() {
        let values = [0.3, -1.2, 0.9, 2.0, -0.4, 0.1];
        let estimates: Vec<Estimate> = values
            .iter()
            .map(|v| Estimate { values: vec![*v], precision: diagonal(&[1.0 / 0.25]) })
            .collect();
        let found = fit(&estimates).unwrap();
        let mean = values.iter().sum::<f64>() / 6.0;
        let squares = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>();
        assert!((found.mean[0] - mean).abs() < 1e-8, "{found:?}");
        assert!((found.covariance[0][0] - (squares / 6.0 - 0.25)).abs() < 1e-7, "{found:?}");
        assert!((found.of_estimates[0][0] - squares / 5.0).abs() < 1e-12);
        // The error of the mean is that of six estimates with this spread and error.
        assert!((found.mean_error[0] - (squares / 36.0).sqrt()).abs() < 1e-7, "{found:?}");
        // Patients are drawn to the mean by the share of the error.
        let shrunk = mean + (2.0 - mean) * found.covariance[0][0] / (found.covariance[0][0] + 0.25);
        assert!((found.own[3][0] - shrunk).abs() < 1e-6);
    }

    /// Exact estimates: both methods give the same but for the divisor.
    #[test]
    fn with_exact_estimates_it_is_the_standard_method() {
        let rows = [[0.0, 1.0], [1.0, 0.5], [2.0, -1.0], [0.5, 0.0]];
        let estimates: Vec<Estimate> = rows
            .iter()
            .map(|r| Estimate { values: r.to_vec(), precision: diagonal(&[1e14, 1e14]) })
            .collect();
        let found = fit(&estimates).unwrap();
        for i in 0..2 {
            for j in 0..2 {
                let (a, b) = (found.covariance[i][j], 0.75 * found.of_estimates[i][j]);
                assert!((a - b).abs() < 1e-9, "{a} {b}");
            }
        }
    }

    /// 400 patients with a spread of 0.5 and 0.2, correlated by 0.6, and errors of 0.3 or 0.6: the spread comes back where the
    /// standard method has it too large. Standard error of a standard deviation of 400: about 5 %, here with errors 8 %.
    #[test]
    fn spread_and_correlation_of_many_patients_come_back() {
        let stream = Stream::new(3, Purpose::Patient);
        let estimates: Vec<Estimate> = (0..400)
            .map(|i| {
                let mut draw = stream.at(i, 0);
                let [a, b, e, f] = [(); 4].map(|()| draw.normal());
                let own = [1.0 + 0.5 * a, -2.0 + 0.2 * (0.6 * a + 0.8 * b)];
                let error = if i % 2 == 0 { 0.3 } else { 0.6 };
                Estimate {
                    values: vec![own[0] + error * e, own[1] + 0.15 * f],
                    precision: diagonal(&[1.0 / (error * error), 1.0 / (0.15 * 0.15)]),
                }
            })
            .collect();
        let found = fit(&estimates).unwrap();
        let sd = [0, 1].map(|i| found.covariance[i][i].sqrt());
        let naive = [0, 1].map(|i| found.of_estimates[i][i].sqrt());
        assert!((sd[0] / 0.5 - 1.0).abs() < 0.2 && (sd[1] / 0.2 - 1.0).abs() < 0.2, "{sd:?}");
        assert!(naive[0] > 1.2 * 0.5 && naive[1] > 1.15 * 0.2, "{naive:?}");
        let correlation = found.covariance[0][1] / (sd[0] * sd[1]);
        assert!((correlation - 0.6).abs() < 0.2, "{correlation}");
        assert!((found.mean[0] - 1.0).abs() < 4.0 * found.mean_error[0], "{found:?}");
        assert!((found.mean[1] + 2.0).abs() < 4.0 * found.mean_error[1]);
    }

    /// Patients whose measurements tell nothing of a value leave its mean and spread to the others.
    #[test]
    fn a_value_without_precision_is_left_to_the_others() {
        let told = |v: f64| Estimate { values: vec![v], precision: diagonal(&[100.0]) };
        let some = [told(0.0), told(1.0), told(2.0)];
        let untold = Estimate { values: vec![50.0], precision: diagonal(&[0.0]) };
        let with: Vec<Estimate> = some.iter().cloned().chain([untold.clone()]).collect();
        let (a, b) = (fit(&some).unwrap(), fit(&with).unwrap());
        assert!((a.mean[0] - b.mean[0]).abs() < 1e-6, "{a:?} {b:?}");
        assert!((a.covariance[0][0] - b.covariance[0][0]).abs() < 1e-5, "{a:?} {b:?}");
        assert!((b.own[3][0] - b.mean[0]).abs() < 1e-6);
        let nobody = fit(&[untold.clone(), untold]).unwrap();
        assert!(nobody.mean_error[0].is_infinite());
    }

    #[test]
    fn a_curvature_is_negative_in_no_direction() {
        let sound = vec![vec![4.0, 1.0], vec![1.0, 2.0]];
        assert_eq!(tamed(sound.clone()), sound);
        let zero = vec![vec![0.0, 0.0], vec![0.0, 2.0]];
        assert_eq!(tamed(zero.clone()), zero);
        // Pairs are sound, the three of them are not: (1, 1, -1) has the curvature 3 - 6 * 0.9.
        let wrong: Matrix = (0..3)
            .map(|i| {
                (0..3)
                    .map(|j| {
                        if i == j {
                            1.0
                        } else if i + j == 1 {
                            -0.9
                        } else {
                            0.9
                        }
                    })
                    .collect()
            })
            .collect();
        let tamed = tamed(wrong);
        let along = |x: [f64; 3]| times(&tamed, &x).iter().zip(x).map(|(a, b)| a * b).sum::<f64>();
        assert!(along([1.0, -1.0, -1.0]) >= 0.0 && along([1.0, 1.0, -1.0]) >= 0.0, "{tamed:?}");
        assert_eq!(tamed[0][0], 1.0);
    }

    #[test]
    fn without_spread_there_is_none() {
        // Estimates that differ by far less than their errors.
        let estimates: Vec<Estimate> = [0.0, 0.01, -0.01]
            .iter()
            .map(|v| Estimate { values: vec![*v], precision: diagonal(&[1.0]) })
            .collect();
        let found = fit(&estimates).unwrap();
        // It falls as one over the rounds, of which there are 20,000.
        assert!(found.covariance[0][0] < 1e-3, "{found:?}");
        assert_eq!(fit(&estimates[..1]), None);
        assert_eq!(fit(&[]), None);
    }
}
