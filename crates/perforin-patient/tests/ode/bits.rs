//! The same patient has the same bits in any company.

use perforin_patient::ode::{Tolerance, solve};

use crate::perf8::{self, Patient};
use crate::problem::{Look, Robertson};

#[test]
fn a_patient_alone_has_the_bits_that_it_has_in_any_company() {
    let tolerance = Tolerance::uniform(1e-6, 1e-12);
    let course = |k: u32| {
        let x = f64::from(k) / 23.0;
        Look::<Robertson, 3>::new([1.0 - x, 0.0, x], 0.0, &[0.4, 3.0 + x, 1e4, 1e7])
    };
    let mut together: Vec<_> = (0..23).map(course).collect();
    let outcomes = solve(&mut together, &tolerance);
    for k in 0..23 {
        let mut alone = [course(k)];
        let outcome = solve(&mut alone, &tolerance);
        assert_eq!(outcome[0], outcomes[k as usize], "course {k}");
        assert_eq!(alone[0].seen, together[k as usize].seen, "course {k}");
    }
}

#[test]
fn the_order_of_patients_does_not_change_their_bits() {
    let Some(population) = perf8::population(37) else { return };
    let tolerance = Tolerance::uniform(1e-6, 1e-9);
    let run = |order: &mut dyn Iterator<Item = usize>| {
        let mut patients: Vec<_> = order.map(|k| Patient::new(population[k], k % 2 == 0)).collect();
        solve(&mut patients, &tolerance);
        patients.iter().map(|p| p.answer.values().map(f64::to_bits)).collect::<Vec<_>>()
    };
    let forwards = run(&mut (0..37));
    let mut backwards = run(&mut (0..37).rev());
    backwards.reverse();
    assert_eq!(forwards, backwards);
}
