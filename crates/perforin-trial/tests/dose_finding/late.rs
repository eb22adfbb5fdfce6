//! Designs in time against exact enumeration and quadrature.

use perforin_trial::dose_finding::crm::{Crm, Curve, USUAL_VARIANCE};
use perforin_trial::dose_finding::rolling_six::{self, decide, next, table};
use perforin_trial::dose_finding::rule::Decision;
use perforin_trial::dose_finding::three_plus_three::ThreePlusThree;
use perforin_trial::dose_finding::timed::{Known, Patient, Timing, known};
use perforin_trial::dose_finding::tite_boin::Advice;
use perforin_trial::dose_finding::{Move, Seen, tite_crm};

const PRIOR: [f64; 6] = [0.05, 0.1, 0.2, 0.35, 0.5, 0.7];

fn near(found: f64, expected: f64, error: f64) {
    assert!((found - expected).abs() <= error, "{found} instead of {expected}");
}

fn at(treated: u32, toxic: u32, pending: &[f64]) -> Known {
    Known { seen: Seen { treated, toxic }, pending: pending.to_vec() }
}

/// Eight patients, four of them pending; against adaptive quadrature by SciPy of the product of `(w p)^y (1 − w p)^(1−y)`.
#[test]
fn tite_crm_equals_adaptive_quadrature() {
    let doses = [
        at(0, 0, &[]),
        at(0, 0, &[0.05]),
        at(2, 0, &[0.8, 0.3]),
        at(2, 1, &[0.55]),
        at(0, 0, &[]),
        at(0, 0, &[]),
    ];
    let crm = Crm::new(Curve::Empiric, 0.2, &PRIOR, USUAL_VARIANCE).unwrap();
    let found = tite_crm::posterior(&crm, &doses).unwrap();
    near(found.mean, 0.213_679_520_491_82, 1e-9);
    near(found.variance, 0.279_053_979_850_945, 1e-9);
    let rates = [0.024_492_39, 0.057_779_56, 0.136_306_74, 0.272_554_47, 0.423_893_64, 0.642_978_43];
    for (a, b) in found.rates.iter().zip(rates) {
        near(*a, b, 1e-8);
    }
    // 0.136 is nearer to 0.2 than 0.273.
    assert_eq!((found.dose, tite_crm::next_dose(&crm, &doses)), (2, Ok(2)));
    let logistic = Crm::new(Curve::Logistic, 0.2, &PRIOR, USUAL_VARIANCE).unwrap();
    near(tite_crm::posterior(&logistic, &doses).unwrap().mean, 0.120_417_539_927_137, 1e-9);
}

#[test]
fn complete_patients_leave_the_plain_method_and_new_ones_say_nothing() {
    let crm = Crm::new(Curve::Empiric, 0.2, &PRIOR, USUAL_VARIANCE).unwrap();
    let seen =
        [(3, 0), (3, 1), (2, 2), (0, 0), (0, 0), (0, 0)].map(|(treated, toxic)| Seen { treated, toxic });
    let plain = crm.posterior(&seen);
    let new = seen.map(|s| Known { seen: s, pending: vec![0.0; 2] });
    assert_eq!(tite_crm::posterior(&crm, &new).unwrap(), plain);
    let mut all_passed = seen.map(|s| Known { seen: s, pending: Vec::new() });
    all_passed[0] = at(1, 0, &[1.0, 1.0]);
    near(tite_crm::posterior(&crm, &all_passed).unwrap().mean, plain.mean, 1e-12);
    // Nobody treated: the lowest dose, whatever the model prefers.
    let nobody = vec![Known::default(); 6];
    assert_eq!(tite_crm::next_dose(&crm, &nobody), Ok(0));
    assert!(tite_crm::next_dose(&crm, &nobody[..5]).is_err());
    let wrong = [at(1, 0, &[1.5]), at(0, 0, &[])];
    let two = Crm::new(Curve::Empiric, 0.2, &PRIOR[..2], USUAL_VARIANCE).unwrap();
    assert!(tite_crm::posterior(&two, &wrong).unwrap_err().to_string().contains("has passed is 1.5"));
}

/// All 2⁷ courses of seven patients who come so slowly that each is complete before the next.
#[test]
fn tite_crm_with_slow_accrual_is_the_method_one_by_one() {
    let crm = Crm::new(Curve::Empiric, 0.25, &PRIOR[1..5], USUAL_VARIANCE).unwrap();
    let rates = [0.1, 0.3, 0.45, 0.6];
    let mut exact = [0.0; 4];
    for course in 0..1_u32 << 7 {
        let mut doses = vec![Known::default(); 4];
        let mut weight = 1.0;
        for patient in 0..7 {
            let dose = tite_crm::next_dose(&crm, &doses).unwrap();
            let toxic = course >> patient & 1;
            weight *= if toxic == 1 { rates[dose] } else { 1.0 - rates[dose] };
            doses[dose].seen.treated += 1;
            doses[dose].seen.toxic += toxic;
        }
        exact[tite_crm::posterior(&crm, &doses).unwrap().dose] += weight;
    }
    let trials = 20_000;
    let slow = Timing { window: 28.0, between_arrivals: 1e6 };
    let found = tite_crm::operating_characteristics(&crm, &rates, 7, slow, (trials, 4)).unwrap();
    for (a, b) in found.characteristics.selected.iter().zip(exact) {
        near(*a, b, 5.0 * (b * (1.0 - b) / trials as f64).sqrt() + 1e-3);
    }
    // Six intervals between seven arrivals; the last window is short against them.
    near(found.days / 6e6, 1.0, 5.0 / (6.0 * trials as f64).sqrt());
    // Fast accrual takes little more than a window.
    let fast = Timing { window: 28.0, between_arrivals: 0.01 };
    let found = tite_crm::operating_characteristics(&crm, &rates, 7, fast, (2_000, 4)).unwrap();
    assert!(found.days < 28.2, "{found:?}");
}

