//! The patient: kinetics of a T-cell product, response, toxicity and diagnostics, for one patient or a million virtual ones.
//!
//! [`ode`] solves small stiff models, four patients side by side.

pub mod diagnostics;
pub mod model;
pub mod models;
pub mod ode;
pub mod population;
pub mod regimen;
pub mod response;
pub mod solid_tumour;
pub mod toxicity;
