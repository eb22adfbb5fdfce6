//! The answer in words, with everything that is assumed.

use std::fmt::Write;

use perforin_core::study::trial::DesignWord;
use perforin_trial::dose_finding::summary::Characteristics;
use perforin_trial::manufacturing::Policy;

use super::answer::{Answer, Found, Making, ScenarioAnswer};
use super::endpoints::{Duration, Enrolled, LevelEndpoints};
use super::selection;
use super::tables::{bias, nothing_left, right_selected, too_high};
use super::uncertainty::show;
use crate::answer::{grouped, per_cent, rounded};

mod efficacy;

/// What a simulated trial can and cannot say.
pub const HONESTY: &str = "\
These are simulated trials under what the study says is true, for choosing a design and planning, not for treating a \
patient; a protocol needs its statistician, and a trial its clinical judgement.";

/// The answer as a few paragraphs of plain text.
pub fn in_words(answer: &Answer) -> String {
    let mut paragraphs = Vec::new();
    if let Some(found) = &answer.dose_finding {
        paragraphs.push(headline(answer, found));
        paragraphs.extend(found.scenarios.iter().map(|s| of_scenario(answer, found, s)));
        paragraphs.extend(found.selected.iter().map(selection::Seen::words));
        if let Some(making) = &found.making {
            paragraphs.push(feasibility(answer, making));
            paragraphs.extend(found.scenarios.first().map(|s| compared(making, s)));
        }
    }
    paragraphs.extend(of_patients(answer));
    if let Some(efficacy) = &answer.efficacy {
        paragraphs.extend(efficacy::in_words(efficacy));
    }
    paragraphs.extend(answer.uncertainty.as_ref().map_or(Vec::new(), show::words));
    paragraphs.push(format!("What is assumed:\n- {}", assumptions(answer).join("\n- ")));
    paragraphs.push(HONESTY.to_owned());
    paragraphs.join("\n\n") + "\n"
}

/// A policy in words.
pub fn policy_word(policy: Policy) -> &'static str {
    match policy {
        Policy::AssignedLevel => "count at the assigned level",
        Policy::AchievedLevel => "count at the level reached",
        Policy::Replace => "do not count, are replaced",
    }
}

/// A share with its Monte-Carlo standard error in points.
fn with_error((share, error): (f64, f64)) -> String {
    format!("{} (± {} points)", per_cent(share), rounded(100.0 * error))
}

fn right_words(answer: &Answer, seen: &Characteristics) -> String {
    match seen.right {
        Some(level) => format!("the right dose, level {} ({}),", level + 1, answer.doses[level]),
        None => "rightly no dose".into(),
    }
}

fn headline(answer: &Answer, found: &Found) -> String {
    let name = found.design.split(" (").next().unwrap_or_default();
    let of = |s: &ScenarioAnswer| {
        let right = with_error(right_selected(&s.seen));
        format!("{} in {right} of the trials of \"{}\"", right_words(answer, &s.seen), s.name)
    };
    let all: Vec<String> = found.scenarios.iter().map(of).collect();
    format!(
        "{name} selects {}. The {} is a rate of dose-limiting toxicity of {}; {} trials of each scenario, the \
         standard error of Monte Carlo in brackets.",
        all.join("; "),
        if found.word == DesignWord::Boin12 { "limit" } else { "target" },
        per_cent(found.target),
        grouped(found.trials as f64)
    )
}

fn of_scenario(answer: &Answer, found: &Found, scenario: &ScenarioAnswer) -> String {
    let seen = &scenario.seen;
    let total = seen.total();
    let selected = |(level, counts): (usize, &perforin_trial::dose_finding::summary::LevelCounts)| {
        let true_rate = per_cent(seen.true_toxicity[level]);
        format!("level {} (true rate {true_rate}) {}", level + 1, per_cent(seen.share(counts.selected).0))
    };
    let selected: Vec<String> = seen.levels.iter().enumerate().map(selected).collect();
    let mut text = format!(
        "{}: selected are {}, none {}. A trial enrols {} patients, infuses {} and sees {} dose-limiting toxicities in {} days \
         (standard deviation {}); {} of those infused were assigned above the maximum tolerated dose, and {} of the trials \
         put 60 % or more there. {} stop because {}.",
        scenario.name,
        selected.join(", "),
        per_cent(seen.share(seen.none).0),
        rounded(seen.per_trial(total.enrolled)),
        rounded(seen.per_trial(total.infused)),
        rounded(seen.per_trial(total.toxic)),
        rounded(seen.duration),
        rounded(seen.duration_sd),
        per_cent(seen.overdosed()),
        per_cent(seen.share(seen.overdosing).0),
        per_cent(seen.share(seen.stopped).0),
        nothing_left(found.word)
    );
    if found.making.is_some() {
        text += &both_populations(answer, scenario);
    }
    text
}

