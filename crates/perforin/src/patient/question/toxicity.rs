//! Cut points with which a population has the observed rates of toxicity.

use perforin_core::catalogue::patient;
use perforin_core::quantity::Fraction;
use perforin_core::study::PatientSection;
use perforin_lesion::scenario::Notes;
use perforin_patient::population::run::in_chunks;
use perforin_patient::regimen::Rules;
use perforin_patient::solid_tumour::{Case, Plan, follow};
use perforin_patient::toxicity::ordinal::{CutPoints, calibrate};

use super::Subject;
use crate::patient::draws::Variation;
use crate::patient::outcome::Common;
use crate::patient::own::Own;

/// Patients on whom cut points are calibrated.
const CALIBRATED_ON: u64 = 1024;

/// Makes the population have the observed rates of toxicity, under the study's own regimen without its rules.
pub(super) fn calibrate_toxicity(
    section: &PatientSection,
    subject: &mut Subject,
    variation: Option<&Variation>,
    tolerance: f64,
    notes: &mut Notes,
) {
    let rates = [("crs", section.toxicity.crs_rates), ("icans", section.toxicity.icans_rates)];
    let Subject::Own(own, common) = subject else { return };
    if rates.iter().all(|(_, given)| given.is_none()) {
        return;
    }
    let Some(variation) = variation else {
        let help = "add [population], or set the cut points: crs_1 to crs_4 in [patient.parameters]";
        notes.wrong("patient.toxicity", "one patient does not have rates", help);
        return;
    };
    let outcomes = severities(own, common, variation, tolerance);
    let weight = own.value(&patient::ICANS_WEIGHT);
    for (k, (name, given)) in rates.into_iter().enumerate() {
        let Some(rates) = given else { continue };
        let severities: Vec<f64> = outcomes.iter().map(|o| if k == 0 { o.0 } else { weight * o.1 }).collect();
        match calibrate(&severities, rates.map(Fraction::value)) {
            Ok(cuts) => {
                record(name, &cuts, notes);
                if k == 0 { common.plan.release = cuts } else { common.neuro = cuts }
            }
            Err(error) => {
                let path = format!("patient.toxicity.{name}_rates");
                notes.wrong(&path, error.to_string(), "give falling rates between 0 % and 100 %");
            }
        }
    }
}

/// Severity of cytokine release and driver of neurotoxicity of the first patients, without rules.
fn severities(own: &Own, common: &Common, variation: &Variation, tolerance: f64) -> Vec<(f64, f64)> {
    let plan = Plan { rules: Rules::default(), ..common.plan.clone() };
    let outcomes = in_chunks((0, CALIBRATED_ON), |numbers| {
        let drawn = numbers.filter_map(|number| Some((number, variation.draw(number).ok()?)));
        let cases: Vec<Case> = drawn.filter_map(|(number, drawn)| own.case(number, &drawn).ok()).collect();
        let followed = follow(&cases, &plan, tolerance);
        followed
            .iter()
            .filter(|f| f.failure.is_none())
            .map(|f| (f.outcome.release.0, f.outcome.neuro))
            .collect::<Vec<_>>()
    });
    outcomes.into_iter().flatten().collect()
}

fn record(name: &str, cuts: &CutPoints, notes: &mut Notes) {
    let source = format!("calibrated to patient.toxicity.{name}_rates");
    let meaning = "Severity at which half of the patients have the grade";
    for (grade, cut) in cuts.0.into_iter().enumerate() {
        let path = format!("patient.parameters.{name}_{}", grade + 1);
        notes.ledger.record(&path, cut, "1", &source, meaning);
    }
}
