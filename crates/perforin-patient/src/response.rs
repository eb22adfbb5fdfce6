//! What a radiologist would call it: response of measured lesions, and the times that follow from it.
//!
//! [`recist`] is RECIST 1.1, [`irecist`] its form for immunotherapy, [`rano`] the criteria for high-grade glioma;
//! [`death`] says when a virtual patient dies, [`endpoints`] turns visits and death into progression-free and overall
//! survival and duration of response.

pub mod death;
pub mod endpoints;
pub mod irecist;
pub mod rano;
pub mod recist;

use std::fmt;

/// Response at a visit, or best response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Response {
    /// Complete response.
    Complete,
    /// Partial response.
    Partial,
    /// Stable disease.
    Stable,
    /// Progressive disease.
    Progressive,
    /// Not evaluable.
    NotEvaluable,
}

impl Response {
    /// Whether it is complete or partial.
    pub fn is_response(self) -> bool {
        matches!(self, Self::Complete | Self::Partial)
    }
}

impl fmt::Display for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Complete => "CR",
            Self::Partial => "PR",
            Self::Stable => "SD",
            Self::Progressive => "PD",
            Self::NotEvaluable => "NE",
        })
    }
}

/// What cannot be assessed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ResponseError {
    /// A visit does not measure every target lesion.
    #[error("visit on day {day} has {found} target lesions, the baseline has {expected}")]
    Targets {
        /// Day of the visit.
        day: f64,
        /// Lesions measured.
        found: usize,
        /// Lesions chosen at baseline.
        expected: usize,
    },
    /// A size that is negative or no number.
    #[error("visit on day {day}: lesion {lesion} measures {value}, which is not a size")]
    Size {
        /// Day of the visit.
        day: f64,
        /// Which lesion.
        lesion: usize,
        /// Its size.
        value: f64,
    },
    /// Visits are not in order.
    #[error("visit on day {day} does not come after day {last}")]
    Order {
        /// Day of the visit.
        day: f64,
        /// Day of the visit before.
        last: f64,
    },
}

/// Checks sizes and order of visits, given as day and sizes (`None` for a visit without measurement).
fn check<'a>(
    expected: usize,
    visits: impl Iterator<Item = (f64, Option<&'a [f64]>)>,
) -> Result<(), ResponseError> {
    let mut last = f64::NEG_INFINITY;
    for (day, sizes) in visits {
        if !(day.is_finite() && day > last) {
            return Err(ResponseError::Order { day, last });
        }
        last = day;
        let Some(sizes) = sizes else { continue };
        if sizes.len() != expected {
            return Err(ResponseError::Targets { day, found: sizes.len(), expected });
        }
        if let Some((lesion, value)) = sizes.iter().enumerate().find(|(_, v)| !(v.is_finite() && **v >= 0.0))
        {
            return Err(ResponseError::Size { day, lesion, value: *value });
        }
    }
    Ok(())
}
