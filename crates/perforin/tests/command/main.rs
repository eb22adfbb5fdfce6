//! The command as a whole: what it prints, what it writes, and that its bytes are always the same.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod bad_input;
mod compare;
mod coupled;
mod damaged;
mod designs;
mod determinism;
mod diagnose;
mod export;
mod figures;
mod fit;
mod guide;
mod guide_studies;
mod help;
mod import;
mod mean_field;
#[path = "../support/mixed.rs"]
mod mixed;
mod page;
mod patient;
mod patient_fit;
mod population_search;
mod resume;
mod selection;
mod support;
mod sweep;
mod targets;
mod trial;
mod uncertainty;
mod view;
mod whole;
