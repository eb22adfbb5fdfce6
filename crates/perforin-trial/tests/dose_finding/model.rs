//! BOIN12 and Bayesian logistic regression against the published table, quadrature and enumeration.

use perforin_trial::dose_finding::blrm::{Blrm, Choice, DosePosterior, FEASIBILITY, Prior};
use perforin_trial::dose_finding::boin12::{Boin12, Outcomes, USUAL_UTILITIES};
use perforin_trial::dose_finding::simulate::Size;
use perforin_trial::dose_finding::{Next, Seen};

fn near(found: f64, expected: f64, error: f64) {
    assert!((found - expected).abs() <= error, "{found} instead of {expected}");
}

/// Reference: table 3 of Lin 2020 (doi 10.1200/PO.20.00257), toxicity at most 0.35, efficacy at least 0.25.
#[test]
fn desirability_scores_equal_the_published_table() {
    let design = Boin12::new(0.35, 0.25, USUAL_UTILITIES).unwrap();
    let scores = design.scores(&[0, 3, 6, 9]);
    assert_eq!(scores.len(), 1 + 16 + 49 + 100);
    for (n, toxic, responses, expected) in [
        (0, 0, 0, Some(60.0)),
        (3, 0, 3, Some(91.0)),
        (6, 1, 5, Some(87.0)),
        (9, 0, 8, Some(99.0)),
        (9, 2, 3, Some(32.5)),
        (9, 5, 5, Some(32.5)),
        (9, 3, 1, Some(7.0)),
        (6, 5, 1, None),
        (9, 4, 0, None),
        (9, 6, 9, None),
    ] {
        let row = scores.iter().find(|r| (r.0, r.1, r.2) == (n, toxic, responses)).unwrap();
        assert_eq!(row.3, expected, "{n} {toxic} {responses}");
    }
}

#[test]
fn boin12_moves_where_toxicity_allows_and_desirability_points() {
    let design = Boin12::new(0.35, 0.25, USUAL_UTILITIES).unwrap();
    let seen = |effective, neither, both, toxic| Outcomes { effective, neither, both, toxic };
    let none = Outcomes::default();
    // Safe and not yet convincing: an untried dose is more desirable (60) than 0 of 3 with efficacy.
    assert_eq!(design.next(&[seen(0, 3, 0, 0), none], 0), Next::Treat(1));
    // Safe and effective in all: stay.
    assert_eq!(design.next(&[seen(3, 0, 0, 0), none], 0), Next::Treat(0));
    // Observed toxicity above the boundary goes down, or stays at the lowest.
    assert_eq!(design.next(&[none, seen(1, 0, 1, 1)], 1), Next::Treat(0));
    assert_eq!(design.next(&[seen(1, 0, 1, 1), none], 0), Next::Treat(0));
    // Three of three toxic: closed, with all above; the lowest closed ends the trial.
    assert_eq!(design.next(&[seen(0, 0, 2, 1), none], 0), Next::Stop);
    assert_eq!(design.next(&[seen(2, 1, 0, 0), seen(0, 0, 0, 3)], 1), Next::Treat(0));
    // Between the boundaries with six patients it no longer explores upwards: 2 of 6 toxic.
    assert_eq!(design.next(&[none, seen(0, 4, 1, 1), none], 1), Next::Treat(0));
    assert_eq!(design.next(&[seen(0, 2, 1, 0), none, none], 0), Next::Treat(1));
    // No dose is selected that is ineffective.
    assert_eq!(design.selected(&[seen(0, 12, 0, 0)]), None);
    assert_eq!(design.selected(&[seen(3, 3, 0, 0), seen(5, 1, 0, 0), seen(3, 0, 1, 2)]), Some(1));
    assert!(Boin12::new(0.35, 0.25, [90.0, 40.0, 60.0, 0.0]).is_err());
    assert!(Boin12::new(0.35, 1.25, USUAL_UTILITIES).is_err());
}

