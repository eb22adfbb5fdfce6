//! The tables of a trial.

use perforin_trial::dose_finding::Move;
use perforin_trial::dose_finding::rule::Decision;
use perforin_trial::dose_finding::summary::{Characteristics, LevelCounts};

use super::answer::{Answer, Found, ScenarioAnswer};
use super::efficacy::{RandomisedAnswer, TwoStageAnswer};
use super::selection;
use super::words::policy_word;
use crate::table::{Rows, Table};

/// Every table with the name of its file.
pub fn all(answer: &Answer) -> Vec<(&'static str, Table)> {
    let mut all = Vec::new();
    if let Some(found) = &answer.dose_finding {
        all.push(("levels", levels(answer, found)));
        all.push(("scenarios", scenarios(found)));
        all.push(("populations", populations(found)));
        all.push(("paths", paths(found)));
        all.push(("example", example(found)));
        if !found.decisions.is_empty() {
            all.push(("decisions", decisions(found)));
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
    if let Some(efficacy) = &answer.efficacy {
        all.extend(efficacy.two_stage.as_ref().map(|found| ("two_stage", two_stage(found))));
        if let Some(found) = &efficacy.randomised {
            all.push(("randomised", randomised(found)));
            all.push(("survival", survival(found)));
        }
    }
    all
}

fn two_stage(found: &TwoStageAnswer) -> Table {
    Rows::new(found.designs.clone())
        .text("design", "Optimal, minimax or another admissible one", |r| r.name.clone())
        .whole("first_patients", "patients", "Patients of the first stage", |r| i64::from(r.first.0))
        .whole("first_stop", "patients", "Most responses with which it ends", |r| i64::from(r.first.1))
        .whole("patients", "patients", "Patients of both stages", |r| i64::from(r.both.0))
        .whole("reject_above", "patients", "Most responses that do not reject", |r| i64::from(r.both.1))
        .measured("expected", "patients", "Expected number where the product is not active", |r| {
            Some(r.expected)
        })
        .number("level", "Probability of calling an inactive product active", |r| Some(r.level))
        .number("power", "Probability of calling an active one so", |r| Some(r.power))
        .number("called_active_infused", "Probability of calling this one active by infused patients", |r| {
            Some(r.infused)
        })
        .number("called_active_enrolled", "The same by all enrolled (intention to treat)", |r| {
            Some(r.enrolled)
        })
        .table
}

/// Names of the four hazard ratios.
pub const HAZARD_RATIOS: [&str; 4] = [
    "progression-free survival, all randomised",
    "progression-free survival, infused against control",
    "overall survival, all randomised",
    "overall survival, infused against control",
];

fn randomised(found: &RandomisedAnswer) -> Table {
    let rows: Vec<(&str, &str, [f64; 3])> = [("as stated", &found.seen), ("nothing", &found.null)]
        .into_iter()
        .flat_map(|(truth, seen)| {
            HAZARD_RATIOS.iter().zip(seen.hazard_ratios).map(move |(of, q)| (truth, *of, q))
        })
        .collect();
    Rows::new(rows)
        .text("truth", "What the product does", |r| r.0.into())
        .text("hazard_ratio", "Of what, and in whom", |r| r.1.into())
        .number("low", "2.5 % quantile over trials", |r| Some(r.2[0]))
        .number("median", "Median over trials", |r| Some(r.2[1]))
        .number("high", "97.5 % quantile over trials", |r| Some(r.2[2]))
        .table
}

fn survival(found: &RandomisedAnswer) -> Table {
    let rows: Vec<(&str, &str, f64, f64)> = ["progression-free", "overall"]
        .into_iter()
        .zip(&found.curves)
        .flat_map(|(endpoint, curves)| {
            curves.iter().flat_map(move |curve| {
                curve.steps.iter().map(move |(day, share)| (endpoint, curve.name.as_str(), *day, *share))
            })
        })
        .collect();
    Rows::new(rows)
        .text("endpoint", "Progression-free or overall survival, of the first trial", |r| r.0.into())
        .text("group", "Whose", |r| r.1.into())
        .measured("day", "d", "Day of events since randomisation", |r| Some(r.2))
        .number("survival", "Share without event from then on (Kaplan–Meier)", |r| Some(r.3))
        .table
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
        .number("selected", "Share of trials that select it as maximum tolerated dose", |r| {
            Some(r.0.seen.share(selected(r)).0)
        })
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
        .text(
            "right_level",
            "The level whose true rate is nearest to the target; none if all are too toxic",
            |s| s.seen.right.map_or("none".into(), |level| (level + 1).to_string()),
        )
        .number("right_selected", "Share of trials that select it", |s| Some(right_selected(&s.seen).0))
        .number("right_selected_error", "Monte-Carlo standard error of that share", |s| {
            Some(right_selected(&s.seen).1)
        })
        .number("none_selected", "Share of trials that select no dose", share(|c| c.none))
        .number(
            "stopped",
            "Share of trials that the design stops because all doses are too toxic",
            share(|c| c.stopped),
        )
        .number("overdosed", "Share of infused patients assigned above the right level", |s| {
            Some(s.seen.overdosed())
        })
        .number(
            "overdosing",
            "Share of trials with 60 % of the infused or more above the right level",
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
        .number("too_high", "Share of trials that select a level above the right one", |r| {
            Some(too_high(r.2))
        })
        .number("overdosed", "Share of infused patients assigned above the right level", |r| {
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

/// Share of trials that select a level above the right one.
pub fn too_high(seen: &Characteristics) -> f64 {
    let from = seen.right.map_or(0, |level| level + 1);
    seen.share(seen.levels[from..].iter().map(|level| level.selected).sum()).0
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

/// A decision in words.
pub fn decision_words(decision: Decision) -> String {
    match decision {
        Decision::Treat(level) => format!("treat at level {}", level + 1),
        Decision::Wait => "wait".into(),
        Decision::Declare(Some(level)) => format!("declare level {}", level + 1),
        Decision::Declare(None) => "stop: all doses are too toxic".into(),
    }
}

fn decisions(found: &Found) -> Table {
    Rows::new(found.decisions.clone())
        .whole("treated", "patients", "Patients at the present dose", |r| i64::from(r.0))
        .whole("toxic", "patients", "Those with a dose-limiting toxicity", |r| i64::from(r.1))
        .text("decision", "What is done", |r| move_word(r.2).into())
        .table
}

fn paths(found: &Found) -> Table {
    let cohort = |k: usize| {
        move |r: &(Vec<perforin_trial::dose_finding::rule::Given>, Decision)| {
            r.0.get(k).map_or(String::new(), |given| {
                format!("{}/{} at level {}", given.seen.toxic, given.seen.treated, given.dose + 1)
            })
        }
    };
    Rows::new(found.paths.clone())
        .text("first_cohort", "Toxicities of patients at a level", cohort(0))
        .text("second_cohort", "The same; empty if the trial is over", cohort(1))
        .text("third_cohort", "The same", cohort(2))
        .text("decision", "What is done next", |r| decision_words(r.1))
        .table
}

fn example(found: &Found) -> Table {
    let level = |level: Option<usize>| level.map_or(String::new(), |l| (l + 1).to_string());
    let rows: Vec<_> = found.example.patients.iter().enumerate().collect();
    Rows::new(rows)
        .whole("patient", "1", "In the order of enrolment", |r| r.0 as i64 + 1)
        .whole("level", "1", "Dose level assigned, from 1", |r| r.1.level as i64 + 1)
        .measured("enrolled", "d", "Day of enrolment", |r| Some(r.1.enrolled))
        .text("fate", "What became of the product", |r| r.1.fate.clone())
        .measured("infused", "d", "Day of infusion", |r| r.1.infused)
        .measured("dose", "as the levels", "Dose given", |r| r.1.dose)
        .text("toxic", "Whether a dose-limiting toxicity came", |r| r.1.toxic.to_string())
        .text("responds", "Whether the patient responded", |r| r.1.responds.to_string())
        .text("counts_at", "Level at which the patient counts, from 1; empty if at none", |r| {
            level(r.1.counts_at)
        })
        .table
}
