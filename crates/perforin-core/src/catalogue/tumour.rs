//! Tumour cells: volume, cycle, death, oxygen.

use super::{CART_ABM, PHYSICELL, PHYSICELL_IMMUNE, assumed, parameters};

parameters! {
    VOLUME: "tumour.volume", "V" = 2494.0, "µm³", 50.0..=100_000.0;
        "Volume of a cell at the start of its cycle"; PHYSICELL;
    NUCLEAR_VOLUME: "tumour.nuclear_volume", "V_N" = 540.0, "µm³", 1.0..=50_000.0;
        "Volume of its nucleus"; PHYSICELL;
    FLUID_FRACTION: "tumour.fluid_fraction", "f_F" = 0.75, "1", 0.0..=1.0;
        "Fraction of the volume that is fluid"; PHYSICELL;
    FLUID_RATE: "tumour.fluid_rate", "r_F" = 0.05, "/min", 0.0..=10.0;
        "Relaxation of the fluid volume"; PHYSICELL;
    CYTOPLASM_RATE: "tumour.cytoplasm_rate", "r_C" = 0.0045, "/min", 0.0..=10.0;
        "Relaxation of the solid cytoplasm"; PHYSICELL;
    NUCLEUS_RATE: "tumour.nucleus_rate", "r_N" = 0.0055, "/min", 0.0..=10.0;
        "Relaxation of the solid nucleus"; PHYSICELL;

    DIVISION_RATE: "cycle.division_rate", "" = 0.00072, "/min", 0.0..=0.1;
        "Rate of division in the one-phase (live) cycle at full oxygen"; PHYSICELL_IMMUNE;
    CYCLE_DURATION: "cycle.duration", "" = 2316.0, "min", 1.0..=1e6;
        "Mean duration of the cycle of fixed duration at full oxygen"; CART_ABM;
    CYCLE_DURATION_SD: "cycle.duration_sd", "" = 222.0, "min", 0.0..=1e6;
        "Standard deviation of that duration between cells"; CART_ABM;
    G0G1_DURATION: "cycle.g0g1", "" = 300.0, "min", 1.0..=1e6;
        "Mean duration of G0/G1 (exponential) in the cycle of four phases"; PHYSICELL;
    S_DURATION: "cycle.s", "" = 480.0, "min", 1.0..=1e6;
        "Duration of S"; PHYSICELL;
    G2_DURATION: "cycle.g2", "" = 240.0, "min", 1.0..=1e6;
        "Duration of G2"; PHYSICELL;
    M_DURATION: "cycle.m", "" = 60.0, "min", 1.0..=1e6;
        "Duration of M"; PHYSICELL;

    APOPTOSIS_RATE: "apoptosis.rate", "" = 5.31667e-5, "/min", 0.0..=1.0;
        "Rate of spontaneous apoptosis"; PHYSICELL;
    APOPTOSIS_DURATION: "apoptosis.duration", "" = 516.0, "min", 1.0..=100_000.0;
        "Time until an apoptotic cell is gone"; PHYSICELL;
    DYING_UPTAKE: "death.uptake", "" = 0.0, "1", 0.0..=1.0;
        "Share of its uptake that a cell keeps while it dies"; assumed("a shrinking cell respires little");
    APOPTOSIS_FLUID_RATE: "apoptosis.fluid_rate", "" = 0.05, "/min", 0.0..=10.0;
        "Loss of fluid of an apoptotic cell"; PHYSICELL;
    APOPTOSIS_CYTOPLASM_RATE: "apoptosis.cytoplasm_rate", "" = 1.0 / 60.0, "/min", 0.0..=10.0;
        "Loss of solid cytoplasm of an apoptotic cell"; PHYSICELL;
    APOPTOSIS_NUCLEUS_RATE: "apoptosis.nucleus_rate", "" = 0.35 / 60.0, "/min", 0.0..=10.0;
        "Loss of solid nucleus of an apoptotic cell"; PHYSICELL;

    NECROSIS_RATE: "necrosis.rate", "" = 1.0 / 360.0, "/min", 0.0..=1.0;
        "Highest rate of necrosis"; PHYSICELL;
    NECROSIS_THRESHOLD: "necrosis.oxygen_threshold", "" = 5.0, "mmHg", 0.0..=160.0;
        "Oxygen below which necrosis begins"; PHYSICELL;
    NECROSIS_FULL: "necrosis.oxygen_full", "" = 2.5, "mmHg", 0.0..=160.0;
        "Oxygen below which necrosis has its highest rate"; PHYSICELL;
    NECROSIS_SWELLING_RATE: "necrosis.swelling_rate", "" = 0.67 / 60.0, "/min", 0.0..=10.0;
        "Uptake of fluid of a necrotic cell before it bursts"; PHYSICELL;
    NECROSIS_SHRINKING_RATE: "necrosis.shrinking_rate", "" = 0.05 / 60.0, "/min", 0.0..=10.0;
        "Loss of fluid of a necrotic cell after it has burst"; PHYSICELL;
    NECROSIS_CYTOPLASM_RATE: "necrosis.cytoplasm_rate", "" = 0.0032 / 60.0, "/min", 0.0..=10.0;
        "Loss of solid cytoplasm of a necrotic cell"; PHYSICELL;
    NECROSIS_NUCLEUS_RATE: "necrosis.nucleus_rate", "" = 0.013 / 60.0, "/min", 0.0..=10.0;
        "Loss of solid nucleus of a necrotic cell"; PHYSICELL;
    NECROSIS_BURST: "necrosis.burst", "" = 2.0, "1", 1.0..=10.0;
        "Volume, relative to that at death, at which a necrotic cell bursts"; PHYSICELL;
    NECROSIS_DURATION: "necrosis.duration", "" = 86_400.0, "min", 1.0..=1e7;
        "Time until the remains of a necrotic cell are gone"; PHYSICELL;

    OXYGEN_UPTAKE: "tumour.oxygen_uptake", "" = 10.0, "/min", 0.0..=1000.0;
        "Oxygen uptake in the cell's volume"; CART_ABM;
    DIVISION_OXYGEN_THRESHOLD: "cycle.oxygen_threshold", "" = 5.0, "mmHg", 0.0..=160.0;
        "Oxygen below which no cell enters the cycle"; PHYSICELL;
    DIVISION_OXYGEN_FULL: "cycle.oxygen_full", "" = 38.0, "mmHg", 0.0..=160.0;
        "Oxygen above which the cycle has its full rate"; CART_ABM;
}
