//! Published findings on antigen density, affinity and co-stimulation that the receptor model reproduces with the
//! defaults of the catalogue.

use perforin_core::receptor::{Contact, Costimulation, Receptor, Response, Signalling};

/// A CAR of the affinity `kd` (M) with 50,000 copies per T cell.
fn contact(kd: f64, costimulation: Costimulation) -> Contact {
    let receptor = Receptor { kd, kon: 1e5, density: 50_000.0 };
    Contact::new(&receptor, &Signalling::of(costimulation))
}

/// Density, in molecules per cell, at which `read` reaches one half between 100 and 1,000,000.
fn half_effect(contact: &Contact, read: impl Fn(Response) -> f64) -> f64 {
    let (mut low, mut high) = (2.0_f64, 6.0_f64);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if read(contact.response(libm::pow(10.0, middle))) < 0.5 { low = middle } else { high = middle }
    }
    libm::pow(10.0, low)
}

/// Affinities from 0.1 nM to 1 µM, ten per decade.
fn affinities() -> Vec<f64> {
    (0..=40).map(|i| libm::pow(10.0, -10.0 + f64::from(i) / 10.0)).collect()
}

/// Watanabe 2015 (doi 10.4049/jimmunol.1402346), anti-CD20 CD28 CAR: lysis from about 200 molecules per cell,
/// cytokine from about ten times that.
#[test]
fn f4_lysis_needs_about_200_molecules_and_cytokine_a_decade_more() {
    let contact = contact(5e-9, Costimulation::Cd28);
    let lysis = half_effect(&contact, |r| r.lysis);
    let cytokine = half_effect(&contact, |r| r.cytokine);
    assert!((100.0..=400.0).contains(&lysis), "half-effect of lysis at {lysis}");
    assert!((8.0..=20.0).contains(&(cytokine / lysis)), "cytokine at {cytokine}, lysis at {lysis}");
}

/// Majzner 2020 (doi 10.1158/2159-8290.CD-19-0945): with little antigen, 4-1BB falls behind CD28.
#[test]
fn f5_at_2000_molecules_4_1bb_falls_more_than_cd28() {
    let (cd28, four_one_bb) = (contact(5e-9, Costimulation::Cd28), contact(5e-9, Costimulation::FourOneBb));
    let (low, plenty) = (2_000.0, 1e6);
    let kept = |c: &Contact| c.response(low).cytokine / c.response(plenty).cytokine;
    assert!(kept(&four_one_bb) < 0.5 * kept(&cd28), "{} {}", kept(&four_one_bb), kept(&cd28));
    assert!(four_one_bb.response(low).lysis < cd28.response(low).lysis);
    assert!(half_effect(&four_one_bb, |r| r.lysis) > half_effect(&cd28, |r| r.lysis));
    // With plenty of antigen the two are alike.
    assert!((four_one_bb.response(plenty).lysis - cd28.response(plenty).lysis).abs() < 0.01);
}

/// Liu 2015 (doi 10.1158/0008-5472.CAN-15-0159): a high-affinity CAR lyses at any level, a micromolar CAR only cells
/// that overexpress.
#[test]
fn f6_high_affinity_lyses_both_densities_and_micromolar_only_the_high_one() {
    let (normal, overexpressed) = (1e4, 1e6);
    for kd in affinities().into_iter().filter(|kd| *kd <= 1e-8) {
        let contact = contact(kd, Costimulation::Cd28);
        assert!(contact.response(normal).lysis >= 0.8, "{kd}");
        assert!(contact.response(overexpressed).lysis >= 0.8, "{kd}");
    }
    let weak = contact(1e-6, Costimulation::Cd28);
    assert!(weak.response(normal).lysis <= 0.2, "{:?}", weak.response(normal));
    assert!(weak.response(overexpressed).lysis >= 0.7, "{:?}", weak.response(overexpressed));
}

/// Park 2017 and the Tyr/HLA-A2 series (Mol Cancer Ther 2021;20:872) find efficacy over affinity non-monotonic. The
/// optimum must stand out from both ends by more than a tenth of the maximal response.
#[test]
fn f6_efficacy_over_affinity_has_an_interior_optimum_at_low_density() {
    for density in [1_000.0, 3_000.0] {
        let cytokine: Vec<f64> = affinities()
            .iter()
            .map(|kd| contact(*kd, Costimulation::Cd28).response(density).cytokine)
            .collect();
        let best = cytokine.iter().copied().fold(0.0, f64::max);
        let at = cytokine.iter().position(|c| *c == best).unwrap();
        assert!(at > 0 && at + 1 < cytokine.len(), "optimum at index {at}");
        assert!(best > cytokine[0] + 0.1 && best > cytokine[40] + 0.1, "{cytokine:?}");
    }
    let lysis = |kd| contact(kd, Costimulation::Cd28).response(1_000.0).lysis;
    assert!(lysis(5e-9) > lysis(1e-10) + 0.1 && lysis(5e-9) > lysis(1e-6) + 0.1);
}

/// Walker 2017: cytokine depends on the density of the antigen and of the receptor.
#[test]
fn f4_cytokine_depends_on_antigen_and_receptor_density() {
    let contact = contact(5e-9, Costimulation::Cd28);
    let cytokine = |receptors, antigen| contact.with_receptors(receptors).response(antigen).cytokine;
    assert!(cytokine(50_000.0, 10_000.0) > 2.0 * cytokine(50_000.0, 1_000.0));
    assert!(cytokine(50_000.0, 10_000.0) > 2.0 * cytokine(1_000.0, 10_000.0));
}
