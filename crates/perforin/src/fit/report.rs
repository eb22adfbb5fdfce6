//! What a fit came to: in words and in tables.

use std::fmt::Write;
use std::path::Path;

use serde::Serialize;

use super::interval::{CONFIDENCE, Interval, Profile};
use super::problem::{Evaluation, Problem, Scale};
use crate::failure::Failure;
use crate::files;
use crate::sweep::{Range, shown};
use crate::table::{Column, Table, Values};

/// Beyond this ratio of the misfit to what chance explains, the study does not describe the series.
const POOR: f64 = 2.0;

/// What a fit came to.
#[derive(Clone, Debug, Serialize)]
pub struct Fit {
    /// The fitted values.
    pub values: Vec<FittedValue>,
    /// Columns that were compared.
    pub columns: Vec<String>,
    /// How many numbers were compared.
    pub numbers: usize,
    /// Unit of misfit and spread, in words.
    pub scale: &'static str,
    /// Root mean square of simulated mean minus series, at the estimate.
    pub misfit: f64,
    /// What chance alone makes of the misfit if the study is right.
    pub by_chance: f64,
    /// Replicates of each choice.
    pub replicates: u32,
    /// The study with the fitted values.
    #[serde(skip)]
    study: String,
    #[serde(skip)]
    tried: Table,
}

/// A fitted value.
#[derive(Clone, Debug, Serialize)]
pub struct FittedValue {
    /// Path in the study.
    pub path: String,
    /// The estimate, as it stands in a study.
    pub estimate: String,
    /// Lower end of the interval.
    pub low: String,
    /// Upper end of the interval.
    pub high: String,
    /// `yes`, `upper bound`, `lower bound` or `no`.
    pub identified: &'static str,
    /// Value and misfit through the range, the others held.
    pub profile: Vec<(String, f64)>,
}

impl Fit {
    /// Puts the parts of a fit together.
    pub(super) fn new(
        problem: &Problem,
        estimate: &Evaluation,
        profiles: &[Profile],
        intervals: Vec<Interval>,
        tried: &[Evaluation],
    ) -> Self {
        let ranges = problem.ranges();
        let values = ranges.iter().zip(profiles.iter().zip(intervals)).enumerate();
        let values = values
            .map(|(k, ((path, range), (profile, interval)))| {
                FittedValue::new(path, range, estimate.point[k], profile, interval)
            })
            .collect();
        let replicates = f64::from(problem.replicates());
        let text = problem.study_at(&estimate.point, 0).map_or_else(|_| String::new(), |study| study.text);
        Self {
            values,
            columns: problem.columns().to_vec(),
            numbers: problem.numbers(),
            scale: match problem.scale() {
                Scale::Log => "of ln(1 + n)",
                Scale::Linear => "of the columns' largest values",
            },
            misfit: estimate.misfit,
            by_chance: estimate.spread() * (1.0 + 1.0 / replicates).sqrt(),
            replicates: problem.replicates(),
            study: text,
            tried: tried_table(problem, tried),
        }
    }

    /// Whether the misfit is about what chance explains.
    pub fn is_good(&self) -> bool {
        self.misfit <= POOR * self.by_chance
    }

    /// The fit in words.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for value in &self.values {
            let FittedValue { path, estimate, low, high, .. } = value;
            let percent = 100.0 * CONFIDENCE;
            let _ = match value.identified {
                "yes" => writeln!(text, "{path} = {estimate} ({percent} % interval: {low} to {high})"),
                "upper bound" => writeln!(
                    text,
                    "{path}: at most about {high}; this series cannot tell smaller values apart (best: {estimate})"
                ),
                "lower bound" => writeln!(
                    text,
                    "{path}: at least about {low}; this series cannot tell larger values apart (best: {estimate})"
                ),
                _ => writeln!(
                    text,
                    "{path}: cannot be identified; {low} to {high} fit about as well (best: {estimate})"
                ),
            };
        }
        let _ = writeln!(
            text,
            "\nMisfit {:.3} {} (root mean square over {} numbers of {}); chance alone makes {:.3} of it.",
            self.misfit,
            self.scale,
            self.numbers,
            self.columns.join(", "),
            self.by_chance
        );
        if !self.is_good() {
            text += "The study does not describe the series: no choice of these values comes as close as chance \
                     would, and the intervals do not cover that error. Look at the profiles, widen a range, or vary \
                     another value.\n";
        }
        for value in &self.values {
            let _ = writeln!(text, "\n{:<40} misfit, the others held", value.path);
            for (at, misfit) in &value.profile {
                let mark = if *at == value.estimate { "  <- estimate" } else { "" };
                let _ = writeln!(text, "{at:<40} {misfit:.3}{mark}");
            }
        }
        text
    }

    /// Writes fit.txt, fit.json, evaluations.csv and fitted.toml.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn write(&self, root: &Path) -> Result<(), Failure> {
        files::write(&root.join("fit.txt"), self.text().as_bytes())?;
        files::write_json(&root.join("fit.json"), self)?;
        self.tried.write_csv(&root.join("evaluations.csv"))?;
        files::write(&root.join("fitted.toml"), self.study.as_bytes())
    }
}

impl FittedValue {
    fn new(path: &str, range: &Range, estimate: f64, profile: &Profile, interval: Interval) -> Self {
        let short = |u: f64| shortened(range, u);
        Self {
            path: path.to_owned(),
            estimate: short(estimate),
            low: short(interval.low),
            high: short(interval.high),
            identified: interval.identified.word(),
            profile: profile.points.iter().map(|(u, e)| (short(*u), e.misfit)).collect(),
        }
    }
}

/// A value of a range in three digits, as chance allows no more.
pub(crate) fn shortened(range: &Range, share: f64) -> String {
    let text = shown(&range.at(share));
    let (number, unit) = text.split_once(' ').unwrap_or((&text, ""));
    let number = match number.parse::<f64>() {
        Ok(value) if !range.whole => format!("{}", format!("{value:.2e}").parse::<f64>().unwrap_or(value)),
        _ => number.to_owned(),
    };
    format!("{number} {unit}").trim_end().to_owned()
}

/// Every choice that was tried, with its misfit.
fn tried_table(problem: &Problem, tried: &[Evaluation]) -> Table {
    let mut table = Table::default();
    for (k, (path, range)) in problem.ranges().iter().enumerate() {
        let unit = if range.unit.is_empty() { "1" } else { range.unit.as_str() };
        let written = tried.iter().map(|e| shown(&problem.value(k, e.point[k]))).collect();
        table.push(Column::new(path, unit, "Value that was tried"), Values::Text(written));
    }
    let misfit = tried.iter().map(|e| e.misfit).collect();
    table.push(
        Column::new("misfit", "1", "Root mean square of simulated mean minus series"),
        Values::Numbers(misfit),
    );
    let spread = tried.iter().map(Evaluation::spread).collect();
    table.push(
        Column::new("spread", "1", "Root mean square of the standard deviation between replicates"),
        Values::Numbers(spread),
    );
    table
}
