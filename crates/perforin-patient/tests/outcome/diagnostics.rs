//! Diagnostics against exact values, quadrature by SciPy 1.17, published tables and brute force.

use perforin_core::rng::{Purpose, Stream};
use perforin_patient::diagnostics::beads::{Bead, Calibration};
use perforin_patient::diagnostics::biopsy::{Plan, Reading, cells_needed, homogeneity_bound};
use perforin_patient::diagnostics::clustering::{self, Site};
use perforin_patient::diagnostics::counts::SiteCount;
use perforin_patient::diagnostics::ctc::{
    Capture, Search, Shedding, blood_needed, change, fraction_captured,
};
use perforin_patient::diagnostics::ctdna::{Kinetics, Sequencing};
use perforin_patient::diagnostics::ihc::{CutOff, Reader, Score, agreement};
use perforin_patient::diagnostics::resampling::Subclone;
use perforin_patient::diagnostics::selection::{Candidate, Test, prevalence_needed, select};
use perforin_patient::population::draw::normal_quantile;

fn near(found: f64, expected: f64, error: f64) {
    assert!((found - expected).abs() <= error, "{found} instead of {expected}");
}

/// The published table of exact numbers: 59 cells for 5 % at 95 %.
#[test]
fn cells_that_rule_out_a_clone_equal_the_exact_table() {
    let fractions = [0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3];
    let at = |confidence| fractions.map(|x| cells_needed(x, confidence).unwrap());
    assert_eq!(at(0.95), [2995, 598, 299, 149, 59, 29, 14, 9]);
    assert_eq!(at(0.99), [4603, 919, 459, 228, 90, 44, 21, 13]);
    for (fraction, n) in fractions.into_iter().zip(at(0.95)) {
        let missed = |cells| libm::pow(1.0 - fraction, f64::from(cells));
        assert!(missed(n) <= 0.05 && missed(n - 1) > 0.05, "{fraction}");
        let plan = Plan { sites: 1, cells_per_site: n, clustering: 0.0 };
        assert_eq!(plan.cells_per_site_needed(fraction, 0.95), Ok(Some(n)));
    }
    // A power that meets the limit exactly meets it.
    assert_eq!(cells_needed(0.5, 0.75), Ok(2));
}

/// Finding F15: if all n cells are positive, the lower bound of the positive fraction is 0.05^(1/n).
#[test]
fn the_bound_of_homogeneity_is_exact() {
    for (n, printed) in [(5, 0.55), (10, 0.74), (20, 0.86), (29, 0.90), (59, 0.95)] {
        let bound = homogeneity_bound(n, 0.95).unwrap();
        near(bound, libm::pow(0.05, 1.0 / f64::from(n)), 1e-15);
        near(bound, printed, 0.005);
        let plan = Plan { sites: 1, cells_per_site: n, clustering: 0.0 };
        near(plan.rules_out_above(0.95).unwrap(), 1.0 - bound, 1e-12);
    }
    assert_eq!(homogeneity_bound(0, 0.95), Ok(0.0));
}

/// Against SciPy's `betabinom`: 59 cells at five correlations, 1,000 at 0.2; and the sites of 200 cells needed.
#[test]
fn clustered_cells_miss_what_independent_ones_find() {
    let missed =
        |cells_per_site, clustering| Plan { sites: 1, cells_per_site, clustering }.misses(0.05).unwrap();
    near(missed(59, 0.0), 0.048_494_525_249_423_1, 1e-14);
    near(missed(59, 0.01), 0.093_362_614_002_907_9, 1e-13);
    near(missed(59, 0.1), 0.389_542_292_882_287, 1e-13);
    near(missed(59, 0.3), 0.663_132_773_901_996, 1e-13);
    near(missed(1000, 0.2), 0.320_846_440_024_595, 1e-12);
    let sites =
        |clustering| Plan { sites: 1, cells_per_site: 200, clustering }.sites_needed(0.05, 0.95).unwrap();
    assert_eq!([0.01, 0.05, 0.1, 0.2, 0.3].map(sites), [Some(1), Some(2), Some(3), Some(4), Some(6)]);
    // More sites beat more cells: four sites of 50 find more than one of 1,000.
    let four = Plan { sites: 4, cells_per_site: 50, clustering: 0.2 };
    assert!(four.misses(0.05).unwrap() < missed(1000, 0.2));
    let far = Plan { sites: 1, cells_per_site: 1, clustering: 0.9 };
    assert_eq!(far.cells_per_site_needed(0.05, 0.95), Ok(None));
}

