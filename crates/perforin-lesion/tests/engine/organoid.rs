//! F22: the organoid of Luque 2024 (doi 10.1038/s41598-024-63125-5), untreated and after one dose or a quarter of it.

use std::path::Path;

use perforin_core::study::StudyFile;
use perforin_lesion::lesion::Lesion;
use perforin_lesion::model::Role;
use perforin_lesion::observe::tumour_radius;
use perforin_lesion::scenario;

use crate::support::{run, start};

/// One CAR-T cell for each tumour cell, as in the shipped study.
const WHOLE_DOSE: &str = "3963 CAR+ cells";

/// The shipped study with a dose, or without any.
fn organoid(dose: Option<&str>) -> Lesion {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/benchmarks/organoid-30d.toml");
    let text = std::fs::read_to_string(&place).expect("the shipped study");
    let whole = format!("dose = \"{WHOLE_DOSE}\"");
    assert!(text.contains(&whole), "the dose of the shipped study has changed");
    let text = text.replace(&whole, &format!("dose = \"{}\"", dose.unwrap_or(WHOLE_DOSE)));
    let mut study: StudyFile = text.parse().expect("a valid study");
    if dose.is_none() {
        study.regimen.infusion.clear();
    }
    let scenario = scenario::build(&study).expect("a study without problems");
    start(scenario.model, scenario.cells)
}

/// 12,300 cells on day 10, read off the published chart of 50,000 cells to about 500.
#[test]
#[ignore = "slow: run with --release -- --ignored"]
fn f22_an_untreated_organoid_grows_as_published() {
    let mut lesion = organoid(None);
    let tumour = course(&mut lesion, 10.0).last().expect("a course").tumour;
    println!("F22 untreated: {tumour} cells on day 10 (12,300)");
    assert!(tumour.abs_diff(12_300) < 800, "500 of the reading and the spread of seeds: {tumour}");
}

/// Peak of 4,400 cells on day 3.5 and nadir of 850 on day 10.5, read off a chart of 17,500 cells to about 200. The bounds are that
/// and half of what seeds differ by (973, SD 105, at the nadir of twenty; this is seed 1). By the rules of `CARTopiaX` the same
/// seed ends at 1,167 and fails.
#[test]
#[ignore = "slow: run with --release -- --ignored"]
fn f22_one_dose_turns_the_organoid_as_published() {
    let course = course(&mut organoid(Some(WHOLE_DOSE)), 11.0);
    println!("F22 one dose: {course:?}");
    let peak = course.iter().max_by_key(|c| c.tumour).expect("a course");
    assert!((3.0..=4.5).contains(&peak.day) && peak.tumour.abs_diff(4_400) < 300, "peak {peak:?}");
    let nadir = course.iter().filter(|c| c.day > peak.day).min_by_key(|c| c.tumour).expect("a course");
    assert!((10.0..=10.5).contains(&nadir.day) && nadir.tumour.abs_diff(850) < 250, "nadir {nadir:?}");
}

/// The author's own output for one CAR-T cell on four tumour cells, every half day, one draw of chance as ours is. Tumour
/// cells and the distance of the outermost: within 8 %, two standard deviations of the cells of seeds on day 11, when they are
/// widest (validation/README.md). Product cells: within 80, 3.6 standard errors of the difference where it is widest. Cells
/// that die: their sum over the days within 10 %.
#[test]
#[ignore = "slow: run with --release -- --ignored"]
fn f22_a_quarter_of_a_dose_follows_the_published_output() {
    let published = published();
    let course = course(&mut organoid(Some("990 CAR+ cells")), 11.0);
    println!("F22 quarter of a dose: {course:?}");
    let mut dying = [0, 0];
    for found in &course {
        let known = published.iter().find(|c| c.day == found.day).expect("every half day is published");
        assert!(found.tumour.abs_diff(known.tumour) * 25 < 2 * known.tumour, "{found:?} {known:?}");
        assert!(found.product.abs_diff(known.product) < 80, "{found:?} {known:?}");
        assert!((found.radius / known.radius - 1.0).abs() < 0.08, "{found:?} {known:?}");
        dying = [dying[0] + found.dying, dying[1] + known.dying];
    }
    assert!(dying[0].abs_diff(dying[1]) * 10 < dying[1], "{dying:?}");
}

/// Cells at a time; dying ones are counted with the others.
#[derive(Debug)]
struct Count {
    day: f64,
    tumour: usize,
    dying: usize,
    product: usize,
    /// Distance of the outermost tumour cell's centre from the middle, µm.
    radius: f64,
}

/// Counts every half day up to `days`.
fn course(lesion: &mut Lesion, days: f64) -> Vec<Count> {
    let mut course = Vec::new();
    for half_day in 1..=(2.0 * days) as u32 {
        let day = 0.5 * f64::from(half_day);
        run(lesion, day * 1440.0);
        let (model, cells) = (&lesion.model, &lesion.state.cells);
        let of = |role: Role| {
            (0..cells.len()).filter(move |i| model.types[usize::from(cells.kind[*i])].role == role)
        };
        let (tumour, product) = (of(Role::Tumour).count(), of(Role::Product).count());
        let dying = of(Role::Tumour).filter(|i| !cells.is_live(*i)).count();
        course.push(Count { day, tumour, dying, product, radius: tumour_radius(lesion) });
    }
    course
}

/// What the program of Luque 2024 wrote for a quarter of a dose.
fn published() -> Vec<Count> {
    let rows =
        include_str!("../data/cart_abm_quarter_dose.csv").lines().filter(|l| !l.starts_with(['#', 'd']));
    let count = |row: &str| {
        let mut values = row.split(',').map(|v| v.parse::<f64>().expect("a number"));
        let mut next = || values.next().expect("five columns");
        let [day, tumour, dying, product, radius] = std::array::from_fn(|_| next());
        Count { day, tumour: tumour as usize, dying: dying as usize, product: product as usize, radius }
    };
    rows.map(count).collect()
}
