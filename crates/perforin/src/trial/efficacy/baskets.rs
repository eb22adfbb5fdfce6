//! One arm in several baskets that borrow from each other (EXNEX).

use perforin_core::catalogue::Parameter;
use perforin_core::catalogue::trial as defaults;
use perforin_core::quantity::Fraction;
use perforin_core::study::trial::BasketsSection;
use perforin_lesion::scenario::Notes;
use perforin_trial::dose_finding::DesignError;
use perforin_trial::efficacy::basket::{Exnex, Responses};
use serde::{Deserialize, Serialize};

/// Path of the section.
const PATH: &str = "trial.efficacy.baskets";
/// Most patients of a basket, and most baskets.
const MOST_PATIENTS: u32 = 500;
const MOST: usize = 20;

/// What is asked.
#[derive(Clone, Debug)]
pub struct BasketsAsked {
    prior: Exnex,
    p0: f64,
    certainty: f64,
    names: Vec<String>,
    patients: Vec<u32>,
    truth: Vec<f64>,
    /// Responses of a trial that is over.
    responses: Option<Vec<u32>>,
    infused: f64,
}

/// What comes of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BasketsAnswer {
    /// Response rate to exceed.
    pub p0: f64,
    /// Probability of exceeding it with which a basket is called active.
    pub certainty: f64,
    /// Prior.
    pub prior: Exnex,
    /// Simulated trials.
    pub trials: u64,
    /// Share of enrolled patients who are infused.
    pub infused: f64,
    /// Baskets.
    pub baskets: Vec<BasketRow>,
}

/// A basket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BasketRow {
    /// Name.
    pub name: String,
    /// Patients.
    pub patients: u32,
    /// True response rate of infused patients.
    pub truth: f64,
    /// Share of trials that call it active, by infused patients.
    pub called: f64,
    /// The same by all enrolled (intention to treat).
    pub called_enrolled: f64,
    /// The same where no basket exceeds the rate.
    pub called_wrongly: f64,
    /// What is known after a trial that is over.
    pub known: Option<Known>,
}

/// What is known of a basket.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// Patients who responded.
    pub responses: u32,
    /// Posterior mean of the response rate.
    pub rate: f64,
    /// Probability that it exceeds the rate.
    pub exceeds: f64,
    /// Probability that the basket is exchangeable.
    pub exchangeable: f64,
}

/// Reads the section; what is wrong is noted.
pub(super) fn read(section: &BasketsSection, infused: f64, notes: &mut Notes) -> Option<BasketsAsked> {
    let path = |key: &str| format!("{PATH}.{key}");
    let p0 = notes.given(&path("p0"), section.p0.value(), "1", "Response rate to exceed");
    if !(p0 > 0.0 && p0 < 1.0) {
        notes.wrong(
            &path("p0"),
            format!("{} % cannot be exceeded or missed", 100.0 * p0),
            "give 0 % < p0 < 100 %",
        );
        return None;
    }
    let prior = prior(section, p0, notes);
    let given = section.certainty.map(Fraction::value);
    let certainty = notes.value(defaults::BASKET_CERTAINTY.name, given, &defaults::BASKET_CERTAINTY);
    let responses = responses(section, notes)?;
    let baskets = &section.basket;
    // A prior that cannot be is refused here, at its lines.
    if let Err(error) = prior.posterior(&[Responses::default()], p0) {
        notes.wrong(PATH, error.to_string(), "correct the prior, or leave it out");
    }
    Some(BasketsAsked {
        prior,
        p0,
        certainty,
        names: baskets.iter().map(|b| b.name.clone()).collect(),
        patients: baskets.iter().map(|b| b.patients).collect(),
        truth: baskets.iter().map(|b| b.truth.value()).collect(),
        responses: (responses.len() == baskets.len()).then_some(responses),
        infused,
    })
}

/// Passes the baskets, whose numbers are noted, with the responses that are given, of all of them or of none.
fn responses(section: &BasketsSection, notes: &mut Notes) -> Option<Vec<u32>> {
    let (path, baskets) = (format!("{PATH}.basket"), &section.basket);
    if baskets.is_empty() || baskets.len() > MOST {
        let message = format!("there are {} baskets", baskets.len());
        notes.wrong(&path, message, format!("give 1 to {MOST} [[{PATH}.basket]]"));
        return None;
    }
    for (k, basket) in baskets.iter().enumerate() {
        check(k, section, notes);
        let path = |key: &str| format!("{path}.{k}.{key}");
        notes.given(&path("patients"), f64::from(basket.patients), "1", "Patients of the basket");
        let meaning = "True response rate of the basket's infused patients";
        notes.share(&path("truth"), basket.truth.value(), meaning);
    }
    let responses: Vec<u32> = baskets.iter().filter_map(|b| b.responses).collect();
    if !responses.is_empty() && responses.len() < baskets.len() {
        let help = "give `responses` of every basket, or of none";
        notes.wrong(&path, "the responses of some baskets are given", help);
    }
    Some(responses)
}

