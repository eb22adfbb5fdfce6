//! Trials of T-cell products: designs that find a dose, designs that test efficacy, and the statistics of endpoints.
//!
//! Nothing here knows where outcomes come from: a design asks for the next dose given what was seen, a simulation draws
//! what is seen from stated rates or takes it from virtual patients.

pub mod binomial;
pub mod dose_finding;
pub mod efficacy;
pub mod manufacturing;
pub mod survival;
pub mod uncertainty;
