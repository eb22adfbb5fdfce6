//! Keys against the JSON Schema: unknown and missing ones, all at once.

use std::ops::Range;

use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

use super::spans::join;
use crate::diagnostics::{Diagnostic, nearest};

/// Depth to which references and alternatives of a schema are followed.
const DEPTH: usize = 16;

/// Finds the unknown and missing keys of a document, and takes the unknown ones out of it, so that the rest can be
/// read.
pub(super) fn check(document: &mut DeTable<'_>, schema: &Value, file: &str) -> Vec<Diagnostic> {
    let mut keys = Keys { root: schema, file, findings: Vec::new() };
    keys.table(document, &[schema], "", 0..0);
    keys.findings
}

struct Keys<'s> {
    root: &'s Value,
    file: &'s str,
    findings: Vec<Diagnostic>,
}

impl<'s> Keys<'s> {
    fn value(&mut self, value: &mut DeValue<'_>, schemas: &[&'s Value], path: &str, span: Range<usize>) {
        match value {
            DeValue::Table(table) => self.table(table, schemas, path, span),
            DeValue::Array(array) => {
                let items: Vec<&Value> = self.expand(schemas).iter().filter_map(|s| s.get("items")).collect();
                for (index, element) in array.iter_mut().enumerate() {
                    let span = element.span();
                    self.value(element.get_mut(), &items, &join(path, &index.to_string()), span);
                }
            }
            _ => {}
        }
    }

    /// Checks a table that may have the form of any of `schemas`. A key is known if one of them knows it.
    fn table(&mut self, table: &mut DeTable<'_>, schemas: &[&'s Value], path: &str, span: Range<usize>) {
        let forms: Vec<&Map<String, Value>> =
            self.expand(schemas).into_iter().filter(|form| is_table(form)).collect();
        if forms.is_empty() {
            return;
        }
        let accepted = accepted(&forms);
        let mut meant = Vec::new();
        for (key, mut value) in std::mem::take(table) {
            let name = key.get_ref().as_ref();
            let known = values(&forms, name);
            if known.is_empty() {
                let right = nearest(name, accepted.iter().copied());
                meant.extend(right);
                self.findings.push(unknown(name, path, right, &accepted, self.file, key.span()));
            } else {
                let span = value.span();
                self.value(value.get_mut(), &known, &join(path, name), span);
                table.insert(key, value);
            }
        }
        // What several forms require is for serde to say.
        if let [form] = forms[..] {
            for name in strings(form.get("required")) {
                if !table.contains_key(name) && !meant.contains(&name) {
                    self.findings.push(missing(name, path, self.file, span.clone()));
                }
            }
        }
    }

    /// The objects behind references and alternatives.
    fn expand(&self, schemas: &[&'s Value]) -> Vec<&'s Map<String, Value>> {
        let mut out = Vec::new();
        for schema in schemas {
            self.expand_one(schema, DEPTH, &mut out);
        }
        out
    }

    fn expand_one(&self, schema: &'s Value, depth: usize, out: &mut Vec<&'s Map<String, Value>>) {
        let (Value::Object(object), Some(depth)) = (schema, depth.checked_sub(1)) else { return };
        let target =
            object.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
        if let Some(target) = target.and_then(|pointer| self.root.pointer(pointer)) {
            self.expand_one(target, depth, out);
        }
        for word in ["anyOf", "oneOf", "allOf"] {
            for alternative in object.get(word).and_then(Value::as_array).into_iter().flatten() {
                self.expand_one(alternative, depth, out);
            }
        }
        out.push(object);
    }
}

fn is_table(form: &Map<String, Value>) -> bool {
    form.contains_key("properties") || matches!(form.get("additionalProperties"), Some(Value::Object(_)))
}

/// The keys that some form names, in the order of the alphabet.
fn accepted<'s>(forms: &[&'s Map<String, Value>]) -> Vec<&'s str> {
    let mut names: Vec<&str> = forms
        .iter()
        .filter_map(|form| form.get("properties").and_then(Value::as_object))
        .flat_map(|properties| properties.keys().map(String::as_str))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// What the forms say about the value of `key`; nothing if none knows it.
fn values<'s>(forms: &[&'s Map<String, Value>], key: &str) -> Vec<&'s Value> {
    forms
        .iter()
        .filter_map(|form| {
            let named = form.get("properties").and_then(|properties| properties.get(key));
            named.or_else(|| form.get("additionalProperties").filter(|any| any.is_object()))
        })
        .collect()
}

fn strings(list: Option<&Value>) -> impl Iterator<Item = &str> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

fn unknown(
    key: &str,
    path: &str,
    right: Option<&str>,
    accepted: &[&str],
    file: &str,
    span: Range<usize>,
) -> Diagnostic {
    let accepted: Vec<String> = accepted.iter().map(|name| format!("`{name}`")).collect();
    let list = format!("accepted here: {}", accepted.join(", "));
    let help = match right {
        Some(right) => format!("did you mean `{right}`? {list}"),
        None => list,
    };
    Diagnostic::error(file, format!("unknown key `{key}`"))
        .at(span, format!("not a key of {}", section(path)))
        .help(help)
}

fn missing(name: &str, path: &str, file: &str, span: Range<usize>) -> Diagnostic {
    Diagnostic::error(file, format!("missing key `{name}`"))
        .at(span, format!("{} needs `{name}`", section(path)))
}

fn section(path: &str) -> String {
    if path.is_empty() { "the study".to_owned() } else { format!("`{path}`") }
}