#[test]
fn the_rolling_six_decides_as_its_table() {
    let go = |m| Ok(Advice::Go(m));
    for (enrolled, toxic, pending, expected) in [
        (2, 0, 2, go(Move::Stay)),
        (2, 2, 0, go(Move::Deescalate)),
        (3, 0, 0, go(Move::Escalate)),
        (3, 0, 1, go(Move::Stay)),
        (3, 1, 0, go(Move::Stay)),
        (3, 2, 1, go(Move::Deescalate)),
        (4, 0, 0, go(Move::Escalate)),
        (5, 0, 2, go(Move::Stay)),
        (5, 1, 0, go(Move::Stay)),
        (6, 0, 1, go(Move::Escalate)),
        (6, 1, 0, go(Move::Escalate)),
        (6, 1, 1, Ok(Advice::Wait)),
        (6, 0, 2, Ok(Advice::Wait)),
        (6, 2, 4, go(Move::Deescalate)),
    ] {
        assert_eq!(decide(enrolled, toxic, pending), expected, "{enrolled} {toxic} {pending}");
    }
    // For each number of patients, the ways to split them into three.
    assert_eq!(table().len(), 3 + 6 + 10 + 15 + 21 + 28);
    assert!(decide(3, 2, 2).is_err() && decide(7, 0, 0).is_err());
    let two = |a: Known, b: Known| next(&[a, b]).unwrap();
    assert_eq!(two(at(0, 0, &[]), at(0, 0, &[])), Decision::Treat(0));
    assert_eq!(two(at(3, 0, &[]), at(0, 0, &[])), Decision::Treat(1));
    assert_eq!(two(at(3, 0, &[]), at(2, 2, &[])), Decision::Treat(0));
    assert_eq!(two(at(6, 1, &[]), at(2, 2, &[])), Decision::Declare(Some(0)));
    assert_eq!(two(at(5, 0, &[0.5]), at(2, 2, &[])), Decision::Declare(Some(0)));
    assert_eq!(two(at(3, 2, &[]), at(0, 0, &[])), Decision::Declare(None));
    assert_eq!(two(at(3, 0, &[]), at(1, 1, &[0.1, 0.2, 0.3, 0.4, 0.5])), Decision::Wait);
    assert_eq!(two(at(3, 0, &[]), at(3, 0, &[])), Decision::Declare(Some(1)));
}

/// With patients far apart it is the 3+3 with six patients at the declared dose, whose probabilities are known exactly.
#[test]
fn the_rolling_six_with_slow_accrual_declares_as_the_3_plus_3() {
    let rates = [0.1, 0.2, 0.3, 0.4, 0.5];
    let exact = ThreePlusThree { with_deescalation: true }.exact(&rates).unwrap();
    let trials = 100_000;
    let slow = Timing { window: 28.0, between_arrivals: 1e6 };
    let found = rolling_six::operating_characteristics(&rates, slow, (trials, 2)).unwrap();
    let oc = &found.characteristics;
    for (a, b) in oc.selected.iter().chain([&oc.none]).zip(exact.declared.iter().chain([&exact.none])) {
        // Two arrivals within one window change a little.
        near(*a, *b, 5.0 * (b * (1.0 - b) / trials as f64).sqrt() + 1e-3);
    }
    // A single dose, never toxic: three patients, declared when the last window ends, not at the next arrival.
    let one = rolling_six::operating_characteristics(&[0.0], slow, (4_000, 2)).unwrap();
    near(one.days / 2e6, 1.0, 5.0 / (2.0 * 4_000_f64).sqrt());
    // Rolling on, it is faster than waiting for each, and treats at most six at a dose.
    let timing = |between_arrivals| Timing { window: 28.0, between_arrivals };
    let usual = rolling_six::operating_characteristics(&rates, timing(10.0), (5_000, 2)).unwrap();
    assert!(usual.characteristics.patients.iter().all(|n| *n <= 6.0));
    assert!(usual.days < 250.0 && usual.days > 28.0, "{usual:?}");
}

#[test]
fn trials_in_time_have_the_same_bits_for_any_number_of_threads() {
    let crm = Crm::new(Curve::Empiric, 0.25, &PRIOR, USUAL_VARIANCE).unwrap();
    let timing = Timing { window: 28.0, between_arrivals: 9.0 };
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            (
                tite_crm::operating_characteristics(&crm, &PRIOR, 12, timing, (700, 5)).unwrap(),
                rolling_six::operating_characteristics(&PRIOR, timing, (700, 5)).unwrap(),
            )
        })
    };
    let one = run(1);
    assert!([2, 3, 4, 8].into_iter().all(|threads| run(threads) == one));
    let wrong = Timing { window: 0.0, between_arrivals: 9.0 };
    assert!(rolling_six::operating_characteristics(&PRIOR, wrong, (1, 1)).is_err());
    assert!(tite_crm::operating_characteristics(&crm, &PRIOR[..5], 12, timing, (1, 1)).is_err());
}

#[test]
fn what_is_known_on_a_day_follows_from_the_dates() {
    let patient = |dose, treated_on, toxic_on| Patient { dose, treated_on, toxic_on };
    let patients = [
        patient(0, 0.0, None),
        patient(0, 10.0, Some(20.0)),
        patient(1, 12.0, Some(30.0)),
        patient(1, 14.0, None),
    ];
    let found = known(&patients, 2, 28.0, 28.0);
    assert_eq!(found, [at(2, 1, &[]), at(0, 0, &[16.0 / 28.0, 0.5])]);
}
