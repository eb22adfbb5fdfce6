//! `perforin trial`, with `next`, `compare` and `size`.

use std::fmt::Write;

use perforin_core::diagnostics::nearest;
use perforin_core::quantity::Fraction;
use perforin_core::study::trial::DesignWord;
use perforin_trial::dose_finding::by_hand::{Advice, Event};

use crate::cli::trial::{Trial, TrialAction, TrialCompare, TrialNext, TrialSize};
use crate::failure::Failure;
use crate::folder::refuse_unless_empty;
use crate::study::Study;
use crate::terminal;
use crate::trial::compare::{self, DESIGNS, Demand};
use crate::trial::comparison::{Compared, Comparison};
use crate::trial::log::{self, Entry};
use crate::trial::question::{DoseFinding, dose_words};
use crate::trial::tables::nothing_left;
use crate::trial::{self, Question, cut_offs, words};

pub(super) fn trial(args: &Trial) -> Result<(), Failure> {
    match (&args.action, &args.study, &args.out) {
        (Some(TrialAction::Next(args)), ..) => next(args),
        (Some(TrialAction::Compare(args)), ..) => compared(args),
        (Some(TrialAction::Size(args)), ..) => size(args),
        (None, Some(study), Some(out)) => simulate(study, out, args.threads.count()),
        // The parser asks for both.
        (None, ..) => Err(Failure::input("a study and a folder are needed").help("perforin trial --help")),
    }
}

fn simulate(study: &std::path::Path, out: &std::path::Path, threads: usize) -> Result<(), Failure> {
    refuse_unless_empty(out)?;
    let study = Study::read(study)?;
    let question = Question::new(&study)?;
    for warning in study.warnings(&question.warnings) {
        terminal::remark(&format!("{}\n", warning.trim_end()));
    }
    let answer = trial::run::run(&study, question, out, threads)?;
    terminal::answer(&words::in_words(&answer));
    terminal::answer(&format!("\nEverything is in {}; begin with report.html there.", out.display()));
    Ok(())
}

fn next(args: &TrialNext) -> Result<(), Failure> {
    let study = Study::read(&args.study)?;
    let question = Question::new(&study)?;
    let asked = needed(question.dose_finding.as_ref())?;
    let unit = question.doses[0].unit();
    let mut known = log::follow(&args.log, &asked.conduct, unit)?;
    let day = args.day.unwrap_or(known.day());
    if !(day.is_finite() && day >= known.day()) {
        let what =
            format!("--day {day} is before day {}, the last one of `{}`", known.day(), args.log.display());
        return Err(Failure::input(what).help("give that day or a later one"));
    }
    let mut entries = Vec::new();
    let entry = |patient: &str, event| Entry { day, patient: patient.to_owned(), event };
    for given in &args.infused {
        let (patient, dose) = pair("--infused", given)?;
        let dose = log::dose(dose, unit).map_err(Failure::input)?;
        entries.push(entry(patient, Event::Infused { dose }));
    }
    for given in &args.outcome {
        let (patient, outcome) = pair("--outcome", given)?;
        let outcome = log::outcome(outcome).map_err(Failure::input)?;
        entries.push(entry(patient, Event::Outcome(outcome)));
    }
    // Who is enrolled is told after what is known, because that decides the level.
    let mut tried = known.clone();
    for entry in &entries {
        // What cannot be is refused below, with its line.
        let _ = tried.take(day, &entry.patient, entry.event);
    }
    for patient in &args.enrol {
        if patient.is_empty() || patient.contains(|c: char| c.is_whitespace() || c == '#') {
            return Err(
                Failure::input(format!("`{patient}` is no name")).help("use letters, digits, `_` and `-`")
            );
        }
        let advice =
            tried.advice(day).map_err(|e| Failure::input("the log cannot be followed").because(&e))?;
        let level = match advice {
            Advice::Enrol { level, .. } => level,
            // It is refused with the reason.
            Advice::Wait { .. } | Advice::Over(_) => tried.board.dose,
        };
        let event = Event::Enrol { level };
        let _ = tried.take(day, patient, event);
        entries.push(entry(patient, event));
    }
    if !entries.is_empty() {
        log::add(&args.log, &mut known, &entries, unit)?;
    }
    let advice = known.advice(day).map_err(|e| Failure::input("the log cannot be followed").because(&e))?;
    terminal::answer(&in_words(&question, asked.design, &known, &advice));
    Ok(())
}

fn needed(asked: Option<&DoseFinding>) -> Result<&DoseFinding, Failure> {
    asked.ok_or_else(|| {
        Failure::input("the study finds no dose").help("add [trial.dose_finding] with a design")
    })
}

fn pair<'a>(flag: &str, given: &'a str) -> Result<(&'a str, &'a str), Failure> {
    let wrong = || {
        Failure::input(format!("{flag} {given} names no patient and value"))
            .help(format!("write {flag} PATIENT=VALUE"))
    };
    given.split_once('=').ok_or_else(wrong)
}

