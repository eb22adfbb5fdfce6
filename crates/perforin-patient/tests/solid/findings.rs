//! Published findings that the model must show.

use perforin_patient::regimen::Route;

use crate::support::{case, infusion, lesion};

/// F7: without bystander killing, antigen-negative cells bring a lesion back to its size after log2(1/fraction)
/// doublings.
#[test]
fn regrowth_is_delayed_by_the_doublings_of_the_negative_fraction() {
    for fraction in [0.1, 0.01, 0.001] {
        let mut case = case([lesion(1e9 * (1.0 - fraction), 1e9 * fraction)]);
        case.parameters.central.bystander = 0.0;
        case.parameters.lesion[0].access = 300.0;
        case.parameters.lesion[0].antigen_loss = 0.0;
        case.parameters.lesion[0].doubling_time = 20.0;
        let followed = case.follow::<24>();
        let back = followed.reaches(0, 1e9, 20).expect("regrowth");
        let exact = 20.0 * libm::log2(1.0 / fraction);
        assert!((back / exact - 1.0).abs() < 0.05, "fraction {fraction}: day {back}, not {exact}");
    }
}

/// F2: where antigen is plentiful and within reach, as on blood cells, a 25-fold change of the dose hardly changes the
/// peak (Mueller 2018).
#[test]
fn the_peak_hardly_depends_on_the_dose_where_antigen_is_plentiful() {
    let peak = |dose| {
        let mut case = case([lesion(5e11, 0.0)]);
        case.parameters.lesion[0].access = 100.0;
        case.parameters.central.checkpoint = 0.0;
        case.parameters.central.suppression = 0.0;
        case.regimen.infusions = vec![infusion(dose, Route::Intravenous)];
        case.days = 90;
        case.follow::<24>().outcome.peak.0
    };
    let (low, high) = (peak(2e7), peak(5e8));
    let slope = libm::log(high / low) / libm::log(25.0);
    assert!(slope.abs() < 0.1, "slope {slope}: {low} and {high}");
}

/// Lymphodepletion raises the peak by an order of magnitude and more. How fast the product is lost later, without antigen,
/// does not change.
#[test]
fn lymphodepletion_acts_on_the_peak_and_not_on_the_late_decline() {
    let with = case([lesion(5e9, 1e8)]);
    let mut without = with.clone();
    without.regimen.lymphodepletion = None;
    let (with, without) = (with.follow::<24>(), without.follow::<24>());
    assert!(with.outcome.peak.0 > 10.0 * without.outcome.peak.0);
    let mut cleared = case([lesion(0.0, 0.0)]);
    let with = cleared.follow::<24>();
    cleared.regimen.lymphodepletion = None;
    let without = cleared.follow::<24>();
    let decline = |f: &crate::support::Followed<1>| libm::log(f.product(250) / f.product(350)) / 100.0;
    assert!(
        (decline(&with) / decline(&without) - 1.0).abs() < 0.05,
        "{} {}",
        decline(&with),
        decline(&without)
    );
}

/// Delivery sets the scale: a lesion that a hundredth of the cells reach grows on.
#[test]
fn what_hardly_arrives_hardly_acts() {
    let left = |access| {
        let mut case = case([lesion(5e9, 0.0)]);
        case.parameters.lesion[0].access = access;
        case.follow::<24>().tumour(0, 60)
    };
    let levels: Vec<f64> = [0.0, 0.01, 0.1, 1.0, 10.0].map(left).to_vec();
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0]), "{levels:?}");
    assert!(levels[1] > 1.5 * 5e9 && levels[4] < 0.1 * 5e9, "{levels:?}");
}
