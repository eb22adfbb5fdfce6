//! Synthetic atlases with a known best gate, for tests, benchmarks and the worked example.
//!
//! # Model
//! The count of a gene in a cell is Poisson with mean depth × rate. Depth is log-normal over cells. The rate of an
//! ordinary gene is log-normal over genes, with log-normal effects of malignancy, patient and normal cell type,
//! and is a tenth in half of the normal cell types (markers of other lineages). Three genes are planted:
//! malignant cells are of two states that carry `PLANT_A` or `PLANT_B`; some normal cell types carry one of them,
//! and those carry `PLANT_C`, which malignant cells lack. So `(PLANT_A | PLANT_B) & !PLANT_C` covers all malignant
//! cells but for dropout and spares all normal cells but for dropout.
//!
//! | parameter | value | source |
//! |---|---|---|
//! | log-SD of depth | 0.5 | assumed |
//! | median rate, log-SD over genes | 0.03, 1.8 | assumed; gives the sparsity of 10x data (10 % of surface genes in over a third of cells) |
//! | log-SD of malignancy, patient, cell type | 1.0, 0.7, 1.2 | assumed |
//! | rate of a planted antigen where carried | 4 | assumed |
//! | rate of the planted blocker where carried | 6 | assumed |

use perforin_core::rng::{Purpose, Stream};
use rayon::prelude::*;

use crate::cohort::Role;
use crate::planes::Planes;

mod file;
mod matrix;

pub use matrix::Generated;

/// Classes of depth; within a class all cells have the same mean counts.
const DEPTHS: usize = 16;
/// Largest count that is drawn.
const LARGEST: u32 = 60;

/// Size and seed of a synthetic atlas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Synthetic {
    /// Seed.
    pub seed: u64,
    /// Genes, with the three planted ones (at least 3).
    pub genes: usize,
    /// Patients.
    pub patients: usize,
    /// Malignant cells of all patients, shared out evenly.
    pub malignant: usize,
    /// Normal tissue × cell type groups.
    pub tissues: usize,
    /// Normal cells of all groups, shared out evenly.
    pub normal: usize,
}

/// A group's size, and the mean counts in it.
struct Group {
    role: Role,
    cells: usize,
    malignant: bool,
    number: usize,
}

impl Synthetic {
    /// The size of the published breast-cancer search of `LogiCAR` designer (doi 10.1101/2025.03.19.644074):
    /// 2,716 genes, 72,432 malignant cells of 145 patients, 31,000 normal cells of 31 tissues.
    pub fn logicar() -> Self {
        Self { seed: 1, genes: 2716, patients: 145, malignant: 72_432, tissues: 31, normal: 31_000 }
    }

    /// The genes' names: the planted ones, then `G0003`, `G0004` and so on.
    pub fn names(&self) -> Vec<String> {
        let planted = ["PLANT_A", "PLANT_B", "PLANT_C"].map(String::from);
        planted.into_iter().chain((3..self.genes).map(|g| format!("G{g:04}"))).take(self.genes).collect()
    }

    /// The atlas as bit planes.
    pub fn planes(&self, thresholds: Vec<f64>) -> Planes {
        let groups = self.groups();
        let sizes: Vec<(Role, usize)> = groups.iter().map(|g| (g.role.clone(), g.cells)).collect();
        let mut planes = Planes::new(self.names(), &sizes, thresholds);
        // A stripe of genes at a time: counts are drawn in parallel and marked in order.
        for start in (0..self.genes).step_by(64) {
            let stripe: Vec<usize> = (start..(start + 64).min(self.genes)).collect();
            let counts: Vec<Vec<u8>> = stripe.par_iter().map(|&gene| self.counts(gene)).collect();
            for (gene, counts) in stripe.into_iter().zip(counts) {
                let mut counts = counts.into_iter();
                for (g, group) in groups.iter().enumerate() {
                    for (cell, count) in (0..group.cells).zip(&mut counts) {
                        if count > 0 {
                            planes.mark(gene, planes.position(g, cell), f64::from(count));
                        }
                    }
                }
            }
        }
        planes
    }

    /// The counts of a gene in all cells, group by group.
    pub fn counts(&self, gene: usize) -> Vec<u8> {
        let mut counts = Vec::with_capacity(self.malignant + self.normal);
        let base = self.effect(gene, 0, libm::log(0.03), 1.8);
        for (g, group) in self.groups().iter().enumerate() {
            let rate = self.rate(gene, g, group, base);
            let state_rate = other_state_rate(gene, group);
            let mut draw =
                Stream::new(self.seed, Purpose::Antigen).at((gene * self.group_count() + g) as u64, 0);
            let table = ladder(rate);
            let other = state_rate.map(ladder);
            for cell in 0..group.cells {
                let class = self.depth_class(g, cell);
                let ladder = match &other {
                    Some(other) if self.second_state(g, cell) => &other[class],
                    _ => &table[class],
                };
                let u = draw.bits32();
                counts.push(ladder.partition_point(|&below| below <= u) as u8);
            }
        }
        counts
    }

