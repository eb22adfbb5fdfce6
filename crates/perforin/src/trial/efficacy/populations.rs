//! A trial of efficacy in those whom a test selects, beside the same trial in all: whom it enrols, whom it calls wrongly, what
//! it concludes.

use perforin_trial::binomial::{clopper_pearson, probability};
use serde::{Deserialize, Serialize};

use super::{Answered, RandomisedAnswer};
use crate::trial::selection::Seen;

/// Confidence of the intervals of response rates.
const CONFIDENCE: f64 = 0.95;

/// Whom a trial enrols.
#[derive(Clone, Debug)]
pub(super) struct Population {
    name: &'static str,
    /// Share of those screened who are enrolled.
    enrolled: f64,
    /// Share of the enrolled who are below the cut-off; none if nobody is tested.
    below: Option<f64>,
    /// Share of those tested who reach the cut-off and are turned away.
    turned_away: f64,
    /// Share of those screened who are tested.
    tested: f64,
}

impl PopulationRow {
    /// Whether it is told in words, too: of Simon's designs the optimal one alone.
    pub fn is_told(&self) -> bool {
        is_told(&self.design)
    }
}

/// Whether a design is told in words, too: of Simon's the optimal one alone.
pub fn is_told(design: &str) -> bool {
    !design.starts_with("two stages") || design.contains("optimal")
}

impl Population {
    /// Those whom the test calls positive.
    pub(super) fn selected(name: &'static str, test: &Seen, eligible: f64) -> Self {
        let missed = test.sensitivity.map_or(0.0, |sensitivity| test.prevalence * (1.0 - sensitivity));
        Self {
            name,
            enrolled: eligible * test.positive,
            below: test.ppv.map(|share| 1.0 - share),
            turned_away: missed,
            tested: 1.0,
        }
    }

    /// Everybody, of whom a test would have called some negative.
    pub(super) fn all(name: &'static str, test: Option<&Seen>, eligible: f64) -> Self {
        let below = test.map(|test| 1.0 - test.prevalence);
        Self { name, enrolled: eligible, below, turned_away: 0.0, tested: 0.0 }
    }
}

/// A rate of response.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResponseRate {
    /// True rate.
    pub rate: f64,
    /// Mean ends of the exact 95 % interval that a trial of full size reports (Clopper & Pearson).
    pub interval: (f64, f64),
}

/// A design in a population.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PopulationRow {
    /// The design.
    pub design: String,
    /// Whom it enrols.
    pub population: String,
    /// Response of infused patients, and of all enrolled; none where times to events are compared.
    pub response: Option<[ResponseRate; 2]>,
    /// Median hazard ratios over trials: progression-free survival of all randomised and of those infused against control,
    /// then overall survival; none where response is looked at.
    pub hazard_ratios: Option<[f64; 4]>,
    /// Probability of calling the product active, by infused patients and by all enrolled.
    pub active: [f64; 2],
    /// Expected number enrolled, where all enrolled count.
    pub enrolled: f64,
    /// Expected number screened for them.
    pub screened: f64,
    /// Of the enrolled, the expected number below the cut-off; none without a test.
    pub below: Option<f64>,
    /// Of those screened, the expected number who reach the cut-off and are turned away.
    pub turned_away: f64,
}

/// The response rate with the interval that a trial of `n` patients reports on average.
fn response(rate: f64, n: u32) -> ResponseRate {
    let (mut low, mut high) = (0.0, 0.0);
    for k in 0..=n {
        let weight = probability(k, n, rate);
        // Far tails change nothing and cost as much as the rest.
        if weight > 1e-15 && n > 0 {
            let ends = clopper_pearson(k, n, CONFIDENCE);
            (low, high) = (low + weight * ends.0, high + weight * ends.1);
        }
    }
    ResponseRate { rate, interval: if n > 0 { (low, high) } else { (0.0, 1.0) } }
}

