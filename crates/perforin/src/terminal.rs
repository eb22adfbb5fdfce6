//! The one place that writes to the terminal: answers to standard output, everything else to standard error.

use std::io::{IsTerminal, Write, stderr, stdout};

use crate::failure::Failure;

/// Writes an answer to standard output. A reader that has gone away, such as `head`, is no failure.
pub fn answer(text: &str) {
    let _ = writeln!(stdout(), "{}", text.trim_end());
}

/// Writes a remark to standard error.
pub fn remark(text: &str) {
    let _ = writeln!(stderr(), "{}", text.trim_end());
}

/// Writes a failure to standard error.
pub fn failure(failure: &Failure) {
    remark(&failure.to_string());
}

/// Whether a person is watching standard error.
pub fn is_watched() -> bool {
    stderr().is_terminal()
}
