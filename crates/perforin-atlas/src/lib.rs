//! Targets: from single-cell atlases to the provably best antigens and logic gates.

pub mod cohort;
pub mod error;
pub mod genes;
pub mod load;
pub mod planes;
pub mod read;

pub mod goal;
pub mod popcount;
pub mod search;
pub mod shape;
pub mod synthetic;

pub use error::{AtlasError, Result};
