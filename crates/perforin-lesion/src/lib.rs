//! The lesion: a 3-D, cell-by-cell simulation of a tumour, its microenvironment and the product that
//! attacks it.
//!
//! [`scenario`] turns a study into a [`model`] and its first [`cells`]; [`lesion`] holds the state and the step;
//! [`observe`] says what a user plots of it; [`storage`] is what a run leaves on disk.

pub mod arrival;
pub mod attack;
pub mod budget;
pub mod cells;
pub mod crawl;
pub mod defence;
pub mod events;
pub mod exchange;
pub mod fields;
pub mod grid;
pub mod lesion;
pub mod lymphocyte;
pub mod matrix;
pub mod mechanics;
pub mod model;
pub mod motility;
pub mod neighbours;
pub mod observe;
pub mod phenotype;
pub mod scenario;
pub mod senses;
pub mod storage;
pub mod traffic;
pub mod treatments;
pub mod volume;

#[cfg(test)]
mod test_support;
