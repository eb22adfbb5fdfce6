//! Several patients: each is fitted by itself, and the population is described by the mean and the spread of the logarithms of
//! their values, by the global two-stage method ([`two_stage`]).
//!
//! The precision of a patient's estimate is half the curvature of `−2 ln L` in the logarithms of the values, by central
//! differences over steps at which the objective rises by about one. A value whose estimate lies at an end of its range has
//! none: the patient does not tell it. A patient who cannot be fitted is listed with the reason.

use std::collections::BTreeMap;
use std::path::Path;

use perforin_core::study::StudyValue;
use perforin_patient::population::two_stage::{self, Estimate, Matrix, TwoStage};
use rayon::prelude::*;

use super::measured::{PATIENT, Sample, read_several};
use super::{Fit, IMPOSSIBLE, Problem, ranges};
use crate::failure::Failure;
use crate::study::Study;
use crate::sweep::{Range, value_of, varied};

pub use super::measured::names_patients;
pub use super::population::SeveralFit;

/// The first step of a difference, as a share of the logarithmic range.
const FIRST_STEP: f64 = 1e-3;
/// Rise of the objective that a step must reach: the curvature is then that of the likelihood, not of the solver's error.
const ENOUGH: f64 = 1.0;
/// Shares of the range that close to an end count as the end.
const AT_END: f64 = 1e-3;

/// Several patients and what is fitted to each.
#[derive(Debug)]
pub struct Several {
    study: Study,
    ranges: Vec<(String, Range)>,
    patients: Vec<Patient>,
}

#[derive(Debug)]
struct Patient {
    name: String,
    /// None of one without a measurement.
    problem: Option<Problem>,
}

/// What became of one patient's fit.
#[derive(Debug)]
pub(super) struct Fitted {
    pub name: String,
    /// The fit and its estimate in logarithms, or why there is none.
    pub fit: Result<(Fit, Estimate), String>,
}

impl Several {
    /// Reads what is to vary and what was measured in whom; `own` is a CSV file with values of the study that are each
    /// patient's own.
    ///
    /// # Errors
    /// If a range, a path, a column, a measurement, or a patient's own study is wrong.
    pub fn new(
        study: Study,
        vary: &[String],
        measured: &Path,
        columns: &[String],
        own: Option<&Path>,
    ) -> Result<Self, Failure> {
        let ranges = ranges(vary)?;
        check_logarithms(&ranges)?;
        let columns_of = Problem::asked(study.clone(), ranges.clone(), columns)?.columns;
        let measured = read_several(measured, &columns_of)?;
        let own = own.map(|place| own_values(place, &measured)).transpose()?.unwrap_or_default();
        let patients = measured
            .into_iter()
            .map(|(name, samples)| {
                let values = own.get(&name).map(Vec::as_slice).unwrap_or_default();
                patient(&study, &ranges, columns, name, samples, values)
            })
            .collect::<Result<Vec<_>, _>>()?;
        if patients.iter().filter(|patient| patient.problem.is_some()).count() < 2 {
            return Err(Failure::input("a population needs at least two patients with a measurement")
                .help(format!("leave the column `{PATIENT}` out to fit one")));
        }
        Ok(Self { study, ranges, patients })
    }

    /// Fits every patient, and the population.
    ///
    /// # Errors
    /// If the user stops, or fewer than two patients can be fitted.
    pub fn fit(&self) -> Result<SeveralFit, Failure> {
        let fitted: Vec<Fitted> =
            self.patients.par_iter().map(|patient| self.one(patient)).collect::<Result<_, _>>()?;
        let estimates: Vec<Estimate> =
            fitted.iter().filter_map(|one| one.fit.as_ref().ok().map(|(_, e)| e.clone())).collect();
        let population: Option<TwoStage> = two_stage::fit(&estimates);
        let Some(population) = population else {
            let reasons: Vec<String> = fitted
                .iter()
                .filter_map(|one| Some(format!("{}: {}", one.name, one.fit.as_ref().err()?)))
                .collect();
            return Err(Failure::run("fewer than two patients can be fitted").help(reasons.join("; ")));
        };
        SeveralFit::new(&self.study, &self.ranges, fitted, &population)
    }

    fn one(&self, patient: &Patient) -> Result<Fitted, Failure> {
        let name = patient.name.clone();
        let Some(problem) = &patient.problem else {
            return Ok(Fitted { name, fit: Err("no measurement".into()) });
        };
        let fit = problem.fit().and_then(|fit| {
            let estimate = estimate(problem, &self.ranges, &fit)?;
            Ok((fit, estimate))
        });
        match fit {
            Ok(fit) => Ok(Fitted { name, fit: Ok(fit) }),
            Err(failure) if crate::interrupt::is_requested() => Err(failure),
            Err(failure) => Ok(Fitted { name, fit: Err(failure.what) }),
        }
    }
}

fn patient(
    study: &Study,
    ranges: &[(String, Range)],
    columns: &[String],
    name: String,
    samples: Vec<Sample>,
    own: &[(String, StudyValue)],
) -> Result<Patient, Failure> {
    if samples.is_empty() {
        return Ok(Patient { name, problem: None });
    }
    let of_patient =
        |failure: Failure| Failure { what: format!("patient `{name}`: {}", failure.what), ..failure };
    let values: Vec<(&str, StudyValue)> =
        own.iter().map(|(path, value)| (path.as_str(), value.clone())).collect();
    let study = varied(study, &values, study.file.study.seed, &format!("study of patient {name}"));
    let problem = study
        .and_then(|study| Problem::asked(study, ranges.to_vec(), columns))
        .and_then(|problem| Problem { samples, ..problem }.ready())
        .map_err(of_patient)?;
    Ok(Patient { name, problem: Some(problem) })
}

