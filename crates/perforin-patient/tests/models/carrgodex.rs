//! Seventy-two fits of glioma cultures, forty-eight of them against the measured curves.

#![allow(clippy::print_stdout, reason = "a skipped test says so")]

use std::path::Path;

use perforin_patient::models::by_name;

use crate::support::{grid, run};

/// A file of the public data, if it is beside the repository.
fn data(file: &str) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/carrgodex").join(file);
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        println!("skipped: {} is not there", path.display());
    }
    text
}

fn rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header = reader.headers().expect("a header").iter().map(str::to_owned).collect();
    let body = reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect());
    std::iter::once(header).chain(body).collect()
}

#[test]
fn every_fit_has_a_curve() {
    let patients = by_name("carrgodex-2022").expect("a model").patients();
    assert_eq!(patients.len(), 72);
    for patient in &patients {
        let run = run("carrgodex-2022", patient, &grid(5.0, 0.25));
        // One cell index is some ten thousand cells; none of the cultures had ten.
        assert!(run.max("tumour").0 < 10.0 && run.min("tumour").0 >= 0.0, "{}", patient.name);
    }
}

/// The fits' own end points and distances from the measured curves, re-run: root mean square 0.03 to 0.10 where product
/// was added without dexamethasone, 0.41 at most in all; T cells at the end 0.413 against 0.4155 counted.
#[test]
fn fits_follow_their_measured_curves() {
    let (Some(fits), Some(curves)) =
        (data("carrgodex_fit_parameters.csv"), data("carrgodex_pbt1_pbt2_xcelligence.csv"))
    else {
        return;
    };
    let (fits, curves) = (rows(&fits), rows(&curves));
    let patients = by_name("carrgodex-2022").expect("a model").patients();
    let mut errors = Vec::new();
    for (fit, patient) in fits[1..].iter().zip(&patients) {
        let Some(column) = curves[0].iter().position(|name| *name == fit[1]) else { continue };
        if fit[0] == "PBT4" {
            continue;
        }
        // `t_start` and `t_end` are rows of the curve, not hours.
        let (start, end): (usize, usize) = (fit[2].parse().expect("a row"), fit[3].parse().expect("a row"));
        let measured: Vec<(f64, f64)> = curves[1..][start..end]
            .iter()
            .map(|row| (row[0].parse().expect("hours"), row[column].parse().expect("a cell index")))
            .collect();
        let times: Vec<f64> = measured.iter().map(|(hour, _)| (hour - measured[0].0) / 24.0).collect();
        let run = run("carrgodex-2022", patient, &times);
        let squares: f64 =
            run.column("tumour").iter().zip(&measured).map(|(x, (_, m))| (x - m) * (x - m)).sum();
        let error = (squares / measured.len() as f64).sqrt();
        assert!(error < 0.41, "{}: {error}", patient.name);
        if patient.name.starts_with("PBT1-t0.") && patient.name.ends_with("dex0") {
            assert!(error < 0.05, "{}: {error}", patient.name);
            let (found, counted) =
                (*run.column("product").last().expect("an end"), fit[6].parse::<f64>().expect("a count"));
            assert!((found / counted - 1.0).abs() < 0.015, "{}: {found} against {counted}", patient.name);
        }
        errors.push(error);
    }
    assert_eq!(errors.len(), 48);
    let mean = errors.iter().sum::<f64>() / 48.0;
    assert!((0.09..0.13).contains(&mean), "{mean}");
}
