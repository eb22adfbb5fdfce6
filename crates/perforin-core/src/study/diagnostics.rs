//! `[diagnostics]`: what samples of a patient can and cannot show.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::lesion::DensitySection;
use super::scene::ImportSection;
use crate::quantity::{Fraction, Length, Rate, SurfaceDensity, Time, Volume};

/// What samples of a patient can and cannot show; for `perforin diagnose`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DiagnosticsSection {
    /// Confidence of what is ruled out, and of intervals.
    pub confidence: Option<Fraction>,
    /// A tissue from whose cells the clustering is taken.
    pub tissue: Option<TissueSection>,
    /// How many cells from how many sites rule out an antigen-negative clone.
    pub biopsy: Option<BiopsySection>,
    /// What a cut-off on a stained section does.
    pub ihc: Option<IhcSection>,
    /// How many molecules cells carry, from a file of flow cytometry.
    pub flow: Option<FlowSection>,
    /// What circulating tumour cells can and cannot certify.
    pub ctc: Option<CtcSection>,
    /// What circulating tumour DNA shows, and when.
    pub ctdna: Option<CtdnaSection>,
    /// When to sample again.
    pub resampling: Option<ResamplingSection>,
}

/// A tissue: the results folder of a lesion's run, or a file with the cells' positions.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TissueSection {
    /// Results folder of a run of a lesion; a path from the study's folder.
    pub results: Option<String>,
    /// Day of the frame, the nearest to which is taken; the first frame if left out.
    pub day: Option<f64>,
    /// A file with positions and types, as `[lesion.import]`.
    pub import: Option<ImportSection>,
    /// Type of the tumour cells; "tumour" if left out.
    pub cell_type: Option<String>,
    /// Antigen whose absence makes a cell negative.
    pub antigen: Option<String>,
    /// Density below which a cell is negative.
    pub negative_below: Option<SurfaceDensity>,
    /// Type of the negative cells, where types say it and no antigen does.
    pub negative_type: Option<String>,
    /// Edge of a cubic site, as wide as a needle or a punch.
    pub site: Option<Length>,
}

/// A biopsy that is to rule out an antigen-negative clone.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BiopsySection {
    /// Share of the tumour cells in the clone.
    pub clone: Fraction,
    /// Correlation of two cells of one site, 0 to below 1; that of the tissue if there is one.
    pub clustering: Option<f64>,
    /// Sites of the planned biopsy.
    pub sites: Option<u32>,
    /// Tumour cells read at each site.
    pub cells_per_site: Option<u32>,
    /// Probability that an antigen-negative cell is read as negative.
    pub sensitivity: Option<Fraction>,
    /// Probability that an antigen-positive cell is read as positive.
    pub specificity: Option<Fraction>,
    /// Cells read as negative from which on the clone is called.
    pub call_at: Option<u32>,
}

/// A stained section, a list of cut-offs, and the patients to whom they apply.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IhcSection {
    /// How a section is stained and read.
    pub test: StainingSection,
    /// Shares of cells at the level from which on a section is positive, each tried.
    pub cut_offs: Vec<Fraction>,
    /// Which of them is best.
    pub best: Option<BestWord>,
    /// Groups of patients; their shares add up to 100 %.
    pub patients: Vec<MarkerGroupSection>,
    /// Patients whom a trial enrols.
    pub enrol: Option<u32>,
}

/// How a section is stained and read.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StainingSection {
    /// Densities at which staining turns 1+, 2+ and 3+; they depend on antibody and protocol.
    pub thresholds: [SurfaceDensity; 3],
    /// Level that a cell must reach to count, 1 to 3.
    pub level: Option<u8>,
    /// Tumour cells read in a section.
    pub cells: Option<u32>,
    /// Correlation of two cells of one section, 0 to below 1.
    pub clustering: Option<f64>,
    /// Probability that a cell is taken for the next lower level.
    pub reads_lower: Option<Fraction>,
    /// Probability that a cell is taken for the next higher level.
    pub reads_higher: Option<Fraction>,
    /// Instead of these two, for cells of level 0, 1+, 2+ and 3+ the probabilities of being taken for 0, 1+, 2+ and 3+.
    pub errors: Option<[[Fraction; 4]; 4]>,
}

/// Which cut-off is best.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BestWord {
    /// The largest share of responders called positive minus that of others (Youden's index of response).
    Youden,
    /// The lowest with at least this response rate among those called positive.
    Response(Fraction),
    /// The least cost, where excluding a patient who would respond costs so many times what enrolling one does who will
    /// not.
    Cost(f64),
}

/// A group of patients by their antigen.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MarkerGroupSection {
    /// Name in tables.
    pub name: String,
    /// Share of the patients.
    pub share: Fraction,
    /// Density over the antigen-positive tumour cells of the typical patient: `median` and `log_sd`.
    pub density: DensitySection,
    /// Standard deviation of the natural logarithm of the median between patients; 0 if left out.
    pub between: Option<f64>,
    /// Share of antigen-negative tumour cells; 0 % if left out.
    pub negative: Option<Fraction>,
    /// In `[diagnostics.ihc]`: response rate to the product.
    pub response: Option<Fraction>,
    /// In `[trial.selection]`: response rate over that of the scenario, or of the trial of efficacy.
    pub response_ratio: Option<f64>,
    /// With `[trial.efficacy.randomised]`: hazard ratio of progression or death in the group's infused patients; that of the
    /// trial if left out.
    pub hazard_ratio_pfs: Option<f64>,
    /// The same of death.
    pub hazard_ratio_os: Option<f64>,
    /// With `[trial.efficacy.randomised]`: hazards of the group over those of the control's medians, whatever its patients are
    /// given; 1 if left out.
    pub prognosis: Option<f64>,
}

