//! Dose-finding designs against tables and posteriors computed by the reference packages, and exact enumeration.

#[path = "dose_finding/late.rs"]
mod late;
#[path = "dose_finding/model.rs"]
mod model;

use perforin_trial::dose_finding::boin::Boin;
use perforin_trial::dose_finding::crm::{Crm, Curve, USUAL_VARIANCE, skeleton};
use perforin_trial::dose_finding::interval::{IntervalDesign, Kind, USUAL_MARGIN};
use perforin_trial::dose_finding::isotonic::maximum_tolerated_dose;
use perforin_trial::dose_finding::simulate::{Size, by_crm, by_table};
use perforin_trial::dose_finding::table::{DecisionTable, Walk};
use perforin_trial::dose_finding::three_plus_three::{Step, ThreePlusThree};
use perforin_trial::dose_finding::tite_boin::{Advice, Pending};
use perforin_trial::dose_finding::{DesignError, Move, Next, Seen};

/// The rows of a table in `tests/data`.
fn rows(name: &str) -> Vec<Vec<String>> {
    let path = format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut reader = csv::Reader::from_path(path).expect("a table");
    reader.records().map(|r| r.expect("a row").iter().map(ToString::to_string).collect()).collect()
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_else(|_| panic!("`{text}` is no number"))
}

fn list(text: &str) -> Vec<f64> {
    text.split('|').map(number).collect()
}

/// Targets of the tables are printed in 12 or 15 digits.
fn target(text: &str) -> f64 {
    let value = number(text);
    if (value - 1.0 / 3.0).abs() < 1e-9 { 1.0 / 3.0 } else { value }
}

#[test]
fn boin_boundaries_equal_the_reference_to_every_digit_printed() {
    let rows = rows("boin_boundaries.csv");
    assert!(rows.len() > 150);
    for row in rows {
        let design = Boin::new(target(&row[0])).unwrap();
        assert!((design.lambda_e - number(&row[1])).abs() < 1e-12, "{row:?} {design:?}");
        assert!((design.lambda_d - number(&row[2])).abs() < 1e-12, "{row:?} {design:?}");
        let n: u32 = row[3].parse().unwrap();
        let (escalate, lower, eliminate) = design.table(n).boundaries(n);
        let whole = |text: &str| text.parse::<u32>().ok();
        assert_eq!([escalate, lower, eliminate], [whole(&row[4]), whole(&row[5]), whole(&row[6])], "{row:?}");
    }
}

#[test]
fn interval_designs_decide_as_the_reference_in_every_cell() {
    let mut cells = [0; 3];
    for row in rows("interval_decision_tables.csv") {
        let (n, y): (u32, u32) = (row[2].parse().unwrap(), row[3].parse().unwrap());
        let goal = target(&row[1]);
        let (which, found) = match row[0].as_str() {
            "BOIN" => (0, Boin::new(goal).unwrap().decide(n, y)),
            "mTPI_e05" => (1, IntervalDesign::new(Kind::Mtpi, goal, USUAL_MARGIN).unwrap().decide(n, y)),
            "mTPI2_e05" => (2, IntervalDesign::new(Kind::Mtpi2, goal, USUAL_MARGIN).unwrap().decide(n, y)),
            _ => continue,
        };
        cells[which] += 1;
        let expected = match row[4].as_str() {
            "E" => Move::Escalate,
            "S" => Move::Stay,
            "D" => Move::Deescalate,
            "DU" => Move::Eliminate,
            other => panic!("{other}"),
        };
        assert_eq!(found, expected, "{row:?}");
    }
    assert!(cells.iter().all(|c| *c > 150), "{cells:?}");
}

#[test]
fn keyboard_boundaries_equal_the_reference() {
    for row in rows("keyboard_boundaries.csv") {
        let n: u32 = row[1].parse().unwrap();
        let design = IntervalDesign::new(Kind::Keyboard, target(&row[0]), USUAL_MARGIN).unwrap();
        let found = design.table(n).boundaries(n);
        let whole = |text: &str| text.parse::<u32>().ok();
        assert_eq!([found.0, found.1, found.2], [whole(&row[2]), whole(&row[3]), whole(&row[4])], "{row:?}");
    }
}

#[test]
fn the_selected_dose_equals_the_reference() {
    for row in rows("boin_select_mtd.csv") {
        let goal = target(&row[0]);
        let seen: Vec<Seen> = list(&row[1])
            .iter()
            .zip(list(&row[2]))
            .map(|(n, y)| Seen { treated: *n as u32, toxic: y as u32 })
            .collect();
        // The reference eliminates from all data at once, and all doses above an eliminated one.
        let design = Boin::new(goal).unwrap();
        let too_toxic = |s: &Seen| s.treated > 0 && design.decide(s.treated, s.toxic) == Move::Eliminate;
        let open = seen.iter().position(too_toxic).unwrap_or(seen.len());
        let found = maximum_tolerated_dose(&seen, open, goal);
        let expected: usize = row[3].parse().unwrap();
        assert_eq!(found.map_or(99, |d| d + 1), expected, "{row:?}");
    }
}

