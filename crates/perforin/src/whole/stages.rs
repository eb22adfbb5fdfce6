//! The stages of a study that goes the whole way, each an ordinary study: what it needs of the whole, with what the target
//! search found put in.

use std::collections::BTreeSet;

use perforin_core::gate::Gate;
use perforin_lesion::scenario::Problem;
use toml::{Table, Value};

use super::found::{Found, carriers};
use crate::failure::Failure;
use crate::study::Study;
use crate::targets::profile::ANY;

/// What a stage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The search for gates.
    Targets,
    /// The lesion with the product.
    Lesion,
    /// The same lesion with a product against the best single antigen.
    Single,
    /// A patient or a population.
    Patients,
    /// A trial.
    Trial,
}

impl Kind {
    /// Name of its folder.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Targets => "1-targets",
            Self::Lesion => "2-lesion-gate",
            Self::Single => "3-lesion-single",
            Self::Patients => "4-patients",
            Self::Trial => "5-trial",
        }
    }

    /// What it is, in a few words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Targets => "target search",
            Self::Lesion => "lesion",
            Self::Single => "lesion with the best single antigen",
            Self::Patients => "patients",
            Self::Trial => "trial",
        }
    }
}

/// A stage and the text of its study.
#[derive(Clone, Debug)]
pub struct Stage {
    /// What it is.
    pub kind: Kind,
    /// Its study.
    pub text: String,
}

/// The target search of a study.
///
/// # Errors
/// If the study cannot be written, which does not happen to one that could be read.
pub fn targets(study: &Study) -> Result<Stage, Failure> {
    let mut whole = Whole::read(study)?;
    let mut table = whole.part(&["targets"], "target search");
    // The search does not depend on how long anything lasts.
    if let Some(Value::Table(study)) = table.get_mut("study") {
        study.remove("duration");
    }
    whole.stage(Kind::Targets, &table)
}

/// The stages after the target search.
///
/// # Errors
/// If the study contradicts itself or what was found, at the place.
pub fn later(study: &Study, found: &Found) -> Result<Vec<Stage>, Failure> {
    let mut whole = Whole::read(study)?;
    let taken = study.file.product.as_ref().is_some_and(|product| product.gate_from.is_some());
    let mut stages = Vec::new();
    if study.has("lesion") {
        let table = whole.lesion(found, None);
        stages.push(whole.stage(Kind::Lesion, &table)?);
        if let Some(single) = found.single.as_ref().filter(|_| taken) {
            let table = whole.lesion(found, Some(single));
            stages.push(whole.stage(Kind::Single, &table)?);
        }
    }
    if study.has("patient") || study.has("population") {
        let table = whole.patients(found);
        stages.push(whole.stage(Kind::Patients, &table)?);
    }
    if let Some(trial) = &study.file.trial {
        let mut table =
            if trial.virtual_patients.is_some() { whole.patients(found) } else { whole.part(&[], "trial") };
        table.extend(whole.part(&["trial"], "trial"));
        if taken {
            stain(&mut table, found);
        }
        stages.push(whole.stage(Kind::Trial, &table)?);
    }
    Ok(stages)
}

/// What contradicts itself before anything is run.
pub fn contradictions(study: &Study) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut wrong = |path: &str, message: &str, help: &str| {
        problems.push(Problem { path: path.into(), message: message.into(), help: Some(help.into()) });
    };
    if study.file.product.is_none() && (study.has("lesion") || study.has("patient")) {
        wrong(
            "targets",
            "targets are found, and no product takes their gate",
            "add [product] with gate_from = \"targets\"",
        );
    }
    if let Some(product) = &study.file.product {
        if product.gate_from.is_some() && product.gate.is_some() {
            wrong(
                "product.gate",
                "the gate is given, and taken from the targets too",
                "leave `gate` out, or `gate_from`",
            );
        }
        if product.gate_from.is_some() && product.receptor.is_empty() {
            let help = "add [product.receptor.\"*\"] with kd = \"10 nM\"";
            wrong("product.gate_from", "nothing says how strongly the receptors bind", help);
        }
    }
    if study.file.second_product.as_ref().is_some_and(|product| product.gate_from.is_some()) {
        let message = "only [product] takes its gate from the targets";
        wrong("second_product.gate_from", message, "give `gate`");
    }
    if study.file.population.as_ref().is_some_and(|population| !population.arm.is_empty())
        && study.file.trial.as_ref().is_some_and(|trial| trial.virtual_patients.is_some())
    {
        let message = "the trial gives its own doses to these patients";
        wrong("population.arm", message, "leave the arms out, or [trial.virtual_patients]");
    }
    problems
}

/// The study as a table, and what is wrong with what is put into it.
struct Whole<'a> {
    study: &'a Study,
    table: Table,
    problems: Vec<Problem>,
}

