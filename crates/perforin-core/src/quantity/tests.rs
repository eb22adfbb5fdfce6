use proptest::prelude::*;

use super::*;

fn length(text: &str) -> f64 {
    text.parse::<Length>().unwrap().value()
}

/// Exact equality: a decimal prefix moves the point of the text, so nothing is rounded twice.
#[test]
fn units_convert_to_the_internal_unit() {
    assert_eq!(length("0.8 mm"), 800.0);
    assert_eq!(length("150 µm"), 150.0);
    assert_eq!(length("13nm"), 0.013);
    assert_eq!("-5 d".parse::<Time>().unwrap().value(), -7200.0);
    assert_eq!("90 s".parse::<Time>().unwrap().value(), 1.5);
    assert_eq!("5 nM".parse::<Concentration>().unwrap().value(), 5e-9);
    assert_eq!("60000 /cell".parse::<SurfaceDensity>().unwrap().value(), 60_000.0);
    assert_eq!("10 %".parse::<Fraction>().unwrap().value(), 0.1);
    assert_eq!("1e5 /M/s".parse::<AssociationRate>().unwrap().value(), 1e5);
    assert_eq!("1e-5 cm^2/s".parse::<DiffusionCoefficient>().unwrap().value(), 6e4);
    assert_eq!("0.175 pL".parse::<Volume>().unwrap().value(), 175.0);
    assert_eq!("1 ng/mL".parse::<MassConcentration>().unwrap().value(), 1000.0);
    assert_eq!("24 /d".parse::<Rate>().unwrap().value(), 24.0 / 1440.0);
    assert_eq!("2 mm/d".parse::<Speed>().unwrap().value(), 2000.0 / 1440.0);
    // Six digits: 1 atm = 101.325 kPa = 760 mmHg to 1.5e-7.
    let atmosphere = "101.325 kPa".parse::<OxygenPressure>().unwrap().value();
    assert!((atmosphere - 760.0).abs() < 1.2e-4, "{atmosphere}");
}

#[test]
fn keyboards_may_spell_micro_and_powers_differently() {
    for text in ["5 µm", "5 μm", "5 um", "5um", " 5  µm "] {
        assert_eq!(length(text), 5.0, "{text}");
    }
    for text in ["7 µm²/s", "7 um^2/s", "7 μm^2 / s"] {
        assert_eq!(text.parse::<DiffusionCoefficient>().unwrap().value(), 420.0, "{text}");
    }
}

#[test]
fn an_error_says_what_is_accepted() {
    let message = |text: &str| text.parse::<Time>().unwrap_err().to_string();
    assert_eq!(
        message("6 um"),
        "`um` is a unit of length, not of time; use `min`, `s`, `h`, `d` or `wk`, like \"30 d\""
    );
    assert_eq!(message("6 m"), "`m` is not a unit of time; use `min`, `s`, `h`, `d` or `wk`, like \"30 d\"");
    assert_eq!(message("6"), "`6` has no unit; write a time in `min`, `s`, `h`, `d` or `wk`, like \"30 d\"");
    assert_eq!(message("soon"), "`soon` does not start with a number; write a time like \"30 d\"");
    let fraction = |text: &str| text.parse::<Fraction>().unwrap_err().to_string();
    assert_eq!(fraction("0.1"), "`0.1` has no unit; write a fraction in `%`, like \"10 %\"");
    assert_eq!(fraction("140 %"), "`140 %` is out of range: a fraction lies between 0 % and 100 %");
}

#[test]
fn values_that_are_not_finite_or_negative_are_refused() {
    for text in
        ["nan mm", "inf mm", "1e999 mm", "1e99999999999 mm", "-1 mm", "", " ", "mm", ".", "-", "1,5 mm"]
    {
        assert!(text.parse::<Length>().is_err(), "{text}");
    }
    assert_eq!(length("1e-99999999999 mm"), 0.0);
}

#[test]
fn a_bare_number_in_a_file_names_the_units() {
    #[derive(Debug, serde::Deserialize)]
    #[allow(dead_code, reason = "only its reading is tested")]
    struct File {
        diameter: Length,
    }
    let error = toml::from_str::<File>("diameter = 0.8").unwrap_err().to_string();
    assert!(error.contains("write a length in `µm`, `nm`, `mm` or `cm`, like \"0.8 mm\""), "{error}");
}

/// A day has 1440 minutes, so that 1 /h is 24 /d.
#[test]
fn a_number_with_its_unit_is_had_in_units_of_the_same_dimension_only() {
    let value = |text: &str, unit: &str| text.parse::<FieldValue>().unwrap().in_unit(unit);
    assert_eq!(value("0.1 /d", "/d"), Some(0.1));
    assert_eq!(value("1 /h", "/d"), Some(24.0));
    assert_eq!(value("1.5 wk", "d"), Some(10.5));
    assert_eq!(value("50 %", "%"), Some(50.0));
    assert_eq!(value("4 cm", "mm"), Some(40.0));
    assert_eq!(value("3 cells", "cells"), Some(3.0));
    assert_eq!(value("3 /mL /d", "/mL/d"), Some(3.0));
    assert_eq!(value("3 d", "/d"), None);
    assert_eq!(value("3 parsecs", "/d"), None);
}

