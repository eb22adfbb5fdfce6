//! Cell types: what the study declares over what their role implies.

use perforin_core::catalogue::{self, Parameter, mechanics, t_cell, tumour};
use perforin_core::study::StudyFile;
use perforin_core::study::cell::{CellSection, CycleModel, DeathSection, RoleName};
use perforin_core::study::scene::ImportSection;

use super::surroundings::{CHEMOKINE, OXYGEN};
use super::{Notes, antigens, listed};
use crate::model::biology::Defence;
use crate::model::{CellType, Death, Exchange, Inheritance, LongestLife, Mechanics, Motility, Role};

mod cycle;
mod volume;

/// A cell type's name and what it stands for.
pub(super) struct TypeName {
    pub name: String,
    pub role: Role,
}

/// Names of the cells that infiltrate a tumour, as `[lesion]` has them and as types.
pub(super) const REGULATORY: &str = "regulatory_t_cell";
pub(super) const MYELOID: &str = "myeloid";
pub(super) const FIBROBLAST: &str = "fibroblast";
pub(super) const ENDOGENOUS: &str = "endogenous_t_cell";
/// Name of the type of the second product.
pub(super) const SECOND_PRODUCT: &str = "second_product";

impl TypeName {
    /// The substance that cells of this type follow.
    pub fn follows<'a>(&self, study: &'a StudyFile) -> Option<&'a str> {
        let section = study.lesion.cell.get(&self.name);
        let usual = (self.is_t_cell() || self.name == MYELOID).then_some(CHEMOKINE);
        match section.and_then(|c| c.motility.as_ref()) {
            Some(motility) => motility.toward.as_deref().or(usual),
            None => usual,
        }
    }

    /// Whether cells of this type are lymphocytes.
    pub fn is_t_cell(&self) -> bool {
        self.role == Role::Product || self.name == REGULATORY || self.name == ENDOGENOUS
    }
}

/// The types of a study: tumour, normal and product where there are such cells, then the others by name.
pub(super) fn names(study: &StudyFile, notes: &mut Notes) -> Vec<TypeName> {
    let lesion = &study.lesion;
    let mut names = Vec::new();
    let imported = |name: &str| lesion.import.as_ref().is_some_and(|i| i.brings(name));
    let declared = |name: &str| lesion.cell.contains_key(name) || imported(name);
    let built_in = [
        (
            "tumour",
            Role::Tumour,
            lesion.diameter.is_some() || lesion.shape.is_some() || !lesion.antigen.is_empty(),
        ),
        ("normal", Role::Normal, lesion.normal_tissue.is_some()),
        (
            "product",
            Role::Product,
            study.product.is_some() && !lesion.cell.values().any(|c| c.role == Some(RoleName::Product)),
        ),
        (SECOND_PRODUCT, Role::Product, study.second_product.is_some()),
        (REGULATORY, Role::Other, lesion.regulatory_t_cells.is_some()),
        (MYELOID, Role::Other, lesion.myeloid_cells.is_some()),
        (FIBROBLAST, Role::Other, lesion.fibroblasts.is_some()),
        (ENDOGENOUS, Role::Other, lesion.endogenous_t_cells.is_some()),
    ];
    let known: Vec<&str> = built_in.iter().map(|(name, _, _)| *name).collect();
    for (name, role, present) in built_in {
        if present || declared(name) {
            names.push(TypeName { name: name.to_owned(), role });
        }
    }
    for (name, section) in lesion.cell.iter().filter(|(n, _)| !known.contains(&n.as_str())) {
        let role = match section.role {
            Some(RoleName::Tumour) => Role::Tumour,
            Some(RoleName::Normal) => Role::Normal,
            Some(RoleName::Product) => Role::Product,
            Some(RoleName::Other) => Role::Other,
            None => {
                notes.wrong(
                    &format!("lesion.cell.{name}"),
                    format!("the cell type `{name}` has no role"),
                    "give `role`: \"tumour\", \"normal\", \"product\" or \"other\"",
                );
                continue;
            }
        };
        names.push(TypeName { name: name.clone(), role });
    }
    check_imported(study, &names, notes);
    if names.len() > usize::from(u8::MAX) {
        notes.wrong("lesion.cell", "more than 255 cell types", "merge some");
    }
    names
}

