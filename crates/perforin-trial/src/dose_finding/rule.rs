//! One face for all designs: what a trial does next, and what it selects.

use serde::{Deserialize, Serialize};

use super::boin::Boin;
use super::crm::Crm;
use super::isotonic::maximum_tolerated_dose;
use super::table::DecisionTable;
use super::three_plus_three::ThreePlusThree;
use super::tite_boin::{Advice, Pending};
use super::{DesignError, ELIMINATION, Move, Seen, check_seen};
use crate::binomial;

/// A design that finds a dose.
#[derive(Clone, Debug)]
pub enum Rule {
    /// 3+3.
    ThreePlusThree(ThreePlusThree),
    /// A rule on the present dose alone (BOIN, mTPI, mTPI-2, keyboard); the dose is selected by isotonic regression.
    Table {
        /// The decisions.
        table: DecisionTable,
        /// Target rate.
        target: f64,
    },
    /// BOIN with patients whose window is still open.
    TiteBoin(Boin),
    /// The continual reassessment method: no untried dose is skipped, and a cohort with a toxicity is not followed by a
    /// higher dose. It stops when the lowest dose is eliminated as by BOIN.
    Crm {
        /// The method.
        crm: Crm,
        /// Target rate.
        target: f64,
    },
}

/// Patients at one dose whose window is still open and who have had no toxicity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Open {
    /// Their number.
    pub patients: u32,
    /// Sum of their follow-up, each as a share of the window; those not yet infused have none.
    pub follow_up: f64,
}

/// Where a trial stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Board {
    /// Patients at each dose who are complete or have had a toxicity.
    pub seen: Vec<Seen>,
    /// Patients at each dose who are neither.
    pub pending: Vec<Open>,
    /// The present dose.
    pub dose: usize,
    /// Doses from this one on are eliminated.
    pub open: usize,
    /// Whether a patient of the last cohort had a toxicity.
    pub last_toxic: bool,
}

/// What a trial does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Decision {
    /// Treat the next patients at this dose, from 0.
    Treat(usize),
    /// Enrol nobody before more is known.
    Wait,
    /// Declare this dose, or none because all are too toxic.
    Declare(Option<usize>),
}

impl Board {
    /// The beginning, at `dose` of `doses`.
    pub fn new(doses: usize, dose: usize) -> Self {
        Self {
            seen: vec![Seen::default(); doses],
            pending: vec![Open::default(); doses],
            dose,
            open: doses,
            last_toxic: false,
        }
    }
}

impl Rule {
    /// Whether decisions are made while patients are pending.
    pub fn decides_with_pending(&self) -> bool {
        matches!(self, Self::TiteBoin(_))
    }

    /// Patients that are treated next at the present dose, where `cohort` is usual.
    pub fn wants(&self, board: &Board, cohort: u32) -> u32 {
        let Seen { treated, toxic } = board.seen[board.dose];
        match self {
            Self::ThreePlusThree(_) if treated < 3 => 3 - treated,
            Self::ThreePlusThree(_) if toxic <= 1 && treated < 6 => 6 - treated,
            Self::ThreePlusThree(_) => 3,
            _ => cohort,
        }
    }

    /// What `toxic` of `treated` patients at the present dose mean on their own; none where other doses matter too.
    pub fn decide(&self, treated: u32, toxic: u32) -> Option<Move> {
        let seen = Seen { treated, toxic };
        match self {
            Self::ThreePlusThree(_) if treated < 3 || (toxic == 1 && treated < 6) => Some(Move::Stay),
            Self::ThreePlusThree(_) if passes(seen) => Some(Move::Escalate),
            Self::ThreePlusThree(_) => Some(Move::Eliminate),
            Self::Table { table, .. } => Some(table.decide(treated, toxic)),
            Self::TiteBoin(boin) => Some(boin.decide(treated, toxic)),
            Self::Crm { .. } => None,
        }
    }

    /// What to do next; the board's dose and eliminations follow.
    ///
    /// # Errors
    /// If more patients had a toxicity than were treated.
    pub fn next(&self, board: &mut Board) -> Result<Decision, DesignError> {
        check_seen(&board.seen)?;
        let decision = match self {
            Self::ThreePlusThree(design) => three_plus_three(*design, board),
            Self::Table { table, .. } => {
                by_moves(board, |_, seen| Some(table.decide(seen.treated, seen.toxic)))
            }
            Self::TiteBoin(boin) => tite_boin(boin, board)?,
            Self::Crm { crm, target } => crm_next(crm, *target, board),
        };
        if let Decision::Treat(dose) = decision {
            board.dose = dose;
        }
        Ok(decision)
    }

    /// Doses from this one on are eliminated, counting what became known after the last decision.
    fn open(&self, board: &Board) -> usize {
        let is_eliminated =
            |seen: &Seen| seen.treated > 0 && self.decide(seen.treated, seen.toxic) == Some(Move::Eliminate);
        board.seen.iter().position(is_eliminated).unwrap_or(board.seen.len()).min(board.open)
    }

    /// The dose that is selected when no more patients are to be treated.
    pub fn select(&self, board: &Board) -> Option<usize> {
        match self {
            // Without a declaration the highest dose below that passed counts.
            Self::ThreePlusThree(_) => {
                (0..board.seen.len()).rev().find(|d| passes(board.seen[*d]) && board.seen[*d].treated >= 3)
            }
            Self::Table { target, .. } => maximum_tolerated_dose(&board.seen, self.open(board), *target),
            Self::TiteBoin(boin) => maximum_tolerated_dose(&board.seen, self.open(board), boin.target),
            // A dose at which nobody counts is not recommended, whatever the model says of it.
            Self::Crm { crm, .. } => {
                let tried = board.seen.iter().rposition(|seen| seen.treated > 0)?;
                Some(crm.posterior(&board.seen).dose.min(tried))
            }
        }
    }
}

