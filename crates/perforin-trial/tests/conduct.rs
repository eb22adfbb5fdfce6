//! Whole dose-finding trials: against the step-by-step designs, exact enumeration, and what the process of manufacturing
//! must give on average.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

#[path = "conduct/models.rs"]
mod models;

use perforin_trial::dose_finding::Move;
use perforin_trial::dose_finding::board::Board;
use perforin_trial::dose_finding::boin::Boin;
use perforin_trial::dose_finding::conduct::Conduct;
use perforin_trial::dose_finding::crm::{Crm, Curve, USUAL_VARIANCE, skeleton};
use perforin_trial::dose_finding::rule::{Decision, Rule};
use perforin_trial::dose_finding::simulate::{Size, by_crm, by_table};
use perforin_trial::dose_finding::summary::{Characteristics, characteristics, right_level};
use perforin_trial::dose_finding::three_plus_three::ThreePlusThree;
use perforin_trial::dose_finding::truth::{Followed, PatientOutcome, RateCurve, Truth};
use perforin_trial::manufacturing::{Bridging, LogNormal, Manufacturing, Policy};

const DOSES: [f64; 5] = [1e7, 3e7, 1e8, 3e8, 1e9];
const TOXICITY: [f64; 5] = [0.05, 0.15, 0.3, 0.45, 0.6];

fn truth() -> Truth {
    let response = RateCurve::new("response rate", &DOSES, &[0.05, 0.1, 0.2, 0.3, 0.35]).unwrap();
    let toxicity = RateCurve::new("toxicity rate", &DOSES, &TOXICITY).unwrap();
    Truth::Stated { toxicity, response: Some(response) }
}

fn boin() -> Rule {
    Rule::Table { table: Boin::new(0.3).unwrap().table(30), target: 0.3 }
}

fn conduct(rule: Rule, manufacturing: Option<Manufacturing>) -> Conduct {
    let (cohort, patients, most_enrolled) = (3, 30, 200);
    let (window, accrual_interval) = (28.0, 14.0);
    let doses = DOSES.to_vec();
    Conduct {
        rule,
        doses,
        cohort,
        patients,
        most_enrolled,
        start: 0,
        window,
        accrual_interval,
        manufacturing,
    }
    .check()
    .unwrap()
}

fn process(policy: Policy) -> Manufacturing {
    Manufacturing {
        screen_failure: 0.3,
        apheresis_failure: 0.03,
        failure: 0.05,
        harvest: LogNormal { median: 2e8, log_sd: 1.0 },
        least: 1e7,
        planned_from: 0.8,
        policy,
        vein_to_vein: LogNormal { median: 24.0, log_sd: 0.3 },
        attrition: 0.006,
        bridging: Some(Bridging { share: 0.5, hazard_ratio: 0.6 }),
        replaces: true,
        feasible_from: 0.6,
    }
}

fn run(conduct: &Conduct, trials: u64) -> Characteristics {
    characteristics(conduct, &truth(), 0.3, (trials, 11)).unwrap()
}

/// Asserts that two shares of independent trials are within four standard errors of their difference.
fn near(a: f64, b: f64, trials: f64, exact: bool) {
    let variance = (a * (1.0 - a)).max(1.0 / trials) / trials * if exact { 1.0 } else { 2.0 };
    assert!((a - b).abs() < 4.0 * variance.sqrt(), "{a} and {b}");
}

#[test]
fn without_manufacturing_trials_are_those_of_the_bare_designs() {
    let (trials, size) = (4000, Size { cohort: 3, cohorts: 10, start: 0 });
    let ours = run(&conduct(boin(), None), trials);
    let bare = by_table(&Boin::new(0.3).unwrap().table(30), 0.3, &TOXICITY, size, (trials, 5)).unwrap();
    for (level, share) in ours.levels.iter().zip(&bare.selected) {
        near(ours.share(level.selected).0, *share, trials as f64, false);
    }
    let toxic = ours.per_trial(ours.total().toxic);
    assert!((toxic - bare.toxicities).abs() < 0.15, "{toxic} and {}", bare.toxicities);

    let prior = skeleton(0.05, 0.3, 2, 5).unwrap();
    let crm = Crm::new(Curve::Empiric, 0.3, &prior, USUAL_VARIANCE).unwrap();
    let ours = run(&conduct(Rule::Crm { crm: crm.clone(), target: 0.3 }, None), 1000);
    let bare = by_crm(&crm, &TOXICITY, size, (1000, 5)).unwrap();
    for (level, share) in ours.levels.iter().zip(&bare.selected) {
        near(ours.share(level.selected).0, *share, 1000.0, false);
    }
}

