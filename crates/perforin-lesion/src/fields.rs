//! Diffusing substances.
