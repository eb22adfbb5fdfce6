//! Distributions of counts of cells: binomial, and beta-binomial where cells of one site resemble each other.
//!
//! Of `n` cells of a site a number `K` is of a kind that makes up the fraction `x` of all cells. Where the site's own
//! fraction follows a beta distribution of mean `x` and the intra-site correlation of two cells is `ρ`,
//! `P(K = 0) = Π_{i<n} ((1−x)(1−ρ) + iρ) / ((1−ρ) + iρ)`, and
//! `P(K = k+1)/P(K = k) = (n−k)/(k+1) · (x(1−ρ) + kρ)/((1−x)(1−ρ) + (n−k−1)ρ)` (Skellam 1948, J R Stat Soc B 10:257). With
//! `ρ = 0` it is the binomial distribution.

use super::{DiagnosticsError, range, share};

/// Cells of one site.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SiteCount {
    cells: u32,
    fraction: f64,
    clustering: f64,
}

impl SiteCount {
    /// `cells` cells of a site, where the kind makes up `fraction` of all cells, with the intra-site correlation
    /// `clustering`.
    ///
    /// # Errors
    /// If the fraction is none, or the correlation does not lie in [0, 1).
    pub fn new(cells: u32, fraction: f64, clustering: f64) -> Result<Self, DiagnosticsError> {
        share("the fraction", fraction)?;
        if !(0.0..1.0).contains(&clustering) {
            return Err(range("the clustering", clustering, "a number from 0 to below 1"));
        }
        Ok(Self { cells, fraction, clustering })
    }

    /// Logarithm of the probability that no cell is of the kind.
    pub fn ln_none(self) -> f64 {
        let rest = 1.0 - self.clustering;
        if self.cells == 0 {
            return 0.0;
        }
        if self.clustering == 0.0 {
            return f64::from(self.cells) * libm::log1p(-self.fraction);
        }
        (0..self.cells)
            .map(|i| {
                let i = f64::from(i) * self.clustering;
                libm::log1p(-self.fraction * rest / (rest + i))
            })
            .sum()
    }

    /// Probabilities of 0 to `cells` cells of the kind.
    pub fn probabilities(self) -> Vec<f64> {
        self.fewer_than(self.cells.saturating_add(1))
    }

    /// Probabilities of 0 to `most − 1` cells of the kind; 0 beyond the number of cells.
    pub fn fewer_than(self, most: u32) -> Vec<f64> {
        let Self { cells, fraction, clustering } = self;
        let mut list = vec![0.0; most as usize];
        if fraction >= 1.0 {
            if let Some(last) = list.get_mut(cells as usize) {
                *last = 1.0;
            }
            return list;
        }
        let rest = 1.0 - clustering;
        // Of logarithms, so that nothing underflows on the way to counts that occur.
        let mut ln = self.ln_none();
        for (k, entry) in (0..=cells).zip(&mut list) {
            *entry = libm::exp(ln);
            let (of_kind, others) = (f64::from(k), f64::from(cells - k));
            ln += libm::log(others / (of_kind + 1.0))
                + libm::log(
                    (fraction * rest + of_kind * clustering)
                        / ((1.0 - fraction) * rest + (others - 1.0) * clustering),
                );
        }
        list
    }

    /// Probability of at least `least` cells of the kind.
    pub fn at_least(self, least: u32) -> f64 {
        let list = self.probabilities();
        let split = (least as usize).min(list.len());
        // The shorter tail is summed.
        if 2 * split > list.len() {
            list[split..].iter().sum()
        } else {
            (1.0 - list[..split].iter().sum::<f64>()).max(0.0)
        }
    }
}
