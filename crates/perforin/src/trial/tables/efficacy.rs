//! The tables of trials of efficacy.

use crate::table::{Rows, Table};
use crate::trial::efficacy::{
    Answered, BasketsAnswer, Bop2Answer, EnrichmentAnswer, PopulationRow, RandomisedAnswer, TwoStageAnswer,
};
use crate::trial::selection;

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
        let arms = of_populations(found, answer.randomised_all.as_ref());
        all.push(("randomised", randomised(&arms)));
        all.push(("survival", survival(&arms)));
    }
    if let Some(test) = &answer.selected {
        all.push(("efficacy_selection", selection::table(std::slice::from_ref(test))));
    }
    if !answer.populations.is_empty() {
        all.push(("efficacy_populations", populations(&answer.populations)));
    }
    all
}

/// A randomised trial with the name of those whom it enrols.
type Arms<'a> = Vec<(&'static str, &'a RandomisedAnswer)>;

fn of_populations<'a>(found: &'a RandomisedAnswer, all: Option<&'a RandomisedAnswer>) -> Arms<'a> {
    let own = if all.is_some() { "selected" } else { "all" };
    [(own, found)].into_iter().chain(all.map(|all| ("all", all))).collect()
}

fn populations(rows: &[PopulationRow]) -> Table {
    let rate = |who: usize| move |r: &PopulationRow| r.response.map(|both| both[who].rate);
    let low = |who: usize| move |r: &PopulationRow| r.response.map(|both| both[who].interval.0);
    let high = |who: usize| move |r: &PopulationRow| r.response.map(|both| both[who].interval.1);
    let hazard = |k: usize| move |r: &PopulationRow| r.hazard_ratios.map(|all| all[k]);
    let mut table = Rows::new(rows.to_vec())
        .text("design", "The design", |r| r.design.clone())
        .text("population", "Whom it enrols", |r| r.population.clone())
        .number("response_infused", "True response rate of infused patients", rate(0))
        .number(
            "response_infused_low",
            "Mean lower end of the exact 95 % interval that the trial reports",
            low(0),
        )
        .number("response_infused_high", "Mean upper end", high(0))
        .number("response_enrolled", "True response rate of all enrolled (intention to treat)", rate(1))
        .number("response_enrolled_low", "Mean lower end of its exact 95 % interval", low(1))
        .number("response_enrolled_high", "Mean upper end", high(1));
    for (k, name) in
        ["pfs_ratio", "pfs_ratio_infused", "os_ratio", "os_ratio_infused"].into_iter().enumerate()
    {
        table =
            table.number(name, &format!("Median hazard ratio over trials: {}", HAZARD_RATIOS[k]), hazard(k));
    }
    table
        .number("active_infused", "Probability of calling the product active, by infused patients", |r| {
            Some(r.active[0])
        })
        .number("active_enrolled", "The same by all enrolled (intention to treat)", |r| Some(r.active[1]))
        .measured("enrolled", "patients", "Enrolled, expected where all enrolled count", |r| Some(r.enrolled))
        .measured("screened", "patients", "Screened for them, expected", |r| Some(r.screened))
        .measured(
            "below",
            "patients",
            "Of the enrolled those truly below the cut-off; NaN without a test",
            |r| r.below,
        )
        .measured(
            "turned_away",
            "patients",
            "Of the screened those who reach it and are called negative",
            |r| Some(r.turned_away),
        )
        .table
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

fn randomised(arms: &Arms) -> Table {
    let of = |(population, found): &(&'static str, &RandomisedAnswer)| {
        let truths = [("as stated", &found.seen), ("nothing", &found.null)];
        let population = *population;
        let rows = truths.map(|(truth, seen)| {
            HAZARD_RATIOS.iter().zip(seen.hazard_ratios).map(move |(of, q)| (population, truth, *of, q))
        });
        rows.into_iter().flatten().collect::<Vec<_>>()
    };
    let rows: Vec<(&str, &str, &str, [f64; 3])> = arms.iter().flat_map(of).collect();
    Rows::new(rows)
        .text("population", "Whom the trial enrols", |r| r.0.into())
        .text("truth", "What the product does", |r| r.1.into())
        .text("hazard_ratio", "Of what, and in whom", |r| r.2.into())
        .number("low", "2.5 % quantile over trials", |r| Some(r.3[0]))
        .number("median", "Median over trials", |r| Some(r.3[1]))
        .number("high", "97.5 % quantile over trials", |r| Some(r.3[2]))
        .table
}

fn survival(arms: &Arms) -> Table {
    let mut rows: Vec<(&str, &str, &str, f64, f64)> = Vec::new();
    for (population, found) in arms {
        for (endpoint, curves) in ["progression-free", "overall"].into_iter().zip(&found.curves) {
            for curve in curves {
                let step =
                    |(day, share): &(f64, f64)| (*population, endpoint, curve.name.as_str(), *day, *share);
                rows.extend(curve.steps.iter().map(step));
            }
        }
    }
    Rows::new(rows)
        .text("population", "Whom the trial enrols", |r| r.0.into())
        .text("endpoint", "Progression-free or overall survival, of the first trial", |r| r.1.into())
        .text("group", "Whose", |r| r.2.into())
        .measured("day", "d", "Day of events since randomisation", |r| Some(r.3))
        .number("survival", "Share without event from then on (Kaplan–Meier)", |r| Some(r.4))
        .table
}
