//! What a target search gives to the later stages, read from its folder: the gate, and the antigens of tumour and tissues.

use std::path::Path;

use perforin_atlas::TargetsAnswer;
use perforin_core::gate::Gate;
use toml::{Table, Value};

use crate::failure::Failure;
use crate::files;
use crate::folder::Folder;
use crate::targets::profile::tissue_file;

/// What later stages take from a target search.
#[derive(Clone, Debug)]
pub struct Found {
    /// The best gate.
    pub gate: Gate,
    /// The best single antigen within the same limits, if the gate has more than one and there is one.
    pub single: Option<Gate>,
    /// `[lesion.antigen]` by antigen, of all patients' malignant cells together.
    pub antigens: Table,
    /// `[lesion.clone]`: which antigens of the gate go together.
    pub clones: Table,
    /// The antigens of each normal tissue.
    pub tissues: Vec<Tissue>,
    /// Whether it only stands for a search, so that any name is that of a tissue.
    pub stands_in: bool,
}

/// A normal tissue of the atlas.
#[derive(Clone, Debug)]
pub struct Tissue {
    /// Its name: tissue · cell type.
    pub name: String,
    /// `[lesion.normal_tissue.antigen]` by antigen.
    pub antigens: Table,
}

impl Found {
    /// Reads the folder of a target search.
    ///
    /// # Errors
    /// If no gate was found, or a file is missing or damaged.
    pub fn read(folder: &Folder) -> Result<Self, Failure> {
        let root = folder.root();
        let answer: TargetsAnswer = files::read_json(&root.join("answer.json"))?;
        let Some(best) = answer.gates.first() else {
            return Err(Failure::run("no gate keeps the limits, so that there is nothing to go on with")
                .help("raise targets.safety.cap, or name other candidates"));
        };
        let gate = parsed(&best.gate)?;
        let single = match answer.best_single() {
            Some((name, value)) if gate.antigens().len() > 1 && value > 0.0 => Some(parsed(name)?),
            _ => None,
        };
        let mut lesion = read_table(&root.join("lesions").join("all-patients.toml"), &["lesion"])?;
        let normal = answer.overlap.groups.iter().filter(|group| !group.malignant).enumerate();
        let tissue = |(place, group): (usize, &perforin_atlas::answer::ProfileRow)| {
            let place = root.join("tissues").join(tissue_file(place, &group.name));
            let antigens = read_table(&place, &["lesion", "normal_tissue", "antigen"])?;
            Ok(Tissue { name: group.name.clone(), antigens })
        };
        let tissues = normal.map(tissue).collect::<Result<_, Failure>>()?;
        let mut take = |name: &str| match lesion.remove(name) {
            Some(Value::Table(table)) => table,
            _ => Table::new(),
        };
        Ok(Self { gate, single, antigens: take("antigen"), clones: take("clone"), tissues, stands_in: false })
    }

    /// What stands for a target search that has not been made, so that a study can be checked: a gate of these antigens,
    /// each of which is enough, on all tumour cells and on healthy ones.
    ///
    /// # Errors
    /// If these antigens cannot make a gate.
    pub fn stand_in(antigens: &[String]) -> Result<Self, Failure> {
        let block: Table = toml::toml! { density = { median = "10000 /cell", log_sd = 0.5 } };
        let gate = parsed(&antigens.join(" | "))?;
        let antigens: Table =
            antigens.iter().map(|name| (name.clone(), Value::Table(block.clone()))).collect();
        let tissue = Tissue { name: "tissue".into(), antigens: antigens.clone() };
        Ok(Self {
            gate,
            single: None,
            antigens,
            clones: Table::new(),
            tissues: vec![tissue],
            stands_in: true,
        })
    }