/// Against a convolution of SciPy's distributions over all counts.
#[test]
fn errors_of_reading_change_what_is_called() {
    let plan = Plan { sites: 2, cells_per_site: 60, clustering: 0.1 };
    let reading = Reading { sensitivity: 0.9, specificity: 0.99, call_at: 4 };
    near(plan.calls(0.05, reading).unwrap(), 0.629_412_801_838_604_7, 1e-12);
    near(plan.calls(0.05, Reading::PERFECT).unwrap(), 1.0 - plan.misses(0.05).unwrap(), 1e-12);
    // Half of 4,000 negative cells found, at least 2,000 asked for: (1 + P(exactly half))/2, though 0.5^4000 is no number.
    let plan_of_one_kind = Plan { sites: 1, cells_per_site: 4_000, clustering: 0.0 };
    let half = Reading { sensitivity: 0.5, specificity: 1.0, call_at: 2_000 };
    let exactly = libm::pow(std::f64::consts::PI * 2_000.0, -0.5) * (1.0 - 1.0 / 16_000.0);
    near(plan_of_one_kind.calls(1.0, half).unwrap(), 0.5 * (1.0 + exactly), 1e-7);
    // Without a clone the calls are false alarms: binomial.
    let alarm = SiteCount::new(120, 0.01, 0.0).unwrap().at_least(4);
    near(plan.calls(0.0, reading).unwrap(), alarm, 1e-12);
}

#[test]
fn counts_of_a_site_have_the_moments_of_the_beta_binomial() {
    for (n, x, rho) in [(1, 0.3, 0.2), (40, 0.05, 0.0), (200, 0.6, 0.15), (1000, 0.99, 0.5)] {
        let list = SiteCount::new(n, x, rho).unwrap().probabilities();
        let moment =
            |power| -> f64 { list.iter().enumerate().map(|(k, p)| libm::pow(k as f64, power) * p).sum() };
        let n = f64::from(n);
        near(moment(0.0), 1.0, 1e-10);
        near(moment(1.0) / n, x, 1e-10);
        let variance = n * x * (1.0 - x) * (1.0 + (n - 1.0) * rho);
        near((moment(2.0) - moment(1.0) * moment(1.0)) / variance, 1.0, 1e-7);
    }
    near(SiteCount::new(150, 0.3, 0.1).unwrap().at_least(60), 0.252_121_513_130_738, 1e-12);
    near(SiteCount::new(100, 0.38, 0.0).unwrap().at_least(40), 0.375_897_478_722_119, 1e-12);
}

/// Every choice of sites and cells of a small tissue is enumerated.
#[test]
fn a_sample_of_a_tissue_misses_as_often_as_all_choices_say() {
    let sites = [(4, 1), (3, 0), (0, 0), (5, 3), (2, 0)].map(|(cells, of_kind)| Site { cells, of_kind });
    // Share of the ways to draw two cells of a site that hold none of the kind.
    let none = |s: &Site| {
        let (mut ways, mut free) = (0, 0);
        for i in 0..s.cells {
            for j in 0..i {
                ways += 1;
                free += u32::from(i >= s.of_kind && j >= s.of_kind);
            }
        }
        f64::from(free) / f64::from(ways)
    };
    let filled: Vec<f64> = sites.iter().filter(|s| s.cells > 0).map(none).collect();
    let (mut sum, mut choices) = (0.0, 0.0);
    for i in 0..filled.len() {
        for j in 0..i {
            sum += filled[i] * filled[j];
            choices += 1.0;
        }
    }
    near(clustering::misses(&sites, 2, 2).unwrap(), sum / choices, 1e-15);
    assert!(clustering::misses(&sites, 5, 2).unwrap_err().to_string().contains("4 sites with cells"));
}