fn both_populations(answer: &Answer, scenario: &ScenarioAnswer) -> String {
    let seen = &scenario.seen;
    let total = seen.total();
    let rate = |part: u64, whole: u64| per_cent(part as f64 / whole.max(1) as f64);
    let points = |events: u64| rounded(100.0 * bias(events, &total).unwrap_or(0.0));
    let mut text = format!(
        " Dose-limiting toxicity: {} of all enrolled, {} of those infused, {} points more; {} of those who count.",
        rate(total.toxic, total.enrolled),
        rate(total.toxic, total.infused),
        points(total.toxic),
        rate(total.counted_toxic, total.counted)
    );
    if seen.true_response.is_some() {
        let _ = write!(
            text,
            " Response: {} of all enrolled (intention to treat), {} of those infused: leaving out who was not infused \
             adds {} points.",
            rate(total.responses, total.enrolled),
            rate(total.responses, total.infused),
            points(total.responses)
        );
    }
    let feasible = seen.levels.iter().enumerate().max_by_key(|(_, counts)| counts.feasible);
    if let Some((level, counts)) = feasible {
        let _ = write!(
            text,
            " The highest level that is tolerated and feasible is most often level {} ({}), in {}; none is in {}.",
            level + 1,
            answer.doses[level],
            per_cent(seen.share(counts.feasible).0),
            per_cent(seen.share(seen.none_feasible).0)
        );
    }
    text
}

fn feasibility(answer: &Answer, making: &Making) -> String {
    let of = |(level, expected): (usize, &perforin_trial::manufacturing::Expected)| {
        let is = if expected.planned >= making.feasible_from { "" } else { ", not feasible" };
        format!("{} at level {} ({}{is})", per_cent(expected.planned), level + 1, answer.doses[level])
    };
    let all: Vec<String> = making.expected.iter().enumerate().map(of).collect();
    let infused = making.expected.first().map_or(0.0, |e| e.infused);
    format!(
        "Of those enrolled {} are infused at all, and as planned {}; a level is called feasible from {} on.",
        per_cent(infused),
        all.join(", "),
        per_cent(making.feasible_from)
    )
}

fn compared(making: &Making, scenario: &ScenarioAnswer) -> String {
    let of = |(policy, seen): &(Policy, Characteristics)| {
        let own = if *policy == making.policy { ", as in this study" } else { "" };
        format!(
            "if they {}{own}: right in {}, too high in {}, {} patients enrolled in {} days",
            policy_word(*policy),
            with_error(right_selected(seen)),
            per_cent(too_high(seen)),
            rounded(seen.per_trial(seen.total().enrolled)),
            rounded(seen.duration)
        )
    };
    let all: Vec<String> = scenario.policies.iter().map(of).collect();
    format!(
        "Patients who get less than planned, in \"{}\" and with the same patients: {}.",
        scenario.name,
        all.join("; ")
    )
}

/// Response of virtual patients, how long it lasts, and survival: of all, and of those whom a test selects; nothing without
/// any.
fn of_patients(answer: &Answer) -> Vec<String> {
    [Enrolled::All, Enrolled::Selected].into_iter().filter_map(|who| of_enrolled(answer, who)).collect()
}

fn of_enrolled(answer: &Answer, who: Enrolled) -> Option<String> {
    let own: Vec<&LevelEndpoints> = answer.endpoints.iter().filter(|r| r.enrolled == who).collect();
    let first = own.first()?;
    let is_selected = answer.endpoints.iter().any(|r| r.enrolled == Enrolled::Selected);
    let patients = match who {
        Enrolled::All if is_selected => {
            format!("Of all {} virtual patients, whether the test selects them or not", first.patients)
        }
        Enrolled::All => format!("Of the {} virtual patients", first.patients),
        Enrolled::Selected => format!("Of the {} virtual patients whom the test selects", first.patients),
    };
    let all: Vec<String> = own.iter().map(|r| endpoints(r)).collect();
    Some(format!(
        "{patients}, each infused as planned at every level: {}. Response is confirmed, by {}, its interval exact; durations \
         are those of responders alone, by Kaplan and Meier.",
        all.join("; "),
        first.criteria
    ))
}

fn endpoints(r: &LevelEndpoints) -> String {
    let median = |what: &str, time: Option<&Duration>| match time.map(|d| d.median) {
        None => String::new(),
        Some(None) => format!(", the median {what} is not reached"),
        Some(Some(days)) => format!(", the median {what} is {} days", rounded(days)),
    };
    format!(
        "{} of {} at level {} respond ({} to {} at 95 %){}{}{}",
        r.responders,
        r.patients,
        r.level + 1,
        per_cent(r.interval.0),
        per_cent(r.interval.1),
        median("duration of response", r.duration.as_ref()),
        median("progression-free survival", r.progression.as_ref()),
        median("overall survival", r.survival.as_ref())
    )
}

