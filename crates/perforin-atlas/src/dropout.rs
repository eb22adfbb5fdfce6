//! Dropout: a cell without a count may carry the antigen and have been missed.
//!
//! # Model
//! Zero-inflated Poisson counts (Lambert 1992, doi 10.2307/1269547), for each gene and group of cells by itself. A
//! share π of the group carries the antigen; a carrier's count is Poisson with mean λs, where s is the cell's depth
//! over the median depth of all cells, so that it is detected with probability 1 − exp(−λs). A cell without a
//! count carries the antigen with probability π exp(−λs) / (1 − π + π exp(−λs)). π and λ are those of largest likelihood,
//! found by expectation–maximisation, with λ kept so large that a carrier of median depth is detected at least with
//! the probability `floor`: below that, one cannot tell a rare antigen from a faint one.
//!
//! | parameter | unit | default | source |
//! |---|---|---|---|
//! | `floor` | 1 | 0.3 | assumed |
//!
//! Assumptions: counts, not normalised values; carriers of a group alike but for depth; no ambient RNA. A normal
//! group in which a gene is rarely seen is given up to 1/`floor` times as many carriers as detected, so limits are
//! harder to keep, and a NOT is credited for fewer cells.

use perforin_core::rng::{Purpose, Stream};
use rayon::prelude::*;

use crate::planes::Planes;

/// Classes of depth; within a class and group all cells have their mean depth.
pub const CLASSES: usize = 16;
/// Rounds of expectation–maximisation at most; with a floor of 0.3 the error shrinks by a third in each.
const ROUNDS: usize = 100;
/// Change of a carriers' share at which the rounds end.
const SETTLED: f64 = 1e-7;

/// What dropout calls need besides the counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Detection {
    /// Lowest probability of detection in a carrier of median depth, above 0 to 1.
    pub floor: f64,
    /// Seed of the draws that decide about cells without a count.
    pub seed: u64,
}

/// Cells without a count that have the same depth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Zeros {
    /// Depth over the median depth.
    pub depth: f64,
    /// Number of cells.
    pub cells: f64,
}

/// Cells with a count, together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Positives {
    /// Number of cells.
    pub cells: f64,
    /// Sum of their depths over the median depth.
    pub depth: f64,
    /// Sum of their counts.
    pub counts: f64,
}

/// A gene in a group of cells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// Share of cells that carry it, π.
    pub carriers: f64,
    /// Mean count of a carrier of median depth, λ.
    pub rate: f64,
}

impl Fit {
    /// The fit of largest likelihood.
    pub fn new(zeros: &[Zeros], positives: Positives, floor: f64) -> Self {
        let least = -libm::log(1.0 - floor.clamp(0.0, 0.999_999));
        if positives.cells == 0.0 || positives.depth <= 0.0 {
            return Self { carriers: 0.0, rate: least };
        }
        let cells = positives.cells + zeros.iter().map(|z| z.cells).sum::<f64>();
        let mut fit =
            Self { carriers: positives.cells / cells, rate: (positives.counts / positives.depth).max(least) };
        for _ in 0..ROUNDS {
            let (mut missed, mut depth) = (0.0, 0.0);
            for zero in zeros {
                let carried = zero.cells * fit.missed(zero.depth);
                missed += carried;
                depth += carried * zero.depth;
            }
            let next = (positives.cells + missed) / cells;
            let change = (next - fit.carriers).abs();
            fit = Self { carriers: next, rate: (positives.counts / (positives.depth + depth)).max(least) };
            if change < SETTLED {
                break;
            }
        }
        fit
    }

    /// Probability that a cell of that depth (over the median) without a count carries the gene.
    pub fn missed(&self, depth: f64) -> f64 {
        let unseen = self.carriers * libm::exp(-self.rate * depth);
        let zero = 1.0 - self.carriers + unseen;
        if zero > 0.0 { unseen / zero } else { 1.0 }
    }
}

/// Positives of every gene by group and class of depth, taken while the counts pass by.
#[derive(Clone, Debug)]
pub struct Tallies {
    /// `cells[(gene * groups + group) * CLASSES + class]`
    cells: Vec<u32>,
    /// `counts[gene * groups + group]`
    counts: Vec<f64>,
    /// Cells of every group by class: `sizes[group * CLASSES + class]`.
    sizes: Vec<u32>,
    /// Their mean depth over the median.
    depths: Vec<f64>,
    /// Class of the cell at every position of the planes.
    classes: Vec<u8>,
    groups: usize,
}

impl Tallies {
    /// Empty tallies for planes whose cells have the given depths (over the median), by position; padding has none.
    pub fn new(planes: &Planes, genes: usize, depths: &[Option<f64>]) -> Self {
        let mut sorted: Vec<f64> = depths.iter().flatten().copied().collect();
        sorted.sort_by(f64::total_cmp);
        let edges: Vec<f64> =
            (1..CLASSES).filter_map(|class| sorted.get(class * sorted.len() / CLASSES).copied()).collect();
        let groups = planes.groups.len();
        let (mut sizes, mut sums) = (vec![0; groups * CLASSES], vec![0.0; groups * CLASSES]);
        let mut classes = vec![0_u8; depths.len()];
        for (g, group) in planes.groups.iter().enumerate() {
            let first = planes.position(g, 0);
            for position in first..first + group.cells {
                let depth = depths.get(position).copied().flatten().unwrap_or(0.0);
                let class = edges.partition_point(|edge| *edge <= depth);
                classes[position] = class as u8;
                sizes[g * CLASSES + class] += 1;
                sums[g * CLASSES + class] += depth;
            }
        }
        let mean = |(sum, n): (f64, &u32)| if *n > 0 { sum / f64::from(*n) } else { 0.0 };
        let depths = sums.into_iter().zip(&sizes).map(mean).collect();
        let cells = vec![0; genes * groups * CLASSES];
        Self { cells, counts: vec![0.0; genes * groups], sizes, depths, classes, groups }
    }

