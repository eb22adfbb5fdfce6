//! What is known of an antigen beyond the atlas: is it on the surface, is its protein or RNA in normal organs, has it
//! harmed patients.

mod casualties;
mod protein;
mod rna;
mod surface;

pub use casualties::{CASUALTIES, Casualty, casualties};
pub use protein::{Level, NormalProtein, ProteinEvidence};
pub use rna::{NormalRna, RnaEvidence};
pub use surface::{SurfaceEvidence, read_surface};
