//! The cell cycle of a type.

use perforin_core::catalogue::{scenario as setting, t_cell, tumour};
use perforin_core::quantity::{OxygenPressure, Time};
use perforin_core::study::cell::{CycleModel, CycleSection};

use super::super::{Notes, listed};
use super::{ENDOGENOUS, Reader};
use crate::model::{Cycle, Phase, Role};

impl Reader<'_> {
    pub(super) fn cycle(&self, apoptosis: f64, notes: &mut Notes) -> Option<Cycle> {
        let none = CycleSection::default();
        let section = self.section.cycle.as_ref();
        let divides = section.is_some()
            || matches!(self.name.role, Role::Tumour | Role::Product)
            || self.name.name == ENDOGENOUS;
        let section = section.unwrap_or(&none);
        if !divides || section.model == Some(CycleModel::None) {
            return None;
        }
        let by_oxygen = |s: Option<OxygenPressure>| s.map(|p| p.value());
        let scaled_by = section.scaled_by.as_ref().and_then(|name| {
            let found = self.antigens.iter().position(|a| a == name);
            if found.is_none() {
                notes.wrong(
                    &self.path("cycle.scaled_by"),
                    format!("no cell carries the antigen `{name}`"),
                    format!(
                        "declare it under the cell type's `antigen`; there are {}",
                        listed(self.antigens.iter().map(String::as_str))
                    ),
                );
            }
            found
        });
        let cycle = Cycle {
            phases: self.phases(section, apoptosis, notes),
            oxygen_threshold: notes.value(
                &self.path("cycle.oxygen_threshold"),
                by_oxygen(section.oxygen_threshold),
                &tumour::DIVISION_OXYGEN_THRESHOLD,
            ),
            oxygen_saturation: notes.value(
                &self.path("cycle.oxygen_saturation"),
                by_oxygen(section.oxygen_saturation),
                &tumour::DIVISION_OXYGEN_FULL,
            ),
            pressure_half: section.pressure_half.map_or(f64::INFINITY, |half| {
                notes.value(&self.path("cycle.pressure_half"), Some(half), &setting::PRESSURE_HALF)
            }),
            scaled_by,
            needs_stimulus: self.is_t_cell(),
        };
        if cycle.oxygen_threshold >= cycle.oxygen_saturation {
            notes.wrong(
                &self.path("cycle"),
                format!(
                    "the threshold of oxygen, {} mmHg, is not below its saturation, {} mmHg",
                    cycle.oxygen_threshold, cycle.oxygen_saturation
                ),
                "give an `oxygen_threshold` below `oxygen_saturation`",
            );
        }
        Some(cycle)
    }

    /// The phases of the cycle. A stated doubling time is net of spontaneous death, `apoptosis` /min; product cells
    /// double in theirs under full stimulation, before any die.
    fn phases(&self, section: &CycleSection, apoptosis: f64, notes: &mut Notes) -> Vec<Phase> {
        if section.rate.is_some() && section.doubling_time.is_some() {
            notes.wrong(&self.path("cycle"), "both `rate` and `doubling_time` are given", "keep one of them");
        }
        let exponential = |duration, doubled| Phase { duration, own_sd: None, doubled };
        if section.model == Some(CycleModel::Fixed) {
            return vec![self.fixed_phase(section, notes)];
        }
        if section.duration.or(section.duration_sd).is_some() {
            notes.wrong(
                &self.path("cycle.duration"),
                "only the `fixed` model of the cycle has a duration",
                "give model = \"fixed\", or a `doubling_time`",
            );
        }
        let loss = if self.is_t_cell() { 0.0 } else { apoptosis };
        if section.model == Some(CycleModel::FlowCytometry) {
            let durations =
                [&tumour::G0G1_DURATION, &tumour::S_DURATION, &tumour::G2_DURATION, &tumour::M_DURATION]
                    .map(|p| notes.value(p.name, None, p));
            let scale = match self.stated_doubling(section) {
                Some(_) => scale_for_growth(&durations, self.growth(section, notes) + loss),
                None => 1.0,
            };
            return durations.iter().enumerate().map(|(k, d)| exponential(scale * d, k > 0)).collect();
        }
        let rate = match section.rate {
            Some(rate) => notes.value(&self.path("cycle.rate"), Some(rate.value()), &tumour::DIVISION_RATE),
            None => self.growth(section, notes) + loss,
        };
        vec![exponential(1.0 / rate, false)]
    }

    /// The one phase of the cycle of fixed duration.
    fn fixed_phase(&self, section: &CycleSection, notes: &mut Notes) -> Phase {
        if section.rate.is_some() || section.doubling_time.is_some() {
            notes.wrong(
                &self.path("cycle"),
                "the `fixed` model takes neither `rate` nor `doubling_time`",
                "give `duration`, and `duration_sd` for its spread",
            );
        }
        let (mean, sd) = (section.duration.map(|t| t.value()), section.duration_sd.map(|t| t.value()));
        let duration = notes.value(&self.path("cycle.duration"), mean, &tumour::CYCLE_DURATION);
        let sd = notes.value(&self.path("cycle.duration_sd"), sd, &tumour::CYCLE_DURATION_SD);
        Phase { duration, own_sd: Some(sd), doubled: false }
    }

    /// Growth rate of well-supplied cells, /min.
    fn growth(&self, section: &CycleSection, notes: &mut Notes) -> f64 {
        let (path, parameter) = match (section.doubling_time, self.is_t_cell()) {
            (None, false) => ("lesion.doubling_time".to_owned(), &setting::DOUBLING_TIME),
            (_, false) => (self.path("cycle.doubling_time"), &setting::DOUBLING_TIME),
            (_, true) => (self.path("cycle.doubling_time"), &t_cell::DIVISION_TIME),
        };
        let doubling = notes.value(&path, self.stated_doubling(section).map(|t| t.value()), parameter);
        std::f64::consts::LN_2 / doubling
    }

    /// The doubling time that the study states for cells of this type.
    fn stated_doubling(&self, section: &CycleSection) -> Option<Time> {
        section.doubling_time.or(if self.is_t_cell() { None } else { self.study.lesion.doubling_time })
    }
}

