//! Fitting parameters of one patient's model to measured kinetics, by the largest likelihood.
//!
//! | symbol | meaning |
//! |---|---|
//! | `y_i` | a measurement, or that it was below its limit of quantification |
//! | `m_i(θ)` | the same quantity at the same time in the model with the values `θ` |
//! | `σ` | standard deviation of the logarithm of a measurement about the true value, `patient.assay.log_sd` |
//!
//! What is smallest at the estimate is `−2 Σ ln L(y_i | m_i(θ), σ)`, log-normal, below a limit the probability to lie there
//! (method M3 of Beal 2001, doi 10.1023/A:1012299115260). A Latin hypercube finds where to begin, Nelder and Mead's
//! simplex (doi 10.1093/comjnl/7.4.308) goes on from its best points. The 90 % interval of a value holds what the likelihood
//! ratio does not refuse: the values at which the objective, the smallest over all others, is less than 2.706 above its
//! smallest (Venzon & Moolgavkar 1988, doi 10.2307/2347496).
//!
//! Assumptions: errors are independent and as large for every column; of one patient, variability is that of the
//! measurement. Several patients are fitted one by one, and described by mean and spread ([`several`]).

mod measured;
mod population;
pub mod several;

use std::path::Path;

use perforin_patient::population::assay::{Assay, Error, Measured};
use rayon::prelude::*;
use serde::Serialize;

use self::measured::Sample;
use super::question::Question;
use crate::failure::Failure;
use crate::files;
use crate::fit::{Effort, Evaluation, Identified, best, hypercube, simplex};
use crate::study::Study;
use crate::sweep::{Axis, Extent, Range, shown, varied};
use crate::table::{Column, Table, Values};

/// Most values that are fitted at once.
const MOST_VALUES: usize = 5;
/// Points of the hypercube and steps of a simplex, for each value.
const EFFORT: Effort = Effort { samples: 12, steps: 60 };
/// The same for the other values while one is held: they begin near their best.
const HELD: Effort = Effort { samples: 0, steps: 30 };
/// The best points of the hypercube from which a simplex begins.
const STARTS: usize = 3;
/// Rise of the objective at the ends of a 90 % interval: the quantile of χ² with one degree of freedom.
const RISE: f64 = 2.706;
/// Halvings of the range in which an end of an interval lies.
const HALVINGS: u32 = 7;
/// The objective where the model cannot be solved or nothing is predicted.
const IMPOSSIBLE: f64 = 1e12;

/// What is fitted to what.
#[derive(Debug)]
pub struct Problem {
    study: Study,
    ranges: Vec<(String, Range)>,
    columns: Vec<Column>,
    /// Places of the columns in the series without time.
    places: Vec<usize>,
    samples: Vec<Sample>,
    days: Vec<f64>,
}

/// What a fit came to.
#[derive(Clone, Debug, Serialize)]
pub struct Fit {
    /// The fitted values.
    pub values: Vec<FittedValue>,
    /// Measurements, and those of them below a limit.
    pub measurements: (usize, usize),
    /// Standard deviation of the logarithm of a measurement.
    pub log_sd: f64,
    /// `−2 ln L` at the estimate.
    pub objective: f64,
    /// Akaike's criterion, the objective and two for each value.
    pub akaike: f64,
    #[serde(skip)]
    study: String,
    #[serde(skip)]
    predicted: Table,
    /// The estimate as shares of the ranges.
    #[serde(skip)]
    point: Vec<f64>,
}

/// A fitted value.
#[derive(Clone, Debug, Serialize)]
pub struct FittedValue {
    /// Path in the study.
    pub path: String,
    /// The estimate, as it stands in a study.
    pub estimate: String,
    /// Lower end of the 90 % interval.
    pub low: String,
    /// Upper end.
    pub high: String,
    /// `yes`, `upper bound`, `lower bound` or `no`.
    pub identified: &'static str,
}

impl Problem {
    /// Reads what is to vary and what was measured, and checks that the study has both. Without `columns`, it is the product
    /// in blood.
    ///
    /// # Errors
    /// If a range, a path, a column or a measurement is wrong.
    pub fn new(study: Study, vary: &[String], measured: &Path, columns: &[String]) -> Result<Self, Failure> {
        let mut problem = Self::asked(study, ranges(vary)?, columns)?;
        problem.samples = measured::read(measured, &problem.columns)?;
        problem.ready()
    }

