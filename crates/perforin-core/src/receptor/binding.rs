//! Equilibrium of two kinds of molecule in the contact of two membranes.

/// Avogadro's number, in /mol (exact by definition of the mole).
const AVOGADRO: f64 = 6.022_140_76e23;

/// Litres in a µm³.
const LITRES_PER_UM3: f64 = 1e-15;

/// A dissociation constant of `kd` M in molecules per contact of `area` µm² and `gap` µm.
pub fn dissociation_per_contact(kd: f64, area: f64, gap: f64) -> f64 {
    kd * AVOGADRO * area * gap * LITRES_PER_UM3
}

/// Pairs at equilibrium of `a` and `b` molecules in a contact with the dissociation constant `k` (molecules per
/// contact): the smaller root of (a − x)(b − x) = k·x. None if a number is not positive.
#[inline]
pub fn bound_pairs(a: f64, b: f64, k: f64) -> f64 {
    if !(a > 0.0 && b > 0.0) {
        return 0.0;
    }
    let difference = a - b;
    let root = (difference * difference + k * (2.0 * (a + b) + k)).sqrt();
    2.0 * a * b / (a + b + k + root)
}