#[test]
fn three_plus_three_trials_have_the_exact_probabilities() {
    for with_deescalation in [false, true] {
        let design = ThreePlusThree { with_deescalation };
        let mut conduct = conduct(Rule::ThreePlusThree(design), None);
        conduct.patients = 60;
        let ours = run(&conduct, 4000);
        let exact = design.exact(&TOXICITY).unwrap();
        near(exact.none, ours.share(ours.none).0, 4000.0, true);
        for ((level, declared), patients) in ours.levels.iter().zip(&exact.declared).zip(&exact.patients) {
            near(*declared, ours.share(level.selected).0, 4000.0, true);
            assert!((ours.per_trial(level.counted) - patients).abs() < 0.2);
        }
    }
}

/// All courses of the rule that a trial follows, patient groups as they come.
fn enumerate(rule: &Rule, board: &Board, rates: &[f64], declared: &mut [f64], weight: f64) {
    let group = rule.wants(board, 3);
    for toxic in 0..=group {
        let chance = perforin_trial::binomial::probability(toxic, group, rates[board.dose]);
        let mut next = board.clone();
        (0..group).for_each(|k| next.add(board.dose, k < toxic, false));
        match rule.next(&mut next).unwrap() {
            Decision::Declare(dose) => declared[dose.unwrap_or(rates.len())] += weight * chance,
            _ => enumerate(rule, &next, rates, declared, weight * chance),
        }
    }
}

#[test]
fn the_exact_3_plus_3_equals_all_courses_to_ten_digits() {
    let rates = [0.1, 0.2, 0.3, 0.4, 0.5];
    for with_deescalation in [false, true] {
        let design = ThreePlusThree { with_deescalation };
        let mut declared = [0.0; 6];
        enumerate(&Rule::ThreePlusThree(design), &Board::new(5, 0), &rates, &mut declared, 1.0);
        let exact = design.exact(&rates).unwrap();
        for (found, known) in declared.iter().zip(exact.declared.iter().chain([&exact.none])) {
            assert!((found - known).abs() < 1e-12, "{declared:?} {exact:?}");
        }
    }
}

#[test]
fn every_enrolled_patient_is_counted_once_and_only_once() {
    for policy in [Policy::AssignedLevel, Policy::AchievedLevel, Policy::Replace] {
        for replaces in [true, false] {
            let making = Manufacturing { replaces, ..process(policy) };
            let conduct = conduct(boin(), Some(making));
            for number in 0..200 {
                let trial = conduct.run(&truth(), 7, number).unwrap();
                let counted: u32 = trial.seen.iter().map(|s| s.treated).sum();
                let infused = trial.patients.iter().filter(|p| p.is_infused()).count() as u32;
                let planned = trial.patients.iter().filter(|p| p.as_planned).count() as u32;
                match policy {
                    Policy::AssignedLevel => assert_eq!(counted, infused),
                    Policy::AchievedLevel => assert!((planned..=infused).contains(&counted)),
                    Policy::Replace => assert_eq!(counted, planned),
                }
                assert!(counted <= 30 && trial.patients.len() <= 200);
                assert!(trial.patients.iter().all(|p| p.known_on <= trial.duration));
                assert!(trial.patients.windows(2).all(|w| w[0].enrolled <= w[1].enrolled));
                assert!(trial.feasible <= trial.selected);
            }
            let all = run(&conduct, 100);
            for level in all.levels.iter().chain([&all.total()]) {
                let parts = level.no_apheresis + level.lost + level.not_made + level.infused;
                assert_eq!(level.enrolled, parts);
                assert!(level.planned <= level.infused && level.toxic <= level.infused);
            }
        }
    }
}

