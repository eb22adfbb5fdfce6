//! RECIST 1.1.

use perforin_patient::response::endpoints::{Time, duration_of_response, overall, progression_free};
use perforin_patient::response::recist::{
    Baseline, Lesion, NonTarget, Visit, assess, best_overall, choose_targets,
};
use perforin_patient::response::{Response, ResponseError};

use Response::{Complete as CR, NotEvaluable as NE, Partial as PR, Progressive as PD, Stable as SD};

fn visit(day: f64, sizes: &[f64]) -> Visit {
    Visit { day, targets: Some(sizes.to_vec()), non_target: NonTarget::Gone, new_lesion: false }
}

/// Responses to sums of one lesion, the first at baseline, visits every six weeks.
fn of_sums(sums: &[f64]) -> Vec<Response> {
    let visits: Vec<_> =
        sums[1..].iter().enumerate().map(|(i, s)| visit(42.0 * (i + 1) as f64, &[*s])).collect();
    assess(&Baseline::of(&sums[..1]), &visits).expect("responses")
}

/// EORTC, RECIST frequently asked questions: a response is kept until progression.
#[test]
fn a_partial_response_is_kept_while_the_sum_grows_by_less_than_a_fifth() {
    assert_eq!(of_sums(&[100.0, 70.0, 70.0, 80.0, 80.0, 80.0]), [PR; 5]);
}

#[test]
fn progression_is_measured_from_the_nadir_and_needs_five_millimetres() {
    assert_eq!(of_sums(&[100.0, 119.0, 120.0]), [SD, PD]);
    assert_eq!(of_sums(&[100.0, 50.0, 59.0, 60.0]), [PR, PR, PD]);
    // 20 % of 20 mm are 4 mm, which is not enough.
    assert_eq!(of_sums(&[20.0, 24.5, 25.0]), [SD, PD]);
    assert_eq!(of_sums(&[100.0, 10.0, 14.0, 14.9, 15.0]), [PR, PR, PR, PD]);
    assert_eq!(of_sums(&[100.0, 71.0, 70.0]), [SD, PR]);
    assert_eq!(of_sums(&[60.0, 72.0]), [PD]);
}

#[test]
fn a_lesion_that_returns_after_complete_response_is_progression() {
    assert_eq!(of_sums(&[40.0, 0.0, 5.0]), [CR, PD]);
    assert_eq!(of_sums(&[40.0, 0.0, 0.0, 2.0]), [CR, CR, PD]);
}

#[test]
fn normal_nodes_allow_complete_response_though_they_have_a_size() {
    let baseline = Baseline { targets: vec![30.0, 20.0], nodes: vec![false, true] };
    let visits = [
        visit(42.0, &[0.0, 10.0]),
        visit(84.0, &[0.0, 9.0]),
        visit(126.0, &[0.0, 12.0]),
        visit(168.0, &[0.0, 14.0]),
    ];
    // The node grows from 9 mm: by 3 mm, then by 5 mm and more than 20 %.
    assert_eq!(assess(&baseline, &visits), Ok(vec![PR, CR, PR, PD]));
}

/// Table 1 of the guideline, target and non-target lesions and new ones.
#[test]
fn the_table_of_time_point_responses_holds() {
    use NonTarget::{Gone, NotEvaluated, Present, Progressive};
    let rows = [
        (Some(0.0), Gone, false, CR),
        (Some(0.0), Present, false, PR),
        (Some(0.0), NotEvaluated, false, PR),
        (Some(60.0), Present, false, PR),
        (Some(60.0), NotEvaluated, false, PR),
        (Some(95.0), Present, false, SD),
        (Some(95.0), NotEvaluated, false, SD),
        (None, Present, false, NE),
        (Some(130.0), Gone, false, PD),
        (Some(0.0), Progressive, false, PD),
        (None, Progressive, false, PD),
        (Some(0.0), Gone, true, PD),
        (None, Gone, true, PD),
    ];
    for (size, non_target, new_lesion, expected) in rows {
        let visit = Visit { day: 42.0, targets: size.map(|s| vec![s]), non_target, new_lesion };
        let found = assess(&Baseline::of(&[100.0]), std::slice::from_ref(&visit));
        assert_eq!(found, Ok(vec![expected]), "{visit:?}");
    }
}

