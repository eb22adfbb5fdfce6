//! A gate in full.

use serde::{Deserialize, Serialize};

use super::limits::Limits;
use crate::assess::{self, BlockerReport, GroupRow, ThresholdRow};
use crate::evidence::{Casualty, NormalProtein, NormalRna, ProteinEvidence, RnaEvidence, casualties};
use crate::goal::{Goal, fraction};
use crate::planes::Planes;
use crate::search::Hit;
use crate::shape::{Shape, clean};

/// Everything about one gate.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct GateReport {
    /// The gate, in the gate language.
    pub gate: String,
    /// A graded reading for expression levels: min for and, max for or, difference for not.
    pub graded: String,
    /// Its shape.
    pub shape: Shape,
    /// Its literals X, Y, Z by index.
    pub literals: Vec<u32>,
    /// The objective's value.
    pub value: f64,
    /// The value if malignant cells in which a blocker was missed count as not covered; the same without a NOT.
    /// None if no such discount can be stated.
    pub discounted: Option<f64>,
    /// All malignant and all normal cells together, as most published searches report.
    pub pooled: Pooled,
    /// Patients that count.
    pub patients: Vec<GroupRow>,
    /// Patients with too few malignant cells to count.
    pub apart: Vec<GroupRow>,
    /// The patient who is covered least, and the objective's value without them; none if patients are pooled.
    pub limiting: Option<(String, f64)>,
    /// Normal groups, the most hit first.
    pub tissues: Vec<GroupRow>,
    /// The gate with cells called at other thresholds.
    pub thresholds: Vec<ThresholdRow>,
    /// What its NOTs rest on.
    pub blockers: Vec<BlockerReport>,
    /// What is known of its antigens.
    pub antigens: Vec<AntigenReport>,
}

/// Pooled figures.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
pub struct Pooled {
    /// Covered fraction of all malignant cells.
    pub sensitivity: f64,
    /// Spared fraction of all normal cells; none without normal cells.
    pub specificity: Option<f64>,
}

/// What is known of an antigen beyond the atlas.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct AntigenReport {
    /// The literal.
    pub antigen: String,
    /// Whether it stands under a NOT.
    pub negated: bool,
    /// Toxicities of products against it.
    pub casualties: Vec<Casualty>,
    /// Its protein in normal organs.
    pub protein: ProteinEvidence,
    /// Its RNA in normal organs.
    pub rna: RnaEvidence,
}

/// What describing a gate needs.
pub struct Describer<'a> {
    /// The atlas.
    pub planes: &'a Planes,
    /// What was maximised.
    pub goal: &'a Goal,
    /// Patients and limits.
    pub limits: &'a Limits,
    /// Number of literals that are genes.
    pub genes: usize,
    /// Stains of normal organs.
    pub protein: Option<&'a NormalProtein>,
    /// RNA of normal organs.
    pub rna: Option<&'a NormalRna>,
}

