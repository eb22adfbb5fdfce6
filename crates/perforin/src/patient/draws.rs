//! `[population]`: what varies between patients.

use std::sync::Arc;

use perforin_core::catalogue::{Parameter, THE_STUDY};
use perforin_core::diagnostics::nearest;
use perforin_core::rng::{Purpose, Stream};
use perforin_core::study::population::{CovariateSection, SamplingWord, VariationSection};
use perforin_core::study::{PatientSection, PopulationSection, StudyValue};
use perforin_lesion::scenario::Notes;
use perforin_patient::population::draw::{
    Class, Correlation, Covariate, Distribution, Draw, DrawError, Population, Sampling, Varying,
};
use perforin_patient::regimen::Body;

use super::own::Own;
use super::parameters::{key, value_in};

/// What all lesions of a patient have more or less of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LesionFactor {
    /// Diameter.
    Diameter,
    /// Share of antigen-negative cells.
    Negative,
    /// Access.
    Access,
    /// Doubling time.
    DoublingTime,
}

/// How far from its typical value a search may move what has no range, in standard deviations of its logarithm.
const SEARCHED: f64 = 4.0;

/// Names of these factors.
const FACTORS: [(&str, LesionFactor); 4] = [
    ("lesion.diameter", LesionFactor::Diameter),
    ("lesion.antigen_negative", LesionFactor::Negative),
    ("lesion.access", LesionFactor::Access),
    ("lesion.doubling_time", LesionFactor::DoublingTime),
];

/// Plausible range of a factor where the study gives none.
const FACTOR_RANGE: (f64, f64) = (1e-3, 1e3);

/// Covariates with their units and accepted ranges.
const COVARIATES: [(&str, &str, (f64, f64)); 3] =
    [("age", "yr", (0.0, 120.0)), ("height", "cm", (30.0, 250.0)), ("weight", "kg", (1.0, 300.0))];

