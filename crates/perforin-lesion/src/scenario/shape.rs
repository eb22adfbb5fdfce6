//! The box, and the shape of the tumour in it.

use perforin_core::catalogue::{fields, scenario as setting, tumour};
use perforin_core::study::StudyFile;
use perforin_core::study::cell::Shape as CellShape;
use perforin_core::study::scene::TumourShape;

use super::Notes;
use super::imported::ImportedCells;
use super::outline::Outline;
use super::packing::{hexagonal_ball, hexagonal_disc};
use crate::cells::radius_of;
use crate::grid::Grid;
use crate::model::Edge;

mod scenes;

/// Most cells that a study can begin with.
pub(super) const MOST_CELLS: f64 = 3e7;
/// Most voxels along an edge of the box.
const MOST_VOXELS: f64 = 512.0;

/// The box, and what lies where in it.
pub(super) struct Shape<'a> {
    pub grid: Grid,
    pub outline: Outline,
    pub edge: Edge,
    /// Faces of the box beyond which tissue or medium goes on, in the order of a field's.
    pub open_faces: [bool; 6],
    /// Height that no cell leaves upward, µm; infinite for none.
    pub ceiling: f64,
    /// Positions of the cells of type `tumour`, unless the study places them otherwise.
    pub tumour: Vec<[f64; 3]>,
    /// Volume of the tumour at the start, µm³.
    pub tumour_volume: f64,
    /// Where an injection goes, and how wide the tumour is there, µm.
    pub middle: [f64; 3],
    pub breadth: f64,
    /// Whether the cells are in culture: all cells of a dose are added to them.
    pub in_vitro: bool,
    /// Distance of healthy tissue from the tumour's edge and its thickness, µm.
    pub normal: Option<(f64, f64)>,
    /// Cells of a file.
    pub imported: Option<&'a ImportedCells>,
}

impl<'a> Shape<'a> {
    /// The box that the study gives, or one fitted around its cells.
    pub fn of(study: &StudyFile, imported: Option<&'a ImportedCells>, notes: &mut Notes) -> Self {
        check_sections(study, notes);
        let lesion = &study.lesion;
        let normal = lesion.normal_tissue.as_ref().map(|normal| {
            let gap = normal.gap.map(|l| l.value());
            let gap = notes.value("lesion.normal_tissue.gap", gap, &setting::NORMAL_GAP);
            let thickness = normal.thickness.value();
            (
                gap,
                notes.given("lesion.normal_tissue.thickness", thickness, "µm", "Thickness of healthy tissue"),
            )
        });
        let voxel = notes.value("numerics.voxel", study.numerics.voxel.map(|l| l.value()), &fields::VOXEL);
        let scene = Scene { study, voxel, normal, radius: tumour_radius(study) };
        if lesion.import.is_some() {
            return scene.imported(imported, notes);
        }
        match lesion.shape.unwrap_or_default() {
            TumourShape::Sphere => scene.sphere(notes),
            TumourShape::Slab => scene.slab(notes),
            TumourShape::Islets => scene.islets(notes),
            TumourShape::Cube => scene.cube(notes),
            TumourShape::Monolayer => scene.monolayer(notes),
        }
    }

    /// Number of tumour cells at the start.
    pub fn tumour_cells(&self, study: &StudyFile) -> usize {
        let radius = tumour_radius(study);
        let Some(placement) = study.lesion.cell.get("tumour").and_then(|c| c.placement.as_ref()) else {
            let imported = self.imported.into_iter();
            let of_file =
                imported.flat_map(|cells| cells.tumour_types(study).flat_map(|name| cells.of_type(name)));
            return self.tumour.len() + of_file.count();
        };
        match (placement.shape, placement.count, placement.diameter) {
            (CellShape::Ball, _, Some(d)) => hexagonal_ball([0.0; 3], 0.5 * d.value(), radius).len(),
            (CellShape::Disc, _, Some(d)) => hexagonal_disc([0.0; 3], 0.5 * d.value(), radius).len(),
            (_, count, _) => count.unwrap_or(0) as usize,
        }
    }

    /// Upper corner of the space of cells, µm.
    pub fn upper(&self) -> [f64; 3] {
        let [x, y, z] = self.grid.upper();
        [x, y, z.min(self.ceiling)]
    }

