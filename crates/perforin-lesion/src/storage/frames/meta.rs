//! The description in a frame's header.

use serde::{Deserialize, Serialize};

use super::scale::{Linear, Logarithmic};
use crate::grid::Grid;
use crate::model::Role;

/// As the documentation of [frames](super) lists it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Meta {
    pub step: u32,
    pub time: f64,
    pub cells: u64,
    pub types: Vec<TypeMeta>,
    pub conditions: Vec<String>,
    pub antigens: Vec<AntigenMeta>,
    #[serde(rename = "box")]
    pub bounds: [Linear; 3],
    pub radius: Linear,
    pub lysis: bool,
    /// Frames of earlier versions have none.
    #[serde(default)]
    pub exhaustion: bool,
    pub oxygen: Option<Linear>,
    pub grid: GridMeta,
    pub fields: Vec<FieldMeta>,
}

/// A cell type.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TypeMeta {
    pub name: String,
    pub role: Role,
}

/// An antigen and the scale of its densities.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AntigenMeta {
    pub name: String,
    pub low: f64,
    pub high: f64,
}

impl AntigenMeta {
    pub fn scale(&self) -> Logarithmic {
        Logarithmic { low: self.low, high: self.high }
    }
}

/// The grid.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GridMeta {
    pub origin: [f64; 3],
    pub n: [usize; 3],
    pub spacing: f64,
}

impl GridMeta {
    /// Number of voxels, if a grid can have so many.
    pub fn voxels(&self) -> Option<usize> {
        let product = self.n.iter().try_fold(1usize, |product, n| product.checked_mul(*n));
        product.filter(|voxels| *voxels > 0)
    }
}

impl From<&Grid> for GridMeta {
    fn from(grid: &Grid) -> Self {
        Self { origin: grid.origin, n: grid.n, spacing: grid.spacing }
    }
}

impl From<GridMeta> for Grid {
    fn from(meta: GridMeta) -> Self {
        Self { origin: meta.origin, n: meta.n, spacing: meta.spacing }
    }
}

/// A substance on the grid.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FieldMeta {
    pub name: String,
    pub unit: String,
}
