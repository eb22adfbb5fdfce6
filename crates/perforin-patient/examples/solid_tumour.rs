//! What do dose, lymphodepletion and access change in one patient?
//!
//! `cargo run --release -p perforin-patient --example solid_tumour`

#![allow(clippy::print_stdout)]

use perforin_core::quantity::Dose;
use perforin_patient::ode::{Tolerance, solve};
use perforin_patient::regimen::{Body, Infusion, Regimen, Route, Rules};
use perforin_patient::solid_tumour::{Central, LesionParameters, Parameters, Patient, Plan};
use perforin_patient::toxicity::ordinal::CutPoints;

fn main() {
    let plan = Plan {
        days: (0..=365).map(f64::from).collect(),
        rules: Rules::default(),
        release: CutPoints([4.0, 6.0, 7.5, 9.0]),
        seed: 1,
    };
    println!("dose      depletion access  peak/µL day   IL-6   T(28)/T0  T(90)/T0  nadir     product d180");
    for (dose, depletion, access) in [
        (2.5e8, true, 1.0),
        (2.5e8, false, 1.0),
        (1e7, true, 1.0),
        (2.5e9, true, 1.0),
        (2.5e8, true, 0.1),
        (2.5e8, true, 10.0),
    ] {
        let central = Central::new(|p| p.value);
        let lesion =
            LesionParameters { positive: 4.9e9, negative: 1e8, access, ..LesionParameters::new(|p| p.value) };
        let regimen = Regimen {
            lymphodepletion: depletion.then_some(-3.0),
            infusions: vec![Infusion::single(0.0, Dose::CarPositiveCells(dose), Route::Intravenous)],
            ..Regimen::default()
        };
        let body = Body { weight: 70.0, height: 170.0 };
        let acts = regimen.timeline(&body, 1.0).expect("a regimen");
        let parameters = Parameters { central, lesion: [lesion] };
        let mut patient = [Patient::new(0, parameters, 0.5, body.weight, &plan, &acts)];
        let outcome = solve(&mut patient, &Tolerance::uniform(1e-6, 1e-3));
        let total: Vec<f64> = patient[0].samples().iter().map(|s| s.tumour[0].iter().sum()).collect();
        let (peak, day) = patient[0].outcome().peak;
        let nadir = total.iter().copied().fold(f64::INFINITY, f64::min);
        println!(
            "{dose:<9.1e} {depletion:<9} {access:<7} {peak:7.2} {day:4.1} {:7.0} {:9.2e} {:9.2e} {nadir:9.2e} {:9.2e} {:?}",
            patient[0].outcome().il6,
            total[28] / 5e9,
            total[90] / 5e9,
            patient[0].samples()[180].product.iter().sum::<f64>(),
            outcome[0],
        );
    }
}
