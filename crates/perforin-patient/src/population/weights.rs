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
    /// One weight for each patient; their mean is 1.
    pub weights: Vec<f64>,
    /// Number of equally weighted patients that would be worth as much: `(Σw)²/Σw²`.
    pub effective: f64,
}

const ROUNDS: u32 = 10_000;
const TOLERANCE: f64 = 1e-9;

/// Weights of patients, of whom `values[k][i]` is quantity `k` of patient `i`.
///
/// # Errors
/// If a marginal is none, a bin has no patient, or the marginals contradict each other.
pub fn fit(marginals: &[Marginal], values: &[Vec<f64>]) -> Result<Weights, WeightError> {
    let n = values.first().map_or(0, Vec::len);
    let mut weights = vec![1.0; n];
    let mut bins = Vec::with_capacity(marginals.len());
    for (marginal, values) in marginals.iter().zip(values) {
        check(marginal)?;
        let places: Vec<usize> =
            values.iter().map(|v| marginal.edges.partition_point(|e| *e <= *v)).collect();
        for (bin, share) in marginal.shares.iter().enumerate() {
            if *share > 0.0 && !places.contains(&bin) {
                return Err(WeightError::Empty { name: marginal.name.clone(), bin, share: *share });
            }
        }
        bins.push(places);
    }
    let mut error = f64::INFINITY;
    for _ in 0..ROUNDS {
        error = 0.0;
        for (marginal, places) in marginals.iter().zip(&bins) {
            let mut sums = vec![0.0; marginal.shares.len()];
            places.iter().zip(&weights).for_each(|(bin, weight)| sums[*bin] += weight);
            let total: f64 = sums.iter().sum();
            for (share, sum) in marginal.shares.iter().zip(&sums) {
                error = f64::max(error, (sum / total - share).abs());
            }
            for (bin, weight) in places.iter().zip(&mut weights) {
                *weight *= if sums[*bin] > 0.0 { marginal.shares[*bin] * total / sums[*bin] } else { 0.0 };
            }
        }
        if error <= TOLERANCE {
            break;
        }
    }
    if error > 1e-6 {
        return Err(WeightError::Contradiction { rounds: ROUNDS, error });
    }
    let sum: f64 = weights.iter().sum();
    for weight in &mut weights {
        *weight *= n as f64 / sum;
    }
    let squares: f64 = weights.iter().map(|w| w * w).sum();
    Ok(Weights { effective: (n * n) as f64 / squares, weights })
}

fn check(m: &Marginal) -> Result<(), WeightError> {
    let wrong = |reason| Err(WeightError::Marginal { name: m.name.clone(), reason });
    if m.shares.len() != m.edges.len() + 1 {
        return wrong("there must be one share more than inner edges");
    }
    if m.edges.windows(2).any(|pair| pair[0] >= pair[1]) || m.edges.iter().any(|e| !e.is_finite()) {
        return wrong("edges must ascend");
    }
    if m.shares.iter().any(|s| !(0.0..=1.0).contains(s)) || (m.shares.iter().sum::<f64>() - 1.0).abs() > 1e-9
    {
        return wrong("shares must lie between 0 and 1 and add up to 1");
    }
    Ok(())
}