impl<'a> Whole<'a> {
    fn read(study: &'a Study) -> Result<Self, Failure> {
        let table = study.text.parse().map_err(|e: toml::de::Error| {
            Failure::input(format!("`{}` cannot be read", study.place.display())).because(&e)
        })?;
        Ok(Self { study, table, problems: Vec::new() })
    }

    fn wrong(&mut self, path: &str, message: String, help: &str) {
        self.problems.push(Problem { path: path.into(), message, help: Some(help.into()) });
    }

    /// `[study]`, with what the stage is, and some other sections.
    fn part(&self, sections: &[&str], what: &str) -> Table {
        let mut part = Table::new();
        for name in ["study"].iter().chain(sections) {
            part.extend(self.table.get(*name).map(|section| ((*name).to_owned(), section.clone())));
        }
        if let Some(Value::Table(study)) = part.get_mut("study") {
            // The question is that of the whole; a word of it changes no stage.
            study.remove("question");
            let title = study.get("title").and_then(Value::as_str).unwrap_or_default();
            let title = format!("{title}: {what}");
            study.insert("title".into(), title.into());
        }
        part
    }

    fn stage(&mut self, kind: Kind, table: &Table) -> Result<Stage, Failure> {
        if !self.problems.is_empty() {
            return Err(self.study.refuse(&std::mem::take(&mut self.problems)));
        }
        let head = "# Made by `perforin run` from a study that goes the whole way.\n";
        let text =
            toml::to_string(table).map_err(|e| Failure::run("a stage cannot be written").because(&e))?;
        Ok(Stage { kind, text: head.to_owned() + &text })
    }

    /// The lesion with the found gate, or with another.
    fn lesion(&mut self, found: &Found, other: Option<&Gate>) -> Table {
        let sections = ["lesion", "product", "second_product", "mechanisms", "regimen", "output", "numerics"];
        let kind = if other.is_some() { Kind::Single } else { Kind::Lesion };
        let mut part = self.part(&sections, kind.words());
        let antigens = self.product(&mut part, found, other);
        // Both lesions have the antigens of both products, so that they are the same lesion.
        let mut names: Vec<String> = found.gate.antigens().to_vec();
        names.extend(found.single.iter().flat_map(|gate| gate.antigens().iter().cloned()));
        names.extend(antigens);
        let mut seen = BTreeSet::new();
        names.retain(|name| seen.insert(name.clone()));
        if let Some(Value::Table(lesion)) = part.get_mut("lesion") {
            let duration = lesion.remove("duration");
            if let Some(Value::Table(antigens)) = lesion.get_mut("antigen") {
                let is_taken = antigens.values().any(is_taken);
                self.expand(antigens, "lesion.antigen", &names, |_| Some(&found.antigens));
                if is_taken && !found.clones.is_empty() {
                    let clones = lesion.entry("clone").or_insert(Value::Table(Table::new()));
                    if let Value::Table(clones) = clones {
                        clones.extend(found.clones.clone());
                    }
                }
            }
            if let Some(Value::Table(normal)) = lesion.get_mut("normal_tissue")
                && let Some(Value::Table(antigens)) = normal.get_mut("antigen")
            {
                let tissue = |name: Option<&str>| found.tissue(name).map(|tissue| &tissue.antigens);
                self.expand(antigens, "lesion.normal_tissue.antigen", &names, tissue);
            }
            if let (Some(duration), Some(Value::Table(study))) = (duration, part.get_mut("study")) {
                study.insert("duration".into(), duration);
            }
        }
        if let Some(Value::Table(regimen)) = part.get_mut("regimen") {
            // These act in a patient only.
            for name in ["rules", "tocilizumab", "dexamethasone"] {
                regimen.remove(name);
            }
        }
        part
    }

    /// The patient or the population with the found gate.
    fn patients(&mut self, found: &Found) -> Table {
        let sections = ["patient", "population", "product", "mechanisms", "regimen", "numerics"];
        let mut part = self.part(&sections, Kind::Patients.words());
        let names = self.product(&mut part, found, None);
        let Some(Value::Table(patient)) = part.get_mut("patient") else { return part };
        let mut is_known = false;
        if let Some(Value::Table(antigens)) = patient.get_mut("antigen") {
            is_known = antigens.values().any(is_taken);
            let given = antigens.iter().filter(|(_, block)| !is_taken(block)).map(|(name, _)| name.clone());
            let given: BTreeSet<String> = given.collect();
            self.expand(antigens, "patient.antigen", &names, |_| Some(&found.antigens));
            let typical = found.typical();
            for (name, block) in antigens.iter_mut() {
                // How many cells lack them is said of each lesion.
                let is_missing = !typical.contains(&name.as_str()) && found.gate.antigens().contains(name);
                if let Value::Table(block) = block {
                    block.remove("negative");
                    if is_missing && !given.contains(name) {
                        block.insert("density".into(), absent());
                    }
                }
            }
        }
        if let Some(Value::Array(lesions)) = patient.get_mut("lesion").filter(|_| is_known) {
            let share = format!("{:.4} %", 100.0 * found.unrecognised());
            for lesion in lesions.iter_mut().filter_map(Value::as_table_mut) {
                lesion.entry("antigen_negative").or_insert_with(|| share.clone().into());
            }
        }
        if let Some(Value::Table(organ)) = patient.get_mut("organ_at_risk")
            && let Some(Value::Table(antigens)) = organ.get_mut("antigen")
        {
            let tissue = |name: Option<&str>| found.tissue(name).map(|tissue| &tissue.antigens);
            self.expand(antigens, "patient.organ_at_risk.antigen", &names, tissue);
            antigens.iter_mut().for_each(|(_, block)| typical_cell(block));
        }
        part
    }