    /// Share of malignant cells that the gate does not recognise, those whose antigens were merely missed not counted.
    pub fn unrecognised(&self) -> f64 {
        let names = self.gate.antigens();
        let whole = (1_u32 << names.len()) - 1;
        if self.clones.is_empty() {
            let lost = names.first().and_then(|name| negative(self.antigens.get(name)?)).unwrap_or(0.0);
            return if self.gate.is_satisfied(whole) { lost } else { 1.0 - lost };
        }
        let (mut listed, mut missed) = (0.0, 0.0);
        for clone in self.clones.values() {
            let share = percent(clone.get("fraction")).unwrap_or(0.0);
            listed += share;
            missed += if self.gate.is_satisfied(carried(clone, names)) { 0.0 } else { share };
        }
        if self.gate.is_satisfied(whole) { missed } else { missed + (1.0 - listed).max(0.0) }
    }

    /// The antigens of the gate that most of the cells which it recognises carry together.
    pub fn typical(&self) -> Vec<&str> {
        let names = self.gate.antigens();
        let whole = (1_u32 << names.len()) - 1;
        let listed: f64 = self.clones.values().filter_map(|clone| percent(clone.get("fraction"))).sum();
        let mut best = (whole, if self.gate.is_satisfied(whole) { 1.0 - listed } else { -1.0 });
        for clone in self.clones.values() {
            let bits = carried(clone, names);
            let share = percent(clone.get("fraction")).unwrap_or(0.0);
            if self.gate.is_satisfied(bits) && share > best.1 {
                best = (bits, share);
            }
        }
        let names = names.iter().enumerate();
        names.filter(|(i, _)| best.0 >> i & 1 == 1).map(|(_, name)| name.as_str()).collect()
    }

    /// The tissue of that name; without a name the one that carries most of an antigen that the gate requires.
    pub fn tissue(&self, name: Option<&str>) -> Option<&Tissue> {
        if let Some(name) = name.filter(|_| !self.stands_in) {
            let is = |known: &str| known == name || known.split(" · ").next() == Some(name);
            return self.tissues.iter().find(|tissue| is(&tissue.name));
        }
        let positive = self.required();
        let carried = |tissue: &Tissue| {
            let shares = positive.iter().filter_map(|name| tissue.antigens.get(*name)).map(carriers);
            shares.fold(0.0, f64::max)
        };
        let mut best: Option<(&Tissue, f64)> = None;
        for tissue in &self.tissues {
            let share = carried(tissue);
            if best.is_none_or(|(_, most)| share > most) {
                best = Some((tissue, share));
            }
        }
        best.map(|(tissue, _)| tissue)
    }

    /// The antigen that makes the gate fire and that most malignant cells carry.
    pub fn leading(&self) -> Option<&str> {
        let carried = |name: &str| {
            let is_lost = |clone: &Value| clone.get("antigen").and_then(|a| a.get(name)).is_some();
            let lost = self.clones.values().filter(|clone| is_lost(clone));
            let missing = lost.filter_map(|clone| percent(clone.get("fraction"))).sum::<f64>();
            1.0 - missing - self.antigens.get(name).and_then(negative).unwrap_or(0.0)
        };
        let required = self.required();
        let mut best: Option<(&str, f64)> = None;
        for name in required {
            let share = carried(name);
            if best.is_none_or(|(_, most)| share > most) {
                best = Some((name, share));
            }
        }
        best.map(|(name, _)| name)
    }

    /// Antigens that make the gate fire: where they are missing, some cell is no longer recognised.
    fn required(&self) -> Vec<&str> {
        let names = self.gate.antigens();
        let fires = |i: usize| {
            (0..1_u32 << names.len()).any(|set| {
                set >> i & 1 == 1 && self.gate.is_satisfied(set) && !self.gate.is_satisfied(set ^ (1 << i))
            })
        };
        names.iter().enumerate().filter(|(i, _)| fires(*i)).map(|(_, name)| name.as_str()).collect()
    }
}

/// Which of some antigens a clone carries, by the bits of their places: those that it does not set to nothing.
fn carried(clone: &Value, names: &[String]) -> u32 {
    let is_lost = |name: &String| clone.get("antigen").and_then(|a| a.get(name)).is_some();
    names.iter().enumerate().map(|(i, name)| u32::from(!is_lost(name)) << i).sum()
}

