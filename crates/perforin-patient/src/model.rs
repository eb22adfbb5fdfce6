//! What a patient model says of itself, and how one patient of it is simulated.
//!
//! Adding a model is a file in `models/` that declares its parameters with the macro `parameters!`, its states, its rates and
//! what happens when; and one line in [`crate::models`].

use perforin_core::catalogue::Parameter;

use crate::ode::System;

mod simulation;

pub use simulation::{Curve, Simulation, simulate};

/// A state or a derived quantity of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Name in tables: `tumour`.
    pub name: &'static str,
    /// Unit.
    pub unit: &'static str,
    /// What it is.
    pub meaning: &'static str,
}

/// Shorthand for a variable.
pub(crate) const fn variable(name: &'static str, unit: &'static str, meaning: &'static str) -> Variable {
    Variable { name, unit, meaning }
}

/// Parameters of a model, by place and name.
pub trait Values: Copy {
    /// Name, default, unit, range and source of each.
    const TABLE: &'static [Parameter];

    /// The parameters with the given values, in the order of the table.
    ///
    /// # Panics
    /// If there are fewer values than parameters.
    fn from_values(values: &[f64]) -> Self;
}

/// A model with `N` states.
pub trait Model<const N: usize>: System<N> + 'static {
    /// Name in a study file: `kimmel-2021`.
    const NAME: &'static str;
    /// What it is, in a line.
    const TITLE: &'static str;
    /// The publication's identifier.
    const DOI: &'static str;
    /// The states.
    const STATES: [Variable; N];
    /// What follows from the states and is reported beside them.
    const DERIVED: &'static [Variable] = &[];
    /// Error of each state that never matters, in its unit; scaled with the relative tolerance from 1e-6.
    const NEGLIGIBLE: [f64; N];

    /// The states at day 0, before the events of that day.
    fn initial(parameters: &Self::Parameters<f64>) -> [f64; N];

    /// What happens when, ordered by time; coincident events in the order of the list.
    fn events(_: &Self::Parameters<f64>) -> Vec<Event<Self, N>> {
        Vec::new()
    }

    /// What happens when a quantity falls to zero.
    fn thresholds() -> &'static [Threshold<Self, N>] {
        &[]
    }

    /// Appends the derived quantities.
    fn derive(_: &Self::Parameters<f64>, _state: &[f64; N], _out: &mut Vec<f64>) {}
}

/// Parameters of a model, and its states, to change.
pub type Change<M, const N: usize> = fn(&mut <M as System<N>>::Parameters<f64>, &mut [f64; N]);

/// Something that happens at a time.
#[derive(Clone, Copy, Debug)]
pub struct Event<M: System<N>, const N: usize> {
    /// When, d.
    pub time: f64,
    /// What.
    pub change: Change<M, N>,
}

/// Something that happens when a quantity falls to zero.
#[derive(Clone, Copy, Debug)]
pub struct Threshold<M: System<N>, const N: usize> {
    /// The quantity.
    pub value: fn(&M::Parameters<f64>, &[f64; N]) -> f64,
    /// What happens. The quantity must be zero or below afterwards.
    pub change: Change<M, N>,
}

/// Declares a model's parameters: a struct for one patient (`f64`) or four (`Lanes`), and their table, one entry each:
/// `field: "symbol" = default, "unit", lowest..=highest; "meaning"; source;`.
///
/// `switch name = first, "purpose"` after the model's name declares a value that only events change, without an entry.
macro_rules! parameters {
    ($model:literal $(, switch $switch:ident = $first:expr, $purpose:literal)*;
     $($field:ident: $symbol:literal = $value:expr, $unit:literal, $lowest:literal..=$highest:literal;
       $meaning:literal; $source:expr;)+) => {
        /// Parameters; see their table for units and sources.
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct Parameters<F = f64> {
            $(
                #[doc = concat!($meaning, " (", $unit, ").")]
                pub $field: F,
            )+
            $(
                #[doc = concat!($purpose, ".")]
                pub $switch: F,
            )*
        }

        impl Parameters {
            fn lanes(patients: [&Self; $crate::ode::LANES]) -> Parameters<$crate::ode::Lanes> {
                Parameters {
                    $($field: $crate::ode::Lanes(patients.map(|p| p.$field)),)+
                    $($switch: $crate::ode::Lanes(patients.map(|p| p.$switch)),)*
                }
            }
        }

        impl Default for Parameters {
            fn default() -> Self {
                Self { $($field: $value,)+ $($switch: $first,)* }
            }
        }

        impl $crate::model::Values for Parameters {
            const TABLE: &'static [perforin_core::catalogue::Parameter] = &[
                $(perforin_core::catalogue::Parameter {
                    name: concat!($model, ".", stringify!($field)),
                    symbol: $symbol,
                    value: $value,
                    unit: $unit,
                    range: ($lowest, $highest),
                    meaning: $meaning,
                    source: $source,
                },)+
            ];

            fn from_values(values: &[f64]) -> Self {
                let mut values = values.iter().copied();
                let mut next = || values.next().expect("a value for every parameter");
                Self { $($field: next(),)+ $($switch: $first,)* }
            }
        }
    };
}
pub(crate) use parameters;
