//! What a companion diagnostic's cut-off would do to the response: the virtual patients of the way, selected by the share of
//! their tumour cells that the product recognises, as a biopsy reads it.

use perforin_patient::diagnostics::DiagnosticsError;
use perforin_patient::diagnostics::ihc::{CutOff, Reader, Score};
use perforin_patient::diagnostics::selection::{Candidate, select};
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use crate::failure::Failure;
use crate::files;
use crate::folder::Folder;

/// Cut-offs, per cent of cells.
const CUT_OFFS: [f64; 5] = [50.0, 80.0, 90.0, 95.0, 99.0];
/// Cells that are read of a biopsy (assumed).
pub const CELLS: u32 = 200;
/// Correlation of the cells of a biopsy (assumed).
pub const CLUSTERING: f64 = 0.1;
/// Column of what was drawn for a patient: the share of negative cells over the typical one.
const FACTOR: &str = "drawn_lesion_antigen_negative";

/// What cut-offs come to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Companion {
    /// Patients.
    pub patients: u64,
    /// Their response rate.
    pub response: f64,
    /// The cut-offs, rising.
    pub cut_offs: Vec<Selected>,
}

/// What a cut-off comes to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Selected {
    /// Least share of recognised cells in the biopsy.
    pub least: f64,
    /// Share of patients who are called positive.
    pub positive: f64,
    /// Response rate of those called positive; none if nobody is.
    pub response: Option<f64>,
    /// Response rate that the others would have had; none if there are none.
    pub response_of_excluded: Option<f64>,
}

impl Companion {
    /// What cut-offs come to in the patients of a stage; nothing if their shares of negative cells are all the same.
    ///
    /// # Errors
    /// If a file of the stage cannot be read.
    pub fn read(folder: &Folder) -> Result<Option<Self>, Failure> {
        let study: Table = files::read_text(&folder.study())?.parse().map_err(|e: toml::de::Error| {
            Failure::input(format!("`{}` is damaged", folder.study().display())).because(&e)
        })?;
        let lesion = study.get("patient").and_then(|p| p.get("lesion")).and_then(|lesions| lesions.get(0));
        let share = lesion.and_then(|l| l.get("antigen_negative")).and_then(Value::as_str);
        let share = share.and_then(|text| text.trim_end_matches('%').trim().parse::<f64>().ok());
        let place = folder.table("patients", "csv");
        if !place.exists() {
            return Ok(None);
        }
        let damaged = |e: csv::Error| Failure::input(format!("`{}` is damaged", place.display())).because(&e);
        let mut reader = csv::Reader::from_path(&place).map_err(damaged)?;
        let head = reader.headers().map_err(damaged)?.clone();
        let column = |name: &str| head.iter().position(|known| known == name);
        let (Some(share), Some(factor), Some(response), Some(arm)) =
            (share, column(FACTOR), column("best_response"), column("arm"))
        else {
            return Ok(None);
        };
        // Of a population that is weighted to observed shares.
        let weight = column("weight");
        let mut patients = Vec::new();
        let mut first = None;
        for row in reader.records() {
            let row = row.map_err(damaged)?;
            if *first.get_or_insert_with(|| row[arm].to_owned()) != row[arm] {
                break;
            }
            // The row of a patient who could not be followed is empty.
            if let Ok(factor) = row[factor].parse::<f64>() {
                let recognised = 1.0 - (share / 100.0 * factor).min(1.0);
                let weight = weight.map_or(Some(1.0), |place| row[place].parse().ok()).unwrap_or(0.0);
                patients.push((recognised, matches!(&row[response], "CR" | "PR"), weight));
            }
        }
        if patients.is_empty() {
            return Ok(None);
        }
        Self::of(&patients)
            .map(Some)
            .map_err(|e| Failure::run("the companion diagnostic cannot be computed").because(&e))
    }

    /// What cut-offs come to in patients of whom the share of recognised cells, whether they respond, and the weight are known.
    fn of(patients: &[(f64, bool, f64)]) -> Result<Self, DiagnosticsError> {
        let candidate = |(recognised, responds, weight): &(f64, bool, f64)| {
            let score = Score::new([1.0 - recognised, 0.0, *recognised, 0.0])?;
            Ok(Candidate { score, response: f64::from(u8::from(*responds)), weight: *weight })
        };
        let candidates: Vec<Candidate> = patients.iter().map(candidate).collect::<Result<_, _>>()?;
        let reader = Reader::of_neighbours(0.0, 0.0, CELLS, CLUSTERING)?;
        let mut cut_offs = Vec::new();
        for percent in CUT_OFFS {
            let found = select(&candidates, CutOff::new(2, percent)?, &reader)?;
            cut_offs.push(Selected {
                least: percent / 100.0,
                positive: found.positive,
                response: found.response,
                response_of_excluded: found.response_of_excluded,
            });
        }
        let all: f64 = patients.iter().map(|(_, _, weight)| weight).sum();
        let responders: f64 = patients.iter().filter(|(_, responds, _)| *responds).map(|(_, _, w)| w).sum();
        Ok(Self { patients: patients.len() as u64, response: responders / all, cut_offs })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half of the patients have 99.9 % recognised cells and respond; the others have 20 % and do not.
    #[test]
    fn a_cut_off_between_two_kinds_of_patients_selects_those_who_respond() {
        let patients = [(0.999, true, 1.0), (0.2, false, 1.0)].repeat(50);
        let found = Companion::of(&patients).unwrap();
        assert_eq!((found.patients, found.response), (100, 0.5));
        let at = &found.cut_offs[1];
        assert!((at.positive - 0.5).abs() < 0.01, "{at:?}");
        assert!(at.response.unwrap() > 0.99 && at.response_of_excluded.unwrap() < 0.01, "{at:?}");
        assert!(found.cut_offs.windows(2).all(|pair| pair[1].positive <= pair[0].positive));
    }
}