/// All trials stay at one level, so that the shares are those of independent patients.
#[test]
fn the_flow_from_enrolment_to_infusion_has_its_expectation() {
    let doses = [3e8];
    let making = process(Policy::AssignedLevel);
    let mut one = conduct(boin(), Some(making));
    one.doses = doses.to_vec();
    let toxicity = RateCurve::new("toxicity rate", &doses, &[0.2]).unwrap();
    let truth = Truth::Stated { toxicity, response: None };
    let all = characteristics(&one, &truth, 0.3, (3000, 1)).unwrap();
    let (n, total, expected) = (all.total().enrolled as f64, all.total(), making.expected(3e8));
    for (count, share) in [
        (total.enrolled - total.no_apheresis, expected.apheresed),
        (total.enrolled - total.no_apheresis - total.lost, expected.waited),
        (total.infused, expected.infused),
        (total.planned, expected.planned),
    ] {
        // Trials end on a count of infused patients, which moves shares by about one patient in forty.
        near(share, count as f64 / n, n / 4.0, true);
    }
    // The toxicity of those counted is the mean of the curve over the doses that were given.
    let harvest = making.harvest;
    let (mut sum, mut weight) = (0.0, 0.0);
    for k in 0..20_000 {
        let z = -8.0 + 16.0 * (f64::from(k) + 0.5) / 20_000.0;
        let (cells, density) = (harvest.at(z), libm::exp(-0.5 * z * z));
        if cells >= making.least {
            sum += density * truth.toxicity(cells.min(3e8));
            weight += density;
        }
    }
    let rate = total.counted_toxic as f64 / total.counted as f64;
    near(sum / weight, rate, total.counted as f64 / 2.0, true);
    assert!(rate < 0.2 * 0.8, "the assigned level hides toxicity: {rate}");
}

#[test]
fn those_infused_as_planned_have_the_stated_rate_whatever_the_policy() {
    for policy in [Policy::AssignedLevel, Policy::AchievedLevel, Policy::Replace] {
        let making = Manufacturing { planned_from: 1.0, ..process(policy) };
        let all = run(&conduct(boin(), Some(making)), 1500);
        // Those at the lowest levels are many; that trials end when toxicities are frequent biases a rate a little.
        for (level, rate) in all.levels.iter().zip(TOXICITY).take(3) {
            let seen = level.planned_toxic as f64 / level.planned as f64;
            assert!((seen - rate).abs() < 0.03, "{policy:?}: {seen} instead of {rate}");
        }
    }
}

#[test]
fn pending_patients_do_not_matter_where_accrual_is_slow() {
    let mut plain = conduct(boin(), None);
    plain.cohort = 1;
    plain.accrual_interval = 1e6;
    let tite = Conduct { rule: Rule::TiteBoin(Boin::new(0.3).unwrap()), ..plain.clone() };
    for number in 0..100 {
        let (a, b) = (plain.run(&truth(), 3, number).unwrap(), tite.run(&truth(), 3, number).unwrap());
        assert_eq!((a.seen, a.selected), (b.seen, b.selected));
    }
    let fast = |rule| run(&Conduct { rule, accrual_interval: 7.0, ..conduct(boin(), None) }, 300);
    let (waits, goes_on) = (fast(boin()), fast(Rule::TiteBoin(Boin::new(0.3).unwrap())));
    assert!(goes_on.duration < 0.8 * waits.duration, "{} and {}", goes_on.duration, waits.duration);
}

#[test]
fn designs_see_the_same_patients_and_threads_do_not_matter() {
    let making = process(Policy::AssignedLevel);
    let design = ThreePlusThree { with_deescalation: false };
    let (a, b) = (conduct(boin(), Some(making)), conduct(Rule::ThreePlusThree(design), Some(making)));
    let (a, b) = (a.run(&truth(), 3, 0).unwrap(), b.run(&truth(), 3, 0).unwrap());
    let first = |t: &perforin_trial::dose_finding::conduct::Finished| (t.patients[0], t.patients[1].fate);
    assert_eq!(first(&a), first(&b));
    let trial = conduct(boin(), Some(making));
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| run(&trial, 500))
    };
    let one = on(1);
    for threads in [2, 3, 8] {
        let other = on(threads);
        assert!(other == one && other.duration_sd.to_bits() == one.duration_sd.to_bits());
    }
}

