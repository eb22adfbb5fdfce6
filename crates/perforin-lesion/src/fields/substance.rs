//! What diffuses, and the values of it on a grid.

use crate::grid::Grid;

/// What holds at one face of the box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Face {
    /// Nothing passes.
    NoFlux,
    /// The face itself is held at this value.
    Fixed(f64),
}

/// A diffusing substance. Its unit is free; amounts come out in that unit times µm³.
#[derive(Clone, Debug, PartialEq)]
pub struct Substance {
    /// Name, unique within a study.
    pub name: String,
    /// Unit of the values, such as mmHg or pg/mL.
    pub unit: String,
    /// Diffusion coefficient, µm²/min.
    pub diffusion: f64,
    /// First-order loss everywhere, /min.
    pub decay: f64,
    /// Value everywhere at the start.
    pub initial: f64,
    /// The six faces of the box, in the order −x, +x, −y, +y, −z, +z.
    pub faces: [Face; 6],
}

/// The values of a substance on a grid, and what acts on it in each voxel.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// What diffuses.
    pub substance: Substance,
    /// Mean value in each voxel, x fastest.
    pub value: Vec<f64>,
    /// First-order uptake in each voxel, /min; not negative.
    pub sink: Vec<f64>,
    /// Production in each voxel, unit/min.
    pub source: Vec<f64>,
}

impl Field {
    /// The substance at its initial value, with neither uptake nor production.
    pub fn new(substance: Substance, grid: &Grid) -> Self {
        let n = grid.len();
        Self { value: vec![substance.initial; n], sink: vec![0.0; n], source: vec![0.0; n], substance }
    }

    /// Whether there is nothing of the substance, and nothing brings any.
    pub fn is_empty(&self) -> bool {
        let is_zero = |v: &f64| *v == 0.0;
        let supplied = self.substance.faces.iter().any(|face| matches!(face, Face::Fixed(v) if *v != 0.0));
        !supplied && self.source.iter().all(is_zero) && self.value.iter().all(is_zero)
    }

    /// The value in the voxel that holds a position.
    pub fn value_at(&self, grid: &Grid, position: [f64; 3]) -> f64 {
        self.value[grid.voxel_at(position)]
    }

    /// Gradient at the centre of the voxel that holds a position, unit/µm.
    ///
    /// Second-order differences of the neighbouring voxels; next to a fixed face, its value at half a voxel's
    /// distance takes the neighbour's place, and next to a face without flux, a mirror image does.
    pub fn gradient_at(&self, grid: &Grid, position: [f64; 3]) -> [f64; 3] {
        let at = grid.coordinates_at(position);
        let voxel = grid.voxel_at(position);
        let stride = [1, grid.n[0], grid.n[0] * grid.n[1]];
        let here = self.value[voxel];
        let h = grid.spacing;
        let outside = |face: Face| match face {
            Face::NoFlux => (0.0, h),
            Face::Fixed(value) => (value - here, 0.5 * h),
        };
        std::array::from_fn(|a| {
            let below = if at[a] > 0 {
                (self.value[voxel - stride[a]] - here, h)
            } else {
                outside(self.substance.faces[2 * a])
            };
            let above = if at[a] + 1 < grid.n[a] {
                (self.value[voxel + stride[a]] - here, h)
            } else {
                outside(self.substance.faces[2 * a + 1])
            };
            (above.0 * below.1 / above.1 - below.0 * above.1 / below.1) / (above.1 + below.1)
        })
    }
}
