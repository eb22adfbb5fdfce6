//! The published models against independent implementations, their papers' figures, closed solutions and data.

mod support;

mod carrgodex;
mod chance;
mod entries;
mod other_solver;
mod papers;
mod reference;
mod stein;
