//! `[diagnostics.ihc]`: what a cut-off on a stained section does to who is enrolled and who responds.

use perforin_core::study::diagnostics::{BestWord, IhcSection};
use perforin_lesion::scenario::Notes;
use perforin_patient::diagnostics::DiagnosticsError;
use perforin_patient::diagnostics::counts::SiteCount;
use perforin_patient::diagnostics::ihc::CutOff;
use perforin_patient::diagnostics::selection::{Candidate, select};
use serde::{Deserialize, Serialize};

use super::groups::{self, Group, Staining, Wanted};
use crate::answer::{grouped, per_cent, rounded};
use crate::report::chart::{Chart, FLOOR, Line};
use crate::report::html::figure;
use crate::table::{Rows, Table};

const PATH: &str = "diagnostics.ihc";
/// Patients whom a trial enrols where the study does not say.
const ENROL: u32 = 30;
/// Most patients who are screened in the answer.
const MOST_SCREENED: u32 = 1 << 16;

/// Cut-offs that are asked about.
#[derive(Clone, Debug)]
pub struct Asked {
    staining: Staining,
    cut_offs: Vec<(f64, CutOff)>,
    best: BestWord,
    groups: Vec<Group>,
    enrol: u32,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// Level that a cell must reach.
    pub level: usize,
    /// Cells read in a section.
    pub cells: u32,
    /// Patients whom a trial enrols.
    pub enrol: u32,
    /// Confidence of the number screened.
    pub confidence: f64,
    /// Response rate of all patients.
    pub response_of_all: f64,
    /// What the best cut-off is best in.
    pub criterion: String,
    /// Place of the best cut-off, if there is one.
    pub best: Option<usize>,
    /// Cut-offs.
    pub rows: Vec<Row>,
    /// By cut-off and group.
    pub groups: Vec<GroupRow>,
}

/// What a cut-off comes to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Share of cells at the level from which on a section is positive.
    pub cut_off: f64,
    /// Share of patients whose true share reaches it.
    pub prevalence: f64,
    /// Probability that one of them is called positive.
    pub sensitivity: Option<f64>,
    /// Probability that another is called negative.
    pub specificity: Option<f64>,
    /// Share of them among those called positive.
    pub ppv: Option<f64>,
    /// Share of others among those called negative.
    pub npv: Option<f64>,
    /// Share of patients called positive.
    pub positive: f64,
    /// Share of patients called wrongly.
    pub wrong: f64,
    /// Response rate of those called positive.
    pub response: Option<f64>,
    /// Response rate that those called negative would have had.
    pub response_of_excluded: Option<f64>,
    /// Share of responders who are called positive.
    pub responders_kept: Option<f64>,
    /// Share of those who would not respond who are called negative.
    pub others_excluded: Option<f64>,
    /// Patients screened for the number enrolled: mean, and the number that suffices at the confidence.
    pub screened: Option<(f64, Option<u32>)>,
    /// What the criterion comes to.
    pub value: Option<f64>,
}

/// A group at a cut-off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupRow {
    /// The cut-off.
    pub cut_off: f64,
    /// The group.
    pub group: String,
    /// Its share of the patients.
    pub share: f64,
    /// Probability that one of its patients is called positive.
    pub positive: f64,
    /// Its share of those called positive.
    pub of_selected: Option<f64>,
}

/// Reads the section; what is wrong is noted.
pub fn read(section: &IhcSection, notes: &mut Notes) -> Option<Asked> {
    let staining = groups::staining(&section.test, &format!("{PATH}.test"), notes);
    let level = staining.map_or(2, |s| s.level);
    if section.cut_offs.is_empty() {
        notes.wrong(
            &format!("{PATH}.cut_offs"),
            "no cut-off is asked",
            "give some, such as [\"10 %\", \"40 %\"]",
        );
    }
    let mut cut_offs = Vec::new();
    for (i, given) in section.cut_offs.iter().enumerate() {
        let path = format!("{PATH}.cut_offs.{i}");
        if i > 0 && section.cut_offs[i - 1].value() >= given.value() {
            notes.wrong(
                &path,
                format!("{given} after {}", section.cut_offs[i - 1]),
                "put them in rising order",
            );
        }
        cut_offs.extend(groups::cut_off(&path, level, *given, notes).map(|cut| (given.value(), cut)));
    }
    let groups = groups::groups(&section.patients, &format!("{PATH}.patients"), Wanted::Rate, notes);
    let best = section.best.unwrap_or(BestWord::Youden);
    match best {
        BestWord::Youden => {}
        BestWord::Response(rate) => {
            notes.given(&format!("{PATH}.best.response"), rate.value(), "1", "Response rate that is wanted");
        }
        BestWord::Cost(ratio) => {
            let path = format!("{PATH}.best.cost");
            notes.given(&path, ratio, "1", "Cost of excluding a responder over that of enrolling another");
            if !(ratio >= 0.0 && ratio.is_finite()) {
                notes.wrong(&path, format!("a cost of {ratio}"), "give 0 or more");
            }
        }
    }
    let enrol = section.enrol.unwrap_or(ENROL);
    let source = if section.enrol.is_some() { "the study" } else { "assumed: a small trial" };
    notes.ledger.record(&format!("{PATH}.enrol"), f64::from(enrol), "patients", source, "Patients enrolled");
    if enrol == 0 || enrol > 10_000 {
        notes.wrong(&format!("{PATH}.enrol"), format!("{enrol} patients"), "give 1 to 10000");
    }
    Some(Asked { staining: staining?, cut_offs, best, groups: groups?, enrol })
}

