//! What is fitted to what: a study, the values that vary, and the misfit of a choice of them.

use perforin_core::study::StudyValue;
use perforin_lesion::lesion::Lesion;
use perforin_lesion::observe;
use rayon::prelude::*;

use super::target::Target;
use crate::failure::Failure;
use crate::interrupt;
use crate::study::Study;
use crate::sweep::{Axis, Extent, Range, shown, varied};

/// Most values that are fitted at once: more are rarely identified by one series.
const MOST_VALUES: usize = 3;

/// How numbers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// As `ln(1 + n)`, for counts.
    Log,
    /// Over the largest magnitude in their column.
    Linear,
}

/// A study, the values to fit, and the series to fit them to.
#[derive(Debug)]
pub struct Problem {
    study: Study,
    ranges: Vec<(String, Range)>,
    target: Target,
    scale: Scale,
    replicates: u32,
    /// Largest magnitude of each column.
    largest: Vec<f64>,
    /// The series, scaled.
    data: Vec<f64>,
    /// Step of each row.
    steps: Vec<u32>,
    /// Places of the columns among those that are observed.
    places: Vec<usize>,
}

/// The simulations with one choice of the values.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The choice, each value as a share (0 to 1) of its range on the scale of the range.
    pub point: Vec<f64>,
    /// For each replicate, the simulated numbers, scaled, in the order of the series.
    pub replicates: Vec<Vec<f64>>,
    /// Root mean square of simulated mean minus series, scaled.
    pub misfit: f64,
}

impl Problem {
    /// Reads what is to vary, and checks that study and series go together.
    ///
    /// # Errors
    /// If a range or path is wrong, the study has no such column, or the series goes beyond the study.
    pub fn new(
        study: Study,
        vary: &[String],
        target: Target,
        scale: Scale,
        replicates: u32,
    ) -> Result<Self, Failure> {
        let ranges = vary.iter().map(|text| range(text)).collect::<Result<Vec<_>, _>>()?;
        check_paths(&ranges)?;
        if scale == Scale::Log
            && let Some((column, value)) = target.flat().find(|(_, v)| *v < 0.0)
        {
            let column = &target.columns[column];
            return Err(Failure::input(format!(
                "`{column}` of the series holds {value}, which has no ln(1 + n)"
            ))
            .help("compare on a linear scale with --linear"));
        }
        let mut largest = vec![0.0_f64; target.columns.len()];
        target.flat().for_each(|(column, v)| largest[column] = largest[column].max(v.abs()));
        let mut problem = Self {
            study,
            ranges,
            scale,
            replicates,
            largest,
            data: Vec::new(),
            steps: Vec::new(),
            places: Vec::new(),
            target,
        };
        problem.data = problem.target.flat().map(|(c, v)| problem.scaled(c, v)).collect();
        problem.match_study()?;
        // Both ends of every range must be studies.
        for end in [0.0, 1.0] {
            problem.study_at(&vec![end; problem.ranges.len()], 0)?.prepare()?;
        }
        Ok(problem)
    }

    /// Finds the columns and the steps of the series in the study.
    fn match_study(&mut self) -> Result<(), Failure> {
        let model = self.study.prepare()?.scenario.model;
        let names: Vec<String> = observe::columns(&model).into_iter().map(|c| c.name).collect();
        for column in &self.target.columns {
            let place = names.iter().position(|n| n == column).ok_or_else(|| {
                Failure::input(format!("a run of `{}` has no column `{column}`", self.study.place.display()))
                    .help(format!("it has {}", names.join(", ")))
            })?;
            self.places.push(place);
        }
        let step = model.numerics.phenotype_step;
        for (day, _) in &self.target.rows {
            // Half a step of slack for times that were rounded when they were written.
            if day * 1440.0 > model.duration + 0.5 * step {
                let end = model.duration / 1440.0;
                return Err(Failure::input(format!("the series goes to day {day}, the study to day {end}"))
                    .help("lengthen `study.duration`"));
            }
            self.steps.push((day * 1440.0 / step).round() as u32);
        }
        Ok(())
    }

    /// Number of values that are fitted.
    pub fn values(&self) -> usize {
        self.ranges.len()
    }

    /// Paths and ranges of the values.
    pub fn ranges(&self) -> &[(String, Range)] {
        &self.ranges
    }

    /// Seed of the study.
    pub fn seed(&self) -> u64 {
        self.study.file.study.seed
    }

    /// Replicates of each choice.
    pub fn replicates(&self) -> u32 {
        self.replicates
    }

    /// Names of the columns that are compared.
    pub fn columns(&self) -> &[String] {
        &self.target.columns
    }

    /// How many numbers are compared.
    pub fn numbers(&self) -> usize {
        self.data.len()
    }

    /// How numbers are compared.
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// The value at a share of a range, as it stands in a study.
    pub fn value(&self, k: usize, share: f64) -> StudyValue {
        self.ranges[k].1.at(share)
    }

