//! What must hold whatever the parameters are.

use perforin_patient::regimen::{Act, Route, Rules};
use perforin_patient::solid_tumour::{Case, MOST_LESIONS, Plan, follow};
use perforin_patient::toxicity::ordinal::CutPoints;

use crate::support::{BODY, case, infusion, lesion, once};

/// Without births and deaths every cell that was given is somewhere: blood, lymphoid organs, cavity or lesions.
#[test]
fn product_is_conserved_through_blood_organs_cavity_and_lesions() {
    for route in [Route::Intravenous, Route::IntraArterial, Route::Intrapleural, Route::Intratumoural] {
        let mut lesions = [lesion(5e9, 1e8), lesion(1e9, 0.0)];
        lesions[1].in_cavity = 1.0;
        let mut case = case(lesions);
        case.regimen.lymphodepletion = None;
        case.regimen.infusions = vec![infusion(1e9, route)];
        case.days = 30;
        let c = &mut case.parameters.central;
        (c.expansion, c.homeostasis) = (0.0, 0.0);
        (c.effector_death, c.memory_death, c.exhausted_death) = (0.0, 0.0, 0.0);
        // Nothing rests in the cavity either.
        c.depot_exit = 2.0;
        let followed = case.follow::<29>();
        for day in [20, 25, 30] {
            let product = followed.product(day);
            // What is left in the cavity after 20 days of half a day's half-life is nothing.
            assert!((product / 1e9 - 1.0).abs() < 1e-6, "{route:?}, day {day}: {product}");
        }
    }
}

#[test]
fn an_untreated_lesion_doubles_in_its_doubling_time() {
    let mut case = case([lesion(1e8, 1e6), lesion(2e9, 0.0)]);
    case.regimen.infusions.clear();
    let followed = case.follow::<29>();
    for l in 0..2 {
        let growth = followed.tumour(l, 60) / followed.tumour(l, 0);
        // Logistic: a thousandth of the capacity slows it by as much.
        assert!((growth - 2.0).abs() < 0.01, "lesion {l}: {growth}");
    }
}

#[test]
fn lesions_share_one_blood_but_have_their_own_access_and_antigen() {
    let (near, mut hidden, mut other) = (lesion(2e9, 0.0), lesion(2e9, 0.0), lesion(2e9, 0.0));
    hidden.access = 0.0;
    (other.lysis_positive, other.cytokine_positive) = (0.0, 0.0);
    let mut case = case([near, hidden, other]);
    case.parameters.central.egress = 0.0;
    let followed = case.follow::<34>();
    assert!(followed.tumour(0, 60) < 0.5 * followed.tumour(0, 0));
    let mut untreated = case.clone();
    untreated.regimen.infusions.clear();
    let untreated = untreated.follow::<34>();
    for l in [1, 2] {
        let ratio = followed.tumour(l, 60) / untreated.tumour(l, 60);
        assert!((ratio - 1.0).abs() < 1e-6, "lesion {l}: {ratio}");
    }
}

/// A change of a case.
type Change<'a> = (&'a str, &'a dyn Fn(&mut crate::support::Case<1>));

/// More of what should help helps; less of what should harm harms less.
#[test]
fn every_lever_acts_in_its_direction() {
    let base = case([lesion(5e9, 1e8)]);
    let left = |change: &dyn Fn(&mut crate::support::Case<1>)| {
        let mut case = base.clone();
        change(&mut case);
        case.follow::<24>().tumour(0, 28)
    };
    let reference = left(&|_| ());
    let helps: [Change<'_>; 6] = [
        ("expansion", &|c| c.parameters.central.expansion *= 1.3),
        ("less exhaustion", &|c| c.parameters.central.exhaustion *= 0.5),
        ("less suppression", &|c| c.parameters.central.suppression *= 0.2),
        ("antibody", &|c| c.regimen.repeated = vec![once(1.0, Act::Antibody { amount: 200.0 })]),
        ("IL-2", &|c| {
            c.regimen.repeated = (0..8).map(|k| once(0.5 * f64::from(k), Act::Il2 { amount: 1.0 })).collect();
        }),
        ("a dose more", &|c| c.regimen.infusions.push(infusion(2.5e8, Route::Intravenous))),
    ];
    for (name, change) in helps {
        assert!(left(change) < 0.98 * reference, "{name}");
    }
    let harms: [Change<'_>; 3] = [
        ("no lymphodepletion", &|c| c.regimen.lymphodepletion = None),
        ("steroids", &|c| {
            c.regimen.repeated =
                (0..60).map(|k| once(0.25 * f64::from(k), Act::Steroid { amount: 20.0 })).collect();
        }),
        ("a weak signal", &|c| c.parameters.lesion[0].cytokine_positive = 1e-4),
    ];
    for (name, change) in harms {
        assert!(left(change) > 1.02 * reference, "{name}");
    }
}

#[test]
fn an_adapter_product_works_while_its_adapter_is_there() {
    let mut case = case([lesion(5e9, 0.0)]);
    case.parameters.central.needs_adapter = 1.0;
    let without = case.follow::<24>();
    assert!(without.tumour(0, 60) > 1.9 * without.tumour(0, 0));
    case.regimen.repeated =
        (0..240).map(|k| once(0.25 * f64::from(k), Act::Adapter { amount: 200.0 })).collect();
    let with = case.follow::<24>();
    assert!(with.tumour(0, 60) < 0.5 * with.tumour(0, 0), "{}", with.tumour(0, 60));
}

#[test]
fn a_switch_kills_its_part_of_the_product_everywhere() {
    let mut case = case([lesion(5e9, 1e8)]);
    let before = case.follow::<24>();
    case.regimen.repeated = vec![once(20.0, Act::Switch { efficiency: 0.95 })];
    let after = case.follow::<24>();
    let ratio = after.product(20) / before.product(20);
    assert!((ratio - 0.05).abs() < 1e-6, "{ratio}");
}

