//! What a sweep varies: a path of the study and its values or its range.

use perforin_core::study::{StudyValue, VarySection};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::table::number;

/// One varied value of a study.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Axis {
    /// Dotted path in the study.
    pub path: String,
    /// What it takes.
    pub extent: Extent,
}

/// What a varied value takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Extent {
    /// Each of these values.
    List(Vec<StudyValue>),
    /// Any value between two ends.
    Range(Range),
}

/// A range of numbers in one unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Range {
    /// Lower end.
    pub from: f64,
    /// Upper end.
    pub to: f64,
    /// Text of the unit; empty for a bare number.
    pub unit: String,
    /// Whether the values are whole numbers.
    pub whole: bool,
    /// Whether samples are spread on a logarithmic scale.
    pub log: bool,
}

impl Axis {
    /// Reads `PATH=V1,V2,…`, or `PATH=LOW..HIGH` with `:log` at the end for a logarithmic scale.
    ///
    /// # Errors
    /// If there is no `=`, no value, or no proper range.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let example = "write PATH=V1,V2 or PATH=LOW..HIGH, such as \"product.receptor.HER2.kd=1 nM,10 nM\"";
        let refuse = || Failure::input(format!("cannot read `--vary \"{text}\"`")).help(example);
        let (path, values) = text.split_once('=').ok_or_else(refuse)?;
        let (path, values) = (path.trim(), values.trim());
        if path.is_empty() || values.split(',').any(|value| value.trim().is_empty()) {
            return Err(refuse());
        }
        let extent = if let Some((from, to)) = values.split_once("..") {
            let (to, log) = to.strip_suffix(":log").map_or((to, false), |to| (to, true));
            Extent::Range(Range::new(path, &value_of(from), &value_of(to), log)?)
        } else {
            Extent::List(values.split(',').map(value_of).collect())
        };
        Ok(Self { path: path.to_owned(), extent })
    }

    /// The axis of an entry of the study's `[sweep.vary]`.
    ///
    /// # Errors
    /// If it gives neither values nor a proper range, or both.
    pub fn from_study(path: &str, section: &VarySection) -> Result<Self, Failure> {
        let extent = match (&section.values, &section.from, &section.to) {
            (Some(values), None, None) if !values.is_empty() && !section.log => Extent::List(values.clone()),
            (None, Some(from), Some(to)) => Extent::Range(Range::new(path, from, to, section.log)?),
            _ => {
                return Err(Failure::input(format!("`sweep.vary.\"{path}\"` is neither a list nor a range"))
                    .help("give either `values = [...]`, or `from = ...` and `to = ...`"));
            }
        };
        Ok(Self { path: path.to_owned(), extent })
    }
}

impl Range {
    fn new(path: &str, from: &StudyValue, to: &StudyValue, log: bool) -> Result<Self, Failure> {
        let refuse = |why: &str, help: &str| {
            let range = format!("{} .. {}", shown(from), shown(to));
            Failure::input(format!("the range {range} of `{path}` {why}")).help(help)
        };
        let (Some((low, unit)), Some((high, other))) = (split(from), split(to)) else {
            return Err(refuse("does not lie between two numbers", "list the values instead"));
        };
        if unit != other {
            return Err(refuse("has two units", "write both ends in the same unit"));
        }
        if !(low < high && low.is_finite() && high.is_finite()) {
            return Err(refuse("does not rise", "write the lower end first"));
        }
        if log && low <= 0.0 {
            return Err(refuse("has no logarithm", "let a logarithmic range begin above zero"));
        }
        let whole = matches!((from, to), (StudyValue::Whole(_), StudyValue::Whole(_)));
        Ok(Self { from: low, to: high, unit, whole, log })
    }

    /// The value at a share `u` (0 to 1) of the range.
    pub fn at(&self, u: f64) -> StudyValue {
        let value = if self.log {
            let (low, high) = (libm::log(self.from), libm::log(self.to));
            libm::exp(low + u * (high - low)).clamp(self.from, self.to)
        } else {
            self.from + u * (self.to - self.from)
        };
        match (self.whole, self.unit.as_str()) {
            (true, _) => StudyValue::Whole(value.round() as i64),
            (false, "") => StudyValue::Number(value),
            (false, unit) => StudyValue::Text(format!("{} {unit}", number(value))),
        }
    }
}

/// A value as it is written in tables.
pub fn shown(value: &StudyValue) -> String {
    match value {
        StudyValue::Flag(flag) => flag.to_string(),
        StudyValue::Whole(whole) => whole.to_string(),
        StudyValue::Number(value) => number(*value),
        StudyValue::Text(text) => text.clone(),
    }
}

/// A value typed on the command line: a switch, a number, or text.
pub(crate) fn value_of(text: &str) -> StudyValue {
    let text = text.trim();
    let flag = text.parse().map(StudyValue::Flag).ok();
    let whole = || text.parse().map(StudyValue::Whole).ok();
    let number = || text.parse().ok().filter(|v: &f64| v.is_finite()).map(StudyValue::Number);
    flag.or_else(whole).or_else(number).unwrap_or_else(|| StudyValue::Text(text.to_owned()))
}

/// Number and unit of a value, if it has a number.
fn split(value: &StudyValue) -> Option<(f64, String)> {
    match value {
        StudyValue::Flag(_) => None,
        StudyValue::Whole(whole) => Some((*whole as f64, String::new())),
        StudyValue::Number(value) => Some((*value, String::new())),
        StudyValue::Text(text) => {
            let numeric = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
            let end = text.find(|c| !numeric(c)).unwrap_or(text.len());
            Some((text[..end].parse().ok()?, text[end..].trim().to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> StudyValue {
        StudyValue::Text(text.into())
    }

    #[test]
    fn lists_hold_switches_numbers_and_quantities() {
        let axis = Axis::parse("output.events=true, 3,2.5,5 nM").unwrap();
        let expected =
            vec![StudyValue::Flag(true), StudyValue::Whole(3), StudyValue::Number(2.5), text("5 nM")];
        assert_eq!(axis.extent, Extent::List(expected));
    }

    #[test]
    fn a_range_is_sampled_on_its_scale_and_in_its_unit() {
        let range = |text: &str| match Axis::parse(text).unwrap().extent {
            Extent::Range(range) => range,
            Extent::List(_) => unreachable!("a range was written"),
        };
        assert_eq!(range("a=0 %..30 %").at(0.5), text("15 %"));
        assert_eq!(range("a=1..9").at(0.26), StudyValue::Whole(3));
        assert_eq!(range("a=1e-3..2.5").at(0.0), StudyValue::Number(1e-3));
        let StudyValue::Text(middle) = range("a=0.1 nM..1000nM:log").at(0.5) else { panic!("a quantity") };
        let (value, unit) = split(&text(&middle)).unwrap();
        // The geometric mean; libm's exp and log are good to a few units in the last place.
        assert!((value - 10.0).abs() < 1e-12 && unit == "nM", "{middle}");
    }

    #[test]
    fn what_is_no_range_is_refused_with_a_remedy() {
        for (written, why) in [
            ("a=1 nM..1 µM", "two units"),
            ("a=2..1", "does not rise"),
            ("a=0 nM..1 nM:log", "no logarithm"),
            ("a=low..high", "two numbers"),
            ("a", "cannot read"),
            ("a=", "cannot read"),
            ("a=1,,2", "cannot read"),
        ] {
            let failure = Axis::parse(written).unwrap_err();
            assert!(failure.what.contains(why) && failure.help.is_some(), "{written}: {failure}");
        }
    }
}
