//! Cells take substances up and secrete them: `∂c/∂t = Σ (V_cell/V_voxel)·(secretion·(target − c) − uptake·c)`
//! over the cells whose centres lie in the voxel (Ghaffarizadeh 2018, doi 10.1371/journal.pcbi.1005991).
//!
//! Dead cells exchange nothing. Vessels supply oxygen to their voxels. Contributions are added in the order of the cells, so that the sums do not depend
//! on the number of threads; substances are filled side by side.

use rayon::prelude::*;

use crate::attack::Readings;
use crate::cells::{Cells, UNBOUND};
use crate::fields::Field;
use crate::model::{Exchange, Model};

/// Fills `sink` and `source` of every field from the cells.
pub fn collect(model: &Model, cells: &Cells, readings: &Readings, fields: &mut [Field]) {
    let per_voxel = 1.0 / model.grid.voxel_volume();
    let voxels: Vec<u32> =
        cells.position.par_iter().with_min_len(4096).map(|p| model.grid.voxel_at(*p) as u32).collect();
    fields.par_iter_mut().enumerate().for_each(|(s, field)| {
        field.sink.fill(0.0);
        field.source.fill(0.0);
        let by_type: Vec<Vec<Exchange>> = model
            .types
            .iter()
            .map(|t| t.exchange.iter().filter(|x| x.substance == s).copied().collect())
            .collect();
        for i in 0..cells.len() {
            if !cells.is_live(i) {
                continue;
            }
            for exchange in &by_type[usize::from(cells.kind[i])] {
                let share = cells.volume(i) * per_voxel;
                let signal = if exchange.on_signal { synapse_signal(cells, readings, i) } else { 1.0 };
                let secretion = share * exchange.secretion * signal;
                let voxel = voxels[i] as usize;
                field.sink[voxel] += share * exchange.uptake + secretion;
                field.source[voxel] += secretion * exchange.target;
            }
        }
        if model.oxygen == Some(s) {
            for &voxel in &model.vessels.voxels {
                field.sink[voxel as usize] += model.vessels.exchange;
                field.source[voxel as usize] += model.vessels.exchange * model.vessels.supply;
            }
        }
    });
}

/// Cytokine signal of a cell's present synapse, 0 without one.
fn synapse_signal(cells: &Cells, readings: &Readings, i: usize) -> f64 {
    match cells.bond[i] {
        UNBOUND => 0.0,
        target => readings.of(usize::from(cells.kind[i]), target as usize).cytokine,
    }
}
