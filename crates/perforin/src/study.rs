//! A study as it stands in a file: read, checked, and built into a lesion.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use perforin_core::diagnostics::Diagnostic;
use perforin_core::study::load::{Spans, load};
use perforin_core::study::{StudyFile, StudyValue};
use perforin_lesion::model::Model;
use perforin_lesion::scenario::{self, ImportedCells, Problem, Scenario};
use perforin_lesion::storage::checkpoint::Identity;

use crate::cadence::Cadence;
use crate::coupled::Coupling;
use crate::failure::Failure;
use crate::folder::Folder;
use crate::{files, import, terminal};

/// A study file that was read.
#[derive(Clone, Debug)]
pub struct Study {
    /// Where it was read from.
    pub place: PathBuf,
    /// Its text.
    pub text: String,
    /// What it says.
    pub file: StudyFile,
    /// The file that it imports cells from.
    pub imported: Option<ImportedFile>,
    /// The folder from which the file's path is taken.
    base: PathBuf,
    spans: Spans,
    /// The study whose stage it is; what is wrong is shown there.
    whole: Option<Arc<Study>>,
}

/// A file that a study imports cells from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedFile {
    /// Where it is.
    pub place: PathBuf,
    /// SHA-256 of its content.
    pub sha256: String,
}

/// A study that is ready to be run.
#[derive(Debug)]
pub struct Prepared {
    /// The lesion at its beginning, and every parameter.
    pub scenario: Scenario,
    /// How often what is written.
    pub cadence: Cadence,
    /// The patient whose lesion it is, if the study has one.
    pub coupling: Option<Coupling>,
}

impl Study {
    /// Reads a study file.
    ///
    /// # Errors
    /// If it cannot be read; or everything that is wrong with it, each at its line.
    pub fn read(place: &Path) -> Result<Self, Failure> {
        let text = files::read_text(place).map_err(|failure| {
            if place.exists() {
                failure
            } else {
                failure.help("write one with `perforin new`, or check the name")
            }
        })?;
        Self::parse(place, place.parent().unwrap_or(Path::new("")), text)
    }

    /// Reads a study from its text; `place` is named in messages, and paths in the study are taken from the folder
    /// `base`.
    ///
    /// # Errors
    /// Everything that is wrong with it, each at its line.
    pub fn parse(place: &Path, base: &Path, text: String) -> Result<Self, Failure> {
        let name = place.display().to_string();
        let loaded = load(&text, &name).map_err(|findings| refuse(&name, &text, &findings))?;
        let mut study = Self {
            place: place.to_owned(),
            text,
            file: loaded.study,
            imported: None,
            base: base.to_owned(),
            spans: loaded.spans,
            whole: None,
        };
        study.find_imported()?;
        Ok(study)
    }

