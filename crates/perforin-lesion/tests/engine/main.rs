//! The tissue engine against what is known: closed forms, brute force, fine integration and published figures.
//!
//! `validation/README.md` lists the problems with their sources and the figures reached. Slow problems are
//! ignored by default: `cargo test --release -p perforin-lesion --test engine -- --ignored`.

mod support;

mod attack;
mod biology;
mod bits;
mod findings;
mod findings_scenes;
mod growth;
mod ledger;
mod life;
mod mechanics;
mod mechanics_step;
mod motility;
mod neighbours;
mod organoid;
mod oxygen;
mod refused;
mod scenes;
mod steroid;
