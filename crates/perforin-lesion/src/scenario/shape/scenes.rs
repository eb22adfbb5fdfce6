//! The scenes other than a sphere.

use perforin_core::catalogue::scenario as setting;
use perforin_core::rng::{Purpose, Stream};
use perforin_core::study::lesion::Arrangement;
use perforin_core::study::scene::LayerOutline;

use super::{Edge, MOST_CELLS, Scene, Shape, ball_volume, fitted};
use crate::grid::Grid;
use crate::neighbours::distance2;
use crate::scenario::Notes;
use crate::scenario::imported::ImportedCells;
use crate::scenario::outline::Outline;
use crate::scenario::packing::{hexagonal_layer, packed_box};

/// Places at which an islet is tried before there is no room for it.
const MOST_TRIES: u32 = 20_000;
/// Entities of the stream of placements from which on islets are drawn; those of cells are far below.
const ISLETS: u64 = 1 << 60;

impl Scene<'_> {
    fn width(&self, notes: &mut Notes) -> f64 {
        notes.value("lesion.domain", self.study.lesion.domain.map(|d| d.value()), &setting::WIDTH)
    }

    /// Tumour across the box, healthy tissue below it, and a free face above.
    pub(super) fn slab<'b>(&self, notes: &mut Notes) -> Shape<'b> {
        let thickness = self.study.lesion.slab.as_ref().map_or(self.voxel, |slab| slab.thickness.value());
        notes.given("lesion.slab.thickness", thickness, "µm", "Thickness of the slab");
        let width = self.width(notes);
        let margin = notes.value("lesion.margin", None, &setting::MARGIN);
        let below = self.normal.map_or(0.0, |(gap, thickness)| gap + thickness);
        let (grid, holds) = self.grid([width, width, below + thickness + margin], notes);
        let normal = self.study.lesion.normal_tissue.as_ref();
        if normal.is_some_and(|normal| normal.arrangement == Arrangement::Shell) {
            notes.wrong(
                "lesion.normal_tissue.arrangement",
                "a slab of tumour has no shell around it",
                "leave it out: healthy tissue lies below the slab",
            );
        }
        let (lower, upper) = (grid.origin, grid.upper());
        let (from, to) = (lower[2] + below, lower[2] + below + thickness);
        let tumour = if holds {
            packed_box([lower[0], lower[1], from], [upper[0], upper[1], to], self.radius)
        } else {
            Vec::new()
        };
        Shape {
            outline: Outline::Slab { from, to },
            edge: Edge::Face,
            // The tissue goes on to the sides as it is here.
            open_faces: [false, false, false, false, true, true],
            tumour,
            tumour_volume: (upper[0] - lower[0]) * (upper[1] - lower[1]) * thickness,
            middle: [grid.centre()[0], grid.centre()[1], 0.5 * (from + to)],
            breadth: thickness,
            ..Shape::empty(grid, self.normal)
        }
    }

    /// Balls of tumour cells at random places that do not overlap.
    pub(super) fn islets<'b>(&self, notes: &mut Notes) -> Shape<'b> {
        let section = self.study.lesion.islets.as_ref();
        let (number, diameter) = section.map_or((0, self.voxel), |s| (s.number, s.diameter.value()));
        let path = "lesion.islets";
        notes.given(&format!("{path}.number"), f64::from(number), "1", "Number of islets");
        notes.given(&format!("{path}.diameter"), diameter, "µm", "Diameter of an islet");
        let gap = section.and_then(|s| s.gap).map(|l| l.value());
        let gap = notes.value(&format!("{path}.gap"), gap, &setting::ISLET_GAP);
        let edge = if let Some(edge) = self.study.lesion.domain {
            notes.given("lesion.domain", edge.value(), "µm", "Edge of the box")
        } else {
            let share = notes.value("lesion.islets.share", None, &setting::ISLET_SHARE);
            let volume = f64::from(number) * ball_volume(diameter + gap) / share;
            fitted("lesion.domain", libm::cbrt(volume).max(diameter + 2.0 * gap), notes)
        };
        let (grid, holds) = self.grid([edge; 3], notes);
        if section.is_some() && (number == 0 || diameter < 2.0 * self.radius) {
            notes.wrong(
                path,
                format!("{number} islets of {diameter} µm hold no cell"),
                "give at least one islet, wider than a cell",
            );
            return Shape::empty(grid, self.normal);
        }
        let centres = if holds { self.scatter(&grid, number, diameter, gap, notes) } else { Vec::new() };
        let to_middle = |c: &[f64; 3]| distance2(*c, grid.centre());
        let nearest = centres.iter().copied().min_by(|a, b| to_middle(a).total_cmp(&to_middle(b)));
        Shape {
            tumour: centres.iter().flat_map(|c| self.ball(*c, diameter)).collect(),
            tumour_volume: centres.len() as f64 * ball_volume(diameter),
            middle: nearest.unwrap_or(grid.centre()),
            breadth: diameter,
            outline: Outline::Islets { centres, radius: 0.5 * diameter },
            edge: Edge::Scattered,
            ..Shape::empty(grid, self.normal)
        }
    }

    /// Centres of balls that lie in the box and apart from each other.
    fn scatter(&self, grid: &Grid, number: u32, diameter: f64, gap: f64, notes: &mut Notes) -> Vec<[f64; 3]> {
        let (lower, upper) = (grid.origin, grid.upper());
        let room: [f64; 3] = std::array::from_fn(|a| upper[a] - lower[a] - diameter);
        let stream = Stream::new(self.study.study.seed, Purpose::Placement);
        let mut centres: Vec<[f64; 3]> = Vec::new();
        for k in 0..number {
            let place = |attempt: u32| -> [f64; 3] {
                let mut draw = stream.at(ISLETS | u64::from(k), attempt);
                std::array::from_fn(|a| lower[a] + 0.5 * diameter + draw.uniform() * room[a])
            };
            let apart = diameter + gap;
            let is_free = |p: &[f64; 3]| centres.iter().all(|c| distance2(*c, *p) >= apart * apart);
            let found = if room[0] < 0.0 { None } else { (0..MOST_TRIES).map(place).find(is_free) };
            let Some(centre) = found else {
                notes.wrong(
                    "lesion.islets",
                    format!(
                        "there is room for {k} of {number} islets of {diameter} µm, {gap} µm apart, in a box of {} µm",
                        upper[0] - lower[0]
                    ),
                    "give fewer or smaller islets, a smaller `gap`, or a larger `lesion.domain`",
                );
                return Vec::new();
            };
            centres.push(centre);
        }
        centres
    }

    /// Tumour cells throughout the box.
    pub(super) fn cube<'b>(&self, notes: &mut Notes) -> Shape<'b> {
        let edge = self.width(notes);
        let (grid, holds) = self.grid([edge; 3], notes);
        let oxygen = self.study.lesion.field.get("oxygen").and_then(|f| f.boundary.as_ref());
        if self.study.lesion.vessels.is_none() && oxygen.is_none() {
            notes.wrong(
                "lesion.shape",
                "nothing brings oxygen into this cube of tissue",
                "add [lesion.vessels] with their spacing, or lesion.field.oxygen.boundary",
            );
        }
        let (lower, upper) = (grid.origin, grid.upper());
        Shape {
            outline: Outline::Whole,
            edge: Edge::None,
            open_faces: [false; 6],
            tumour: if holds { packed_box(lower, upper, self.radius) } else { Vec::new() },
            tumour_volume: grid.len() as f64 * grid.voxel_volume(),
            breadth: upper[0] - lower[0],
            ..Shape::empty(grid, self.normal)
        }
    }

    /// Width of a well with so many cells in a layer that reaches `half` from its middle, µm.
    fn well(&self, (count, outline, half): (u32, LayerOutline, f64), notes: &mut Notes) -> f64 {
        let domain = self.study.lesion.domain;
        let width = match (domain, outline) {
            (Some(width), _) => notes.given("lesion.domain", width.value(), "µm", "Width of the well"),
            (None, LayerOutline::Square) => fitted("lesion.domain", 2.0 * half, notes),
            (None, LayerOutline::Disc) => {
                let margin = notes.value("lesion.margin", None, &setting::MARGIN);
                fitted("lesion.domain", 2.0 * (half + margin), notes)
            }
        };
        if width < 2.0 * half {
            notes.wrong(
                "lesion.domain",
                format!("the layer of {count} cells is {:.0} µm wide, the well {width} µm", 2.0 * half),
                "give a wider well or fewer cells",
            );
        }
        width
    }

    /// A layer of cells on the floor, medium above it.
    pub(super) fn monolayer<'b>(&self, notes: &mut Notes) -> Shape<'b> {
        let lesion = &self.study.lesion;
        let (count, outline) =
            lesion.monolayer.as_ref().map_or((1, LayerOutline::Square), |layer| (layer.cells, layer.outline));
        notes.given("lesion.monolayer.cells", f64::from(count), "cells", "Target cells of the layer");
        let possible = (1.0..=MOST_CELLS).contains(&f64::from(count));
        if !possible {
            notes.wrong(
                "lesion.monolayer.cells",
                format!("{count} cells are no layer that can be simulated cell by cell"),
                "give a number such as 2000",
            );
        }
        let layer = hexagonal_layer(if possible { count as usize } else { 1 }, outline, self.radius);
        let half = layer.iter().flatten().map(|c| c.abs()).fold(0.0, f64::max) + self.radius;
        let half = half.max(0.5 * self.voxel);
        let width = self.well((count, outline, half), notes);
        let depth = lesion.medium.as_ref().and_then(|m| m.depth).map(|d| d.value());
        let depth = notes.value("lesion.medium.depth", depth, &setting::MEDIUM_DEPTH);
        let height = notes.value(setting::FLOOR_HEIGHT.name, None, &setting::FLOOR_HEIGHT);
        let (grid, _) = self.grid([width, width, depth], notes);
        let floor = grid.origin[2];
        let on_floor = |p: [f64; 2]| [p[0], p[1], floor + self.radius];
        Shape {
            outline: Outline::Slab { from: floor, to: floor + 2.0 * self.radius },
            edge: Edge::Face,
            open_faces: [false, false, false, false, false, true],
            ceiling: floor + height.max(3.0 * self.radius),
            tumour_volume: layer.len() as f64 * ball_volume(2.0 * self.radius),
            middle: [0.0, 0.0, floor + self.radius],
            breadth: 2.0 * half,
            tumour: layer.into_iter().map(on_floor).collect(),
            in_vitro: true,
            ..Shape::empty(grid, self.normal)
        }
    }

    /// Edges of the box around the cells of a file, µm.
    fn around(&self, cells: Option<&ImportedCells>, thickness: Option<f64>, notes: &mut Notes) -> [f64; 3] {
        let (low, high) = cells.map_or(([0.0; 3], [0.0; 3]), ImportedCells::extent);
        let wide: [f64; 3] = std::array::from_fn(|a| high[a] - low[a]);
        let mut edges = if let Some(edge) = self.study.lesion.domain {
            [notes.given("lesion.domain", edge.value(), "µm", "Edge of the box"); 3]
        } else {
            let margin = notes.value("lesion.margin", None, &setting::MARGIN);
            wide.map(|w| w + 2.0 * margin)
        };
        edges[2] = thickness.map_or(edges[2], |t| t.max(self.voxel));
        for (a, axis) in ["x", "y", "z"].into_iter().enumerate().take(if thickness.is_some() { 2 } else { 3 })
        {
            if wide[a] > edges[a] {
                notes.wrong(
                    "lesion.domain",
                    format!(
                        "the cells of the file reach over {} µm along {axis}, the box {} µm",
                        wide[a], edges[a]
                    ),
                    "give a wider `domain`, or leave it out; check `lesion.import.unit`",
                );
            }
        }
        edges
    }

    /// Cells of a file, moved so that their middle is that of the box.
    pub(super) fn imported<'b>(&self, cells: Option<&'b ImportedCells>, notes: &mut Notes) -> Shape<'b> {
        let lesion = &self.study.lesion;
        let section = lesion.import.as_ref();
        let thickness = section.and_then(|s| s.thickness).map(|t| {
            notes.given("lesion.import.thickness", t.value(), "µm", "Thickness of the tissue section")
        });
        if thickness.is_some_and(|t| t < 2.0 * self.radius) {
            notes.wrong(
                "lesion.import.thickness",
                format!("a single layer of cells is {:.1} µm thick", 2.0 * self.radius),
                "write thickness = \"20 µm\"",
            );
        }
        let edges = self.around(cells, thickness, notes);
        let (grid, holds) = self.grid(edges, notes);
        let mut shape = Shape::empty(grid, self.normal);
        let Some(cells) = cells.filter(|_| holds) else { return shape };
        if let Some(thickness) = thickness {
            shape.ceiling = shape.grid.origin[2] + thickness;
            shape.open_faces = [true, true, true, true, false, false];
        }
        let mut held = vec![false; shape.grid.len()];
        let tumour: Vec<[f64; 3]> =
            cells.tumour_types(self.study).flat_map(|name| shape.places_of(cells, name)).collect();
        for position in &tumour {
            held[shape.grid.voxel_at(*position)] = true;
        }
        shape.tumour_volume = tumour.len() as f64 * ball_volume(2.0 * self.radius);
        shape.breadth = edges[0].min(edges[1]);
        shape.outline = Outline::Voxels(held);
        shape.edge = Edge::Scattered;
        shape.imported = Some(cells);
        shape
    }
}

impl Shape<'_> {
    /// Where the cells of a type of a file lie in the box, in the order of the file.
    pub fn places_of(&self, cells: &ImportedCells, name: &str) -> Vec<[f64; 3]> {
        let ((low, high), (lower, upper)) = (cells.extent(), (self.grid.origin, self.upper()));
        let shift: [f64; 3] = std::array::from_fn(|a| 0.5 * (lower[a] + upper[a] - low[a] - high[a]));
        cells.of_type(name).map(|i| std::array::from_fn(|a| cells.position[i][a] + shift[a])).collect()
    }
}
