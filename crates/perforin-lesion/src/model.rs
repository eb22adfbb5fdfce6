//! What a lesion is made of: plain numbers in µm and min, with every default already filled in.
//!
//! A model never changes during a run; [`crate::lesion::Lesion`] is the state that does.

use perforin_core::gate::GateTable;
use perforin_core::receptor::Contact;
use serde::{Deserialize, Serialize};

use crate::fields::Substance;
use crate::grid::Grid;
use crate::traffic::Traffic;

pub mod biology;

use biology::{
    ContactSuppression, Defence, Infection, Lymphocyte, MatrixChange, Natural, Supply, Treatments,
};

/// A lesion's immutable description.
#[derive(Clone, Debug)]
pub struct Model {
    /// Seed of every random draw.
    pub seed: u64,
    /// How long the study lasts, min.
    pub duration: f64,
    /// The box in which everything happens, and its voxels.
    pub grid: Grid,
    /// For each face of the box, whether tissue or medium beyond it supplies what comes from outside.
    pub open_faces: [bool; 6],
    /// Height that no cell leaves upward, µm: settled cells stay on the floor of a well; infinite for none.
    pub ceiling: f64,
    /// What the tumour's edge is like.
    pub edge: Edge,
    /// Diffusing substances, in a fixed order.
    pub substances: Vec<Substance>,
    /// For each substance, whether it starts in equilibrium with the cells.
    pub settled: Vec<bool>,
    /// For each substance, whether it is advanced once per phenotype step, because nothing reads it in between.
    pub slow: Vec<bool>,
    /// Place of oxygen among the substances, if it is simulated.
    pub oxygen: Option<usize>,
    /// Names of the surface antigens, in the order in which cells carry them.
    pub antigens: Vec<String>,
    /// Cell types.
    pub types: Vec<CellType>,
    /// Product cells on their way into the lesion.
    pub arrivals: Vec<Arrival>,
    /// The exchange of product cells with a patient, if the lesion is one of a patient's.
    pub traffic: Option<Traffic>,
    /// Vessels that supply oxygen.
    pub vessels: Vessels,
    /// Share of space filled by matrix in each voxel at the start, 0 to 1, or empty if there is none.
    pub matrix: Vec<f32>,
    /// What changes the matrix, and how its fibres run.
    pub matrix_change: MatrixChange,
    /// Substances that come with the blood.
    pub supplies: Vec<Supply>,
    /// What is given beside the product.
    pub treatments: Treatments,
    /// Place of the chemokine among the substances, if it is simulated.
    pub chemokine: Option<usize>,
    /// For each clone of tumour cells, its rate of entering the cell cycle over that of the others; the first
    /// stands for the others.
    pub clone_growth: Vec<f64>,
    /// Steps and tolerances.
    pub numerics: Numerics,
}

/// What a tumour's edge is like, for cells that enter there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// A sphere around the middle of the box.
    Sphere,
    /// A face toward high z.
    Face,
    /// Many pieces, with stroma between them.
    Scattered,
    /// None: tumour fills the box, and only vessels lead into it.
    None,
}

/// Vessels inside the box: each exchanges oxygen with its voxel, `∂c/∂t = exchange·(supply − c)`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vessels {
    /// Voxels that hold a vessel, in ascending order.
    pub voxels: Vec<u32>,
    /// Exchange with the voxel, /min.
    pub exchange: f64,
    /// Oxygen in the vessel, mmHg.
    pub supply: f64,
}

/// What a cell type stands for in the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Malignant cells.
    Tumour,
    /// Healthy tissue that must be spared.
    Normal,
    /// The infused product.
    Product,
    /// Anything else.
    Other,
}

/// A cell type.
#[derive(Clone, Debug)]
pub struct CellType {
    /// Name in the study file.
    pub name: String,
    /// What it stands for.
    pub role: Role,
    /// Volumes and how they change.
    pub volume: VolumeModel,
    /// Forces between neighbours.
    pub mechanics: Mechanics,
    /// Cell cycle; none for cells that do not divide.
    pub cycle: Option<Cycle>,
    /// Death.
    pub death: Death,
    /// Active movement; none for cells that are only pushed.
    pub motility: Option<Motility>,
    /// Exchange with the substances.
    pub exchange: Vec<Exchange>,
    /// Attack on other cells.
    pub attack: Option<Attack>,
    /// What daughters inherit of each antigen.
    pub inheritance: Vec<Inheritance>,
    /// How it answers attack.
    pub defence: Defence,
    /// What makes it a lymphocyte.
    pub lymphocyte: Option<Lymphocyte>,
    /// How it suppresses lymphocytes in reach.
    pub suppressor: Option<ContactSuppression>,
    /// Whether a virus infects it.
    pub infection: Option<Infection>,
    /// Rate at which it fills its voxel with matrix, /min.
    pub matrix_deposition: f64,
    /// Whether lymphodepletion removes it.
    pub is_depleted: bool,
    /// Renewal of healthy tissue: its rate, /min, and the number of cells that it aims at.
    pub renewal: Option<(f64, u64)>,
}