/// Whether at most one in six patients had a toxicity, and of fewer than six none.
fn passes(seen: Seen) -> bool {
    if seen.treated < 6 { seen.toxic == 0 } else { 6 * seen.toxic <= seen.treated }
}

/// The 3+3 rule for any number of patients: with exactly three and six it is the usual one. Doses hold other numbers
/// where under-dosed patients count at the level that they reached.
fn three_plus_three(design: ThreePlusThree, board: &Board) -> Decision {
    let dose = board.dose;
    let Seen { treated, toxic } = board.seen[dose];
    if treated < 3 || (toxic == 1 && treated < 6) {
        return Decision::Treat(dose);
    }
    let needs_six = |d: usize| design.with_deescalation && board.seen[d].treated < 6;
    if passes(board.seen[dose]) {
        // The dose above was too toxic if it was tried in earnest.
        let Some(above) = board.seen.get(dose + 1) else { return Decision::Declare(Some(dose)) };
        if above.treated < 3 && above.toxic < 2 {
            return Decision::Treat(dose + 1);
        }
        return if needs_six(dose) { Decision::Treat(dose) } else { Decision::Declare(Some(dose)) };
    }
    match dose.checked_sub(1) {
        None => Decision::Declare(None),
        Some(below) if needs_six(below) => Decision::Treat(below),
        Some(below) => Decision::Declare(Some(below)),
    }
}

/// Follows a rule on the present dose; `decide` gives none where it is to be waited.
fn by_moves(board: &mut Board, decide: impl Fn(usize, Seen) -> Option<Move>) -> Decision {
    // Patients who count at another than the present dose can eliminate that.
    for (level, seen) in board.seen.iter().enumerate() {
        if seen.treated > 0 && decide(level, *seen) == Some(Move::Eliminate) {
            board.open = board.open.min(level);
            break;
        }
    }
    if board.open == 0 {
        return Decision::Declare(None);
    }
    let dose = board.dose;
    if dose >= board.open {
        return Decision::Treat(board.open - 1);
    }
    if board.seen[dose].treated + board.pending[dose].patients == 0 {
        return Decision::Treat(dose);
    }
    match decide(dose, board.seen[dose]) {
        None => Decision::Wait,
        Some(Move::Deescalate | Move::Eliminate) => Decision::Treat(dose.saturating_sub(1)),
        Some(Move::Escalate) if dose + 1 < board.open => Decision::Treat(dose + 1),
        Some(Move::Escalate | Move::Stay) => Decision::Treat(dose),
    }
}

fn tite_boin(boin: &Boin, board: &mut Board) -> Result<Decision, DesignError> {
    let advice: Vec<Option<Move>> = board
        .seen
        .iter()
        .zip(&board.pending)
        .map(|(seen, open)| {
            let treated = seen.treated + open.patients;
            if treated == 0 {
                return Ok(Some(Move::Stay));
            }
            let patients =
                Pending { treated, toxic: seen.toxic, pending: open.patients, follow_up: open.follow_up };
            Ok(match boin.decide_with_pending(patients)? {
                Advice::Wait => None,
                Advice::Go(next) => Some(next),
            })
        })
        .collect::<Result<_, DesignError>>()?;
    Ok(by_moves(board, |level, _| advice[level]))
}

fn crm_next(crm: &Crm, target: f64, board: &Board) -> Decision {
    let lowest = board.seen[0];
    if lowest.treated >= 3 && binomial::exceeds(target, lowest.toxic, lowest.treated) > ELIMINATION {
        return Decision::Declare(None);
    }
    let wanted = crm.posterior(&board.seen).dose;
    // Where nobody at the present dose counts yet, nothing speaks for a higher one.
    let stays = board.last_toxic || board.seen[board.dose].treated == 0;
    let highest = if stays { board.dose } else { board.dose + 1 };
    Decision::Treat(wanted.min(highest))
}

/// What the outcomes of the first cohorts lead to: the number of toxicities of each cohort, and the decision after the
/// last. Branches that end earlier are shorter.
///
/// # Errors
/// Only where a design refuses what was seen.
pub fn paths(
    rule: &Rule,
    start: &Board,
    cohort: u32,
    cohorts: usize,
) -> Result<Vec<(Vec<Given>, Decision)>, DesignError> {
    let mut all = Vec::new();
    branch(rule, start, (cohort, cohorts), &mut Vec::new(), &mut all)?;
    Ok(all)
}

/// A cohort on a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// The dose, from 0.
    pub dose: usize,
    /// Patients and toxicities.
    pub seen: Seen,
}

fn branch(
    rule: &Rule,
    board: &Board,
    (cohort, left): (u32, usize),
    so_far: &mut Vec<Given>,
    all: &mut Vec<(Vec<Given>, Decision)>,
) -> Result<(), DesignError> {
    let (dose, treated) = (board.dose, rule.wants(board, cohort));
    for toxic in 0..=treated {
        let mut next = board.clone();
        next.seen[dose].treated += treated;
        next.seen[dose].toxic += toxic;
        next.last_toxic = toxic > 0;
        so_far.push(Given { dose, seen: Seen { treated, toxic } });
        let decision = rule.next(&mut next)?;
        if left > 1 && matches!(decision, Decision::Treat(_)) {
            branch(rule, &next, (cohort, left - 1), so_far, all)?;
        } else {
            all.push((so_far.clone(), decision));
        }
        so_far.pop();
    }
    Ok(())
}
