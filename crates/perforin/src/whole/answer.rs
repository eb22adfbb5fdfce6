//! What the stages came to together, from the answers in their folders.

use perforin_atlas::TargetsAnswer;
use serde::{Deserialize, Serialize};

use super::companion::Companion;
use super::found::Found;
use super::stages::Kind;
use crate::answer::{Summary, Verdict};
use crate::failure::Failure;
use crate::files;
use crate::folder::Folder;
use crate::manifest::Manifest;
use crate::patient;
use crate::patient::answer::{PROGRESSION_FREE, Rate};
use crate::trial;
use crate::trial::tables::right_selected;

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// What the target search found.
    pub targets: Targets,
    /// The lesions: with the product, then with the best single antigen.
    pub lesions: Vec<Lesion>,
    /// The patients.
    pub patients: Option<Patients>,
    /// What a companion diagnostic would do to their response.
    pub companion: Option<Companion>,
    /// The trial.
    pub trial: Option<Trial>,
}

/// What a target search found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Targets {
    /// The best gate.
    pub gate: String,
    /// Its value by the objective: a share of malignant cells.
    pub value: f64,
    /// The objective in words.
    pub objective: String,
    /// Whether no better gate of the shapes searched is possible.
    pub proven: bool,
    /// The normal tissue that is hit most: its name, the share and the upper end of the 95 % interval.
    pub worst: Option<(String, f64, f64)>,
    /// The best single antigen within the same limits, with its value.
    pub single: Option<(String, f64)>,
    /// Share of malignant cells that the gate does not recognise, those whose antigens were merely missed not counted.
    pub unrecognised: f64,
    /// The normal tissue that stands beside the lesion unless the study names one.
    pub tissue: Option<String>,
}

/// What became of a lesion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lesion {
    /// Folder of the stage.
    pub folder: String,
    /// The product's gate.
    pub gate: String,
    /// Its answer.
    pub summary: Summary,
}

/// What became of the patients of the first arm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Patients {
    /// Patients who were followed to the end.
    pub patients: u64,
    /// Days that each is followed.
    pub duration: f64,
    /// Confirmed objective response.
    pub response: Option<Rate>,
    /// Cytokine release of grade 3 or more.
    pub release: Option<Rate>,
    /// Neurotoxicity of grade 3 or more.
    pub neurotoxicity: Option<Rate>,
    /// The organ at risk, and its loss of grade 3 or more.
    pub organ: Option<(String, Rate)>,
    /// Median progression-free time, d; none if not reached.
    pub median_pfs: Option<f64>,
}

/// What a trial comes to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// Name of the design.
    pub design: String,
    /// Target rate of dose-limiting toxicity.
    pub target: f64,
    /// Simulated trials.
    pub trials: u64,
    /// Dose levels.
    pub doses: Vec<String>,
    /// Name of the scenario.
    pub scenario: String,
    /// The level that is selected most often, from 0, and in which share of the trials; none if mostly no level is.
    pub recommended: Option<(usize, f64)>,
    /// The level whose true rate is nearest to the target, from 0; none if the lowest is too toxic.
    pub right: Option<usize>,
    /// Share of the trials that end right, with its standard error of Monte Carlo.
    pub chance: (f64, f64),
    /// True rates of dose-limiting toxicity by level.
    pub toxicity: Vec<f64>,
    /// True response rates by level.
    pub response: Option<Vec<f64>>,
    /// Patients enrolled in a trial on average.
    pub enrolled: f64,
    /// Its duration on average, d.
    pub duration: f64,
    /// Paragraphs of the trial's answer about who is selected by the companion diagnostic.
    pub selection: Vec<String>,
}

impl Answer {
    /// Reads the answers of all stages of a folder.
    ///
    /// # Errors
    /// If one of them cannot be read.
    pub fn read(folder: &Folder) -> Result<Self, Failure> {
        let place = |kind: Kind| Folder::at(&folder.root().join(kind.folder()));
        let lesions = [Kind::Lesion, Kind::Single].into_iter().filter(|kind| place(*kind).root().exists());
        let lesions = lesions.map(|kind| lesion(kind, &place(kind))).collect::<Result<_, Failure>>()?;
        let of = |kind: Kind| Some(place(kind)).filter(|folder| folder.root().exists());
        Ok(Self {
            targets: targets(&place(Kind::Targets))?,
            lesions,
            patients: of(Kind::Patients).map(|folder| patients(&folder)).transpose()?,
            companion: of(Kind::Patients).map(|folder| Companion::read(&folder)).transpose()?.flatten(),
            trial: of(Kind::Trial).map(|folder| trial_of(&folder)).transpose()?.flatten(),
        })
    }
}