/// How a daughter's antigen density differs from its mother's.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Inheritance {
    /// Standard deviation of the natural logarithm of daughter over mother.
    pub drift: f64,
    /// Probability that a daughter loses the antigen for good.
    pub loss: f64,
}

/// Volume dynamics: fluid, nucleus and cytoplasm relax to their targets (Ghaffarizadeh 2018,
/// doi 10.1371/journal.pcbi.1005991).
#[derive(Clone, Copy, Debug)]
pub struct VolumeModel {
    /// Total volume of a newborn, fully grown cell, µm³.
    pub total: f64,
    /// Target of the solid volume of the nucleus, µm³.
    pub nucleus: f64,
    /// Target of the solid volume of the cytoplasm, µm³.
    pub cytoplasm: f64,
    /// Target share of fluid in the total volume.
    pub fluid_fraction: f64,
    /// Rates of a live cell.
    pub live: VolumeRates,
    /// Rates after apoptosis.
    pub apoptotic: VolumeRates,
    /// Rates while swelling.
    pub swelling: VolumeRates,
    /// Rates after lysis.
    pub lysed: VolumeRates,
    /// Multiple of `total` at which a swelling cell bursts.
    pub rupture: f64,
}

/// Relaxation rates of volumes, /min.
#[derive(Clone, Copy, Debug)]
pub struct VolumeRates {
    /// Fluid.
    pub fluid: f64,
    /// Solid part of the nucleus.
    pub nucleus: f64,
    /// Solid part of the cytoplasm.
    pub cytoplasm: f64,
}

/// Forces between neighbours (Ghaffarizadeh 2018, doi 10.1371/journal.pcbi.1005991).
#[derive(Clone, Copy, Debug)]
pub struct Mechanics {
    /// Repulsion, µm/min.
    pub repulsion: f64,
    /// Adhesion, µm/min.
    pub adhesion: f64,
    /// Reach of adhesion as a multiple of the radius.
    pub adhesion_reach: f64,
}

/// A cell cycle: phases in order; leaving the last one is division.
#[derive(Clone, Debug)]
pub struct Cycle {
    /// Phases in order; at least one.
    pub phases: Vec<Phase>,
    /// Oxygen below which the first phase is not left, mmHg.
    pub oxygen_threshold: f64,
    /// Oxygen above which the first phase is left at its full rate, mmHg.
    pub oxygen_saturation: f64,
    /// Pressure that halves the rate of leaving the first phase; infinite for none.
    pub pressure_half: f64,
    /// Antigen whose density multiplies the rate of leaving the first phase.
    pub scaled_by: Option<usize>,
    /// Whether the rate of leaving the first phase is multiplied by the cell's stimulus.
    pub needs_stimulus: bool,
}

/// A phase of the cell cycle.
#[derive(Clone, Copy, Debug)]
pub struct Phase {
    /// Mean duration, min.
    pub duration: f64,
    /// Standard deviation of the durations that cells have of their own, min; none where every cell leaves at the
    /// same constant rate.
    pub own_sd: Option<f64>,
    /// Whether solid targets are doubled from this phase on.
    pub doubled: bool,
}

/// Death and what follows.
#[derive(Clone, Copy, Debug)]
pub struct Death {
    /// Spontaneous apoptosis, /min.
    pub apoptosis_rate: f64,
    /// Life that no cell exceeds; none where only the rate of apoptosis ends it.
    pub longest_life: Option<LongestLife>,
    /// How long an apoptotic cell stays before it is cleared, min.
    pub apoptosis_duration: f64,
    /// Share of its uptake that a cell keeps while it dies.
    pub uptake: f64,
    /// Necrosis where there is no oxygen, /min.
    pub necrosis_rate: f64,
    /// Oxygen below which necrosis sets in, mmHg.
    pub necrosis_threshold: f64,
    /// Oxygen below which necrosis has its full rate, mmHg.
    pub necrosis_saturation: f64,
    /// How long debris stays after lysis before it is cleared, min.
    pub debris_duration: f64,
}

