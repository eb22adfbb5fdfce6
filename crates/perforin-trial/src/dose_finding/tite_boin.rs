//! BOIN with toxicities that come late (Yuan 2018, doi 10.1158/1078-0432.CCR-18-0246): patients whose window is still open
//! count by the part of it that has passed.
//!
//! With `s` toxicities among `n` patients, `c` of them pending and not toxic so far, and the sum `F` of the pending
//! patients' follow-up, each over the window, the rate is taken to be `(s + p/(1 − p)·(c − F))/n`, where
//! `p = (s + φ/2)/(n − c + 1)` is the mean of the rate of those complete under the prior Beta(φ/2, 1 − φ/2). It is
//! compared with BOIN's boundaries. Accrual waits while more than half of the patients at the dose are pending.

use serde::{Deserialize, Serialize};

use super::boin::Boin;
use super::{DesignError, Move, within};

/// Patients at the present dose.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pending {
    /// Patients treated.
    pub treated: u32,
    /// Those with a toxicity so far.
    pub toxic: u32,
    /// Those without one whose window is open.
    pub pending: u32,
    /// Sum of the pending patients' follow-up, each as a share of the window.
    pub follow_up: f64,
}

/// What the design says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Advice {
    /// Wait for follow-up.
    Wait,
    /// As BOIN.
    Go(Move),
}

impl Boin {
    /// The rate of toxicity in which pending patients count by what is expected of them.
    ///
    /// # Errors
    /// If patients are counted that cannot be.
    pub fn rate_with_pending(&self, patients: Pending) -> Result<f64, DesignError> {
        let Pending { treated, toxic, pending, follow_up } = patients;
        if treated == 0 || toxic + pending > treated {
            return Err(DesignError::MoreToxicThanTreated { dose: 0, toxic: toxic + pending, treated });
        }
        let (n, s, c) = (f64::from(treated), f64::from(toxic), f64::from(pending));
        if pending > 0 {
            within("follow-up", follow_up, -f64::MIN_POSITIVE, c + f64::EPSILON * c)?;
        }
        let p = (s + 0.5 * self.target) / (n - c + 1.0);
        Ok((s + p / (1.0 - p) * (c - follow_up)) / n)
    }

    /// What the patients at the present dose mean, some of them pending.
    ///
    /// # Errors
    /// If patients are counted that cannot be.
    pub fn decide_with_pending(&self, patients: Pending) -> Result<Advice, DesignError> {
        let Pending { treated, toxic, pending, .. } = patients;
        let rate = self.rate_with_pending(patients)?;
        // What is known to be too toxic needs no waiting.
        if self.decide(treated, toxic) == Move::Eliminate {
            return Ok(Advice::Go(Move::Eliminate));
        }
        if 2 * pending > treated {
            return Ok(Advice::Wait);
        }
        Ok(Advice::Go(if rate <= self.lambda_e {
            Move::Escalate
        } else if rate > self.lambda_d {
            Move::Deescalate
        } else {
            Move::Stay
        }))
    }
}
