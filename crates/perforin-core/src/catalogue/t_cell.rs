//! T cells of the product: size, movement, life, secretion.

use super::{CARCADE, CART_ABM, assumed, parameters};

parameters! {
    VOLUME: "t_cell.volume", "" = 500.0, "µm³", 50.0..=5000.0;
        "Volume of a T cell"; assumed("an activated lymphocyte of 5 µm radius; 175 µm³ in Prybutok 2022 (doi 10.3389/fmolb.2022.849363)");
    SPEED: "t_cell.speed", "" = 5.0, "µm/min", 0.0..=50.0;
        "Speed in loose tissue"; CART_ABM;
    PERSISTENCE: "t_cell.persistence", "" = 10.0, "min", 0.01..=1440.0;
        "Mean time between changes of direction"; CART_ABM;
    CHEMOTAXIS: "t_cell.chemotaxis", "" = 0.5, "1", 0.0..=1.0;
        "Bias of the direction up the chemokine's gradient, 0 random to 1 straight"; CART_ABM;
    REPULSION: "t_cell.repulsion", "" = 50.0, "µm/min", 0.0..=1000.0;
        "Strength of repulsion"; CART_ABM;
    OXYGEN_UPTAKE: "t_cell.oxygen_uptake", "" = 1.0, "/min", 0.0..=1000.0;
        "Oxygen uptake in the cell's volume"; CART_ABM;
    LIFETIME: "t_cell.lifetime", "" = 14_400.0, "min", 1.0..=1e7;
        "Mean life without stimulation"; assumed("10 d, the life that Luque 2024 (doi 10.1038/s41598-024-63125-5) intends");
    DIVISIONS: "t_cell.divisions", "" = 10.0, "1", 0.0..=100.0;
        "Divisions before senescence"; CARCADE;
    DIVISION_TIME: "t_cell.division_time", "" = 1440.0, "min", 60.0..=100_000.0;
        "Time between divisions under full stimulation"; assumed("one division a day; CD8 divisions of 18 to 24 h in Minucci 2024 (doi 10.3389/fsysb.2024.1380018)");
    IL2_SECRETION: "t_cell.il2_secretion", "" = 293.27, "molecules/min", 0.0..=1e6;
        "IL-2 secreted at full cytokine signal"; CARCADE;
    IL2_DELAY: "t_cell.il2_delay", "" = 180.0, "min", 0.0..=10_000.0;
        "Time from stimulation to IL-2 secretion"; CARCADE;
    IL2_RECEPTORS: "t_cell.il2_receptors", "" = 2000.0, "/cell", 0.0..=1e6;
        "IL-2 receptors"; CARCADE;
}
