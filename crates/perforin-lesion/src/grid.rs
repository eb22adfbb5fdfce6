//! The Cartesian grid on which substances live.

/// A box of cubic voxels. Voxels are numbered with x fastest: `x + nx·(y + ny·z)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// Lower corner of the box, µm.
    pub origin: [f64; 3],
    /// Number of voxels along each axis; each at least one.
    pub n: [usize; 3],
    /// Edge of a voxel, µm.
    pub spacing: f64,
}

impl Grid {
    /// Number of voxels.
    pub fn len(&self) -> usize {
        self.n[0] * self.n[1] * self.n[2]
    }

    /// Whether the grid has no voxel.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Volume of one voxel, µm³.
    pub fn voxel_volume(&self) -> f64 {
        self.spacing * self.spacing * self.spacing
    }

    /// Upper corner of the box, µm.
    pub fn upper(&self) -> [f64; 3] {
        std::array::from_fn(|a| self.origin[a] + self.spacing * self.n[a] as f64)
    }

    /// Centre of the box, µm.
    pub fn centre(&self) -> [f64; 3] {
        std::array::from_fn(|a| self.origin[a] + 0.5 * self.spacing * self.n[a] as f64)
    }

    /// The voxel that holds a position; positions outside count to the nearest voxel.
    #[inline]
    pub fn voxel_at(&self, position: [f64; 3]) -> usize {
        let [i, j, k] = self.coordinates_at(position);
        i + self.n[0] * (j + self.n[1] * k)
    }

    /// The voxel coordinates that hold a position; positions outside count to the nearest voxel.
    #[inline]
    pub fn coordinates_at(&self, position: [f64; 3]) -> [usize; 3] {
        // A cast from float saturates: below the box gives 0.
        let along = |a: usize| (((position[a] - self.origin[a]) / self.spacing) as usize).min(self.n[a] - 1);
        [along(0), along(1), along(2)]
    }

    /// For each voxel, whether its centre is at most `reach`, µm, from that of one of the `marked` voxels.
    pub fn voxels_near(&self, marked: &[bool], reach: f64) -> Vec<bool> {
        let steps = (reach / self.spacing + 1e-9).floor().max(0.0) as i64;
        let within = |o: &[i64; 3]| {
            let steps2 = (o[0] * o[0] + o[1] * o[1] + o[2] * o[2]) as f64;
            steps2 * self.spacing * self.spacing <= reach * reach * (1.0 + 1e-12)
        };
        let range = || -steps..=steps;
        let offsets: Vec<[i64; 3]> = range()
            .flat_map(|z| range().flat_map(move |y| range().map(move |x| [x, y, z])))
            .filter(within)
            .collect();
        let mut near = marked.to_vec();
        for voxel in (0..self.len()).filter(|v| marked[*v] && self.has_unmarked_neighbour(marked, *v)) {
            for offset in &offsets {
                if let Some(other) = self.shifted(voxel, *offset) {
                    near[other] = true;
                }
            }
        }
        near
    }

    /// The voxel at an offset from another, if the box has it.
    fn shifted(&self, voxel: usize, offset: [i64; 3]) -> Option<usize> {
        let [nx, ny, _] = self.n;
        let at = [voxel % nx, voxel / nx % ny, voxel / (nx * ny)];
        let mut to = [0; 3];
        for a in 0..3 {
            to[a] = usize::try_from(at[a] as i64 + offset[a]).ok().filter(|i| *i < self.n[a])?;
        }
        Some(to[0] + nx * (to[1] + ny * to[2]))
    }

    /// Voxels amid marked ones bring nothing that those around them do not.
    fn has_unmarked_neighbour(&self, marked: &[bool], voxel: usize) -> bool {
        let axes = [[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]];
        axes.into_iter().any(|offset| self.shifted(voxel, offset).is_some_and(|v| !marked[v]))
    }

    /// Centre of a voxel, µm.
    pub fn centre_of(&self, voxel: usize) -> [f64; 3] {
        let [nx, ny, _] = self.n;
        let at = [voxel % nx, voxel / nx % ny, voxel / (nx * ny)];
        std::array::from_fn(|a| self.origin[a] + self.spacing * (at[a] as f64 + 0.5))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn voxels_near_marked_ones_are_those_that_a_search_of_all_pairs_finds() {
        let grid = Grid { origin: [0.0; 3], n: [9, 7, 5], spacing: 20.0 };
        let marked: Vec<bool> = (0..grid.len()).map(|v| v % 41 == 3 || (100..109).contains(&v)).collect();
        for reach in [0.0, 19.9, 20.0, 28.3, 45.0, 70.0] {
            let near = |v: usize| {
                (0..grid.len()).filter(|m| marked[*m]).any(|m| {
                    let d2 = crate::neighbours::distance2(grid.centre_of(v), grid.centre_of(m));
                    d2.sqrt() <= reach + 1e-9
                })
            };
            let expected: Vec<bool> = (0..grid.len()).map(near).collect();
            assert_eq!(grid.voxels_near(&marked, reach), expected, "reach {reach}");
        }
    }
}
