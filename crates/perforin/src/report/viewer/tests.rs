use super::pack::is_shown;
use super::scale::Range;
use super::*;

#[test]
fn codes_come_back_within_half_a_step() {
    let mut range = Range::new("oxygen", "mmHg", false);
    for value in [3.0, 38.0, f64::NAN] {
        range.take(value);
    }
    let scale = range.scale();
    assert_eq!((scale.low, scale.high), (3.0, 38.0));
    for value in [3.0, 10.0, 20.5, 38.0] {
        let back = 3.0 + 35.0 * f64::from(scale.code(value)) / 255.0;
        assert!((back - value).abs() <= 35.0 / 510.0 + 1e-12, "{value} came back as {back}");
    }
    let mut range = Range::new("HER2", "/cell", true);
    for value in [0.0, 100.0, 1e6] {
        range.take(value);
    }
    let scale = range.scale();
    assert_eq!((scale.code(0.0), scale.code(100.0), scale.code(1e6)), (0, 1, 255));
    let back = 100.0 * libm::pow(1e4, f64::from(scale.code(5000.0) - 1) / 254.0);
    assert!((back / 5000.0 - 1.0).abs() < 0.02, "{back}");
}

#[test]
fn the_first_and_the_last_frame_are_always_among_those_shown() {
    let all: Vec<PathBuf> = (0..1000).map(|i| PathBuf::from(format!("step-{i:08}.pff"))).collect();
    let shown = evenly(&all, 7);
    assert_eq!((shown.len(), &shown[0], &shown[6]), (7, &all[0], &all[999]));
    assert!(shown.is_sorted());
    assert_eq!(evenly(&all[..3], 7), &all[..3]);
}

#[test]
fn thinning_keeps_the_stated_share_and_the_same_cells() {
    let share = |share| (0..20_000).filter(|&id| is_shown(id, share)).count() as f64 / 20_000.0;
    // Four standard deviations of 20,000 draws.
    for wanted in [0.1, 0.5, 0.9] {
        assert!((share(wanted) - wanted).abs() < 4.0 * (wanted * (1.0 - wanted) / 20_000.0_f64).sqrt());
    }
    assert_eq!(share(1.0), 1.0);
    assert!((0..1000).filter(|&id| is_shown(id, 0.3)).all(|id| is_shown(id, 0.6)));
}
