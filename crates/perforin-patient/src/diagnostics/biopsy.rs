//! Biopsies: how many cells from how many sites rule out an antigen-negative clone.
//!
//! | symbol | meaning |
//! |---|---|
//! | `x` | fraction of tumour cells in the clone |
//! | `n`, `s` | cells read at each site, sites |
//! | `ρ` | intra-site correlation of two cells ([`super::clustering`]) |
//! | `d`, `f` | probability that a negative cell is read as negative; that a positive one is |
//! | `c` | cells read as negative from which on the clone is called |
//!
//! Independent cells miss the clone with probability `(1 − x)^n`: 59 cells rule out 5 % at 95 % confidence. Cells of one
//! site are not independent; their count is beta-binomial ([`super::counts`]), while sites are taken to be independent
//! of each other. Given `k` negative cells, those read as negative are binomial in both kinds.
//!
//! Assumption: sites are chosen without regard to the clone. A clone confined to a region that nobody samples, such as a
//! metastasis, is not a matter of counts.

use super::counts::SiteCount;
use super::{DiagnosticsError, open_share, range, share};

/// Most cells or sites that a search goes up to.
const MOST: u32 = 1_000_000;

/// What is sampled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// Sites.
    pub sites: u32,
    /// Tumour cells read at each.
    pub cells_per_site: u32,
    /// Intra-site correlation, 0 for independent cells.
    pub clustering: f64,
}

/// How a cell is read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// Probability that an antigen-negative cell is read as negative.
    pub sensitivity: f64,
    /// Probability that an antigen-positive cell is read as positive.
    pub specificity: f64,
    /// Cells read as negative from which on the clone is called.
    pub call_at: u32,
}

impl Reading {
    /// Without error, one negative cell being enough.
    pub const PERFECT: Self = Self { sensitivity: 1.0, specificity: 1.0, call_at: 1 };
}

/// Independent cells that must all be positive to rule out a clone of `fraction`: the smallest `n` with
/// `(1 − x)^n ≤ 1 − confidence`.
///
/// # Errors
/// If the fraction or the confidence does not lie between 0 and 1.
pub fn cells_needed(fraction: f64, confidence: f64) -> Result<u32, DiagnosticsError> {
    open_share("the fraction", fraction)?;
    open_share("the confidence", confidence)?;
    let allowed = libm::log1p(-confidence);
    let each = libm::log1p(-fraction);
    // A product that meets the limit to within rounding meets it.
    Ok((allowed / each - 1e-9).ceil().max(1.0) as u32)
}

/// Lower bound of the positive fraction when all of `cells` independent cells are positive:
/// `(1 − confidence)^(1/n)`; 0 without cells.
///
/// # Errors
/// If the confidence does not lie between 0 and 1.
pub fn homogeneity_bound(cells: u32, confidence: f64) -> Result<f64, DiagnosticsError> {
    open_share("the confidence", confidence)?;
    Ok(if cells == 0 { 0.0 } else { libm::pow(1.0 - confidence, 1.0 / f64::from(cells)) })
}

impl Plan {
    fn site(self, fraction: f64) -> Result<SiteCount, DiagnosticsError> {
        if self.sites == 0 {
            return Err(DiagnosticsError::TooFew { what: "sites", found: 0, least: 1 });
        }
        SiteCount::new(self.cells_per_site, fraction, self.clustering)
    }

    /// Probability that no cell of the clone is among those sampled.
    ///
    /// # Errors
    /// If the fraction or the plan cannot be.
    pub fn misses(self, fraction: f64) -> Result<f64, DiagnosticsError> {
        Ok(libm::exp(f64::from(self.sites) * self.site(fraction)?.ln_none()))
    }

    /// Probability that the clone is called; with a fraction of 0, that it is called wrongly.
    ///
    /// # Errors
    /// If the fraction, the plan or the reading cannot be.
    pub fn calls(self, fraction: f64, reading: Reading) -> Result<f64, DiagnosticsError> {
        share("the sensitivity", reading.sensitivity)?;
        share("the specificity", reading.specificity)?;
        if reading.call_at == 0 {
            return Err(range("the number of cells that call a clone", 0.0, "a number of at least 1"));
        }
        let site = read_negative(self.site(fraction)?, self.cells_per_site, reading)?;
        // The distribution over all sites of fewer cells than call the clone.
        let mut all = vec![0.0; site.len()];
        all[0] = 1.0;
        for _ in 0..self.sites {
            all = (0..all.len()).map(|k| (0..=k).map(|j| all[j] * site[k - j]).sum()).collect();
        }
        Ok((1.0 - all.iter().sum::<f64>()).clamp(0.0, 1.0))
    }

    /// The largest fraction that such a sample, all positive, leaves possible at a confidence: an upper bound.
    ///
    /// # Errors
    /// If the confidence or the plan cannot be.
    pub fn rules_out_above(self, confidence: f64) -> Result<f64, DiagnosticsError> {
        open_share("the confidence", confidence)?;
        self.site(0.5)?;
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if self.misses(middle)? > 1.0 - confidence {
                low = middle;
            } else {
                high = middle;
            }
        }
        Ok(high)
    }

    /// Fewest sites, of this plan's number of cells each, that rule out a clone of `fraction`; none below a million.
    ///
    /// # Errors
    /// If a number cannot be.
    pub fn sites_needed(self, fraction: f64, confidence: f64) -> Result<Option<u32>, DiagnosticsError> {
        open_share("the fraction", fraction)?;
        open_share("the confidence", confidence)?;
        let one = Self { sites: 1, ..self }.site(fraction)?.ln_none();
        let sites = (libm::log1p(-confidence) / one - 1e-9).ceil().max(1.0);
        Ok((sites <= f64::from(MOST)).then_some(sites as u32))
    }

    /// Fewest cells per site, at this plan's number of sites, that rule out a clone of `fraction`; none below a million.
    ///
    /// # Errors
    /// If a number cannot be.
    pub fn cells_per_site_needed(
        self,
        fraction: f64,
        confidence: f64,
    ) -> Result<Option<u32>, DiagnosticsError> {
        open_share("the fraction", fraction)?;
        open_share("the confidence", confidence)?;
        self.site(fraction)?;
        let rest = 1.0 - self.clustering;
        let allowed = libm::log1p(-confidence) / f64::from(self.sites);
        let mut ln = 0.0;
        for cells in 1..=MOST {
            ln += libm::log1p(-fraction * rest / (rest + f64::from(cells - 1) * self.clustering));
            if ln <= allowed * (1.0 - 1e-12) {
                return Ok(Some(cells));
            }
        }
        Ok(None)
    }
}

/// Probabilities that 0 to `call_at − 1` cells of a site are read as negative.
fn read_negative(site: SiteCount, cells: u32, reading: Reading) -> Result<Vec<f64>, DiagnosticsError> {
    let most = reading.call_at as usize;
    let mut list = vec![0.0; most];
    for (k, weight) in (0..).zip(site.probabilities()).filter(|(_, weight)| *weight > 0.0) {
        let found = SiteCount::new(k, reading.sensitivity, 0.0)?.fewer_than(reading.call_at);
        let false_ones =
            SiteCount::new(cells - k, 1.0 - reading.specificity, 0.0)?.fewer_than(reading.call_at);
        for total in 0..most {
            let sum: f64 = (0..=total).map(|j| found[j] * false_ones[total - j]).sum();
            list[total] += weight * sum;
        }
    }
    Ok(list)
}
