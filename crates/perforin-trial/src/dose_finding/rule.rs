//! One face for all designs: what a trial does next, and what it selects.

use serde::{Deserialize, Serialize};

use super::blrm::{Blrm, Choice};
use super::board::Board;
use super::boin::Boin;
use super::boin12::Boin12;
use super::crm::Crm;
use super::isotonic::maximum_tolerated_dose;
use super::summary::right_level;
use super::table::DecisionTable;
use super::three_plus_three::ThreePlusThree;
use super::tite_boin::{Advice, Pending};
use super::truth::Truth;
use super::{DesignError, ELIMINATION, Move, Next, Seen, check_seen, rolling_six, tite_crm};
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
    /// The rolling six.
    RollingSix,
    /// The continual reassessment method with patients whose window is still open: no untried dose is skipped. It stops
    /// as [`Rule::Crm`].
    TiteCrm {
        /// The method.
        crm: Crm,
        /// Target rate.
        target: f64,
    },
    /// Bayesian logistic regression with overdose control: no untried dose is skipped; it stops when no dose is open.
    Blrm {
        /// The model.
        blrm: Box<Blrm>,
        /// Which of the open doses is taken: BLRM or EWOC.
        choice: Choice,
    },
    /// BOIN12, by toxicity and response.
    Boin12(Boin12),
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

impl Rule {
    /// Whether decisions are made while patients are pending.
    pub fn decides_with_pending(&self) -> bool {
        matches!(self, Self::TiteBoin(_) | Self::RollingSix | Self::TiteCrm { .. })
    }

    /// Whether decisions look at responses; a patient is then known when the window is over, toxic or not.
    pub fn needs_response(&self) -> bool {
        matches!(self, Self::Boin12(_))
    }

    /// Number of doses of a model that is made for them.
    pub fn doses(&self) -> Option<usize> {
        match self {
            Self::Crm { crm, .. } | Self::TiteCrm { crm, .. } => Some(crm.doses()),
            Self::Blrm { blrm, .. } => Some(blrm.doses()),
            _ => None,
        }
    }

    /// The level that would rightly be selected: of BOIN12 the admissible one with the highest mean utility, of others the one
    /// whose toxicity is nearest to the target ([`right_level`]).
    pub fn right(&self, truth: &Truth, doses: &[f64], target: f64) -> Option<usize> {
        match self {
            Self::Boin12(design) => {
                design.best(&doses.iter().map(|dose| truth.joint(*dose)).collect::<Vec<_>>())
            }
            _ => right_level(&doses.iter().map(|dose| truth.toxicity(*dose)).collect::<Vec<_>>(), target),
        }
    }

    /// Patients that are treated next at the present dose, where `cohort` is usual.
    pub fn wants(&self, board: &Board, cohort: u32) -> u32 {
        let Seen { treated, toxic } = board.seen[board.dose];
        match self {
            Self::ThreePlusThree(_) if treated < 3 => 3 - treated,
            Self::ThreePlusThree(_) if toxic <= 1 && treated < 6 => 6 - treated,
            Self::ThreePlusThree(_) => 3,
            // Whether another one is enrolled depends on those under way.
            Self::RollingSix => 1,
            _ => cohort,
        }
    }