    /// What is to vary in a study that has the columns; nothing is measured yet.
    fn asked(study: Study, ranges: Vec<(String, Range)>, columns: &[String]) -> Result<Self, Failure> {
        let question = Question::new(&study)?;
        if !question.is_one() {
            return Err(Failure::input("the study is about a population, and a fit about one patient")
                .help("leave [population] out"));
        }
        check_assay(&question, &ranges)?;
        let (places, columns) = chosen(&question, columns)?;
        Ok(Self { study, ranges, columns, places, samples: Vec::new(), days: Vec::new() })
    }

    /// Checks that the study goes to the last measurement, and that both ends of every range are studies.
    fn ready(mut self) -> Result<Self, Failure> {
        self.days = self.samples.iter().map(|sample| sample.day).collect();
        let question = Question::new(&self.study)?;
        let end = question.days.last().copied().unwrap_or(0.0);
        if let Some(day) = self.days.iter().find(|day| **day > end) {
            return Err(Failure::input(format!(
                "a measurement is of day {day}, the study goes to day {end}"
            ))
            .help("lengthen `study.duration`"));
        }
        for share in [0.0, 1.0] {
            Question::new(&self.study_at(&vec![share; self.ranges.len()])?)?;
        }
        Ok(self)
    }

    fn seed(&self) -> u64 {
        self.study.file.study.seed
    }

    fn study_at(&self, point: &[f64]) -> Result<Study, Failure> {
        let values: Vec<_> =
            self.ranges.iter().zip(point).map(|((path, range), u)| (path.as_str(), range.at(*u))).collect();
        varied(&self.study, &values, self.seed(), "fitted study")
    }

    /// Predictions of all measurements and the spread of their errors; none if the model cannot be solved.
    fn predict(&self, point: &[f64]) -> Result<Option<(Vec<f64>, f64)>, Failure> {
        let question = Question::seen_also(&self.study_at(point)?, &self.days)?;
        let Ok(seen) = question.follow(&question.arms[0], 0..1).swap_remove(0) else { return Ok(None) };
        let of = |sample: &Sample| {
            let day = question.days.partition_point(|day| *day < sample.day);
            seen.series[self.places[sample.column]][day]
        };
        let sd = match question.assay.map(|assay| assay.error) {
            Some(Error::Log { sd }) => sd,
            _ => 0.0,
        };
        Ok(Some((self.samples.iter().map(of).collect(), sd)))
    }

    /// The objective at a point of the unit cube.
    fn evaluate(&self, point: &[f64]) -> Result<Evaluation, Failure> {
        if crate::interrupt::is_requested() {
            return Err(Failure::interrupted("Stopped.").help("a fit begins anew with the same command"));
        }
        let misfit =
            self.predict(point)?.map_or(IMPOSSIBLE, |(predicted, sd)| self.objective(&predicted, sd));
        Ok(Evaluation { point: point.to_vec(), replicates: Vec::new(), misfit })
    }

    fn objective(&self, predicted: &[f64], sd: f64) -> f64 {
        let likelihood = |(sample, value): (&Sample, &f64)| {
            Assay { error: Error::Log { sd }, limit: sample.limit }.log_likelihood(sample.measured, *value)
        };
        let objective = -2.0 * self.samples.iter().zip(predicted).map(likelihood).sum::<f64>();
        if objective.is_finite() { objective } else { IMPOSSIBLE }
    }

    /// The smallest objective with value `k` held at `share`, from the estimate on.
    fn held(&self, k: usize, share: f64, estimate: &[f64]) -> Result<f64, Failure> {
        let whole = |others: &[f64]| {
            let mut point = others.to_vec();
            point.insert(k, share);
            point
        };
        let mut others = estimate.to_vec();
        others.remove(k);
        if others.is_empty() {
            return Ok(self.evaluate(&[share])?.misfit);
        }
        let evaluate = |others: &[f64]| {
            let found = self.evaluate(&whole(others))?;
            Ok(Evaluation { point: others.to_vec(), ..found })
        };
        Ok(best(&simplex(&others, HELD, &evaluate)?).misfit)
    }

