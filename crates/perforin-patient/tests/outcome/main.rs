//! Response, toxicity and diagnostics against the guidelines' tables and worked rows.

mod death;
mod diagnostics;
mod fcs;
mod irecist;
mod rano;
mod recist;
mod toxicity;
