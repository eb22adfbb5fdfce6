//! Designs that test efficacy.

pub mod group_sequential;
pub mod randomised;
pub mod simon;
