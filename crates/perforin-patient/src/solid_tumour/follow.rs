//! Following patients of any number of lesions.

use super::{Central, LesionParameters, Parameters, Patient, Plan, Sample, SolidTumour};
use crate::ode::{Course, Failure, System, Tolerance, solve};
use crate::regimen::Scheduled;
use crate::solid_tumour::Outcome;

/// Most lesions of a patient.
pub const MOST_LESIONS: usize = 5;

/// Error of a number of cells that never matters, at a relative tolerance of 1.
const CELLS: f64 = 1e3;
/// The same of concentrations and shares.
const OTHERS: f64 = 1e-1;

/// A patient to be followed.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Number of the patient, which its draws depend on.
    pub number: u64,
    /// Parameters of the patient as a whole.
    pub central: Central,
    /// Lesions, one to [`MOST_LESIONS`].
    pub lesions: Vec<LesionParameters>,
    /// Susceptibility to cytokine release, a uniform number between 0 and 1.
    pub susceptibility: f64,
    /// Body weight, kg.
    pub weight: f64,
    /// What is done, in order.
    pub acts: Vec<Scheduled>,
}

/// What became of a patient.
#[derive(Clone, Debug, PartialEq)]
pub struct Followed {
    /// What was seen on the plan's days; lesions that the patient does not have are empty.
    pub samples: Vec<Sample<MOST_LESIONS>>,
    /// What its course came to.
    pub outcome: Outcome,
    /// Why it ended early, if it did.
    pub failure: Option<Failure>,
}

/// Follows patients under a plan at a relative tolerance. All have as many lesions as the first.
///
/// # Panics
/// If a patient has no lesion, more than [`MOST_LESIONS`], or another number than the first.
pub fn follow(cases: &[Case], plan: &Plan, relative: f64) -> Vec<Followed> {
    match cases.first().map_or(1, |case| case.lesions.len()) {
        1 => with::<1, 24>(cases, plan, relative),
        2 => with::<2, 29>(cases, plan, relative),
        3 => with::<3, 34>(cases, plan, relative),
        4 => with::<4, 39>(cases, plan, relative),
        _ => with::<5, 44>(cases, plan, relative),
    }
}

fn with<const L: usize, const N: usize>(cases: &[Case], plan: &Plan, relative: f64) -> Vec<Followed>
where
    SolidTumour<L>: System<N>,
    for<'a> Patient<'a, L>: Course<N>,
{
    let mut patients: Vec<Patient<'_, L>> = cases
        .iter()
        .map(|case| {
            assert_eq!(case.lesions.len(), L, "lesions of patient {}", case.number);
            let lesion = std::array::from_fn(|l| case.lesions[l]);
            let parameters = Parameters { central: case.central, lesion };
            Patient::new(case.number, parameters, case.susceptibility, case.weight, plan, &case.acts)
        })
        .collect();
    let outcomes = solve(&mut patients, &tolerance::<N>(relative));
    patients
        .iter()
        .zip(outcomes)
        .map(|(patient, outcome)| Followed {
            samples: patient.samples().iter().map(widened).collect(),
            outcome: *patient.outcome(),
            failure: outcome.failure,
        })
        .collect()
}

pub(super) fn tolerance<const N: usize>(relative: f64) -> Tolerance<N> {
    use super::{CENTRAL, Slot};
    let is_count = |slot: usize| slot <= Slot::Depot as usize || slot >= CENTRAL;
    let absolute = std::array::from_fn(|slot| relative * if is_count(slot) { CELLS } else { OTHERS });
    Tolerance { absolute, ..Tolerance::uniform(relative, 0.0) }
}

fn widened<const L: usize>(sample: &Sample<L>) -> Sample<MOST_LESIONS> {
    Sample {
        blood: sample.blood,
        product: sample.product,
        cytokines: sample.cytokines,
        lymphocytes: sample.lymphocytes,
        tumour: std::array::from_fn(|l| sample.tumour.get(l).copied().unwrap_or_default()),
        organ: sample.organ,
    }
}
