//! Two-stage and group-sequential designs against the reference packages; Bayesian designs against enumeration and
//! quadrature.

#[path = "efficacy/bayes.rs"]
mod bayes;

use perforin_trial::binomial::{at_most, probability};
use perforin_trial::efficacy::group_sequential::{Shape, boundaries, stopping};
use perforin_trial::efficacy::simon::{Demand, TwoStage, designs, infer};

fn demand(p0: f64, p1: f64, alpha: f64, beta: f64) -> Demand {
    Demand { p0, p1, alpha, beta }
}

/// Every design keeps to its errors, summed up afresh; and where the reference looked at as many patients, they agree.
#[test]
fn simon_designs_equal_the_reference() {
    // The reference was computed with at most 145 patients.
    const LOOKED_AT: u32 = 145;
    let path = format!("{}/tests/data/simon.csv", env!("CARGO_MANIFEST_DIR"));
    let mut reader = csv::Reader::from_path(path).unwrap();
    let (mut compared, mut beyond) = (0, 0);
    for row in reader.records().map(|r| r.unwrap()) {
        let x = |k: usize| row[k].parse::<f64>().unwrap();
        let whole = |k: usize| row[k].parse::<u32>().unwrap();
        let asked = demand(x(0), x(1), x(2), x(3));
        let found = designs(asked).unwrap().unwrap();
        let design = if &row[4] == "optimal" { found.optimal } else { found.minimax };
        assert!(1.0 - accepted(design, asked.p0) <= asked.alpha && accepted(design, asked.p1) <= asked.beta);
        let ends = [found.admissible.first(), found.admissible.last()];
        assert_eq!(ends, [Some(&found.minimax), Some(&found.optimal)]);
        if design.n > LOOKED_AT {
            assert!(&row[4] == "optimal" && design.expected < x(9), "{row:?} {design:?}");
            beyond += 1;
            continue;
        }
        let numbers = [design.r1, design.n1, design.r, design.n];
        assert_eq!(numbers, [whole(5), whole(6), whole(7), whole(8)], "{row:?} {design:?}");
        assert!(
            (design.expected - x(9)).abs() < 1e-9 && (design.stops_early - x(10)).abs() < 1e-9,
            "{row:?}"
        );
        compared += 1;
    }
    assert!(compared > 80 && beyond <= 3, "{compared} compared, {beyond} beyond");
}

/// Probability of not rejecting at a response rate.
fn accepted(TwoStage { n1, r1, n, r, .. }: TwoStage, rate: f64) -> f64 {
    let second: f64 =
        (r1 + 1..=n1.min(r)).map(|x| probability(x, n1, rate) * at_most(r - x, n - n1, rate)).sum();
    at_most(r1, n1, rate) + second
}

/// Every admissible design is the best for some weight of largest against expected size.
#[test]
fn admissible_designs_minimise_a_weighted_size() {
    let found = designs(demand(0.2, 0.4, 0.05, 0.1)).unwrap().unwrap();
    assert!(found.admissible.len() >= 3, "{found:?}");
    let cost = |d: &TwoStage, w: f64| w * f64::from(d.n) + (1.0 - w) * d.expected;
    for design in &found.admissible {
        let best_for_some = (0..=1000)
            .map(|k| f64::from(k) / 1000.0)
            .any(|w| found.admissible.iter().all(|other| cost(design, w) <= cost(other, w) + 1e-9));
        assert!(best_for_some, "{design:?}");
    }
}

/// Reference: `twostage.inference(6, 1, 10, 29, 0.1)` of the package clinfun.
#[test]
fn inference_after_two_stages_equals_the_reference() {
    let design = TwoStage { n1: 10, r1: 1, n: 29, r: 5, expected: 0.0, stops_early: 0.0 };
    let found = infer(design, 6, 0.1, 0.9);
    assert!((found.estimate - 0.261_308_53).abs() < 5e-9, "{found:?}");
    assert!((found.p_value - 0.047_086_31).abs() < 5e-9, "{found:?}");
}

/// The estimate is unbiased at every rate, and the interval covers as often as it says.
#[test]
fn the_estimate_is_unbiased_and_its_interval_covers() {
    let design = TwoStage { n1: 10, r1: 1, n: 29, r: 5, expected: 0.0, stops_early: 0.0 };
    let outcomes: Vec<_> = (0..=29).map(|s| infer(design, s, 0.1, 0.9)).collect();
    for rate in [0.05, 0.1, 0.3, 0.6] {
        let chance = |s: u32| -> f64 {
            if s <= 1 {
                return probability(s, 10, rate);
            }
            (2..=10.min(s)).map(|x| probability(x, 10, rate) * probability(s - x, 19, rate)).sum()
        };
        let total: f64 = (0..=29).map(chance).sum();
        let mean: f64 = (0..=29).map(|s| chance(s) * outcomes[s as usize].estimate).sum();
        assert!((total - 1.0).abs() < 1e-12 && (mean - rate).abs() < 1e-12, "{rate}: {mean}");
        let covers = |s: u32| {
            let (low, high) = outcomes[s as usize].interval;
            low <= rate && rate <= high
        };
        let covered: f64 = (0..=29).filter(|s| covers(*s)).map(chance).sum();
        assert!(covered >= 0.9, "{rate}: {covered}");
    }
}