#[test]
fn crm_posteriors_equal_the_reference_within_5e_6() {
    let rows = rows("crm_posterior.csv");
    assert!(rows.len() > 100);
    for row in rows {
        let curve = if row[0] == "empiric" { Curve::Empiric } else { Curve::Logistic };
        let prior = list(&row[2]);
        let mut seen = vec![Seen::default(); prior.len()];
        for (level, toxic) in list(&row[3]).iter().zip(list(&row[4])) {
            seen[*level as usize - 1].treated += 1;
            seen[*level as usize - 1].toxic += toxic as u32;
        }
        let found = Crm::new(curve, target(&row[1]), &prior, USUAL_VARIANCE).unwrap().posterior(&seen);
        assert!((found.mean - number(&row[5])).abs() < 5e-6, "{row:?} {found:?}");
        assert!((found.variance - number(&row[6])).abs() < 5e-6, "{row:?} {found:?}");
        assert!(
            found.rates.iter().zip(list(&row[7])).all(|(a, b)| (a - b).abs() < 5e-6),
            "{row:?} {found:?}"
        );
        assert_eq!((found.dose + 1) as f64, number(&row[8]), "{row:?}");
    }
}

#[test]
fn skeletons_equal_the_reference() {
    for row in rows("crm_getprior.csv") {
        let (doses, place): (usize, usize) = (row[2].parse().unwrap(), row[3].parse().unwrap());
        let found = skeleton(number(&row[0]), target(&row[1]), place - 1, doses).unwrap();
        assert!(found.iter().zip(list(&row[4])).all(|(a, b)| (a - b).abs() < 1e-10), "{row:?} {found:?}");
    }
}