/// All 4⁵ courses of five patients one by one.
#[test]
fn boin12_trials_agree_with_the_enumeration_of_all_courses() {
    fn follow(
        design: &Boin12,
        rates: [[f64; 3]; 2],
        seen: &[Outcomes],
        dose: Option<usize>,
        weight: f64,
        exact: &mut [f64],
    ) {
        let patients: u32 = seen.iter().map(|s| s.treated()).sum();
        let Some(dose) = dose.filter(|_| patients < 5) else {
            let selected = if dose.is_some() { design.selected(seen) } else { None };
            exact[selected.unwrap_or(3)] += weight;
            return;
        };
        let (t, e) = (rates[0][dose], rates[1][dose]);
        for (k, chance) in
            [e * (1.0 - t), (1.0 - e) * (1.0 - t), e * t, (1.0 - e) * t].into_iter().enumerate()
        {
            let mut after = seen.to_vec();
            let own = &mut after[dose];
            *[&mut own.effective, &mut own.neither, &mut own.both, &mut own.toxic][k] += 1;
            let next = match design.next(&after, dose) {
                Next::Treat(d) => Some(d),
                Next::Stop => None,
            };
            follow(design, rates, &after, next, weight * chance, exact);
        }
    }
    let design = Boin12::new(0.35, 0.25, USUAL_UTILITIES).unwrap();
    let rates = [[0.05, 0.2, 0.5], [0.2, 0.5, 0.6]];
    let mut exact = [0.0; 4];
    follow(&design, rates, &[Outcomes::default(); 3], Some(0), 1.0, &mut exact);
    near(exact.iter().sum(), 1.0, 1e-12);
    let trials = 100_000;
    let size = Size { cohort: 1, cohorts: 5, start: 0 };
    let found = design.operating_characteristics(&rates[0], &rates[1], size, (trials, 6)).unwrap();
    for (a, b) in found.selected.iter().chain([&found.none]).zip(exact) {
        near(*a, b, 5.0 * (b * (1.0 - b) / trials as f64).sqrt() + 1e-9);
    }
    assert!(design.operating_characteristics(&rates[0], &[0.1], size, (1, 1)).is_err());
}

const DOSES: [f64; 15] =
    [1.0, 2.5, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0, 75.0, 100.0, 150.0, 200.0, 250.0];
const PRIOR: Prior = Prior { mean: [2.15, 0.52], sd: [0.84, 0.8], correlation: 0.2 };

fn outcomes(cells: &[(usize, u32, u32)]) -> Vec<Seen> {
    let mut seen = vec![Seen::default(); DOSES.len()];
    for (dose, treated, toxic) in cells {
        seen[*dose] = Seen { treated: *treated, toxic: *toxic };
    }
    seen
}

/// The example of Neuenschwander 2008: 18 patients at five of 15 doses. Against Gauss–Legendre quadrature with 400 × 400 points,
/// cut at the limits: mean rate, probability above 0.2, above 0.35. Published means (by sampling): 0.0128 to 0.8942, within
/// 0.04.
#[test]
fn logistic_regression_equals_fine_quadrature() {
    let model = Blrm::new(&DOSES, 250.0, PRIOR, [0.2, 0.35], FEASIBILITY).unwrap();
    let seen = outcomes(&[(0, 3, 0), (1, 4, 0), (2, 5, 0), (3, 4, 0), (6, 2, 2)]);
    let expected = [
        (0.011_563_389, 0.000_399_395, 0.000_006_354),
        (0.029_481_277, 0.004_127_329, 0.000_086_631),
        (0.061_284_851, 0.030_797_932, 0.001_201_494),
        (0.127_208_966, 0.191_543_842, 0.021_431_384),
        (0.191_809_536, 0.421_500_913, 0.094_655_796),
        (0.252_668_908, 0.623_180_786, 0.221_529_837),
        (0.308_848_134, 0.766_773_755, 0.371_964_779),
        (0.360_116_598, 0.859_449_178, 0.516_732_413),
        (0.448_601_666, 0.950_540_596, 0.737_626_010),
        (0.520_672_990, 0.982_665_667, 0.865_258_672),
        (0.648_345_184, 0.998_582_178, 0.974_661_499),
        (0.728_356_443, 0.999_831_888, 0.994_150_693),
        (0.818_443_373, 0.999_987_739, 0.999_222_557),
        (0.865_870_128, 0.999_996_512, 0.999_755_185),
        (0.894_437_449, 0.999_998_346, 0.999_883_081),
    ];
    let compare = |found: &[DosePosterior], expected: &[(f64, f64, f64)]| {
        for (p, (mean, low, high)) in found.iter().zip(expected) {
            near(p.mean, *mean, 1e-7);
            near(1.0 - p.under, *low, 5e-6);
            near(p.over, *high, 5e-6);
        }
    };
    let found = model.posterior(&seen).unwrap();
    compare(&found, &expected);
    near(found[0].mean, 0.0128, 0.04);
    near(found[14].mean, 0.8942, 0.04);
    let prior = [
        (0.220_454_124, 0.393_402_947, 0.276_310_092),
        (0.247_672_450, 0.439_023_290, 0.316_094_125),
        (0.273_044_432, 0.480_415_841, 0.353_456_378),
    ];
    compare(&model.posterior(&outcomes(&[])).unwrap()[5..8], &prior);
}