/// A life that no cell exceeds: of cells of one age, `(1 − age/longest)^shape` live.
#[derive(Clone, Copy, Debug)]
pub struct LongestLife {
    /// Age that no cell exceeds, min.
    pub longest: f64,
    /// Power of the share that lives on; 1 for ages at death spread evenly.
    pub shape: f64,
}

impl LongestLife {
    /// Share of the cells of this age, min, that live `step`, min, longer.
    pub fn survival(&self, age: f64, step: f64) -> f64 {
        let left = ((self.longest - age - step) / (self.longest - age)).max(0.0);
        if self.longest > age { libm::pow(left, self.shape) } else { 0.0 }
    }
}

/// Persistent random walk with chemotaxis.
#[derive(Clone, Copy, Debug)]
pub struct Motility {
    /// Speed, µm/min.
    pub speed: f64,
    /// Mean time between turns, min.
    pub persistence: f64,
    /// Weight of the gradient's direction in a new heading, 0 to 1.
    pub bias: f64,
    /// Substance whose gradient is followed.
    pub toward: Option<usize>,
}

/// Exchange of a cell with one substance, per cell volume over voxel volume:
/// `∂c/∂t = (V_cell/V_voxel)·(secretion·(target − c) − uptake·c)`.
#[derive(Clone, Copy, Debug)]
pub struct Exchange {
    /// Place of the substance.
    pub substance: usize,
    /// Uptake, /min.
    pub uptake: f64,
    /// Secretion, /min.
    pub secretion: f64,
    /// Value at which secretion stops.
    pub target: f64,
    /// Export that no level stops, in the substance's unit times µm³ per min and cell.
    pub export: f64,
    /// Whether secretion and export are multiplied by the cytokine signal of the present synapse.
    pub on_signal: bool,
    /// Export of a CD4 cell over that of a CD8 cell.
    pub cd4: f64,
    /// Place of a substance that scales secretion by `c/(c + K)`, and `K`.
    pub scaled_by: Option<(usize, f64)>,
}

/// How a cell finds, holds and kills others.
#[derive(Clone, Debug)]
pub struct Attack {
    /// For each cell type, whether it can be attacked.
    pub targets: Vec<bool>,
    /// What the attacker reads on a target.
    pub recognition: Recognition,
    /// Natural cytotoxicity, on tumour cells.
    pub natural: Option<Natural>,
    /// Rate of forming a synapse with a fully recognised cell in contact, /min.
    pub attach_rate: f64,
    /// Distance of centres up to which `attach_rate` is full, µm.
    pub contact_distance: f64,
    /// Distance of centres at which attachment ends, µm.
    pub reach: f64,
    /// Distance of centres at which a synapse is torn apart, µm.
    pub tear_distance: f64,
    /// Elastic rate of the synapse, /min.
    pub bond: f64,
    /// Mean lifetime of a synapse, min.
    pub lifetime: f64,
    /// How the target dies.
    pub killing: Killing,
    /// Time constant of the stimulus that a synapse leaves, min.
    pub stimulus_memory: f64,
    /// Whether a target is held by one attacker at a time.
    pub exclusive: bool,
    /// Whether a held target neither grows, goes on in its cycle nor dies by itself.
    pub halts_target: bool,
    /// Crawling toward neighbours; none for attackers that meet them only by motility.
    pub crawl: Option<Crawl>,
    /// A fixed grid: attackers act on cells of their own voxel alone.
    pub meeting_grid: Option<Grid>,
}

impl Attack {
    /// Largest distance of centres at which an attacker acts on a neighbour, µm.
    pub fn farthest(&self) -> f64 {
        let crawl = self.crawl.and_then(|crawl| crawl.between).map_or(0.0, |[_, to]| to);
        crawl.max(self.reach)
    }

    /// Whether cells at two places may meet.
    pub fn may_meet(&self, here: [f64; 3], there: [f64; 3]) -> bool {
        self.meeting_grid.as_ref().is_none_or(|grid| grid.coordinates_at(here) == grid.coordinates_at(there))
    }
}