/// A grid of cells: stripes as wide as a site are fully clustered, a fine checkerboard a little less than by chance, and
/// sites drawn with a known correlation give it back.
#[test]
fn clustering_of_a_tissue_is_recovered() {
    let mut positions = Vec::new();
    for i in 0..48 {
        for j in 0..48 {
            positions.push([10.0 * f64::from(i), 10.0 * f64::from(j), 0.0]);
        }
    }
    let of = |kind: &dyn Fn(&[f64; 3]) -> bool| {
        let kinds: Vec<bool> = positions.iter().map(kind).collect();
        clustering::sites(&positions, &kinds, 80.0).unwrap()
    };
    let stripes = of(&|p| (p[0] / 80.0).floor() as i32 % 2 == 0);
    assert_eq!((stripes.len(), clustering::fraction(&stripes)), (36, Some(0.5)));
    near(clustering::correlation(&stripes).unwrap().unwrap(), 1.0, 1e-12);
    let board = of(&|p| (p[0] / 10.0 + p[1] / 10.0).round() as i32 % 2 == 0);
    // All sites alike: no mean square between them.
    near(clustering::correlation(&board).unwrap().unwrap(), -1.0 / 63.0, 1e-12);
    // Sites of 50 cells in exact beta-binomial proportions, 100,000 of them.
    let list = SiteCount::new(50, 0.2, 0.15).unwrap().probabilities();
    let drawn: Vec<Site> = list
        .iter()
        .enumerate()
        .flat_map(|(k, p)| {
            std::iter::repeat_n(Site { cells: 50, of_kind: k as u32 }, (p * 100_000.0).round() as usize)
        })
        .collect();
    near(clustering::correlation(&drawn).unwrap().unwrap(), 0.15, 1e-3);
    // Sites that were drawn differ from the truth by about the jackknife's error: of 200 sets of 60 sites two thirds lie
    // within one, nineteen of twenty within two (with the error of 200 draws).
    let stream = Stream::new(5, Purpose::Assay);
    let sets: Vec<f64> = (0..200)
        .map(|set| {
            let mut draw = stream.at(set, 0);
            let sites: Vec<Site> = (0..60)
                .map(|_| Site { of_kind: drawn[draw.below(drawn.len() as u64) as usize].of_kind, cells: 50 })
                .collect();
            let error = clustering::correlation_error(&sites).unwrap().unwrap();
            (clustering::correlation(&sites).unwrap().unwrap() - 0.15).abs() / error
        })
        .collect();
    let within = |k: f64| sets.iter().filter(|z| **z < k).count() as f64 / 200.0;
    assert!((0.55..0.75).contains(&within(1.0)) && within(2.0) > 0.85, "{} {}", within(1.0), within(2.0));
    assert_eq!(clustering::correlation(&[Site { cells: 5, of_kind: 0 }; 3]), Ok(None));
    assert!(clustering::sites(&positions, &[true], 80.0).is_err());
    assert!(clustering::sites(&[[f64::NAN; 3]], &[true], 80.0).is_err());
}

/// Fixture: HER2 by local against central laboratories, n = 721; published kappa 0.71, agreement 86.7 %. ANOVA of
/// clones needs no more.
#[test]
fn agreement_of_laboratories_equals_the_published_one() {
    let table = [vec![534, 32, 0], vec![47, 42, 2], vec![3, 12, 49]];
    let found = agreement(&table).unwrap();
    near(found.overall, 0.867, 0.0005);
    near(found.kappa, 0.612, 0.0005);
    near(found.linear_kappa, 0.708, 0.0005);
    assert!(agreement(&[vec![3, 0], vec![0, 0]]).is_err());
    assert!(agreement(&[vec![3, 0]]).is_err());
}

