//! Virtual patients: drawn, weighted, measured, and streamed to disk.
//!
//! [`draw`] gives each patient its parameters; [`sobol`] spreads them evenly; [`weights`] makes them resemble an observed
//! population; [`assay`] measures them with error; [`sensitivity`] says which parameter matters; [`run`] solves them,
//! [`two_stage`] finds mean and spread of fitted patients, and [`store`] keeps what comes out so that a run that was killed goes on where it was.

pub mod assay;
pub mod draw;
pub mod run;
pub mod sensitivity;
pub mod sobol;
pub mod store;
pub mod two_stage;
pub mod weights;