/// Reference: the package rpact, three looks, one-sided 0.025.
#[test]
fn group_sequential_boundaries_equal_the_reference() {
    let near = |found: Vec<f64>, known: [f64; 3]| {
        assert!(found.iter().zip(known).all(|(a, b)| (a - b).abs() < 1e-5), "{found:?}");
    };
    near(boundaries(Shape::OBrienFleming, 3, 0.025).unwrap(), [3.471_09, 2.454_43, 2.004_04]);
    near(boundaries(Shape::Pocock, 3, 0.025).unwrap(), [2.289_48; 3]);
    // One look is a plain test.
    assert!((boundaries(Shape::Pocock, 1, 0.025).unwrap()[0] - 1.959_963_985).abs() < 1e-8);
    assert!((stopping(&boundaries(Shape::OBrienFleming, 5, 0.05).unwrap()) - 0.05).abs() < 1e-9);
}

#[test]
fn what_cannot_be_is_refused() {
    assert!(designs(demand(0.4, 0.2, 0.05, 0.2)).unwrap_err().to_string().contains("p0 is 0.4"));
    assert!(designs(demand(0.2, 0.4, 0.0, 0.2)).is_err());
    assert!(boundaries(Shape::Pocock, 0, 0.025).is_err());
    assert_eq!(designs(demand(0.2, 0.21, 0.05, 0.1)).unwrap(), None);
    assert!(at_most(3, 3, 0.4) == 1.0);
}

/// Probabilities of the designs' own hypotheses, which the search computes in another way.
#[test]
fn a_two_stage_design_rejects_as_often_as_its_errors_say() {
    use perforin_trial::efficacy::simon::{Demand, designs};
    let demand = Demand { p0: 0.1, p1: 0.3, alpha: 0.05, beta: 0.2 };
    let design = designs(demand).unwrap().unwrap().optimal;
    let ((level, expected), (power, _)) = (design.at(0.1), design.at(0.3));
    assert!(level <= 0.05 && power >= 0.8);
    assert!((expected - design.expected).abs() < 1e-9);
    // By all pairs of outcomes of the two stages.
    let mut sum = 0.0;
    for x in design.r1 + 1..=design.n1 {
        for y in 0..=design.n - design.n1 {
            if x + y > design.r {
                let p = perforin_trial::binomial::probability;
                sum += p(x, design.n1, 0.3) * p(y, design.n - design.n1, 0.3);
            }
        }
    }
    assert!((sum - power).abs() < 1e-12);
}

mod randomised {
    use perforin_trial::efficacy::group_sequential::{Shape, boundaries};
    use perforin_trial::efficacy::randomised::{Group, Randomised, Subject};
    use perforin_trial::manufacturing::{LogNormal, Manufacturing, Policy};

    /// As large as the trial of satri-cel, with its medians and hazard ratios of infused patients (PMID 40460847).
    fn satri_cel() -> Randomised {
        let manufacturing = Manufacturing {
            screen_failure: 0.41,
            apheresis_failure: 0.0,
            failure: 0.154,
            harvest: LogNormal { median: 1e10, log_sd: 0.0 },
            least: 0.0,
            planned_from: 0.8,
            policy: Policy::AssignedLevel,
            vein_to_vein: LogNormal { median: 21.0, log_sd: 0.0 },
            attrition: 0.0,
            bridging: None,
            replaces: false,
            feasible_from: 0.0,
        };
        Randomised {
            product: 104,
            control: 52,
            medians: [54.0, 167.0],
            hazard_ratios: [0.304, 0.601],
            groups: Vec::new(),
            crossover: 0.4,
            accrual_interval: 5.0,
            follow_up: 270.0,
            manufacturing: Some(manufacturing),
            dose: 2.5e8,
            boundaries: boundaries(Shape::OBrienFleming, 2, 0.025).expect("boundaries"),
            alpha: 0.025,
        }
        .check()
        .expect("a trial")
    }

