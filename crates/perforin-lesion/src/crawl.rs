//! Attackers crawl toward cells close by.
//!
//! | symbol | unit | meaning | source |
//! |---|---|---|---|
//! | `k` | /min | rate of closing in on one neighbour | Luque 2024, doi 10.1038/s41598-024-63125-5 |
//! | `d₁`, `d₂` | µm | distances of centres between which a neighbour draws | code of `CARTopiaX`, the re-implementation |
//!
//! `v_i += k · Σ_j (x_j − x_i)` over the cells `j` of attacked types, live or dead, with `d₁ < |x_j − x_i| < d₂`; or, where
//! a study has a meeting grid, over those in the voxel of `i`, however near they are, as in the code of Luque 2024. There
//! the sum is `n·(x̄ − x_i)` with the number `n` of such cells in the voxel and their mean place `x̄`.
//!
//! Assumption: the attacker pulls itself along; the neighbour is not pulled.

use crate::grid::Grid;
use crate::model::{Attack, Crawl};

/// What one type crawls toward.
#[derive(Clone, Debug)]
pub struct Crawling {
    rate: f64,
    targets: Vec<bool>,
    reach: Reach,
}

/// Which cells of the attacked types draw.
#[derive(Clone, Debug)]
enum Reach {
    /// Neighbours between two distances, µm.
    Between { from: f64, to: f64 },
    /// Those in the voxel: for each voxel of the grid, their number and the sum of their places.
    InVoxel { grid: Grid, voxels: Vec<(f64, [f64; 3])> },
}

impl Crawling {
    /// The crawling of a type with this attack, if it crawls.
    pub fn of(attack: &Attack) -> Option<Self> {
        let Crawl { rate, between } = attack.crawl?;
        let reach = match (between, &attack.meeting_grid) {
            (None, Some(grid)) => Reach::InVoxel { grid: grid.clone(), voxels: Vec::new() },
            (between, _) => between.map(|[from, to]| Reach::Between { from, to })?,
        };
        Some(Self { rate, targets: attack.targets.clone(), reach })
    }

    /// Looks where all cells are, which comes before [`Self::velocity`]; `packed` holds positions and radii.
    pub fn look(&mut self, packed: &[[f64; 4]], kind: &[u8]) {
        let Reach::InVoxel { grid, voxels } = &mut self.reach else { return };
        voxels.clear();
        voxels.resize(grid.len(), (0.0, [0.0; 3]));
        for (&[x, y, z, _], kind) in packed.iter().zip(kind) {
            if self.targets[usize::from(*kind)] {
                let (count, sum) = &mut voxels[grid.voxel_at([x, y, z])];
                *count += 1.0;
                *sum = [sum[0] + x, sum[1] + y, sum[2] + z];
            }
        }
    }

    /// Velocity of cell `i`, µm/min, summed in the order of the cells or of the list of its neighbours.
    pub fn velocity(&self, packed: &[[f64; 4]], kind: &[u8], i: usize, list: &[u32]) -> [f64; 3] {
        let [x, y, z, _] = packed[i];
        match &self.reach {
            Reach::InVoxel { grid, voxels } => {
                let (count, sum) = voxels[grid.voxel_at([x, y, z])];
                [sum[0] - count * x, sum[1] - count * y, sum[2] - count * z].map(|way| self.rate * way)
            }
            Reach::Between { from, to } => {
                let mut v = [0.0; 3];
                for &j in list {
                    let j = j as usize;
                    let (dx, dy, dz) = (packed[j][0] - x, packed[j][1] - y, packed[j][2] - z);
                    let d2 = dx * dx + dy * dy + dz * dz;
                    if self.targets[usize::from(kind[j])] && d2 > from * from && d2 < to * to {
                        v[0] += self.rate * dx;
                        v[1] += self.rate * dy;
                        v[2] += self.rate * dz;
                    }
                }
                v
            }
        }
    }
}
