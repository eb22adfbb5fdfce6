//! What a run leaves on disk, and how it is read back.
//!
//! [`atomic`] replaces a file as a whole or not at all. [`container`] puts named arrays and a description into one
//! checked file.

pub mod atomic;
pub mod container;
