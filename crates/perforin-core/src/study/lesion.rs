//! `[lesion]`: the tumour, its surroundings and the substances in it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::EarlierStage;
use super::cell::CellSection;
use super::microenvironment::{
    BloodCourseSection, CheckpointSection, CloneSection, EndogenousSection, HlaSection, InfiltrateSection,
    SuppressionSection, TumourSecretionSection,
};
use super::scene::{ImportSection, IsletsSection, MediumSection, MonolayerSection, SlabSection, TumourShape};
use crate::quantity::{DiffusionCoefficient, FieldValue, Fraction, Length, Rate, SurfaceDensity, Time};

/// The tumour and its surroundings.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LesionSection {
    /// Shape of the tumour at the start; a sphere if left out.
    pub shape: Option<TumourShape>,
    /// Diameter of a spherical tumour at the start, a ball of packed cells.
    pub diameter: Option<Length>,
    /// A slab of tumour, for shape = "slab".
    pub slab: Option<SlabSection>,
    /// Islets of tumour cells, for shape = "islets".
    pub islets: Option<IsletsSection>,
    /// A layer of target cells, for shape = "monolayer".
    pub monolayer: Option<MonolayerSection>,
    /// Culture medium instead of tissue around a sphere; over a monolayer there is always medium.
    pub medium: Option<MediumSection>,
    /// Cells whose positions come from a file, instead of a shape.
    pub import: Option<ImportSection>,
    /// Edge of the cubic box in which everything happens; what is left out is fitted around the cells. The box of a
    /// slab or a monolayer is this wide and as high as its layers need.
    pub domain: Option<Length>,
    /// Doubling time of well-supplied tumour cells.
    pub doubling_time: Option<Time>,
    /// Simulated time of the lesion, in a study whose other stages last for `study.duration`.
    pub duration: Option<Time>,
    /// Surface antigens of tumour cells, by name; "*" is any antigen of a gate that `[targets]` finds.
    #[serde(default)]
    pub antigen: BTreeMap<String, AntigenSection>,
    /// Correlation of the logarithms of any two antigens' densities on one tumour cell, 0 to 1.
    pub antigen_correlation: Option<f64>,
    /// Loss of antigen from a target through a fully signalling synapse.
    pub antigen_modulation: Option<Rate>,
    /// Return of lost antigen to the surface.
    pub antigen_recovery: Option<Rate>,
    /// Healthy tissue beside the tumour.
    pub normal_tissue: Option<NormalTissueSection>,
    /// Diffusing substances, by name. `oxygen` and `chemokine` exist without being named.
    #[serde(default)]
    pub field: BTreeMap<String, FieldSection>,
    /// Cell types, by name. `tumour`, `normal` and `product` exist without being named; what is given here
    /// changes them.
    #[serde(default)]
    pub cell: BTreeMap<String, CellSection>,
    /// Vessels inside the box, beside the supply through its faces.
    pub vessels: Option<VesselSection>,
    /// Extracellular matrix.
    pub matrix: Option<MatrixSection>,
    /// How infused cells reach this lesion.
    #[serde(default)]
    pub entry: EntrySection,
    /// Regulatory T cells.
    pub regulatory_t_cells: Option<InfiltrateSection>,
    /// Suppressive myeloid cells.
    pub myeloid_cells: Option<InfiltrateSection>,
    /// Fibroblasts, which lay matrix.
    pub fibroblasts: Option<InfiltrateSection>,
    /// T cells of the patient's own.
    pub endogenous_t_cells: Option<EndogenousSection>,
    /// PD-1 and PD-L1.
    #[serde(default)]
    pub checkpoint: CheckpointSection,
    /// HLA of the tumour, for products that see peptides.
    pub hla: Option<HlaSection>,
    /// Clones of tumour cells that differ from the rest, by name.
    #[serde(default)]
    pub clone: BTreeMap<String, CloneSection>,
    /// Suppressive substances that tumour cells make.
    #[serde(default)]
    pub tumour_secretion: TumourSecretionSection,
}

/// A surface antigen of a cell type.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AntigenSection {
    /// How the density is distributed over the cells.
    pub density: DensitySection,
    /// Cells that have lost the antigen.
    pub negative: Option<NegativeSection>,
    /// Standard deviation of the natural logarithm of the density by which daughters differ from their mother.
    pub drift: Option<f64>,
    /// Probability that a daughter loses the antigen for good.
    pub loss_per_division: Option<Fraction>,
}