fn in_words(
    question: &Question,
    design: DesignWord,
    known: &perforin_trial::dose_finding::by_hand::ByHand,
    advice: &Advice,
) -> String {
    let level = |level: usize| format!("level {} ({})", level + 1, dose_words(question.doses[level]));
    let next = match advice {
        Advice::Enrol { level: at, patients: 1 } => format!("Enrol the next patient at {}.", level(*at)),
        Advice::Enrol { level: at, patients } => {
            format!("Enrol the next {patients} patients at {}.", level(*at))
        }
        Advice::Wait { missing } => format!("Enrol nobody before more is known of {}.", missing.join(", ")),
        Advice::Over(Some(at)) => format!("The trial is over and selects {}.", level(*at)),
        Advice::Over(None) => format!("The trial is over: {}.", nothing_left(design)),
    };
    let seen = known.seen();
    let tried = seen.iter().enumerate().filter(|(_, s)| s.treated > 0);
    let lines: Vec<String> = tried
        .map(|(at, s)| format!("  {}: {} of {} with a dose-limiting toxicity", level(at), s.toxic, s.treated))
        .collect();
    format!("{next}\n{}", lines.join("\n"))
}

fn design(word: &str) -> Result<DesignWord, Failure> {
    if let Some((_, design)) = DESIGNS.iter().find(|(known, _)| *known == word) {
        return Ok(*design);
    }
    let known: Vec<&str> = DESIGNS.iter().map(|(word, _)| *word).collect();
    let help = match nearest(word, known.iter().copied()) {
        Some(right) => format!("did you mean `{right}`?"),
        None => format!("there are {}", known.join(", ")),
    };
    Err(Failure::input(format!("there is no design `{word}`")).help(help))
}

fn compared(args: &TrialCompare) -> Result<(), Failure> {
    if let Some(out) = &args.out {
        refuse_unless_empty(out)?;
    }
    let studies = args.studies.iter().map(|place| Study::read(place)).collect::<Result<Vec<_>, _>>()?;
    if !args.cut_offs.is_empty() {
        return compared_cut_offs(args, &studies);
    }
    let designs = args.designs.iter().map(|word| design(word)).collect::<Result<Vec<_>, _>>()?;
    if let Some(size) = args.sizes.iter().find(|size| !(1..=1000).contains(*size)) {
        return Err(Failure::input(format!("--sizes {size}: a trial of {size} patients"))
            .help("give sizes from 1 to 1000, like --sizes 18,30"));
    }
    let rows = crate::run::in_pool(args.threads.count(), || compare::rows(&studies, &designs, &args.sizes))?;
    if rows.is_empty() {
        return Err(Failure::input("no study finds a dose")
            .help("add [trial.dose_finding], or compare the cut-offs of a test: --cut-offs"));
    }
    conclude(args, &studies, &Compared::Designs(rows))
}

fn compared_cut_offs(args: &TrialCompare, studies: &[Study]) -> Result<(), Failure> {
    if !args.designs.is_empty() || !args.sizes.is_empty() {
        return Err(Failure::input("cut-offs are compared alone").help("leave --designs and --sizes out"));
    }
    let share = |text: &String| {
        text.trim().parse::<Fraction>().map_err(|error| {
            let what = format!("--cut-offs {text} is no share of cells");
            Failure::input(what).because(&error).help("write them like --cut-offs \"10 %,40 %\"")
        })
    };
    let shares = args.cut_offs.iter().map(share).collect::<Result<Vec<_>, _>>()?;
    let compared = crate::run::in_pool(args.threads.count(), || cut_offs::compared(studies, &shares))?;
    conclude(args, studies, &Compared::CutOffs(compared))
}

/// Says what came of it, and writes it if a folder is named.
fn conclude(args: &TrialCompare, studies: &[Study], compared: &Compared) -> Result<(), Failure> {
    terminal::answer(&compared.in_words());
    let Some(out) = &args.out else { return Ok(()) };
    let mut flags = String::new();
    let sizes: Vec<String> = args.sizes.iter().map(u32::to_string).collect();
    for (flag, values) in [("--designs", &args.designs), ("--sizes", &sizes), ("--cut-offs", &args.cut_offs)]
    {
        if !values.is_empty() {
            let _ = write!(flags, " {flag} \"{}\"", values.join(","));
        }
    }
    Comparison::write(out, studies, &flags, compared)
}

fn size(args: &TrialSize) -> Result<(), Failure> {
    let study = Study::read(&args.study)?;
    let share = |flag: &str, text: &str| {
        text.parse::<Fraction>().map(Fraction::value).map_err(|error| {
            Failure::input(format!("{flag} {text} is no share"))
                .because(&error)
                .help("write it like \"60 %\"")
        })
    };
    let demand =
        Demand { right: share("--right", &args.right)?, too_high: share("--too-high", &args.too_high)? };
    let question = Question::new(&study)?;
    let own = compare::word(needed(question.dose_finding.as_ref())?.design).to_owned();
    let words = if args.designs.is_empty() { vec![own] } else { args.designs.clone() };
    for word in words {
        let design = design(&word)?;
        let search = || compare::smallest(&study, design, demand, args.most);
        match crate::run::in_pool(args.threads.count(), search)? {
            Some((patients, rows)) => {
                terminal::answer(&format!(
                    "{word}: {patients} patients suffice.\n{}",
                    compare::in_words(&rows)
                ));
            }
            None => terminal::answer(&format!(
                "{word}: not even {} patients are right in {} and too high in at most {} of the trials of every scenario.\n",
                args.most, args.right, args.too_high
            )),
        }
    }
    Ok(())
}
