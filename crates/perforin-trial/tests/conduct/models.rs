//! Whole trials of the rolling six, TITE-CRM, BLRM, EWOC and BOIN12: against the bare designs and exact enumeration.

use perforin_trial::dose_finding::blrm::{Blrm, Choice, FEASIBILITY, Prior};
use perforin_trial::dose_finding::board::Board;
use perforin_trial::dose_finding::boin12::{Boin12, USUAL_UTILITIES};
use perforin_trial::dose_finding::by_hand::{Advice, ByHand, Event, Outcome};
use perforin_trial::dose_finding::conduct::Conduct;
use perforin_trial::dose_finding::crm::{Crm, Curve, USUAL_VARIANCE, skeleton};
use perforin_trial::dose_finding::paths::paths;
use perforin_trial::dose_finding::rule::{Decision, Rule};
use perforin_trial::dose_finding::simulate::{OperatingCharacteristics, Size};
use perforin_trial::dose_finding::summary::{Characteristics, characteristics};
use perforin_trial::dose_finding::three_plus_three::ThreePlusThree;
use perforin_trial::dose_finding::timed::Timing;
use perforin_trial::dose_finding::tite_crm;
use perforin_trial::dose_finding::truth::{Followed, PatientOutcome, RateCurve, Truth};
use perforin_trial::manufacturing::{Fate, Policy};

use super::{DOSES, TOXICITY, conduct, near, process, run, truth};

const RESPONSE: [f64; 5] = [0.05, 0.1, 0.2, 0.3, 0.35];
const PRIOR: Prior = Prior { mean: [-1.0, 0.0], sd: [2.0, 1.0], correlation: 0.0 };
/// Patients so far apart that each is complete before the next comes.
const FAR_APART: f64 = 1e6;

fn crm() -> Crm {
    Crm::new(Curve::Empiric, 0.3, &skeleton(0.05, 0.3, 2, 5).unwrap(), USUAL_VARIANCE).unwrap()
}

fn blrm(choice: Choice) -> Rule {
    let target = if choice == Choice::Highest { [0.15, 0.3] } else { [0.16, 0.33] };
    let blrm = Blrm::new(&DOSES, 1e8, PRIOR, target, FEASIBILITY).unwrap();
    Rule::Blrm { blrm: Box::new(blrm), choice }
}

fn boin12() -> Boin12 {
    Boin12::new(0.3, 0.1, USUAL_UTILITIES).unwrap()
}

/// The shares of trials that select each level, and none.
fn assert_selects_as(ours: &Characteristics, bare: &OperatingCharacteristics) {
    let n = ours.trials as f64;
    for (level, share) in ours.levels.iter().zip(&bare.selected) {
        near(*share, ours.share(level.selected).0, n, false);
    }
    near(bare.none, ours.share(ours.none).0, n, false);
}

#[test]
fn trials_of_the_newer_designs_are_those_of_the_bare_ones() {
    let size = Size { cohort: 3, cohorts: 10, start: 0 };
    let bare = boin12().operating_characteristics(&TOXICITY, &RESPONSE, size, (3000, 5)).unwrap();
    assert_selects_as(&run(&conduct(Rule::Boin12(boin12()), None), 3000), &bare);
    for choice in [Choice::MostProbable, Choice::Highest] {
        let rule = blrm(choice);
        let Rule::Blrm { blrm, .. } = &rule else { unreachable!() };
        let size = Size { cohort: 3, cohorts: 4, start: 0 };
        let bare = blrm.operating_characteristics(choice, &TOXICITY, size, (300, 5)).unwrap();
        let ours = Conduct { patients: 12, ..conduct(rule, None) };
        assert_selects_as(&run(&ours, 300), &bare);
    }
    let timing = Timing { window: 28.0, between_arrivals: 14.0 };
    let bare = tite_crm::operating_characteristics(&crm(), &TOXICITY, 12, timing, (600, 5)).unwrap();
    let tite =
        Conduct { cohort: 1, patients: 12, ..conduct(Rule::TiteCrm { crm: crm(), target: 0.3 }, None) };
    let ours = run(&tite, 600);
    assert_selects_as(&ours, &bare.characteristics);
    let error = ours.duration_sd / 600_f64.sqrt();
    assert!((ours.duration - bare.days).abs() < 6.0 * error, "{} and {}", ours.duration, bare.days);
}

