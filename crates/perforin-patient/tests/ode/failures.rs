//! A solution that cannot be had is named, with its time, and harms no other.

use perforin_patient::ode::{Course, Failure, Next, Start, Step, Tolerance, solve};

use crate::problem::{BlowUp, Decay, Look};

#[test]
fn a_solution_that_diverges_is_named_at_its_pole() {
    let mut courses = [1.0, 0.001, 4.0, 0.002, 0.5].map(|p| Look::<BlowUp, 1>::new([1.0], p, &[10.0]));
    let outcomes = solve(&mut courses, &Tolerance::uniform(1e-8, 1e-12));
    for (k, pole) in [(0, 1.0), (2, 0.25), (4, 2.0)] {
        let Some(Failure::Diverged { time }) = outcomes[k].failure else { panic!("{:?}", outcomes[k]) };
        assert!((time - pole).abs() < 1e-5 * pole, "course {k} diverged on day {time}, not {pole}");
        assert!(courses[k].seen.is_empty());
    }
    for k in [1, 3] {
        assert_eq!(outcomes[k].failure, None);
        let exact = 1.0 / (1.0 - courses[k].parameter * 10.0);
        assert!((courses[k].seen[0][0] / exact - 1.0).abs() < 1e-7, "{:?}", courses[k].seen);
    }
}

#[test]
fn a_start_that_is_no_number_is_refused() {
    for value in [f64::NAN, f64::INFINITY] {
        let mut courses = [Look::<Decay, 1>::new([1.0], 1.0, &[1.0]), Look::new([value], 1.0, &[1.0])];
        let outcomes = solve(&mut courses, &Tolerance::uniform(1e-6, 1e-9));
        assert_eq!(outcomes[0].failure, None);
        let failure = outcomes[1].failure.expect("a failure");
        assert!(matches!(failure, Failure::NotFinite { time: 0.0, state: 0, .. }), "{failure}");
    }
}

#[test]
fn a_parameter_that_is_no_number_is_a_failure_of_that_patient_alone() {
    let mut courses = [1.0, f64::NAN, 2.0].map(|p| Look::<Decay, 1>::new([1.0], p, &[1.0]));
    let outcomes = solve(&mut courses, &Tolerance::uniform(1e-6, 1e-9));
    assert_eq!(outcomes[1].failure, Some(Failure::Diverged { time: 0.0 }));
    assert!(outcomes[0].failure.is_none() && outcomes[2].failure.is_none());
}

#[test]
fn too_many_steps_end_a_course() {
    let mut courses = [Look::<Decay, 1>::new([1.0], 1.0, &[1e3])];
    let tolerance = Tolerance { most_steps: 10, ..Tolerance::uniform(1e-10, 1e-14) };
    let outcome = solve(&mut courses, &tolerance)[0];
    assert!(matches!(outcome.failure, Some(Failure::TooManySteps { steps: 10, .. })), "{outcome:?}");
}

/// Stops over and over at the same time.
struct Stuck;

impl Course<1> for Stuck {
    type Model = Decay;

    fn start(&self) -> Start<Decay, 1> {
        Start { time: 0.0, state: [1.0], parameters: [1.0], stop: 2.0 }
    }

    fn observe(&mut self, _: &Step<'_, 1>) -> Option<f64> {
        None
    }

    fn stop(&mut self, time: f64, _: &mut [f64; 1], _: &mut [f64; 1]) -> Next {
        Next::Stop(time)
    }
}

#[test]
fn a_stop_that_is_not_later_is_refused() {
    let outcome = solve(&mut [Stuck], &Tolerance::uniform(1e-6, 1e-9))[0];
    assert_eq!(outcome.failure, Some(Failure::StopNotLater { time: 2.0, stop: 2.0 }));
}

#[test]
fn no_course_is_no_work() {
    assert!(solve::<Stuck, 1>(&mut [], &Tolerance::uniform(1e-6, 1e-9)).is_empty());
}
