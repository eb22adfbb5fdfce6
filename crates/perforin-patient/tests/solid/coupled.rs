//! A patient who exchanges counted cells with a lesion that is followed elsewhere.

use perforin_core::quantity::Dose;
use perforin_patient::regimen::{Act, Infusion, Regimen, Route};
use perforin_patient::solid_tumour::{Case, Central, Coupled, LesionParameters, Plan, follow};
use perforin_patient::toxicity::ordinal::CutPoints;

use crate::support::{BODY, lesion, once, within_reach};

fn a_case(lesions: Vec<LesionParameters>) -> Case {
    let regimen = Regimen {
        lymphodepletion: Some(-3.0),
        infusions: vec![
            Infusion::single(0.0, Dose::CarPositiveCells(2.5e8), Route::Intravenous),
            Infusion::single(10.0, Dose::CarPositiveCells(1e8), Route::Intraperitoneal),
        ],
        repeated: vec![
            once(7.0, Act::Radiotherapy { surviving: 0.4 }),
            once(15.0, Act::Lymphodepletion),
            once(21.0, Act::Switch { efficiency: 0.7 }),
        ],
        ..Regimen::default()
    };
    let acts = regimen.timeline(&BODY, 1.0).expect("a regimen");
    let central = within_reach();
    Case { number: 0, central, lesions, susceptibility: 0.5, weight: BODY.weight, acts }
}

fn plan(days: u32) -> Plan {
    Plan {
        days: (0..=days).map(f64::from).collect(),
        rules: perforin_patient::regimen::Rules::default(),
        release: CutPoints([4.0, 6.0, 7.5, 9.0]),
        seed: 1,
    }
}

/// Infusions, expansion, rescue by radiation, lymphodepletion and a switch: at each of 112 exchanges what was given and
/// born is in blood, elsewhere, on the way, handed over or dead, to a hundredth of a cell in 10⁹ and more.
#[test]
fn every_cell_of_the_patient_is_accounted_for_at_every_exchange() {
    for lesions in [vec![lesion(5e9, 1e8)], vec![lesion(5e9, 1e8), lesion(1e6, 3.0), lesion(2e8, 0.0)]] {
        let (case, plan) = (a_case(lesions), plan(28));
        let mut patient = Coupled::new(&case, &plan, 1e-6);
        patient.follow(0.0).unwrap();
        patient.open(3e-4);
        let (mut there, mut entered, mut largest) = (0_u64, [0_u64; 3], 0.0_f64);
        for k in 1..=112_u32 {
            patient.follow(0.25 * f64::from(k)).unwrap();
            let cells = patient.hand_over();
            entered = [0, 1, 2].map(|s| entered[s] + cells[s]);
            there += cells.iter().sum::<u64>();
            // The other lesion gives a part of its cells back.
            let back = [there / 40, there / 20];
            there -= back[0] + back[1];
            patient.take_back(back);
            patient.open(3e-4 * (1.0 + 0.01 * f64::from(k)));
            let books = patient.books();
            assert!((0.0..3.0).contains(&books.on_the_way), "{books:?}");
            assert_eq!(books.handed_over - books.taken_back, there);
            largest = largest.max(books.imbalance().abs());
        }
        let books = patient.books();
        assert!(largest < 0.01, "{largest} of {books:?}");
        assert!(entered[0] > 1000 && entered[1] > 1000, "{entered:?}");
        assert!(books.born > 1e8 && books.died > 1e8, "{books:?}");
        assert_eq!(patient.followed().samples.len(), 29);
    }
}

/// A lesion that is open from the start takes what the integral of the blood's course says: at a share of 1e-3 per day,
/// a thousandth of the area under cells in blood.
#[test]
fn what_enters_is_the_share_of_the_area_under_the_blood() {
    let (mut case, plan) = (a_case(vec![lesion(5e9, 1e8)]), plan(28));
    case.acts.retain(|act| act.day <= 0.0);
    let mut patient = Coupled::new(&case, &plan, 1e-8);
    patient.follow(0.0).unwrap();
    patient.open(1e-3);
    let mut entered = 0;
    for k in 1..=56 {
        patient.follow(0.5 * f64::from(k)).unwrap();
        entered += patient.hand_over().iter().sum::<u64>();
    }
    let books = patient.books();
    // Blood in cells: 5 L of 1e6 µL.
    let area = patient.followed().outcome.area28 * 5e6 * 1e-3;
    let taken = entered as f64 + books.on_the_way;
    assert!((taken / area - 1.0).abs() < 1e-4, "{taken} of {area}");
}

/// Held at a hundred days, with the lesion closed, the patient takes the course of one who is followed at once.
#[test]
fn a_closed_lesion_changes_nothing() {
    let (case, plan) = (a_case(vec![lesion(5e9, 1e8), lesion(1e6, 3.0)]), plan(50));
    let at_once = follow(std::slice::from_ref(&case), &plan, 1e-8).swap_remove(0);
    let mut patient = Coupled::new(&case, &plan, 1e-8);
    for k in 0..=100 {
        patient.follow(0.5 * f64::from(k)).unwrap();
    }
    let held = patient.followed();
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-5 * b.abs() + 1.0;
    for (a, b) in held.samples.iter().zip(&at_once.samples) {
        assert!(near(a.blood * 5e6, b.blood * 5e6), "{} {}", a.blood, b.blood);
        assert!(near(a.tumour[0][0], b.tumour[0][0]) && near(a.tumour[0][1], b.tumour[0][1]));
    }
    assert_eq!(held.samples.len(), at_once.samples.len());
    assert!((held.outcome.area28 / at_once.outcome.area28 - 1.0).abs() < 1e-4);
}

