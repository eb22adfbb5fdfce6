//! Tables, answer and figures of a patient one of whose lesions is followed cell by cell.

use perforin_patient::solid_tumour::Followed;

use super::{Companion, books, own};
use crate::answer::{grouped, rounded};
use crate::failure::Failure;
use crate::files;
use crate::folder::Folder;
use crate::manifest::Manifest;
use crate::patient::answer::Answer;
use crate::patient::draws::Drawn;
use crate::patient::{figures, outcome, run, tables, words};
use crate::report::chart::{Chart, Line};
use crate::report::html::{escape, figure};
use crate::table::{Table, read_numbers};

/// The file with the numbers of the patient's answer.
const ANSWER: &str = "patient.json";

/// What was written of a patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Names of the files.
    pub names: Vec<String>,
    /// The answer about the exchange and the patient, in words.
    pub words: String,
}

impl Companion<'_> {
    /// Writes the patient's tables and answer into a folder.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn write(&self, folder: &Folder) -> Result<Written, Failure> {
        let question = &self.coupling.question;
        let Some((own, common)) = own(question) else {
            return Ok(Written { names: Vec::new(), words: String::new() });
        };
        let followed: Followed = self.patient.followed();
        let mut seen = outcome::see(own, common, 0, &Drawn::typical(), &followed);
        question.measure(&mut seen);
        let answer = run::answer_of_one(question, &seen);
        let exchanges = books::table(&self.exchanges, self.coupling.cytokine_volume());
        folder.write_table("patient", &tables::series(question, &seen))?;
        folder.write_table("exchange", &exchanges)?;
        let mut names = vec!["patient", "exchange"];
        names.extend(run::write_visits(folder, &answer)?);
        files::write_json(&folder.root().join(ANSWER), &answer)?;
        let formats = |name: &&str| ["csv", "parquet"].map(|format| format!("{name}.{format}"));
        let names = names.iter().flat_map(formats).chain([ANSWER.to_owned()]).collect();
        Ok(Written { names, words: in_words(&exchanges, &answer) })
    }
}

/// The exchange in a paragraph, and the answer about the patient.
fn in_words(exchanges: &Table, answer: &Answer) -> String {
    let sum = |names: &[&str]| {
        let columns = names.iter().filter_map(|name| exchanges.numbers(name));
        columns.flatten().sum::<f64>()
    };
    let last = |name: &str| exchanges.numbers(name).and_then(|v| v.last()).copied().unwrap_or(0.0);
    format!(
        "{} product cells entered this lesion from the patient's blood and {} left it again, in {} exchanges; {} were born \
         in it, {} died in it, {} are there on day {}.{}\n\nThe patient, with the other lesions: {}",
        grouped(sum(&["entered_memory", "entered_effector", "entered_exhausted"])),
        grouped(sum(&["left_memory", "left_effector"])),
        grouped(exchanges.rows() as f64),
        grouped(last("lesion_born")),
        grouped(last("lesion_died")),
        grouped(last("lesion_live")),
        rounded(last("time")),
        of_cytokine(last("ifn_secreted"), last("ifn_left")),
        words::in_words(answer)
    )
}

/// What the lesion secreted of IFN-γ, pg, and what of it left; nothing if it secreted none.
fn of_cytokine(secreted: f64, left: f64) -> String {
    if secreted <= 0.0 {
        return String::new();
    }
    format!(
        " They secreted {} pg of IFN-γ, {} % of which left for the blood.",
        rounded(secreted),
        rounded(100.0 * left / secreted)
    )
}

/// The part of a report about the patient, from the files of a folder; empty for a lesion without one.
///
/// # Errors
/// If one of them cannot be read.
pub fn section(folder: &Folder, manifest: &Manifest) -> Result<String, Failure> {
    let Some(columns) = &manifest.patient else { return Ok(String::new()) };
    let answer: Answer = files::read_json(&folder.root().join(ANSWER))?;
    let series = read_numbers(&folder.table("patient", "csv"), columns)?;
    let exchanges = read_numbers(&folder.table("exchange", "csv"), &books::columns())?;
    let text = in_words(&exchanges, &answer);
    let paragraphs: Vec<String> =
        text.trim_end().split("\n\n").map(|p| format!("<p>{}</p>", escape(p))).collect();
    Ok(paragraphs.concat() + &course(&exchanges) + &figures::html(&answer, Some(&series)))
}

/// Product in blood and in the lesion over time.
fn course(exchanges: &Table) -> String {
    let Some(days) = exchanges.numbers("time") else { return String::new() };
    let line = |(colour, name, label): (usize, &str, &str)| {
        let y = exchanges.numbers(name)?.to_vec();
        Some(Line { label: label.into(), colour, x: days.to_vec(), y })
    };
    let lines = [
        (0, "blood", "in blood"),
        (3, "lesion_live", "in the lesion"),
        (4, "lesion_died", "died in the lesion"),
    ];
    let chart = Chart {
        x_label: "day".into(),
        y_label: "product cells".into(),
        log: true,
        floor: 0.5,
        alt: "Line chart of product cells in blood and in the cell-by-cell lesion over time in days.".into(),
        areas: Vec::new(),
        lines: lines.into_iter().filter_map(line).collect(),
    };
    figure(
        "Product in blood and in the lesion",
        "Logarithmic scale; whole cells in the lesion.",
        &chart.svg(),
    )
}