#[test]
fn scores_and_cut_offs_follow_their_definitions() {
    let score = Score::new([0.3, 0.25, 0.25, 0.2]).unwrap();
    near(score.h_score(), 25.0 + 50.0 + 60.0, 1e-12);
    near(score.percent_at_least(2), 45.0, 1e-12);
    assert!(CutOff::new(2, 45.0).unwrap().met(score) && !CutOff::new(2, 45.1).unwrap().met(score));
    let cells = [0.0, 999.0, 1000.0, 5e3, 2e4, 1e6];
    let of_cells = Score::of_densities(&cells, [1e3, 1e4, 1e5]).unwrap();
    assert_eq!(of_cells.shares(), [2.0 / 6.0, 2.0 / 6.0, 1.0 / 6.0, 1.0 / 6.0]);
    let wrong = Score::new([0.3, 0.3, 0.3, 0.3]).unwrap_err().to_string();
    assert!(wrong.contains("number 1 adds up to 1.2"), "{wrong}");
    assert!(CutOff::new(4, 40.0).is_err() && CutOff::new(2, 0.0).is_err());
    assert!(Score::of_densities(&cells, [1e4, 1e3, 1e5]).is_err());
    // Of a log-normal density the shares are those of its quantiles.
    let quantiles: Vec<f64> =
        (0..100_000).map(|k| 2e4 * libm::exp(1.2 * normal_quantile((f64::from(k) + 0.5) / 1e5))).collect();
    let counted = Score::of_densities(&quantiles, [1e3, 1e4, 1e5]).unwrap().shares();
    let exact = Score::of_lognormal(2e4, 1.2, 0.25, [1e3, 1e4, 1e5]).unwrap().shares();
    near(exact[0], 0.25 + 0.75 * counted[0], 1e-5);
    (1..4).for_each(|level| near(exact[level], 0.75 * counted[level], 1e-5));
    assert_eq!(Score::of_lognormal(2e4, 0.0, 0.1, [1e3, 1e4, 1e5]).unwrap().shares()[2], 0.9);
    assert!(Score::of_lognormal(2e4, 0.5, 0.1, [1e4, 1e3, 1e5]).is_err());
}

/// A reader without error who counts many independent cells is right; 38 % at 2+ is called 40 % by 100 cells as often as
/// the binomial tail says; with clustering, as the beta-binomial tail does.
#[test]
fn a_cut_off_is_read_as_often_as_the_counts_say() {
    let cut_off = CutOff::new(2, 40.0).unwrap();
    let near_it = Score::new([0.3, 0.32, 0.3, 0.08]).unwrap();
    let reader = |lower, cells, rho| Reader::of_neighbours(lower, 0.0, cells, rho).unwrap();
    near(reader(0.0, 100, 0.0).calls(near_it, cut_off), 0.375_897_478_722_119, 1e-12);
    let lower = Score::new([0.5, 0.2, 0.2, 0.1]).unwrap();
    near(reader(0.0, 150, 0.1).calls(lower, cut_off), 0.252_121_513_130_738, 1e-12);
    assert!(reader(0.0, 20_000, 0.0).calls(near_it, cut_off) < 1e-6);
    // Reading half of 2+ as 1+ halves their share.
    let read = reader(0.5, 100, 0.0).reads(Score::new([0.0, 0.0, 1.0, 0.0]).unwrap());
    assert_eq!(read.shares(), [0.0, 0.5, 0.5, 0.0]);
    let bad = Reader::of_neighbours(0.7, 0.7, 100, 0.0).unwrap_err().to_string();
    assert!(bad.contains("accepted"), "{bad}");
}

/// Maitournam & Simon: a quarter of patients carry the marker.
#[test]
fn screening_and_enrichment_equal_the_published_ratios() {
    let perfect = Test::new(0.25, 1.0, 1.0).unwrap();
    let real = Test::new(0.25, 0.9, 0.9).unwrap();
    near(perfect.randomised_ratio(0.0).unwrap(), 16.0, 1e-12);
    near(perfect.randomised_ratio(0.5).unwrap(), 2.56, 1e-12);
    near(perfect.screened_ratio(0.0).unwrap(), 4.0, 1e-12);
    near(perfect.screened_ratio(0.5).unwrap(), 0.64, 1e-12);
    near(real.randomised_ratio(0.0).unwrap(), 9.0, 1e-12);
    near(real.randomised_ratio(0.5).unwrap(), 1.96, 1e-12);
    for (prevalence, printed) in [(0.09, 0.47), (0.26, 0.76), (0.70, 0.955)] {
        let test = Test::new(prevalence, 0.9, 0.9).unwrap();
        let value = test.positive_predictive_value().unwrap();
        near(value, printed, 0.005);
        near(prevalence_needed(0.9, 0.9, value).unwrap(), prevalence, 1e-12);
        near(
            test.positive() * value
                + (1.0 - test.positive()) * (1.0 - test.negative_predictive_value().unwrap()),
            prevalence,
            1e-12,
        );
    }
    near(real.screened_per_enrolled().unwrap(), 1.0 / 0.3, 1e-12);
    assert!(perfect.randomised_ratio(-1.0).is_err());
}

