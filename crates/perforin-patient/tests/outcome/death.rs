//! Death of a virtual patient, against solutions by hand.

use perforin_patient::response::death::Hazard;

const DAYS: [f64; 4] = [0.0, 10.0, 40.0, 400.0];

#[test]
fn a_constant_burden_gives_the_exponential_law() {
    let hazard = Hazard { other: 1e-3, tumour: 1e-5, toxicity: 0.0 };
    // 0.001 and 400 mL at 1e-5 make 0.005 a day.
    for u in [0.9, 0.5, 0.2] {
        let found = hazard.death(u, &DAYS, &[400.0; 4], &[]).expect("a death");
        assert!((found + libm::log(u) / 5e-3).abs() < 1e-9, "{u}: {found}");
    }
    assert_eq!(hazard.death(0.1, &DAYS, &[400.0; 4], &[]), None);
    assert_eq!(Hazard { other: 0.0, ..hazard }.death(0.5, &DAYS, &[0.0; 4], &[]), None);
}

/// A volume of 10·t mL at 1e-4 per mL and day: H = 5e-4·t².
#[test]
fn a_growing_burden_gives_the_law_of_its_integral() {
    let hazard = Hazard { other: 0.0, tumour: 1e-4, toxicity: 0.0 };
    let volume = DAYS.map(|day| 10.0 * day);
    for u in [0.99, 0.5, 0.01] {
        let found = hazard.death(u, &DAYS, &volume, &[]).expect("a death");
        assert!((found - (-libm::log(u) / 5e-4).sqrt()).abs() < 1e-9, "{u}: {found}");
    }
}

#[test]
fn a_toxicity_kills_its_share_of_patients_and_no_other() {
    let hazard = Hazard { other: 0.0, tumour: 0.0, toxicity: 0.2 };
    let dead = |u: f64, toxic: &[f64]| hazard.death(u, &DAYS, &[0.0; 4], toxic);
    // One toxicity leaves 0.8, two leave 0.64.
    assert_eq!([0.81, 0.79, 0.63].map(|u| dead(u, &[12.0])), [Some(40.0), None, None]);
    assert_eq!([0.81, 0.65, 0.63].map(|u| dead(u, &[12.0, 12.0])), [Some(40.0), Some(40.0), None]);
    assert_eq!(dead(0.9, &[]), None);
    assert_eq!(dead(0.9, &[0.0]), Some(0.0));
}
