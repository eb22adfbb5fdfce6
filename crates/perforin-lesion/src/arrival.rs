//! Product cells enter the lesion.
//!
//! Of the cells that reach the lesion after an infusion, `N·(1 − e^(−t/τ))` have entered by time `t`, or the
//! integral of a given course in blood; both are counted in whole cells, so that the number that enters does not
//! depend on the step. Where each enters is drawn: on a shell around the tumour, anywhere outside it, in an injected ball, or at a vessel,
//! which is chosen `1 + w·c/(c + 1)` times as often where the chemokine is `c`.

use perforin_core::rng::{Draw, Purpose, Stream};

use crate::cells::{Cell, Cells, Stage, UNBOUND, radius_of};
use crate::events::{Cause, Event, EventKind};
use crate::fields::Field;
use crate::lymphocyte;
use crate::model::{Arrival, CellType, EntrySite, Model, Pace, Role};
use crate::neighbours::distance2;

/// Lets cells enter that are due between `from` and `to`, min. Each call must begin where the one before ended, to
/// the bit, or a cell is lost or doubled.
pub fn enter(
    model: &Model,
    fields: &[Field],
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
        let site = Site::of(model, fields, cells, arrival.site);
        for _ in 0..due {
            let cell = newcomer(model, arrival.kind, &site, *next_id);
            *next_id += 1;
            cells.push(&cell);
            let cause = match arrival.site {
                EntrySite::Injection { .. } => Cause::Injection,
                _ => Cause::Blood,
            };
            events.push(Event::of(EventKind::Arrival, cause, from, cells, cells.len() - 1));
        }
    }
}

/// Endogenous T cells that `killed` tumour cells prime enter around the tumour, at step number `step`.
pub fn spread(
    model: &Model,
    fields: &[Field],
    cells: &mut Cells,
    next_id: &mut u64,
    (killed, step, time): (u64, u32, f64),
    events: &mut Vec<Event>,
) {
    let Some((each, kind)) = model.treatments.epitope_spreading else { return };
    let count = Stream::new(model.seed, Purpose::Arrival).at(u64::MAX, step).poisson(each * killed as f64);
    if count == 0 {
        return;
    }
    let site = Site::of(model, fields, cells, EntrySite::Surface { gap: 0.0 });
    for _ in 0..count {
        let cell = newcomer(model, kind, &site, *next_id);
        *next_id += 1;
        cells.push(&cell);
        events.push(Event::of(EventKind::Arrival, Cause::EpitopeSpreading, time, cells, cells.len() - 1));
    }
}

impl Arrival {
    /// Number of cells that have entered before `time`, min.
    pub fn entered_by(&self, time: f64) -> u64 {
        match &self.pace {
            Pace::Exponential { count, start, over } => {
                let since = time - start;
                if since <= 0.0 {
                    0
                } else if *over <= 0.0 {
                    *count
                } else {
                    (*count as f64 * (1.0 - libm::exp(-since / over))).round() as u64
                }
            }
            Pace::Blood { time: at, rate } => integral(at, rate, time).round() as u64,
        }
    }

    /// Number of cells that enter in the end.
    pub fn total(&self) -> u64 {
        match &self.pace {
            Pace::Exponential { count, .. } => *count,
            Pace::Blood { .. } => self.entered_by(f64::INFINITY),
        }
    }
}

/// Integral up to `end` of straight lines through the values at the times `at`.
fn integral(at: &[f64], value: &[f64], end: f64) -> f64 {
    let pieces = at.windows(2).zip(value.windows(2)).take_while(|(t, _)| t[0] < end);
    pieces
        .map(|(t, v)| {
            let until = t[1].min(end);
            let at_end = v[0] + (v[1] - v[0]) * (until - t[0]) / (t[1] - t[0]);
            0.5 * (v[0] + at_end) * (until - t[0])
        })
        .sum()
}

/// Where newcomers are put, made ready for many of them.
enum Site {
    Shell {
        distance: f64,
    },
    Around {
        distance: f64,
    },
    Ball {
        centre: [f64; 3],
        radius: f64,
    },
    /// Voxels of vessels, and their cumulated weights.
    Vessels {
        voxel: Vec<u32>,
        weight: Vec<f64>,
    },
}

impl Site {
    fn of(model: &Model, fields: &[Field], cells: &Cells, site: EntrySite) -> Self {
        match site {
            EntrySite::Surface { gap } => Self::Shell { distance: tumour_extent(model, cells) + gap },
            EntrySite::Around { gap } => Self::Around { distance: tumour_extent(model, cells) + gap },
            EntrySite::Injection { centre, radius } => Self::Ball { centre, radius },
            EntrySite::Vessels { weight: extra } => {
                let mut sum = 0.0;
                let weight = model.vessels.voxels.iter().map(|&v| {
                    let c = model.chemokine.map_or(0.0, |field| fields[field].value[v as usize].max(0.0));
                    sum += 1.0 + extra * c / (c + 1.0);
                    sum
                });
                Self::Vessels { weight: weight.collect(), voxel: model.vessels.voxels.clone() }
            }
        }
    }

    fn place(&self, model: &Model, draw: &mut Draw) -> [f64; 3] {
        if let Self::Around { distance } = self {
            return around(model, *distance, draw);
        }
        let direction = draw.direction();
        let (centre, distance) = match self {
            Self::Shell { distance } | Self::Around { distance } => (model.grid.centre(), *distance),
            Self::Ball { centre, radius } => (*centre, radius * libm::cbrt(draw.uniform())),
            Self::Vessels { voxel, weight } => {
                let at = draw.uniform() * weight.last().copied().unwrap_or(0.0);
                let k = weight.partition_point(|w| *w < at).min(voxel.len() - 1);
                (model.grid.centre_of(voxel[k] as usize), 0.4 * model.grid.spacing)
            }
        };
        let (lower, upper) = (model.grid.origin, model.grid.upper());
        std::array::from_fn(|a| (centre[a] + distance * direction[a]).clamp(lower[a] + 1.0, upper[a] - 1.0))
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

fn newcomer(model: &Model, kind: usize, site: &Site, id: u64) -> Cell {
    let mut draw = Stream::new(model.seed, Purpose::Arrival).at(id, 0);
    let position = site.place(model, &mut draw);
    let mut cell = grown_cell(&model.types[kind], kind, id, position);
    lymphocyte::equip(model, &mut cell);
    cell
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
        lysis_signal: 0.0,
        cytokine_signal: 0.0,
        drive: 0.0,
        checkpoint_signal: 0.0,
        stage: Stage::Effector as u8,
        cd4: 0,
        specificity: 0,
        marks: 0,
        divisions_left: u8::MAX,
        exhaustion: 0.0,
        receptors_made: 1.0,
        receptors_shown: 1.0,
        priming: 1.0,
        pd_l1: cell_type.defence.pd_l1.map_or(0.0, |p| p.resting) as f32,
        clone: 0,
        infected: -1.0,
        density: Vec::new(),
        inherited: Vec::new(),
    }
}
