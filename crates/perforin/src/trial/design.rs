//! The designs that a study can name: their rules with their parameters.

use perforin_core::catalogue::Parameter;
use perforin_core::catalogue::trial as defaults;
use perforin_core::quantity::Fraction;
use perforin_core::study::trial::{CurveWord, DesignWord, DoseFindingSection};
use perforin_lesion::scenario::Notes;
use perforin_trial::dose_finding::DesignError;
use perforin_trial::dose_finding::blrm::{Blrm, Choice, Prior};
use perforin_trial::dose_finding::boin::Boin;
use perforin_trial::dose_finding::boin12::Boin12;
use perforin_trial::dose_finding::crm::{Crm, Curve, skeleton};
use perforin_trial::dose_finding::interval::{IntervalDesign, Kind};
use perforin_trial::dose_finding::rule::Rule;
use perforin_trial::dose_finding::three_plus_three::ThreePlusThree;

/// Where the section stands.
const PATH: &str = "trial.dose_finding";

/// A design's name in full, with its source.
pub fn name(design: DesignWord) -> &'static str {
    match design {
        DesignWord::ThreePlusThree => "3+3 (Storer 1989, doi 10.2307/2531693)",
        DesignWord::ThreePlusThreeDeescalation => {
            "3+3 with de-escalation (Lin & Shih 2001, doi 10.1093/biostatistics/2.2.203)"
        }
        DesignWord::Boin => "BOIN (Liu & Yuan 2015, doi 10.1111/rssc.12089)",
        DesignWord::TiteBoin => "TITE-BOIN (Yuan 2018, doi 10.1158/1078-0432.CCR-18-0246)",
        DesignWord::Mtpi => "mTPI (Ji 2010, doi 10.1177/1740774510382799)",
        DesignWord::Mtpi2 => "mTPI-2 (Guo 2017, doi 10.1016/j.cct.2017.04.006)",
        DesignWord::Keyboard => "keyboard (Yan 2017, doi 10.1158/1078-0432.CCR-17-0220)",
        DesignWord::Crm => "CRM (O'Quigley 1990, doi 10.2307/2531628)",
        DesignWord::RollingSix => "rolling six (Skolnik 2008, doi 10.1200/JCO.2007.12.7712)",
        DesignWord::TiteCrm => "TITE-CRM (Cheung & Chappell 2000, doi 10.1111/j.0006-341X.2000.01177.x)",
        DesignWord::Blrm => "BLRM (Neuenschwander 2008, doi 10.1002/sim.3230)",
        DesignWord::Ewoc => {
            "EWOC (Babb 1998, Stat Med 17:1103; by the model of Neuenschwander 2008, doi 10.1002/sim.3230)"
        }
        DesignWord::Boin12 => "BOIN12 (Lin 2020, doi 10.1200/PO.20.00257)",
    }
}

/// Whether a design says itself how many are treated together, and at most six at a level: the 3+3 and the rolling six.
pub fn counts_itself(design: DesignWord) -> bool {
    use DesignWord::{RollingSix, ThreePlusThree, ThreePlusThreeDeescalation};
    matches!(design, ThreePlusThree | ThreePlusThreeDeescalation | RollingSix)
}

/// What a rule is made for.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// Dose levels.
    pub doses: &'a [f64],
    /// What they are counted in.
    pub unit: &'a str,
    /// Target rate.
    pub target: f64,
    /// Most patients who count.
    pub patients: u32,
}

/// The rule of a design; nothing if it cannot be, which is noted.
pub fn rule(section: &DoseFindingSection, setting: Setting, notes: &mut Notes) -> Option<Rule> {
    refuse_what_others_need(section, notes);
    match made(section, setting, notes) {
        Ok(rule) => Some(rule),
        Err((key, error)) => {
            notes.wrong(&format!("{PATH}.{key}"), error.to_string(), "correct it, or leave it out");
            None
        }
    }
}

