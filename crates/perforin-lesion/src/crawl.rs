//! Attackers crawl toward cells that they nearly touch.
//!
//! | symbol | unit | meaning | source |
//! |---|---|---|---|
//! | `k` | /min | rate of closing in on one neighbour | Luque 2024, doi 10.1038/s41598-024-63125-5 |
//! | `d₁`, `d₂` | µm | distances of centres between which a neighbour draws | code of `CARTopiaX`, the re-implementation |
//!
//! `v_i += k · Σ_j (x_j − x_i)` over the neighbours `j` of attacked types, live or dead, with `d₁ < |x_j − x_i| < d₂`.
//!
//! Assumption: the attacker pulls itself along; the neighbour is not pulled.

use crate::model::{Attack, Crawl};

/// What one type crawls toward.
#[derive(Clone, Debug)]
pub struct Crawling {
    crawl: Crawl,
    targets: Vec<bool>,
}

impl Crawling {
    /// The crawling of a type with this attack, if it crawls.
    pub fn of(attack: &Attack) -> Option<Self> {
        attack.crawl.map(|crawl| Self { crawl, targets: attack.targets.clone() })
    }

    /// Velocity of cell `i`, µm/min, summed in the order of its list of neighbours; `packed` holds positions and radii.
    pub fn velocity(&self, packed: &[[f64; 4]], kind: &[u8], i: usize, list: &[u32]) -> [f64; 3] {
        let Crawl { rate, from, to } = self.crawl;
        let [x, y, z, _] = packed[i];
        let mut v = [0.0; 3];
        for &j in list {
            let j = j as usize;
            let (dx, dy, dz) = (packed[j][0] - x, packed[j][1] - y, packed[j][2] - z);
            let d2 = dx * dx + dy * dy + dz * dz;
            if self.targets[usize::from(kind[j])] && d2 > from * from && d2 < to * to {
                v[0] += rate * dx;
                v[1] += rate * dy;
                v[2] += rate * dz;
            }
        }
        v
    }
}
