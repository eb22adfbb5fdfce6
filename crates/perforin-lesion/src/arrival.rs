//! Product cells enter the lesion.
//!
//! Of the cells that reach the lesion after an infusion, `N·(1 − e^(−t/τ))` have entered by time `t`, or the
//! integral of a given course in blood; both are counted in whole cells, so that the number that enters does not
//! depend on the step. Where each enters is drawn: at the tumour's edge, anywhere outside it, in an injected ball, or at
//! a vessel, which is chosen `1 + w·c/(c + 1)` times as often where the chemokine is `c`. The edge is a shell around a
//! sphere and a plane over a face; between scattered pieces cells enter in any voxel of stroma.

use perforin_core::rng::{Draw, Purpose, Stream};

use crate::cells::{Cell, Cells, Stage, UNBOUND, radius_of};
use crate::events::{Cause, Event, EventKind};
use crate::fields::Field;
use crate::lymphocyte;
use crate::model::{Arrival, CellType, Edge, EntrySite, Model, Pace, Role};
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
pub(crate) enum Site {
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
    Plane {
        height: f64,
    },
    /// Any of these voxels, at least one.
    Stroma {
        voxel: Vec<u32>,
    },
    /// Voxels of vessels, and their cumulated weights.
    Vessels {
        voxel: Vec<u32>,
        weight: Vec<f64>,
    },
}

impl Site {
    pub(crate) fn of(model: &Model, fields: &[Field], cells: &Cells, site: EntrySite) -> Self {
        match site {
            EntrySite::Surface { gap } => match model.edge {
                Edge::Sphere => Self::Shell { distance: tumour_extent(model, cells) + gap },
                Edge::Face => Self::Plane { height: tumour_top(model, cells) + gap },
                Edge::Scattered => Self::stroma(model, cells, gap),
                Edge::None => Self::vessels(model, fields, cells, 0.0),
            },
            EntrySite::Around { gap } => match model.edge {
                Edge::Sphere => Self::Around { distance: tumour_extent(model, cells) + gap },
                Edge::Face | Edge::Scattered => Self::stroma(model, cells, gap),
                Edge::None => Self::vessels(model, fields, cells, 0.0),
            },
            EntrySite::Injection { centre, radius } => Self::Ball { centre, radius },
            EntrySite::Vessels { weight } => Self::vessels(model, fields, cells, weight),
        }
    }

    fn vessels(model: &Model, fields: &[Field], cells: &Cells, extra: f64) -> Self {
        if model.vessels.voxels.is_empty() {
            return Self::stroma(model, cells, 0.0);
        }
        let mut sum = 0.0;
        let weight = model.vessels.voxels.iter().map(|&v| {
            let c = model.chemokine.map_or(0.0, |field| fields[field].value[v as usize].max(0.0));
            sum += 1.0 + extra * c / (c + 1.0);
            sum
        });
        Self::Vessels { weight: weight.collect(), voxel: model.vessels.voxels.clone() }
    }

    /// The voxels farther than `gap` from every voxel with a live tumour cell; all voxels if there is none.
    fn stroma(model: &Model, cells: &Cells, gap: f64) -> Self {
        let mut held = vec![false; model.grid.len()];
        live_tumour(model, cells).for_each(|i| held[model.grid.voxel_at(cells.position[i])] = true);
        let near = model.grid.voxels_near(&held, gap);
        let all = 0..model.grid.len() as u32;
        let below = |v: &u32| model.grid.centre_of(*v as usize)[2] <= model.ceiling;
        let free: Vec<u32> = all.clone().filter(|v| !near[*v as usize] && below(v)).collect();
        Self::Stroma { voxel: if free.is_empty() { all.collect() } else { free } }
    }

    fn place(&self, model: &Model, draw: &mut Draw) -> [f64; 3] {
        let (lower, mut upper) = (model.grid.origin, model.grid.upper());
        upper[2] = upper[2].min(model.ceiling);
        let within = |p: [f64; 3]| std::array::from_fn(|a| p[a].max(lower[a] + 1.0).min(upper[a] - 1.0));
        let beside = |centre: [f64; 3], distance: f64, direction: [f64; 3]| {
            within(std::array::from_fn(|a| centre[a] + distance * direction[a]))
        };
        match self {
            Self::Around { distance } => around(model, *distance, draw),
            Self::Shell { distance } => beside(model.grid.centre(), *distance, draw.direction()),
            Self::Ball { centre, radius } => {
                let direction = draw.direction();
                beside(*centre, radius * libm::cbrt(draw.uniform()), direction)
            }
            Self::Plane { height } => {
                let mut over = |a: usize| lower[a] + draw.uniform() * (upper[a] - lower[a]);
                within([over(0), over(1), *height])
            }
            Self::Stroma { voxel } => {
                let centre = model.grid.centre_of(voxel[draw.below(voxel.len() as u64) as usize] as usize);
                within(centre.map(|c| c + (draw.uniform() - 0.5) * model.grid.spacing))
            }
            Self::Vessels { voxel, weight } => {
                let direction = draw.direction();
                let at = draw.uniform() * weight.last().copied().unwrap_or(0.0);
                let k = weight.partition_point(|w| *w < at).min(voxel.len() - 1);
                beside(model.grid.centre_of(voxel[k] as usize), 0.4 * model.grid.spacing, direction)
            }
        }
    }
}

/// Places of the live tumour cells.
fn live_tumour<'a>(model: &'a Model, cells: &'a Cells) -> impl Iterator<Item = usize> + 'a {
    (0..cells.len())
        .filter(|&i| cells.is_live(i) && model.types[usize::from(cells.kind[i])].role == Role::Tumour)
}

/// Height of the top of the highest live tumour cell, µm; the floor of the box without one.
fn tumour_top(model: &Model, cells: &Cells) -> f64 {
    let top = |i: usize| cells.position[i][2] + cells.radius[i];
    live_tumour(model, cells).map(top).fold(model.grid.origin[2], f64::max)
}

/// Distance of the outermost live tumour cell from the centre of the box, µm.
fn tumour_extent(model: &Model, cells: &Cells) -> f64 {
    let centre = model.grid.centre();
    live_tumour(model, cells).map(|i| distance2(cells.position[i], centre)).fold(0.0, f64::max).sqrt()
}

/// A cell of a type that enters.
pub(crate) fn newcomer(model: &Model, kind: usize, site: &Site, id: u64) -> Cell {
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