/// A distribution of densities over cells: log-normal (`median`, `log_sd`) or normal, cut at zero (`mean`, `sd`).
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DensitySection {
    /// Median of a log-normal distribution.
    pub median: Option<SurfaceDensity>,
    /// Standard deviation of the natural logarithm of the density; 0 if left out.
    pub log_sd: Option<f64>,
    /// Mean of a normal distribution.
    pub mean: Option<SurfaceDensity>,
    /// Standard deviation of a normal distribution; 0 if left out.
    pub sd: Option<SurfaceDensity>,
    /// The stage that finds the density, instead of a number: "targets".
    pub from: Option<EarlierStage>,
    /// With `from`, of healthy cells: the normal tissue of the atlas; that which carries most of the antigens that the
    /// gate requires if left out.
    pub tissue: Option<String>,
}

/// Antigen-negative cells.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NegativeSection {
    /// Share of the cells.
    pub fraction: Fraction,
    /// Density that they are left with; none if left out.
    pub density: Option<SurfaceDensity>,
    /// Diameter of the patches in which they lie; mixed at random if left out.
    pub patch: Option<Length>,
}

/// Healthy tissue beside the tumour.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NormalTissueSection {
    /// Thickness of the layer of cells.
    pub thickness: Length,
    /// Distance between the tumour's edge and the layer.
    pub gap: Option<Length>,
    /// Whether the layer is a slab on one side or a shell all around.
    #[serde(default)]
    pub arrangement: Arrangement,
    /// Surface antigens of its cells, by name; "*" is any antigen of a gate that `[targets]` finds.
    #[serde(default)]
    pub antigen: BTreeMap<String, AntigenSection>,
    /// Time in which it renews itself; it stands still if this is left out.
    pub turnover: Option<Time>,
    /// Share of its cells that can be lost before the tissue fails.
    pub reserve: Option<Fraction>,
}

/// Where healthy tissue lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Arrangement {
    /// A slab across the box, on the side of low z.
    #[default]
    Slab,
    /// A shell around the tumour.
    Shell,
}

/// A diffusing substance.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldSection {
    /// Diffusion coefficient.
    pub diffusion: Option<DiffusionCoefficient>,
    /// First-order loss everywhere.
    pub decay: Option<Rate>,
    /// Value everywhere at the start; in equilibrium with the cells if left out.
    pub initial: Option<FieldValue>,
    /// Value at which the faces of the box are held; nothing passes them if left out.
    pub boundary: Option<FieldValue>,
    /// How it suppresses T cells, if it does.
    pub suppression: Option<SuppressionSection>,
}

/// Vessels, which supply oxygen.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VesselSection {
    /// Mean distance between vessels: there is one in a cube of this edge.
    pub spacing: Length,
    /// Exchange of oxygen between a vessel and its voxel.
    pub exchange: Option<Rate>,
}

/// Extracellular matrix, which slows cells.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MatrixSection {
    /// Share of space that the matrix fills; a cell keeps the rest of its speed.
    pub density: Fraction,
    /// Where it lies.
    #[serde(default)]
    pub place: MatrixPlace,
    /// Thickness of the layer, for matrix around the tumour.
    pub thickness: Option<Length>,
    /// Direction of its fibres, along which T cells are steered.
    pub fibres: Option<FibreDirection>,
    /// Share of the matrix that is loosened from the start, as by collagenase.
    pub loosened: Option<Fraction>,
}

/// Direction of the fibres of matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FibreDirection {
    /// Around a spherical tumour, or around the nearest islet.
    Circumferential,
    /// Toward the tumour, or toward the nearest islet.
    Radial,
}

/// Where matrix lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MatrixPlace {
    /// Everywhere in the box.
    #[default]
    Everywhere,
    /// In what the tumour fills at the start.
    Tumour,
    /// In a layer around the tumour at the start.
    Capsule,
    /// Everywhere outside of what the tumour fills at the start.
    Stroma,
}

/// How infused cells reach this lesion.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EntrySection {
    /// Share of the infused cells that reach this lesion.
    pub fraction: Option<Fraction>,
    /// Time constant of their arrival.
    pub over: Option<Time>,
    /// Distance outside the tumour's edge at which they enter.
    pub gap: Option<Length>,
    /// Where they enter.
    #[serde(default)]
    pub place: EntryPlace,
    /// Course of product cells in blood, from which those that enter follow.
    pub blood: Option<BloodCourseSection>,
}

/// Where infused cells enter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EntryPlace {
    /// At the tumour's edge, the gap outside of it: on a shell around a sphere, on the free face of a slab or a
    /// monolayer; in the stroma of islets and of imported cells, and at the vessels of a cube.
    #[default]
    Surface,
    /// Anywhere in the box, at least the gap from the tumour's edge.
    Around,
    /// At the vessels inside the box, more where there is more chemokine.
    Vessels,
}