#[test]
fn every_dose_kind_is_read_and_written() {
    let read = |text: &str| text.parse::<Dose>().unwrap();
    assert_eq!(read("2.5e8 CAR+ cells"), Dose::CarPositiveCells(2.5e8));
    assert_eq!(read("1e8 T cells/m2"), Dose::CellsPerM2(1e8));
    assert_eq!(read("1e8 CAR+ T cells/m^2"), Dose::CarPositiveCellsPerM2(1e8));
    assert_eq!(read("1e6 CAR+ cells/kg"), Dose::CarPositiveCellsPerKg(1e6));
    assert_eq!(read("1e6 cells/kg"), Dose::CellsPerKg(1e6));
    assert_eq!(read("1e10 cells"), Dose::Cells(1e10));
    assert_eq!(read("2.5e8 CAR+ cells").to_string(), "250000000 CAR+ cells");
}

#[test]
fn a_dose_that_leaves_open_what_is_counted_is_refused() {
    assert!("2.5e8".parse::<Dose>().unwrap_err().to_string().contains("10.1038/s43018-024-00749-6"));
    for text in ["2.5e8 CAR-T cells", "2.5e8 /kg", "-1 cells", "many cells", "1e999 cells"] {
        assert!(text.parse::<Dose>().is_err(), "{text}");
    }
}

/// Hegde 2024: the same number per m² is fewer CAR-positive cells when all T cells are counted.
#[test]
fn doses_convert_to_car_positive_cells() {
    assert_eq!(Dose::CellsPerM2(1e8).car_positive_cells(70.0, 1.5, 0.6), 0.9e8);
    assert_eq!(Dose::CarPositiveCellsPerM2(1e8).car_positive_cells(70.0, 1.5, 0.6), 1.5e8);
    assert_eq!(Dose::CarPositiveCellsPerKg(1e6).car_positive_cells(70.0, 1.5, 0.6), 7e7);
}

/// Otherwise printing, which uses the first unit and moves only the decimal point, would change the value.
#[test]
fn the_first_unit_of_a_dimension_is_a_power_of_ten() {
    fn check<D: Dimension>() {
        assert_eq!((D::UNITS[0].times, D::UNITS[0].over), (1.0, 1.0), "{}", D::NAME);
        assert!(D::EXAMPLE.parse::<Quantity<D>>().is_ok(), "{}", D::NAME);
    }
    check::<dimension::Length>();
    check::<dimension::Time>();
    check::<dimension::Speed>();
    check::<dimension::Rate>();
    check::<dimension::DiffusionCoefficient>();
    check::<dimension::Volume>();
    check::<dimension::Fraction>();
    check::<dimension::SurfaceDensity>();
    check::<dimension::Concentration>();
    check::<dimension::AssociationRate>();
    check::<dimension::OxygenPressure>();
    check::<dimension::MassConcentration>();
    check::<dimension::AbsorbedDose>();
    check::<dimension::BodyMass>();
    check::<dimension::DrugMass>();
    check::<dimension::Age>();
}

#[test]
fn plain_numbers_are_written_plainly() {
    let written = |value: f64| Length::new(value).to_string();
    assert_eq!(written(800.0), "800 µm");
    assert_eq!(written(0.013), "0.013 µm");
    assert_eq!(written(12_345.5), "12345.5 µm");
    assert_eq!(written(1e-9), "1e-9 µm");
    assert_eq!(written(2.5e12), "2.5e12 µm");
    assert_eq!(written(0.0), "0 µm");
    assert_eq!(Fraction::new(0.1).to_string(), "10 %");
    assert_eq!(Fraction::new(0.001).to_string(), "0.1 %");
    assert_eq!(Time::new(-7200.0).to_string(), "-7200 min");
}

proptest! {
    #[test]
    fn what_is_written_is_read_to_the_same_bits(value in proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL
        | proptest::num::f64::ZERO) {
        let time = Time::new(value);
        prop_assert_eq!(time.to_string().parse::<Time>().unwrap().value().to_bits(), value.to_bits());
    }

    #[test]
    fn a_fraction_is_read_to_the_same_bits(value in 0.0..=1.0_f64) {
        let fraction = Fraction::new(value);
        prop_assert_eq!(fraction.to_string().parse::<Fraction>().unwrap().value().to_bits(), value.to_bits());
    }

    #[test]
    fn no_text_makes_the_readers_panic(text in "\\PC*") {
        let _ = text.parse::<Length>();
        let _ = text.parse::<Dose>();
        let _ = text.parse::<FieldValue>();
    }
}