/// Reference: full enumeration of 1,398,101 nodes by the package `escalation`, and the published table of Wheeler 2019.
#[test]
fn three_plus_three_is_exact_to_the_reference() {
    let rates = [0.1, 0.2, 0.3, 0.4, 0.5];
    let plain = ThreePlusThree { with_deescalation: false }.exact(&rates).unwrap();
    let known = [0.264_044, 0.324_735, 0.219_202, 0.081_293, 0.016_872];
    assert!((plain.none - 0.093_853).abs() < 5e-7, "{plain:?}");
    assert!(plain.declared.iter().zip(known).all(|(a, b)| (a - b).abs() < 5e-7), "{plain:?}");
    let back = ThreePlusThree { with_deescalation: true }.exact(&rates).unwrap();
    let known = [0.284_582, 0.333_492, 0.203_332, 0.061_311, 0.016_872];
    assert!((back.none - 0.100_411).abs() < 5e-7, "{back:?}");
    assert!(back.declared.iter().zip(known).all(|(a, b)| (a - b).abs() < 5e-7), "{back:?}");
    for exact in [plain, back] {
        assert!((exact.none + exact.declared.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        // Wald: toxicities expected are patients expected times their rates.
        let by_dose: f64 = exact.patients.iter().zip(rates).map(|(n, p)| n * p).sum();
        assert!((exact.toxicities - by_dose).abs() < 1e-12);
    }
}

#[test]
fn three_plus_three_by_hand() {
    let of = |cells: &[(u32, u32)]| -> Vec<Seen> {
        cells.iter().map(|(treated, toxic)| Seen { treated: *treated, toxic: *toxic }).collect()
    };
    let plain = ThreePlusThree { with_deescalation: false };
    let back = ThreePlusThree { with_deescalation: true };
    for (cells, dose, one, two) in [
        (&[(0, 0), (0, 0)][..], 0, Step::Treat(0), Step::Treat(0)),
        (&[(3, 0), (0, 0)], 0, Step::Treat(1), Step::Treat(1)),
        (&[(3, 1), (0, 0)], 0, Step::Treat(0), Step::Treat(0)),
        (&[(6, 1), (0, 0)], 0, Step::Treat(1), Step::Treat(1)),
        (&[(6, 2), (0, 0)], 0, Step::Declare(None), Step::Declare(None)),
        (&[(3, 0), (3, 2)], 1, Step::Declare(Some(0)), Step::Treat(0)),
        (&[(6, 1), (3, 2)], 0, Step::Declare(Some(0)), Step::Declare(Some(0))),
        (&[(3, 0), (6, 1)], 1, Step::Declare(Some(1)), Step::Declare(Some(1))),
    ] {
        assert_eq!((plain.next(&of(cells), dose), back.next(&of(cells), dose)), (one, two), "{cells:?}");
    }
}

/// Reference: 20,000 trials by the package BOIN, standard error at most 0.36 points.
#[test]
fn boin_selects_as_often_as_the_reference() {
    let design = Boin::new(0.3).unwrap();
    let size = Size { cohort: 3, cohorts: 10, start: 0 };
    let trials = 200_000;
    for (rates, known, none) in [
        ([0.05, 0.15, 0.3, 0.45, 0.6], [1.0, 23.3, 55.1, 19.2, 1.4], None),
        ([0.15, 0.3, 0.45, 0.55, 0.65], [22.6, 56.7, 17.2, 2.2, 0.1], None),
        ([0.5, 0.6, 0.7, 0.8, 0.9], [f64::NAN; 5], Some(82.8)),
    ] {
        let found = by_table(&design.table(30), 0.3, &rates, size, (trials, 3)).unwrap();
        // Five standard errors of both, and half a unit of the last digit printed.
        for (a, b) in found.selected.iter().zip(known).filter(|(_, b)| !b.is_nan()) {
            let error =
                100.0 * (b / 100.0 * (1.0 - b / 100.0) * (1.0 / 20_000.0 + 1.0 / trials as f64)).sqrt();
            assert!((100.0 * a - b).abs() < 5.0 * error + 0.05, "{found:?}");
        }
        if let Some(none) = none {
            assert!((100.0 * found.none - none).abs() < 5.0 * 0.28 + 0.05, "{found:?}");
        }
    }
}

/// Adds the weight of every course from here on to the dose that it selects; the last place is for none.
fn follow(
    (table, target): (&DecisionTable, f64),
    rates: &[f64],
    walk: &Walk,
    left: u32,
    weight: f64,
    exact: &mut [f64],
) {
    if left == 0 {
        let selected = maximum_tolerated_dose(&walk.seen, walk.open, target);
        exact[selected.unwrap_or(rates.len())] += weight;
        return;
    }
    for toxic in 0..=3 {
        let chance = perforin_trial::binomial::probability(toxic, 3, rates[walk.dose]);
        let mut next = walk.clone();
        let left = if next.add(table, 3, toxic) == Next::Stop { 0 } else { left - 1 };
        follow((table, target), rates, &next, left, weight * chance, exact);
    }
}

/// Every course of a short trial weighted by its probability gives what simulation estimates.
#[test]
fn simulated_trials_agree_with_the_enumeration_of_all_courses() {
    let design = Boin::new(0.25).unwrap();
    let table = design.table(12);
    let rates = [0.1, 0.25, 0.5];
    let mut exact = [0.0; 4];
    follow((&table, 0.25), &rates, &Walk::new(3, 0), 4, 1.0, &mut exact);
    assert!((exact.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    let trials = 100_000;
    let found =
        by_table(&table, 0.25, &rates, Size { cohort: 3, cohorts: 4, start: 0 }, (trials, 8)).unwrap();
    for (a, b) in found.selected.iter().chain([&found.none]).zip(exact) {
        assert!((a - b).abs() < 5.0 * (b * (1.0 - b) / trials as f64).sqrt() + 1e-9, "{found:?} {exact:?}");
    }
}

#[test]
fn simulations_have_the_same_bits_for_any_number_of_threads() {
    let crm = Crm::new(Curve::Empiric, 0.25, &skeleton(0.05, 0.25, 2, 5).unwrap(), USUAL_VARIANCE).unwrap();
    let size = Size { cohort: 1, cohorts: 24, start: 0 };
    let table = Boin::new(0.25).unwrap().table(24);
    let rates = [0.05, 0.1, 0.2, 0.3, 0.5];
    let runs: Vec<_> = [1, 2, 3, 4, 8]
        .into_iter()
        .map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let by_crm = by_crm(&crm, &rates, size, (700, 5)).unwrap();
                (by_crm, by_table(&table, 0.25, &rates, size, (5_000, 5)).unwrap())
            })
        })
        .collect();
    assert!(runs.windows(2).all(|w| w[0] == w[1]));
    let crm = &runs[0].0;
    // The dose nearest to the target lies between the third and the fourth.
    assert!(crm.selected[2] + crm.selected[3] > 0.6, "{crm:?}");
}