impl Describer<'_> {
    /// Describes a gate.
    pub fn gate(&self, shape: Shape, hit: &Hit) -> GateReport {
        let planes = self.planes;
        let hits = assess::counts(planes, 0, shape, &hit.literals);
        let names: Vec<&str> = hit.literals.iter().map(|&l| planes.literals[l as usize].as_str()).collect();
        let row = |g: usize, cap| {
            let group = &planes.groups[g];
            GroupRow::new(group.role.name(), hits[g], group.cells as u32, cap)
        };
        let malignant = |counts: bool| {
            let groups = 0..planes.groups.len();
            let chosen =
                groups.filter(|&g| planes.groups[g].role.is_malignant() && self.limits.patients[g] == counts);
            chosen.map(|g| row(g, None)).collect::<Vec<_>>()
        };
        let mut tissues: Vec<GroupRow> = (0..planes.groups.len())
            .filter(|&g| !planes.groups[g].role.is_malignant())
            .map(|g| row(g, (!self.goal.pooled).then(|| self.limits.caps[g])))
            .collect();
        tissues.sort_by(|a, b| b.fraction.total_cmp(&a.fraction).then_with(|| a.name.cmp(&b.name)));
        let patients = malignant(true);
        let blockers =
            assess::blocker_reports(planes, &self.limits.patients, shape, &hit.literals, &hits, self.genes);
        GateReport {
            gate: gate_text(shape, &names),
            graded: graded(shape, &names),
            shape,
            literals: hit.literals.clone(),
            value: hit.value,
            discounted: self.discounted(shape, hit, &patients, &blockers),
            pooled: pooled(planes, &hits),
            limiting: if self.goal.pooled { None } else { self.limiting(&patients) },
            apart: malignant(false),
            patients,
            tissues,
            thresholds: self.thresholds(shape, hit),
            blockers,
            antigens: self.antigens(shape, &names),
        }
    }

    fn thresholds(&self, shape: Shape, hit: &Hit) -> Vec<ThresholdRow> {
        let limits = self.limits.counts();
        assess::threshold_rows(self.planes, self.goal, &self.limits.patients, &limits, shape, &hit.literals)
    }

    /// The objective with the coverage of each patient discounted for every blocker.
    fn discounted(
        &self,
        shape: Shape,
        hit: &Hit,
        patients: &[GroupRow],
        blockers: &[BlockerReport],
    ) -> Option<f64> {
        let genes =
            hit.literals.iter().zip(shape.negated()).filter(|&(&l, not)| not && (l as usize) < self.genes);
        if genes.count() == 0 || self.planes.modelled {
            return Some(hit.value);
        }
        let mut fractions: Vec<f64> = patients.iter().map(|row| row.fraction).collect();
        let mut modelled = false;
        for blocker in blockers.iter().filter_map(|b| b.discounted.as_ref()) {
            modelled = true;
            for ((fraction, discounted), row) in fractions.iter_mut().zip(blocker).zip(patients) {
                *fraction *= if row.fraction > 0.0 { discounted / row.fraction } else { 0.0 };
            }
        }
        if !modelled || self.goal.pooled {
            return None;
        }
        fractions.sort_by(f64::total_cmp);
        fractions.get(self.goal.failures).copied()
    }

    /// The patient covered least, and the value of the objective without them.
    fn limiting(&self, patients: &[GroupRow]) -> Option<(String, f64)> {
        let least = patients.iter().reduce(|a, b| if b.fraction < a.fraction { b } else { a })?;
        let mut rest: Vec<f64> =
            patients.iter().filter(|row| row.name != least.name).map(|row| row.fraction).collect();
        rest.sort_by(f64::total_cmp);
        rest.get(self.goal.failures).map(|&value| (least.name.clone(), value))
    }

    fn antigens(&self, shape: Shape, names: &[&str]) -> Vec<AntigenReport> {
        let report = |(name, negated): (&&str, bool)| AntigenReport {
            antigen: (*name).to_owned(),
            negated,
            casualties: if negated { Vec::new() } else { casualties(name) },
            protein: self.protein.map_or(ProteinEvidence::Unknown, |table| table.evidence(name)),
            rna: self.rna.map_or(RnaEvidence::Unknown, |table| table.evidence(name)),
        };
        names.iter().zip(shape.negated()).map(report).collect()
    }
}

fn pooled(planes: &Planes, hits: &[u32]) -> Pooled {
    let total = |malignant: bool| {
        let groups = planes.groups.iter().zip(hits).filter(|(g, _)| g.role.is_malignant() == malignant);
        groups.fold((0, 0), |(h, n), (group, hit)| (h + hit, n + group.cells as u32))
    };
    let ((covered, malignant), (hit, normal)) = (total(true), total(false));
    Pooled {
        sensitivity: fraction(covered, malignant),
        specificity: (normal > 0).then(|| 1.0 - fraction(hit, normal)),
    }
}

/// The gate in the gate language; names that the language does not know have their odd characters replaced.
pub fn gate_text(shape: Shape, names: &[&str]) -> String {
    let clean: Vec<String> = names.iter().map(|name| clean(name)).collect();
    let clean: Vec<&str> = clean.iter().map(String::as_str).collect();
    shape
        .gate(&clean)
        .map_or_else(|_| format!("{} of {}", shape.formula(), clean.join(", ")), |g| g.to_string())
}

fn graded(shape: Shape, names: &[&str]) -> String {
    let [x, y, z] = [0, 1, 2].map(|i| names.get(i).copied().unwrap_or_default());
    match shape {
        Shape::Single => x.to_owned(),
        Shape::And => format!("min({x}, {y})"),
        Shape::Or => format!("max({x}, {y})"),
        Shape::AndNot => format!("max({x} - {y}, 0)"),
        Shape::And3 => format!("min({x}, {y}, {z})"),
        Shape::AndAndNot => format!("max(min({x}, {y}) - {z}, 0)"),
        Shape::AndNotNot => format!("max({x} - {y} - {z}, 0)"),
        Shape::AndEither => format!("min({x}, max({y}, {z}))"),
        Shape::AndUnless => format!("max({x} - max({z} - {y}, 0), 0)"),
        Shape::AndNotBoth => format!("max({x} - min({y}, {z}), 0)"),
        Shape::EitherNot => format!("max(max({y}, {z}) - {x}, 0)"),
        Shape::Or3 => format!("max({x}, {y}, {z})"),
        Shape::OrBoth => format!("max({x}, min({y}, {z}))"),
        Shape::OrAndNot => format!("max({x}, {y} - {z})"),
    }
}
