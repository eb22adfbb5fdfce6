//! BOP2, baskets and enrichment against brute force, exact tests and quadrature.

use perforin_trial::binomial::{at_most, probability};
use perforin_trial::dose_finding::DesignError;
use perforin_trial::efficacy::basket::{Exnex, Responses};
use perforin_trial::efficacy::bop2::{Boundary, Demand, Rates, course, optimal};
use perforin_trial::efficacy::enrichment::{self, Enrichment};

fn near(found: f64, expected: f64, error: f64) {
    assert!((found - expected).abs() <= error, "{found} instead of {expected}");
}

fn demand(looks: &[u32], toxicity: Option<Rates>) -> Demand {
    let efficacy = Rates { null: 0.2, alternative: 0.4 };
    Demand { looks: looks.to_vec(), efficacy, toxicity, alpha: 0.1 }
}

/// All 4⁶ sequences of patients with and without response and toxicity.
#[test]
fn bop2_boundaries_come_to_what_all_sequences_say() {
    let boundaries = [(2, 1, 1), (4, 1, 2), (6, 3, 2)].map(|(patients, y, t)| Boundary {
        patients,
        responses: Some(y),
        toxicities: Some(t),
    });
    let (p, q) = (0.45, 0.3);
    let (mut positive, mut early, mut patients) = (0.0, 0.0, 0.0);
    for sequence in 0..1_u32 << 12 {
        let (mut y, mut t, mut weight, mut stopped) = (0, 0, 1.0, None);
        for patient in 0..6 {
            let (response, toxic) = (sequence >> (2 * patient) & 1, sequence >> (2 * patient + 1) & 1);
            weight *= if response == 1 { p } else { 1.0 - p } * if toxic == 1 { q } else { 1.0 - q };
            y += response;
            t += toxic;
            let look = boundaries.iter().find(|b| b.patients == patient + 1);
            if stopped.is_none() && look.is_some_and(|b| Some(y) < b.responses || Some(t) > b.toxicities) {
                stopped = Some(patient + 1);
            }
        }
        positive += if stopped.is_none() { weight } else { 0.0 };
        early += if stopped.is_some_and(|n| n < 6) { weight } else { 0.0 };
        patients += weight * f64::from(stopped.unwrap_or(6));
    }
    let found = course(&boundaries, p, Some(q));
    near(found.positive, positive, 1e-12);
    near(found.stops_early, early, 1e-12);
    near(found.patients, patients, 1e-12);
    // Without toxicity the columns are one.
    let alone = boundaries.map(|b| Boundary { toxicities: Some(b.patients), ..b });
    near(course(&alone, p, None).positive, course(&alone, p, Some(q)).positive, 1e-12);
}

/// With a single look the design is the exact binomial test of the largest power.
#[test]
fn bop2_with_one_look_is_the_exact_binomial_test() {
    for n in [10, 25, 40] {
        let design = optimal(&demand(&[n], None)).unwrap();
        let least = (0..=n).find(|y| *y > 0 && 1.0 - at_most(y - 1, n, 0.2) <= 0.1).unwrap();
        assert_eq!(design.boundaries[0].responses, Some(least), "{n}");
        near(design.alternative.positive, 1.0 - at_most(least - 1, n, 0.4), 1e-12);
        assert_eq!((design.null.patients, design.null.stops_early), (f64::from(n), 0.0));
    }
}

/// Looks cost little power and save patients; a second endpoint costs more. Cut-offs tighten from look to look.
#[test]
fn bop2_keeps_its_error_and_saves_patients() {
    let one = optimal(&demand(&[40], None)).unwrap();
    let looks = optimal(&demand(&[10, 20, 30, 40], None)).unwrap();
    assert!(looks.null.positive <= 0.1 && looks.alternative.positive <= one.alternative.positive + 1e-12);
    assert!(looks.alternative.positive > 0.85 && looks.null.patients < 30.0, "{looks:?}");
    let shares: Vec<f64> =
        looks.boundaries.iter().map(|b| f64::from(b.responses.unwrap()) / f64::from(b.patients)).collect();
    assert!(shares.windows(2).all(|w| w[0] <= w[1]), "{shares:?}");
    let toxicity = Some(Rates { null: 0.4, alternative: 0.2 });
    let both = optimal(&demand(&[10, 20, 30, 40], toxicity)).unwrap();
    assert!(both.null.positive <= 0.1 && both.alternative.positive > 0.75, "{both:?}");
    assert!(both.boundaries.iter().all(|b| b.toxicities.unwrap() < b.patients));
    let refused = |d: &Demand| optimal(d).unwrap_err().to_string();
    assert!(refused(&demand(&[20, 10], None)).contains("the looks must increase"));
    assert!(refused(&demand(&[], None)).contains("first look"));
    // Three patients: even three responses have the probability 0.008 under the null hypothesis.
    let strict = |alpha| Demand { alpha, ..demand(&[3], None) };
    assert!(refused(&strict(0.001)).contains("no cut-off keeps the error at 0.001"));
    assert!(optimal(&strict(0.01)).unwrap().alternative.positive > 0.0);
    let worse = Some(Rates { null: 0.2, alternative: 0.4 });
    assert!(refused(&demand(&[20], worse)).contains("toxicity rate under the alternative"));
}

