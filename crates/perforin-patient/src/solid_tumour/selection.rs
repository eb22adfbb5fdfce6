//! What an attack leaves of a population of cells with different antigen densities: escape.
//!
//! A cell of density `d` survives the exposure `Λ` (attacks it would have suffered at full signal) with probability
//! `exp(−Λ s(d))`, `s(d) = dⁿ/(S₅₀ⁿ + dⁿ)`, and has then lowered its antigen to `d·exp(−δΛ)` (internalisation and
//! trogocytosis). Selection alone does not explain what is left in glioma cultures: it is the lowering that turns cells
//! negative there.
//!
//! | parameter | symbol | unit | default | source |
//! |---|---|---|---|---|
//! | spread of densities | σ | log | 1.20 | fit below |
//! | density at half lysis | S₅₀ | fluorescence | 1812 | fit below |
//! | steepness | n | 1 | 4 | fit below, at its bound |
//! | lowering per exposure | δ | 1 | 0.101 | fit below |
//!
//! [`GLIOMA`] is fitted to the flow end points of PBT030 cells under IL13Rα2 CAR-T (Brummer 2022, doi
//! 10.1371/journal.pcbi.1009504: residual cells, positive part and fluorescence at three numbers of effectors): errors of
//! at most 0.8 points in the positive part, and 23 % in fluorescence. Two wells each; selection and lowering look
//! alike in one end point, so that their split is a hypothesis.

/// Cells of different antigen density.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Population {
    /// Standard deviation of the logarithm of the density.
    pub log_sd: f64,
    /// Mean density, in units of the assay.
    pub mean: f64,
    /// Part of the cells that the assay calls positive.
    pub positive: f64,
    /// Density at half-maximal lysis.
    pub half: f64,
    /// Steepness of lysis.
    pub hill: f64,
    /// Lowering of the logarithm of the density per unit of exposure.
    pub lowering: f64,
}

/// PBT030 glioma cells under IL13Rα2 CAR-T.
pub const GLIOMA: Population =
    Population { log_sd: 1.2009, mean: 24_617.0, positive: 0.994, half: 1812.3, hill: 4.0, lowering: 0.101 };

/// What is left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Left {
    /// Part of the cells.
    pub cells: f64,
    /// Part of these that the assay calls positive.
    pub positive: f64,
    /// Their mean density.
    pub mean: f64,
}

/// Points of the distribution, over ± 5 standard deviations.
const POINTS: i32 = 2001;

impl Population {
    /// What an exposure leaves.
    pub fn after(&self, exposure: f64) -> Left {
        let median = self.mean / libm::exp(0.5 * self.log_sd * self.log_sd);
        let threshold = crate::population::draw::normal_quantile(1.0 - self.positive);
        let lowered = exposure * self.lowering;
        let (mut all, mut cells, mut positive, mut sum) = (0.0, 0.0, 0.0, 0.0);
        for i in 0..POINTS {
            let z = -5.0 + 10.0 * f64::from(i) / f64::from(POINTS - 1);
            let density = median * libm::exp(self.log_sd * z);
            let weight = libm::exp(-0.5 * z * z);
            let lysis = 1.0 / (1.0 + libm::pow(self.half / density, self.hill));
            let survivors = weight * libm::exp(-exposure * lysis);
            all += weight;
            cells += survivors;
            sum += survivors * density * libm::exp(-lowered);
            // The assay's threshold is a density; a lowered cell is positive if it was that much above it.
            if z - lowered / self.log_sd >= threshold {
                positive += survivors;
            }
        }
        Left { cells: cells / all, positive: positive / cells, mean: sum / cells }
    }

    /// The exposure that leaves a part of the cells; infinite if no exposure leaves so few.
    pub fn exposure(&self, cells: f64) -> f64 {
        let (mut low, mut high) = (0.0, 1.0);
        while self.after(high).cells > cells {
            high *= 2.0;
            if high > 1e12 {
                return f64::INFINITY;
            }
        }
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if self.after(middle).cells > cells { low = middle } else { high = middle }
        }
        0.5 * (low + high)
    }
}
