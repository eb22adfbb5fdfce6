//! What a run used.

use serde::{Deserialize, Serialize};

use super::Parameter;

/// The source of a value that the study gives.
pub const THE_STUDY: &str = "the study";

/// One value that a run used, as its manifest lists it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UsedParameter {
    /// Where it is set in the study: `lesion.diameter`.
    pub path: String,
    /// The value, in `unit`.
    pub value: f64,
    /// Unit; `"1"` if there is none.
    pub unit: String,
    /// Whether the study sets it; otherwise it is a default.
    pub set_by_study: bool,
    /// Where the value comes from: [`THE_STUDY`], a citation, or `"assumed: …"`.
    pub source: String,
    /// What it is, in words.
    pub meaning: String,
}

/// Every value that a run used, in the order of first use; a path that is resolved again keeps its place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ledger {
    used: Vec<UsedParameter>,
}

impl Ledger {
    /// An empty ledger.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value given by the study at `path`, or else the parameter's default; it is recorded.
    ///
    /// A given value is in the parameter's unit. Its range is not checked here: [`Parameter::check`] is for the
    /// reader of the study, who can point at the line.
    pub fn resolve(&mut self, path: &str, given: Option<f64>, parameter: &'static Parameter) -> f64 {
        let value = given.unwrap_or(parameter.value);
        self.put(UsedParameter {
            path: path.to_owned(),
            value,
            unit: parameter.unit.to_owned(),
            set_by_study: given.is_some(),
            source: if given.is_some() { THE_STUDY.to_owned() } else { parameter.source.to_string() },
            meaning: parameter.meaning.to_owned(),
        });
        value
    }

    /// Records a value that is no default of the catalogue: given by the study alone ([`THE_STUDY`]), read from a data
    /// file, or derived; `source` says which.
    pub fn record(&mut self, path: &str, value: f64, unit: &str, source: &str, meaning: &str) {
        self.put(UsedParameter {
            path: path.to_owned(),
            value,
            unit: unit.to_owned(),
            set_by_study: source == THE_STUDY,
            source: source.to_owned(),
            meaning: meaning.to_owned(),
        });
    }

    /// Adds the values of another ledger; of paths that both have, the other's value counts.
    pub fn extend(&mut self, other: &Self) {
        other.used.iter().cloned().for_each(|entry| self.put(entry));
    }

    /// The values, in the order of first use.
    pub fn used(&self) -> &[UsedParameter] {
        &self.used
    }

    fn put(&mut self, entry: UsedParameter) {
        match self.used.iter_mut().find(|known| known.path == entry.path) {
            Some(known) => *known = entry,
            None => self.used.push(entry),
        }
    }
}