/// Crawling toward neighbours ([`crate::crawl`]).
#[derive(Clone, Copy, Debug)]
pub struct Crawl {
    /// Rate of closing in on one neighbour, /min.
    pub rate: f64,
    /// Distances of centres from which on a neighbour draws and from which on it does so no more, µm; none for all cells of
    /// the same voxel of the meeting grid.
    pub between: Option<[f64; 2]>,
}

/// What an attacker reads on a target.
#[derive(Clone, Debug)]
pub enum Recognition {
    /// A gate over receptors: occupancy, proofreading and two thresholds.
    Gate {
        /// The gate over the inputs, in order.
        table: GateTable,
        /// For each input, the antigen that is read and the contact of its receptor.
        inputs: Vec<(usize, Contact)>,
        /// Receptors of the inputs, per cell at the product's median.
        receptors: Vec<f64>,
        /// Place of the HLA among the antigens that presents the inputs, for a T-cell receptor.
        presented_by: Option<usize>,
    },
    /// No antigen at all: natural cytotoxicity only.
    Nothing,
    /// A straight ramp of one antigen's density, as in the reference cancer–immune sample.
    Ramp {
        /// Antigen that is read.
        antigen: usize,
        /// Density that gives no signal, molecules per cell.
        from: f64,
        /// Density that gives the full signal, molecules per cell.
        to: f64,
    },
}

/// How a target in a synapse dies.
#[derive(Clone, Copy, Debug)]
pub enum Killing {
    /// Sublethal hits that add up and decay (Weigelin 2021, doi 10.1038/s41467-021-25282-3).
    Hits {
        /// Hits through a fully signalling synapse, /min.
        rate: f64,
        /// Accumulated hits that kill.
        lethal: f64,
        /// Half-life of a hit, min.
        half_life: f64,
    },
    /// Death at a constant rate, as in the reference cancer–immune sample.
    Rate {
        /// Deaths through a fully signalling synapse, /min.
        rate: f64,
    },
}

/// Product cells that reach the lesion after an infusion.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Cell type that arrives.
    pub kind: usize,
    /// How many have entered by when.
    pub pace: Pace,
    /// Where they enter.
    pub site: EntrySite,
    /// Number of cells that were infused for them; the same as enter if they were injected.
    pub infused: f64,
}

/// How many cells have entered by when.
#[derive(Clone, Debug)]
pub enum Pace {
    /// `count·(1 − e^(−t/over))` since `start`.
    Exponential {
        /// Number of cells that reach the lesion in the end.
        count: u64,
        /// Start, min.
        start: f64,
        /// Time constant, min; 0 for all at once.
        over: f64,
    },
    /// In proportion to a course in blood: straight lines between the given times.
    Blood {
        /// Times, min, ascending.
        time: Vec<f64>,
        /// Cells that enter, /min, at each time.
        rate: Vec<f64>,
    },
}

/// Where product cells enter.
#[derive(Clone, Copy, Debug)]
pub enum EntrySite {
    /// At the tumour's present edge, `gap` µm outside it: on a shell around a sphere, on a plane over a face,
    /// anywhere in the stroma between scattered pieces, at a vessel where there is no edge.
    Surface {
        /// Distance from the outermost live tumour cell, µm.
        gap: f64,
    },
    /// Anywhere in the box, at least `gap` µm outside the tumour's present extent; at a vessel where there is none.
    Around {
        /// Distance from the outermost live tumour cell, µm.
        gap: f64,
    },
    /// At vessels inside the box, each `1 + weight·c/(c + 1)` times as often where the chemokine is `c`.
    Vessels {
        /// Extra weight of a vessel at saturating chemokine.
        weight: f64,
    },
    /// In a ball, as after an injection.
    Injection {
        /// Centre, µm.
        centre: [f64; 3],
        /// Radius, µm.
        radius: f64,
    },
}

/// Steps and tolerances.
#[derive(Clone, Copy, Debug)]
pub struct Numerics {
    /// Interval of phenotype, sorting, arrival and checkpoints, min.
    pub phenotype_step: f64,
    /// Interval of the fields, min.
    pub field_step: f64,
    /// Relative tolerance of the field solver.
    pub field_tolerance: f64,
    /// Error in position allowed in one mechanics step, µm.
    pub mechanics_tolerance: f64,
}

impl Model {
    /// Place of the first type of a role.
    pub fn first_of(&self, role: Role) -> Option<usize> {
        self.types.iter().position(|t| t.role == role)
    }
}
