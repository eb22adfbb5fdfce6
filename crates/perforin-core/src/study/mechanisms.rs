//! `[mechanisms]`: which parts of the biology act. Each can be switched off, so that its effect can be shown.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! mechanisms {
    ($($id:ident $key:ident $default:literal $meaning:literal;)+) => {
        /// A part of the biology that can be switched off.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Mechanism {
            $(#[doc = $meaning] $id,)+
        }

        impl Mechanism {
            /// All mechanisms.
            pub const ALL: &[Self] = &[$(Self::$id,)+];

            /// Its name in a study.
            pub fn name(self) -> &'static str {
                match self { $(Self::$id => stringify!($key),)+ }
            }

            /// What it does.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$id => $meaning,)+ }
            }

            /// Whether it acts in a study that says nothing of it.
            pub fn by_default(self) -> bool {
                match self { $(Self::$id => $default,)+ }
            }
        }

        /// Which mechanisms act; each has its own default if it is left out.
        #[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct MechanismsSection {
            /// Whether a mechanism acts that is not named.
            pub all: Option<bool>,
            /// Name of one mechanism that is off whatever else is said, or `nothing`; for comparing runs.
            pub without: Option<String>,
            $(#[doc = $meaning] pub $key: Option<bool>,)+
        }

        impl MechanismsSection {
            /// What the study says of a mechanism, if anything.
            pub fn given(&self, mechanism: Mechanism) -> Option<bool> {
                match mechanism { $(Mechanism::$id => self.$key,)+ }
            }
        }
    };
}

mechanisms! {
    Exhaustion exhaustion true "Stimulation exhausts T cells: they kill, divide and secrete less.";
    ActivationInducedDeath activation_induced_death true "Strong stimulation kills T cells.";
    Starvation starvation true "Effector cells without signal and IL-2 die early.";
    ProliferationProgramme proliferation_programme true "An activation allows a limited number of divisions.";
    Il2 il2 true "Division depends on IL-2, which stimulated cells secrete.";
    Hypoxia hypoxia true "Lack of oxygen cuts division and cytokine of T cells, not lysis.";
    Checkpoint checkpoint true "PD-1 on T cells meets PD-L1 on tumour cells.";
    PdL1Induction pd_l1_induction true "IFN-γ raises PD-L1.";
    Bystander bystander true "Neighbours of a synapse are killed by Fas ligand, and IFN-γ kills tumour cells.";
    AntigenModulation antigen_modulation true "Attack strips antigen from its target, which recovers.";
    ReceptorInternalisation receptor_internalisation true "Signalling receptors are internalised, and recover.";
    AntigenLoss antigen_loss true "Daughters may lose an antigen or HLA for good, as the study states.";
    RegulatoryTCells regulatory_t_cells true "Regulatory T cells suppress T cells in contact.";
    MyeloidSuppression myeloid_suppression true "Suppressive myeloid cells suppress T cells in contact.";
    SuppressiveFields suppressive_fields true "TGF-β, IL-10, adenosine and IDO suppress T cells.";
    Matrix matrix true "Matrix slows cells, and its fibres steer T cells.";
    FasCounterattack fas_counterattack false "Tumour cells kill T cells that touch them by Fas ligand (assumed).";
    EpitopeSpreading epitope_spreading false "Killing by the product primes endogenous T cells (assumed).";
}

/// What [`MechanismsSection::without`] is where no mechanism is taken out.
pub const NOTHING: &str = "nothing";

impl MechanismsSection {
    /// Whether a mechanism acts.
    pub fn is_on(&self, mechanism: Mechanism) -> bool {
        self.without.as_deref() != Some(mechanism.name())
            && self.given(mechanism).or(self.all).unwrap_or(mechanism.by_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_switch_wins_over_all_and_all_over_the_default() {
        let read = |text: &str| toml::from_str::<MechanismsSection>(text).unwrap();
        let none = read("all = false\nexhaustion = true");
        assert!(none.is_on(Mechanism::Exhaustion) && !none.is_on(Mechanism::Il2));
        let usual = read("bystander = false");
        assert!(!usual.is_on(Mechanism::Bystander) && !usual.is_on(Mechanism::FasCounterattack));
        assert!(usual.is_on(Mechanism::Checkpoint));
    }
}
