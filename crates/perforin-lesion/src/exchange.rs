//! Cells take substances up and secrete them: `∂c/∂t = Σ (V_cell/V_voxel)·(secretion·(target − c) − uptake·c)`
//! over the cells whose centres lie in the voxel (Ghaffarizadeh 2018, doi 10.1371/journal.pcbi.1005991), and they
//! export cytokines at rates that no level stops, `Σ export/V_voxel`.
//!
//! Secretion and export of stimulated cells follow the cytokine signal of their synapse; infected cells release
//! virus after the eclipse. Dead cells exchange nothing. Vessels supply oxygen, and what else comes with the blood,
//! to their voxels. Contributions are added in the order of the cells, so that the sums do not depend on the number
//! of threads; substances are filled side by side.

use rayon::prelude::*;

use crate::cells::Cells;
use crate::fields::Field;
use crate::model::{Exchange, Model, Role};
use crate::treatments;

/// Exchange of a supplied substance between a vessel and its voxel over that of oxygen: proteins pass far more
/// slowly (assumed).
const SUPPLY_EXCHANGE: f64 = 0.001;

/// Fills `sink` and `source` of every chosen field from the cells at `time`, min.
pub fn collect(
    model: &Model,
    cells: &Cells,
    time: f64,
    fields: &mut [Field],
    is_chosen: impl Fn(usize) -> bool + Sync,
) {
    let per_voxel = 1.0 / model.grid.voxel_volume();
    let voxels: Vec<u32> =
        cells.position.par_iter().with_min_len(4096).map(|p| model.grid.voxel_at(*p) as u32).collect();
    let scales = scales(model, fields);
    let drawn = treatments::chemokine_factor(model, time);
    fields.par_iter_mut().enumerate().filter(|(s, _)| is_chosen(*s)).for_each(|(s, field)| {
        field.sink.fill(0.0);
        field.source.fill(0.0);
        let by_type: Vec<Vec<Exchange>> = model
            .types
            .iter()
            .map(|t| t.exchange.iter().filter(|x| x.substance == s).copied().collect())
            .collect();
        let tumour = if model.chemokine == Some(s) { drawn } else { 1.0 };
        for i in 0..cells.len() {
            let kind = usize::from(cells.kind[i]);
            if by_type[kind].is_empty() || !cells.is_live(i) {
                continue;
            }
            let voxel = voxels[i] as usize;
            for exchange in &by_type[kind] {
                let share = cells.volume(i) * per_voxel;
                let signal = if exchange.on_signal { f64::from(cells.cytokine_signal[i]) } else { 1.0 };
                let role = if model.types[kind].role == Role::Tumour { tumour } else { 1.0 };
                let scale = exchange.scaled_by.map_or(1.0, |(of, half)| {
                    let c = scales[of][voxel].max(0.0);
                    c / (c + half)
                });
                let secretion = share * exchange.secretion * signal * role * scale;
                let subset = if cells.cd4[i] == 1 { exchange.cd4 } else { 1.0 };
                field.sink[voxel] += share * exchange.uptake + secretion;
                field.source[voxel] +=
                    secretion * exchange.target + exchange.export * signal * subset * per_voxel;
            }
        }
        release_virus(model, cells, s, (&voxels, per_voxel), field);
        let supplied = model.supplies.iter().find(|supply| supply.substance == s);
        let (exchange, level) = match supplied {
            Some(supply) => (SUPPLY_EXCHANGE * model.vessels.exchange, supply.course.at(time)),
            None if model.oxygen == Some(s) => (model.vessels.exchange, model.vessels.supply),
            None => return,
        };
        for &voxel in &model.vessels.voxels {
            field.sink[voxel as usize] += exchange;
            field.source[voxel as usize] += exchange * level;
        }
    });
}

/// The values of the substances that scale secretion; empty for the others.
fn scales(model: &Model, fields: &[Field]) -> Vec<Vec<f64>> {
    let scales = |s: usize| {
        model.types.iter().flat_map(|t| &t.exchange).any(|x| x.scaled_by.is_some_and(|(of, _)| of == s))
    };
    let copy = |(s, field): (usize, &Field)| if scales(s) { field.value.clone() } else { Vec::new() };
    fields.iter().enumerate().map(copy).collect()
}

fn release_virus(
    model: &Model,
    cells: &Cells,
    substance: usize,
    (voxels, per_voxel): (&[u32], f64),
    field: &mut Field,
) {
    if !model.types.iter().any(|t| t.infection.is_some_and(|x| x.field == substance)) {
        return;
    }
    for i in 0..cells.len() {
        let Some(infection) = &model.types[usize::from(cells.kind[i])].infection else { continue };
        if cells.is_live(i) && f64::from(cells.infected[i]) >= infection.eclipse {
            let release = cells.volume(i) * per_voxel * infection.release;
            field.sink[voxels[i] as usize] += release;
            field.source[voxels[i] as usize] += release;
        }
    }
}
