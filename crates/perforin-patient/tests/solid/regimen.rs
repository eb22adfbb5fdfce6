//! Regimens: typed doses, order, rules and refusals.

use perforin_core::quantity::Dose;
use perforin_patient::regimen::{
    Act, Body, Infusion, Radiotherapy, Regimen, RegimenError, Repeated, Route, Rules, Scheduled,
};

use crate::support::{BODY, case, lesion};

fn cells(timeline: &[Scheduled]) -> Vec<(f64, f64)> {
    let of = |s: &Scheduled| match s.act {
        Act::Infusion { cells, .. } => Some((s.day, cells)),
        _ => None,
    };
    timeline.iter().filter_map(of).collect()
}

#[test]
fn doses_are_what_their_type_says() {
    // 70 kg and 170 cm are 1.818 m² after Mosteller.
    assert!((BODY.surface() - 1.818_118).abs() < 1e-6);
    let rows = [
        (Dose::Cells(1e8), 6e7),
        (Dose::CarPositiveCells(1e8), 1e8),
        (Dose::CellsPerKg(1e6), 4.2e7),
        (Dose::CarPositiveCellsPerKg(1e6), 7e7),
        (Dose::CellsPerM2(1e8), 0.6e8 * BODY.surface()),
        (Dose::CarPositiveCellsPerM2(1e8), 1e8 * BODY.surface()),
    ];
    for (dose, expected) in rows {
        let regimen =
            Regimen { infusions: vec![Infusion::single(0.0, dose, Route::default())], ..Regimen::default() };
        let given = cells(&regimen.timeline(&BODY, 0.6).expect("a regimen"))[0].1;
        assert!((given / expected - 1.0).abs() < 1e-12, "{dose:?}: {given}");
    }
}

