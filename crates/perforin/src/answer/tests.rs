use super::course::{Attackers, Group};
use super::*;
use crate::table::{Table, Values};
use perforin_lesion::model::Role;

/// A study of ten days in which the tumour has these live cells, of which a share is not recognised at the end.
fn course(live: &[f64], unrecognised_end: f64) -> Course {
    let rows = live.len();
    let time = (0..rows).map(|row| 10.0 * row as f64 / (rows - 1) as f64).collect();
    let recognised = live
        .iter()
        .enumerate()
        .map(|(row, n)| n * (1.0 - unrecognised_end * row as f64 / (rows - 1) as f64))
        .collect();
    let killed = (0..rows).map(|row| 60.0 * row as f64).collect();
    Course {
        time,
        tumour: Group { live: live.to_vec(), killed, recognised: Some(recognised) },
        normal: Some(Group { live: vec![200.0; rows], killed: vec![5.0; rows], recognised: None }),
        product: Some(Attackers { live: vec![10.0; rows], arrived: 12.0 }),
    }
}

fn verdict(live: &[f64], unrecognised_end: f64) -> Verdict {
    Summary::of(&course(live, unrecognised_end)).verdict
}

#[test]
fn each_verdict_follows_its_rule() {
    assert_eq!(verdict(&[1000.0, 500.0, 100.0, 20.0, 3.0, 0.0], 0.0), Verdict::Cleared);
    assert_eq!(verdict(&[1000.0, 800.0, 700.0, 600.0, 500.0, 400.0], 0.9), Verdict::Response);
    assert_eq!(verdict(&[1000.0, 500.0, 100.0, 100.0, 100.0, 130.0], 0.9), Verdict::Stall);
    assert_eq!(verdict(&[1000.0, 500.0, 100.0, 100.0, 100.0, 131.0], 0.9), Verdict::Escape);
    assert_eq!(verdict(&[1000.0, 500.0, 100.0, 100.0, 100.0, 131.0], 0.4), Verdict::Outgrowth);
    assert_eq!(verdict(&[100.0, 140.0, 150.0, 150.0, 150.0, 151.0], 0.0), Verdict::Outgrowth);
    let mut untreated = course(&[1000.0, 1200.0], 1.0);
    untreated.product = None;
    assert_eq!(Summary::of(&untreated).verdict, Verdict::Untreated);
}

#[test]
fn numbers_are_those_of_the_course() {
    let summary = Summary::of(&course(&[1000.0, 80.0, 80.0, 90.0, 100.0, 200.0], 0.75));
    let t = &summary.tumour;
    assert_eq!((t.start, t.nadir, t.nadir_day, t.end, t.killed), (1000.0, 80.0, 2.0, 200.0, 300.0));
    assert_eq!((t.unrecognised_start, t.unrecognised_end), (Some(0.0), Some(0.75)));
    // 300 tumour cells and 5 healthy ones by 10 cells in 10 days.
    assert_eq!(summary.product.as_ref().unwrap().kills_per_cell_day, Some(3.05));
    assert_eq!(summary.normal.as_ref().unwrap().killed_share, Some(0.025));
}

#[test]
fn the_answer_says_what_happened_with_its_numbers() {
    let text = in_words(&Summary::of(&course(&[1000.0, 80.0, 80.0, 90.0, 100.0, 200.0], 0.75)));
    let first = text.lines().next().unwrap();
    assert_eq!(
        first,
        "The tumour escapes: it regrows from cells that the product does not recognise. It begins with 1,000 live \
         tumour cells, falls to 80 (8 %) on day 2, and has 200 (20 %) on day 10. Of them the product does not \
         recognise 0 % at the start and 75 % at the end."
    );
    assert!(text.contains("Of 200 healthy cells beside the tumour the product kills 5 (2.5 %)."), "{text}");
    assert!(text.contains("not for treating a patient"));
}

#[test]
fn types_of_one_role_are_added_up() {
    let mut series = Table::default();
    for (name, values) in [("time", [0.0, 1.0]), ("tumour_live", [5.0, 4.0]), ("clone_live", [1.0, 2.0])] {
        series.push(Column::new(name, "", ""), Values::Numbers(values.to_vec()));
    }
    let types = ["tumour", "clone"].map(|name| CellType { name: name.into(), role: Role::Tumour });
    let course = Course::of(&series, &types).unwrap();
    assert_eq!(course.tumour.live, [6.0, 6.0]);
    assert!(course.product.is_none() && course.normal.is_none());
}

#[test]
fn numbers_are_rounded_for_reading() {
    for (value, text) in [
        (0.0, "0"),
        (0.000_123, "1.2e-4"),
        (0.0123, "0.0123"),
        (0.456, "0.46"),
        (9.96, "10"),
        (12_345.6, "12,346"),
    ] {
        assert_eq!(rounded(value), text);
    }
    assert_eq!(grouped(1_234_567.0), "1,234,567");
    assert_eq!(per_cent(0.123), "12 %");
}
