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
}

impl EventKind {
    /// All kinds, in the order of their numbers.
    pub const ALL: [Self; 9] = [
        Self::Arrival,
        Self::Attachment,
        Self::Detachment,
        Self::Kill,
        Self::Division,
        Self::Apoptosis,
        Self::Necrosis,
        Self::Lysis,
        Self::Cleared,
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
        }
    }
}

/// Something that happened to a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// When, min.
    pub time: f64,
    /// What.
    pub kind: EventKind,
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
    pub fn of(kind: EventKind, time: f64, cells: &Cells, i: usize) -> Self {
        Self::by(kind, time, cells, i, i)
    }

    /// An event that cell `by` brought on cell `i`.
    pub fn by(kind: EventKind, time: f64, cells: &Cells, i: usize, by: usize) -> Self {
        Self {
            time,
            kind,
            cell_type: cells.kind[i],
            cell: cells.id[i],
            by: cells.id[by],
            position: cells.position[i],
        }
    }
}
