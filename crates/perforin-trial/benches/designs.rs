//! Simulated dose-finding trials on one thread: `cargo bench -p perforin-trial --bench designs`.
//!
//! TRIAL-10K: 10,000 BOIN trials of 30 patients; 10,000 CRM trials of 24 patients; BOIN12, BLRM and TITE-CRM
//! beside them. The bare designs count cohorts; whole trials follow every patient through time, as the command does.

use criterion::{Criterion, criterion_group, criterion_main};
use perforin_trial::dose_finding::blrm::{Blrm, Choice, FEASIBILITY, Prior};
use perforin_trial::dose_finding::boin::Boin;
use perforin_trial::dose_finding::boin12::{Boin12, USUAL_UTILITIES};
use perforin_trial::dose_finding::conduct::Conduct;
use perforin_trial::dose_finding::crm::{Crm, Curve, USUAL_VARIANCE, skeleton};
use perforin_trial::dose_finding::rule::Rule;
use perforin_trial::dose_finding::simulate::{Size, by_crm, by_table};
use perforin_trial::dose_finding::summary::characteristics;
use perforin_trial::dose_finding::timed::Timing;
use perforin_trial::dose_finding::tite_crm;
use perforin_trial::dose_finding::truth::{RateCurve, Truth};
use perforin_trial::manufacturing::{Bridging, LogNormal, Manufacturing, Policy};

const RATES: [f64; 5] = [0.05, 0.15, 0.3, 0.45, 0.6];
const DOSES: [f64; 5] = [1.0, 2.0, 4.0, 8.0, 16.0];

fn crm() -> Crm {
    let prior = skeleton(0.05, 0.3, 2, 5).expect("a skeleton");
    Crm::new(Curve::Empiric, 0.3, &prior, USUAL_VARIANCE).expect("a design")
}

/// A trial that follows every patient, at once infused.
fn conduct(rule: Rule, (cohort, patients): (u32, u32)) -> Conduct {
    Conduct {
        rule,
        doses: DOSES.to_vec(),
        cohort,
        patients,
        most_enrolled: patients,
        start: 0,
        window: 28.0,
        accrual_interval: 14.0,
        manufacturing: None,
    }
    .check()
    .expect("a trial")
}

/// Products that fail, come late, or hold too few cells.
fn process() -> Manufacturing {
    Manufacturing {
        screen_failure: 0.41,
        apheresis_failure: 0.02,
        failure: 0.04,
        harvest: LogNormal { median: 8.0, log_sd: 0.8 },
        least: 1.0,
        planned_from: 0.8,
        policy: Policy::AssignedLevel,
        vein_to_vein: LogNormal { median: 21.0, log_sd: 0.25 },
        attrition: 0.005,
        bridging: Some(Bridging { share: 0.6, hazard_ratio: 0.7 }),
        replaces: true,
        feasible_from: 0.7,
    }
}

fn whole_trials(criterion: &mut Criterion) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
    let toxicity = RateCurve::new("toxicity", &DOSES, &RATES).expect("rates");
    let response = RateCurve::new("response", &DOSES, &[0.1, 0.2, 0.4, 0.5, 0.5]).expect("rates");
    let truth = Truth::Stated { toxicity, response: Some(response) };
    let boin = Rule::Table { table: Boin::new(0.3).expect("a design").table(30), target: 0.3 };
    let boin12 = Rule::Boin12(Boin12::new(0.35, 0.25, USUAL_UTILITIES).expect("a design"));
    let bare = conduct(boin.clone(), (3, 30));
    let making = Conduct { manufacturing: Some(process()), most_enrolled: 90, ..bare.clone() };
    let mut group = criterion.benchmark_group("10,000 whole trials");
    group.sample_size(10);
    for (name, conduct) in [
        ("BOIN, 30 patients", bare),
        ("BOIN, 30 patients, with manufacturing", making),
        ("BOIN12, 30 patients", conduct(boin12, (3, 30))),
        ("rolling six, 30 patients", conduct(Rule::RollingSix, (1, 30))),
        ("CRM, 24 patients", conduct(Rule::Crm { crm: crm(), target: 0.3 }, (1, 24))),
        ("TITE-CRM, 24 patients", conduct(Rule::TiteCrm { crm: crm(), target: 0.3 }, (1, 24))),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| pool.install(|| characteristics(&conduct, &truth, 0.3, (10_000, 1))));
        });
    }
    group.finish();
}

fn bench(criterion: &mut Criterion) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
    let rates = RATES;
    let mut group = criterion.benchmark_group("10,000 trials");
    group.sample_size(10);
    let table = Boin::new(0.3).expect("a design").table(30);
    group.bench_function("BOIN, 30 patients", |bencher| {
        let size = Size { cohort: 3, cohorts: 10, start: 0 };
        bencher.iter(|| pool.install(|| by_table(&table, 0.3, &rates, size, (10_000, 1))));
    });
    let crm = crm();
    group.bench_function("CRM, 24 patients", |bencher| {
        let size = Size { cohort: 1, cohorts: 24, start: 0 };
        bencher.iter(|| pool.install(|| by_crm(&crm, &rates, size, (10_000, 1))));
    });
    let boin12 = Boin12::new(0.35, 0.25, USUAL_UTILITIES).expect("a design");
    let efficacy = [0.1, 0.2, 0.4, 0.5, 0.5];
    group.bench_function("BOIN12, 30 patients", |bencher| {
        let size = Size { cohort: 3, cohorts: 10, start: 0 };
        bencher
            .iter(|| pool.install(|| boin12.operating_characteristics(&rates, &efficacy, size, (10_000, 1))));
    });
    group.finish();
    let mut group = criterion.benchmark_group("100 trials");
    group.sample_size(10);
    let prior = Prior { mean: [-1.0, 0.0], sd: [2.0, 1.0], correlation: 0.0 };
    let blrm = Blrm::new(&DOSES, 4.0, prior, [0.16, 0.33], FEASIBILITY).expect("a design");
    group.bench_function("BLRM, 30 patients", |bencher| {
        let size = Size { cohort: 3, cohorts: 10, start: 0 };
        bencher.iter(|| {
            pool.install(|| blrm.operating_characteristics(Choice::MostProbable, &rates, size, (100, 1)))
        });
    });
    group.bench_function("TITE-CRM, 24 patients", |bencher| {
        let timing = Timing { window: 28.0, between_arrivals: 10.0 };
        bencher.iter(|| {
            pool.install(|| tite_crm::operating_characteristics(&crm, &rates, 24, timing, (100, 1)))
        });
    });
    group.finish();
}

criterion_group!(benches, bench, whole_trials);
criterion_main!(benches);