/// The factor on the mean durations of exponential phases with which a population grows at `rate`, /min.
///
/// A population of cells that pass phases of rates `λ` and then split grows at the rate `g` that solves
/// `2·Π λ/(λ + g) = 1` (Euler–Lotka); where cells also die at a rate `μ` in every phase, `g` is growth and `μ`
/// together.
fn scale_for_growth(durations: &[f64], rate: f64) -> f64 {
    let offspring =
        |scale: f64| 2.0 * durations.iter().map(|d| 1.0 / (1.0 + rate * scale * d)).product::<f64>();
    // Offspring falls with the scale; at the scale at which one phase alone halves it, it is below 1.
    let (mut low, mut high) = (0.0, durations.iter().map(|d| 1.0 / (rate * d)).fold(f64::INFINITY, f64::min));
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if offspring(middle) > 1.0 { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Growth of the linear system of phases with death, integrated with a step of 0.02 min after it has settled.
    #[test]
    fn four_phases_double_in_the_stated_time_though_cells_die() {
        let (durations, death) = ([300.0, 480.0, 240.0, 60.0], 1e-4);
        let scale = scale_for_growth(&durations, std::f64::consts::LN_2 / 2_000.0 + death);
        let rates: Vec<f64> = durations.iter().map(|d| 1.0 / (scale * d)).collect();
        let mut n = [1.0, 1.0, 1.0, 1.0];
        let mut run = |minutes: f64| {
            let dt = 0.02;
            for _ in 0..(minutes / dt) as usize {
                let out: Vec<f64> = (0..4).map(|k| n[k] * rates[k] * dt).collect();
                for k in 0..4 {
                    n[k] += if k == 0 { 2.0 * out[3] } else { out[k - 1] } - out[k] - n[k] * death * dt;
                }
            }
            n.iter().sum::<f64>()
        };
        let before = run(10_000.0);
        let after = run(2_000.0);
        // Euler's error at this step is below 1e-4.
        assert!((after / before - 2.0).abs() < 1e-3, "{}", after / before);
    }
}
