//! When what is given: days, repeats, and the courses that follow.

use perforin_core::catalogue::hostility;
use perforin_core::quantity::Time;
use perforin_core::study::StudyFile;
use perforin_core::study::mechanisms::Mechanism;
use perforin_core::study::regimen::CheckpointTarget;

use super::Notes;
use super::cell_types::ENDOGENOUS;
use super::surroundings::{IL2, antibody};
use crate::model::biology::{Course, Radiosensitivity, Supply, Treatments};
use crate::model::{CellType, Model};

/// Most doses of one series.
const MOST_DOSES: u32 = 10_000;

/// A day of the study in minutes, if it is one.
pub(super) fn day(day: f64, path: &str, notes: &mut Notes) -> Option<f64> {
    if day.is_finite() && (0.0..=4000.0).contains(&day) {
        return Some(day * 1440.0);
    }
    notes.wrong(path, format!("day {day} is not a day of the study"), "give a day from 0 on");
    None
}

/// A series of doses, min: from `first` on, `every`, as many as stated or as fit before `end`.
fn series(
    first: f64,
    every: Option<Time>,
    count: Option<u32>,
    end: f64,
    path: &str,
    notes: &mut Notes,
) -> Vec<f64> {
    let Some(start) = day(first, &format!("{path}.day"), notes) else { return Vec::new() };
    if count == Some(0) {
        notes.wrong(path, "a series of no doses", "give at least one, or leave it out");
    }
    let Some(every) = every.map(|t| t.value()) else {
        if count.is_some_and(|n| n > 1) {
            notes.wrong(path, "several doses, but no interval between them", "add every = \"21 d\"");
        }
        return vec![start];
    };
    if every <= 0.0 {
        notes.wrong(
            &format!("{path}.every"),
            format!("{every} min is no interval"),
            "write every = \"21 d\"",
        );
        return Vec::new();
    }
    let fitting = (((end - start) / every).ceil().max(1.0)) as u32;
    (0..count.unwrap_or(fitting).min(MOST_DOSES)).map(|k| start + f64::from(k) * every).collect()
}

/// Substances that come with the blood.
pub(super) fn supplies(study: &StudyFile, model: &Model, notes: &mut Notes) -> Vec<Supply> {
    let place = |name: &str| model.substances.iter().position(|s| s.name == name);
    let mut supplies: Vec<Supply> = Vec::new();
    for target in [CheckpointTarget::Pd1, CheckpointTarget::PdL1, CheckpointTarget::Ctla4] {
        let Some(substance) = place(antibody(target)) else { continue };
        let mut course = Course { doses: Vec::new(), half_life: 1.0 };
        for (k, section) in study.regimen.antibody.iter().enumerate().filter(|(_, a)| a.target == target) {
            let path = format!("regimen.antibody.{k}");
            let given = section.peak.map(|c| c.value());
            let peak = notes.value(&format!("{path}.peak"), given, &hostility::ANTIBODY_PEAK);
            let half_life = section.half_life.map(|t| t.value());
            course.half_life =
                notes.value(&format!("{path}.half_life"), half_life, &hostility::ANTIBODY_HALF_LIFE);
            let times = series(section.day, section.every, section.doses, model.duration, &path, notes);
            course.doses.extend(times.into_iter().map(|t| (t, peak)));
        }
        supplies.push(Supply { substance, course });
    }
    if let (Some(substance), false) = (place(IL2), study.regimen.il2.is_empty()) {
        let mut course = Course { doses: Vec::new(), half_life: 1.0 };
        for (k, section) in study.regimen.il2.iter().enumerate() {
            let path = format!("regimen.il2.{k}");
            let peak = notes.given(&format!("{path}.peak"), section.peak.value(), "pg/mL", "IL-2 in blood");
            let half_life = section.half_life.map(|t| t.value());
            course.half_life =
                notes.value(&format!("{path}.half_life"), half_life, &hostility::IL2_HALF_LIFE);
            let times = series(section.day, section.every, section.doses, model.duration, &path, notes);
            course.doses.extend(times.into_iter().map(|t| (t, peak)));
        }
        supplies.push(Supply { substance, course });
    }
    supplies
}