/// Four patients counted by hand, and a reader's errors by total probability.
#[test]
fn a_cut_off_selects_as_counted_by_hand() {
    let patient = |at_two: f64, response, weight| Candidate {
        score: Score::new([1.0 - at_two, 0.0, at_two, 0.0]).unwrap(),
        response,
        weight,
    };
    let candidates =
        [patient(0.9, 0.5, 1.0), patient(0.7, 0.3, 1.0), patient(0.2, 0.1, 1.0), patient(0.0, 0.0, 1.0)];
    let sharp = Reader::of_neighbours(0.0, 0.0, 2_000, 0.0).unwrap();
    let found = select(&candidates, CutOff::new(2, 50.0).unwrap(), &sharp).unwrap();
    assert_eq!(found.prevalence, 0.5);
    near(found.positive, 0.5, 1e-9);
    near(found.sensitivity.unwrap(), 1.0, 1e-9);
    near(found.specificity.unwrap(), 1.0, 1e-9);
    near(found.screened_per_enrolled.unwrap(), 2.0, 1e-9);
    near(found.response.unwrap(), 0.4, 1e-9);
    near(found.response_of_excluded.unwrap(), 0.05, 1e-9);
    near(found.responders_excluded.unwrap(), 0.1 / 0.9, 1e-9);
    // One cell read without error: the chance of a call is the share at 2+.
    let one = Reader::of_neighbours(0.0, 0.0, 1, 0.0).unwrap();
    let found = select(&candidates, CutOff::new(2, 50.0).unwrap(), &one).unwrap();
    near(found.positive, 1.8 / 4.0, 1e-12);
    near(found.sensitivity.unwrap(), 0.8, 1e-12);
    near(found.specificity.unwrap(), 0.9, 1e-12);
    near(found.positive_predictive_value.unwrap(), 1.6 / 1.8, 1e-12);
    near(found.response.unwrap(), (0.45 + 0.21 + 0.02) / 1.8, 1e-12);
    assert!(select(&[], CutOff::new(2, 50.0).unwrap(), &one).is_err());
}

/// The certified values of NIST's data set Norris (linear regression), taken as logarithms over 100.
#[test]
fn bead_calibration_meets_the_certified_regression() {
    let norris = [
        (0.2, 0.1),
        (337.4, 338.8),
        (118.2, 118.1),
        (884.6, 888.0),
        (10.1, 9.2),
        (226.5, 228.1),
        (666.3, 668.5),
        (996.3, 998.5),
        (448.6, 449.1),
        (777.0, 778.9),
        (558.2, 559.2),
        (0.4, 0.3),
        (0.6, 0.1),
        (775.5, 778.1),
        (666.9, 668.8),
        (338.0, 339.3),
        (447.5, 448.9),
        (11.6, 10.8),
        (556.0, 557.7),
        (228.1, 228.3),
        (995.8, 998.0),
        (887.6, 888.8),
        (120.2, 119.6),
        (0.3, 0.3),
        (0.3, 0.6),
        (556.8, 557.6),
        (339.1, 339.3),
        (887.2, 888.0),
        (999.0, 998.5),
        (779.0, 778.9),
        (11.1, 10.2),
        (118.3, 117.6),
        (229.2, 228.9),
        (669.1, 668.4),
        (448.9, 449.2),
        (0.5, 0.2),
    ];
    let beads = norris.map(|(x, y)| Bead {
        molecules: libm::pow(10.0, x / 100.0),
        fluorescence: libm::pow(10.0, y / 100.0),
    });
    let fit = Calibration::fit(&beads).unwrap();
    near(fit.slope, 1.002_116_818_020_45, 1e-11);
    near(100.0 * fit.intercept, -0.262_323_073_774_029, 1e-9);
    near(100.0 * fit.residual_sd, 0.884_796_396_144_373, 1e-9);
    near(fit.slope_error, 0.429_796_848_199_937e-3, 1e-11);
}

