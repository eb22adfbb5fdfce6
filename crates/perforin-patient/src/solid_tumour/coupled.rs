//! A patient who exchanges counted product cells with a lesion that is followed elsewhere, cell by cell.
//!
//! Between two exchanges the patient's equations run as ever, and a share of the product in blood leaves it for that
//! lesion: `k_d V_T` per day, as for the patient's other lesions, `V_T` the volume of its live tumour cells times its
//! access. At an exchange the whole cells among those that have left are handed over, the rest stays on the way; and
//! whole cells that have left the lesion go to lymphoid organs. Born and died cells are states of the
//! equations, so that every cell can be added up ([`Books`]): the solver keeps linear sums to round-off.
//!
//! The IFN-γ that has left the lesion between two exchanges comes to the blood evenly over the next interval, and its
//! product drives IL-6 over it as the effectors of the other lesions do, by their number at full signal
//! ([`Coupled::bring`]).
//!
//! Assumptions: the lesion's volume is that of the last exchange; its cytokine comes one interval late.

use super::course::Held;
use super::follow::tolerance;
use super::rates::{Account, CENTRAL, PER_LESION, Slot, account_slot};
use super::{Case, Followed, LesionParameters, MOST_LESIONS, Parameters, Patient, Plan};
use crate::ode::{Failure, solve};
use crate::regimen::{Act, RESCUE_STEROID};

/// States of a patient with the most lesions and the account of the exchange.
const STATES: usize = CENTRAL + PER_LESION * MOST_LESIONS + Account::COUNT;

/// The product cells of a patient, as real numbers of the equations.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Books {
    /// In blood.
    pub blood: f64,
    /// In lymphoid organs, cavity and the lesions of the patient's own equations.
    pub elsewhere: f64,
    /// Out of blood and not yet handed over.
    pub on_the_way: f64,
    /// Given so far.
    pub given: f64,
    /// Born so far.
    pub born: f64,
    /// Died so far.
    pub died: f64,
    /// Handed over so far.
    pub handed_over: u64,
    /// Taken back so far.
    pub taken_back: u64,
    /// IFN-γ that has come to the blood from the lesion so far, pg/mL.
    pub ifn_come: f64,
    /// IFN-γ that has left the lesion and not yet come to the blood, pg/mL.
    pub ifn_on_the_way: f64,
}

impl Books {
    /// Cells that are there and should not be, or the other way round: 0 but for round-off.
    pub fn imbalance(&self) -> f64 {
        let exchanged = self.handed_over as f64 - self.taken_back as f64;
        let here = self.blood + self.elsewhere + self.on_the_way;
        here + self.died + exchanged - self.given - self.born
    }
}

/// A patient between two exchanges. It has the most lesions; those that the study does not name are empty.
#[derive(Debug)]
pub struct Coupled<'a> {
    patient: Patient<'a, MOST_LESIONS>,
    relative: f64,
    handed_over: u64,
    taken_back: u64,
    /// IFN-γ that has left the lesion so far, pg/mL.
    brought: f64,
}

impl<'a> Coupled<'a> {
    /// A patient before treatment, to be followed under a plan at a relative tolerance.
    ///
    /// # Panics
    /// If the patient has no lesion or more than [`MOST_LESIONS`].
    pub fn new(case: &'a Case, plan: &'a Plan, relative: f64) -> Self {
        let mut lesions = case.lesions.clone();
        assert!((1..=MOST_LESIONS).contains(&lesions.len()), "lesions of patient {}", case.number);
        lesions.resize(MOST_LESIONS, empty(&case.lesions[0]));
        let parameters = Parameters { central: case.central, lesion: std::array::from_fn(|l| lesions[l]) };
        let patient =
            Patient::new(case.number, parameters, case.susceptibility, case.weight, plan, &case.acts);
        Self { patient, relative, handed_over: 0, taken_back: 0, brought: 0.0 }
    }

    /// Follows the patient to a day, later than the last one.
    ///
    /// # Errors
    /// If the equations cannot be solved; the patient is then not to be used.
    pub fn follow(&mut self, day: f64) -> Result<(), Failure> {
        self.patient.pause = day;
        let patient = std::slice::from_mut(&mut self.patient);
        solve::<_, STATES>(patient, &tolerance(self.relative))[0].failure.map_or(Ok(()), Err)
    }

