//! Progress: where a run is, how fast it goes, and how long it will take.

use indicatif::{ProgressBar, ProgressStyle};
use perforin_lesion::lesion::Lesion;

use crate::answer::grouped;
use crate::clock::{Watch, in_words};
use crate::terminal;

/// A run that takes longer than this says so, s.
const LONG: f64 = 600.0;
/// When the first estimate of the whole run is fair, s.
const FAIR: f64 = 5.0;
/// Least time between two updates, s.
const INTERVAL: f64 = 0.2;

/// Is told of every step.
pub trait Watcher {
    /// After a step.
    fn after_step(&mut self, lesion: &Lesion);
}

/// Says nothing.
#[derive(Clone, Copy, Debug)]
pub struct Quiet;

impl Watcher for Quiet {
    fn after_step(&mut self, _: &Lesion) {}
}

/// A bar for a person at a terminal; one remark, if the run is long, for anyone else.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    watch: Watch,
    first_day: Option<f64>,
    shown: f64,
    is_said: bool,
}

impl Progress {
    /// Begins to watch.
    pub fn new() -> Self {
        let bar = ProgressBar::new(1000);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {wide_msg}") {
            bar.set_style(style);
        }
        Self { bar, watch: Watch::start(), first_day: None, shown: 0.0, is_said: false }
    }

    fn say_if_long(&mut self, seconds: f64, left: f64) {
        if self.is_said || seconds < FAIR {
            return;
        }
        self.is_said = true;
        if seconds + left > LONG {
            let total = in_words(seconds + left);
            let text = format!(
                "This will take about {total}. Ctrl-C keeps what is done; `perforin resume` goes on."
            );
            self.bar.suspend(|| terminal::remark(&text));
        }
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

impl Watcher for Progress {
    fn after_step(&mut self, lesion: &Lesion) {
        let seconds = self.watch.seconds();
        let (day, duration) = (lesion.state.time / 1440.0, lesion.model.duration / 1440.0);
        let first_day = *self.first_day.get_or_insert(day);
        if seconds - self.shown < INTERVAL || day <= first_day {
            return;
        }
        self.shown = seconds;
        let rate = (day - first_day) / seconds;
        let left = ((duration - day) / rate).max(0.0);
        self.say_if_long(seconds, left);
        self.bar.set_position((1000.0 * day / duration) as u64);
        self.bar.set_message(format!(
            "day {day:.1} of {duration:.0} · {} cells · {:.1} d/min · {} left",
            grouped(lesion.state.cells.len() as f64),
            60.0 * rate,
            in_words(left)
        ));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
