//! What a lesion's study needs of the answer: the product's gate, and the antigens of the tumour's cells.

mod joint;

use perforin_atlas::TargetsAnswer;
use perforin_atlas::density::{Density, densities};
use perforin_atlas::load::Loaded;
use perforin_atlas::watch::Watch;
use perforin_core::catalogue::targets::DETECTION_FLOOR;
use perforin_core::study::targets::AnchorSection;

use self::joint::Joint;
use super::question::Question;
use crate::failure::Failure;
use crate::report::shown;
use crate::table::{Column, Table, Values};

/// Stands for any antigen that is not named.
pub const ANY: &str = "*";
/// Gates that get a product block.
const PRODUCTS: usize = 5;

/// A `[product]` block for each of the leading gates, by file name.
pub fn products(answer: &TargetsAnswer) -> Vec<(String, String)> {
    let gates = answer.gates.iter().take(PRODUCTS).enumerate();
    gates.map(|(rank, gate)| (format!("gate-{}.toml", rank + 1), gate.product_block())).collect()
}

/// The antigens of the leading gates on malignant and on normal cells.
#[derive(Clone, Debug)]
pub struct Profiles {
    rows: Vec<Row>,
    /// The same on the cells of normal tissues, tissue by tissue.
    tissues: Vec<Row>,
    /// Which antigens of the best gate go together, for all patients and for each.
    joints: Vec<Joint>,
    /// The antigens of the best gate.
    gate: Vec<String>,
}

#[derive(Clone, Debug)]
struct Row {
    density: Density,
    /// Median density of carriers, /cell; none without an anchor.
    median: Option<f64>,
}

impl Profiles {
    /// Reads the antigens of the leading gates once more, with their counts.
    ///
    /// # Errors
    /// If a file cannot be read any more.
    pub fn new(
        question: &Question,
        loaded: &Loaded,
        answer: &TargetsAnswer,
        watch: &Watch,
    ) -> Result<Self, Failure> {
        let overlap = &answer.overlap.antigens;
        let antigens: Vec<u32> =
            overlap.iter().filter_map(|name| loaded.planes.literal(name)).map(|l| l as u32).collect();
        let floor = question.request.calling.detection.map_or(DETECTION_FLOOR.value, |d| d.floor);
        let mut found = densities(loaded, &question.request.files, &antigens, floor, watch)
            .map_err(|e| Failure::run("the antigens' counts cannot be read").because(&e))?;
        for genotype in question.request.genotypes.iter().filter(|g| overlap.contains(&g.name)) {
            found.malignant.extend(joint::genotype(&answer.overlap, &genotype.name));
        }
        let pooled =
            |antigen: &str| found.malignant.iter().find(|d| d.antigen == antigen && d.group.is_none());
        let row = |density: &Density| {
            let anchors = &question.profile.anchor;
            let anchor = anchors.get(&density.antigen).or_else(|| anchors.get(ANY));
            let pooled = pooled(&density.antigen);
            let molecules = anchor.and_then(|anchor| molecules(anchor, pooled));
            let median = match density.spread {
                Some(spread) => molecules.map(|m| m * spread.median),
                None => anchor.and_then(|anchor| anchor.median).map(|median| median.value()),
            };
            Row { density: density.clone(), median }
        };
        let [rows, tissues] = [&found.malignant, &found.normal].map(|of| of.iter().map(row).collect());
        let literals = answer.gates.first().map_or(0, |gate| gate.literals.len());
        let gate = overlap.iter().take(literals).cloned().collect();
        Ok(Self { rows, tissues, joints: joint::all(answer, &found.malignant), gate })
    }

    /// The table, if there are antigens with counts.
    pub fn table(&self) -> Option<(&'static str, Table)> {
        let mut table = Table::default();
        let text = |value: &dyn Fn(&Row) -> String| Values::Text(self.rows.iter().map(value).collect());
        let number = |value: &dyn Fn(&Row) -> Option<f64>| {
            Values::Numbers(self.rows.iter().map(|row| value(row).unwrap_or(f64::NAN)).collect())
        };
        let column = |name: &str, unit: &str, meaning: &str| Column::new(name, unit, meaning);
        table.push(column("antigen", "1", "The antigen"), text(&|r| r.density.antigen.clone()));
        table.push(
            column("patient", "1", "The patient; empty for all together"),
            text(&|r| r.density.group.clone().unwrap_or_default()),
        );
        let cells = Values::Whole(self.rows.iter().map(|r| i64::from(r.density.cells)).collect());
        table.push(column("cells", "cells", "Malignant cells"), cells);
        table.push(
            column("detected", "1", "Share in which the antigen was detected"),
            number(&|r| Some(r.density.detected)),
        );
        table.push(
            column("carriers", "1", "Share that carries it, those in which it was missed included"),
            number(&|r| r.density.spread.map(|s| s.carriers)),
        );
        table.push(
            column("median_count", "counts", "Median over carriers of the mean count at median depth"),
            number(&|r| r.density.spread.map(|s| s.median)),
        );
        table.push(
            column("log_sd", "1", "Standard deviation of its natural logarithm"),
            number(&|r| r.density.spread.map(|s| s.log_sd)),
        );
        table.push(
            column("median_density", "/cell", "Median density of carriers, by the study's anchor"),
            number(&|r| r.median),
        );
        (!self.rows.is_empty()).then_some(("profile", table))
    }

