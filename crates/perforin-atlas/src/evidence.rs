//! What is known of an antigen beyond the atlas: is it on the surface, is its protein in normal organs, has it
//! harmed patients.

mod casualties;
mod protein;
mod surface;

pub use casualties::{CASUALTIES, Casualty, casualties};
pub use protein::{Level, NormalProtein, ProteinEvidence};
pub use surface::{SurfaceEvidence, read_surface};