const PRIOR: Exnex = Exnex { exchangeable: 0.5, mean: (-1.1, 1.5), heterogeneity: 1.0, alone: (-0.85, 2.0) };
const BASKETS: [(u32, u32); 4] = [(2, 13), (9, 19), (1, 12), (3, 16)];

fn baskets(list: &[(u32, u32)]) -> Vec<Responses> {
    list.iter()
        .map(|(responses, patients)| Responses { responses: *responses, patients: *patients })
        .collect()
}

/// Against Gauss–Legendre quadrature of all three dimensions, μ and τ in pieces around the cut.
#[test]
fn borrowing_between_baskets_equals_quadrature() {
    let found = PRIOR.posterior(&baskets(&BASKETS), 0.15).unwrap();
    let expected = [
        (0.173_900_656_2, 0.545_707_739_7, 0.600_853_415_2),
        (0.443_972_263_7, 0.998_869_021_0, 0.355_706_508_3),
        (0.129_014_987_6, 0.339_039_887_8, 0.552_800_635_9),
        (0.194_464_856_1, 0.651_997_771_4, 0.604_887_533_7),
    ];
    for (basket, (rate, exceeds, exchangeable)) in found.iter().zip(expected) {
        near(basket.rate, rate, 1e-6);
        near(basket.exceeds, exceeds, 1e-6);
        near(basket.exchangeable, exchangeable, 1e-6);
    }
}

/// Without borrowing each basket stands alone; the normal prior integrates as by a fine sum.
#[test]
fn a_basket_that_is_not_exchangeable_stands_alone() {
    let alone = Exnex { exchangeable: 0.0, ..PRIOR };
    let found = alone.posterior(&baskets(&BASKETS), 0.15).unwrap();
    for ((y, n), basket) in BASKETS.into_iter().zip(&found) {
        let [mut total, mut mean, mut beyond] = [0.0; 3];
        for k in 0..200_000 {
            let z = (f64::from(k) + 0.5) / 10_000.0 - 10.0;
            let theta = 2.0 * z - 0.85;
            let p = 1.0 / (1.0 + libm::exp(-theta));
            let weight = libm::exp(-0.5 * z * z) * probability(y, n, p);
            total += weight;
            mean += weight * p;
            beyond += if p > 0.15 { weight } else { 0.0 };
        }
        near(basket.rate, mean / total, 1e-6);
        near(basket.exceeds, beyond / total, 1e-4);
        assert_eq!(basket.exchangeable, 0.0);
    }
    // Borrowing draws the extremes towards each other.
    let shared = Exnex { exchangeable: 1.0, heterogeneity: 0.3, ..PRIOR };
    let drawn = shared.posterior(&baskets(&BASKETS), 0.15).unwrap();
    assert!(drawn[1].rate < found[1].rate && drawn[2].rate > found[2].rate);
    near(drawn[0].exchangeable, 1.0, 1e-12);
    // Almost no heterogeneity is one common rate.
    let pooled = Exnex { exchangeable: 1.0, heterogeneity: 0.0501, ..PRIOR };
    let found = pooled.posterior(&baskets(&BASKETS), 0.15).unwrap();
    assert!(found.windows(2).all(|w| (w[0].rate - w[1].rate).abs() < 5e-3));
    let text = PRIOR.posterior(&baskets(&[(4, 3)]), 0.15).unwrap_err().to_string();
    assert_eq!(text, "in basket 1, 4 of 3 patients responded");
    assert!(PRIOR.posterior(&[], 0.15).is_err());
    assert!(Exnex { exchangeable: 1.5, ..PRIOR }.posterior(&baskets(&BASKETS), 0.15).is_err());
}

/// All outcomes of two baskets of five and four patients; and the same bits for any number of threads.
#[test]
fn simulated_baskets_are_called_as_often_as_all_outcomes_say() {
    let (sizes, rates) = ([5, 4], [0.15, 0.5]);
    let mut exact = [0.0; 2];
    for a in 0..=5 {
        for b in 0..=4 {
            let weight = probability(a, 5, rates[0]) * probability(b, 4, rates[1]);
            let found = PRIOR.posterior(&baskets(&[(a, 5), (b, 4)]), 0.15).unwrap();
            for (sum, basket) in exact.iter_mut().zip(found) {
                *sum += if basket.exceeds >= 0.9 { weight } else { 0.0 };
            }
        }
    }
    assert!(exact[1] > 0.3 && exact[0] < 0.2, "{exact:?}");
    let trials = 2_000;
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| PRIOR.calls(&sizes, &rates, (0.15, 0.9), (trials, 9)).unwrap())
    };
    let found = run(1);
    for (a, b) in found.iter().zip(exact) {
        near(*a, b, 5.0 * (b * (1.0 - b) / trials as f64).sqrt() + 1e-9);
    }
    assert_eq!(run(3), found);
    assert!(PRIOR.calls(&sizes, &rates[..1], (0.15, 0.9), (1, 1)).is_err());
}

