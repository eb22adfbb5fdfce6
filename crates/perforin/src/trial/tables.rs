//! The tables of a trial.

use perforin_core::study::trial::DesignWord;
use perforin_trial::dose_finding::Move;
use perforin_trial::dose_finding::paths::Given;
use perforin_trial::dose_finding::rule::Decision;
use perforin_trial::dose_finding::summary::{Characteristics, LevelCounts};
use perforin_trial::dose_finding::tite_boin::Advice;

use super::answer::{Answer, Found, Path, ScenarioAnswer};
use super::selection;
use super::uncertainty::show;
use super::words::policy_word;
use crate::table::{Rows, Table};

mod efficacy;
mod endpoints;
mod example;

pub use efficacy::HAZARD_RATIOS;

/// Every table with the name of its file.
pub fn all(answer: &Answer) -> Vec<(&'static str, Table)> {
    let mut all = Vec::new();
    if let Some(found) = &answer.dose_finding {
        all.push(("levels", levels(answer, found)));
        all.push(("scenarios", scenarios(found)));
        all.push(("populations", populations(found)));
        all.push(("paths", paths(found)));
        all.push(("courses", courses(found)));
        all.push(("example", example::table(&found.examples)));
        if !found.decisions.is_empty() {
            all.push(("decisions", decisions(found)));
        }
        if !found.rolling.is_empty() {
            all.push(("rolling_six", rolling(found)));
        }
        if !found.desirability.is_empty() {
            all.push(("desirability", desirability(found)));
        }
        if !found.selected.is_empty() {
            all.push(("selection", selection::table(&found.selected)));
        }
        if found.making.is_some() || !found.selected.is_empty() {
            all.push(("flow", flow_table(found)));
        }
        if found.making.is_some() {
            all.push(("policies", policies(found)));
        }
    }
    if !answer.endpoints.is_empty() {
        all.push(("endpoints", endpoints::endpoints(answer)));
        all.push(("duration_of_response", endpoints::durations(answer)));
        all.push(("progression_free_survival", endpoints::progression(answer)));
        all.push(("overall_survival", endpoints::survival(answer)));
    }
    all.extend(answer.efficacy.as_ref().map_or(Vec::new(), efficacy::all));
    if let Some(known) = &answer.uncertainty {
        all.push(("uncertainty", show::table(known)));
        all.push(("uncertainty_draws", show::draws(known)));
    }
    all
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn levels(answer: &Answer, found: &Found) -> Table {
    let rows: Vec<(&ScenarioAnswer, usize)> =
        found.scenarios.iter().flat_map(|s| (0..s.seen.levels.len()).map(move |level| (s, level))).collect();
    let of = |f: fn(&LevelCounts) -> u64| move |r: &(&ScenarioAnswer, usize)| f(&r.0.seen.levels[r.1]);
    let mean = |f: fn(&LevelCounts) -> u64| {
        move |r: &(&ScenarioAnswer, usize)| Some(r.0.seen.per_trial(f(&r.0.seen.levels[r.1])))
    };
    let selected = of(|l| l.selected);
    let feasible = of(|l| l.feasible);
    let band = |k: usize| move |r: &(&ScenarioAnswer, usize)| r.0.bands[r.1].map(|band| band[k]);
    Rows::new(rows)
        .text("scenario", "The scenario", |r| r.0.name.clone())
        .whole("level", "1", "Dose level, from 1", |r| r.1 as i64 + 1)
        .text("dose", "The planned dose", |r| answer.doses[r.1].clone())
        .number("true_toxicity", "True rate of dose-limiting toxicity at it", |r| {
            Some(r.0.seen.true_toxicity[r.1])
        })
        .number("true_response", "True response rate at it", |r| {
            r.0.seen.true_response.as_ref().map(|rates| rates[r.1])
        })
        .number("selected", "Share of trials that select it", |r| Some(r.0.seen.share(selected(r)).0))
        .number("selected_error", "Monte-Carlo standard error of that share", |r| {
            Some(r.0.seen.share(selected(r)).1)
        })
        .number(
            "tolerated_and_feasible",
            "Share of trials in which it is the highest level tolerated and feasible",
            |r| Some(r.0.seen.share(feasible(r)).0),
        )
        .measured("enrolled", "patients", "Patients assigned to it, mean of a trial", mean(|l| l.enrolled))
        .measured("infused", "patients", "Those infused, mean", mean(|l| l.infused))
        .measured("infused_as_planned", "patients", "Those infused as planned, mean", mean(|l| l.planned))
        .measured("toxic", "patients", "Infused with a dose-limiting toxicity, mean", mean(|l| l.toxic))
        .measured("responses", "patients", "Responses, mean", mean(|l| l.responses))
        .measured("counted", "patients", "Patients who count at it, mean", mean(|l| l.counted))
        .measured(
            "counted_toxic",
            "patients",
            "Those of them with a toxicity, mean",
            mean(|l| l.counted_toxic),
        )
        .number("estimate_low", "Estimated toxicity rate, 10 % quantile over trials that tried it", band(0))
        .number("estimate_median", "The same, median", band(1))
        .number("estimate_high", "The same, 90 % quantile", band(2))
        .table
}

fn scenarios(found: &Found) -> Table {
    let rows: Vec<&ScenarioAnswer> = found.scenarios.iter().collect();
    let share = |f: fn(&Characteristics) -> u64| move |s: &&ScenarioAnswer| Some(s.seen.share(f(&s.seen)).0);
    Rows::new(rows)
        .text("scenario", "The scenario", |s| s.name.clone())
        .whole("trials", "1", "Simulated trials", |s| s.seen.trials as i64)
        .text("right_level", "The level that would rightly be selected; none if there is none", |s| {
            s.seen.right.map_or("none".into(), |level| (level + 1).to_string())
        })
        .number("right_selected", "Share of trials that select it", |s| Some(right_selected(&s.seen).0))
        .number("right_selected_error", "Monte-Carlo standard error of that share", |s| {
            Some(right_selected(&s.seen).1)
        })
        .number("none_selected", "Share of trials that select no dose", share(|c| c.none))
        .number(
            "stopped",
            "Share of trials that the design stops because no dose may be given",
            share(|c| c.stopped),
        )
        .number("overdosed", "Share of infused patients assigned above the maximum tolerated dose", |s| {
            Some(s.seen.overdosed())
        })
        .number(
            "overdosing",
            "Share of trials with 60 % of the infused or more above the maximum tolerated dose",
            share(|c| c.overdosing),
        )
        .number(
            "none_feasible",
            "Share of trials without a level tolerated and feasible",
            share(|c| c.none_feasible),
        )
        .measured("enrolled", "patients", "Enrolled, mean of a trial", |s| {
            Some(s.seen.per_trial(s.seen.total().enrolled))
        })
        .measured("infused", "patients", "Infused, mean of a trial", |s| {
            Some(s.seen.per_trial(s.seen.total().infused))
        })
        .measured("toxic", "patients", "Dose-limiting toxicities, mean of a trial", |s| {
            Some(s.seen.per_trial(s.seen.total().toxic))
        })
        .measured("duration", "d", "Mean duration of a trial", |s| Some(s.seen.duration))
        .measured("duration_sd", "d", "Standard deviation of the duration", |s| Some(s.seen.duration_sd))
        .table
}

/// Share of trials that select the right level, or none where none is right, with its standard error.
pub fn right_selected(seen: &Characteristics) -> (f64, f64) {
    seen.share(seen.right.map_or(seen.none, |level| seen.levels[level].selected))
}

/// Rates in all enrolled and in those infused.
fn populations(found: &Found) -> Table {
    let mut rows = Vec::new();
    for scenario in &found.scenarios {
        for (level, counts) in scenario.seen.levels.iter().enumerate() {
            rows.push((scenario.name.clone(), (level + 1).to_string(), *counts));
        }
        rows.push((scenario.name.clone(), "all".into(), scenario.seen.total()));
    }
    Rows::new(rows)
        .text("scenario", "The scenario", |r| r.0.clone())
        .text("level", "Dose level assigned, from 1, or all", |r| r.1.clone())
        .number("toxicity_enrolled", "Toxicity rate of all enrolled", |r| ratio(r.2.toxic, r.2.enrolled))
        .number("toxicity_infused", "Toxicity rate of those infused", |r| ratio(r.2.toxic, r.2.infused))
        .number("toxicity_planned", "Toxicity rate of those infused as planned", |r| {
            ratio(r.2.planned_toxic, r.2.planned)
        })
        .number("toxicity_bias", "Toxicity rate of those infused minus that of all enrolled", |r| {
            bias(r.2.toxic, &r.2)
        })
        .number("response_enrolled", "Response rate of all enrolled (intention to treat)", |r| {
            ratio(r.2.responses, r.2.enrolled)
        })
        .number("response_infused", "Response rate of those infused", |r| ratio(r.2.responses, r.2.infused))
        .number("response_planned", "Response rate of those infused as planned", |r| {
            ratio(r.2.planned_responses, r.2.planned)
        })
        .number("response_bias", "Response rate of those infused minus that of all enrolled", |r| {
            bias(r.2.responses, &r.2)
        })
        .table
}

/// What a rate among those infused exceeds that among all enrolled by.
pub fn bias(events: u64, counts: &LevelCounts) -> Option<f64> {
    Some(ratio(events, counts.infused)? - ratio(events, counts.enrolled)?)
}

/// Stages from screening to evaluation with patients per trial.
pub fn flow(found: &Found, scenario: &ScenarioAnswer) -> Vec<(&'static str, f64)> {
    let total = scenario.seen.total();
    let screened = found.making.as_ref().map_or(1.0, |making| 1.0 - making.screen_failure);
    let mean = |count: u64| scenario.seen.per_trial(count);
    let apheresed = total.enrolled - total.no_apheresis;
    let test = found.selected.iter().find(|seen| seen.scenario == scenario.name);
    let tested = test.map_or(1.0, |seen| seen.positive);
    let mut stages = vec![("screened", mean(total.enrolled) / screened / tested)];
    stages.extend(test.map(|_| ("positive in the test", mean(total.enrolled) / screened)));
    stages.extend([
        ("eligible, enrolled", mean(total.enrolled)),
        ("apheresed", mean(apheresed)),
        ("not lost while waiting", mean(apheresed - total.lost)),
        ("manufactured, infused", mean(total.infused)),
        ("infused as planned", mean(total.planned)),
        ("evaluable", mean(total.counted)),
    ]);
    stages
}

fn flow_table(found: &Found) -> Table {
    let stages = |s| flow(found, s).into_iter();
    let rows: Vec<(String, &str, f64, f64)> = found
        .scenarios
        .iter()
        .flat_map(|s| {
            let enrolled = s.seen.per_trial(s.seen.total().enrolled);
            stages(s).map(move |(stage, patients)| (s.name.clone(), stage, patients, patients / enrolled))
        })
        .collect();
    Rows::new(rows)
        .text("scenario", "The scenario", |r| r.0.clone())
        .text("stage", "How far patients came", |r| r.1.into())
        .measured("patients", "patients", "Mean number of a trial", |r| Some(r.2))
        .number("of_enrolled", "The same over those enrolled", |r| Some(r.3))
        .table
}

fn policies(found: &Found) -> Table {
    let rows: Vec<_> = found
        .scenarios
        .iter()
        .flat_map(|s| s.policies.iter().map(move |(policy, seen)| (&s.name, policy, seen)))
        .collect();
    Rows::new(rows)
        .text("scenario", "The scenario", |r| r.0.clone())
        .text("policy", "What is done with under-dosed patients", |r| policy_word(*r.1).into())
        .number("right_selected", "Share of trials that select the right level", |r| {
            Some(right_selected(r.2).0)
        })
        .number("right_selected_error", "Monte-Carlo standard error of that share", |r| {
            Some(right_selected(r.2).1)
        })
        .number("too_high", "Share of trials that select a level above the maximum tolerated dose", |r| {
            Some(too_high(r.2))
        })
        .number("overdosed", "Share of infused patients assigned above the maximum tolerated dose", |r| {
            Some(r.2.overdosed())
        })
        .number("counted_toxicity", "Toxicity rate of those who count", |r| {
            ratio(r.2.total().counted_toxic, r.2.total().counted)
        })
        .measured("enrolled", "patients", "Enrolled, mean of a trial", |r| {
            Some(r.2.per_trial(r.2.total().enrolled))
        })
        .measured("duration", "d", "Mean duration of a trial", |r| Some(r.2.duration))
        .table
}

/// Share of trials that select a level above the maximum tolerated dose.
pub fn too_high(seen: &Characteristics) -> f64 {
    seen.share(too_high_count(seen)).0
}

/// Their number.
pub fn too_high_count(seen: &Characteristics) -> u64 {
    let from = seen.tolerated.map_or(0, |level| level + 1);
    seen.levels[from..].iter().map(|level| level.selected).sum()
}

/// A move in a word.
pub fn move_word(decision: Move) -> &'static str {
    match decision {
        Move::Escalate => "escalate",
        Move::Stay => "stay",
        Move::Deescalate => "de-escalate",
        Move::Eliminate => "de-escalate, never return",
    }
}

