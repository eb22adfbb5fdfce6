//! From a study's `[targets]` to a request of the search.

use std::path::{Path, PathBuf};

use perforin_atlas::cohort::{AtlasFile, Field, Malignancy};
use perforin_atlas::dropout::Detection;
use perforin_atlas::front::Extent;
use perforin_atlas::genotype::Genotype;
use perforin_atlas::goal::Objective;
use perforin_atlas::load::Calling;
use perforin_atlas::read::MatrixChoice;
use perforin_atlas::request::{Candidates, Safety, TargetsRequest};
use perforin_atlas::synthetic::Synthetic;
use perforin_core::catalogue::targets as defaults;
use perforin_core::catalogue::{Ledger, THE_STUDY};
use perforin_core::quantity::Fraction;
use perforin_core::study::TargetsSection;
use perforin_core::study::targets::{
    AtlasSection, CellsWord, FrontSection, GeneratedSection, GenotypeSection, LabelSection, ObjectiveSection,
    PresenceWord, ProfileSection,
};
use perforin_lesion::scenario::Problem;

use crate::failure::Failure;
use crate::study::Study;

/// Limits of the front unless the study says otherwise.
const FRONT: [f64; 7] = [0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2];

/// What a study asks, ready to be answered.
#[derive(Clone, Debug)]
pub struct Question {
    /// The request.
    pub request: TargetsRequest,
    /// When the search for gates of four and five antigens ends, s after its start.
    pub time_limit: Option<f64>,
    /// How counts become molecules.
    pub profile: ProfileSection,
    /// Gates that are written back into the files.
    pub label_cells: usize,
    /// Every value that is used.
    pub ledger: Ledger,
}

impl Question {
    /// What a study asks; paths start from `base`.
    ///
    /// # Errors
    /// Everything that is wrong with its `[targets]`, each at its line.
    pub fn new(study: &Study, base: &Path) -> Result<Self, Failure> {
        study.require("targets")?;
        let section = study.file.targets.clone().unwrap_or_default();
        let mut builder = Builder { base, problems: Vec::new(), ledger: Ledger::new() };
        let question = builder.build(&section, study.file.study.seed);
        if builder.problems.is_empty() { Ok(question) } else { Err(study.refuse(&builder.problems)) }
    }
}

struct Builder<'a> {
    base: &'a Path,
    problems: Vec<Problem>,
    ledger: Ledger,
}

