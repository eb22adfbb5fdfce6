//! Which parameter matters.

use perforin_core::study::population::SensitivityMethod;
use perforin_patient::population::run::in_chunks;
use perforin_patient::population::sensitivity::{morris, morris_effects, saltelli, sobol_indices};

use super::answer::{SensitivityRow, some};
use super::draws::Variation;
use super::question::Question;
use super::seen::{OutcomeColumn, Scale};
use crate::failure::Failure;

/// Points of each of Sobol's matrices where the study does not say.
const POINTS: u32 = 256;
/// Trajectories of Morris where the study does not say.
const TRAJECTORIES: u32 = 40;
/// Change of an outcome, in tolerances of the solver, that may be its error.
const NOISE: f64 = 100.0;
/// Morris' grid touches the ends of the distributions, which have no finite quantile.
const ENDS: f64 = 0.01;

/// Moves everything that varies through its distribution in the first arm, and measures what that does to every outcome
/// of which the distribution is kept. Outcomes on a logarithmic scale are taken by their logarithm.
///
/// # Errors
/// If too many parameters vary.
pub fn measure(question: &Question) -> Result<Vec<SensitivityRow>, Failure> {
    let (Some(section), Some(variation)) = (question.sensitivity, &question.variation) else {
        return Ok(Vec::new());
    };
    let n = variation.inputs().len();
    let points = match section.method {
        SensitivityMethod::Sobol => {
            let power = section.samples.unwrap_or(POINTS).next_power_of_two().trailing_zeros();
            saltelli(n, power, question.seed)
                .map_err(|e| Failure::input("the sensitivity cannot be measured").because(&e))?
        }
        SensitivityMethod::Morris => morris(n, section.samples.unwrap_or(TRAJECTORIES), question.seed),
    };
    let design = Design { method: section.method, inputs: variation.inputs(), points };
    let rows = design.follow(question, variation);
    let columns = question.outcome_columns();
    let kept = |c: &OutcomeColumn| c.scale != Scale::None && !c.column.name.starts_with("drawn_");
    let of = |(place, column)| {
        let values = values(&rows, place, column, question.tolerance)?;
        Some(design.measures(column, &values))
    };
    Ok(columns.iter().enumerate().filter(|(_, c)| kept(c)).filter_map(of).flatten().collect())
}

/// Values of an outcome at all points; none if an index of it means nothing, since it is not always there or never
/// changes.
fn values(rows: &[Vec<f64>], place: usize, column: &OutcomeColumn, tolerance: f64) -> Option<Vec<f64>> {
    let value = |row: &Vec<f64>| {
        let value = row.get(place).copied().unwrap_or(f64::NAN);
        if column.scale == Scale::Log { libm::log10(value.max(1e-12)) } else { value }
    };
    let values: Vec<f64> = rows.iter().map(value).collect();
    let noise = NOISE * tolerance * values[0].abs().max(1.0);
    let changes = values.iter().any(|v| (v - values[0]).abs() > noise);
    (changes && values.iter().all(|v| v.is_finite())).then_some(values)
}

/// Points at which patients are followed.
struct Design {
    method: SensitivityMethod,
    inputs: Vec<String>,
    points: Vec<Vec<f64>>,
}

impl Design {
    /// The outcome at every point; every point is the same patient otherwise: number 0.
    fn follow(&self, question: &Question, variation: &Variation) -> Vec<Vec<f64>> {
        let within = |q: &f64| q.clamp(ENDS, 1.0 - ENDS);
        let quantiles = |k: u64| match self.method {
            SensitivityMethod::Sobol => self.points[k as usize].clone(),
            SensitivityMethod::Morris => self.points[k as usize].iter().map(within).collect(),
        };
        let rows = in_chunks((0, self.points.len() as u64), |numbers| {
            let draws = numbers.map(|k| (0, Ok(variation.at(&quantiles(k))))).collect();
            let seen = question.follow_drawn(&question.arms[0], draws);
            seen.into_iter().map(|seen| seen.map(|s| s.outcome).unwrap_or_default()).collect::<Vec<_>>()
        });
        rows.into_iter().flatten().collect()
    }

    /// What each input does to an outcome.
    fn measures(&self, column: &OutcomeColumn, values: &[f64]) -> Vec<SensitivityRow> {
        let n = self.inputs.len();
        let measures: Vec<(f64, f64)> = match self.method {
            SensitivityMethod::Sobol => sobol_indices(n, values).iter().map(|i| (i.first, i.total)).collect(),
            SensitivityMethod::Morris => {
                morris_effects(n, &self.points, values).iter().map(|e| (e.mean, e.spread)).collect()
            }
        };
        let row = |(parameter, (first, total)): (&String, (f64, f64))| {
            let (outcome, parameter) = (column.column.name.clone(), parameter.clone());
            SensitivityRow { outcome, parameter, first: some(first), total: some(total) }
        };
        self.inputs.iter().zip(measures).map(row).collect()
    }
}
