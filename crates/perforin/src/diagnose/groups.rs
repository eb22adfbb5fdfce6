//! Groups of patients by their antigen, and how a stained section of theirs is read.

use perforin_core::catalogue::diagnostics as defaults;
use perforin_core::quantity::Fraction;
use perforin_core::study::diagnostics::{MarkerGroupSection, StainingSection};
use perforin_core::study::lesion::DensitySection;
use perforin_lesion::scenario::Notes;
use perforin_patient::diagnostics::ihc::{CutOff, Reader, Score};

use super::question::{clustering, share, whole};

/// Half the range over which patients of a group differ, in standard deviations, and points in it.
const EXTENT: f64 = 4.0;
const POINTS: u32 = 161;

/// How sections are stained and read.
#[derive(Clone, Copy, Debug)]
pub struct Staining {
    /// Densities at which staining turns 1+, 2+ and 3+.
    pub thresholds: [f64; 3],
    /// Level that a cell must reach.
    pub level: usize,
    /// Tumour cells read.
    pub cells: u32,
    /// How they are read.
    pub reader: Reader,
}

/// A group of patients.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Name in tables.
    pub name: String,
    /// Share of the patients.
    pub share: f64,
    /// Response rate, or its ratio to that of a scenario.
    pub response: f64,
    /// Hazard ratios of infused patients, progression-free and overall survival; those of the trial if none.
    pub hazard_ratios: [Option<f64>; 2],
    /// Hazards over those of the control's medians.
    pub prognosis: f64,
    median: f64,
    log_sd: f64,
    between: f64,
    negative: f64,
}

/// What a group says of response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A rate.
    Rate,
    /// The ratio to a scenario's rate.
    Ratio,
}

/// Reads how sections are stained and read; what is wrong is noted.
pub fn staining(section: &StainingSection, path: &str, notes: &mut Notes) -> Option<Staining> {
    let before = notes.problems.len();
    let at = |key: &str| format!("{path}.{key}");
    let thresholds = section.thresholds.map(|d| d.value());
    for (i, threshold) in thresholds.iter().enumerate() {
        let meaning = format!("Density at which staining turns {}+", i + 1);
        notes.given(&format!("{path}.thresholds.{i}"), *threshold, "/cell", &meaning);
    }
    if !(thresholds[0] > 0.0 && thresholds.windows(2).all(|w| w[0] < w[1])) {
        let help = "give three positive densities that increase: where 1+, 2+ and 3+ begin";
        notes.wrong(&at("thresholds"), "thresholds of staining that do not increase", help);
    }
    let level = whole(&at("level"), section.level.map(u32::from), &defaults::LEVEL, notes) as usize;
    let cells = whole(&at("cells"), section.cells, &defaults::CELLS_READ, notes);
    let correlation = match section.clustering {
        Some(given) => clustering(&at("clustering"), given, notes),
        None => notes.value(&at("clustering"), None, &defaults::READ_CLUSTERING),
    };
    if section.errors.is_some() && (section.reads_lower.is_some() || section.reads_higher.is_some()) {
        let help = "leave `reads_lower` and `reads_higher` out";
        notes.wrong(&at("errors"), "errors of reading are given twice", help);
    }
    if notes.problems.len() > before {
        return None;
    }
    let reader = if let Some(errors) = &section.errors {
        let errors = errors.map(|row| row.map(Fraction::value));
        for (i, row) in errors.iter().enumerate() {
            for (j, p) in row.iter().enumerate() {
                let meaning = format!("Probability that a cell of level {i} is taken for {j}");
                notes.given(&format!("{path}.errors.{i}.{j}"), *p, "1", &meaning);
            }
        }
        Reader::new(errors, cells, correlation).map_err(|error| {
            notes.wrong(&at("errors"), error.to_string(), "let every row add up to 100 %");
        })
    } else {
        let lower = share(&at("reads_lower"), section.reads_lower, &defaults::READS_LOWER, notes);
        let higher = share(&at("reads_higher"), section.reads_higher, &defaults::READS_HIGHER, notes);
        Reader::of_neighbours(lower, higher, cells, correlation)
            .map_err(|error| notes.wrong(path, error.to_string(), "make the errors smaller"))
    };
    Some(Staining { thresholds, level, cells, reader: reader.ok()? })
}

/// A cut-off as a share of the cells; one that cannot be is noted.
pub fn cut_off(path: &str, level: usize, given: Fraction, notes: &mut Notes) -> Option<CutOff> {
    let per_cent =
        100.0 * notes.given(path, given.value(), "1", "Share of cells at the level that is positive");
    CutOff::new(level, per_cent)
        .map_err(|error| notes.wrong(path, error.to_string(), "give a share above 0 % and up to 100 %"))
        .ok()
}

/// A log-normal density: median and standard deviation of the logarithm; anything else is noted.
pub fn log_normal(path: &str, section: &DensitySection, notes: &mut Notes) -> Option<(f64, f64)> {
    let (Some(median), None, None) = (section.median, section.mean, section.sd) else {
        let help = "write { median = \"60000 /cell\", log_sd = 0.9 }";
        notes.wrong(path, "a density is log-normal here", help);
        return None;
    };
    let log_sd = section.log_sd.unwrap_or(0.0);
    if median.value() <= 0.0 || !(0.0..=5.0).contains(&log_sd) {
        let message = format!("a median of {median} with a `log_sd` of {log_sd}");
        notes.wrong(path, message, "give a positive median and a log_sd of 0 to 5");
        return None;
    }
    notes.given(&format!("{path}.median"), median.value(), "/cell", "Median density");
    notes.given(&format!("{path}.log_sd"), log_sd, "1", "Standard deviation of its logarithm over cells");
    Some((median.value(), log_sd))
}

