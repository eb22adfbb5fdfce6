//! The arms of a population.

use perforin_core::study::{PatientSection, StudyValue};
use perforin_lesion::scenario::{Notes, Problem};

use super::calendar::Schedule;
use super::{Arm, Subject, subject};
use crate::failure::Failure;
use crate::patient::fits_in_a_table;
use crate::study::Study;

/// The arms of a study, of which `first` is its own.
pub(super) fn arms(
    study: &Study,
    section: &PatientSection,
    schedule: &Schedule,
    first: Subject,
) -> Result<Vec<Arm>, Failure> {
    let given = study.file.population.iter().flat_map(|p| &p.arm).collect::<Vec<_>>();
    if given.is_empty() {
        return Ok(vec![Arm { name: String::new(), changes: Vec::new(), subject: first }]);
    }
    let mut arms: Vec<Arm> = Vec::new();
    for (i, arm) in given.into_iter().enumerate() {
        let refuse = |message: String, help: Option<String>| {
            let path = format!("population.arm.{i}.set");
            Err(study.refuse(&[Problem { path, message: format!("arm `{}`: {message}", arm.name), help }]))
        };
        if !fits_in_a_table(&arm.name) || arms.iter().any(|other| other.name == arm.name) {
            return refuse("the name cannot stand in a table, or is there twice".into(), None);
        }
        if let Some(path) = arm.set.keys().find(|p| !is_of_the_arm(p)) {
            let help = "an arm changes what is below `product`, `regimen` and `patient.parameters`";
            return refuse(format!("`{path}` is the same in every arm"), Some(help.into()));
        }
        let file = match study.with(&arm.set) {
            Ok(file) => file,
            Err((message, help)) => return refuse(message, help),
        };
        let mut notes = Notes::default();
        let found = subject(&file, file.patient.as_ref().unwrap_or(section), schedule, &mut notes);
        if let Some(problem) = notes.problems.first() {
            return refuse(format!("{}: {}", problem.path, problem.message), problem.help.clone());
        }
        let Some(mut subject) = found else { return refuse("it cannot be set up".into(), None) };
        if let (Subject::Own(_, common), Subject::Own(_, of_study)) = (&mut subject, &first) {
            (common.plan.release, common.neuro) = (of_study.plan.release, of_study.neuro);
        }
        let changes = arm.set.iter().map(|(path, value)| (path.clone(), as_text(value))).collect();
        arms.push(Arm { name: arm.name.clone(), changes, subject });
    }
    Ok(arms)
}

fn is_of_the_arm(path: &str) -> bool {
    ["product.", "regimen.", "patient.parameters."].iter().any(|start| path.starts_with(start))
}

fn as_text(value: &StudyValue) -> String {
    use StudyValue::{Flag, Number, Text, Whole};
    match value {
        Flag(flag) => flag.to_string(),
        Whole(whole) => whole.to_string(),
        Number(value) => crate::table::number(*value),
        Text(text) => text.clone(),
    }
}
