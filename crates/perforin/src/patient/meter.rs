//! How far a population is.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressStyle};

use crate::answer::grouped;
use crate::clock::{Watch, in_words};
use crate::terminal;

/// Least time between two updates, s.
const INTERVAL: f64 = 0.2;
/// A run that takes longer than this says so, s.
const LONG: f64 = 600.0;
/// When the first estimate of the whole run is fair, s.
const FAIR: f64 = 5.0;

/// A bar for a person at a terminal; one remark, if the run is long, for anyone else.
#[derive(Debug)]
pub struct Meter {
    bar: ProgressBar,
    is_quiet: bool,
    total: u64,
    /// Patients that an earlier stretch of the run has done.
    begun: u64,
    done: AtomicU64,
    shown: Mutex<Shown>,
}

#[derive(Debug)]
struct Shown {
    watch: Watch,
    at: f64,
    is_said: bool,
}

impl Meter {
    /// A meter for so many patients in all arms, of whom `begun` are done.
    pub fn new(is_quiet: bool, total: u64, begun: u64) -> Self {
        let bar = if is_quiet { ProgressBar::hidden() } else { ProgressBar::new(1000) };
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {wide_msg}") {
            bar.set_style(style);
        }
        let shown = Mutex::new(Shown { watch: Watch::start(), at: 0.0, is_said: is_quiet });
        Self { bar, is_quiet, total, begun, done: AtomicU64::new(begun), shown }
    }

    /// Takes note of patients that were followed.
    pub fn add(&self, patients: u64) {
        let done = self.done.fetch_add(patients, Ordering::Relaxed) + patients;
        // Another thread is at it.
        let Ok(mut shown) = self.shown.try_lock() else { return };
        let seconds = shown.watch.seconds();
        if self.is_quiet || seconds - shown.at < INTERVAL {
            return;
        }
        shown.at = seconds;
        let rate = (done - self.begun) as f64 / seconds;
        let left = self.total.saturating_sub(done) as f64 / rate;
        if !shown.is_said && seconds > FAIR {
            shown.is_said = true;
            if seconds + left > LONG {
                let total = in_words(seconds + left);
                let text = format!(
                    "This will take about {total}. Ctrl-C keeps what is done; `perforin resume` goes on."
                );
                self.bar.suspend(|| terminal::remark(&text));
            }
        }
        self.bar.set_position((1000.0 * done as f64 / self.total.max(1) as f64) as u64);
        self.bar.set_message(format!(
            "{} of {} patients · {} per second · {} left",
            grouped(done as f64),
            grouped(self.total as f64),
            grouped(rate),
            in_words(left)
        ));
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
