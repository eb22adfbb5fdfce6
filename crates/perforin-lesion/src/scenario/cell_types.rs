//! Cell types: what the study declares over what their role implies.

use perforin_core::catalogue::{self, Parameter, mechanics, scenario as setting, t_cell, tumour};
use perforin_core::quantity::Time;
use perforin_core::study::StudyFile;
use perforin_core::study::cell::{CellSection, CycleModel, CycleSection, DeathSection, RoleName};

use super::surroundings::{CHEMOKINE, OXYGEN};
use super::{Notes, antigens, listed};
use crate::model::{
    CellType, Cycle, Death, Exchange, Inheritance, Mechanics, Motility, Phase, Role, VolumeModel, VolumeRates,
};

/// A cell type's name and what it stands for.
pub(super) struct TypeName {
    pub name: String,
    pub role: Role,
}

impl TypeName {
    /// The substance that cells of this type follow.
    pub fn follows<'a>(&self, study: &'a StudyFile) -> Option<&'a str> {
        let section = study.lesion.cell.get(&self.name);
        match section.and_then(|c| c.motility.as_ref()) {
            Some(motility) => {
                motility.toward.as_deref().or((self.role == Role::Product).then_some(CHEMOKINE))
            }
            None => (self.role == Role::Product).then_some(CHEMOKINE),
        }
    }
}

