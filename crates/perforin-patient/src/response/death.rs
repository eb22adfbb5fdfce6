//! When a virtual patient dies.
//!
//! | symbol | meaning | unit |
//! |---|---|---|
//! | `λ_0` | hazard of other causes | /d |
//! | `λ_T` | hazard for each millilitre of tumour `V` | /mL/d |
//! | `p_4` | chance of dying of a toxicity of grade 4 | 1 |
//! | `u` | the patient's own uniform number, 0 to 1: the same whatever it is given | 1 |
//!
//! The patient lives while `exp(−H(t)) > u`, `H(t) = ∫ λ_0 + λ_T V dt − Σ ln(1 − p_4)` over the toxicities so far. With
//! `u = ½` it dies on the median day of patients with its course.
//!
//! Assumptions: the hazard is in proportion to the tumour's volume wherever it lies; both hazards and the chance
//! are assumed. Between days on which the volume is known it is linear.

/// Hazard of death.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hazard {
    /// Of other causes, /d.
    pub other: f64,
    /// For each millilitre of tumour, /mL/d.
    pub tumour: f64,
    /// Chance of dying of a toxicity of grade 4, 0 to 1.
    pub toxicity: f64,
}

impl Hazard {
    /// Day of death of a patient with the number `u`, whose tumour has the volumes `volume`, mL, on ascending days, and who
    /// has toxicities of grade 4 on the days `toxic`; `None` if it lives on the last day. A toxicity kills on the first
    /// of the days that is not before it.
    pub fn death(&self, u: f64, days: &[f64], volume: &[f64], toxic: &[f64]) -> Option<f64> {
        let mut left = -libm::log(u);
        let rate = |i: usize| self.other + self.tumour * volume[i];
        for i in 0..days.len() {
            let before = i.checked_sub(1);
            if let Some(before) = before {
                let (from, to, stretch) = (rate(before), rate(i), days[i] - days[before]);
                let whole = 0.5 * (from + to) * stretch;
                if whole >= left {
                    return Some(days[before] + reach(left, from, (to - from) / stretch));
                }
                left -= whole;
            }
            let since = before.map_or(f64::NEG_INFINITY, |before| days[before]);
            let struck = toxic.iter().filter(|day| **day > since && **day <= days[i]).count();
            left += struck as f64 * libm::log1p(-self.toxicity);
            if left <= 0.0 {
                return Some(days[i]);
            }
        }
        None
    }
}

/// Time at which the integral of `rate + slope·t` reaches `wanted`.
fn reach(wanted: f64, rate: f64, slope: f64) -> f64 {
    // The root without a difference of like numbers.
    2.0 * wanted / (rate + (rate * rate + 2.0 * slope * wanted).max(0.0).sqrt())
}
