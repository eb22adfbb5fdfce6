//! Where cells are at the start.

use perforin_core::catalogue::{fields, scenario as setting, tumour};
use perforin_core::rng::{Draw, Purpose, Stream};
use perforin_core::study::StudyFile;
use perforin_core::study::cell::{PlacementSection, Shape as CellShape};
use perforin_core::study::lesion::Arrangement;

use super::{Notes, antigens, centred_grid, infiltrate};
use crate::arrival::grown_cell;
use crate::cells::{Cells, radius_of};
use crate::grid::Grid;
use crate::lymphocyte;
use crate::model::{Model, Role};
use crate::neighbours::distance2;

/// The box, and what lies where in it.
pub(super) struct Shape {
    pub grid: Grid,
    /// Diameter of the tumour at the start, µm; 0 without one.
    pub tumour_diameter: f64,
    /// Distance of healthy tissue from the tumour's edge and its thickness, µm.
    normal: Option<(f64, f64)>,
}

impl Shape {
    /// The box that the study gives, or one fitted around its cells.
    pub fn of(study: &StudyFile, notes: &mut Notes) -> Self {
        let lesion = &study.lesion;
        let placed = lesion.cell.get("tumour").and_then(|c| c.placement.as_ref()).is_some();
        let wanted = lesion.diameter.is_some() || (!lesion.antigen.is_empty() && !placed);
        let tumour_diameter = if wanted {
            notes.value("lesion.diameter", lesion.diameter.map(|l| l.value()), &setting::DIAMETER)
        } else {
            0.0
        };
        let normal = lesion.normal_tissue.as_ref().map(|normal| {
            let gap = normal.gap.map(|l| l.value());
            let gap = notes.value("lesion.normal_tissue.gap", gap, &setting::NORMAL_GAP);
            let thickness = normal.thickness.value();
            (
                gap,
                notes.given("lesion.normal_tissue.thickness", thickness, "µm", "Thickness of healthy tissue"),
            )
        });
        let widest = lesion.cell.values().filter_map(|c| c.placement.as_ref()?.diameter).map(|d| d.value());
        let widest = widest.fold(tumour_diameter, f64::max);
        let voxel = notes.value("numerics.voxel", study.numerics.voxel.map(|l| l.value()), &fields::VOXEL);
        let outside = normal.map_or(0.0, |(gap, thickness)| gap + thickness);
        let edge = if let Some(edge) = lesion.domain {
            notes.given("lesion.domain", edge.value(), "µm", "Edge of the box")
        } else {
            let margin = notes.value("lesion.margin", None, &setting::MARGIN);
            let edge = widest + 2.0 * margin.max(outside + 0.5 * margin);
            notes.ledger.record("lesion.domain", edge, "µm", "fitted around the cells", "Edge of the box");
            edge
        };
        if !(edge >= voxel && edge / voxel <= 512.0) {
            notes.wrong(
                "lesion.domain",
                format!("a box of {edge} µm has not between 1 and 512 voxels of {voxel} µm along each edge"),
                "change `lesion.domain` or `numerics.voxel`",
            );
        } else if widest + 2.0 * outside > edge {
            notes.wrong(
                if lesion.domain.is_some() { "lesion.domain" } else { "lesion.diameter" },
                format!("the cells need {} µm, but the box is {edge} µm wide", widest + 2.0 * outside),
                format!(
                    "domain = \"{} µm\" would leave 50 µm around them",
                    (widest + 2.0 * outside + 100.0).ceil()
                ),
            );
        }
        let box_volume = edge * edge * edge;
        if box_volume / tumour::VOLUME.value > 4.0 * MOST_CELLS {
            notes.wrong(
                "lesion.domain",
                format!(
                    "a box of {edge} µm could hold {:.1e} cells, too many to simulate one by one",
                    box_volume / tumour::VOLUME.value
                ),
                "simulate a smaller piece of the tumour",
            );
        }
        // A refused study still needs a box while the rest of it is read.
        let edge = if (voxel..=512.0 * voxel).contains(&edge) { edge } else { voxel };
        Self { grid: centred_grid(edge, voxel), tumour_diameter, normal }
    }
}

impl Shape {
    /// Number of tumour cells at the start, as far as the shape alone says.
    pub fn tumour_cells(&self, study: &StudyFile) -> usize {
        let given = study.lesion.cell.get("tumour");
        let radius = radius_of(given.and_then(|c| c.volume).map_or(tumour::VOLUME.value, |v| v.value()));
        match given.and_then(|c| c.placement.as_ref()) {
            Some(placement) => match (placement.shape, placement.count, placement.diameter) {
                (CellShape::Ball, _, Some(d)) => hexagonal_ball([0.0; 3], 0.5 * d.value(), radius).len(),
                (CellShape::Disc, _, Some(d)) => hexagonal_disc([0.0; 3], 0.5 * d.value(), radius).len(),
                (_, count, _) => count.unwrap_or(0) as usize,
            },
            None => hexagonal_ball([0.0; 3], 0.5 * self.tumour_diameter, radius).len(),
        }
    }
}