/// What a design came to.
pub(super) struct Found {
    pub(super) design: String,
    /// Response rate of infused patients, share of enrolled who are infused, and full size.
    pub(super) response: Option<(f64, f64, u32)>,
    hazard_ratios: Option<[f64; 4]>,
    pub(super) active: [f64; 2],
    enrolled: f64,
    /// Simulated trials; none if it is exact.
    pub(super) trials: Option<u64>,
}

/// Every design in a population, of which `answered` came.
pub(super) fn rows(answered: &Answered, population: &Population) -> Vec<PopulationRow> {
    let of = |found: Found| {
        let screened = found.enrolled / population.enrolled.max(1e-300);
        PopulationRow {
            design: found.design,
            population: population.name.to_owned(),
            response: found.response.map(|(rate, infused, n)| [1.0, infused].map(|f| response(rate * f, n))),
            hazard_ratios: found.hazard_ratios,
            active: found.active,
            enrolled: found.enrolled,
            screened,
            below: population.below.map(|share| found.enrolled * share),
            turned_away: screened * population.tested * population.turned_away,
        }
    };
    found(answered).into_iter().map(of).collect()
}

/// What every design came to.
pub(super) fn found(answered: &Answered) -> Vec<Found> {
    let mut all = Vec::new();
    if let Some(asked) = &answered.two_stage {
        all.extend(asked.designs.iter().map(|row| Found {
            design: format!(
                "two stages, {} ({}/{}, {}/{})",
                row.name, row.first.1, row.first.0, row.both.1, row.both.0
            ),
            response: Some((asked.truth, asked.infused, row.both.0)),
            hazard_ratios: None,
            active: [row.infused, row.enrolled],
            enrolled: row.patients,
            trials: None,
        }));
    }
    if let Some(asked) = &answered.bop2
        && let [_, _, infused, enrolled] = &asked.courses[..]
    {
        let n = asked.looks.last().map_or(0, |look| look.patients);
        all.push(Found {
            design: "looks (BOP2)".into(),
            response: Some((infused.response, asked.infused, n)),
            hazard_ratios: None,
            active: [infused.positive, enrolled.positive],
            enrolled: enrolled.patients,
            trials: None,
        });
    }
    if let Some(asked) = &answered.baskets {
        all.extend(asked.baskets.iter().map(|basket| Found {
            design: format!("basket {}", basket.name),
            response: Some((basket.truth, asked.infused, basket.patients)),
            hazard_ratios: None,
            active: [basket.called, basket.called_enrolled],
            enrolled: f64::from(basket.patients),
            trials: Some(asked.trials),
        }));
    }
    if let Some(asked) = &answered.enrichment
        && let [_, infused, enrolled] = &asked.courses[..]
    {
        all.push(Found {
            design: "adaptive cut-point".into(),
            response: None,
            hazard_ratios: None,
            active: [infused, enrolled].map(|row| row.rejected.iter().sum()),
            enrolled: enrolled.patients,
            trials: None,
        });
    }
    all.extend(answered.randomised.as_ref().map(at_random));
    all
}

fn at_random(asked: &RandomisedAnswer) -> Found {
    let n = asked.seen.trials.max(1) as f64;
    Found {
        design: "at random".into(),
        response: None,
        hazard_ratios: Some(asked.seen.hazard_ratios.map(|[_, median, _]| median)),
        active: [asked.seen.infused_rejects as f64 / n, asked.seen.rejects()],
        enrolled: f64::from(asked.patients[0] + asked.patients[1]),
        trials: Some(asked.seen.trials),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of one patient the interval is 0 to 0.975 without and 0.025 to 1 with a response.
    #[test]
    fn the_reported_interval_is_the_mean_over_all_outcomes() {
        let found = response(0.3, 1);
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        near(found.interval.0, 0.3 * 0.025);
        near(found.interval.1, 0.7 * 0.975 + 0.3);
    }
}
