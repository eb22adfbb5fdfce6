//! Receptors: what a T cell senses of an antigen in one contact, and what it does about it.
//!
//! | parameter | symbol | unit | default |
//! |---|---|---|---|
//! | receptors and antigens in the contact | R, L | /contact | those per cell times [`CONTACT_FRACTION`](receptor::CONTACT_FRACTION) |
//! | dissociation constant, association rate | Kd, kon | M, /M/s | of the receptor |
//! | area and gap of the contact | A, h | µm², µm | [`CONTACT_AREA`](receptor::CONTACT_AREA), [`CONTACT_GAP`](receptor::CONTACT_GAP) |
//! | proofreading steps and their rate | N, kp | 1, /s | [`PROOFREADING_STEPS`](receptor::PROOFREADING_STEPS), [`PROOFREADING_RATE`](receptor::PROOFREADING_RATE) |
//! | loss of dwelling complexes | kl | /s | [`SIGNAL_LOSS`](receptor::SIGNAL_LOSS) |
//! | thresholds and steepness | Sl, Sc, n | /contact, 1 | [`LYSIS_THRESHOLD`](receptor::LYSIS_THRESHOLD), [`CYTOKINE_RATIO`](receptor::CYTOKINE_RATIO), [`HILL`](receptor::HILL) |
//!
//! **Binding.** In the contact the antigen is confined to the volume A·h, so that Kd is K = Kd · Avogadro's number ·
//! A·h molecules per contact. At equilibrium B complexes satisfy (R − B)(L − B) = K·B, whose smaller root, in a
//! form in which nothing cancels, is
//!
//! ```text
//! B = 2RL / (R + L + K + √((R − L)² + K(2(R + L) + K)))
//! ```
//!
//! **Signal.** A complex signals once it has survived N steps of rate kp (kinetic proofreading), and for a limited
//! time: a complex that dwells is shut down and internalised at rate kl instead of being engaged again. With
//! koff = Kd·kon, the productive complexes are
//!
//! ```text
//! S = B · (kp / (kp + koff))^N · koff / (koff + kl)
//! ```
//!
//! The second factor lets micromolar binders ignore low densities; the third makes sub-nanomolar binders waste
//! scarce antigen, so that the best Kd lies in between.
//!
//! **Read-outs.** Lysis is Sⁿ / (Sⁿ + Slⁿ); cytokine release and proliferation are the same with Sc, about a decade
//! higher.
//!
//! Assumptions: equilibrium within the contact; a two-dimensional Kd without the cost of bending membranes; one
//! contact at a time; receptors outside of the contact do not join it, so that the receptor density matters only
//! where it is scarce or binding is weak.
//!
//! References: proofreading with limited signalling, Lever 2014 (doi 10.1038/nri3728), and an optimum over affinity
//! that moves with dose, Lever 2016 (doi 10.1073/pnas.1608820113); two thresholds, Watanabe 2015 (doi
//! 10.4049/jimmunol.1402346); co-stimulation, Majzner 2020 (doi 10.1158/2159-8290.CD-19-0945).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalogue::{Parameter, receptor};

mod binding;

pub use binding::{bound_pairs, dissociation_per_contact};

/// A receptor of a product.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Receptor {
    /// Dissociation constant, in M.
    pub kd: f64,
    /// Association rate constant, in /M/s.
    pub kon: f64,
    /// Receptors per T cell.
    pub density: f64,
}

impl Receptor {
    /// Dissociation rate constant, in /s.
    pub fn koff(&self) -> f64 {
        self.kd * self.kon
    }
}

/// Co-stimulatory domains of a receptor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Costimulation {
    /// First generation: the ζ chain alone.
    #[serde(rename = "none")]
    None,
    /// CD28: the lower thresholds.
    #[default]
    #[serde(rename = "CD28")]
    Cd28,
    /// 4-1BB: higher thresholds, less exhaustion.
    #[serde(rename = "4-1BB")]
    FourOneBb,
    /// Third generation: both; thresholds as CD28 (assumed).
    #[serde(rename = "CD28+4-1BB")]
    Both,
}

/// How contacts turn into signals; the values of the catalogue unless given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Signalling {
    /// Fraction of receptors and antigens that the contact holds.
    pub contact_fraction: f64,
    /// Area of the contact, in µm².
    pub contact_area: f64,
    /// Gap between the membranes, in µm.
    pub contact_gap: f64,
    /// Proofreading steps.
    pub steps: f64,
    /// Rate of a proofreading step, in /s.
    pub step_rate: f64,
    /// Rate at which dwelling complexes are lost, in /s.
    pub loss_rate: f64,
    /// Productive complexes per contact at half-maximal lysis.
    pub lysis_threshold: f64,
    /// Productive complexes per contact at half-maximal cytokine release and proliferation.
    pub cytokine_threshold: f64,
    /// Steepness of both responses.
    pub hill: f64,
}

