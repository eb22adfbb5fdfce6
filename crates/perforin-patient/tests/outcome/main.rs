//! Response and toxicity against the guidelines' tables and worked rows.

mod irecist;
mod rano;
mod recist;
mod toxicity;
