//! How cells answer attack: antigen is stripped from targets and recovers, and PD-L1 follows IFN-γ.
//!
//! | symbol | unit | meaning | source |
//! |---|---|---|---|
//! | `ρ`, `ρ₀` | molecules per cell | antigen on the surface, and the density that the cell returns to | study |
//! | `k_l` | /min | loss through a fully signalling synapse | `lesion.antigen_modulation` (sign: Hamieh 2019, doi 10.1038/s41586-019-1054-1) |
//! | `k_r` | /min | recovery | Minucci 2024, doi 10.3389/fsysb.2024.1380018 |
//! | `L`, `L₀`, `L₁` | molecules per cell | PD-L1, without IFN-γ, under much of it | parameters `checkpoint.*` |
//! | `τ` | min | adaptation of PD-L1 | `checkpoint.pd_l1_time` |
//!
//! `dρ/dt = −k_l·Σs·ρ + k_r·(ρ₀ − ρ)` with the lytic signals `s` of the synapses on the cell, for the antigens that
//! the attackers read; `dL/dt = (L₀ + (L₁ − L₀)·c/(c + K) − L)/τ` with IFN-γ `c`.
//!
//! Assumptions: what is stripped is gone for the T cell too (no fratricide); all antigens of a gate are stripped
//! alike.

use rayon::prelude::*;

use crate::cells::{Cells, UNBOUND};
use crate::fields::Field;
use crate::model::{Model, Recognition};
use crate::neighbours::CHUNK;

/// Advances antigen and PD-L1 of all live cells over a phenotype step.
pub fn advance(model: &Model, fields: &[Field], cells: &mut Cells) {
    if model.types.iter().any(|t| t.defence.modulation.is_some()) {
        strip(model, cells);
        recover(model, cells);
    }
    if model.types.iter().any(|t| t.defence.pd_l1.is_some()) {
        adapt(model, fields, cells);
    }
}

/// Attackers strip the antigens that they read, one attacker after the other.
fn strip(model: &Model, cells: &mut Cells) {
    let dt = model.numerics.phenotype_step;
    let width = cells.antigens();
    for i in 0..cells.len() {
        if cells.bond[i] == UNBOUND {
            continue;
        }
        let target = cells.bond[i] as usize;
        let Some(modulation) = model.types[usize::from(cells.kind[target])].defence.modulation else {
            continue;
        };
        let Some(attack) = &model.types[usize::from(cells.kind[i])].attack else { continue };
        let Recognition::Gate { inputs, .. } = &attack.recognition else { continue };
        let left = libm::exp(-modulation.loss * f64::from(cells.lysis_signal[i]) * dt);
        for (antigen, _) in inputs {
            let density = &mut cells.density[target * width + antigen];
            *density = (f64::from(*density) * left) as f32;
        }
    }
}

fn recover(model: &Model, cells: &mut Cells) {
    let width = cells.antigens();
    if width == 0 {
        return;
    }
    let dt = model.numerics.phenotype_step;
    let keep: Vec<f32> = model
        .types
        .iter()
        .map(|t| t.defence.modulation.map_or(1.0, |m| libm::exp(-m.recovery * dt)) as f32)
        .collect();
    let kind = &cells.kind;
    cells
        .density
        .par_chunks_mut(width * CHUNK)
        .zip(cells.inherited.par_chunks(width * CHUNK))
        .enumerate()
        .for_each(|(chunk, (density, inherited))| {
            for (k, (density, rest)) in density.iter_mut().zip(inherited).enumerate() {
                if *density != *rest {
                    let keep = keep[usize::from(kind[chunk * CHUNK + k / width])];
                    *density = *rest + (*density - *rest) * keep;
                }
            }
        });
}

fn adapt(model: &Model, fields: &[Field], cells: &mut Cells) {
    let dt = model.numerics.phenotype_step;
    let (kind, position, condition) = (&cells.kind, &cells.position, &cells.condition);
    cells.pd_l1.par_iter_mut().enumerate().with_min_len(CHUNK).for_each(|(i, level)| {
        let Some(p) = model.types[usize::from(kind[i])].defence.pd_l1 else { return };
        if condition[i] != 0 {
            return;
        }
        let induced = p.ifn_gamma.map_or(0.0, |(field, half)| {
            let c = fields[field].value[model.grid.voxel_at(position[i])].max(0.0);
            c / (c + half)
        });
        let rest = p.resting + (p.induced - p.resting) * induced;
        *level = (rest + (f64::from(*level) - rest) * libm::exp(-p.rate * dt)) as f32;
    });
}
