//! A patient one of whose lesions is followed cell by cell.
//!
//! A study with `[patient]` and `[lesion]` has the lesions of `[[patient.lesion]]` in the patient's equations and one more,
//! of its real size, in the tissue engine. At stated intervals both are stopped and exchange whole cells: what has left
//! the blood enters the lesion, what leaves the lesion goes to lymphoid organs. The lesion's IFN-γ comes to the blood, its
//! product drives IL-6 like that of other lesions, and steroids act in it as in them; tocilizumab acts on what IL-6 does
//! to the patient, and in no lesion. A checkpoint holds the lesion and the record of all exchanges; the patient is
//! a function of that record and is rebuilt from it.

mod books;
mod show;

use perforin_core::catalogue::{Parameter, patient};
use perforin_lesion::events::{Cause, EventKind, of_kind};
use perforin_lesion::lesion::Lesion;
use perforin_lesion::model::Role;
use perforin_lesion::model::biology::{Course, Steroid};
use perforin_lesion::scenario::{Notes, Problem};
use perforin_lesion::traffic::Cytokine;
use perforin_patient::solid_tumour::{Case, Coupled};

use crate::failure::Failure;
use crate::patient::Question;
use crate::patient::draws::Drawn;
use crate::patient::outcome::Common;
use crate::patient::own::Own;
use crate::patient::question::Subject;
use crate::study::Study;

pub use books::{Exchange, columns};
pub use show::{Written, section};

/// Whether a study asks about a patient one of whose lesions is followed cell by cell.
pub fn is_asked(study: &Study) -> bool {
    study.has("patient") && study.has("lesion") && !study.has("population")
}

/// What a study couples.
#[derive(Clone, Debug)]
pub struct Coupling {
    /// The patient.
    pub question: Question,
    /// Steps of the lesion between two exchanges.
    pub every: u32,
    /// The same in days.
    interval: f64,
    /// Delivery to the cell-by-cell lesion over that to one with free access.
    access: f64,
    case: Case,
}

impl Coupling {
    /// What a study couples, to a lesion with steps of so many minutes.
    ///
    /// # Errors
    /// Everything that is wrong with its patient, each at its line.
    pub fn read(study: &Study, step: f64) -> Result<Self, Failure> {
        let mut question = Question::new(study)?;
        let section = study.file.patient.as_ref().map(|patient| patient.exchange).unwrap_or_default();
        let mut notes = Notes::default();
        let given = section.every.map(|time| time.value() / 1440.0);
        let every = notes.value("patient.exchange.every", given, &patient::EXCHANGE_EVERY);
        let given = section.access.unwrap_or(1.0);
        let meaning = "Delivery to the cell-by-cell lesion over that to one with free access";
        let access = notes.given("patient.exchange.access", given, "1", meaning);
        if !(0.0..=1e6).contains(&access) {
            let help = "give 0 (none) to 1 (free) or more";
            notes.wrong("patient.exchange.access", format!("{access} is no access"), help);
        }
        notes.refuse().map_err(|problems| study.refuse(&problems))?;
        question.ledger.extend(&notes.ledger);
        let (own, _) = own(&question).ok_or_else(|| not_own(study))?;
        let case = own.case(0, &Drawn::typical());
        let case = case.map_err(|error| Failure::input(error.to_string()))?;
        // A cast from float saturates.
        let every = (every * 1440.0 / step).round().max(1.0) as u32;
        let interval = f64::from(every) * step / 1440.0;
        Ok(Self { question, every, interval, access, case })
    }

    /// What is coupled, in a line.
    pub fn in_words(&self) -> String {
        let lesions = self.case.lesions.len();
        format!(
            "  patient   this lesion and {lesions} more in equations; cells are exchanged every {} steps",
            self.every
        )
    }

    /// Volume in which the lesion's IFN-γ distributes, mL.
    fn cytokine_volume(&self) -> f64 {
        1e3 * self.value(&patient::CYTOKINE_VOLUME)
    }

    /// The patient's own parameter.
    fn value(&self, parameter: &'static Parameter) -> f64 {
        own(&self.question).map_or(parameter.value, |(own, _)| own.value(parameter))
    }
}

/// The model of the only arm.
fn own(question: &Question) -> Option<(&Own, &Common)> {
    match &question.arms.first()?.subject {
        Subject::Own(own, common) => Some((own, common)),
        Subject::Published(_) => None,
    }
}

fn not_own(study: &Study) -> Failure {
    let path = "patient.model".to_owned();
    let message = "a published model has no cell-by-cell lesion".to_owned();
    study.refuse(&[Problem { path, message, help: Some("leave `model` out".into()) }])
}

/// The patient of a lesion, as the lesion is followed.
#[derive(Debug)]
pub struct Companion<'a> {
    coupling: &'a Coupling,
    patient: Coupled<'a>,
    /// All exchanges so far.
    exchanges: Vec<Exchange>,
}

