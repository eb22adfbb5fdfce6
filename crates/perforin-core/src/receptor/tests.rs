use proptest::prelude::*;

use super::*;

fn reference() -> Receptor {
    Receptor { kd: 5e-9, kon: 1e5, density: 50_000.0 }
}

fn contact(costimulation: Costimulation) -> Contact {
    Contact::new(&reference(), &Signalling::of(costimulation))
}

/// (4 − 3)(6 − 3) = 1·3 and (10 − 8)(9 − 8) = 0.25·8.
#[test]
fn pairs_solve_the_quadratic_in_whole_numbers() {
    assert_eq!(bound_pairs(4.0, 6.0, 1.0), 3.0);
    assert_eq!(bound_pairs(10.0, 9.0, 0.25), 8.0);
    assert_eq!(bound_pairs(7.0, 5.0, 0.0), 5.0);
    assert_eq!(bound_pairs(0.0, 5.0, 1.0), 0.0);
    assert_eq!(bound_pairs(f64::NAN, 5.0, 1.0), 0.0);
}

/// 1 nM in 1 µm³: 0.602 molecules.
#[test]
fn one_nanomolar_is_six_tenths_of_a_molecule_per_cubic_micrometre() {
    let k = dissociation_per_contact(1e-9, 60.0, 1.0 / 60.0);
    assert!((k - 0.602_214_076).abs() < 1e-12, "{k}");
}

/// S = B·(kp/(kp + koff))^N·koff/(koff + kl) with N = 2, kp = 0.3, koff = 0.1, kl = 0.025 is 0.45·B; with
/// f = 1, R = 4, L = 6 and K = 1 (volume 1/602.2 µm³ at 1 µM), B = 3. Rounding only.
#[test]
fn the_response_follows_its_equations() {
    let signalling = Signalling {
        contact_fraction: 1.0,
        contact_area: 1.0,
        contact_gap: 1.0 / 602.214_076,
        steps: 2.0,
        step_rate: 0.3,
        loss_rate: 0.025,
        lysis_threshold: 1.35 / 2.0,
        cytokine_threshold: 1.35 * 2.0,
        hill: 2.0,
    };
    let contact = Contact::new(&Receptor { kd: 1e-6, kon: 1e5, density: 4.0 }, &signalling);
    assert!((contact.bound_complexes(6.0) - 3.0).abs() < 1e-12);
    assert!((contact.productive_complexes(6.0) - 1.35).abs() < 1e-12);
    let response = contact.response(6.0);
    assert!((response.lysis - 0.8).abs() < 1e-12, "{response:?}");
    assert!((response.cytokine - 0.2).abs() < 1e-12, "{response:?}");
}

/// With n = 3 the same signal, twice the threshold of lysis and half that of cytokine, gives 8/9 and 1/9.
#[test]
fn any_steepness_is_followed() {
    let signalling = Signalling { hill: 3.0, ..Signalling::of(Costimulation::Cd28) };
    let signal = Contact::new(&reference(), &signalling).productive_complexes(2_000.0);
    let signalling =
        Signalling { lysis_threshold: signal / 2.0, cytokine_threshold: signal * 2.0, ..signalling };
    let response = Contact::new(&reference(), &signalling).response(2_000.0);
    assert!((response.lysis - 8.0 / 9.0).abs() < 1e-12, "{response:?}");
    assert!((response.cytokine - 1.0 / 9.0).abs() < 1e-12, "{response:?}");
}

#[test]
fn no_antigen_or_no_receptor_means_no_response() {
    let contact = contact(Costimulation::Cd28);
    assert_eq!(contact.response(0.0), Response::default());
    assert_eq!(contact.with_receptors(0.0).response(1e6), Response::default());
    assert_eq!(contact.response(f64::NAN), Response::default());
}

#[test]
fn every_parameter_of_signalling_is_asked_for() {
    let mut asked = Vec::new();
    for costimulation in [Costimulation::Cd28, Costimulation::FourOneBb, Costimulation::None] {
        let _ = Signalling::new(costimulation, |parameter| {
            asked.push(parameter.name);
            parameter.value
        });
    }
    for parameter in receptor::TABLE.iter().filter(|p| !p.name.starts_with("receptor.")) {
        assert!(asked.contains(&parameter.name), "{}", parameter.name);
    }
}

#[test]
fn co_stimulation_is_written_as_in_the_field() {
    let json =
        serde_json::to_string(&[Costimulation::None, Costimulation::Cd28, Costimulation::FourOneBb]).unwrap();
    assert_eq!(json, r#"["none","CD28","4-1BB"]"#);
}

proptest! {
    /// Over 24 decades of each number; the residual is relative to the larger side, with a few roundings.
    #[test]
    fn pairs_solve_the_quadratic(a in -6.0..18.0_f64, b in -6.0..18.0_f64, k in -12.0..12.0_f64) {
        let (a, b, k) = (libm::pow(10.0, a), libm::pow(10.0, b), libm::pow(10.0, k));
        let x = bound_pairs(a, b, k);
        let scarce = a.min(b);
        prop_assert!(x > 0.0 && x <= scarce * (1.0 + 1e-15));
        // (a − x)(b − x) = k·x solved for x/scarce, which avoids the difference of the scarce kind and x.
        let free = a.max(b) - x;
        let expected = scarce * free / (free + k);
        prop_assert!(free < 1e-9 * a.max(b) || (x - expected).abs() <= 1e-6 * expected, "{x} {expected}");
        prop_assert_eq!(x, bound_pairs(b, a, k));
    }

    #[test]
    fn responses_rise_with_antigen_and_receptors_and_stay_within_bounds(
        antigen in 0.0..8.0_f64, receptors in 0.0..7.0_f64, more in 1.0..10.0_f64,
    ) {
        let (antigen, receptors) = (libm::pow(10.0, antigen), libm::pow(10.0, receptors));
        let contact = contact(Costimulation::FourOneBb).with_receptors(receptors);
        let response = contact.response(antigen);
        let stronger = [contact.response(antigen * more), contact.with_receptors(receptors * more).response(antigen)];
        for r in stronger {
            // One rounding of the power.
            prop_assert!(r.lysis >= response.lysis * (1.0 - 1e-12) && r.cytokine >= response.cytokine * (1.0 - 1e-12));
            prop_assert!((0.0..=1.0).contains(&r.lysis) && (0.0..=r.lysis).contains(&r.cytokine));
        }
    }
}
