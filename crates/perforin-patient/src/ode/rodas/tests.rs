use super::super::LANES;
use super::*;

/// `x' = x (1 − x) + y`, `y' = −x y`: nonlinear, coupled, without a closed solution.
struct Coupled;

impl System<2> for Coupled {
    type Parameters<F: Copy> = [F; 1];

    fn lanes(patients: [&[f64; 1]; LANES]) -> [Lanes; 1] {
        [Lanes(patients.map(|p| p[0]))]
    }

    fn rates<S: Scalar>(p: &[S::Constant; 1], [x, y]: &[S; 2]) -> [S; 2] {
        [*x * x.complement() + *y, -*x * *y * p[0]]
    }
}

fn step(state: [f64; 2], h: f64) -> Work<Coupled, 2> {
    let mut work = Work::new([Lanes::number(1.0)], 1e-6, [1e-9; 2]);
    work.state = state.map(Lanes::number);
    work.step = Lanes::number(h);
    work.attempt(Machine::detect());
    work
}

fn after(state: [f64; 2], steps: u32, h: f64) -> [f64; 2] {
    (0..steps).fold(state, |state, _| step(state, h).next.map(|v| v.0[0]))
}

const START: [f64; 2] = [0.3, 0.5];

#[test]
fn the_method_has_order_five_and_its_estimate_order_four() {
    let exact = after(START, 4096, 1.0 / 4096.0);
    let errors = [4, 8, 16, 32].map(|n| (after(START, n, 1.0 / f64::from(n))[0] - exact[0]).abs());
    for pair in errors.windows(2) {
        let order = libm::log2(pair[0] / pair[1]);
        assert!((4.7..5.5).contains(&order), "order {order} from {errors:?}");
    }
    // The estimate of one step falls as h⁵.
    let estimates = [0.1, 0.05, 0.025].map(|h| step(START, h).stage[STAGES - 1][0].0[0].abs());
    for pair in estimates.windows(2) {
        let order = libm::log2(pair[0] / pair[1]);
        assert!((4.7..5.5).contains(&order), "order {order} from {estimates:?}");
    }
}

#[test]
fn the_continuous_extension_has_order_four() {
    let errors = [0.2, 0.1, 0.05].map(|h| {
        let work = step(START, h);
        let view = super::super::Step {
            from: 0.0,
            to: h,
            lane: 2,
            start: &work.state,
            end: &work.next,
            dense: &work.dense,
        };
        let error = |x: f64| (view.at(x * h)[0] - after(START, 64, x * h / 64.0)[0]).abs();
        [0.2, 0.4, 0.6, 0.8].map(error).into_iter().fold(0.0, f64::max)
    });
    for pair in errors.windows(2) {
        let order = libm::log2(pair[0] / pair[1]);
        assert!((4.7..5.6).contains(&order), "local order {order} from {errors:?}");
    }
}

/// On `y' = λy` a step multiplies by the stability function, which vanishes at infinity.
#[test]
fn a_very_stiff_step_lands_on_the_equilibrium() {
    struct Decay;
    impl System<1> for Decay {
        type Parameters<F: Copy> = [F; 1];
        fn lanes(patients: [&[f64; 1]; LANES]) -> [Lanes; 1] {
            [Lanes(patients.map(|p| p[0]))]
        }
        fn rates<S: Scalar>(p: &[S::Constant; 1], [y]: &[S; 1]) -> [S; 1] {
            [-*y * p[0]]
        }
    }
    let mut work: Work<Decay, 1> = Work::new([Lanes([1e3, 1e6, 1e9, 1e12])], 1e-6, [1e-9]);
    work.state = [Lanes::number(1.0)];
    work.attempt(Machine::detect());
    // It is a ratio of polynomials of degrees seven and eight, so it falls as 1/z.
    for (lane, bound) in [2e-2, 2e-5, 2e-8, 2e-11].into_iter().enumerate() {
        assert!(work.next[0].0[lane].abs() < bound, "lane {lane}: {}", work.next[0].0[lane]);
    }
}

#[test]
fn both_compiled_versions_give_the_same_bits() {
    let machines = [Machine::Portable, Machine::detect()];
    let [a, b] = machines.map(|machine| {
        let mut work: Work<Coupled, 2> = Work::new([Lanes([0.5, 1.0, 70.0, 3e5])], 1e-6, [1e-9; 2]);
        work.state = [Lanes([0.1, 0.7, 2.0, 1e-3]), Lanes([0.9, 1e-8, 5.0, 40.0])];
        work.step = Lanes([0.01, 0.3, 1.0, 2.0]);
        let first = work.first_step(machine);
        work.attempt(machine);
        (first, work.next, work.error, work.dense)
    });
    assert_eq!(a, b);
    if machines[0] == machines[1] {
        println!("skipped: this machine has no other version to compare");
    }
}
