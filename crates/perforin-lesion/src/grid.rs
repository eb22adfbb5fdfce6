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

    /// Centre of a voxel, µm.
    pub fn centre_of(&self, voxel: usize) -> [f64; 3] {
        let [nx, ny, _] = self.n;
        let at = [voxel % nx, voxel / nx % ny, voxel / (nx * ny)];
        std::array::from_fn(|a| self.origin[a] + self.spacing * (at[a] as f64 + 0.5))
    }
}
