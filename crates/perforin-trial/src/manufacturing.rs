//! From enrolment to infusion: how many cells a patient's product holds, how long it takes, and who is lost on the way.
//!
//! | quantity | distribution |
//! |---|---|
//! | apheresis fails | Bernoulli |
//! | time from enrolment to infusion, `V` | log-normal |
//! | time to loss while waiting | exponential; bridging multiplies its rate |
//! | product cannot be released whatever its size | Bernoulli |
//! | cells that can be given, `Y` | log-normal |
//!
//! All are independent. A patient whose time to loss is below `V` is lost; of the others, one whose product fails or
//! holds fewer cells than the least dose is not infused; the rest get `min(Y, planned dose)`. So the share infused is
//! `(1 − a)·E[exp(−hV)]·(1 − f)·P(Y ≥ least)`, which [`Manufacturing::expected`] gives.
//!
//! Three ways of dealing with patients who get less than planned are published (Devlin 2021, doi 10.1111/rssc.12485):
//! [`Policy`].

use perforin_core::rng::Draw;
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

use crate::dose_finding::{DesignError, within};

/// Steps of the integral over the vein-to-vein time, and its extent in standard deviations.
const STEPS: usize = 400;
const EXTENT: f64 = 8.0;

/// A log-normal distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogNormal {
    /// Median.
    pub median: f64,
    /// Standard deviation of the natural logarithm.
    pub log_sd: f64,
}

impl LogNormal {
    /// The value at a standard normal deviate.
    pub fn at(self, z: f64) -> f64 {
        if self.log_sd == 0.0 { self.median } else { self.median * libm::exp(self.log_sd * z) }
    }

    /// Probability of a value of at least `x`.
    ///
    /// # Panics
    /// Never: the standard normal exists.
    pub fn reaches(self, x: f64) -> f64 {
        if x <= 0.0 {
            return 1.0;
        }
        if self.log_sd == 0.0 {
            return f64::from(u8::from(self.median >= x));
        }
        let z = (libm::log(x) - libm::log(self.median)) / self.log_sd;
        1.0 - Normal::new(0.0, 1.0).expect("the standard normal").cdf(z)
    }

    /// Mean of `exp(−rate·x)`.
    pub fn mean_survival(self, rate: f64) -> f64 {
        // The trapezoidal rule converges faster than any power where the integrand vanishes at both ends.
        let h = 2.0 * EXTENT / STEPS as f64;
        let (mut sum, mut weight) = (0.0, 0.0);
        for k in 0..=STEPS {
            let z = -EXTENT + h * k as f64;
            let density = libm::exp(-0.5 * z * z);
            sum += density * libm::exp(-rate * self.at(z));
            weight += density;
        }
        sum / weight
    }
}

/// What a design does with patients who get less than the planned dose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Policy {
    /// They count at the level that they were assigned to.
    AssignedLevel,
    /// They count at the highest level that they reached; below the lowest they count for none.
    AchievedLevel,
    /// They count for no level and are replaced.
    Replace,
}

/// Therapy while waiting.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bridging {
    /// Share of patients who get it.
    pub share: f64,
    /// Rate of loss with it over that without.
    pub hazard_ratio: f64,
}

/// How the product is made, and who is lost before the infusion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Manufacturing {
    /// Share of screened patients who are not eligible.
    pub screen_failure: f64,
    /// Share of enrolled patients whose apheresis fails.
    pub apheresis_failure: f64,
    /// Share of products that cannot be released whatever their size.
    pub failure: f64,
    /// Cells that can be given, in the unit of the doses.
    pub harvest: LogNormal,
    /// Least dose that is given.
    pub least: f64,
    /// Share of the planned dose from which on a patient counts as given it.
    pub planned_from: f64,
    /// What is done with patients who get less.
    pub policy: Policy,
    /// Time from enrolment to infusion, d.
    pub vein_to_vein: LogNormal,
    /// Rate of loss while waiting, /d.
    pub attrition: f64,
    /// Therapy while waiting.
    pub bridging: Option<Bridging>,
    /// Whether patients who are not infused are replaced.
    pub replaces: bool,
    /// Least share of patients infused at the planned dose with which a level is feasible.
    pub feasible_from: f64,
}

/// What became of an enrolled patient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fate {
    /// Apheresis failed.
    NoApheresis,
    /// Lost while waiting: death, progression or withdrawal.
    Lost {
        /// Days after enrolment.
        after: f64,
    },
    /// No product could be released.
    NotMade {
        /// Days after enrolment.
        after: f64,
    },
    /// Infused.
    Infused {
        /// Days after enrolment.
        after: f64,
        /// Dose given.
        dose: f64,
        /// Cells that could have been given.
        harvest: f64,
    },
}

impl Fate {
    /// Days after enrolment when it is known.
    pub fn known_after(self) -> f64 {
        match self {
            Self::NoApheresis => 0.0,
            Self::Lost { after } | Self::NotMade { after } | Self::Infused { after, .. } => after,
        }
    }
}