    /// Faces through which a substance comes; a level that the study states at the faces opens those of a cube.
    pub fn faces(&self, stated: bool) -> [bool; 6] {
        if self.edge == Edge::None && stated { [true; 6] } else { self.open_faces }
    }

    /// A box without anything in it, in tissue.
    fn empty(grid: Grid, normal: Option<(f64, f64)>) -> Self {
        Self {
            middle: grid.centre(),
            grid,
            outline: Outline::Ball { radius: 0.0 },
            edge: Edge::Sphere,
            open_faces: [true; 6],
            ceiling: f64::INFINITY,
            tumour: Vec::new(),
            tumour_volume: 0.0,
            breadth: 0.0,
            in_vitro: false,
            normal,
            imported: None,
        }
    }
}

/// Radius of a grown tumour cell, µm.
fn tumour_radius(study: &StudyFile) -> f64 {
    let given = study.lesion.cell.get("tumour").and_then(|c| c.volume);
    radius_of(given.map_or(tumour::VOLUME.value, |v| v.value()))
}

/// Volume of a ball, µm³.
fn ball_volume(diameter: f64) -> f64 {
    std::f64::consts::PI / 6.0 * diameter * diameter * diameter
}

/// What every scene is made from.
struct Scene<'a> {
    study: &'a StudyFile,
    /// Edge of a voxel, µm.
    voxel: f64,
    normal: Option<(f64, f64)>,
    /// Radius of a tumour cell, µm.
    radius: f64,
}

impl Scene<'_> {
    /// A ball in the middle of the box.
    fn sphere<'b>(&self, notes: &mut Notes) -> Shape<'b> {
        let lesion = &self.study.lesion;
        let placed = lesion.cell.get("tumour").and_then(|c| c.placement.as_ref()).is_some();
        let stated = lesion.diameter.is_some() || lesion.shape.is_some();
        let diameter = if stated || (!lesion.antigen.is_empty() && !placed) {
            notes.value("lesion.diameter", lesion.diameter.map(|l| l.value()), &setting::DIAMETER)
        } else {
            0.0
        };
        let widest = lesion.cell.values().filter_map(|c| c.placement.as_ref()?.diameter).map(|d| d.value());
        let widest = widest.fold(diameter, f64::max);
        let outside = self.normal.map_or(0.0, |(gap, thickness)| gap + thickness);
        let edge = if let Some(edge) = lesion.domain {
            notes.given("lesion.domain", edge.value(), "µm", "Edge of the box")
        } else {
            let margin = notes.value("lesion.margin", None, &setting::MARGIN);
            let edge = widest + 2.0 * margin.max(outside + 0.5 * margin);
            fitted("lesion.domain", edge, notes)
        };
        let (grid, mut holds) = self.grid([edge; 3], notes);
        if holds && widest + 2.0 * outside > edge {
            holds = false;
            let needed = widest + 2.0 * outside;
            notes.wrong(
                if lesion.domain.is_some() { "lesion.domain" } else { "lesion.diameter" },
                format!("the cells need {needed} µm, but the box is {edge} µm wide"),
                format!("domain = \"{} µm\" would leave 50 µm around them", (needed + 100.0).ceil()),
            );
        }
        let mut tumour = Vec::new();
        if holds && diameter > 0.0 {
            tumour = self.ball(grid.centre(), diameter);
        }
        Shape {
            outline: Outline::Ball { radius: 0.5 * diameter },
            tumour,
            tumour_volume: ball_volume(diameter),
            breadth: diameter,
            in_vitro: lesion.medium.is_some(),
            ..Shape::empty(grid, self.normal)
        }
    }

    /// A ball of tumour cells; one smaller than the packing is a single cell.
    fn ball(&self, centre: [f64; 3], diameter: f64) -> Vec<[f64; 3]> {
        let ball = hexagonal_ball(centre, 0.5 * diameter, self.radius);
        if ball.is_empty() { vec![centre] } else { ball }
    }

    /// A box with these edges, and whether it can be simulated; a refused study still needs a box while the rest of
    /// it is read.
    fn grid(&self, edges: [f64; 3], notes: &mut Notes) -> (Grid, bool) {
        let voxel = self.voxel;
        let fits = |edge: f64| edge >= voxel && edge / voxel <= MOST_VOXELS;
        let volume = edges[0] * edges[1] * edges[2];
        let many = volume / tumour::VOLUME.value > 4.0 * MOST_CELLS;
        let unfit = edges.into_iter().find(|edge| !fits(*edge));
        if let Some(edge) = unfit {
            notes.wrong(
                "lesion.domain",
                format!("a box of {edge} µm has not between 1 and 512 voxels of {voxel} µm along each edge"),
                "change `lesion.domain` or `numerics.voxel`",
            );
        }
        if many {
            let [x, y, z] = edges;
            notes.wrong(
                "lesion.domain",
                format!(
                    "a box of {x} × {y} × {z} µm could hold {:.1e} cells, too many to simulate one by one",
                    volume / tumour::VOLUME.value
                ),
                "simulate a smaller piece of the tumour",
            );
        }
        let n = edges.map(|edge| {
            let edge = if fits(edge) { edge } else { voxel };
            (edge / voxel - 1e-9).ceil().max(1.0) as usize
        });
        let origin = n.map(|n| -0.5 * voxel * n as f64);
        (Grid { origin, n, spacing: voxel }, unfit.is_none() && !many)
    }
}