/// The same calls give the same bits: a patient is rebuilt from the record of its exchanges.
#[test]
fn a_patient_is_a_function_of_its_exchanges() {
    let (case, plan) = (a_case(vec![lesion(5e9, 1e8)]), plan(10));
    let run = || {
        let mut patient = Coupled::new(&case, &plan, 1e-6);
        patient.follow(0.0).unwrap();
        patient.open(1e-3);
        for k in 1..=20 {
            patient.follow(0.5 * f64::from(k)).unwrap();
            let cells = patient.hand_over();
            patient.take_back([cells[0] / 2, cells[1] / 2]);
        }
        let last = *patient.followed().samples.last().unwrap();
        (last.blood.to_bits(), last.product.map(f64::to_bits), patient.books().handed_over)
    };
    assert_eq!(run(), run());
}

/// A patient without product: IFN-γ and IL-6 of the lesion come to the blood as the solution of a linear equation says,
/// `x(t) = x₀ + r/k·(1 − e^(−kt))`, and leave it as `e^(−kt)`; what came is what was brought.
#[test]
fn cytokine_of_the_lesion_comes_to_the_blood_and_decays_there() {
    let central = Central::new(|p| p.value);
    let mut case = a_case(vec![lesion(1e6, 0.0)]);
    case.acts.clear();
    let plan = plan(4);
    let mut patient = Coupled::new(&case, &plan, 1e-9);
    patient.follow(0.0).unwrap();
    let (ifn, activity, days) = (12.0, 0.02, 0.5);
    patient.bring(ifn, activity, days);
    let expected = |base: f64, rate: f64, decay: f64| base - rate / decay * libm::expm1(-decay * days);
    patient.follow(days).unwrap();
    let [blood, _] = patient.ifn_and_steroid();
    let ifn_at_end = expected(central.ifn_base, ifn / days, central.ifn_decay);
    assert!((blood / ifn_at_end - 1.0).abs() < 1e-7, "{blood} {ifn_at_end}");
    let il6 = expected(central.il6_base, activity / days * central.il6_production, central.il6_decay);
    patient.bring(0.0, 0.0, days);
    let books = patient.books();
    assert!((books.ifn_come - ifn).abs() < 1e-12 && books.ifn_on_the_way.abs() < 1e-12, "{books:?}");
    patient.follow(4.0).unwrap();
    let [blood, _] = patient.ifn_and_steroid();
    let left = (ifn_at_end - central.ifn_base) * libm::exp(-central.ifn_decay * 3.5);
    assert!((blood - central.ifn_base - left).abs() < 1e-7, "{blood}");
    // IL-6 is highest at the end of the half day.
    let highest = patient.followed().outcome.il6;
    assert!((highest / il6 - 1.0).abs() < 1e-6, "{highest} {il6}");
}

/// What comes over a part of the interval only waits for the next: nothing is lost when the last one is cut short.
#[test]
fn cytokine_on_the_way_comes_with_the_next() {
    let mut case = a_case(vec![lesion(1e6, 0.0)]);
    case.acts.clear();
    let plan = plan(4);
    let mut patient = Coupled::new(&case, &plan, 1e-6);
    patient.follow(0.0).unwrap();
    patient.bring(8.0, 0.0, 1.0);
    patient.follow(0.25).unwrap();
    let books = patient.books();
    assert!((books.ifn_come - 2.0).abs() < 1e-9 && (books.ifn_on_the_way - 6.0).abs() < 1e-9, "{books:?}");
    patient.bring(1.0, 0.0, 0.5);
    patient.follow(0.75).unwrap();
    let books = patient.books();
    assert!((books.ifn_come - 9.0).abs() < 1e-9 && books.ifn_on_the_way.abs() < 1e-9, "{books:?}");
}

/// The lesion's product alone brings cytokine release to the grade at which a rule gives dexamethasone, which is
/// then told beside the one that the regimen has.
#[test]
fn the_lesions_activity_can_set_off_the_rules() {
    let mut case = a_case(vec![lesion(1e6, 0.0)]);
    case.acts = vec![once(2.0, Act::Steroid { amount: 4.0 })]
        .into_iter()
        .map(|r| perforin_patient::regimen::Scheduled { day: r.day, act: r.act })
        .collect();
    let mut plan = plan(4);
    plan.rules.steroid_at = Some(2);
    let given = |activity: f64| {
        let mut patient = Coupled::new(&case, &plan, 1e-6);
        patient.follow(0.0).unwrap();
        for k in 1..=16 {
            patient.bring(0.0, activity, 0.25);
            patient.follow(0.25 * f64::from(k)).unwrap();
        }
        (patient.followed().outcome.rescue, patient.steroids())
    };
    assert_eq!(given(1e-4), ([None; 2], vec![(2.0, 4.0)]));
    let ([_, steroid], steroids) = given(10.0);
    let day = steroid.expect("a steroid");
    assert!(day > 0.0 && day < 2.0, "{day}");
    assert_eq!(steroids, vec![(day, perforin_patient::regimen::RESCUE_STEROID), (2.0, 4.0)]);
}