/// With data that leave no room the posterior is the observed rate; overdose control is monotone.
#[test]
fn overdose_control_opens_only_doses_that_are_unlikely_to_be_too_toxic() {
    let model = Blrm::new(&DOSES, 250.0, PRIOR, [0.2, 0.35], FEASIBILITY).unwrap();
    let many = model.posterior(&outcomes(&[(5, 4000, 1000), (7, 4000, 1400)])).unwrap();
    near(many[5].mean, 0.25, 0.01);
    near(many[7].mean, 0.35, 0.01);
    let few = model.posterior(&outcomes(&[(0, 3, 0), (1, 4, 0), (2, 5, 0), (3, 4, 0), (6, 2, 2)])).unwrap();
    for p in &few {
        near(p.under + p.target + p.over, 1.0, 1e-9);
    }
    assert!(few.windows(2).all(|w| w[0].mean < w[1].mean && w[0].over <= w[1].over));
    let open = few.iter().filter(|p| p.over <= FEASIBILITY).count();
    assert_eq!(model.recommended(&few, Choice::Highest, 14), Some(open - 1));
    assert_eq!(model.recommended(&few, Choice::Highest, 2), Some(2));
    let recommended = model.recommended(&few, Choice::MostProbable, 14).unwrap();
    assert!((0..open).all(|d| few[d].target <= few[recommended].target));
    let toxic = model.posterior(&outcomes(&[(0, 6, 6)])).unwrap();
    assert_eq!(model.recommended(&toxic, Choice::MostProbable, 14), None);
    let wrong = Blrm::new(&[2.0, 1.0], 1.0, PRIOR, [0.2, 0.35], FEASIBILITY).unwrap_err();
    assert_eq!(wrong.to_string(), "the doses must increase: number 2 is 1, after 2");
    assert!(Blrm::new(&DOSES, 250.0, PRIOR, [0.35, 0.2], FEASIBILITY).is_err());
    assert!(Blrm::new(&DOSES, 250.0, Prior { correlation: 1.0, ..PRIOR }, [0.2, 0.35], 0.25).is_err());
    assert!(model.posterior(&[Seen::default()]).is_err());
}

/// Adds the weight of every course from here on to the dose that it selects; the last place is for none.
fn follow_model(
    (model, choice): (&Blrm, Choice),
    rates: &[f64],
    seen: &[Seen],
    (dose, tried, left): (usize, usize, u32),
    weight: f64,
    exact: &mut [f64],
) {
    for toxic in 0..=3 {
        let chance = weight * perforin_trial::binomial::probability(toxic, 3, rates[dose]);
        let mut after = seen.to_vec();
        after[dose].treated += 3;
        after[dose].toxic += toxic;
        let posterior = model.posterior(&after).expect("possible patients");
        match model.recommended(&posterior, choice, tried + 1) {
            Some(next) if left > 1 => {
                let place = (next, tried.max(next), left - 1);
                follow_model((model, choice), rates, &after, place, chance, exact);
            }
            _ => {
                let selected = model.recommended(&posterior, choice, tried);
                exact[selected.unwrap_or(rates.len())] += chance;
            }
        }
    }
}

/// All 4³ courses of three cohorts of three.
#[test]
fn trials_by_logistic_regression_agree_with_the_enumeration_of_all_courses() {
    let prior = Prior { mean: [-1.0, 0.0], sd: [2.0, 1.0], correlation: 0.0 };
    let rates = [0.1, 0.25, 0.5];
    // EWOC limits the rate to its target, 0.33 here.
    for choice in [Choice::MostProbable, Choice::Highest] {
        let model = Blrm::new(&[1.0, 2.0, 4.0], 2.0, prior, [0.16, 0.33], FEASIBILITY).unwrap();
        let mut exact = [0.0; 4];
        follow_model((&model, choice), &rates, &[Seen::default(); 3], (0, 0, 3), 1.0, &mut exact);
        near(exact.iter().sum(), 1.0, 1e-12);
        let trials = 2_000;
        let size = Size { cohort: 3, cohorts: 3, start: 0 };
        let found = model.operating_characteristics(choice, &rates, size, (trials, 7)).unwrap();
        for (a, b) in found.selected.iter().chain([&found.none]).zip(exact) {
            near(*a, b, 5.0 * (b * (1.0 - b) / trials as f64).sqrt() + 1e-9);
        }
    }
}
