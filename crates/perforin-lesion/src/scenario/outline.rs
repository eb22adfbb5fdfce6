//! What the tumour fills at the start.

use crate::grid::Grid;
use crate::neighbours::distance2;

/// What the tumour fills at the start.
pub(super) enum Outline {
    /// A ball around the middle of the box; of radius 0 without a tumour.
    Ball { radius: f64 },
    /// Between two heights.
    Slab { from: f64, to: f64 },
    /// Balls around these centres.
    Islets { centres: Vec<[f64; 3]>, radius: f64 },
    /// The whole box.
    Whole,
    /// These voxels: each holds a tumour cell of a file.
    Voxels(Vec<bool>),
}

/// A part of the box, as the tumour divides it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    /// What the tumour fills.
    Tumour,
    /// A layer of this thickness around it, µm.
    Around(f64),
    /// All that the tumour does not fill.
    Stroma,
}

impl Outline {
    /// For each voxel, whether its centre lies in a part of the box.
    pub fn voxels(&self, grid: &Grid, part: Part) -> Vec<bool> {
        if let Self::Voxels(held) = self {
            return match part {
                Part::Tumour => held.clone(),
                Part::Around(thickness) => grid
                    .voxels_near(held, thickness)
                    .into_iter()
                    .zip(held)
                    .map(|(near, held)| near && !held)
                    .collect(),
                Part::Stroma => held.iter().map(|held| !held).collect(),
            };
        }
        let is_there = |distance: f64| match part {
            Part::Tumour => distance <= 0.0,
            Part::Around(thickness) => distance >= 0.0 && distance <= thickness,
            Part::Stroma => distance > 0.0,
        };
        (0..grid.len()).map(|voxel| is_there(self.distance(grid, grid.centre_of(voxel)))).collect()
    }

    /// Distance of a position from the tumour's edge, µm, negative within it.
    fn distance(&self, grid: &Grid, position: [f64; 3]) -> f64 {
        let from = |centre: [f64; 3]| distance2(position, centre).sqrt();
        match self {
            Self::Ball { radius } => from(grid.centre()) - radius,
            Self::Slab { from, to } => (from - position[2]).max(position[2] - to),
            Self::Islets { centres, radius } => {
                centres.iter().map(|c| from(*c)).fold(f64::INFINITY, f64::min) - radius
            }
            Self::Whole => f64::NEG_INFINITY,
            Self::Voxels(held) => {
                if held[grid.voxel_at(position)] {
                    -0.5 * grid.spacing
                } else {
                    0.5 * grid.spacing
                }
            }
        }
    }

    /// Points around which fibres of matrix run; none where the tumour is no ball.
    pub fn foci(&self, grid: &Grid) -> Vec<[f64; 3]> {
        match self {
            Self::Ball { .. } => vec![grid.centre()],
            Self::Islets { centres, .. } => centres.clone(),
            _ => Vec::new(),
        }
    }
}