/// Most cells that a study can begin with.
const MOST_CELLS: f64 = 3e7;

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
    let centre = shape.grid.centre();
    let placement = study.lesion.cell.get(&cell_type.name).and_then(|c| c.placement.as_ref());
    let path = format!("lesion.cell.{}.placement", cell_type.name);
    if let Some(placement) = placement {
        return declared(placement, &path, shape, model, (kind, radius), cells, notes);
    }
    match (cell_type.role, shape.normal) {
        (Role::Tumour, _) if cell_type.name == "tumour" && shape.tumour_diameter > 0.0 => {
            let ball = hexagonal_ball(centre, 0.5 * shape.tumour_diameter, radius);
            // A tumour smaller than the packing is a single cell.
            if ball.is_empty() { vec![centre] } else { ball }
        }
        (Role::Normal, Some((gap, thickness))) if cell_type.name == "normal" => {
            let from = 0.5 * shape.tumour_diameter + gap;
            let arrangement = study.lesion.normal_tissue.as_ref().map(|n| n.arrangement).unwrap_or_default();
            normal_tissue(shape, arrangement, from, from + thickness, radius)
        }
        _ => infiltrate::positions(study, shape, model, kind, cells, notes),
    }
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
    lattice(centre, half, radius).filter(inside).collect()
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
            if to > centre[0] - shape.grid.origin[0] {
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
            let (lower, upper) = (shape.grid.origin, shape.grid.upper());
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

/// A ball of cells of the given radius, packed hexagonally in layers (the packing of the reference
/// cancer–immune sample: layers √3 radii apart, rows √3 radii apart, cells two radii apart).
pub fn hexagonal_ball(centre: [f64; 3], ball: f64, radius: f64) -> Vec<[f64; 3]> {
    lattice([0.0; 3], ball, radius)
        .filter(|p| distance2(*p, [0.0; 3]) < ball * ball)
        .map(|p| std::array::from_fn(|a| centre[a] + p[a]))
        .collect()
}

/// A single layer of cells of the given radius, packed hexagonally in a disc.
fn hexagonal_disc(centre: [f64; 3], disc: f64, radius: f64) -> Vec<[f64; 3]> {
    let rows = (disc / (3.0_f64.sqrt() * radius)) as i64;
    let across = (disc / (2.0 * radius)) as i64 + 1;
    (-rows..=rows)
        .flat_map(|row| (-across..=across).map(move |k| (row, k)))
        .map(|(row, k)| {
            let shift = if row % 2 == 0 { 0.0 } else { radius };
            let (x, y) = (3.0_f64.sqrt() * radius * row as f64, 2.0 * radius * k as f64 + shift);
            [centre[0] + x, centre[1] + y, centre[2]]
        })
        .filter(|p| distance2(*p, centre) < disc * disc)
        .collect()
}

/// The packing, from `−half` to `half` around a centre along each axis.
fn lattice(centre: [f64; 3], half: f64, radius: f64) -> impl Iterator<Item = [f64; 3]> {
    let (layer, along) = (3.0_f64.sqrt() * radius, 2.0 * radius);
    let count = |spacing: f64| if half > 0.0 { (2.0 * half / spacing).ceil() as usize } else { 0 };
    let (nx, ny, nz) = (count(layer), count(along), count(layer));
    (0..nz).flat_map(move |k| {
        (0..nx).flat_map(move |i| {
            // Rows are counted on from layer to layer.
            let odd_row = (k * nx + i) % 2 == 1;
            (0..ny).map(move |j| {
                let x = -half + layer * i as f64 + if k % 2 == 1 { 0.5 * radius } else { 0.0 };
                let y = -half + along * j as f64 + if odd_row { radius } else { 0.0 };
                let z = -half + layer * k as f64;
                [centre[0] + x, centre[1] + y, centre[2] + z]
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published numbers of cells in the reference sample's balls of 250 and 440 µm.
    #[test]
    fn the_reference_balls_have_the_published_number_of_cells() {
        let radius = radius_of(2494.0);
        assert_eq!(hexagonal_ball([0.0; 3], 440.0, radius).len(), 99_835);
        assert_eq!(hexagonal_ball([0.0; 3], 250.0, radius).len(), 18_317);
    }
}
