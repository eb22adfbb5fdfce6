//! What the trials of an outer draw come to, gathered over all of them.

use perforin_trial::dose_finding::DesignError;
use perforin_trial::dose_finding::summary::{Characteristics, characteristics};
use perforin_trial::uncertainty::{Band, Estimate};

use super::Row;
use crate::trial::efficacy::OneDesign;
use crate::trial::question::{DoseFinding, Question};
use crate::trial::tables::too_high_count;

/// A characteristic: scenario, quantity, level and unit.
type Name = (String, String, Option<usize>, &'static str);

/// Estimates of every characteristic over the outer draws so far, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    rows: Vec<(Name, Vec<Estimate>)>,
}

impl Gathered {
    /// Simulates trials under an outer draw, and adds what they come to.
    pub(super) fn add(&mut self, question: &Question, size: (u64, u64)) -> Result<(), DesignError> {
        if let Some(asked) = &question.dose_finding {
            for (name, truth) in &asked.scenarios {
                let seen = characteristics(&asked.conduct, truth, asked.target, size)?;
                self.finding(name, asked, &seen);
            }
        }
        if let Some(efficacy) = &question.efficacy {
            for found in efficacy.one_by_one(size)? {
                self.efficacy(&found);
            }
        }
        Ok(())
    }

    fn put(
        &mut self,
        (scenario, quantity, level, unit): (&str, &str, Option<usize>, &'static str),
        of: Estimate,
    ) {
        let same = |(name, _): &&mut (Name, Vec<Estimate>)| {
            name.0 == scenario && name.1 == quantity && name.2 == level
        };
        match self.rows.iter_mut().find(same) {
            Some((_, estimates)) => estimates.push(of),
            None => self.rows.push(((scenario.into(), quantity.into(), level, unit), vec![of])),
        }
    }

    fn finding(&mut self, scenario: &str, asked: &DoseFinding, seen: &Characteristics) {
        let share = |count: u64| Estimate::of_share(count, seen.trials);
        let right = seen.right.map_or(seen.none, |level| seen.levels[level].selected);
        self.put((scenario, "selects the right level", None, "1"), share(right));
        self.put((scenario, "selects a level that is too high", None, "1"), share(too_high_count(seen)));
        self.put((scenario, "selects none", None, "1"), share(seen.none));
        self.put((scenario, "stops early", None, "1"), share(seen.stopped));
        self.put((scenario, "overdoses", None, "1"), share(seen.overdosing));
        let duration = Estimate::of_mean(seen.duration, seen.duration_sd, seen.trials);
        self.put((scenario, "duration", None, "d"), duration);
        for level in 0..asked.conduct.doses.len() {
            let at = Some(level);
            self.put((scenario, "selects the level", at, "1"), share(seen.levels[level].selected));
            let is_right = f64::from(u8::from(seen.right == at));
            self.put((scenario, "the level is right", at, "1"), Estimate::exact(is_right));
            let toxicity = Estimate::exact(seen.true_toxicity[level]);
            self.put((scenario, "true toxicity rate", at, "1"), toxicity);
            if let Some(rates) = &seen.true_response {
                self.put((scenario, "true response rate", at, "1"), Estimate::exact(rates[level]));
            }
        }
    }

    fn efficacy(&mut self, found: &OneDesign) {
        let scenario = &found.design;
        if let Some(rate) = found.response {
            self.put((scenario, "true response rate of infused patients", None, "1"), Estimate::exact(rate));
        }
        let [infused, enrolled] = found.active;
        self.put((scenario, "called active by infused patients", None, "1"), infused);
        self.put((scenario, "called active by all enrolled", None, "1"), enrolled);
    }

    /// The bands.
    pub(super) fn rows(self) -> Vec<Row> {
        let row = |((scenario, quantity, level, unit), estimates): (Name, Vec<Estimate>)| {
            Some(Row { scenario, quantity, level, unit: unit.to_owned(), band: Band::of(&estimates)? })
        };
        self.rows.into_iter().filter_map(row).collect()
    }
}
