//! Targets: from single-cell atlases to the provably best antigens and logic gates.
//!
//! A [`TargetsRequest`] names atlases, candidate genes, an objective and limits; [`targets`] reads the atlases into
//! bit planes, searches every gate shape of up to three literals exactly, and returns a [`TargetsAnswer`] with the
//! best gates, the proof, and what to doubt about each.
//!
//! | module | what it does |
//! |---|---|
//! | [`read`] | file formats: `AnnData`, 10x HDF5, Matrix Market, tables |
//! | [`cohort`], [`genes`], [`genotype`], [`load`] | cell labels, gene names, genotypes, values into bits |
//! | [`dropout`], [`density`] | cells whose antigen was missed; counts into molecules |
//! | [`planes`], [`popcount`] | bits by group, and counting them |
//! | [`shape`], [`goal`], [`search`](mod@search), [`front`](mod@front) | gates, what is asked of them, and the exact search |
//! | [`larger`] | gates of four and five literals, with a proven gap |
//! | [`assess`], [`evidence`] | intervals, NOTs, thresholds; surface, protein, toxicity |
//! | [`request`], [`answer`] | the question and the answer |
//! | [`watch`] | progress, and ending a search |
//! | [`write`](mod@write) | gates back into an `.h5ad` |
//! | [`synthetic`] | atlases with a known best gate |

pub mod answer;
pub mod assess;
pub mod cohort;
pub mod density;
pub mod dropout;
pub mod error;
pub mod evidence;
pub mod front;
pub mod genes;
pub mod genotype;
pub mod goal;
pub mod larger;
pub mod load;
pub mod planes;
pub mod popcount;
pub mod read;
pub mod request;
pub mod search;
pub mod shape;
pub mod synthetic;
pub mod watch;
pub mod write;

pub use answer::{TargetsAnswer, targets};
pub use error::{AtlasError, Result};
pub use request::TargetsRequest;
