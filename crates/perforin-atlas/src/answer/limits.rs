//! Which groups count as patients, and how often each normal group may be hit.

use crate::assess::largest_certified;
use crate::cohort::{Role, matches_pattern};
use crate::error::{AtlasError, Result};
use crate::front::Front;
use crate::goal::{fraction, limit};
use crate::load::LoadReport;
use crate::planes::Planes;
use crate::request::TargetsRequest;
use crate::search::ShapeResult;

/// Normal cells below which a group cannot show that it is spared.
const FEW_NORMAL_CELLS: usize = 30;

/// Roles of the groups in a search, indexed like the groups of the planes.
pub struct Limits {
    /// Patients who count in the objective.
    pub patients: Vec<bool>,
    /// Largest accepted hit fraction; 1 for malignant groups.
    pub caps: Vec<f64>,
    /// Normal groups of vital tissues.
    pub vital: Vec<bool>,
    /// What the reader must know.
    pub warnings: Vec<String>,
    certified: bool,
    cells: Vec<u32>,
}

impl Limits {
    /// Derives the limits of a request for an atlas.
    pub fn new(request: &TargetsRequest, planes: &Planes) -> Result<Self> {
        let safety = &request.safety;
        for (field, cap) in [("cap", safety.cap), ("tolerable_cap", safety.tolerable_cap)] {
            if !(0.0..=1.0).contains(&cap) {
                return Err(AtlasError::Request { field, problem: format!("{cap} is not between 0 and 1") });
            }
        }
        let groups = &planes.groups;
        let tolerable =
            |tissue: &str| safety.tolerable.iter().any(|pattern| matches_pattern(pattern, tissue));
        let vital =
            groups.iter().map(|g| matches!(&g.role, Role::Normal { tissue, .. } if !tolerable(tissue)));
        let mut limits = Self {
            patients: groups
                .iter()
                .map(|g| g.role.is_malignant() && g.cells >= request.fewest_cells)
                .collect(),
            caps: Vec::new(),
            vital: vital.collect(),
            warnings: Vec::new(),
            certified: safety.certified,
            cells: groups.iter().map(|g| g.cells as u32).collect(),
        };
        limits.caps = limits.capped(safety.cap, safety.tolerable_cap, planes);
        limits.warn_about_groups(request, planes);
        Ok(limits)
    }

    /// The caps with another cap on the fraction found in vital groups; the others as they are.
    pub fn with_cap(&self, cap: f64) -> Vec<f64> {
        self.vital.iter().zip(&self.caps).map(|(&vital, &old)| if vital { cap } else { old }).collect()
    }

    /// The largest accepted count of each group.
    pub fn counts(&self) -> Vec<u32> {
        self.caps.iter().zip(&self.cells).map(|(&cap, &cells)| limit(cap, cells)).collect()
    }

    fn capped(&self, vital: f64, tolerable: f64, planes: &Planes) -> Vec<f64> {
        let cap = |(g, group): (usize, &crate::planes::Group)| match (&group.role, self.vital[g]) {
            (Role::Malignant { .. }, _) => 1.0,
            (_, true) => self.effective(vital, self.cells[g]),
            (_, false) => self.effective(tolerable, self.cells[g]),
        };
        planes.groups.iter().enumerate().map(cap).collect()
    }

    fn effective(&self, cap: f64, cells: u32) -> f64 {
        if !self.certified || cap >= 1.0 {
            return cap;
        }
        largest_certified(cap, cells).map_or(0.0, |count| fraction(count, cells))
    }

    fn warn_about_groups(&mut self, request: &TargetsRequest, planes: &Planes) {
        let groups = &planes.groups;
        for (group, counts) in groups.iter().zip(&self.patients) {
            if group.role.is_malignant() && !counts {
                self.warnings.push(format!(
                    "patient {} has {} malignant cells, fewer than {}, and is kept apart from the objective",
                    group.role.name(),
                    group.cells,
                    request.fewest_cells
                ));
            }
        }
        let patients = self.patients.iter().filter(|&&p| p).count();
        if patients < 10 {
            self.warnings.push(format!(
                "{patients} patient(s): the best gate of so few need not be the best of others; read the \
                 leave-one-out table"
            ));
        }
        if !groups.iter().any(|g| !g.role.is_malignant()) {
            self.warnings.push("no normal cells: nothing here speaks for the safety of any gate".into());
        }
        for (group, cells) in groups.iter().zip(&self.cells).filter(|(g, _)| !g.role.is_malignant()) {
            if self.certified && largest_certified(request.safety.cap, *cells).is_none() {
                self.warnings.push(format!(
                    "{} has {cells} cells, too few to certify the limit; no hit is accepted there",
                    group.role.name()
                ));
            }
        }
        for group in groups.iter().filter(|g| !g.role.is_malignant() && g.cells < FEW_NORMAL_CELLS) {
            self.warnings.push(format!(
                "{} has {} cells: even no hit among them leaves up to {:.0} % possible",
                group.role.name(),
                group.cells,
                100.0 * crate::assess::wilson(0, group.cells as u32).high
            ));
        }
    }

    /// Adds what the reading and the search have to say.
    pub fn warn_about(&mut self, report: &LoadReport, shapes: &[ShapeResult]) {
        for (path, cells) in &report.left_out {
            self.warnings.push(format!("{}: {cells} cells lack a label and are left out", path.display()));
        }
        if !report.dropped.is_empty() {
            self.warnings
                .push(format!("{} candidates are not in every file and are left out", report.dropped.len()));
        }
        for found in report.matches.iter().filter(|m| !m.repeated.is_empty()) {
            self.warnings.push(format!(
                "{}: {} candidates have several rows; a cell is positive if any of them is",
                found.path.display(),
                found.repeated.len()
            ));
        }
        for shape in shapes.iter().filter(|s| !s.certificate.proven) {
            self.warnings.push(format!(
                "{}: stopped before the proof; found {:.4}, at most {:.4} possible",
                shape.shape.formula(),
                shape.certificate.optimum,
                shape.certificate.bound
            ));
        }
        if shapes.iter().all(|s| s.hits.is_empty()) {
            self.warnings
                .push("no gate keeps the limits and covers any cell of every patient that counts".into());
        }
    }

    /// Adds what the walk along the front has to say.
    pub fn warn_about_front(&mut self, front: &Front) {
        if front.is_cut_short {
            let reach = match (front.points.first(), front.points.last()) {
                (Some(first), Some(last)) => {
                    format!("between {:.4} and {:.4} of the worst vital group", first.limit, last.limit)
                }
                _ => "nowhere".into(),
            };
            self.warnings.push(format!("the front was stopped before its end; it is proved {reach}"));
        }
    }
}
