//! Densities over cells, which antigens go together, and both as blocks of a lesion's study.

use std::fmt::Write;

use perforin_patient::diagnostics::beads::Calibration;
use perforin_trial::binomial::clopper_pearson;
use serde::{Deserialize, Serialize};

use super::QUANTILES;
use crate::report::shown;

/// Points of the cumulative curve.
const POINTS: usize = 100;

/// An antigen's density over the cells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Density {
    /// The antigen.
    pub name: String,
    /// Cells.
    pub cells: usize,
    /// Density from which on a cell is positive.
    pub positive_from: f64,
    /// Share of positive cells.
    pub positive: f64,
    /// Its exact interval.
    pub positive_interval: (f64, f64),
    /// Over positive cells; none without any.
    pub spread: Option<Spread>,
    /// Share of positive cells beyond the beads.
    pub extrapolated: f64,
    /// Slope of the calibration.
    pub slope: f64,
    /// Factor by which beads lie off the line.
    pub off_line: f64,
    /// Quantiles of all cells.
    pub quantiles: Vec<f64>,
    /// Logarithm (base 10) of the density, and share of cells below.
    pub curve: Vec<(f64, f64)>,
}

/// Density over positive cells.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Median, /cell.
    pub median: f64,
    /// Its distribution-free interval.
    pub median_interval: (f64, f64),
    /// Standard deviation of the natural logarithm.
    pub log_sd: f64,
}

/// Which antigens go together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Joint {
    /// Share of cells by combination: bit i of the index is the i-th antigen.
    pub shares: Vec<f64>,
    /// Mean correlation of the logarithms of two antigens on cells that carry both; 0 for one antigen.
    pub correlation: f64,
}

/// A quantile of sorted values, linear between them.
pub(super) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}

impl Density {
    /// Of `cells`, molecules per cell, at least one.
    pub(super) fn of(
        name: &str,
        cells: &[f64],
        positive_from: f64,
        calibration: &Calibration,
        confidence: f64,
    ) -> Self {
        let mut sorted = cells.to_vec();
        sorted.sort_by(f64::total_cmp);
        let first = sorted.partition_point(|d| *d < positive_from || *d <= 0.0);
        let carriers = &sorted[first..];
        let beyond = carriers.iter().filter(|d| calibration.extrapolates(**d)).count();
        let log = |d: f64| libm::log10(d.max(1.0));
        let at = |k: usize| k as f64 / POINTS as f64;
        Self {
            name: name.to_owned(),
            cells: cells.len(),
            positive_from,
            positive: carriers.len() as f64 / cells.len() as f64,
            positive_interval: clopper_pearson(carriers.len() as u32, cells.len() as u32, confidence),
            spread: Spread::of(carriers, confidence),
            extrapolated: beyond as f64 / carriers.len().max(1) as f64,
            slope: calibration.slope,
            off_line: libm::pow(10.0, calibration.residual_sd),
            quantiles: QUANTILES.iter().map(|share| quantile(&sorted, *share)).collect(),
            curve: (0..=POINTS).map(|k| (log(quantile(&sorted, at(k))), at(k))).collect(),
        }
    }
}

impl Spread {
    /// Of sorted positive densities.
    fn of(carriers: &[f64], confidence: f64) -> Option<Self> {
        if carriers.len() < 2 {
            return None;
        }
        let n = carriers.len() as f64;
        let logs: Vec<f64> = carriers.iter().map(|d| libm::log(*d)).collect();
        let mean = logs.iter().sum::<f64>() / n;
        let squares: f64 = logs.iter().map(|x| (x - mean) * (x - mean)).sum();
        // The number of cells below the median is binomial with one half, here by its normal limit.
        let z = perforin_patient::population::draw::normal_quantile(0.5 + 0.5 * confidence);
        let reach = 0.5 * z / n.sqrt();
        let at = |share: f64| quantile(carriers, share.clamp(0.0, 1.0));
        Some(Self {
            median: at(0.5),
            median_interval: (at(0.5 - reach), at(0.5 + reach)),
            log_sd: (squares / (n - 1.0)).sqrt(),
        })
    }
}

