//! Quantities: a number and its unit at the boundary, a plain `f64` in one fixed unit inside.
//!
//! A study file writes every quantity as text with a unit, `"0.8 mm"` or `"5 nM"`. It is read into a newtype
//! whose value is held in the one internal unit of its dimension ([`Quantity::UNIT`]), so that no two parts of
//! the program can disagree about it. What is written back is read again to the same bits.
//!
//! `µ` may also be written `μ` (the Greek letter) or `u`, and `²`, `³` also `^2`, `^3`. Decimal prefixes move the
//! decimal point of the text before it becomes binary: `"5 nM"` is exactly the number that `5e-9` is.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

pub mod dimension;
mod dose;
mod error;
mod field_value;
mod number;
mod schema;
mod serial;

pub use dimension::{Dimension, Unit};
pub use dose::{Dose, DoseError};
pub use error::QuantityError;
pub use field_value::{FieldValue, FieldValueError};

/// A length, in µm.
pub type Length = Quantity<dimension::Length>;
/// A time or a duration, in min; the only quantity that may be negative.
pub type Time = Quantity<dimension::Time>;
/// A speed, in µm/min.
pub type Speed = Quantity<dimension::Speed>;
/// A rate of events or of first-order decay, in /min.
pub type Rate = Quantity<dimension::Rate>;
/// A diffusion coefficient, in µm²/min.
pub type DiffusionCoefficient = Quantity<dimension::DiffusionCoefficient>;
/// A volume, in µm³.
pub type Volume = Quantity<dimension::Volume>;
/// A fraction, between 0 and 1; written in per cent.
pub type Fraction = Quantity<dimension::Fraction>;
/// Molecules on the surface of one cell, in /cell.
pub type SurfaceDensity = Quantity<dimension::SurfaceDensity>;
/// An amount concentration or a dissociation constant, in M (mol/L).
pub type Concentration = Quantity<dimension::Concentration>;
/// An association rate constant (kon), in /M/s.
pub type AssociationRate = Quantity<dimension::AssociationRate>;
/// A partial pressure of oxygen, in mmHg.
pub type OxygenPressure = Quantity<dimension::OxygenPressure>;
/// A mass concentration, as cytokines are reported, in pg/mL.
pub type MassConcentration = Quantity<dimension::MassConcentration>;

/// An absorbed dose of radiation, in Gy.
pub type AbsorbedDose = Quantity<dimension::AbsorbedDose>;

/// A body weight, in kg.
pub type BodyMass = Quantity<dimension::BodyMass>;
/// An amount of a drug, in mg.
pub type DrugMass = Quantity<dimension::DrugMass>;
/// An age, in years.
pub type Age = Quantity<dimension::Age>;

/// A number of dimension `D`, held in the dimension's internal unit.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Quantity<D> {
    value: f64,
    dimension: PhantomData<D>,
}

impl<D: Dimension> Quantity<D> {
    /// The internal unit, in which [`value`](Self::value) is given; `"1"` for a fraction.
    pub const UNIT: &'static str = D::UNIT;

    /// The quantity of a (finite) number in the internal unit.
    pub fn new(value: f64) -> Self {
        debug_assert!(value.is_finite(), "{} of {value} {}", D::NAME, D::UNIT);
        Self { value, dimension: PhantomData }
    }

    /// The number in the internal unit.
    pub fn value(self) -> f64 {
        self.value
    }
}

/// Reads `"0.8 mm"`: a decimal number, then a unit of the dimension; the space may be left out.
///
/// # Errors
/// If there is no number, no unit, a unit that the dimension does not have, or a value that is not finite or
/// outside of the dimension's range.
impl<D: Dimension> FromStr for Quantity<D> {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        let (number, unit) = number::split(text).ok_or_else(|| QuantityError::no_number::<D>(text))?;
        if unit.is_empty() {
            return Err(QuantityError::no_unit::<D>(text));
        }
        let known = dimension::find::<D>(unit).ok_or_else(|| QuantityError::unknown_unit::<D>(unit))?;
        let value = known.to_internal(&number);
        if !value.is_finite() {
            return Err(QuantityError::NotFinite { text: text.trim().into() });
        }
        if value < D::RANGE.0 || value > D::RANGE.1 {
            return Err(QuantityError::OutOfRange { text: text.trim().into(), accepted: D::ACCEPTED });
        }
        Ok(Self::new(value))
    }
}

/// Writes the quantity in the first unit of its dimension, with the fewest digits that are read to the same bits.
impl<D: Dimension> fmt::Display for Quantity<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = &D::UNITS[0];
        write!(f, "{} {}", number::format(self.value, unit.exponent), unit.names[0])
    }
}

#[cfg(test)]
mod tests;
