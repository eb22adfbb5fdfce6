//! The question: which files, which genes, what counts as covered and as safe.

use std::path::PathBuf;

use perforin_core::catalogue::targets as defaults;

use crate::cohort::AtlasFile;
use crate::front::Extent;
use crate::genotype::Genotype;
use crate::goal::Objective;
use crate::load::Calling;

/// Where the candidate genes come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Candidates {
    /// Every gene of the first file.
    All,
    /// Genes by symbol or Ensembl identifier.
    Named(Vec<String>),
    /// Surface lists (see [`crate::evidence::read_surface`]); a gene needs the grade in at least one of them.
    Surface {
        /// The lists.
        lists: Vec<PathBuf>,
        /// Lowest grade.
        grade: u32,
    },
}

/// What counts as safe.
#[derive(Clone, Debug, PartialEq)]
pub struct Safety {
    /// Largest hit fraction of any cell type of a vital tissue.
    pub cap: f64,
    /// Tissues that can be done without, by name (`*` ends a pattern); all others are vital.
    pub tolerable: Vec<String>,
    /// Largest hit fraction of cell types of tolerable tissues. Default 1, no limit.
    pub tolerable_cap: f64,
    /// Whether the upper end of the 95 % interval must keep the cap, not only the fraction found. Groups with too
    /// few cells to show that must not be hit at all, and are named in a warning.
    pub certified: bool,
}

impl Default for Safety {
    fn default() -> Self {
        Self {
            cap: defaults::CAP.value,
            tolerable: Vec::new(),
            tolerable_cap: defaults::TOLERABLE_CAP.value,
            certified: false,
        }
    }
}

/// A target search.
#[derive(Clone, Debug)]
pub struct TargetsRequest {
    /// Atlases: at least one with malignant cells.
    pub files: Vec<AtlasFile>,
    /// Candidate genes.
    pub candidates: Candidates,
    /// Literals given by labels, such as HLA type.
    pub genotypes: Vec<Genotype>,
    /// How values become bits.
    pub calling: Calling,
    /// What is maximised.
    pub objective: Objective,
    /// Most literals in a gate: 1 to 3 searched exactly.
    pub literals: usize,
    /// Most literals of gates searched by branch and bound (see [`crate::larger`]): 4 or 5, or 0 for not at all.
    /// Default 0.
    pub larger: usize,
    /// What counts as safe. With [`Objective::Pooled`] its `cap` holds for all normal cells together (the usual
    /// figure is 0.1).
    pub safety: Safety,
    /// Fewest malignant cells of a patient who counts in the objective; others are reported apart.
    pub fewest_cells: usize,
    /// Share of the cells of some normal group in which a gene must be detected to stand under a NOT.
    pub blocker_share: f64,
    /// Most gates kept per shape. Default 50.
    pub keep: usize,
    /// Gates at most this much below the best of their shape are kept.
    pub epsilon: f64,
    /// Gates that are described in full. Default 20.
    pub described: usize,
    /// Table of protein in normal organs (see [`crate::evidence::NormalProtein`]).
    pub normal_protein: Option<PathBuf>,
    /// Table of RNA in normal organs (see [`crate::evidence::NormalRna`]).
    pub normal_rna: Option<PathBuf>,
    /// Whether every patient is left out in turn and the search repeated, with gates of up to this many
    /// literals; 0 for not at all. Default 2.
    pub leave_one_out: usize,
    /// The front of coverage against the worst vital tissue that is searched, beside the gates at the limit of `safety`.
    /// Default none.
    pub front: Extent,
}

impl TargetsRequest {
    /// A request with the defaults for the given files.
    pub fn new(files: Vec<AtlasFile>) -> Self {
        Self {
            files,
            candidates: Candidates::All,
            genotypes: Vec::new(),
            calling: Calling::default(),
            objective: Objective::Minimum,
            literals: 3,
            larger: 0,
            safety: Safety::default(),
            fewest_cells: defaults::FEWEST_CELLS.value as usize,
            blocker_share: defaults::BLOCKER_SHARE.value,
            keep: 50,
            epsilon: defaults::EQUALS_WITHIN.value,
            described: 20,
            normal_protein: None,
            normal_rna: None,
            leave_one_out: 2,
            front: Extent::Limits(Vec::new()),
        }
    }
}
