//! How strongly the cells of one site resemble each other, from positions and kinds of cells in a tissue.
//!
//! A tissue, simulated or imaged, is cut into cubic sites of a needle's or a punch's size. Two numbers follow:
//! - the intra-site correlation `ρ` by analysis of variance (Ridout, Demétrio & Firth 1999, doi
//!   10.1111/j.0006-341X.1999.00137.x): `ρ = (B − W)/(B + (n₀ − 1) W)` with the mean squares `B` between and `W` within
//!   sites and `n₀ = (N − Σ nᵢ²/N)/(k − 1)`. It carries what was seen in one tissue to another plan ([`super::biopsy`]);
//! - the probability that a sample of this very tissue misses the kind, exactly: sites drawn without replacement, cells
//!   within them too.

use std::collections::BTreeMap;

use super::{DiagnosticsError, positive};

/// Cells of a site, and those of them that are of the kind sought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// Cells.
    pub cells: u32,
    /// Those of the kind sought, such as antigen-negative ones.
    pub of_kind: u32,
}

/// Cuts a tissue into cubes of `edge` (µm) and counts their cells; `positions` in µm, `of_kind` for each cell.
///
/// # Errors
/// If the lists differ in length, a position is no number, or the edge is not positive.
pub fn sites(positions: &[[f64; 3]], of_kind: &[bool], edge: f64) -> Result<Vec<Site>, DiagnosticsError> {
    positive("the edge of a site", edge)?;
    if positions.len() != of_kind.len() {
        return Err(DiagnosticsError::Lengths {
            what: "positions",
            found: positions.len(),
            other: "kinds of cells",
            expected: of_kind.len(),
        });
    }
    let mut cubes: BTreeMap<[i64; 3], Site> = BTreeMap::new();
    for (position, kind) in positions.iter().zip(of_kind) {
        if let Some(bad) = position.iter().find(|x| !x.is_finite()) {
            return Err(super::range("a position", *bad, "a finite number"));
        }
        let cube = cubes.entry(position.map(|x| (x / edge).floor() as i64)).or_default();
        cube.cells += 1;
        cube.of_kind += u32::from(*kind);
    }
    Ok(cubes.into_values().collect())
}

/// Fraction of cells of the kind over all sites; none without cells.
pub fn fraction(sites: &[Site]) -> Option<f64> {
    let cells: u64 = sites.iter().map(|s| u64::from(s.cells)).sum();
    let of_kind: u64 = sites.iter().map(|s| u64::from(s.of_kind)).sum();
    (cells > 0).then(|| of_kind as f64 / cells as f64)
}

/// The intra-site correlation; sites without cells count nothing. None where all cells are of one kind, or no site has
/// two cells. It may be slightly negative, where sites are more alike than by chance.
///
/// # Errors
/// With fewer than two sites.
pub fn correlation(sites: &[Site]) -> Result<Option<f64>, DiagnosticsError> {
    let filled: Vec<[f64; 2]> =
        sites.iter().filter(|s| s.cells > 0).map(|s| [f64::from(s.cells), f64::from(s.of_kind)]).collect();
    if filled.len() < 2 {
        return Err(DiagnosticsError::TooFew { what: "sites with cells", found: filled.len(), least: 2 });
    }
    let k = filled.len() as f64;
    let total: f64 = filled.iter().map(|s| s[0]).sum();
    let mean = filled.iter().map(|s| s[1]).sum::<f64>() / total;
    if total <= k || mean <= 0.0 || mean >= 1.0 {
        return Ok(None);
    }
    let square = |x: f64| x * x;
    let between = filled.iter().map(|[n, y]| n * square(y / n - mean)).sum::<f64>() / (k - 1.0);
    let within = filled.iter().map(|[n, y]| y * (n - y) / n).sum::<f64>() / (total - k);
    let usual = (total - filled.iter().map(|s| square(s[0])).sum::<f64>() / total) / (k - 1.0);
    Ok(Some((between - within) / (between + (usual - 1.0) * within)))
}

/// Groups of sites that are left out in turn.
const GROUPS: usize = 40;

/// Standard error of [`correlation`] by the jackknife: of up to 40 groups of neighbouring sites each is left out in turn
/// (Künsch 1989, doi 10.1214/aos/1176347265). None where the correlation is none, or is so without some group.
///
/// # Errors
/// With fewer than two sites.
pub fn correlation_error(sites: &[Site]) -> Result<Option<f64>, DiagnosticsError> {
    if correlation(sites)?.is_none() {
        return Ok(None);
    }
    let filled: Vec<Site> = sites.iter().filter(|s| s.cells > 0).copied().collect();
    let groups = filled.len().min(GROUPS);
    let mut without = Vec::with_capacity(groups);
    for group in 0..groups {
        let (from, to) = (group * filled.len() / groups, (group + 1) * filled.len() / groups);
        let rest = [&filled[..from], &filled[to..]].concat();
        match if rest.len() < 2 { None } else { correlation(&rest)? } {
            Some(value) => without.push(value),
            None => return Ok(None),
        }
    }
    let n = without.len() as f64;
    let mean = without.iter().sum::<f64>() / n;
    let squares: f64 = without.iter().map(|value| (value - mean) * (value - mean)).sum();
    Ok(Some(((n - 1.0) / n * squares).sqrt()))
}

/// Probability that `cells` cells from each of `taken` sites, all drawn without replacement, hold none of the kind;
/// a site with fewer cells gives all it has.
///
/// # Errors
/// If there are fewer sites with cells than are taken, or none is taken.
pub fn misses(sites: &[Site], taken: usize, cells: u32) -> Result<f64, DiagnosticsError> {
    let filled: Vec<&Site> = sites.iter().filter(|s| s.cells > 0).collect();
    if taken == 0 {
        return Err(DiagnosticsError::TooFew { what: "sites taken", found: 0, least: 1 });
    }
    if filled.len() < taken {
        return Err(DiagnosticsError::TooFew { what: "sites with cells", found: filled.len(), least: taken });
    }
    // mean[j] is the mean over all choices of j of the sites so far of the product of their probabilities.
    let mut mean = vec![0.0; taken + 1];
    mean[0] = 1.0;
    for (before, site) in filled.iter().enumerate() {
        let none = none_of_kind(**site, cells);
        for j in (1..=taken.min(before + 1)).rev() {
            let share = j as f64 / (before + 1) as f64;
            mean[j] = (1.0 - share) * mean[j] + share * mean[j - 1] * none;
        }
    }
    Ok(mean[taken])
}

/// Probability that cells drawn without replacement are all of the other kind.
fn none_of_kind(site: Site, cells: u32) -> f64 {
    let drawn = cells.min(site.cells);
    if site.of_kind + drawn > site.cells {
        return 0.0;
    }
    (0..drawn).map(|i| f64::from(site.cells - site.of_kind - i) / f64::from(site.cells - i)).product()
}
