//! What can be wrong with a field.

/// Why a field could not be advanced. The field is then unchanged.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FieldError {
    /// The grid has no voxels, or its spacing is not a positive number.
    #[error("a grid of {} × {} × {} voxels of {spacing} µm cannot hold a field", n[0], n[1], n[2])]
    Grid {
        /// Voxels along each axis.
        n: [usize; 3],
        /// Edge of a voxel, µm.
        spacing: f64,
    },
    /// An array of the field does not have one entry per voxel.
    #[error("{field}: {quantity} has {found} entries, but the grid has {expected} voxels")]
    Length {
        /// Name of the substance.
        field: String,
        /// Which array.
        quantity: &'static str,
        /// Number of voxels.
        expected: usize,
        /// Number of entries.
        found: usize,
    },
    /// A property of the substance, the time step or the tolerance is outside its range.
    #[error("{field}: {quantity} is {value}, but must be {range}")]
    Parameter {
        /// Name of the substance.
        field: String,
        /// Which one.
        quantity: &'static str,
        /// Its value.
        value: f64,
        /// What is accepted.
        range: &'static str,
    },
    /// The value, sink or source of a voxel is outside its range.
    #[error("{field}: {quantity} of voxel {voxel} is {value}, but must be {range}")]
    Voxel {
        /// Name of the substance.
        field: String,
        /// Which array.
        quantity: &'static str,
        /// Index of the voxel.
        voxel: usize,
        /// Its value.
        value: f64,
        /// What is accepted.
        range: &'static str,
    },
    /// No stationary field exists: nothing removes the substance, or it is not unique.
    #[error("{field} has no unique stationary field: nothing fixes, removes or dilutes it everywhere")]
    Singular {
        /// Name of the substance.
        field: String,
    },
    /// The iteration did not reach the tolerance.
    #[error("{field}: no convergence in {cycles} cycles; the residual is {residual} in voxel {voxel}")]
    NotConverged {
        /// Name of the substance.
        field: String,
        /// Cycles used.
        cycles: u32,
        /// Where the residual is largest.
        voxel: usize,
        /// Largest residual relative to the matrix diagonal, in the unit of the substance.
        residual: f64,
    },
    /// The solution left the range of floating-point numbers.
    #[error("{field}: the value of voxel {voxel} became {value}")]
    NotFinite {
        /// Name of the substance.
        field: String,
        /// Index of the voxel.
        voxel: usize,
        /// Its value.
        value: f64,
    },
}
