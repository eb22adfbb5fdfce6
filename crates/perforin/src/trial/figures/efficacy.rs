//! The figures of trials of efficacy.

use super::one_trial;
use crate::answer::per_cent;
use crate::report::bars::{Bars, Part};
use crate::report::chart::{Chart, FLOOR, Line};
use crate::report::html::figure;
use crate::report::survival::{Survival, SurvivalCurve};
use crate::trial::efficacy::bop2::Look;
use crate::trial::efficacy::{
    Answered, BasketsAnswer, Bop2Answer, Curve, EnrichmentAnswer, PopulationRow, RandomisedAnswer,
};

/// All figures as HTML.
pub(super) fn html(answer: &Answered) -> String {
    let mut all = String::new();
    all += &answer.bop2.as_ref().map_or(String::new(), looks);
    all += &answer.baskets.as_ref().map_or(String::new(), baskets);
    all += &answer.enrichment.as_ref().map_or(String::new(), enrichment);
    let is_selected = answer.randomised_all.is_some();
    let whose = if is_selected { "those whom the test selects" } else { "" };
    all += &answer.randomised.as_ref().map_or(String::new(), |found| survival(found, whose));
    all += &answer.randomised_all.as_ref().map_or(String::new(), |found| survival(found, "all"));
    all + &populations(&answer.populations)
}

/// How often each design calls the product active, by whom it enrols.
fn populations(rows: &[PopulationRow]) -> String {
    let mut designs: Vec<&str> = Vec::new();
    let mut populations: Vec<&str> = Vec::new();
    for row in rows {
        if !designs.contains(&row.design.as_str()) {
            designs.push(&row.design);
        }
        if !populations.contains(&row.population.as_str()) {
            populations.push(&row.population);
        }
    }
    if rows.is_empty() {
        return String::new();
    }
    let bars = |design: &&str| {
        let own = rows.iter().filter(|row| row.design == **design);
        let part = |row: &PopulationRow| Part {
            value: row.active[1],
            colour: populations.iter().position(|name| *name == row.population).unwrap_or(0),
            name: format!("{}: {}", row.population, per_cent(row.active[1])),
        };
        ((*design).to_owned(), own.map(part).collect())
    };
    let bars = Bars {
        alt: format!(
            "Bar chart of how often {} designs call the product active, by whom they enrol.",
            designs.len()
        ),
        x_label: "called active, by all enrolled".into(),
        is_stacked: false,
        legend: populations.iter().enumerate().map(|(k, name)| (k, (*name).to_owned())).collect(),
        rows: designs.iter().map(bars).collect(),
    };
    let note = "Probability or share of trials in which all enrolled patients are analysed.";
    figure("Called active by whom is enrolled", note, &bars.svg())
}

fn looks(found: &Bop2Answer) -> String {
    let x: Vec<f64> = found.looks.iter().map(|look| f64::from(look.patients)).collect();
    let line = |label: &str, colour, of: fn(&Look) -> Option<u32>| Line {
        label: label.into(),
        colour,
        x: x.clone(),
        y: found.looks.iter().map(|look| of(look).map_or(f64::NAN, f64::from)).collect(),
    };
    let mut lines = vec![line("fewest responses", 0, |look| look.responses)];
    if found.toxicity.is_some() {
        lines.push(line("most toxicities", 1, |look| look.toxicities));
    }
    let chart = Chart {
        x_label: "patients".into(),
        y_label: "patients with the event".into(),
        log: false,
        floor: FLOOR,
        alt: format!("Line chart of the numbers at the {} looks with which the trial goes on.", x.len()),
        areas: Vec::new(),
        lines,
    };
    let note = "Numbers with which the trial goes on at each look, and is called promising at the last.";
    figure("Looks", note, &chart.svg())
}

fn baskets(found: &BasketsAnswer) -> String {
    let row = |basket: &crate::trial::efficacy::baskets::BasketRow| {
        let part =
            |value, colour, what: &str| Part { value, colour, name: format!("{what}: {}", per_cent(value)) };
        let parts = vec![
            part(basket.called, 0, "called active"),
            part(basket.called_wrongly, 1, "where no basket exceeds the rate"),
        ];
        (basket.name.clone(), parts)
    };
    let told: Vec<String> =
        found.baskets.iter().map(|b| format!("{} {}", b.name, per_cent(b.called))).collect();
    let bars = Bars {
        alt: format!("Bar chart of the share of trials that call each basket active: {}.", told.join("; ")),
        x_label: "share of trials that call it active".into(),
        is_stacked: false,
        legend: vec![(0, "as stated".into()), (1, "no basket exceeds the rate".into())],
        rows: found.baskets.iter().map(row).collect(),
    };
    let note = format!("Baskets called active, in {} simulated trials.", found.trials);
    figure("Baskets", &note, &bars.svg())
}

fn enrichment(found: &EnrichmentAnswer) -> String {
    let row = |row: &crate::trial::efficacy::enrichment::EnrichmentRow| {
        let part = |(k, value): (usize, &f64)| Part {
            value: *value,
            colour: k,
            name: format!("active from stratum {} on: {}", k + 1, per_cent(*value)),
        };
        (row.truth.clone(), row.rejected.iter().enumerate().map(part).collect())
    };
    let bars = Bars {
        alt: format!(
            "Bar chart of the probability of calling the product active, by {} cut-points.",
            found.prevalence.len()
        ),
        x_label: "probability of calling it active".into(),
        is_stacked: true,
        legend: (0..found.prevalence.len()).map(|k| (k, format!("from stratum {}", k + 1))).collect(),
        rows: found.courses.iter().map(row).collect(),
    };
    let note = "Exact probabilities, by the cut-point from which on the product is called active.";
    figure("Cut-points", note, &bars.svg())
}

/// A curve as it is drawn.
pub(super) fn drawn(colour: usize, curve: &Curve) -> SurvivalCurve {
    SurvivalCurve {
        name: curve.name.clone(),
        colour,
        steps: curve.steps.clone(),
        censored: curve.censored.clone(),
        at_risk: curve.at_risk.clone(),
        last: curve.last,
    }
}

/// Curves of a randomised trial; `whose` says of whom, if there is more than one.
fn survival(randomised: &RandomisedAnswer, whose: &str) -> String {
    let plot = |(name, curves): (&str, &Vec<Curve>)| {
        let names: Vec<&str> = curves.iter().map(|c| c.name.as_str()).collect();
        let survival = Survival {
            alt: format!("Kaplan–Meier curves of {name} survival: {}.", names.join(", ")),
            x_label: "days since randomisation".into(),
            curves: curves.iter().enumerate().map(|(colour, curve)| drawn(colour, curve)).collect(),
        };
        let note = "The first simulated trial; ticks: patients who leave without event. Those infused alone are not a \
                    randomised group.";
        let whose = if whose.is_empty() { String::new() } else { format!(", {whose}") };
        figure(&format!("Kaplan–Meier, {name} survival{whose}"), note, &survival.svg())
    };
    let curves: String =
        ["progression-free", "overall"].into_iter().zip(&randomised.curves).map(plot).collect();
    let whose = if whose.is_empty() { String::new() } else { format!(", {whose}") };
    curves + &one_trial::of_randomised(&format!("One randomised trial{whose}"), &randomised.example)
}
