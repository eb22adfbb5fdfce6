//! `perforin trial`: trials of the product, simulated many times, in a results folder.
//!
//! [`question`] turns a study into what is asked; [`run`](mod@run) simulates and writes; [`answer`] keeps what came of it,
//! [`example`] one trial in full;
//! [`words`], [`tables`], [`figures`] and [`page`] show it; [`endpoints`] are those of virtual patients. [`log`] steps a trial by hand, [`compare`] sets designs and
//! sizes side by side.

pub mod answer;
pub mod compare;
pub mod compare_page;
pub mod comparison;
pub mod cut_offs;
pub mod design;
pub mod efficacy;
pub mod endpoints;
pub mod example;
pub mod figures;
pub mod log;
pub mod page;
pub mod patients;
pub mod question;
pub mod record;
pub mod run;
pub mod selection;
pub mod tables;
pub mod uncertainty;
pub mod words;

pub use question::Question;
pub use record::{Record, is_trial};
