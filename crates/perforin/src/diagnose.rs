//! `perforin diagnose`: what samples of a patient can and cannot show, in a results folder.
//!
//! [`question`] turns a study into what is asked, [`flags`] turn a command line into a study; each kind of sample has a
//! module that reads its part, answers it and shows it: [`tissue`], [`biopsy`], [`staining`], [`cytometry`], [`blood`],
//! [`plasma`], [`resampling`]. [`run`](mod@run) writes, [`page`] draws. Everything is exact or by deterministic quadrature;
//! nothing is drawn by chance.

pub mod biopsy;
pub mod blood;
pub mod cytometry;
pub mod flags;
pub mod groups;
pub mod page;
pub mod plasma;
pub mod question;
pub mod resampling;
pub mod run;
pub mod staining;
pub mod tissue;

pub use question::{Answer, Question};
pub use run::{is_diagnostics, report, run};