/// Cell types that a file is said to bring, but that the study lacks.
fn check_imported(study: &StudyFile, names: &[TypeName], notes: &mut Notes) {
    let Some(import) = &study.lesion.import else { return };
    let left_out = ImportSection::LEFT_OUT;
    for (label, name) in import.types.iter().filter(|(_, name)| *name != left_out) {
        let path = format!("lesion.import.types.{label}");
        if !names.iter().any(|n| n.name == *name) {
            let known = names.iter().map(|n| n.name.as_str()).chain(BUILT_IN);
            notes.wrong(
                &path,
                format!("there is no cell type `{name}`"),
                format!(
                    "declare it under [lesion.cell.{name}]; there are {}, and `{left_out}`",
                    listed(known)
                ),
            );
        }
        if name == ENDOGENOUS && study.lesion.endogenous_t_cells.is_none() {
            notes.wrong(
                &path,
                "nothing says what these T cells see",
                "add [lesion.endogenous_t_cells] with neoantigen_positive, and fraction = \"0 %\" for no further ones",
            );
        }
    }
}

/// Cell types that need no declaration.
const BUILT_IN: [&str; 8] =
    ["tumour", "normal", "product", SECOND_PRODUCT, REGULATORY, MYELOID, FIBROBLAST, ENDOGENOUS];

/// The types in full, except for their attack.
pub(super) fn types(
    study: &StudyFile,
    names: &[TypeName],
    antigens: &[String],
    substances: &[String],
    notes: &mut Notes,
) -> Vec<CellType> {
    let none = CellSection::default();
    names
        .iter()
        .map(|name| {
            let section = study.lesion.cell.get(&name.name).unwrap_or(&none);
            Reader { study, name, section, antigens, substances }.cell_type(notes)
        })
        .collect()
}

/// Reads one type.
struct Reader<'a> {
    study: &'a StudyFile,
    name: &'a TypeName,
    section: &'a CellSection,
    antigens: &'a [String],
    substances: &'a [String],
}

