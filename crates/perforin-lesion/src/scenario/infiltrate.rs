//! Cells that infiltrate the tumour: regulatory T cells, myeloid cells, fibroblasts, endogenous T cells.

use perforin_core::rng::{Purpose, Stream};
use perforin_core::study::StudyFile;
use perforin_core::study::microenvironment::InfiltratePlace;

use super::Notes;
use super::cell_types::{ENDOGENOUS, FIBROBLAST, MYELOID, REGULATORY};
use super::placement::Shape;
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
    let centre = shape.grid.centre();
    let extent = tumour.iter().map(|i| distance2(cells.position[*i], centre)).fold(0.0, f64::max).sqrt();
    let stream = Stream::new(model.seed, Purpose::Infiltrate);
    let (lower, upper) = (shape.grid.origin, shape.grid.upper());
    let place_of = |k: u64| -> [f64; 3] {
        let mut draw = stream.at((kind as u64) << 40 | k, 0);
        let direction = draw.direction();
        let (from, distance) = match place {
            // Beside a tumour cell drawn at random, so that any shape of tumour is infiltrated evenly.
            InfiltratePlace::Tumour => {
                (cells.position[tumour[draw.below(tumour.len() as u64) as usize]], 8.0 * draw.uniform())
            }
            InfiltratePlace::Margin => (centre, extent + MARGIN * draw.uniform()),
        };
        std::array::from_fn(|a| (from[a] + distance * direction[a]).clamp(lower[a] + 1.0, upper[a] - 1.0))
    };
    if tumour.is_empty() { Vec::new() } else { (0..count).map(place_of).collect() }
}
