//! Cells that infiltrate the tumour: regulatory T cells, myeloid cells, fibroblasts, endogenous T cells.

use perforin_core::rng::{Purpose, Stream};
use perforin_core::study::StudyFile;
use perforin_core::study::microenvironment::InfiltratePlace;

use super::Notes;
use super::cell_types::{ENDOGENOUS, FIBROBLAST, MYELOID, REGULATORY};
use super::outline::{Outline, Part};
use super::shape::Shape;
use crate::cells::Cells;
use crate::model::{Model, Role};
use crate::neighbours::distance2;

/// Thickness of the margin around the tumour, µm.
const MARGIN: f64 = 50.0;

/// Where the cells of an infiltrating type are at the start; tumour cells have been placed.
pub(super) fn positions(
    study: &StudyFile,
    shape: &Shape,
    model: &Model,
    kind: usize,
    cells: &Cells,
    notes: &mut Notes,
) -> Vec<[f64; 3]> {
    let lesion = &study.lesion;
    let name = model.types[kind].name.as_str();
    let plain = |s: &perforin_core::study::microenvironment::InfiltrateSection| (s.fraction, s.place);
    let section = match name {
        REGULATORY => lesion.regulatory_t_cells.as_ref().map(|s| ("regulatory_t_cells", plain(s))),
        MYELOID => lesion.myeloid_cells.as_ref().map(|s| ("myeloid_cells", plain(s))),
        FIBROBLAST => lesion.fibroblasts.as_ref().map(|s| ("fibroblasts", plain(s))),
        ENDOGENOUS => {
            lesion.endogenous_t_cells.as_ref().map(|s| ("endogenous_t_cells", (s.fraction, s.place)))
        }
        _ => None,
    };
    let Some((key, (fraction, place))) = section else { return Vec::new() };
    let share = notes.given(
        &format!("lesion.{key}.fraction"),
        fraction.value(),
        "1",
        "Number of cells over that of tumour cells at the start",
    );
    let tumour: Vec<usize> =
        (0..cells.len()).filter(|i| model.types[usize::from(cells.kind[*i])].role == Role::Tumour).collect();
    let count = (share * tumour.len() as f64).round() as u64;
    if tumour.is_empty() || count == 0 {
        return Vec::new();
    }
    let outside = voxels_outside(shape, place);
    if outside.as_ref().is_some_and(Vec::is_empty) {
        notes.wrong(
            &format!("lesion.{key}.place"),
            "this lesion has no room outside of the tumour",
            "write place = \"tumour\"",
        );
        return Vec::new();
    }
    let centre = shape.grid.centre();
    let extent = tumour.iter().map(|i| distance2(cells.position[*i], centre)).fold(0.0, f64::max).sqrt();
    let stream = Stream::new(model.seed, Purpose::Infiltrate);
    let (lower, upper) = (shape.grid.origin, shape.upper());
    let within = |p: [f64; 3]| std::array::from_fn(|a| p[a].max(lower[a] + 1.0).min(upper[a] - 1.0));
    let place_of = |k: u64| -> [f64; 3] {
        let mut draw = stream.at((kind as u64) << 40 | k, 0);
        if let Some(voxels) = &outside {
            let voxel = voxels[draw.below(voxels.len() as u64) as usize];
            let middle = shape.grid.centre_of(voxel);
            return within(middle.map(|c| c + (draw.uniform() - 0.5) * shape.grid.spacing));
        }
        let direction = draw.direction();
        let (from, distance) = match place {
            // Beside a tumour cell drawn at random, so that any shape of tumour is infiltrated evenly.
            InfiltratePlace::Tumour => {
                (cells.position[tumour[draw.below(tumour.len() as u64) as usize]], 8.0 * draw.uniform())
            }
            InfiltratePlace::Margin | InfiltratePlace::Stroma => (centre, extent + MARGIN * draw.uniform()),
        };
        within(std::array::from_fn(|a| from[a] + distance * direction[a]))
    };
    (0..count).map(place_of).collect()
}

/// The voxels in which cells are placed outside of the tumour; none for places that follow from its cells.
fn voxels_outside(shape: &Shape, place: InfiltratePlace) -> Option<Vec<usize>> {
    let part = match (place, &shape.outline) {
        (InfiltratePlace::Tumour, _) | (InfiltratePlace::Margin, Outline::Ball { .. }) => return None,
        (InfiltratePlace::Margin, _) => Part::Around(MARGIN),
        (InfiltratePlace::Stroma, _) => Part::Stroma,
    };
    let is_there = shape.outline.voxels(&shape.grid, part);
    let below = |v: &usize| shape.grid.centre_of(*v)[2] <= shape.ceiling;
    Some((0..is_there.len()).filter(|v| is_there[*v] && below(v)).collect())
}