/// Reads groups of patients; what is wrong is noted.
pub fn groups(
    sections: &[MarkerGroupSection],
    path: &str,
    wanted: Wanted,
    notes: &mut Notes,
) -> Option<Vec<Group>> {
    let before = notes.problems.len();
    let mut groups: Vec<Group> = Vec::new();
    for (i, section) in sections.iter().enumerate() {
        let at = format!("{path}.{i}");
        if !crate::patient::fits_in_a_table(&section.name) || groups.iter().any(|g| g.name == section.name) {
            let message = format!("the name {:?} stands twice or cannot stand in a table", section.name);
            notes.wrong(&format!("{at}.name"), message, "use letters, digits, `_` and `-`");
        }
        groups.extend(group(section, &at, wanted, notes));
    }
    let sum: f64 = sections.iter().map(|s| s.share.value()).sum();
    if (sum - 1.0).abs() > 1e-6 {
        let message = format!("the groups hold {} % of the patients", crate::report::shown(100.0 * sum));
        notes.wrong(path, message, "let their shares add up to 100 %");
    }
    (notes.problems.len() == before).then_some(groups)
}

fn group(section: &MarkerGroupSection, at: &str, wanted: Wanted, notes: &mut Notes) -> Option<Group> {
    let share = notes.given(&format!("{at}.share"), section.share.value(), "1", "Share of the patients");
    let response = match (wanted, section.response, section.response_ratio) {
        (Wanted::Rate, Some(rate), None) => {
            notes.given(&format!("{at}.response"), rate.value(), "1", "Response rate of the group")
        }
        (Wanted::Ratio, None, Some(ratio)) if (0.0..=100.0).contains(&ratio) => {
            let meaning = "Response rate of the group over that of the scenario";
            notes.given(&format!("{at}.response_ratio"), ratio, "1", meaning)
        }
        (Wanted::Rate, ..) => {
            notes.wrong(at, "the group's response is not said", "write response = \"30 %\"");
            return None;
        }
        (Wanted::Ratio, ..) => {
            let help = "write response_ratio = 1.5, from 0 to 100: over the scenario's rate";
            notes.wrong(at, "the group's response is not said", help);
            return None;
        }
    };
    let (hazard_ratios, prognosis) = hazards(section, at, wanted, notes)?;
    let (median, log_sd) = log_normal(&format!("{at}.density"), &section.density, notes)?;
    let between = section.between.unwrap_or(0.0);
    let meaning = "Standard deviation of the logarithm of the median between patients";
    notes.given(&format!("{at}.between"), between, "1", meaning);
    if !(0.0..=5.0).contains(&between) {
        notes.wrong(&format!("{at}.between"), format!("patients differ by {between}"), "give 0 to 5");
        return None;
    }
    let negative = section.negative.map_or(0.0, Fraction::value);
    notes.given(&format!("{at}.negative"), negative, "1", "Share of antigen-negative tumour cells");
    let name = section.name.clone();
    Some(Group { name, share, response, hazard_ratios, prognosis, median, log_sd, between, negative })
}

/// Hazard ratios of a group, and its prognosis; what is wrong is noted.
fn hazards(
    section: &MarkerGroupSection,
    at: &str,
    wanted: Wanted,
    notes: &mut Notes,
) -> Option<([Option<f64>; 2], f64)> {
    let given = [
        ("hazard_ratio_pfs", section.hazard_ratio_pfs, "Hazard ratio of PFS in the group's infused patients"),
        ("hazard_ratio_os", section.hazard_ratio_os, "Hazard ratio of OS in the group's infused patients"),
        ("prognosis", section.prognosis, "Hazards of the group over those of the control's medians"),
    ];
    for (key, value, meaning) in given {
        let Some(value) = value else { continue };
        let path = format!("{at}.{key}");
        if wanted == Wanted::Rate {
            notes.wrong(&path, "only a trial has times to events", "leave it out");
            return None;
        }
        if !(value > 0.0 && value <= 100.0) {
            notes.wrong(
                &path,
                format!("a ratio of hazards of {value}"),
                "give a number above 0 and up to 100",
            );
            return None;
        }
        notes.given(&path, value, "1", meaning);
    }
    Some(([section.hazard_ratio_pfs, section.hazard_ratio_os], section.prognosis.unwrap_or(1.0)))
}

impl Group {
    /// Scores of the group's patients with their weights, which add up to 1: by quadrature over the patients' medians.
    pub fn scores(&self, thresholds: [f64; 3]) -> Vec<(Score, f64)> {
        // Everything was checked when it was read.
        let score = |median: f64| Score::of_lognormal(median, self.log_sd, self.negative, thresholds).ok();
        if self.between == 0.0 {
            return score(self.median).map(|score| (score, 1.0)).into_iter().collect();
        }
        let places: Vec<f64> =
            (0..POINTS).map(|k| EXTENT * (2.0 * f64::from(k) / f64::from(POINTS - 1) - 1.0)).collect();
        let weights: Vec<f64> = places.iter().map(|z| libm::exp(-0.5 * z * z)).collect();
        let sum: f64 = weights.iter().sum();
        let of = |(z, weight): (&f64, &f64)| {
            Some((score(self.median * libm::exp(self.between * z))?, weight / sum))
        };
        places.iter().zip(&weights).filter_map(of).collect()
    }
}
