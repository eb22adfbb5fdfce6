//! Diffusing substances.

use super::{CARCADE, PHYSICELL, PHYSICELL_IMMUNE, assumed, parameters};

parameters! {
    FIELD_STEP: "numerics.field_step", "" = 1.0, "min", 1e-4..=60.0;
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
    CHEMOKINE_DIFFUSION: "chemokine.diffusion", "D" = 1000.0, "µm²/min", 0.0..=1e7;
        "Diffusion coefficient of the T-cell chemokine"; PHYSICELL_IMMUNE;
    CHEMOKINE_DECAY: "chemokine.decay", "λ" = 0.016, "/min", 0.0..=1000.0;
        "Decay of the chemokine"; PHYSICELL_IMMUNE;
    CHEMOKINE_SECRETION: "chemokine.secretion", "" = 10.0, "/min", 0.0..=1e6;
        "Secretion of the chemokine by a tumour cell, toward 1"; PHYSICELL_IMMUNE;
    IFNG_DIFFUSION: "ifng.diffusion", "D" = 3000.0, "µm²/min", 0.0..=1e7;
        "Diffusion coefficient of IFN-γ"; assumed("50 µm²/s, the order of a 34-kDa protein in tissue");
    IFNG_DECAY: "ifng.decay", "λ" = 0.01, "/min", 0.0..=1000.0;
        "Loss of IFN-γ"; assumed("uptake within about an hour, so that it acts over some hundred µm");
    IL2_DIFFUSION: "il2.diffusion", "D" = 3000.0, "µm²/min", 0.0..=1e7;
        "Diffusion coefficient of IL-2"; assumed("50 µm²/s, the order of a 15-kDa protein in tissue");
    IL2_DECAY: "il2.decay", "λ" = 0.01, "/min", 0.0..=1000.0;
        "Loss of IL-2 other than by T cells"; assumed("as IFN-γ");
    IL2_SECRETION_STIMULATED: "il2.secretion_by_il2", "" = 16.62, "molecules/min", 0.0..=1e6;
        "IL-2 secreted by a T cell that is stimulated by IL-2"; CARCADE;
    TGFB_DIFFUSION: "tgfb.diffusion", "D" = 3000.0, "µm²/min", 0.0..=1e7;
        "Diffusion coefficient of active TGF-β"; assumed("50 µm²/s, the order of a 25-kDa protein in tissue");
    TGFB_DECAY: "tgfb.decay", "λ" = 0.1, "/min", 0.0..=1000.0;
        "Loss of active TGF-β"; assumed("active TGF-β lives for minutes and acts near its source");
    ANTIBODY_DIFFUSION: "antibody.diffusion", "D" = 600.0, "µm²/min", 0.0..=1e7;
        "Diffusion coefficient of a checkpoint antibody"; assumed("10 µm²/s, the order of an IgG in tissue");
    ANTIBODY_DECAY: "antibody.decay", "λ" = 1e-3, "/min", 0.0..=1000.0;
        "Loss of a checkpoint antibody in tissue"; assumed("clearance within a day without binding");
}
