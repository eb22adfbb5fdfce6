//! What a study asks of samples, ready to be answered, and the whole answer.

use std::path::Path;

use perforin_core::catalogue::diagnostics as defaults;
use perforin_core::catalogue::{Ledger, Parameter};
use perforin_core::quantity::Fraction;
use perforin_lesion::scenario::{Notes, Problem};
use perforin_patient::diagnostics::DiagnosticsError;
use serde::{Deserialize, Serialize};

use super::{biopsy, blood, cytometry, plasma, resampling, staining, tissue};
use crate::failure::Failure;
use crate::study::Study;
use crate::table::Table;

/// What no sample can say.
pub const HONESTY: &str = "\
These are probabilities under what the study says of patients, samples and assays, for planning a test and a trial, not for \
treating a patient; a sample says nothing of a lesion that nobody sampled.";

/// What a study asks.
#[derive(Clone, Debug)]
pub struct Question {
    /// Confidence of what is ruled out.
    pub confidence: f64,
    tissue: Option<tissue::Asked>,
    biopsy: Option<biopsy::Asked>,
    ihc: Option<staining::Asked>,
    flow: Option<cytometry::Asked>,
    ctc: Option<blood::Asked>,
    ctdna: Option<plasma::Asked>,
    resampling: Option<resampling::Asked>,
    /// Every value that is used.
    pub ledger: Ledger,
    /// What the author should know.
    pub warnings: Vec<Problem>,
}

/// What came of it, as it is kept in `summary.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The tissue.
    pub tissue: Option<tissue::Answered>,
    /// The biopsy.
    pub biopsy: Option<biopsy::Answered>,
    /// The stained section and its cut-offs.
    pub ihc: Option<staining::Answered>,
    /// Molecules per cell.
    pub flow: Option<cytometry::Answered>,
    /// Circulating tumour cells.
    pub ctc: Option<blood::Answered>,
    /// Circulating tumour DNA.
    pub ctdna: Option<plasma::Answered>,
    /// When to sample again.
    pub resampling: Option<resampling::Answered>,
}

/// A value of the study or its default.
pub(super) fn share(
    path: &str,
    given: Option<Fraction>,
    parameter: &'static Parameter,
    notes: &mut Notes,
) -> f64 {
    notes.value(path, given.map(Fraction::value), parameter)
}

/// A whole number of the study or its default.
pub(super) fn whole(path: &str, given: Option<u32>, parameter: &'static Parameter, notes: &mut Notes) -> u32 {
    notes.value(path, given.map(f64::from), parameter) as u32
}

/// A share that must lie between 0 and 100 %; others are noted.
pub(super) fn inner_share(path: &str, given: Fraction, meaning: &str, notes: &mut Notes) -> f64 {
    let value = notes.given(path, given.value(), "1", meaning);
    if value <= 0.0 || value >= 1.0 {
        notes.wrong(path, format!("{given} is all or nothing"), "give a share above 0 % and below 100 %");
    }
    value
}

/// A correlation of cells, which must lie from 0 to below 1; others are noted.
pub(super) fn clustering(path: &str, given: f64, notes: &mut Notes) -> f64 {
    if !(0.0..1.0).contains(&given) {
        let help = "give 0 (independent cells) to below 1 (a site is of one kind)";
        notes.wrong(path, format!("a clustering of {given}"), help);
    }
    notes.given(path, given, "1", "Correlation of two cells of one site")
}

impl Question {
    /// What a study asks; paths start from `base`, and the files that it names are read.
    ///
    /// # Errors
    /// Everything that is wrong with its `[diagnostics]`, each at its line.
    pub fn new(study: &Study, base: &Path) -> Result<Self, Failure> {
        study.require("diagnostics")?;
        let section = study.file.diagnostics.clone().unwrap_or_default();
        let mut notes = Notes::default();
        let confidence =
            share("diagnostics.confidence", section.confidence, &defaults::CONFIDENCE, &mut notes);
        let tissue = section.tissue.as_ref().and_then(|s| tissue::read(s, base, &mut notes));
        let clustering = tissue.as_ref().map(tissue::Asked::clustering);
        let biopsy = section.biopsy.as_ref().map(|s| biopsy::read(s, clustering, &mut notes));
        let ihc = section.ihc.as_ref().and_then(|s| staining::read(s, &mut notes));
        let flow = section.flow.as_ref().and_then(|s| cytometry::read(s, base, &mut notes));
        let ctc = section.ctc.as_ref().and_then(|s| blood::read(s, &mut notes));
        let ctdna = section.ctdna.as_ref().and_then(|s| plasma::read(s, &mut notes));
        let resampling = section
            .resampling
            .as_ref()
            .and_then(|s| resampling::read(s, (biopsy.as_ref(), ctc.as_ref(), confidence), &mut notes));
        let asked = [
            section.tissue.is_some(),
            section.biopsy.is_some(),
            section.ihc.is_some(),
            section.flow.is_some(),
            section.ctc.is_some(),
            section.ctdna.is_some(),
        ];
        if !asked.contains(&true) {
            let help = "add [diagnostics.biopsy], .tissue, .ihc, .flow, .ctc or .ctdna; `perforin new companion-diagnostic` shows how";
            notes.wrong("diagnostics", "nothing is asked", help);
        }
        notes.refuse().map_err(|problems| study.refuse(&problems))?;
        let (ledger, warnings) = (notes.ledger, notes.warnings);
        Ok(Self { confidence, tissue, biopsy, ihc, flow, ctc, ctdna, resampling, ledger, warnings })
    }

