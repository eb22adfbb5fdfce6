//! The answer in words, with everything that is assumed.

use std::fmt::Write;

use perforin_trial::dose_finding::summary::Characteristics;
use perforin_trial::manufacturing::Policy;

use super::answer::{Answer, Found, Making, ScenarioAnswer};
use super::efficacy::{RandomisedAnswer, TwoStageAnswer};
use super::selection;
use super::tables::{HAZARD_RATIOS, bias, right_selected, too_high};
use crate::answer::{grouped, per_cent, rounded};

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
    if let Some(efficacy) = &answer.efficacy {
        paragraphs.extend(efficacy.two_stage.as_ref().map(two_stage));
        paragraphs.extend(efficacy.randomised.as_ref().map(randomised));
    }
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
        "{name} selects {}. The target is a rate of dose-limiting toxicity of {}; {} trials of each scenario, the \
         standard error of Monte Carlo in brackets.",
        all.join("; "),
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
         (standard deviation {}); {} of those infused were assigned above the right level, and {} of the trials put 60 % \
         or more there. {} stop because all doses are too toxic.",
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
        per_cent(seen.share(seen.stopped).0)
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

fn two_stage(found: &TwoStageAnswer) -> String {
    let of = |d: &super::efficacy::TwoStageRow| {
        format!(
            "{}: stop with at most {} responses in {}, call active with more than {} in {}; expects {} patients under the low \
             rate, errs there in {}, finds the high rate in {}; this product is called active in {} by infused patients and \
             in {} by all enrolled",
            d.name,
            d.first.1,
            d.first.0,
            d.both.1,
            d.both.0,
            rounded(d.expected),
            per_cent(d.level),
            per_cent(d.power),
            per_cent(d.infused),
            per_cent(d.enrolled)
        )
    };
    let all: Vec<String> = found.designs.iter().map(of).collect();
    format!(
        "One arm in two stages (Simon 1989, doi 10.1016/0197-2456(89)90015-9), {} against {} with errors of {} and {}, where {} \
         of infused patients respond and {} of the enrolled are infused; exactly. {}.",
        per_cent(found.rates[0]),
        per_cent(found.rates[1]),
        per_cent(found.errors[0]),
        per_cent(found.errors[1]),
        per_cent(found.truth),
        per_cent(found.infused),
        all.join(". ")
    )
}

fn randomised(found: &RandomisedAnswer) -> String {
    let ratio = |(of, [low, median, high]): (&&str, [f64; 3])| {
        format!("{of}: {} ({} to {} in 95 % of the trials)", rounded(median), rounded(low), rounded(high))
    };
    let ratios: Vec<String> = HAZARD_RATIOS.iter().zip(found.seen.hazard_ratios).map(ratio).collect();
    let (power, n) = (found.seen.rejects(), found.seen.trials.max(1) as f64);
    let error = (power * (1.0 - power) / n).sqrt();
    format!(
        "At random, {} against {}: {} of the trials call the product better in progression-free survival by intention to treat, \
         {} by infused patients alone; {} do where it does nothing. On average {} are never infused, {} of the control cross \
         over, and the data are cut after {} days. Hazard ratios: {}. Leaving out who was not infused flatters the product by \
         a factor of {} in progression-free survival.",
        found.patients[0],
        found.patients[1],
        with_error((power, error)),
        per_cent(found.seen.infused_rejects as f64 / n),
        per_cent(found.null.rejects()),
        rounded(found.seen.not_infused),
        rounded(found.seen.crossed),
        rounded(found.seen.duration),
        ratios.join("; "),
        rounded(found.seen.hazard_ratios[0][1] / found.seen.hazard_ratios[1][1])
    )
}

/// Everything that is assumed beyond the numbers of the study.
pub fn assumptions(answer: &Answer) -> Vec<String> {
    let mut all = answer.dose_finding.as_ref().map_or(Vec::new(), of_finding);
    let efficacy = answer.efficacy.as_ref();
    if efficacy.is_some_and(|e| e.two_stage.is_some()) {
        all.push("In two stages, patients are independent, and nobody responds who is not infused.".into());
    }
    if efficacy.is_some_and(|e| e.randomised.is_some()) {
        all.extend([
            "Progression and death are independent, at rates that do not change; the product acts from randomisation on."
                .into(),
            "Who is assigned to the product and never infused fares as the control; who crosses over is infused at once and \
             dies at the rate of infused patients."
                .into(),
            "Looks are equally spaced in the events of progression-free survival; nobody leaves before the data are cut."
                .into(),
        ]);
    }
    all
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
        "The right level is the one whose true rate is nearest to the target; none is right if the lowest exceeds the \
         target by more than ten points."
            .into(),
        format!("The design: {}; {} patients count at most, {} are enrolled at most.", found.design, found.patients, found.most_enrolled),
    ];
    if found.scenarios.iter().any(|s| s.name == super::patients::NAME) {
        all.push(
            "Virtual patients have the outcome of the highest dose of their ladder (levels, and steps between and below them) \
             that was reached; a trial's patient is one of them at random."
                .into(),
        );
    }
    if found.design.starts_with("TITE") {
        all.push("Who is enrolled and not yet infused counts as pending, without follow-up.".into());
    }
    if found.decisions.is_empty() {
        all.push(
            "CRM raises the dose one level at a time, never after a cohort with a toxicity, and stops when the lowest dose is \
             too toxic with a probability above 0.95 under a uniform prior; a level at which nobody counts is not selected."
                .into(),
        );
    }
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