/// The population is described by logarithms.
fn check_logarithms(ranges: &[(String, Range)]) -> Result<(), Failure> {
    match ranges.iter().find(|(_, range)| range.from <= 0.0 || range.whole) {
        None => Ok(()),
        Some((path, _)) => {
            Err(Failure::input(format!("`{path}` has no logarithm by which a population could be described"))
                .help("let its range begin above zero, and write one end with a decimal point"))
        }
    }
}

/// Reads a table with a column [`PATIENT`] and columns headed by paths of the study.
fn own_values(
    place: &Path,
    measured: &[(String, Vec<Sample>)],
) -> Result<BTreeMap<String, Vec<(String, StudyValue)>>, Failure> {
    let shown = place.display().to_string();
    let broken = |e: csv::Error| Failure::input(format!("cannot read `{shown}`")).because(&e);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(place).map_err(broken)?;
    let names = reader.headers().map_err(broken)?.clone();
    let heading = |name: &str| name.trim_start_matches('\u{feff}').to_owned();
    let whose = names.iter().position(|name| heading(name) == PATIENT).ok_or_else(|| {
        Failure::input(format!("`{shown}` has no column `{PATIENT}`"))
            .help("head the other columns by paths of the study, such as regimen.infusion.0.dose")
    })?;
    let mut own = BTreeMap::new();
    for record in reader.records() {
        let record = record.map_err(broken)?;
        let line = record.position().map_or(0, csv::Position::line);
        let name = record[whose].to_owned();
        let values = names.iter().zip(&record).enumerate();
        let values = values.filter(|(column, (_, text))| *column != whose && !text.is_empty());
        let values = values.map(|(_, (path, text))| (heading(path), value_of(text))).collect();
        if !measured.iter().any(|(known, _)| *known == name) {
            return Err(Failure::input(format!("`{name}` in line {line} of `{shown}` has no measurement"))
                .help("take the row out, or correct the name"));
        }
        if own.insert(name.clone(), values).is_some() {
            return Err(Failure::input(format!("`{name}` has a second row in line {line} of `{shown}`"))
                .help("give every patient one row"));
        }
    }
    Ok(own)
}

/// Logarithm of the value at a share of a range that begins above zero.
pub(super) fn logarithm(range: &Range, share: f64) -> f64 {
    let (low, high) = (libm::log(range.from), libm::log(range.to));
    if range.log {
        low + share * (high - low)
    } else {
        libm::log(range.from + share * (range.to - range.from))
    }
}

/// The share of a range at which a value has this logarithm; beyond its ends below 0 or above 1.
pub(super) fn share_of(range: &Range, logarithm: f64) -> f64 {
    let (low, high) = (libm::log(range.from), libm::log(range.to));
    if range.log {
        (logarithm - low) / (high - low)
    } else {
        (libm::exp(logarithm) - range.from) / (range.to - range.from)
    }
}

/// The estimate of a patient in logarithms, with its precision.
fn estimate(problem: &Problem, ranges: &[(String, Range)], fit: &Fit) -> Result<Estimate, Failure> {
    let n = ranges.len();
    let values: Vec<f64> = ranges.iter().zip(&fit.point).map(|((_, r), u)| logarithm(r, *u)).collect();
    let at = |moves: &[(usize, f64)]| {
        let mut point = fit.point.clone();
        for (k, by) in moves {
            point[*k] = share_of(&ranges[*k].1, values[*k] + by).clamp(0.0, 1.0);
        }
        Ok::<_, Failure>(problem.evaluate(&point)?.misfit - fit.objective)
    };
    let mut steps = Vec::with_capacity(n);
    for (k, (_, range)) in ranges.iter().enumerate() {
        steps.push(step(&|by| at(&[(k, by)]), (range, fit.point[k], values[k]))?);
    }
    let mut precision: Matrix = vec![vec![0.0; n]; n];
    for k in 0..n {
        let Some(h) = steps[k] else { continue };
        precision[k][k] = (0.5 * (at(&[(k, h)])? + at(&[(k, -h)])?) / (h * h)).max(0.0);
        for l in 0..k {
            let Some(g) = steps[l] else { continue };
            let corners = at(&[(k, h), (l, g)])? - at(&[(k, h), (l, -g)])? - at(&[(k, -h), (l, g)])?
                + at(&[(k, -h), (l, -g)])?;
            let mixed = 0.125 * corners / (h * g);
            (precision[k][l], precision[l][k]) = (mixed, mixed);
        }
    }
    Ok(Estimate { values, precision: two_stage::tamed(precision) })
}

/// A step in the logarithm at which the objective rises enough to both sides; none if it does not within the range, or the
/// estimate lies at its end.
fn step(
    rise: &impl Fn(f64) -> Result<f64, Failure>,
    (range, share, value): (&Range, f64, f64),
) -> Result<Option<f64>, Failure> {
    if !(AT_END..=1.0 - AT_END).contains(&share) {
        return Ok(None);
    }
    let most = (value - libm::log(range.from)).min(libm::log(range.to) - value);
    let mut h = FIRST_STEP * (libm::log(range.to) - libm::log(range.from));
    while h < most {
        let [up, down] = [rise(h)?, rise(-h)?];
        if up.max(down) >= IMPOSSIBLE / 2.0 {
            return Ok(None);
        }
        if 0.5 * (up + down) >= ENOUGH {
            return Ok(Some(h));
        }
        h *= 1.5;
    }
    // Within the range it does not rise by one: as much precision as its rise to the nearer end has.
    let flat = 0.5 * (rise(most)? + rise(-most)?);
    Ok((flat > 0.1).then_some(most))
}
