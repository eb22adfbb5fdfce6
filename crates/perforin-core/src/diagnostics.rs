//! What is wrong with a file, where, and what would be right: printed with the line and a caret.
//!
//! ```text
//! error: unknown key `diametre`
//!  --> study.toml:5:1
//!   |
//! 5 | diametre = "0.8 mm"
//!   | ^^^^^^^^ not a key of `lesion`
//!   |
//!   = help: did you mean `diameter`?
//! ```

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

mod nearest;

pub use nearest::nearest;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The file can be used, but may not mean what was meant.
    Warning,
    /// The file cannot be used.
    Error,
}

/// One finding about a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub title: String,
    /// The file's name.
    pub file: String,
    /// Where, in bytes of the file; `None` if it concerns the file as a whole.
    pub span: Option<Range<usize>>,
    /// What to say beside the caret; may be empty.
    pub label: String,
    /// What would be right.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error that concerns the file as a whole.
    pub fn error(file: &str, title: impl Into<String>) -> Self {
        let (title, file) = (title.into(), file.to_owned());
        Self { severity: Severity::Error, title, file, span: None, label: String::new(), help: None }
    }

    /// A warning that concerns the file as a whole.
    pub fn warning(file: &str, title: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(file, title) }
    }

    /// The same finding, at `span` of the file, with `label` beside the caret.
    #[must_use]
    pub fn at(self, span: Range<usize>, label: impl Into<String>) -> Self {
        Self { span: Some(span), label: label.into(), ..self }
    }

    /// The same finding, with what would be right.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// The finding as text. `source` is the file's content; `coloured` is for terminals.
    pub fn render(&self, source: &str, coloured: bool) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.primary_title(self.title.as_str());
        let mut group = match &self.span {
            Some(span) => {
                let mut caret = AnnotationKind::Primary.span(within(source, span));
                if !self.label.is_empty() {
                    caret = caret.label(self.label.as_str());
                }
                title.element(Snippet::source(source).path(self.file.as_str()).annotation(caret))
            }
            None => Group::with_title(title).element(Origin::path(self.file.as_str())),
        };
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        let renderer = if coloured { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group])
    }
}

/// `span` cut to the text, to whole characters and to its first line.
fn within(source: &str, span: &Range<usize>) -> Range<usize> {
    let start = floor(source, span.start);
    let end = floor(source, span.end.max(start));
    let line = source[start..end].find(['\r', '\n']).map_or(end, |length| start + length);
    start..line
}

/// The last boundary of characters at or before byte `at`.
fn floor(source: &str, at: usize) -> usize {
    let mut at = at.min(source.len());
    while !source.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests;
