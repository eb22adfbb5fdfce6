//! What the fits of several patients came to: the population, and every patient.

use std::path::Path;

use perforin_core::study::StudyValue;
use perforin_patient::population::two_stage::TwoStage;
use serde::Serialize;
use toml::Table as Toml;

use super::several::{Fitted, share_of};
use super::{Fit, FittedValue};
use crate::failure::Failure;
use crate::files;
use crate::fit::shortened;
use crate::study::Study;
use crate::sweep::{Range, set, varied};
use crate::table::{Column, Table, Values};

/// Quantile of the standard normal distribution for a 90 % interval.
const NORMAL_90: f64 = 1.645;
/// Patients of `population.toml`.
const COUNT: i64 = 1000;
/// What names a parameter of the patient in a study.
const PARAMETER: &str = "patient.parameters.";

/// What the fits of several patients came to.
#[derive(Debug, Serialize)]
pub struct SeveralFit {
    /// The population, value by value.
    pub population: Vec<PopulationValue>,
    /// Correlations between the logarithms of the values in the population, in the same order.
    pub correlation: Vec<Vec<f64>>,
    /// Every patient, in the order of the measurements.
    pub patients: Vec<PatientFit>,
    #[serde(skip)]
    typical: String,
    #[serde(skip)]
    virtual_patients: String,
}

/// A value in the population.
#[derive(Clone, Debug, Serialize)]
pub struct PopulationValue {
    /// Path in the study.
    pub path: String,
    /// In the median patient: the exponential of the mean of the logarithms.
    pub median: String,
    /// Ends of the 90 % interval of the median; empty if nobody tells it.
    pub low: String,
    /// See `low`.
    pub high: String,
    /// Standard deviation of the logarithm between patients.
    pub log_sd: f64,
    /// The same of the estimates themselves, which holds their errors.
    pub log_sd_of_estimates: f64,
    /// Patients whose measurements tell the value.
    pub told_by: usize,
}

/// The fit of one patient.
#[derive(Debug, Serialize)]
pub struct PatientFit {
    /// Its name.
    pub patient: String,
    /// Its own values as they are to be expected, between its estimate and the population; empty without a fit.
    pub expected: Vec<String>,
    /// The fit; none if there is none.
    pub fit: Option<Fit>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl SeveralFit {
    /// Puts the population and the patients together.
    pub(super) fn new(
        study: &Study,
        ranges: &[(String, Range)],
        fitted: Vec<Fitted>,
        population: &TwoStage,
    ) -> Result<Self, Failure> {
        let told = |k: usize| {
            let tells = |one: &&Fitted| one.fit.as_ref().is_ok_and(|(_, e)| e.precision[k][k] > 0.0);
            fitted.iter().filter(tells).count()
        };
        let values: Vec<PopulationValue> = ranges
            .iter()
            .enumerate()
            .map(|(k, (path, range))| PopulationValue::new(path, range, population, k, told(k)))
            .collect();
        let shown = |row: &[f64]| -> Vec<String> {
            ranges.iter().zip(row).map(|((_, range), v)| value(range, *v)).collect()
        };
        let mut own = population.own.iter();
        let patients = fitted
            .into_iter()
            .map(|Fitted { name, fit }| match fit {
                Ok((fit, _)) => PatientFit {
                    patient: name,
                    expected: own.next().map(|row| shown(row)).unwrap_or_default(),
                    fit: Some(fit),
                    reason: None,
                },
                Err(reason) => {
                    PatientFit { patient: name, expected: Vec::new(), fit: None, reason: Some(reason) }
                }
            })
            .collect();
        let typical: Vec<(&str, StudyValue)> = ranges
            .iter()
            .zip(&population.mean)
            .map(|((path, range), mean)| (path.as_str(), range.at(share_of(range, *mean).clamp(0.0, 1.0))))
            .collect();
        let typical = varied(study, &typical, study.file.study.seed, "typical patient")?.text;
        let correlation = correlations(population);
        Ok(Self {
            virtual_patients: virtual_patients(&typical, &values, &correlation)?,
            population: values,
            correlation,
            patients,
            typical,
        })
    }

    /// Patients with a fit, and all of them.
    fn counts(&self) -> (usize, usize) {
        (self.patients.iter().filter(|p| p.fit.is_some()).count(), self.patients.len())
    }

    /// The fits in words.
    pub fn text(&self) -> String {
        let (fitted, all) = self.counts();
        let mut lines = vec![format!("{fitted} of {all} patients were fitted.\n")];
        for v in &self.population {
            let interval = if v.low.is_empty() {
                "nobody's measurements tell it".to_owned()
            } else {
                format!("90 % interval: {} to {}", v.low, v.high)
            };
            lines.push(format!(
                "{} = {} in the median patient ({interval}); standard deviation of its logarithm between patients {:.3} \
                 ({:.3} of the estimates, with their errors); told by {} patients",
                v.path, v.median, v.log_sd, v.log_sd_of_estimates, v.told_by
            ));
        }
        lines.push(String::new());
        for patient in &self.patients {
            lines.push(match (&patient.fit, &patient.reason) {
                (Some(fit), _) => format!("{}: {}", patient.patient, one_line(fit)),
                (None, reason) => {
                    format!("{}: not fitted: {}", patient.patient, reason.as_deref().unwrap_or_default())
                }
            });
        }
        lines.join("\n") + "\n"
    }

    /// Writes fit.txt, fit.json, patients.csv, predicted.csv, fitted.toml and population.toml.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn write(&self, root: &Path) -> Result<(), Failure> {
        files::write(&root.join("fit.txt"), self.text().as_bytes())?;
        files::write_json(&root.join("fit.json"), self)?;
        self.table().write_csv(&root.join("patients.csv"))?;
        self.predicted().write_csv(&root.join("predicted.csv"))?;
        files::write(&root.join("fitted.toml"), self.typical.as_bytes())?;
        files::write(&root.join("population.toml"), self.virtual_patients.as_bytes())
    }

