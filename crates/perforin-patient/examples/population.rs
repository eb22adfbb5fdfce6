//! A population of the solid-tumour model, streamed to disk; killed, it goes on where it was.
//!
//! `cargo run --release -p perforin-patient --example population <file> [patients] [lesions 1|2|3] [tolerance]`

#![allow(clippy::print_stdout, clippy::disallowed_methods)]

use std::path::Path;
use std::time::Instant;

use perforin_core::quantity::Dose;
use perforin_patient::ode::{Course, System, Tolerance};
use perforin_patient::population::draw::{Distribution, Population, Sampling, Varying};
use perforin_patient::population::run::run;
use perforin_patient::population::store::{Store, read};
use perforin_patient::regimen::{Body, Infusion, Regimen, Route, Rules};
use perforin_patient::solid_tumour::{Central, LesionParameters, Parameters, Patient, Plan, SolidTumour};
use perforin_patient::toxicity::ordinal::CutPoints;

const STRETCH: u64 = 4096;
const WIDTH: usize = 4;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let argument = |i| std::env::args().nth(i);
    let Some(path) = argument(1) else { return Err("a file to write to".into()) };
    let patients: u64 = argument(2).map_or(Ok(100_000), |a| a.parse())?;
    let tolerance: f64 = argument(4).map_or(Ok(1e-4), |a| a.parse())?;
    match argument(3).as_deref() {
        Some("2") => stream::<2, 29>(Path::new(&path), patients, tolerance),
        Some("3") => stream::<3, 34>(Path::new(&path), patients, tolerance),
        _ => stream::<1, 24>(Path::new(&path), patients, tolerance),
    }
}

fn population() -> Result<Population, Box<dyn std::error::Error>> {
    let varying = |name: &str, typical, log_sd| Varying {
        name: name.into(),
        typical,
        log_sd,
        range: (0.0, f64::INFINITY),
    };
    Ok(Population::new(Distribution {
        varying: vec![
            varying("tumour", 5e9, 1.0),
            varying("negative", 0.02, 1.0),
            varying("access", 1.0, 1.0),
            varying("expansion", 1.6, 0.2),
            varying("exhaustion", 0.15, 0.5),
            varying("doubling", 60.0, 0.4),
        ],
        sampling: Sampling::Sobol,
        seed: 7,
        ..Distribution::default()
    })?)
}

fn stream<const L: usize, const N: usize>(
    path: &Path,
    patients: u64,
    relative: f64,
) -> Result<(), Box<dyn std::error::Error>>
where
    SolidTumour<L>: System<N>,
    for<'a> Patient<'a, L>: Course<N>,
{
    let population = population()?;
    let plan = Plan {
        days: (0..=365).map(f64::from).collect(),
        rules: Rules { tocilizumab_at: Some(2), ..Rules::default() },
        release: CutPoints([4.0, 6.0, 7.5, 9.0]),
        seed: 7,
    };
    let regimen = Regimen {
        lymphodepletion: Some(-3.0),
        infusions: vec![Infusion::single(0.0, Dose::CarPositiveCells(2.5e8), Route::Intravenous)],
        rules: plan.rules,
        ..Regimen::default()
    };
    let acts = regimen.timeline(&Body { weight: 70.0, height: 170.0 }, 1.0)?;
    let make = |i: u64| {
        let draw = population.draw(i).expect("a wide range");
        let [tumour, negative, access, expansion, exhaustion, doubling_time] = draw.values[..] else {
            unreachable!("six parameters vary")
        };
        let negative = negative.min(0.9);
        let central = Central { expansion, exhaustion, ..Central::new(|p| p.value) };
        let lesion = LesionParameters {
            positive: tumour * (1.0 - negative),
            negative: tumour * negative,
            access,
            doubling_time,
            ..LesionParameters::new(|p| p.value)
        };
        Patient::new(i, Parameters { central, lesion: [lesion; L] }, draw.susceptibility, 70.0, &plan, &acts)
    };
    let mut store = Store::open(path, WIDTH, 7)?;
    println!("{} patients are there", store.patients());
    let (start, begun) = (Instant::now(), store.patients());
    let (mut failed, mut told) = (0, 0.0);
    while store.patients() < patients {
        let from = store.patients();
        let to = patients.min(from + STRETCH);
        let rows = run((from, to), WIDTH, &Tolerance::uniform(relative, relative), make, |patient, out| {
            let outcome = patient.outcome();
            let total = |day: usize| patient.samples()[day].tumour.iter().flatten().sum::<f64>();
            out.extend([
                outcome.peak.0,
                total(90) / total(0),
                total(365) / total(0),
                f64::from(outcome.release.1),
            ]);
        });
        for f in rows.failed.iter().take(3) {
            println!("patient {}: {}", f.patient, f.failure);
        }
        failed += rows.failed.len();
        store.append(&rows.values)?;
        let seconds = start.elapsed().as_secs_f64();
        if seconds - told > 5.0 {
            told = seconds;
            let rate = (to - begun) as f64 / seconds;
            println!("{to} of {patients}, {rate:.0} per second, {:.0} s left", (patients - to) as f64 / rate);
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    println!("{} patients in {seconds:.1} s, {failed} failed", patients - begun);
    summary(path)
}

fn summary(path: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let (mut shrunk, mut graded, mut n) = (0_u64, [0_u64; 5], 0_u64);
    read(path, |_, rows| {
        for row in rows.chunks(WIDTH).filter(|row| !row[0].is_nan()) {
            n += 1;
            // A volume that falls to 34 % is a diameter that falls by 30 %.
            shrunk += u64::from(row[1] <= 0.343);
            graded[row[3] as usize] += 1;
        }
    })?;
    println!("smaller by 30 % in diameter on day 90: {:.3}", shrunk as f64 / n as f64);
    println!("grades of cytokine release: {:.3?}", graded.map(|g| g as f64 / n as f64));
    Ok(())
}