    #[test]
    fn medians_and_shares_are_as_stated() {
        let trial = Randomised { follow_up: 1e6, crossover: 0.0, ..satri_cel() };
        let all: Vec<Subject> = (0..100).flat_map(|number| trial.patients(3, number)).collect();
        let median = |keep: &dyn Fn(&&Subject) -> bool, of: fn(&Subject) -> f64| {
            let mut times: Vec<f64> = all.iter().filter(keep).map(of).collect();
            times.sort_by(f64::total_cmp);
            times[times.len() / 2]
        };
        let near =
            |found: f64, expected: f64| assert!((found / expected - 1.0).abs() < 0.06, "{found}, {expected}");
        near(median(&|p| !p.product, |p| p.pfs.time), 54.0);
        near(median(&|p| !p.product, |p| p.os.time), 167.0);
        near(median(&|p| p.infused, |p| p.pfs.time), 54.0 / 0.304);
        near(median(&|p| p.infused, |p| p.os.time), 167.0 / 0.601);
        near(median(&|p| p.product && !p.infused, |p| p.pfs.time), 54.0);
        let product = all.iter().filter(|p| p.product).count();
        assert_eq!(product, 10_400);
        let infused = all.iter().filter(|p| p.infused).count() as f64 / product as f64;
        assert!((infused - 0.846).abs() < 0.015, "{infused}");
        assert!(all.iter().all(|p| p.pfs.time <= p.os.time));
    }

    /// Survival of a mixture is the mean of its groups' exponentials; a group without weight has no patients.
    #[test]
    fn survival_of_groups_is_that_of_their_mixture() {
        let group = |weight, pfs, prognosis| Group { weight, hazard_ratios: [pfs, 0.6], prognosis };
        let groups = vec![group(3.0, 0.3, 1.0), group(0.0, 90.0, 50.0), group(1.0, 0.9, 2.0)];
        let trial =
            Randomised { groups, follow_up: 1e6, crossover: 0.0, ..satri_cel() }.check().expect("a trial");
        let all: Vec<Subject> = (0..100).flat_map(|number| trial.patients(5, number)).collect();
        let hazard = std::f64::consts::LN_2 / 54.0;
        let free = |keep: &dyn Fn(&&Subject) -> bool, t: f64| {
            let of: Vec<&Subject> = all.iter().filter(keep).collect();
            let share = of.iter().filter(|p| p.pfs.time > t).count() as f64 / of.len() as f64;
            (share, (share * (1.0 - share) / of.len() as f64).sqrt())
        };
        for t in [30.0, 90.0, 200.0] {
            let survives = |rate: f64| libm::exp(-hazard * rate * t);
            let (infused, error) = free(&|p| p.infused, t);
            let expected = 0.75 * survives(0.3) + 0.25 * survives(1.8);
            assert!((infused - expected).abs() < 4.0 * error, "{t} {infused} {expected}");
            let (control, error) = free(&|p| !p.product, t);
            let expected = 0.75 * survives(1.0) + 0.25 * survives(2.0);
            assert!((control - expected).abs() < 4.0 * error, "{t} {control} {expected}");
        }
        // Where the product does nothing the groups keep their prognosis alone.
        let null = trial.null();
        assert!(null.groups.iter().all(|g| g.hazard_ratios == [1.0, 1.0]) && null.groups[2].prognosis == 2.0);
        let impossible = Randomised { groups: vec![group(1.0, 0.1, 1.0)], ..satri_cel() };
        assert!(impossible.check().is_err(), "death is one of the events of progression-free survival");
    }

    /// The trial's hazard ratios: 0.366 (0.241 to 0.557) of all and 0.304 of those infused. Attrition alone makes the
    /// difference here.
    #[test]
    fn attrition_alone_dilutes_the_hazard_ratio_of_all_randomised() {
        let trial = satri_cel();
        let seen = trial.operating(200, 5);
        let [all, infused, _, _] = seen.hazard_ratios.map(|quantiles| quantiles[1]);
        assert!((infused - 0.304).abs() < 0.02, "{infused}");
        assert!((0.33..0.42).contains(&all), "{all}");
        assert!((seen.not_infused - 16.0).abs() < 1.0, "{}", seen.not_infused);
        assert!(seen.rejects() > 0.99);
    }

    #[test]
    fn a_product_that_does_nothing_is_called_active_as_often_as_the_level_says() {
        let seen = satri_cel().null().operating(1500, 9);
        // Four standard errors of a share of 2.5 %.
        assert!((seen.rejects() - 0.025).abs() < 0.016, "{}", seen.rejects());
    }

    #[test]
    fn survival_that_cannot_be_is_refused() {
        let wrong = |change: fn(&mut Randomised)| {
            let mut trial = satri_cel();
            change(&mut trial);
            trial.check().unwrap_err()
        };
        wrong(|t| t.control = 1);
        wrong(|t| t.medians = [200.0, 167.0]);
        wrong(|t| t.hazard_ratios = [0.1, 0.9]);
        wrong(|t| t.crossover = 1.5);
    }
}
