//! Immunohistochemistry: scores of a stained section, a cut-off on them, and errors of readers and laboratories.
//!
//! Each tumour cell stains 0, 1+, 2+ or 3+. The H-score is the sum of level times per cent, from 0 to 300 (Arch Pathol
//! Lab Med 1985, 109:716). A cut-off demands a percentage of cells at a level or above, such as 40 % at 2+. A reader takes
//! a cell of level `i` for `j` with probability `M[i][j]` and counts a finite number of cells whose correlation within the
//! section makes the count beta-binomial ([`super::counts`]).

use super::counts::SiteCount;
use super::{DiagnosticsError, add_up, positive, range};

/// Levels of staining: 0, 1+, 2+, 3+.
pub const LEVELS: usize = 4;

/// Shares of tumour cells at 0, 1+, 2+ and 3+.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score([f64; LEVELS]);

/// How cells are read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reader {
    errors: [[f64; LEVELS]; LEVELS],
    cells: u32,
    clustering: f64,
}

/// A rule on a score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CutOff {
    level: usize,
    percent: f64,
}

impl Score {
    /// A score from shares.
    ///
    /// # Errors
    /// If they are not shares that add up to 1.
    pub fn new(shares: [f64; LEVELS]) -> Result<Self, DiagnosticsError> {
        add_up("the shares of a score", 0, &shares)?;
        Ok(Self(shares))
    }

    /// The score of cells with these antigen densities (molecules per cell), where staining turns 1+, 2+ and 3+ at
    /// `thresholds`, which depend on antibody and protocol.
    ///
    /// # Errors
    /// Without cells, or if the thresholds are not positive and increasing, or a density is negative.
    pub fn of_densities(densities: &[f64], thresholds: [f64; LEVELS - 1]) -> Result<Self, DiagnosticsError> {
        if densities.is_empty() {
            return Err(DiagnosticsError::TooFew { what: "cells", found: 0, least: 1 });
        }
        check_thresholds(thresholds)?;
        let mut counts = [0_u64; LEVELS];
        for density in densities {
            super::not_negative("a density", *density)?;
            counts[thresholds.iter().filter(|t| density >= t).count()] += 1;
        }
        Ok(Self(counts.map(|n| n as f64 / densities.len() as f64)))
    }

    /// The score of a tumour of which a share `negative` has no antigen and the others a log-normal density, with the
    /// thresholds of [`Self::of_densities`]; exact.
    ///
    /// # Errors
    /// If the share is none, the median or the thresholds are not positive, or these do not increase.
    pub fn of_lognormal(
        median: f64,
        log_sd: f64,
        negative: f64,
        thresholds: [f64; LEVELS - 1],
    ) -> Result<Self, DiagnosticsError> {
        positive("the median density", median)?;
        super::not_negative("the standard deviation of the logarithm", log_sd)?;
        super::share("the share of negative cells", negative)?;
        check_thresholds(thresholds)?;
        let at_least = thresholds.map(|threshold| {
            if log_sd == 0.0 {
                return (1.0 - negative) * f64::from(u8::from(median >= threshold));
            }
            let z = libm::log(threshold / median) / log_sd;
            (1.0 - negative) * 0.5 * libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2)
        });
        let [one, two, three] = at_least;
        Ok(Self([1.0 - one, one - two, two - three, three]))
    }

    /// Shares at 0, 1+, 2+ and 3+.
    pub fn shares(self) -> [f64; LEVELS] {
        self.0
    }

    /// The H-score, 0 to 300.
    pub fn h_score(self) -> f64 {
        100.0 * self.0.iter().enumerate().map(|(level, share)| level as f64 * share).sum::<f64>()
    }

    /// Per cent of cells at a level or above.
    pub fn percent_at_least(self, level: usize) -> f64 {
        100.0 * self.0.iter().skip(level).sum::<f64>()
    }
}

fn check_thresholds(thresholds: [f64; LEVELS - 1]) -> Result<(), DiagnosticsError> {
    positive("the density at which staining turns 1+", thresholds[0])?;
    for pair in thresholds.windows(2) {
        if pair[1].is_nan() || pair[1] <= pair[0] {
            return Err(range("a threshold of staining", pair[1], "a number above the one before"));
        }
    }
    Ok(())
}

impl CutOff {
    /// At least `percent` of cells at `level` (1 to 3) or above.
    ///
    /// # Errors
    /// If there is no such level, or the percentage does not lie above 0 and at most at 100.
    pub fn new(level: usize, percent: f64) -> Result<Self, DiagnosticsError> {
        if !(1..LEVELS).contains(&level) {
            return Err(range("the level of a cut-off", level as f64, "1, 2 or 3"));
        }
        if percent > 0.0 && percent <= 100.0 {
            Ok(Self { level, percent })
        } else {
            Err(range("the percentage of a cut-off", percent, "a number above 0 and up to 100"))
        }
    }

