//! Four courses side by side.

use super::control::Clock;
use super::rodas::{Machine, Work};
use super::{Course, LANES, Next, Start, Step, System};

/// Accuracy asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance<const N: usize> {
    /// Error allowed in each step, relative to the state.
    pub relative: f64,
    /// Error allowed in each step of each state, in its unit.
    pub absolute: [f64; N],
    /// Attempted steps after which a patient is given up.
    pub most_steps: u64,
}

impl<const N: usize> Tolerance<N> {
    /// The same absolute tolerance for every state, and at most a million steps.
    pub fn uniform(relative: f64, absolute: f64) -> Self {
        Self { relative, absolute: [absolute; N], most_steps: 1_000_000 }
    }
}

/// How a patient's solution went.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Attempted steps.
    pub steps: u64,
    /// Of these, steps whose error was too large.
    pub rejected: u64,
    /// Why it ended early, if it did.
    pub failure: Option<Failure>,
}

/// Why a solution ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum Failure {
    /// A start that cannot be computed with.
    #[error("at day {time}: state {state} is {value} at the start of a stretch")]
    NotFinite {
        /// Time, d.
        time: f64,
        /// Index of the state.
        state: usize,
        /// Its value.
        value: f64,
    },
    /// The next stop is not later than this one.
    #[error("at day {time}: the next stop is day {stop}, which is not later")]
    StopNotLater {
        /// Time, d.
        time: f64,
        /// The stop, d.
        stop: f64,
    },
    /// No step is small enough: the solution diverges or is not smooth.
    #[error("at day {time}: no step is small enough, the solution diverges")]
    Diverged {
        /// Time, d.
        time: f64,
    },
    /// Too many steps.
    #[error("at day {time}: {steps} steps were not enough")]
    TooManySteps {
        /// Time, d.
        time: f64,
        /// Steps taken.
        steps: u64,
    },
}

/// Solves every course; the outcome of each, in order.
///
/// Nothing is allocated but the list of outcomes. A course that fails ends at that time and leaves the others alone.
pub fn solve<C: Course<N>, const N: usize>(courses: &mut [C], tolerance: &Tolerance<N>) -> Vec<Outcome> {
    Solver::run(courses, tolerance, Machine::detect())
}

/// The lanes and who is in them.
struct Solver<'a, C: Course<N>, const N: usize> {
    courses: &'a mut [C],
    outcomes: Vec<Outcome>,
    /// The first course that has not begun.
    waiting: usize,
    /// For each lane, the course in it.
    patient: [Option<usize>; LANES],
    clock: [Clock; LANES],
    parameters: [<C::Model as System<N>>::Parameters<f64>; LANES],
    work: Work<C::Model, N>,
    most_steps: u64,
    machine: Machine,
}

impl<'a, C: Course<N>, const N: usize> Solver<'a, C, N> {
    fn run(courses: &'a mut [C], tolerance: &Tolerance<N>, machine: Machine) -> Vec<Outcome> {
        let Some(first) = courses.first() else { return Vec::new() };
        let Start { parameters, .. } = first.start();
        let lanes = C::Model::lanes([&parameters; LANES]);
        let outcomes = vec![Outcome::default(); courses.len()];
        let mut solver = Self {
            courses,
            outcomes,
            waiting: 0,
            patient: [None; LANES],
            clock: std::array::from_fn(|_| Clock::new(0.0, 1.0)),
            parameters: [parameters; LANES],
            work: Work::new(lanes, tolerance.relative, tolerance.absolute),
            most_steps: tolerance.most_steps,
            machine,
        };
        for lane in 0..LANES {
            solver.take_next(lane);
        }
        while solver.patient != [None; LANES] {
            solver.advance();
        }
        solver.outcomes
    }

