//! Product cells that come from a patient's blood and go back, between steps, as counted by whoever follows the patient.
//!
//! Newcomers enter where the study says that cells from blood enter. Of the live memory-like and effector cells that
//! hold nobody, each leaves with probability `1 − e^(−k_e Δt)` (as the patient's other lesions lose `k_e` per day), on
//! its way to lymphoid organs; exhausted cells stay, as there.

use perforin_core::rng::{Purpose, Stream};

use crate::arrival::{Site, newcomer};
use crate::budget::count_marks;
use crate::cells::{Stage, UNBOUND};
use crate::events::{Cause, Event, EventKind};
use crate::lesion::{Lesion, State};
use crate::model::EntrySite;

/// Which cells a lesion exchanges with a patient, and where they enter.
#[derive(Clone, Copy, Debug)]
pub struct Traffic {
    /// Cell type.
    pub kind: usize,
    /// Where cells enter.
    pub site: EntrySite,
}

impl Lesion {
    /// Lets memory-like, effector and exhausted cells of the product enter now; none if the lesion exchanges no cells.
    pub fn admit(&mut self, cells: [u64; 3]) {
        let Some(Traffic { kind, site }) = self.model.traffic else { return };
        if cells == [0; 3] {
            return;
        }
        let State { cells: there, fields, next_id, time, tally, .. } = &mut self.state;
        let site = Site::of(&self.model, fields, there, site);
        for (stage, count) in [Stage::MemoryLike, Stage::Effector, Stage::Exhausted].into_iter().zip(cells) {
            for _ in 0..count {
                let mut cell = newcomer(&self.model, kind, &site, *next_id);
                *next_id += 1;
                cell.stage = stage as u8;
                if stage == Stage::Exhausted {
                    cell.exhaustion = 1.0;
                }
                there.push(&cell);
                let event = Event::of(EventKind::Arrival, Cause::Blood, *time, there, there.len() - 1);
                tally[kind][event.kind as usize][event.cause as usize] += 1;
                self.events.push(event);
            }
        }
    }

    /// Lets each free memory-like and effector cell of the product leave with probability `share`; how many did.
    pub fn release(&mut self, share: f64) -> [u64; 2] {
        let Some(Traffic { kind, .. }) = self.model.traffic else { return [0; 2] };
        let State { cells, time, step, tally, past, .. } = &mut self.state;
        let stream = Stream::new(self.model.seed, Purpose::Departure);
        let mut left = [0; 2];
        let mut kept = Vec::with_capacity(cells.len());
        for i in 0..cells.len() {
            let place = [Stage::MemoryLike, Stage::Effector].iter().position(|s| *s as u8 == cells.stage[i]);
            let is_free = usize::from(cells.kind[i]) == kind && cells.is_live(i) && cells.bond[i] == UNBOUND;
            match place.filter(|_| is_free && stream.at(cells.id[i], *step).uniform() < share) {
                None => kept.push(i as u32),
                Some(place) => {
                    left[place] += 1;
                    count_marks(&mut past[kind], cells.marks[i]);
                    let event = Event::of(EventKind::Departure, Cause::Course, *time, cells, i);
                    tally[kind][event.kind as usize][event.cause as usize] += 1;
                    self.events.push(event);
                }
            }
        }
        if left != [0; 2] {
            let before = cells.len();
            cells.reorder(&kept);
            cells.rename_bonds(&kept, before);
        }
        left
    }
}
