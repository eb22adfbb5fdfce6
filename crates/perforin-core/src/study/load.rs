//! Reading a study file, with every finding at its line.
//!
//! Three passes, each with a caret at what it finds: the syntax of TOML; keys, all of them at once, against the
//! JSON Schema of the type that is read; values, by serde.

use serde::Deserialize;
use toml::de::{DeTable, Deserializer};

use super::StudyFile;
use crate::diagnostics::{Diagnostic, nearest};

mod keys;
mod spans;

pub use spans::Spans;

/// Number of syntax errors that are reported.
const SYNTAX_ERRORS: usize = 5;

/// A study that was read, and where its values stand in the file.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The study.
    pub study: StudyFile,
    /// Where its values stand.
    pub spans: Spans,
}

/// Reads a study from the text of `file`, a name that is only printed.
///
/// # Errors
/// With at least one finding: syntax errors; or else every key that is unknown or missing, and the first value that
/// cannot be read.
pub fn load(text: &str, file: &str) -> Result<Loaded, Vec<Diagnostic>> {
    let (mut document, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let findings = errors.iter().map(|error| syntax(error, file, text.len())).collect();
        // Further ones mostly follow from the first.
        return Err(sorted(findings).into_iter().take(SYNTAX_ERRORS).collect());
    }
    let spans = Spans::of(document.get_ref());
    let schema = schemars::schema_for!(StudyFile);
    let mut findings = keys::check(document.get_mut(), schema.as_value(), file);
    match StudyFile::deserialize(Deserializer::from(document)) {
        Ok(study) if findings.is_empty() => return Ok(Loaded { study, spans }),
        Ok(_) => {}
        // Missing keys have been found by the schema, unless the schema does not say that they are required.
        Err(error) if error.message().starts_with("missing field") && !findings.is_empty() => {}
        Err(error) => findings.push(value(&error, file, &spans)),
    }
    Err(sorted(findings))
}

/// In the order of the file.
fn sorted(mut findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    findings.sort_by_key(|finding| finding.span.as_ref().map_or(0, |span| span.start));
    findings
}

fn syntax(error: &toml::de::Error, file: &str, end: usize) -> Diagnostic {
    let span = error.span().unwrap_or(end..end);
    Diagnostic::error(file, "this is not valid TOML").at(span, error.message())
}

fn value(error: &toml::de::Error, file: &str, spans: &Spans) -> Diagnostic {
    let Some(span) = error.span() else { return Diagnostic::error(file, error.message()) };
    let title = match spans.path_of(&span) {
        Some(path) => format!("`{path}` cannot be read"),
        None => "the study cannot be read".to_owned(),
    };
    let finding = Diagnostic::error(file, title).at(span, plain(error.message()));
    match right_variant(error.message()) {
        Some(word) => finding.help(format!("did you mean `{word}`?")),
        None => finding,
    }
}

/// A message in which whole numbers and numbers are called so, not by the names of types.
fn plain(message: &str) -> String {
    let names = [("u8", "from 0 to 255"), ("u32", "from 0 to 4294967295"), ("u64", "from 0 on")];
    for (kind, range) in names {
        if let Some(start) = message.strip_suffix(&format!("expected {kind}")) {
            return format!("{start}expected a whole number {range}");
        }
    }
    message
        .strip_suffix("expected f64")
        .map_or_else(|| message.to_owned(), |start| format!("{start}expected a number"))
}

/// The nearest of the names that a message of the form "unknown variant `x`, expected `y` or `z`" accepts.
fn right_variant(message: &str) -> Option<&str> {
    let mut quoted = message.strip_prefix("unknown variant ")?.split('`').skip(1).step_by(2);
    let word = quoted.next()?;
    nearest(word, quoted)
}

#[cfg(test)]
mod tests;
