//! Which infused cells reach the lesion, when, and where they enter.

use perforin_core::catalogue::scenario as setting;
use perforin_core::quantity::Dose;
use perforin_core::study::StudyFile;
use perforin_core::study::lesion::EntryPlace;
use perforin_core::study::product::{InfusionSection, Route};

use super::Notes;
use super::placement::Shape;
use crate::model::{Arrival, EntrySite, Model, Role};

/// Tumour tissue weighs about as much as water: µg per µm³ in grams.
const GRAMS_PER_CUBIC_MICROMETRE: f64 = 1e-12;

/// Most cells that a lesion can take.
const MOST_CELLS: f64 = 1e8;

/// Adds the arrivals of a study's regimen to the model.
pub(super) fn plan(study: &StudyFile, shape: &Shape, model: &mut Model, notes: &mut Notes) {
    warn_of_what_a_lesion_cannot_show(study, notes);
    if study.regimen.infusion.is_empty() {
        if study.product.is_some() {
            notes.warn("product", "the product is never infused", "add an [[regimen.infusion]]");
        }
        return;
    }
    let Some(kind) = model.first_of(Role::Product) else {
        notes.wrong(
            "regimen.infusion",
            "there is no product to infuse",
            "add a [product], or a cell type with role = \"product\"",
        );
        return;
    };
    for (k, infusion) in study.regimen.infusion.iter().enumerate() {
        let path = format!("regimen.infusion.{k}");
        if let Some(arrival) = arrival(study, shape, infusion, kind, &path, notes) {
            model.arrivals.push(arrival);
        }
        if infusion.day * 1440.0 >= model.duration {
            notes.warn(
                &format!("{path}.day"),
                "this infusion comes after the end of the study",
                "lengthen `study.duration`",
            );
        }
    }
}

fn arrival(
    study: &StudyFile,
    shape: &Shape,
    infusion: &InfusionSection,
    kind: usize,
    path: &str,
    notes: &mut Notes,
) -> Option<Arrival> {
    if !(infusion.day.is_finite() && infusion.day >= 0.0) {
        notes.wrong(
            &format!("{path}.day"),
            format!("day {} is before the study begins", infusion.day),
            "give a day from 0 on",
        );
        return None;
    }
    let cells = car_positive_cells(study, infusion.dose, path, notes);
    let entry = &study.lesion.entry;
    let (count, over, site) = match infusion.route {
        Route::Intravenous => {
            let grams = sphere(shape.tumour_diameter) * GRAMS_PER_CUBIC_MICROMETRE;
            let share = match entry.fraction {
                Some(fraction) => notes.share(
                    "lesion.entry.fraction",
                    fraction.value(),
                    "Share of infused cells that reach this lesion",
                ),
                None => grams * notes.value("lesion.entry.per_gram", None, &setting::ENTRY_PER_GRAM),
            };
            let over = notes.value("lesion.entry.over", entry.over.map(|t| t.value()), &setting::ENTRY_TIME);
            let gap = notes.value("lesion.entry.gap", entry.gap.map(|l| l.value()), &setting::ENTRY_GAP);
            let site = match entry.place {
                EntryPlace::Surface => EntrySite::Surface { gap },
                EntryPlace::Around => EntrySite::Around { gap },
            };
            (cells * share, over, site)
        }
        Route::Intratumoural => {
            let radius = infusion.radius.map_or(0.25 * shape.tumour_diameter, |r| r.value());
            notes.ledger.record(
                &format!("{path}.radius"),
                radius,
                "µm",
                if infusion.radius.is_some() { "the study" } else { "half the tumour's radius" },
                "Radius of the injected ball",
            );
            (cells, 0.0, EntrySite::Injection { centre: shape.grid.centre(), radius })
        }
    };
    if count > MOST_CELLS {
        notes.wrong(
            &format!("{path}.dose"),
            format!("{count:.3e} cells would enter a lesion that holds at most {MOST_CELLS:e}"),
            "give the share that reaches this lesion as `lesion.entry.fraction`, or the number injected",
        );
        return None;
    }
    if count < 1.0 {
        notes.warn(
            &format!("{path}.dose"),
            format!("only {count:.2} cells are expected to reach this lesion, so none does"),
            "give a larger `lesion.entry.fraction`, a larger lesion, or route = \"intratumoural\"",
        );
    }
    let count = count.round() as u64;
    notes.ledger.record(
        &format!("{path}.reaching"),
        count as f64,
        "cells",
        "derived from dose and entry",
        "Cells that reach this lesion",
    );
    Some(Arrival { kind, count, start: infusion.day * 1440.0, over, site })
}

/// Number of receptor-bearing cells in a dose.
fn car_positive_cells(study: &StudyFile, dose: Dose, path: &str, notes: &mut Notes) -> f64 {
    notes.given(&format!("{path}.dose"), dose.value(), dose.unit(), "Dose");
    let size = match dose {
        Dose::Cells(_) | Dose::CarPositiveCells(_) => 1.0,
        Dose::CellsPerKg(_) | Dose::CarPositiveCellsPerKg(_) => {
            notes.value("patient.weight", None, &setting::WEIGHT)
        }
        Dose::CellsPerM2(_) | Dose::CarPositiveCellsPerM2(_) => {
            notes.value("patient.body_surface", None, &setting::BODY_SURFACE)
        }
    };
    let share = match dose {
        Dose::CarPositiveCells(_) | Dose::CarPositiveCellsPerKg(_) | Dose::CarPositiveCellsPerM2(_) => 1.0,
        _ => {
            let given = study.product.as_ref().and_then(|p| p.car_positive).map(|f| f.value());
            notes.value("product.car_positive", given, &setting::CAR_POSITIVE)
        }
    };
    dose.value() * size * share
}

/// Volume of a ball, µm³.
fn sphere(diameter: f64) -> f64 {
    std::f64::consts::PI / 6.0 * diameter * diameter * diameter
}

fn warn_of_what_a_lesion_cannot_show(study: &StudyFile, notes: &mut Notes) {
    if study.regimen.lymphodepletion.is_some() {
        notes.warn(
            "regimen.lymphodepletion",
            "lymphodepletion acts through the blood, which a lesion alone does not have: it changes nothing here",
            "state its effect as a larger `lesion.entry.fraction`",
        );
    }
    if !study.regimen.antibody.is_empty() {
        notes.warn(
            "regimen.antibody",
            "this version has no checkpoint in the lesion: the antibody changes nothing here",
            "leave it out, or read the result as without it",
        );
    }
}