#[test]
fn molecules_follow_from_fluorescence() {
    let beads = [474.0, 5359.0, 23_843.0, 62_336.0]
        .map(|m| Bead { molecules: m, fluorescence: 0.5 * libm::pow(m, 0.97) });
    let fit = Calibration::fit(&beads).unwrap();
    near(fit.molecules(0.5 * libm::pow(20_000.0, 0.97)), 20_000.0, 1e-6);
    let stained = 0.5 * libm::pow(21_000.0, 0.97);
    let control = 0.5 * libm::pow(1_000.0, 0.97);
    near(fit.antigens(stained, control, 1.0, 1.0).unwrap(), 20_000.0, 1e-6);
    near(fit.antigens(stained, control, 2.0, 2.0).unwrap(), 20_000.0, 1e-6);
    assert_eq!(fit.antigens(control, stained, 1.0, 1.0), Ok(0.0));
    assert!(fit.extrapolates(100.0) && !fit.extrapolates(1000.0));
    assert!(fit.antigens(stained, control, 1.0, 3.0).is_err());
    assert!(Calibration::fit(&beads[..1]).is_err());
    assert!(Calibration::fit(&[beads[0]; 3]).unwrap_err().to_string().contains("no line"));
}

/// Finding F14: Allard 2004, 36 % of samples with two or more cells, mean 60 (5 %), standard deviation 693 (20 %).
#[test]
fn counts_of_circulating_cells_reproduce_allard() {
    let (shedding, tube) = (Shedding::METASTATIC, Search::default());
    near(shedding.at_least(2, tube), 0.36, 0.05 * 0.36);
    near(shedding.mean(tube), 60.0, 0.05 * 60.0);
    near(shedding.sd(tube), 693.0, 0.2 * 693.0);
}

/// Against adaptive quadrature by SciPy, and moments summed over the distribution.
#[test]
fn the_count_distribution_equals_adaptive_quadrature() {
    let (shedding, tube) = (Shedding::METASTATIC, Search::default());
    for (least, expected) in [
        (1, 0.375_562_253_325_804),
        (2, 0.353_813_147_378_054),
        (5, 0.306_267_949_423_198),
        (29, 0.172_001_514_371_246),
        (59, 0.118_458_802_742_475),
        (299, 0.035_342_080_849_167),
        (1000, 0.010_104_419_170_240),
    ] {
        near(shedding.at_least(least, tube), expected, 1e-11);
    }
    let four_tubes = Search { volume: 30.0, relative_recovery: 0.5 };
    near(shedding.at_least(5, four_tubes), 0.342_406_886_230_484, 1e-11);
    let below: f64 = (0..20).map(|k| shedding.exactly(k, tube)).sum();
    near(below, 1.0 - shedding.at_least(20, tube), 1e-11);
    let small = Shedding::new(0.7, 2.0, 0.3).unwrap();
    let moment =
        |power: i32| -> f64 { (0..80).map(|k| f64::from(k).powi(power) * small.exactly(k, tube)).sum() };
    near(moment(1), small.mean(tube), 1e-10);
    near((moment(2) - moment(1) * moment(1)).sqrt(), small.sd(tube), 1e-10);
}