/// The fewest patients of whom, at a confidence, at least `enrol` are called positive.
fn screened(positive: f64, enrol: u32, confidence: f64) -> Result<Option<u32>, DiagnosticsError> {
    let enough = |n: u32| SiteCount::new(n, positive, 0.0).map(|count| count.at_least(enrol) >= confidence);
    let mut high = enrol;
    while !enough(high)? {
        high *= 2;
        if high > MOST_SCREENED {
            return Ok(None);
        }
    }
    let mut low = high / 2;
    while high - low > 1 {
        let middle = low.midpoint(high);
        if middle >= enrol && enough(middle)? { high = middle } else { low = middle }
    }
    Ok(Some(high))
}

impl Asked {
    /// What every cut-off comes to.
    ///
    /// # Errors
    /// If a number cannot be.
    pub fn answer(&self, confidence: f64) -> Result<Answered, DiagnosticsError> {
        let scores: Vec<_> = self.groups.iter().map(|g| g.scores(self.staining.thresholds)).collect();
        let candidates: Vec<Candidate> = self
            .groups
            .iter()
            .zip(&scores)
            .flat_map(|(group, scores)| {
                scores.iter().map(|(score, weight)| Candidate {
                    score: *score,
                    response: group.response,
                    weight: group.share * weight,
                })
            })
            .collect();
        let rows: Vec<Row> = self
            .cut_offs
            .iter()
            .map(|(share, cut)| self.row(*share, *cut, &candidates, confidence))
            .collect::<Result<_, _>>()?;
        let mut of_groups = Vec::new();
        for ((share, cut), row) in self.cut_offs.iter().zip(&rows) {
            for (group, scores) in self.groups.iter().zip(&scores) {
                let positive: f64 = scores
                    .iter()
                    .map(|(score, weight)| weight * self.staining.reader.calls(*score, *cut))
                    .sum();
                of_groups.push(GroupRow {
                    cut_off: *share,
                    group: group.name.clone(),
                    share: group.share,
                    positive,
                    of_selected: (row.positive > 0.0).then(|| group.share * positive / row.positive),
                });
            }
        }
        Ok(Answered {
            level: self.staining.level,
            cells: self.staining.cells,
            enrol: self.enrol,
            confidence,
            response_of_all: self.groups.iter().map(|g| g.share * g.response).sum(),
            criterion: self.criterion(),
            best: self.best(&rows),
            rows,
            groups: of_groups,
        })
    }