    /// Whole memory-like, effector and exhausted cells that have left the blood since the last exchange.
    pub fn hand_over(&mut self) -> [u64; 3] {
        let Some(Held { state, .. }) = &mut self.patient.held else { return [0; 3] };
        let cells = Account::ON_THE_WAY.map(|stage| {
            let waiting = &mut state[account_slot(stage)];
            let whole = waiting.max(0.0).floor();
            *waiting -= whole;
            whole as u64
        });
        self.handed_over += cells.iter().sum::<u64>();
        cells
    }

    /// Takes back memory-like and effector cells that have left the lesion.
    pub fn take_back(&mut self, cells: [u64; 2]) {
        let Some(Held { state, .. }) = &mut self.patient.held else { return };
        for (slot, cells) in [Slot::LymphMemory, Slot::LymphEffector].into_iter().zip(cells) {
            state[slot as usize] += cells as f64;
        }
        self.taken_back += cells.iter().sum::<u64>();
    }

    /// Sets the share of the product in blood that enters the lesion, /d.
    pub fn open(&mut self, share: f64) {
        if let Some(held) = &mut self.patient.held {
            held.parameters.central.outside = share;
        }
    }

    /// Brings what has left the lesion to the blood, evenly over the next `days`: IFN-γ, pg/mL of blood, and the activity
    /// of its product, 10⁹ effectors at full signal times d. What an earlier one has not brought yet comes with it.
    pub fn bring(&mut self, ifn: f64, activity: f64, days: f64) {
        self.brought += ifn;
        let waiting = self.books().ifn_on_the_way;
        if let Some(held) = &mut self.patient.held {
            held.parameters.central.outside_ifn = waiting / days;
            held.parameters.central.outside_active = activity / days;
        }
    }

    /// Doses of dexamethasone, day and mg: those of the regimen, and what a rule has given so far.
    pub fn steroids(&self) -> Vec<(f64, f64)> {
        let planned = self.patient.acts().iter().filter_map(|scheduled| match scheduled.act {
            Act::Steroid { amount } => Some((scheduled.day, amount)),
            _ => None,
        });
        let rescue = self.patient.outcome().rescue[1].map(|day| (day, RESCUE_STEROID));
        let mut doses: Vec<(f64, f64)> = planned.chain(rescue).collect();
        doses.sort_by(|a, b| a.0.total_cmp(&b.0));
        doses
    }

    /// IFN-γ in blood, pg/mL, and dexamethasone in the body, mg.
    pub fn ifn_and_steroid(&self) -> [f64; 2] {
        let Some(Held { state, .. }) = &self.patient.held else { return [0.0; 2] };
        [Slot::Ifn, Slot::Steroid].map(|slot| state[slot as usize])
    }

    /// All product cells of the patient, and the IFN-γ that came from the lesion.
    pub fn books(&self) -> Books {
        let exchanged = Books {
            handed_over: self.handed_over,
            taken_back: self.taken_back,
            given: self.patient.outcome().given,
            ifn_on_the_way: self.brought,
            ..Books::default()
        };
        let Some(Held { state, .. }) = &self.patient.held else { return exchanged };
        let blood = state[..=Slot::BloodExhausted as usize].iter().sum::<f64>();
        let of = |account| state[account_slot(account)];
        Books {
            blood,
            elsewhere: Patient::<MOST_LESIONS>::product(state) - blood,
            on_the_way: Account::ON_THE_WAY.map(of).iter().sum(),
            born: of(Account::Born),
            died: of(Account::Died),
            ifn_come: of(Account::Ifn),
            ifn_on_the_way: self.brought - of(Account::Ifn),
            ..exchanged
        }
    }

    /// What became of the patient so far.
    pub fn followed(&self) -> Followed {
        Followed { samples: self.patient.samples().to_vec(), outcome: *self.patient.outcome(), failure: None }
    }
}

/// A lesion in which nothing is and nothing happens, to fill a patient up to the most lesions.
fn empty(like: &LesionParameters) -> LesionParameters {
    LesionParameters { positive: 0.0, negative: 0.0, access: 0.0, in_cavity: 0.0, ..*like }
}
