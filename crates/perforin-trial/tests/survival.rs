//! Survival statistics against what R prints for the lung cancer data, and closed forms.

use perforin_core::rng::{Purpose, Stream};
use perforin_trial::survival::cox::{Cox, Ties};
use perforin_trial::survival::{KaplanMeier, Observation, SurvivalError, log_rank};
use proptest::prelude::*;

/// Time and event, age and sex, and ECOG score where known.
type Patient = (Observation, [f64; 2], Option<f64>);

/// The lung data of R's package survival: 228 patients of Loprinzi 1994 (J Clin Oncol 12:601), numbers only.
fn lung() -> Vec<Patient> {
    let path = format!("{}/tests/data/lung.csv", env!("CARGO_MANIFEST_DIR"));
    let mut reader = csv::Reader::from_path(path).expect("the lung data");
    let rows = reader.records().map(|r| r.expect("a row"));
    rows.map(|row| {
        let x = |k: usize| row[k].parse::<f64>().expect("a number");
        let patient = Observation { time: x(0), event: &row[1] == "1" };
        (patient, [x(2), x(3)], row[4].parse().ok())
    })
    .collect()
}

fn near(found: f64, known: f64) {
    assert!((found - known).abs() < 6e-11 * known.abs().max(1.0), "{found} against {known}");
}

#[test]
fn the_kaplan_meier_curve_equals_the_printed_one() {
    let rows = lung();
    let patients: Vec<_> = rows.iter().map(|r| r.0).collect();
    let curve = KaplanMeier::new(&patients).unwrap();
    for (time, known) in [
        (100.0, 0.863_968_967_6),
        (200.0, 0.680_272_862_2),
        (365.0, 0.409_241_624_5),
        (500.0, 0.293_269_193_7),
    ] {
        assert!((curve.survival(time) - known).abs() < 5.1e-11, "{time}: {}", curve.survival(time));
    }
    assert_eq!(curve.quantile(0.5), Some(310.0));
    // Summed up in exact fractions; R prints 263.
    let (area, _) = curve.restricted_mean(365.0);
    assert!((area - 263.221_866_482_006_6).abs() < 1e-9, "{area}");
}

#[test]
fn the_log_rank_test_equals_the_printed_one() {
    let rows = lung();
    let of = |sex: f64| rows.iter().filter(|r| r.1[1] == sex).map(|r| r.0).collect::<Vec<_>>();
    near(log_rank(&of(1.0), &of(2.0)).unwrap().chi_squared, 10.326_741_954_9);
}

#[test]
fn cox_coefficients_equal_the_printed_ones() {
    let rows = lung();
    let (patients, covariates): (Vec<_>, Vec<_>) =
        rows.iter().filter_map(|(o, [age, sex], ecog)| ecog.map(|e| (*o, vec![*age, *sex, e]))).unzip();
    let efron = Cox::fit(&patients, &covariates, Ties::Efron).unwrap();
    // R stops once the likelihood changes by less than 1e-9 of itself, which leaves the coefficients 3e-10 short.
    let known = [0.011_066_764_56, -0.552_612_395_7, 0.463_728_475_4];
    assert!(efron.coefficients.iter().zip(known).all(|(a, b)| (a - b).abs() < 1e-9), "{efron:?}");
    near(efron.log_likelihood[0], -744.480_455_761);
    near(efron.log_likelihood[1], -729.230_121_375);
    let breslow = Cox::fit(&patients, &covariates, Ties::Breslow).unwrap();
    let known = [0.011_041_136_4, -0.551_889_569_8, 0.462_947_040_6];
    assert!(breslow.coefficients.iter().zip(known).all(|(a, b)| (a - b).abs() < 1e-9), "{breslow:?}");
}

fn observations(list: &[(f64, bool)]) -> Vec<Observation> {
    list.iter().map(|(time, event)| Observation { time: *time, event: *event }).collect()
}

proptest! {
    /// Without censoring the curve is the share alive, Greenwood's variance the binomial one, and the restricted mean
    /// the mean of the times cut off.
    #[test]
    fn without_censoring_the_curve_is_the_share_alive(times in prop::collection::vec(1..50u32, 2..40)) {
        let list: Vec<_> = times.iter().map(|t| (f64::from(*t), true)).collect();
        let curve = KaplanMeier::new(&observations(&list)).unwrap();
        let n = times.len() as f64;
        for t in [0.5, 10.0, 25.0] {
            let alive = times.iter().filter(|x| f64::from(**x) > t).count() as f64 / n;
            prop_assert!((curve.survival(t) - alive).abs() < 1e-12);
            if alive > 0.0 && alive < 1.0 {
                let step = curve.steps.iter().rev().find(|s| s.time <= t).unwrap();
                let variance = step.survival * step.survival * step.greenwood;
                prop_assert!((variance - alive * (1.0 - alive) / n).abs() < 1e-12);
            }
        }
        let mean: f64 = times.iter().map(|t| f64::from(*t).min(30.0)).sum::<f64>() / n;
        prop_assert!((curve.restricted_mean(30.0).0 - mean).abs() < 1e-9);
    }

    /// The score test of Cox's model with one binary covariate is the log-rank test where no times are tied; the
    /// likelihood-ratio test is close to it. Here: the sign and the exchange of groups.
    #[test]
    fn exchanging_the_groups_turns_the_sign_and_nothing_else(
        a in prop::collection::vec((0.1..9.0f64, any::<bool>()), 4..20),
        b in prop::collection::vec((0.1..9.0f64, any::<bool>()), 4..20),
    ) {
        let (x, y) = (observations(&a), observations(&b));
        let events = |o: &[Observation]| o.iter().filter(|o| o.event).count();
        prop_assume!(events(&x) > 1 && events(&y) > 1);
        if let (Ok(one), Ok(two)) = (log_rank(&x, &y), log_rank(&y, &x)) {
            prop_assert!((one.chi_squared - two.chi_squared).abs() < 1e-9 * (1.0 + one.chi_squared));
            let total = f64::from(one.observed[0] + one.observed[1]);
            prop_assert!((one.expected[0] + one.expected[1] - total).abs() < 1e-9);
        }
        let all: Vec<_> = x.iter().chain(&y).copied().collect();
        let arm = |first: f64, second: f64| -> Vec<Vec<f64>> {
            x.iter().map(|_| vec![first]).chain(y.iter().map(|_| vec![second])).collect()
        };
        if let (Ok(one), Ok(two)) = (
            Cox::fit(&all, &arm(0.0, 1.0), Ties::Efron),
            Cox::fit(&all, &arm(1.0, 0.0), Ties::Efron),
        ) {
            prop_assume!(one.coefficients[0].abs() < 8.0);
            prop_assert!((one.coefficients[0] + two.coefficients[0]).abs() < 1e-6);
        }
    }
}

