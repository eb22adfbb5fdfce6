//! What became of the tumour, by rule.

use serde::{Deserialize, Serialize};

use super::{Course, Tumour};

/// The rules of [`Verdict::of`], as the answer states them.
pub const RULES: &str = "\
cleared: no live tumour cell at the end; response: fewer than at four fifths of the study; escape: more than then or \
than at the start, and more than half of them give the product less than half of the full lytic signal; outgrowth: \
the same, though most are recognised; stall: none of these. More and fewer mean by more than 2 % and by more than \
twice the square root of the number.";

/// What became of the tumour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// No live tumour cell is left.
    Cleared,
    /// Fewer cells at the end than shortly before.
    Response,
    /// Neither more nor fewer cells.
    Stall,
    /// More cells, mostly such as the product does not recognise.
    Escape,
    /// More cells, though most are recognised.
    Outgrowth,
    /// No product cell was ever in the lesion.
    Untreated,
}

/// Share of the study after which the trend is read.
const TREND_FROM: f64 = 0.8;
/// Smallest change that counts as a trend, as a share.
const SMALLEST_TREND: f64 = 0.02;

impl Verdict {
    /// Decides by the [`RULES`].
    pub fn of(course: &Course, tumour: &Tumour) -> Self {
        if course.product.as_ref().is_none_or(|product| product.live.iter().all(|n| *n == 0.0)) {
            return Self::Untreated;
        }
        if tumour.end == 0.0 {
            return Self::Cleared;
        }
        let before = before_the_end(course);
        if tumour.end < before - noticeable(before) {
            return Self::Response;
        }
        let grows = |from: f64| tumour.end > from + noticeable(from);
        if !grows(before) && !grows(tumour.start) {
            return Self::Stall;
        }
        let escaped = tumour.unrecognised_end.is_some_and(|share| share > 0.5);
        if escaped { Self::Escape } else { Self::Outgrowth }
    }

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cleared => "cleared",
            Self::Response => "response",
            Self::Stall => "stall",
            Self::Escape => "escape",
            Self::Outgrowth => "outgrowth",
            Self::Untreated => "untreated",
        }
    }

    /// The verdict as the first sentence of the answer.
    pub fn headline(self) -> &'static str {
        match self {
            Self::Cleared => "The tumour is cleared.",
            Self::Response => "The tumour is still shrinking when the study ends.",
            Self::Stall => "The attack stalls: the tumour is held, not cleared.",
            Self::Escape => "The tumour escapes: it regrows from cells that the product does not recognise.",
            Self::Outgrowth => "The tumour outgrows the product, although its cells are recognised.",
            Self::Untreated => "No product reached the tumour.",
        }
    }
}

/// The smallest change of a number of cells that counts. Births and deaths are counts: twice the square root is two
/// standard deviations of a Poisson count.
fn noticeable(count: f64) -> f64 {
    (SMALLEST_TREND * count).max(2.0 * count.sqrt())
}

/// Live tumour cells at [`TREND_FROM`] of the study.
fn before_the_end(course: &Course) -> f64 {
    let end = course.time.last().copied().unwrap_or(0.0);
    let rows = course.time.iter().zip(&course.tumour.live);
    rows.take_while(|(time, _)| **time <= TREND_FROM * end).last().map_or(0.0, |(_, live)| *live)
}