impl Signalling {
    /// The signalling of a receptor with these co-stimulatory domains; `value` gives each parameter its value, such
    /// as `|parameter| parameter.value` for the defaults.
    pub fn new(costimulation: Costimulation, mut value: impl FnMut(&'static Parameter) -> f64) -> Self {
        let lysis = value(&receptor::LYSIS_THRESHOLD);
        let cytokine = lysis * value(&receptor::CYTOKINE_RATIO);
        let (lysis_factor, cytokine_factor) = match costimulation {
            Costimulation::Cd28 | Costimulation::Both => (1.0, 1.0),
            Costimulation::FourOneBb => {
                (value(&receptor::LYSIS_FACTOR_41BB), value(&receptor::CYTOKINE_FACTOR_41BB))
            }
            Costimulation::None => (1.0, value(&receptor::CYTOKINE_FACTOR_NONE)),
        };
        Self {
            contact_fraction: value(&receptor::CONTACT_FRACTION),
            contact_area: value(&receptor::CONTACT_AREA),
            contact_gap: value(&receptor::CONTACT_GAP),
            steps: value(&receptor::PROOFREADING_STEPS),
            step_rate: value(&receptor::PROOFREADING_RATE),
            loss_rate: value(&receptor::SIGNAL_LOSS),
            lysis_threshold: lysis * lysis_factor,
            cytokine_threshold: cytokine * cytokine_factor,
            hill: value(&receptor::HILL),
        }
    }

    /// The defaults of the catalogue.
    pub fn of(costimulation: Costimulation) -> Self {
        Self::new(costimulation, |parameter| parameter.value)
    }

    /// Signalling complexes per complex: proofreading and limited signalling at the dissociation rate `koff` (/s).
    pub fn efficacy(&self, koff: f64) -> f64 {
        if koff <= 0.0 {
            return if self.loss_rate > 0.0 { 0.0 } else { 1.0 };
        }
        let proofread = libm::pow(self.step_rate / (self.step_rate + koff), self.steps);
        proofread * (koff / (koff + self.loss_rate))
    }
}

/// What a T cell does in a contact, each from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Response {
    /// Lysis, relative to its maximum.
    pub lysis: f64,
    /// Cytokine release and proliferation, relative to their maxima.
    pub cytokine: f64,
}

/// The contact of one kind of receptor with target cells, made ready for many evaluations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contact {
    fraction: f64,
    receptors: f64,
    dissociation: f64,
    efficacy: f64,
    lysis_threshold: f64,
    hill: f64,
    /// (Sc/Sl)ⁿ, so that both read-outs need one power.
    cytokine_ratio: f64,
}

impl Contact {
    /// The contact of `receptor` under `signalling`.
    pub fn new(receptor: &Receptor, signalling: &Signalling) -> Self {
        let ratio = signalling.cytokine_threshold / signalling.lysis_threshold;
        Self {
            fraction: signalling.contact_fraction,
            receptors: signalling.contact_fraction * receptor.density,
            dissociation: dissociation_per_contact(
                receptor.kd,
                signalling.contact_area,
                signalling.contact_gap,
            ),
            efficacy: signalling.efficacy(receptor.koff()),
            lysis_threshold: signalling.lysis_threshold,
            hill: signalling.hill,
            cytokine_ratio: power(ratio, signalling.hill),
        }
    }

    /// The same contact for a T cell with another number of receptors.
    #[must_use]
    pub fn with_receptors(mut self, density: f64) -> Self {
        self.receptors = self.fraction * density;
        self
    }

    /// Complexes in the contact with a cell that carries `antigen` molecules.
    #[inline]
    pub fn bound_complexes(&self, antigen: f64) -> f64 {
        bound_pairs(self.receptors, self.fraction * antigen, self.dissociation)
    }

    /// Complexes that signal, in the contact with a cell that carries `antigen` molecules.
    #[inline]
    pub fn productive_complexes(&self, antigen: f64) -> f64 {
        self.bound_complexes(antigen) * self.efficacy
    }

    /// The response to a cell that carries `antigen` molecules.
    #[inline]
    pub fn response(&self, antigen: f64) -> Response {
        let relative = self.productive_complexes(antigen) / self.lysis_threshold;
        if relative.is_nan() || relative <= 0.0 {
            return Response::default();
        }
        // Half-effects over signal, to the power n: finite or infinite, so both answers stay within 0 and 1.
        let weakness = 1.0 / power(relative, self.hill);
        Response { lysis: 1.0 / (1.0 + weakness), cytokine: 1.0 / (1.0 + weakness * self.cytokine_ratio) }
    }
}

/// `x` to the power `n`, quickly for the usual steepness.
#[inline]
fn power(x: f64, n: f64) -> f64 {
    if n == 2.0 { x * x } else { libm::pow(x, n) }
}

#[cfg(test)]
mod tests;
