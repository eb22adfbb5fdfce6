//! What happened to single cells, in order.

use serde::Serialize;

use crate::cells::Cells;

/// Kinds of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum EventKind {
    /// A product cell entered the lesion.
    Arrival = 0,
    /// A synapse was formed.
    Attachment = 1,
    /// A synapse ended without a kill.
    Detachment = 2,
    /// A cell was killed through a synapse.
    Kill = 3,
    /// A cell divided.
    Division = 4,
    /// A cell died by itself.
    Apoptosis = 5,
    /// A cell began to die for lack of oxygen.
    Necrosis = 6,
    /// A swollen cell burst.
    Lysis = 7,
    /// Remains were cleared.
    Cleared = 8,
    /// A lymphocyte stopped dividing.
    Arrest = 9,
    /// A virus infected a cell.
    Infection = 10,
    /// A product cell left the lesion.
    Departure = 11,
}

impl EventKind {
    /// All kinds, in the order of their numbers.
    pub const ALL: [Self; 12] = [
        Self::Arrival,
        Self::Attachment,
        Self::Detachment,
        Self::Kill,
        Self::Division,
        Self::Apoptosis,
        Self::Necrosis,
        Self::Lysis,
        Self::Cleared,
        Self::Arrest,
        Self::Infection,
        Self::Departure,
    ];

    /// Name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Arrival => "arrival",
            Self::Attachment => "attachment",
            Self::Detachment => "detachment",
            Self::Kill => "kill",
            Self::Division => "division",
            Self::Apoptosis => "apoptosis",
            Self::Necrosis => "necrosis",
            Self::Lysis => "lysis",
            Self::Cleared => "cleared",
            Self::Arrest => "arrest",
            Self::Infection => "infection",
            Self::Departure => "departure",
        }
    }
}

/// Declares the causes once: number, name in tables, and meaning.
macro_rules! causes {
    ($($id:ident $name:literal $meaning:literal;)+) => {
        /// Why something happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        #[serde(rename_all = "kebab-case")]
        #[repr(u8)]
        pub enum Cause {
            $(#[doc = $meaning] $id,)+
        }

        impl Cause {
            /// All causes, in the order of their numbers.
            pub const ALL: &[Self] = &[$(Self::$id,)+];

            /// Name in tables.
            pub fn name(self) -> &'static str {
                match self { $(Self::$id => $name,)+ }
            }

            /// What it means.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$id => $meaning,)+ }
            }
        }
    };
}

causes! {
    Course "" "In the ordinary course of things.";
    Synapse "synapse" "Hits through a synapse.";
    Bystander "bystander" "Fas ligand of an attacker that holds a neighbour.";
    IfnGamma "ifn-gamma" "IFN-γ.";
    Blood "blood" "Came with the blood.";
    Injection "injection" "Was injected into the lesion or its cavity.";
    EpitopeSpreading "epitope-spreading" "Endogenous T cell primed by killed tumour cells.";
    TargetDied "target-died" "The target died otherwise, or another attacker killed it.";
    TornApart "torn-apart" "The two cells were torn apart.";
    WeakSignal "weak-signal" "The synapse ended without a kill: antigen or receptors gave less than half of the full signal.";
    Exhausted "exhausted" "The same: exhaustion took most of what was lost.";
    Checkpoint "checkpoint" "The same: PD-1 took most of what was lost.";
    Suppressed "suppressed" "The same: suppressive cells or substances took most of what was lost.";
    Unfinished "unfinished" "The same: at a good signal, the synapse was too short.";
    ActivationInduced "activation-induced" "Death by strong stimulation.";
    Starved "starved" "Death of an effector cell without signal and IL-2.";
    Counterattack "counterattack" "Death by Fas ligand of tumour cells.";
    Switch "safety-switch" "Death by the safety switch.";
    Radiation "radiation" "Death by radiotherapy.";
    Depletion "lymphodepletion" "Death by lymphodepletion.";
    Virus "virus" "Oncolytic virus.";
    ProgrammeOver "programme-over" "All divisions that the activation allowed were done.";
}

/// Numbers of events of one cell type, for each kind and each cause.
pub type Tally = [[u64; Cause::ALL.len()]; EventKind::ALL.len()];

/// No events.
pub const NO_EVENTS: Tally = [[0; Cause::ALL.len()]; EventKind::ALL.len()];

/// Number of events of a kind, whatever the cause.
pub fn of_kind(tally: &Tally, kind: EventKind) -> u64 {
    tally[kind as usize].iter().sum()
}

/// Something that happened to a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// When, min.
    pub time: f64,
    /// What.
    pub kind: EventKind,
    /// Why.
    pub cause: Cause,
    /// Type of the cell that it happened to.
    pub cell_type: u8,
    /// The cell that it happened to.
    pub cell: u64,
    /// The cell that did it, or the same cell.
    pub by: u64,
    /// Where, µm.
    pub position: [f64; 3],
}

impl Event {
    /// An event that cell `i` underwent by itself.
    pub fn of(kind: EventKind, cause: Cause, time: f64, cells: &Cells, i: usize) -> Self {
        Self::by(kind, cause, time, cells, i, i)
    }

    /// An event that cell `by` brought on cell `i`.
    pub fn by(kind: EventKind, cause: Cause, time: f64, cells: &Cells, i: usize, by: usize) -> Self {
        Self {
            time,
            kind,
            cause,
            cell_type: cells.kind[i],
            cell: cells.id[i],
            by: cells.id[by],
            position: cells.position[i],
        }
    }
}