    /// The study of a stage of this one, which is to stand at a place; paths in it are taken from the same folder.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn stage(&self, place: &Path, text: String) -> Result<Self, Failure> {
        Ok(Self { whole: Some(Arc::new(self.clone())), ..Self::parse(place, &self.base, text)? })
    }

    /// The folder from which paths in the study are taken.
    pub fn base(&self) -> &Path {
        &self.base
    }

    /// Refuses what a study takes from its target search where there is none.
    pub(crate) fn refuse_what_targets_give(&self) -> Result<(), Failure> {
        let problems = crate::whole::references(&self.file);
        if problems.is_empty() { Ok(()) } else { Err(self.refuse(&problems)) }
    }

    /// A study with another text whose paths are taken from the same folder.
    ///
    /// # Errors
    /// Everything that is wrong with it, each at its line.
    pub fn varied(&self, place: &Path, text: String) -> Result<Self, Failure> {
        Self::parse(place, &self.base, text)
    }

    /// What the study would say with some values changed, by their dotted paths.
    ///
    /// # Errors
    /// If a path leads nowhere, or a value cannot stand there: what is wrong, and what would be right.
    pub fn with(
        &self,
        changes: &BTreeMap<String, StudyValue>,
    ) -> Result<StudyFile, (String, Option<String>)> {
        let mut table: toml::Table = self.text.parse().map_err(|e: toml::de::Error| (e.to_string(), None))?;
        for (path, value) in changes {
            crate::sweep::set(&mut table, path, value).map_err(|failure| (failure.what, failure.help))?;
        }
        let text = toml::to_string(&table).map_err(|e| (e.to_string(), None))?;
        // Lines of this text are not those of the file, so that only what is wrong can be told.
        load(&text, "").map(|loaded| loaded.study).map_err(|findings| {
            let first = findings.into_iter().next();
            first.map_or((String::new(), None), |f| (format!("{}: {}", f.title, f.label), f.help))
        })
    }

    /// Finds the file that cells are imported from: in a results folder, the copy that is kept there.
    fn find_imported(&mut self) -> Result<(), Failure> {
        let Some(section) = &self.file.lesion.import else { return Ok(()) };
        let folder = Folder::at(&self.base);
        let kept = Some(folder.imported(&section.file)).filter(|copy| folder.is_begun() && copy.exists());
        let place = kept.unwrap_or_else(|| self.base.join(&section.file));
        match files::digest_of_file(&place) {
            Ok(sha256) => self.imported = Some(ImportedFile { place, sha256 }),
            Err(failure) => {
                let problem = Problem {
                    path: "lesion.import.file".into(),
                    message: match failure.causes.first() {
                        Some(cause) => format!("{}: {cause}", failure.what),
                        None => failure.what,
                    },
                    help: Some("check the name; it is taken from the folder of the study".into()),
                };
                return Err(self.refuse(&[problem]));
            }
        }
        Ok(())
    }

    /// Keeps a copy of the file that cells are imported from in a results folder.
    ///
    /// # Errors
    /// If the file was altered since it was read, or the disk is full or fails.
    pub fn keep_imported(&self, root: &Path) -> Result<(), Failure> {
        let (Some(section), Some(file)) = (&self.file.lesion.import, &self.imported) else { return Ok(()) };
        let copy = Folder::at(root).imported(&section.file);
        if copy == file.place {
            return Ok(());
        }
        files::copy(&file.place, &copy)?;
        if files::digest_of_file(&copy)? == file.sha256 {
            return Ok(());
        }
        Err(Failure::run(format!("`{}` was altered while it was read", file.place.display()))
            .help("start again when nothing writes to it"))
    }

    /// Refuses a file to import from that is not the one that a results folder was begun with.
    ///
    /// # Errors
    /// If it is not.
    pub fn refuse_if_altered(&self, begun_with: Option<&str>) -> Result<(), Failure> {
        let Some(file) = self.imported.as_ref().filter(|file| begun_with != Some(&file.sha256)) else {
            return Ok(());
        };
        let sha256 = begun_with.unwrap_or("unknown");
        Err(Failure::input(format!("`{}` is not the file that this was begun with", file.place.display()))
            .help(format!("put that one back (its SHA-256 is {sha256}), or start again in another folder")))
    }

    /// Cells of the file that the study imports, if it does.
    fn imported_cells(&self) -> Result<Option<ImportedCells>, Failure> {
        let (Some(section), Some(file)) = (&self.file.lesion.import, &self.imported) else { return Ok(None) };
        import::read(section, &file.place).map(Some).map_err(|error| self.refuse(&[error.problem()]))
    }

    /// Builds the lesion.
    ///
    /// # Errors
    /// Everything that is wrong with the study, each at its line.
    pub fn prepare(&self) -> Result<Prepared, Failure> {
        if crate::patient::is_asked(self) {
            let help = "`perforin run` follows it; [[population.arm]] varies values";
            let path = if self.has("patient") { "patient" } else { "population" };
            return Err(self.refuse(&[Problem {
                path: path.into(),
                message: "a patient is no lesion".into(),
                help: Some(help.into()),
            }]));
        }
        self.require("lesion")?;
        self.refuse_what_targets_give()?;
        let is_coupled = crate::coupled::is_asked(self);
        if !is_coupled {
            self.refuse_what_acts_only_in_a_patient()?;
        }
        let imported = self.imported_cells()?;
        let mut scenario =
            scenario::build_with(&self.file, imported.as_ref()).map_err(|problems| self.refuse(&problems))?;
        let unfit = names_unfit_for_tables(&scenario.model);
        if !unfit.is_empty() {
            return Err(self.refuse(&unfit));
        }
        let step = scenario.model.numerics.phenotype_step;
        let cadence = Cadence::new(&self.file.output, step, &mut scenario.ledger)
            .map_err(|problems| self.refuse(&problems))?;
        let coupling = if is_coupled { Some(Coupling::read(self, step)?) } else { None };
        if let Some(coupling) = &coupling {
            scenario.ledger.extend(&coupling.question.ledger);
            scenario.warnings.extend(coupling.question.warnings.iter().cloned());
        }
        Ok(Prepared { scenario, cadence, coupling })
    }

    /// A lesion would leave these out without a word.
    fn refuse_what_acts_only_in_a_patient(&self) -> Result<(), Failure> {
        let regimen = &self.file.regimen;
        let mut places: Vec<String> = Vec::new();
        places.extend(regimen.rules.map(|_| "regimen.rules".to_owned()));
        places.extend((!regimen.tocilizumab.is_empty()).then(|| "regimen.tocilizumab".to_owned()));
        places.extend((!regimen.dexamethasone.is_empty()).then(|| "regimen.dexamethasone".to_owned()));
        let split = regimen.infusion.iter().enumerate().filter(|(_, infusion)| !infusion.split.is_empty());
        places.extend(split.map(|(i, _)| format!("regimen.infusion.{i}.split")));
        let amounts = regimen.antibody.iter().enumerate().filter(|(_, antibody)| antibody.amount.is_some());
        places.extend(amounts.map(|(i, _)| format!("regimen.antibody.{i}.amount")));
        let problem = |path: String| Problem {
            path,
            message: "a lesion does not have it".into(),
            help: Some(
                "it acts in a [patient]; leave it out, or give each part of a split dose as an infusion"
                    .into(),
            ),
        };
        let problems: Vec<Problem> = places.into_iter().map(problem).collect();
        if problems.is_empty() { Ok(()) } else { Err(self.refuse(&problems)) }
    }

    /// Whether the file has a section.
    pub fn has(&self, section: &str) -> bool {
        self.spans.contains(section)
    }

    /// Refuses a study without the section that a command is about; if it has that of another command, it is named.
    pub(crate) fn require(&self, section: &str) -> Result<(), Failure> {
        if self.has(section) {
            return Ok(());
        }
        let answers = [
            ("trial", "trial"),
            ("targets", "targets"),
            ("diagnostics", "diagnose"),
            ("lesion", "run"),
            ("patient", "run"),
            ("population", "run"),
        ];
        let other = answers.into_iter().find(|(other, _)| *other != section && self.has(other));
        let help = other.map(|(_, command)| format!("`perforin {command}` answers it"));
        Err(self.refuse(&[Problem {
            path: section.into(),
            message: "the study has no such section".into(),
            help,
        }]))
    }

    /// The failure that shows problems of the study, each at its line.
    pub(crate) fn refuse(&self, problems: &[Problem]) -> Failure {
        let told = self.told_in();
        let name = told.place.display().to_string();
        let findings: Vec<_> = problems
            .iter()
            .map(|problem| told.locate(Diagnostic::error(&name, &problem.message), problem))
            .collect();
        refuse(&name, &told.text, &findings)
    }

    /// What the study's author should know, each at its line.
    pub fn warnings(&self, problems: &[Problem]) -> Vec<String> {
        let told = self.told_in();
        let name = told.place.display().to_string();
        let show = |problem: &Problem| {
            let finding = told.locate(Diagnostic::warning(&name, &problem.message), problem);
            finding.render(&told.text, terminal::is_watched())
        };
        problems.iter().map(show).collect()
    }

    /// The study that its author wrote.
    fn told_in(&self) -> &Self {
        self.whole.as_deref().unwrap_or(self)
    }

    fn locate(&self, finding: Diagnostic, problem: &Problem) -> Diagnostic {
        let label = format!("`{}`", problem.path);
        let finding = match self.spans.span_of(&problem.path) {
            Some(span) => finding.at(span, label),
            None => Diagnostic { title: format!("{label}: {}", finding.title), ..finding },
        };
        match &problem.help {
            Some(help) => finding.help(help),
            None => finding,
        }
    }

    /// What a checkpoint of this study belongs to.
    pub fn identity(&self) -> Identity {
        let study = match &self.imported {
            None => files::digest(self.text.as_bytes()),
            Some(file) => files::digest(format!("{}{}", self.text, file.sha256).as_bytes()),
        };
        Identity { version: env!("CARGO_PKG_VERSION").into(), study }
    }
}

/// Names that would break a line of names in a table.
fn names_unfit_for_tables(model: &Model) -> Vec<Problem> {
    let types = model.types.iter().map(|t| ("lesion.cell", &t.name));
    let antigens = model.antigens.iter().map(|name| ("lesion.antigen", name));
    let substances = model.substances.iter().map(|s| ("lesion.field", &s.name));
    let fits =
        |name: &str| !name.is_empty() && !name.contains([',', '"', '\'']) && !name.contains(char::is_control);
    let problem = |(section, name): (&str, &String)| Problem {
        path: format!("{section}.{name}"),
        message: format!("the name {name:?} cannot stand at the head of a table"),
        help: Some("use letters, digits, `_` and `-`".into()),
    };
    types.chain(antigens).chain(substances).filter(|(_, name)| !fits(name)).map(problem).collect()
}

fn refuse(name: &str, text: &str, findings: &[Diagnostic]) -> Failure {
    let what = match findings.len() {
        1 => format!("there is a problem in `{name}`"),
        n => format!("there are {n} problems in `{name}`"),
    };
    let coloured = terminal::is_watched();
    Failure::input(what).findings(findings.iter().map(|f| f.render(text, coloured)).collect())
}
