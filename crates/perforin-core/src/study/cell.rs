//! `[lesion.cell.NAME]`: cell types declared as data.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::lesion::AntigenSection;
use crate::quantity::{
    FieldValue, Fraction, Length, OxygenPressure, Rate, Speed, SurfaceDensity, Time, Volume,
};

/// A cell type. What is left out comes from its `role`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CellSection {
    /// What the type stands for; required for names other than `tumour`, `normal` and `product`.
    pub role: Option<RoleName>,
    /// Volume of a grown cell.
    pub volume: Option<Volume>,
    /// How fast volumes change.
    #[serde(default)]
    pub volume_rates: VolumeRatesSection,
    /// Repulsion between overlapping cells.
    pub repulsion: Option<Speed>,
    /// Adhesion between neighbours.
    pub adhesion: Option<Speed>,
    /// Cell cycle.
    pub cycle: Option<CycleSection>,
    /// Death.
    pub death: Option<DeathSection>,
    /// Active movement.
    pub motility: Option<MotilitySection>,
    /// Uptake of substances, by name, in a space filled by such cells.
    #[serde(default)]
    pub uptake: BTreeMap<String, Rate>,
    /// Secretion of substances, by name.
    #[serde(default)]
    pub secretion: BTreeMap<String, SecretionSection>,
    /// Attack on other cells.
    pub attack: Option<AttackSection>,
    /// Surface antigens, by name.
    #[serde(default)]
    pub antigen: BTreeMap<String, AntigenSection>,
    /// Where cells of the type are at the start.
    pub placement: Option<PlacementSection>,
}

/// How fast a cell's volume approaches its target, by what the cell is going through.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VolumeRatesSection {
    /// Growth after division.
    pub live: Option<PartRatesSection>,
    /// Shrinking after apoptosis.
    pub apoptotic: Option<PartRatesSection>,
    /// Swelling after necrosis.
    pub swelling: Option<PartRatesSection>,
    /// Shrinking after the necrotic cell has burst.
    pub lysed: Option<PartRatesSection>,
}

/// Rates of the parts of a cell.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartRatesSection {
    /// Fluid.
    pub fluid: Option<Rate>,
    /// Solid part of the nucleus.
    pub nucleus: Option<Rate>,
    /// Solid part of the cytoplasm.
    pub cytoplasm: Option<Rate>,
}

/// What a cell type stands for in the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RoleName {
    /// Malignant cells.
    Tumour,
    /// Healthy tissue that must be spared.
    Normal,
    /// The infused product.
    Product,
    /// Anything else.
    Other,
}

/// A cell cycle.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CycleSection {
    /// Phases of the cycle.
    pub model: Option<CycleModel>,
    /// Time in which well-supplied cells double in number.
    pub doubling_time: Option<Time>,
    /// Rate of division of well-supplied cells of the `live` model, instead of a doubling time.
    pub rate: Option<Rate>,
    /// Mean duration of the cycle of well-supplied cells, in the `fixed` model.
    pub duration: Option<Time>,
    /// Standard deviation of that duration between cells, in the `fixed` model.
    pub duration_sd: Option<Time>,
    /// Oxygen below which no cell starts to divide.
    pub oxygen_threshold: Option<OxygenPressure>,
    /// Oxygen above which cells cycle at their full rate.
    pub oxygen_saturation: Option<OxygenPressure>,
    /// Pressure by neighbours that halves the rate (1: a relaxed packing); no effect if left out.
    pub pressure_half: Option<f64>,
    /// Antigen whose density multiplies the rate.
    pub scaled_by: Option<String>,
}

/// Phases of a cell cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CycleModel {
    /// One phase that is left at a constant rate.
    Live,
    /// G0/G1, S, G2 and M, each left at a constant rate, with shares 5 : 8 : 4 : 1 of the mean time.
    FlowCytometry,
    /// One phase of fixed duration, normally distributed between cells.
    Fixed,
    /// Cells do not divide.
    None,
}