    /// Whether a score meets it.
    pub fn met(self, score: Score) -> bool {
        // Shares that add up to the limit but for rounding meet it.
        score.percent_at_least(self.level) >= self.percent - 1e-9
    }
}

impl Reader {
    /// A reader who takes a cell of level `i` for `j` with probability `errors[i][j]`, counts `cells` cells, and looks at
    /// a section with intra-site correlation `clustering`.
    ///
    /// # Errors
    /// If a row does not add up to 1, no cell is read, or the correlation does not lie in [0, 1).
    pub fn new(
        errors: [[f64; LEVELS]; LEVELS],
        cells: u32,
        clustering: f64,
    ) -> Result<Self, DiagnosticsError> {
        for (place, row) in errors.iter().enumerate() {
            add_up("the row of the error matrix", place, row)?;
        }
        if cells == 0 {
            return Err(DiagnosticsError::TooFew { what: "cells read", found: 0, least: 1 });
        }
        SiteCount::new(cells, 0.5, clustering)?;
        Ok(Self { errors, cells, clustering })
    }

    /// A reader who takes a cell for the next lower level with one probability and for the next higher one with another.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn of_neighbours(
        lower: f64,
        higher: f64,
        cells: u32,
        clustering: f64,
    ) -> Result<Self, DiagnosticsError> {
        let mut errors = [[0.0; LEVELS]; LEVELS];
        for level in 0..LEVELS {
            errors[level][level] = 1.0;
            for (off, to) in [(lower, level.checked_sub(1)), (higher, Some(level + 1))] {
                if let Some(to) = to.filter(|t| *t < LEVELS) {
                    errors[level][to] += off;
                    errors[level][level] -= off;
                }
            }
        }
        Self::new(errors, cells, clustering)
    }

    /// The score that is read on average.
    pub fn reads(&self, score: Score) -> Score {
        let mut shares = [0.0; LEVELS];
        for (share, row) in score.0.iter().zip(&self.errors) {
            for (sum, p) in shares.iter_mut().zip(row) {
                *sum += share * p;
            }
        }
        Score(shares)
    }

    /// Probability that a section of this score is called positive.
    ///
    /// # Panics
    /// Never: the reader was checked.
    pub fn calls(&self, score: Score, cut_off: CutOff) -> f64 {
        let fraction = (self.reads(score).percent_at_least(cut_off.level) / 100.0).clamp(0.0, 1.0);
        let least = (cut_off.percent / 100.0 * f64::from(self.cells) - 1e-9).ceil() as u32;
        SiteCount::new(self.cells, fraction, self.clustering).expect("a checked reader").at_least(least)
    }
}

/// Agreement of two readings of the same samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    /// Share of samples that both put into the same category.
    pub overall: f64,
    /// Cohen's kappa (doi 10.1177/001316446002000104).
    pub kappa: f64,
    /// Kappa in which a disagreement weighs as the distance of the categories (Cohen 1968, doi 10.1037/h0026256).
    pub linear_kappa: f64,
}

/// Agreement from counts of samples, `counts[i][j]` put into category `i` by the one and `j` by the other.
///
/// # Errors
/// Without samples, if the table is not square, or if both readings put all samples into one category.
pub fn agreement(counts: &[Vec<u32>]) -> Result<Agreement, DiagnosticsError> {
    let k = counts.len();
    if let Some(row) = counts.iter().find(|row| row.len() != k) {
        return Err(DiagnosticsError::Lengths {
            what: "columns",
            found: row.len(),
            other: "rows of the table of agreement",
            expected: k,
        });
    }
    let total: f64 = counts.iter().flatten().map(|n| f64::from(*n)).sum();
    if total == 0.0 {
        return Err(DiagnosticsError::TooFew { what: "samples", found: 0, least: 1 });
    }
    let rows: Vec<f64> = counts.iter().map(|r| r.iter().map(|n| f64::from(*n)).sum()).collect();
    let columns: Vec<f64> = (0..k).map(|j| counts.iter().map(|r| f64::from(r[j])).sum()).collect();
    let disagreement = |distance: &dyn Fn(usize, usize) -> f64| {
        let (mut seen, mut by_chance) = (0.0, 0.0);
        for i in 0..k {
            for j in 0..k {
                seen += distance(i, j) * f64::from(counts[i][j]) / total;
                by_chance += distance(i, j) * rows[i] * columns[j] / (total * total);
            }
        }
        (seen, by_chance)
    };
    let (seen, by_chance) = disagreement(&|i, j| f64::from(u8::from(i != j)));
    let (far, far_by_chance) = disagreement(&|i, j| i.abs_diff(j) as f64);
    if by_chance == 0.0 {
        return Err(range("the disagreement by chance", 0.0, "samples in more than one category"));
    }
    Ok(Agreement {
        overall: 1.0 - seen,
        kappa: 1.0 - seen / by_chance,
        linear_kappa: 1.0 - far / far_by_chance,
    })
}
