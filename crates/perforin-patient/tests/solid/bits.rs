//! The same patient has the same bits on any number of threads and in any company.

use perforin_patient::ode::Tolerance;
use perforin_patient::population::run::run;
use perforin_patient::regimen::Rules;
use perforin_patient::solid_tumour::{Patient, Plan};
use perforin_patient::toxicity::ordinal::CutPoints;

use crate::support::{BODY, case, lesion};

/// Patients with small clones, rescue drugs and lesions of their own, so that every kind of stop is among them.
fn rows(from: u64, to: u64) -> Vec<u64> {
    let case = case([lesion(5e9, 1e8), lesion(1e6, 3.0)]);
    let plan = Plan {
        days: (0..=90).map(f64::from).collect(),
        rules: Rules { tocilizumab_at: Some(1), steroid_at: Some(2), stop_infusions_at: Some(3) },
        release: CutPoints([3.0, 4.0, 5.0, 6.0]),
        seed: 3,
    };
    let acts = case.regimen.timeline(&BODY, 1.0).expect("a regimen");
    let make = |i: u64| {
        let mut parameters = case.parameters;
        parameters.lesion[0].access = 1.0 + (i % 7) as f64;
        parameters.lesion[1].access = 50.0 * (1.0 + (i % 5) as f64);
        Patient::new(i, parameters, 0.05 + 0.9 * (i % 11) as f64 / 11.0, BODY.weight, &plan, &acts)
    };
    let tolerance = Tolerance::uniform(1e-4, 1e-4);
    let rows = run((from, to), 5, &tolerance, make, |patient, out| {
        let (outcome, last) = (patient.outcome(), patient.samples()[90]);
        let [positive, negative] = last.tumour[1];
        out.extend([outcome.peak.0, outcome.il6, last.tumour[0][0], positive, negative]);
    });
    assert!(rows.failed.is_empty());
    rows.values.iter().map(|v| v.to_bits()).collect()
}

#[test]
fn a_population_has_the_same_bits_on_any_number_of_threads_and_in_any_cut() {
    let whole = rows(0, 150);
    for threads in [1, 2, 3, 4, 8] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        assert_eq!(pool.install(|| rows(0, 150)), whole, "{threads} threads");
    }
    let mut parts = rows(0, 29);
    parts.extend(rows(29, 150));
    assert_eq!(parts, whole);
    // They are not all one patient.
    assert!(whole.chunks(5).skip(1).any(|row| row != &whole[..5]));
}
