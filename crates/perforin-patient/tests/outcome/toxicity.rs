//! Grades of toxicity.

use perforin_core::rng::{Purpose, Stream};
use perforin_patient::toxicity::astct::{
    Consciousness, Hypotension, Hypoxia, NeuroSigns, Oedema, Seizure, Signs, cytokine_release, neurotoxicity,
};
use perforin_patient::toxicity::ordinal::{CalibrationError, calibrate};
use perforin_patient::toxicity::organ;

/// The consensus table of the cytokine release syndrome.
#[test]
fn cytokine_release_has_the_grades_of_the_consensus() {
    use Hypotension as P;
    use Hypoxia as O;
    let rows = [
        (37.9, false, P::None, O::None, 0),
        (38.0, false, P::None, O::None, 1),
        (39.5, false, P::NoVasopressor, O::None, 2),
        (38.5, false, P::None, O::LowFlow, 2),
        (38.5, false, P::OneVasopressor, O::None, 3),
        (38.5, false, P::NoVasopressor, O::HighFlow, 3),
        (38.5, false, P::SeveralVasopressors, O::None, 4),
        (38.5, false, P::None, O::PositivePressure, 4),
        // The consensus paper's example: 39.5 °C, one vasopressor and low-flow oxygen are grade 3.
        (39.5, false, P::OneVasopressor, O::LowFlow, 3),
        // After tocilizumab or steroids, fever is no longer asked for.
        (36.8, true, P::OneVasopressor, O::None, 3),
        (36.8, false, P::OneVasopressor, O::None, 0),
    ];
    for (temperature, fever_treated, hypotension, hypoxia, grade) in rows {
        let signs = Signs { temperature, fever_treated, hypotension, hypoxia };
        assert_eq!(cytokine_release(signs), grade, "{signs:?}");
    }
}

/// The consensus table of neurotoxicity in adults.
#[test]
fn neurotoxicity_has_the_grades_of_the_consensus() {
    let well = NeuroSigns {
        ice: 10,
        consciousness: Consciousness::Spontaneous,
        seizure: Seizure::None,
        motor: false,
        oedema: Oedema::None,
    };
    let grades = (0..=10).map(|ice| neurotoxicity(NeuroSigns { ice, ..well })).collect::<Vec<_>>();
    assert_eq!(grades, [3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 0]);
    let rows = [
        (NeuroSigns { consciousness: Consciousness::ToVoice, ..well }, 2),
        (NeuroSigns { consciousness: Consciousness::ToTouch, ..well }, 3),
        (NeuroSigns { consciousness: Consciousness::Unarousable, ice: 0, ..well }, 4),
        (NeuroSigns { seizure: Seizure::Brief, ice: 8, ..well }, 3),
        (NeuroSigns { seizure: Seizure::Prolonged, ..well }, 4),
        (NeuroSigns { motor: true, ..well }, 4),
        (NeuroSigns { oedema: Oedema::Focal, ..well }, 3),
        (NeuroSigns { oedema: Oedema::Diffuse, ..well }, 4),
        // The consensus paper's example: ICE 3 with a generalised seizure is grade 3.
        (NeuroSigns { ice: 3, seizure: Seizure::Brief, ..well }, 3),
    ];
    for (signs, grade) in rows {
        assert_eq!(neurotoxicity(signs), grade, "{signs:?}");
    }
}

fn severities(n: u64) -> Vec<f64> {
    (0..n).map(|k| 2.0 * Stream::new(3, Purpose::Sweep).at(k, 0).normal() + 1.0).collect()
}

#[test]
fn calibrated_cut_points_give_a_population_its_rates() {
    let severities = severities(5000);
    let rates = [0.74, 0.4, 0.15, 0.04];
    let cuts = calibrate(&severities, rates).expect("cut points");
    for k in 0..4 {
        let mean = severities.iter().map(|s| cuts.probabilities(*s)[k]).sum::<f64>() / 5000.0;
        assert!((mean - rates[k]).abs() < 1e-9, "grade {}: {mean}", k + 1);
        assert!(k == 0 || cuts.0[k] > cuts.0[k - 1]);
        // Drawn grades have the rates too, within four standard errors.
        let drawn = severities.iter().enumerate().filter(|(i, s)| {
            let susceptibility = Stream::new(4, Purpose::Sweep).at(*i as u64, 0).uniform();
            usize::from(cuts.grade(**s, susceptibility)) > k
        });
        let rate = drawn.count() as f64 / 5000.0;
        let standard_error = (rates[k] * (1.0 - rates[k]) / 5000.0).sqrt();
        assert!((rate - rates[k]).abs() < 4.0 * standard_error, "grade {}: {rate}", k + 1);
    }
}

#[test]
fn a_patient_reaches_a_grade_at_the_severity_that_is_named() {
    let cuts = calibrate(&severities(200), [0.7, 0.4, 0.2, 0.1]).expect("cut points");
    for grade in 1..=4 {
        for susceptibility in [0.01, 0.3, 0.9] {
            let at = cuts.severity_of(grade, susceptibility);
            assert!(
                cuts.grade(at - 1e-9, susceptibility) < grade
                    && cuts.grade(at + 1e-9, susceptibility) >= grade
            );
        }
    }
}

#[test]
fn rates_that_no_population_has_are_refused() {
    let refused = |rates| calibrate(&[1.0, 2.0], rates).expect_err("refused");
    assert_eq!(refused([0.5, 0.6, 0.2, 0.1]), CalibrationError::Rate { grade: 2, rate: 0.6 });
    assert_eq!(refused([0.5, 0.4, 0.2, 0.0]), CalibrationError::Rate { grade: 4, rate: 0.0 });
    assert!(matches!(calibrate(&[], [0.5, 0.4, 0.2, 0.1]), Err(CalibrationError::Severity { .. })));
    let nan = calibrate(&[1.0, f64::NAN], [0.5, 0.4, 0.2, 0.1]);
    assert!(matches!(nan, Err(CalibrationError::Severity { index: 1, .. })));
}

#[test]
fn an_organ_fails_when_its_reserve_is_gone() {
    let grades = [0.0, 0.05, 0.1, 0.2, 0.31, 0.4, 0.9].map(|lost| organ::grade(lost, 0.4));
    assert_eq!(grades, [0, 0, 1, 2, 3, 4, 4]);
    assert_eq!(organ::grade(0.0, 0.0), 0);
}
