//! Where the values of a file stand.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::unquoted;

/// Byte ranges of the values of a file, by dotted path; elements of arrays by index: `regimen.infusion.0.dose`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spans {
    /// Spans of a value and of its key (of the value again for elements of arrays).
    entries: BTreeMap<String, (Range<usize>, Range<usize>)>,
}

impl Spans {
    pub(super) fn of(document: &DeTable<'_>) -> Self {
        let mut spans = Self::default();
        spans.add_table("", document);
        spans
    }

    /// Where the value at `path` stands; for a value that is not in the file, the key of the innermost section that
    /// is, or `None` if there is none.
    pub fn span_of(&self, path: &str) -> Option<Range<usize>> {
        if let Some((value, _)) = self.entries.get(path) {
            return Some(value.clone());
        }
        let mut section = path;
        while let Some((outer, _)) = section.rsplit_once('.') {
            section = outer;
            if let Some((_, key)) = self.entries.get(section) {
                return Some(key.clone());
            }
        }
        None
    }

    /// Where the bytes `part` of the text value at `path` stand, such as a fault within a gate; the whole value if
    /// it is written with escapes, so that its bytes differ from those of the file. `source` is the file's content.
    pub fn span_within(&self, path: &str, part: &Range<usize>, source: &str) -> Option<Range<usize>> {
        let (value, _) = self.entries.get(path)?;
        match unquoted(source, value) {
            Some((start, text)) if part.end <= text.len() => Some(start + part.start..start + part.end),
            _ => Some(value.clone()),
        }
    }

    /// Whether the file has a value at `path`.
    pub fn contains(&self, path: &str) -> bool {
        self.entries.contains_key(path)
    }

    pub(super) fn path_of(&self, span: &Range<usize>) -> Option<&str> {
        self.entries.iter().find(|(_, (value, _))| value == span).map(|(path, _)| path.as_str())
    }

    fn add_table(&mut self, path: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            self.add(&join(path, key.get_ref()), key.span(), value.span(), value.get_ref());
        }
    }

    fn add(&mut self, path: &str, key: Range<usize>, span: Range<usize>, value: &DeValue<'_>) {
        match value {
            DeValue::Table(table) => self.add_table(path, table),
            DeValue::Array(array) => {
                for (index, element) in array.iter().enumerate() {
                    self.add(
                        &join(path, &index.to_string()),
                        element.span(),
                        element.span(),
                        element.get_ref(),
                    );
                }
            }
            _ => {}
        }
        self.entries.insert(path.to_owned(), (span, key));
    }
}

/// The path of `key` in the section at `path`.
pub(super) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}
