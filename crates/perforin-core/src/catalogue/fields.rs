//! Diffusing substances.

use super::{PHYSICELL, PHYSICELL_IMMUNE, assumed, parameters};

parameters! {
    FIELD_STEP: "numerics.field_step", "" = 2.0, "min", 1e-4..=60.0;
        "Step of the fields"; assumed("fields follow cells that move a few µm/min; the guide shows its error");
    FIELD_TOLERANCE: "numerics.field_tolerance", "" = 1e-6, "1", 1e-12..=1e-2;
        "Residual of the field solver, relative to the field"; assumed("far below the error of the step");
    VOXEL: "numerics.voxel", "h" = 20.0, "µm", 1.0..=200.0;
        "Edge of a voxel"; PHYSICELL;
    OXYGEN_DIFFUSION: "oxygen.diffusion", "D" = 1e5, "µm²/min", 0.0..=1e7;
        "Diffusion coefficient of oxygen"; PHYSICELL_IMMUNE;
    OXYGEN_DECAY: "oxygen.decay", "λ" = 0.1, "/min", 0.0..=1000.0;
        "Uptake of oxygen by tissue that is not modelled cell by cell"; PHYSICELL_IMMUNE;
    OXYGEN_SUPPLY: "oxygen.supply", "" = 38.0, "mmHg", 0.0..=160.0;
        "Oxygen at vessels and at the edge of the tissue"; PHYSICELL_IMMUNE;
    VESSEL_EXCHANGE: "vessels.exchange", "" = 100.0, "/min", 0.0..=10_000.0;
        "Exchange of oxygen between a vessel and its voxel"; assumed("fast against uptake, so that tissue at a vessel has nearly the vessel's oxygen");
    CHEMOKINE_DIFFUSION: "chemokine.diffusion", "D" = 1000.0, "µm²/min", 0.0..=1e7;
        "Diffusion coefficient of the T-cell chemokine"; PHYSICELL_IMMUNE;
    CHEMOKINE_DECAY: "chemokine.decay", "λ" = 0.016, "/min", 0.0..=1000.0;
        "Decay of the chemokine"; PHYSICELL_IMMUNE;
    CHEMOKINE_SECRETION: "chemokine.secretion", "" = 10.0, "/min", 0.0..=1e6;
        "Secretion of the chemokine by a tumour cell, toward 1"; PHYSICELL_IMMUNE;
}
