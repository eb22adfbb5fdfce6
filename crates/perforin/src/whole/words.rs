//! The answer in words, with its limits.

use super::answer::{Answer, Lesion, Patients, Targets, Trial};
use super::companion::{CELLS, CLUSTERING, Companion, Selected};
use crate::answer::{grouped, per_cent, rounded};
use crate::patient::answer::Rate;

/// What a way through all stages can and cannot say.
pub const HONESTY: &str = "\
Each stage is a simulated hypothesis and hands its error to the next one: counts of RNA stand for protein, one lesion is one \
draw of chance, most parameters of the patients are assumed, and their variation too. It is for ranking designs and planning \
experiments, not for treating a patient; a protocol needs its statistician, and a trial its clinical judgement.";

/// The answer as a few paragraphs of plain text.
pub fn in_words(answer: &Answer) -> String {
    let mut paragraphs = vec![headline(answer), of_targets(&answer.targets)];
    paragraphs.extend(of_lesions(&answer.lesions));
    paragraphs.extend(answer.patients.as_ref().map(of_patients));
    paragraphs.extend(answer.companion.as_ref().and_then(of_companion));
    paragraphs.extend(answer.trial.as_ref().map(of_trial));
    paragraphs.extend(answer.trial.iter().flat_map(|trial| trial.selection.iter().cloned()));
    paragraphs.push(HONESTY.into());
    paragraphs.join("\n\n") + "\n"
}

/// The way in two or three sentences.
fn headline(answer: &Answer) -> String {
    let t = &answer.targets;
    let mut said = vec![format!("The best gate is {}: it covers {}.", t.gate, t.objective)];
    let mut rest = Vec::new();
    match &answer.lesions[..] {
        [gate, single, ..] => rest.push(format!(
            "in the simulated lesion it leaves {} of the tumour, {} alone {}",
            left(gate),
            single.gate,
            left(single)
        )),
        [gate] => rest.push(format!("in the simulated lesion it leaves {} of the tumour", left(gate))),
        [] => {}
    }
    if let Some(response) = answer.patients.as_ref().and_then(|patients| patients.response.as_ref()) {
        rest.push(format!("{} of the virtual patients respond", with_interval(response)));
    }
    if !rest.is_empty() {
        let text = rest.join("; ");
        said.push(text[..1].to_uppercase() + &text[1..] + ".");
    }
    said.extend(answer.trial.as_ref().map(recommended));
    said.join(" ")
}

fn left(lesion: &Lesion) -> String {
    if lesion.is_cleared() { "nothing".into() } else { per_cent(lesion.left()) }
}

/// The dose, with the chance that a trial finds the right one.
fn recommended(trial: &Trial) -> String {
    if let Some((level, _)) = trial.recommended
        && trial.right == Some(level)
    {
        return format!(
            "{} recommends level {} ({}), the right one, in {} (± {} points) of the trials.",
            trial.design,
            level + 1,
            trial.doses[level],
            per_cent(trial.chance.0),
            rounded(100.0 * trial.chance.1)
        );
    }
    let dose = match trial.recommended {
        Some((level, share)) => format!(
            "{} mostly recommends level {} ({}), in {} of the trials",
            trial.design,
            level + 1,
            trial.doses[level],
            per_cent(share)
        ),
        None => format!("{} mostly recommends no dose", trial.design),
    };
    let right = match trial.right {
        Some(level) => format!("the right one, level {} ({})", level + 1, trial.doses[level]),
        None => "rightly none".into(),
    };
    format!(
        "{dose}; it selects {right}, in {} (± {} points).",
        per_cent(trial.chance.0),
        rounded(100.0 * trial.chance.1)
    )
}

fn of_targets(t: &Targets) -> String {
    let proof = if t.proven {
        "proved to be the best of all gates searched"
    } else {
        "not proved: the search was stopped"
    };
    let worst = t.worst.as_ref().map_or(String::new(), |(name, share, high)| {
        format!(
            " Among normal cells it hits {name} most: {} (95 % interval up to {}).",
            per_cent(*share),
            per_cent(*high)
        )
    });
    let single = t.single.as_ref().map_or(String::new(), |(name, value)| {
        format!(" The best single antigen within the same limits, {name}, reaches {}.", per_cent(*value))
    });
    format!(
        "Targets: {} is {proof}.{worst}{single} It is to recognise all but {} of the malignant cells once antigens that counts \
         merely missed are allowed for; that is the tumour of the lesion and of the patients.",
        t.gate,
        per_cent(t.unrecognised)
    )
}

