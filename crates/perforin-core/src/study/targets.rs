//! `[targets]`: which antigens or gates, from single-cell atlases.

mod front;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use front::{FrontSection, FullWord, UpToSection};

use crate::quantity::{Fraction, SurfaceDensity, Time};

/// A search for the best gates.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TargetsSection {
    /// Expression files, each with the meaning of its cell labels.
    #[serde(default)]
    pub atlas: Vec<AtlasSection>,
    /// A synthetic atlas with a known best gate, instead of files.
    pub generated: Option<GeneratedSection>,
    /// Genes that may become antigens of a gate; all genes of the first file if left out.
    #[serde(default)]
    pub candidates: CandidatesSection,
    /// Literals that a cell label gives, such as HLA type, by the name that they have in gates.
    #[serde(default)]
    pub genotype: BTreeMap<String, GenotypeSection>,
    /// When an antigen counts as detected on a cell.
    #[serde(default)]
    pub calling: CallingSection,
    /// What is maximised: "minimum" over patients, "pooled", or { quantile = "10 %" }.
    pub objective: Option<ObjectiveSection>,
    /// Largest number of antigens in a gate, 1 to 5: up to three by complete search, four and five by branch and
    /// bound.
    pub literals: Option<usize>,
    /// When the search for gates of four and five antigens ends without a proof; never if left out.
    pub time_limit: Option<Time>,
    /// What counts as safe.
    #[serde(default)]
    pub safety: SafetySection,
    /// Fewest malignant cells of a patient who counts; others are shown apart.
    pub fewest_cells: Option<usize>,
    /// Share of the cells of some normal group in which a gene must be detected to stand under a NOT.
    pub blocker_share: Option<Fraction>,
    /// Table of protein in normal organs (Human Protein Atlas, `normal_tissue.tsv`, also gzipped).
    pub normal_protein: Option<String>,
    /// Table of RNA in normal organs in bulk (Human Protein Atlas, `rna_tissue_consensus.tsv`, also gzipped).
    pub normal_rna: Option<String>,
    /// Densities of the gate's antigens, for a lesion's study.
    #[serde(default)]
    pub profile: ProfileSection,
    /// How much of the answer is kept.
    #[serde(default)]
    pub report: ReportSection,
}

/// An expression file.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AtlasSection {
    /// An `.h5ad` file, 10x `.h5`, a Matrix Market folder, or a genes × cells table; a path from the study's folder.
    pub file: String,
    /// Which matrix of an `.h5ad` file: "X", "raw", or the name of a layer.
    pub matrix: Option<String>,
    /// Table of cell labels, used before the labels inside the file: one row per cell, its name first.
    pub labels: Option<String>,
    /// What all of its cells are; otherwise `malignant` says.
    pub cells: Option<CellsWord>,
    /// Which label makes a cell malignant.
    pub malignant: Option<MalignantSection>,
    /// The patient of a malignant cell; the label `patient` if left out.
    pub patient: Option<LabelSection>,
    /// The tissue of a normal cell; the label `tissue` if left out.
    pub tissue: Option<LabelSection>,
    /// The type of a normal cell; the label `cell_type` if left out.
    pub cell_type: Option<LabelSection>,
}

/// What all cells of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CellsWord {
    /// Malignant.
    Malignant,
    /// Normal.
    Normal,
}

/// Which label makes a cell malignant. A label may end in `*`, which stands for any rest.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MalignantSection {
    /// Name of the cell label.
    pub column: String,
    /// Labels of malignant cells.
    pub labels: Vec<String>,
    /// Labels of normal cells, if cells with yet other labels are to be left out; all others if this is left out.
    #[serde(default)]
    pub normal: Vec<String>,
}

/// Where a property of cells comes from: exactly one of the two.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelSection {
    /// Name of a cell label.
    pub column: Option<String>,
    /// The same for all cells of the file.
    pub fixed: Option<String>,
}

/// A synthetic atlas.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GeneratedSection {
    /// Number of genes, three of them planted.
    pub genes: Option<usize>,
    /// Number of patients.
    pub patients: Option<usize>,
    /// Malignant cells of all patients together.
    pub malignant: Option<usize>,
    /// Number of normal tissues.
    pub tissues: Option<usize>,
    /// Normal cells of all tissues together.
    pub normal: Option<usize>,
}

