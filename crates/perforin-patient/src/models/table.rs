//! The publications' tables of patients, which are compiled in.

use perforin_core::catalogue::Parameter;

use super::{Patient, typical};

/// Patients of a table in CSV: the first column is the name, the others are parameters by their short names; a parameter
/// without a column, or an empty field, keeps its default.
///
/// # Panics
/// If the table, which is part of the program, is not well formed; a test reads every one.
pub(super) fn patients(text: &'static str, parameters: &[Parameter]) -> Vec<Patient> {
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    let header: Vec<&str> = lines.next().expect("a header").split(',').skip(1).collect();
    let place = |name: &str| {
        let found = parameters.iter().position(|p| p.name.rsplit('.').next() == Some(name));
        found.unwrap_or_else(|| panic!("a parameter for column {name}"))
    };
    let places: Vec<usize> = header.iter().map(|name| place(name)).collect();
    lines
        .map(|line| {
            let mut fields = line.split(',');
            let mut patient = typical(parameters, fields.next().expect("a name"));
            for (place, field) in places.iter().zip(fields).filter(|(_, field)| !field.is_empty()) {
                patient.values[*place] = field.parse().expect("a number");
            }
            patient
        })
        .collect()
}