/// What is given beside the product.
pub(super) fn treatments(
    study: &StudyFile,
    types: &[CellType],
    duration: f64,
    notes: &mut Notes,
) -> Treatments {
    let mut treatments = Treatments::default();
    for (k, section) in study.regimen.radiotherapy.iter().enumerate() {
        let path = format!("regimen.radiotherapy.{k}");
        let dose = notes.given(&format!("{path}.dose"), section.dose.value(), "Gy", "Dose of a fraction");
        let times = series(section.day, section.every, section.fractions, duration, &path, notes);
        treatments.radiotherapy.extend(times.into_iter().map(|t| (t, dose, section.immunogenic)));
    }
    if !treatments.radiotherapy.is_empty() {
        let mut default = |p: &'static perforin_core::catalogue::Parameter| notes.value(p.name, None, p);
        treatments.radiosensitivity = Radiosensitivity {
            alpha: default(&hostility::RADIO_ALPHA),
            beta: default(&hostility::RADIO_BETA),
            oxygen_enhancement: default(&hostility::RADIO_OXYGEN),
            oxygen_half: default(&hostility::RADIO_OXYGEN_HALF),
            chemokine: default(&hostility::RADIO_DRAW),
        };
    }
    for (k, section) in study.regimen.chemotherapy.iter().enumerate() {
        let path = format!("regimen.chemotherapy.{k}");
        let inhibition = notes.share(
            &format!("{path}.inhibition"),
            section.inhibition.value(),
            "Share by which it lowers entry into the cell cycle",
        );
        let half_life = section.half_life.value();
        notes.given(&format!("{path}.half_life"), half_life, "min", "Half-life of the effect");
        if half_life <= 0.0 {
            notes.wrong(&format!("{path}.half_life"), "an effect lasts longer than nothing", "write \"3 d\"");
        }
        let times = series(section.day, section.every, section.doses, duration, &path, notes);
        let doses = times.into_iter().map(|t| (t, inhibition)).collect();
        treatments.chemotherapy.push(Course { doses, half_life });
    }
    treatments.lymphodepletion = study.regimen.lymphodepletion.as_ref().map(|section| {
        let path = "regimen.lymphodepletion";
        let given = section.depletion.map(|f| f.value());
        let share = notes.value(&format!("{path}.depletion"), given, &hostility::LYMPHODEPLETION);
        notes.given(&format!("{path}.start"), section.start.value(), "min", "Start of lymphodepletion");
        // A lesion begins with the first infusion at the earliest: what came before is done at its beginning.
        (section.start.value().max(0.0), share)
    });
    treatments.adapter = adapter(study, duration, notes);
    let spreads = study.mechanisms.is_on(Mechanism::EpitopeSpreading);
    treatments.epitope_spreading =
        types.iter().position(|t| t.name == ENDOGENOUS).filter(|_| spreads).map(|kind| {
            (notes.value(hostility::EPITOPE_SPREADING.name, None, &hostility::EPITOPE_SPREADING), kind)
        });
    if spreads && treatments.epitope_spreading.is_none() {
        notes.wrong(
            "mechanisms.epitope_spreading",
            "epitope spreading primes endogenous T cells, which this lesion does not have",
            "add [lesion.endogenous_t_cells] with fraction and neoantigen_positive",
        );
    }
    treatments
}

/// The adapter's course and its two dissociation constants.
fn adapter(study: &StudyFile, duration: f64, notes: &mut Notes) -> Option<(Course, f64, f64)> {
    let products = [("product", &study.product), ("second_product", &study.second_product)];
    let (section, adapter) =
        products.into_iter().find_map(|(name, p)| Some((name, p.as_ref()?.adapter.as_ref()?)))?;
    let kd = |key: &str, value: f64, notes: &mut Notes| {
        notes.given(&format!("{section}.adapter.{key}"), value, "M", "Dissociation constant of the adapter")
    };
    let of_antigen = kd("antigen_kd", adapter.antigen_kd.value(), notes);
    let of_receptor = kd("receptor_kd", adapter.receptor_kd.value(), notes);
    let mut course = Course { doses: Vec::new(), half_life: 1.0 };
    for (k, dose) in study.regimen.adapter.iter().enumerate() {
        let path = format!("regimen.adapter.{k}");
        let peak = notes.given(&format!("{path}.peak"), dose.peak.value(), "M", "Adapter in the lesion");
        course.half_life =
            notes.given(&format!("{path}.half_life"), dose.half_life.value(), "min", "Its half-life");
        if course.half_life <= 0.0 {
            notes.wrong(&format!("{path}.half_life"), "a half-life is longer than nothing", "write \"1 d\"");
        }
        let times = series(dose.day, dose.every, dose.doses, duration, &path, notes);
        course.doses.extend(times.into_iter().map(|t| (t, peak)));
    }
    Some((course, of_antigen, of_receptor))
}