/// Everything that is assumed beyond the numbers of the study.
pub fn assumptions(answer: &Answer) -> Vec<String> {
    let mut all = answer.dose_finding.as_ref().map_or(Vec::new(), of_finding);
    all.extend(answer.efficacy.as_ref().map_or(Vec::new(), efficacy::assumptions));
    all.extend(answer.uncertainty.as_ref().map_or(Vec::new(), show::assumptions));
    all
}

/// Which level would rightly be selected.
fn right_level(word: DesignWord) -> &'static str {
    match word {
        DesignWord::Boin12 => {
            "The right level is the one with the highest true mean utility among those whose toxicity is at most the limit and \
             whose response is at least the lowest acceptable one; the maximum tolerated dose is the level whose toxicity is \
             nearest to the limit."
        }
        _ => {
            "The right level, the maximum tolerated dose, is the one whose true rate is nearest to the target; none is right if \
             the lowest exceeds the target by more than ten points."
        }
    }
}

/// What a design takes for granted beyond its paper, or leaves open there.
fn of_design(word: DesignWord) -> Option<&'static str> {
    Some(match word {
        DesignWord::Crm => {
            "CRM raises the dose one level at a time, never after a cohort with a toxicity, and stops when the lowest dose is \
             too toxic with a probability above 0.95 under a uniform prior; a level at which nobody counts is not selected."
        }
        DesignWord::TiteCrm => {
            "TITE-CRM counts each pending patient by the share of the window that has passed, skips no untried level, and stops \
             when the lowest dose is too toxic with a probability above 0.95 under a uniform prior; a level at which nobody \
             counts is not selected."
        }
        DesignWord::RollingSix => {
            "With four to six patients at a level of whom some are pending, the rolling six goes on as with three; more than \
             six, as there can be where under-dosed patients count elsewhere, are judged as six. In the table of paths each \
             group is known before the next."
        }
        DesignWord::Blrm => {
            "BLRM takes the open level whose rate most probably lies in the target interval, skips no untried one, and stops when \
             none is open; among the levels tried it selects in the same way."
        }
        DesignWord::Ewoc => {
            "EWOC takes the highest open level, with the target as the limit of an overdose, skips no untried one, and stops when \
             none is open; of the levels tried it selects the highest open one."
        }
        DesignWord::Boin12 => {
            "BOIN12 learns of toxicity and response together, when the window is over; it may stop although a level two steps away \
             is acceptable."
        }
        _ => return None,
    })
}

fn of_finding(found: &Found) -> Vec<String> {
    let mut all = vec![
        format!(
            "Patients who can be enrolled come at random, one in {} days on average; who comes while the trial waits goes \
             elsewhere.",
            rounded(found.accrual_interval)
        ),
        format!(
            "A dose-limiting toxicity comes at any time of the {} days after infusion alike; nobody is lost after the \
             infusion.",
            rounded(found.window)
        ),
        "Given the dose, patients are independent, and so are a patient's toxicity and response, if rates are stated."
            .into(),
        right_level(found.word).into(),
        format!("The design: {}; {} patients count at most, {} are enrolled at most.", found.design, found.patients, found.most_enrolled),
    ];
    if found.scenarios.iter().any(|s| s.name == super::patients::NAME) {
        all.push(
            "Virtual patients have the outcome of the highest dose of their ladder (levels, and steps between and below them) \
             that was reached; a trial's patient is one of them at random."
                .into(),
        );
    }
    if matches!(found.word, DesignWord::TiteBoin | DesignWord::TiteCrm | DesignWord::RollingSix) {
        all.push("Who is enrolled and not yet infused counts as pending, without follow-up.".into());
    }
    all.extend(of_design(found.word).map(str::to_owned));
    all.extend(selection::assumptions(&found.selected));
    if let Some(making) = &found.making {
        all.extend([
            "Between dose levels stated rates are linear in the logarithm of the dose; below the lowest they fall in \
             proportion to it."
                .into(),
            "Yield, vein-to-vein time, failure and loss while waiting are independent of each other and of the patient's \
             outcome; the rate of loss does not change while waiting."
                .into(),
            format!(
                "A patient gets the whole yield or the planned dose, whichever is less, and counts as given the planned \
                 dose from {} of it on; others {}.",
                per_cent(making.planned_from),
                policy_word(making.policy)
            ),
            "Feasibility of a level is the share of all enrolled patients who were infused and whose yield would have \
             sufficed there."
                .into(),
        ]);
    }
    all
}