#[test]
fn designs_that_cannot_be_are_refused() {
    let text = |e: DesignError| e.to_string();
    assert_eq!(text(Boin::new(1.2).unwrap_err()), "target is 1.2; it must lie strictly between 0 and 1");
    assert!(text(Boin::new(0.8).unwrap_err()).contains("rate that is too high"));
    let out_of_order = Crm::new(Curve::Empiric, 0.25, &[0.1, 0.3, 0.2], 1.34).unwrap_err();
    assert_eq!(text(out_of_order), "the skeleton must increase: number 3 is 0.2, after 0.3");
    assert!(text(Crm::new(Curve::Empiric, 0.25, &[], 1.34).unwrap_err()).contains("at least 1"));
    assert!(text(skeleton(0.3, 0.25, 1, 5).unwrap_err()).contains("half width"));
    assert!(text(IntervalDesign::new(Kind::Mtpi, 0.03, 0.05).unwrap_err()).contains("margin"));
    let table = Boin::new(0.3).unwrap().table(6);
    let size = Size { cohort: 3, cohorts: 10, start: 0 };
    assert!(text(by_table(&table, 0.3, &[0.1], size, (1, 1)).unwrap_err()).contains("at least 30"));
    let seen = [Seen { treated: 3, toxic: 4 }];
    let wrong = perforin_trial::dose_finding::check_seen(&seen).unwrap_err();
    assert_eq!(text(wrong), "at dose 1, 4 of 3 patients had a toxicity");
}

/// Reference: table 1 of PMC9260438, target 0.2, nine patients: the follow-up at which the decision turns.
#[test]
fn decisions_with_pending_patients_turn_at_the_published_follow_up() {
    let design = Boin::new(0.2).unwrap();
    let at = |toxic, pending, follow_up| {
        design.decide_with_pending(Pending { treated: 9, toxic, pending, follow_up }).unwrap()
    };
    for (toxic, pending, turns, below, above) in [
        (1, 3, 0.77, Move::Stay, Move::Escalate),
        (1, 4, 2.15, Move::Stay, Move::Escalate),
        (2, 1, 0.52, Move::Deescalate, Move::Stay),
        (2, 2, 1.59, Move::Deescalate, Move::Stay),
        (2, 3, 2.66, Move::Deescalate, Move::Stay),
        (2, 4, 3.73, Move::Deescalate, Move::Stay),
    ] {
        // Printed to two digits.
        assert_eq!(at(toxic, pending, turns - 0.006), Advice::Go(below), "{toxic} {pending}");
        assert_eq!(at(toxic, pending, turns + 0.006), Advice::Go(above), "{toxic} {pending}");
    }
    assert_eq!(at(0, 5, 2.0), Advice::Wait);
    assert_eq!(at(5, 4, 0.0), Advice::Go(Move::Eliminate));
    // With nobody pending it is BOIN.
    for toxic in 0..=9 {
        assert_eq!(at(toxic, 0, 0.0), Advice::Go(design.decide(9, toxic)), "{toxic}");
    }
    let wrong = Pending { treated: 3, toxic: 1, pending: 1, follow_up: 1.5 };
    assert!(design.decide_with_pending(wrong).unwrap_err().to_string().contains("follow-up is 1.5"));
    let many = Pending { treated: 3, toxic: 2, pending: 2, follow_up: 1.5 };
    assert!(design.decide_with_pending(many).is_err());
}

/// Finding F18: an intravenous GD2 product in diffuse midline glioma had 0 of 3 dose-limiting toxicities at the lower level and
/// 3 of 8 at the higher (Monje 2024). With these rates, known only as well as eleven patients show them (uniform priors), a
/// trial of 24 selects the lower level in most runs; exactly, by all courses.
#[test]
fn the_lower_level_is_chosen_on_the_gd2_toxicity_curve() {
    let design = Boin::new(0.2).unwrap();
    let table = design.table(18);
    let share = |rates: [f64; 2]| {
        let mut exact = [0.0; 3];
        follow((&table, 0.2), &rates, &Walk::new(2, 0), 6, 1.0, &mut exact);
        assert!((exact.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        exact
    };
    // At the rates observed (half an event at the lower level), and over their posteriors, the higher not below the lower.
    let [lower, higher, none] = share([0.125, 0.375]);
    assert!(lower > 0.5 && lower > 2.0 * higher, "{lower} {higher} {none}");
    let (mut sum, mut total) = ([0.0; 3], 0.0);
    for i in 0..10 {
        for j in 0..10 {
            let (a, b) = ((f64::from(i) + 0.5) / 10.0, (f64::from(j) + 0.5) / 10.0);
            if a <= b {
                // Beta(1, 4) and Beta(4, 6).
                let weight = (1.0 - a).powi(3) * b.powi(3) * (1.0 - b).powi(5);
                total += weight;
                for (s, p) in sum.iter_mut().zip(share([a, b])) {
                    *s += weight * p;
                }
            }
        }
    }
    let [lower, higher, none] = sum.map(|s| s / total);
    assert!(lower > 0.5 && lower > 2.0 * higher, "{lower} {higher} {none}");
}
