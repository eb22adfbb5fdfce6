//! Clones of few cells.
//!
//! Over a short time births and deaths have constant rates, and the number of cells that descend from one is known
//! exactly (Kendall 1948, doi 10.1214/aoms/1177730285): none with probability `α`, else geometric with ratio `β`, where
//! `E = e^((λ − µ)t)`, `α = µ(E − 1)/(λE − µ)` and `β = λ(E − 1)/(λE − µ)`.

use perforin_core::rng::Draw;

/// Time over which rates are held, d. The product's numbers change over days.
pub const STRIDE: f64 = 0.25;

/// Probability that a cell's descendants are extinct, and the ratio of their number otherwise.
pub fn fate(birth: f64, death: f64, time: f64) -> (f64, f64) {
    let net = (birth - death) * time;
    // (E − 1)/(λE − µ), whose limit is t/(1 + λt) where births and deaths balance.
    let share = if net.abs() < 1e-9 {
        time / (1.0 + birth * time)
    } else {
        libm::expm1(net) / (birth * libm::exp(net) - death)
    };
    ((death * share).clamp(0.0, 1.0), (birth * share).clamp(0.0, 1.0 - 1e-12))
}

/// Number of cells after `time`, d, from `cells`, and from newcomers of which `arriving` are expected.
pub fn advance(cells: f64, (birth, death): (f64, f64), arriving: f64, time: f64, draw: &mut Draw) -> f64 {
    let (extinct, ratio) = fate(birth, death, time);
    let mut total = f64::from(draw.poisson(arriving));
    for _ in 0..cells.round() as u64 {
        if draw.uniform() >= extinct {
            total += 1.0;
            if ratio > 0.0 {
                total += (libm::log(draw.uniform()) / libm::log(ratio)).floor();
            }
        }
    }
    total
}
