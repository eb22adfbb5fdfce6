//! What every stage of Perforin shares: quantities with units, cited parameters, gates and receptors,
//! counter-based random numbers, ordered sums, and the study file with its diagnostics.

pub mod catalogue;
pub mod diagnostics;
pub mod gate;
pub mod ordered;
pub mod quantity;
pub mod receptor;
pub mod rng;
pub mod study;