#[test]
fn a_rate_curve_goes_through_its_points_and_falls_to_nothing() {
    let curve = RateCurve::new("rates", &DOSES, &TOXICITY).unwrap();
    for (dose, rate) in DOSES.iter().zip(TOXICITY) {
        assert!((curve.at(*dose) - rate).abs() < 1e-15);
    }
    assert!((curve.at((1e7_f64 * 3e7).sqrt()) - 0.1).abs() < 1e-12);
    assert_eq!((curve.at(5e6), curve.at(0.0), curve.at(1e12)), (0.025, 0.0, 0.6));
    for wrong in [
        RateCurve::new("rates", &[1.0, 1.0], &[0.1, 0.2]),
        RateCurve::new("rates", &[0.0, 1.0], &[0.1, 0.2]),
        RateCurve::new("rates", &[1.0, 2.0], &[0.1, 1.2]),
        RateCurve::new("rates", &[1.0, 2.0], &[0.1]),
        RateCurve::new("rates", &[], &[]),
    ] {
        assert!(wrong.is_err());
    }
}

#[test]
fn virtual_patients_keep_their_outcome_at_the_dose_that_they_reach() {
    let outcome = |toxic, responds| PatientOutcome { toxic, responds };
    let outcomes = vec![
        vec![outcome(false, false), outcome(false, true), outcome(true, true)],
        vec![outcome(false, false), outcome(false, false), outcome(false, true)],
    ];
    let truth = Truth::Patients(Followed::new(vec![1.0, 10.0, 100.0], outcomes).unwrap());
    assert_eq!((truth.toxicity(100.0), truth.toxicity(99.0), truth.response(10.0)), (0.5, 0.0, Some(0.5)));
    assert_eq!(truth.outcome([0.1, 0.9, 0.9], 250.0), outcome(true, true));
    assert_eq!(truth.outcome([0.9, 0.0, 0.0], 250.0), outcome(false, true));
    assert_eq!(truth.outcome([0.1, 0.0, 0.0], 0.5), outcome(false, false));
    assert!(Followed::new(vec![1.0, 1.0], vec![]).is_err());
}

#[test]
fn the_right_level_is_the_nearest_unless_all_are_too_toxic() {
    assert_eq!(right_level(&TOXICITY, 0.3), Some(2));
    assert_eq!(right_level(&[0.2, 0.4], 0.3), Some(0));
    assert_eq!(right_level(&[0.41, 0.5], 0.3), None);
}

/// A simulated trial told by hand, event by event, ends where the simulation ends.
#[test]
fn a_trial_told_by_hand_goes_the_way_of_the_simulated_one() {
    use perforin_trial::dose_finding::by_hand::{Advice, ByHand, Event, Outcome};
    use perforin_trial::manufacturing::Fate;
    let design = ThreePlusThree { with_deescalation: true };
    let prior = skeleton(0.05, 0.3, 2, 5).unwrap();
    let crm = Crm::new(Curve::Empiric, 0.3, &prior, USUAL_VARIANCE).unwrap();
    let rules = [boin(), Rule::ThreePlusThree(design), Rule::Crm { crm, target: 0.3 }];
    for (rule, policy) in
        rules.into_iter().zip([Policy::Replace, Policy::AssignedLevel, Policy::AchievedLevel])
    {
        let trial = conduct(rule, Some(process(policy)));
        for number in 0..30 {
            let simulated = trial.run(&truth(), 5, number).unwrap();
            let mut told = ByHand::new(&trial);
            let mut rest = &simulated.patients[..];
            while let Advice::Enrol { level, patients } = told.advice(told.day()).unwrap() {
                let now = &rest[..patients as usize];
                rest = &rest[now.len()..];
                for (k, patient) in now.iter().enumerate() {
                    assert_eq!(patient.level, level);
                    told.take(told.day(), &format!("{}-{k}", rest.len()), Event::Enrol { level }).unwrap();
                }
                for (k, patient) in now.iter().enumerate() {
                    let name = format!("{}-{k}", rest.len());
                    let outcome = match (patient.fate, patient.outcome.toxic) {
                        (Fate::Infused { dose, .. }, toxic) => {
                            told.take(told.day(), &name, Event::Infused { dose }).unwrap();
                            if toxic { Outcome::Toxic } else { Outcome::Free }
                        }
                        _ => Outcome::NotInfused,
                    };
                    told.take(told.day() + 1.0, &name, Event::Outcome(outcome)).unwrap();
                }
            }
            assert!(rest.is_empty());
            assert_eq!(told.advice(told.day()).unwrap(), Advice::Over(simulated.selected));
        }
    }
}

