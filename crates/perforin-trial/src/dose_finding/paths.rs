//! What the outcomes of the first cohorts lead to, by going through all of them.

use serde::{Deserialize, Serialize};

use super::board::{Board, Responses};
use super::rule::{Decision, Rule};
use super::{DesignError, Seen};
use crate::binomial::multinomial;

/// A cohort on a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// The dose, from 0.
    pub dose: usize,
    /// Patients and toxicities.
    pub seen: Seen,
    /// Responses, where the design looks at them.
    pub responses: Option<Responses>,
}

impl Given {
    /// Probability of the outcome where each patient has efficacy alone, neither, both and toxicity alone with the
    /// probabilities `joint`.
    pub fn probability(&self, joint: [f64; 4]) -> f64 {
        let [effective, neither, both, toxic] = joint;
        match self.responses {
            None => multinomial(
                &[self.seen.treated - self.seen.toxic, self.seen.toxic],
                &[effective + neither, both + toxic],
            ),
            Some(responses) => {
                let counts = responses.among(self.seen);
                multinomial(&[counts.effective, counts.neither, counts.both, counts.toxic], &joint)
            }
        }
    }
}

/// The outcomes of each of the first cohorts, and the decision after the last. Branches that end earlier are shorter. Of a
/// design that enrols while patients are pending, each cohort is known before the next.
///
/// # Errors
/// Only where a design refuses what was seen.
pub fn paths(
    rule: &Rule,
    start: &Board,
    cohort: u32,
    cohorts: usize,
) -> Result<Vec<(Vec<Given>, Decision)>, DesignError> {
    let mut all = Vec::new();
    branch(rule, start, (cohort, cohorts), &mut Vec::new(), &mut all)?;
    Ok(all)
}

fn branch(
    rule: &Rule,
    board: &Board,
    (cohort, left): (u32, usize),
    so_far: &mut Vec<Given>,
    all: &mut Vec<(Vec<Given>, Decision)>,
) -> Result<(), DesignError> {
    let (dose, treated) = (board.dose, rule.together(board, cohort));
    for (toxic, responses) in outcomes(treated, rule.needs_response()) {
        let mut next = board.clone();
        next.seen[dose].treated += treated;
        next.seen[dose].toxic += toxic;
        if let Some(responses) = responses {
            next.responses[dose].free += responses.free;
            next.responses[dose].toxic += responses.toxic;
        }
        next.last_toxic = toxic > 0;
        so_far.push(Given { dose, seen: Seen { treated, toxic }, responses });
        let decision = rule.next(&mut next)?;
        if left > 1 && matches!(decision, Decision::Treat(_)) {
            branch(rule, &next, (cohort, left - 1), so_far, all)?;
        } else {
            all.push((so_far.clone(), decision));
        }
        so_far.pop();
    }
    Ok(())
}

/// All outcomes of some patients: toxicities and, where they matter, responses.
fn outcomes(treated: u32, with_response: bool) -> Vec<(u32, Option<Responses>)> {
    if !with_response {
        return (0..=treated).map(|toxic| (toxic, None)).collect();
    }
    let with = |toxic: u32| {
        (0..=treated - toxic)
            .flat_map(move |free| (0..=toxic).map(move |both| (toxic, Some(Responses { free, toxic: both }))))
    };
    (0..=treated).flat_map(with).collect()
}