/// What a value that varies belongs to.
#[derive(Clone, Copy, Debug)]
enum Varied {
    Parameter(&'static Parameter),
    Lesion(LesionFactor),
}

/// A patient that was drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// Parameters by their names in the catalogue.
    pub parameters: Vec<(&'static str, f64)>,
    factors: Vec<(LesionFactor, f64)>,
    covariates: Vec<(&'static str, f64)>,
    /// Class of the mixture.
    pub class: usize,
    /// Susceptibility to toxicity.
    pub susceptibility: f64,
    /// Share of patients with the same course who die after it does, 0 to 1.
    pub survival: f64,
    /// The number that births and deaths of few cells depend on, where it is not the patient's own.
    pub candidate: Option<u64>,
    /// Values in the order of [`Variation::columns`].
    pub values: Vec<f64>,
}

impl Drawn {
    /// The typical patient.
    pub fn typical() -> Self {
        Self {
            parameters: Vec::new(),
            factors: Vec::new(),
            covariates: Vec::new(),
            class: 0,
            susceptibility: 0.5,
            survival: 0.5,
            candidate: None,
            values: Vec::new(),
        }
    }

    /// A parameter of the patient, where `typical` has the others.
    pub fn value(&self, typical: &Own, parameter: &'static Parameter) -> f64 {
        let own = self.parameters.iter().find(|(name, _)| *name == parameter.name);
        own.map_or_else(|| typical.value(parameter), |(_, value)| *value)
    }

    /// A factor of all lesions.
    pub fn factor(&self, of: LesionFactor) -> f64 {
        self.factors.iter().find(|(factor, _)| *factor == of).map_or(1.0, |(_, value)| *value)
    }

    /// The patient's body, where `typical` is that of the study.
    pub fn body(&self, typical: &Body) -> Body {
        let own = |name: &str| self.covariates.iter().find(|(known, _)| *known == name).map(|(_, v)| *v);
        Body {
            weight: own("weight").unwrap_or(typical.weight),
            height: own("height").unwrap_or(typical.height),
        }
    }
}

/// Gives a parameter its value in the typical patient.
pub type Typical<'a> = &'a dyn Fn(&Parameter) -> f64;

/// What varies between patients, ready to be drawn.
#[derive(Clone, Debug)]
pub struct Variation {
    population: Population,
    survival: Stream,
    varied: Vec<Varied>,
    covariates: Vec<&'static str>,
    /// Names of what varies and of the covariates, with their units.
    pub columns: Vec<(String, String)>,
    /// Names of the classes.
    pub classes: Vec<String>,
    /// Whether some values are correlated.
    pub is_correlated: bool,
    /// Patients that a search has chosen; those that are drawn without one.
    chosen: Option<Arc<Vec<Candidate>>>,
}

/// A candidate of a search.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Its number among the candidates.
    pub number: u64,
    /// What was drawn for it, and moved.
    pub draw: Draw,
}

impl Variation {
    /// Reads a population whose model has the parameters `table`, of which `typical` gives the values; factors of lesions
    /// are known only if `has_lesions`. Nothing if something is wrong, which is noted.
    pub fn read(
        section: &PopulationSection,
        patient: &PatientSection,
        seed: u64,
        (table, typical): (&[&'static Parameter], Typical<'_>),
        has_lesions: bool,
        notes: &mut Notes,
    ) -> Option<Self> {
        let before = notes.problems.len();
        let (mut varied, mut varying, mut columns) = (Vec::new(), Vec::new(), Vec::new());
        for (name, variation) in &section.vary {
            let path = format!("population.vary.{name}");
            let Some((what, value, unit, accepted)) = known(name, table, typical, has_lesions, &path, notes)
            else {
                continue;
            };
            varying.push(one_varying(name, variation, (value, unit, accepted), &path, notes));
            varied.push(what);
            columns.push((name.replace('.', "_"), unit.to_owned()));
        }
        let (mut known_covariates, mut covariates) = (Vec::new(), Vec::new());
        for (name, unit, covariate) in read_covariates(section, patient, notes) {
            columns.push((name.to_owned(), unit.to_owned()));
            known_covariates.push(name);
            covariates.push(covariate);
        }
        if notes.problems.len() > before {
            return None;
        }
        record(section, notes);
        match Population::new(distribution(section, varying, covariates, seed)) {
            Ok(population) => Some(Self {
                population,
                survival: Stream::new(seed, Purpose::Survival),
                varied,
                covariates: known_covariates,
                columns,
                classes: section.class.keys().cloned().collect(),
                is_correlated: !section.correlation.is_empty(),
                chosen: None,
            }),
            Err(error) => {
                notes.wrong(&place_of(&error), error.to_string(), "correct the population");
                None
            }
        }
    }

    /// Patient `number`.
    ///
    /// # Errors
    /// If no draw is plausible.
    pub fn draw(&self, number: u64) -> Result<Drawn, DrawError> {
        match self.chosen.as_ref().and_then(|chosen| chosen.get(number as usize)) {
            Some(chosen) => Ok(self.candidate(chosen)),
            None => Ok(self.candidate(&self.candidate_of(number)?)),
        }
    }

    /// Candidate `number` as it is drawn.
    ///
    /// # Errors
    /// If no draw is plausible.
    pub fn candidate_of(&self, number: u64) -> Result<Candidate, DrawError> {
        Ok(Candidate { number, draw: self.population.draw(number)? })
    }

    /// The patient that a candidate is.
    pub fn candidate(&self, candidate: &Candidate) -> Drawn {
        let survival = self.survival.at(candidate.number, 0).uniform();
        Drawn { survival, candidate: Some(candidate.number), ..self.named(candidate.draw.clone()) }
    }

    /// Takes these patients instead of those that are drawn.
    pub fn choose(&mut self, chosen: Vec<Candidate>) {
        self.chosen = Some(Arc::new(chosen));
    }

    /// Between which ends a search may move what varies, in the order of the columns: its range, and where an end of that is no
    /// positive number, four standard deviations from its typical value.
    pub fn ranges(&self) -> Vec<(f64, f64)> {
        let ends = |varying: &Varying| {
            let (low, high) = varying.range;
            let reach = libm::exp(SEARCHED * varying.log_sd);
            (
                if low > 0.0 { low } else { varying.typical / reach },
                if high.is_finite() { high } else { varying.typical * reach },
            )
        };
        self.population.varying().iter().map(ends).collect()
    }

    /// The patient at given quantiles of the covariates, then of what varies.
    pub fn at(&self, quantiles: &[f64]) -> Drawn {
        self.named(self.population.at(quantiles))
    }

    /// Names of the inputs of [`at`](Self::at), in its order.
    pub fn inputs(&self) -> Vec<String> {
        let (varied, covariates) = self.columns.split_at(self.varied.len());
        covariates.iter().chain(varied).map(|(name, _)| name.clone()).collect()
    }

    fn named(&self, draw: Draw) -> Drawn {
        let mut drawn = Drawn { class: draw.class, susceptibility: draw.susceptibility, ..Drawn::typical() };
        for (what, value) in self.varied.iter().zip(&draw.values) {
            match what {
                Varied::Parameter(parameter) => drawn.parameters.push((parameter.name, *value)),
                Varied::Lesion(factor) => drawn.factors.push((*factor, *value)),
            }
        }
        drawn.covariates = self.covariates.iter().copied().zip(draw.covariates.iter().copied()).collect();
        drawn.values = draw.values.into_iter().chain(draw.covariates).collect();
        drawn
    }
}

/// What a name stands for: its typical value, unit and accepted range.
fn known<'t>(
    name: &str,
    table: &[&'static Parameter],
    typical: Typical<'_>,
    has_lesions: bool,
    path: &str,
    notes: &mut Notes,
) -> Option<(Varied, f64, &'t str, (f64, f64))> {
    if let Some(parameter) = table.iter().find(|p| key(p) == name) {
        return Some((Varied::Parameter(parameter), typical(parameter), parameter.unit, parameter.range));
    }
    let factors = if has_lesions { &FACTORS[..] } else { &[] };
    if let Some((_, factor)) = factors.iter().find(|(known, _)| *known == name) {
        return Some((Varied::Lesion(*factor), 1.0, "1", FACTOR_RANGE));
    }
    let mut names: Vec<String> = table.iter().map(|p| key(p)).collect();
    names.extend(factors.iter().map(|(known, _)| (*known).to_owned()));
    let help = match nearest(name, names.iter().map(String::as_str)) {
        Some(right) => format!("did you mean `{right}`?"),
        None => format!("what can vary: {}", names.join(", ")),
    };
    notes.wrong(path, format!("the model has no `{name}` that could vary"), help);
    None
}

fn range(
    given: Option<&[StudyValue; 2]>,
    unit: &str,
    accepted: (f64, f64),
    path: &str,
    notes: &mut Notes,
) -> (f64, f64) {
    let Some([low, high]) = given else { return accepted };
    let path = format!("{path}.range");
    match (value_in(low, unit), value_in(high, unit)) {
        (Ok(low), Ok(high)) if low < high && low >= accepted.0 && high <= accepted.1 => {
            notes.given(&format!("{path}.lowest"), low, unit, "Lowest plausible value");
            notes.given(&format!("{path}.highest"), high, unit, "Highest plausible value");
            (low, high)
        }
        (Ok(low), Ok(high)) => {
            let message = format!("{low} to {high} is no range within {} to {}", accepted.0, accepted.1);
            notes.wrong(&path, message, "give the lowest value first");
            accepted
        }
        (low, high) => {
            let message = [low.err(), high.err()].into_iter().flatten().collect::<Vec<_>>().join("; ");
            notes.wrong(&path, message, "give both ends with their unit");
            accepted
        }
    }
}

fn one_varying(
    name: &str,
    section: &VariationSection,
    (typical, unit, accepted): (f64, &str, (f64, f64)),
    path: &str,
    notes: &mut Notes,
) -> Varying {
    let range = range(section.range.as_ref(), unit, accepted, path, notes);
    let meaning = "Standard deviation of the logarithm";
    notes.given(&format!("{path}.log_sd"), section.log_sd, "1", meaning);
    Varying { name: name.to_owned(), typical, log_sd: section.log_sd, range }
}

fn distribution(
    section: &PopulationSection,
    varying: Vec<Varying>,
    covariates: Vec<Covariate>,
    seed: u64,
) -> Distribution {
    Distribution {
        varying,
        correlations: section.correlation.iter().map(correlation).collect(),
        classes: section.class.values().map(class).collect(),
        covariates,
        sampling: match section.sampling {
            SamplingWord::Random => Sampling::Random,
            SamplingWord::Sobol => Sampling::Sobol,
        },
        seed,
    }
}

fn read_covariates(
    section: &PopulationSection,
    patient: &PatientSection,
    notes: &mut Notes,
) -> Vec<(&'static str, &'static str, Covariate)> {
    let read = |(name, covariate): (&String, _)| read_covariate(name, covariate, patient, notes);
    section.covariate.iter().filter_map(read).collect()
}

fn read_covariate(
    name: &str,
    section: &CovariateSection,
    patient: &PatientSection,
    notes: &mut Notes,
) -> Option<(&'static str, &'static str, Covariate)> {
    let path = format!("population.covariate.{name}");
    let Some((name, unit, accepted)) = COVARIATES.iter().find(|(known, ..)| *known == name) else {
        notes.wrong(&path, format!("`{name}` is no covariate"), "there are `age`, `height` and `weight`");
        return None;
    };
    let median = match *name {
        "age" => patient.age.map(|age| age.value()),
        "height" => patient.height.map(|height| height.value() * 1e-4),
        _ => patient.weight.map(|weight| weight.value()),
    };
    let Some(median) = median else {
        let help = format!("add {name} to [patient]");
        notes.wrong(&path, format!("the patient has no {name} about which it could vary"), help);
        return None;
    };
    let range = range(section.range.as_ref(), unit, *accepted, &path, notes);
    if !(range.0..=range.1).contains(&median) {
        let message =
            format!("the {name} of the patient, {median} {unit}, is outside of {} to {}", range.0, range.1);
        notes.wrong(&path, message, "correct one of them");
    }
    notes.given(&format!("{path}.log_sd"), section.log_sd, "1", "Standard deviation of the logarithm");
    let powers = section.power.iter().map(|(name, power)| (name.clone(), *power)).collect();
    Some((name, unit, Covariate { name: (*name).into(), median, log_sd: section.log_sd, range, powers }))
}

fn correlation(section: &perforin_core::study::population::CorrelationSection) -> Correlation {
    let [a, b] = section.between.clone();
    Correlation { between: (a, b), coefficient: section.coefficient }
}

fn class(section: &perforin_core::study::population::ClassSection) -> Class {
    let factors = section.factor.iter().map(|(name, factor)| (name.clone(), *factor)).collect();
    Class { share: section.share.value(), factors }
}

/// Puts classes, correlations and powers into the ledger.
fn record(section: &PopulationSection, notes: &mut Notes) {
    let mut put = |path: String, value: f64, meaning: &str| {
        notes.ledger.record(&format!("population.{path}"), value, "1", THE_STUDY, meaning);
    };
    for (i, correlation) in section.correlation.iter().enumerate() {
        let meaning = format!("Correlation of {} and {}", correlation.between[0], correlation.between[1]);
        put(format!("correlation.{i}.coefficient"), correlation.coefficient, &meaning);
    }
    for (name, class) in &section.class {
        put(format!("class.{name}.share"), class.share.value(), "Share of patients in the class");
        for (parameter, factor) in &class.factor {
            let meaning = "Typical value in the class over that of the patient";
            put(format!("class.{name}.factor.{parameter}"), *factor, meaning);
        }
    }
    for (name, covariate) in &section.covariate {
        for (parameter, power) in &covariate.power {
            put(
                format!("covariate.{name}.power.{parameter}"),
                *power,
                "Power of the covariate over its median",
            );
        }
    }
}

/// Where in the study an error of drawing belongs.
fn place_of(error: &DrawError) -> String {
    match error {
        DrawError::Value { name, what, .. }
            if what.starts_with("the standard") || what.starts_with("the typical") =>
        {
            format!("population.vary.{name}")
        }
        DrawError::Value { what: "a correlation", .. } | DrawError::Contradiction { .. } => {
            "population.correlation".into()
        }
        DrawError::Value { .. } | DrawError::Unknown { place: "a class", .. } => "population.class".into(),
        DrawError::Unknown { place: "a correlation", .. } => "population.correlation".into(),
        DrawError::Unknown { .. } => "population.covariate".into(),
        _ => "population".into(),
    }
}