/// What chance has in store for a patient between enrolment and infusion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chances {
    apheresis: f64,
    bridged: f64,
    /// Probability of staying as long as the time to loss: its logarithm is taken only where patients are lost.
    loss: f64,
    delay: f64,
    failure: f64,
    harvest: f64,
}

impl Chances {
    /// The next draws.
    pub fn new(draw: &mut Draw) -> Self {
        let (apheresis, bridged) = (draw.uniform(), draw.uniform());
        let (loss, failure) = (draw.uniform(), draw.uniform());
        let [delay, harvest] = draw.normal_pair();
        Self { apheresis, bridged, loss, delay, failure, harvest }
    }
}

/// Shares of enrolled patients who come so far, exactly.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    /// With a successful apheresis.
    pub apheresed: f64,
    /// Of these, not lost before the product would have been ready.
    pub waited: f64,
    /// Infused.
    pub infused: f64,
    /// Infused at the planned dose.
    pub planned: f64,
}

impl Manufacturing {
    /// Passes a process whose numbers can be.
    ///
    /// # Errors
    /// The first number that cannot be.
    pub fn check(self) -> Result<Self, DesignError> {
        let below_zero = -f64::MIN_POSITIVE;
        for (what, share) in [
            ("share of screen failures", self.screen_failure),
            ("share of failed aphereses", self.apheresis_failure),
            ("share of failed products", self.failure),
        ] {
            within(what, share, below_zero, 1.0)?;
        }
        within("share of the planned dose", self.planned_from, 0.0, 1.0 + f64::EPSILON)?;
        for (what, positive) in
            [("median yield", self.harvest.median), ("median vein-to-vein time", self.vein_to_vein.median)]
        {
            within(what, positive, 0.0, f64::INFINITY)?;
        }
        for (what, spread) in
            [("spread of the yield", self.harvest.log_sd), ("spread of the time", self.vein_to_vein.log_sd)]
        {
            within(what, spread, below_zero, 10.0)?;
        }
        within("least dose", self.least, below_zero, f64::INFINITY)?;
        within("rate of attrition", self.attrition, below_zero, f64::INFINITY)?;
        if let Some(bridging) = self.bridging {
            within("share of bridged patients", bridging.share, below_zero, 1.0 + f64::EPSILON)?;
            within("hazard ratio of bridging", bridging.hazard_ratio, below_zero, f64::INFINITY)?;
        }
        Ok(self)
    }

    /// What becomes of a patient who is to get `planned`.
    pub fn fate(&self, chances: Chances, planned: f64) -> Fate {
        if chances.apheresis < self.apheresis_failure {
            return Fate::NoApheresis;
        }
        let ratio = match self.bridging {
            Some(bridging) if chances.bridged < bridging.share => bridging.hazard_ratio,
            _ => 1.0,
        };
        let after = self.vein_to_vein.at(chances.delay);
        let rate = self.attrition * ratio;
        // Without a rate nobody is ever lost.
        if rate > 0.0 {
            let lost = -libm::log(chances.loss) / rate;
            if lost < after {
                return Fate::Lost { after: lost };
            }
        }
        let harvest = self.harvest.at(chances.harvest);
        if chances.failure < self.failure || harvest < self.least {
            return Fate::NotMade { after };
        }
        Fate::Infused { after, dose: harvest.min(planned), harvest }
    }

    /// Whether a dose counts as the planned one.
    pub fn is_planned(&self, dose: f64, planned: f64) -> bool {
        // A product of exactly that share must not fail by rounding.
        dose >= self.planned_from * planned * (1.0 - 1e-12)
    }

    /// Shares of enrolled patients who come so far at a planned dose.
    pub fn expected(&self, planned: f64) -> Expected {
        let apheresed = 1.0 - self.apheresis_failure;
        let (share, ratio) = self.bridging.map_or((0.0, 1.0), |b| (b.share, b.hazard_ratio));
        let survival = |rate: f64| self.vein_to_vein.mean_survival(rate);
        let stays = share * survival(self.attrition * ratio) + (1.0 - share) * survival(self.attrition);
        let waited = apheresed * stays;
        let made = waited * (1.0 - self.failure);
        Expected {
            apheresed,
            waited,
            infused: made * self.harvest.reaches(self.least),
            planned: made * self.harvest.reaches(self.least.max(self.planned_from * planned)),
        }
    }

    /// The level at which a patient counts who was assigned to `level` and got `dose`.
    pub fn counts_at(&self, doses: &[f64], level: usize, dose: f64) -> Option<usize> {
        if self.is_planned(dose, doses[level]) {
            return Some(level);
        }
        match self.policy {
            Policy::AssignedLevel => Some(level),
            Policy::AchievedLevel => (0..level).rev().find(|l| self.is_planned(dose, doses[*l])),
            Policy::Replace => None,
        }
    }
}
