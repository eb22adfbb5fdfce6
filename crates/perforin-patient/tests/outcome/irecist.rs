//! iRECIST: the published scenarios of progression that is confirmed, pseudoprogression, and reset.

use perforin_patient::response::irecist::Response::{
    Complete as ICR, Confirmed as ICPD, NotEvaluable as INE, Partial as IPR, Stable as ISD,
    Unconfirmed as IUPD,
};
use perforin_patient::response::irecist::{Response, Visit, assess, in_recist, progression};
use perforin_patient::response::recist::{Baseline, NonTarget};

fn course(rows: &[(f64, &[f64])]) -> (Vec<Visit>, Vec<Response>) {
    let visits: Vec<_> = rows
        .iter()
        .enumerate()
        .map(|(i, (sum, new))| Visit {
            day: 42.0 * (i + 1) as f64,
            targets: Some(vec![*sum]),
            non_target: NonTarget::Gone,
            new_lesions: new.to_vec(),
        })
        .collect();
    let responses = assess(&Baseline::of(&[100.0]), &visits).expect("responses");
    (visits, responses)
}

#[test]
fn growth_by_five_millimetres_more_confirms_progression() {
    let (visits, responses) = course(&[(125.0, &[]), (130.0, &[]), (60.0, &[])]);
    assert_eq!(responses, [IUPD, ICPD, ICPD]);
    assert_eq!(progression(&visits, &responses), Some(42.0));
    let (visits, responses) = course(&[(125.0, &[]), (129.0, &[]), (133.9, &[]), (140.0, &[])]);
    assert_eq!(responses, [IUPD, IUPD, IUPD, ICPD]);
    assert_eq!(progression(&visits, &responses), Some(42.0));
}

#[test]
fn pseudoprogression_is_taken_back() {
    let (visits, responses) = course(&[(125.0, &[]), (65.0, &[]), (64.0, &[])]);
    assert_eq!(responses, [IUPD, IPR, IPR]);
    assert_eq!(progression(&visits, &responses), None);
    let (_, responses) = course(&[(125.0, &[]), (110.0, &[])]);
    assert_eq!(responses, [IUPD, ISD]);
}

#[test]
fn after_a_reset_progression_begins_anew_from_the_nadir() {
    let (visits, responses) = course(&[(125.0, &[]), (60.0, &[]), (73.0, &[]), (80.0, &[])]);
    assert_eq!(responses, [IUPD, IPR, IUPD, ICPD]);
    assert_eq!(progression(&visits, &responses), Some(126.0));
}

#[test]
fn new_lesions_are_confirmed_by_more_or_larger_ones() {
    assert_eq!(course(&[(90.0, &[12.0]), (90.0, &[12.0, 8.0])]).1, [IUPD, ICPD]);
    assert_eq!(course(&[(90.0, &[12.0]), (90.0, &[17.0])]).1, [IUPD, ICPD]);
    assert_eq!(course(&[(90.0, &[12.0]), (90.0, &[13.0]), (90.0, &[])]).1, [IUPD, IUPD, ISD]);
    assert_eq!(course(&[(90.0, &[12.0]), (0.0, &[])]).1, [IUPD, ICR]);
}

#[test]
fn a_visit_without_images_neither_confirms_nor_resets() {
    let visit = |day, sum: Option<f64>| Visit {
        day,
        targets: sum.map(|s| vec![s]),
        non_target: NonTarget::Gone,
        new_lesions: vec![],
    };
    let visits = [visit(42.0, Some(130.0)), visit(70.0, None), visit(98.0, Some(140.0))];
    let responses = assess(&Baseline::of(&[100.0]), &visits).expect("responses");
    assert_eq!(responses, [IUPD, INE, ICPD]);
    assert_eq!(progression(&visits, &responses), Some(42.0));
    // Never looked at again: it counts.
    assert_eq!(progression(&visits[..1], &responses[..1]), Some(42.0));
}

#[test]
fn in_the_words_of_recist_progression_begins_with_what_was_confirmed() {
    use perforin_patient::response::Response::{Partial as PR, Progressive as PD, Stable as SD};
    let (visits, responses) = course(&[(125.0, &[]), (65.0, &[]), (80.0, &[]), (86.0, &[])]);
    assert_eq!(responses, [IUPD, IPR, IUPD, ICPD]);
    assert_eq!(in_recist(&visits, &responses), [SD, PR, PD, PD]);
}
