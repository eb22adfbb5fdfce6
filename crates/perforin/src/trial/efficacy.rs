//! `[trial.efficacy]`: what is asked, and what comes of it.

use perforin_core::study::trial::EfficacySection;
use perforin_lesion::scenario::Notes;
use perforin_trial::dose_finding::DesignError;
use perforin_trial::efficacy::randomised::{Group, Randomised};
use perforin_trial::manufacturing::Manufacturing;
use perforin_trial::uncertainty::{Estimate, shifted};
use serde::{Deserialize, Serialize};

use super::selection::{Mixture, Seen, Who};

pub mod baskets;
pub mod bop2;
pub mod enrichment;
pub mod populations;
pub mod randomised;
pub mod two_stage;

pub use baskets::{BasketsAnswer, BasketsAsked};
pub use bop2::{Bop2Answer, Bop2Asked};
pub use enrichment::{EnrichmentAnswer, EnrichmentAsked};
pub use populations::PopulationRow;
pub use randomised::{Curve, RandomisedAnswer};
pub use two_stage::{TwoStageAnswer, TwoStageAsked, TwoStageRow};

use populations::Population;

/// The designs that a study asks for.
#[derive(Clone, Debug)]
struct Designs {
    two_stage: Option<TwoStageAsked>,
    bop2: Option<Bop2Asked>,
    baskets: Option<BasketsAsked>,
    enrichment: Option<EnrichmentAsked>,
    randomised: Option<Randomised>,
}

/// What a study asks of efficacy.
#[derive(Clone, Debug)]
pub struct Asked {
    designs: Designs,
    /// Share of screened patients who are eligible.
    eligible: f64,
    /// The patients by group, and what the test that selects them comes to.
    tested: Option<(Mixture, Seen)>,
    /// Response rates of virtual patients at the highest level: of all, and of those selected if there is a test.
    virtual_patients: Option<(f64, Option<(f64, Seen)>)>,
    /// What the hazard ratios of infused patients are multiplied by.
    effect: f64,
}

/// What a design came to in those who are enrolled.
#[derive(Clone, Debug)]
pub struct OneDesign {
    /// The design.
    pub design: String,
    /// True response rate of infused patients, if it is looked at.
    pub response: Option<f64>,
    /// Called active by infused patients, and by all enrolled.
    pub active: [Estimate; 2],
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
    /// The same two arms if everybody were enrolled; none without a test that selects the patients.
    #[serde(default)]
    pub randomised_all: Option<RandomisedAnswer>,
    /// What the test that selects the patients comes to.
    #[serde(default)]
    pub selected: Option<Seen>,
    /// Every design in those selected and in all; empty without a test and without virtual patients.
    #[serde(default)]
    pub populations: Vec<PopulationRow>,
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
    let designs = Designs {
        two_stage: two_stage.as_ref().and_then(|s| two_stage::read(s, infused, notes)),
        bop2: bop2.as_ref().and_then(|s| bop2::read(s, infused, notes)),
        baskets: baskets.as_ref().and_then(|s| baskets::read(s, infused, notes)),
        enrichment: enrichment.as_ref().and_then(|s| enrichment::read(s, infused, notes)),
        randomised: randomised.as_ref().and_then(|s| randomised::read(s, process, notes)),
    };
    let eligible = 1.0 - manufacturing.map_or(0.0, |process| process.screen_failure);
    Asked { designs, eligible, tested: None, virtual_patients: None, effect: 1.0 }
}

impl Designs {
    /// The same designs where response rates, and the groups of a randomised trial, are others.
    fn with(&self, rate: &dyn Fn(f64) -> f64, groups: &dyn Fn(&Randomised) -> Vec<Group>) -> Self {
        Self {
            two_stage: self.two_stage.as_ref().map(|asked| asked.with(rate)),
            bop2: self.bop2.as_ref().map(|asked| asked.with(rate)),
            baskets: self.baskets.as_ref().map(|asked| asked.with(rate)),
            enrichment: self.enrichment.as_ref().map(|asked| asked.with(rate)),
            randomised: self.randomised.as_ref().map(|t| Randomised { groups: groups(t), ..t.clone() }),
        }
    }

    /// Those whose patients are all alike: one arm without strata.
    fn of_one_rate(&self) -> Self {
        Self { baskets: None, enrichment: None, randomised: None, ..self.clone() }
    }

    fn answer(&self, trials: u64, seed: u64) -> Result<Answered, DesignError> {
        Ok(Answered {
            two_stage: self.two_stage.as_ref().map(TwoStageAsked::answer),
            bop2: self.bop2.as_ref().map(Bop2Asked::answer),
            baskets: self.baskets.as_ref().map(|asked| asked.answer(trials, seed)).transpose()?,
            enrichment: self.enrichment.as_ref().map(EnrichmentAsked::answer).transpose()?,
            randomised: self.randomised.as_ref().map(|trial| randomised::answer(trial, trials, seed)),
            randomised_all: None,
            selected: None,
            populations: Vec::new(),
        })
    }
}

