//! Product-limit estimates (Kaplan & Meier 1958, doi 10.1080/01621459.1958.10501452) over weighted patients, in memory that
//! grows with the number of different days and not with that of patients.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Days at which patients at risk are told, in parts of the last day.
const PARTS: usize = 6;

/// Times of patients: by the bits of the day, which for positive numbers are in its order, the weights of events and of
/// censorings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Times {
    by_day: BTreeMap<u64, [f64; 2]>,
    events: u64,
}

/// A curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// Of what.
    pub name: String,
    /// Patients with the event.
    pub events: u64,
    /// Median, d; none if it is not reached.
    pub median: Option<f64>,
    /// Days of events and shares after them.
    pub steps: Vec<(f64, f64)>,
    /// Days on which patients leave without the event.
    pub censored: Vec<f64>,
    /// Days and patients at risk, by their weights.
    pub at_risk: Vec<(f64, f64)>,
    /// Last day.
    pub last: f64,
}

impl Times {
    /// Counts a patient whose time ends on a day, by the event or censored.
    pub fn add(&mut self, days: f64, event: bool, weight: f64) {
        self.by_day.entry(days.to_bits()).or_default()[usize::from(!event)] += weight;
        self.events += u64::from(event);
    }

    /// The curve.
    pub fn curve(&self, name: &str) -> Curve {
        let days: Vec<(f64, [f64; 2])> =
            self.by_day.iter().map(|(day, weights)| (f64::from_bits(*day), *weights)).collect();
        // Summed from the end, so that the last patients at risk are exact.
        let mut at_risk = vec![0.0; days.len() + 1];
        for (i, (_, weights)) in days.iter().enumerate().rev() {
            at_risk[i] = at_risk[i + 1] + weights[0] + weights[1];
        }
        let (mut share, mut steps) = (1.0, Vec::new());
        for ((day, [events, _]), at_risk) in days.iter().zip(&at_risk) {
            if *events > 0.0 {
                share *= 1.0 - events / at_risk;
                steps.push((*day, share));
            }
        }
        let last = days.last().map_or(0.0, |(day, _)| *day);
        let told = |part: usize| {
            let day = last * part as f64 / PARTS as f64;
            (day, at_risk[days.partition_point(|(known, _)| *known < day)])
        };
        Curve {
            name: name.into(),
            events: self.events,
            median: steps.iter().find(|(_, share)| *share <= 0.5).map(|(day, _)| *day),
            censored: days.iter().filter(|(_, [_, censored])| *censored > 0.0).map(|(day, _)| *day).collect(),
            at_risk: if days.is_empty() { Vec::new() } else { (0..=PARTS).map(told).collect() },
            steps,
            last,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(rows: &[(f64, bool, f64)]) -> Times {
        let mut times = Times::default();
        for (day, event, weight) in rows {
            times.add(*day, *event, *weight);
        }
        times
    }

    /// Four events among six: survival is 5/6, 2/3, then 2/3 · 2/3 = 4/9 at day 30 with one censored before.
    #[test]
    fn the_median_is_that_of_the_product_limit_estimate() {
        let rows = [(10.0, true), (20.0, true), (20.0, false), (30.0, true), (40.0, true), (40.0, false)];
        let curve = times(&rows.map(|(day, event)| (day, event, 1.0))).curve("");
        assert_eq!((curve.median, curve.events), (Some(30.0), 4));
        let shares: Vec<f64> = curve.steps.iter().map(|(_, share)| *share).collect();
        for (found, exact) in shares.iter().zip([5.0 / 6.0, 2.0 / 3.0, 4.0 / 9.0, 2.0 / 9.0]) {
            assert!((found - exact).abs() < 1e-12, "{shares:?}");
        }
        assert_eq!(curve.censored, [20.0, 40.0]);
        assert_eq!((curve.at_risk[0], curve.at_risk[6]), ((0.0, 6.0), (40.0, 2.0)));
        // One event among four: three quarters are free of it to the end.
        let few = times(&[(10.0, true, 1.0), (50.0, false, 3.0)]).curve("");
        assert_eq!((few.median, few.steps), (None, vec![(10.0, 0.75)]));
        assert_eq!(Times::default().curve("").median, None);
    }

    #[test]
    fn a_weight_counts_as_so_many_patients() {
        let weighted = times(&[(5.0, true, 2.0), (9.0, false, 3.0), (9.0, true, 1.0)]).curve("");
        let one = [(5.0, true, 1.0), (5.0, true, 1.0), (9.0, false, 1.0), (9.0, false, 1.0)];
        let rest = [(9.0, false, 1.0), (9.0, true, 1.0)];
        assert_eq!(weighted.steps, times(&[&one[..], &rest].concat()).curve("").steps);
    }
}
