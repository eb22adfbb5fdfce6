//! The answer as files: a ranked table, JSON, a product block, an antigen profile.

use serde::{Deserialize, Serialize};

use super::TargetsAnswer;
use super::describe::GateReport;
use crate::assess::patterns;
use crate::load::Loaded;
use crate::shape::clean;

impl TargetsAnswer {
    /// The described gates as tab-separated text, one per line under a header.
    pub fn ranked_tsv(&self) -> String {
        let mut text = String::from(
            "rank\tgate\tshape\tvalue\tdiscounted\tleast_covered_patient\tworst_tissue\tworst_fraction\tworst_high\t\
             pooled_sensitivity\tpooled_specificity\tcasualties\tprotein_unknown\n",
        );
        let mut rank = 0;
        for (i, gate) in self.gates.iter().enumerate() {
            // Equals share a rank.
            if i == 0 || gate.value < self.gates[i - 1].value {
                rank = i + 1;
            }
            text.push_str(&gate_line(rank, gate));
        }
        text
    }

    /// One line per gate and group: every patient and every tissue, with intervals.
    pub fn groups_tsv(&self) -> String {
        let mut text = String::from("gate\tkind\tgroup\tcells\thit\tfraction\tlow\thigh\tcap\n");
        for gate in &self.gates {
            let kinds =
                [("patient", &gate.patients), ("patient_apart", &gate.apart), ("normal", &gate.tissues)];
            for (kind, row) in kinds.iter().flat_map(|(kind, rows)| rows.iter().map(move |row| (kind, row))) {
                let cap = row.cap.map_or(String::new(), |cap| cap.to_string());
                let line = format!(
                    "{}\t{kind}\t{}\t{}\t{}\t{}\t{}\t{}\t{cap}\n",
                    gate.gate,
                    row.name,
                    row.cells,
                    row.hit,
                    row.fraction,
                    row.interval.low,
                    row.interval.high
                );
                text.push_str(&line);
            }
        }
        text
    }

    /// The whole answer as JSON.
    ///
    /// # Errors
    /// If a number cannot be written, which no answer of this crate contains.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }
}

fn gate_line(rank: usize, gate: &GateReport) -> String {
    let optional = |value: Option<f64>| value.map_or(String::new(), |v| v.to_string());
    let worst = gate.tissues.first();
    let antigens = |wanted: &dyn Fn(&super::AntigenReport) -> bool| {
        let named = gate.antigens.iter().filter(|a| wanted(a)).map(|a| a.antigen.clone());
        named.collect::<Vec<_>>().join(",")
    };
    format!(
        "{rank}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n",
        gate.gate,
        gate.shape.formula(),
        gate.value,
        optional(gate.discounted),
        gate.limiting.as_ref().map_or("", |(name, _)| name),
        worst.map_or("", |row| &row.name),
        optional(worst.map(|row| row.fraction)),
        optional(worst.map(|row| row.interval.high)),
        gate.pooled.sensitivity,
        optional(gate.pooled.specificity),
        antigens(&|a| !a.casualties.is_empty()),
        antigens(&|a| a.protein == crate::evidence::ProteinEvidence::Unknown),
    )
}

impl GateReport {
    /// A `[product]` block for a study file. Affinities are placeholders that the user must fill in: no atlas knows
    /// them.
    pub fn product_block(&self) -> String {
        let mut text = format!(
            "# {} covers {:.1} % by the objective of the target search\n[product]\nkind = \"CAR-T\"\ngate = \"{}\"\n",
            self.gate,
            100.0 * self.value,
            self.gate
        );
        for antigen in &self.antigens {
            let role = if antigen.negated { "inhibitory " } else { "" };
            let block = format!(
                "\n[product.receptor.\"{}\"]\nkd = \"10 nM\"  # assumed: the affinity of the {role}receptor\n",
                clean(&antigen.antigen)
            );
            text.push_str(&block);
        }
        text
    }
}

/// The joint presence of a gate's antigens in each group of cells, as a lesion of that tumour would draw it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Profile {
    /// The antigens.
    pub antigens: Vec<String>,
    /// The groups.
    pub groups: Vec<ProfileRow>,
}

/// One group's antigen combinations.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct ProfileRow {
    /// The patient, or tissue · cell type.
    pub name: String,
    /// Whether its cells are malignant.
    pub malignant: bool,
    /// Cells by combination: bit i of the index is the i-th antigen.
    pub cells: Vec<u32>,
}

impl Profile {
    /// The profile of some antigens (by index in the planes, at most five; others are left out) of an atlas.
    pub fn new(loaded: &Loaded, antigens: &[u32]) -> Self {
        let planes = &loaded.planes;
        let antigens: Vec<u32> =
            antigens.iter().copied().filter(|&l| (l as usize) < planes.literals.len()).take(5).collect();
        let row = |(group, cells): (&crate::planes::Group, Vec<u32>)| ProfileRow {
            name: group.role.name(),
            malignant: group.role.is_malignant(),
            cells,
        };
        Self {
            groups: planes.groups.iter().zip(patterns(planes, &antigens)).map(row).collect(),
            antigens: antigens.iter().map(|&l| planes.literals[l as usize].clone()).collect(),
        }
    }
}