impl Joint {
    /// Of antigens, each with its molecules on every cell and the density from which on it is positive.
    pub(super) fn of(antigens: &[(&[f64], f64)]) -> Self {
        let cells = antigens.first().map_or(0, |a| a.0.len());
        let carries =
            |(values, from): &(&[f64], f64), cell: usize| values[cell] >= *from && values[cell] > 0.0;
        let mut counts = vec![0_u64; 1 << antigens.len()];
        for cell in 0..cells {
            let set: usize =
                antigens.iter().enumerate().map(|(i, a)| usize::from(carries(a, cell)) << i).sum();
            counts[set] += 1;
        }
        let mut correlations = Vec::new();
        for (i, a) in antigens.iter().enumerate() {
            for b in &antigens[i + 1..] {
                let both = (0..cells).filter(|cell| carries(a, *cell) && carries(b, *cell));
                let logs: Vec<[f64; 2]> = both.map(|c| [libm::log(a.0[c]), libm::log(b.0[c])]).collect();
                correlations.extend(correlation(&logs));
            }
        }
        let pairs = correlations.len().max(1) as f64;
        Self {
            shares: counts.into_iter().map(|n| n as f64 / cells.max(1) as f64).collect(),
            correlation: correlations.iter().sum::<f64>() / pairs,
        }
    }
}

/// Pearson's coefficient; none where there is no spread.
fn correlation(pairs: &[[f64; 2]]) -> Option<f64> {
    let n = pairs.len() as f64;
    let mean = [0, 1].map(|k| pairs.iter().map(|p| p[k]).sum::<f64>() / n);
    let moment = |k: usize, l: usize| pairs.iter().map(|p| (p[k] - mean[k]) * (p[l] - mean[l])).sum::<f64>();
    let scale = (moment(0, 0) * moment(1, 1)).sqrt();
    (pairs.len() > 2 && scale > 0.0).then(|| moment(0, 1) / scale)
}

/// Names of a combination.
pub(super) fn set(names: &[String], set: usize) -> String {
    let held: Vec<&str> =
        names.iter().enumerate().filter(|(i, _)| set >> i & 1 == 1).map(|(_, name)| name.as_str()).collect();
    if held.is_empty() { "none".into() } else { held.join("+") }
}

/// Blocks of a lesion's study. With several antigens the base of the tumour carries all of them, and every other
/// combination is a clone in which some have density 0.
pub(super) fn lesion(file: &str, antigens: &[Density], joint: &Joint) -> String {
    let mut text = format!(
        "# Antigens of the cells of {file}, for a study of a lesion. A suspension has no positions: whether cells of a kind\n\
         # lie in patches is yours to say (`patch`).\n"
    );
    // Writing to a string cannot fail.
    if antigens.len() > 1 {
        let _ =
            writeln!(text, "\n[lesion]\nantigen_correlation = {}", shown(joint.correlation.clamp(0.0, 1.0)));
    }
    for antigen in antigens {
        let density = match antigen.spread {
            Some(spread) => {
                let median = shown(spread.median).replace(',', "");
                format!("{{ median = \"{median} /cell\", log_sd = {} }}", shown(spread.log_sd))
            }
            None => "{ median = \"0 /cell\" }".into(),
        };
        let _ = writeln!(text, "\n[lesion.antigen.\"{}\"]\ndensity = {density}", antigen.name);
        if antigens.len() == 1 {
            let missing = shown(100.0 * (1.0 - antigen.positive));
            let _ = writeln!(text, "negative = {{ fraction = \"{missing} %\" }}");
        }
    }
    if antigens.len() == 1 {
        return text;
    }
    let names: Vec<String> = antigens.iter().map(|a| a.name.clone()).collect();
    for (held, share) in joint.shares.iter().enumerate().take(joint.shares.len() - 1) {
        // Rounded down, so that the clones never have more than all of the cells.
        let percent = (1e4 * share).floor() / 100.0;
        if percent > 0.0 {
            let lost = (0..names.len()).filter(|i| held >> i & 1 == 0);
            let factors: Vec<String> = lost.map(|i| format!("\"{}\" = 0.0", names[i])).collect();
            let _ = writeln!(
                text,
                "\n[lesion.clone.\"{}\"]\nfraction = \"{percent} %\"\nantigen = {{ {} }}",
                set(&names, held),
                factors.join(", ")
            );
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn combinations_and_correlation_are_those_of_the_cells() {
        // Both on three cells with logarithms that go together, one alone on one, none on one.
        let a = [10.0, 100.0, 1000.0, 50.0, 0.0];
        let b = [20.0, 200.0, 2000.0, 0.0, 0.0];
        let joint = Joint::of(&[(&a, 5.0), (&b, 5.0)]);
        assert_eq!(joint.shares, [0.2, 0.2, 0.0, 0.6]);
        assert!((joint.correlation - 1.0).abs() < 1e-12);
        assert_eq!(Joint::of(&[(&a, 5.0)]).correlation, 0.0);
    }

    #[test]
    fn quantiles_lie_between_their_neighbours() {
        let values = [1.0, 2.0, 4.0];
        assert_eq!([0.0, 0.25, 0.5, 1.0].map(|q| quantile(&values, q)), [1.0, 1.5, 2.0, 4.0]);
    }
}
