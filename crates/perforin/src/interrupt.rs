//! Ctrl-C: a request to end after the present step.

use std::sync::OnceLock;

use crate::clock::Watch;

/// When the user first asked to stop.
static REQUESTED: OnceLock<Watch> = OnceLock::new();

/// A signal this soon after the first is the same request, s: `timeout` and batch systems send theirs to a process
/// and to its group.
const ECHO: f64 = 1.0;

/// From now on Ctrl-C (and SIGTERM, SIGHUP) is a request; a second one ends the process at once.
pub fn listen() {
    // It fails only if a handler is there already, which then does the same.
    let _ = ctrlc::set_handler(|| {
        if REQUESTED.get_or_init(Watch::start).seconds() > ECHO {
            std::process::exit(130);
        }
    });
}

/// Whether the user asked to stop.
pub fn is_requested() -> bool {
    REQUESTED.get().is_some()
}
