//! Running a study into a results folder, from the beginning or from a checkpoint.

mod drive;
mod event_table;
mod finish;
mod progress;
mod recorder;

pub use drive::{Ended, begin, go_on, in_pool, note_timing};
pub use finish::read_series;
pub use progress::{Progress, Quiet, Watcher};

use perforin_lesion::model::Model;
use perforin_lesion::observe;

use crate::table::Column;

/// Headings of the time series.
pub fn columns(model: &Model) -> Vec<Column> {
    observe::columns(model).into_iter().map(|c| Column::new(c.name, c.unit, c.meaning)).collect()
}