/// What a tube can certify: homogeneity at 5 % in 12 % of patients, at 1 % in 4 %; presence in 38 %.
#[test]
fn a_tube_cannot_certify_homogeneity() {
    let (shedding, tube) = (Shedding::METASTATIC, Search::default());
    let certified = |x| shedding.can_certify(x, 0.95, tube).unwrap();
    near(certified(0.05), 0.118_458_802_742_475, 1e-11);
    near(certified(0.01), 0.035_342_080_849_167, 1e-11);
    // A clone of all cells is seen when any cell is; and less often the rarer it is.
    near(shedding.sees_clone(1.0, tube).unwrap(), shedding.at_least(1, tube), 1e-11);
    let tenth = shedding.sees_clone(0.1, tube).unwrap();
    near(tenth, shedding.at_least(1, Search { volume: 0.75, relative_recovery: 1.0 }), 1e-11);
    // A patient with a known rate: 1 - exp(-λ f), and the blood for 95 %.
    for (rate, seen, blood) in [(0.8, 0.077, 281.0), (4.0, 0.33, 56.0), (16.0, 0.80, 14.0), (40.0, 0.98, 5.6)]
    {
        let known = Shedding::new(1.0, rate, 0.0).unwrap();
        near(known.sees_clone(0.1, tube).unwrap(), seen, 0.005);
        let needed = blood_needed(rate, 0.1, 0.95).unwrap();
        near(needed, blood, 0.5);
        let search = Search { volume: needed, relative_recovery: 1.0 };
        near(known.sees_clone(0.1, search).unwrap(), 0.95, 1e-12);
    }
}

#[test]
fn a_clone_without_epcam_is_underrepresented() {
    let capture = Capture::new(5_000.0, 1.5).unwrap();
    near(capture.of(5_000.0), 0.5, 1e-15);
    near(capture.of_lognormal(20_000.0, 1.2).unwrap(), 0.797_777_734_029_174, 1e-10);
    near(capture.of_lognormal(20_000.0, 0.0).unwrap(), capture.of(20_000.0), 1e-12);
    near(fraction_captured(0.3, 0.1, 0.8).unwrap(), 0.03 / 0.59, 1e-15);
    assert!(fraction_captured(0.3, 0.0, 0.0).is_err());
}

#[test]
fn a_change_of_counts_is_tested_exactly() {
    let found = change((12, 7.5), (3, 7.5), 0.0).unwrap();
    near(found.fall, 0.017_578_125, 1e-14);
    // 10 in one tube, then 30 in two: binomial(40, 2/3).
    near(change((10, 7.5), (30, 15.0), 0.0).unwrap().rise, 0.171_435_188_220_435, 1e-11);
    // Overdispersion weakens the evidence.
    assert!(change((12, 7.5), (3, 7.5), 0.05).unwrap().fall > found.fall);
    assert_eq!(change((0, 7.5), (0, 7.5), 0.0).map(|c| (c.fall, c.rise)), Ok((1.0, 1.0)));
    assert!(change((1, 0.0), (1, 7.5), 0.0).is_err());
}

/// Against steps a thousand times finer, in equilibrium, and the rise of the signal under killing.
#[test]
fn tumour_dna_follows_deaths_and_clears_with_its_half_life() {
    let hour = 1.0 / 24.0;
    let kinetics = Kinetics::new(1e-3, 2.0 * hour, 3000.0).unwrap();
    let days = [0.0, 1.0 * hour, 2.0 * hour, 4.0 * hour, 30.0];
    // No deaths from the second day given on: from equilibrium it halves in two hours.
    let course = kinetics.course(&days, &[1e9, 0.0, 0.0, 0.0, 0.0]).unwrap();
    near(course[0], 1e-3 * 1e9 / 3000.0 * 2.0 * hour / std::f64::consts::LN_2, 1e-9);
    near(course[1], course[0], 1e-9);
    near(course[3] / course[1], libm::pow(0.5, 1.5), 1e-12);
    let deaths = [1e8, 1e9, 3e9, 1e8, 0.0];
    let fine: Vec<f64> = kinetics.course(&days, &deaths).unwrap();
    let mut now = fine[0];
    for (k, pair) in days.windows(2).enumerate() {
        let steps = 200_000;
        let h = (pair[1] - pair[0]) / f64::from(steps);
        for _ in 0..steps {
            let slope = |c: f64| 1e-3 * deaths[k] / 3000.0 - std::f64::consts::LN_2 / (2.0 * hour) * c;
            now += h * slope(now + 0.5 * h * slope(now));
        }
        near(now / fine[k + 1], 1.0, 1e-6);
    }
    // Killing makes it rise.
    assert!(fine[2] > fine[0] && fine[3] > fine[2]);
    assert!(kinetics.course(&days, &[1.0]).is_err() && kinetics.course(&[], &[]).is_err());
    assert!(kinetics.course(&[1.0, 0.0], &[1.0, 1.0]).is_err());
}