/// Candidate genes: named, or from lists of surface proteins.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CandidatesSection {
    /// Gene symbols or Ensembl identifiers.
    #[serde(default)]
    pub genes: Vec<String>,
    /// Files of surface proteins: SURFY, CSPA, a table with `gene_symbol`, or one gene per line.
    #[serde(default)]
    pub surface: Vec<String>,
    /// Lowest grade of evidence in a list; 1 if left out.
    pub grade: Option<u32>,
}

/// A literal that a label gives: of cells, or of patients.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GenotypeSection {
    /// Name of the cell label, in every file that needs it; with `patients`, of that table's column.
    pub column: String,
    /// Labels of cells or patients that carry it (`*` ends a pattern).
    pub present: Vec<String>,
    /// Table of patients, for their malignant cells: one row per patient, the name first.
    pub patients: Option<String>,
    /// Whether all normal cells carry it; otherwise the cell label says.
    pub normal: Option<PresenceWord>,
}

/// Whether all cells of a kind carry something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PresenceWord {
    /// They carry it.
    Present,
    /// They lack it.
    Absent,
}

/// When an antigen counts as detected.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallingSection {
    /// Smallest values that count, each tried; the first is searched. 0 (any positive value) if left out.
    pub thresholds: Option<Vec<f64>>,
    /// Whether values are scaled to the median depth of all cells first.
    #[serde(default)]
    pub depth_matched: bool,
    /// Whether cells without counts are called by a model of dropout.
    pub detection: Option<DetectionSection>,
}

/// A model of dropout: among cells without a count some carry the antigen and were missed.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DetectionSection {
    /// Lowest probability of detection in a cell of median depth that carries the antigen.
    pub floor: Option<Fraction>,
}

/// What is maximised.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ObjectiveSection {
    /// The smallest covered malignant fraction of any patient.
    Minimum,
    /// The covered fraction of all malignant cells together, at a limit on all normal cells together.
    Pooled,
    /// The covered fraction that all but this share of the patients reach.
    Quantile(Fraction),
}

/// What counts as safe.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SafetySection {
    /// Largest share of the cells of any type of a vital tissue that a gate may hit.
    pub cap: Option<Fraction>,
    /// Tissues that can be done without (`*` ends a pattern); all others are vital.
    #[serde(default)]
    pub tolerable: Vec<String>,
    /// The same limit for tolerable tissues; none if left out.
    pub tolerable_cap: Option<Fraction>,
    /// Whether the upper end of the 95 % interval must keep the limit, not only the share found.
    #[serde(default)]
    pub certified: bool,
}

/// Densities of the gate's antigens.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProfileSection {
    /// How counts become molecules per cell, by antigen; "*" is any that is not named. Without it only shares of cells
    /// are given.
    #[serde(default)]
    pub anchor: BTreeMap<String, AnchorSection>,
}

/// How counts of one antigen become molecules per cell: exactly one of the two.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnchorSection {
    /// Molecules on a cell of median depth for each count.
    pub molecules_per_count: Option<f64>,
    /// Median density of the malignant cells that carry it, all patients together, as measured by other means.
    pub median: Option<SurfaceDensity>,
}

/// How much of the answer is kept.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportSection {
    /// Gates described in full.
    pub gates: Option<usize>,
    /// Most gates kept for each shape.
    pub keep: Option<usize>,
    /// Gates at most this much below the best of their shape are kept, as equals.
    pub equals_within: Option<Fraction>,
    /// The front of coverage against the worst vital tissue: limits on the share of it that may be hit, for each of which
    /// the best gate is searched (`[]` for none), or "full", or `{ up_to = "20 %" }`.
    pub front: Option<FrontSection>,
    /// Largest number of antigens when every patient is left out in turn; 0 for not at all.
    pub leave_one_out: Option<usize>,
    /// Gates that are written back as a label of every cell, into a copy of each `.h5ad` file.
    pub label_cells: Option<usize>,
}
