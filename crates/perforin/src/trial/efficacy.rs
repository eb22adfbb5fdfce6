//! `[trial.efficacy]`: what is asked, and what comes of it.

use perforin_core::study::trial::EfficacySection;
use perforin_lesion::scenario::Notes;
use perforin_trial::dose_finding::DesignError;
use perforin_trial::efficacy::randomised::Randomised;
use perforin_trial::manufacturing::Manufacturing;
use serde::{Deserialize, Serialize};

pub mod baskets;
pub mod bop2;
pub mod enrichment;
pub mod randomised;
pub mod two_stage;

pub use baskets::{BasketsAnswer, BasketsAsked};
pub use bop2::{Bop2Answer, Bop2Asked};
pub use enrichment::{EnrichmentAnswer, EnrichmentAsked};
pub use randomised::{Curve, RandomisedAnswer};
pub use two_stage::{TwoStageAnswer, TwoStageAsked, TwoStageRow};

/// What a study asks of efficacy.
#[derive(Clone, Debug)]
pub struct Asked {
    two_stage: Option<TwoStageAsked>,
    bop2: Option<Bop2Asked>,
    baskets: Option<BasketsAsked>,
    enrichment: Option<EnrichmentAsked>,
    randomised: Option<Randomised>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// One arm in two stages.
    pub two_stage: Option<TwoStageAnswer>,
    /// One arm with several looks.
    pub bop2: Option<Bop2Answer>,
    /// One arm in baskets.
    pub baskets: Option<BasketsAnswer>,
    /// One arm that finds a cut-point.
    pub enrichment: Option<EnrichmentAnswer>,
    /// Two arms at random.
    pub randomised: Option<RandomisedAnswer>,
}

/// Reads the section; what is wrong is noted.
pub fn read(
    section: &EfficacySection,
    (manufacturing, dose, accrual_interval): (Option<Manufacturing>, f64, f64),
    notes: &mut Notes,
) -> Asked {
    let EfficacySection { two_stage, bop2, baskets, enrichment, randomised } = section;
    if two_stage.is_none()
        && bop2.is_none()
        && baskets.is_none()
        && enrichment.is_none()
        && randomised.is_none()
    {
        let help = "add two_stage, bop2, baskets, enrichment or randomised, as in [trial.efficacy.two_stage]";
        notes.wrong("trial.efficacy", "nothing is asked", help);
    }
    let infused = manufacturing.map_or(1.0, |process| process.expected(dose).infused);
    let process = (manufacturing, dose, accrual_interval);
    Asked {
        two_stage: two_stage.as_ref().and_then(|s| two_stage::read(s, infused, notes)),
        bop2: bop2.as_ref().and_then(|s| bop2::read(s, infused, notes)),
        baskets: baskets.as_ref().and_then(|s| baskets::read(s, infused, notes)),
        enrichment: enrichment.as_ref().and_then(|s| enrichment::read(s, infused, notes)),
        randomised: randomised.as_ref().and_then(|s| randomised::read(s, process, notes)),
    }
}

impl Asked {
    /// Simulates what is asked.
    ///
    /// # Errors
    /// If no design of two stages keeps the errors, or a design refuses what is true.
    pub fn answer(&self, trials: u64, seed: u64) -> Result<Answered, DesignError> {
        Ok(Answered {
            two_stage: self.two_stage.map(TwoStageAsked::answer).transpose()?,
            bop2: self.bop2.as_ref().map(Bop2Asked::answer),
            baskets: self.baskets.as_ref().map(|asked| asked.answer(trials, seed)).transpose()?,
            enrichment: self.enrichment.as_ref().map(EnrichmentAsked::answer).transpose()?,
            randomised: self.randomised.as_ref().map(|trial| randomised::answer(trial, trials, seed)),
        })
    }
}
