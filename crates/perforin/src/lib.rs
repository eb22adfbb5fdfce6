//! The `perforin` command: a study file in, a results folder and an answer in words out.

pub mod clock;
pub mod failure;
pub mod files;
pub mod table;
pub mod terminal;
