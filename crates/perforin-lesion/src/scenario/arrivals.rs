//! Which infused cells reach the lesion, when, and where they enter.

use perforin_core::catalogue::{hostility, scenario as setting};
use perforin_core::quantity::Dose;
use perforin_core::study::StudyFile;
use perforin_core::study::lesion::EntryPlace;
use perforin_core::study::product::{Armour, ProductSection};
use perforin_core::study::regimen::{InfusionSection, Route, WhichProduct};

use super::cell_types::SECOND_PRODUCT;
use super::shape::Shape;
use super::surroundings::IFN_GAMMA;
use super::{Notes, schedule};
use crate::model::{Arrival, Edge, EntrySite, Model, Pace, Role};
use crate::traffic::Traffic;

/// Tumour tissue weighs about as much as water: µg per µm³ in grams.
const GRAMS_PER_CUBIC_MICROMETRE: f64 = 1e-12;

/// Most cells that a lesion can take.
const MOST_CELLS: f64 = 1e8;

/// Adds the arrivals of a study's regimen to the model.
pub(super) fn plan(study: &StudyFile, shape: &Shape, model: &mut Model, notes: &mut Notes) {
    if study.patient.is_some() {
        exchange_with_patient(study, shape, model, notes);
        return;
    }
    let blood = study.lesion.entry.blood.is_some();
    if study.regimen.infusion.is_empty() && !blood {
        if study.product.is_some() {
            notes.warn("product", "the product is never infused", "add an [[regimen.infusion]]");
        }
        return;
    }
    let products = (model.first_of(Role::Product), model.types.iter().position(|t| t.name == SECOND_PRODUCT));
    let Some(kind) = products.0 else {
        notes.wrong(
            "regimen.infusion",
            "there is no product to infuse",
            "add a [product], or a cell type with role = \"product\"",
        );
        return;
    };
    if blood {
        let arrival = from_blood(study, shape, kind, notes);
        model.arrivals.extend(arrival);
    }
    for (k, infusion) in study.regimen.infusion.iter().enumerate() {
        let path = format!("regimen.infusion.{k}");
        let which = match infusion.product {
            WhichProduct::Product => Some(kind),
            WhichProduct::SecondProduct => products.1,
        };
        let Some(which) = which else {
            notes.wrong(
                &format!("{path}.product"),
                "the study has no second product",
                "add [second_product], or infuse `product`",
            );
            continue;
        };
        if let Some(arrival) = arrival(study, shape, infusion, which, &path, notes) {
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

/// Of a patient's lesion the patient says which cells enter; only where they do is the lesion's own.
fn exchange_with_patient(study: &StudyFile, shape: &Shape, model: &mut Model, notes: &mut Notes) {
    let entry = &study.lesion.entry;
    for (name, is_given) in [
        ("blood", entry.blood.is_some()),
        ("fraction", entry.fraction.is_some()),
        ("over", entry.over.is_some()),
    ] {
        if is_given {
            notes.wrong(
                &format!("lesion.entry.{name}"),
                "the study has a patient, whose blood says which cells enter",
                "leave it out; patient.exchange.access changes how many do",
            );
        }
    }
    let Some(kind) = model.first_of(Role::Product) else {
        notes.wrong("product", "the study has a patient and no product", "add [product]");
        return;
    };
    let ifn_gamma = model.substances.iter().position(|s| s.name == IFN_GAMMA);
    model.traffic = Some(Traffic { kind, site: entry_site(study, shape, notes), ifn_gamma });
}

/// Cells that come from a given course in blood: clearance × concentration × weight of the tumour.
fn from_blood(study: &StudyFile, shape: &Shape, kind: usize, notes: &mut Notes) -> Option<Arrival> {
    let section = study.lesion.entry.blood.as_ref()?;
    let path = "lesion.entry.blood";
    if section.day.len() != section.cells_per_microlitre.len() || section.day.len() < 2 {
        notes.wrong(
            path,
            format!("{} days and {} values", section.day.len(), section.cells_per_microlitre.len()),
            "give as many values as days, and at least two",
        );
        return None;
    }
    if let Some(k) =
        section.day.windows(2).position(|d| d[0] >= d[1] || !d[0].is_finite() || !d[1].is_finite())
    {
        notes.wrong(
            &format!("{path}.day"),
            format!("the course goes from day {} to day {}", section.day[k], section.day[k + 1]),
            "days must ascend",
        );
        return None;
    }
    if let Some(value) = section.cells_per_microlitre.iter().find(|c| !(0.0..1e9).contains(*c)) {
        notes.wrong(
            &format!("{path}.cells_per_microlitre"),
            format!("{value} is not a number of cells per µL"),
            "give numbers from 0 on",
        );
        return None;
    }
    if !study.regimen.infusion.iter().all(|i| i.route == Route::Intratumoural || i.route.is_cavity()) {
        notes.wrong(
            path,
            "cells come both from this course and from an infusion into the blood",
            "give one of them: the course already holds what was infused",
        );
        return None;
    }
    let clearance = notes.value(&format!("{path}.clearance"), section.clearance, &hostility::ENTRY_CLEARANCE);
    let grams = shape.tumour_volume * GRAMS_PER_CUBIC_MICROMETRE;
    let factor = receptor_factor(study.product.as_ref(), notes);
    let time: Vec<f64> = section.day.iter().map(|d| d * 1440.0).collect();
    let rate = section.cells_per_microlitre.iter().map(|c| c * clearance * grams * factor).collect();
    let arrival = Arrival {
        kind,
        pace: Pace::Blood { time, rate },
        site: entry_site(study, shape, notes),
        infused: f64::NAN,
    };
    let total = arrival.total() as f64;
    notes.ledger.record(
        &format!("{path}.reaching"),
        total,
        "cells",
        "derived from the course",
        "Cells that reach this lesion",
    );
    Some(arrival)
}

/// What `CCR2b` or `CXCR2` make of the share that enters.
fn receptor_factor(product: Option<&ProductSection>, notes: &mut Notes) -> f64 {
    let has = product.is_some_and(|p| p.armour.iter().any(|a| matches!(a, Armour::Ccr2b | Armour::Cxcr2)));
    if has {
        notes.value(hostility::ENTRY_CHEMOKINE_RECEPTOR.name, None, &hostility::ENTRY_CHEMOKINE_RECEPTOR)
    } else {
        1.0
    }
}

/// Where cells that come with the blood enter.
fn entry_site(study: &StudyFile, shape: &Shape, notes: &mut Notes) -> EntrySite {
    let entry = &study.lesion.entry;
    let gap = |notes: &mut Notes| {
        notes.value("lesion.entry.gap", entry.gap.map(|l| l.value()), &setting::ENTRY_GAP)
    };
    // What fills the whole box has no edge: only vessels lead into it.
    let place = if shape.edge == Edge::None { EntryPlace::Vessels } else { entry.place };
    match place {
        EntryPlace::Surface => EntrySite::Surface { gap: gap(notes) },
        EntryPlace::Around => EntrySite::Around { gap: gap(notes) },
        EntryPlace::Vessels => {
            if study.lesion.vessels.is_none() {
                notes.wrong(
                    "lesion.entry.place",
                    "cells are to enter at vessels, of which this lesion has none",
                    "add [lesion.vessels] with their spacing",
                );
            }
            EntrySite::Vessels {
                weight: notes.value(
                    hostility::ENTRY_CHEMOKINE_WEIGHT.name,
                    None,
                    &hostility::ENTRY_CHEMOKINE_WEIGHT,
                ),
            }
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
    let start = schedule::day(infusion.day, &format!("{path}.day"), notes)?;
    let (product, section) = match infusion.product {
        WhichProduct::Product => (study.product.as_ref(), "product"),
        WhichProduct::SecondProduct => (study.second_product.as_ref(), SECOND_PRODUCT),
    };
    let cells = match (infusion.dose, infusion.effector_to_target) {
        (Some(dose), None) => car_positive_cells(product, section, dose, path, notes),
        (None, Some(ratio)) => {
            let ratio = notes.given(
                &format!("{path}.effector_to_target"),
                ratio,
                "1",
                "Receptor-bearing cells for each tumour cell at the start",
            );
            if !(0.0..=1e4).contains(&ratio) {
                notes.wrong(
                    &format!("{path}.effector_to_target"),
                    format!("{ratio} is not a ratio"),
                    "give a number such as 0.25 for 1:4",
                );
                return None;
            }
            ratio * shape.tumour_cells(study) as f64
        }
        _ => {
            notes.wrong(
                path,
                "an infusion has either a `dose` or an `effector_to_target` ratio",
                "write dose = \"2.5e8 CAR+ cells\"",
            );
            return None;
        }
    };
    let entry = &study.lesion.entry;
    let co_culture = infusion.effector_to_target.is_some() || shape.in_vitro;
    if shape.edge == Edge::None && (co_culture || infusion.route.is_cavity()) {
        notes.wrong(
            path,
            "tumour that fills the box has no surface on which these cells could lie",
            "give a `dose` by the vein or into the tumour, or another `lesion.shape`",
        );
        return None;
    }
    let (count, over, site) = match infusion.route {
        Route::Intravenous | Route::IntraArterial if co_culture => {
            (cells, 0.0, EntrySite::Surface { gap: 0.0 })
        }
        Route::Intravenous | Route::IntraArterial => {
            let share = share_that_enters(study, shape, infusion, product, notes);
            let over = notes.value("lesion.entry.over", entry.over.map(|t| t.value()), &setting::ENTRY_TIME);
            (cells * share, over, entry_site(study, shape, notes))
        }
        Route::Intracavitary | Route::Intrapleural | Route::Intraperitoneal | Route::Intraventricular => {
            (cells, 0.0, EntrySite::Surface { gap: 0.0 })
        }
        Route::Intratumoural => {
            let radius = infusion.radius.map_or(0.25 * shape.breadth, |r| r.value());
            notes.ledger.record(
                &format!("{path}.radius"),
                radius,
                "µm",
                if infusion.radius.is_some() { "the study" } else { "a quarter of the tumour's width" },
                "Radius of the injected ball",
            );
            (cells, 0.0, EntrySite::Injection { centre: shape.middle, radius })
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
    Some(Arrival { kind, pace: Pace::Exponential { count, start, over }, site, infused: cells })
}

/// Share of infused cells that reaches the lesion with the blood.
fn share_that_enters(
    study: &StudyFile,
    shape: &Shape,
    infusion: &InfusionSection,
    product: Option<&ProductSection>,
    notes: &mut Notes,
) -> f64 {
    let grams = shape.tumour_volume * GRAMS_PER_CUBIC_MICROMETRE;
    let share = match study.lesion.entry.fraction {
        Some(fraction) => notes.share(
            "lesion.entry.fraction",
            fraction.value(),
            "Share of infused cells that reach this lesion",
        ),
        None => grams * notes.value("lesion.entry.per_gram", None, &setting::ENTRY_PER_GRAM),
    };
    let arterial = match infusion.route {
        Route::IntraArterial => notes.value(hostility::ENTRY_ARTERIAL.name, None, &hostility::ENTRY_ARTERIAL),
        _ => 1.0,
    };
    (share * arterial * receptor_factor(product, notes)).min(1.0)
}

/// Number of receptor-bearing cells in a dose.
fn car_positive_cells(
    product: Option<&ProductSection>,
    section: &str,
    dose: Dose,
    path: &str,
    notes: &mut Notes,
) -> f64 {
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
            let given = product.and_then(|p| p.car_positive).map(|f| f.value());
            notes.value(&format!("{section}.car_positive"), given, &setting::CAR_POSITIVE)
        }
    };
    dose.value() * size * share
}
