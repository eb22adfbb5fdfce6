//! The model's parameters, for one patient or four.

use perforin_core::catalogue::{Parameter, patient};
use perforin_core::receptor::Costimulation;

use crate::ode::{LANES, Lanes};

/// Declares a group of parameters with their catalogue entries, or with a first value where the study or the course
/// sets them.
macro_rules! group {
    ($(#[$doc:meta])* $name:ident {
        catalogue { $($field:ident = $entry:path,)+ }
        set { $($(#[$own:meta])* $other:ident = $first:expr,)+ }
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct $name<F = f64> {
            $(
                #[doc = concat!("See the catalogue's `", stringify!($entry), "`.")]
                pub $field: F,
            )+
            $($(#[$own])* pub $other: F,)+
        }

        impl $name {
            /// Every value, `value` giving each parameter of the catalogue its own, such as
            /// `|parameter| parameter.value`.
            pub fn new(mut value: impl FnMut(&'static Parameter) -> f64) -> Self {
                Self { $($field: value(&$entry),)+ $($other: $first,)+ }
            }

            pub(super) fn lanes(patients: [&Self; LANES]) -> $name<Lanes> {
                $name {
                    $($field: Lanes(patients.map(|p| p.$field)),)+
                    $($other: Lanes(patients.map(|p| p.$other)),)+
                }
            }
        }
    };
}

group! {
    /// Parameters of the patient as a whole.
    Central {
        catalogue {
        to_tissue = patient::TO_TISSUE,
        to_blood = patient::TO_BLOOD,
        delivery = patient::DELIVERY,
        egress = patient::EGRESS,
        expansion = patient::EXPANSION,
        without_il15 = patient::EXPANSION_WITHOUT_IL15,
        encounter = patient::ENCOUNTER,
        crowding = patient::CROWDING,
        activation = patient::ACTIVATION,
        rest = patient::REST,
        exhaustion = patient::EXHAUSTION,
        suppression = patient::SUPPRESSION,
        suppression_half = patient::SUPPRESSION_HALF,
        effector_death = patient::EFFECTOR_DEATH,
        memory_death = patient::MEMORY_DEATH,
        exhausted_death = patient::EXHAUSTED_DEATH,
        homeostasis = patient::HOMEOSTASIS,
        kills = patient::KILLS,
        search = patient::SEARCH,
        bystander = patient::BYSTANDER,
        few = patient::FEW,
        lymphocytes_left = patient::LYMPHOCYTES_LEFT,
        lymphocytes_recovery = patient::LYMPHOCYTES_RECOVERY,
        lymphocytes = patient::LYMPHOCYTES,
        il15_base = patient::IL15_BASE,
        il15_high = patient::IL15_HIGH,
        il15_turnover = patient::IL15_TURNOVER,
        il15_half = patient::IL15_HALF,
        il6_production = patient::IL6_PRODUCTION,
        il6_decay = patient::IL6_DECAY,
        il6_base = patient::IL6_BASE,
        ifn_production = patient::IFN_PRODUCTION,
        ifn_decay = patient::IFN_DECAY,
        ifn_base = patient::IFN_BASE,
        rise_time = patient::RISE_TIME,
        neuro_time = patient::NEURO_TIME,
        severity_peak = patient::SEVERITY_PEAK,
        severity_rise = patient::SEVERITY_RISE,
        antibody_clearance = patient::ANTIBODY_CLEARANCE,
        antibody_half = patient::ANTIBODY_HALF,
        checkpoint = patient::CHECKPOINT_CD28,
        tocilizumab_clearance = patient::TOCILIZUMAB_CLEARANCE,
        tocilizumab_half = patient::TOCILIZUMAB_HALF,
        steroid_clearance = patient::STEROID_CLEARANCE,
        steroid_half = patient::STEROID_HALF,
        steroid_effect = patient::STEROID_EFFECT,
        il2_clearance = patient::IL2_CLEARANCE,
        il2_gain = patient::IL2_GAIN,
        adapter_clearance = patient::ADAPTER_CLEARANCE,
        adapter_half = patient::ADAPTER_HALF,
        blood_volume = patient::BLOOD_VOLUME,
        drug_volume = patient::DRUG_VOLUME,
        organ_cells = patient::ORGAN_CELLS,
        organ_share = patient::ORGAN_SHARE,
        organ_recovery = patient::ORGAN_RECOVERY,
        organ_reserve = patient::ORGAN_RESERVE,
        depot_exit = patient::DEPOT_EXIT,
        depot_entry = patient::DEPOT_ENTRY,
        }
        set {
        /// 1 if the product needs an adapter, else 0.
        needs_adapter = 0.0,
        /// Signal for lysis that the product reads on a cell of the organ at risk, 0 to 1.
        organ_lysis = 0.0,
        /// Part of the infused cells that is memory-like, 0 to 1.
        memory_share = 0.5,
        /// Part of the product in blood that enters a lesion that is followed elsewhere, /d.
        outside = 0.0,
        /// IFN-γ that comes to the blood from such a lesion, pg/mL/d.
        outside_ifn = 0.0,
        /// Effectors of such a lesion at full signal, after what steroids take of it, in 10⁹.
        outside_active = 0.0,
        }
    }
}

group! {
    /// Parameters of a lesion.
    LesionParameters {
        catalogue {
        doubling_time = patient::DOUBLING,
        capacity = patient::CAPACITY,
        antigen_loss = patient::LOSS,
        density = patient::TUMOUR_DENSITY,
        }
        set {
        /// Antigen-positive cells at the start.
        positive = 0.0,
        /// Antigen-negative cells at the start.
        negative = 0.0,
        /// Lysis signal on antigen-positive cells, 0 to 1.
        lysis_positive = 1.0,
        /// Lysis signal on antigen-negative cells.
        lysis_negative = 0.0,
        /// Signal for proliferation and cytokine on antigen-positive cells.
        cytokine_positive = 1.0,
        /// The same on antigen-negative cells.
        cytokine_negative = 0.0,
        /// Delivery to this lesion over that to a lesion with free access.
        access = 1.0,
        /// 1 if the lesion lies in the cavity into which the product is given, else 0.
        in_cavity = 0.0,
        /// 1 while the antigen-positive clone is drawn cell by cell and rests in the equations.
        few_positive = 0.0,
        /// The same of the antigen-negative clone.
        few_negative = 0.0,
        }
    }
}

/// Parameters of a patient with `L` lesions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameters<F, const L: usize> {
    /// Those of the patient as a whole.
    pub central: Central<F>,
    /// Those of each lesion.
    pub lesion: [LesionParameters<F>; L],
}

impl<const L: usize> Parameters<f64, L> {
    pub(super) fn lanes(patients: [&Self; LANES]) -> Parameters<Lanes, L> {
        Parameters {
            central: Central::lanes(patients.map(|p| &p.central)),
            lesion: std::array::from_fn(|l| LesionParameters::lanes(patients.map(|p| &p.lesion[l]))),
        }
    }
}

impl Central {
    /// Gives the product the exhaustion and the sensitivity to PD-1 of its co-stimulatory domains.
    pub fn costimulate(
        &mut self,
        costimulation: Costimulation,
        mut value: impl FnMut(&'static Parameter) -> f64,
    ) {
        match costimulation {
            Costimulation::Cd28 | Costimulation::None => {}
            Costimulation::FourOneBb | Costimulation::Both => {
                self.exhaustion *= value(&patient::COSTIMULATION_41BB);
                self.checkpoint = value(&patient::CHECKPOINT_41BB);
            }
        }
    }
}
