//! Densities of a gate's antigens on malignant and on normal cells: who carries them, and how unevenly.
//!
//! # Model
//! As in [`crate::dropout`], a share π of a group's cells carries the antigen; here a carrier's mean count
//! is log-normal over carriers, so that its counts are Poisson–log-normal. π and the mean rate λ are those of the
//! zero-inflated fit; with x a cell's count and s its depth over the median, the spread σ of the logarithm follows from
//! the second factorial moment, E\[x(x − 1)/s²\] = π λ² exp(σ²), and the median rate is λ exp(−σ²/2).
//! Depths of all cells are over the median of the malignant ones, so that counts of all groups mean the same.
//!
//! What a count is in molecules on the surface no atlas knows: it is the user's to say.

use serde::{Deserialize, Serialize};

use crate::cohort::AtlasFile;
use crate::dropout::{Fit, Positives, Zeros};
use crate::error::Result;
use crate::genes::match_genes;
use crate::load::Loaded;
use crate::read::{self, Reading, Sink};
use crate::watch::Watch;

/// An antigen on the cells of a group.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Density {
    /// The antigen.
    pub antigen: String,
    /// The patient or the normal tissue; none for the malignant cells of all patients together.
    pub group: Option<String>,
    /// Cells.
    pub cells: u32,
    /// Share in which it was detected.
    pub detected: f64,
    /// How its counts are spread; none if the values are no counts, or none is positive.
    pub spread: Option<Spread>,
}

/// How the counts of an antigen are spread over cells.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
pub struct Spread {
    /// Share of cells that carry it, those in which it was missed included.
    pub carriers: f64,
    /// Median of a carrier's mean count at median depth.
    pub median: f64,
    /// Standard deviation of its natural logarithm.
    pub log_sd: f64,
}

impl Spread {
    /// The spread of counts `x` at depths `s` (over the median), given in pairs.
    fn new(cells: &[(f64, f64)], floor: f64) -> Option<Self> {
        let (mut zeros, mut positives, mut second) = (Vec::new(), Positives::default(), 0.0);
        for &(count, depth) in cells {
            if count == 0.0 {
                zeros.push(Zeros { depth, cells: 1.0 });
            } else if depth > 0.0 {
                positives.cells += 1.0;
                positives.depth += depth;
                positives.counts += count;
                second += count * (count - 1.0) / (depth * depth);
            }
        }
        if positives.cells == 0.0 {
            return None;
        }
        let fit = Fit::new(&zeros, positives, floor);
        let moment = second / (cells.len() as f64 * fit.carriers * fit.rate * fit.rate);
        let variance = libm::log(moment.max(1.0));
        Some(Self {
            carriers: fit.carriers,
            median: fit.rate * libm::exp(-0.5 * variance),
            log_sd: variance.sqrt(),
        })
    }
}

/// Densities on the cells of patients and of normal tissues.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Densities {
    /// Antigen by antigen: all patients together, then each.
    pub malignant: Vec<Density>,
    /// Tissue by tissue, every antigen.
    pub normal: Vec<Density>,
}

/// One cell: depth over the median, and a count of every antigen.
struct Cell {
    depth: f64,
    counts: Vec<f64>,
}