    /// Where the objective has risen by [`RISE`] between the estimate and an end of the range; none if it does not.
    fn end(&self, k: usize, end: f64, estimate: &Evaluation) -> Result<Option<f64>, Failure> {
        let rises = |share: f64| Ok(self.held(k, share, &estimate.point)? > estimate.misfit + RISE);
        if !rises(end)? {
            return Ok(None);
        }
        let (mut inside, mut outside) = (estimate.point[k], end);
        for _ in 0..HALVINGS {
            let middle = 0.5 * (inside + outside);
            if rises(middle)? { outside = middle } else { inside = middle }
        }
        Ok(Some(0.5 * (inside + outside)))
    }

    fn interval(&self, k: usize, estimate: &Evaluation) -> Result<FittedValue, Failure> {
        let (path, range) = &self.ranges[k];
        let (low, high) = rayon::join(|| self.end(k, 0.0, estimate), || self.end(k, 1.0, estimate));
        let (low, high) = (low?, high?);
        let identified = match (low, high) {
            (Some(_), Some(_)) => Identified::Yes,
            (None, Some(_)) => Identified::UpperBound,
            (Some(_), None) => Identified::LowerBound,
            (None, None) => Identified::No,
        };
        let value = |share: f64| crate::fit::shortened(range, share);
        Ok(FittedValue {
            path: path.clone(),
            estimate: value(estimate.point[k]),
            low: value(low.unwrap_or(0.0)),
            high: value(high.unwrap_or(1.0)),
            identified: identified.word(),
        })
    }

    /// Finds the values.
    ///
    /// # Errors
    /// If a study of the ranges is wrong, the model can be solved nowhere, or the user stops.
    pub fn fit(&self) -> Result<Fit, Failure> {
        let evaluate = |point: &[f64]| self.evaluate(point);
        let mut tried = hypercube(self.seed(), self.ranges.len(), EFFORT, &evaluate)?;
        tried.sort_by(|a, b| a.misfit.total_cmp(&b.misfit));
        let starts: Vec<Vec<f64>> = tried.iter().take(STARTS).map(|e| e.point.clone()).collect();
        let found: Vec<Vec<Evaluation>> =
            starts.par_iter().map(|start| simplex(start, EFFORT, &evaluate)).collect::<Result<_, _>>()?;
        tried.extend(found.into_iter().flatten());
        let estimate = best(&tried).clone();
        if estimate.misfit >= IMPOSSIBLE {
            return Err(nowhere());
        }
        let Some((predicted, log_sd)) = self.predict(&estimate.point)? else {
            return Err(nowhere());
        };
        let values =
            (0..self.ranges.len()).map(|k| self.interval(k, &estimate)).collect::<Result<Vec<_>, _>>()?;
        let below = self.samples.iter().filter(|sample| sample.measured == Measured::Below).count();
        Ok(Fit {
            measurements: (self.samples.len(), below),
            log_sd,
            objective: estimate.misfit,
            akaike: estimate.misfit + 2.0 * values.len() as f64,
            values,
            study: self.study_at(&estimate.point)?.text,
            predicted: self.predicted(&predicted),
            point: estimate.point,
        })
    }

    fn predicted(&self, predicted: &[f64]) -> Table {
        let mut table = Table::default();
        let name = |sample: &Sample| self.columns[sample.column].name.clone();
        let unit = |sample: &Sample| self.columns[sample.column].unit.clone();
        let value = |sample: &Sample| match sample.measured {
            Measured::Value(value) => value,
            Measured::Below => f64::NAN,
        };
        table.push(Column::new("time", "d", "Time after day 0"), Values::Numbers(self.days.clone()));
        table.push(
            Column::new("series", "1", "What was measured"),
            Values::Text(self.samples.iter().map(name).collect()),
        );
        table.push(
            Column::new("unit", "1", "Its unit"),
            Values::Text(self.samples.iter().map(unit).collect()),
        );
        let measured = Column::new("measured", "as the row says", "The measurement; NaN below the limit");
        table.push(measured, Values::Numbers(self.samples.iter().map(value).collect()));
        let limit = Column::new(
            "limit",
            "as the row says",
            "Limit of quantification of a value below it; 0 of others",
        );
        table.push(limit, Values::Numbers(self.samples.iter().map(|sample| sample.limit).collect()));
        let model = Column::new("predicted", "as the row says", "The fitted model");
        table.push(model, Values::Numbers(predicted.to_vec()));
        table
    }
}