    fn row(
        &self,
        share: f64,
        cut: CutOff,
        candidates: &[Candidate],
        confidence: f64,
    ) -> Result<Row, DiagnosticsError> {
        let seen = select(candidates, cut, &self.staining.reader)?;
        let all: f64 = candidates.iter().map(|c| c.weight * c.response).sum();
        let met = seen.prevalence;
        let right = met * seen.sensitivity.unwrap_or(0.0) + (1.0 - met) * seen.specificity.unwrap_or(0.0);
        let enrolled = seen.positive * seen.response.unwrap_or(0.0);
        // Of those who would not respond.
        let (others, others_in) = (1.0 - all, seen.positive - enrolled);
        let ratio = |above: f64, below: f64| (below > 1e-12).then(|| (above / below).clamp(0.0, 1.0));
        let (kept, excluded) = (ratio(enrolled, all), ratio(others - others_in, others));
        let value = match self.best {
            BestWord::Youden => kept.zip(excluded).map(|(kept, excluded)| kept + excluded - 1.0),
            BestWord::Response(_) => seen.response,
            BestWord::Cost(cost) => Some(cost * (all - enrolled) + others_in),
        };
        let negative_right = (1.0 - met) * seen.specificity.unwrap_or(0.0);
        Ok(Row {
            cut_off: share,
            prevalence: met,
            sensitivity: seen.sensitivity,
            specificity: seen.specificity,
            ppv: seen.positive_predictive_value,
            npv: ratio(negative_right, 1.0 - seen.positive),
            positive: seen.positive,
            wrong: (1.0 - right).max(0.0),
            response: seen.response,
            response_of_excluded: seen.response_of_excluded,
            responders_kept: kept,
            others_excluded: excluded,
            screened: match seen.screened_per_enrolled {
                Some(each) => {
                    Some((each * f64::from(self.enrol), screened(seen.positive, self.enrol, confidence)?))
                }
                None => None,
            },
            value,
        })
    }

    fn criterion(&self) -> String {
        match self.best {
            BestWord::Youden => {
                "the share of responders kept minus the share of others enrolled (Youden's index of response)"
                    .into()
            }
            BestWord::Response(rate) => {
                format!("the lowest with a response rate of at least {rate} among those called positive")
            }
            BestWord::Cost(cost) => format!(
                "the least cost per patient screened, excluding one who would respond costing {} times what enrolling one \
                 does who will not",
                rounded(cost)
            ),
        }
    }

    fn best(&self, rows: &[Row]) -> Option<usize> {
        let known = rows.iter().enumerate().filter_map(|(i, row)| Some((i, row.value?)));
        match self.best {
            BestWord::Response(rate) => known.into_iter().find(|(_, v)| *v >= rate.value()).map(|(i, _)| i),
            // Of equals the lowest cut-off.
            BestWord::Youden => {
                known.reduce(|best, next| if next.1 > best.1 { next } else { best }).map(|b| b.0)
            }
            BestWord::Cost(_) => {
                known.reduce(|best, next| if next.1 < best.1 { next } else { best }).map(|b| b.0)
            }
        }
    }
}

fn or_dash(share: Option<f64>) -> String {
    share.map_or("–".into(), per_cent)
}

