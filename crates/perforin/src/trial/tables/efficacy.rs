//! The tables of trials of efficacy.

use crate::table::{Rows, Table};
use crate::trial::efficacy::{
    Answered, BasketsAnswer, Bop2Answer, EnrichmentAnswer, RandomisedAnswer, TwoStageAnswer,
};

/// Every table with the name of its file.
pub(super) fn all(answer: &Answered) -> Vec<(&'static str, Table)> {
    let mut all = Vec::new();
    all.extend(answer.two_stage.as_ref().map(|found| ("two_stage", two_stage(found))));
    if let Some(found) = &answer.bop2 {
        all.push(("bop2_looks", looks(found)));
        all.push(("bop2", bop2(found)));
    }
    all.extend(answer.baskets.as_ref().map(|found| ("baskets", baskets(found))));
    all.extend(answer.enrichment.as_ref().map(|found| ("enrichment", enrichment(found))));
    if let Some(found) = &answer.randomised {
        all.push(("randomised", randomised(found)));
        all.push(("survival", survival(found)));
    }
    all
}

fn looks(found: &Bop2Answer) -> Table {
    let number = |n: Option<u32>| n.map(f64::from);
    Rows::new(found.looks.clone())
        .whole("patients", "patients", "Patients at the look", |r| i64::from(r.patients))
        .measured(
            "least_responses",
            "patients",
            "Fewest responses with which the trial goes on or is called promising; NaN if no number is enough",
            move |r| number(r.responses),
        )
        .measured(
            "most_toxicities",
            "patients",
            "Most toxicities with which it does; NaN if toxicity is not watched or no number is few enough",
            move |r| number(r.toxicities),
        )
        .table
}

fn bop2(found: &Bop2Answer) -> Table {
    Rows::new(found.courses.clone())
        .text("truth", "What is true", |r| r.truth.clone())
        .number("response", "Response rate", |r| Some(r.response))
        .number("toxicity", "Toxicity rate; NaN if it is not watched", |r| r.toxicity)
        .number("promising", "Probability of calling the product promising, exactly", |r| Some(r.positive))
        .number("stops_early", "Probability of stopping before the last look", |r| Some(r.stops_early))
        .measured("expected", "patients", "Expected number of patients", |r| Some(r.patients))
        .table
}

fn baskets(found: &BasketsAnswer) -> Table {
    let n = found.trials.max(1) as f64;
    Rows::new(found.baskets.clone())
        .text("basket", "The basket", |r| r.name.clone())
        .whole("patients", "patients", "Patients", |r| i64::from(r.patients))
        .number("true_response", "True response rate of infused patients", |r| Some(r.truth))
        .number("called_active", "Share of trials that call it active, by infused patients", |r| {
            Some(r.called)
        })
        .number("called_active_error", "Monte-Carlo standard error of that share", move |r| {
            Some((r.called * (1.0 - r.called) / n).sqrt())
        })
        .number("called_active_enrolled", "The share by all enrolled (intention to treat)", |r| {
            Some(r.called_enrolled)
        })
        .number("called_wrongly", "The share where no basket exceeds the rate", |r| Some(r.called_wrongly))
        .measured("responses", "patients", "Responses of a trial that is over; NaN without one", |r| {
            r.known.map(|known| f64::from(known.responses))
        })
        .number("rate", "Posterior mean of the response rate after it", |r| r.known.map(|known| known.rate))
        .number("exceeds", "Probability that the rate exceeds the one asked for", |r| {
            r.known.map(|known| known.exceeds)
        })
        .number("exchangeable", "Probability that the basket is exchangeable", |r| {
            r.known.map(|known| known.exchangeable)
        })
        .table
}

fn enrichment(found: &EnrichmentAnswer) -> Table {
    let rows: Vec<_> =
        found.courses.iter().flat_map(|row| (0..row.chosen.len()).map(move |cut| (row, cut))).collect();
    Rows::new(rows)
        .text("truth", "What is true", |r| r.0.truth.clone())
        .whole("from_stratum", "1", "Lowest stratum that is enrolled in the second stage, from 1", |r| {
            r.1 as i64 + 1
        })
        .number("response", "Response rate of that stratum", |r| Some(r.0.rates[r.1]))
        .number("chosen", "Probability that the cut-point is chosen at the look", |r| Some(r.0.chosen[r.1]))
        .number("active", "Probability that it is and the product is called active from it on", |r| {
            Some(r.0.rejected[r.1])
        })
        .number("stops", "Probability of stopping at the look, the same for all cut-points", |r| {
            Some(r.0.stops)
        })
        .measured("expected", "patients", "Expected number of patients, likewise", |r| Some(r.0.patients))
        .measured("screened", "patients", "Expected number screened for the second stage, likewise", |r| {
            Some(r.0.screened)
        })
        .table
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
