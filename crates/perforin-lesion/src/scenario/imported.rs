//! Cells whose types and positions come from a file.

use perforin_core::study::StudyFile;
use perforin_core::study::cell::RoleName;

use super::Notes;
use crate::cells::Cells;
use crate::model::Model;

/// Cells read from a file, in its order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportedCells {
    /// Names of the study's cell types that occur.
    pub types: Vec<String>,
    /// For each cell, the place of its type among `types`.
    pub kind: Vec<usize>,
    /// For each cell, its position, µm; z is 0 in a file with two coordinates.
    pub position: Vec<[f64; 3]>,
    /// Names of the antigens that the file gives.
    pub antigens: Vec<String>,
    /// Densities, molecules per cell: for each cell, one for each of `antigens`.
    pub density: Vec<f32>,
}

impl ImportedCells {
    /// Number of cells.
    pub fn len(&self) -> usize {
        self.position.len()
    }

    /// Whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.position.is_empty()
    }

    /// Places of the cells of a type.
    pub(super) fn of_type<'a>(&'a self, name: &'a str) -> impl Iterator<Item = usize> + 'a {
        (0..self.len()).filter(move |i| self.types[self.kind[*i]] == name)
    }

    /// Names of its types that are tumour cells in a study.
    pub(super) fn tumour_types<'a>(&'a self, study: &'a StudyFile) -> impl Iterator<Item = &'a str> + 'a {
        let is_tumour = move |name: &&str| {
            let role = study.lesion.cell.get(*name).and_then(|section| section.role);
            *name == "tumour" || role == Some(RoleName::Tumour)
        };
        self.types.iter().map(String::as_str).filter(is_tumour)
    }

    /// Lowest and highest coordinates, µm; zero without cells.
    pub(super) fn extent(&self) -> ([f64; 3], [f64; 3]) {
        let first = self.position.first().copied().unwrap_or_default();
        self.position.iter().fold((first, first), |(low, high), p| {
            (std::array::from_fn(|a| low[a].min(p[a])), std::array::from_fn(|a| high[a].max(p[a])))
        })
    }

    /// Gives the cells of type `kind`, which stand from row `first` on, what the file says of their antigens.
    pub(super) fn set_antigens(&self, model: &Model, kind: usize, first: usize, cells: &mut Cells) {
        let width = model.antigens.len();
        for (column, name) in self.antigens.iter().enumerate() {
            let Some(place) = model.antigens.iter().position(|a| a == name) else { continue };
            for (row, i) in self.of_type(&model.types[kind].name).enumerate() {
                cells.density[(first + row) * width + place] = self.density[i * self.antigens.len() + column];
            }
        }
    }

    /// Whether the lengths agree, every number is finite and every type is there.
    fn is_sound(&self) -> bool {
        self.kind.len() == self.len()
            && self.density.len() == self.len() * self.antigens.len()
            && self.kind.iter().all(|k| *k < self.types.len())
            && self.position.iter().flatten().all(|c| c.is_finite())
            && self.density.iter().all(|d| d.is_finite() && *d >= 0.0)
    }
}

/// The imported cells of a study that has any; what is missing or contradicts itself is noted.
pub(super) fn of<'a>(
    study: &StudyFile,
    cells: Option<&'a ImportedCells>,
    notes: &mut Notes,
) -> Option<&'a ImportedCells> {
    let section = study.lesion.import.as_ref()?;
    if section.types.is_empty() {
        notes.wrong(
            "lesion.import.types",
            "nothing says what the file's cell types stand for",
            "write one line for each, such as \"Tumour cell\" = \"tumour\", or \"none\" to leave such cells out",
        );
    }
    let Some(cells) = cells else {
        notes.wrong(
            "lesion.import.file",
            "the cells of this file were not read",
            "read them, and build the study with them",
        );
        return None;
    };
    if !cells.is_sound() {
        notes.wrong(
            "lesion.import.file",
            "the imported cells are not complete: lengths differ, or a number is not finite",
            "give as many types, positions and densities as cells",
        );
        return None;
    }
    if cells.is_empty() {
        notes.wrong(
            "lesion.import.file",
            "the file has no cell that is not left out",
            "name more of its cell types under `types`",
        );
        return None;
    }
    let path = "lesion.import";
    notes.given(
        &format!("{path}.unit"),
        section.unit.value(),
        "µm",
        "Length of one unit of the file's coordinates",
    );
    for (name, antigen) in &section.antigen {
        let path = format!("{path}.antigen.{name}.factor");
        notes.given(
            &path,
            antigen.factor.value(),
            "/cell",
            "Molecules per cell for one unit of the file's values",
        );
    }
    Some(cells)
}