    /// Patients whose outcomes are known together where each decision waits for all: of the rolling six those of a 3+3.
    pub fn together(&self, board: &Board, cohort: u32) -> u32 {
        match self {
            Self::RollingSix => match board.enrolled(board.dose) {
                n if n < 3 => 3 - n,
                n => 6_u32.saturating_sub(n).max(1),
            },
            _ => self.wants(board, cohort),
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
            Self::Crm { .. }
            | Self::RollingSix
            | Self::TiteCrm { .. }
            | Self::Blrm { .. }
            | Self::Boin12(_) => None,
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
            Self::RollingSix => rolling_next(board)?,
            Self::TiteCrm { target, .. } if lowest_is_too_toxic(*target, board) => Decision::Declare(None),
            Self::TiteCrm { crm, .. } => Decision::Treat(tite_crm_next(crm, board)?),
            Self::Blrm { blrm, choice } => blrm_next(blrm, *choice, board)?,
            Self::Boin12(design) => match design.next(&board.outcomes(), board.dose) {
                Next::Treat(dose) => Decision::Treat(dose),
                Next::Stop => Decision::Declare(None),
            },
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
            // What became known after the last decision may have closed all doses.
            Self::TiteCrm { target, .. } if lowest_is_too_toxic(*target, board) => None,
            Self::TiteCrm { crm, .. } => {
                let tried = board.seen.iter().rposition(|seen| seen.treated > 0)?;
                Some(crm.posterior(&board.seen).dose.min(tried))
            }
            Self::RollingSix => rolling_select(board),
            Self::Blrm { blrm, choice } => {
                let tried = board.seen.iter().rposition(|seen| seen.treated > 0)?;
                let posterior = blrm.posterior(&board.seen).ok()?;
                blrm.recommended(&posterior, *choice, tried)
            }
            Self::Boin12(design) => design.selected(&board.outcomes()),
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
    if board.enrolled(dose) == 0 {
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
            let pending = open.len() as u32;
            let treated = seen.treated + pending;
            if treated == 0 {
                return Ok(Some(Move::Stay));
            }
            let patients = Pending { treated, toxic: seen.toxic, pending, follow_up: open.iter().sum() };
            Ok(match boin.decide_with_pending(patients)? {
                Advice::Wait => None,
                Advice::Go(next) => Some(next),
            })
        })
        .collect::<Result<_, DesignError>>()?;
    Ok(by_moves(board, |level, _| advice[level]))
}

fn crm_next(crm: &Crm, target: f64, board: &Board) -> Decision {
    if lowest_is_too_toxic(target, board) {
        return Decision::Declare(None);
    }
    let wanted = crm.posterior(&board.seen).dose;
    // Where nobody at the present dose counts yet, nothing speaks for a higher one.
    let stays = board.last_toxic || board.seen[board.dose].treated == 0;
    let highest = if stays { board.dose } else { board.dose + 1 };
    Decision::Treat(wanted.min(highest))
}

/// Whether BOIN would eliminate the lowest dose.
fn lowest_is_too_toxic(target: f64, board: &Board) -> bool {
    let lowest = board.seen[0];
    lowest.treated >= 3 && binomial::exceeds(target, lowest.toxic, lowest.treated) > ELIMINATION
}

fn rolling_next(board: &Board) -> Result<Decision, DesignError> {
    if (0..board.seen.len()).all(|level| board.enrolled(level) == 0) {
        return Ok(Decision::Treat(board.dose));
    }
    rolling_six::next(&board.known())
}

/// What the rolling six declares, or else the highest dose that passed below any that is too toxic.
fn rolling_select(board: &Board) -> Option<usize> {
    if let Ok(Decision::Declare(dose)) = rolling_next(board) {
        return dose;
    }
    let too_toxic = board.seen.iter().position(|seen| seen.toxic >= 2).unwrap_or(board.seen.len());
    (0..too_toxic).rev().find(|d| board.seen[*d].treated >= 3 && passes(board.seen[*d]))
}

/// The dose of the TITE-CRM; where nobody was enrolled or still counts, the present one.
fn tite_crm_next(crm: &Crm, board: &Board) -> Result<usize, DesignError> {
    let wanted = tite_crm::posterior(crm, &board.known())?.dose;
    let tried = (0..board.seen.len()).rev().find(|level| board.enrolled(*level) > 0);
    Ok(wanted.min(tried.map_or(board.dose, |level| level + 1)))
}

fn blrm_next(blrm: &Blrm, choice: Choice, board: &Board) -> Result<Decision, DesignError> {
    let posterior = blrm.posterior(&board.seen)?;
    let tried = board.seen.iter().rposition(|seen| seen.treated > 0);
    // Where nobody counts yet, nothing speaks for a higher dose than the first.
    let highest = tried.map_or(board.dose, |level| level + 1);
    Ok(match blrm.recommended(&posterior, choice, highest) {
        Some(dose) => Decision::Treat(dose),
        None => Decision::Declare(None),
    })
}
