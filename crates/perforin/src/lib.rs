//! The `perforin` command: a study file in, a results folder and an answer in words out.

pub mod answer;
pub mod cli;
pub mod clock;
pub mod failure;
pub mod files;
pub mod sweep;
pub mod table;
pub mod terminal;