#[test]
fn what_falls_on_one_moment_happens_in_its_order() {
    let at = |act| Repeated { day: 0.0, every: 1.0, times: 1, act };
    let regimen = Regimen {
        lymphodepletion: Some(0.0),
        infusions: vec![Infusion::single(0.0, Dose::CarPositiveCells(1e8), Route::Intravenous)],
        radiotherapy: vec![Radiotherapy { day: 0.0, fractions: 2, dose: 2.0, alpha: 0.3, beta: 0.03 }],
        repeated: vec![
            at(Act::Switch { efficiency: 0.9 }),
            at(Act::Adapter { amount: 1.0 }),
            at(Act::Il2 { amount: 1.0 }),
            at(Act::Antibody { amount: 200.0 }),
            at(Act::Tocilizumab { amount: 560.0 }),
            at(Act::Steroid { amount: 10.0 }),
        ],
        ..Regimen::default()
    };
    let timeline = regimen.timeline(&BODY, 1.0).expect("a regimen");
    let names: Vec<String> = timeline
        .iter()
        .map(|s| format!("{:?}", s.act).split(' ').next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(
        names,
        [
            "Lymphodepletion",
            "Radiotherapy",
            "Steroid",
            "Tocilizumab",
            "Antibody",
            "Il2",
            "Adapter",
            "Infusion",
            "Switch",
            "Radiotherapy"
        ]
    );
}

#[test]
fn split_and_repeated_doses_add_up() {
    let split = vec![(0.1, 0.0), (0.3, 1.0), (0.6, 2.0)];
    let infusion = Infusion { day: 5.0, dose: Dose::CarPositiveCells(1e9), route: Route::Intravenous, split };
    let regimen = Regimen { infusions: vec![infusion], ..Regimen::default() };
    let given = cells(&regimen.timeline(&BODY, 1.0).expect("a regimen"));
    assert_eq!(given.iter().map(|g| g.0).collect::<Vec<_>>(), [5.0, 6.0, 7.0]);
    assert!((given.iter().map(|g| g.1).sum::<f64>() - 1e9).abs() < 1.0);
}

#[test]
fn impossible_regimens_are_named() {
    let refused = |regimen: Regimen, body: Body, positive: f64| {
        regimen.timeline(&body, positive).expect_err("refused").to_string()
    };
    let dose = |dose| Regimen {
        infusions: vec![Infusion::single(0.0, dose, Route::Intravenous)],
        ..Regimen::default()
    };
    let message = refused(dose(Dose::CarPositiveCellsPerKg(1e12)), BODY, 1.0);
    assert_eq!(message, "a dose is 70000000000000, but must be 0 to 1e13 CAR-positive cells");
    assert!(refused(dose(Dose::Cells(-1.0)), BODY, 1.0).starts_with("a dose is -1"));
    assert!(
        refused(Regimen::default(), Body { weight: 0.0, height: 170.0 }, 1.0).starts_with("body weight is 0")
    );
    assert!(refused(Regimen::default(), BODY, 0.0).starts_with("the CAR-positive part is 0"));
    let uneven =
        Infusion { split: vec![(0.5, 0.0)], ..Infusion::single(0.0, Dose::Cells(1e8), Route::Intravenous) };
    let message = refused(Regimen { infusions: vec![uneven], ..Regimen::default() }, BODY, 1.0);
    assert_eq!(message, "the sum of a split dose's parts is 0.5, but must be 1");
    let never = Repeated { day: 0.0, every: 0.0, times: 2, act: Act::Steroid { amount: 1.0 } };
    let error = Regimen { repeated: vec![never], ..Regimen::default() }.timeline(&BODY, 1.0);
    assert!(matches!(error, Err(RegimenError::Value { value: 0.0, .. })));
    let nan = Repeated { day: f64::NAN, every: 1.0, times: 1, act: Act::Steroid { amount: 1.0 } };
    assert!(Regimen { repeated: vec![nan], ..Regimen::default() }.timeline(&BODY, 1.0).is_err());
}

/// A split dose stops when the first parts have brought cytokine release.
#[test]
fn later_parts_are_withheld_once_release_has_reached_its_grade() {
    let mut case = case([lesion(5e9, 0.0)]);
    case.parameters.lesion[0].access = 100.0;
    let split = vec![(0.5, 0.0), (0.25, 7.0), (0.25, 14.0)];
    case.regimen.infusions =
        vec![Infusion { day: 0.0, dose: Dose::CarPositiveCells(1e9), route: Route::Intravenous, split }];
    let all = case.follow::<24>();
    assert!((all.outcome.given - 1e9).abs() < 1.0 && all.outcome.withheld == 0);
    assert!(all.outcome.release.1 >= 1, "{:?}", all.outcome.release);
    case.regimen.rules = Rules { stop_infusions_at: Some(1), ..Rules::default() };
    let stopped = case.follow::<24>();
    assert!(stopped.outcome.withheld > 0 && stopped.outcome.given < all.outcome.given);
}

#[test]
fn tocilizumab_is_given_when_its_grade_is_reached_and_lowers_the_worst() {
    let mut case = case([lesion(5e9, 0.0)]);
    case.parameters.lesion[0].access = 100.0;
    case.susceptibility = 0.2;
    let without = case.follow::<24>();
    assert!(without.outcome.release.1 >= 2 && without.outcome.rescue == [None, None]);
    case.regimen.rules = Rules { tocilizumab_at: Some(1), steroid_at: Some(2), ..Rules::default() };
    let with = case.follow::<24>();
    let day = with.outcome.rescue[0].expect("tocilizumab");
    assert!(day > 0.0 && day < 30.0, "day {day}");
    assert!(with.outcome.release.0 < without.outcome.release.0);
    // It blocks the receptor, not the cytokine.
    assert!(with.outcome.il6 > 0.5 * without.outcome.il6);
    // One grade for both: tocilizumab does not hide from the steroid that it was reached.
    case.regimen.rules = Rules { tocilizumab_at: Some(1), steroid_at: Some(1), ..Rules::default() };
    assert_eq!(case.follow::<24>().outcome.rescue, [Some(day), Some(day)]);
}