/// Table 3 of the guideline: best response when confirmation is required, by two visits. Stable disease must last
/// six weeks.
#[test]
fn the_table_of_confirmed_best_responses_holds() {
    let rows = [
        (42.0, [CR, CR], CR),
        (42.0, [CR, PD], SD),
        (28.0, [CR, PD], PD),
        (42.0, [CR, NE], SD),
        (28.0, [CR, NE], NE),
        (42.0, [PR, CR], PR),
        (42.0, [PR, PR], PR),
        (42.0, [PR, SD], SD),
        (42.0, [PR, PD], SD),
        (28.0, [PR, PD], PD),
        (42.0, [PR, NE], SD),
        (28.0, [PR, NE], NE),
        (28.0, [NE, NE], NE),
        (42.0, [SD, PD], SD),
        (28.0, [PD, NE], PD),
    ];
    for (day, responses, expected) in rows {
        let visits = [visit(day, &[1.0]), visit(day + 28.0, &[1.0])];
        let found = best_overall(&visits, &responses, true, 42.0);
        assert_eq!(found, expected, "{responses:?} from day {day}");
    }
    let early = [visit(42.0, &[1.0]), visit(62.0, &[1.0])];
    assert_eq!(best_overall(&early, &[PR, PR], true, 42.0), SD);
    assert_eq!(best_overall(&early, &[PR, PR], false, 42.0), PR);
    let gap = [visit(42.0, &[1.0]), visit(56.0, &[1.0]), visit(84.0, &[1.0])];
    assert_eq!(best_overall(&gap, &[PR, NE, PR], true, 42.0), PR);
}

#[test]
fn the_largest_measurable_lesions_are_chosen_two_per_organ() {
    let lesion = |organ: &str, node, size| Lesion { organ: organ.into(), node, size };
    let lesions = [
        lesion("liver", false, 22.0),
        lesion("liver", false, 40.0),
        lesion("liver", false, 30.0),
        lesion("lung", false, 9.9),
        lesion("lung", false, 10.0),
        lesion("node", true, 14.0),
        lesion("node", true, 16.0),
        lesion("bone", false, 12.0),
        lesion("skin", false, 11.0),
        lesion("brain", false, 50.0),
    ];
    // Not the third of the liver, not the small ones; five of the rest.
    assert_eq!(choose_targets(&lesions), [9, 1, 2, 6, 7]);
}

#[test]
fn times_follow_from_visits_and_death() {
    let days = [42.0, 84.0, 126.0, 168.0];
    let time = |days, event| Time { days, event };
    assert_eq!(progression_free(&days, &[SD, PR, PR, PD], None), time(168.0, true));
    assert_eq!(progression_free(&days, &[SD, PR, PR, PD], Some(150.0)), time(150.0, true));
    assert_eq!(progression_free(&days, &[SD, PR, NE, NE], None), time(84.0, false));
    assert_eq!(progression_free(&days, &[NE; 4], None), time(0.0, false));
    assert_eq!(duration_of_response(&days, &[SD, PR, PR, PD], None), Some(time(84.0, true)));
    assert_eq!(duration_of_response(&days, &[SD, PR, PR, PR], None), Some(time(84.0, false)));
    assert_eq!(duration_of_response(&days, &[SD; 4], None), None);
    assert_eq!(overall(Some(400.0), 365.0), time(365.0, false));
    assert_eq!(overall(Some(300.0), 365.0), time(300.0, true));
}

#[test]
fn impossible_visits_are_refused() {
    let baseline = Baseline::of(&[20.0, 30.0]);
    let error = |visits: &[Visit]| assess(&baseline, visits).expect_err("refused");
    assert_eq!(error(&[visit(42.0, &[1.0])]), ResponseError::Targets { day: 42.0, found: 1, expected: 2 });
    assert_eq!(
        error(&[visit(42.0, &[1.0, -2.0])]),
        ResponseError::Size { day: 42.0, lesion: 1, value: -2.0 }
    );
    let twice = [visit(42.0, &[1.0, 1.0]), visit(42.0, &[1.0, 1.0])];
    assert_eq!(error(&twice), ResponseError::Order { day: 42.0, last: 42.0 });
    assert!(assess(&baseline, &[visit(f64::NAN, &[1.0, 1.0])]).is_err());
    assert!(assess(&baseline, &[visit(1.0, &[1.0, f64::NAN])]).is_err());
}