    fn group_count(&self) -> usize {
        self.patients + self.tissues
    }

    fn groups(&self) -> Vec<Group> {
        let share = |total: usize, parts: usize, i: usize| total / parts + usize::from(i < total % parts);
        let patient = |number| Group {
            role: Role::Malignant { patient: format!("patient{number:03}") },
            cells: share(self.malignant, self.patients, number),
            malignant: true,
            number,
        };
        let tissue = |number| Group {
            role: Role::Normal { tissue: format!("tissue{number:02}"), cell_type: "parenchyma".into() },
            cells: share(self.normal, self.tissues, number),
            malignant: false,
            number,
        };
        (0..self.patients).map(patient).chain((0..self.tissues).map(tissue)).collect()
    }

    /// A normal draw of a gene's effect in a place.
    fn effect(&self, gene: usize, place: u32, mean: f64, sd: f64) -> f64 {
        mean + sd * Stream::new(self.seed, Purpose::Placement).at(gene as u64, place).normal()
    }

    /// Rate of a gene in a group (for the planted antigens, in malignant cells of the first state).
    fn rate(&self, gene: usize, g: usize, group: &Group, base: f64) -> f64 {
        let carried = group.number % 5;
        match gene {
            0 => {
                if group.malignant || carried == 0 {
                    4.0
                } else {
                    0.002
                }
            }
            1 if group.malignant => 0.01,
            1 => {
                if carried == 1 {
                    4.0
                } else {
                    0.002
                }
            }
            2 => {
                if !group.malignant && carried < 2 {
                    6.0
                } else {
                    0.002
                }
            }
            _ => {
                let place = g as u32 + 2;
                let log = if group.malignant {
                    base + self.effect(gene, 1, 0.0, 1.0) + self.effect(gene, place, 0.0, 0.7)
                } else {
                    base + self.effect(gene, place, 0.0, 1.2) - if self.coin(gene, place) { 2.3 } else { 0.0 }
                };
                libm::exp(log)
            }
        }
    }

    fn coin(&self, gene: usize, place: u32) -> bool {
        Stream::new(self.seed, Purpose::Patch).at(gene as u64, place).bits32() & 1 == 1
    }

    /// Whether a malignant cell is of the second state: 45 % are.
    fn second_state(&self, group: usize, cell: usize) -> bool {
        Stream::new(self.seed, Purpose::Cycle).at((group as u64) << 32 | cell as u64, 0).uniform() < 0.45
    }

    fn depth_class(&self, group: usize, cell: usize) -> usize {
        let draw =
            Stream::new(self.seed, Purpose::Desynchronise).at((group as u64) << 32 | cell as u64, 0).bits32();
        draw as usize % DEPTHS
    }
}

/// Rate of the planted antigens in malignant cells of the second state.
fn other_state_rate(gene: usize, group: &Group) -> Option<f64> {
    match gene {
        0 if group.malignant => Some(0.01),
        1 if group.malignant => Some(4.0),
        _ => None,
    }
}

/// For each class of depth the cumulative Poisson probabilities of counts 0, 1, 2 …, scaled to 32 bits.
fn ladder(rate: f64) -> Vec<Vec<u32>> {
    (0..DEPTHS).map(|class| cumulative(rate * depth(class))).collect()
}

/// Depth of a class: equally likely quantiles of a log-normal with median 1 and log-SD 0.5.
fn depth(class: usize) -> f64 {
    // Quantiles of the normal by the logistic approximation, good to 0.02 and exact in nothing that matters here.
    let p = (class as f64 + 0.5) / DEPTHS as f64;
    libm::exp(0.5 * libm::log(p / (1.0 - p)) / 1.702)
}

fn cumulative(mean: f64) -> Vec<u32> {
    let mut term = libm::exp(-mean);
    let mut sum = term;
    let mut steps = Vec::new();
    for count in 1..=LARGEST {
        steps.push((sum * 4_294_967_295.0).min(4_294_967_295.0) as u32);
        term *= mean / f64::from(count);
        sum += term;
        if sum > 1.0 - 1e-9 {
            break;
        }
    }
    steps
}