    /// `[lesion.antigen]` and `[lesion.clone]` blocks for all patients together and for each, by file name.
    pub fn lesions(&self) -> Vec<(String, String)> {
        let mut files: Vec<(&Option<String>, String)> = Vec::new();
        for row in self.rows.iter().filter(|row| self.is_wanted(row)) {
            let patient = &row.density.group;
            let at = files.iter().position(|(known, _)| *known == patient).unwrap_or_else(|| {
                files.push((patient, head(patient.as_deref())));
                files.len() - 1
            });
            let joint = self
                .joint(patient.as_deref())
                .is_some_and(|joint| joint.antigens.contains(&row.density.antigen));
            files[at].1.push_str(&block("lesion", row, joint));
        }
        for (patient, text) in &mut files {
            text.push_str(&self.joint(patient.as_deref()).map_or(String::new(), Joint::clones));
        }
        let name = |(i, patient): (usize, &Option<String>)| match patient {
            None => "all-patients.toml".to_owned(),
            Some(patient) => format!("{:03}-{}.toml", i, file_name(patient)),
        };
        files.into_iter().enumerate().map(|(i, (patient, text))| (name((i, patient)), text)).collect()
    }

    /// `[lesion.normal_tissue.antigen]` blocks for each normal tissue, by file name.
    pub fn tissues(&self) -> Vec<(String, String)> {
        let mut files: Vec<(String, String)> = Vec::new();
        let mut last = None;
        for row in self.tissues.iter().filter(|row| self.is_wanted(row)) {
            let name = row.density.group.as_deref().unwrap_or_default();
            if last != Some(name) {
                let head =
                    format!("# Antigens of the cells of {name}, for [lesion.normal_tissue] of a study.\n");
                files.push((tissue_file(files.len(), name), head));
                last = Some(name);
            }
            if let Some((_, text)) = files.last_mut() {
                text.push_str(&block("lesion.normal_tissue", row, false));
            }
        }
        files
    }

    /// Whether a lesion can use its antigen: one that is not the gate's is of use only with an anchor.
    fn is_wanted(&self, row: &Row) -> bool {
        let antigen = &row.density.antigen;
        let is_anchored = |known: &Row| known.density.antigen == *antigen && known.median.is_some();
        self.gate.contains(antigen) || self.rows.iter().any(is_anchored)
    }

    fn joint(&self, patient: Option<&str>) -> Option<&Joint> {
        self.joints.iter().find(|joint| joint.patient.as_deref() == patient)
    }
}

fn molecules(anchor: &AnchorSection, pooled: Option<&Density>) -> Option<f64> {
    if let Some(molecules) = anchor.molecules_per_count {
        return Some(molecules);
    }
    Some(anchor.median?.value() / pooled?.spread?.median)
}

fn head(patient: Option<&str>) -> String {
    let whose = patient.map_or("of all patients together".into(), |p| format!("of patient {p}"));
    format!(
        "# Antigens of the malignant cells {whose}, for the [lesion] of a study. An atlas has no positions: whether \
         cells of a\n# kind lie in patches is yours to say (`patch`).\n"
    )
}

/// An antigen's density, and, unless clones say it, how many cells lack it.
fn block(section: &str, row: &Row, is_joint: bool) -> String {
    let density = &row.density;
    let name = perforin_atlas::shape::clean(&density.antigen);
    let missing = shown(100.0 * (1.0 - density.detected));
    let negative = match density.spread {
        _ if is_joint => String::new(),
        None => format!("negative = {{ fraction = \"{missing} %\" }}\n"),
        Some(spread) => format!(
            "negative = {{ fraction = \"{} %\" }}  # not detected in {missing} %; the rest was missed\n",
            shown(100.0 * (1.0 - spread.carriers))
        ),
    };
    format!("\n[{section}.antigen.\"{name}\"]\n{}\n{negative}", density_line(row))
}

/// The density, or, without an anchor, what is missing to say it.
fn density_line(row: &Row) -> String {
    if row.density.detected == 0.0 {
        return format!(
            "density = {{ median = \"0 /cell\" }}  # not detected on any of {} cells",
            row.density.cells
        );
    }
    let log_sd = row.density.spread.map_or(String::new(), |s| format!(", log_sd = {}", shown(s.log_sd)));
    if let Some(median) = row.median {
        return format!("density = {{ median = \"{} /cell\"{log_sd} }}", shown(median).replace(',', ""));
    }
    let known = match row.density.spread {
        Some(spread) => format!("Median of {} counts{}.", shown(spread.median), log_sd.replace(" =", "")),
        None => "Not given in counts.".into(),
    };
    format!(
        "# {known} How many molecules that is, [targets.profile.anchor] must say:\n\
         # density = {{ median = \"… /cell\"{log_sd} }}"
    )
}

/// The file of a normal tissue, by its place among them and its name.
pub fn tissue_file(place: usize, name: &str) -> String {
    format!("{:03}-{}.toml", place + 1, file_name(name))
}

/// A name that every file system accepts.
fn file_name(name: &str) -> String {
    name.chars()
        .map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' })
        .take(60)
        .collect()
}