/// What is wrong with a basket.
fn check(k: usize, section: &BasketsSection, notes: &mut Notes) {
    let path = |key: &str| format!("{PATH}.basket.{k}.{key}");
    let basket = &section.basket[k];
    if section.basket[..k].iter().any(|other| other.name == basket.name) {
        notes.wrong(&path("name"), format!("`{}` stands twice", basket.name), "give another name");
    }
    if !crate::patient::fits_in_a_table(&basket.name) {
        let message = format!("the name {:?} cannot stand in a table", basket.name);
        notes.wrong(&path("name"), message, "use letters, digits, `_` and `-`");
    }
    if basket.patients == 0 || basket.patients > MOST_PATIENTS {
        let message = format!("a basket of {} patients", basket.patients);
        notes.wrong(&path("patients"), message, format!("give 1 to {MOST_PATIENTS}"));
    }
    if let Some(responses) = basket.responses.filter(|responses| *responses > basket.patients) {
        let message = format!("{responses} of {} patients responded", basket.patients);
        notes.wrong(&path("responses"), message, "give at most as many as there are patients");
    }
}

fn prior(section: &BasketsSection, p0: f64, notes: &mut Notes) -> Exnex {
    let logit = libm::log(p0 / (1.0 - p0));
    let mut mean = |key: &str, given: Option<f64>, meaning: &str| {
        let source =
            if given.is_some() { perforin_core::catalogue::THE_STUDY } else { "assumed: the logit of p0" };
        let value = given.unwrap_or(logit);
        notes.ledger.record(&format!("{PATH}.{key}"), value, "1", source, meaning);
        value
    };
    let shared = mean("mean", section.mean, "Mean of the mean log odds of exchangeable baskets");
    let alone = mean("alone_mean", section.alone_mean, "Mean log odds of a basket that is not exchangeable");
    let mut of = |given, parameter: &'static Parameter| notes.value(parameter.name, given, parameter);
    Exnex {
        exchangeable: of(section.exchangeable.map(Fraction::value), &defaults::EXCHANGEABLE),
        mean: (shared, of(section.mean_sd, &defaults::BASKET_MEAN_SD)),
        heterogeneity: of(section.heterogeneity, &defaults::HETEROGENEITY),
        alone: (alone, of(section.alone_sd, &defaults::ALONE_SD)),
    }
}

impl BasketsAsked {
    /// The same baskets where the true response rates are others.
    pub(super) fn with(&self, rate: &dyn Fn(f64) -> f64) -> Self {
        Self { truth: self.truth.iter().map(|truth| rate(*truth)).collect(), ..self.clone() }
    }

    /// Simulates it.
    ///
    /// # Errors
    /// If the prior cannot be.
    pub(super) fn answer(&self, trials: u64, seed: u64) -> Result<BasketsAnswer, DesignError> {
        let limit = (self.p0, self.certainty);
        let calls = |rates: &[f64]| self.prior.calls(&self.patients, rates, limit, (trials, seed));
        let called = calls(&self.truth)?;
        let enrolled = if self.infused < 1.0 {
            calls(&self.truth.iter().map(|rate| rate * self.infused).collect::<Vec<_>>())?
        } else {
            called.clone()
        };
        let wrongly = calls(&vec![self.p0; self.truth.len()])?;
        let known = self.known()?;
        let row = |k: usize| BasketRow {
            name: self.names[k].clone(),
            patients: self.patients[k],
            truth: self.truth[k],
            called: called[k],
            called_enrolled: enrolled[k],
            called_wrongly: wrongly[k],
            known: known.as_ref().map(|known| known[k]),
        };
        let baskets = (0..self.names.len()).map(row).collect();
        let Self { p0, certainty, prior, infused, .. } = *self;
        Ok(BasketsAnswer { p0, certainty, prior, trials, infused, baskets })
    }

    /// What is known after a trial that is over.
    fn known(&self) -> Result<Option<Vec<Known>>, DesignError> {
        let Some(responses) = &self.responses else { return Ok(None) };
        let pairs = self.patients.iter().zip(responses);
        let seen: Vec<Responses> = pairs
            .map(|(patients, responses)| Responses { patients: *patients, responses: *responses })
            .collect();
        let found = self.prior.posterior(&seen, self.p0)?;
        let known = found.iter().zip(responses).map(|(basket, responses)| Known {
            responses: *responses,
            rate: basket.rate,
            exceeds: basket.exceeds,
            exchangeable: basket.exchangeable,
        });
        Ok(Some(known.collect()))
    }
}
