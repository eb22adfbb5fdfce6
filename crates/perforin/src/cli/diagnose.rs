//! `perforin diagnose`.

use std::path::PathBuf;

use clap::Args;

/// `perforin diagnose`.
#[derive(Debug, Args)]
pub struct Diagnose {
    /// Study file; the flags ask without one.
    pub study: Option<PathBuf>,
    /// Folder for the results; must be new or empty. With flags, the answer is only printed if left out.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Folder from which the paths of a study start; the study's own if left out.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Share of the tumour cells in an antigen-negative clone.
    #[arg(long, value_name = "SHARE")]
    pub negative_clone: Option<String>,
    /// Confidence of what is ruled out.
    #[arg(long, value_name = "SHARE")]
    pub confidence: Option<String>,
    /// Correlation of two cells of one site, 0 to below 1.
    #[arg(long, value_name = "N", conflicts_with = "lesion")]
    pub clustering: Option<f64>,
    /// Sites of the planned biopsy.
    #[arg(long, value_name = "N")]
    pub sites: Option<u32>,
    /// Tumour cells read at each site.
    #[arg(long, value_name = "N")]
    pub cells_per_site: Option<u32>,
    /// Take the clustering from the results folder of a lesion's run.
    #[arg(long, value_name = "DIR", requires = "antigen")]
    pub lesion: Option<PathBuf>,
    /// Antigen whose absence makes a cell negative; with --fcs, the name it is to have.
    #[arg(long, value_name = "NAME")]
    pub antigen: Option<String>,
    /// Density below which a cell of the lesion is negative.
    #[arg(long, value_name = "DENSITY", requires = "lesion")]
    pub negative_below: Option<String>,
    /// Edge of a site of the lesion.
    #[arg(long, value_name = "LENGTH", requires = "lesion")]
    pub site: Option<String>,
    /// Blood that is searched for tumour cells, such as "7.5 mL".
    #[arg(long, value_name = "VOLUME", requires = "negative_clone")]
    pub blood: Option<String>,
    /// Flow cytometry of the tumour's cells.
    #[arg(long, value_name = "FILE", requires = "antigen", requires = "channel", requires = "beads")]
    pub fcs: Option<PathBuf>,
    /// Channel of the antigen.
    #[arg(long, value_name = "NAME", requires = "fcs")]
    pub channel: Option<String>,
    /// Table of beads: a .csv with the columns molecules and fluorescence.
    #[arg(long, value_name = "FILE", requires = "fcs")]
    pub beads: Option<PathBuf>,
    /// The same cells without the antibody.
    #[arg(long, value_name = "FILE", requires = "fcs")]
    pub control: Option<PathBuf>,
    /// Density from which on a cell of the flow cytometry is positive.
    #[arg(long, value_name = "DENSITY", requires = "fcs")]
    pub positive_from: Option<String>,
}