#[test]
fn rolling_six_trials_with_slow_accrual_have_the_exact_probabilities_of_3_plus_3() {
    let slow = Conduct { patients: 30, accrual_interval: FAR_APART, ..conduct(Rule::RollingSix, None) };
    let ours = run(&slow, 6000);
    let exact = ThreePlusThree { with_deescalation: true }.exact(&TOXICITY).unwrap();
    for (level, declared) in ours.levels.iter().zip(&exact.declared) {
        near(*declared, ours.share(level.selected).0, 6000.0, true);
    }
    near(exact.none, ours.share(ours.none).0, 6000.0, true);
    // Rolling on, at most six are at a dose, and the trial is shorter than one that pauses.
    let design = ThreePlusThree { with_deescalation: true };
    let usual = run(&Conduct { accrual_interval: 7.0, ..conduct(Rule::RollingSix, None) }, 500);
    let pauses = run(&Conduct { accrual_interval: 7.0, ..conduct(Rule::ThreePlusThree(design), None) }, 500);
    assert!(usual.duration < 0.9 * pauses.duration, "{} and {}", usual.duration, pauses.duration);
    for number in 0..300 {
        let trial = conduct(Rule::RollingSix, None).run(&truth(), 4, number).unwrap();
        assert!(trial.seen.iter().all(|seen| seen.treated <= 6), "{:?}", trial.seen);
    }
}

/// The probability with which each level is selected, by going through every outcome of every cohort; the last is none.
fn enumerated(trial: &Conduct, truth: &Truth) -> Vec<f64> {
    let start = Board::new(trial.doses.len(), trial.start);
    let mut exact = vec![0.0; trial.doses.len() + 1];
    let cohorts = (trial.patients / trial.cohort) as usize;
    for (path, end) in paths(&trial.rule, &start, trial.cohort, cohorts).unwrap() {
        let mut board = start.clone();
        let mut weight = 1.0;
        for given in &path {
            weight *= given.probability(truth.joint(trial.doses[given.dose]));
            board.seen[given.dose].treated += given.seen.treated;
            board.seen[given.dose].toxic += given.seen.toxic;
            let responses = given.responses.unwrap_or_default();
            board.responses[given.dose].free += responses.free;
            board.responses[given.dose].toxic += responses.toxic;
        }
        let selected = match end {
            Decision::Declare(dose) => dose,
            Decision::Treat(_) | Decision::Wait => trial.rule.select(&board),
        };
        exact[selected.unwrap_or(trial.doses.len())] += weight;
    }
    exact
}