    /// Puts gate and receptors into `[product]`; the antigens that it reads.
    fn product(&mut self, part: &mut Table, found: &Found, other: Option<&Gate>) -> Vec<String> {
        let Some(section) = &self.study.file.product else { return Vec::new() };
        let Some(Value::Table(product)) = part.get_mut("product") else { return Vec::new() };
        let gate = match (&section.gate, other) {
            (_, Some(gate)) | (Some(gate), None) => gate.clone(),
            (None, None) if section.gate_from.is_some() => found.gate.clone(),
            (None, None) => return Vec::new(),
        };
        product.remove("gate_from");
        product.insert("gate".into(), gate.to_string().into());
        let names = gate.antigens().to_vec();
        let mut missing = Vec::new();
        if let Some(Value::Table(receptors)) = product.get_mut("receptor") {
            let any = receptors.remove(ANY);
            for name in names.iter().filter(|name| !section.receptor.contains_key(*name)) {
                match &any {
                    Some(any) => drop(receptors.insert(name.clone(), any.clone())),
                    None => missing.push(name.clone()),
                }
            }
            if section.gate_from.is_some() && section.synnotch.is_none() {
                // What was named in case that it is found, and was not.
                receptors.retain(|name, _| names.iter().any(|read| read == name));
            }
        }
        for name in missing {
            let message = format!("no receptor for `{name}`, an antigen of the gate {gate}");
            self.wrong("product.receptor", message, "add [product.receptor.\"*\"], which is any of them");
        }
        names
    }

    /// Puts the densities that are taken from the targets into a table of antigens.
    fn expand<'f>(
        &mut self,
        antigens: &mut Table,
        path: &str,
        names: &[String],
        source: impl Fn(Option<&str>) -> Option<&'f Table>,
    ) {
        if let Some(any) = antigens.remove(ANY) {
            for name in names {
                antigens.entry(name.clone()).or_insert_with(|| any.clone());
            }
        }
        for (name, block) in antigens.iter_mut().filter(|(_, block)| is_taken(block)) {
            let tissue = block.get("density").and_then(|d| d.get("tissue")).and_then(Value::as_str);
            let Some(source) = source(tissue) else {
                let message = format!("the atlas has no normal tissue `{}`", tissue.unwrap_or_default());
                self.wrong(
                    &format!("{path}.{ANY}.density.tissue"),
                    message,
                    "overlap.csv of the target search lists them",
                );
                continue;
            };
            let Some(Value::Table(found)) = source.get(name) else {
                let message = format!("the targets say nothing of `{name}`");
                self.wrong(&format!("{path}.{name}"), message, "give its density itself");
                continue;
            };
            let Some(density) = found.get("density") else {
                let message = format!("nothing says how many molecules a count of `{name}` is");
                let help = "add [targets.profile.anchor.\"*\"] with molecules_per_count = 2000, or one for this antigen";
                self.wrong("targets.profile", message, help);
                continue;
            };
            let Value::Table(block) = block else { continue };
            block.insert("density".into(), density.clone());
            if let Some(negative) = found.get("negative") {
                block.entry("negative").or_insert_with(|| negative.clone());
            }
        }
    }
}

/// A test that selects the trial's patients stains, unless the study says otherwise, the antigen that makes the gate fire and
/// that most cells carry.
fn stain(table: &mut Table, found: &Found) {
    let Some(Value::Table(trial)) = table.get_mut("trial") else { return };
    let Some(Value::Table(selection)) = trial.get_mut("selection") else { return };
    if let Some(antigen) = found.leading() {
        selection.entry("antigen").or_insert_with(|| antigen.into());
    }
}

/// Whether the block of an antigen takes its density from the targets.
fn is_taken(block: &Value) -> bool {
    block.get("density").is_some_and(|density| density.get("from").is_some())
}

/// The density of an antigen that is not there.
fn absent() -> Value {
    Value::Table(toml::toml! { median = "0 /cell" })
}

/// An organ's cells are alike in a patient: they have the antigens that at least half of them carry.
fn typical_cell(block: &mut Value) {
    let share = carriers(block);
    let Value::Table(block) = block else { return };
    if block.remove("negative").is_some() && share < 0.5 {
        block.insert("density".into(), absent());
    }
}
