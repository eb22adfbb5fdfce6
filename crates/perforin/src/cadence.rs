//! How often what is written, in whole phenotype steps.

use perforin_core::catalogue::{Ledger, Parameter, Source};
use perforin_core::quantity::Time;
use perforin_core::study::OutputSection;
use perforin_lesion::scenario::Problem;

const SERIES: Parameter = interval("output.series_every", 60.0, "Interval of the time series");
const FRAMES: Parameter = interval("output.frames_every", 1440.0, "Interval of frames");
const CHECKPOINTS: Parameter = interval("output.checkpoint_every", 1440.0, "Interval of checkpoints");

const fn interval(name: &'static str, value: f64, meaning: &'static str) -> Parameter {
    let source = Source::Assumed { reason: "fine enough to plot, and cheap beside the steps between" };
    Parameter { name, symbol: "", value, unit: "min", range: (1e-6, 1e9), meaning, source }
}

/// How often what is written, in whole phenotype steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cadence {
    /// Steps between rows of the time series.
    pub series: u32,
    /// Steps between frames.
    pub frames: u32,
    /// Steps between checkpoints.
    pub checkpoints: u32,
    /// Whether every event is written.
    pub events: bool,
    /// Whether frames hold the substances on the grid.
    pub fields: bool,
}

impl Cadence {
    /// The study's intervals or their defaults, each rounded to whole steps of `step` min, at least one.
    ///
    /// # Errors
    /// Every interval that is not positive.
    pub fn new(output: &OutputSection, step: f64, ledger: &mut Ledger) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut steps = |given: Option<f64>, parameter: &'static Parameter| {
            let value = ledger.resolve(parameter.name, given, parameter);
            if let Err(error) = parameter.check(value) {
                problems.push(Problem {
                    path: parameter.name.into(),
                    message: error.to_string(),
                    help: None,
                });
            }
            // A cast from float saturates.
            (value / step).round().max(1.0) as u32
        };
        let cadence = Self {
            series: steps(output.series_every.map(Time::value), &SERIES),
            frames: steps(output.frames_every.map(Time::value), &FRAMES),
            checkpoints: steps(output.checkpoint_every.map(Time::value), &CHECKPOINTS),
            events: output.events.unwrap_or(false),
            fields: output.fields.unwrap_or(false),
        };
        if problems.is_empty() { Ok(cadence) } else { Err(problems) }
    }

    /// Rows of the time series on the interval, up to a step; the first is at step 0.
    pub fn rows_by(&self, step: u32) -> u64 {
        1 + u64::from(step / self.series)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_whole_steps_and_at_least_one() {
        let output = OutputSection {
            series_every: Some(Time::new(1.0)),
            frames_every: Some(Time::new(59.0)),
            ..OutputSection::default()
        };
        let mut ledger = Ledger::new();
        let cadence = Cadence::new(&output, 6.0, &mut ledger).unwrap();
        assert_eq!((cadence.series, cadence.frames, cadence.checkpoints), (1, 10, 240));
        assert_eq!(ledger.used().len(), 3);
        assert_eq!((cadence.rows_by(0), cadence.rows_by(7)), (1, 8));
    }

    #[test]
    fn an_interval_that_is_not_positive_is_refused_at_its_place() {
        let output = OutputSection { series_every: Some(Time::new(-1.0)), ..OutputSection::default() };
        let problems = Cadence::new(&output, 6.0, &mut Ledger::new()).unwrap_err();
        assert_eq!(problems[0].path, "output.series_every");
    }
}