/// Toxicity and response of virtual patients go together, as independent rates do not.
#[test]
fn simulated_trials_have_the_probabilities_of_all_their_courses() {
    let doses = [1e7, 1e8, 1e9];
    let outcome = |code: u32| PatientOutcome { toxic: code & 1 == 1, responds: code & 2 == 2 };
    let patients = [[0, 0, 3], [0, 2, 3], [0, 2, 2], [1, 3, 3], [0, 0, 1], [2, 2, 3], [0, 2, 0]];
    let followed = patients.map(|p| p.map(outcome).to_vec()).to_vec();
    let truth = Truth::Patients(Followed::new(doses.to_vec(), followed).unwrap());
    let model = |choice| {
        let target = if choice == Choice::Highest { [0.15, 0.3] } else { [0.16, 0.33] };
        let blrm = Blrm::new(&doses, 1e8, PRIOR, target, FEASIBILITY).unwrap();
        Rule::Blrm { blrm: Box::new(blrm), choice }
    };
    let prior = skeleton(0.05, 0.3, 1, 3).unwrap();
    let tite = Crm::new(Curve::Empiric, 0.3, &prior, USUAL_VARIANCE).unwrap();
    for (rule, cohort, patients, trials) in [
        (Rule::Boin12(boin12()), 3, 9, 8000),
        (model(Choice::MostProbable), 3, 9, 300),
        (model(Choice::Highest), 3, 9, 300),
        (Rule::TiteCrm { crm: tite, target: 0.3 }, 1, 7, 4000),
    ] {
        let trial = Conduct {
            doses: doses.to_vec(),
            cohort,
            patients,
            accrual_interval: FAR_APART,
            ..conduct(super::boin(), None)
        };
        let trial = Conduct { rule, ..trial }.check().unwrap();
        let exact = enumerated(&trial, &truth);
        assert!((exact.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{exact:?}");
        let ours = characteristics(&trial, &truth, 0.3, (trials, 11)).unwrap();
        for (level, share) in ours.levels.iter().zip(&exact) {
            near(*share, ours.share(level.selected).0, trials as f64, true);
        }
        near(exact[3], ours.share(ours.none).0, trials as f64, true);
    }
}

#[test]
fn the_right_level_of_boin12_is_the_admissible_one_of_highest_utility() {
    let stated = |toxicity: &[f64], response: &[f64]| Truth::Stated {
        toxicity: RateCurve::new("toxicity rate", &DOSES[..3], toxicity).unwrap(),
        response: Some(RateCurve::new("response rate", &DOSES[..3], response).unwrap()),
    };
    let rule = Rule::Boin12(boin12());
    let right =
        |toxicity: &[f64], response: &[f64]| rule.right(&stated(toxicity, response), &DOSES[..3], 0.3);
    // Utilities 100 e(1 − t) + 40 (1 − e)(1 − t) + 60 e t: 55.6, 61, 55.
    assert_eq!(right(&[0.1, 0.25, 0.3], &[0.3, 0.5, 0.45]), Some(1));
    assert_eq!(right(&[0.1, 0.35, 0.4], &[0.3, 0.9, 0.9]), Some(0));
    assert_eq!(right(&[0.1, 0.2, 0.3], &[0.05, 0.05, 0.09]), None);
    assert_eq!(right(&[0.4, 0.5, 0.6], &[0.5, 0.6, 0.7]), None);
    // A response more leaves the level of lowest toxicity where no level responds better.
    assert_eq!(right(&[0.1, 0.2, 0.3], &[0.5, 0.5, 0.5]), Some(0));
}

#[test]
fn what_is_known_of_a_response_waits_for_the_end_of_the_window() {
    let trial = conduct(Rule::Boin12(boin12()), None);
    for number in 0..50 {
        let trial = trial.run(&truth(), 3, number).unwrap();
        assert!(trial.patients.iter().all(|p| (p.known_on - p.enrolled - 28.0).abs() < 1e-9));
    }
}

/// Every design that looks at responses or waits for whole cohorts ends, told event by event, where the simulation ends.
#[test]
fn newer_designs_told_by_hand_go_the_way_of_the_simulated_ones() {
    for (rule, policy) in [
        (Rule::Boin12(boin12()), Policy::AssignedLevel),
        (Rule::Boin12(boin12()), Policy::AchievedLevel),
        (blrm(Choice::Highest), Policy::Replace),
    ] {
        let trial = Conduct { patients: 12, ..conduct(rule, Some(process(policy))) };
        for number in 0..12 {
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
                    let Fate::Infused { dose, .. } = patient.fate else {
                        told.take(told.day() + 1.0, &name, Event::Outcome(Outcome::NotInfused)).unwrap();
                        continue;
                    };
                    told.take(told.day(), &name, Event::Infused { dose }).unwrap();
                    let outcome = match (patient.outcome.toxic, patient.outcome.responds) {
                        (true, true) => Outcome::ToxicResponse,
                        (true, false) => Outcome::Toxic,
                        (false, true) => Outcome::Response,
                        (false, false) => Outcome::Free,
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
fn told_by_hand_the_rolling_six_enrols_beside_pending_patients_and_waits_at_six() {
    let trial = conduct(Rule::RollingSix, None);
    let mut told = ByHand::new(&trial);
    let one = Advice::Enrol { level: 0, patients: 1 };
    for (day, name) in [(0.0, "A"), (1.0, "B"), (2.0, "C"), (3.0, "D"), (4.0, "E"), (5.0, "F")] {
        assert_eq!(told.advice(day).unwrap(), one);
        told.take(day, name, Event::Enrol { level: 0 }).unwrap();
    }
    assert!(matches!(told.advice(6.0).unwrap(), Advice::Wait { missing } if missing.len() == 6));
    for name in ["A", "B", "C", "D"] {
        told.take(40.0, name, Event::Outcome(Outcome::Free)).unwrap();
    }
    assert!(matches!(told.advice(40.0).unwrap(), Advice::Wait { .. }));
    // One of six may still be pending or toxic.
    told.take(41.0, "E", Event::Outcome(Outcome::Toxic)).unwrap();
    assert!(matches!(told.advice(41.0).unwrap(), Advice::Wait { .. }));
    told.take(42.0, "F", Event::Outcome(Outcome::Free)).unwrap();
    assert_eq!(told.advice(42.0).unwrap(), Advice::Enrol { level: 1, patients: 1 });
}

/// Pending patients count by their own follow-up: `1 − w p` is not linear in it.
#[test]
fn told_by_hand_tite_crm_knows_each_patients_follow_up() {
    use perforin_trial::dose_finding::timed::Known;
    let rule = Rule::TiteCrm { crm: crm(), target: 0.3 };
    let trial = Conduct { cohort: 1, ..conduct(rule, None) };
    let mut told = ByHand::new(&trial);
    told.take(0.0, "A", Event::Enrol { level: 0 }).unwrap();
    let mut doses = vec![Known::default(); 5];
    doses[0].pending = vec![14.0 / 28.0];
    let due = tite_crm::next_dose(&crm(), &doses).unwrap();
    assert_eq!(told.advice(14.0).unwrap(), Advice::Enrol { level: due, patients: 1 });
    told.take(14.0, "B", Event::Enrol { level: due }).unwrap();
    told.take(20.0, "B", Event::Outcome(Outcome::Toxic)).unwrap();
    doses[0].pending = vec![21.0 / 28.0];
    doses[due].seen.treated += 1;
    doses[due].seen.toxic += 1;
    let due = tite_crm::next_dose(&crm(), &doses).unwrap();
    assert_eq!(told.advice(21.0).unwrap(), Advice::Enrol { level: due, patients: 1 });
}

#[test]
fn a_model_made_for_other_doses_is_refused() {
    let wrong = Conduct { doses: vec![1.0, 2.0], ..conduct(blrm(Choice::Highest), None) }.check();
    assert_eq!(wrong.unwrap_err().to_string(), "there are 5 doses in the model, but 2 doses");
}
