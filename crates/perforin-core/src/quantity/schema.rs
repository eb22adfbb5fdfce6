//! JSON Schemas of quantities, for editors.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::dimension::Dimension;
use super::error::unit_list;
use super::{Dose, FieldValue, Quantity};

/// A decimal number, as a regular expression.
const NUMBER: &str = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?";

impl<D: Dimension> JsonSchema for Quantity<D> {
    fn schema_name() -> Cow<'static, str> {
        D::SCHEMA.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names = D::UNITS.iter().flat_map(|unit| unit.names).map(|name| spelling(name));
        let pattern = format!(r"{NUMBER}\s*({})\s*$", names.collect::<Vec<_>>().join("|"));
        let description = format!("{} as text with a unit: {}", capital(D::NAME), unit_list::<D>());
        json_schema!({ "type": "string", "pattern": pattern, "description": description, "examples": [D::EXAMPLE] })
    }
}

impl JsonSchema for Dose {
    fn schema_name() -> Cow<'static, str> {
        "Dose".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": format!(r"{NUMBER}\s*(CAR\+ ?|T ?)?(T ?)?cells(\s*/\s*(kg|m²|m2|m\^2))?\s*$"),
            "description": "A dose with what is counted (cells or CAR+ cells), flat, per kg or per m²",
            "examples": ["2.5e8 CAR+ cells", "1e6 CAR+ cells/kg", "1e8 cells/m²"]
        })
    }
}

impl JsonSchema for FieldValue {
    fn schema_name() -> Cow<'static, str> {
        "FieldValue".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": format!(r"{NUMBER}\s*\S"),
            "description": "A number with the unit of the field that it belongs to",
            "examples": ["38 mmHg", "10 pg/mL"]
        })
    }
}

/// A unit's name as a regular expression: itself and its keyboard spellings.
fn spelling(name: &str) -> String {
    let escaped: String =
        name.chars().flat_map(|c| "()^+".contains(c).then_some('\\').into_iter().chain([c])).collect();
    escaped.replace('/', r"\s*/\s*").replace('µ', "[µμu]").replace('²', r"(²|\^2)").replace('³', r"(³|\^3)")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
