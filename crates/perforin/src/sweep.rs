//! Running a study many times with values varied.

pub mod axis;
pub mod design;
pub mod place;
