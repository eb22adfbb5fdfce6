//! Target search: what counts as safe, as covered and as detected.

use super::{assumed, doi, parameters};

parameters! {
    CAP: "targets.safety.cap", "" = 0.05, "1", 0.0..=1.0;
        "Largest share of the cells of any type of a vital tissue that a gate may hit";
        assumed("no trial has established a tolerated share; the front shows what other limits would give");
    POOLED_CAP: "targets.safety.pooled_cap", "" = 0.1, "1", 0.0..=1.0;
        "Largest share of all normal cells together that a gate may hit, with the pooled objective";
        doi("10.1101/2025.03.19.644074", "LogiCAR designer 2025, specificity of at least 0.9 in its code");
    TOLERABLE_CAP: "targets.safety.tolerable_cap", "" = 1.0, "1", 0.0..=1.0;
        "Largest share of the cells of any type of a tolerable tissue that a gate may hit";
        assumed("the user calls a tissue tolerable because it can be lost");
    FEWEST_CELLS: "targets.fewest_cells", "" = 10.0, "1", 1.0..=1e9;
        "Fewest malignant cells of a patient who counts in the objective";
        assumed("one cell of fewer than ten moves a patient's coverage by more than ten points");
    BLOCKER_SHARE: "targets.blocker_share", "" = 0.3, "1", 0.0..=1.0;
        "Share of the cells of some normal group in which a gene must be detected to stand under a NOT";
        assumed("a gene that is rarely detected anywhere would be credited for dropout");
    DETECTION_FLOOR: "targets.calling.detection.floor", "" = 0.3, "1", 0.01..=1.0;
        "Lowest probability of detection in a cell of median depth that carries an antigen";
        assumed("without a floor a rarely detected gene could as well be on every cell");
    EQUALS_WITHIN: "targets.report.equals_within", "" = 0.01, "1", 0.0..=1.0;
        "Gates at most this much below the best of their shape are kept as its equals";
        assumed("below what the cells of a patient can tell apart");
}
