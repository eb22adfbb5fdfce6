//! Checks of a field before it is solved.

use super::error::FieldError;
use super::substance::{Face, Field};
use rayon::prelude::*;

/// What the solver must know of a field's data.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inspection {
    /// Largest magnitude among the values.
    pub scale: f64,
    /// Whether values, sources and faces are all non-negative, so that the solution is, too.
    pub non_negative: bool,
}

/// Least and largest of an array; NaN makes both NaN.
#[derive(Clone, Copy, Debug)]
struct Range {
    least: f64,
    largest: f64,
}

impl Range {
    fn of(values: &[f64]) -> Self {
        let zero = Self { least: 0.0, largest: 0.0 };
        let part = |chunk: &[f64]| chunk.iter().fold(zero, |r, &v| r.with(Self { least: v, largest: v }));
        // Least and largest do not depend on the order.
        values.par_chunks(perforin_core::ordered::CHUNK).map(part).reduce(|| zero, Self::with)
    }

    fn with(self, other: Self) -> Self {
        let least = if other.least < self.least || other.least.is_nan() { other.least } else { self.least };
        let largest =
            if other.largest > self.largest || other.largest.is_nan() { other.largest } else { self.largest };
        Self { least, largest }
    }

    fn is_finite(self) -> bool {
        self.least.is_finite() && self.largest.is_finite()
    }
}

/// Checks the substance and the arrays of a field on a grid of `voxels` voxels.
pub(super) fn inspect(field: &Field, voxels: usize) -> Result<Inspection, FieldError> {
    let substance = &field.substance;
    not_negative(field, "diffusion", substance.diffusion)?;
    not_negative(field, "decay", substance.decay)?;
    let mut non_negative = true;
    for face in substance.faces {
        if let Face::Fixed(value) = face {
            parameter(field, "value at a face", value, "finite", value.is_finite())?;
            non_negative &= value >= 0.0;
        }
    }
    let value = array(field, "value", &field.value, voxels, false)?;
    array(field, "sink", &field.sink, voxels, true)?;
    let source = array(field, "source", &field.source, voxels, false)?;
    Ok(Inspection {
        scale: value.largest.max(-value.least),
        non_negative: non_negative && value.least >= 0.0 && source.least >= 0.0,
    })
}

fn not_negative(field: &Field, quantity: &'static str, value: f64) -> Result<(), FieldError> {
    parameter(field, quantity, value, "finite and not negative", value.is_finite() && value >= 0.0)
}

/// An error unless `holds`.
pub(super) fn parameter(
    field: &Field,
    quantity: &'static str,
    value: f64,
    range: &'static str,
    holds: bool,
) -> Result<(), FieldError> {
    let error = || FieldError::Parameter { field: field.substance.name.clone(), quantity, value, range };
    if holds { Ok(()) } else { Err(error()) }
}

fn array(
    field: &Field,
    quantity: &'static str,
    values: &[f64],
    expected: usize,
    non_negative: bool,
) -> Result<Range, FieldError> {
    let name = || field.substance.name.clone();
    if values.len() != expected {
        return Err(FieldError::Length { field: name(), quantity, expected, found: values.len() });
    }
    let range = Range::of(values);
    let wrong = |v: f64| !v.is_finite() || non_negative && v < 0.0;
    if range.is_finite() && !(non_negative && range.least < 0.0) {
        return Ok(range);
    }
    let voxel = values.iter().position(|&v| wrong(v)).unwrap_or(0);
    let range = if non_negative { "finite and not negative" } else { "finite" };
    Err(FieldError::Voxel { field: name(), quantity, voxel, value: values[voxel], range })
}
