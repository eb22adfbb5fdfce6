//! The answer: what became of the tumour, decided from the time series by stated rules.

mod course;
mod verdict;
mod words;

pub use course::{CellType, Course};
pub use verdict::{RULES, Verdict};
pub use words::{HONESTY, grouped, in_full, in_words, per_cent, rounded};

use serde::{Deserialize, Serialize};

use crate::effort::Limit;
use crate::table::Column;

/// The numbers of the answer. What the study has no cells for is left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// What became of the tumour.
    pub verdict: Verdict,
    /// How long the study lasts, d.
    pub duration: f64,
    /// The tumour.
    pub tumour: Tumour,
    /// The product.
    pub product: Option<Product>,
    /// Healthy tissue.
    pub normal: Option<Normal>,
    /// What limited the product, the worst first.
    #[serde(default)]
    pub limits: Vec<Limit>,
}

/// What became of the tumour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tumour {
    /// Live cells at the start.
    pub start: f64,
    /// Lowest number of live cells.
    pub nadir: f64,
    /// When it was reached first, d.
    pub nadir_day: f64,
    /// Live cells at the end.
    pub end: f64,
    /// Cells killed through a synapse.
    pub killed: f64,
    /// Share of live cells that the product does not recognise, at the start.
    pub unrecognised_start: Option<f64>,
    /// The same at the end; none if no cell is left.
    pub unrecognised_end: Option<f64>,
}

/// What became of the product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Product {
    /// Cells that entered the lesion.
    pub arrived: f64,
    /// Largest number of live cells in the lesion.
    pub peak: f64,
    /// When it was reached first, d.
    pub peak_day: f64,
    /// Kills of any cells per live product cell and day, over the whole study; none without product cells.
    pub kills_per_cell_day: Option<f64>,
}

/// What became of healthy tissue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Normal {
    /// Live cells at the start.
    pub start: f64,
    /// Cells killed through a synapse.
    pub killed: f64,
    /// Killed cells as a share of those at the start; none without cells at the start.
    pub killed_share: Option<f64>,
}

impl Summary {
    /// The numbers of the answer, from the course of a study.
    pub fn of(course: &Course) -> Self {
        let tumour = Tumour::of(course);
        Self {
            verdict: Verdict::of(course, &tumour),
            duration: course.time.last().copied().unwrap_or(0.0),
            product: course.product.as_ref().map(|_| Product::of(course)),
            normal: Normal::of(course),
            limits: Vec::new(),
            tumour,
        }
    }

    /// Every number with its heading, for tables; NaN where there is none.
    pub fn numbers(&self) -> Vec<(Column, f64)> {
        let none = f64::NAN;
        let product = |f: fn(&Product) -> f64| self.product.as_ref().map_or(none, f);
        let normal = |f: fn(&Normal) -> f64| self.normal.as_ref().map_or(none, f);
        let t = &self.tumour;
        let row = |name: &str, unit: &str, meaning: &str, value| (Column::new(name, unit, meaning), value);
        vec![
            row("tumour_start", "cells", "Live tumour cells at the start", t.start),
            row("tumour_nadir", "cells", "Lowest number of live tumour cells", t.nadir),
            row("tumour_nadir_day", "d", "Time of the nadir", t.nadir_day),
            row("tumour_end", "cells", "Live tumour cells at the end", t.end),
            row(
                "tumour_end_share",
                "1",
                "Live tumour cells at the end per cell at the start",
                t.end / t.start,
            ),
            row("tumour_killed", "cells", "Tumour cells killed by the product", t.killed),
            row(
                "unrecognised_start",
                "1",
                "Share of tumour cells not recognised at the start",
                t.unrecognised_start.unwrap_or(none),
            ),
            row(
                "unrecognised_end",
                "1",
                "Share of tumour cells not recognised at the end",
                t.unrecognised_end.unwrap_or(none),
            ),
            row("product_arrived", "cells", "Product cells that entered", product(|p| p.arrived)),
            row("product_peak", "cells", "Largest number of live product cells", product(|p| p.peak)),
            row("product_peak_day", "d", "Time of the peak", product(|p| p.peak_day)),
            row(
                "kills_per_cell_day",
                "/d",
                "Kills per live product cell and day",
                product(|p| p.kills_per_cell_day.unwrap_or(f64::NAN)),
            ),
            row("normal_killed", "cells", "Healthy cells killed by the product", normal(|n| n.killed)),
            row(
                "normal_killed_share",
                "1",
                "Healthy cells killed per cell at the start",
                normal(|n| n.killed_share.unwrap_or(f64::NAN)),
            ),
        ]
    }
}

impl Tumour {
    fn of(course: &Course) -> Self {
        let live = &course.tumour.live;
        let (nadir, nadir_day) = first_best(live, &course.time, |a, b| a < b);
        let unrecognised = |row: usize| {
            let recognised = course.tumour.recognised.as_ref()?;
            (live[row] > 0.0).then(|| 1.0 - recognised[row] / live[row])
        };
        Self {
            start: live.first().copied().unwrap_or(0.0),
            nadir,
            nadir_day,
            end: live.last().copied().unwrap_or(0.0),
            killed: course.tumour.killed_in_all(),
            unrecognised_start: unrecognised(0),
            unrecognised_end: live.len().checked_sub(1).and_then(unrecognised),
        }
    }
}

impl Product {
    fn of(course: &Course) -> Self {
        let (live, arrived): (&[f64], f64) = match &course.product {
            Some(product) => (&product.live, product.arrived),
            None => (&[], 0.0),
        };
        let (peak, peak_day) = first_best(live, &course.time, |a, b| a > b);
        let cell_days = integral(&course.time, live);
        let normal = course.normal.as_ref().map_or(0.0, course::Group::killed_in_all);
        let kills = course.tumour.killed_in_all() + normal;
        let kills_per_cell_day = (cell_days > 0.0).then(|| kills / cell_days);
        Self { arrived, peak, peak_day, kills_per_cell_day }
    }
}

impl Normal {
    fn of(course: &Course) -> Option<Self> {
        let group = course.normal.as_ref()?;
        let start = group.live.first().copied().unwrap_or(0.0);
        let killed = group.killed_in_all();
        Some(Self { start, killed, killed_share: (start > 0.0).then(|| killed / start) })
    }
}

/// The first of the best values, and when it is.
fn first_best(values: &[f64], time: &[f64], better: fn(f64, f64) -> bool) -> (f64, f64) {
    let mut best = (values.first().copied().unwrap_or(0.0), 0.0);
    for (&value, &day) in values.iter().zip(time) {
        if better(value, best.0) {
            best = (value, day);
        }
    }
    best
}

/// Integral of values over time by the trapezoidal rule.
fn integral(time: &[f64], values: &[f64]) -> f64 {
    let panel = |(t, v): (&[f64], &[f64])| 0.5 * (t[1] - t[0]) * (v[0] + v[1]);
    time.windows(2).zip(values.windows(2)).map(panel).sum()
}

#[cfg(test)]
mod tests;