impl<'a> Companion<'a> {
    /// The patient at the time of a lesion, which is at its beginning or was read from a checkpoint.
    ///
    /// # Errors
    /// If the patient's equations cannot be solved, or the lesion's record is not that of this patient.
    pub fn of(coupling: &'a Coupling, lesion: &mut Lesion) -> Result<Self, Failure> {
        let (_, common) = own(&coupling.question).ok_or_else(|| damaged("no patient"))?;
        let patient = Coupled::new(&coupling.case, &common.plan, coupling.question.tolerance);
        let mut companion = Self { coupling, patient, exchanges: Vec::new() };
        // The record begins with the lesion's size at the start.
        if lesion.state.beside.is_empty() && lesion.state.step == 0 {
            lesion.state.beside.push(tumour_cells(lesion) as f64);
        }
        let (start, record) = lesion.state.beside.split_first().ok_or_else(|| damaged("it is empty"))?;
        let record = Exchange::all_of(record).ok_or_else(|| damaged("these are no numbers of cells"))?;
        companion.follow(0.0)?;
        companion.open(*start);
        for exchange in record {
            companion.follow(exchange.day)?;
            if companion.patient.hand_over() != exchange.entered {
                return Err(damaged("other cells than this patient gave"));
            }
            companion.patient.take_back(exchange.left);
            companion.open(exchange.tumour as f64);
            companion.bring(&exchange.cytokine);
            companion.exchanges.push(exchange.with(&companion.patient));
        }
        companion.calm(lesion);
        Ok(companion)
    }

    /// Exchanges cells after a step of the lesion, if it is time.
    ///
    /// # Errors
    /// If the patient's equations cannot be solved.
    pub fn after_step(&mut self, lesion: &mut Lesion) -> Result<(), Failure> {
        let is_over = lesion.is_over();
        if !lesion.state.step.is_multiple_of(self.coupling.every) && !is_over {
            return Ok(());
        }
        // The last row of the patient's series is that of the study's last day, at most half a step away.
        let end = self.coupling.question.days.last().copied().filter(|_| is_over);
        let day = end.unwrap_or(lesion.state.time / 1440.0);
        let before = self.exchanges.last().map_or(0.0, |exchange| exchange.day);
        self.follow(day)?;
        let egress = self.coupling.value(&patient::EGRESS);
        let left = lesion.release(-libm::expm1(-egress * (day - before)));
        let entered = self.patient.hand_over();
        lesion.admit(entered);
        self.patient.take_back(left);
        let tumour = tumour_cells(lesion);
        self.open(tumour as f64);
        let cytokine = lesion.cytokine();
        self.bring(&cytokine);
        self.calm(lesion);
        let [live, born, died] = product(lesion);
        let exchange =
            Exchange { day, entered, left, tumour, live, born, died, cytokine, ..Exchange::default() };
        lesion.state.beside.extend(exchange.kept());
        self.exchanges.push(exchange.with(&self.patient));
        Ok(())
    }

    /// Brings to the blood what has left the lesion since the last exchange.
    fn bring(&mut self, so_far: &Cytokine) {
        let before = self.exchanges.last().map_or(Cytokine::default(), |exchange| exchange.cytokine);
        let ifn = (so_far.left - before.left) / self.coupling.cytokine_volume();
        let activity = 1e-9 * (so_far.active - before.active);
        self.patient.bring(ifn, activity, self.coupling.interval);
    }

    /// Lets the steroids that the patient is given act in the lesion. A rule's dose is known from the exchange after it on.
    fn calm(&self, lesion: &mut Lesion) {
        let doses: Vec<(f64, f64)> =
            self.patient.steroids().into_iter().map(|(day, amount)| (1440.0 * day, amount)).collect();
        let value = |parameter| self.coupling.value(parameter);
        let half_life = 1440.0 * std::f64::consts::LN_2 / value(&patient::STEROID_CLEARANCE);
        lesion.model.treatments.steroid = (!doses.is_empty()).then(|| Steroid {
            course: Course { doses, half_life },
            half: value(&patient::STEROID_HALF),
            effect: value(&patient::STEROID_EFFECT),
        });
    }

    fn follow(&mut self, day: f64) -> Result<(), Failure> {
        self.patient.follow(day).map_err(|error| {
            Failure::run("the patient could not be followed")
                .because(&error)
                .help("look for an extreme value under [patient], or try another numerics.patient_tolerance")
        })
    }

    /// Lets product from blood enter a lesion of so many live tumour cells.
    fn open(&mut self, tumour: f64) {
        let volume = tumour / self.coupling.value(&patient::TUMOUR_DENSITY);
        self.patient.open(self.coupling.value(&patient::DELIVERY) * self.coupling.access * volume);
    }
}

fn damaged(what: &str) -> Failure {
    Failure::input(format!("the checkpoint's record of exchanges is not of this patient: {what}"))
        .help("run the study anew in another folder")
}

/// Live tumour cells of a lesion.
fn tumour_cells(lesion: &Lesion) -> u64 {
    let cells = &lesion.state.cells;
    let is_tumour = |i: &usize| lesion.model.types[usize::from(cells.kind[*i])].role == Role::Tumour;
    (0..cells.len()).filter(|i| cells.is_live(*i) && is_tumour(i)).count() as u64
}

/// Product cells of a lesion: live, born so far, died so far, the last two by its events.
fn product(lesion: &Lesion) -> [u64; 3] {
    let Some(traffic) = lesion.model.traffic else { return [0; 3] };
    let (cells, tally) = (&lesion.state.cells, &lesion.state.tally[traffic.kind]);
    let is_product = |i: &usize| usize::from(cells.kind[*i]) == traffic.kind;
    let live = (0..cells.len()).filter(|i| cells.is_live(*i) && is_product(i)).count() as u64;
    let deaths = [EventKind::Kill, EventKind::Apoptosis, EventKind::Necrosis];
    let by_virus = tally[EventKind::Lysis as usize][Cause::Virus as usize];
    let died = deaths.into_iter().map(|kind| of_kind(tally, kind)).sum::<u64>() + by_virus;
    [live, of_kind(tally, EventKind::Division), died]
}