/// Why a design stops.
pub fn nothing_left(word: DesignWord) -> &'static str {
    match word {
        DesignWord::Boin12 => "no dose near the present one is acceptable",
        DesignWord::Blrm | DesignWord::Ewoc => "no dose keeps the probability of an overdose low enough",
        _ => "all doses are too toxic",
    }
}

/// A decision in words.
pub fn decision_words(decision: Decision, word: DesignWord) -> String {
    match decision {
        Decision::Treat(level) => format!("treat at level {}", level + 1),
        Decision::Wait => "wait".into(),
        Decision::Declare(Some(level)) => format!("declare level {}", level + 1),
        Decision::Declare(None) => format!("stop: {}", nothing_left(word)),
    }
}

fn decisions(found: &Found) -> Table {
    Rows::new(found.decisions.clone())
        .whole("treated", "patients", "Patients at the present dose", |r| i64::from(r.0))
        .whole("toxic", "patients", "Those with a dose-limiting toxicity", |r| i64::from(r.1))
        .text("decision", "What is done", |r| move_word(r.2).into())
        .table
}

/// The outcomes of a cohort in words.
fn outcomes(given: &Given) -> String {
    let Given { dose, seen, responses } = given;
    let toxic = format!("{}/{} at level {}", seen.toxic, seen.treated, dose + 1);
    match responses {
        None => toxic,
        Some(r) => format!("{toxic}, responses of {} without and {} with toxicity", r.free, r.toxic),
    }
}

