//! A published model, as a study uses it.

use perforin_core::catalogue::Parameter;
use perforin_core::study::{PatientSection, StudyFile};
use perforin_lesion::scenario::Notes;
use perforin_patient::models::{ModelError, Patient, Published, by_name};

use super::draws::Drawn;
use super::parameters::Values;
use super::seen::{Lost, OutcomeColumn, Scale, Seen, area, half_life, outcome};
use crate::table::Column;

/// The parameter that decides by chance whether the tumour of a model dies out.
const CHANCE: &str = "kimmel-2021.chance";

/// A patient of a published model.
#[derive(Clone, Debug)]
pub struct OfPublication {
    /// The model.
    pub model: &'static Published,
    /// The patient, with the study's changes.
    pub patient: Patient,
    /// Whether each patient's own chance decides on extinction.
    draws_chance: bool,
    /// Days on which it is computed: those that are asked for, and fine ones for peaks and areas.
    times: Vec<f64>,
    /// Places of the days that are asked for.
    asked: Vec<usize>,
}

/// Interval of the fine days, d; a peak that lies between two of them is missed by less than 1 %.
const FINE: f64 = 0.05;
/// The last fine day.
const FINE_UNTIL: f64 = 28.0;

impl OfPublication {
    /// Reads the patient of a study who is seen on the given days; nothing if something is wrong, which is noted.
    pub fn read(
        study: &StudyFile,
        section: &PatientSection,
        (name, days): (&str, &[f64]),
        notes: &mut Notes,
    ) -> Option<Self> {
        let model = match by_name(name) {
            Ok(model) => model,
            Err(error) => {
                let help = "or \"perforin\", the model of solid tumours";
                notes.wrong("patient.model", error.to_string(), help);
                return None;
            }
        };
        refuse_what_it_has_not(study, section, model, notes);
        let found = match &section.published_patient {
            Some(wanted) => model.patient(wanted),
            None => Ok(model.patients().swap_remove(0)),
        };
        let mut patient = match found {
            Ok(patient) => patient,
            Err(error) => {
                let names: Vec<String> = model.patients().into_iter().map(|p| p.name).collect();
                notes.wrong(
                    "patient.published_patient",
                    error.to_string(),
                    format!("there are {}", names.join(", ")),
                );
                return None;
            }
        };
        let table: Vec<&'static Parameter> = model.parameters.iter().collect();
        let values = Values::read(&section.parameters, &table, notes);
        for (parameter, value) in model.parameters.iter().zip(&mut patient.values) {
            *value = values.take_or(parameter, *value, &patient.name, &mut notes.ledger);
        }
        let draws_chance = study.population.is_some() && !section.parameters.contains_key("chance");
        let end = days.last().copied().unwrap_or(0.0).min(FINE_UNTIL);
        let fine = (0..).map(|k| FINE * f64::from(k)).take_while(|day| *day <= end);
        let mut times: Vec<f64> = fine.chain(days.iter().copied()).collect();
        times.sort_by(f64::total_cmp);
        times.dedup();
        let asked = days.iter().map(|day| times.partition_point(|time| time < day)).collect();
        Some(Self { model, patient, draws_chance, times, asked })
    }

    /// The value of a parameter.
    pub fn value(&self, parameter: &Parameter) -> f64 {
        let place = self.model.parameters.iter().position(|p| p.name == parameter.name);
        place.map_or(parameter.value, |i| self.patient.values[i])
    }

    /// Headings of the series, without the time.
    pub fn series_columns(&self) -> Vec<Column> {
        self.model.variables().map(|v| Column::new(v.name, v.unit, v.meaning)).collect()
    }

    /// The column of the product in blood, or what comes nearest to it.
    pub fn product(&self) -> usize {
        self.model.column("product").unwrap_or(0)
    }

