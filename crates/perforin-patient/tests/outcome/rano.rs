//! RANO: the criteria, one by one.

use perforin_patient::response::Response::{
    Complete as CR, NotEvaluable as NE, Partial as PR, Progressive as PD, Stable as SD,
};
use perforin_patient::response::rano::{Baseline, Visit, assess, best, choose_targets};
use perforin_patient::response::recist::NonTarget;

fn visit(day: f64, product: f64, steroids: f64) -> Visit {
    Visit {
        day,
        products: Some(vec![product]),
        flair_worse: false,
        non_measurable: NonTarget::Gone,
        new_lesion: false,
        steroids,
        clinically_worse: false,
    }
}

fn baseline() -> Baseline {
    Baseline { products: vec![400.0], steroids: 4.0 }
}

#[test]
fn sums_of_products_decide_at_a_half_and_a_quarter() {
    // Between 201 and 249 it is no longer half of the baseline, and not yet a quarter above its best.
    let rows = [(200.0, PR), (201.0, SD), (249.0, SD), (250.0, PD)];
    for (last, expected) in rows {
        let visits = [visit(56.0, 200.0, 4.0), visit(112.0, last, 4.0)];
        let found = assess(&baseline(), &visits).expect("responses");
        assert_eq!(found, [PR, expected], "{last}");
    }
    assert_eq!(assess(&baseline(), &[visit(56.0, 500.0, 4.0)]), Ok(vec![PD]));
}

#[test]
fn steroids_must_not_explain_it() {
    // Half the enhancement on more steroids is not a response; more enhancement on less is not progression.
    assert_eq!(assess(&baseline(), &[visit(56.0, 150.0, 8.0)]), Ok(vec![SD]));
    assert_eq!(assess(&baseline(), &[visit(56.0, 520.0, 2.0)]), Ok(vec![SD]));
    assert_eq!(assess(&baseline(), &[visit(56.0, 0.0, 2.0)]), Ok(vec![PR]));
    assert_eq!(assess(&baseline(), &[visit(56.0, 0.0, 0.0)]), Ok(vec![CR]));
}

#[test]
fn signal_new_lesions_and_the_patient_count() {
    let base = visit(56.0, 150.0, 4.0);
    let rows = [
        (Visit { flair_worse: true, ..base.clone() }, PD),
        (Visit { flair_worse: true, steroids: 2.0, ..base.clone() }, SD),
        (Visit { new_lesion: true, ..base.clone() }, PD),
        (Visit { clinically_worse: true, ..base.clone() }, PD),
        (Visit { products: None, ..base.clone() }, NE),
    ];
    for (visit, expected) in rows {
        assert_eq!(assess(&baseline(), std::slice::from_ref(&visit)), Ok(vec![expected]), "{visit:?}");
    }
}

#[test]
fn a_response_counts_when_it_is_there_four_weeks_later() {
    let visits = [visit(56.0, 150.0, 4.0), visit(84.0, 160.0, 4.0), visit(112.0, 230.0, 4.0)];
    let responses = assess(&baseline(), &visits).expect("responses");
    assert_eq!(responses, [PR, PR, PD]);
    assert_eq!(best(&visits, &responses), PR);
    let soon = [visit(56.0, 150.0, 4.0), visit(80.0, 160.0, 4.0)];
    let responses = assess(&baseline(), &soon).expect("responses");
    assert_eq!(best(&soon, &responses), SD);
}

#[test]
fn what_is_not_measured_bars_a_complete_response_and_can_progress() {
    let at = |non_measurable| Visit { non_measurable, ..visit(56.0, 0.0, 0.0) };
    let rows = [(NonTarget::Gone, CR), (NonTarget::Present, PR), (NonTarget::Progressive, PD)];
    for (others, expected) in rows {
        assert_eq!(assess(&baseline(), &[at(others)]), Ok(vec![expected]), "{others:?}");
    }
}

#[test]
fn the_five_largest_measurable_lesions_are_measured() {
    assert_eq!(choose_targets(&[9.9, 12.0, 30.0, 10.0, 11.0, 25.0, 14.0]), [2, 5, 6, 1, 4]);
    assert!(choose_targets(&[9.0]).is_empty());
}
