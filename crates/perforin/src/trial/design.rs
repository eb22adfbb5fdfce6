//! The designs that a study can name: their rules with their parameters.

use perforin_core::catalogue::Parameter;
use perforin_core::catalogue::trial as defaults;
use perforin_core::quantity::Fraction;
use perforin_core::study::trial::{CurveWord, DesignWord, DoseFindingSection};
use perforin_lesion::scenario::Notes;
use perforin_trial::dose_finding::DesignError;
use perforin_trial::dose_finding::boin::Boin;
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
    }
}

/// Whether a design is one of the two 3+3.
pub fn is_three_plus_three(design: DesignWord) -> bool {
    matches!(design, DesignWord::ThreePlusThree | DesignWord::ThreePlusThreeDeescalation)
}

/// The rule of a design for so many levels, of which at most `most` patients count; nothing if it cannot be, which is
/// noted.
pub fn rule(
    section: &DoseFindingSection,
    target: f64,
    (levels, most): (usize, u32),
    notes: &mut Notes,
) -> Option<Rule> {
    refuse_what_others_need(section, notes);
    let made = match section.design {
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
        DesignWord::Crm => crm(section, target, levels, notes).map(|crm| Rule::Crm { crm, target }),
    };
    match made {
        Ok(rule) => Some(rule),
        Err((key, error)) => {
            notes.wrong(&format!("{PATH}.{key}"), error.to_string(), "correct it, or leave it out");
            None
        }
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

fn crm(section: &DoseFindingSection, target: f64, levels: usize, notes: &mut Notes) -> Made<Crm> {
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
        let middle = levels.div_ceil(2) as u32;
        let level = section.prior_level.unwrap_or(middle);
        if level == 0 || level as usize > levels {
            let message = format!("there is no level {level}; there are {levels}");
            notes.wrong(&format!("{PATH}.prior_level"), message, "count the levels from 1");
        }
        skeleton(half_width, target, level.clamp(1, levels.max(1) as u32) as usize - 1, levels)
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

/// A value that the design does not use would be believed to act.
fn refuse_what_others_need(section: &DoseFindingSection, notes: &mut Notes) {
    use DesignWord::{Boin, Crm, Keyboard, Mtpi, Mtpi2, TiteBoin};
    let design = section.design;
    let intervals = matches!(design, Mtpi | Mtpi2 | Keyboard);
    for (key, is_given, is_used) in [
        ("too_low", section.too_low.is_some(), matches!(design, Boin | TiteBoin)),
        ("too_high", section.too_high.is_some(), matches!(design, Boin | TiteBoin)),
        ("margin", section.margin.is_some(), intervals),
        ("curve", section.curve.is_some(), design == Crm),
        ("skeleton", section.skeleton.is_some(), design == Crm),
        ("half_width", section.half_width.is_some(), design == Crm && section.skeleton.is_none()),
        ("prior_level", section.prior_level.is_some(), design == Crm && section.skeleton.is_none()),
        ("variance", section.variance.is_some(), design == Crm),
        ("cohort", section.cohort.is_some_and(|n| n != 3), !is_three_plus_three(design)),
    ] {
        if is_given && !is_used {
            notes.wrong(&format!("{PATH}.{key}"), "this design does not use it", "leave it out");
        }
    }
}