    /// A row for each patient, also for those without a fit.
    fn table(&self) -> Table {
        let mut table = Table::default();
        let mut text = |name: &str, meaning: &str, of: &dyn Fn(&PatientFit) -> String| {
            let cells = self.patients.iter().map(of).collect();
            table.push(Column::new(name, "as the cell says", meaning), Values::Text(cells));
        };
        text("patient", "Patient", &|p| p.patient.clone());
        for (k, v) in self.population.iter().enumerate() {
            let of = |p: &PatientFit, which: fn(&FittedValue) -> String| {
                p.fit.as_ref().map_or_else(String::new, |fit| which(&fit.values[k]))
            };
            text(&v.path, "Estimate", &|p| of(p, |value| value.estimate.clone()));
            text(&format!("{}_low", v.path), "Lower end of the 90 % interval", &|p| {
                of(p, |value| value.low.clone())
            });
            text(&format!("{}_high", v.path), "Upper end", &|p| of(p, |value| value.high.clone()));
            text(&format!("{}_identified", v.path), "Whether the measurements tell it", &|p| {
                of(p, |value| value.identified.to_owned())
            });
            text(
                &format!("{}_expected", v.path),
                "The patient's own value as it is to be expected, between its estimate and the population",
                &|p| p.expected.get(k).cloned().unwrap_or_default(),
            );
        }
        text("reason", "Why it could not be fitted", &|p| p.reason.clone().unwrap_or_default());
        table
    }

    /// Every measurement beside its patient's fitted model.
    fn predicted(&self) -> Table {
        let fits = || self.patients.iter().filter_map(|p| Some((p, p.fit.as_ref()?)));
        let names = fits().flat_map(|(p, fit)| vec![p.patient.clone(); fit.predicted.rows()]).collect();
        let mut all = Table::default();
        all.push(Column::new("patient", "1", "Patient"), Values::Text(names));
        let Some((_, first)) = fits().next() else { return all };
        for (k, column) in first.predicted.columns.iter().enumerate() {
            let values = match &first.predicted.values[k] {
                Values::Text(_) => Values::Text(
                    fits()
                        .flat_map(|(_, fit)| {
                            (0..fit.predicted.rows()).map(move |row| fit.predicted.values[k].cell(row))
                        })
                        .collect(),
                ),
                _ => Values::Numbers(
                    fits()
                        .flat_map(|(_, fit)| fit.predicted.numbers(&column.name).unwrap_or_default().to_vec())
                        .collect(),
                ),
            };
            all.push(column.clone(), values);
        }
        all
    }
}