/// Records a length that follows from the cells.
fn fitted(path: &str, length: f64, notes: &mut Notes) -> f64 {
    notes.ledger.record(path, length, "µm", "fitted around the cells", "Edge of the box");
    length
}

/// Sections that belong to another shape than the study's.
fn check_sections(study: &StudyFile, notes: &mut Notes) {
    let lesion = &study.lesion;
    let shape = lesion.shape.unwrap_or_default();
    let import = lesion.import.is_some();
    if import && lesion.shape.is_some() {
        notes.wrong(
            "lesion.shape",
            "the cells have both a shape and positions from a file",
            "leave out `shape`, or [lesion.import]",
        );
    }
    let parts = [
        ("diameter", lesion.diameter.is_some(), TumourShape::Sphere),
        ("slab", lesion.slab.is_some(), TumourShape::Slab),
        ("islets", lesion.islets.is_some(), TumourShape::Islets),
        ("monolayer", lesion.monolayer.is_some(), TumourShape::Monolayer),
    ];
    for (key, given, owner) in parts {
        if given && (import || owner != shape) {
            let found = if import { "cells of a file" } else { shape.name() };
            notes.wrong(
                &format!("lesion.{key}"),
                format!("`{key}` belongs to shape = \"{}\", but the study has {found}", owner.name()),
                format!("leave `{key}` out, or write shape = \"{}\"", owner.name()),
            );
        }
        if !given && !import && owner == shape && shape != TumourShape::Sphere {
            notes.wrong(
                "lesion.shape",
                format!("this shape needs [lesion.{key}]"),
                format!("add the section; `guide/scenes.md` has an example of {key}"),
            );
        }
    }
    check_surroundings(study, import, shape, notes);
}

/// Medium and healthy tissue where a shape has none.
fn check_surroundings(study: &StudyFile, import: bool, shape: TumourShape, notes: &mut Notes) {
    let lesion = &study.lesion;
    if lesion.medium.is_some() && (import || !matches!(shape, TumourShape::Sphere | TumourShape::Monolayer)) {
        notes.wrong(
            "lesion.medium",
            "medium lies around a sphere or over a monolayer",
            "leave it out, or change the shape",
        );
    }
    if lesion.medium.as_ref().is_some_and(|m| m.depth.is_some()) && shape != TumourShape::Monolayer {
        notes.wrong(
            "lesion.medium.depth",
            "only medium over a monolayer has a depth",
            "give the box around a spheroid as `lesion.domain`",
        );
    }
    if lesion.normal_tissue.is_some() && (import || !matches!(shape, TumourShape::Sphere | TumourShape::Slab))
    {
        notes.wrong(
            "lesion.normal_tissue",
            "healthy tissue lies beside a sphere or a slab",
            "leave it out, or place its cells under [lesion.cell.normal.placement]",
        );
    }
}
