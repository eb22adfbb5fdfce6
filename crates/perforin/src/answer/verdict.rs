//! What became of the tumour, by rule.

use serde::{Deserialize, Serialize};

use super::{Course, Tumour};

/// The rules of [`Verdict::of`], as the answer states them.
pub const RULES: &str = "\
cleared: no live tumour cell at the end; response: still fewer than at four fifths of the study, by more than 2 % and \
by twice the square root of the number; escape: regrown from the lowest number by more than 10 % and by three times \
its square root, and more than half of the live tumour cells give the product less than half of the full lytic \
signal; outgrowth: the same, though most are recognised; stall: none of these.";

/// What became of the tumour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// No live tumour cell is left.
    Cleared,
    /// Fewer cells at the end than shortly before.
    Response,
    /// Held: neither falling nor regrown.
    Stall,
    /// Regrown from cells that the product mostly does not recognise.
    Escape,
    /// Regrown, though most cells are recognised.
    Outgrowth,
    /// No product cell was ever in the lesion.
    Untreated,
}

/// Share of the study after which a fall is read.
const FALL_FROM: f64 = 0.8;

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
        if before - tumour.end > noticeable(before, 0.02, 2.0) {
            return Self::Response;
        }
        // The lowest of many numbers is low by chance, too: it takes more to have regrown from it.
        if tumour.end - tumour.nadir <= noticeable(tumour.nadir, 0.1, 3.0) {
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

/// The smallest change of a number of cells that counts: a share of it, and some standard deviations of a Poisson
/// count, since births and deaths are counts.
fn noticeable(count: f64, share: f64, deviations: f64) -> f64 {
    (share * count).max(deviations * count.sqrt())
}

/// Live tumour cells at [`FALL_FROM`] of the study.
fn before_the_end(course: &Course) -> f64 {
    let end = course.time.last().copied().unwrap_or(0.0);
    let rows = course.time.iter().zip(&course.tumour.live);
    rows.take_while(|(time, _)| **time <= FALL_FROM * end).last().map_or(0.0, |(_, live)| *live)
}
