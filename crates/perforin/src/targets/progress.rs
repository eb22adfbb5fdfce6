//! How far a search is.

use std::sync::Mutex;

use indicatif::{ProgressBar, ProgressStyle};
use perforin_atlas::watch::{Progress, Stage};

use crate::clock::{Watch, in_words};
use crate::interrupt;

/// Least time between two updates, s.
const INTERVAL: f64 = 0.2;

/// A bar for a person at a terminal, and the end of a search that was stopped or has run out of time.
#[derive(Debug)]
pub struct Meter {
    bar: ProgressBar,
    state: Mutex<State>,
    time_limit: Option<f64>,
}

#[derive(Debug)]
struct State {
    stage: Option<Stage>,
    since: Watch,
    shown: f64,
}

impl Meter {
    /// A meter; `time_limit` in seconds holds for gates of four and five antigens.
    pub fn new(quiet: bool, time_limit: Option<f64>) -> Self {
        let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new(1000) };
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {wide_msg}") {
            bar.set_style(style);
        }
        Self { bar, state: Mutex::new(State { stage: None, since: Watch::start(), shown: -1.0 }), time_limit }
    }

    /// Takes note of the progress; true ends the search.
    pub fn after(&self, progress: Progress) -> bool {
        let Ok(mut state) = self.state.lock() else { return true };
        if state.stage != Some(progress.stage) {
            *state = State { stage: Some(progress.stage), since: Watch::start(), shown: -1.0 };
        }
        let seconds = state.since.seconds();
        if seconds - state.shown > INTERVAL {
            state.shown = seconds;
            self.show(progress, seconds);
        }
        let late = progress.stage == Stage::Larger && self.time_limit.is_some_and(|limit| seconds > limit);
        late || interrupt::is_requested()
    }

    fn show(&self, progress: Progress, seconds: f64) {
        let share = progress.done as f64 / progress.total.max(1) as f64;
        self.bar.set_position((1000.0 * share) as u64);
        let done = in_figures(progress, seconds);
        let is_known = progress.done > 0 && seconds > 1.0;
        let left = if is_known { in_words(seconds * (1.0 - share) / share) } else { String::new() };
        self.bar.set_message(if is_known { format!("{done} · about {left} left") } else { done });
    }
}

/// How far a stage is, and, of reading, how fast.
fn in_figures(progress: Progress, seconds: f64) -> String {
    let megabytes = |bytes: f64| format!("{:.0}", bytes / 1e6);
    let what = match progress.stage {
        Stage::Read => {
            let [done, total] = [progress.done, progress.total].map(|bytes| megabytes(bytes as f64));
            let rate = megabytes(progress.done as f64 / seconds.max(INTERVAL));
            return format!("reading: {done} of {total} MB, {rate} MB/s");
        }
        Stage::Search => "first antigens",
        Stage::LeaveOneOut => "patients left out",
        Stage::Front => "limits of the front",
        Stage::FullFront => {
            let percent = |hundredths: usize| format!("{:.2} %", hundredths as f64 / 100.0);
            let [from, to] = [progress.total, progress.total - progress.done].map(percent);
            return format!("front of the worst tissue proved from {from} down to {to}");
        }
        Stage::Larger => "first antigens of gates of four and five",
    };
    format!("{} of {} {what}", progress.done, progress.total)
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
