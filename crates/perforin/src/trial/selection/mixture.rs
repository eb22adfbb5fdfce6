//! Of which groups the patients of a trial are: all who are tested, or those called positive.

use perforin_trial::efficacy::randomised::{self, Randomised};

use crate::diagnose::groups::Group;

/// Whose patients a trial enrols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Everybody who is eligible.
    All,
    /// Those whom the test calls positive.
    Selected,
}

/// Groups of patients with their weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixture {
    parts: Vec<(Group, [f64; 2])>,
}

impl Mixture {
    /// Groups, each with the probability that one of its patients is called positive.
    pub fn new(groups: &[Group], called: &[f64]) -> Self {
        let part = |(group, called): (&Group, &f64)| (group.clone(), [group.share, group.share * called]);
        Self { parts: groups.iter().zip(called).map(part).collect() }
    }

    /// Share of all patients who are enrolled.
    pub fn share(&self, who: Who) -> f64 {
        self.weights(who).sum()
    }

    /// Response rate where a group responds at `rate` times its ratio, at most always: the mean over groups.
    pub fn response(&self, rate: f64, who: Who) -> f64 {
        let of = |((group, _), weight): (&(Group, [f64; 2]), f64)| weight * (rate * group.response).min(1.0);
        self.parts.iter().zip(self.weights(who)).map(of).sum::<f64>() / self.share(who).max(1e-300)
    }

    /// Groups of a randomised trial.
    pub fn groups(&self, trial: &Randomised, who: Who) -> Vec<randomised::Group> {
        let [pfs, os] = trial.hazard_ratios;
        let of = |((group, _), weight): (&(Group, [f64; 2]), f64)| randomised::Group {
            weight,
            hazard_ratios: [group.hazard_ratios[0].unwrap_or(pfs), group.hazard_ratios[1].unwrap_or(os)],
            prognosis: group.prognosis,
        };
        self.parts.iter().zip(self.weights(who)).map(of).collect()
    }

    /// Whether groups differ in anything that times to events depend on.
    pub fn moves_survival(&self) -> bool {
        self.parts.iter().any(|(g, _)| g.hazard_ratios != [None, None] || g.prognosis != 1.0)
    }

    fn weights(&self, who: Who) -> impl Iterator<Item = f64> {
        self.parts.iter().map(move |(_, [all, selected])| match who {
            Who::All => *all,
            Who::Selected => *selected,
        })
    }
}
