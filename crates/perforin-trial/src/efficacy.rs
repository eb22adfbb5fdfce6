//! Designs that test efficacy.

pub mod basket;
pub mod bop2;
pub mod enrichment;
pub mod group_sequential;
pub mod randomised;
pub mod simon;
