//! What a test and its cut-off do to a trial: who is enrolled, how many are screened, who responds, who is called wrongly.

use super::ihc::{CutOff, Reader, Score};
use super::{DiagnosticsError, not_negative, open_share, share};

/// A test with two results.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Test {
    /// Share of patients who carry the marker.
    pub prevalence: f64,
    /// Probability that a carrier tests positive.
    pub sensitivity: f64,
    /// Probability that another patient tests negative.
    pub specificity: f64,
}

impl Test {
    /// A test.
    ///
    /// # Errors
    /// If a number is no share.
    pub fn new(prevalence: f64, sensitivity: f64, specificity: f64) -> Result<Self, DiagnosticsError> {
        share("the prevalence", prevalence)?;
        share("the sensitivity", sensitivity)?;
        share("the specificity", specificity)?;
        Ok(Self { prevalence, sensitivity, specificity })
    }

    /// Share of patients who test positive.
    pub fn positive(self) -> f64 {
        self.prevalence * self.sensitivity + (1.0 - self.prevalence) * (1.0 - self.specificity)
    }

    /// Share of carriers among those who test positive; none if nobody does.
    pub fn positive_predictive_value(self) -> Option<f64> {
        let positive = self.positive();
        (positive > 0.0).then(|| self.prevalence * self.sensitivity / positive)
    }

    /// Share of others among those who test negative; none if nobody does.
    pub fn negative_predictive_value(self) -> Option<f64> {
        let negative = 1.0 - self.positive();
        (negative > 0.0).then(|| (1.0 - self.prevalence) * self.specificity / negative)
    }

    /// Patients screened for one who tests positive; none if nobody does.
    pub fn screened_per_enrolled(self) -> Option<f64> {
        let positive = self.positive();
        (positive > 0.0).then(|| 1.0 / positive)
    }

    /// How many times as many patients a randomised trial needs that enrols everybody as one that enrols those who test
    /// positive, where the treatment's effect on others is `relative_effect` of that on carriers (Maitournam & Simon
    /// 2005, doi 10.1002/sim.1975).
    ///
    /// # Errors
    /// If the relative effect is negative, or the trial in everybody would see no effect at all.
    pub fn randomised_ratio(self, relative_effect: f64) -> Result<f64, DiagnosticsError> {
        not_negative("the relative effect", relative_effect)?;
        let mean = |carriers: f64| carriers + (1.0 - carriers) * relative_effect;
        let everybody = mean(self.prevalence);
        super::positive("the mean effect in everybody", everybody)?;
        let ratio = mean(self.positive_predictive_value().unwrap_or(0.0)) / everybody;
        Ok(ratio * ratio)
    }

    /// The same ratio for patients screened.
    ///
    /// # Errors
    /// As [`Self::randomised_ratio`].
    pub fn screened_ratio(self, relative_effect: f64) -> Result<f64, DiagnosticsError> {
        Ok(self.randomised_ratio(relative_effect)? * self.positive())
    }
}

/// A patient who may be enrolled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// True score of the sample.
    pub score: Score,
    /// Probability of response to the product.
    pub response: f64,
    /// Weight in the population.
    pub weight: f64,
}

/// What a cut-off comes to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Selected {
    /// Share of patients whose true score meets the cut-off, and how well it is recognised; none where all or no patients
    /// meet it, for the quantity that cannot be computed then.
    pub prevalence: f64,
    /// Probability that a patient who meets it is called positive.
    pub sensitivity: Option<f64>,
    /// Probability that one who does not is called negative.
    pub specificity: Option<f64>,
    /// Share of those who meet it among those called positive.
    pub positive_predictive_value: Option<f64>,
    /// Share of patients called positive.
    pub positive: f64,
    /// Patients screened for one who is called positive.
    pub screened_per_enrolled: Option<f64>,
    /// Response rate of those called positive.
    pub response: Option<f64>,
    /// Response rate that those called negative would have had.
    pub response_of_excluded: Option<f64>,
    /// Share of those who would respond that the cut-off excludes.
    pub responders_excluded: Option<f64>,
}

/// What a cut-off comes to in a population.
///
/// # Errors
/// Without candidates, or if a response is no probability or a weight negative, or all weights are 0.
pub fn select(
    candidates: &[Candidate],
    cut_off: CutOff,
    reader: &Reader,
) -> Result<Selected, DiagnosticsError> {
    let mut total = 0.0;
    let mut met = 0.0;
    let mut positive = 0.0;
    let mut both = 0.0;
    let mut responders = 0.0;
    let mut responders_in = 0.0;
    for Candidate { score, response, weight } in candidates {
        share("a probability of response", *response)?;
        not_negative("a weight", *weight)?;
        let called = weight * reader.calls(*score, cut_off);
        total += weight;
        positive += called;
        if cut_off.met(*score) {
            met += weight;
            both += called;
        }
        responders += weight * response;
        responders_in += called * response;
    }
    super::positive("the sum of weights", total)?;
    let ratio = |above: f64, below: f64| (below > 1e-12 * total).then(|| (above / below).clamp(0.0, 1.0));
    Ok(Selected {
        prevalence: met / total,
        sensitivity: ratio(both, met),
        specificity: ratio(total - met - (positive - both), total - met),
        positive_predictive_value: ratio(both, positive),
        positive: positive / total,
        screened_per_enrolled: (positive > 0.0).then(|| total / positive),
        response: ratio(responders_in, positive),
        response_of_excluded: ratio(responders - responders_in, total - positive),
        responders_excluded: ratio(responders - responders_in, responders),
    })
}

/// The smallest prevalence at which a positive result is right with probability `wanted`.
///
/// # Errors
/// If a number does not lie between 0 and 1, or the test cannot tell.
pub fn prevalence_needed(sensitivity: f64, specificity: f64, wanted: f64) -> Result<f64, DiagnosticsError> {
    open_share("the predictive value", wanted)?;
    share("the specificity", specificity)?;
    super::positive("the sensitivity", share("the sensitivity", sensitivity)?)?;
    let odds = wanted / (1.0 - wanted) * (1.0 - specificity) / sensitivity;
    Ok(odds / (1.0 + odds))
}
