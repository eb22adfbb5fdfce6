//! What limited a product, ranked.

use perforin_lesion::budget::Entry;
use serde::{Deserialize, Serialize};

use super::{Effort, Product};

/// A stage at which a product loses effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Product cells are not at the tumour's cells.
    Arrival,
    /// Tumour cells are touched but not recognised.
    Recognition,
    /// Synapses end before the target is dead, or cells of low potency hold it.
    Killing,
    /// Exhaustion.
    Exhaustion,
    /// PD-1, suppressive cells and substances.
    Suppression,
    /// What is left of the tumour is not recognised.
    Escape,
}

/// What a stage left of the effect that reached it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    /// The stage.
    pub stage: Stage,
    /// Share that it left, 0 to 1.
    pub left: f64,
    /// What was counted, in words.
    pub why: String,
}

impl Effort {
    /// What limited the products, the worst first. `unrecognised` are the shares of tumour cells that no product
    /// recognises at the start and at the end, if there are any cells.
    ///
    /// Each stage leaves a share of the effect that reaches it; shares multiply, so that the smallest is the stage
    /// whose removal could add most.
    pub fn limits(&self, unrecognised: (Option<f64>, Option<f64>)) -> Vec<Limit> {
        let sum = |entry: Entry| self.products.iter().map(|p| p.of(entry)).sum::<f64>();
        let share = crate::answer::per_cent;
        let mut limits = Vec::new();
        let touching = sum(Entry::Unrecognised) + sum(Entry::Approaching) + sum(Entry::OnTumour);
        let all_time = touching + sum(Entry::Searching) + sum(Entry::OnNormal);
        if all_time > 0.0 {
            let left = touching / all_time;
            let matrix = sum(Entry::HeldByMatrix) / all_time;
            let held = if matrix > 0.005 {
                format!(", matrix held them for {}", share(matrix))
            } else {
                String::new()
            };
            let why = format!(
                "product cells spend {} of their time without a tumour cell in reach{held}",
                share(1.0 - left)
            );
            limits.push(Limit { stage: Stage::Arrival, left, why });
        }
        if touching > 0.0 {
            let seen = 1.0 - sum(Entry::Unrecognised) / touching;
            let signal = ratio(sum(Entry::Hits) - sum(Entry::LostToRecognition), sum(Entry::Hits));
            let left = seen * signal;
            let why = format!(
                "{} of the time at tumour cells is spent at cells that are not recognised, and weak signals take {} of \
                 the hits of synapses",
                share(1.0 - seen),
                share(1.0 - signal)
            );
            limits.push(Limit { stage: Stage::Recognition, left, why });
        }
        if sum(Entry::Hits) > 0.0 {
            let after_gate = sum(Entry::Hits) - sum(Entry::LostToRecognition);
            let after_potency = after_gate - sum(Entry::LostToPotency);
            let after_exhaustion = after_potency - sum(Entry::LostToExhaustion);
            let needed = self.products.iter().map(|p| p.hits_to_kill).fold(0.0, f64::max);
            let lethal = ratio(self.kills as f64 * needed, sum(Entry::Delivered));
            let potency = ratio(after_potency, after_gate);
            limits.push(Limit {
                stage: Stage::Killing,
                left: potency * lethal,
                why: format!(
                    "CD4 and memory-like cells deliver {} fewer hits than effector CD8 cells would, and {} of the hits \
                     that fall are wasted on cells that recover or are hit more than it takes",
                    share(1.0 - potency),
                    share(1.0 - lethal)
                ),
            });
            let left = ratio(after_exhaustion, after_potency);
            let why = format!("exhaustion takes {} of the hits that reach it", share(1.0 - left));
            limits.push(Limit { stage: Stage::Exhaustion, left, why });
            let left = ratio(sum(Entry::Delivered), after_exhaustion);
            let checkpoint = ratio(sum(Entry::LostToCheckpoint), after_exhaustion);
            let why = format!(
                "PD-1 takes {} and suppressive cells and substances {} of the hits that are left",
                share(checkpoint),
                share((1.0 - left - checkpoint).max(0.0))
            );
            limits.push(Limit { stage: Stage::Suppression, left, why });
        }
        if let (Some(start), Some(end)) = unrecognised {
            let why = format!(
                "{} of the tumour cells that are left are not recognised ({} at the start)",
                share(end),
                share(start)
            );
            limits.push(Limit { stage: Stage::Escape, left: 1.0 - end, why });
        }
        limits.sort_by(|a, b| a.left.total_cmp(&b.left));
        limits
    }
}

impl Product {
    /// An entry of the budget.
    pub fn of(&self, entry: Entry) -> f64 {
        self.budget.get(entry.name()).copied().unwrap_or(0.0)
    }
}

/// A share; of nothing, all is left.
fn ratio(a: f64, b: f64) -> f64 {
    if b > 0.0 { (a / b).clamp(0.0, 1.0) } else { 1.0 }
}

impl Stage {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Arrival => "arrival",
            Self::Recognition => "recognition",
            Self::Killing => "killing",
            Self::Exhaustion => "exhaustion",
            Self::Suppression => "suppression",
            Self::Escape => "escape",
        }
    }
}