#[test]
fn what_cannot_be_told_is_refused_and_changes_nothing() {
    use perforin_trial::dose_finding::by_hand::{Advice, ByHand, Event, HandError, Outcome};
    let trial = conduct(boin(), None);
    let mut told = ByHand::new(&trial);
    for name in ["A", "B", "C"] {
        told.take(1.0, name, Event::Enrol { level: 0 }).unwrap();
    }
    told.take(2.0, "A", Event::Outcome(Outcome::Toxic)).unwrap();
    let enrol = Event::Enrol { level: 0 };
    for (day, name, event, message) in [
        (3.0, "D", enrol, "nobody may be enrolled before the outcome of B, C is known"),
        (3.0, "A", enrol, "patient `A` is enrolled already"),
        (3.0, "A", Event::Outcome(Outcome::Free), "patient `A` has an outcome already"),
        (3.0, "X", Event::Outcome(Outcome::Free), "there is no patient `X`; enrolled are: A, B, C"),
        (1.5, "B", Event::Outcome(Outcome::Free), "day 1.5 is not a day from 2 on, the day told last"),
        (3.0, "B", Event::Infused { dose: -1.0 }, "a dose of -1 is none of this trial"),
    ] {
        let error = told.take(day, name, event).unwrap_err();
        assert!(error.to_string().starts_with(message), "{error}");
        assert_eq!((told.day(), told.patients.len()), (2.0, 3));
    }
    told.take(30.0, "B", Event::Outcome(Outcome::Free)).unwrap();
    told.take(30.0, "C", Event::Outcome(Outcome::Free)).unwrap();
    // One of three at a target of 30 % is neither low nor high.
    assert_eq!(told.advice(30.0).unwrap(), Advice::Enrol { level: 0, patients: 3 });
    let error = told.take(30.0, "D", Event::Enrol { level: 1 }).unwrap_err();
    assert_eq!(error, HandError::Level { given: 1, due: 0 });
}

#[test]
fn told_by_hand_tite_boin_counts_follow_up() {
    use perforin_trial::dose_finding::by_hand::{Advice, ByHand, Event, Outcome};
    let tite = conduct(Rule::TiteBoin(Boin::new(0.3).unwrap()), None);
    let mut told = ByHand::new(&tite);
    for name in ["A", "B", "C"] {
        told.take(0.0, name, Event::Enrol { level: 0 }).unwrap();
    }
    assert!(matches!(told.advice(14.0).unwrap(), Advice::Wait { .. }));
    told.take(20.0, "A", Event::Outcome(Outcome::Free)).unwrap();
    told.take(20.0, "B", Event::Outcome(Outcome::Free)).unwrap();
    // 0.15/2 of the pending patient's rest of 8 days of 28 is far below what escalates.
    assert_eq!(told.advice(20.0).unwrap(), Advice::Enrol { level: 1, patients: 3 });
    told.take(20.0, "D", Event::Enrol { level: 1 }).unwrap();
    assert_eq!(told.advice(20.0).unwrap(), Advice::Enrol { level: 1, patients: 2 });
}

/// What is known only after the last patient was enrolled counts too: where all doses are too toxic, deciding with pending
/// patients must not end with a dose more often by more than it pays for speed.
#[test]
fn no_dose_is_selected_that_the_whole_trial_shows_to_be_too_toxic() {
    let tite = conduct(Rule::TiteBoin(Boin::new(0.3).unwrap()), Some(process(Policy::AssignedLevel)));
    let toxicity = RateCurve::new("toxicity rate", &DOSES, &[0.6, 0.7, 0.8, 0.8, 0.9]).unwrap();
    let truth = Truth::Stated { toxicity, response: None };
    let boin = Boin::new(0.3).unwrap();
    for number in 0..200 {
        let trial = tite.run(&truth, 2, number).unwrap();
        if let Some(level) = trial.selected {
            let seen = trial.seen[level];
            assert_ne!(boin.decide(seen.treated, seen.toxic), Move::Eliminate, "{:?}", trial.seen);
        }
    }
}