/// Death.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeathSection {
    /// Rate of spontaneous death.
    pub apoptosis: Option<Rate>,
    /// Mean lifespan, instead of a rate of spontaneous death.
    pub lifespan: Option<Time>,
    /// Age that no cell exceeds, instead of a rate of spontaneous death; for cells that do not divide.
    pub longest_life: Option<Time>,
    /// Of cells of one age, `(1 − age/longest_life)^life_shape` live; 1, ages at death spread evenly, if left out.
    pub life_shape: Option<f64>,
    /// Time for which a dead cell stays before it is cleared.
    pub apoptosis_duration: Option<Time>,
    /// Share of its uptake that a cell keeps while it dies, until it is cleared or bursts.
    pub uptake: Option<Fraction>,
    /// Rate of death without oxygen.
    pub necrosis: Option<Rate>,
    /// Oxygen below which cells begin to die.
    pub necrosis_threshold: Option<OxygenPressure>,
    /// Time for which debris stays after a necrotic cell has burst.
    pub debris_duration: Option<Time>,
}

/// Active movement.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MotilitySection {
    /// Speed.
    pub speed: Option<Speed>,
    /// Mean time between turns.
    pub persistence: Option<Time>,
    /// Weight of the gradient in a new heading.
    pub bias: Option<Fraction>,
    /// Substance whose gradient is followed.
    pub toward: Option<String>,
}

/// Secretion of a substance, in a space filled by such cells.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretionSection {
    /// Rate.
    pub rate: Rate,
    /// Value at which secretion stops.
    pub target: FieldValue,
    /// Whether cells secrete only through a synapse, in proportion to its cytokine signal.
    #[serde(default)]
    pub on_signal: bool,
}

/// Attack on other cells.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AttackSection {
    /// Names of the cell types that can be attacked; all but the product's own if left out.
    pub targets: Option<Vec<String>>,
    /// Reads a straight ramp of one antigen instead of the product's gate.
    pub ramp: Option<RampSection>,
    /// Rate of forming a synapse with a fully recognised cell in contact.
    pub attach_rate: Option<Rate>,
    /// Distance of centres up to which contact is full.
    pub contact_distance: Option<Length>,
    /// Distance of centres at which contact ends.
    pub reach: Option<Length>,
    /// Distance of centres at which a synapse is torn apart; `reach` if left out.
    pub tear_distance: Option<Length>,
    /// Elastic rate of the synapse.
    pub bond: Option<Rate>,
    /// Mean lifetime of a synapse.
    pub synapse_lifetime: Option<Time>,
    /// Hits through a fully signalling synapse.
    pub hit_rate: Option<Rate>,
    /// Number of hits that kill.
    pub lethal_hits: Option<f64>,
    /// Half-life of a hit.
    pub hit_half_life: Option<Time>,
    /// Rate of killing through a fully signalling synapse, instead of hits.
    pub kill_rate: Option<Rate>,
    /// Whether a target is held by one attacker at a time.
    #[serde(default)]
    pub exclusive: bool,
    /// Whether a target stands still while it is held: it neither grows, nor goes on in its cycle, nor dies by itself.
    #[serde(default)]
    pub halts_target: bool,
    /// Lets attackers crawl toward cells of the attacked types close by.
    pub crawl: Option<CrawlSection>,
    /// Edge of the voxels of a fixed grid: attackers crawl toward, and form synapses with, cells of their own voxel alone.
    /// Programs that look for partners voxel by voxel do that; it is here to compare with them.
    pub meeting_grid: Option<Length>,
}

/// Crawling toward cells close by, live or dead: between two distances, or anywhere in a voxel of the `meeting_grid`.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CrawlSection {
    /// Rate of closing in on one neighbour; several add up.
    pub rate: Option<Rate>,
    /// Distance of centres from which on a neighbour draws; not with a `meeting_grid`.
    pub from: Option<Length>,
    /// Distance of centres from which on it does so no more; not with a `meeting_grid`.
    pub to: Option<Length>,
}

/// A straight ramp of recognition.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RampSection {
    /// Antigen that is read.
    pub antigen: String,
    /// Density that gives no signal.
    pub from: SurfaceDensity,
    /// Density that gives the full signal.
    pub to: SurfaceDensity,
}

/// Where cells of a type are at the start.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlacementSection {
    /// Shape that the cells fill.
    pub shape: Shape,
    /// Diameter of a packed ball or disc.
    pub diameter: Option<Length>,
    /// Thickness of a shell.
    pub thickness: Option<Length>,
    /// Distance between a shell and the outermost tumour cell.
    pub gap: Option<Length>,
    /// Number of cells, for a shell or a scatter.
    pub count: Option<u32>,
}

/// A shape that cells fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// A ball of packed cells in the middle of the box.
    Ball,
    /// A single packed layer in the middle of the box.
    Disc,
    /// A number of cells at random in a shell around the tumour.
    Shell,
    /// A number of cells at random in the whole box.
    Scatter,
}
