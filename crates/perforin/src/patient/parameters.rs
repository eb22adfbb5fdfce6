//! Parameters of a patient's model by the names that a study uses.

use std::collections::BTreeMap;

use perforin_core::catalogue::{Ledger, Parameter, THE_STUDY};
use perforin_core::diagnostics::nearest;
use perforin_core::quantity::FieldValue;
use perforin_core::study::StudyValue;
use perforin_lesion::scenario::Notes;

/// The name of a parameter in a study: without the topic `patient`, or the model's name.
pub fn key(parameter: &Parameter) -> String {
    match parameter.name.split_once('.') {
        Some(("organ", rest)) => format!("organ_{rest}"),
        Some((_, rest)) => rest.to_owned(),
        None => parameter.name.to_owned(),
    }
}

/// A study's value in the unit of a parameter.
///
/// # Errors
/// If it has no unit or another one; the message says what is accepted.
pub fn value_in(value: &StudyValue, unit: &str) -> Result<f64, String> {
    let accepted = || if unit == "1" { "a plain number".into() } else { format!("text like \"2 {unit}\"") };
    let wrong = |found: &str| Err(format!("`{found}` is not {}", accepted()));
    match value {
        StudyValue::Number(number) if unit == "1" => Ok(*number),
        StudyValue::Whole(number) if unit == "1" => Ok(*number as f64),
        StudyValue::Number(number) => wrong(&number.to_string()),
        StudyValue::Whole(number) => wrong(&number.to_string()),
        StudyValue::Flag(flag) => wrong(&flag.to_string()),
        StudyValue::Text(text) => match text.parse::<FieldValue>() {
            Ok(found) if unit == "1" && found.unit.trim() == "%" => Ok(0.01 * found.value),
            Ok(found) => found.in_unit(unit).map_or_else(|| wrong(text), Ok),
            Err(_) => wrong(text),
        },
    }
}

/// The values of a model's parameters: the study's or the defaults.
#[derive(Clone, Debug)]
pub struct Values {
    given: BTreeMap<String, f64>,
}

impl Values {
    /// Reads `[patient.parameters]` for a model whose parameters are `table`.
    pub fn read(
        given: &BTreeMap<String, StudyValue>,
        table: &[&'static Parameter],
        notes: &mut Notes,
    ) -> Self {
        let mut values = BTreeMap::new();
        for (name, value) in given {
            let path = format!("patient.parameters.{name}");
            let Some(parameter) = table.iter().find(|p| key(p) == *name) else {
                let keys: Vec<String> = table.iter().map(|p| key(p)).collect();
                let help = match nearest(name, keys.iter().map(String::as_str)) {
                    Some(right) => format!("did you mean `{right}`?"),
                    None => format!("there are {}", keys.join(", ")),
                };
                notes.wrong(&path, format!("the model has no parameter `{name}`"), help);
                continue;
            };
            let checked = value_in(value, parameter.unit)
                .and_then(|value| parameter.check(value).map_err(|error| error.to_string()));
            match checked {
                Ok(value) => {
                    values.insert(parameter.name.to_owned(), value);
                }
                Err(message) => notes.wrong(&path, message, parameter.meaning),
            }
        }
        Self { given: values }
    }

    /// A parameter's value, which is recorded.
    pub fn take(&self, parameter: &'static Parameter, ledger: &mut Ledger) -> f64 {
        let path = format!("patient.parameters.{}", key(parameter));
        ledger.resolve(&path, self.given.get(parameter.name).copied(), parameter)
    }

    /// A parameter's value, where `default`, which the publication has for the patient, stands for the table's.
    pub fn take_or(&self, parameter: &'static Parameter, default: f64, of: &str, ledger: &mut Ledger) -> f64 {
        let path = format!("patient.parameters.{}", key(parameter));
        let given = self.given.get(parameter.name).copied();
        let source =
            if given.is_some() { THE_STUDY.to_owned() } else { format!("{} ({of})", parameter.source) };
        let value = given.unwrap_or(default);
        ledger.record(&path, value, parameter.unit, &source, parameter.meaning);
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_in_the_unit_of_the_parameter_only() {
        let text = |text: &str| StudyValue::Text(text.into());
        assert_eq!(value_in(&text("1.5 /d"), "/d"), Ok(1.5));
        assert_eq!(value_in(&text("2 wk"), "d"), Ok(14.0));
        assert_eq!(value_in(&text("30 %"), "1"), Ok(0.3));
        assert_eq!(value_in(&StudyValue::Whole(3), "1"), Ok(3.0));
        assert_eq!(value_in(&StudyValue::Number(0.5), "/d").unwrap_err(), "`0.5` is not text like \"2 /d\"");
        assert_eq!(value_in(&text("5 nM"), "/d").unwrap_err(), "`5 nM` is not text like \"2 /d\"");
        assert_eq!(value_in(&text("x"), "1").unwrap_err(), "`x` is not a plain number");
    }
}