/// The types of a study: tumour, normal and product where there are such cells, then the others by name.
pub(super) fn names(study: &StudyFile, notes: &mut Notes) -> Vec<TypeName> {
    let lesion = &study.lesion;
    let mut names = Vec::new();
    let declared = |name: &str| lesion.cell.contains_key(name);
    let built_in = [
        ("tumour", Role::Tumour, lesion.diameter.is_some() || !lesion.antigen.is_empty()),
        ("normal", Role::Normal, lesion.normal_tissue.is_some()),
        (
            "product",
            Role::Product,
            study.product.is_some() && !lesion.cell.values().any(|c| c.role == Some(RoleName::Product)),
        ),
    ];
    for (name, role, present) in built_in {
        if present || declared(name) {
            names.push(TypeName { name: name.to_owned(), role });
        }
    }
    for (name, section) in
        lesion.cell.iter().filter(|(n, _)| !["tumour", "normal", "product"].contains(&n.as_str()))
    {
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
    if names.len() > usize::from(u8::MAX) {
        notes.wrong("lesion.cell", "more than 255 cell types", "merge some");
    }
    names
}

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

    fn is_product(&self) -> bool {
        self.name.role == Role::Product
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
        notes.value(&self.path(key), given, if self.is_product() { t_cell } else { tissue })
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
        }
    }

    fn volume(&self, notes: &mut Notes) -> VolumeModel {
        let total = self.value(
            notes,
            "volume",
            self.section.volume.map(|v| v.value()),
            &tumour::VOLUME,
            &t_cell::VOLUME,
        );
        let mut default = |parameter: &'static Parameter| notes.value(parameter.name, None, parameter);
        let fluid_fraction = default(&tumour::FLUID_FRACTION);
        // Other sizes keep the tumour cell's proportions.
        let nucleus =
            total * default(&tumour::NUCLEAR_VOLUME) / tumour::VOLUME.value * (1.0 - fluid_fraction);
        let mut rates = |fluid, nucleus, cytoplasm| VolumeRates {
            fluid: default(fluid),
            nucleus: default(nucleus),
            cytoplasm: default(cytoplasm),
        };
        VolumeModel {
            total,
            nucleus,
            cytoplasm: total * (1.0 - fluid_fraction) - nucleus,
            fluid_fraction,
            live: rates(&tumour::FLUID_RATE, &tumour::NUCLEUS_RATE, &tumour::CYTOPLASM_RATE),
            apoptotic: rates(
                &tumour::APOPTOSIS_FLUID_RATE,
                &tumour::APOPTOSIS_NUCLEUS_RATE,
                &tumour::APOPTOSIS_CYTOPLASM_RATE,
            ),
            swelling: rates(
                &tumour::NECROSIS_SWELLING_RATE,
                &tumour::NECROSIS_NUCLEUS_RATE,
                &tumour::NECROSIS_CYTOPLASM_RATE,
            ),
            lysed: rates(
                &tumour::NECROSIS_SHRINKING_RATE,
                &tumour::NECROSIS_NUCLEUS_RATE,
                &tumour::NECROSIS_CYTOPLASM_RATE,
            ),
            rupture: default(&tumour::NECROSIS_BURST),
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

    fn cycle(&self, apoptosis: f64, notes: &mut Notes) -> Option<Cycle> {
        let none = CycleSection::default();
        let section = self.section.cycle.as_ref();
        let divides = section.is_some() || matches!(self.name.role, Role::Tumour | Role::Product);
        let section = section.unwrap_or(&none);
        if !divides || section.model == Some(CycleModel::None) {
            return None;
        }
        let by_oxygen = |s: Option<perforin_core::quantity::OxygenPressure>| s.map(|p| p.value());
        let scaled_by = section.scaled_by.as_ref().and_then(|name| {
            let found = self.antigens.iter().position(|a| a == name);
            if found.is_none() {
                notes.wrong(
                    &self.path("cycle.scaled_by"),
                    format!("no cell carries the antigen `{name}`"),
                    format!(
                        "declare it under the cell type's `antigen`; there are {}",
                        listed(self.antigens.iter().map(String::as_str))
                    ),
                );
            }
            found
        });
        let cycle = Cycle {
            phases: self.phases(section, apoptosis, notes),
            oxygen_threshold: notes.value(
                &self.path("cycle.oxygen_threshold"),
                by_oxygen(section.oxygen_threshold),
                &tumour::DIVISION_OXYGEN_THRESHOLD,
            ),
            oxygen_saturation: notes.value(
                &self.path("cycle.oxygen_saturation"),
                by_oxygen(section.oxygen_saturation),
                &tumour::DIVISION_OXYGEN_FULL,
            ),
            pressure_half: section.pressure_half.map_or(f64::INFINITY, |half| {
                notes.value(&self.path("cycle.pressure_half"), Some(half), &setting::PRESSURE_HALF)
            }),
            scaled_by,
            needs_stimulus: self.is_product(),
        };
        if cycle.oxygen_threshold >= cycle.oxygen_saturation {
            notes.wrong(
                &self.path("cycle"),
                format!(
                    "the threshold of oxygen, {} mmHg, is not below its saturation, {} mmHg",
                    cycle.oxygen_threshold, cycle.oxygen_saturation
                ),
                "give an `oxygen_threshold` below `oxygen_saturation`",
            );
        }
        Some(cycle)
    }

    /// The phases of the cycle. A stated doubling time is net of spontaneous death, `apoptosis` /min; product cells
    /// double in theirs under full stimulation, before any die.
    fn phases(&self, section: &CycleSection, apoptosis: f64, notes: &mut Notes) -> Vec<Phase> {
        if section.rate.is_some() && section.doubling_time.is_some() {
            notes.wrong(&self.path("cycle"), "both `rate` and `doubling_time` are given", "keep one of them");
        }
        let exponential = |duration, doubled| Phase { duration, fixed: false, doubled };
        let loss = if self.is_product() { 0.0 } else { apoptosis };
        if section.model == Some(CycleModel::FlowCytometry) {
            let durations =
                [&tumour::G0G1_DURATION, &tumour::S_DURATION, &tumour::G2_DURATION, &tumour::M_DURATION]
                    .map(|p| notes.value(p.name, None, p));
            let scale = match self.stated_doubling(section) {
                Some(_) => scale_for_growth(&durations, self.growth(section, notes) + loss),
                None => 1.0,
            };
            return durations.iter().enumerate().map(|(k, d)| exponential(scale * d, k > 0)).collect();
        }
        let rate = match section.rate {
            Some(rate) => notes.value(&self.path("cycle.rate"), Some(rate.value()), &tumour::DIVISION_RATE),
            None => self.growth(section, notes) + loss,
        };
        vec![exponential(1.0 / rate, false)]
    }

    /// Growth rate of well-supplied cells, /min.
    fn growth(&self, section: &CycleSection, notes: &mut Notes) -> f64 {
        let (path, parameter) = match (section.doubling_time, self.is_product()) {
            (None, false) => ("lesion.doubling_time".to_owned(), &setting::DOUBLING_TIME),
            (_, false) => (self.path("cycle.doubling_time"), &setting::DOUBLING_TIME),
            (_, true) => (self.path("cycle.doubling_time"), &t_cell::DIVISION_TIME),
        };
        let doubling = notes.value(&path, self.stated_doubling(section).map(|t| t.value()), parameter);
        std::f64::consts::LN_2 / doubling
    }

    /// The doubling time that the study states for cells of this type.
    fn stated_doubling(&self, section: &CycleSection) -> Option<Time> {
        section.doubling_time.or(if self.is_product() { None } else { self.study.lesion.doubling_time })
    }

    fn death(&self, notes: &mut Notes) -> Death {
        let none = DeathSection::default();
        let section = self.section.death.as_ref().unwrap_or(&none);
        if section.apoptosis.is_some() && section.lifespan.is_some() {
            notes.wrong(&self.path("death"), "both `apoptosis` and `lifespan` are given", "keep one of them");
        }
        let rate = section.apoptosis.map(|r| r.value());
        let apoptosis_rate = if let Some(lifespan) = section.lifespan {
            1.0 / notes.value(&self.path("death.lifespan"), Some(lifespan.value()), &t_cell::LIFETIME)
        } else if self.is_product() && rate.is_none() {
            1.0 / notes.value(&self.path("death.lifespan"), None, &t_cell::LIFETIME)
        } else if self.name.role == Role::Normal && rate.is_none() {
            // Healthy tissue stands still: what is born replaces what dies.
            0.0
        } else {
            notes.value(&self.path("death.apoptosis"), rate, &tumour::APOPTOSIS_RATE)
        };
        let necrosis = section.necrosis.map(|r| r.value());
        Death {
            apoptosis_rate,
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

    fn motility(&self, notes: &mut Notes) -> Option<Motility> {
        let section = self.section.motility.clone();
        if section.is_none() && !self.is_product() {
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
            on_signal,
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

/// The factor on the mean durations of exponential phases with which a population grows at `rate`, /min.
///
/// A population of cells that pass phases of rates `λ` and then split grows at the rate `g` that solves
/// `2·Π λ/(λ + g) = 1` (Euler–Lotka); where cells also die at a rate `μ` in every phase, `g` is growth and `μ`
/// together.
fn scale_for_growth(durations: &[f64], rate: f64) -> f64 {
    let offspring =
        |scale: f64| 2.0 * durations.iter().map(|d| 1.0 / (1.0 + rate * scale * d)).product::<f64>();
    // Offspring falls with the scale; at the scale at which one phase alone halves it, it is below 1.
    let (mut low, mut high) = (0.0, durations.iter().map(|d| 1.0 / (rate * d)).fold(f64::INFINITY, f64::min));
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if offspring(middle) > 1.0 { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Growth of the linear system of phases with death, integrated with a step of 0.02 min after it has settled.
    #[test]
    fn four_phases_double_in_the_stated_time_though_cells_die() {
        let (durations, death) = ([300.0, 480.0, 240.0, 60.0], 1e-4);
        let scale = scale_for_growth(&durations, std::f64::consts::LN_2 / 2_000.0 + death);
        let rates: Vec<f64> = durations.iter().map(|d| 1.0 / (scale * d)).collect();
        let mut n = [1.0, 1.0, 1.0, 1.0];
        let mut run = |minutes: f64| {
            let dt = 0.02;
            for _ in 0..(minutes / dt) as usize {
                let out: Vec<f64> = (0..4).map(|k| n[k] * rates[k] * dt).collect();
                for k in 0..4 {
                    n[k] += if k == 0 { 2.0 * out[3] } else { out[k - 1] } - out[k] - n[k] * death * dt;
                }
            }
            n.iter().sum::<f64>()
        };
        let before = run(10_000.0);
        let after = run(2_000.0);
        // Euler's error at this step is below 1e-4.
        assert!((after / before - 2.0).abs() < 1e-3, "{}", after / before);
    }
}
