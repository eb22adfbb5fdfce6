//! Populations solved on any number of threads, and the published population of tisagenlecleucel.

use perforin_patient::model::{Simulation, Values};
use perforin_patient::models::stein_2019::{Parameters, Stein, closed_form};
use perforin_patient::ode::{Failure, Tolerance};
use perforin_patient::population::draw::{Distribution, Population, Varying};
use perforin_patient::population::run::run;

/// Stein 2019: typical values and random effects as printed. They may be variances; only medians are compared.
fn tisagenlecleucel() -> Population {
    let spread = [2.4, 0.38, 0.65, 0.91, 0.80, 0.86];
    let varying = Parameters::TABLE
        .iter()
        .zip(spread)
        .map(|(p, log_sd)| Varying {
            name: p.name.into(),
            typical: p.value,
            log_sd,
            range: (0.0, if p.name.ends_with("f_b") { 1.0 } else { f64::INFINITY }),
        })
        .collect();
    Population::new(Distribution { varying, seed: 2019, ..Distribution::default() }).expect("a population")
}

fn quantile(values: &mut [f64], q: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * q) as usize]
}

/// F1 of the model's findings.
#[test]
fn ten_thousand_patients_have_the_published_medians() {
    let population = tisagenlecleucel();
    let n = 10_000;
    let (mut peak, mut day, mut doubling, mut half_life) = (vec![], vec![], vec![], vec![]);
    for i in 0..n {
        let p = Parameters::from_values(&population.draw(i).expect("a draw").values);
        peak.push(closed_form(&p, p.t_max));
        day.push(p.t_max);
        doubling.push(std::f64::consts::LN_2 * p.t_max / libm::log(p.fold.max(1.0 + 1e-9)));
        half_life.push(std::f64::consts::LN_2 / p.beta);
    }
    for (values, published) in
        [(&mut peak, 24_000.0), (&mut day, 9.3), (&mut doubling, 0.78), (&mut half_life, 217.0)]
    {
        let median = quantile(values, 0.5);
        assert!((median / published - 1.0).abs() < 0.03, "{median}, not {published}");
    }
    let typical = Parameters::default();
    let step = 0.001;
    let area: f64 = (0..28_000)
        .map(|k| {
            step * 0.5
                * (closed_form(&typical, step * f64::from(k))
                    + closed_form(&typical, step * f64::from(k + 1)))
        })
        .sum();
    assert!((area / 172_000.0 - 1.0).abs() < 0.03, "{area}");
}

const DAYS: [f64; 3] = [7.0, 28.0, 365.0];

fn rows(from: u64, to: u64, bad: Option<u64>) -> perforin_patient::population::run::Rows {
    let population = tisagenlecleucel();
    let make = |i: u64| {
        let mut p = Parameters::from_values(&population.draw(i).expect("a draw").values);
        if bad == Some(i) {
            p.c_max = f64::NAN;
        }
        Simulation::<Stein, 2>::new(p, &DAYS)
    };
    run((from, to), 3, &Tolerance::uniform(1e-6, 1e-6), make, |patient, out| {
        out.extend(patient.rows().iter().map(|row| row[0] + row[1]));
    })
}

#[test]
fn rows_have_the_same_bits_for_any_number_of_threads_and_any_cut() {
    let bits = |rows: &[f64]| rows.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    let whole = bits(&rows(0, 300, None).values);
    assert_eq!(whole.len(), 900);
    for threads in [1, 2, 3, 4, 8] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        assert_eq!(bits(&pool.install(|| rows(0, 300, None)).values), whole, "{threads} threads");
    }
    let mut parts = bits(&rows(0, 37, None).values);
    parts.extend(bits(&rows(37, 200, None).values));
    parts.extend(bits(&rows(200, 300, None).values));
    assert_eq!(parts, whole);
}

#[test]
fn a_patient_that_fails_is_listed_and_stops_no_other() {
    let (good, with_bad) = (rows(0, 100, None), rows(0, 100, Some(41)));
    assert!(good.failed.is_empty());
    assert_eq!(with_bad.failed.len(), 1);
    assert_eq!(with_bad.failed[0].patient, 41);
    assert!(matches!(with_bad.failed[0].failure, Failure::NotFinite { .. }), "{:?}", with_bad.failed);
    for i in 0..300 {
        if i / 3 == 41 {
            assert!(with_bad.values[i].is_nan());
        } else {
            assert_eq!(with_bad.values[i].to_bits(), good.values[i].to_bits());
        }
    }
}
