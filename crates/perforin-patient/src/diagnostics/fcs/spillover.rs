//! Compensation: dyes that spill into each other's detectors.
//!
//! Row `i` of the matrix says how much of dye `i` each detector sees; observed values are true ones times the matrix
//! (Roederer 2001, Cytometry 45:194).

use super::{Channel, FcsError};

/// A spillover matrix that can be undone.
#[derive(Clone, Debug, PartialEq)]
pub struct Spillover {
    /// Places of its channels in the sample.
    pub places: Vec<usize>,
    /// Its inverse, row by row.
    inverse: Vec<Vec<f64>>,
}

impl Spillover {
    /// Parses `n,name₁,…,nameₙ,m₁₁,m₁₂,…,mₙₙ`.
    pub(super) fn parse(key: &str, text: &str, channels: &[Channel]) -> Result<Self, FcsError> {
        let wrong = |accepted: &'static str| FcsError::Value {
            keyword: key.to_owned(),
            found: text.to_owned(),
            accepted,
        };
        let fields: Vec<&str> = text.split(',').map(str::trim).collect();
        let n: usize = fields[0].parse().map_err(|_| wrong("a number of channels first"))?;
        let length = n.checked_mul(n).and_then(|nn| nn.checked_add(n)?.checked_add(1));
        if n == 0 || length != Some(fields.len()) {
            return Err(wrong("n, n names and n × n numbers"));
        }
        let places = fields[1..=n]
            .iter()
            .map(|name| channels.iter().position(|c| c.name == *name))
            .collect::<Option<Vec<usize>>>()
            .ok_or_else(|| wrong("names of channels of this file"))?;
        let matrix: Vec<Vec<f64>> = fields[n + 1..]
            .chunks_exact(n)
            .map(|row| row.iter().map(|x| x.parse::<f64>().ok().filter(|x| x.is_finite())).collect())
            .collect::<Option<_>>()
            .ok_or_else(|| wrong("finite numbers"))?;
        let inverse = inverse(matrix).ok_or_else(|| wrong("a matrix that can be inverted"))?;
        Ok(Self { places, inverse })
    }

    /// Undoes the spillover in the channels of the sample that carried it.
    ///
    /// # Panics
    /// If the channels are not that sample's.
    pub fn compensate(&self, channels: &mut [Channel]) {
        let events = self.places.first().map_or(0, |p| channels[*p].values.len());
        let mut seen = vec![0.0; self.places.len()];
        for event in 0..events {
            for (value, place) in seen.iter_mut().zip(&self.places) {
                *value = channels[*place].values[event];
            }
            for (j, place) in self.places.iter().enumerate() {
                channels[*place].values[event] =
                    seen.iter().zip(&self.inverse).map(|(x, row)| x * row[j]).sum();
            }
        }
    }
}

/// Inverse by elimination with pivots; none where a pivot vanishes.
fn inverse(mut matrix: Vec<Vec<f64>>) -> Option<Vec<Vec<f64>>> {
    let n = matrix.len();
    for (i, row) in matrix.iter_mut().enumerate() {
        row.extend((0..n).map(|j| f64::from(u8::from(i == j))));
    }
    for column in 0..n {
        let pivot =
            (column..n).max_by(|a, b| matrix[*a][column].abs().total_cmp(&matrix[*b][column].abs()))?;
        matrix.swap(column, pivot);
        let largest = matrix[column][column];
        if largest.abs() < 1e-12 {
            return None;
        }
        matrix[column].iter_mut().for_each(|x| *x /= largest);
        let own = matrix[column].clone();
        for (_, row) in matrix.iter_mut().enumerate().filter(|(i, _)| *i != column) {
            let factor = row[column];
            row.iter_mut().zip(&own).for_each(|(x, y)| *x -= factor * y);
        }
    }
    Some(matrix.into_iter().map(|row| row[n..].to_vec()).collect())
}
