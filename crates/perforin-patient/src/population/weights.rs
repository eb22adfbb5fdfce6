//! Weights with which virtual patients resemble an observed population.
//!
//! Each observed quantity is given as shares of patients in bins. Starting from equal weights, each quantity in turn scales
//! the weights of its bins to their shares until all fit (iterative proportional fitting, Deming & Stephan 1940, doi
//! 10.1214/aoms/1177731829): of all weights that fit, those nearest to equal ones. It is the aim of the prevalence weights
//! of quantitative systems pharmacology (Allen 2016, doi 10.1002/psp4.12063).

/// An observed quantity: bins and their shares.
#[derive(Clone, Debug, PartialEq)]
pub struct Marginal {
    /// Its name.
    pub name: String,
    /// Inner edges of the bins, ascending; the first and the last bin are open.
    pub edges: Vec<f64>,
    /// Share of patients in each bin; one more than edges.
    pub shares: Vec<f64>,
}

/// Why there are no weights.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum WeightError {
    /// Edges or shares that are none.
    #[error("{name}: {reason}")]
    Marginal {
        /// The quantity.
        name: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// Patients are seen in a bin in which there is no virtual one.
    #[error("{name}: a share of {share} lies in bin {bin}, where there is no virtual patient")]
    Empty {
        /// The quantity.
        name: String,
        /// The bin, from 0.
        bin: usize,
        /// Its share.
        share: f64,
    },
    /// The quantities contradict each other.
    #[error("no weights fit all quantities: after {rounds} rounds a share is off by {error}")]
    Contradiction {
        /// Rounds.
        rounds: u32,
        /// Largest difference of a share.
        error: f64,
    },
}

/// Weights, with what they cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// One weight for each patient, or for those of each cell; their mean over patients is 1.
    pub weights: Vec<f64>,
    /// Number of equally weighted patients that would be worth as much: `(Σw)²/Σw²`.
    pub effective: f64,
}

const ROUNDS: u32 = 10_000;
const TOLERANCE: f64 = 1e-9;

/// Patients who lie in the same bin of every quantity.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// The bin of each quantity; none of one that they do not have.
    pub bins: Vec<Option<usize>>,
    /// Number of patients.
    pub count: f64,
}

impl Marginal {
    /// Checks edges and shares.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn check(&self) -> Result<(), WeightError> {
        let wrong = |reason| Err(WeightError::Marginal { name: self.name.clone(), reason });
        if self.shares.len() != self.edges.len() + 1 {
            return wrong("there must be one share more than inner edges");
        }
        if self.edges.windows(2).any(|pair| pair[0] >= pair[1]) || self.edges.iter().any(|e| !e.is_finite()) {
            return wrong("edges must ascend");
        }
        let is_share = |share: &f64| (0.0..=1.0).contains(share);
        if !self.shares.iter().all(is_share) || (self.shares.iter().sum::<f64>() - 1.0).abs() > 1e-9 {
            return wrong("shares must lie between 0 and 1 and add up to 1");
        }
        Ok(())
    }

    /// The bin of a value; none of what is no number.
    pub fn bin(&self, value: f64) -> Option<usize> {
        (!value.is_nan()).then(|| self.edges.partition_point(|edge| *edge <= value))
    }
}

/// Weights of patients, of whom `values[k][i]` is quantity `k` of patient `i`; NaN if it has none.
///
/// # Errors
/// If a marginal is none, a bin has no patient, or the marginals contradict each other.
pub fn fit(marginals: &[Marginal], values: &[Vec<f64>]) -> Result<Weights, WeightError> {
    let n = values.first().map_or(0, Vec::len);
    let bins = |i: usize| marginals.iter().zip(values).map(|(m, v)| m.bin(v[i])).collect();
    let cells: Vec<Cell> = (0..n).map(|i| Cell { bins: bins(i), count: 1.0 }).collect();
    fit_cells(marginals, &cells)
}

/// Weights of the patients of each cell; their mean over patients is 1. Shares are those among patients who have the
/// quantity.
///
/// # Errors
/// If a marginal is none, a bin has no patient, or the marginals contradict each other.
pub fn fit_cells(marginals: &[Marginal], cells: &[Cell]) -> Result<Weights, WeightError> {
    for (k, marginal) in marginals.iter().enumerate() {
        marginal.check()?;
        for (bin, share) in marginal.shares.iter().enumerate() {
            let is_there = |cell: &Cell| cell.bins[k] == Some(bin) && cell.count > 0.0;
            if *share > 0.0 && !cells.iter().any(is_there) {
                return Err(WeightError::Empty { name: marginal.name.clone(), bin, share: *share });
            }
        }
    }
    let mut weights = vec![1.0; cells.len()];
    let mut error = f64::INFINITY;
    for _ in 0..ROUNDS {
        error = 0.0;
        for (k, marginal) in marginals.iter().enumerate() {
            error = f64::max(error, scale(k, marginal, cells, &mut weights));
        }
        if error <= TOLERANCE {
            break;
        }
    }
    if error > 1e-6 {
        return Err(WeightError::Contradiction { rounds: ROUNDS, error });
    }
    let patients: f64 = cells.iter().map(|cell| cell.count).sum();
    let sum: f64 = cells.iter().zip(&weights).map(|(cell, weight)| cell.count * weight).sum();
    for weight in &mut weights {
        *weight *= patients / sum;
    }
    let squares: f64 = cells.iter().zip(&weights).map(|(cell, w)| cell.count * w * w).sum();
    Ok(Weights { effective: patients * patients / squares, weights })
}

/// Scales the weights to the shares of quantity `k`; the largest difference of a share before.
fn scale(k: usize, marginal: &Marginal, cells: &[Cell], weights: &mut [f64]) -> f64 {
    let mut sums = vec![0.0; marginal.shares.len()];
    for (cell, weight) in cells.iter().zip(&*weights) {
        if let Some(bin) = cell.bins[k] {
            sums[bin] += cell.count * weight;
        }
    }
    let total: f64 = sums.iter().sum();
    for (cell, weight) in cells.iter().zip(weights) {
        if let Some(bin) = cell.bins[k] {
            *weight *= if sums[bin] > 0.0 { marginal.shares[bin] * total / sums[bin] } else { 0.0 };
        }
    }
    let off = |(share, sum): (&f64, &f64)| (sum / total - share).abs();
    marginal.shares.iter().zip(&sums).map(off).fold(0.0, f64::max)
}
