//! The solid-tumour model: conservation, closed limits, chance, regimens, and published findings.

mod support;

mod bits;
mod chance;
mod coupled;
mod findings;
mod kinetics;
mod regimen;
mod selection;
mod signals;