/// Densities of some antigens (by index in the planes; genotypes are left out), for all patients together, for each, and
/// for each normal tissue. The files are read once more, with the progress told to `watch`.
///
/// # Errors
/// Of the files; [`crate::AtlasError::Stopped`] once `watch` returns true.
pub fn densities(
    loaded: &Loaded,
    files: &[AtlasFile],
    antigens: &[u32],
    floor: f64,
    watch: &Watch,
) -> Result<Densities> {
    let chosen: Vec<_> =
        antigens.iter().filter_map(|&l| loaded.candidates.get(l as usize)).cloned().collect();
    let groups = &loaded.planes.groups;
    let mut cells: Vec<Vec<Cell>> = groups.iter().map(|_| Vec::new()).collect();
    let opened = files.iter().map(|file| read::open(&file.path, &file.matrix)).collect::<Result<Vec<_>>>()?;
    let reading = Reading::new(opened.iter().map(|matrix| &**matrix), 1, watch);
    for (matrix, positions) in opened.iter().zip(&loaded.positions) {
        let (rows, _) = match_genes(&chosen, matrix.genes(), matrix.path());
        let mut sink = Sink::collect(&rows, chosen.len(), matrix.cells().len());
        reading.pass(&**matrix, &mut sink)?;
        let depth = std::mem::take(&mut sink.depth);
        let values = sink.values();
        for (cell, &position) in positions.iter().enumerate().filter(|&(_, &p)| p != Sink::SKIP) {
            let counts = values.iter().map(|v| v[cell]).collect();
            let group = loaded.planes.group_at(position as usize) as usize;
            cells[group].push(Cell { depth: depth[cell], counts });
        }
    }
    let is_malignant = |g: &usize| groups[*g].role.is_malignant();
    scale_to_median(&mut cells, is_malignant);
    let (patients, tissues): (Vec<usize>, Vec<usize>) = (0..groups.len()).partition(is_malignant);
    let of_group = |i: usize, g: usize| {
        density(&chosen[i].symbol, Some(groups[g].role.name()), cells[g].iter(), i, floor)
    };
    let mut found = Densities::default();
    for (i, candidate) in chosen.iter().enumerate() {
        let all = patients.iter().flat_map(|&g| &cells[g]);
        found.malignant.push(density(&candidate.symbol, None, all, i, floor));
        found.malignant.extend(patients.iter().map(|&g| of_group(i, g)));
    }
    found.normal = tissues
        .iter()
        .flat_map(|&g| (0..chosen.len()).map(move |i| (i, g)))
        .map(|(i, g)| of_group(i, g))
        .collect();
    Ok(found)
}

/// Divides every depth by the median of the malignant cells that have any.
fn scale_to_median(cells: &mut [Vec<Cell>], is_malignant: impl Fn(&usize) -> bool) {
    let malignant = (0..cells.len()).filter(is_malignant).flat_map(|g| &cells[g]);
    let mut depths: Vec<f64> = malignant.map(|cell| cell.depth).filter(|d| *d > 0.0).collect();
    depths.sort_by(f64::total_cmp);
    let median = depths.get(depths.len() / 2).copied().unwrap_or(1.0);
    for cell in cells.iter_mut().flatten() {
        cell.depth /= median;
    }
}

fn density<'a>(
    antigen: &str,
    group: Option<String>,
    cells: impl Iterator<Item = &'a Cell>,
    i: usize,
    floor: f64,
) -> Density {
    let values: Vec<(f64, f64)> = cells.map(|cell| (cell.counts[i], cell.depth)).collect();
    let detected = values.iter().filter(|(count, _)| *count > 0.0).count() as f64;
    let are_counts = values.iter().all(|(count, _)| count.fract() == 0.0);
    Density {
        antigen: antigen.into(),
        group,
        cells: values.len() as u32,
        detected: detected / (values.len() as f64).max(1.0),
        spread: if are_counts { Spread::new(&values, floor) } else { None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use perforin_core::rng::{Purpose, Stream};

    #[test]
    fn the_spread_of_drawn_counts_is_recovered() {
        for (carriers, median, log_sd) in [(0.7, 6.0, 0.6), (0.9, 12.0, 0.9)] {
            let draw = |cell: u64| {
                let mut draw = Stream::new(5, Purpose::Placement).at(cell, 0);
                let depth = libm::exp(0.4 * draw.normal());
                let rate = median * libm::exp(log_sd * draw.normal());
                let carries = draw.uniform() < carriers;
                (if carries { f64::from(draw.poisson(rate * depth)) } else { 0.0 }, depth)
            };
            let cells: Vec<(f64, f64)> = (0..20_000).map(draw).collect();
            let spread = Spread::new(&cells, 0.3).unwrap();
            // Moments of a log-normal of this spread from 20,000 cells; a few carriers of low rate look like zeros.
            assert!((spread.carriers - carriers).abs() < 0.03, "{spread:?}");
            assert!((spread.median - median).abs() < 0.12 * median, "{spread:?}");
            assert!((spread.log_sd - log_sd).abs() < 0.1, "{spread:?}");
        }
    }

    #[test]
    fn even_counts_have_no_spread() {
        let cells: Vec<(f64, f64)> = (0..100).map(|_| (3.0, 1.0)).collect();
        let spread = Spread::new(&cells, 0.3).unwrap();
        assert_eq!((spread.carriers, spread.median, spread.log_sd), (1.0, 3.0, 0.0));
        assert_eq!(Spread::new(&[(0.0, 1.0)], 0.3), None);
    }
}
