//! Product cells that come from a patient's blood and go back, between steps, as counted by whoever follows the patient.
//!
//! Newcomers enter where the study says that cells from blood enter. Of the live memory-like and effector cells that
//! hold nobody, each leaves with probability `1 − e^(−k_e Δt)` (as the patient's other lesions lose `k_e` per day), on
//! its way to lymphoid organs; exhausted cells stay, as there.
//!
//! Of the IFN-γ that is secreted in the lesion, tumour cells take up a part; what tissue that is not followed takes up, or
//! what passes the faces of the box, has [left](Cytokine::left) for the body. How active the product was is counted
//! apart: cells times their cytokine signal times time.

use perforin_core::ordered;
use perforin_core::rng::{Purpose, Stream};

use crate::arrival::{Site, newcomer};
use crate::budget::count_marks;
use crate::cells::{Stage, UNBOUND};
use crate::events::{Cause, Event, EventKind};
use crate::fields::Exchange;
use crate::lesion::{Lesion, State};
use crate::model::EntrySite;

/// Which cells a lesion exchanges with a patient, and where they enter.
#[derive(Clone, Copy, Debug)]
pub struct Traffic {
    /// Cell type.
    pub kind: usize,
    /// Where cells enter.
    pub site: EntrySite,
    /// Place of IFN-γ among the substances, if it is followed.
    pub ifn_gamma: Option<usize>,
}

/// IFN-γ of a lesion and the activity of its product, from the beginning until now.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cytokine {
    /// Secreted, pg.
    pub secreted: f64,
    /// Taken up by cells, pg.
    pub taken_up: f64,
    /// In the tissue, pg.
    pub present: f64,
    /// Left for the body, pg.
    pub left: f64,
    /// Product cells times their cytokine signal times time, cell·d.
    pub active: f64,
}

/// Picograms in pg/mL times µm³: a millilitre is 10¹² µm³.
const PICOGRAMS: f64 = 1e-12;

impl Lesion {
    /// Its IFN-γ and the activity of its product so far; nothing of a lesion that exchanges no cells.
    pub fn cytokine(&self) -> Cytokine {
        let Some(Traffic { ifn_gamma, .. }) = self.model.traffic else { return Cytokine::default() };
        let active = self.state.activity / 1440.0;
        let Some(s) = ifn_gamma else { return Cytokine { active, ..Cytokine::default() } };
        let value = &self.state.fields[s].value;
        let present = ordered::sum(value.len(), |i| value[i]) * self.model.grid.voxel_volume();
        let Exchange { added, entered, decayed, taken_up, .. } = self.state.exchanged[s];
        Cytokine {
            secreted: PICOGRAMS * added,
            taken_up: PICOGRAMS * taken_up,
            present: PICOGRAMS * present,
            left: PICOGRAMS * (decayed - entered),
            active,
        }
    }

    /// Adds a phenotype step to the time that product cells have spent at a full cytokine signal.
    pub(crate) fn keep_activity(&mut self) {
        let Some(Traffic { kind, .. }) = self.model.traffic else { return };
        let cells = &self.state.cells;
        let is_product = |i: &usize| usize::from(cells.kind[*i]) == kind && cells.is_live(*i);
        let active: f64 =
            (0..cells.len()).filter(is_product).map(|i| f64::from(cells.cytokine_signal[i])).sum();
        self.state.activity += active * self.model.numerics.phenotype_step;
    }

    /// Lets memory-like, effector and exhausted cells of the product enter now; none if the lesion exchanges no cells.
    pub fn admit(&mut self, cells: [u64; 3]) {
        let Some(Traffic { kind, site, .. }) = self.model.traffic else { return };
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
