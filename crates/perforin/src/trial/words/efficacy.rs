//! Trials of efficacy in words.

use super::with_error;
use crate::answer::{grouped, per_cent, rounded};
use crate::trial::efficacy::bop2::Look;
use crate::trial::efficacy::{
    Answered, BasketsAnswer, Bop2Answer, EnrichmentAnswer, PopulationRow, RandomisedAnswer, TwoStageAnswer,
    TwoStageRow,
};
use crate::trial::selection::Seen;
use crate::trial::tables::HAZARD_RATIOS;

/// A paragraph for each trial.
pub(super) fn in_words(answer: &Answered) -> Vec<String> {
    let mut all = Vec::new();
    all.extend(answer.two_stage.as_ref().map(two_stage));
    all.extend(answer.bop2.as_ref().map(bop2));
    all.extend(answer.baskets.as_ref().map(baskets));
    all.extend(answer.enrichment.as_ref().map(enrichment));
    all.extend(answer.randomised.as_ref().map(randomised));
    all.extend(answer.selected.as_ref().map(Seen::words));
    all.extend(populations(answer));
    all
}

/// Each design in those selected and in all; nothing without a test and without virtual patients.
fn populations(answer: &Answered) -> Option<String> {
    let of = |row: &PopulationRow| {
        let seen = match (row.response, row.hazard_ratios) {
            (Some([infused, enrolled]), _) => format!(
                "{} of the infused respond (a trial reports {} to {} on average), {} of all enrolled, ",
                per_cent(infused.rate),
                per_cent(infused.interval.0),
                per_cent(infused.interval.1),
                per_cent(enrolled.rate)
            ),
            (None, Some([pfs, _, os, _])) => format!(
                "hazard ratios of all randomised {} (progression-free survival) and {} (overall survival), ",
                rounded(pfs),
                rounded(os)
            ),
            (None, None) => String::new(),
        };
        let wrongly = row.below.map_or(String::new(), |below| {
            let away = if row.turned_away > 0.0 {
                format!(" and {} who reach it turned away", rounded(row.turned_away))
            } else {
                String::new()
            };
            format!(", {} of the enrolled truly below the cut-off{away}", rounded(below))
        });
        format!(
            "{}, {}: {seen}called active in {} by infused patients and in {} by all enrolled, {} enrolled of {} screened{wrongly}",
            row.design,
            row.population,
            per_cent(row.active[0]),
            per_cent(row.active[1]),
            rounded(row.enrolled),
            rounded(row.screened)
        )
    };
    let all: Vec<String> = answer.populations.iter().filter(|row| row.is_told()).map(of).collect();
    let head = if answer.selected.is_some() {
        "The same designs in those whom the test selects and in everybody; what stands above is of those selected"
    } else {
        "The same designs with virtual patients at the highest level"
    };
    (!all.is_empty()).then(|| format!("{head}. {}.", all.join(". ")))
}

