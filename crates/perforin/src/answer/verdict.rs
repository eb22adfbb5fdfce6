//! What became of the tumour, by rule.

use serde::{Deserialize, Serialize};

use super::{Course, Tumour};

/// The rules of [`Verdict::of`], as the answer states them.
pub const RULES: &str = "\
cleared: no live tumour cell at the end; otherwise the number of live tumour cells at the end is compared with that \
at four fifths of the study: rising or falling means a change by more than 2 % and by more than twice the square \
root of the number; escape: rising, and more than half of the live tumour cells give the product less than half of \
the full lytic signal; outgrowth: rising, though most are recognised; response: falling; stall: neither.";

/// What became of the tumour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// No live tumour cell is left.
    Cleared,
    /// Still falling at the end.
    Response,
    /// Neither rising nor falling at the end.
    Stall,
    /// Rising at the end, and mostly cells that the product does not recognise.
    Escape,
    /// Rising at the end, though most cells are recognised.
    Outgrowth,
    /// There was no product, or none of it arrived.
    Untreated,
}

/// Share of the study after which the trend is read.
const TREND_FROM: f64 = 0.8;
/// Smallest change that counts as a trend, as a share.
const SMALLEST_TREND: f64 = 0.02;

impl Verdict {
    /// Decides by the [`RULES`].
    pub fn of(course: &Course, tumour: &Tumour) -> Self {
        if course.product.as_ref().is_none_or(|product| product.arrived == 0.0) {
            return Self::Untreated;
        }
        if tumour.end == 0.0 {
            return Self::Cleared;
        }
        let before = before_the_end(course);
        // Births and deaths are counts: twice the square root is two standard deviations of a Poisson count.
        let noticeable = (SMALLEST_TREND * before).max(2.0 * before.sqrt());
        if tumour.end > before + noticeable {
            let escaped = tumour.unrecognised_end.is_some_and(|share| share > 0.5);
            if escaped { Self::Escape } else { Self::Outgrowth }
        } else if tumour.end < before - noticeable {
            Self::Response
        } else {
            Self::Stall
        }
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

/// Live tumour cells at [`TREND_FROM`] of the study.
fn before_the_end(course: &Course) -> f64 {
    let end = course.time.last().copied().unwrap_or(0.0);
    let rows = course.time.iter().zip(&course.tumour.live);
    rows.take_while(|(time, _)| **time <= TREND_FROM * end).last().map_or(0.0, |(_, live)| *live)
}
