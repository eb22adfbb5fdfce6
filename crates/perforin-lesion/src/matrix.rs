//! Matrix: fibroblasts fill their voxel with it, heparanase loosens it, and its fibres steer T cells.
//!
//! | symbol | unit | meaning | source |
//! |---|---|---|---|
//! | `m` | 1 | share of a voxel that matrix fills | study |
//! | `k_d`, `m*` | /min, 1 | deposition by a fibroblast, limit | parameters `matrix.deposition`, `matrix.limit` |
//! | `k_h` | /min | loosening by a heparanase-armoured cell | parameter `matrix.degradation` |
//! | `w` | 1 | weight of the fibres' direction in a heading, times `m` | parameter `matrix.fibre_guidance` (sign: Salmon 2012, doi 10.1172/JCI45817) |
//!
//! `dm/dt = Σ k_d·(m* − m) − Σ k_h·m` over the cells in the voxel. A heading `h` is turned to
//! `h − w·m·h⊥` and normalised, where `h⊥` is its part across the fibres: in dense matrix cells move along them.
//!
//! Assumptions: a cell keeps the share `1 − m` of its speed; fibres run around the middle of the tumour, or of the nearest
//! islet, or toward it.

use crate::cells::Cells;
use crate::model::Model;
use crate::model::biology::Fibres;
use crate::neighbours::distance2;

/// Advances the matrix over a phenotype step; cells act one after the other.
pub fn advance(model: &Model, cells: &Cells, matrix: &mut [f32]) {
    let active = |t: &crate::model::CellType| {
        t.matrix_deposition > 0.0 || t.lymphocyte.as_ref().is_some_and(|l| l.matrix_degradation > 0.0)
    };
    if matrix.is_empty() || !model.types.iter().any(active) {
        return;
    }
    let dt = model.numerics.phenotype_step;
    for i in (0..cells.len()).filter(|i| cells.is_live(*i)) {
        let cell_type = &model.types[usize::from(cells.kind[i])];
        let up = cell_type.matrix_deposition;
        let down = cell_type.lymphocyte.as_ref().map_or(0.0, |l| l.matrix_degradation);
        if up + down > 0.0 {
            let share = &mut matrix[model.grid.voxel_at(cells.position[i])];
            // A voxel that is already denser than fibroblasts make it is left as it is.
            let rest = (up * model.matrix_change.limit.max(f64::from(*share))) / (up + down);
            *share = (rest + (f64::from(*share) - rest) * libm::exp(-(up + down) * dt)) as f32;
        }
    }
}

/// Share of its speed that matrix leaves a cell at `position`.
pub fn freedom_at(model: &Model, matrix: &[f32], position: [f64; 3]) -> f64 {
    if matrix.is_empty() { 1.0 } else { 1.0 - f64::from(matrix[model.grid.voxel_at(position)]) }
}

/// A heading as fibres at `position` turn it; a unit vector, or zero for a heading of zero.
pub fn guided(model: &Model, matrix: &[f32], position: [f64; 3], heading: [f64; 3]) -> [f64; 3] {
    let Some(fibres) = model.matrix_change.fibres else { return heading };
    let weight = model.matrix_change.guidance * (1.0 - freedom_at(model, matrix, position));
    let Some(centre) = nearest(&model.matrix_change.foci, position) else { return heading };
    let outward = unit(std::array::from_fn(|a| position[a] - centre[a]));
    let along: f64 = (0..3).map(|a| heading[a] * outward[a]).sum();
    let radial = outward.map(|c| c * along);
    let across = match fibres {
        Fibres::Circumferential => radial,
        Fibres::Radial => std::array::from_fn(|a| heading[a] - radial[a]),
    };
    unit(std::array::from_fn(|a| heading[a] - weight * across[a]))
}

/// The point that is nearest to a position, the first of several.
fn nearest(points: &[[f64; 3]], position: [f64; 3]) -> Option<[f64; 3]> {
    let closer = |a: &[f64; 3], b: &[f64; 3]| distance2(*a, position).total_cmp(&distance2(*b, position));
    points.iter().copied().min_by(closer)
}

/// The unit vector along `v`, or zero where `v` has no direction.
pub fn unit(v: [f64; 3]) -> [f64; 3] {
    let norm = (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]).sqrt();
    if norm > 1e-300 { v.map(|c| c / norm) } else { [0.0; 3] }
}