fn targets(folder: &Folder) -> Result<Targets, Failure> {
    let answer: TargetsAnswer = files::read_json(&folder.root().join("answer.json"))?;
    let found = Found::read(folder)?;
    let Some(best) = answer.gates.first() else {
        return Err(Failure::run("the target search found no gate"));
    };
    let worst = crate::targets::tables::worst(best);
    Ok(Targets {
        gate: best.gate.clone(),
        value: best.value,
        objective: crate::targets::words::objective(&answer, best),
        proven: answer.shapes.iter().all(|shape| shape.certificate.proven),
        worst: worst.map(|row| (row.name.clone(), row.fraction, row.interval.high)),
        single: answer.best_single().map(|(name, value)| (name.to_owned(), value)),
        unrecognised: found.unrecognised(),
        tissue: found.tissue(None).map(|tissue| tissue.name.clone()),
    })
}

fn lesion(kind: Kind, folder: &Folder) -> Result<Lesion, Failure> {
    let study = crate::study::Study::read(&folder.study())?;
    let gate = study.file.product.as_ref().and_then(|product| product.gate.as_ref());
    Ok(Lesion {
        folder: kind.folder().into(),
        gate: gate.map_or_else(|| "no gate".into(), ToString::to_string),
        summary: files::read_json(&folder.summary())?,
    })
}

fn patients(folder: &Folder) -> Result<Patients, Failure> {
    let answer: patient::answer::Answer = files::read_json(&folder.summary())?;
    let arm = answer.arms.first().ok_or_else(|| {
        Failure::input(format!("`{}` is damaged: it has no arm", folder.summary().display()))
    })?;
    let rate = |name: &str| arm.rates.iter().find(|rate| rate.name == name).cloned();
    Ok(Patients {
        patients: arm.patients,
        duration: answer.duration,
        response: rate("objective_response"),
        release: rate("crs_3"),
        neurotoxicity: rate("icans_3"),
        organ: answer.organ.clone().zip(rate("organ_3")),
        median_pfs: arm.curve(PROGRESSION_FREE).and_then(|curve| curve.median),
    })
}

fn trial_of(folder: &Folder) -> Result<Option<Trial>, Failure> {
    let answer: trial::answer::Answer = files::read_json(&folder.summary())?;
    let Some(found) = &answer.dose_finding else { return Ok(None) };
    // Virtual patients come last, and are what the earlier stages lead to.
    let Some(scenario) = found.scenarios.last() else { return Ok(None) };
    let seen = &scenario.seen;
    let most = seen
        .levels
        .iter()
        .enumerate()
        .max_by_key(|(level, counts)| (counts.selected, std::cmp::Reverse(*level)));
    let recommended = most.filter(|(_, counts)| counts.selected > seen.none);
    Ok(Some(Trial {
        design: found.design.split(" (").next().unwrap_or_default().to_owned(),
        target: found.target,
        trials: found.trials,
        doses: answer.doses.clone(),
        scenario: scenario.name.clone(),
        recommended: recommended.map(|(level, counts)| (level, seen.share(counts.selected).0)),
        right: seen.right,
        chance: right_selected(seen),
        toxicity: seen.true_toxicity.clone(),
        response: seen.true_response.clone(),
        enrolled: seen.per_trial(seen.total().enrolled),
        duration: seen.duration,
        selection: selection(folder)?,
    }))
}

/// What the trial's own answer says of the test that selects its patients.
fn selection(folder: &Folder) -> Result<Vec<String>, Failure> {
    let study: toml::Table = files::read_text(&folder.study())?.parse().unwrap_or_default();
    if study.get("trial").and_then(|trial| trial.get("selection")).is_none() {
        return Ok(Vec::new());
    }
    let text = files::read_text(&folder.answer())?;
    Ok(text.trim_end().split("\n\n").filter(|p| p.contains("cut-off")).map(str::to_owned).collect())
}

impl Lesion {
    /// Live tumour cells at the end as a share of those at the start.
    pub fn left(&self) -> f64 {
        self.summary.tumour.end / self.summary.tumour.start.max(1.0)
    }

    /// Whether no tumour cell is left.
    pub fn is_cleared(&self) -> bool {
        self.summary.verdict == Verdict::Cleared
    }
}

/// Warnings of all stages, each with its stage.
///
/// # Errors
/// If a manifest cannot be read.
pub fn warnings(folder: &Folder) -> Result<Vec<(&'static str, String)>, Failure> {
    let mut all = Vec::new();
    for kind in [Kind::Targets, Kind::Lesion, Kind::Single, Kind::Patients, Kind::Trial] {
        let stage = Folder::at(&folder.root().join(kind.folder()));
        if !stage.root().exists() {
            continue;
        }
        let said = match kind {
            Kind::Targets => files::read_json::<TargetsAnswer>(&stage.root().join("answer.json"))?.warnings,
            Kind::Lesion | Kind::Single => Manifest::read(&stage)?.warnings,
            Kind::Patients => patient::Record::read(&stage)?.warnings,
            Kind::Trial => trial::Record::read(&stage)?.warnings,
        };
        all.extend(said.into_iter().map(|warning| (kind.words(), warning)));
    }
    Ok(all)
}
