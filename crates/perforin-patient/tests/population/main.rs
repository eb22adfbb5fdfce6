//! Virtual populations.

mod draws;
mod measures;
mod runs;
mod stores;