impl Reader<'_> {
    fn path(&self, key: &str) -> String {
        format!("lesion.cell.{}.{key}", self.name.name)
    }

    fn is_t_cell(&self) -> bool {
        self.name.is_t_cell()
    }

    /// Cells of tissue that stand still.
    fn is_resting(&self) -> bool {
        self.name.role == Role::Normal || [MYELOID, FIBROBLAST].contains(&self.name.name.as_str())
    }

    /// The study's value or the default of the type's role.
    fn value(
        &self,
        notes: &mut Notes,
        key: &str,
        given: Option<f64>,
        tissue: &'static Parameter,
        t_cell: &'static Parameter,
    ) -> f64 {
        notes.value(&self.path(key), given, if self.is_t_cell() { t_cell } else { tissue })
    }

    fn cell_type(&self, notes: &mut Notes) -> CellType {
        let death = self.death(notes);
        CellType {
            name: self.name.name.clone(),
            role: self.name.role,
            volume: self.volume(notes),
            mechanics: self.mechanics(notes),
            cycle: self.cycle(death.apoptosis_rate, notes),
            death,
            motility: self.motility(notes),
            exchange: self.exchange(notes),
            attack: None,
            inheritance: self.inheritance(notes),
            defence: Defence::default(),
            lymphocyte: None,
            suppressor: None,
            infection: None,
            matrix_deposition: 0.0,
            is_depleted: false,
            renewal: None,
        }
    }

    fn mechanics(&self, notes: &mut Notes) -> Mechanics {
        let (repulsion, adhesion) =
            (self.section.repulsion.map(|s| s.value()), self.section.adhesion.map(|s| s.value()));
        Mechanics {
            repulsion: self.value(notes, "repulsion", repulsion, &mechanics::REPULSION, &t_cell::REPULSION),
            adhesion: self.value(notes, "adhesion", adhesion, &mechanics::ADHESION, &t_cell::ADHESION),
            adhesion_reach: notes.value(mechanics::ADHESION_REACH.name, None, &mechanics::ADHESION_REACH),
        }
    }

    fn death(&self, notes: &mut Notes) -> Death {
        let none = DeathSection::default();
        let section = self.section.death.as_ref().unwrap_or(&none);
        let stated =
            [section.apoptosis.is_some(), section.lifespan.is_some(), section.longest_life.is_some()];
        if stated.into_iter().filter(|given| *given).count() > 1 {
            notes.wrong(
                &self.path("death"),
                "more than one of `apoptosis`, `lifespan` and `longest_life` is given",
                "keep one of them",
            );
        }
        let longest_life = self.longest_life(section, notes);
        let rate = section.apoptosis.map(|r| r.value());
        let apoptosis_rate = if longest_life.is_some() {
            0.0
        } else if let Some(lifespan) = section.lifespan {
            1.0 / notes.value(&self.path("death.lifespan"), Some(lifespan.value()), &t_cell::LIFETIME)
        } else if self.is_t_cell() && rate.is_none() {
            1.0 / notes.value(&self.path("death.lifespan"), None, &t_cell::LIFETIME)
        } else if self.is_resting() && rate.is_none() {
            // Healthy tissue, myeloid cells and fibroblasts stand still: what comes replaces what dies.
            0.0
        } else {
            notes.value(&self.path("death.apoptosis"), rate, &tumour::APOPTOSIS_RATE)
        };
        let necrosis = section.necrosis.map(|r| r.value());
        Death {
            apoptosis_rate,
            longest_life,
            apoptosis_duration: notes.value(
                &self.path("death.apoptosis_duration"),
                section.apoptosis_duration.map(|t| t.value()),
                &tumour::APOPTOSIS_DURATION,
            ),
            necrosis_rate: self.value(
                notes,
                "death.necrosis",
                necrosis,
                &tumour::NECROSIS_RATE,
                &t_cell::NECROSIS_RATE,
            ),
            necrosis_threshold: notes.value(
                &self.path("death.necrosis_threshold"),
                section.necrosis_threshold.map(|p| p.value()),
                &tumour::NECROSIS_THRESHOLD,
            ),
            necrosis_saturation: notes.value(tumour::NECROSIS_FULL.name, None, &tumour::NECROSIS_FULL),
            debris_duration: notes.value(
                &self.path("death.debris_duration"),
                section.debris_duration.map(|t| t.value()),
                &tumour::NECROSIS_DURATION,
            ),
        }
    }

    /// The life that no cell exceeds, if the study gives one. It is counted from the cell's arrival, so the type must
    /// not divide.
    fn longest_life(&self, section: &DeathSection, notes: &mut Notes) -> Option<LongestLife> {
        let path = self.path("death.longest_life");
        let Some(longest) = section.longest_life else {
            if section.life_shape.is_some() {
                notes.wrong(
                    &self.path("death.life_shape"),
                    "`life_shape` is given without `longest_life`",
                    "give `longest_life`, or leave it out",
                );
            }
            return None;
        };
        let cycle = self.section.cycle.as_ref().and_then(|c| c.model);
        if cycle != Some(CycleModel::None) {
            notes.wrong(
                &path,
                "only cells that do not divide have a longest life",
                "add cycle = { model = \"none\" }",
            );
        }
        Some(LongestLife {
            longest: notes.value(&path, Some(longest.value()), &t_cell::LONGEST_LIFE),
            shape: notes.value(&self.path("death.life_shape"), section.life_shape, &t_cell::LIFE_SHAPE),
        })
    }

    fn motility(&self, notes: &mut Notes) -> Option<Motility> {
        let section = self.section.motility.clone();
        if section.is_none() && !self.is_t_cell() && self.name.name != MYELOID {
            return None;
        }
        let section = section.unwrap_or_default();
        let toward = self.name.follows(self.study).and_then(|name| {
            let found = self.substances.iter().position(|s| s == name);
            if found.is_none() {
                notes.wrong(
                    &self.path("motility.toward"),
                    format!("there is no substance `{name}`"),
                    format!(
                        "declare it under [lesion.field.{name}]; there are {}",
                        listed(self.substances.iter().map(String::as_str))
                    ),
                );
            }
            found
        });
        Some(Motility {
            speed: notes.value(
                &self.path("motility.speed"),
                section.speed.map(|s| s.value()),
                &t_cell::SPEED,
            ),
            persistence: notes.value(
                &self.path("motility.persistence"),
                section.persistence.map(|t| t.value()),
                &t_cell::PERSISTENCE,
            ),
            bias: notes.value(
                &self.path("motility.bias"),
                section.bias.map(|b| b.value()),
                &t_cell::CHEMOTAXIS,
            ),
            toward,
        })
    }

    fn exchange(&self, notes: &mut Notes) -> Vec<Exchange> {
        for name in self.section.uptake.keys().chain(self.section.secretion.keys()) {
            if !self.substances.contains(name) {
                notes.wrong(
                    &self.path(if self.section.uptake.contains_key(name) { "uptake" } else { "secretion" }),
                    format!("there is no substance `{name}`"),
                    format!(
                        "declare it under [lesion.field.{name}]; there are {}",
                        listed(self.substances.iter().map(String::as_str))
                    ),
                );
            }
        }
        (0..self.substances.len()).filter_map(|s| self.exchange_with(s, notes)).collect()
    }

    /// Uptake and secretion of one substance, if the type has either.
    fn exchange_with(&self, substance: usize, notes: &mut Notes) -> Option<Exchange> {
        let name = &self.substances[substance];
        let given = self.section.uptake.get(name).map(|r| r.value());
        let uptake = match name.as_str() {
            OXYGEN => {
                self.value(notes, "uptake.oxygen", given, &tumour::OXYGEN_UPTAKE, &t_cell::OXYGEN_UPTAKE)
            }
            _ => given.map_or(0.0, |rate| {
                notes.given(
                    &self.path(&format!("uptake.{name}")),
                    rate,
                    "/min",
                    "Uptake in the cell's volume",
                )
            }),
        };
        let (secretion, target, on_signal) = match self.section.secretion.get(name) {
            Some(section) => {
                let path = self.path(&format!("secretion.{name}"));
                notes.given(
                    &format!("{path}.target"),
                    section.target.value,
                    &section.target.unit,
                    "Value at which secretion stops",
                );
                (
                    notes.given(
                        &format!("{path}.rate"),
                        section.rate.value(),
                        "/min",
                        "Secretion in the cell's volume",
                    ),
                    section.target.value,
                    section.on_signal,
                )
            }
            None if name == CHEMOKINE && self.name.role == Role::Tumour => (
                notes.value(
                    catalogue::fields::CHEMOKINE_SECRETION.name,
                    None,
                    &catalogue::fields::CHEMOKINE_SECRETION,
                ),
                1.0,
                false,
            ),
            None => (0.0, 0.0, false),
        };
        (uptake > 0.0 || secretion > 0.0).then_some(Exchange {
            substance,
            uptake,
            secretion,
            target,
            export: 0.0,
            on_signal,
            cd4: 1.0,
            scaled_by: None,
        })
    }

    fn inheritance(&self, notes: &mut Notes) -> Vec<Inheritance> {
        let mut inheritance = vec![Inheritance::default(); self.antigens.len()];
        for (name, (path, section)) in antigens::of_type(self.study, &self.name.name) {
            let Some(antigen) = self.antigens.iter().position(|a| a == name) else { continue };
            if let Some(drift) = section.drift {
                inheritance[antigen].drift = notes.given(
                    &format!("{path}.drift"),
                    drift,
                    "1",
                    "Spread of the logarithm of a daughter's density",
                );
                if !(0.0..=5.0).contains(&drift) {
                    notes.wrong(
                        &format!("{path}.drift"),
                        format!("{drift} is not between 0 and 5"),
                        "give a standard deviation of the logarithm",
                    );
                }
            }
            if let Some(loss) = section.loss_per_division {
                inheritance[antigen].loss = notes.share(
                    &format!("{path}.loss_per_division"),
                    loss.value(),
                    "Probability that a daughter loses the antigen",
                );
            }
        }
        inheritance
    }
}
