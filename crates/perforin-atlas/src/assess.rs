//! What an answer says about one gate: every patient, every tissue, every threshold, and what to doubt.

mod blockers;
mod interval;
mod tables;

pub use blockers::{BlockerReport, Protected, can_block, report as blocker_reports};
pub use interval::{Interval, largest_certified, wilson};
pub use tables::{GroupRow, ThresholdRow, counts, patterns, threshold_rows};
