//! Which parameter matters.

use perforin_core::study::population::SensitivityMethod;
use perforin_patient::population::run::in_chunks;
use perforin_patient::population::sensitivity::{morris, morris_effects, saltelli, sobol_indices};

use super::answer::{SensitivityRow, some};
use super::question::Question;
use super::seen::Scale;
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
    let inputs = variation.inputs();
    let n = inputs.len();
    let points = match section.method {
        SensitivityMethod::Sobol => {
            let power = section.samples.unwrap_or(POINTS).next_power_of_two().trailing_zeros();
            saltelli(n, power, question.seed)
                .map_err(|e| Failure::input("the sensitivity cannot be measured").because(&e))?
        }
        SensitivityMethod::Morris => morris(n, section.samples.unwrap_or(TRAJECTORIES), question.seed),
    };
    let arm = &question.arms[0];
    let rows = in_chunks((0, points.len() as u64), |numbers| {
        // Every point is the same patient otherwise: number 0.
        let within = |q: &f64| q.clamp(ENDS, 1.0 - ENDS);
        let quantiles = |k: u64| match section.method {
            SensitivityMethod::Sobol => points[k as usize].clone(),
            SensitivityMethod::Morris => points[k as usize].iter().map(within).collect(),
        };
        let draws = numbers.map(|k| (0, Ok(variation.at(&quantiles(k))))).collect();
        let seen = question.follow_drawn(arm, draws);
        seen.into_iter().map(|seen| seen.map(|s| s.outcome).unwrap_or_default()).collect::<Vec<_>>()
    });
    let rows: Vec<Vec<f64>> = rows.into_iter().flatten().collect();
    let columns = question.outcome_columns();
    let mut all = Vec::new();
    for (place, column) in columns.iter().enumerate().filter(|(_, c)| c.scale != Scale::None) {
        if column.column.name.starts_with("drawn_") {
            continue;
        }
        let value = |row: &Vec<f64>| {
            let value = row.get(place).copied().unwrap_or(f64::NAN);
            if column.scale == Scale::Log { libm::log10(value.max(1e-12)) } else { value }
        };
        let values: Vec<f64> = rows.iter().map(value).collect();
        // An index of what is not always there, or never changes, means nothing.
        let noise = NOISE * question.tolerance * values[0].abs().max(1.0);
        let changes = values.iter().any(|v| (v - values[0]).abs() > noise);
        if !changes || values.iter().any(|v| !v.is_finite()) {
            continue;
        }
        let measures: Vec<(f64, f64)> = match section.method {
            SensitivityMethod::Sobol => {
                sobol_indices(n, &values).iter().map(|i| (i.first, i.total)).collect()
            }
            SensitivityMethod::Morris => {
                morris_effects(n, &points, &values).iter().map(|e| (e.mean, e.spread)).collect()
            }
        };
        for (parameter, (first, total)) in inputs.iter().zip(measures) {
            let (outcome, parameter) = (column.column.name.clone(), parameter.clone());
            all.push(SensitivityRow { outcome, parameter, first: some(first), total: some(total) });
        }
    }
    Ok(all)
}