impl Answered {
    /// In words.
    pub fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        match self.best.map(|i| &self.rows[i]) {
            Some(row) => words.push(format!(
                "Of the cut-offs tried, {} of cells at {}+ or more is best by {}. It calls {} of the patients positive; {} of \
                 these respond, against {} of all and {} of those excluded, and {} of all responders are kept. To enrol {} \
                 patients, {} are screened on average{}.",
                per_cent(row.cut_off),
                self.level,
                self.criterion,
                per_cent(row.positive),
                or_dash(row.response),
                per_cent(self.response_of_all),
                or_dash(row.response_of_excluded),
                or_dash(row.responders_kept),
                grouped(f64::from(self.enrol)),
                row.screened.map_or("–".into(), |s| grouped(s.0)),
                row.screened.and_then(|s| s.1).map_or(String::new(), |n| format!(
                    ", and {} suffice with a probability of {}",
                    grouped(f64::from(n)),
                    per_cent(self.confidence)
                ))
            )),
            None => words.push(format!("No cut-off that was tried is {}.", self.criterion)),
        }
        if let Some(row) = self.best.map(|i| &self.rows[i]) {
            words.push(format!(
                "At that cut-off the true share of cells of {} of the patients reaches it; one of them is called positive with a \
                 probability of {}, another negative with {}; {} of those called positive reach it, and {} of all patients are \
                 called wrongly.",
                per_cent(row.prevalence),
                or_dash(row.sensitivity),
                or_dash(row.specificity),
                or_dash(row.ppv),
                per_cent(row.wrong)
            ));
        }
        let of = |row: &Row| {
            format!("{}: {}, {}", per_cent(row.cut_off), per_cent(row.positive), or_dash(row.response))
        };
        let all: Vec<String> = self.rows.iter().map(of).collect();
        words.push(format!("By cut-off, patients called positive and their response: {}.", all.join("; ")));
        words
    }

    /// What is assumed.
    pub fn assumptions(&self) -> Vec<String> {
        vec![
            format!(
                "A reader takes {} tumour cells of one section, each for another level with the stated errors, independently of \
                 the others but for their clustering; the section stands for the whole tumour.",
                grouped(f64::from(self.cells))
            ),
            "Staining depends on the density alone, by thresholds that the study states; patients of a group respond alike, \
             whatever their own staining."
                .into(),
        ]
    }

    /// Its tables.
    pub fn tables(&self) -> Vec<(&'static str, Table)> {
        let best = self.best;
        let rows: Vec<(usize, Row)> = self.rows.iter().cloned().enumerate().collect();
        let table = Rows::new(rows)
            .number("cut_off", "Share of cells at the level from which on a section is positive", |r| {
                Some(r.1.cut_off)
            })
            .text("best", "Whether it is the best by the criterion", move |r| (Some(r.0) == best).to_string())
            .number("criterion", "What the criterion comes to", |r| r.1.value)
            .number("prevalence", "Share of patients whose true share of cells reaches it", |r| {
                Some(r.1.prevalence)
            })
            .number("sensitivity", "Probability that one of them is called positive", |r| r.1.sensitivity)
            .number("specificity", "Probability that another is called negative", |r| r.1.specificity)
            .number("positive_predictive_value", "Share of them among those called positive", |r| r.1.ppv)
            .number("negative_predictive_value", "Share of others among those called negative", |r| r.1.npv)
            .number("called_positive", "Share of patients called positive", |r| Some(r.1.positive))
            .number("called_wrongly", "Share of patients called wrongly", |r| Some(r.1.wrong))
            .number("response", "Response rate of those called positive", |r| r.1.response)
            .number("response_of_excluded", "Response rate that the others would have had", |r| {
                r.1.response_of_excluded
            })
            .number("responders_kept", "Share of responders who are called positive", |r| r.1.responders_kept)
            .number("others_excluded", "Share of those who would not respond who are called negative", |r| {
                r.1.others_excluded
            })
            .measured("screened", "patients", "Screened for the number enrolled, mean", |r| {
                r.1.screened.map(|s| s.0)
            })
            .measured("screened_suffices", "patients", "Number that suffices at the confidence", |r| {
                r.1.screened.and_then(|s| s.1).map(f64::from)
            })
            .table;
        let groups = Rows::new(self.groups.clone())
            .number("cut_off", "Share of cells at the level from which on a section is positive", |r| {
                Some(r.cut_off)
            })
            .text("group", "Group of patients", |r| r.group.clone())
            .number("share", "Its share of all patients", |r| Some(r.share))
            .number("called_positive", "Probability that one of its patients is called positive", |r| {
                Some(r.positive)
            })
            .number("of_selected", "Its share of those called positive", |r| r.of_selected)
            .table;
        vec![("cut_offs", table), ("cut_off_groups", groups)]
    }

    /// Its figures.
    pub fn figures(&self) -> String {
        let x: Vec<f64> = self.rows.iter().map(|r| 100.0 * r.cut_off).collect();
        let line = |label: &str, colour: usize, of: &dyn Fn(&Row) -> Option<f64>| Line {
            label: label.into(),
            colour,
            x: x.clone(),
            y: self.rows.iter().map(|r| of(r).map_or(f64::NAN, |v| 100.0 * v)).collect(),
        };
        let x_label = format!("cut-off, % of cells at {}+ or more", self.level);
        let chart = |y: &str, alt: &str, lines| Chart {
            x_label: x_label.clone(),
            y_label: y.into(),
            log: false,
            floor: FLOOR,
            alt: format!("Line chart of {alt} against the cut-off, {} cut-offs.", self.rows.len()),
            areas: Vec::new(),
            lines,
        };
        let patients = chart(
            "%",
            "patients called positive, response and responders kept",
            vec![
                line("called positive", 0, &|r| Some(r.positive)),
                line("response of positive", 1, &|r| r.response),
                line("response of excluded", 2, &|r| r.response_of_excluded),
                line("responders kept", 3, &|r| r.responders_kept),
            ],
        );
        let test = chart(
            "%",
            "sensitivity, specificity, predictive value and wrong calls",
            vec![
                line("sensitivity", 0, &|r| r.sensitivity),
                line("specificity", 1, &|r| r.specificity),
                line("predictive value +", 2, &|r| r.ppv),
                line("called wrongly", 3, &|r| Some(r.wrong)),
            ],
        );
        figure(
            "What the cut-off does to the trial",
            "Who is enrolled, and who of them responds.",
            &patients.svg(),
        ) + &figure(
            "What the cut-off does to the test",
            "Whether patients are recognised whose true share of cells reaches the cut-off.",
            &test.svg(),
        )
    }
}
