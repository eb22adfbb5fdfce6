//! What of a study can be coupled to a cell-by-cell lesion.

use perforin_core::study::regimen::Route;
use perforin_core::study::{PatientSection, RegimenSection, StudyFile};
use perforin_lesion::scenario::Notes;

use super::OWN;

/// A cell-by-cell lesion is one more lesion of one patient of Perforin's own model.
pub(super) fn check(file: &StudyFile, section: &PatientSection, notes: &mut Notes) {
    if file.population.is_some() {
        let help =
            "leave [population] out, or [lesion]: the lesions of [patient] are followed in every patient";
        notes.wrong("population", "a cell-by-cell lesion is that of one patient", help);
    }
    if section.model.as_deref().is_some_and(|name| name != OWN) {
        let help = "leave `model` out, or [lesion]";
        notes.wrong("patient.model", "a published model has no cell-by-cell lesion", help);
    }
    if file.study.duration.is_none() {
        let help = "give duration = \"28 d\" under [study]";
        notes.wrong("study.duration", "a patient with a cell-by-cell lesion needs it", help);
    }
    if file.lesion.field.get("ifn_gamma").is_some_and(|field| field.boundary.is_some()) {
        let help = "leave `boundary` out";
        notes.wrong(
            "lesion.field.ifn_gamma.boundary",
            "IFN-γ that leaves the lesion goes to the patient's blood, and none comes from there",
            help,
        );
    }
    check_regimen(&file.regimen, notes);
}

fn check_regimen(regimen: &RegimenSection, notes: &mut Notes) {
    let amounts = regimen.antibody.iter().enumerate().filter(|(_, antibody)| antibody.amount.is_some());
    for (i, _) in amounts {
        let help = "give its `peak`, which acts in both";
        notes.wrong(
            &format!("regimen.antibody.{i}.amount"),
            "the cell-by-cell lesion does not have it",
            help,
        );
    }
    for (i, infusion) in regimen.infusion.iter().enumerate() {
        if infusion.route == Route::Intratumoural {
            let help = "give it by a vein, or leave [lesion] out";
            let message = "it is not said which lesion it is injected into";
            notes.wrong(&format!("regimen.infusion.{i}.route"), message, help);
        }
    }
}