    /// Headings of the outcome.
    pub fn outcome_columns(&self) -> Vec<OutcomeColumn> {
        let mut columns = Vec::new();
        for v in self.model.variables() {
            let name = |what: &str| format!("{}_{what}", v.name);
            let meaning = |what: &str| format!("{what}: {}", v.meaning);
            columns.push(outcome(&name("peak"), v.unit, &meaning("Highest value"), Scale::Log));
            columns.push(outcome(&name("peak_day"), "d", &meaning("Day of the highest value"), Scale::Log));
            columns.push(outcome(&name("end"), v.unit, &meaning("Value on the last day"), Scale::Log));
        }
        let product = self.model.variables().nth(self.product());
        let (name, unit) = product.map_or(("product", "1"), |v| (v.name, v.unit));
        let area = format!("{name}_area_28");
        let half_life = format!("{name}_half_life");
        columns.push(outcome(
            &area,
            &format!("{unit}·d"),
            "Area under the product over days 0 to 28",
            Scale::Log,
        ));
        let meaning = "Terminal half-life, over the second half of the time after the peak";
        columns.push(outcome(&half_life, "d", meaning, Scale::Log));
        columns
    }

    /// Follows a patient over days.
    ///
    /// # Errors
    /// If the solution fails.
    pub fn follow(&self, number: u64, drawn: &Drawn, relative: f64) -> Result<Seen, Lost> {
        let lost = |error: &ModelError| Lost { number, reason: error.to_string() };
        let mut patient = self.patient.clone();
        for (name, value) in &drawn.parameters {
            self.model.set(&mut patient, name, *value).map_err(|error| lost(&error))?;
        }
        if self.draws_chance && self.model.parameters.iter().any(|p| p.name == CHANCE) {
            self.model.set(&mut patient, CHANCE, drawn.susceptibility).map_err(|error| lost(&error))?;
        }
        let curve = self.model.run(&patient, &self.times, relative).map_err(|error| lost(&error))?;
        let mut outcome = Vec::new();
        for column in &curve.columns {
            let mut peak = 0;
            for i in 0..column.len() {
                if column[i] > column[peak] {
                    peak = i;
                }
            }
            outcome.extend([column[peak], self.times[peak], column[column.len() - 1]]);
        }
        let product = &curve.columns[self.product()];
        outcome.extend([area(&self.times, product, 28.0), half_life(&self.times, product)]);
        outcome.extend(&drawn.values);
        let series = curve.columns.iter().map(|column| self.asked.iter().map(|i| column[*i]).collect());
        Ok(Seen { number, series: series.collect(), outcome, visits: Vec::new() })
    }
}

fn refuse_what_it_has_not(study: &StudyFile, section: &PatientSection, model: &Published, notes: &mut Notes) {
    let regimen = &study.regimen;
    let is_scheduled = !regimen.infusion.is_empty()
        || regimen.lymphodepletion.is_some()
        || !regimen.antibody.is_empty()
        || !regimen.tocilizumab.is_empty()
        || !regimen.dexamethasone.is_empty()
        || regimen.rules.is_some();
    let visits = section.visits.every.is_some() || section.visits.first.is_some();
    let toxicity = section.toxicity.crs_rates.is_some() || section.toxicity.icans_rates.is_some();
    let keys: Vec<String> = model.parameters.iter().map(super::parameters::key).collect();
    for (path, is_given) in [
        ("product", study.product.is_some()),
        ("regimen", is_scheduled),
        ("patient.lesion", !section.lesion.is_empty()),
        ("patient.antigen", !section.antigen.is_empty()),
        ("patient.organ_at_risk", section.organ_at_risk.is_some()),
        ("patient.visits", visits),
        ("patient.toxicity", toxicity),
        ("patient.response", section.response.is_some()),
    ] {
        if is_given {
            let message = format!("`{}` has its product, doses and tumour among its parameters", model.name);
            let help = format!("leave it out and set [patient.parameters]: {}", keys.join(", "));
            notes.wrong(path, message, help);
        }
    }
}
