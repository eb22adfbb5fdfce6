//! Forces between cells.

use super::{PHYSICELL, parameters};

parameters! {
    ADHESION: "mechanics.adhesion", "" = 0.4, "µm/min", 0.0..=1000.0;
        "Strength of adhesion between tumour cells"; PHYSICELL;
    REPULSION: "mechanics.repulsion", "" = 10.0, "µm/min", 0.0..=1000.0;
        "Strength of repulsion of a tumour cell"; PHYSICELL;
    ADHESION_REACH: "mechanics.adhesion_reach", "" = 1.25, "1", 1.0..=5.0;
        "Reach of adhesion, in cell radii"; PHYSICELL;
    PRESSURE_SCALE: "mechanics.pressure_scale", "" = 0.027_288_820_670_331, "1", 1e-6..=100.0;
        "Divisor of the summed squared overlaps that gives a dimensionless pressure"; PHYSICELL;
    STEP: "mechanics.step", "" = 0.1, "min", 0.001..=10.0;
        "Step of positions"; PHYSICELL;
    PHENOTYPE_STEP: "mechanics.phenotype_step", "" = 6.0, "min", 0.01..=60.0;
        "Step of volume, cycle and death"; PHYSICELL;
}