impl PopulationValue {
    fn new(path: &str, range: &Range, population: &TwoStage, k: usize, told_by: usize) -> Self {
        let (mean, error) = (population.mean[k], population.mean_error[k]);
        let end = |sign: f64| {
            if error.is_finite() { value(range, mean + sign * NORMAL_90 * error) } else { String::new() }
        };
        Self {
            path: path.to_owned(),
            median: value(range, mean),
            low: end(-1.0),
            high: end(1.0),
            log_sd: population.covariance[k][k].max(0.0).sqrt(),
            log_sd_of_estimates: population.of_estimates[k][k].max(0.0).sqrt(),
            told_by,
        }
    }
}

/// A value of this logarithm in the unit of a range, also beyond its ends, in three digits.
fn value(range: &Range, logarithm: f64) -> String {
    let free = Range { from: libm::exp(logarithm), to: libm::exp(logarithm), log: false, ..range.clone() };
    shortened(&free, 0.0)
}

/// What a fit found, in half a line.
fn one_line(fit: &Fit) -> String {
    let found = |v: &FittedValue| {
        let name = v.path.rsplit('.').next().unwrap_or(&v.path);
        match v.identified {
            "yes" => format!("{name} {} ({} to {})", v.estimate, v.low, v.high),
            "upper bound" => format!("{name} at most {}", v.high),
            "lower bound" => format!("{name} at least {}", v.low),
            _ => format!("{name} cannot be identified"),
        }
    };
    let values: Vec<String> = fit.values.iter().map(found).collect();
    let (all, below) = fit.measurements;
    format!("{}; {all} measurements, {below} below a limit", values.join(", "))
}

fn correlations(population: &TwoStage) -> Vec<Vec<f64>> {
    let c = &population.covariance;
    let n = c.len();
    let of = |i: usize, j: usize| {
        let scale = (c[i][i] * c[j][j]).sqrt();
        match scale {
            _ if i == j => 1.0,
            scale if scale > 0.0 => (c[i][j] / scale).clamp(-1.0, 1.0),
            _ => 0.0,
        }
    };
    (0..n).map(|i| (0..n).map(|j| of(i, j)).collect()).collect()
}

/// The typical patient's study with a `[population]` in which the patient's parameters vary as they were found to.
fn virtual_patients(
    typical: &str,
    values: &[PopulationValue],
    correlation: &[Vec<f64>],
) -> Result<String, Failure> {
    let broken = |e: &dyn std::fmt::Display| {
        Failure::run(format!("the study of the population cannot be written: {e}"))
    };
    let mut table: Toml = typical.parse().map_err(|e: toml::de::Error| broken(&e))?;
    set(&mut table, "population.count", &StudyValue::Whole(COUNT))?;
    let varies = |v: &PopulationValue| {
        v.path.strip_prefix(PARAMETER).filter(|name| !name.contains('.')).map(str::to_owned)
    };
    let known: Vec<(usize, String)> =
        values.iter().enumerate().filter_map(|(k, v)| Some((k, varies(v)?))).collect();
    let mut pairs = Vec::new();
    for (i, (k, name)) in known.iter().enumerate() {
        set(
            &mut table,
            &format!("population.vary.{name}.log_sd"),
            &StudyValue::Number(rounded(values[*k].log_sd)),
        )?;
        for (l, other) in &known[..i] {
            let mut pair = Toml::new();
            let between = [other, name].map(|name| toml::Value::String(name.clone()));
            pair.insert("between".into(), toml::Value::Array(between.to_vec()));
            pair.insert("coefficient".into(), toml::Value::Float(rounded(0.999 * correlation[*k][*l])));
            pairs.push(toml::Value::Table(pair));
        }
    }
    if let (Some(toml::Value::Table(population)), false) = (table.get_mut("population"), pairs.is_empty()) {
        population.insert("correlation".into(), toml::Value::Array(pairs));
    }
    toml::to_string(&table).map_err(|e| broken(&e))
}

fn rounded(value: f64) -> f64 {
    format!("{value:.4}").parse().unwrap_or(value)
}
