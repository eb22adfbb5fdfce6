//! The `perforin` command: a study file in, a results folder and an answer in words out.
//!
//! [`study`] reads and checks a study, [`import`]s the cells of a file and builds its lesion; [`run`] steps it and
//! writes the [`folder`]; [`answer`] says what happened, [`effort`] what limited it; [`report`] draws it; [`sweep`],
//! [`ablation`] and [`compare`] do this for many runs, and [`fit`] finds values that make runs like a measured series.
//! [`targets`] searches atlases for the best gates; [`patient`] follows patients; [`trial`] simulates trials. [`whole`] does
//! these after each other; [`diagnose`] says what samples show. [`commands`] is the way from what was typed ([`cli`]) to
//! these.

pub mod ablation;
pub mod answer;
pub mod cadence;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod compare;
pub mod coupled;
pub mod diagnose;
pub mod effort;
pub mod export;
pub mod failure;
pub mod files;
pub mod fit;
pub mod folder;
pub mod import;
pub mod interrupt;
pub mod manifest;
pub mod patient;
pub mod report;
pub mod run;
pub mod study;
pub mod sweep;
pub mod table;
pub mod targets;
pub mod templates;
pub mod terminal;
pub mod trial;
pub mod view;
pub mod whole;