    /// One attempt of every lane.
    fn advance(&mut self) {
        self.choose_first_steps();
        let mut ends = [0.0; LANES];
        for lane in 0..LANES {
            (self.work.step.0[lane], ends[lane]) = self.clock[lane].next();
        }
        self.work.attempt(self.machine);
        for lane in 0..LANES {
            let Some(patient) = self.patient[lane] else { continue };
            let error = self.work.error.0[lane];
            let (from, step) = (self.clock[lane].time, self.work.step.0[lane]);
            if self.clock[lane].judge(step, ends[lane], error) {
                self.accept(lane, patient, from, ends[lane]);
            } else if self.clock[lane].is_stuck() {
                self.leave(lane, patient, Some(Failure::Diverged { time: from }));
            } else if self.clock[lane].attempts >= self.most_steps {
                let steps = self.clock[lane].attempts;
                self.leave(lane, patient, Some(Failure::TooManySteps { time: from, steps }));
            }
        }
    }

    fn choose_first_steps(&mut self) {
        if self.clock.iter().all(|c| c.wish > 0.0) {
            return;
        }
        let first = self.work.first_step(self.machine);
        for (clock, first) in self.clock.iter_mut().zip(first.0) {
            if clock.wish <= 0.0 {
                clock.wish = if first > 0.0 { first } else { 1e-6 };
            }
        }
    }

    fn accept(&mut self, lane: usize, patient: usize, from: f64, to: f64) {
        let Work { state, next, dense, .. } = &self.work;
        let step = Step { from, to, lane, start: state, end: next, dense };
        let cut = self.courses[patient].observe(&step).filter(|cut| *cut < to);
        let time = cut.unwrap_or(to);
        if cut.is_none() {
            for i in 0..N {
                self.work.state[i].0[lane] = self.work.next[i].0[lane];
            }
            if time < self.clock[lane].stop {
                if self.clock[lane].attempts >= self.most_steps {
                    let steps = self.clock[lane].attempts;
                    self.leave(lane, patient, Some(Failure::TooManySteps { time, steps }));
                }
                return;
            }
        } else {
            let state = step.at(time);
            for i in 0..N {
                self.work.state[i].0[lane] = state[i];
            }
        }
        self.clock[lane].time = time;
        self.halt(lane, patient);
    }

    /// Lets the course act at a stop.
    fn halt(&mut self, lane: usize, patient: usize) {
        let time = self.clock[lane].time;
        let mut state: [f64; N] = std::array::from_fn(|i| self.work.state[i].0[lane]);
        match self.courses[patient].stop(time, &mut state, &mut self.parameters[lane]) {
            Next::End => self.leave(lane, patient, None),
            Next::Stop(stop) if stop > time => {
                self.clock[lane].restart(stop);
                self.load(lane, patient, &state);
            }
            Next::Stop(stop) => self.leave(lane, patient, Some(Failure::StopNotLater { time, stop })),
        }
    }

    /// Puts a state and its parameters in a lane.
    fn load(&mut self, lane: usize, patient: usize, state: &[f64; N]) {
        let time = self.clock[lane].time;
        if let Some(i) = state.iter().position(|value| !value.is_finite()) {
            let failure = Failure::NotFinite { time, state: i, value: state[i] };
            return self.leave(lane, patient, Some(failure));
        }
        for i in 0..N {
            self.work.state[i].0[lane] = state[i];
        }
        self.work.parameters = C::Model::lanes(self.parameters.each_ref());
    }

    /// Ends a lane's course and begins the next.
    fn leave(&mut self, lane: usize, patient: usize, failure: Option<Failure>) {
        let Clock { attempts, rejections, .. } = self.clock[lane];
        self.outcomes[patient] = Outcome { steps: attempts, rejected: rejections, failure };
        self.take_next(lane);
    }

    fn take_next(&mut self, lane: usize) {
        let patient = self.waiting;
        if patient == self.courses.len() {
            self.patient[lane] = None;
            // An idle lane repeats something harmless.
            self.clock[lane] = Clock::new(0.0, 1.0);
            self.clock[lane].wish = 1e-6;
            return;
        }
        self.waiting += 1;
        self.patient[lane] = Some(patient);
        let Start { time, state, parameters, stop } = self.courses[patient].start();
        self.clock[lane] = Clock::new(time, stop);
        self.parameters[lane] = parameters;
        for i in 0..N {
            self.work.state[i].0[lane] = state[i];
        }
        if stop > time {
            self.load(lane, patient, &state);
        } else {
            self.halt(lane, patient);
        }
    }
}
