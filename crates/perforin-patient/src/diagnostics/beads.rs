//! From fluorescence to molecules per cell: calibration with beads that carry known numbers of fluorophores.
//!
//! `log10 F = a + b log10 m` is fitted by least squares to the beads' fluorescence `F` and their certified numbers of
//! molecules `m` (for instance four levels of Quantibrite PE; the numbers are printed on each lot). A cell's antibodies
//! bound (ABC) follow by inversion; those of the control sample are subtracted, and the number of antigens is ABC over
//! the ratio of fluorophore to antibody, times 1 (each antibody on one antigen) to 2 (on two).

use super::{DiagnosticsError, positive};

/// A bead population.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bead {
    /// Fluorophore molecules per bead, as certified.
    pub molecules: f64,
    /// Median fluorescence, linear scale.
    pub fluorescence: f64,
}

/// A fitted calibration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
    /// `a`.
    pub intercept: f64,
    /// `b`; near 1 where the detector is linear.
    pub slope: f64,
    /// Standard deviation of the residuals of log10 F; 0 with two beads.
    pub residual_sd: f64,
    /// Standard error of the slope.
    pub slope_error: f64,
    /// Smallest and largest numbers of molecules of the beads: beyond them the line is extrapolated.
    pub range: (f64, f64),
}

impl Calibration {
    /// Fits the line.
    ///
    /// # Errors
    /// With fewer than two beads, if a number is not positive, or if all beads carry the same number of molecules.
    pub fn fit(beads: &[Bead]) -> Result<Self, DiagnosticsError> {
        if beads.len() < 2 {
            return Err(DiagnosticsError::TooFew { what: "bead populations", found: beads.len(), least: 2 });
        }
        let mut points = Vec::with_capacity(beads.len());
        for bead in beads {
            let m = positive("the number of molecules of a bead", bead.molecules)?;
            let f = positive("the fluorescence of a bead", bead.fluorescence)?;
            points.push((libm::log10(m), libm::log10(f)));
        }
        let n = points.len() as f64;
        let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / n;
        let (x0, y0) = (mean(|p| p.0), mean(|p| p.1));
        let sxx: f64 = points.iter().map(|(x, _)| (x - x0) * (x - x0)).sum();
        if sxx <= 0.0 {
            return Err(DiagnosticsError::NoSpread {
                what: "numbers of molecules",
                found: beads[0].molecules,
            });
        }
        let slope = points.iter().map(|(x, y)| (x - x0) * (y - y0)).sum::<f64>() / sxx;
        positive("the slope of the calibration", slope)?;
        let intercept = y0 - slope * x0;
        let residual: f64 = points.iter().map(|(x, y)| y - intercept - slope * x).map(|r| r * r).sum();
        let residual_sd = if points.len() > 2 { (residual / (n - 2.0)).sqrt() } else { 0.0 };
        let least = beads.iter().map(|b| b.molecules).fold(f64::INFINITY, f64::min);
        let most = beads.iter().map(|b| b.molecules).fold(0.0, f64::max);
        Ok(Self {
            intercept,
            slope,
            residual_sd,
            slope_error: residual_sd / sxx.sqrt(),
            range: (least, most),
        })
    }

    /// Fluorophore molecules that give this fluorescence; 0 where there is none.
    pub fn molecules(&self, fluorescence: f64) -> f64 {
        if fluorescence <= 0.0 {
            return 0.0;
        }
        libm::pow(10.0, (libm::log10(fluorescence) - self.intercept) / self.slope)
    }

    /// Whether a number of molecules lies beyond the beads.
    pub fn extrapolates(&self, molecules: f64) -> bool {
        molecules < self.range.0 || molecules > self.range.1
    }

    /// Antigens per cell, from the fluorescence of a stained cell and of the control, `per_antibody` fluorophores on each
    /// antibody, and `antigens_per_antibody` from 1 to 2; not below 0.
    ///
    /// # Errors
    /// If a ratio cannot be.
    pub fn antigens(
        &self,
        stained: f64,
        control: f64,
        per_antibody: f64,
        antigens_per_antibody: f64,
    ) -> Result<f64, DiagnosticsError> {
        positive("the number of fluorophores per antibody", per_antibody)?;
        if !(1.0..=2.0).contains(&antigens_per_antibody) {
            return Err(super::range("antigens per antibody", antigens_per_antibody, "a number from 1 to 2"));
        }
        let bound = (self.molecules(stained) - self.molecules(control)).max(0.0);
        Ok(bound / per_antibody * antigens_per_antibody)
    }
}
