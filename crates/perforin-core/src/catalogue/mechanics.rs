//! Forces between cells.

use super::{PHYSICELL, assumed, parameters};

parameters! {
    ADHESION: "mechanics.adhesion", "" = 0.4, "µm/min", 0.0..=1000.0;
        "Strength of adhesion between tumour cells"; PHYSICELL;
    REPULSION: "mechanics.repulsion", "" = 10.0, "µm/min", 0.0..=1000.0;
        "Strength of repulsion of a tumour cell"; PHYSICELL;
    ADHESION_REACH: "mechanics.adhesion_reach", "" = 1.25, "1", 1.0..=5.0;
        "Reach of adhesion, in cell radii"; PHYSICELL;
    TOLERANCE: "numerics.mechanics_tolerance", "" = 0.05, "µm", 1e-6..=5.0;
        "Second-order correction of a position that one step may make"; assumed("0.3 % of a cell's diameter");
    PHENOTYPE_STEP: "numerics.phenotype_step", "" = 6.0, "min", 0.01..=60.0;
        "Step of volume, cycle and death"; PHYSICELL;
}