fn made(section: &DoseFindingSection, setting: Setting, notes: &mut Notes) -> Made<Rule> {
    let Setting { target, patients: most, .. } = setting;
    match section.design {
        DesignWord::ThreePlusThree | DesignWord::ThreePlusThreeDeescalation => {
            let with_deescalation = section.design == DesignWord::ThreePlusThreeDeescalation;
            Ok(Rule::ThreePlusThree(ThreePlusThree { with_deescalation }))
        }
        DesignWord::Boin => {
            boin(section, target, notes).map(|boin| Rule::Table { table: boin.table(most), target })
        }
        DesignWord::TiteBoin => boin(section, target, notes).map(Rule::TiteBoin),
        DesignWord::Mtpi | DesignWord::Mtpi2 | DesignWord::Keyboard => {
            let kind = match section.design {
                DesignWord::Mtpi => Kind::Mtpi,
                DesignWord::Mtpi2 => Kind::Mtpi2,
                _ => Kind::Keyboard,
            };
            let margin =
                notes.value(defaults::MARGIN.name, section.margin.map(Fraction::value), &defaults::MARGIN);
            IntervalDesign::new(kind, target, margin)
                .map(|design| Rule::Table { table: design.table(most), target })
                .map_err(|error| ("margin", error))
        }
        DesignWord::Crm => crm(section, setting, notes).map(|crm| Rule::Crm { crm, target }),
        DesignWord::RollingSix => Ok(Rule::RollingSix),
        DesignWord::TiteCrm => crm(section, setting, notes).map(|crm| Rule::TiteCrm { crm, target }),
        DesignWord::Blrm | DesignWord::Ewoc => {
            let choice =
                if section.design == DesignWord::Ewoc { Choice::Highest } else { Choice::MostProbable };
            let blrm = blrm(section, setting, notes)?;
            Ok(Rule::Blrm { blrm: Box::new(blrm), choice })
        }
        DesignWord::Boin12 => boin12(section, target, notes).map(Rule::Boin12),
    }
}

type Made<T> = Result<T, (&'static str, DesignError)>;

fn boin(section: &DoseFindingSection, target: f64, notes: &mut Notes) -> Made<Boin> {
    let mut ratio = |given: Option<Fraction>, parameter: &'static Parameter| {
        notes.value(parameter.name, given.map(|rate| rate.value() / target), parameter) * target
    };
    let too_low = ratio(section.too_low, &defaults::TOO_LOW);
    let too_high = ratio(section.too_high, &defaults::TOO_HIGH);
    Boin::with(target, too_low, too_high)
        .map_err(|error| (if section.too_low.is_some() { "too_low" } else { "too_high" }, error))
}

fn crm(section: &DoseFindingSection, setting: Setting, notes: &mut Notes) -> Made<Crm> {
    let (target, levels) = (setting.target, setting.doses.len());
    let curve = match section.curve.unwrap_or_default() {
        CurveWord::Empiric => Curve::Empiric,
        CurveWord::Logistic => Curve::Logistic,
    };
    let variance = notes.value(defaults::VARIANCE.name, section.variance, &defaults::VARIANCE);
    let prior = if let Some(rates) = &section.skeleton {
        rates.iter().map(|rate| rate.value()).collect::<Vec<f64>>()
    } else {
        let given = section.half_width.map(Fraction::value);
        let half_width = notes.value(defaults::HALF_WIDTH.name, given, &defaults::HALF_WIDTH);
        skeleton(half_width, target, prior_level(section, levels, notes), levels)
            .map_err(|error| ("half_width", error))?
    };
    if prior.len() != levels {
        let (what, found) = ("rates in the skeleton", prior.len());
        return Err(("skeleton", DesignError::Lengths { what, found, doses: levels }));
    }
    for (i, rate) in prior.iter().enumerate() {
        let path = format!("{PATH}.skeleton.{i}");
        let source = if section.skeleton.is_some() {
            perforin_core::catalogue::THE_STUDY
        } else {
            "calibrated to the half width (Lee & Cheung 2009, doi 10.1177/1740774509105076)"
        };
        notes.ledger.record(&path, *rate, "1", source, "Prior guess of the toxicity rate at the level");
    }
    Crm::new(curve, target, &prior, variance).map_err(|error| ("skeleton", error))
}

/// The level that is thought to have the target rate, from 0.
fn prior_level(section: &DoseFindingSection, levels: usize, notes: &mut Notes) -> usize {
    let level = section.prior_level.unwrap_or(levels.div_ceil(2) as u32);
    if level == 0 || level as usize > levels {
        let message = format!("there is no level {level}; there are {levels}");
        notes.wrong(&format!("{PATH}.prior_level"), message, "count the levels from 1");
    }
    level.clamp(1, levels.max(1) as u32) as usize - 1
}

fn blrm(section: &DoseFindingSection, setting: Setting, notes: &mut Notes) -> Made<Blrm> {
    let Setting { doses, target, .. } = setting;
    let interval = if section.design == DesignWord::Ewoc {
        // Only the upper end limits the dose; the lower one parts what is below it.
        [0.5 * target, target]
    } else {
        let given = |end: usize| section.target_interval.map(|ends| ends[end].value());
        let mut end = |k, parameter: &'static Parameter| notes.value(parameter.name, given(k), parameter);
        let [low, high] = [end(0, &defaults::INTERVAL_LOW), end(1, &defaults::INTERVAL_HIGH)];
        if !(low..=high).contains(&target) {
            let message = format!("the target of {target} does not lie from {low} to {high}");
            notes.wrong(&format!("{PATH}.target_interval"), message, "give an interval around the target");
        }
        [low, high]
    };
    let given = section.feasibility.map(Fraction::value);
    let feasibility = notes.value(defaults::FEASIBILITY.name, given, &defaults::FEASIBILITY);
    let reference = reference(section, setting, notes);
    let prior = prior(section, target, notes);
    Blrm::new(doses, reference, prior, interval, feasibility).map_err(|error| ("prior", error))
}

