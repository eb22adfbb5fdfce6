//! Names, tables and errors of the published models.

use perforin_patient::models::{MODELS, by_name};

#[test]
fn every_model_says_what_it_is() {
    for model in MODELS {
        assert_eq!(by_name(model.name).expect("itself").name, model.name);
        assert!(model.doi.starts_with("10.") && !model.title.is_empty());
        let names: Vec<_> = model.variables().map(|v| v.name).collect();
        assert!(names.contains(&"product") || model.name == "kirouac-2023", "{}: {names:?}", model.name);
        for variable in model.variables() {
            assert!(!variable.unit.is_empty() && !variable.meaning.is_empty(), "{}", variable.name);
            assert_eq!(names.iter().filter(|n| **n == variable.name).count(), 1, "{}", variable.name);
        }
        for parameter in model.parameters {
            assert!(parameter.name.starts_with(model.name), "{}", parameter.name);
            assert_eq!(parameter.check(parameter.value), Ok(parameter.value), "{}", parameter.name);
        }
        let patients = model.patients();
        assert!(!patients.is_empty());
        for patient in &patients {
            assert_eq!(patient.values.len(), model.parameters.len());
            assert_eq!(patients.iter().filter(|p| p.name == patient.name).count(), 1, "{}", patient.name);
            for (parameter, value) in model.parameters.iter().zip(&patient.values) {
                assert_eq!(parameter.check(*value), Ok(*value), "{} of {}", parameter.name, patient.name);
            }
        }
    }
}

#[test]
fn cohorts_have_their_published_sizes() {
    let sizes: Vec<_> = MODELS.iter().map(|m| (m.name, m.patients().len())).collect();
    assert_eq!(
        sizes,
        [
            ("hardiansyah-2019", 1),
            ("stein-2019", 1),
            ("barros-2021", 1),
            ("kimmel-2021", 1),
            ("leon-triana-2021", 2),
            ("mueller-schoell-2021", 20),
            ("carrgodex-2022", 72),
            ("kirouac-2023", 36),
            ("minucci-2024", 13),
        ]
    );
}

#[test]
fn wrong_names_and_values_are_told_with_what_is_right() {
    let message = by_name("stein-2018").expect_err("no model").to_string();
    assert!(message.contains("did you mean `stein-2019`?") && message.contains("kirouac-2023"), "{message}");
    let model = by_name("kimmel-2021").expect("a model");
    let message = model.patient("typicl").expect_err("no patient").to_string();
    assert_eq!(message, "kimmel-2021 has no patient `typicl` (did you mean `typical`?)");
    let mut patient = model.patient("typical").expect("a patient");
    let message = model.set(&mut patient, "r_B0", 0.1).expect_err("no parameter").to_string();
    assert_eq!(message, "kimmel-2021 has no parameter `r_B0` (did you mean `r_b`?)");
    let message = model.set(&mut patient, "r_b", -0.1).expect_err("negative").to_string();
    assert!(message.starts_with("-0.1 is outside of 0 to 10 /d (kimmel-2021.r_b: "), "{message}");
    assert!(model.set(&mut patient, "kimmel-2021.r_b", 0.3).is_ok());
    let message = model.run(&patient, &[0.0, 2.0, 1.0], 1e-6).expect_err("times").to_string();
    assert_eq!(message, "time 2 is day 1: times must be finite, not negative and ascending");
    assert!(model.run(&patient, &[0.0, f64::NAN], 1e-6).is_err());
    assert!(model.run(&patient, &[], 1e-6).is_ok());
}

/// Every corner of every parameter's range ends in a curve or a named failure.
#[test]
fn no_accepted_value_breaks_a_model() {
    for model in MODELS {
        let times = [0.0, 1.0, 30.0];
        for (i, parameter) in model.parameters.iter().enumerate() {
            for value in [parameter.range.0, parameter.range.1] {
                let mut patient = model.patients().swap_remove(0);
                patient.values[i] = value;
                if let Ok(curve) = model.run(&patient, &times, 1e-5) {
                    assert!(curve.columns.iter().all(|c| c.len() == 3), "{} = {value}", parameter.name);
                    let finite = curve.columns.iter().flatten().all(|v| v.is_finite());
                    assert!(finite, "{} = {value}: {:?}", parameter.name, curve.columns);
                }
            }
        }
    }
}