/// Share of cells that carry an antigen, by its block.
pub fn carriers(block: &Value) -> f64 {
    let is_none =
        block.get("density").and_then(|d| d.get("median")).is_some_and(|m| m.as_str() == Some("0 /cell"));
    if is_none { 0.0 } else { 1.0 - negative(block).unwrap_or(0.0) }
}

fn negative(block: &Value) -> Option<f64> {
    percent(block.get("negative")?.get("fraction"))
}

fn percent(value: Option<&Value>) -> Option<f64> {
    let text = value?.as_str()?.trim_end_matches('%').trim();
    text.parse::<f64>().ok().map(|percent| percent / 100.0)
}

fn parsed(gate: &str) -> Result<Gate, Failure> {
    gate.parse().map_err(|e: perforin_core::gate::GateError| {
        Failure::run(format!("`{gate}` cannot be a product's gate")).because(&e)
    })
}

/// The table at a path of a TOML file; empty if the file has none there.
fn read_table(place: &Path, path: &[&str]) -> Result<Table, Failure> {
    let text = files::read_text(place)?;
    let mut table: Table = text.parse().map_err(|e: toml::de::Error| {
        Failure::input(format!("`{}` is damaged", place.display())).because(&e)
    })?;
    for name in path {
        table = match table.remove(*name) {
            Some(Value::Table(inner)) => inner,
            _ => Table::new(),
        };
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found() -> Found {
        let clones: Table = toml::toml! {
            A = { fraction = "50 %", antigen = { B = 0.0, C = 0.0 } }
            B = { fraction = "44 %", antigen = { A = 0.0, C = 0.0 } }
            "A+C" = { fraction = "3 %", antigen = { B = 0.0 } }
            none = { fraction = "2 %", antigen = { A = 0.0, B = 0.0, C = 0.0 } }
        };
        let tissue = |name: &str, a: &str, c: &str| Tissue {
            name: name.into(),
            antigens: toml::from_str(&format!(
                "A = {{ density = {{ median = \"{a} /cell\" }}, negative = {{ fraction = \"10 %\" }} }}\n\
                 C = {{ density = {{ median = \"{c} /cell\" }} }}"
            ))
            .unwrap(),
        };
        Found {
            gate: "(A | B) & !C".parse().unwrap(),
            single: None,
            antigens: Table::new(),
            clones,
            tissues: vec![tissue("skin · basal", "0", "9"), tissue("gut · goblet", "5", "7")],
            stands_in: false,
        }
    }

    /// A with C, none, and the 1 % that carry everything, among them the blocker.
    #[test]
    fn unrecognised_are_the_clones_that_the_gate_does_not_fire_on() {
        assert!((found().unrecognised() - 0.06).abs() < 1e-12);
        let one = Found {
            gate: "A".parse().unwrap(),
            clones: Table::new(),
            antigens: toml::toml! { A = { negative = { fraction = "12 %" } } },
            ..found()
        };
        assert!((one.unrecognised() - 0.12).abs() < 1e-12);
    }

    /// Carriers of the blocker are no cells that the gate recognises, however many carry it with an antigen.
    #[test]
    fn the_typical_recognised_cell_carries_what_most_of_them_do() {
        assert_eq!(found().typical(), ["A"]);
        let one = Found { gate: "A".parse().unwrap(), clones: Table::new(), ..found() };
        assert_eq!(one.typical(), ["A"]);
    }

    /// C only blocks: that a tissue carries it does not make it the one at risk.
    #[test]
    fn the_tissue_at_risk_carries_what_makes_the_gate_fire() {
        let found = found();
        assert_eq!(found.tissue(None).unwrap().name, "gut · goblet");
        assert_eq!(found.tissue(Some("skin")).unwrap().name, "skin · basal");
        assert!(found.tissue(Some("liver")).is_none());
        assert_eq!(found.required(), ["A", "B"]);
        assert_eq!(found.leading(), Some("A"));
    }
}