fn strata(
    first: &[u32],
    second: u32,
    prevalence: &[f64],
    continue_at: f64,
) -> Result<Enrichment, DesignError> {
    Enrichment::new(enrichment::Demand {
        first: first.to_vec(),
        second,
        prevalence: prevalence.to_vec(),
        p0: 0.2,
        continue_at,
        alpha: 0.1,
    })
}

/// A single stratum that always goes on is the exact binomial test.
#[test]
fn enrichment_with_one_stratum_is_the_exact_binomial_test() {
    let design = strata(&[10], 15, &[1.0], 1e-12).unwrap();
    let least = (1..=25).find(|y| 1.0 - at_most(y - 1, 25, 0.2) <= 0.1).unwrap();
    assert!(design.rejects(0, least) && !design.rejects(0, least - 1));
    let found = design.course(&[0.4]).unwrap();
    near(found.rejected[0], 1.0 - at_most(least - 1, 25, 0.4), 1e-12);
    near(found.patients, 25.0, 1e-9);
    near(found.screened, 15.0, 1e-9);
}

/// All outcomes of each patient of two strata, three and two at first, three later: whom the second stage enrols included.
#[test]
fn enrichment_comes_to_what_all_outcomes_say() {
    let design = strata(&[3, 2], 3, &[0.6, 0.4], 0.6).unwrap();
    let rates = [0.15_f64, 0.7];
    let (mut chosen, mut rejected, mut patients) = ([0.0; 2], [0.0; 2], 0.0);
    for first in 0..1_u32 << 5 {
        let low = (first & 7).count_ones();
        let high = (first >> 3).count_ones();
        let weight = rates[0].powi(low as i32)
            * (1.0 - rates[0]).powi(3 - low as i32)
            * rates[1].powi(high as i32)
            * (1.0 - rates[1]).powi(2 - high as i32);
        patients += 5.0 * weight;
        let Some(cut) = design.cut_point(&[low, high]) else { continue };
        chosen[cut] += weight;
        patients += 3.0 * weight;
        let own = if cut == 0 { low + high } else { high };
        // Each later patient: stratum and response.
        for later in 0..1_u32 << 6 {
            let (mut chance, mut responses) = (weight, own);
            for k in 0..3 {
                let (stratum, response) = ((later >> (2 * k) & 1) as usize, later >> (2 * k + 1) & 1);
                let share = if cut == 0 { [0.6, 0.4][stratum] } else { stratum as f64 };
                let rate = rates[stratum];
                chance *= share * if response == 1 { rate } else { 1.0 - rate };
                responses += response;
            }
            rejected[cut] += if design.rejects(cut, responses) { chance } else { 0.0 };
        }
    }
    let found = design.course(&rates).unwrap();
    for cut in 0..2 {
        near(found.chosen[cut], chosen[cut], 1e-12);
        near(found.rejected[cut], rejected[cut], 1e-12);
    }
    near(found.stops, 1.0 - chosen[0] - chosen[1], 1e-12);
    near(found.patients, patients, 1e-12);
    near(found.screened, 3.0 * chosen[0] + 7.5 * chosen[1], 1e-12);
}

/// The choice of a cut-point does not inflate the error, and finds the stratum that benefits.
#[test]
fn enrichment_keeps_its_error_and_finds_who_benefits() {
    let design = strata(&[8, 8, 8], 20, &[0.5, 0.3, 0.2], 0.8).unwrap();
    let null = design.course(&[0.2; 3]).unwrap();
    let error: f64 = null.rejected.iter().sum();
    assert!(error <= 0.1 && error > 0.07, "{error}");
    // A test at α after the choice would exceed it.
    assert!(design.critical < 0.1);
    let some = design.course(&[0.2, 0.2, 0.6]).unwrap();
    assert!(some.chosen[2] > some.chosen[0] && some.rejected[2] > 0.3, "{some:?}");
    let all = design.course(&[0.5; 3]).unwrap();
    assert!(all.rejected.iter().sum::<f64>() > 0.9 && all.chosen[0] > 0.8, "{all:?}");
    near(null.stops + null.chosen.iter().sum::<f64>(), 1.0, 1e-12);
    let text = |e: DesignError| e.to_string();
    assert_eq!(text(strata(&[3, 2], 3, &[1.0], 0.5).unwrap_err()), "there are 1 shares, but 2 strata");
    assert!(text(strata(&[3, 2], 3, &[0.5, 0.4], 0.5).unwrap_err()).contains("sum of the shares"));
    assert!(text(strata(&[99, 99, 99, 99], 3, &[0.25; 4], 0.5).unwrap_err()).contains("outcomes"));
    assert!(strata(&[3, 0], 3, &[0.5, 0.5], 0.5).is_err());
    assert!(design.course(&[0.2]).is_err() && design.course(&[0.2, 0.2, 1.2]).is_err());
}
