//! Published models of T-cell therapy, with their equations and parameters.
//!
//! Each is a file; [`by_name`] finds it by the name that a study file uses. Their re-run values are tests.

use perforin_core::catalogue::{OutOfRange, Parameter};
use perforin_core::diagnostics::nearest;

use crate::model::{Curve, Model, Values, Variable, simulate};
use crate::ode::Failure;

pub mod barros_2021;
pub mod carrgodex_2022;
pub mod hardiansyah_2019;
pub mod kimmel_2021;
pub mod kirouac_2023;
pub mod leon_triana_2021;
pub mod minucci_2024;
pub mod mueller_schoell_2021;
pub mod stein_2019;
mod table;

/// A published model.
#[derive(Clone, Copy, Debug)]
pub struct Published {
    /// Name in a study file: `kimmel-2021`.
    pub name: &'static str,
    /// What it is, in a line.
    pub title: &'static str,
    /// The publication's identifier.
    pub doi: &'static str,
    /// Columns of its curves: the states, then what is derived from them.
    states: &'static [Variable],
    derived: &'static [Variable],
    /// Its parameters.
    pub parameters: &'static [Parameter],
    patients: fn() -> Vec<Patient>,
    simulate: Simulate,
}

/// Simulates the parameter values of one patient at given times, at a relative tolerance.
type Simulate = fn(&[f64], &[f64], f64) -> Result<Curve, Failure>;

/// A patient, or an experiment, with a parameter set of its own in the publication.
#[derive(Clone, Debug, PartialEq)]
pub struct Patient {
    /// As the publication calls it.
    pub name: String,
    /// Values of all parameters, in the order of the model's table.
    pub values: Vec<f64>,
}

/// Why a published model cannot be run.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ModelError {
    /// No model has this name.
    #[error("there is no model `{name}`{}; there are {}", did_you_mean(.nearest.as_deref()), names())]
    Unknown {
        /// The name as given.
        name: String,
        /// The nearest right name.
        nearest: Option<String>,
    },
    /// The model has no such patient.
    #[error("{model} has no patient `{name}`{}", did_you_mean(.nearest.as_deref()))]
    UnknownPatient {
        /// The model.
        model: &'static str,
        /// The name as given.
        name: String,
        /// The nearest right name.
        nearest: Option<String>,
    },
    /// The model has no such parameter.
    #[error("{model} has no parameter `{name}`{}", did_you_mean(.nearest.as_deref()))]
    UnknownParameter {
        /// The model.
        model: &'static str,
        /// The name as given.
        name: String,
        /// The nearest right name.
        nearest: Option<String>,
    },
    /// A value is outside of its range.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
    /// Times do not ascend from 0.
    #[error("time {index} is day {time}: times must be finite, not negative and ascending")]
    Times {
        /// Place in the list.
        index: usize,
        /// The time, d.
        time: f64,
    },
    /// The solution cannot be had.
    #[error(transparent)]
    Failure(#[from] Failure),
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|word| format!(" (did you mean `{word}`?)")).unwrap_or_default()
}

fn names() -> String {
    MODELS.iter().map(|model| model.name).collect::<Vec<_>>().join(", ")
}

impl Published {
    const fn of<M: Model<N>, const N: usize>(patients: fn() -> Vec<Patient>) -> Self
    where
        M::Parameters<f64>: Values,
    {
        Self {
            name: M::NAME,
            title: M::TITLE,
            doi: M::DOI,
            states: &M::STATES,
            derived: M::DERIVED,
            parameters: <M::Parameters<f64> as Values>::TABLE,
            patients,
            simulate: simulate::<M, N>,
        }
    }

    /// The columns of its curves: the states, then what is derived from them.
    pub fn variables(&self) -> impl Iterator<Item = &'static Variable> {
        self.states.iter().chain(self.derived)
    }

    /// The place of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.variables().position(|variable| variable.name == name)
    }

    /// The patients of the publication, the typical one first if there is one.
    pub fn patients(&self) -> Vec<Patient> {
        (self.patients)()
    }

    /// One of its patients.
    ///
    /// # Errors
    /// If it has no such patient.
    pub fn patient(&self, name: &str) -> Result<Patient, ModelError> {
        let patients = self.patients();
        let nearest = || nearest(name, patients.iter().map(|p| p.name.as_str())).map(str::to_owned);
        patients.iter().find(|p| p.name == name).cloned().ok_or_else(|| ModelError::UnknownPatient {
            model: self.name,
            name: name.to_owned(),
            nearest: nearest(),
        })
    }

    /// Changes a value of a patient, by the parameter's name (`r_b`, or with the model's before it).
    ///
    /// # Errors
    /// If there is no such parameter, or the value is outside of its range.
    pub fn set(&self, patient: &mut Patient, name: &str, value: f64) -> Result<(), ModelError> {
        let short = |p: &Parameter| p.name.rsplit('.').next().unwrap_or(p.name);
        let Some(i) = self.parameters.iter().position(|p| p.name == name || short(p) == name) else {
            let nearest = nearest(name, self.parameters.iter().map(short)).map(str::to_owned);
            return Err(ModelError::UnknownParameter { model: self.name, name: name.to_owned(), nearest });
        };
        patient.values[i] = self.parameters[i].check(value)?;
        Ok(())
    }

    /// Simulates a patient: states and derived quantities at ascending times (d), at a relative tolerance.
    ///
    /// # Errors
    /// If a value or a time is outside of its range, or the solution diverges.
    pub fn run(&self, patient: &Patient, times: &[f64], relative: f64) -> Result<Curve, ModelError> {
        for (parameter, value) in self.parameters.iter().zip(&patient.values) {
            parameter.check(*value)?;
        }
        let mut last = 0.0;
        for (index, &time) in times.iter().enumerate() {
            if !(time.is_finite() && time >= last) {
                return Err(ModelError::Times { index, time });
            }
            last = time;
        }
        Ok((self.simulate)(&patient.values, times, relative)?)
    }
}

/// All published models, by year and name.
pub const MODELS: &[Published] = &[
    hardiansyah_2019::MODEL,
    stein_2019::MODEL,
    barros_2021::MODEL,
    kimmel_2021::MODEL,
    leon_triana_2021::MODEL,
    mueller_schoell_2021::MODEL,
    carrgodex_2022::MODEL,
    kirouac_2023::MODEL,
    minucci_2024::MODEL,
];

/// The model of a name, such as `stein-2019`.
///
/// # Errors
/// If there is none; the error names the nearest and lists them all.
pub fn by_name(name: &str) -> Result<&'static Published, ModelError> {
    MODELS.iter().find(|model| model.name == name).ok_or_else(|| ModelError::Unknown {
        name: name.to_owned(),
        nearest: nearest(name, MODELS.iter().map(|model| model.name)).map(str::to_owned),
    })
}

/// The typical patient of a table: every parameter at its default.
fn typical(table: &[Parameter], name: &str) -> Patient {
    Patient { name: name.to_owned(), values: table.iter().map(|parameter| parameter.value).collect() }
}