impl Builder<'_> {
    fn wrong(&mut self, path: &str, message: impl Into<String>, help: Option<&str>) {
        let (path, message) = (format!("targets.{path}"), message.into());
        self.problems.push(Problem { path, message, help: help.map(Into::into) });
    }

    fn build(&mut self, section: &TargetsSection, seed: u64) -> Question {
        if section.atlas.is_empty() == section.generated.is_none() {
            let help = "name files under [[targets.atlas]], or ask for [targets.generated]";
            self.wrong("atlas", "a search needs atlas files or a generated atlas, not both", Some(help));
        }
        let mut files: Vec<AtlasFile> =
            section.atlas.iter().enumerate().map(|(i, atlas)| self.atlas(i, atlas)).collect();
        files.extend(section.generated.as_ref().map(|given| self.generated(given, seed).file()));
        let mut request = TargetsRequest::new(files);
        request.candidates = self.candidates(section);
        request.genotypes = section.genotype.iter().map(|(name, g)| self.genotype(name, g)).collect();
        request.calling = self.calling(section, seed);
        request.objective = objective(section.objective);
        (request.literals, request.larger) = self.literals(section.literals);
        request.safety = self.safety(section);
        request.fewest_cells =
            self.whole("targets.fewest_cells", section.fewest_cells, &defaults::FEWEST_CELLS);
        request.blocker_share = self.fraction(section.blocker_share, &defaults::BLOCKER_SHARE);
        request.normal_protein =
            section.normal_protein.as_ref().map(|file| self.existing("normal_protein", file));
        request.normal_rna = section.normal_rna.as_ref().map(|file| self.existing("normal_rna", file));
        self.report(section, &mut request);
        self.anchors(&section.profile);
        Question {
            request,
            time_limit: section.time_limit.map(|t| t.value() * 60.0),
            profile: section.profile.clone(),
            label_cells: section.report.label_cells.unwrap_or(0),
            ledger: std::mem::take(&mut self.ledger),
        }
    }

    fn existing(&mut self, key: &str, file: &str) -> PathBuf {
        let path = self.base.join(file);
        if !path.exists() {
            let message = format!("there is no file or folder `{}`", path.display());
            self.wrong(key, message, Some("paths start from the study's folder; `--data` gives another"));
        }
        path
    }

    fn atlas(&mut self, i: usize, atlas: &AtlasSection) -> AtlasFile {
        let at = |key: &str| format!("atlas.{i}.{key}");
        let malignant = match (&atlas.cells, &atlas.malignant) {
            (Some(CellsWord::Malignant), None) => Malignancy::All,
            (Some(CellsWord::Normal), None) => Malignancy::None,
            (None, Some(m)) => Malignancy::Label {
                column: m.column.clone(),
                malignant: m.labels.clone(),
                normal: m.normal.clone(),
            },
            _ => {
                let help = "cells = \"malignant\" or \"normal\" for all of them, or \
                            malignant = { column = \"…\", labels = [\"…\"] }";
                self.wrong(&at("malignant"), "say which cells are malignant, in exactly one way", Some(help));
                Malignancy::All
            }
        };
        AtlasFile {
            path: self.existing(&at("file"), &atlas.file),
            matrix: match atlas.matrix.as_deref() {
                None | Some("X") => MatrixChoice::Main,
                Some("raw") => MatrixChoice::Raw,
                Some(layer) => MatrixChoice::Layer(layer.strip_prefix("layers/").unwrap_or(layer).into()),
            },
            labels: atlas.labels.as_ref().map(|file| self.existing(&at("labels"), file)),
            malignant,
            patient: self.field(&at("patient"), atlas.patient.as_ref(), "patient"),
            tissue: self.field(&at("tissue"), atlas.tissue.as_ref(), "tissue"),
            cell_type: self.field(&at("cell_type"), atlas.cell_type.as_ref(), "cell_type"),
        }
    }

    fn field(&mut self, path: &str, given: Option<&LabelSection>, default: &str) -> Field {
        match given.map(|label| (&label.column, &label.fixed)) {
            None => Field::Column(default.into()),
            Some((Some(column), None)) => Field::Column(column.clone()),
            Some((None, Some(value))) => Field::Fixed(value.clone()),
            Some(_) => {
                self.wrong(path, "give either `column` or `fixed`", None);
                Field::Column(default.into())
            }
        }
    }

    fn candidates(&mut self, section: &TargetsSection) -> Candidates {
        let given = &section.candidates;
        if !given.genes.is_empty() && !given.surface.is_empty() {
            self.wrong("candidates", "give either `genes` or `surface`", None);
        }
        if !given.genes.is_empty() {
            return Candidates::Named(given.genes.clone());
        }
        if given.surface.is_empty() {
            if given.grade.is_some() {
                self.wrong("candidates.grade", "a grade needs a list: `surface`", None);
            }
            return Candidates::All;
        }
        let lists = given.surface.iter().enumerate();
        let lists = lists.map(|(i, file)| self.existing(&format!("candidates.surface.{i}"), file)).collect();
        Candidates::Surface { lists, grade: given.grade.unwrap_or(1) }
    }

    fn genotype(&mut self, name: &str, g: &GenotypeSection) -> Genotype {
        if perforin_core::gate::Gate::antigen(name).is_err() {
            let help = "begin with a letter; use letters, digits, `_`, `-` and `.`";
            self.wrong(&format!("genotype.{name}"), "this name cannot stand in a gate", Some(help));
        }
        if g.present.is_empty() {
            let help = "name the labels of those who carry it, such as [\"yes\"]";
            self.wrong(&format!("genotype.{name}.present"), "no label means that it is carried", Some(help));
        }
        if g.patients.is_some() && g.normal.is_none() {
            let help = "normal = \"present\" or \"absent\"";
            let message = "a table of patients says nothing of normal cells";
            self.wrong(&format!("genotype.{name}.patients"), message, Some(help));
        }
        Genotype {
            name: name.into(),
            column: g.column.clone(),
            present: g.present.clone(),
            patients: g
                .patients
                .as_ref()
                .map(|file| self.existing(&format!("genotype.{name}.patients"), file)),
            normal: g.normal.map(|word| word == PresenceWord::Present),
        }
    }

    fn calling(&mut self, section: &TargetsSection, seed: u64) -> Calling {
        let given = &section.calling;
        let thresholds = given.thresholds.clone().unwrap_or_else(|| vec![0.0]);
        if thresholds.is_empty() || thresholds.iter().any(|t| !(*t >= 0.0 && t.is_finite())) {
            let message = "at least one threshold is needed, each finite and not negative";
            self.wrong("calling.thresholds", message, None);
        }
        for (i, threshold) in thresholds.iter().enumerate() {
            let path = format!("targets.calling.thresholds.{i}");
            let source = if given.thresholds.is_some() { THE_STUDY } else { "assumed: any positive count" };
            self.ledger.record(&path, *threshold, "counts", source, "Smallest value that counts as detected");
        }
        let detection = given.detection.as_ref().map(|model| {
            let floor = self.fraction(model.floor, &defaults::DETECTION_FLOOR);
            Detection { floor, seed }
        });
        if let Some(Detection { floor, .. }) = detection
            && let Err(error) = defaults::DETECTION_FLOOR.check(floor)
        {
            self.wrong("calling.detection.floor", error.to_string(), None);
        }
        if detection.is_some() && given.depth_matched {
            let message = "the model of dropout accounts for depth by itself";
            self.wrong("calling.depth_matched", message, Some("leave it out"));
        }
        Calling { thresholds, depth_matched: given.depth_matched, detection }
    }

    fn literals(&mut self, given: Option<usize>) -> (usize, usize) {
        let literals = given.unwrap_or(3);
        if !(1..=5).contains(&literals) {
            self.wrong("literals", format!("{literals} is not from 1 to 5"), None);
        }
        (literals.clamp(1, 3), if literals > 3 { literals.min(5) } else { 0 })
    }

    fn safety(&mut self, section: &TargetsSection) -> Safety {
        let given = &section.safety;
        let pooled = section.objective == Some(ObjectiveSection::Pooled);
        let cap = if pooled { &defaults::POOLED_CAP } else { &defaults::CAP };
        if pooled && (!given.tolerable.is_empty() || given.tolerable_cap.is_some() || given.certified) {
            let message = "the pooled objective limits all normal cells together";
            self.wrong("safety", message, Some("only `cap` applies; or choose another objective"));
        }
        Safety {
            cap: self.fraction(given.cap, cap),
            tolerable: given.tolerable.clone(),
            tolerable_cap: self.fraction(given.tolerable_cap, &defaults::TOLERABLE_CAP),
            certified: given.certified,
        }
    }

    fn report(&mut self, section: &TargetsSection, request: &mut TargetsRequest) {
        let given = &section.report;
        request.keep = given.keep.unwrap_or(request.keep);
        request.described = given.gates.unwrap_or(request.described);
        request.front = self.front(given.front.as_ref());
        request.leave_one_out = given.leave_one_out.unwrap_or(request.leave_one_out);
        request.epsilon = self.fraction(given.equals_within, &defaults::EQUALS_WITHIN);
        if request.epsilon >= 1.0 {
            self.wrong("report.equals_within", "must be below 100 %", None);
        }
        if request.keep == 0 || request.described == 0 {
            self.wrong("report", "at least one gate must be kept and described", None);
        }
        if given.label_cells.is_some_and(|n| n > 0) && section.generated.is_some() {
            let message = "a generated atlas has no file to write labels into";
            self.wrong("report.label_cells", message, None);
        }
    }

    fn front(&mut self, given: Option<&FrontSection>) -> Extent {
        let limits = match given {
            None => FRONT.to_vec(),
            Some(FrontSection::Full(_)) => vec![1.0],
            Some(FrontSection::UpTo(given)) => vec![given.up_to.value()],
            Some(FrontSection::Limits(limits)) => limits.iter().map(|limit| limit.value()).collect(),
        };
        if limits.iter().any(|limit| !(0.0..=1.0).contains(limit)) {
            self.wrong("report.front", "limits are shares of the cells, from 0 % to 100 %", None);
        }
        match given {
            Some(FrontSection::Full(_) | FrontSection::UpTo(_)) => Extent::Full { up_to: limits[0] },
            _ => Extent::Limits(limits),
        }
    }

    fn anchors(&mut self, profile: &ProfileSection) {
        for (antigen, anchor) in &profile.anchor {
            let path = format!("profile.anchor.{antigen}");
            let given = [anchor.molecules_per_count.is_some(), anchor.median.is_some()];
            if given[0] == given[1] {
                self.wrong(&path, "give either `molecules_per_count` or `median`", None);
            }
            let value = anchor.molecules_per_count.or(anchor.median.map(|m| m.value())).unwrap_or(1.0);
            if !(value > 0.0 && value.is_finite()) {
                self.wrong(&path, format!("{value} is not a positive number"), None);
            }
            let (name, unit, meaning) = if given[0] {
                ("molecules_per_count", "/count", "Molecules on a cell of median depth for each count")
            } else {
                ("median", "/cell", "Median density of malignant cells that carry the antigen")
            };
            self.ledger.record(&format!("targets.{path}.{name}"), value, unit, THE_STUDY, meaning);
        }
    }

    fn generated(&mut self, given: &GeneratedSection, seed: u64) -> Synthetic {
        let mut size = |key: &str, given: Option<usize>, default: usize, least: usize| {
            let value = given.unwrap_or(default);
            if value < least || value > 1_000_000_000 {
                self.wrong(&format!("generated.{key}"), format!("{value} is not from {least} to 10⁹"), None);
            }
            let source = if given.is_some() { THE_STUDY } else { "assumed: an example of modest size" };
            let path = format!("targets.generated.{key}");
            self.ledger.record(&path, value as f64, "1", source, "Size of the generated atlas");
            value
        };
        Synthetic {
            seed,
            genes: size("genes", given.genes, 300, 3),
            patients: size("patients", given.patients, 12, 1),
            malignant: size("malignant", given.malignant, 4800, 1),
            tissues: size("tissues", given.tissues, 14, 1),
            normal: size("normal", given.normal, 5600, 1),
        }
    }

    fn fraction(
        &mut self,
        given: Option<Fraction>,
        parameter: &'static perforin_core::catalogue::Parameter,
    ) -> f64 {
        self.ledger.resolve(parameter.name, given.map(Fraction::value), parameter)
    }

    fn whole(
        &mut self,
        path: &str,
        given: Option<usize>,
        parameter: &'static perforin_core::catalogue::Parameter,
    ) -> usize {
        self.ledger.resolve(path, given.map(|n| n as f64), parameter) as usize
    }
}

fn objective(given: Option<ObjectiveSection>) -> Objective {
    match given {
        None | Some(ObjectiveSection::Minimum) => Objective::Minimum,
        Some(ObjectiveSection::Pooled) => Objective::Pooled,
        Some(ObjectiveSection::Quantile(share)) => Objective::Quantile(share.value()),
    }
}
