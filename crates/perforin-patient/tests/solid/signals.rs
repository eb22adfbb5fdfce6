//! Signals of a clone: quadrature against brute force, and the two-threshold findings.

use perforin_core::gate::Gate;
use perforin_core::receptor::{Contact, Costimulation, Receptor, Signalling};
use perforin_patient::solid_tumour::signals::{Density, mean_response};

fn contact(costimulation: Costimulation) -> Contact {
    let receptor = Receptor { kd: 5e-9, kon: 1e5, density: 50_000.0 };
    Contact::new(&receptor, &Signalling::new(costimulation, |p| p.value))
}

/// The mean by a fine sum over the quantiles of one density after the other.
fn brute_force(gate: &Gate, contacts: &[Contact], densities: &[Density]) -> f64 {
    let n = 801;
    let nodes: Vec<(f64, f64)> = (0..n)
        .map(|i| {
            let z = -8.0 + 16.0 * f64::from(i) / f64::from(n - 1);
            (z, libm::exp(-0.5 * z * z) * 16.0 / f64::from(n - 1) / (2.0 * std::f64::consts::PI).sqrt())
        })
        .collect();
    let lysis = |k: usize, z: f64| {
        contacts[k].response(densities[k].median * libm::exp(z * densities[k].log_sd)).lysis
    };
    if densities.len() == 1 {
        return nodes.iter().map(|(z, w)| w * gate.evaluate(&[lysis(0, *z)])).sum();
    }
    let second: Vec<(f64, f64)> = nodes.iter().map(|(z, w)| (lysis(1, *z), *w)).collect();
    nodes
        .iter()
        .map(|(z, w)| {
            let a = lysis(0, *z);
            w * second.iter().map(|(b, v)| v * gate.evaluate(&[a, *b])).sum::<f64>()
        })
        .sum()
}

#[test]
fn the_mean_over_densities_is_that_of_a_fine_sum() {
    let contacts = [contact(Costimulation::Cd28), contact(Costimulation::Cd28)];
    let densities = [Density { median: 400.0, log_sd: 0.9 }, Density { median: 3000.0, log_sd: 0.6 }];
    for text in ["A", "A & B", "A & !B", "A | B"] {
        let gate: Gate = text.parse().expect("a gate");
        let n = gate.antigens().len();
        let found = mean_response(gate.table(), &contacts[..n], &densities[..n]).lysis;
        let exact = brute_force(&gate, &contacts[..n], &densities[..n]);
        assert!((found - exact).abs() < 1e-3, "{text}: {found} against {exact}");
    }
}

/// F5 of the model's findings: at 2,000 molecules per cell 4-1BB loses more than CD28 (Majzner 2020, doi
/// 10.1158/2159-8290.CD-19-0945).
#[test]
fn four_1bb_loses_more_than_cd28_at_low_density() {
    let gate: Gate = "A".parse().expect("a gate");
    let kept = |costimulation| {
        let at = |median| {
            let density = [Density { median, log_sd: 0.5 }];
            mean_response(gate.table(), &[contact(costimulation)], &density).cytokine
        };
        at(2000.0) / at(1e6)
    };
    let (cd28, other) = (kept(Costimulation::Cd28), kept(Costimulation::FourOneBb));
    assert!(other < 0.7 * cd28, "4-1BB keeps {other}, CD28 {cd28}");
}