    /// The study with a choice of the values, with the seed of a replicate.
    ///
    /// # Errors
    /// If a path leads nowhere, or a value is impossible.
    pub fn study_at(&self, point: &[f64], replicate: u32) -> Result<Study, Failure> {
        let values: Vec<(&str, StudyValue)> =
            self.ranges.iter().zip(point).map(|((path, range), u)| (path.as_str(), range.at(*u))).collect();
        // TOML's integers end at 2^63 - 1.
        let seed = self.seed().wrapping_add(u64::from(replicate)) & i64::MAX as u64;
        let shown: Vec<String> = values.iter().map(|(p, v)| format!("{p} = {}", shown(v))).collect();
        varied(&self.study, &values, seed, "varied study").map_err(|failure| Failure {
            help: Some(format!("the fit came to {}", shown.join(", "))),
            ..failure
        })
    }

    /// Simulates all replicates of a choice.
    ///
    /// # Errors
    /// If a simulation fails, or the user stops.
    pub fn evaluate(&self, point: &[f64]) -> Result<Evaluation, Failure> {
        let replicates = (0..self.replicates)
            .into_par_iter()
            .map(|replicate| self.simulate(point, replicate))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Evaluation::new(point, replicates, &self.data))
    }

    fn simulate(&self, point: &[f64], replicate: u32) -> Result<Vec<f64>, Failure> {
        let scenario = self.study_at(point, replicate)?.prepare()?.scenario;
        let failed = |e| Failure::run("a simulation failed").because(&e);
        let mut lesion = Lesion::new(scenario.model, scenario.cells).map_err(failed)?;
        let mut order: Vec<usize> = (0..self.steps.len()).collect();
        order.sort_by_key(|row| self.steps[*row]);
        let mut seen = vec![Vec::new(); self.steps.len()];
        for row in order {
            while lesion.state.step < self.steps[row] {
                if interrupt::is_requested() {
                    return Err(
                        Failure::interrupted("Stopped.").help("a fit begins anew with the same command")
                    );
                }
                lesion.step().map_err(failed)?;
            }
            seen[row] = observe::observe(&lesion);
        }
        let rows = self.target.rows.iter().zip(&seen);
        Ok(rows
            .flat_map(|((_, values), seen)| {
                let known = values.iter().enumerate().filter(|(_, v)| v.is_some());
                known.map(|(c, _)| self.scaled(c, seen[self.places[c]])).collect::<Vec<_>>()
            })
            .collect())
    }

    fn scaled(&self, column: usize, value: f64) -> f64 {
        match self.scale {
            Scale::Log => libm::log1p(value),
            Scale::Linear if self.largest[column] > 0.0 => value / self.largest[column],
            Scale::Linear => value,
        }
    }
}

impl Evaluation {
    /// The evaluation of simulated numbers against a series.
    pub fn new(point: &[f64], replicates: Vec<Vec<f64>>, data: &[f64]) -> Self {
        let mean = mean_of(replicates.iter());
        let squares: f64 = mean.iter().zip(data).map(|(m, y)| (m - y) * (m - y)).sum();
        let misfit = (squares / data.len() as f64).sqrt();
        Self { point: point.to_vec(), replicates, misfit }
    }

    /// Root mean square, over the numbers, of the standard deviation between replicates.
    pub fn spread(&self) -> f64 {
        let mean = mean_of(self.replicates.iter());
        let squares =
            self.replicates.iter().flat_map(|r| r.iter().zip(&mean).map(|(v, m)| (v - m) * (v - m)));
        (squares.sum::<f64>() / ((self.replicates.len() - 1).max(1) * mean.len()) as f64).sqrt()
    }
}

/// Mean of vectors, in their order.
pub(super) fn mean_of<'a>(vectors: impl Iterator<Item = &'a Vec<f64>>) -> Vec<f64> {
    let mut sum: Vec<f64> = Vec::new();
    let mut count = 0.0;
    for vector in vectors {
        sum.resize(vector.len(), 0.0);
        sum.iter_mut().zip(vector).for_each(|(s, v)| *s += v);
        count += 1.0;
    }
    for s in &mut sum {
        *s /= count;
    }
    sum
}

fn range(text: &str) -> Result<(String, Range), Failure> {
    let Axis { path, extent } = Axis::parse(text)?;
    match extent {
        Extent::Range(range) => Ok((path, range)),
        Extent::List(_) => Err(Failure::input(format!("`{path}` is to be fitted, and needs a range"))
            .help("write PATH=LOW..HIGH, such as \"product.receptor.HER2.kd=1 nM..1000 nM:log\"")),
    }
}

fn check_paths(ranges: &[(String, Range)]) -> Result<(), Failure> {
    if ranges.is_empty() || ranges.len() > MOST_VALUES {
        return Err(Failure::input(format!("{} values to fit", ranges.len()))
            .help(format!("give --vary one to {MOST_VALUES} times")));
    }
    for (k, (path, _)) in ranges.iter().enumerate() {
        if path == "study.seed" {
            return Err(Failure::input("`study.seed` cannot be fitted"));
        }
        if ranges[..k].iter().any(|(other, _)| other == path) {
            return Err(Failure::input(format!("`{path}` is varied twice")));
        }
    }
    Ok(())
}