/// Against SciPy's Poisson tails: 3,000 genomes, 16 mutations, error 1e-5.
#[test]
fn tumour_dna_is_detected_as_the_poisson_tails_say() {
    let assay = Sequencing::new(3000.0, 16, 1e-5, 0.05).unwrap();
    assert_eq!(assay.call_at(), 3);
    near(assay.detects(0.0).unwrap(), 0.012_916_733_390_844, 1e-12);
    near(assay.detects(1e-4).unwrap(), 0.897_031_716_013_714, 1e-12);
    let limit = assay.limit(0.95).unwrap().unwrap();
    near(assay.detects(limit).unwrap(), 0.95, 1e-12);
    // Without error one molecule is enough, and the limit is that of a Poisson count: ln 20 over the molecules.
    let clean = Sequencing::new(3000.0, 16, 0.0, 0.05).unwrap();
    assert_eq!(clean.call_at(), 1);
    near(clean.limit(0.95).unwrap().unwrap(), libm::log(20.0) / 48_000.0, 1e-15);
    near(clean.variation(0.01).unwrap(), libm::pow(480.0, -0.5), 1e-12);
    assert_eq!(Sequencing::new(1.0, 1, 0.0, 0.05).unwrap().limit(0.95), Ok(None));
    assert!(Sequencing::new(0.0, 1, 0.0, 0.05).is_err() && Sequencing::new(10.0, 0, 0.0, 0.05).is_err());
}

/// A clone of 1 % that gains 0.1 a day: two exponentials counted out.
#[test]
fn a_clone_left_possible_grows_to_where_it_must_be_sought() {
    let clone = Subclone::new(0.01, 0.1).unwrap();
    let counted = |day: f64| {
        let (own, others) = (0.01 * libm::exp(0.13 * day), 0.99 * libm::exp(0.03 * day));
        own / (own + others)
    };
    for day in [0.0, 10.0, 50.0] {
        near(clone.on_day(day), counted(day), 1e-14);
    }
    let reached = clone.reaches(0.2).unwrap();
    near(counted(reached), 0.2, 1e-12);
    assert_eq!(clone.reaches(0.005), Ok(0.0));
    let plan = Plan { sites: 2, cells_per_site: 60, clustering: 0.1 };
    let found = clone.found(&[0.0, 30.0, 60.0], |x| plan.misses(x)).unwrap();
    let missed = [0.0, 30.0, 60.0].map(|d| plan.misses(counted(d)).unwrap());
    near(found.first[2], missed[0] * missed[1] * (1.0 - missed[2]), 1e-12);
    near(found.first.iter().sum::<f64>() + found.none, 1.0, 1e-12);
    assert!(clone.found(&[1.0, 1.0], |x| plan.misses(x)).is_err());
    assert!(Subclone::new(0.01, 0.0).is_err());
}

#[test]
fn questions_that_cannot_be_are_refused_with_their_number() {
    let text = cells_needed(1.0, 0.95).unwrap_err().to_string();
    assert_eq!(text, "the fraction is 1; a number between 0 and 1 is accepted");
    let plan = Plan { sites: 0, cells_per_site: 10, clustering: 0.0 };
    assert_eq!(plan.misses(0.1).unwrap_err().to_string(), "there are 0 sites; at least 1 are needed");
    let plan = Plan { sites: 1, cells_per_site: 10, clustering: 1.0 };
    assert!(plan.misses(0.1).unwrap_err().to_string().contains("the clustering is 1"));
    let plan = Plan { sites: 1, cells_per_site: 10, clustering: 0.0 };
    assert!(plan.calls(0.1, Reading { call_at: 0, ..Reading::PERFECT }).is_err());
    assert!(plan.misses(f64::NAN).is_err());
    assert!(Shedding::new(0.4, 0.0, 2.0).is_err());
    assert!(Capture::new(1.0, f64::NAN).is_err());
}
