//! The scene of `[lesion]`: shapes of a tumour, medium, and cells whose positions come from a file.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::quantity::{Length, OxygenPressure, SurfaceDensity};

/// Shape of a tumour at the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TumourShape {
    /// A ball of packed cells of the stated `diameter`.
    #[default]
    Sphere,
    /// A slab across the box, with a free face on the side of high z.
    Slab,
    /// Balls of packed cells, scattered in stroma.
    Islets,
    /// A cube of tissue that tumour cells fill, as in the midst of a large tumour.
    Cube,
    /// A single layer of cells on the floor of a culture well.
    Monolayer,
}

impl TumourShape {
    /// Its name in a study.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sphere => "sphere",
            Self::Slab => "slab",
            Self::Islets => "islets",
            Self::Cube => "cube",
            Self::Monolayer => "monolayer",
        }
    }
}

/// A slab of tumour, as wide as the box.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SlabSection {
    /// Thickness of the slab.
    pub thickness: Length,
}

/// Islets of tumour cells in stroma.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IsletsSection {
    /// Number of islets.
    pub number: u32,
    /// Diameter of each.
    pub diameter: Length,
    /// Least distance between the edges of two islets.
    pub gap: Option<Length>,
}

/// A layer of cells on the floor of a culture well.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MonolayerSection {
    /// Number of target cells.
    pub cells: u32,
    /// Outline of the layer.
    #[serde(default)]
    pub outline: LayerOutline,
}

/// Outline of a layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LayerOutline {
    /// A square that fills the floor of the box.
    #[default]
    Square,
    /// A disc with bare floor around it.
    Disc,
}

/// Culture medium around a sphere or above a monolayer, instead of tissue.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MediumSection {
    /// Oxygen of the medium at the faces of the box, or at the top of the medium over a monolayer.
    pub oxygen: Option<OxygenPressure>,
    /// Depth of the unstirred medium over a monolayer.
    pub depth: Option<Length>,
}

/// Cells whose types and positions, and perhaps antigens, come from a file.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportSection {
    /// A table with the columns `x`, `y` and perhaps `z` (.csv or .tsv, also .gz), or an `AnnData` file with
    /// `obsm["spatial"]` (.h5ad); its path is taken from the folder of the study.
    pub file: String,
    /// Length of one unit of the file's coordinates: "1 µm", or the width of a pixel such as "0.325 µm".
    pub unit: Length,
    /// Name of the column of cell types; "type" if left out.
    pub type_column: Option<String>,
    /// For every name in that column, the cell type of the study that it stands for, or "none" for cells that are
    /// left out.
    pub types: BTreeMap<String, String>,
    /// Thickness of the tissue section, for a file with two coordinates: its cells are a single layer.
    pub thickness: Option<Length>,
    /// Antigens whose densities the file gives, by name.
    #[serde(default)]
    pub antigen: BTreeMap<String, ImportedAntigenSection>,
    /// Matrix of an `AnnData` file that holds the genes: "raw" or the name of a layer; the main matrix if left out.
    pub matrix: Option<String>,
}

/// An antigen whose densities a file gives.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportedAntigenSection {
    /// Column of the table, or gene of the `AnnData` file.
    pub from: String,
    /// Molecules per cell for each unit of the file's values.
    pub factor: SurfaceDensity,
}

impl ImportSection {
    /// What stands in `types` for cells that are left out.
    pub const LEFT_OUT: &'static str = "none";

    /// Whether cells of a type of the study may come from the file.
    pub fn brings(&self, cell_type: &str) -> bool {
        self.types.values().any(|name| name == cell_type)
    }
}