/// A file of flow cytometry.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlowSection {
    /// List-mode file, FCS 2.0 to 3.1, of the stained tumour cells; a path from the study's folder.
    pub file: String,
    /// The same cells without the antibodies, or with isotype controls.
    pub control: Option<String>,
    /// Whether the spillover that the file carries is undone; true if left out.
    pub compensate: Option<bool>,
    /// Antigens by name, as the lesion is to have them.
    pub antigen: BTreeMap<String, FlowAntigenSection>,
    /// Events that are kept, if not all: those inside every range.
    #[serde(default)]
    pub gate: Vec<FlowGateSection>,
}

/// An antigen in a file of flow cytometry.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlowAntigenSection {
    /// Name of the channel (`$PnN`) or of the stain (`$PnS`).
    pub channel: String,
    /// Beads with a certified number of fluorophores and their median fluorescence.
    #[serde(default)]
    pub beads: Vec<BeadSection>,
    /// Table of beads instead (.csv), with the columns `molecules` and `fluorescence`.
    pub bead_table: Option<String>,
    /// Fluorophores on each antibody.
    pub per_antibody: Option<f64>,
    /// Antigens that an antibody holds, 1 to 2.
    pub antigens_per_antibody: Option<f64>,
    /// Density from which on a cell is positive; from the control's 99 % quantile if left out.
    pub positive_from: Option<SurfaceDensity>,
}

/// A bead population.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BeadSection {
    /// Fluorophores on a bead.
    pub molecules: f64,
    /// Median fluorescence, linear scale.
    pub fluorescence: f64,
}

/// A range of a channel.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlowGateSection {
    /// Name of the channel or of the stain.
    pub channel: String,
    /// Least value kept.
    pub from: Option<f64>,
    /// Largest value kept.
    pub to: Option<f64>,
}

/// Circulating tumour cells.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CtcSection {
    /// Share of the tumour cells in blood in an antigen-negative clone.
    pub clone: Fraction,
    /// Blood that is searched.
    pub volume: Option<Volume>,
    /// Share of patients with tumour cells in the blood.
    pub shedding: Option<Fraction>,
    /// Median of their cells seen in 7.5 mL by the reference assay.
    pub median: Option<f64>,
    /// Standard deviation of its natural logarithm.
    pub log_sd: Option<f64>,
    /// Cells found over those that the reference assay finds in the same blood.
    pub recovery: Option<f64>,
    /// Capture by `EpCAM`; all cells alike if left out.
    pub epcam: Option<EpcamSection>,
    /// Cells seen in a sample, and those of them that lack the antigen.
    pub seen: Option<CtcSeenSection>,
    /// Counts before and after treatment.
    pub change: Option<CtcChangeSection>,
}

/// Capture of circulating cells by `EpCAM`.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EpcamSection {
    /// Density at which half of the cells are captured.
    pub half: SurfaceDensity,
    /// Steepness of capture against density.
    pub steepness: Option<f64>,
    /// Density on the antigen-negative clone: `median` and `log_sd`.
    pub clone: DensitySection,
    /// Density on the other cells: `median` and `log_sd`.
    pub others: DensitySection,
}

/// Cells seen in a sample of blood.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CtcSeenSection {
    /// Tumour cells.
    pub cells: u32,
    /// Those without the antigen.
    pub negative: u32,
}

/// Counts before and after treatment in the same volume.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CtcChangeSection {
    /// Cells before.
    pub before: u32,
    /// Cells after.
    pub after: u32,
}

/// Circulating tumour DNA.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CtdnaSection {
    /// Haploid genomes in a sample.
    pub genomes: f64,
    /// Mutations of the tumour that are searched.
    pub mutations: u32,
    /// Probability that a normal molecule reads as mutant.
    pub error: Fraction,
    /// Largest probability of calling a sample without tumour positive.
    pub false_alarm: Option<Fraction>,
    /// Allele fractions for which detection is shown.
    #[serde(default)]
    pub fractions: Vec<Fraction>,
    /// How the signal follows the tumour.
    pub course: Option<CtdnaCourseSection>,
}

/// How tumour DNA in plasma follows the cells that die.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CtdnaCourseSection {
    /// Haploid genomes that reach the plasma per dying tumour cell.
    pub released: f64,
    /// Half-life in plasma.
    pub half_life: Option<Time>,
    /// Plasma of the patient.
    pub plasma: Option<Volume>,
    /// Haploid genomes of other cells in a millilitre of plasma.
    pub background: Option<f64>,
    /// Tumour cells that die, from each day to the next; the first rate lasted long.
    pub deaths: Vec<DeathsSection>,
}

/// Tumour cells that die from a day on.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeathsSection {
    /// The day.
    pub day: f64,
    /// Tumour cells that die in a day.
    pub per_day: f64,
}

/// When to sample again, after a sample without the clone.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResamplingSection {
    /// Net growth rate of the clone minus that of the other tumour cells, such as "0.03 /d".
    pub advantage: Rate,
    /// Share of the clone that must not be passed unseen.
    pub limit: Fraction,
    /// Share of the clone on day 0; what the biopsy leaves possible if left out.
    pub start: Option<Fraction>,
    /// Days of the samples.
    #[serde(default)]
    pub days: Vec<f64>,
}