    /// Takes note of a count; `is_new` says that the cell had none of this gene before.
    #[inline]
    pub fn add(&mut self, gene: usize, group: usize, position: usize, count: f64, is_new: bool) {
        let at = gene * self.groups + group;
        self.counts[at] += count;
        if is_new {
            self.cells[at * CLASSES + usize::from(self.classes[position])] += 1;
        }
    }

    /// The fit of a gene in a group.
    pub fn fit(&self, gene: usize, group: usize, floor: f64) -> Fit {
        let at = gene * self.groups + group;
        let mut positives = Positives { counts: self.counts[at], ..Positives::default() };
        let mut zeros = [Zeros { depth: 0.0, cells: 0.0 }; CLASSES];
        for (class, zero) in zeros.iter_mut().enumerate() {
            let place = group * CLASSES + class;
            let (seen, depth) = (self.cells[at * CLASSES + class], self.depths[place]);
            positives.cells += f64::from(seen);
            positives.depth += f64::from(seen) * depth;
            *zero = Zeros { depth, cells: f64::from(self.sizes[place] - seen) };
        }
        Fit::new(&zeros, positives, floor)
    }

    /// Sets the first plane's bit of every cell without a count that is drawn to carry the gene.
    pub fn call(&self, planes: &mut Planes, detection: Detection) {
        let genes = self.counts.len() / self.groups.max(1);
        let groups: Vec<(usize, usize)> =
            (0..self.groups).map(|g| (planes.position(g, 0), planes.groups[g].cells)).collect();
        planes.first_planes(genes).enumerate().for_each(|(gene, plane)| {
            for (g, &(first, cells)) in groups.iter().enumerate() {
                let fit = self.fit(gene, g, detection.floor);
                if fit.carriers == 0.0 {
                    continue;
                }
                let missed: [f64; CLASSES] =
                    std::array::from_fn(|class| fit.missed(self.depths[g * CLASSES + class]));
                let entity = (gene * self.groups + g) as u64;
                let mut draw = Stream::new(detection.seed, Purpose::Antigen).at(entity, 1);
                for position in first..first + cells {
                    let word = &mut plane[position / 512][position % 512 / 64];
                    let bit = 1_u64 << (position % 64);
                    // Drawn for every cell, so that one count more does not shift the draws of the others.
                    let is_missed = draw.uniform() < missed[usize::from(self.classes[position])];
                    if is_missed {
                        *word |= bit;
                    }
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts of `cells` cells of which a share carries the antigen, with depths between a half and twice the median.
    fn drawn(cells: u64, carriers: f64, rate: f64) -> (Vec<Zeros>, Positives) {
        let (mut zeros, mut positives) = (Vec::new(), Positives::default());
        for cell in 0..cells {
            let mut draw = Stream::new(17, Purpose::Placement).at(cell, 0);
            let depth = libm::exp(libm::log(4.0) * (draw.uniform() - 0.5));
            let count = if draw.uniform() < carriers { draw.poisson(rate * depth) } else { 0 };
            if count == 0 {
                zeros.push(Zeros { depth, cells: 1.0 });
            } else {
                positives.cells += 1.0;
                positives.depth += depth;
                positives.counts += f64::from(count);
            }
        }
        (zeros, positives)
    }

    #[test]
    fn carriers_and_rate_are_recovered() {
        for (carriers, rate) in [(0.6, 1.5), (0.2, 3.0), (0.95, 0.8)] {
            let (zeros, positives) = drawn(20_000, carriers, rate);
            let fit = Fit::new(&zeros, positives, 0.3);
            // Four standard errors of 20,000 cells, doubled for what is not seen.
            assert!((fit.carriers - carriers).abs() < 0.03, "{fit:?} for {carriers}");
            assert!((fit.rate - rate).abs() < 0.1 * rate, "{fit:?} for {rate}");
        }
    }

    #[test]
    fn a_faint_gene_is_not_given_to_every_cell() {
        // All cells carry it at 0.05 counts; with a floor of 0.3 at most 1 / 0.3 times the detected share remain.
        let (zeros, positives) = drawn(20_000, 1.0, 0.05);
        let fit = Fit::new(&zeros, positives, 0.3);
        let detected = positives.cells / 20_000.0;
        assert!(fit.carriers < 1.05 * detected / 0.3 && fit.carriers > detected, "{fit:?}");
        let none = Fit::new(&zeros, Positives::default(), 0.3);
        assert_eq!((none.carriers, none.missed(1.0)), (0.0, 0.0));
    }

    #[test]
    fn deeper_cells_hide_less() {
        let fit = Fit { carriers: 0.5, rate: 2.0 };
        assert!(fit.missed(0.5) > fit.missed(1.0) && fit.missed(1.0) > fit.missed(3.0));
        // π e^−2 / (1 − π + π e^−2) at π = 0.5.
        let e = libm::exp(-2.0);
        assert!((fit.missed(1.0) - e / (1.0 + e)).abs() < 1e-15);
    }
}