impl Fit {
    /// The fit in words.
    pub fn text(&self) -> String {
        let mut lines: Vec<String> = Vec::new();
        for FittedValue { path, estimate, low, high, identified } in &self.values {
            lines.push(match *identified {
                "yes" => format!("{path} = {estimate} (90 % interval: {low} to {high})"),
                "upper bound" => {
                    format!("{path}: at most {high}; smaller values fit about as well (best: {estimate})")
                }
                "lower bound" => {
                    format!("{path}: at least {low}; larger values fit about as well (best: {estimate})")
                }
                _ => format!(
                    "{path}: cannot be identified; {low} to {high} fit about as well (best: {estimate})"
                ),
            });
        }
        let (all, below) = self.measurements;
        lines.push(format!(
            "\n{all} measurements, {below} of them below a limit; standard deviation of their logarithm {}; −2 ln L {:.3}, \
             Akaike's criterion {:.3}.",
            self.log_sd, self.objective, self.akaike
        ));
        lines.join("\n") + "\n"
    }

    /// Writes fit.txt, fit.json, predicted.csv and fitted.toml.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn write(&self, root: &Path) -> Result<(), Failure> {
        files::write(&root.join("fit.txt"), self.text().as_bytes())?;
        files::write_json(&root.join("fit.json"), self)?;
        self.predicted.write_csv(&root.join("predicted.csv"))?;
        files::write(&root.join("fitted.toml"), self.study.as_bytes())
    }
}

fn nowhere() -> Failure {
    Failure::input(
        "the model can be solved nowhere in these ranges, or predicts nothing that could be measured",
    )
    .help("narrow them")
}

/// What is to vary.
fn ranges(vary: &[String]) -> Result<Vec<(String, Range)>, Failure> {
    let ranges = vary.iter().map(|text| range(text)).collect::<Result<Vec<_>, _>>()?;
    if ranges.len() > MOST_VALUES {
        return Err(Failure::input(format!("{} values to fit", ranges.len()))
            .help(format!("give --vary one to {MOST_VALUES} times")));
    }
    Ok(ranges)
}

/// The error of a measurement must be known or among what is fitted.
fn check_assay(question: &Question, ranges: &[(String, Range)]) -> Result<(), Failure> {
    let is_exact = |assay: Assay| matches!(assay.error, Error::Log { sd } if sd <= 0.0);
    let is_varied = ranges.iter().any(|(path, _)| path == "patient.assay.log_sd");
    if question.assay.is_some_and(|assay| !is_exact(assay) || is_varied) {
        return Ok(());
    }
    Err(Failure::input("the study does not say how far a measurement lies from the true value")
        .help("add assay = { log_sd = 0.2 } to [patient]; it can be varied too"))
}

/// Places and headings of the chosen columns in the series without time; of the product in blood without any.
fn chosen(question: &Question, names: &[String]) -> Result<(Vec<usize>, Vec<Column>), Failure> {
    let known = &question.series_columns()[1..];
    let names = if names.is_empty() { vec![known[question.product()].name.clone()] } else { names.to_vec() };
    let find = |name: &String| {
        let place = known.iter().position(|column| column.name == *name).ok_or_else(|| {
            let there: Vec<&str> = known.iter().map(|column| column.name.as_str()).collect();
            Failure::input(format!("the patient has no series `{name}`"))
                .help(format!("there are {}", there.join(", ")))
        })?;
        Ok((place, known[place].clone()))
    };
    names.iter().map(find).collect()
}

fn range(text: &str) -> Result<(String, Range), Failure> {
    let Axis { path, extent } = Axis::parse(text)?;
    match extent {
        Extent::Range(range) => Ok((path, range)),
        Extent::List(values) => {
            let values: Vec<String> = values.iter().map(shown).collect();
            Err(Failure::input(format!("`{path}` is to be fitted, and `{}` is no range", values.join(",")))
                .help("write PATH=LOW..HIGH, such as \"patient.parameters.expansion=0.5 /d..3 /d:log\""))
        }
    }
}
