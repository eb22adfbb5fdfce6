//! T cells of the product: size, movement, life, secretion.

use super::{CART_ABM, assumed, parameters};

parameters! {
    VOLUME: "t_cell.volume", "" = 500.0, "µm³", 50.0..=5000.0;
        "Volume of a T cell"; assumed("an activated lymphocyte of 5 µm radius; 175 µm³ in Prybutok 2022 (doi 10.3389/fmolb.2022.849363)");
    SPEED: "t_cell.speed", "" = 5.0, "µm/min", 0.0..=50.0;
        "Speed in loose tissue"; CART_ABM;
    PERSISTENCE: "t_cell.persistence", "" = 10.0, "min", 0.01..=1440.0;
        "Mean time between changes of direction"; CART_ABM;
    CHEMOTAXIS: "t_cell.chemotaxis", "" = 0.5, "1", 0.0..=1.0;
        "Bias of the direction up the chemokine's gradient, 0 random to 1 straight"; CART_ABM;
    REPULSION: "t_cell.repulsion", "" = 10.0, "µm/min", 0.0..=1000.0;
        "Strength of repulsion"; assumed("as other cells, so that T cells squeeze through tissue; 50 µm/min in Luque 2024 (doi 10.1038/s41598-024-63125-5)");
    ADHESION: "t_cell.adhesion", "" = 0.0, "µm/min", 0.0..=1000.0;
        "Strength of adhesion of a T cell"; CART_ABM;
    NECROSIS_RATE: "t_cell.necrosis_rate", "" = 0.0, "/min", 0.0..=1.0;
        "Highest rate of necrosis of a T cell"; assumed("T cells live and kill in hypoxia; it cuts their expansion, not lysis (Berahovich 2019)");
    OXYGEN_UPTAKE: "t_cell.oxygen_uptake", "" = 1.0, "/min", 0.0..=1000.0;
        "Oxygen uptake in the cell's volume"; CART_ABM;
    LIFETIME: "t_cell.lifetime", "" = 14_400.0, "min", 1.0..=1e7;
        "Mean life without stimulation"; assumed("10 d, the life that Luque 2024 (doi 10.1038/s41598-024-63125-5) intends");
    LONGEST_LIFE: "t_cell.longest_life", "" = 14_400.0, "min", 1.0..=1e7;
        "Life that no cell exceeds, where a study bounds it"; CART_ABM;
    LIFE_SHAPE: "t_cell.life_shape", "" = 1.0, "1", 0.001..=1000.0;
        "Power of the share of cells that lives on, where a study bounds life"; assumed("ages at death spread evenly");
    DIVISION_TIME: "t_cell.division_time", "" = 1440.0, "min", 60.0..=100_000.0;
        "Time between divisions under full stimulation"; assumed("one division a day; CD8 divisions of 18 to 24 h in Minucci 2024 (doi 10.3389/fsysb.2024.1380018)");
}