#[test]
fn what_cannot_be_is_refused() {
    assert_eq!(KaplanMeier::new(&[]).unwrap_err(), SurvivalError::NoPatients);
    let wrong = KaplanMeier::new(&observations(&[(1.0, true), (-2.0, true)])).unwrap_err();
    assert_eq!(wrong.to_string(), "patient 2: -2 is no time; it must be finite and not negative");
    let patients = observations(&[(1.0, true), (2.0, true), (3.0, false)]);
    let twice: Vec<_> = [1.0, 2.0, 4.0].iter().map(|x| vec![*x, 2.0 * x]).collect();
    assert!(matches!(Cox::fit(&patients, &twice, Ties::Efron), Err(SurvivalError::NotEstimable(_))));
    let none = vec![Vec::new(); 3];
    assert!(matches!(Cox::fit(&patients, &none, Ties::Efron), Err(SurvivalError::NotEstimable(_))));
    assert!(matches!(Cox::fit(&patients, &twice[..2], Ties::Efron), Err(SurvivalError::Lengths { .. })));
}

/// One simulated trial of 104 and 52 patients: hazard ratios of all randomised and of those infused, for progression-free and
/// for overall survival, as natural logarithms.
fn satri_cel(trial: u64) -> [f64; 4] {
    let mut draw = Stream::new(17, Purpose::Trial).at(trial, 0);
    // Months to progression or death, and to death; medians of the control arm 1.77 and 5.49, ratios among those infused 0.304 and 0.601 (Qi 2025, PMID 40460847).
    let hazard = [1.77, 5.49].map(|median| std::f64::consts::LN_2 / median);
    let ratio = [0.304, 0.601];
    let mut patients: Vec<(bool, bool, [Observation; 2])> = Vec::new();
    for k in 0..156 {
        let product = k < 104;
        // 16 of 104 are never infused and fare as controls; 20 of 52 controls are infused after progression.
        let infused = product && draw.uniform() >= 16.0 / 104.0;
        let crosses = !product && draw.uniform() < 20.0 / 52.0;
        let times = [draw.exponential(), draw.exponential()];
        let factor = |end: usize| if infused { ratio[end] } else { 1.0 };
        let progression = times[0] / (hazard[0] * factor(0));
        let mut death = times[1] / (hazard[1] * factor(1));
        if crosses && death > progression {
            death = progression + (death - progression) / ratio[1];
        }
        // Followed for 12 months (assumed).
        let seen = |time: f64| Observation { time: time.min(12.0), event: time < 12.0 };
        patients.push((product, infused, [seen(progression), seen(death)]));
    }
    let ln_ratio = |end: usize, all: bool| {
        let chosen = patients.iter().filter(|(product, infused, _)| all || !product || *infused);
        let (times, arm): (Vec<Observation>, Vec<Vec<f64>>) =
            chosen.map(|(product, _, seen)| (seen[end], vec![f64::from(u8::from(*product))])).unzip();
        Cox::fit(&times, &arm, Ties::Efron).expect("two arms").coefficients[0]
    };
    [ln_ratio(0, true), ln_ratio(0, false), ln_ratio(1, true), ln_ratio(1, false)]
}

/// Finding F17: attrition alone turns the effect among those infused (0.304) into that of all randomised (published: 0.366, 0.241
/// to 0.557); crossover dilutes the effect on survival further, which the published interval (0.457 to 1.051) contains.
#[test]
fn attrition_explains_the_gap_between_randomised_and_infused() {
    let trials = 400;
    let runs: Vec<[f64; 4]> = (0..trials).map(satri_cel).collect();
    let centre = |k: usize| libm::exp(runs.iter().map(|r| r[k]).sum::<f64>() / trials as f64);
    let ratios = [centre(0), centre(1), centre(2), centre(3)];
    assert!((ratios[0] - 0.366).abs() < 0.04, "{ratios:?}");
    assert!(ratios[1] < ratios[0] && ratios[3] < ratios[2], "{ratios:?}");
    assert!(ratios[2] > 0.601 && ratios[2] < 1.051, "{ratios:?}");
    let within = runs.iter().filter(|r| (0.241..0.557).contains(&libm::exp(r[0]))).count();
    assert!(within as f64 > 0.9 * trials as f64, "{within} of {trials}");
    let lower = runs.iter().filter(|r| r[1] < r[0]).count();
    assert!(lower as f64 > 0.95 * trials as f64, "{lower} of {trials}");
}
