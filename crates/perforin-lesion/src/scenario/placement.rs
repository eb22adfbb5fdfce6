//! Where cells are at the start.

use perforin_core::rng::{Draw, Purpose, Stream};
use perforin_core::study::StudyFile;
use perforin_core::study::cell::{PlacementSection, Shape as CellShape};
use perforin_core::study::lesion::Arrangement;

use super::packing::{hexagonal_ball, hexagonal_disc, lattice, packed_box};
use super::shape::{MOST_CELLS, Shape};
use super::{Notes, antigens, infiltrate};
use crate::arrival::grown_cell;
use crate::cells::{Cells, radius_of};
use crate::lymphocyte;
use crate::model::{Edge, Model};
use crate::neighbours::distance2;

/// Places the cells of every type and gives them their antigens.
pub(super) fn place(study: &StudyFile, shape: &Shape, model: &Model, notes: &mut Notes) -> Cells {
    let mut cells = Cells::new(model.antigens.len());
    for kind in 0..model.types.len() {
        let first = cells.len();
        for position in positions(study, shape, model, kind, &cells, notes) {
            let id = cells.len() as u64;
            let mut cell = grown_cell(&model.types[kind], kind, id, position);
            cell.phase = starting_phase(model, kind, id);
            lymphocyte::equip(model, &mut cell);
            cells.push(&cell);
        }
        let members: Vec<usize> = (first..cells.len()).collect();
        antigens::assign(study, model, kind, &members, &mut cells, notes);
        if let Some(imported) = shape.imported {
            // The cells of a file come first among those of their type.
            imported.set_antigens(model, kind, first, &mut cells);
        }
        antigens::finish(study, model, kind, &members, &mut cells, notes);
    }
    cells
}

/// Cells start in all phases of their cycle, in proportion to the phases' durations.
fn starting_phase(model: &Model, kind: usize, id: u64) -> u8 {
    let Some(cycle) = &model.types[kind].cycle else { return 0 };
    let total: f64 = cycle.phases.iter().map(|p| p.duration).sum();
    let mut left = Stream::new(model.seed, Purpose::Desynchronise).at(id, 0).uniform() * total;
    for (k, phase) in cycle.phases.iter().enumerate() {
        left -= phase.duration;
        if left < 0.0 {
            return k as u8;
        }
    }
    0
}

fn positions(
    study: &StudyFile,
    shape: &Shape,
    model: &Model,
    kind: usize,
    cells: &Cells,
    notes: &mut Notes,
) -> Vec<[f64; 3]> {
    let cell_type = &model.types[kind];
    let radius = radius_of(cell_type.volume.total);
    let placement = study.lesion.cell.get(&cell_type.name).and_then(|c| c.placement.as_ref());
    let path = format!("lesion.cell.{}.placement", cell_type.name);
    if let Some(placement) = placement {
        return declared(placement, &path, shape, model, (kind, radius), cells, notes);
    }
    let mut positions = shape.imported.map_or(Vec::new(), |cells| shape.places_of(cells, &cell_type.name));
    match (cell_type.name.as_str(), shape.normal) {
        ("tumour", _) => positions.extend_from_slice(&shape.tumour),
        ("normal", Some((_, thickness))) if shape.edge == Edge::Face => {
            let (lower, mut upper) = (shape.grid.origin, shape.grid.upper());
            upper[2] = lower[2] + thickness;
            positions.extend(packed_box(lower, upper, radius));
        }
        ("normal", Some((gap, thickness))) => {
            let from = 0.5 * shape.breadth + gap;
            let arrangement = study.lesion.normal_tissue.as_ref().map(|n| n.arrangement).unwrap_or_default();
            positions.extend(normal_tissue(shape, arrangement, from, from + thickness, radius));
        }
        _ => positions.extend(infiltrate::positions(study, shape, model, kind, cells, notes)),
    }
    positions
}

/// Healthy tissue between the distances `from` and `to` of the centre of the box.
fn normal_tissue(shape: &Shape, arrangement: Arrangement, from: f64, to: f64, radius: f64) -> Vec<[f64; 3]> {
    let (lower, upper, centre) = (shape.grid.origin, shape.grid.upper(), shape.grid.centre());
    let inside = |p: &[f64; 3]| {
        let distance = match arrangement {
            Arrangement::Slab => centre[2] - p[2],
            Arrangement::Shell => distance2(*p, centre).sqrt(),
        };
        distance >= from
            && distance < to
            && (0..3).all(|a| p[a] > lower[a] + radius && p[a] < upper[a] - radius)
    };
    let half = (0..3).map(|a| 0.5 * (upper[a] - lower[a])).fold(0.0, f64::max);
    lattice(centre, [half; 3], radius).filter(inside).collect()
}

fn declared(
    placement: &PlacementSection,
    path: &str,
    shape: &Shape,
    model: &Model,
    (kind, radius): (usize, f64),
    cells: &Cells,
    notes: &mut Notes,
) -> Vec<[f64; 3]> {
    let mut need = |given: Option<f64>, key: &str| {
        given.unwrap_or_else(|| {
            notes.wrong(path, format!("this shape needs `{key}`"), format!("give `{key}`"));
            0.0
        })
    };
    let centre = shape.grid.centre();
    let stream = Stream::new(model.seed, Purpose::Placement);
    let scatter = |count: f64, position: &dyn Fn(&mut Draw) -> [f64; 3]| -> Vec<[f64; 3]> {
        (0..count as u64).map(|k| position(&mut stream.at((kind as u64) << 40 | k, 0))).collect()
    };
    match placement.shape {
        CellShape::Ball => {
            hexagonal_ball(centre, 0.5 * need(placement.diameter.map(|d| d.value()), "diameter"), radius)
        }
        CellShape::Disc => {
            hexagonal_disc(centre, 0.5 * need(placement.diameter.map(|d| d.value()), "diameter"), radius)
        }
        CellShape::Shell => {
            let thickness = need(placement.thickness.map(|t| t.value()), "thickness");
            let count = need(placement.count.map(f64::from), "count");
            let extent =
                (0..cells.len()).map(|i| distance2(cells.position[i], centre)).fold(0.0, f64::max).sqrt();
            let from = extent + placement.gap.map_or(0.0, |g| g.value());
            let to = from + thickness;
            let nearest_face = (0..3).map(|a| centre[a] - shape.grid.origin[a]).fold(f64::INFINITY, f64::min);
            if to > nearest_face {
                notes.wrong(
                    path,
                    format!("the shell ends {to} µm from the centre, outside of the box"),
                    "make the box larger or the shell thinner",
                );
            }
            let cube = |r: f64| r * r * r;
            scatter(count, &|draw| {
                let r = libm::cbrt(cube(from) + draw.uniform() * (cube(to) - cube(from)));
                let direction = draw.direction();
                std::array::from_fn(|a| centre[a] + r * direction[a])
            })
        }
        CellShape::Scatter => {
            let count = need(placement.count.map(f64::from), "count");
            let (lower, upper) = (shape.grid.origin, shape.upper());
            if count > MOST_CELLS {
                notes.wrong(
                    path,
                    format!("{count} cells are too many to simulate one by one"),
                    "give a smaller `count`",
                );
                return Vec::new();
            }
            scatter(count, &|draw| std::array::from_fn(|a| lower[a] + draw.uniform() * (upper[a] - lower[a])))
        }
    }
}