fn of_lesions(lesions: &[Lesion]) -> Option<String> {
    let of = |lesion: &Lesion| {
        let s = &lesion.summary;
        let healthy = s.normal.as_ref().filter(|normal| normal.start > 0.0).map_or(String::new(), |normal| {
            format!(
                ", {} of {} healthy cells are killed",
                per_cent(normal.killed_share.unwrap_or(0.0)),
                grouped(normal.start)
            )
        });
        let missed = s
            .tumour
            .unrecognised_start
            .map_or(String::new(), |share| format!(", of which {} are not recognised", per_cent(share)));
        format!(
            "with {}, {} live tumour cells{missed}, fall to {} and are {} on day {}{healthy} ({})",
            lesion.gate,
            grouped(s.tumour.start),
            grouped(s.tumour.nadir),
            grouped(s.tumour.end),
            rounded(s.duration),
            s.verdict.name()
        )
    };
    let all: Vec<String> = lesions.iter().map(of).collect();
    if all.is_empty() {
        return None;
    }
    let same = if all.len() > 1 {
        " Both are the same lesion with the same seed; only the receptors differ."
    } else {
        ""
    };
    Some(format!("Lesion: {}.{same} Each is one run.", all.join("; ")))
}

fn with_interval(rate: &Rate) -> String {
    format!("{} ({} to {})", per_cent(rate.share), per_cent(rate.interval.0), per_cent(rate.interval.1))
}

fn of_patients(p: &Patients) -> String {
    let mut said = vec![format!(
        "Patients: {} virtual patients are followed for {} days.",
        grouped(p.patients as f64),
        rounded(p.duration)
    )];
    said.extend(p.response.as_ref().map(|rate| {
        format!("{} respond (confirmed, RECIST 1.1; 95 % interval in brackets).", with_interval(rate))
    }));
    if let (Some(release), Some(neuro)) = (&p.release, &p.neurotoxicity) {
        said.push(format!(
            "Grade 3 or more: cytokine release {}, neurotoxicity {}.",
            with_interval(release),
            with_interval(neuro)
        ));
    }
    said.extend(p.organ.as_ref().map(|(organ, rate)| {
        format!("Loss of the organ at risk ({organ}) of grade 3 or more: {}.", with_interval(rate))
    }));
    said.push(match p.median_pfs {
        Some(days) => format!("Median progression-free time is {} d.", rounded(days)),
        None => "More than half have not progressed by then.".into(),
    });
    said.join(" ")
}

/// The cut-off that changes the response most among those that still enrol half of the patients.
fn telling(companion: &Companion) -> Option<&Selected> {
    let far = |s: &Selected| s.response.map_or(0.0, |response| response - companion.response);
    let mut best: Option<&Selected> = None;
    for cut_off in companion.cut_offs.iter().filter(|s| s.positive >= 0.5 && s.response.is_some()) {
        if best.is_none_or(|best| far(cut_off) > far(best)) {
            best = Some(cut_off);
        }
    }
    best
}

fn of_companion(companion: &Companion) -> Option<String> {
    let s = telling(companion)?;
    let excluded = s
        .response_of_excluded
        .map_or(String::new(), |rate| format!("; of those excluded {} would have responded", per_cent(rate)));
    Some(format!(
        "Companion diagnostic: if only patients are enrolled in whom at least {} of {CELLS} cells of a biopsy (intra-site \
         correlation {CLUSTERING}; both assumed) are such as the product recognises, {} of the patients are enrolled and {} of \
         them respond, against {} of all{excluded}. It is read as if the whole gate could be stained, without error of the \
         reader, at the dose of the patients' regimen.",
        per_cent(s.least),
        per_cent(s.positive),
        per_cent(s.response.unwrap_or(0.0)),
        per_cent(companion.response)
    ))
}

fn of_trial(trial: &Trial) -> String {
    let level = |(k, dose): (usize, &String)| {
        let response = trial
            .response
            .as_ref()
            .map_or(String::new(), |rates| format!(", response {}", per_cent(rates[k])));
        format!("{dose}: toxicity {}{response}", per_cent(trial.toxicity[k]))
    };
    let levels: Vec<String> = trial.doses.iter().enumerate().map(level).collect();
    format!(
        "Trial: {} trials of the scenario \"{}\", aiming at a rate of dose-limiting toxicity of {}. {} True rates by dose: {}. A \
         trial enrols {} patients and takes {} days on average.",
        grouped(trial.trials as f64),
        trial.scenario,
        per_cent(trial.target),
        recommended(trial),
        levels.join("; "),
        rounded(trial.enrolled),
        rounded(trial.duration)
    )
}
