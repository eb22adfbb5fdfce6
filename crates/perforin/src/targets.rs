//! `perforin targets`: from single-cell atlases to the provably best gates, in a results folder.
//!
//! [`question`] turns a study into a request; [`flags`] turn a command line into a study; [`run`](mod@run) reads,
//! searches and writes; [`words`], [`tables`], [`figures`] and [`page`] show the answer.

pub mod figures;
pub mod flags;
pub mod manifest;
pub mod page;
pub mod profile;
pub mod progress;
pub mod question;
pub mod run;
pub mod tables;
pub mod words;

pub use manifest::{Record, is_targets};
pub use question::Question;
pub use run::{Ended, check, report, run};