fn two_stage(found: &TwoStageAnswer) -> String {
    let of = |d: &TwoStageRow| {
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

fn bop2(found: &Bop2Answer) -> String {
    let look = |Look { patients, responses, toxicities }: &Look| {
        let responses = responses.map_or("never".into(), |n| format!("with at least {n} responses"));
        match toxicities {
            Some(n) => {
                format!("after {patients} {responses} and at most {n} toxicities")
            }
            None => format!("after {patients} {responses}"),
        }
    };
    let looks: Vec<String> = found.looks.iter().map(look).collect();
    let course = |row: &crate::trial::efficacy::bop2::Bop2Row| {
        format!(
            "{}: called promising in {}, stopped early in {}, {} patients expected",
            row.truth,
            per_cent(row.positive),
            per_cent(row.stops_early),
            rounded(row.patients)
        )
    };
    let courses: Vec<String> = found.courses.iter().map(course).collect();
    let toxicity = found.toxicity.map_or(String::new(), |[high, low]| {
        format!(", and toxicity of {} against {}", per_cent(low), per_cent(high))
    });
    format!(
        "One arm with looks (BOP2, Zhou 2017, doi 10.1002/sim.7338), response of {} against {}{toxicity}, with an error of at \
         most {}: it goes on {}. Exactly, where {} of the enrolled are infused: {}.",
        per_cent(found.rates[1]),
        per_cent(found.rates[0]),
        per_cent(found.alpha),
        looks.join(", "),
        per_cent(found.infused),
        courses.join("; ")
    )
}

fn baskets(found: &BasketsAnswer) -> String {
    let n = found.trials.max(1) as f64;
    let with = |share: f64| with_error((share, (share * (1.0 - share) / n).sqrt()));
    let of = |row: &crate::trial::efficacy::baskets::BasketRow| {
        let known = row.known.map_or(String::new(), |known| {
            format!(
                "; after {} responses the rate is {}, above {} with probability {}, and the basket exchangeable with {}",
                known.responses,
                per_cent(known.rate),
                per_cent(found.p0),
                rounded(known.exceeds),
                rounded(known.exchangeable)
            )
        });
        let enrolled = if found.infused < 1.0 {
            format!(", {} by all enrolled", per_cent(row.called_enrolled))
        } else {
            String::new()
        };
        format!(
            "{} ({} patients, true rate {}) in {}{enrolled}, and in {} where no basket exceeds {}{known}",
            row.name,
            row.patients,
            per_cent(row.truth),
            with(row.called),
            per_cent(row.called_wrongly),
            per_cent(found.p0)
        )
    };
    let all: Vec<String> = found.baskets.iter().map(of).collect();
    format!(
        "Baskets that borrow from each other (EXNEX, Neuenschwander 2016, doi 10.1002/pst.1730), called active where the \
         response rate exceeds {} with a probability of {} or more; {} simulated trials: {}.",
        per_cent(found.p0),
        per_cent(found.certainty),
        grouped(n),
        all.join("; ")
    )
}

fn enrichment(found: &EnrichmentAnswer) -> String {
    let of = |row: &crate::trial::efficacy::enrichment::EnrichmentRow| {
        let cut = |(k, (chosen, rejected)): (usize, (&f64, &f64))| {
            format!("from stratum {} on in {} (active in {})", k + 1, per_cent(*chosen), per_cent(*rejected))
        };
        let cuts: Vec<String> = row.chosen.iter().zip(&row.rejected).enumerate().map(cut).collect();
        format!(
            "{}: enrols {}, stops at the look in {}; called active in {} altogether, with {} patients and {} screened for the \
             second stage on average",
            row.truth,
            cuts.join(", "),
            per_cent(row.stops),
            per_cent(row.rejected.iter().sum()),
            rounded(row.patients),
            rounded(row.screened)
        )
    };
    let all: Vec<String> = found.courses.iter().map(of).collect();
    let first: Vec<String> = found.patients.0.iter().map(u32::to_string).collect();
    format!(
        "An adaptive cut-point (in the manner of Simon & Simon 2013, doi 10.1093/biostatistics/kxt010): {} patients by stratum, \
         then {} from the lowest stratum on whose response rate, alone and with those above, exceeds {} with a probability of {}; \
         active with an exact tail of at most {:.4}, which keeps the error at {}. Exactly: {}.",
        first.join(" + "),
        found.patients.1,
        per_cent(found.p0),
        per_cent(found.continue_at),
        found.critical,
        per_cent(found.alpha),
        all.join("; ")
    )
}

/// What is assumed.
pub(super) fn assumptions(answer: &Answered) -> Vec<String> {
    let mut all = Vec::new();
    let one_arm = [
        (answer.two_stage.is_some(), "two stages"),
        (answer.bop2.is_some(), "looks"),
        (answer.baskets.is_some(), "baskets"),
        (answer.enrichment.is_some(), "strata"),
    ];
    for (_, what) in one_arm.into_iter().filter(|(asked, _)| *asked) {
        all.push(format!("In {what}, patients are independent, and nobody responds who is not infused."));
    }
    if answer.bop2.as_ref().is_some_and(|found| found.toxicity.is_some()) {
        all.push(
            "Response and toxicity of a patient are independent; nobody has toxicity who is not infused."
                .into(),
        );
    }
    if answer.baskets.is_some() {
        all.push("Every basket fills up; there is no look before the end.".into());
    }
    if answer.enrichment.is_some() {
        all.push(
            "The marker is known without error, and strata enrol in the second stage by their prevalence."
                .into(),
        );
    }
    if answer.selected.is_some() {
        all.push(
            "The test reads one section per patient, with the stated errors. A group responds at the stated rate times its ratio, at \
             most always, and the hazard ratios of a group without its own are those of the trial; rates that a design is to \
             tell apart stay as they are. Enrolled patients come at the same pace whether selected or not."
                .into(),
        );
    }
    if answer.randomised.is_some() {
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
