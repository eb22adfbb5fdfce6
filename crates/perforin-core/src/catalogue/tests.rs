use super::*;

#[test]
fn names_are_unique_and_dotted() {
    let mut names: Vec<&str> = all().map(|p| p.name).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    for name in names {
        assert!(name.split('.').count() >= 2, "{name}");
        assert!(
            name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._".contains(c)),
            "{name}"
        );
    }
}

#[test]
fn every_default_lies_in_its_range() {
    for p in all() {
        assert!(p.range.0 < p.range.1, "{}", p.name);
        assert_eq!(p.check(p.value), Ok(p.value), "{}", p.name);
        assert!(p.check(f64::NAN).is_err(), "{}", p.name);
    }
}

#[test]
fn every_source_is_stated() {
    let is_doi =
        |doi: &str| doi.starts_with("10.") && doi.contains('/') && !doi.contains(char::is_whitespace);
    for p in all() {
        assert!(!p.meaning.is_empty() && !p.unit.is_empty(), "{}", p.name);
        match p.source {
            Source::Doi { doi, note } | Source::Calibrated { doi, note } => {
                assert!(is_doi(doi) && !note.is_empty(), "{}", p.name);
            }
            Source::Assumed { reason } => assert!(!reason.is_empty(), "{}", p.name),
        }
    }
}

#[test]
fn a_value_out_of_range_says_what_is_accepted() {
    let error = tumour::FLUID_FRACTION.check(1.5).unwrap_err().to_string();
    assert_eq!(
        error,
        "1.5 is outside of 0 to 1 (tumour.fluid_fraction: Fraction of the volume that is fluid)"
    );
}

#[test]
fn the_ledger_tells_defaults_from_the_study() {
    let mut ledger = Ledger::new();
    assert_eq!(ledger.resolve("lesion.cell_volume", None, &tumour::VOLUME), 2494.0);
    assert_eq!(ledger.resolve("lesion.speed", Some(7.0), &t_cell::SPEED), 7.0);
    ledger.record("lesion.diameter", 800.0, "µm", THE_STUDY, "Diameter of the lesion");
    assert_eq!(ledger.resolve("lesion.cell_volume", Some(2000.0), &tumour::VOLUME), 2000.0);

    let used: Vec<_> = ledger.used().iter().map(|u| (u.path.as_str(), u.value, u.set_by_study)).collect();
    assert_eq!(
        used,
        [("lesion.cell_volume", 2000.0, true), ("lesion.speed", 7.0, true), ("lesion.diameter", 800.0, true)]
    );
    let json = serde_json::to_string(&ledger).unwrap();
    assert_eq!(serde_json::from_str::<Ledger>(&json).unwrap(), ledger);
}

#[test]
fn the_guide_lists_every_parameter_once() {
    let guide = markdown();
    for p in all() {
        assert_eq!(guide.matches(&format!("| `{}` |", p.name)).count(), 1, "{}", p.name);
    }
    assert!(guide.contains("| `necrosis.rate` |  | 0.00277778 | /min |"), "{guide}");
}
