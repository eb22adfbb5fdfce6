//! Product cells enter the lesion.
//!
//! Of the cells that reach the lesion after an infusion, `N·(1 − e^(−t/τ))` have entered by time `t`, counted in
//! whole cells, so that the number that enters does not depend on the step. Where each enters is drawn.

use perforin_core::rng::{Draw, Purpose, Stream};

use crate::cells::{Cell, Cells, UNBOUND, radius_of};
use crate::events::{Event, EventKind};
use crate::model::{Arrival, CellType, EntrySite, Model, Role};
use crate::neighbours::distance2;

/// Lets cells enter that are due between `from` and `to`, min. Each call must begin where the one before ended, to
/// the bit, or a cell is lost or doubled.
pub fn enter(
    model: &Model,
    cells: &mut Cells,
    next_id: &mut u64,
    (from, to): (f64, f64),
    events: &mut Vec<Event>,
) {
    for arrival in &model.arrivals {
        let due = arrival.entered_by(to) - arrival.entered_by(from);
        if due == 0 {
            continue;
        }
        let extent = tumour_extent(model, cells);
        for _ in 0..due {
            let cell = newcomer(model, arrival, extent, *next_id);
            *next_id += 1;
            cells.push(&cell);
            events.push(Event::of(EventKind::Arrival, from, cells, cells.len() - 1));
        }
    }
}

impl Arrival {
    /// Number of cells that have entered before `time`, min.
    pub fn entered_by(&self, time: f64) -> u64 {
        let since = time - self.start;
        if since <= 0.0 {
            return 0;
        }
        if self.over <= 0.0 {
            return self.count;
        }
        (self.count as f64 * (1.0 - libm::exp(-since / self.over))).round() as u64
    }
}

/// Distance of the outermost live tumour cell from the centre of the box, µm.
fn tumour_extent(model: &Model, cells: &Cells) -> f64 {
    let centre = model.grid.centre();
    (0..cells.len())
        .filter(|&i| cells.is_live(i) && model.types[usize::from(cells.kind[i])].role == Role::Tumour)
        .map(|i| distance2(cells.position[i], centre))
        .fold(0.0, f64::max)
        .sqrt()
}

fn newcomer(model: &Model, arrival: &Arrival, extent: f64, id: u64) -> Cell {
    let mut draw = Stream::new(model.seed, Purpose::Arrival).at(id, 0);
    let (lower, upper) = (model.grid.origin, model.grid.upper());
    let at = |centre: [f64; 3], distance: f64, direction: [f64; 3]| {
        std::array::from_fn(|a| (centre[a] + distance * direction[a]).clamp(lower[a] + 1.0, upper[a] - 1.0))
    };
    let position = match arrival.site {
        EntrySite::Surface { gap } => at(model.grid.centre(), extent + gap, draw.direction()),
        EntrySite::Around { gap } => around(model, extent + gap, &mut draw),
        EntrySite::Injection { centre, radius } => {
            let direction = draw.direction();
            at(centre, radius * libm::cbrt(draw.uniform()), direction)
        }
    };
    grown_cell(&model.types[arrival.kind], arrival.kind, id, position)
}

/// Most positions that are tried; a tumour that leaves a hundredth of its box free misses with probability 1e-44.
const MOST_TRIES: usize = 10_000;

/// A position uniform over the part of the box that is at least `distance` from its centre; if that part is hardly
/// there, the last one tried.
fn around(model: &Model, distance: f64, draw: &mut Draw) -> [f64; 3] {
    let (lower, upper, centre) = (model.grid.origin, model.grid.upper(), model.grid.centre());
    let mut position = centre;
    for _ in 0..MOST_TRIES {
        position = std::array::from_fn(|a| lower[a] + draw.uniform() * (upper[a] - lower[a]));
        if distance2(position, centre) >= distance * distance {
            break;
        }
    }
    position
}

/// A grown, live cell of a type, with no antigen.
pub fn grown_cell(cell_type: &CellType, kind: usize, id: u64, position: [f64; 3]) -> Cell {
    let volume = &cell_type.volume;
    Cell {
        id,
        kind: kind as u8,
        condition: 0,
        position,
        velocity: [0.0; 3],
        moved: 0,
        radius: radius_of(volume.total),
        fluid: volume.total * volume.fluid_fraction,
        nucleus: volume.nucleus,
        cytoplasm: volume.cytoplasm,
        pressure: 0.0,
        phase: 0,
        phase_time: 0.0,
        damage: 0.0,
        damage_time: 0.0,
        bond: UNBOUND,
        heading: [0.0; 3],
        next_turn: 0.0,
        turns: 0,
        stimulus: 0.0,
        density: Vec::new(),
    }
}
