//! Doses, coincident doses and thresholds.

use perforin_patient::ode::{
    Course, LANES, Lanes, Next, Scalar, Start, Step, System, Tolerance, first_fall, solve,
};

/// Two compartments: distribution in minutes, elimination over days.
struct TwoCompartments;

const IN: f64 = 76.78;
const OUT: f64 = 1.84;
const LOSS: f64 = 0.3;

impl System<2> for TwoCompartments {
    type Parameters<F: Copy> = F;

    fn lanes(patients: [&f64; LANES]) -> Lanes {
        Lanes(patients.map(|p| *p))
    }

    fn rates<S: Scalar>(loss: &S::Constant, [blood, tissue]: &[S; 2]) -> [S; 2] {
        let exchange = *blood * IN - *tissue * OUT;
        [-exchange - *blood * *loss, exchange]
    }
}

/// The exact solution of one dose into blood at time 0, by the two eigenvalues.
fn exact(t: f64) -> [f64; 2] {
    let (sum, product) = (IN + OUT + LOSS, LOSS * OUT);
    let root = (sum * sum - 4.0 * product).sqrt();
    let (fast, slow) = (0.5 * (sum + root), 2.0 * product / (sum + root));
    let (ef, es) = (libm::exp(-fast * t), libm::exp(-slow * t));
    let blood = ((fast - OUT) * ef + (OUT - slow) * es) / (fast - slow);
    let tissue = IN * (es - ef) / (fast - slow);
    [blood, tissue]
}

/// Doses into blood on given days, two of them at the same time; ends when blood has fallen to a threshold.
#[derive(Clone)]
struct Dosed {
    doses: Vec<(f64, f64)>,
    given: usize,
    times: Vec<f64>,
    seen: Vec<[f64; 2]>,
    threshold: f64,
    ended: Option<f64>,
    crossed: bool,
}

impl Dosed {
    fn new(doses: &[(f64, f64)], times: &[f64], threshold: f64) -> Self {
        let (doses, times) = (doses.to_vec(), times.to_vec());
        Self { doses, given: 0, times, seen: vec![], threshold, ended: None, crossed: false }
    }

    fn last(&self) -> f64 {
        *self.times.last().expect("a time")
    }

    fn expected(&self, t: f64) -> [f64; 2] {
        let mut sum = [0.0; 2];
        for (day, amount) in self.doses.iter().filter(|(day, _)| *day < t) {
            let part = exact(t - day);
            sum = [sum[0] + amount * part[0], sum[1] + amount * part[1]];
        }
        sum
    }
}

impl Course<2> for Dosed {
    type Model = TwoCompartments;

    fn start(&self) -> Start<TwoCompartments, 2> {
        Start { time: 0.0, state: [0.0; 2], parameters: LOSS, stop: self.doses[0].0 }
    }

    fn observe(&mut self, step: &Step<'_, 2>) -> Option<f64> {
        let cut = first_fall(step, |y| y[1] - self.threshold).filter(|_| self.given == self.doses.len());
        let end = cut.unwrap_or(step.to());
        while let Some(&time) = self.times.get(self.seen.len()).filter(|t| **t <= end) {
            self.seen.push(step.at(time));
        }
        self.crossed = cut.is_some();
        cut
    }

    fn stop(&mut self, time: f64, state: &mut [f64; 2], _: &mut f64) -> Next {
        if self.crossed {
            self.ended = Some(time);
            return Next::End;
        }
        while let Some((_, amount)) = self.doses.get(self.given).filter(|(day, _)| *day <= time) {
            state[0] += amount;
            self.given += 1;
        }
        match self.doses.get(self.given) {
            Some((day, _)) => Next::Stop(*day),
            None if time < self.last() => Next::Stop(self.last()),
            None => Next::End,
        }
    }
}

const DOSES: [(f64, f64); 5] = [(0.0, 1.0), (0.5, 2.0), (3.0, 1.0), (3.0, 4.0), (3.001, 0.5)];

#[test]
fn doses_add_up_to_the_sum_of_their_exact_solutions() {
    let times: Vec<f64> = (1..=400).map(|i| 0.0317 * f64::from(i)).collect();
    for (relative, bound) in [(1e-5, 2e-5), (1e-9, 5e-9)] {
        let mut courses = [Dosed::new(&DOSES, &times, -1.0)];
        let outcome = solve(&mut courses, &Tolerance::uniform(relative, relative * 1e-3));
        assert_eq!(outcome[0].failure, None);
        assert_eq!(courses[0].seen.len(), times.len());
        for (t, seen) in times.iter().zip(&courses[0].seen) {
            let expected = courses[0].expected(*t);
            for i in 0..2 {
                let error = (seen[i] - expected[i]).abs() / expected[1];
                assert!(error < bound, "day {t}, state {i}: {} against {}", seen[i], expected[i]);
            }
        }
    }
}

#[test]
fn coincident_doses_are_one_event_with_both_amounts() {
    let times = [2.9, 3.0005, 5.0];
    let mut courses = [
        Dosed::new(&DOSES, &times, -1.0),
        Dosed::new(&[DOSES[0], DOSES[1], (3.0, 5.0), DOSES[4]], &times, -1.0),
    ];
    solve(&mut courses, &Tolerance::uniform(1e-6, 1e-9));
    assert_eq!(courses[0].seen, courses[1].seen);
}

#[test]
fn a_threshold_is_met_when_the_exact_solution_meets_it() {
    for (relative, bound) in [(1e-5, 1e-3), (1e-10, 1e-7)] {
        let mut courses = [Dosed::new(&[(0.0, 1.0)], &[1000.0], 1e-3)];
        solve(&mut courses, &Tolerance::uniform(relative, 1e-12));
        let ended = courses[0].ended.expect("the threshold is met");
        assert!(courses[0].seen.is_empty());
        // Bisection on the exact solution, which falls after its first hour.
        let (mut low, mut high) = (1.0, 1000.0);
        for _ in 0..100 {
            let middle = 0.5 * (low + high);
            if exact(middle)[1] > 1e-3 { low = middle } else { high = middle }
        }
        assert!((ended - low).abs() < bound * low, "day {ended}, exact {low}");
    }
}