fn paths(found: &Found) -> Table {
    let cohort = |k: usize| move |r: &Path| r.cohorts.get(k).map_or(String::new(), outcomes);
    let mut rows = Rows::new(found.paths.clone())
        .text("first_cohort", "Toxicities of patients at a level", cohort(0))
        .text("second_cohort", "The same; empty if the trial is over or the table ends", cohort(1))
        .text("third_cohort", "The same", cohort(2))
        .text("fourth_cohort", "The same", cohort(3))
        .text("decision", "What is done next", |r| decision_words(r.decision, found.word));
    for (k, scenario) in found.scenarios.iter().enumerate() {
        let meaning = format!("Probability in {}, if everybody is infused as planned", scenario.name);
        rows = rows.number(&format!("probability_{}", k + 1), &meaning, move |r| Some(r.chances[k]));
    }
    rows.table
}

fn courses(found: &Found) -> Table {
    let rows: Vec<_> =
        found.scenarios.iter().flat_map(|s| s.courses.iter().map(move |course| (&s.name, course))).collect();
    Rows::new(rows)
        .text("scenario", "The scenario", |r| r.0.clone())
        .text("levels", "Levels in the order of enrolment, from 1, each once as long as it stays", |r| {
            r.1.0.iter().map(|level| (level + 1).to_string()).collect::<Vec<_>>().join(" ")
        })
        .text("selected", "Level selected, from 1; empty if none", |r| {
            r.1.1.map_or(String::new(), |level| (level + 1).to_string())
        })
        .number("share", "Share of the first trials, at most 1000, that go this way", |r| Some(r.1.2))
        .table
}

fn rolling(found: &Found) -> Table {
    Rows::new(found.rolling.clone())
        .whole("enrolled", "patients", "Patients enrolled at the present dose", |r| i64::from(r.enrolled))
        .whole("toxic", "patients", "Those with a dose-limiting toxicity", |r| i64::from(r.toxic))
        .whole("pending", "patients", "Those without one whose window is open", |r| i64::from(r.pending))
        .text("decision", "What is done", |r| match r.advice {
            Advice::Wait => "wait".into(),
            Advice::Go(next) => move_word(next).into(),
        })
        .table
}

fn desirability(found: &Found) -> Table {
    Rows::new(found.desirability.clone())
        .whole("treated", "patients", "Patients at a dose", |r| i64::from(r.0))
        .whole("toxic", "patients", "Those with a dose-limiting toxicity", |r| i64::from(r.1))
        .whole("responses", "patients", "Those who responded", |r| i64::from(r.2))
        .number("score", "Rank-based desirability score; NaN if the dose is closed", |r| r.3)
        .table
}