/// On-target, off-tumour: an organ is harmed by what the product reads on it, by no other thing.
#[test]
fn an_organ_is_lost_only_where_it_carries_the_target() {
    let mut case = case([lesion(5e9, 1e8)]);
    let spared = case.follow::<24>();
    assert!((spared.outcome.organ - 1.0).abs() < 1e-9);
    case.parameters.central.organ_lysis = 0.3;
    let harmed = case.follow::<24>();
    assert!(harmed.outcome.organ < 0.9999, "{}", harmed.outcome.organ);
    case.parameters.central.organ_lysis = 1.0;
    assert!(case.follow::<24>().outcome.organ < harmed.outcome.organ);
}

#[test]
fn regional_delivery_brings_more_to_the_lesion_of_its_cavity() {
    let run = |route| {
        let mut inside = lesion(1e9, 0.0);
        inside.in_cavity = 1.0;
        let mut case = case([inside, lesion(1e9, 0.0)]);
        case.regimen.lymphodepletion = None;
        case.regimen.infusions = vec![infusion(1e8, route)];
        case.follow::<29>()
    };
    let (vein, pleura) = (run(Route::Intravenous), run(Route::Intrapleural));
    assert!(pleura.tumour(0, 28) < 0.8 * vein.tumour(0, 28));
}

/// Linear-quadratic: of ten fractions of 2 Gy, exp(-10(0.3·2 + 0.03·4)) of the cells survive.
#[test]
fn radiotherapy_leaves_the_part_that_the_linear_quadratic_model_says() {
    let mut case = case([lesion(1e9, 1e8)]);
    case.regimen.infusions.clear();
    let untreated = case.follow::<24>();
    case.regimen.radiotherapy = vec![perforin_patient::regimen::Radiotherapy {
        day: 10.0,
        fractions: 10,
        dose: 2.0,
        alpha: 0.3,
        beta: 0.03,
    }];
    let ratio = case.follow::<24>().tumour(0, 30) / untreated.tumour(0, 30);
    let exact = libm::exp(-10.0 * (0.3 * 2.0 + 0.03 * 4.0));
    // Fewer cells grow a thousandth faster by the logistic law.
    assert!((ratio / exact - 1.0).abs() < 2e-3, "{ratio} against {exact}");
}

/// The area is added up step by step; the end of a step is hardly ever day 28. Simpson's rule over the daily samples of the
/// smooth part, from day 1, is right to 1e-3; what the first day adds is bounded by its ends.
#[test]
fn the_area_of_four_weeks_ends_on_day_28_whatever_the_steps_are() {
    let area_at = |relative: f64| {
        let case = case([lesion(5e9, 1e8)]);
        let plan = Plan {
            days: (0..=112).map(|k| 0.25 * f64::from(k)).chain([60.0]).collect(),
            rules: case.regimen.rules,
            release: CutPoints([4.0, 6.0, 7.5, 9.0]),
            seed: case.seed,
        };
        let acts = case.regimen.timeline(&BODY, 1.0).expect("a regimen");
        let patient = Case {
            number: 0,
            central: case.parameters.central,
            lesions: case.parameters.lesion.to_vec(),
            susceptibility: 0.5,
            weight: BODY.weight,
            acts,
        };
        let followed = follow(&[patient], &plan, relative).swap_remove(0);
        assert_eq!(followed.failure, None);
        (followed.outcome.area28, followed.samples)
    };
    let (area, samples) = area_at(1e-8);
    for relative in [1e-4, 1e-5, 1e-6] {
        let other = area_at(relative).0;
        assert!((other / area - 1.0).abs() < 2e-3, "{other} at {relative}, {area} at 1e-8");
    }
    let simpson: f64 = (4..112)
        .step_by(2)
        .map(|k| 0.25 / 3.0 * (samples[k].blood + 4.0 * samples[k + 1].blood + samples[k + 2].blood))
        .sum();
    let first_day = area - simpson;
    assert!(
        first_day > 0.0 && first_day < samples[0].blood,
        "{first_day} on the first day, {}",
        samples[0].blood
    );
}

/// Patients of one to five lesions: one more that is empty changes nothing.
#[test]
fn an_empty_lesion_changes_nothing() {
    let plan = Plan {
        days: vec![0.0, 10.0, 28.0, 90.0],
        rules: Rules::default(),
        release: CutPoints([4.0, 6.0, 7.5, 9.0]),
        seed: 1,
    };
    let whole = case([lesion(5e9, 1e8)]);
    let acts = whole.regimen.timeline(&BODY, 1.0).expect("a regimen");
    let ends: Vec<f64> = (1..=MOST_LESIONS)
        .map(|n| {
            let mut lesions = vec![lesion(0.0, 0.0); n];
            lesions[0] = whole.parameters.lesion[0];
            let central = whole.parameters.central;
            let case = Case {
                number: 3,
                central,
                lesions,
                susceptibility: 0.5,
                weight: BODY.weight,
                acts: acts.clone(),
            };
            let followed = follow(&[case], &plan, 1e-8).swap_remove(0);
            assert_eq!(followed.failure, None);
            assert!(
                followed.samples.iter().all(|s| s.tumour[1..].iter().flatten().all(|cells| *cells == 0.0))
            );
            // The positive cells on day 10, before the last are killed, and what the negative ones come to.
            followed.samples[1].tumour[0][0] + followed.samples[3].tumour[0][1]
        })
        .collect();
    assert!(ends.iter().all(|end| (end / ends[0] - 1.0).abs() < 1e-4), "{ends:?}");
}
