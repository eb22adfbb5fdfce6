//! Why a command could not do its work: what, why, and what to do about it.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

/// What a failure means to the caller; each has an exit code of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The input was wrong: nothing was started. Exit code 2.
    Input,
    /// The work was started and failed. Exit code 1.
    Run,
    /// The user stopped the work, which can go on. Exit code 130.
    Interrupted,
}

/// Why a command could not do its work.
#[derive(Debug)]
pub struct Failure {
    /// What it means to the caller.
    pub kind: Kind,
    /// What could not be done, with the place.
    pub what: String,
    /// Findings about a file, each with its line and a caret, ready to be shown above the rest.
    pub findings: Vec<String>,
    /// Causes, from the nearest to the deepest.
    pub causes: Vec<String>,
    /// What to do about it.
    pub help: Option<String>,
    /// Whether it is a file that cannot be read: missing, damaged or of another version.
    pub is_unreadable: bool,
}

impl Failure {
    /// The input was wrong.
    pub fn input(what: impl Into<String>) -> Self {
        Self::new(Kind::Input, what)
    }

    /// A file cannot be read.
    pub fn unreadable(what: impl Into<String>) -> Self {
        Self { is_unreadable: true, ..Self::input(what) }
    }

    /// The work failed.
    pub fn run(what: impl Into<String>) -> Self {
        Self::new(Kind::Run, what)
    }

    /// The user stopped the work.
    pub fn interrupted(what: impl Into<String>) -> Self {
        Self::new(Kind::Interrupted, what)
    }

    fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self {
            kind,
            what: what.into(),
            findings: Vec::new(),
            causes: Vec::new(),
            help: None,
            is_unreadable: false,
        }
    }

    /// Adds an error and everything beneath it as causes.
    #[must_use]
    pub fn because(mut self, error: &dyn Error) -> Self {
        let mut next = Some(error);
        while let Some(cause) = next {
            let text = cause.to_string();
            // Many errors repeat their source in their own text.
            if !self.causes.last().is_some_and(|last| last.contains(&text)) {
                self.causes.push(text);
            }
            next = cause.source();
        }
        self
    }

    /// Adds findings about a file.
    #[must_use]
    pub fn findings(mut self, findings: Vec<String>) -> Self {
        self.findings = findings;
        self
    }

    /// Says what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds to what to do about it.
    #[must_use]
    pub fn help_too(mut self, more: Option<String>) -> Self {
        self.help = match (self.help, more) {
            (Some(help), Some(more)) => Some(format!("{help}; {more}")),
            (help, more) => help.or(more),
        };
        self
    }

    /// The exit code of the command.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self.kind {
            Kind::Run => 1,
            Kind::Input => 2,
            Kind::Interrupted => 130,
        })
    }
}

/// The findings; then `error: what`, and each cause and the remedy on lines of their own.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            write!(f, "{}\n\n", finding.trim_end())?;
        }
        let prefix = if self.kind == Kind::Interrupted { "" } else { "error: " };
        write!(f, "{prefix}{}", self.what)?;
        for cause in &self.causes {
            write!(f, "\n  cause: {cause}")?;
        }
        if let Some(help) = &self.help {
            write!(f, "\n  help: {help}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_shows_what_why_and_what_to_do() {
        let cause = std::io::Error::other("no space left on device");
        let failure = Failure::run("cannot write `out/series.csv`").because(&cause).help("free some space");
        assert_eq!(
            failure.to_string(),
            "error: cannot write `out/series.csv`\n  cause: no space left on device\n  help: free some space"
        );
    }
}