    /// The answer.
    ///
    /// # Errors
    /// If a number cannot be, which a checked question does not have.
    pub fn answer(&self) -> Result<Answer, DiagnosticsError> {
        let confidence = self.confidence;
        let cells = self.biopsy.as_ref().map(biopsy::Asked::cells_per_site);
        Ok(Answer {
            tissue: self.tissue.as_ref().map(|a| a.answer(cells)).transpose()?,
            biopsy: self.biopsy.as_ref().map(|a| a.answer(confidence)).transpose()?,
            ihc: self.ihc.as_ref().map(|a| a.answer(confidence)).transpose()?,
            flow: self.flow.as_ref().map(|a| a.answer(confidence)),
            ctc: self.ctc.as_ref().map(|a| a.answer(confidence)).transpose()?,
            ctdna: self.ctdna.as_ref().map(plasma::Asked::answer).transpose()?,
            resampling: self.resampling.as_ref().map(resampling::Asked::answer).transpose()?,
        })
    }

    /// Files that go with the answer: name and content.
    pub fn files(&self) -> Vec<(String, String)> {
        self.flow.as_ref().map_or_else(Vec::new, |flow| vec![("lesion.toml".into(), flow.lesion())])
    }

    /// The command that gives the same bytes, to be run in the results folder.
    pub fn command(&self) -> String {
        let reads = self.tissue.is_some() || self.flow.is_some();
        // Paths of the study start from the folder in which it was.
        let data = if reads { " --data FOLDER_OF_THE_FILES" } else { "" };
        format!("perforin diagnose study.toml{data} --out again")
    }

    /// What is asked, in lines.
    pub fn in_lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(tissue) = &self.tissue {
            lines.push(format!("  tissue    {}", tissue.in_a_line()));
        }
        if let Some(flow) = &self.flow {
            lines.push(format!("  flow      {}", flow.in_a_line()));
        }
        let others = [
            ("biopsy", self.biopsy.is_some()),
            ("cut-offs", self.ihc.is_some()),
            ("circulating cells", self.ctc.is_some()),
            ("circulating DNA", self.ctdna.is_some()),
            ("when to sample again", self.resampling.is_some()),
        ];
        let asked: Vec<&str> = others.into_iter().filter(|(_, is)| *is).map(|(name, _)| name).collect();
        if !asked.is_empty() {
            lines.push(format!("  asked     {}", asked.join(", ")));
        }
        lines
    }
}

impl Answer {
    /// The answer as a few paragraphs of plain text, with everything that is assumed.
    pub fn in_words(&self) -> String {
        let mut paragraphs = Vec::new();
        let mut assumed = Vec::new();
        let mut add = |(words, assumptions): (Vec<String>, Vec<String>)| {
            paragraphs.extend(words);
            assumed.extend(assumptions);
        };
        self.tissue.iter().for_each(|a| add((a.words(), a.assumptions())));
        self.biopsy.iter().for_each(|a| add((a.words(), a.assumptions())));
        self.ihc.iter().for_each(|a| add((a.words(), a.assumptions())));
        self.flow.iter().for_each(|a| add((a.words(), a.assumptions())));
        self.ctc.iter().for_each(|a| add((a.words(), a.assumptions())));
        self.ctdna.iter().for_each(|a| add((a.words(), a.assumptions())));
        self.resampling.iter().for_each(|a| add((a.words(), a.assumptions())));
        paragraphs.push(format!("What is assumed:\n- {}", assumed.join("\n- ")));
        paragraphs.push(HONESTY.to_owned());
        paragraphs.join("\n\n") + "\n"
    }

    /// Every table with the name of its file.
    pub fn tables(&self) -> Vec<(&'static str, Table)> {
        let mut all = Vec::new();
        all.extend(self.tissue.iter().flat_map(tissue::Answered::tables));
        all.extend(self.biopsy.iter().flat_map(biopsy::Answered::tables));
        all.extend(self.ihc.iter().flat_map(staining::Answered::tables));
        all.extend(self.flow.iter().flat_map(cytometry::Answered::tables));
        all.extend(self.ctc.iter().flat_map(blood::Answered::tables));
        all.extend(self.ctdna.iter().flat_map(plasma::Answered::tables));
        all.extend(self.resampling.iter().flat_map(resampling::Answered::tables));
        all
    }

    /// All figures as HTML.
    pub fn figures(&self) -> String {
        let mut all: Vec<String> = Vec::new();
        all.extend(self.biopsy.iter().map(|a| a.figures(self.tissue.as_ref())));
        all.extend(self.ihc.iter().map(staining::Answered::figures));
        all.extend(self.flow.iter().map(cytometry::Answered::figures));
        all.extend(self.ctc.iter().map(blood::Answered::figures));
        all.extend(self.ctdna.iter().map(plasma::Answered::figures));
        all.extend(self.resampling.iter().map(resampling::Answered::figures));
        all.concat()
    }
}
