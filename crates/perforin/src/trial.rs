//! `perforin trial`: trials of the product, simulated many times, in a results folder.
//!
//! [`question`] turns a study into what is asked; [`run`](mod@run) simulates and writes; [`answer`] keeps what came of it;
//! [`words`], [`tables`], [`figures`] and [`page`] show it.

pub mod answer;
pub mod design;
pub mod figures;
pub mod page;
pub mod question;
pub mod record;
pub mod run;
pub mod tables;
pub mod words;

pub use question::Question;
pub use record::{Record, is_trial};
