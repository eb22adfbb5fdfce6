//! Small models for unit tests.

use perforin_core::study::StudyFile;

use crate::model::CellType;
use crate::scenario::{self, Scenario};

/// The scenario of a study given as TOML.
pub(crate) fn scenario(text: &str) -> Scenario {
    let study: StudyFile = text.parse().expect("a valid study");
    scenario::build(&study).expect("a study without problems")
}

/// The default tumour cell.
pub(crate) fn tumour_type() -> CellType {
    let text = "[study]\ntitle = \"t\"\n[lesion]\ndiameter = \"20 µm\"\n";
    scenario(text).model.types.swap_remove(0)
}