/// The reference dose.
fn reference(section: &DoseFindingSection, setting: Setting, notes: &mut Notes) -> f64 {
    let path = format!("{PATH}.prior.reference");
    let meaning = "BLRM, EWOC: dose at which ln α is the logit of the toxicity rate";
    let level = prior_level(section, setting.doses.len(), notes);
    let Some(given) = section.prior.as_ref().and_then(|prior| prior.reference) else {
        let dose = setting.doses[level];
        let source = "assumed: the level that is thought to have the target rate";
        notes.ledger.record(&path, dose, setting.unit, source, meaning);
        return dose;
    };
    if given.unit() != setting.unit {
        let message = format!("{given} is not in {}, the unit of the dose levels", setting.unit);
        notes.wrong(&path, message, "write it in that unit");
    }
    notes.given(&path, given.value(), setting.unit, meaning)
}

fn prior(section: &DoseFindingSection, target: f64, notes: &mut Notes) -> Prior {
    let given = section.prior.clone().unwrap_or_default();
    let path = format!("{PATH}.prior.intercept_mean");
    let (mean, source) = match given.intercept_mean {
        Some(mean) => (mean, perforin_core::catalogue::THE_STUDY),
        None => (libm::log(target / (1.0 - target)), "assumed: the logit of the target"),
    };
    notes.ledger.record(&path, mean, "1", source, "BLRM, EWOC: mean of the prior of ln α");
    let mut of = |given, parameter: &'static Parameter| notes.value(parameter.name, given, parameter);
    Prior {
        mean: [mean, of(given.slope_mean, &defaults::SLOPE_MEAN)],
        sd: [of(given.intercept_sd, &defaults::INTERCEPT_SD), of(given.slope_sd, &defaults::SLOPE_SD)],
        correlation: of(given.correlation, &defaults::CORRELATION),
    }
}

fn boin12(section: &DoseFindingSection, target: f64, notes: &mut Notes) -> Made<Boin12> {
    let utilities = section.utilities.clone().unwrap_or_default();
    let mut of = |given, parameter: &'static Parameter| notes.value(parameter.name, given, parameter);
    let least = of(section.least_response.map(Fraction::value), &defaults::LEAST_RESPONSE);
    let neither = of(utilities.neither, &defaults::UTILITY_NEITHER);
    let both = of(utilities.both, &defaults::UTILITY_BOTH);
    Boin12::new(target, least, [100.0, neither, both, 0.0]).map_err(|error| ("utilities", error))
}

/// A value that the design does not use would be believed to act.
fn refuse_what_others_need(section: &DoseFindingSection, notes: &mut Notes) {
    use DesignWord::{Blrm, Boin, Boin12, Crm, Ewoc, Keyboard, Mtpi, Mtpi2, TiteBoin, TiteCrm};
    let design = section.design;
    let intervals = matches!(design, Mtpi | Mtpi2 | Keyboard);
    let crm = matches!(design, Crm | TiteCrm);
    let logistic = matches!(design, Blrm | Ewoc);
    let calibrated = crm && section.skeleton.is_none();
    for (key, is_given, is_used) in [
        ("too_low", section.too_low.is_some(), matches!(design, Boin | TiteBoin)),
        ("too_high", section.too_high.is_some(), matches!(design, Boin | TiteBoin)),
        ("margin", section.margin.is_some(), intervals),
        ("curve", section.curve.is_some(), crm),
        ("skeleton", section.skeleton.is_some(), crm),
        ("half_width", section.half_width.is_some(), calibrated),
        ("prior_level", section.prior_level.is_some(), calibrated || logistic),
        ("variance", section.variance.is_some(), crm),
        ("target_interval", section.target_interval.is_some(), design == Blrm),
        ("feasibility", section.feasibility.is_some(), logistic),
        ("prior", section.prior.is_some(), logistic),
        ("least_response", section.least_response.is_some(), design == Boin12),
        ("utilities", section.utilities.is_some(), design == Boin12),
        ("cohort", section.cohort.is_some_and(|n| n != 3), !counts_itself(design)),
    ] {
        if is_given && !is_used {
            notes.wrong(&format!("{PATH}.{key}"), "this design does not use it", "leave it out");
        }
    }
}
