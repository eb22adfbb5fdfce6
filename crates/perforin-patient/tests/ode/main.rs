//! The solver against closed solutions, published reference solutions of stiff test problems, and itself.

#[path = "../support/perf8.rs"]
mod perf8;
mod problem;

mod bits;
mod events;
mod failures;
mod independent;
mod jacobian;
mod memory;
mod population;
mod stiff;