impl Asked {
    /// Enrols those whom a test selects.
    ///
    /// # Errors
    /// If a randomised trial cannot have their hazards.
    pub fn select(&mut self, tested: Option<(Mixture, Seen)>) -> Result<(), DesignError> {
        if let (Some(trial), Some((mixture, _))) = (&self.designs.randomised, &tested) {
            Randomised { groups: mixture.groups(trial, Who::All), ..trial.clone() }.check()?;
        }
        self.tested = tested;
        Ok(())
    }

    /// Whether there is a randomised trial in whose survival the groups that are tested do not differ.
    pub fn is_blind_to_the_test(&self) -> bool {
        let moves = self.tested.as_ref().is_none_or(|(mixture, _)| mixture.moves_survival());
        self.designs.randomised.is_some() && !moves
    }

    /// Adds virtual patients, of whose infused a share responds, and of those selected another one.
    pub fn add(&mut self, all: f64, selected: Option<(f64, Seen)>) {
        self.virtual_patients = Some((all, selected));
    }

    /// The same where the log odds of response and the logarithm of hazard ratios are shifted.
    #[must_use]
    pub fn shifted(&self, response: f64, hazard: f64) -> Self {
        let designs = self.designs.with(&|rate| shifted(rate, response), &|trial| trial.groups.clone());
        Self { designs, effect: self.effect * libm::exp(hazard), ..self.clone() }
    }

    /// The designs with the patients whom they enrol.
    fn of(&self, who: Who) -> Designs {
        let mut designs = match &self.tested {
            None => self.designs.clone(),
            Some((mixture, _)) => {
                self.designs.with(&|rate| mixture.response(rate, who), &|trial| mixture.groups(trial, who))
            }
        };
        if let Some(trial) = &mut designs.randomised {
            *trial = trial.with_effect(self.effect);
        }
        designs
    }

    /// What every design comes to in those who are enrolled, where it is as stated.
    ///
    /// # Errors
    /// If a design refuses what is true.
    pub fn one_by_one(&self, (trials, seed): (u64, u64)) -> Result<Vec<OneDesign>, DesignError> {
        let designs = self.of(Who::Selected);
        let one_arm = Designs { randomised: None, ..designs.clone() }.answer(trials, seed)?;
        let of = |found: populations::Found| {
            let estimate = |share: f64| match found.trials {
                None => Estimate::exact(share),
                Some(n) => Estimate::of_share((share * n as f64).round() as u64, n),
            };
            let active = found.active.map(estimate);
            OneDesign { design: found.design, response: found.response.map(|(rate, ..)| rate), active }
        };
        let mut all: Vec<OneDesign> = populations::found(&one_arm).into_iter().map(of).collect();
        if let Some(trial) = &designs.randomised {
            let seen = trial.operating(trials, seed);
            let called = [seen.infused_rejects, seen.stopped.iter().sum()];
            let active = called.map(|count| Estimate::of_share(count, trials));
            all.push(OneDesign { design: "at random".into(), response: None, active });
        }
        Ok(all)
    }

    /// Simulates what is asked.
    ///
    /// # Errors
    /// If a design refuses what is true.
    pub fn answer(&self, trials: u64, seed: u64) -> Result<Answered, DesignError> {
        let mut answered = self.of(Who::Selected).answer(trials, seed)?;
        let mut rows = Vec::new();
        if let Some((_, test)) = &self.tested {
            let all = self.of(Who::All).answer(trials, seed)?;
            rows.extend(populations::rows(&answered, &Population::selected("selected", test, self.eligible)));
            rows.extend(populations::rows(&all, &Population::all("all", Some(test), self.eligible)));
            answered.randomised_all = all.randomised;
            answered.selected = Some(test.clone());
        }
        if let Some((all, selected)) = &self.virtual_patients {
            let stated = self.designs.of_one_rate();
            let of = |rate: f64| stated.with(&|_| rate, &|_| Vec::new()).answer(trials, seed);
            if let Some((rate, test)) = selected {
                let population = Population::selected("virtual patients, selected", test, self.eligible);
                rows.extend(populations::rows(&of(*rate)?, &population));
            }
            let test = selected.as_ref().map(|(_, test)| test);
            let population = Population::all("virtual patients, all", test, self.eligible);
            rows.extend(populations::rows(&of(*all)?, &population));
        }
        answered.populations = rows;
        Ok(answered)
    }
}
